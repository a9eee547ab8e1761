/* Sets that are not read with the rules: what a walk asks of them, and what it makes of the
 * answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/netfilter/xt_set.h>

#include "tests/unit/path_host.h"

#define CLIENT "203.0.113.9"
#define SERVER "10.0.0.5"

enum { TOLD_MANY = 50000 };

/* A rule that drops whose source is in a set of which nothing is read. */
static uint32_t unread_set(uint32_t n_told, uint32_t flags)
{
	struct hand_rules *h = &host.rules;
	uint32_t set;

	base_in(FW_INPUT, 0, false);
	set = hand_set(h, flags, 4, NULL, 0);
	h->sets[set].name = text_of("blocked");
	h->sets[set].is_read = false;
	h->sets[set].n_told = n_told;
	return set;
}

/* As rules_with_dot_ipset: set 5 is "bad", hash:ip; 6 is a list of it. */
static struct fw_ipset ipsets[2];
static uint32_t bad[] = {0};

static void have_ipsets(void)
{
	ipsets[0] = (struct fw_ipset){.index = 5,
				      .family = NFPROTO_IPV4,
				      .name = text_of("bad"),
				      .type = text_of("hash:ip"),
				      .words = "set bad",
				      .dims = {IPSET_DIM_IP},
				      .n_dims = 1};
	ipsets[1] = (struct fw_ipset){.index = 6,
				      .name = text_of("all"),
				      .type = text_of("list:set"),
				      .words = "set all",
				      .dims = {IPSET_DIM_SET},
				      .n_dims = 1,
				      .members = bad,
				      .n_members = 1};
	host.rules.r.ipsets = ipsets;
	host.rules.r.n_ipsets = 2;
}

static void ask_ipset(uint16_t index, uint8_t flags)
{
	struct xt_set_info_match_v1 m = {
		.match_set = {.index = index, .dim = 1, .flags = flags}};
	struct fw_expr match = {.kind = FW_EXPR_XT_MATCH,
				.name = text_of("set"),
				.revision = 1,
				.value = {(const char *)&m, sizeof(m)}};
	struct fw_expr exprs[] = {match, X_DROP};

	base_in(FW_INPUT, 0, false);
	have_ipsets();
	hand_rule(&host.rules, exprs, 2);
}

/* How the sets answer; NULL: they do not. */
static struct fw_member *answer;
static struct member_ask asked; /* the last one */
static size_t n_members;

static void answer_all(const struct path *p)
{
	for (size_t i = 0; i < p->n_needs; i++) {
		struct response *r = responses_add(&host.responses, &p->needs[i]);

		if (p->needs[i].kind != QUESTION_MEMBER) {
			host_answer(r);
			continue;
		}
		asked = p->needs[i].member;
		n_members++;
		r->state = answer ? RESPONSE_WHOLE : RESPONSE_FAILED;
		r->table = table_ref(answer);
	}
}

static struct path walked(const char *client, uint16_t port)
{
	struct path_world w = host_world();
	struct path_ask ask = syn(client, SERVER, port);
	struct path p;

	for (int rounds = 0; rounds < 8; rounds++) {
		if (path_walk(&w, &ask, &p))
			abort();
		if (!p.n_needs)
			break;
		answer_all(&p);
	}
	return p;
}

static struct fw_member *elements_of(uint32_t set, const char *address)
{
	struct fw_member *m = table_new(sizeof(*m), NULL);
	struct addr a = hand_addr(address);

	m->has_set = true;
	m->set = host.rules.sets[set];
	m->set.is_read = true;
	m->set.n_elements = 1;
	m->set.elements = arena_alloc(&m->head.arena, sizeof(*m->set.elements));
	m->set.elements->key.bytes = arena_copy(&m->head.arena, a.bytes, 4);
	m->set.elements->key.len = 4;
	m->set.elements->verdict_chain = FW_NONE;
	return m;
}

static struct fw_member *member_that(enum tri is_in)
{
	struct fw_member *m = table_new(sizeof(*m), NULL);

	m->is_in = is_in;
	return m;
}

