/* What fits what was typed. The order of the list is made here. */
#include "tui/state/palette.h"

#include <stdlib.h>
#include <string.h>

#include "tui/reasons.h"
#include "tui/terminal/input.h"
#include "tui/view.h"

void palette_release(struct palette_shown *p)
{
	field_release(&p->line);
}

void palette_open(struct palette_shown *p)
{
	field_open(&p->line, FIELD_SEARCH, "");
	p->roll = (struct roll){0};
}

const char *palette_word(const struct palette_shown *p)
{
	const char *word = str_text(&p->line.text);

	return word + strspn(word, ": ");
}

/* ---- entries in words ---- */

void palette_put_name(const struct model *m, const struct palette_entry *e, struct str *out)
{
	switch (e->kind) {
	case PALETTE_ACTION:
		keymap_put_name(out, e->action);
		if (keymap_n_variants(e->action) > 1)
			str_printf(out, " %u", e->variant + 1);
		break;
	case PALETTE_SCREEN:
		str_puts(out, e->view->name);
		break;
	case PALETTE_TARGET:
		text_show(out, text_of(palette_word(&m->palette)), model_text_mode(m));
		break;
	}
}

void palette_put_keys(const struct palette_entry *e, struct str *out)
{
	if (e->kind != PALETTE_ACTION)
		return;
	if (keymap_n_variants(e->action) > 1)
		str_putc(out, (char)keymap_variant(e->action, e->variant));
	else
		str_puts(out, keymap_keys(e->action));
}

void palette_put_help(const struct palette_entry *e, struct str *out)
{
	switch (e->kind) {
	case PALETTE_ACTION:
		str_puts(out, keymap_help(e->action));
		break;
	case PALETTE_SCREEN:
		str_puts(out, "back to this screen");
		break;
	case PALETTE_TARGET:
		str_puts(out, "why can clients not reach it? the guide on this target");
		break;
	}
}

/* Could the guide be opened on what is typed? error: one sentence if not. */
static bool is_target(const struct model *m, char error[TARGET_ERROR_MAX])
{
	const char *word = palette_word(&m->palette);
	struct guide aimed = {0};
	size_t n_ports;
	bool is_one;

	strcpy(error, "nothing was read yet");
	is_one = m->snapshot &&
		 !guide_aim_target(&aimed, word, m->snapshot, &n_ports, error);
	guide_release(&aimed);
	return is_one;
}

void palette_put_reason(const struct model *m, const struct palette_entry *e,
			struct str *out)
{
	char error[TARGET_ERROR_MAX];

	if (e->kind == PALETTE_ACTION)
		action_reason(m, e->action, out);
	else if (e->kind == PALETTE_TARGET && !is_target(m, error))
		text_show(out, text_of(error), model_text_mode(m));
}

/* ---- which fit ---- */

enum {
	SCORE_HELP = 1, /* the word stands in what it does */
	SCORE_KEY = 60, /* the word is its key */
	SCORE_WHOLE = 40,
	SCORE_TARGET = 200,
};

/* What can be done here comes first: taken from the score. */
static int distance(const struct model *m, const struct palette_entry *e)
{
	bool is_here = e->kind != PALETTE_ACTION ||
		       (keymap_where(e->action) & reasons_screen(m)->where);

	if (e->kind == PALETTE_SCREEN)
		return 3;
	if (e->can && e->kind == PALETTE_ACTION && !*keymap_word(e->action))
		return 1;
	return e->can ? 0 : is_here ? 2 : 4;
}

/* Is it one of the keys in the list, "Up k"? */
static bool is_key(const char *word, const char *list)
{
	size_t len = strlen(word);

	for (const char *at = list; len && *at; at += strcspn(at, " ")) {
		at += strspn(at, " ");
		if (strcspn(at, " ") == len && !strncmp(at, word, len))
			return true;
	}
	return false;
}

/* -1: it does not fit. */
static int score_of(const struct model *m, struct palette_entry *e)
{
	const char *word = palette_word(&m->palette);
	struct str name = {0}, keys = {0}, help = {0};
	int score;

	palette_put_name(m, e, &name);
	palette_put_keys(e, &keys);
	palette_put_help(e, &help);
	score = palette_fit(word, str_text(&name), &e->matched);
	if (score >= 0 && *word && !strcasecmp(word, str_text(&name)))
		score += SCORE_WHOLE;
	if (score < 0 && strlen(word) > 2 && strcasestr(str_text(&help), word))
		score = SCORE_HELP;
	if (is_key(word, str_text(&keys)))
		score += SCORE_KEY;
	str_release(&name);
	str_release(&keys);
	str_release(&help);
	return score;
}

