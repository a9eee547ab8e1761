/* Search and filter. Does not know which row has a text: core/snapshot/filter.h does. */
#include "tui/find.h"

#include <errno.h>
#include <string.h>

#include "tui/terminal/input.h"

static int set(struct str *s, const char *text)
{
	str_reset(s);
	return str_puts(s, text);
}

int find_set_filter(struct model *m, const char *line)
{
	char error[160];
	struct filter *old = m->filter;
	struct filter *filter = NULL;
	int r;

	str_reset(&m->field_error);
	if (text_of(line).len) {
		filter = filter_parse(line, error);
		if (!filter) {
			text_show(&m->field_error, text_of(error), model_text_mode(m));
			return -EINVAL;
		}
	}
	m->filter = filter;
	r = model_arrange(m);
	if (r) {
		m->filter = old;
		filter_free(filter);
		return r;
	}
	filter_free(old);
	return set(&m->filter_line, line);
}

int find_set_search(struct model *m, const char *text)
{
	int r = set(&m->search, text);

	return r ? r : model_arrange(m);
}

/* The first row from `from` on, going by direction, that is found; m->rows.n: none. */
static size_t find_row(const struct model *m, size_t from, int direction)
{
	struct text needle = text_of(str_text(&m->search));
	size_t n = m->rows.n;

	for (size_t i = 0; i < n && needle.len; i++) {
		size_t row = direction > 0 ? (from + i) % n : (from + n - i) % n;
		const struct endpoint *e = model_endpoint(m, row);

		if (e && endpoint_has_text(e, needle))
			return row;
	}
	return n;
}

static bool go_to(struct model *m, size_t row)
{
	if (row >= m->rows.n)
		return false;
	m->has_moved = true;
	model_select(m, (struct place){.row = row});
	return true;
}

void find_step(struct model *m, int direction)
{
	size_t n = m->rows.n;
	size_t from = m->selected.row;

	if (!m->search.len) {
		model_say(m, ROLE_NOTICE, "nothing to search for yet: %.*s starts a search",
			  KEY_ARGS(ACTION_SEARCH));
		return;
	}
	if (n)
		from = direction > 0 ? (from + 1) % n : (from + n - 1) % n;
	if (!go_to(m, find_row(m, from, direction)))
		model_say(m, ROLE_WARN, "no row has \"%s\"", str_text(&m->search));
}

/* What goes on with the word that is typed. */
static void look_for_words(struct model *m)
{
	if (m->field.kind == FIELD_FILTER)
		complete_look(&m->complete, m->snapshot, &m->field);
	else
		complete_release(&m->complete);
}

void find_open(struct model *m, enum field_kind kind)
{
	const struct str *now = kind == FIELD_SEARCH ? &m->search : &m->filter_line;

	str_reset(&m->field_error);
	set(&m->field_before, str_text(now));
	m->field_from = m->selected;
	field_open(&m->field, kind, kind == FIELD_SEARCH ? "" : str_text(now));
	look_for_words(m);
}

/* A key without its value asks nothing yet: what stands before it does. */
static void apply_filter(struct model *m, const char *text)
{
	size_t len = strlen(text);
	struct str before = {0};

	if (!len || text[len - 1] != ':' || !m->complete.fits.n) {
		find_set_filter(m, text);
		return;
	}
	while (len && text[len - 1] != ' ')
		len--;
	str_append(&before, text, len);
	find_set_filter(m, str_text(&before));
	str_release(&before);
}

static void apply(struct model *m, const char *text)
{
	if (m->field.kind == FIELD_FILTER) {
		apply_filter(m, text);
		return;
	}
	find_set_search(m, text);
	model_select(m, m->field_from);
	if (m->search.len)
		go_to(m, find_row(m, m->field_from.row, 1));
}

static void leave(struct model *m)
{
	bool was_search = m->field.kind == FIELD_SEARCH;

	if (was_search)
		find_set_search(m, str_text(&m->field_before));
	else
		find_set_filter(m, str_text(&m->field_before));
	if (was_search)
		model_select(m, m->field_from);
	field_close(&m->field);
}

/* Enter: a text that is no filter keeps the field open; an empty search ends the search. */
static void done(struct model *m)
{
	const char *text = str_text(&m->field.text);

	if (m->field.kind == FIELD_FILTER && find_set_filter(m, text))
		return;
	if (m->field.kind != FIELD_FILTER)
		apply(m, text);
	if (m->field.kind == FIELD_SEARCH && m->search.len && !m->n_found)
		model_say(m, ROLE_WARN, "no row has \"%s\"", str_text(&m->search));
	field_close(&m->field);
}

unsigned find_input(struct model *m, int input)
{
	if (m->field.kind == FIELD_FILTER && input == INPUT_TAB) {
		if (complete_step(&m->complete, m->snapshot, &m->field))
			apply(m, str_text(&m->field.text));
		return EFFECT_DRAW;
	}
	switch (field_input(&m->field, input)) {
	case FIELD_NOTHING:
		break;
	case FIELD_CHANGED:
		look_for_words(m);
		apply(m, str_text(&m->field.text));
		break;
	case FIELD_DONE:
		done(m);
		break;
	case FIELD_CANCELLED:
		leave(m);
		break;
	}
	look_for_words(m);
	return EFFECT_DRAW;
}
