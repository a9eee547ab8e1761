/*
 * Rules for a person: tables, under them chains, under them a line for each rule: its
 * number, how often it matched, its text, who made it, what is to be said of it. Also in
 * Markdown.
 */
#include "core/report/rules.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "core/firewall/text/rule_text.h"
#include "core/report/rules_marks.h"

enum { NUMBER_WIDTH = 5, COUNT_WIDTH = 8, RULE_INDENT = 4, COLUMNS_MIN = 40 };

/* Words to the edge, then on under the text. */
struct lines {
	struct str *out;
	size_t at, indent, columns;
};

static void put_word(struct lines *l, struct text word)
{
	size_t width = text_width(word);

	if (l->at > l->indent && l->at + 1 + width > l->columns) {
		str_putc(l->out, '\n');
		str_fill(l->out, ' ', l->indent);
		l->at = l->indent;
	} else if (l->at > l->indent) {
		str_putc(l->out, ' ');
		l->at++;
	}
	str_append(l->out, word.bytes, word.len);
	l->at += width;
}

static void put_words(struct lines *l, const char *words)
{
	while (*words) {
		size_t len = strcspn(words, " ");

		if (len)
			put_word(l, (struct text){words, len});
		words += len + (words[len] == ' ');
	}
}

/* In one piece if it goes on the line, or on a line of its own. */
static void put_piece(struct lines *l, const char *words)
{
	size_t width = strlen(words);

	if (l->at + 1 + width > l->columns && l->indent + width <= l->columns)
		put_word(l, text_of(words));
	else
		put_words(l, words);
}

static void put_marks(struct lines *l, const struct rule_marks *m, enum text_mode mode)
{
	const char *sign = mode == TEXT_UTF8 ? "\xe2\x97\x86" : "!";
	struct str s = {0};

	if (!text_is_empty(m->opaque)) {
		str_printf(&s, "%s opaque: ", sign);
		text_show(&s, m->opaque, TEXT_ASCII);
		put_piece(l, str_text(&s));
	}
	for (size_t i = 0; i < m->n_notes; i++) {
		str_reset(&s);
		str_printf(&s, "%s %s", sign, m->notes[i]);
		put_piece(l, str_text(&s));
	}
	l->out->failed |= s.failed;
	str_release(&s);
}

static const char *manager_beside(const struct ruleset *r, const struct fw_rule *rule)
{
	const char *own = rule_manager(r, rule);
	const char *of_chain = chain_manager(r, ruleset_chain(r, rule));

	return own && (!of_chain || strcmp(own, of_chain) != 0) ? own : NULL;
}

static int put_rule(struct str *out, struct rules_marks *all, uint32_t rule,
		    const struct rules_options *o)
{
	const struct ruleset *r = all->view->rules;
	const struct fw_rule *row = &r->rules[rule];
	struct lines l = {out, 0, RULE_INDENT + NUMBER_WIDTH + COUNT_WIDTH + 3,
			  o->columns < COLUMNS_MIN ? COLUMNS_MIN : o->columns};
	const char *manager = manager_beside(r, row);
	struct rule_marks marks;
	struct str text = {0};
	int error = rule_text(&text, r, row);

	rules_marks_of(all, rule, &marks);
	str_fill(out, ' ', RULE_INDENT);
	str_printf(out, "%*" PRIu64 " ", NUMBER_WIDTH,
		   rules_is_numbered(r, ruleset_chain(r, row)) ? row->index : row->handle);
	if (row->has_counter)
		str_printf(out, "%*" PRIu64 "  ", COUNT_WIDTH, row->packets);
	else
		str_printf(out, "%*s  ", COUNT_WIDTH, "-");
	l.at = l.indent;
	put_words(&l, str_text(&text));
	if (manager) {
		str_reset(&text);
		str_printf(&text, "[%s]", manager);
		put_words(&l, str_text(&text));
	}
	put_marks(&l, &marks, o->text_mode);
	str_putc(out, '\n');
	str_release(&text);
	return error;
}

