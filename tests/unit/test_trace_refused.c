/* A trace is only served where the call allows it. The namespace that is named is none, so
 * that a broker that serves it changes nothing here. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/host/broker/broker.h"
#include "core/host/broker/channel.h"

enum { PATIENCE_MS = 5000, NEVER_TOLD = 255 };

/* The error of the answer is the exit code; 255: none came. */
static int ask_for_trace(int socket, void *arg)
{
	struct channel *c = channel_live_take(socket);
	struct request r = {
		.kind = REQUEST_TRACE,
		.netns = {.kind = NETNS_NAME, .name = "no-such-namespace"},
		.trace = {.proto = IPPROTO_TCP, .port = 443, .timeout_ms = 100}};
	struct pollfd p = {.events = POLLIN};
	struct blob b;
	int error = NEVER_TOLD;
	bool is_asked;
	uint32_t seq;

	(void)arg;
	if (!c)
		return error;
	p.fd = channel_fd(c);
	is_asked =
		!addr_parse(&r.trace.client, "192.0.2.1") && !channel_request(c, &r, &seq);
	while (is_asked && error == NEVER_TOLD && poll(&p, 1, PATIENCE_MS) > 0)
		if (channel_receive(c, &b) == CHANNEL_BLOB && b.seq == seq &&
		    blob_is_end(&b))
			error = b.error;
	channel_free(c);
	return error;
}

static int answer(bool allows_change)
{
	struct broker_options o = {.serves = true,
				   .export_dir_fd = -1,
				   .without_owners = true,
				   .allows_change = allows_change};

	return broker_run(&o, ask_for_trace, NULL);
}

static void without_leave_it_is_refused(void **state)
{
	(void)state;
	assert_int_equal(answer(false), EPERM);
}

static void with_leave_it_is_tried(void **state)
{
	(void)state;
	assert_int_equal(answer(true), ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_leave_it_is_refused),
		cmocka_unit_test(with_leave_it_is_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
