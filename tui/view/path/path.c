/*
 * The screen Path: the way of one packet through this host and of its reply back, place by
 * place; the rules of the one that decides; a field for another packet. What it shows was
 * walked by core/path.
 */
#include "tui/chrome.h"
#include "tui/page.h"
#include "tui/state/path_field.h"
#include "tui/view.h"
#include "tui/view/path/path_body.h"

/* Of the chosen place that are brought in sight: its boxes and the first rules, so that the
 * verdict stays where it can. */
enum { FOCUS_LINES = BOX_ROWS + 5 };

static void put_range(struct str *out, size_t top, int height, size_t n)
{
	size_t end = top + (size_t)height;

	if (n > (size_t)height)
		str_printf(out, "%zu-%zu of %zu", top + 1, end < n ? end : n, n);
}

/* What is seen begins at roll.top, brought back to the last page. */
static void scroll_to_focus(struct path_shown *s, const struct path_body *b, int height)
{
	size_t n = b->slots.n, last = n > (size_t)height ? n - (size_t)height : 0;
	size_t enough = b->focus + FOCUS_LINES;

	if (s->roll.top > last)
		s->roll.top = last;
	if (s->wants_in_sight && s->page)
		roll_show(&s->roll, b->focus, b->focus_end < enough ? b->focus_end : enough,
			  height, n);
	s->wants_in_sight = false;
}

static void draw(struct frame *f, struct model *m)
{
	int height = page_height(f);
	struct path_body body;
	struct str range = {0};

	path_body_fill(&body, m, f->width - 1);
	m->page = height;
	scroll_to_focus(&m->path, &body, height);
	chrome_header(f, 0, m);
	chrome_rule(f, 1, m, WHERE_PATH);
	for (int y = 0; y < height && m->path.roll.top + (size_t)y < body.slots.n; y++)
		path_body_draw(&body, m->path.roll.top + (size_t)y, f, PAGE_HEAD + y);
	put_range(&range, m->path.roll.top, height, body.slots.n);
	chrome_message(f, f->height - PAGE_FOOT, m, str_text(&range));
	chrome_footer(f, f->height - 1, m, WHERE_PATH);
	str_release(&range);
	path_body_release(&body);
}

/* ---- what keys do ---- */

static unsigned step(struct model *m, int n)
{
	return path_shown_step(&m->path, n) ? EFFECT_DRAW : 0;
}

/* To the way back, or the way in; where there is none, by a line. */
static unsigned change_lane(struct model *m, enum action a)
{
	if (!path_shown_change_lane(&m->path, a == ACTION_UP ? -1 : 1))
		roll_scroll(&m->path.roll, a, m->page);
	return EFFECT_DRAW;
}

static unsigned widen(struct model *m)
{
	if (!m->path.page)
		return 0;
	m->path.is_wide = !m->path.is_wide;
	m->path.has_moved = m->path.wants_in_sight = true;
	return EFFECT_DRAW;
}

/* 0: nothing is open, the screen itself may go. */
static unsigned leave(struct model *m)
{
	return m->path.is_wide ? widen(m) : 0;
}

static unsigned walk_again(struct model *m)
{
	m->path.is_running = true;
	return EFFECT_PATH | EFFECT_PATH_ANEW | EFFECT_DRAW;
}

static unsigned copy(struct model *m)
{
	str_reset(&m->copy);
	if (!m->path.page) {
		model_say(m, ROLE_NOTICE, "nothing to copy yet");
		return EFFECT_DRAW;
	}
	return path_text(&m->copy, m->path.page, model_text_mode(m)) ? 0 : EFFECT_COPY;
}

static unsigned type_packet(struct model *m)
{
	path_field_open(m);
	return EFFECT_DRAW;
}

static unsigned act(struct model *m, enum action a)
{
	switch ((int)a) {
	case ACTION_UP:
	case ACTION_DOWN:
		return change_lane(m, a);
	case ACTION_PLACE_BEFORE:
		return step(m, -1);
	case ACTION_PLACE_NEXT:
		return step(m, 1);
	case ACTION_PLACE:
		return widen(m);
	case ACTION_PACKET:
		return type_packet(m);
	case ACTION_WALK:
		return walk_again(m);
	case ACTION_COPY:
		return copy(m);
	case ACTION_BACK:
		return leave(m);
	default:
		return roll_scroll(&m->path.roll, a, m->page) ? EFFECT_DRAW : 0;
	}
}

static bool is_waiting(const struct model *m)
{
	return m->path.is_running;
}

const struct view view_path = {
	.name = "path",
	.where = WHERE_PATH,
	.draw = draw,
	.act = act,
	.typed = path_field_input,
	.is_waiting = is_waiting,
};
