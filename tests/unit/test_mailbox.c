/* Packet sockets that never block: what the other end does not take waits, and comes in
 * order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/host/broker/mailbox.h"
#include "core/host/broker/protocol.h"
#include "tests/unit/open_fds.h"

static struct mailbox here, there;
static unsigned n_fds_before;

static int open_pair(void **state)
{
	int fds[2];

	(void)state;
	n_fds_before = open_fds();
	return mailbox_pair(fds) || mailbox_init_take(&here, fds[0]) ||
	       mailbox_init_take(&there, fds[1]);
}

/* Every test must give back what it took: also descriptors that were passed. */
static int close_pair(void **state)
{
	(void)state;
	mailbox_release(&here);
	mailbox_release(&there);
	return open_fds() == n_fds_before ? 0 : -1;
}

static int send_bytes(const void *bytes, size_t len, int fd)
{
	struct iovec iov[2] = {{(void *)bytes, 1}, {(uint8_t *)bytes + 1, len - 1}};

	return mailbox_send(&here, iov, 2, fd);
}

static void test_packets_come_whole_and_in_order(void **state)
{
	(void)state;
	assert_int_equal(mailbox_receive(&there), 0);
	assert_int_equal(send_bytes("one", 3, -1), 0);
	assert_int_equal(send_bytes("three", 5, -1), 0);
	assert_int_equal(mailbox_receive(&there), 1);
	assert_int_equal(there.packet_len, 3);
	assert_memory_equal(there.packet, "one", 3);
	assert_int_equal(mailbox_receive(&there), 1);
	assert_int_equal(there.packet_len, 5);
	assert_int_equal(mailbox_receive(&there), 0);
}

/* Sends numbered packets of the largest size until one has to wait, and some more. */
static unsigned fill(unsigned n_more)
{
	static uint8_t packet[MESSAGE_MAX];
	unsigned n = 0;

	while (!here.first || n_more--) {
		memcpy(packet, &n, sizeof(n));
		assert_int_equal(send_bytes(packet, sizeof(packet), -1), 0);
		assert_true(++n < 10000);
	}
	return n;
}

static void test_what_the_other_end_does_not_read_waits_here(void **state)
{
	unsigned n = fill(20), got = 0, number;

	(void)state;
	assert_true(here.n_queued > 1 && here.n_queued <= 21);
	assert_int_equal(mailbox_flush(&here), 0);
	while (got < n) {
		assert_int_equal(mailbox_receive(&there), 1);
		memcpy(&number, there.packet, sizeof(number));
		assert_int_equal(number, got);
		assert_int_equal(there.packet_len, MESSAGE_MAX);
		got++;
		assert_int_equal(mailbox_flush(&here), 0);
	}
	assert_null(here.first);
	assert_int_equal(here.n_queued, 0);
	assert_int_equal(mailbox_receive(&there), 0);
}

static void test_waiting_packets_go_with_the_mailbox(void **state)
{
	(void)state;
	fill(3);
	assert_int_equal(send_bytes("fd", 2, open("/dev/null", O_RDONLY)), 0);
	assert_non_null(here.first);
}

static void test_a_descriptor_rides_along(void **state)
{
	int pipe_fds[2];
	char c = 0;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(send_bytes("fd", 2, pipe_fds[1]), 0);
	assert_int_equal(mailbox_receive(&there), 1);
	assert_true(there.passed_fd >= 0);
	assert_true(fcntl(there.passed_fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(there.passed_fd, "x", 1), 1);
	assert_int_equal(read(pipe_fds[0], &c, 1), 1);
	assert_int_equal(c, 'x');
	/* Not taken: closed at the next look, so the pipe has no writer any more. */
	assert_int_equal(mailbox_receive(&there), 0);
	assert_int_equal(there.passed_fd, -1);
	assert_int_equal(read(pipe_fds[0], &c, 1), 0);
	close(pipe_fds[0]);
}

static void test_a_descriptor_that_waits_arrives_too(void **state)
{
	unsigned n = fill(0);

	(void)state;
	assert_int_equal(send_bytes("fd", 2, open("/dev/null", O_RDONLY)), 0);
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(mailbox_receive(&there), 1);
		assert_int_equal(there.passed_fd, -1);
		assert_int_equal(mailbox_flush(&here), 0);
	}
	assert_int_equal(mailbox_receive(&there), 1);
	assert_true(there.passed_fd >= 0);
}

/* The room for one descriptor has room for two: none may stay open unseen. */
static void test_a_second_descriptor_is_closed(void **state)
{
	union {
		char room[CMSG_SPACE(2 * sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct iovec iov = {(void *)"x", 1};
	struct msghdr h = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control.room,
			   .msg_controllen = sizeof(control.room)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);
	int fds[2] = {0, 1};

	(void)state;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(c), fds, sizeof(fds));
	assert_int_equal(sendmsg(here.fd, &h, 0), 1);
	mailbox_receive(&there); /* close_pair() counts */
}

static void test_too_long_a_packet_is_damage(void **state)
{
	static uint8_t packet[MESSAGE_MAX + 1];

	(void)state;
	assert_int_equal(send(here.fd, packet, sizeof(packet), 0), sizeof(packet));
	assert_int_equal(mailbox_receive(&there), -EBADMSG);
}

static void test_the_other_end_is_gone(void **state)
{
	(void)state;
	assert_int_equal(send_bytes("last", 4, -1), 0);
	mailbox_release(&here);
	assert_int_equal(mailbox_receive(&there), 1);
	assert_memory_equal(there.packet, "last", 4);
	assert_int_equal(mailbox_receive(&there), -EPIPE);
	assert_int_equal(mailbox_receive(&there), -EPIPE);
}

static void test_sending_to_nobody_fails_and_closes_the_descriptor(void **state)
{
	(void)state;
	mailbox_release(&there);
	assert_int_equal(send_bytes("fd", 2, open("/dev/null", O_RDONLY)), -EPIPE);
}

static void test_waiting_for_nobody_fails(void **state)
{
	(void)state;
	fill(2);
	mailbox_release(&there);
	assert_int_equal(mailbox_flush(&here), -EPIPE);
}

#define with_pair(test) cmocka_unit_test_setup_teardown(test, open_pair, close_pair)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_pair(test_packets_come_whole_and_in_order),
		with_pair(test_what_the_other_end_does_not_read_waits_here),
		with_pair(test_waiting_packets_go_with_the_mailbox),
		with_pair(test_a_descriptor_rides_along),
		with_pair(test_a_descriptor_that_waits_arrives_too),
		with_pair(test_a_second_descriptor_is_closed),
		with_pair(test_too_long_a_packet_is_damage),
		with_pair(test_the_other_end_is_gone),
		with_pair(test_sending_to_nobody_fails_and_closes_the_descriptor),
		with_pair(test_waiting_for_nobody_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
