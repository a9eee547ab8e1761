/* What a packet met at each hook of its way, and what each field of it is to a rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/report/path_rules.h"
#include "tests/unit/path_host.h"

#define CLIENT "203.0.113.9"
#define SERVER "10.0.0.5"

static struct path_page page;
static struct vec meetings, rules;
static size_t n_more;

static int start(void **state)
{
	meetings = VEC_OF(struct path_meeting);
	rules = VEC_OF(struct path_rule);
	return host_start(state);
}

static int end(void **state)
{
	path_meetings_release(&meetings);
	vec_release(&rules);
	return host_end(state);
}

static void walk(const char *client, uint16_t port)
{
	struct path_world w = host_world();

	page = (struct path_page){.path = walk_from(client, SERVER, port)};
	page.evidence = (struct evidence){.snapshot = host.snapshot,
					  .space = &host.snapshot->spaces[0],
					  .rules = &host.rules.r,
					  .settings = &host.settings,
					  .neighbours = &host.neighbours,
					  .responses = &host.responses};
	assert_int_equal(path_meet(&w, &page.path.ask, &meetings), 0);
}

/* Rules of the place of the request. */
static void look_at(enum place_kind place)
{
	const struct path_leg *leg = &page.path.request;

	for (size_t i = 0; i < leg->n_hops; i++)
		if (leg->hops[i].place == place)
			assert_int_equal(
				path_rules_find(&page, leg, i, &meetings, &rules, &n_more),
				0);
}

static const struct path_rule *row(size_t i)
{
	return vec_at(&rules, i);
}

static void each_hook_is_met_once_on_each_leg(void **state)
{
	size_t n_request = 0;

	(void)state;
	walk(CLIENT, 80);
	for (size_t i = 0; i < meetings.n; i++) {
		const struct path_meeting *m = vec_at(&meetings, i);
		const struct path_leg *leg =
			m->is_reply ? &page.path.reply : &page.path.request;

		assert_in_range(m->hop, 0, leg->n_hops - 1);
		assert_int_equal(m->packet.dport, m->is_reply ? 40000 : 80);
		n_request += !m->is_reply;
	}
	assert_int_equal(n_request, 3);              /* ingress, prerouting, input */
	assert_int_equal(meetings.n - n_request, 3); /* output, postrouting, egress */
}

static void
rules_that_matched_stand_in_their_order_before_the_one_that_decides(void **state)
{
	(void)state;
	base_in(FW_INPUT, 0, false);
	HOST_RULE(X_PORT_IS(81), X_DROP);
	HOST_RULE(X_PORT_IS(80), X_COUNTER);
	HOST_RULE(X_FROM_DOC, X_PORT_IS(80), X_DROP);
	walk(CLIENT, 80);
	look_at(PLACE_INPUT);
	assert_int_equal(rules.n, 2);
	assert_int_equal(row(0)->part, PATH_RULE_MET);
	assert_int_equal(row(0)->rule, 1);
	assert_string_equal(path_rule_did(row(0)), "matches, and goes on");
	assert_int_equal(row(1)->part, PATH_RULE_DECIDES);
	assert_int_equal(row(1)->rule, 2);
	assert_string_equal(path_rule_did(row(1)), "drops");
	assert_int_equal(path_rule_mark(row(1), FW_FIELD_SOURCE), PATH_MARK_HIT);
	assert_int_equal(path_rule_mark(row(1), FW_FIELD_PORT), PATH_MARK_HIT);
	assert_int_equal(path_rule_mark(row(1), FW_FIELD_INTERFACE), PATH_MARK_NONE);
}

