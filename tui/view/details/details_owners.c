/* Who holds the sockets, children under their parents. Finds nobody. */
#include <errno.h>
#include <inttypes.h>

#include "tui/view/details/details_panes.h"
#include "tui/view/ports/port_words.h"

enum { INDENT = 2, STEP = 2, DEPTH_MAX = 8, OWNERS_SHOWN = 200 };

/* NULL: it is started by somebody who holds none of the sockets. Owners stand by their
 * start, and nobody is younger than what he starts: so there is no ring. */
static const struct process_row *parent_of(const struct endpoint *e, size_t owner)
{
	const struct process_row *p = e->owners[owner];

	for (size_t i = 0; p->parent && i < owner; i++)
		if (e->owners[i]->pid == p->parent)
			return e->owners[i];
	return NULL;
}

static void put_files(const struct model *m, const struct process_row *p, struct str *out)
{
	const struct process_state *s = details_owner(m, p);

	if (!s || s->n_fds < 0)
		return;
	port_put_dot(m, out);
	str_printf(out, "%" PRId64 " files open", s->n_fds);
	if (s->fd_limit >= 0)
		str_printf(out, " of %" PRId64, s->fd_limit);
}

/* Beneath its process: what it was started with, or calls itself. */
static void add_command(const struct pane_page *p, const struct process_row *owner,
			int indent)
{
	static const char label[] = "command";
	const struct process_state *s = details_owner(p->m, owner);
	struct line_style style = {.width = p->width,
				   .indent = indent + STEP,
				   .head_width = (int)sizeof(label) + 1,
				   .head_role = ROLE_DIM};
	struct str text = {0};

	if (!s || !s->has_cmdline)
		return;
	text_show(&text, s->cmdline, model_text_mode(p->m));
	if (s->is_cmdline_cut)
		str_puts(&text, symbol_text(SYMBOL_ELLIPSIS, p->m->is_ascii));
	if (!s->cmdline.len)
		str_puts(&text, "(it has none)");
	lines_add(p->out, &style, label, str_text(&text));
	str_release(&text);
}

static void add_owner(const struct pane_page *p, const struct process_row *owner, int depth,
		      bool is_root)
{
	enum role role = owner->exe_deleted ? ROLE_WARN : ROLE_NORMAL;
	struct line_style style = {.width = p->width,
				   .indent = INDENT + STEP * depth,
				   .head_width = depth ? STEP : 0,
				   .head_role = ROLE_DIM,
				   .role = role};
	struct str text = {0};

	port_put_owner(p->m, owner, &text);
	put_files(p->m, owner, &text);
	if (is_root && owner->parent > 1) {
		port_put_dot(p->m, &text);
		str_printf(&text, "started by process %" PRId32, owner->parent);
	}
	lines_add(p->out, &style, depth ? symbol_text(SYMBOL_INTO, p->m->is_ascii) : "",
		  str_text(&text));
	add_command(p, owner, style.indent + style.head_width);
	str_release(&text);
}

/* A process whose parent holds a socket as well stands under it. */
static void add_children(const struct pane_page *p, const struct process_row *parent,
			 int depth, size_t *left)
{
	for (size_t i = 0; i < p->e->n_owners && *left; i++) {
		const struct process_row *owner = p->e->owners[i];

		if (parent_of(p->e, i) != parent || depth >= DEPTH_MAX)
			continue;
		(*left)--;
		add_owner(p, owner, depth, !parent);
		add_children(p, owner, depth + 1, left);
	}
}

static void add_rest(const struct pane_page *p, size_t n)
{
	struct str text = {0};

	if (p->e->n_owners > n)
		str_printf(&text, "and %zu more", p->e->n_owners - n);
	if (text.len)
		details_add(p, ROLE_DIM, "", str_text(&text));
	str_release(&text);
}

/* Why a command line is lacking though others were told. */
static const char *unread_words(const struct model *m)
{
	int error = m->details.owners_error;

	if (error || m->around.replay)
		return details_reason(error ? error : ENODATA);
	return "could not be read, or of a process that came since";
}

static void add_unread(const struct pane_page *p)
{
	const struct details_shown *d = &p->m->details;
	size_t n = 0;
	struct str text = {0};

	for (size_t i = 0; i < p->e->n_owners; i++) {
		const struct process_state *s = details_owner(p->m, p->e->owners[i]);

		n += !s || !s->has_cmdline;
	}
	if (!n || !d->has_asked_owners)
		return;
	str_printf(&text, "%zu command %s not known: %s", n,
		   n == 1 ? "line is" : "lines are", unread_words(p->m));
	details_mark(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN, str_text(&text));
	str_release(&text);
}

static void add_none(const struct pane_page *p)
{
	switch (p->e->owners_state) {
	case OWNERS_PENDING:
		details_mark(p, ROLE_DIM, SYMBOL_WAITING, "being looked for");
		return;
	case OWNERS_NONE_FOUND:
		details_mark(p, ROLE_NORMAL, SYMBOL_NONE,
			     "all processes were read and none holds it");
		return;
	case OWNERS_COMPLETE:
	case OWNERS_AT_LEAST:
	case OWNERS_UNKNOWN:
		break;
	}
	details_mark(p, ROLE_UNKNOWN, SYMBOL_UNKNOWN,
		     "not known: not every process could be read");
}

void details_owners(const struct pane_page *p)
{
	size_t most = p->e->n_owners < OWNERS_SHOWN ? p->e->n_owners : OWNERS_SHOWN;
	size_t left = most;

	if (!p->e->n_owners) {
		add_none(p);
		return;
	}
	add_children(p, NULL, 0, &left);
	add_rest(p, most - left);
	add_unread(p);
	if (p->e->owners_state == OWNERS_AT_LEAST)
		details_mark(p, ROLE_UNKNOWN, SYMBOL_ELLIPSIS,
			     "perhaps more: not every process could be read");
}
