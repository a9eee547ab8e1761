/*
 * The screen Guide: why clients do not reach a port. Five steps, then the cause and what to
 * do. Asks nothing of the host: what it shows is model.guide.
 */
#include <stdint.h>

#include "core/report/diagnose.h"
#include "tui/chrome.h"
#include "tui/page.h"
#include "tui/view.h"
#include "tui/view/guide/guide_lines.h"
#include "tui/view/guide/guide_title.h"
#include "tui/view/guide/guide_words.h"

enum { HEAD = 2, FOOT = 2 };

static void fill(struct model *m, int width, bool is_brief, struct lines *out)
{
	struct guide_page page = {.m = m,
				  .lines = out,
				  .width = width,
				  .next_line = &m->guide.next_line,
				  .is_brief = is_brief};

	m->guide.next_line = 0;
	lines_release(out);
	*out = LINES_EMPTY;
	guide_lines(&page, m->guide.step_line);
}

/* The selected step, and as much of its evidence as there is room for. */
static void keep_in_sight(struct guide *g, size_t last_top, int height)
{
	size_t first = g->step_line[g->step];
	size_t end = g->step + 1 < N_STEPS ? g->step_line[g->step + 1] : first + 1;

	if (g->wants_in_sight && end > g->top + (size_t)height)
		g->top = end - (size_t)height;
	if (g->wants_in_sight && first < g->top)
		g->top = first;
	g->wants_in_sight = false;
	if (g->top > last_top)
		g->top = last_top;
}

static void draw_body(struct frame *f, const struct model *m, const struct lines *lines,
		      int height)
{
	const struct guide *g = &m->guide;

	for (int y = 0; y < height && g->top + (size_t)y < lines->lines.n; y++) {
		size_t i = g->top + (size_t)y;

		lines_draw(lines, i, f, 0, HEAD + y, f->width);
		if (i == g->step_line[g->step])
			page_pointer(f, HEAD + y, m);
	}
}

static void draw(struct frame *f, struct model *m)
{
	struct lines lines = LINES_EMPTY;
	struct str range = {0};
	struct guide *g = &m->guide;
	int height = f->height - HEAD - FOOT;
	size_t n, end, last_top;

	fill(m, f->width - 1, false, &lines);
	if (lines.lines.n > (size_t)height)
		fill(m, f->width - 1, true, &lines);
	n = lines.lines.n;
	last_top = lines_last_top(&lines, height);
	m->page = height;
	keep_in_sight(g, last_top, height);
	guide_draw_title(f, m);
	chrome_rule(f, 1, m, WHERE_GUIDE);
	draw_body(f, m, &lines, height);
	end = g->top + (size_t)height;
	if (last_top)
		str_printf(&range, "%zu-%zu of %zu", g->top + 1, end < n ? end : n, n);
	chrome_message(f, f->height - FOOT, m, str_text(&range));
	chrome_footer(f, f->height - 1, m, WHERE_GUIDE);
	str_release(&range);
	lines_release(&lines);
}

/* ---- actions ---- */

static unsigned select_step(struct model *m, enum step_id s)
{
	m->guide.step = s;
	m->guide.has_moved = m->guide.wants_in_sight = true;
	return EFFECT_DRAW;
}

static unsigned unfold(struct model *m, bool is_open)
{
	m->guide.is_unfolded[m->guide.step] = is_open;
	return select_step(m, m->guide.step);
}

static unsigned scroll(struct model *m, long n)
{
	m->guide.has_moved = true;
	lines_scroll(&m->guide.top, n);
	return EFFECT_DRAW;
}

/* Through the steps, then through what stands under them. */
static unsigned down(struct model *m)
{
	enum step_id s = m->guide.step;

	return s + 1 < N_STEPS ? select_step(m, s + 1) : scroll(m, 1);
}

