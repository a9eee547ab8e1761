/* What was heard so far: packets of the target in numbers, and the newest client. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "core/diagnosis/hearing.h"
#include "tests/unit/judge_scenes.h"

#define OTHER "203.0.113.77"

static void nobody_was_heard(void **state)
{
	static struct scene c;
	struct hearing h;

	(void)state;
	scene_start(&c);
	hearing_count(&c.e, &h);
	assert_null(h.newest);
	assert_int_equal(h.n_attempts + h.n_syns + h.n_others, 0);
	c.e.attempts = NULL;
	hearing_count(&c.e, &h);
	assert_null(h.newest);
	scene_end(&c);
}

static void packets_are_counted_over_all_attempts(void **state)
{
	static struct scene c;
	struct attempt refused = REFUSED_TRY, silent = SILENT_TRY, rejected = {0};
	struct hearing h;

	(void)state;
	scene_start(&c);
	refused.n_syns = 1;
	rejected = (struct attempt){.outcome = OUTCOME_ICMP, .n_syns = 1, .n_icmp = 2};
	refused.client_port = 1001;
	silent.client_port = 1002;
	rejected.client_port = 1003;
	scene_tell(&c, CLIENT, ANSWERED_TRY);
	scene_tell(&c, CLIENT, refused);
	scene_tell(&c, CLIENT, silent);
	scene_tell(&c, CLIENT, rejected);
	hearing_count(&c.e, &h);
	assert_int_equal(h.n_attempts, 4);
	assert_true(h.n_syns >= 5);
	assert_int_equal(h.n_syn_acks, 1);
	assert_int_equal(h.n_resets, 1);
	assert_int_equal(h.n_icmp, 2);
	assert_int_equal(h.newest->client_port, 1002); /* its last SYN came last */
	scene_end(&c);
}

static void others_than_the_named_client_are_counted_apart(void **state)
{
	static struct scene c;
	struct hearing h;

	(void)state;
	scene_start(&c);
	scene_name(&c);
	scene_tell(&c, OTHER, ANSWERED_TRY);
	hearing_count(&c.e, &h);
	assert_null(h.newest);
	assert_int_equal(h.n_others, 1);
	scene_tell(&c, CLIENT, SILENT_TRY);
	hearing_count(&c.e, &h);
	assert_int_equal(h.n_attempts, 1);
	assert_int_equal(h.n_syn_acks, 0);
	assert_int_equal(h.n_others, 1);
	scene_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_was_heard),
		cmocka_unit_test(packets_are_counted_over_all_attempts),
		cmocka_unit_test(others_than_the_named_client_are_counted_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
