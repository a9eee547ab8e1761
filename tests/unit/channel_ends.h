/* A channel and the broker's end of its socket, which the test plays. Include cmocka.h
 * first. */
#ifndef TESTS_UNIT_CHANNEL_ENDS_H
#define TESTS_UNIT_CHANNEL_ENDS_H

#include <errno.h>
#include <poll.h>

#include "core/host/broker/channel.h"
#include "core/host/broker/mailbox.h"
#include "core/host/broker/protocol.h"
#include "tests/unit/recording.h"

static struct channel *channel;
static struct mailbox broker;

static inline void say(enum message_type type, const void *body, size_t len, int fd)
{
	uint8_t head[MESSAGE_HEAD_SIZE];
	struct iovec iov[2] = {{head, sizeof(head)}, {(void *)body, len}};

	message_put_head(head, type, 0);
	assert_int_equal(mailbox_send(&broker, iov, len ? 2 : 1, fd), 0);
}

static inline bool is_readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

#endif