static unsigned up(struct model *m)
{
	struct guide *g = &m->guide;

	if (g->top > g->step_line[g->step] || (g->top && g->step + 1 == N_STEPS))
		return scroll(m, -1);
	return g->step ? select_step(m, g->step - 1) : EFFECT_DRAW;
}

static unsigned page_up(struct model *m)
{
	return scroll(m, -m->page);
}

static unsigned page_down(struct model *m)
{
	return scroll(m, m->page);
}

static unsigned first(struct model *m)
{
	m->guide.top = 0;
	return select_step(m, STEP_CLIENT);
}

static unsigned last(struct model *m)
{
	m->guide.top = INT32_MAX; /* drawing brings it to the last page */
	m->guide.has_moved = true;
	return EFFECT_DRAW;
}

/* What to do stands there; the next best step is to see whether it helped. */
static unsigned at_end(struct model *m)
{
	unsigned effects = last(m);

	if (m->guide.is_running)
		return effects;
	if (m->guide.next_line)
		m->guide.top = m->guide.next_line;
	m->guide.is_at_end = true;
	model_say(m, ROLE_NOTICE, "that was all; Enter looks again: before and now");
	return effects;
}

static unsigned look_again(struct model *m)
{
	guide_remember(&m->guide);
	return EFFECT_DIAGNOSE | EFFECT_DRAW;
}

/* Deeper into the step; from an open one to the next; behind the last to what to do. */
static unsigned step_next(struct model *m)
{
	struct guide *g = &m->guide;

	if (g->is_at_end)
		return look_again(m);
	if (!g->is_unfolded[g->step])
		return unfold(m, true);
	g->is_unfolded[g->step] = false;
	if (g->step + 1 == N_STEPS)
		return at_end(m);
	g->step++;
	return unfold(m, true);
}

static unsigned go_to_step(struct model *m)
{
	int s = m->input - '1';

	if (s < 0 || s >= N_STEPS)
		return 0;
	m->guide.step = (enum step_id)s;
	return unfold(m, true);
}

static unsigned why(struct model *m)
{
	return unfold(m, !m->guide.is_unfolded[m->guide.step]);
}

static unsigned open_step(struct model *m)
{
	return unfold(m, true);
}

static unsigned close_step(struct model *m)
{
	return unfold(m, false);
}

/* 0: nothing is open, the Guide itself may go. */
static unsigned leave(struct model *m)
{
	unsigned effects = 0;

	for (int s = 0; s < N_STEPS; s++) {
		if (m->guide.is_unfolded[s])
			effects = EFFECT_DRAW;
		m->guide.is_unfolded[s] = false;
	}
	return effects;
}

static unsigned copy(struct model *m)
{
	const struct guide *g = &m->guide;

	str_reset(&m->copy);
	if (!g->result) {
		model_say(m, ROLE_NOTICE, "nothing to copy yet");
		return EFFECT_DRAW;
	}
	return diagnose_text(&m->copy, g->result, model_text_mode(m)) ? 0 : EFFECT_COPY;
}

static unsigned (*const acts[N_ACTIONS])(struct model *m) = {
	[ACTION_UP] = up,           [ACTION_DOWN] = down,
	[ACTION_PAGE_UP] = page_up, [ACTION_PAGE_DOWN] = page_down,
	[ACTION_FIRST] = first,     [ACTION_LAST] = last,
	[ACTION_LEFT] = close_step, [ACTION_RIGHT] = open_step,
	[ACTION_STEP] = go_to_step, [ACTION_STEP_NEXT] = step_next,
	[ACTION_WHY] = why,         [ACTION_COPY] = copy,
	[ACTION_BACK] = leave,
};

static unsigned act(struct model *m, enum action a)
{
	if (a != ACTION_STEP_NEXT)
		m->guide.is_at_end = false;
	return acts[a] ? acts[a](m) : 0;
}

const struct view view_guide = {
	.name = "guide",
	.where = WHERE_GUIDE,
	.draw = draw,
	.act = act,
};
