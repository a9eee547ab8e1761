/*
 * One packet's way with everything that it is made from: the questions are asked until the
 * walk needs no more, then it is followed into the namespace of this host that it reaches.
 */
#ifndef TUI_PATH_WALK_H
#define TUI_PATH_WALK_H

#include "core/report/path_page.h"
#include "tui/looking.h"

struct path_trip;

/* From that namespace of the picture on, of which the trip takes a reference. NULL: no
 * memory, or look->code is set. */
struct path_trip *path_trip_make(struct looking *look, struct snapshot *snapshot,
				 const struct space *space, const struct path_ask *ask);
void path_trip_free(struct path_trip *t);
/* Borrowed. */
const struct path_page *path_trip_page(const struct path_trip *t);
/* To standard error: what could not be read, if the way is not known for want of it. */
void path_trip_say_missing(const struct path_trip *t);

#endif
