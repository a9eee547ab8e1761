/*
 * The recording that is written from within the console, and the place in the one that is
 * replayed. Pure: live/tape_run.h writes and goes there.
 */
#ifndef TUI_TAPE_H
#define TUI_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/vec.h"
#include "tui/terminal/frame.h"

enum { TAPE_NAME_MAX = 128 };

/* One look at the host. */
struct picture {
	int64_t wall_ns, until_ns; /* it began; the last ns before the next one */
	bool has_changed;          /* its listeners are not as in the one before */
};

struct tape {
	/* Written. */
	char name[TAPE_NAME_MAX];
	bool is_awaited, is_on; /* the file is asked for; it is written to */
	/* Replayed. */
	struct vec pictures; /* struct picture, in their order */
	size_t at;
	bool has_gone_back; /* at the last step: nothing of later moments holds any more */
	bool is_standing; /* the user went to `at`; before that, it plays from its begin */
};

struct model;

void tape_release(struct tape *t);
/* Why there is nothing to go through; NULL: there is. */
const char *tape_reason(const struct model *m);
/* So many pictures on (back: less than 0). Returns effects. */
unsigned tape_move(struct model *m, int n);
/* The line of time, where there is one: "14:32:07 --|----o--- 3 of 12". */
void tape_draw(struct frame *f, int x, int y, int width, const struct model *m);

#endif