static void a_near_miss_shows_which_field_missed(void **state)
{
	(void)state;
	base_in(FW_INPUT, 0, true);
	HOST_RULE(X_SADDR(0), X_EQ(0, 198, 51, 100, 7), X_PORT_IS(80), X_ACCEPT);
	walk(CLIENT, 80);
	look_at(PLACE_INPUT);
	assert_int_equal(rules.n, 2);
	assert_int_equal(row(0)->part, PATH_RULE_DECIDES);
	assert_int_equal(row(0)->rule, UINT32_MAX);
	assert_int_equal(row(1)->part, PATH_RULE_NEAR);
	assert_string_equal(row(1)->field, "source");
	assert_int_equal(path_rule_mark(row(1), FW_FIELD_SOURCE), PATH_MARK_MISSED);
	assert_int_equal(path_rule_mark(row(1), FW_FIELD_PORT), PATH_MARK_HIT);
}

/* The rule in the other chain has no test of the source itself. */
static void a_miss_on_the_way_to_a_rule_is_a_mark_of_it(void **state)
{
	(void)state;
	base_in(FW_INPUT, 0, true);
	HOST_RULE(X_SADDR(0), X_EQ(0, 198, 51, 100, 7), X_JUMP(NFT_JUMP, 1));
	hand_chain(&host.rules, 0);
	HOST_RULE(X_PORT_IS(80), X_ACCEPT);
	walk(CLIENT, 80);
	look_at(PLACE_INPUT);
	assert_int_equal(row(1)->rule, 1);
	assert_int_equal(path_rule_mark(row(1), FW_FIELD_SOURCE), PATH_MARK_MISSED);
	assert_int_equal(path_rule_mark(row(1), FW_FIELD_PORT), PATH_MARK_HIT);
}

static void what_nobody_knows_is_neither_hit_nor_missed(void **state)
{
	const struct path_world blind = {.rules = NULL};

	(void)state;
	base_in(FW_INPUT, 0, false);
	HOST_RULE(X_FROM_DOC, X_PORT_IS(80), X_DROP);
	walk(NULL, 80);
	look_at(PLACE_INPUT);
	assert_int_equal(page.path.request.verdict, PATH_UNSURE);
	assert_int_equal(rules.n, 2);
	assert_int_equal(row(0)->part, PATH_RULE_DOUBT);
	assert_int_equal(row(0)->rule, 0);
	assert_int_equal(path_rule_mark(row(0), FW_FIELD_SOURCE), PATH_MARK_UNSURE);
	assert_int_equal(path_rule_mark(row(0), FW_FIELD_PORT), PATH_MARK_HIT);
	assert_int_equal(row(1)->part, PATH_RULE_DECIDES);
	assert_int_equal(path_test_rule(&blind, &page.path.request.met, 0).hit, 0);
}

static size_t doubt(void)
{
	return path_leg_doubt(&page, &page.path.request, &meetings);
}

static void from_the_first_doubt_on_nothing_is_certain(void **state)
{
	const struct vec none = VEC_OF(struct path_meeting);

	(void)state;
	base_in(FW_INPUT, 0, true);
	HOST_RULE(X_PORT_IS(80), X_LIMIT, X_ACCEPT);
	walk(CLIENT, 80);
	assert_int_equal(page.path.request.verdict, PATH_UNSURE);
	assert_int_equal(page.path.request.hops[doubt()].place, PLACE_INPUT);
	/* Where it arises is not known. */
	assert_int_equal(path_leg_doubt(&page, &page.path.request, &none), 0);
}

static void what_is_decided_has_no_doubt(void **state)
{
	(void)state;
	base_in(FW_INPUT, 0, true);
	HOST_RULE(X_PORT_IS(80), X_LIMIT, X_ACCEPT);
	HOST_RULE(X_PORT_IS(80), X_ACCEPT);
	walk(CLIENT, 80);
	assert_int_equal(page.path.request.verdict, PATH_ACCEPT);
	assert_int_equal(doubt(), page.path.request.n_hops);
}

/* A rule before it may have set it. */
static void a_mark_is_never_sure(void **state)
{
	static const struct fw_lookups none;
	struct fw_packet p = hand_syn(CLIENT, SERVER, 80);
	struct fw_tested t;

	(void)state;
	p.is_mark_known = true;
	base_in(FW_INPUT, 0, false);
	HOST_RULE(X_META(NFT_META_MARK, 0), X_EQ(0, 1, 0, 0, 0), X_PORT_IS(80), X_DROP);
	t = firewall_test_rule(&host.rules.r, 0, &p, &none);
	assert_int_equal(t.missed, 0);
	assert_int_equal(t.unsure, 1U << FW_FIELD_MARK);
	assert_true(t.hit & 1U << FW_FIELD_PORT);
}

