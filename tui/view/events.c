/*
 * The screen Events: what happened while it was watched, one line each, the newest at the
 * bottom, in sight until the user moves; of the selected one the whole sentence. What
 * happened, core/snapshot/events.h tells.
 */
#include <stdint.h>

#include "core/base/time.h"
#include "core/report/events.h"
#include "tui/chrome.h"
#include "tui/find.h"
#include "tui/page.h"
#include "tui/roll.h"
#include "tui/view.h"
#include "tui/view/event_words.h"

enum {
	MARGIN = 2,
	CLOCK_WIDTH = 9, /* "14:32:07" and a gap */
	KIND_WIDTH = 13, /* "✖ netns gone" and a gap */
	WHOLE_LINES = 2, /* of the selected one */
	SYMBOL_WIDTH = 2,
	WIDE_FROM = 60, /* below, a kind is its symbol: the sentence says the rest */
};

static const struct event *event_in(const struct vec *list, size_t i)
{
	return *(const struct event *const *)vec_at(list, i);
}

/* ---- rows ---- */

static void draw_row(struct frame *f, int y, const struct model *m, const struct event *e)
{
	int kind_width = f->width < WIDE_FROM ? SYMBOL_WIDTH : KIND_WIDTH;
	enum role role = event_role(e->kind);
	char clock[TIME_TEXT_MAX];
	struct str text = {0};
	int x = MARGIN;

	time_clock(e->newest.wall_ns, m->is_utc, clock);
	frame_put(f, x, y, CLOCK_WIDTH - 1, ROLE_DIM, text_of(clock));
	x += CLOCK_WIDTH;
	event_put_kind(&text, e->kind, m->is_ascii);
	frame_put(f, x, y, kind_width - 1, role, text_of_str(&text));
	x += kind_width;
	str_reset(&text);
	event_write(e, model_text_mode(m), &text);
	frame_text(f, x, y, f->width - x - 1, ROLE_NORMAL, text_of_str(&text));
	frame_mark(f, 0, y, f->width, text_of_str(&m->events.search));
	str_release(&text);
}

static void add(struct lines *lines, int width, enum role role, const char *text)
{
	struct line_style style = {.width = width, .indent = MARGIN, .role = role};

	lines_add(lines, &style, "", text);
}

/* Why there is no line. */
static void add_empty(const struct model *m, struct lines *lines, int width)
{
	const struct events_shown *s = &m->events;
	struct str text = {0};

	if (events_n(s->log) && s->is_chosen) {
		str_printf(&text, "no event of the group %s: %.*s shows others",
			   event_group_word(s->group), KEY_ARGS(ACTION_FILTER));
		add(lines, width, ROLE_NORMAL, str_text(&text));
	} else if (!m->snapshot) {
		add(lines, width, ROLE_NORMAL, "nothing was read yet");
	} else {
		add(lines, width, ROLE_NORMAL,
		    "Nothing happened since dport watches. Told of is: listeners that come,"
		    " go or are restarted, full queues, clients that get no answer, rules"
		    " that change, sources that are lost.");
	}
	str_release(&text);
}

static void draw_lines(struct frame *f, int y, int height, const struct lines *lines)
{
	for (int i = 0; i < height && (size_t)i < lines->lines.n; i++)
		lines_draw(lines, (size_t)i, f, 0, y + i, f->width);
}

static void draw_empty(struct frame *f, int y, int height, const struct model *m)
{
	struct lines lines = LINES_EMPTY;

	add_empty(m, &lines, f->width - 1);
	draw_lines(f, y, height, &lines);
	lines_release(&lines);
}

static void draw_rows(struct frame *f, int y, int height, struct model *m,
		      const struct vec *list)
{
	struct events_shown *s = &m->events;
	size_t selected = events_shown_selected(s, list);
	struct roll roll = {.top = s->top};

	roll_show(&roll, selected, selected + 1, height, list->n);
	s->top = roll.top;
	for (int i = 0; i < height && s->top + (size_t)i < list->n; i++) {
		draw_row(f, y + i, m, event_in(list, s->top + (size_t)i));
		if (s->top + (size_t)i == selected)
			page_pointer(f, y + i, m);
	}
	if (!list->n)
		draw_empty(f, y, height, m);
}

/* ---- around them ---- */

