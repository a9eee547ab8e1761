/* Exposure over a set whose elements were told in another generation than the rules: these
 * are asked again, once, and are the same, or the set says nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/path/exposure.h"
#include "tests/unit/path_host.h"

static const char changed[] = "the rules changed before a set of them was asked";

/* They drop whom the set holds: 203.0.113.9. */
enum { GENERATION = 0x1fffe };

static struct fw_element element = {.key = {"\xcb\x00\x71\x09", 4},
				    .verdict_chain = FW_NONE};
static struct fw_member *member;
static struct ruleset *again; /* NULL: they cannot be asked */
static size_t n_again;
static struct exposure found;

static int have_rules(void **state)
{
	struct hand_rules *h = &host.rules;
	uint32_t set;

	if (host_start(state))
		return -1;
	h->r.generation = GENERATION;
	hand_base(h, hand_firewall_table(h, NFPROTO_IPV4), FW_INPUT, 0, false);
	set = hand_set(h, 0, 4, NULL, 0);
	h->sets[set].name = text_of("blocked");
	h->sets[set].is_read = false;
	h->sets[set].n_told = 1;
	HOST_RULE(X_SADDR(0), X_LOOKUP(set, 0), X_DROP);
	member = table_new(sizeof(*member), NULL);
	member->has_set = true;
	member->set = h->sets[set];
	member->set.is_read = true;
	member->set.elements = &element;
	member->set.n_elements = 1;
	member->has_generation = true;
	n_again = 0;
	again = NULL;
	return 0;
}

static int end_rules(void **state)
{
	exposure_release(&found);
	table_unref(member);
	table_unref(again);
	return host_end(state);
}

/* The same rules at another moment; rows are borrowed. */
static void read_again(uint32_t generation)
{
	struct table head;

	again = table_new(sizeof(*again), NULL);
	head = again->head;
	*again = host.rules.r;
	again->head = head;
	again->generation = generation;
}

static void answer(const struct question *q)
{
	struct response *r = responses_add(&host.responses, q);

	if (q->kind == QUESTION_MEMBER) {
		r->state = RESPONSE_WHOLE;
		r->table = table_ref(member);
		return;
	}
	assert_int_equal(q->kind, QUESTION_RULESET);
	assert_int_equal(q->round, ROUND_AGAIN);
	n_again++;
	r->state = again ? RESPONSE_WHOLE : RESPONSE_FAILED;
	r->table = table_ref(again);
}

/* Of the way to port 80 by the first device. */
static const struct exposure_way *searched(void)
{
	struct exposure_port port = {80, 0};
	struct exposure_wish wish = {.ports = &port, .n_ports = 1};
	struct path_world w = host_world();

	for (int rounds = 0; rounds < 8; rounds++) {
		const struct exposure_listener *l;

		exposure_release(&found);
		assert_int_equal(exposure_find(&w, &wish, &found), 0);
		for (size_t i = 0; i < found.n_needs; i++)
			answer(&found.needs[i]);
		if (found.n_needs)
			continue;
		l = vec_at(&found.listeners, 0);
		return vec_at(&l->ways, 0);
	}
	fail_msg("it asks and asks");
	return NULL;
}

static void assert_exact(const struct exposure_way *way)
{
	assert_int_equal(way->doubts.n, 0);
	assert_int_equal(way->open.n, 2);
}

static void assert_unsure(const struct exposure_way *way)
{
	const struct exposure_doubt *doubt;

	assert_int_equal(way->open.n, 0);
	assert_true(way->doubts.n);
	doubt = vec_at(&way->doubts, 0);
	assert_string_equal(doubt->why, changed);
}

static void of_the_rules_own_generation_nothing_more_is_asked(void **state)
{
	(void)state;
	member->generation = 0xfffe;
	assert_exact(searched());
	assert_int_equal(n_again, 0);
}

static void rules_that_have_stayed_make_later_elements_theirs(void **state)
{
	(void)state;
	member->generation = 0x0001;
	read_again(0x20001);
	assert_exact(searched());
	assert_int_equal(n_again, 1);
}

static void other_rules_make_its_sources_unsure(void **state)
{
	static struct fw_chain other[HAND_CHAINS];

	(void)state;
	memcpy(other, host.rules.chains, sizeof(other));
	other[0].policy_drops = true;
	member->generation = 0xffff;
	read_again(0x1ffff);
	again->chains = other;
	assert_unsure(searched());
	assert_int_equal(n_again, 1);
}

static void rules_that_cannot_be_read_again_prove_nothing(void **state)
{
	(void)state;
	member->generation = 0xffff;
	assert_unsure(searched());
}

static void an_answer_of_two_generations_is_none(void **state)
{
	(void)state;
	member->generation = 0xffff;
	member->is_changing = true;
	read_again(0x1ffff);
	assert_unsure(searched());
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, have_rules, end_rules)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_the_rules_own_generation_nothing_more_is_asked),
		TEST(rules_that_have_stayed_make_later_elements_theirs),
		TEST(other_rules_make_its_sources_unsure),
		TEST(rules_that_cannot_be_read_again_prove_nothing),
		TEST(an_answer_of_two_generations_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
