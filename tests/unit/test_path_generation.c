/* A set's element that was told in another generation than the rules: they are asked again,
 * once, and are the same, or the verdict is unsure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/path_host.h"

#define CLIENT "203.0.113.9"
#define SERVER "10.0.0.5"

static const char changed[] = "the rules changed before a set of them was asked";

/* Rules of generation 0x1fffe; the client is in the set, and they drop whom it holds. */
enum { GENERATION = 0x1fffe, TOLD_MANY = 50000 };

static struct fw_element element = {.key = {"\xcb\x00\x71\x09", 4},
				    .verdict_chain = FW_NONE};
static struct fw_member *member;
static struct ruleset *again; /* NULL: they could not be asked */
static size_t n_again;

static int have_rules(void **state)
{
	struct hand_rules *h = &host.rules;
	uint32_t set;

	if (host_start(state))
		return -1;
	h->r.generation = GENERATION;
	base_in(FW_INPUT, 0, false);
	set = hand_set(h, 0, 4, NULL, 0);
	h->sets[set].name = text_of("blocked");
	h->sets[set].is_read = false;
	h->sets[set].n_told = TOLD_MANY;
	HOST_RULE(X_SADDR(0), X_LOOKUP(set, 0), X_DROP);
	member = table_new(sizeof(*member), NULL);
	member->has_set = true;
	member->set = h->sets[set];
	member->set.is_read = true;
	member->set.elements = &element;
	member->set.n_elements = 1;
	n_again = 0;
	again = NULL;
	return 0;
}

static int end_rules(void **state)
{
	table_unref(member);
	table_unref(again);
	return host_end(state);
}

/* The same rules at another moment; rows are borrowed. */
static struct ruleset *read_again(uint32_t generation)
{
	struct ruleset *r = table_new(sizeof(*r), NULL);
	struct table head = r->head;

	*r = host.rules.r;
	r->head = head;
	r->generation = generation;
	return r;
}

static void told_in(uint16_t generation)
{
	member->has_generation = true;
	member->generation = generation;
}

static void answer(const struct question *q)
{
	struct response *r = responses_add(&host.responses, q);

	if (q->kind == QUESTION_ROUTE) {
		host_answer(r);
		return;
	}
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

static struct path walked(void)
{
	struct path_world w = host_world();
	struct path_ask ask = syn(CLIENT, SERVER, 80);
	struct path p;

	for (int rounds = 0; rounds < 8; rounds++) {
		if (path_walk(&w, &ask, &p))
			abort();
		if (!p.n_needs)
			return p;
		for (size_t i = 0; i < p.n_needs; i++)
			answer(&p.needs[i]);
	}
	fail_msg("it asks and asks");
	return p;
}

static void assert_unsure(const struct path *p)
{
	size_t n = 0;

	assert_int_equal(p->request.verdict, PATH_UNSURE);
	for (size_t i = 0; i < p->request.n_unsure; i++)
		n += !strcmp(p->request.unsure[i].why, changed);
	assert_int_equal(n, 1);
}

static void of_the_rules_own_generation_nothing_more_is_asked(void **state)
{
	(void)state;
	told_in(0xfffe);
	assert_int_equal(walked().request.verdict, PATH_DROP);
	assert_int_equal(n_again, 0);
}

static void rules_that_are_still_the_same_leave_nothing_open(void **state)
{
	/* As of the element, and later; the low bits have begun anew. */
	static const uint32_t generations[] = {0x20001, 0x20002};

	(void)state;
	told_in(0x0001);
	for (int i = 0; i < 2; i++) {
		struct path p;

		table_unref(again);
		again = read_again(generations[i]);
		responses_release(&host.responses);
		responses_init(&host.responses);
		n_again = 0;
		p = walked();
		assert_int_equal(p.request.verdict, PATH_DROP);
		assert_int_equal(n_again, 1);
	}
}

static void other_elements_of_the_big_set_are_no_other_rules(void **state)
{
	static struct fw_set more;

	(void)state;
	more = host.rules.sets[0];
	more.n_told = TOLD_MANY + 1;
	told_in(0xffff);
	again = read_again(0x1ffff);
	again->sets = &more;
	assert_int_equal(walked().request.verdict, PATH_DROP);
	assert_int_equal(n_again, 1);
}

static void other_rules_make_it_unsure(void **state)
{
	static struct fw_chain other[HAND_CHAINS];
	struct path p;

	(void)state;
	memcpy(other, host.rules.chains, sizeof(other));
	other[0].policy_drops = true;
	told_in(0xffff);
	again = read_again(0x1ffff);
	again->chains = other;
	p = walked();
	assert_unsure(&p);
	assert_int_equal(n_again, 1);
}

static void rules_of_before_the_element_prove_nothing(void **state)
{
	struct path p;

	(void)state;
	told_in(0x0005);
	again = read_again(0x20004);
	p = walked();
	assert_unsure(&p);
}

static void rules_that_cannot_be_asked_again_make_it_unsure(void **state)
{
	struct path p;

	(void)state;
	told_in(0xffff);
	p = walked();
	assert_unsure(&p);
	assert_int_equal(n_again, 1);
}

static void an_answer_of_two_generations_is_no_answer(void **state)
{
	struct path p;

	(void)state;
	told_in(0xfffe);
	member->is_changing = true;
	again = read_again(0x1ffff);
	p = walked();
	assert_unsure(&p);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, have_rules, end_rules)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_the_rules_own_generation_nothing_more_is_asked),
		TEST(rules_that_are_still_the_same_leave_nothing_open),
		TEST(other_elements_of_the_big_set_are_no_other_rules),
		TEST(other_rules_make_it_unsure),
		TEST(rules_of_before_the_element_prove_nothing),
		TEST(rules_that_cannot_be_asked_again_make_it_unsure),
		TEST(an_answer_of_two_generations_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
