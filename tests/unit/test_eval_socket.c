/* Rules that ask for sockets of this host: the match, and the transparent proxy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/hand_rules.h"

enum { PORT = 3129, CT_ESTABLISHED = 2, CT_NEW = 8 };

#define X_TPROXY                                                                         \
	{                                                                                \
		.kind = FW_EXPR_TPROXY, .sreg = FW_NO_REG, .sreg3 = 0, .family = AF_INET \
	}
#define X_PORT_IN_REGISTER                                                   \
	{                                                                    \
		.kind = FW_EXPR_IMMEDIATE, .dreg = 0, .value = BYTES(12, 57) \
	}
#define X_IS_TRANSPARENT                                                            \
	{.kind = FW_EXPR_SOCKET, .key = NFT_SOCKET_TRANSPARENT, .dreg = 0},         \
	{                                                                           \
		.kind = FW_EXPR_CMP, .op = NFT_CMP_EQ, .sreg = 0, .value = BYTES(1) \
	}

static struct hand_rules h;

static int start(void **state)
{
	(void)state;
	hand_start(&h);
	return 0;
}

static struct fw_socket answer(void *arg, const struct fw_packet *p, const struct addr *to,
			       uint16_t port)
{
	const struct fw_socket none = {TRI_NO, TRI_UNSURE, TRI_UNSURE};

	(void)p;
	(void)to;
	return port == PORT || port == 80 ? *(const struct fw_socket *)arg : none;
}

struct outcome {
	enum fw_verdict verdict;
	size_t n_walks;
	struct fw_packet packet; /* of the first walk */
};

static struct outcome run(uint32_t state, struct fw_socket socket)
{
	struct fw_lookups lookups = {.socket = answer, .arg = &socket};
	struct fw_choices c = {0};
	struct outcome out = {0};

	do {
		struct fw_packet p = hand_syn("198.51.100.7", "192.0.2.1", 80);
		struct fw_result r;

		p.ct.state = state;
		assert_int_equal(firewall_run(&h.r, FW_PREROUTING, &p, &lookups, &c, &r),
				 0);
		if (!out.n_walks++) {
			out.verdict = r.verdict;
			out.packet = p;
		}
		fw_result_release(&r);
	} while (fw_choices_next(&c));
	return out;
}

static void add_chain(void)
{
	hand_base(&h, hand_firewall_table(&h, NFPROTO_INET), FW_PREROUTING, -150, false);
}

static void add_proxy(void)
{
	add_chain();
	RULE(&h, X_PORT_IN_REGISTER, X_TPROXY, X_DROP);
}

static void a_transparent_socket_takes_the_packet_and_the_rule_goes_on(void **state)
{
	struct outcome o;

	(void)state;
	add_proxy();
	o = run(CT_NEW, (struct fw_socket){TRI_YES, TRI_YES, TRI_YES});
	assert_int_equal(o.n_walks, 1);
	assert_int_equal(o.verdict, FW_DROP);
	assert_int_equal(o.packet.proxied.state, FW_PROXY_TAKEN);
	assert_int_equal(o.packet.proxied.port, PORT);
}

static void without_a_socket_the_rule_breaks_off(void **state)
{
	struct outcome o;

	(void)state;
	add_proxy();
	o = run(CT_NEW, (struct fw_socket){TRI_NO, TRI_UNSURE, TRI_UNSURE});
	assert_int_equal(o.n_walks, 1);
	assert_int_equal(o.verdict, FW_ACCEPT);
	assert_int_equal(o.packet.proxied.state, FW_PROXY_MISSED);
	assert_false(o.packet.proxied.is_there);
}

static void a_socket_that_is_not_transparent_is_none_and_is_named(void **state)
{
	struct outcome o;

	(void)state;
	add_proxy();
	o = run(CT_NEW, (struct fw_socket){TRI_YES, TRI_NO, TRI_YES});
	assert_int_equal(o.n_walks, 1);
	assert_int_equal(o.verdict, FW_ACCEPT);
	assert_int_equal(o.packet.proxied.state, FW_PROXY_MISSED);
	assert_true(o.packet.proxied.is_there);
}

static void whether_it_is_transparent_is_not_told_both_ways_are_walked(void **state)
{
	(void)state;
	add_proxy();
	assert_int_equal(
		run(CT_NEW, (struct fw_socket){TRI_YES, TRI_UNSURE, TRI_YES}).n_walks, 2);
}

static void of_an_open_connection_the_listener_says_nothing(void **state)
{
	(void)state;
	add_proxy();
	assert_int_equal(
		run(CT_ESTABLISHED, (struct fw_socket){TRI_NO, TRI_NO, TRI_NO}).n_walks, 2);
}

static void a_rule_of_the_other_family_does_nothing(void **state)
{
	struct fw_expr other = X_TPROXY;
	struct outcome o;

	(void)state;
	other.family = AF_INET6;
	add_chain();
	RULE(&h, X_PORT_IN_REGISTER, other, X_DROP);
	o = run(CT_NEW, (struct fw_socket){TRI_YES, TRI_YES, TRI_YES});
	assert_int_equal(o.verdict, FW_ACCEPT);
	assert_int_equal(o.packet.proxied.state, FW_PROXY_NONE);
}

static void the_match_tells_whether_the_socket_is_transparent(void **state)
{
	static const struct {
		struct fw_socket socket;
		enum fw_verdict verdict;
		size_t n_walks;
	} rows[] = {{{TRI_YES, TRI_YES, TRI_YES}, FW_DROP, 1},
		    {{TRI_YES, TRI_NO, TRI_YES}, FW_ACCEPT, 1},
		    {{TRI_NO, TRI_UNSURE, TRI_UNSURE}, FW_ACCEPT, 1},
		    {{TRI_YES, TRI_UNSURE, TRI_YES}, FW_ACCEPT, 2}};

	(void)state;
	add_chain();
	RULE(&h, X_IS_TRANSPARENT, X_DROP);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct outcome o = run(CT_NEW, rows[i].socket);

		assert_int_equal(o.n_walks, rows[i].n_walks);
		if (o.n_walks == 1)
			assert_int_equal(o.verdict, rows[i].verdict);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			a_transparent_socket_takes_the_packet_and_the_rule_goes_on, start),
		cmocka_unit_test_setup(without_a_socket_the_rule_breaks_off, start),
		cmocka_unit_test_setup(
			a_socket_that_is_not_transparent_is_none_and_is_named, start),
		cmocka_unit_test_setup(
			whether_it_is_transparent_is_not_told_both_ways_are_walked, start),
		cmocka_unit_test_setup(of_an_open_connection_the_listener_says_nothing,
				       start),
		cmocka_unit_test_setup(a_rule_of_the_other_family_does_nothing, start),
		cmocka_unit_test_setup(the_match_tells_whether_the_socket_is_transparent,
				       start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