static void a_rule_that_matched_has_no_miss(void **state)
{
	(void)state;
	nat_in(FW_PREROUTING);
	HOST_RULE(X_PORT_IS(8080), X_LET(4, 0, 80), X_REDIRECT);
	base_in(FW_PREROUTING, 0, false);
	HOST_RULE(X_PORT_IS(80), X_DROP); /* as it is after the redirect */
	walk(CLIENT, 8080);
	look_at(PLACE_PREROUTING);
	assert_int_equal(page.path.request.verdict, PATH_DROP);
	for (size_t i = 0; i < rules.n; i++) {
		if (row(i)->part == PATH_RULE_NEAR)
			continue;
		assert_int_equal(row(i)->tested.missed, 0);
	}
	assert_int_equal(row(rules.n - 1)->rule, 1);
	assert_int_equal(row(rules.n - 1)->part, PATH_RULE_DECIDES);
}

static void more_rules_than_are_kept_are_counted(void **state)
{
	struct path_leg *leg = &page.path.request;
	struct path_meeting *m;

	(void)state;
	base_in(FW_INPUT, 0, false);
	HOST_RULE(X_PORT_IS(80), X_COUNTER);
	walk(CLIENT, 80);
	for (size_t i = 0; i < meetings.n; i++) {
		m = vec_at(&meetings, i);
		if (m->is_reply || leg->hops[m->hop].place != PLACE_INPUT)
			continue;
		for (int n = 0; n < PATH_RULES_MAX + 50; n++)
			*(struct fw_step *)vec_push(&m->steps) = (struct fw_step){
				.chain = 0, .rule = 0, .kind = FW_STEP_MATCHED};
	}
	look_at(PLACE_INPUT);
	/* One step and the policy were there; the policy decides, and stays. */
	assert_int_equal(rules.n, PATH_RULES_MAX);
	assert_int_equal(n_more, 52);
}

static void names_are_those_of_the_program(void **state)
{
	struct str s = {0};

	(void)state;
	base_in(FW_INPUT, 0, true);
	host.rules.tables[0].name = text_of("filter");
	host.rules.chains[0].name = text_of("policy drop\x1b[2J");
	HOST_RULE(X_PORT_IS(81), X_ACCEPT);
	walk(CLIENT, 80);
	look_at(PLACE_INPUT);
	path_put_chain(&s, &page, 0);
	assert_string_equal(str_text(&s), "inet filter policy drop\\x1b[2J");
	str_reset(&s);
	path_put_rule_name(&s, &page, row(0));
	assert_string_equal(str_text(&s), "policy drop");
	str_reset(&s);
	path_put_rule_name(&s, &page, row(1));
	assert_string_equal(str_text(&s), "handle 1");
	str_release(&s);
}

#define IN_HOST_WITH(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_HOST_WITH(each_hook_is_met_once_on_each_leg),
		IN_HOST_WITH(
			rules_that_matched_stand_in_their_order_before_the_one_that_decides),
		IN_HOST_WITH(a_near_miss_shows_which_field_missed),
		IN_HOST_WITH(a_miss_on_the_way_to_a_rule_is_a_mark_of_it),
		IN_HOST_WITH(what_nobody_knows_is_neither_hit_nor_missed),
		IN_HOST_WITH(from_the_first_doubt_on_nothing_is_certain),
		IN_HOST_WITH(what_is_decided_has_no_doubt),
		IN_HOST_WITH(a_mark_is_never_sure),
		IN_HOST_WITH(a_rule_that_matched_has_no_miss),
		IN_HOST_WITH(more_rules_than_are_kept_are_counted),
		IN_HOST_WITH(names_are_those_of_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