static int start(void **state)
{
	answer = NULL;
	n_members = 0;
	return host_start(state);
}

static int end(void **state)
{
	table_unref(answer);
	return host_end(state);
}

static void of_a_big_set_the_packet_s_own_key_is_asked(void **state)
{
	static const uint8_t client[] = {203, 0, 113, 9};
	uint32_t set = unread_set(TOLD_MANY, 0);
	struct path p;

	(void)state;
	RULE(&host.rules, X_SADDR(0), X_LOOKUP(set, 0), X_DROP);
	answer = elements_of(set, CLIENT);
	p = walked(CLIENT, 80);
	assert_int_equal(n_members, 1);
	assert_string_equal(asked.set, "blocked");
	assert_int_equal(asked.key_len, 4);
	assert_memory_equal(asked.key, client, 4);
	assert_int_equal(p.request.verdict, PATH_DROP);
	assert_int_equal(p.request.set, set);
	assert_int_equal(p.request.element, 0);
	assert_ptr_equal(p.request.member, answer);
	assert_true(p.request.is_source_in_set);
}

static void a_small_set_is_asked_for_all_its_elements(void **state)
{
	uint32_t set = unread_set(3, 0);
	struct path p;

	(void)state;
	RULE(&host.rules, X_SADDR(0), X_LOOKUP(set, 0), X_DROP);
	answer = elements_of(set, "203.0.113.10");
	p = walked(CLIENT, 80);
	assert_int_equal(asked.key_len, 0);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
}

static void a_set_that_is_not_answered_yet_leaves_the_verdict_open(void **state)
{
	uint32_t set = unread_set(TOLD_MANY, 0);
	struct path_world w = host_world();
	struct path_ask ask = syn(CLIENT, SERVER, 80);
	struct path p;

	(void)state;
	RULE(&host.rules, X_SADDR(0), X_LOOKUP(set, 0), X_ACCEPT);
	RULE(&host.rules, X_DROP);
	/* Everything but the set is known. */
	for (int i = 0; i < 4; i++) {
		assert_int_equal(path_walk(&w, &ask, &p), 0);
		for (size_t k = 0; k < p.n_needs; k++)
			if (p.needs[k].kind != QUESTION_MEMBER)
				host_answer(responses_add(&host.responses, &p.needs[k]));
	}
	assert_int_equal(p.n_needs, 1);
	assert_int_equal(p.needs[0].kind, QUESTION_MEMBER);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
}

static void a_set_that_cannot_be_asked_leaves_the_verdict_unsure(void **state)
{
	uint32_t set = unread_set(TOLD_MANY, 0);
	struct path p;

	(void)state;
	RULE(&host.rules, X_SADDR(0), X_LOOKUP(set, 0), X_DROP);
	p = walked(CLIENT, 80);
	assert_int_equal(p.n_needs, 0);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
}

static void elements_of_another_shape_leave_the_verdict_unsure(void **state)
{
	uint32_t set = unread_set(TOLD_MANY, 0);
	struct path p;

	(void)state;
	RULE(&host.rules, X_SADDR(0), X_LOOKUP(set, 0), X_DROP);
	answer = elements_of(set, CLIENT);
	answer->set.data_len = 4;
	p = walked(CLIENT, 80);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
}

static void of_a_part_of_the_elements_nothing_is_concluded(void **state)
{
	uint32_t set = unread_set(3, 0);
	struct question q = {.kind = QUESTION_MEMBER, .member = {.family = NFPROTO_INET}};
	struct response *r;
	struct path p;

	(void)state;
	RULE(&host.rules, X_SADDR(0), X_LOOKUP(set, 0), X_DROP);
	strcpy(q.member.table, "t");
	strcpy(q.member.set, "blocked");
	r = responses_add(&host.responses, &q);
	r->table = elements_of(set, "203.0.113.10");
	r->state = RESPONSE_PART;
	p = walked(CLIENT, 80);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
}

