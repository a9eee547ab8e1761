/* A channel of the console at whose other end the test stands in for the broker. */
#ifndef TESTS_SCREENS_BROKER_END_H
#define TESTS_SCREENS_BROKER_END_H

#include "core/host/broker/channel.h"
#include "core/host/broker/mailbox.h"
#include "tests/screens/golden.h"

static UNUSED struct channel *broker_end_open(int *other_end)
{
	struct channel *c;
	int fds[2];

	assert_int_equal(mailbox_pair(fds), 0);
	c = channel_live_take(fds[0]);
	assert_non_null(c);
	*other_end = fds[1];
	return c;
}

#endif
