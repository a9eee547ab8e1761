/* Waits for what the ways of packets need. Walks nothing. */
#include "tui/command/path_walk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/host/broker/protocol.h"

int path_walk_trips(struct path_trips *t, struct looking *look)
{
	int got = 0;

	while (got >= 0 && !look->code) {
		got = path_trips_turn(t, look->channel, host_now_ns());
		look->inquiry = path_trips_inquiry(t);
		if (path_trips_are_done(t))
			return got < 0 ? got : 0;
		if (got >= 0)
			looking_turn(look);
	}
	look->inquiry = NULL;
	return got < 0 ? got : -ECANCELED;
}

void path_walk_say_missing(const struct path_page *p)
{
	struct str lines = {0};
	const char *at;

	path_put_missing(&lines, p);
	for (at = str_text(&lines); *at; at += strcspn(at, "\n") + 1)
		fprintf(stderr, "dport: %.*s.\n", (int)strcspn(at, "\n"), at);
	str_release(&lines);
}
