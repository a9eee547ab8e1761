/* The broker begins the first dumps while its child starts: they are answered once, and as
 * any other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/host/broker/broker.h"
#include "core/host/broker/channel.h"

enum { PATIENCE_MS = 20000, NOT_AS_EXPECTED = 99 };

static const struct request first[] = {
	{.kind = REQUEST_SOCK_DIAG,
	 .sock_diag = {.protocol = IPPROTO_TCP, .states = 1 << 10}},
	{.kind = REQUEST_RTNETLINK, .rtnetlink = {RTNL_LINKS}},
};

/* Receives until the answer of this request ends. Its bytes; -1: it did not come. */
static ssize_t bytes_of_answer(struct channel *c, uint32_t seq)
{
	ssize_t n = 0;
	struct blob b;

	for (;;) {
		struct pollfd p = {.fd = channel_fd(c), .events = POLLIN};
		enum channel_event event = channel_receive(c, &b);

		if (event == CHANNEL_NOTHING && poll(&p, 1, PATIENCE_MS) > 0)
			continue;
		if (event != CHANNEL_BLOB || b.seq != seq || b.error)
			return -1;
		n += (ssize_t)b.len;
		if (blob_is_end(&b))
			return n;
	}
}

/* As exit code how many of the answers came with something in them. */
static int ask_for_the_first(int socket, void *arg)
{
	struct channel *c = channel_live_take(socket);
	int n = 0;

	(void)arg;
	channel_expect(c, first, 2);
	usleep(50000); /* they are there before they are asked for */
	for (uint32_t i = 0, seq; i < 2; i++)
		n += !channel_request(c, &first[i], &seq) && seq == i + 1 &&
		     bytes_of_answer(c, seq) >= NLMSG_HDRLEN;
	channel_free(c);
	return n;
}

/* Exit code 1: after the first ones the broker knows no more of them than of others. */
static int ask_for_one_again(int socket, void *arg)
{
	struct channel *c = channel_live_take(socket);
	uint32_t before, seq;
	int code = NOT_AS_EXPECTED;

	(void)arg;
	channel_expect(c, first, 2);
	if (!channel_request(c, &first[0], &before) && bytes_of_answer(c, before) > 0 &&
	    !channel_request(c, &first[0], &seq) && seq == 3 && bytes_of_answer(c, seq) > 0)
		code = 1;
	channel_free(c);
	return code;
}

static void the_first_answers_come_without_a_request(void **state)
{
	struct broker_options o = {.serves = true,
				   .export_dir_fd = -1,
				   .looks_once = true,
				   .first = first,
				   .n_first = 2};

	(void)state;
	assert_int_equal(broker_run(&o, ask_for_the_first, NULL), 2);
}

static void a_second_request_is_served_as_usual(void **state)
{
	struct broker_options o = {.serves = true,
				   .export_dir_fd = -1,
				   .without_owners = true,
				   .first = first,
				   .n_first = 2};

	(void)state;
	assert_int_equal(broker_run(&o, ask_for_one_again, NULL), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_answers_come_without_a_request),
		cmocka_unit_test(a_second_request_is_served_as_usual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
