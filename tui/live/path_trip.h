/*
 * Packets' ways with everything that they are made from: the questions of all are asked at
 * once, until no walk needs more, then each is followed into the namespace of this host
 * that it reaches. Never waits: who drives it feeds it what comes. Prints nothing.
 */
#ifndef TUI_PATH_TRIP_H
#define TUI_PATH_TRIP_H

#include "core/host/broker/channel.h"
#include "core/report/path_page.h"
#include "tui/live/path_pool.h"

struct path_trips;
/*
 * One trip for each packet, from that namespace of the picture on, which ref means. Takes a
 * reference of the picture; the pool is borrowed. NULL: no memory.
 */
struct path_trips *path_trips_new(struct path_pool *pool, const struct netns_ref *ref,
				  struct snapshot *snapshot, const struct space *space,
				  const struct path_ask *asks, size_t n);
void path_trips_free(struct path_trips *t);
/*
 * Sends what waits, and walks what can be walked. 1: something was walked, 0, or -errno:
 * the channel's, -ENOMEM. now_ns: monotonic; a question that is not answered in 40 s is
 * gone on without.
 */
int path_trips_turn(struct path_trips *t, struct channel *c, int64_t now_ns);
/* When path_trips_turn() is due without news; INT64_MAX: never. */
int64_t path_trips_due_ns(const struct path_trips *t);
/* All have come to their end. */
bool path_trips_are_done(const struct path_trips *t);
/* What is asked of now; NULL: nothing. */
struct inquiry *path_trips_inquiry(const struct path_trips *t);
/* Of packet i; borrowed. Its picture and tables are the trips' and the pool's. */
const struct path_page *path_trips_page(const struct path_trips *t, size_t i);
/* Appends a line, "nf_tables: CAP_NET_ADMIN would be ...\n", for each thing that could not
 * be read, if the way is not known for want of it. */
void path_put_missing(struct str *out, const struct path_page *p);

#endif