/* ---- heads ---- */

static void put_table(struct str *out, const struct ruleset *r, const struct fw_chain *c)
{
	const struct fw_table *t = ruleset_table_of(r, c);

	str_printf(out, "%s%s table %s ", rules_backend(r, c),
		   t->backend == FW_LEGACY ? " (legacy)" : "", fw_family_word(t->family));
	text_show(out, t->name, TEXT_ASCII);
	str_puts(out, t->is_dormant ? ", dormant" : "");
	str_puts(out, t->has_owner ? ", held by a process" : "");
}

static void put_devices(struct str *out, const struct fw_chain *c)
{
	for (size_t i = 0; i < c->n_devices; i++) {
		str_puts(out, i ? ", " : ", on ");
		text_show(out, c->devices[i], TEXT_ASCII);
	}
}

static void put_chain(struct str *out, const struct ruleset *r, const struct fw_chain *c)
{
	const char *manager = chain_manager(r, c);

	str_puts(out, "chain ");
	text_show(out, c->name, TEXT_ASCII);
	if (c->is_base)
		str_printf(out, ": hook %s, priority %" PRId32 ", policy %s", rules_hook(c),
			   c->priority, c->policy_drops ? "drop" : "accept");
	if (c->is_base && c->has_counter)
		str_printf(out, " (%" PRIu64 " packets)", c->packets);
	put_devices(out, c);
	if (manager)
		str_printf(out, " [%s]", manager);
	if (rules_is_numbered(r, c))
		str_puts(out, ", by number");
}

static size_t count_wanted(const struct rules_view *v, const struct fw_chain *c)
{
	size_t n = 0;

	for (uint32_t i = 0; i < c->n_rules; i++)
		n += rules_is_wanted(v, c->first_rule + i);
	return n;
}

/* Chains of which nothing is asked for are left out. */
static bool is_shown(const struct rules_view *v, const struct fw_chain *c)
{
	return !v->wanted || count_wanted(v, c);
}

static void put_end(struct str *out, const struct rules_view *v)
{
	size_t n = 0;

	for (uint32_t i = 0; i < v->rules->n_rules; i++)
		n += rules_is_wanted(v, i);
	if (v->is_part)
		str_puts(out, "NOT ALL RULES: the answer of the kernel ended early.\n");
	if (v->rules->has_nothing)
		str_puts(out,
			 "This kernel has no packet filter loaded: nothing is filtered "
			 "here.\n");
	else if (v->target)
		str_printf(out,
			   "%zu of %zu rules can be met by a packet to %s (no translation "
			   "is followed).\n",
			   n, v->rules->n_rules, v->target);
	else
		str_printf(out, "%zu rule%s in %zu chain%s, generation %u.\n", n,
			   n == 1 ? "" : "s", v->rules->n_chains,
			   v->rules->n_chains == 1 ? "" : "s", v->rules->generation);
}

static int put_chain_rules(struct str *out, struct rules_marks *all,
			   const struct fw_chain *c, const struct rules_options *o,
			   int (*put)(struct str *out, struct rules_marks *all,
				      uint32_t rule, const struct rules_options *o))
{
	int error = 0;

	for (uint32_t i = c->first_rule; i < c->first_rule + c->n_rules && !error; i++) {
		if (!rules_is_wanted(all->view, i))
			continue;
		error = put(out, all, i, o);
		if (!error)
			error = rules_flush(out, o, false);
	}
	return error;
}

static bool is_new_table(const struct ruleset *r, uint32_t chain, uint32_t last)
{
	return last == FW_NONE || r->chains[chain].table != last;
}

