/*
 * The screen Help: the keys of the screen before, the words on it explained, what is
 * missing here and the grants that would help. Scrolls.
 */
#include "tui/chrome.h"
#include "tui/page.h"
#include "tui/view.h"
#include "tui/view/glossary.h"

enum { INDENT = 1, KEYS_WIDTH = 24, WORDS_WIDTH = 16 };

struct page {
	const struct model *m;
	struct lines *lines;
	int width;
	unsigned where; /* the screen that the help is for */
};

static void title(const struct page *p, const char *text)
{
	struct line_style style = {.width = p->width, .indent = INDENT, .role = ROLE_TITLE};

	if (p->lines->lines.n)
		lines_add(p->lines, &style, "", "");
	lines_add(p->lines, &style, "", text);
}

static void item(const struct page *p, int head_width, const char *head, const char *text)
{
	struct line_style style = {.width = p->width,
				   .indent = INDENT + 1,
				   .head_width = head_width,
				   .head_role = ROLE_KEY};

	lines_add(p->lines, &style, head, text);
}

static void add_keys(const struct page *p, unsigned where)
{
	struct str keys = {0};

	for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++) {
		if (!(keymap_where((enum action)a) & where))
			continue;
		str_reset(&keys);
		keymap_put_keys(&keys, (enum action)a, where);
		item(p, KEYS_WIDTH, str_text(&keys), keymap_help((enum action)a));
	}
	str_release(&keys);
	if (!(where & (WHERE_PORTS | WHERE_PALETTE | WHERE_PATH)))
		return;
	title(p, "Keys while typing");
#define X(keys, help) item(p, KEYS_WIDTH, keys, help);
	FIELD_KEYS(X)
#undef X
}

static void add_glossary(const struct page *p)
{
	struct str head = {0};

	for (size_t i = 0; i < n_glossary; i++) {
		const struct glossary *g = &glossary[i];

		if (!(g->where & p->where))
			continue;
		str_reset(&head);
		if (g->has_symbol)
			str_printf(&head, "%s ", symbol_text(g->symbol, p->m->is_ascii));
		str_puts(&head, g->word);
		item(p, WORDS_WIDTH, str_text(&head), g->meaning);
	}
	str_release(&head);
}

static void add_grant(const struct page *p, const char *grant)
{
	struct str text = {0};

	if (!grant)
		return;
	str_printf(&text, "%s ", symbol_text(SYMBOL_ARROW, p->m->is_ascii));
	text_show(&text, text_of(grant), model_text_mode(p->m));
	item(p, WORDS_WIDTH, "", str_text(&text));
	str_release(&text);
}

static void add_one_missing(const struct page *p, const struct missing *missing)
{
	struct str source = {0}, text = {0};

	text_show(&source, text_of(missing->source), model_text_mode(p->m));
	text_show(&text, text_of(missing->reason), model_text_mode(p->m));
	item(p, WORDS_WIDTH, str_text(&source), str_text(&text));
	add_grant(p, missing->grant);
	str_release(&source);
	str_release(&text);
}

static void add_sentence(const struct page *p, const char *head, const char *sentence)
{
	struct str text = {0};

	if (!sentence)
		return;
	text_show(&text, text_of(sentence), model_text_mode(p->m));
	item(p, WORDS_WIDTH, head, str_text(&text));
	str_release(&text);
}

static void add_gap(const struct page *p, const struct reach *r)
{
	add_sentence(p, "REACHED BY", r->gap);
	if (r->gap)
		add_grant(p, r->grant);
}

static void add_missing(const struct page *p)
{
	const struct snapshot *s = p->m->snapshot;
	const struct surroundings *around = &p->m->around;

	add_sentence(p, "recording", around->replay_damage);
	add_sentence(p, "terminal", around->terminal_notice);
	if (p->m->reach)
		add_gap(p, p->m->reach);
	if (!s) {
		item(p, 0, "", "nothing was read yet");
		return;
	}
	for (size_t i = 0; i < s->n_missing; i++)
		add_one_missing(p, &s->missing[i]);
	if (!s->n_missing && !(p->m->reach && p->m->reach->gap))
		item(p, 0, "",
		     s->is_settled ? "nothing: all sources could be read"
				   : "nothing so far: not all have answered yet");
}

static void fill(const struct page *p)
{
	title(p, "Keys");
	add_keys(p, p->where);
	title(p, "Words and signs");
	add_glossary(p);
	title(p, "What is missing here");
	add_missing(p);
}

static void draw(struct frame *f, struct model *m)
{
	struct lines lines = LINES_EMPTY;
	const struct view *behind =
		m->n_shown > 1 ? m->shown[m->n_shown - 2] : model_view(m);
	struct page page = {m, &lines, f->width - 1, behind->where};

	fill(&page);
	chrome_header(f, 0, m);
	page_draw(f, m, WHERE_HELP, &lines, &m->help);
	lines_release(&lines);
}

static unsigned act(struct model *m, enum action a)
{
	return roll_scroll(&m->help, a, m->page) ? EFFECT_DRAW : 0;
}

const struct view view_help = {
	.name = "help",
	.where = WHERE_HELP,
	.draw = draw,
	.act = act,
};
