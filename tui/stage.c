/* Frames in time. Decides nothing about what is on them. */
#include "tui/stage.h"

#include <errno.h>

#include "core/base/time.h"
#include "tui/terminal/clipboard.h"

#define FRAME_NS      (33 * NS_PER_MS)
#define SLOW_FRAME_NS (500 * NS_PER_MS) /* to a terminal that does not keep up */

int stage_open(struct stage *s, struct console *c, enum theme theme,
	       char error[TERM_ERROR_MAX])
{
	struct display *display = term_open(theme, error);

	*s = (struct stage){.console = c, .display = display, .is_dirty = true};
	return display ? 0 : -EIO;
}

void stage_close(struct stage *s)
{
	term_close(s->display);
	s->display = NULL;
	frame_release(&s->frame);
}

static bool fit(struct stage *s)
{
	int width, height;

	term_size(s->display, &width, &height);
	if (s->frame.width == width && s->frame.height == height)
		return true;
	return frame_resize(&s->frame, width, height) == 0;
}

/* r: what term.h's functions return. */
static void note_result(struct stage *s, int r, int64_t now_ns)
{
	s->is_gone = s->is_gone || r < 0;
	s->is_blocked = r > 0;
	if (r > 0)
		s->frame_at_ns = now_ns + SLOW_FRAME_NS;
}

static void take_again(struct stage *s)
{
	if (!s->is_away || !s->is_resumed || !term_is_foreground(s->display))
		return;
	s->is_away = false;
	s->is_dirty = true;
	term_enter(s->display);
}

void stage_draw(struct stage *s, int64_t now_ns)
{
	take_again(s);
	if (!s->is_dirty || s->is_blocked || s->is_away || now_ns < s->frame_at_ns)
		return;
	if (!fit(s))
		return;
	console_draw(s->console, &s->frame);
	s->is_dirty = false;
	s->frame_at_ns = now_ns + FRAME_NS;
	note_result(s, term_draw(s->display, &s->frame), now_ns);
}

int64_t stage_next_ns(const struct stage *s, int64_t now_ns)
{
	if (s->is_away) /* is the terminal ours again? */
		return s->is_resumed ? now_ns + NS_PER_S : INT64_MAX;
	return s->is_dirty && !s->is_blocked ? s->frame_at_ns : INT64_MAX;
}

void stage_writable(struct stage *s)
{
	int r = term_flush(s->display);

	s->is_gone = s->is_gone || r < 0;
	s->is_blocked = r > 0;
}

void stage_leave(struct stage *s)
{
	if (s->is_away)
		return;
	s->is_away = true;
	s->is_resumed = false;
	term_leave(s->display);
}

void stage_return(struct stage *s)
{
	s->is_resumed = true;
	take_again(s);
}

void stage_copy(struct stage *s, bool in_screen)
{
	struct model *m = &s->console->model;
	struct text text = {str_text(&m->copy), m->copy.len};
	struct str bytes = {0};

	s->is_dirty = true;
	if (clipboard_bytes(&bytes, text, in_screen)) {
		model_say(m, ROLE_WARN, "too long for a terminal's clipboard");
	} else {
		note_result(s, term_send(s->display, bytes.data, bytes.len), m->now_ns);
		model_say(m, ROLE_NOTICE,
			  "sent to the terminal's clipboard; some terminals ignore it");
	}
	str_release(&bytes);
}
