/* The rules of other namespaces that exposure follows a translation into (containers): who
 * is asked, and the worlds that come of it. Finds nothing itself. */
#ifndef TUI_EXPOSURE_INSIDE_H
#define TUI_EXPOSURE_INSIDE_H

#include "core/path/exposure.h"
#include "tui/command/looking.h"

struct exposure_inside {
	struct path_world worlds[EXPOSURE_INSIDE_MAX];
	struct inquiry inquiries[EXPOSURE_INSIDE_MAX];
	size_t n;
};

/* Zeroed before; release in any case. Rules, settings and programs of each namespace that x
 * wants and that was not asked yet, and the sets that it lacks of others: how many those
 * were. Names stay those of the snapshot. */
size_t exposure_inside_ask(struct exposure_inside *i, const struct exposure *x,
			   struct looking *l);
void exposure_inside_release(struct exposure_inside *i);

#endif
