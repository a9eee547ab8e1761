/* A port that a rule writes into the header is no translation: conntrack turns nothing
 * back. And what the kernels differ in is not decided: the type of the device behind the
 * route. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/path_host.h"

#define CLIENT "203.0.113.9"
#define SERVER "10.0.0.5"

enum { BEHIND_CONNTRACK = -150, BEHIND_THE_TURN = 200 };

/* tcp dport set PORT */
#define X_WRITE_DPORT(port)                                                         \
	X_LET(0, (port) >> 8, (port)&0xff),                                         \
	{                                                                           \
		.kind = FW_EXPR_PAYLOAD, .base = NFT_PAYLOAD_TRANSPORT_HEADER,      \
		.offset = 2, .len = 2, .sreg = 0, .dreg = FW_NO_REG, .writes = true \
	}
#define X_SPORT_IS(port)                               \
	X_LOAD(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, 0), \
		X_EQ(0, (uint8_t)((port) >> 8), (uint8_t)((port)&0xff))

/* The answer that leaves by this port is dropped at the very end. */
static struct path walk_where_answers_are_dropped(uint16_t port)
{
	base_in(FW_POSTROUTING, BEHIND_THE_TURN, false);
	HOST_RULE(X_SPORT_IS(port), X_DROP);
	return walk_from(CLIENT, SERVER, 8080);
}

static void write_port(void)
{
	base_in(FW_PREROUTING, BEHIND_CONNTRACK, false);
	HOST_RULE(X_PORT_IS(8080), X_WRITE_DPORT(80));
}

static void redirect_port(void)
{
	nat_in(FW_PREROUTING);
	HOST_RULE(X_PORT_IS(8080), X_LET(4, 0, 80), X_REDIRECT);
}

static bool is_any_translated(const struct path_leg *leg)
{
	for (size_t i = 0; i < leg->n_hops; i++)
		if (leg->hops[i].outcome == HOP_TRANSLATED)
			return true;
	return false;
}

static void a_written_port_leads_to_its_socket(void **state)
{
	struct path p;

	(void)state;
	write_port();
	p = walk_from(CLIENT, SERVER, 8080);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.server_port, 80);
	assert_int_equal(p.is_served, TRI_YES);
}

static void a_written_port_is_not_turned_back_in_the_answer(void **state)
{
	struct path p;

	(void)state;
	write_port();
	p = walk_where_answers_are_dropped(80);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.reply.verdict, PATH_DROP);
	assert_false(is_any_translated(&p.reply));
}

static void no_answer_leaves_by_the_port_that_was_overwritten(void **state)
{
	(void)state;
	write_port();
	assert_int_equal(walk_where_answers_are_dropped(8080).reply.verdict, PATH_ACCEPT);
}

/* Beside it: what is translated is turned back. */
static void a_redirected_port_is_turned_back_in_the_answer(void **state)
{
	struct path p;

	(void)state;
	redirect_port();
	p = walk_where_answers_are_dropped(8080);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.reply.verdict, PATH_DROP);
	assert_true(is_any_translated(&p.reply));
}

/* ---- the type of a device ---- */

/* iiftype ether drop */
static unsigned verdicts_of_ether(enum fw_hook hook, struct fw_packet p)
{
	static struct text device = {"out0", 4};
	static struct hand_rules h;
	uint32_t chain;

	hand_start(&h);
	chain = hand_base(&h, hand_firewall_table(&h, NFPROTO_INET), hook, 0, false);
	h.tables[0].family = hook == FW_EGRESS ? NFPROTO_NETDEV : NFPROTO_INET;
	h.chains[chain].devices = &device;
	h.chains[chain].n_devices = hook == FW_EGRESS;
	RULE(&h, X_META(NFT_META_IIFTYPE, 0), X_EQ(0, ARPHRD_ETHER, 0), X_DROP);
	return hand_walk(&h, hook, &p).verdicts;
}

static struct fw_packet passed_on_to(uint16_t type)
{
	struct fw_packet p = hand_syn(CLIENT, SERVER, 80);

	p.oif = text_of("out0");
	p.oif_index = 9;
	p.oif_type = type;
	return p;
}

static struct fw_packet made_here(uint16_t type)
{
	struct fw_packet p = passed_on_to(type);

	p.iif = TEXT_NONE;
	p.iif_index = 0;
	p.iif_type = 0;
	return p;
}

static void behind_the_route_kernels_differ_in_whose_type_is_meant(void **state)
{
	static const unsigned both = ONLY_ACCEPT | ONLY_DROP;

	(void)state;
	assert_int_equal(verdicts_of_ether(FW_FORWARD, passed_on_to(ARPHRD_NONE)),
			 ONLY_DROP);
	assert_int_equal(verdicts_of_ether(FW_POSTROUTING, passed_on_to(ARPHRD_NONE)),
			 both);
	assert_int_equal(verdicts_of_ether(FW_POSTROUTING, made_here(ARPHRD_ETHER)), both);
	assert_int_equal(verdicts_of_ether(FW_EGRESS, made_here(ARPHRD_ETHER)), both);
	/* Where both devices are of one type it does not matter. */
	assert_int_equal(verdicts_of_ether(FW_POSTROUTING, passed_on_to(ARPHRD_ETHER)),
			 ONLY_DROP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_HOST(a_written_port_leads_to_its_socket),
		IN_HOST(a_written_port_is_not_turned_back_in_the_answer),
		IN_HOST(no_answer_leaves_by_the_port_that_was_overwritten),
		IN_HOST(a_redirected_port_is_turned_back_in_the_answer),
		cmocka_unit_test(behind_the_route_kernels_differ_in_whose_type_is_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
