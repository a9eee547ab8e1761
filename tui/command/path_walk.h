/* Packets' ways for a command: asked and walked to their end. The walking is path_trip.h.
 */
#ifndef TUI_PATH_WALK_H
#define TUI_PATH_WALK_H

#include "tui/command/looking.h"
#include "tui/live/path_trip.h"

/*
 * Has all that these ways need asked, and waits until they are done. 0, or -errno: no
 * memory, or look->code is set.
 */
int path_walk_trips(struct path_trips *t, struct looking *look);
/* To standard error: what could not be read, if the way is not known for want of it. */
void path_walk_say_missing(const struct path_page *p);

#endif