int rules_text(struct str *out, const struct rules_view *v, const struct rules_options *o)
{
	struct rules_marks *all = rules_marks_new(v);
	uint32_t last = FW_NONE;
	int error = all ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < v->rules->n_chains && !error; i++) {
		const struct fw_chain *c = &v->rules->chains[i];

		if (!is_shown(v, c))
			continue;
		if (is_new_table(v->rules, i, last)) {
			put_table(out, v->rules, c);
			str_putc(out, '\n');
		}
		last = c->table;
		str_puts(out, "  ");
		put_chain(out, v->rules, c);
		str_putc(out, '\n');
		error = put_chain_rules(out, all, c, o, put_rule);
	}
	rules_marks_free(all);
	put_end(out, v);
	return error ? error : rules_flush(out, o, true);
}

/* ---- Markdown ---- */

/* What means something in Markdown or HTML stands as itself in a code span, but for these.
 */
static void put_code(struct str *out, const char *words)
{
	str_puts(out, "<code>");
	for (; *words; words++) {
		if (strchr("|`*_[]#~\\<>&@:", *words))
			str_printf(out, "&#%d;", *words);
		else
			str_putc(out, *words);
	}
	str_puts(out, "</code>");
}

static int put_row(struct str *out, struct rules_marks *all, uint32_t rule,
		   const struct rules_options *o)
{
	const struct ruleset *r = all->view->rules;
	const struct fw_rule *row = &r->rules[rule];
	const char *manager = rule_manager(r, row);
	struct rule_marks marks;
	struct str s = {0};
	int error = rule_text(&s, r, row);

	(void)o;
	rules_marks_of(all, rule, &marks);
	str_printf(out, "| %" PRIu64 " | ",
		   rules_is_numbered(r, ruleset_chain(r, row)) ? row->index : row->handle);
	if (row->has_counter)
		str_printf(out, "%" PRIu64, row->packets);
	str_puts(out, " | ");
	put_code(out, str_text(&s));
	str_printf(out, " | %s | ", manager ? manager : "");
	if (!text_is_empty(marks.opaque)) {
		str_reset(&s);
		text_show(&s, marks.opaque, TEXT_ASCII);
		str_puts(out, "opaque: ");
		put_code(out, str_text(&s));
		str_puts(out, marks.n_notes ? "; " : "");
	}
	for (size_t i = 0; i < marks.n_notes; i++)
		str_printf(out, "%s%s", i ? "; " : "", marks.notes[i]);
	str_puts(out, " |\n");
	str_release(&s);
	return error;
}

static void put_title(struct str *out, const struct ruleset *r, const struct fw_chain *c)
{
	struct str s = {0};

	put_table(&s, r, c);
	str_puts(&s, ", ");
	put_chain(&s, r, c);
	str_puts(out, "\n**");
	put_code(out, str_text(&s));
	str_puts(out, "**\n\n| rule | packets | text | manager | notes |\n"
		      "|---:|---:|---|---|---|\n");
	out->failed |= s.failed;
	str_release(&s);
}

int rules_markdown(struct str *out, const struct rules_view *v,
		   const struct rules_options *o)
{
	struct rules_marks *all = rules_marks_new(v);
	int error = all ? 0 : -ENOMEM;

	put_end(out, v);
	for (uint32_t i = 0; i < v->rules->n_chains && !error; i++) {
		const struct fw_chain *c = &v->rules->chains[i];

		if (!is_shown(v, c))
			continue;
		put_title(out, v->rules, c);
		error = put_chain_rules(out, all, c, o, put_row);
	}
	rules_marks_free(all);
	return error ? error : rules_flush(out, o, true);
}

int rules_missing_text(struct str *out, const struct ruleset *r)
{
	if (r->is_changing)
		str_puts(out, "rules: they changed again and again while they were read: "
			      "what is shown is not one state of them - ask again\n");
	if (!r->is_legacy_read_v4 || !r->is_legacy_read_v6)
		str_printf(out, "rules: tables of %s-legacy were not all read\n",
			   r->is_legacy_read_v4 ? "ip6tables" : "iptables");
	return out->failed ? -ENOMEM : 0;
}
