/* The chosen place: what happened there, the rules that matter with a mark for each field
 * of the packet. */
#include "core/report/path_words.h"
#include "tui/view/path/path_body.h"

enum { INDENT = 1, HEAD = 14, RULE_INDENT = 3, RULE_HEAD = 14, NARROW_UNDER = 60 };

static const struct path_page *page_of(const struct model *m)
{
	const struct path_place *p = path_shown_place(&m->path, m->path.selected);

	return path_shown_lane(&m->path, p->lane)->page;
}

/* A column of heads, if there is room for one. */
static int head_width(const struct path_body *b, const struct str *head, int column)
{
	int width = (int)text_width(text_of_str(head));

	return b->width < NARROW_UNDER || width > column ? width : column;
}

/* ---- the place ---- */

static void put_words(struct str *out, const struct model *m)
{
	const struct path_place *p = path_shown_place(&m->path, m->path.selected);
	const struct path_lane *lane = path_shown_lane(&m->path, p->lane);
	const struct path_hop *h = &lane->leg->hops[p->hop];
	const struct ruleset *rules = lane->page->evidence.rules;
	size_t before;

	path_put_hop_words(out, lane->page, lane->leg, h, model_text_mode(m));
	if (h->chain == UINT32_MAX || !rules)
		return;
	before = out->len;
	str_puts(out, ", ");
	path_put_manager(out, rules, h->chain, h->rule);
	if (out->len == before + 2)
		str_truncate(out, before);
}

static void add_place(struct path_body *b)
{
	const struct model *m = b->m;
	const struct path_place *p = path_shown_place(&m->path, m->path.selected);
	const struct path_hop *h = path_place_hop(&m->path, m->path.selected);
	struct line_style style = {.width = b->width,
				   .indent = INDENT,
				   .head_role = path_role(m, m->path.selected)};
	struct str head = {0}, words = {0};

	str_printf(&head, "%s %s ", symbol_text(SYMBOL_FALLING, m->is_ascii),
		   path_hop_place(h, p->hop == 0));
	style.head_width = head_width(b, &head, HEAD);
	put_words(&words, m);
	path_body_add(b, &style, str_text(&head), str_text(&words), PATH_SLOT_TEXT);
	str_release(&head);
	str_release(&words);
}

/* ---- its rules ---- */

static enum symbol symbol_of(const struct model *m, const struct path_rule *r)
{
	switch (r->part) {
	case PATH_RULE_MET:
		return SYMBOL_INTO;
	case PATH_RULE_DECIDES:
		return path_symbol(m, m->path.selected);
	case PATH_RULE_DOUBT:
		return SYMBOL_UNKNOWN;
	case PATH_RULE_NEAR:
		break;
	}
	return SYMBOL_SOME;
}

static enum role role_of(const struct model *m, const struct path_rule *r)
{
	if (r->part == PATH_RULE_MET)
		return ROLE_DIM;
	return r->part == PATH_RULE_DECIDES ? path_role(m, m->path.selected) : ROLE_WARN;
}

static void add_rule_line(struct path_body *b, const struct path_rule *r)
{
	const struct model *m = b->m;
	struct line_style style = {
		.width = b->width, .indent = RULE_INDENT, .head_role = role_of(m, r)};
	struct str head = {0}, words = {0};

	str_printf(&head, "%s ", symbol_text(symbol_of(m, r), m->is_ascii));
	path_put_rule_name(&head, page_of(m), r);
	str_putc(&head, ' ');
	style.head_width = head_width(b, &head, RULE_HEAD);
	path_put_rule_text(&words, page_of(m), r);
	if (!words.len)
		str_puts(&words, "no rule of the chain decides");
	path_body_add(b, &style, str_text(&head), str_text(&words), PATH_SLOT_TEXT);
	str_release(&head);
	str_release(&words);
}

