/* The walk as if somebody listened: what becomes of the answer then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/path/served.h"
#include "tests/unit/path_host.h"

#define CLIENT "203.0.113.9"
#define SERVER "10.0.0.5"

enum { UNSERVED = 8080 };

#define X_SPORT_IS(port)                               \
	X_LOAD(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, 0), \
		X_EQ(0, (uint8_t)((port) >> 8), (uint8_t)((port)&0xff))

static struct path serve(uint16_t port)
{
	struct path_ask ask = syn(CLIENT, SERVER, port);
	struct path_world w = host_world();
	struct path p;

	walk_from(CLIENT, SERVER, port); /* its questions are answered */
	assert_int_equal(path_walk_served(&w, &ask, &p), 0);
	assert_null(p.socket);
	assert_null(p.endpoint);
	return p;
}

static void nobody_listens_and_as_if_somebody_did(void **state)
{
	struct path p = walk_from(CLIENT, SERVER, UNSERVED);

	(void)state;
	assert_int_equal(p.is_served, TRI_NO);
	assert_false(p.reply.is_walked);
	p = serve(UNSERVED);
	assert_int_equal(p.is_served, TRI_YES);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_true(p.reply.is_walked);
}

static void its_answer_meets_the_rules_on_the_way_out(void **state)
{
	struct path p;

	(void)state;
	base_in(FW_OUTPUT, 0, false);
	HOST_RULE(X_SPORT_IS(UNSERVED), X_DROP);
	p = serve(UNSERVED);
	assert_int_equal(p.reply.verdict, PATH_DROP);
	assert_int_equal(p.reply.decided_by, DECIDER_RULE);
	assert_int_equal(p.reply.rule, 0);
}

static void rules_for_other_answers_do_not_stop_it(void **state)
{
	(void)state;
	base_in(FW_OUTPUT, 0, false);
	HOST_RULE(X_SPORT_IS(UNSERVED + 1), X_DROP);
	assert_int_not_equal(serve(UNSERVED).reply.verdict, PATH_DROP);
}

static void what_stops_the_request_does_so_still(void **state)
{
	struct path p;

	(void)state;
	base_in(FW_INPUT, 0, false);
	HOST_RULE(X_PORT_IS(UNSERVED), X_DROP);
	p = serve(UNSERVED);
	assert_int_equal(p.request.verdict, PATH_DROP);
	assert_false(p.reply.is_walked);
}

static void sockets_that_were_not_read_are_not_guessed(void **state)
{
	struct path_ask ask = syn(CLIENT, SERVER, UNSERVED);
	struct space *space = &host.snapshot->spaces[0];
	struct socket_table *kept = space->tcp;
	struct path_world w = host_world();
	struct path p;

	(void)state;
	space->tcp = NULL;
	assert_int_equal(path_walk_served(&w, &ask, &p), -ENOENT);
	space->tcp = kept;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_HOST(nobody_listens_and_as_if_somebody_did),
		IN_HOST(its_answer_meets_the_rules_on_the_way_out),
		IN_HOST(rules_for_other_answers_do_not_stop_it),
		IN_HOST(what_stops_the_request_does_so_still),
		IN_HOST(sockets_that_were_not_read_are_not_guessed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