struct list {
	const struct model *m;
	struct palette_entry *entries;
	size_t n;
};

static void add(struct list *l, struct palette_entry e)
{
	int score = score_of(l->m, &e);

	if (score < 0 || l->n == PALETTE_MAX)
		return;
	e.score = score - distance(l->m, &e);
	l->entries[l->n++] = e;
}

static void add_actions(struct list *l)
{
	struct str why = {0};

	for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++) {
		unsigned n = keymap_n_variants((enum action)a);

		for (unsigned i = 0; i < n; i++)
			add(l, (struct palette_entry){
				       .kind = PALETTE_ACTION,
				       .action = (enum action)a,
				       .variant = i,
				       .can = action_reason(l->m, (enum action)a, &why)});
	}
	str_release(&why);
}

/* Those that lie under what is under the palette. */
static void add_screens(struct list *l)
{
	const struct model *m = l->m;
	const struct view *beneath = reasons_screen(m);

	for (size_t i = 0; i < m->n_shown && m->shown[i] != beneath; i++)
		add(l, (struct palette_entry){
			       .kind = PALETTE_SCREEN, .view = m->shown[i], .can = true});
}

/* A number or an address is meant as one; a name only if it is known. */
static void add_target(struct list *l)
{
	const char *word = palette_word(&l->m->palette);
	char error[TARGET_ERROR_MAX];
	struct palette_entry e = {.kind = PALETTE_TARGET};
	bool is_meant = strpbrk(word, "0123456789") && guide_is_target(word);

	e.can = *word && is_target(l->m, error);
	if (l->n == PALETTE_MAX || (!e.can && !is_meant))
		return;
	e.score = is_meant ? SCORE_TARGET : SCORE_KEY;
	e.matched = UINT64_MAX;
	l->entries[l->n++] = e;
}

static int compare(const void *a, const void *b)
{
	const struct palette_entry *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind > y->kind ? -1 : 1;
	if (x->action != y->action)
		return x->action < y->action ? -1 : 1;
	return (x->variant > y->variant) - (x->variant < y->variant);
}

size_t palette_list(const struct model *m, struct palette_entry out[PALETTE_MAX])
{
	struct list l = {.m = m, .entries = out};

	add_target(&l);
	add_actions(&l);
	add_screens(&l);
	qsort(out, l.n, sizeof(*out), compare);
	return l.n;
}

bool palette_chosen(const struct model *m, struct palette_entry *out)
{
	struct palette_entry entries[PALETTE_MAX];
	size_t n = palette_list(m, entries);

	if (!n)
		return false;
	*out = entries[m->palette.roll.selected < n ? m->palette.roll.selected : n - 1];
	return true;
}

/* ---- typing ---- */

/* Whether a key is one of the field's. The last character is rubbed out there, and then the
 * key leads back. */
static bool is_of_field(const struct palette_shown *p, int input)
{
	switch (input) {
	case INPUT_BACKSPACE:
		return p->line.text.len > 0;
	case INPUT_LEFT:
	case INPUT_RIGHT:
	case INPUT_HOME:
	case INPUT_END:
	case INPUT_DELETE:
	case INPUT_CONTROL('A'):
	case INPUT_CONTROL('E'):
	case INPUT_CONTROL('W'):
	case INPUT_CONTROL('U'):
		return true;
	default:
		return input >= ' ' && input < INPUT_FIRST;
	}
}

bool palette_types(struct model *m, int input)
{
	if (!is_of_field(&m->palette, input))
		return false;
	if (field_input(&m->palette.line, input) == FIELD_CHANGED)
		m->palette.roll = (struct roll){0};
	return true;
}

void palette_complete(struct model *m)
{
	struct palette_entry e;
	struct str name = {0};

	if (!palette_chosen(m, &e) || e.kind == PALETTE_TARGET)
		return;
	palette_put_name(m, &e, &name);
	field_open(&m->palette.line, FIELD_SEARCH, str_text(&name));
	m->palette.roll = (struct roll){0};
	str_release(&name);
}