/* What is shown of them, where the header of other screens has the host. */
static void draw_title(struct frame *f, const struct model *m, size_t n)
{
	const struct events_shown *s = &m->events;
	struct str text = {0}, clock = {0};
	char now[TIME_TEXT_MAX];
	int x;

	if (m->wall_ns)
		str_puts(&clock, time_clock(m->wall_ns, m->is_utc, now));
	x = f->width - 1 - (int)text_width(text_of_str(&clock));
	frame_put(f, x, 0, f->width - x, ROLE_HEADER, text_of_str(&clock));
	if (n)
		chrome_count(&text, n, "event", "events");
	else
		str_puts(&text, "no event");
	if (s->is_chosen)
		str_printf(&text, " of the group %s", event_group_word(s->group));
	if (f->width >= WIDE_FROM && n && s->selected)
		str_printf(&text, ", %.*s follows the newest", KEY_ARGS(ACTION_LAST));
	else if (f->width >= WIDE_FROM && n)
		str_puts(&text, ", the newest below");
	frame_text(f, 1, 0, x - 3, ROLE_TITLE, text_of_str(&text));
	str_release(&text);
	str_release(&clock);
}

/* The selected one, whole: first its day, then the sentence. */
static void draw_whole(struct frame *f, int y, const struct model *m, const struct event *e)
{
	struct line_style style = {.width = f->width - 1, .indent = 1};
	struct lines lines = LINES_EMPTY;
	struct str text = {0};

	if (f->width < WIDE_FROM)
		event_write(e, model_text_mode(m), &text);
	else
		event_line(&text, e, model_text_mode(m));
	lines_add(&lines, &style, "", str_text(&text));
	draw_lines(f, y, WHOLE_LINES, &lines);
	lines_release(&lines);
	str_release(&text);
}

static void put_range(const struct model *m, int height, size_t n, struct str *out)
{
	const struct events_shown *s = &m->events;
	size_t end = s->top + (size_t)height;

	if (s->search.len) {
		str_puts(out, "search ");
		text_show(out, text_of_str(&s->search), model_text_mode(m));
		str_puts(out, "  ");
	}
	if (n > (size_t)height)
		str_printf(out, "%zu-%zu of %zu", s->top + 1, end < n ? end : n, n);
}

static void draw_list(struct frame *f, struct model *m, const struct vec *list)
{
	int foot = PAGE_FOOT + (list->n ? WHOLE_LINES : 0);
	int height = f->height - PAGE_HEAD - foot;
	struct str range = {0};

	m->page = height;
	draw_title(f, m, list->n);
	chrome_rule(f, 1, m, WHERE_EVENTS);
	draw_rows(f, PAGE_HEAD, height, m, list);
	put_range(m, height, list->n, &range);
	chrome_message(f, f->height - foot, m, str_text(&range));
	if (list->n)
		draw_whole(f, f->height - foot + 1, m,
			   event_in(list, events_shown_selected(&m->events, list)));
	chrome_footer(f, f->height - 1, m, WHERE_EVENTS);
	str_release(&range);
}

static void draw(struct frame *f, struct model *m)
{
	struct vec list = VEC_OF(const struct event *);

	events_shown_list(&m->events, &list);
	draw_list(f, m, &list);
	vec_release(&list);
}

/* ---- keys ---- */

static bool has_text(const struct model *m, const struct event *e, struct text needle)
{
	struct str line = {0};
	bool has;

	str_printf(&line, "%s ", event_kind_word(e->kind));
	event_write(e, model_text_mode(m), &line);
	has = text_contains_nocase(text_of_str(&line), needle);
	str_release(&line);
	return has;
}

/* From place `from` on, going by direction, around the end. False: no line has it. */
static bool find(struct model *m, const struct vec *list, size_t from, int direction)
{
	struct text needle = text_of_str(&m->events.search);
	size_t n = list->n;

	for (size_t i = 0; i < n && needle.len; i++) {
		size_t at = direction > 0 ? (from + i) % n : (from + n - i) % n;

		if (!has_text(m, event_in(list, at), needle))
			continue;
		events_shown_stay(&m->events, list, at);
		return true;
	}
	return false;
}

static void set(struct str *s, const char *text)
{
	str_reset(s);
	str_puts(s, text);
}

