/* Questions compared, and the rows of their answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <string.h>

#include "core/snapshot/question.h"

static struct responses responses;

static int open_responses(void **state)
{
	(void)state;
	responses_init(&responses);
	return 0;
}

static int close_responses(void **state)
{
	(void)state;
	responses_release(&responses);
	return 0;
}

static struct question route_to(uint8_t last)
{
	uint8_t bytes[4] = {192, 0, 2, last};

	return (struct question){.kind = QUESTION_ROUTE, .route.target = addr_v4(bytes)};
}

static void assert_differ(const struct question *a, const struct question *b)
{
	assert_true(question_equals(a, a));
	assert_false(question_equals(a, b));
	assert_false(question_equals(b, a));
}

static void every_argument_of_a_route_makes_another_question(void **state)
{
	struct question plain = route_to(1), q = route_to(2);

	(void)state;
	assert_differ(&plain, &q);
	q = plain;
	q.route.source = route_to(9).route.target;
	assert_differ(&plain, &q);
	q = plain;
	q.route.in_ifindex = 3;
	assert_differ(&plain, &q);
	q = plain;
	q.route.out_ifindex = 3;
	assert_differ(&plain, &q);
	q = plain;
	q.route.mark = 3;
	assert_differ(&plain, &q);
	q = plain;
	q.route.proto = IPPROTO_TCP;
	assert_differ(&plain, &q);
	q = plain;
	q.route.source_port = 443;
	assert_differ(&plain, &q);
	q = plain;
	q.route.target_port = 443;
	assert_differ(&plain, &q);
}

/* Pairs of one kind whose arguments differ in one thing. */
static const struct question pairs[][2] = {
	{{.kind = QUESTION_MEMBER, .member = {.set = "a", .table = "t"}},
	 {.kind = QUESTION_MEMBER, .member = {.set = "b", .table = "t"}}},
	{{.kind = QUESTION_MEMBER, .member = {.set = "a", .table = "t"}},
	 {.kind = QUESTION_MEMBER, .member = {.set = "a", .table = "u"}}},
	{{.kind = QUESTION_MEMBER, .member = {.set = "a", .family = 1}},
	 {.kind = QUESTION_MEMBER, .member = {.set = "a", .family = 2}}},
	{{.kind = QUESTION_MEMBER, .member = {.set = "a", .key_len = 1, .key = {1}}},
	 {.kind = QUESTION_MEMBER, .member = {.set = "a", .key_len = 1, .key = {2}}}},
	{{.kind = QUESTION_MEMBER, .member = {.set = "a", .key_len = 1}},
	 {.kind = QUESTION_MEMBER, .member = {.set = "a"}}},
	{{.kind = QUESTION_MEMBER, .member = {.set = "a", .backend = MEMBER_IPSET}},
	 {.kind = QUESTION_MEMBER, .member = {.set = "a"}}},
	{{.kind = QUESTION_MEMBER, .member = {.set = "a", .ipset = {.port = 1}}},
	 {.kind = QUESTION_MEMBER, .member = {.set = "a", .ipset = {.port = 2}}}},
	{{.kind = QUESTION_MEMBER, .member = {.set = "a", .ipset = {.mark = 1}}},
	 {.kind = QUESTION_MEMBER, .member = {.set = "a"}}},
	{{.kind = QUESTION_MEMBER, .member = {.set = "a", .ipset = {.device = "lo"}}},
	 {.kind = QUESTION_MEMBER, .member = {.set = "a"}}},
	{{.kind = QUESTION_CONNTRACK, .conntrack = {IPPROTO_TCP, 443}},
	 {.kind = QUESTION_CONNTRACK, .conntrack = {IPPROTO_UDP, 443}}},
	{{.kind = QUESTION_CONNTRACK, .conntrack = {IPPROTO_TCP, 443}},
	 {.kind = QUESTION_CONNTRACK, .conntrack = {IPPROTO_TCP, 444}}},
	{{.kind = QUESTION_NAMES, .names = {"a.example"}},
	 {.kind = QUESTION_NAMES, .names = {"b.example"}}},
	{{.kind = QUESTION_PROBE, .probe = {.port = 443}},
	 {.kind = QUESTION_PROBE, .probe = {.port = 444}}},
	{{.kind = QUESTION_PROBE, .probe = {.address = {.family = AF_INET}}},
	 {.kind = QUESTION_PROBE, .probe = {.address = {.family = AF_INET6}}}},
	{{.kind = QUESTION_REACH, .reach = {.port = 443}},
	 {.kind = QUESTION_REACH, .reach = {.port = 444}}},
	{{.kind = QUESTION_REACH, .reach = {.n = 1, .addresses = {{.family = AF_INET}}}},
	 {.kind = QUESTION_REACH, .reach = {.n = 1, .addresses = {{.family = AF_INET6}}}}},
	{{.kind = QUESTION_REACH, .reach = {.sweeps = true}}, {.kind = QUESTION_REACH}},
	{{.kind = QUESTION_REACH, .reach = {.name = "a"}}, {.kind = QUESTION_REACH}},
	{{.kind = QUESTION_CONNECTIONS, .port = 443},
	 {.kind = QUESTION_CONNECTIONS, .port = 444}},
	{{.kind = QUESTION_PEERS, .port = 443}, {.kind = QUESTION_PEERS, .port = 444}},
	{{.kind = QUESTION_COUNTERS}, {.kind = QUESTION_SETTINGS}},
	{{.kind = QUESTION_COUNTERS}, {.kind = QUESTION_COUNTERS, .round = 1}},
};

