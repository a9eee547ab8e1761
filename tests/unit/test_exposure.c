/* Who can reach a listener: spans of sources against rules made by hand, and random rules
 * against one packet after the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/path/exposure.h"
#include "tests/unit/path_host.h"
#include "tests/unit/rounds.h"

static struct exposure found;

static const struct exposure_listener *expose(uint16_t port)
{
	struct exposure_port ports[] = {{port, 0}};
	struct exposure_wish wish = {.ports = ports, .n_ports = 1};
	struct path_world w = host_world();

	exposure_release(&found);
	assert_int_equal(exposure_find(&w, &wish, &found), 0);
	assert_int_equal(found.listeners.n, 1);
	return vec_at(&found.listeners, 0);
}

static void release(void)
{
	exposure_release(&found);
	memset(&found, 0, sizeof(found));
}

static const struct exposure_way *way_by(const struct exposure_listener *l,
					 uint32_t ifindex)
{
	for (size_t i = 0; i < l->ways.n; i++) {
		const struct exposure_way *way = vec_at(&l->ways, i);

		for (size_t k = 0; k < way->devices.n; k++)
			if (*(uint32_t *)vec_at(&way->devices, k) == ifindex)
				return way;
	}
	fail_msg("no way by that interface");
	return NULL;
}

static bool is_in(const struct exposure_span *s, const struct addr *a)
{
	return s->low.family == a->family && addr_compare(a, &s->low) >= 0 &&
	       addr_compare(a, &s->high) <= 0;
}

static enum tri reaches(const struct exposure_way *way, const struct addr *a)
{
	for (size_t i = 0; i < way->doubts.n; i++)
		if (is_in(&((struct exposure_doubt *)vec_at(&way->doubts, i))->span, a))
			return TRI_UNSURE;
	for (size_t i = 0; i < way->open.n; i++)
		if (is_in(vec_at(&way->open, i), a))
			return TRI_YES;
	return TRI_NO;
}

static enum tri reaches_from(const struct exposure_way *way, const char *text)
{
	struct addr a = hand_address(text);

	return reaches(way, &a);
}

static const char *word_of(const struct exposure_listener *l)
{
	static char out[EXPOSURE_WORD_MAX];

	return exposure_word(&found, l, out);
}

/* ---- bind scope ---- */

static void without_rules_everybody_reaches_a_listener_on_any_address(void **state)
{
	const struct exposure_listener *l = expose(80);
	const struct exposure_way *way = vec_at(&l->ways, 0);

	(void)state;
	assert_int_equal(l->ways.n, 1);
	assert_int_equal(way->devices.n, 2);
	assert_false(way->asked.family);
	assert_true(exposure_is_anywhere(&way->open, AF_INET));
	assert_int_equal(way->open.n, 1);
	assert_int_equal(way->doubts.n, 0);
	assert_int_equal(l->from_host, TRI_YES);
	assert_string_equal(word_of(l), "any");
	release();
}

static void a_listener_on_loopback_has_no_way_in(void **state)
{
	static const struct hand_socket rows[] = {SOCK(PROTO_TCP, "127.0.0.1", 5432, 1),
						  {.local = NULL}};
	const struct exposure_listener *l;

	(void)state;
	host_serves(rows);
	l = expose(5432);
	assert_int_equal(l->ways.n, 0);
	assert_int_equal(l->from_host, TRI_YES);
	assert_string_equal(word_of(l), "host");
	release();
}

static void without_the_right_to_read_rules_nothing_is_claimed(void **state)
{
	const struct exposure_listener *l;

	(void)state;
	host.has_no_rules = true;
	l = expose(80);
	assert_true(found.is_blind);
	assert_int_equal(reaches_from(way_by(l, ETH0), "203.0.113.9"), TRI_UNSURE);
	assert_string_equal(word_of(l), "?");
	release();
}

/* ---- rules ---- */

static void only_the_network_of_the_rule_gets_in(void **state)
{
	const struct exposure_listener *l;
	const struct exposure_way *way;

	(void)state;
	hand_base(&host.rules, hand_firewall_table(&host.rules, NFPROTO_IPV4), FW_INPUT, 0,
		  true);
	RULE(&host.rules, X_LOAD(NFT_PAYLOAD_NETWORK_HEADER, 12, 3, 0),
	     X_EQ(0, 198, 51, 100), X_PORT_IS(80), X_ACCEPT);
	l = expose(80);
	way = way_by(l, ETH1);
	assert_int_equal(way->open.n, 1);
	assert_int_equal(exposure_count_prefixes(&way->open), 1);
	assert_int_equal(reaches_from(way, "198.51.99.255"), TRI_NO);
	assert_int_equal(reaches_from(way, "198.51.100.0"), TRI_YES);
	assert_int_equal(reaches_from(way, "198.51.100.255"), TRI_YES);
	assert_int_equal(reaches_from(way, "198.51.101.0"), TRI_NO);
	assert_string_equal(word_of(l), "1 net");
	release();
}

