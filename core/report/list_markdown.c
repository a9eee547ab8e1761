/*
 * The list as a Markdown table for a ticket, which stands alone: host, time, view and what
 * is missing are in it. No text from outside can become markup, a link or a mention.
 */
#include "core/report/list.h"

#include <errno.h>
#include <string.h>

#include "core/base/time.h"
#include "core/report/list_cells.h"

/* Characters that mean something in Markdown or HTML, and what stands for them. */
static const char *escape_of(struct text t, size_t at)
{
	static const struct {
		char c;
		const char *escape;
	} escapes[] = {
		{'|', "\\|"},   {'`', "\\`"},  {'*', "\\*"},  {'_', "\\_"},
		{'[', "\\["},   {']', "\\]"},  {'#', "\\#"},  {'~', "\\~"},
		{'\\', "\\\\"}, {'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"},
		{'@', "&#64;"},
	};

	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		if (t.bytes[at] == escapes[i].c)
			return escapes[i].escape;
	}
	if (t.bytes[at] == ':' && at + 1 < t.len && t.bytes[at + 1] == '/')
		return "&#58;"; /* http://... would become a link */
	if (t.bytes[at] == '.' && at >= 3 && !strncasecmp(t.bytes + at - 3, "www", 3))
		return "&#46;";
	return NULL;
}

/* t is shown text: no control character is left in it. */
static void put_escaped(struct str *out, struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		const char *escape = escape_of(t, i);

		if (escape)
			str_puts(out, escape);
		else
			str_putc(out, t.bytes[i]);
	}
}

static void put_text(struct str *out, struct text t, enum text_mode mode)
{
	struct str shown = {0};

	if (text_show(&shown, t, mode))
		out->failed = true;
	put_escaped(out, (struct text){shown.data, shown.len});
	str_release(&shown);
}

static void put_head(struct str *out, struct list_pass *p)
{
	struct text host = list_host(p);
	char time[TIME_TEXT_MAX];

	str_puts(out, "**Listeners of ");
	put_text(out, text_is_empty(host) ? text_of("an unnamed host") : host,
		 p->o->text_mode);
	str_printf(out, "** at %s, view: %s\n\n", time_rfc3339(p->s->wall_ns, time),
		   snapshot_view_word(p->s));
}

static void put_titles(struct str *out, struct list_pass *p)
{
	for (size_t i = 0; i < N_LIST_CELLS; i++) {
		if (list_column_is_wanted(p, (enum list_cell)i))
			str_printf(out, "| %s ", list_columns[i].title);
	}
	str_puts(out, "|\n");
	for (size_t i = 0; i < N_LIST_CELLS; i++) {
		if (list_column_is_wanted(p, (enum list_cell)i))
			str_puts(out, list_columns[i].is_number ? "|---:" : "|---");
	}
	str_puts(out, "|\n");
}

static void put_row(struct str *out, struct list_pass *p, const struct endpoint *e,
		    const bool wanted[N_LIST_CELLS])
{
	struct str cell = {0};

	for (size_t i = 0; i < N_LIST_CELLS; i++) {
		if (!wanted[i])
			continue;
		str_reset(&cell);
		list_columns[i].print(&cell, p, e);
		str_puts(out, "| ");
		put_escaped(out, (struct text){cell.data, cell.len});
		str_putc(out, ' ');
		if (cell.failed)
			out->failed = true;
	}
	str_puts(out, "|\n");
	str_release(&cell);
}

static void put_missing(struct str *out, const struct list_pass *p)
{
	if (p->s->n_missing)
		str_puts(out, "\nMissing:\n\n");
	for (size_t i = 0; i < p->s->n_missing; i++) {
		const struct missing *m = &p->s->missing[i];

		str_puts(out, "- ");
		put_text(out, text_of(m->source), p->o->text_mode);
		str_puts(out, ": ");
		put_text(out, text_of(m->reason), p->o->text_mode);
		if (m->grant) {
			str_puts(out, " - ");
			put_text(out, text_of(m->grant), p->o->text_mode);
		}
		str_putc(out, '\n');
	}
}

int list_markdown(struct str *out, const struct snapshot *s, const struct list_options *o)
{
	bool wanted[N_LIST_CELLS];
	const struct endpoint *e;
	struct list_pass pass;
	size_t at = 0;
	int error;

	list_begin(&pass, s, o);
	for (size_t i = 0; i < N_LIST_CELLS; i++)
		wanted[i] = list_column_is_wanted(&pass, (enum list_cell)i);
	put_head(out, &pass);
	put_titles(out, &pass);
	while ((e = list_next(&pass, &at)))
		put_row(out, &pass, e, wanted);
	put_missing(out, &pass);
	error = list_end(&pass);
	return out->failed ? -ENOMEM : error;
}
