/* The five steps with their evidence, then what is made of them. */
#include "tui/view/guide/guide_lines.h"

#include "tui/view/guide/guide_words.h"

enum {
	INDENT = 1,
	NAME_WIDTH = 17,  /* "1 firewall+route " */
	STATE_WIDTH = 13, /* "x needs root " */
	NARROW = 64,      /* columns below which the steps' names are left out */
	DEEPER = 5,       /* indent of evidence */
	LABEL_WIDTH = 15,
	LABEL_NARROW = 7,
};

void guide_item(const struct guide_page *p, enum role head_role, enum role role,
		const char *label, const struct str *text)
{
	struct line_style style = {.width = p->width,
				   .indent = INDENT + 1,
				   .head_width =
					   p->width < NARROW ? LABEL_NARROW : LABEL_WIDTH,
				   .head_role = head_role,
				   .role = role};

	if (!text->len)
		return;
	if (text_width(text_of(label)) >= (size_t)style.head_width) {
		struct line_style alone = style;

		alone.head_width = 0;
		alone.role = head_role;
		lines_add(p->lines, &alone, "", label);
		label = "";
	}
	lines_add(p->lines, &style, label, str_text(text));
}

/* ---- evidence ---- */

static void add_deeper(const struct guide_page *p, enum role role, const char *head,
		       enum role head_role, const struct str *text)
{
	struct line_style style = {.width = p->width,
				   .indent = DEEPER,
				   .head_width = p->width < NARROW ? 2 : 9,
				   .head_role = head_role,
				   .role = role};

	lines_add(p->lines, &style, p->width < NARROW ? "" : head, str_text(text));
}

static void add_proof(const struct guide_page *p, const struct proof *proof)
{
	struct str text = {0};

	guide_put(p->m, &text, proof->text);
	str_printf(&text, " (%s)", proof->source);
	add_deeper(p, ROLE_NORMAL, proof->is_observed ? "seen" : "read", ROLE_DIM, &text);
	str_reset(&text);
	guide_put(p->m, &text, proof->command);
	if (text.len)
		add_deeper(p, ROLE_KEY, "by hand", ROLE_DIM, &text);
	str_release(&text);
}

static void add_evidence(const struct guide_page *p, enum step_id s)
{
	const struct diagnosis *d = p->m->guide.result;
	struct str text = {0};

	str_puts(&text, guide_step_question(p->m, s));
	add_deeper(p, ROLE_DIM, "asks", ROLE_DIM, &text);
	for (size_t i = 0; d && i < d->steps[s].n_proofs; i++)
		add_proof(p, &d->steps[s].proofs[i]);
	if (!d || !d->steps[s].n_proofs) {
		str_reset(&text);
		str_puts(&text, p->m->guide.is_running ? "no evidence yet"
						       : "there is no more evidence");
		add_deeper(p, ROLE_UNKNOWN, "", ROLE_DIM, &text);
	}
	str_release(&text);
}

/* ---- steps ---- */

/* Cuts at the width, with an ellipsis. */
static void cut(struct str *text, int room, bool is_ascii)
{
	struct text all = text_of_str(text);
	const char *end = symbol_text(SYMBOL_ELLIPSIS, is_ascii);
	int used = (int)text_width(text_of(end));
	size_t at = 0, keep = 0;

	if ((int)text_width(all) <= room)
		return;
	while (at < all.len) {
		size_t start = at;

		text_next_char(all, &at);
		used += (int)text_width((struct text){all.bytes + start, at - start});
		if (used > room)
			break;
		keep = at;
	}
	str_truncate(text, keep);
	str_puts(text, end);
}

/* With little room, what is neither wrong nor selected has one line. */
static bool is_cut(const struct guide_page *p, enum step_id s)
{
	const struct guide *g = &p->m->guide;

	return p->is_brief && !g->is_unfolded[s] && g->step != s &&
	       !(g->result && g->result->steps[s].state == STEP_FAIL);
}

static void add_step(const struct guide_page *p, enum step_id s)
{
	bool is_narrow = p->width < NARROW;
	struct line_style style = {.width = p->width, .indent = INDENT};
	struct str head = {0}, text = {0};

	str_printf(&head, "%d ", (int)s + 1);
	if (!is_narrow) {
		str_puts(&head, guide_step_name(s));
		str_fill(&head, ' ', NAME_WIDTH - head.len);
	}
	style.head_role = guide_step_state(p->m, s, &head);
	style.head_width = STATE_WIDTH + (is_narrow ? 2 : NAME_WIDTH);
	guide_step_words(p->m, s, &text);
	if (is_cut(p, s))
		cut(&text, p->width - INDENT - style.head_width, p->m->is_ascii);
	lines_add(p->lines, &style, str_text(&head), str_text(&text));
	if (p->m->guide.is_unfolded[s])
		add_evidence(p, s);
	else if (p->m->guide.step == s)
		guide_live_lines(p, s);
	str_release(&head);
	str_release(&text);
}

static void add_before(const struct guide_page *p)
{
	struct line_style style = {.width = p->width, .indent = INDENT};
	struct str text = {0};

	if (guide_before_now(p->m, &text, &style.role))
		lines_add(p->lines, &style, "", str_text(&text));
	str_release(&text);
}

/* What the table would do, while it is asked whether to add it. */
static void add_question(const struct guide_page *p)
{
	struct line_style style = {.width = p->width, .indent = INDENT, .role = ROLE_WARN};
	const struct guide *g = &p->m->guide;
	struct addr client = guide_prover(g);
	char address[ADDR_TEXT_MAX];
	struct str text = {0};

	if (p->m->consent != CONSENT_PROVE)
		return;
	str_printf(
		&text,
		"Add a trace table for this client and port, %s and %u, for %d "
		"seconds? [y/N] The table dport-prove-PID (family inet; bridge and netdev "
		"too, where they have chains) marks that client's packets, so that the "
		"kernel tells which rules they meet; it accepts and drops nothing. It goes "
		"when the time is over or dport ends, however it ends. Save no rules "
		"meanwhile: nft list ruleset shows it too.",
		addr_format(&client, address), g->aim.port, GUIDE_WAIT_S);
	lines_add(p->lines, &style, "", str_text(&text));
	str_release(&text);
}

static void add_rule(const struct guide_page *p)
{
	struct line_style style = {.width = p->width, .role = ROLE_RULE};
	struct str text = {0};

	for (int i = 0; i < p->width; i++)
		str_puts(&text, symbol_text(SYMBOL_LINE, p->m->is_ascii));
	lines_add(p->lines, &style, "", str_text(&text));
	str_release(&text);
}

void guide_lines(const struct guide_page *p, size_t step_line[N_STEPS])
{
	add_question(p);
	add_before(p);
	for (int s = 0; s < N_STEPS; s++) {
		step_line[s] = p->lines->lines.n;
		add_step(p, (enum step_id)s);
	}
	add_rule(p);
	guide_cause_lines(p);
}
