/* The pictures of a recording and the line of time. What is in one the host's room knows.
 */
#include "tui/state/tape.h"

#include <string.h>

#include "core/base/time.h"
#include "tui/model.h"

enum { BAR_MIN = 8, BAR_MAX = 60 };

void tape_release(struct tape *t)
{
	vec_release(&t->pictures);
}

static const struct picture *picture(const struct tape *t, size_t i)
{
	return vec_at(&t->pictures, i);
}

/* The picture that is shown: where the user went, else by its clock. */
static size_t shown_at(const struct model *m)
{
	const struct tape *t = &m->tape;
	size_t at = 0;

	if (t->is_standing)
		return t->at;
	while (at + 1 < t->pictures.n && picture(t, at + 1)->wall_ns <= m->wall_ns)
		at++;
	return at;
}

const char *tape_reason(const struct model *m)
{
	if (!m->around.replay)
		return "[ and ] go through a recording that is replayed";
	if (m->tape.pictures.n < 2)
		return "this recording holds one picture of the host";
	return m->guide.is_open ? "a diagnosis has its own moments; Esc to the ports first"
				: NULL;
}

unsigned tape_move(struct model *m, int n)
{
	struct tape *t = &m->tape;
	size_t back = n < 0 ? (size_t)-n : 0;

	if (tape_reason(m))
		return 0;
	if (!t->is_standing)
		t->at = shown_at(m);
	t->has_gone_back = back > 0;
	t->at = back ? (back < t->at ? t->at - back : 0) : t->at + (size_t)n;
	if (t->at >= t->pictures.n)
		t->at = t->pictures.n - 1;
	t->is_standing = true;
	return EFFECT_DRAW | EFFECT_STAND;
}

/* The moments of one cell: is something new, is it where we are? */
static enum symbol symbol_of(const struct tape *t, size_t shown, int cell, int width,
			     enum role *role)
{
	size_t first = (size_t)cell * t->pictures.n / (size_t)width;
	size_t end = (size_t)(cell + 1) * t->pictures.n / (size_t)width;

	end = end > first ? end : first + 1;
	*role = ROLE_RULE;
	if (shown * (size_t)width / t->pictures.n == (size_t)cell) {
		*role = ROLE_KEY;
		return SYMBOL_POINTER;
	}
	for (size_t i = first; i < end && i < t->pictures.n; i++) {
		if (picture(t, i)->has_changed) {
			*role = ROLE_NOTICE;
			return SYMBOL_DOT;
		}
	}
	return SYMBOL_LINE;
}

void tape_draw(struct frame *f, int x, int y, int width, const struct model *m)
{
	const struct tape *t = &m->tape;
	size_t shown = t->pictures.n ? shown_at(m) : 0;
	char clock[TIME_TEXT_MAX];
	struct str place = {0};
	int bar;

	if (t->pictures.n < 2)
		return;
	str_printf(&place, " %zu of %zu, [ ] ", shown + 1, t->pictures.n);
	time_clock(picture(t, shown)->wall_ns, m->is_utc, clock);
	bar = width - (int)strlen(clock) - 2 - (int)place.len;
	bar = bar > BAR_MAX ? BAR_MAX : bar;
	if (bar >= BAR_MIN) {
		frame_put(f, x++, y, 1, ROLE_RULE, text_of(" "));
		x += frame_put(f, x, y, width, ROLE_TITLE, text_of(clock));
		frame_put(f, x++, y, 1, ROLE_RULE, text_of(" "));
		for (int i = 0; i < bar; i++) {
			enum role role;
			enum symbol s = symbol_of(t, shown, i, bar, &role);

			frame_put(f, x++, y, 1, role, text_of(symbol_text(s, f->is_ascii)));
		}
		frame_put(f, x, y, (int)place.len, ROLE_TITLE, text_of_str(&place));
	} else if (width > (int)place.len) {
		frame_put(f, x, y, width, ROLE_TITLE, text_of_str(&place));
	}
	str_release(&place);
}
