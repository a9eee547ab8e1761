/*
 * How many attempts the screen Wire has told of, over all captures that it began: what it
 * shows goes on where one capture takes the place of another. Pure.
 */
#ifndef TUI_WIRE_COUNT_H
#define TUI_WIRE_COUNT_H

#include "core/report/capture.h"

struct wire_count {
	uint64_t n_outcomes[N_OUTCOMES]; /* of the rows, with those that made room */
	struct capture_state before;     /* of the captures that are over, added up */
	int64_t since_wall_ns;           /* the first one saw packets since; 0: not yet */
	bool has_gap;                    /* for some time since then none saw any */
};

/* An attempt became a row, or the row `before` (NULL: none) became this. */
void wire_count_row(struct wire_count *c, const struct attempt *before,
		    const struct attempt *now);
/* The capture of this state makes room for the next one; `runs`: it saw packets until now.
 * What it had not decided is left to the next one. */
void wire_count_next(struct wire_count *c, const struct capture_state *over, bool runs);
/*
 * All of it, with the capture that runs. Attempts are those of the rows; where some came
 * too fast to be told (n_not_told) and has_others, those that the captures counted.
 */
struct capture_state wire_count_all(const struct wire_count *c,
				    const struct capture_state *runs, bool has_others);

#endif