static unsigned open_search(struct model *m)
{
	struct events_shown *s = &m->events;

	str_reset(&m->field_error);
	set(&s->search_before, str_text(&s->search));
	s->search_from = s->selected;
	field_open(&m->field, FIELD_SEARCH, "");
	return EFFECT_DRAW;
}

/* Upwards from where it began: the newest are at the bottom. */
static void search(struct model *m, const struct vec *list, const char *text)
{
	set(&m->events.search, text);
	m->events.selected = m->events.search_from;
	if (!find(m, list, events_shown_selected(&m->events, list), -1) && text[0])
		m->events.selected = m->events.search_from;
}

static void say_not_found(struct model *m)
{
	model_say(m, ROLE_NOTICE, "no event has \"%s\"", str_text(&m->events.search));
}

static void type(struct model *m, const struct vec *list, enum field_event event)
{
	struct events_shown *s = &m->events;

	switch (event) {
	case FIELD_NOTHING:
		break;
	case FIELD_CHANGED:
		search(m, list, str_text(&m->field.text));
		break;
	case FIELD_DONE:
		search(m, list, str_text(&m->field.text));
		field_close(&m->field);
		if (s->search.len && !find(m, list, events_shown_selected(s, list), -1))
			say_not_found(m);
		break;
	case FIELD_CANCELLED:
		set(&s->search, str_text(&s->search_before));
		s->selected = s->search_from;
		field_close(&m->field);
		break;
	}
}

static unsigned typed(struct model *m, int input)
{
	struct vec list = VEC_OF(const struct event *);

	events_shown_list(&m->events, &list);
	type(m, &list, field_input(&m->field, input));
	vec_release(&list);
	return EFFECT_DRAW;
}

static unsigned step(struct model *m, const struct vec *list, int direction)
{
	size_t n = list->n, from = events_shown_selected(&m->events, list);

	if (!m->events.search.len)
		model_say(m, ROLE_NOTICE, "nothing to search for yet: %.*s starts a search",
			  KEY_ARGS(ACTION_SEARCH));
	else if (!n || !find(m, list, (from + (direction > 0 ? 1 : n - 1)) % n, direction))
		say_not_found(m);
	return EFFECT_DRAW;
}

/* One thing at a time: the search, the group, then to the newest. */
static unsigned back(struct model *m)
{
	struct events_shown *s = &m->events;

	if (s->search.len)
		str_reset(&s->search);
	else if (s->is_chosen)
		s->is_chosen = false;
	else
		return 0;
	return EFFECT_DRAW;
}

static unsigned choose(struct model *m)
{
	struct events_shown *s = &m->events;

	events_shown_next_group(s);
	if (s->is_chosen)
		model_say(m, ROLE_NOTICE, "only %s: %s", event_group_word(s->group),
			  event_group_help(s->group));
	else
		model_say(m, ROLE_NOTICE, "all events");
	return EFFECT_DRAW;
}

static unsigned copy(struct model *m)
{
	const struct event *e = events_shown_at(&m->events);

	str_reset(&m->copy);
	if (!e) {
		model_say(m, ROLE_NOTICE, "there is no event to copy yet");
		return EFFECT_DRAW;
	}
	event_line(&m->copy, e, model_text_mode(m));
	return EFFECT_COPY;
}

static unsigned move(struct model *m, enum action a, const struct vec *list)
{
	struct roll roll = {.selected = events_shown_selected(&m->events, list)};

	if (!roll_choose(&roll, a, m->page, list->n))
		return 0;
	events_shown_select(&m->events, list, roll.selected);
	return EFFECT_DRAW;
}

static unsigned act(struct model *m, enum action a)
{
	struct vec list = VEC_OF(const struct event *);
	unsigned effects;

	events_shown_list(&m->events, &list);
	if (a == ACTION_SEARCH)
		effects = open_search(m);
	else if (a == ACTION_NEXT || a == ACTION_PREVIOUS)
		effects = step(m, &list, a == ACTION_NEXT ? 1 : -1);
	else if (a == ACTION_FILTER)
		effects = choose(m);
	else if (a == ACTION_COPY)
		effects = copy(m);
	else if (a == ACTION_BACK)
		effects = back(m);
	else
		effects = move(m, a, &list);
	vec_release(&list);
	return effects;
}

const struct view view_events = {
	.name = "events",
	.where = WHERE_EVENTS,
	.draw = draw,
	.act = act,
	.typed = typed,
};
