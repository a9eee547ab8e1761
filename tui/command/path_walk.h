/*
 * Packets' ways with everything that they are made from: the questions of all are asked at
 * once, until no walk needs more, then each is followed into the namespace of this host
 * that it reaches.
 */
#ifndef TUI_PATH_WALK_H
#define TUI_PATH_WALK_H

#include "core/report/path_page.h"
#include "tui/command/looking.h"

struct path_trip;
/* What was asked of each namespace, once for all trips. */
struct path_pool;

struct path_pool *path_pool_new(void);       /* NULL: no memory */
void path_pool_free(struct path_pool *pool); /* after the trips */

/*
 * One trip for each packet, from that namespace of the picture on; a trip takes a reference
 * of the picture. trips: room for n. 0, or -errno and there is none: no memory, or
 * look->code is set.
 */
int path_trips_make(struct path_pool *pool, struct looking *look, struct snapshot *snapshot,
		    const struct space *space, const struct path_ask *asks, size_t n,
		    struct path_trip **trips);
void path_trip_free(struct path_trip *t);
/* Borrowed. */
const struct path_page *path_trip_page(const struct path_trip *t);
/* To standard error: what could not be read, if the way is not known for want of it. */
void path_trip_say_missing(const struct path_trip *t);

#endif
