/* What was seen at an interface, as a record and in the table of the receiving side. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "core/wire/attempts.h"

static struct record link_record(enum link_kind kind)
{
	struct record r = {.kind = RECORD_LINK};
	struct link_sight *s = &r.link;

	for (size_t i = 0; i < sizeof(*s); i++)
		((uint8_t *)s)[i] = (uint8_t)(i * 7 + 1);
	s->kind = (uint8_t)kind;
	s->is_outgoing = s->has_macs = s->has_tag = true;
	s->is_to_other_mac = s->is_source_own = false;
	s->client = addr_from(AF_INET, "\x0a\0\0\2");
	s->server = addr_from(AF_INET6, "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1");
	s->from = (struct addr){0};
	s->first_ns &= INT64_MAX / 2;
	s->last_ns &= INT64_MAX / 2;
	return r;
}

static void test_every_field_comes_back(void **state)
{
	struct record r = link_record(LINK_STRAY), got;
	uint8_t bytes[RECORD_MAX];
	struct cursor c = cursor_of(bytes, record_put(bytes, &r));

	(void)state;
	assert_int_equal(record_get(&c, &got), 1);
	assert_int_equal(got.kind, RECORD_LINK);
	assert_true(link_sight_is_same(&got.link, &r.link));
	assert_int_equal(got.link.n, r.link.n);
	assert_int_equal(got.link.n_bad_checksums, r.link.n_bad_checksums);
	assert_int_equal(got.link.n_bad_heads, r.link.n_bad_heads);
	assert_int_equal(got.link.is_source_own, r.link.is_source_own);
	assert_int_equal(got.link.first_ns, r.link.first_ns);
	assert_int_equal(got.link.last_ns, r.link.last_ns);
}

static void test_every_cut_and_a_wrong_kind_are_damage(void **state)
{
	struct record r = link_record(LINK_ASK), got;
	uint8_t bytes[RECORD_MAX];
	size_t len = record_put(bytes, &r);
	struct cursor c;

	(void)state;
	for (size_t cut = 1; cut < len; cut++) {
		c = cursor_of(bytes, cut);
		assert_int_equal(record_get(&c, &got), -EBADMSG);
	}
	bytes[4] = N_LINK_KINDS;
	c = cursor_of(bytes, len);
	assert_int_equal(record_get(&c, &got), -EBADMSG);
}

static void test_what_counts_together_is_one_row_with_the_newest_counts(void **state)
{
	struct record one = link_record(LINK_ASK), other = link_record(LINK_ASK);
	struct attempts t;

	(void)state;
	attempts_init(&t, 4);
	one.link.n = 1;
	assert_int_equal(attempts_take_record(&t, &one), 0);
	one.link.n = 5;
	assert_int_equal(attempts_take_record(&t, &one), 0);
	other.link.target_mac[5]++;
	assert_int_equal(attempts_take_record(&t, &other), 0);
	assert_int_equal(t.links.n, 2);
	assert_int_equal(((struct link_sight *)vec_at(&t.links, 0))->n, 5);
	assert_false(t.has_links);
	attempts_release(&t);
}

static void
test_the_state_says_that_frames_are_looked_at_and_how_many_were_not(void **state)
{
	struct record r = {.kind = RECORD_LINK, .link = {.kind = LINK_STATE, .n = 3}};
	struct attempts t;

	(void)state;
	attempts_init(&t, 4);
	assert_int_equal(attempts_take_record(&t, &r), 0);
	assert_true(t.has_links);
	assert_int_equal(t.n_links_lost, 3);
	assert_int_equal(t.links.n, 0);
	r.link.n = LINK_LOST_ALL;
	assert_int_equal(attempts_take_record(&t, &r), 0);
	assert_false(t.has_links);
	attempts_release(&t);
}

static void test_rows_have_a_bound_and_those_beyond_it_are_lost(void **state)
{
	struct record r = link_record(LINK_ASK);
	struct attempts t;

	(void)state;
	attempts_init(&t, 4);
	for (unsigned i = 0; i < 1030; i++) {
		r.link.device = i;
		assert_int_equal(attempts_take_record(&t, &r), 0);
	}
	assert_int_equal(t.links.n + t.n_links_lost, 1030);
	assert_true(t.n_links_lost > 0);
	attempts_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_field_comes_back),
		cmocka_unit_test(test_every_cut_and_a_wrong_kind_are_damage),
		cmocka_unit_test(
			test_what_counts_together_is_one_row_with_the_newest_counts),
		cmocka_unit_test(
			test_the_state_says_that_frames_are_looked_at_and_how_many_were_not),
		cmocka_unit_test(test_rows_have_a_bound_and_those_beyond_it_are_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