static void another_kind_round_or_argument_is_another_question(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		assert_differ(&pairs[i][0], &pairs[i][1]);
}

static void of_logs_changes_and_processes_the_kind_and_round_count(void **state)
{
	static const enum question_kind kinds[] = {QUESTION_LOGS, QUESTION_CHANGES};
	struct question a = {.kind = QUESTION_PROCESSES, .processes = {{7}, 1}};
	struct question b = {.kind = QUESTION_PROCESSES, .processes = {{8}, 1}};

	(void)state;
	assert_true(question_equals(&a, &b));
	for (size_t i = 0; i < 2; i++) {
		a = (struct question){.kind = kinds[i], .past.since_wall_ns = 1};
		b = (struct question){.kind = kinds[i], .past.since_wall_ns = 2};
		assert_true(question_equals(&a, &b));
		b.round = 1;
		assert_differ(&a, &b);
	}
}

static void a_question_put_twice_has_one_row(void **state)
{
	struct question q = route_to(1), other = route_to(2);
	struct response *r;

	(void)state;
	assert_null(responses_find(&responses, &q));
	r = responses_add(&responses, &q);
	assert_non_null(r);
	assert_int_equal(r->state, RESPONSE_WAITING);
	assert_ptr_equal(responses_add(&responses, &q), r);
	assert_int_equal(responses.rows.n, 1);
	assert_ptr_not_equal(responses_add(&responses, &other), r);
	assert_int_equal(responses.rows.n, 2);
	assert_ptr_equal(responses_find(&responses, &q), r);
}

static void rows_stay_where_they_are_while_others_are_added(void **state)
{
	struct question first = {.kind = QUESTION_CONNECTIONS, .port = 1};
	struct response *r = responses_add(&responses, &first);

	(void)state;
	for (uint16_t port = 2; port < 200; port++) {
		struct question q = {.kind = QUESTION_CONNECTIONS, .port = port};

		assert_non_null(responses_add(&responses, &q));
	}
	assert_ptr_equal(responses_find(&responses, &first), r);
	assert_int_equal(r->question.port, 1);
}

static void an_answer_is_found_by_its_kind_and_round(void **state)
{
	struct question before = {.kind = QUESTION_COUNTERS};
	struct question after = {.kind = QUESTION_COUNTERS, .round = 1};
	struct response *r;

	(void)state;
	responses_add(&responses, &before);
	r = responses_add(&responses, &after);
	assert_null(responses_table(&responses, QUESTION_COUNTERS, 1));
	r->table = table_new(sizeof(struct counter_table), NULL);
	assert_ptr_equal(responses_of(&responses, QUESTION_COUNTERS, 1), r);
	assert_ptr_equal(responses_table(&responses, QUESTION_COUNTERS, 1), r->table);
	assert_null(responses_table(&responses, QUESTION_COUNTERS, 0));
	assert_null(responses_of(&responses, QUESTION_SETTINGS, 0));
}

static void all_are_in_when_none_waits(void **state)
{
	struct question one = route_to(1), two = route_to(2);

	(void)state;
	assert_true(responses_are_in(&responses));
	responses_add(&responses, &one)->state = RESPONSE_WHOLE;
	responses_add(&responses, &two);
	assert_false(responses_are_in(&responses));
	responses_find(&responses, &two)->state = RESPONSE_FAILED;
	assert_true(responses_are_in(&responses));
}

static void every_kind_has_a_word_of_its_own(void **state)
{
	(void)state;
	for (unsigned a = 0; a < N_QUESTION_KINDS; a++)
		for (unsigned b = 0; b < a; b++)
			assert_string_not_equal(question_word(a), question_word(b));
	assert_string_equal(question_word(QUESTION_RULESET), "nf_tables");
}

#define WITH_RESPONSES(test) \
	cmocka_unit_test_setup_teardown(test, open_responses, close_responses)

/* So many that they are found by their numbers. */
static void of_thousands_of_questions_each_has_its_own_row(void **state)
{
	struct question q = {.kind = QUESTION_MEMBER, .member = {.set = "s", .key_len = 2}};
	struct question way = route_to(1);
	struct response *first;

	(void)state;
	first = responses_add(&responses, &way);
	for (unsigned i = 0; i < 5000; i++) {
		q.member.key[0] = (uint8_t)(i >> 8);
		q.member.key[1] = (uint8_t)i;
		assert_null(responses_find(&responses, &q));
		assert_non_null(responses_add(&responses, &q));
	}
	for (unsigned i = 0; i < 5000; i++) {
		const struct response *r;

		q.member.key[0] = (uint8_t)(i >> 8);
		q.member.key[1] = (uint8_t)i;
		r = responses_find(&responses, &q);
		assert_non_null(r);
		assert_memory_equal(r->question.member.key, q.member.key, 2);
		assert_ptr_equal(responses_add(&responses, &q), r);
	}
	assert_int_equal(responses.rows.n, 5001);
	assert_ptr_equal(responses_find(&responses, &way), first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_argument_of_a_route_makes_another_question),
		cmocka_unit_test(another_kind_round_or_argument_is_another_question),
		cmocka_unit_test(of_logs_changes_and_processes_the_kind_and_round_count),
		WITH_RESPONSES(a_question_put_twice_has_one_row),
		WITH_RESPONSES(rows_stay_where_they_are_while_others_are_added),
		WITH_RESPONSES(an_answer_is_found_by_its_kind_and_round),
		WITH_RESPONSES(all_are_in_when_none_waits),
		WITH_RESPONSES(of_thousands_of_questions_each_has_its_own_row),
		cmocka_unit_test(every_kind_has_a_word_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