static void a_rule_that_does_not_match_anyway_asks_no_set(void **state)
{
	uint32_t set = unread_set(TOLD_MANY, 0);
	struct path p;

	(void)state;
	RULE(&host.rules, X_SADDR(0), X_LOOKUP(set, 0), X_PORT_IS(443), X_DROP);
	p = walked(CLIENT, 80);
	assert_int_equal(n_members, 0);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	p = walked(CLIENT, 443);
	assert_int_equal(n_members, 1);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
}

static void of_an_unknown_client_no_key_is_asked(void **state)
{
	uint32_t set = unread_set(TOLD_MANY, 0);
	struct path p;

	(void)state;
	RULE(&host.rules, X_SADDR(0), X_LOOKUP(set, 0), X_DROP);
	p = walked(NULL, 80);
	assert_int_equal(n_members, 0);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
}

static void an_ipset_that_has_the_client_decides(void **state)
{
	struct path p;

	(void)state;
	ask_ipset(5, IPSET_DIM_ONE_SRC);
	answer = member_that(TRI_YES);
	p = walked(CLIENT, 80);
	assert_int_equal(asked.backend, MEMBER_IPSET);
	assert_string_equal(asked.set, "bad");
	assert_int_equal(p.request.verdict, PATH_DROP);
	assert_int_equal(p.request.ipset, 0);
	assert_true(p.request.is_source_in_set);
}

static void an_ipset_of_destinations_is_asked_for_the_server(void **state)
{
	struct addr server = hand_addr(SERVER);
	struct path p;

	(void)state;
	ask_ipset(5, 0);
	answer = member_that(TRI_NO);
	p = walked(CLIENT, 80);
	assert_true(addr_equals(&asked.ipset.address, &server));
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
}

static void an_inverted_match_holds_for_who_is_not_in(void **state)
{
	struct path p;

	(void)state;
	ask_ipset(5, IPSET_DIM_ONE_SRC | IPSET_INV_MATCH);
	answer = member_that(TRI_NO);
	p = walked(CLIENT, 80);
	assert_int_equal(p.request.verdict, PATH_DROP);
}

static void a_list_asks_the_sets_that_it_lists(void **state)
{
	struct path p;

	(void)state;
	ask_ipset(6, IPSET_DIM_ONE_SRC);
	answer = member_that(TRI_YES);
	p = walked(CLIENT, 80);
	assert_string_equal(asked.set, "bad");
	assert_int_equal(p.request.verdict, PATH_DROP);
	assert_int_equal(p.request.ipset, 0);
}

static void an_unknown_client_may_be_in_the_set_that_is_named(void **state)
{
	struct path p;

	(void)state;
	ask_ipset(5, IPSET_DIM_ONE_SRC);
	p = walked(NULL, 80);
	assert_int_equal(n_members, 0);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_string_equal(p.request.unsure[0].why, "set bad");
}

static void an_ipset_whose_number_nobody_told_is_unsure(void **state)
{
	struct path p;

	(void)state;
	ask_ipset(9, IPSET_DIM_ONE_SRC);
	p = walked(CLIENT, 80);
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_string_equal(p.request.unsure[0].why, "xt match set");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(of_a_big_set_the_packet_s_own_key_is_asked),
		CASE(a_small_set_is_asked_for_all_its_elements),
		CASE(a_set_that_is_not_answered_yet_leaves_the_verdict_open),
		CASE(a_set_that_cannot_be_asked_leaves_the_verdict_unsure),
		CASE(elements_of_another_shape_leave_the_verdict_unsure),
		CASE(of_a_part_of_the_elements_nothing_is_concluded),
		CASE(a_rule_that_does_not_match_anyway_asks_no_set),
		CASE(of_an_unknown_client_no_key_is_asked),
		CASE(an_ipset_that_has_the_client_decides),
		CASE(an_ipset_of_destinations_is_asked_for_the_server),
		CASE(an_inverted_match_holds_for_who_is_not_in),
		CASE(a_list_asks_the_sets_that_it_lists),
		CASE(an_unknown_client_may_be_in_the_set_that_is_named),
		CASE(an_ipset_whose_number_nobody_told_is_unsure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