static void a_limit_makes_its_sources_unsure_and_is_named(void **state)
{
	const struct exposure_way *way;
	const struct exposure_doubt *doubt;
	uint32_t rule;

	(void)state;
	hand_base(&host.rules, hand_firewall_table(&host.rules, NFPROTO_IPV4), FW_INPUT, 0,
		  true);
	rule = RULE(&host.rules, X_SADDR(0), X_EQ(0, 198, 51, 100, 7), X_LIMIT, X_ACCEPT);
	RULE(&host.rules, X_SADDR(0), X_EQ(0, 198, 51, 100, 8), X_ACCEPT);
	way = way_by(expose(80), ETH0);
	assert_int_equal(way->doubts.n, 1);
	doubt = vec_at(&way->doubts, 0);
	assert_int_equal(doubt->rule, rule);
	assert_string_equal(doubt->why, "limit");
	assert_int_equal(reaches_from(way, "198.51.100.7"), TRI_UNSURE);
	assert_int_equal(reaches_from(way, "198.51.100.8"), TRI_YES);
	assert_int_equal(reaches_from(way, "198.51.100.9"), TRI_NO);
	release();
}

static void interfaces_that_differ_stand_apart(void **state)
{
	static const char eth1[16] = "eth1";
	struct fw_expr name = {
		.kind = FW_EXPR_CMP, .op = NFT_CMP_EQ, .value = {eth1, sizeof(eth1)}};
	const struct exposure_listener *l;

	(void)state;
	hand_base(&host.rules, hand_firewall_table(&host.rules, NFPROTO_IPV4), FW_INPUT, 0,
		  true);
	RULE(&host.rules, X_META(NFT_META_IIFNAME, 0), name, X_ACCEPT);
	l = expose(80);
	assert_int_equal(l->ways.n, 2);
	assert_int_equal(reaches_from(way_by(l, ETH0), "203.0.113.9"), TRI_NO);
	assert_int_equal(reaches_from(way_by(l, ETH1), "203.0.113.9"), TRI_YES);
	release();
}

static void an_answer_that_is_dropped_closes_the_way(void **state)
{
	const struct exposure_way *way;

	(void)state;
	hand_base(&host.rules, hand_firewall_table(&host.rules, NFPROTO_IPV4), FW_OUTPUT, 0,
		  false);
	RULE(&host.rules, X_LOAD(NFT_PAYLOAD_NETWORK_HEADER, 16, 4, 0),
	     X_EQ(0, 203, 0, 113, 9), X_DROP);
	way = way_by(expose(80), ETH0);
	assert_int_equal(reaches_from(way, "203.0.113.8"), TRI_YES);
	assert_int_equal(reaches_from(way, "203.0.113.9"), TRI_NO);
	assert_int_equal(reaches_from(way, "203.0.113.10"), TRI_YES);
	release();
}

/* ---- networks ---- */

static void networks_of_a_span_are_the_fewest(void **state)
{
	struct exposure_span rest = {hand_address("10.0.0.1"), hand_address("10.0.0.8")};
	static const struct {
		const char *text;
		unsigned len;
	} rows[] = {{"10.0.0.1", 32}, {"10.0.0.2", 31}, {"10.0.0.4", 30}, {"10.0.0.8", 32}};
	struct addr prefix;
	unsigned len;

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct addr wanted = hand_address(rows[i].text);

		assert_true(exposure_take_prefix(&rest, &prefix, &len));
		assert_true(addr_equals(&prefix, &wanted));
		assert_int_equal(len, rows[i].len);
	}
	assert_false(exposure_take_prefix(&rest, &prefix, &len));
	rest = (struct exposure_span){
		hand_address("::"),
		hand_address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")};
	assert_true(exposure_take_prefix(&rest, &prefix, &len));
	assert_int_equal(len, 0);
	assert_false(exposure_take_prefix(&rest, &prefix, &len));
}

/* ---- random rules ---- */

static uint32_t seed;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static void draw_address(uint8_t out[4])
{
	out[0] = (uint8_t)(10 + draw(3));
	out[1] = (uint8_t)(draw(4) * 64);
	out[2] = (uint8_t)draw(3);
	out[3] = (uint8_t)(draw(2) ? draw(256) : draw(4));
}

