/* Marks that choose the way of an answer: those that rules of type route give it at output,
 * and those that sockets take over from the packet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/path_host.h"

#define CLIENT "203.0.113.9"
#define SERVER "10.0.0.5"

static void mark_at(enum fw_hook hook, enum fw_chain_type type, uint8_t mark)
{
	host.rules.chains[base_in(hook, -150, false)].type = type;
	HOST_RULE(X_LET(0, mark),
		  {.kind = FW_EXPR_META, .key = NFT_META_MARK, .sreg = 0, .writes = true});
}

static struct path walk_in(void)
{
	struct path_ask ask = syn(CLIENT, SERVER, 80);

	ask.in_ifindex = ETH1;
	return host_walk(ask);
}

static size_t n_routes(const struct path_leg *leg)
{
	size_t n = 0;

	for (size_t i = 0; i < leg->n_hops; i++)
		n += leg->hops[i].place == PLACE_ROUTE;
	return n;
}

static void a_mark_of_a_route_chain_has_the_answer_routed_anew(void **state)
{
	struct path p;

	(void)state;
	mark_at(FW_OUTPUT, FW_ROUTE, 7);
	p = walk_in();
	assert_int_equal(p.reply.verdict, PATH_ACCEPT);
	assert_int_equal(n_routes(&p.reply), 2);
	assert_int_equal(p.reply.routed.mark, 7);
	assert_int_equal(p.reply.routed.target_port, 0);
	assert_true(addr_equals(&p.reply.routed.source, &p.server));
	assert_true(p.reply.is_mark_known);
	assert_int_equal(p.reply.mark, 7);
}

static void a_mark_of_another_chain_changes_no_route(void **state)
{
	struct path p;

	(void)state;
	mark_at(FW_OUTPUT, FW_FILTER, 7);
	p = walk_in();
	assert_int_equal(n_routes(&p.reply), 1);
	assert_int_equal(p.reply.routed.mark, 0);
}

static void a_mark_on_the_way_in_is_the_answers_only_where_sockets_take_it(void **state)
{
	struct path p;

	(void)state;
	mark_at(FW_PREROUTING, FW_FILTER, 7);
	p = walk_in();
	assert_int_equal(p.request.routed.mark, 7);
	assert_int_equal(p.reply.routed.mark, 0);
}

static void sockets_take_a_mark_over_where_they_are_told_to(void **state)
{
	struct path p;

	(void)state;
	host.setting_rows[1] = (struct setting_row){
		.name = text_of("net/ipv4/tcp_fwmark_accept"), .value = text_of("1")};
	mark_at(FW_PREROUTING, FW_FILTER, 7);
	p = walk_in();
	assert_int_equal(p.reply.routed.mark, 7);
	assert_int_equal(p.reply.mark, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_HOST(a_mark_of_a_route_chain_has_the_answer_routed_anew),
		IN_HOST(a_mark_of_another_chain_changes_no_route),
		IN_HOST(a_mark_on_the_way_in_is_the_answers_only_where_sockets_take_it),
		IN_HOST(sockets_take_a_mark_over_where_they_are_told_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
