/* Dumps of this kernel as the broker makes them, and what was heard. Include cmocka.h
 * first. */
#ifndef TESTS_UNIT_DUMP_EAR_H
#define TESTS_UNIT_DUMP_EAR_H

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>

#include "core/base/time.h"
#include "core/host/kernel/dumps.h"
#include "core/host/broker/protocol.h"
#include "tests/unit/actor.h"
#include "tests/unit/open_fds.h"

#define PATIENT (20 * NS_PER_S)
#define LISTEN  (1u << 10) /* TCP_LISTEN */

static struct dumps dumps;

/* The answer under way: its datagrams, one after another. */
static struct {
	uint8_t bytes[1 << 22];
	size_t len;
	unsigned n_parts, n_ends;
	struct blob end;
} heard;

static inline void hear(void *arg, const struct blob *b)
{
	(void)arg;
	if (b->part == 0)
		heard.len = heard.n_parts = 0;
	assert_int_equal(b->part, heard.n_parts++);
	assert_true(heard.len + b->len <= sizeof(heard.bytes));
	if (b->len)
		memcpy(heard.bytes + heard.len, b->bytes, b->len);
	heard.len += b->len;
	if (blob_is_end(b)) {
		heard.end = *b;
		heard.n_ends++;
	}
}

static unsigned n_fds_before;

static inline int open_dumps(void **state)
{
	static const struct blob_sink sink = {hear, NULL, NULL};

	(void)state;
	n_fds_before = open_fds();
	heard.n_ends = 0;
	return dumps_init(&dumps, &sink);
}

static inline int close_dumps(void **state)
{
	(void)state;
	dumps_release(&dumps);
	return open_fds() == n_fds_before ? 0 : -1;
}

static inline void serve_until(unsigned n_ends)
{
	int64_t end_ns = host_now_ns() + PATIENT;

	while (heard.n_ends < n_ends) {
		struct pollfd p = {.fd = dumps_fd(&dumps), .events = POLLIN};

		if (poll(&p, 1, 10) > 0)
			dumps_step(&dumps, host_now_ns());
		dumps_tick(&dumps, host_now_ns());
		assert_true(host_now_ns() < end_ns);
	}
}

static inline void request(const struct request *r)
{
	static uint32_t seq;

	assert_int_equal(request_check(r), 0);
	assert_int_equal(dumps_request(&dumps, ++seq, r, host_now_ns()), 0);
}

/* The whole answer. */
static inline void ask(const struct request *r)
{
	unsigned n = heard.n_ends;

	request(r);
	serve_until(n + 1);
	assert_int_equal(heard.end.seq != 0, 1);
}

static inline void ask_well(const struct request *r)
{
	ask(r);
	assert_int_equal(heard.end.error, 0);
	assert_true(heard.end.status == BLOB_LAST || heard.end.status == BLOB_INTERRUPTED);
	assert_true(heard.end.wall_ns > 0);
}

static inline struct request listeners(uint8_t family, uint16_t protocol)
{
	return (struct request){.kind = REQUEST_SOCK_DIAG,
				.sock_diag = {.family = family,
					      .protocol = protocol,
					      .states = LISTEN,
					      .extensions = 0x40}};
}

static inline struct request dump_of(enum rtnetlink_dump dump)
{
	return (struct request){.kind = REQUEST_RTNETLINK, .rtnetlink.dump = dump};
}

/* The next message of this type that was heard; NULL: none. */
static inline struct nlmsghdr *next_message(struct nlmsghdr *last, unsigned type)
{
	size_t at = 0;

	if (last)
		at = (size_t)((uint8_t *)last - heard.bytes) + NLMSG_ALIGN(last->nlmsg_len);
	while (at + sizeof(struct nlmsghdr) <= heard.len) {
		struct nlmsghdr *h = (void *)(heard.bytes + at);

		assert_true(h->nlmsg_len >= sizeof(*h) && at + h->nlmsg_len <= heard.len);
		if (h->nlmsg_type == type)
			return h;
		at += NLMSG_ALIGN(h->nlmsg_len);
	}
	return NULL;
}

static inline unsigned count_messages(unsigned type)
{
	struct nlmsghdr *h = NULL;
	unsigned n = 0;

	while ((h = next_message(h, type)))
		n++;
	return n;
}

static inline bool has_socket(uint32_t inode)
{
	struct nlmsghdr *h = NULL;

	while ((h = next_message(h, SOCK_DIAG_BY_FAMILY))) {
		const struct inet_diag_msg *m = NLMSG_DATA(h);

		if (m->idiag_inode == inode)
			return true;
	}
	return false;
}

#define with_dumps(test) cmocka_unit_test_setup_teardown(test, open_dumps, close_dumps)

#endif