static void draw_rule(struct hand_rules *h)
{
	uint8_t a[4], b[4], mask[4] = {0};
	unsigned bits = draw(4) ? 8 + draw(25) : 32;
	struct fw_expr load = X_SADDR(0), end = X_VERDICT(draw(2) ? NF_ACCEPT : NF_DROP);
	struct fw_expr and = {.kind = FW_EXPR_BITWISE,
			      .op = NFT_BITWISE_BOOL,
			      .len = 4,
			      .value = {(char *)mask, 4},
			      .value2 = BYTES(0, 0, 0, 0)};
	struct fw_expr test = {
		.kind = FW_EXPR_CMP, .op = (uint8_t)draw(6), .value = {(char *)a, 4}};
	struct fw_expr limit = X_LIMIT, nothing = X_COUNTER;

	draw_address(a);
	draw_address(b);
	for (unsigned i = 0; i < bits; i++)
		mask[i / 8] |= (uint8_t)(0x80 >> i % 8);
	if (!draw(150))
		mask[draw(2)] = 0;
	if (!draw(4)) {
		test.kind = FW_EXPR_RANGE;
		test.op = draw(2) ? NFT_RANGE_EQ : NFT_RANGE_NEQ;
		test.value2 = (struct text){(char *)b, 4};
	}
	hand_rule(h,
		  (const struct fw_expr[]){load, draw(2) ? and : nothing, test,
					   draw(8) ? nothing : limit, end},
		  5);
}

static enum tri met(const char *from)
{
	struct fw_packet p = hand_syn(from, "10.0.0.5", 80);
	struct hand_walks w;

	p.is_sport_unknown = true;
	w = hand_walk(&host.rules, FW_INPUT, &p);
	return w.verdicts == ONLY_ACCEPT ? TRI_YES
	       : w.verdicts == ONLY_DROP ? TRI_NO
					 : TRI_UNSURE;
}

static bool is_excluded(const struct addr *a)
{
	for (size_t i = 0; i < found.excluded.n; i++)
		if (is_in(vec_at(&found.excluded, i), a))
			return true;
	return false;
}

static void compare(const struct exposure_way *way, const struct addr *a, unsigned round)
{
	char text[ADDR_TEXT_MAX];

	if (is_excluded(a))
		return;
	addr_format(a, text);
	if (reaches(way, a) == TRI_UNSURE && found.is_cut)
		return;
	if (reaches(way, a) != met(text))
		fail_msg("round %u: %s: said %d, met %d", round, text, reaches(way, a),
			 met(text));
}

static void compare_ends(const struct exposure_way *way, unsigned round)
{
	for (size_t i = 0; i < way->open.n && i < 64; i++) {
		struct exposure_span s = *(struct exposure_span *)vec_at(&way->open, i);

		compare(way, &s.low, round);
		compare(way, &s.high, round);
		if (fw_addr_previous(&s.low))
			compare(way, &s.low, round);
		if (fw_addr_next(&s.high))
			compare(way, &s.high, round);
	}
}

static void of_random_rules_every_source_is_told_as_it_is_met(void **state)
{
	unsigned n_rounds = rounds(300);

	for (unsigned round = 0; round < n_rounds; round++) {
		const struct exposure_way *way;

		seed = round;
		host_end(state);
		host_start(state);
		hand_base(&host.rules, hand_firewall_table(&host.rules, NFPROTO_IPV4),
			  FW_INPUT, 0, draw(2));
		for (uint32_t n = 1 + draw(10); n; n--)
			draw_rule(&host.rules);
		way = way_by(expose(80), ETH0);
		for (int i = 0; i < 200; i++) {
			uint8_t b[4];
			struct addr a;

			draw_address(b);
			a = addr_v4(b);
			if (draw(8) == 0)
				a.bytes[0] = (uint8_t)(1 + draw(100));
			compare(way, &a, round);
		}
		compare_ends(way, round);
	}
	release();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, host_start, host_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_rules_everybody_reaches_a_listener_on_any_address),
		TEST(a_listener_on_loopback_has_no_way_in),
		TEST(without_the_right_to_read_rules_nothing_is_claimed),
		TEST(only_the_network_of_the_rule_gets_in),
		TEST(a_limit_makes_its_sources_unsure_and_is_named),
		TEST(interfaces_that_differ_stand_apart),
		TEST(an_answer_that_is_dropped_closes_the_way),
		TEST(networks_of_a_span_are_the_fewest),
		TEST(of_random_rules_every_source_is_told_as_it_is_met),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
