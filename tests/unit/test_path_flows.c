/* What follows the first packet of a flow that rules translate, and answers to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/path_host.h"

#define CLIENT "203.0.113.9"
#define SERVER "10.0.0.5"

static struct path walk_established(uint16_t port)
{
	struct path_ask ask = syn(CLIENT, SERVER, port);

	ask.is_established = true;
	ask.tcp_flags = 0x10; /* ACK */
	return host_walk(ask);
}

static void redirect_8080(void)
{
	nat_in(FW_PREROUTING);
	HOST_RULE(X_PORT_IS(8080), X_LET(4, 0, 80), X_REDIRECT);
}

static void a_flow_that_is_translated_is_not_followed_as_if_it_were_not(void **state)
{
	struct path p;

	(void)state;
	redirect_8080();
	p = walk_established(8080);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_true(is_unsure_of(&p.request, UINT32_MAX,
				 "how the flow was translated when it began"));
}

static void a_flow_that_no_rule_translates_is_followed(void **state)
{
	(void)state;
	redirect_8080();
	assert_int_equal(walk_established(80).request.verdict, PATH_ACCEPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_HOST(a_flow_that_is_translated_is_not_followed_as_if_it_were_not),
		IN_HOST(a_flow_that_no_rule_translates_is_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
