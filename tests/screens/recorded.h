/* The snapshot that a recording ends with: the whole way from a file to a screen, without a
 * host. */
#ifndef TESTS_SCREENS_RECORDED_H
#define TESTS_SCREENS_RECORDED_H

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/host/tape/record.h"
#include "core/snapshot/refresh.h"
#include "tests/screens/fixture.h"

/* tests/fixtures/zoo.tar as `dport --replay` has it at first. */
static UNUSED struct snapshot *recorded(void)
{
	struct refresh_options options = {.once = true};
	struct refresh *r = refresh_new(&options);
	char error[256];
	int fd = open("tests/fixtures/zoo.tar", O_RDONLY);
	struct recording *rec = fd < 0 ? NULL : recording_open(fd, error);
	struct channel *c = rec ? channel_replay_take(rec, -1) : NULL;
	struct snapshot *s;
	struct blob b;

	if (!r || !c)
		abort();
	close(fd);
	while (!refresh_is_settled(r)) {
		if (refresh_ask(r, c, NS_PER_S))
			abort();
		while (channel_receive(c, &b) == CHANNEL_BLOB)
			refresh_blob(r, &b, NS_PER_S);
	}
	s = refresh_snapshot(r);
	refresh_free(r);
	channel_free(c);
	return s;
}

#endif