static const char *mark_text(const struct model *m, enum path_mark mark)
{
	static const enum symbol symbols[] = {[PATH_MARK_NONE] = SYMBOL_NONE,
					      [PATH_MARK_HIT] = SYMBOL_GOOD,
					      [PATH_MARK_MISSED] = SYMBOL_BAD,
					      [PATH_MARK_UNSURE] = SYMBOL_UNKNOWN};

	return symbol_text(symbols[mark], m->is_ascii);
}

/* "source ✔  port ✔  interface ✖": the fields that the rule looks at, in their order. */
static void put_marks(struct str *out, const struct model *m, const struct path_rule *r)
{
	for (unsigned field = 1; field <= N_FW_FIELDS; field++) {
		/* Those without a name of their own come last. */
		enum fw_field f =
			field == N_FW_FIELDS ? FW_FIELD_OTHER : (enum fw_field)field;
		enum path_mark mark = path_rule_mark(r, f);

		/* What every rule of a table has, as the family, says nothing. */
		if (mark != PATH_MARK_NONE &&
		    (f != FW_FIELD_OTHER || mark != PATH_MARK_HIT))
			str_printf(out, "%s%s %s", out->len ? "  " : "", fw_field_word(f),
				   mark_text(m, mark));
	}
}

/* What the rule did, or nearly did, where its sign does not say it. */
static void put_outcome(struct str *out, const struct path_rule *r)
{
	if (r->part == PATH_RULE_NEAR)
		str_printf(out, "only the %s misses", r->field);
	else if (r->part == PATH_RULE_MET)
		str_puts(out, path_rule_did(r));
}

static void add_marks(struct path_body *b, const struct path_rule *r)
{
	bool is_narrow = b->width < NARROW_UNDER;
	struct line_style style = {.width = b->width,
				   .indent = is_narrow ? RULE_INDENT + 2
						       : RULE_INDENT + RULE_HEAD};
	struct str marks = {0}, outcome = {0};

	put_marks(&marks, b->m, r);
	put_outcome(&outcome, r);
	if (marks.len && outcome.len)
		str_printf(&marks, "  %s ", symbol_text(SYMBOL_DOT, b->m->is_ascii));
	str_puts(&marks, str_text(&outcome));
	if (marks.len)
		path_body_add(b, &style, "", str_text(&marks), PATH_SLOT_MARKS);
	str_release(&marks);
	str_release(&outcome);
}

static void add_chain(struct path_body *b, uint32_t chain)
{
	struct line_style style = {
		.width = b->width, .indent = RULE_INDENT, .role = ROLE_TITLE};
	struct str words = {0};

	str_puts(&words, "chain ");
	path_put_chain(&words, page_of(b->m), chain);
	path_body_add(b, &style, "", str_text(&words), PATH_SLOT_TEXT);
	str_release(&words);
}

static void add_more(struct path_body *b, size_t n, const char *words)
{
	struct line_style style = {
		.width = b->width, .indent = RULE_INDENT, .role = ROLE_DIM};
	struct str text = {0};

	if (!n)
		return;
	str_printf(&text, "%zu more %s", n, words);
	path_body_add(b, &style, "", str_text(&text), PATH_SLOT_TEXT);
	str_release(&text);
}

void path_add_details(struct path_body *b)
{
	const struct path_shown *s = &b->m->path;
	const struct path_place *p = path_shown_place(s, s->selected);
	uint32_t chain = UINT32_MAX;
	size_t n_hidden = 0;

	add_place(b);
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct path_rule *r = vec_at(&s->rules, p->first_rule + i);

		if (r->part == PATH_RULE_MET && !s->is_wide) {
			n_hidden++;
			continue;
		}
		if (r->chain != chain && s->is_wide)
			add_chain(b, r->chain);
		chain = r->chain;
		add_rule_line(b, r);
		add_marks(b, r);
	}
	add_more(b, n_hidden, "that it met here: Enter shows them");
	add_more(b, s->is_wide ? p->n_more : 0, "that it met here");
}
