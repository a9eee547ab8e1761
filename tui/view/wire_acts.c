/* The actions of the screen Wire. Draws nothing. */
#include "tui/view/wire_acts.h"

#include <stdint.h>

#include "tui/view/guide/ladder_lines.h"
#include "tui/view/wire_columns.h"

/* ---- rows ---- */

static unsigned select_row(struct wire_shown *w, size_t i)
{
	if (i + 1 >= wire_n(w))
		wire_follow(w);
	else
		wire_select(w, i);
	return EFFECT_DRAW;
}

static bool move(struct model *m, enum action a)
{
	struct wire_shown *w = &m->wire;
	struct roll roll = {.selected = wire_selected(w)};

	if (w->is_open)
		return roll_scroll(&w->ladder, a, m->page);
	if (!roll_choose(&roll, a, m->page, wire_n(w)))
		return false;
	select_row(w, roll.selected);
	return true;
}

static unsigned open_attempt(struct model *m)
{
	struct wire_shown *w = &m->wire;

	if (w->is_open || !wire_n(w))
		return 0;
	wire_select(w, wire_selected(w));
	w->is_open = true;
	w->ladder = (struct roll){0};
	return EFFECT_DRAW;
}

/* One thing at a time: the attempt that is shown alone, then the search. */
static unsigned back(struct model *m)
{
	struct wire_shown *w = &m->wire;

	if (w->is_open) {
		w->is_open = false;
		return select_row(w, wire_selected(w));
	}
	if (!w->search.len)
		return 0;
	str_reset(&w->search);
	return EFFECT_DRAW;
}

/* ---- search: any text of an attempt's line as `dport capture` prints it ---- */

static bool has_text(const struct model *m, size_t i, struct text needle)
{
	struct capture_words words = wire_capture_words(m);
	struct str line = {0};
	bool has;

	capture_text_line(&line, wire_at(&m->wire, i), &words);
	has = text_contains_nocase(text_of_str(&line), needle);
	str_release(&line);
	return has;
}

/* From row `from` on, going by direction, around the end. False: no row has it. */
static bool find(struct model *m, size_t from, int direction)
{
	struct wire_shown *w = &m->wire;
	struct text needle = text_of_str(&w->search);
	size_t n = wire_n(w);

	for (size_t i = 0; i < n && needle.len; i++) {
		size_t row = direction > 0 ? (from + i) % n : (from + n - i) % n;

		if (!has_text(m, row, needle))
			continue;
		select_row(w, row);
		return true;
	}
	return false;
}

static void say_not_found(struct model *m)
{
	if (m->wire.search.len)
		model_say(m, ROLE_WARN, "no attempt has \"%s\"", str_text(&m->wire.search));
}

static unsigned step(struct model *m, int direction)
{
	size_t n = wire_n(&m->wire), from = wire_selected(&m->wire);

	if (!m->wire.search.len)
		model_say(m, ROLE_NOTICE, "nothing to search for yet: %.*s starts a search",
			  KEY_ARGS(ACTION_SEARCH));
	else if (!n || !find(m, (from + (direction > 0 ? 1 : n - 1)) % n, direction))
		say_not_found(m);
	return EFFECT_DRAW;
}

static void set(struct str *s, const char *text)
{
	str_reset(s);
	str_puts(s, text);
}

static unsigned open_search(struct model *m)
{
	struct wire_shown *w = &m->wire;

	w->is_open = false;
	str_reset(&m->field_error);
	set(&w->search_before, str_text(&w->search));
	w->search_from = wire_selected(w);
	field_open(&m->field, FIELD_SEARCH, "");
	return EFFECT_DRAW;
}

/* Upwards: the newest are at the bottom. */
static void search(struct model *m, const char *text)
{
	set(&m->wire.search, text);
	find(m, m->wire.search_from < wire_n(&m->wire) ? m->wire.search_from : 0, -1);
}

unsigned wire_typed(struct model *m, int input)
{
	struct wire_shown *w = &m->wire;

	switch (field_input(&m->field, input)) {
	case FIELD_NOTHING:
		break;
	case FIELD_CHANGED:
		search(m, str_text(&m->field.text));
		break;
	case FIELD_DONE:
		set(&w->search, str_text(&m->field.text));
		field_close(&m->field);
		if (!find(m, wire_selected(w), -1))
			say_not_found(m);
		break;
	case FIELD_CANCELLED:
		set(&w->search, str_text(&w->search_before));
		select_row(w, w->search_from);
		field_close(&m->field);
		break;
	}
	return EFFECT_DRAW;
}

/* ---- copying ---- */

static void copy_lines(struct model *m)
{
	struct lines lines = LINES_EMPTY;

	wire_attempt_lines(m, &lines, INT16_MAX);
	for (size_t i = 0; i < lines.lines.n; i++) {
		const struct line *line = vec_at(&lines.lines, i);

		str_append(&m->copy, str_text(&lines.text) + line->at, line->len);
		str_putc(&m->copy, '\n');
	}
	lines_release(&lines);
}

static unsigned copy(struct model *m)
{
	struct capture_words words = wire_capture_words(m);

	str_reset(&m->copy);
	if (!wire_n(&m->wire)) {
		model_say(m, ROLE_NOTICE, "there is no attempt to copy yet");
		return EFFECT_DRAW;
	}
	if (m->wire.is_open) {
		copy_lines(m);
		return EFFECT_COPY;
	}
	capture_text_line(&m->copy, wire_at(&m->wire, wire_selected(&m->wire)), &words);
	str_truncate(&m->copy, m->copy.len ? m->copy.len - 1 : 0);
	return EFFECT_COPY;
}

/* ---- the capture and its file ---- */

static unsigned save(struct model *m)
{
	struct wire_shown *w = &m->wire;
	struct text host =
		m->snapshot && m->snapshot->host ? m->snapshot->host->hostname : TEXT_NONE;

	if (m->around.replay) {
		model_say(m, ROLE_NOTICE, "there are no packets in a recording to save");
		return EFFECT_DRAW;
	}
	if (w->phase == WIRE_ENDED && w->end == WIRE_END_NO_RIGHT) {
		model_say(m, ROLE_NOTICE, "nothing to save: packets cannot be seen");
		return EFFECT_DRAW;
	}
	if (wire_saving(w))
		w->wanted_name[0] = '\0';
	else
		wire_name_file(w, host, m->wall_ns);
	return EFFECT_WIRE | EFFECT_DRAW;
}

static unsigned begin_anew(struct model *m)
{
	if (wire_saving(&m->wire)) {
		model_say(m, ROLE_NOTICE, "packets are being saved: %.*s ends that first",
			  KEY_ARGS(ACTION_SAVE));
		return EFFECT_DRAW;
	}
	m->wire.wanted_name[0] = '\0';
	return EFFECT_WIRE | EFFECT_DRAW;
}

unsigned wire_act(struct model *m, enum action a)
{
	if (move(m, a))
		return EFFECT_DRAW;
	switch ((int)a) {
	case ACTION_ATTEMPT:
		return open_attempt(m);
	case ACTION_BACK:
		return back(m);
	case ACTION_SEARCH:
		return open_search(m);
	case ACTION_NEXT:
		return step(m, 1);
	case ACTION_PREVIOUS:
		return step(m, -1);
	case ACTION_COPY:
		return copy(m);
	case ACTION_SAVE:
		return save(m);
	case ACTION_ANEW:
		return begin_anew(m);
	}
	return 0;
}
