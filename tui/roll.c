/* Movements through lines. Knows no screen. */
#include "tui/roll.h"

#include <limits.h>

/* By how many lines; 0: it is no movement. */
static long way(enum action a, int page)
{
	static const struct {
		enum action action;
		int lines, pages;
	} moves[] = {
		{ACTION_UP, -1, 0},         {ACTION_DOWN, 1, 0},
		{ACTION_PAGE_UP, 0, -1},    {ACTION_PAGE_DOWN, 0, 1},
		{ACTION_FIRST, INT_MIN, 0}, {ACTION_LAST, INT_MAX, 0},
	};

	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		if (moves[i].action == a)
			return moves[i].lines +
			       (long)moves[i].pages * (page > 0 ? page : 1);
	return 0;
}

static size_t moved(size_t at, long n)
{
	size_t back = n < 0 ? (size_t)-n : 0;

	if (n >= 0)
		return at + (size_t)n;
	return back < at ? at - back : 0;
}

bool roll_scroll(struct roll *r, enum action a, int page)
{
	long n = way(a, page);

	r->top = moved(r->top, n);
	return n != 0;
}

bool roll_choose(struct roll *r, enum action a, int page, size_t n_lines)
{
	long n = way(a, page);

	r->selected = moved(r->selected, n);
	if (r->selected >= n_lines)
		r->selected = n_lines ? n_lines - 1 : 0;
	return n != 0;
}

void roll_show(struct roll *r, size_t first, size_t end, int page, size_t n)
{
	size_t height = page > 0 ? (size_t)page : 1;
	size_t last_top = n > height ? n - height : 0;

	if (end > r->top + height)
		r->top = end - height;
	if (first < r->top)
		r->top = first;
	if (r->top > last_top)
		r->top = last_top;
}
