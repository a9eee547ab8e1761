/* What control groups did to a service for their limits, as evidence of what ails it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/evidence_host.h"

static void left_waiting(struct scene *c)
{
	static const struct hand_socket waiting[] = {
		SOCK(PROTO_TCP, "0.0.0.0", 443, 100, .length = 5, .limit = 511), {0}};

	scene_listen(c, waiting);
	scene_try(c, (struct attempt){.outcome = OUTCOME_ANSWERED,
				      .n_syn_acks = 1,
				      .answered_ns = WALL + NS_PER_S,
				      .client_bytes = BYTES_HTTP_REQUEST});
}

static void with_group(struct scene *c, int64_t n_killed, int64_t n_refused_forks)
{
	left_waiting(c);
	scene_state(c, (struct process_state){.state = 'S',
					      .n_fds = 9,
					      .fd_limit = 1024,
					      .n_killed = n_killed,
					      .n_refused_forks = n_refused_forks});
}

static void killed(struct scene *c)
{
	with_group(c, 1, 0);
}

static void refused(struct scene *c)
{
	with_group(c, 0, 41);
}

static void untouched(struct scene *c)
{
	with_group(c, 0, 0);
}

static void not_told(struct scene *c)
{
	with_group(c, -1, -1);
}

static bool says(void (*make)(struct scene *c), const char *words)
{
	struct scene c;
	struct diagnosis *d = scene_judge(&c, make);
	const struct finding *f = diagnosis_cause(d);
	bool is_said = false;

	assert_non_null(f);
	assert_int_equal(f->fault, FAULT_NOT_ACCEPTING);
	for (size_t i = 0; i < f->n_proofs; i++)
		is_said |= scene_contains(f->proofs[i].text, words) &&
			   !f->proofs[i].is_observed;
	scene_give_back(&c, d);
	return is_said;
}

static void what_a_limit_did_stands_with_the_service_that_does_not_accept(void **state)
{
	(void)state;
	assert_true(says(killed, "killed 1 process of its control group since that began"));
	assert_true(says(refused, "41 forks failed since it began"));
	assert_false(says(killed, "fork"));
	assert_false(says(refused, "killed"));
	assert_false(says(untouched, "control group"));
	assert_false(says(not_told, "control group"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_a_limit_did_stands_with_the_service_that_does_not_accept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
