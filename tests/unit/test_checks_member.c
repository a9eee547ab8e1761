/* One of several sockets that share a port hangs: told apart from a service that does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/evidence_host.h"

static const struct hand_link one_each[] = {{100, 812, 3}, {101, 813, 3}, {0}};

/* Two workers with a socket each; connections wait at that of the second. */
static void share(struct scene *c, uint32_t n_waiting, const struct hand_link *links,
		  struct process_state second)
{
	static const struct hand_process workers[] = {
		PROC(812, 1000, "nginx"), PROC(813, 1001, "nginx"), {0}};
	static struct process_state states[2];
	const struct hand_socket sockets[] = {
		SOCK(PROTO_TCP, "0.0.0.0", 443, 100, .limit = 511),
		SOCK(PROTO_TCP, "0.0.0.0", 443, 101, .limit = 511, .length = n_waiting),
		{0}};

	states[0] = (struct process_state){.pid = 812, .start_ticks = 1000, .state = 'S'};
	states[1] = second;
	states[1].pid = 813;
	states[1].start_ticks = 1001;
	scene_own(c, sockets, workers, links);
	c->processes.rows = states;
	c->processes.n = 2;
	c->e.processes = &c->processes;
	scene_try(c, SILENT_TRY);
}

static void a_member_is_stopped(struct scene *c)
{
	share(c, 3, one_each, (struct process_state){.state = 'T'});
}

static void a_member_is_frozen(struct scene *c)
{
	share(c, 3, one_each, (struct process_state){.state = 'S', .is_frozen = TRI_YES});
}

static void a_member_is_stopped_and_nobody_waits(struct scene *c)
{
	share(c, 0, one_each, (struct process_state){.state = 'T'});
}

static void a_member_was_emptied_since(struct scene *c)
{
	static const struct hand_socket after[] = {
		SOCK(PROTO_TCP, "0.0.0.0", 443, 100, .limit = 511),
		SOCK(PROTO_TCP, "0.0.0.0", 443, 101, .limit = 511),
		{0}};

	a_member_is_stopped(c);
	scene_after(c, after);
}

static void a_stopped_member_is_held_by_another_too(struct scene *c)
{
	static const struct hand_link both[] = {
		{100, 812, 3}, {101, 812, 4}, {101, 813, 3}, {0}};

	share(c, 3, both, (struct process_state){.state = 'T'});
}

static void all_members_go_on(struct scene *c)
{
	share(c, 3, one_each, (struct process_state){.state = 'S'});
}

static void all_members_are_stopped(struct scene *c)
{
	a_member_is_stopped(c);
	c->processes.rows[0].state = 'T';
}

static const struct scene_row member_rows[] = {
	PROVEN("one of two is stopped", a_member_is_stopped, FAULT_MEMBER_DEAD,
	       "one of 2 sockets that share it hangs: process 813 is stopped"),
	PROVEN("one of two is frozen", a_member_is_frozen, FAULT_MEMBER_DEAD,
	       "process 813 is frozen"),
	EXCLUDED("the process is not stopped as a whole", a_member_is_stopped,
		 FAULT_PROCESS_STOPPED),
	NEVER("nobody waits at it", a_member_is_stopped_and_nobody_waits,
	      FAULT_MEMBER_DEAD),
	NEVER("it was emptied since", a_member_was_emptied_since, FAULT_MEMBER_DEAD),
	NEVER("another holds that socket too", a_stopped_member_is_held_by_another_too,
	      FAULT_MEMBER_DEAD),
	NEVER("all go on", all_members_go_on, FAULT_MEMBER_DEAD),
	NEVER("all are stopped", all_members_are_stopped, FAULT_MEMBER_DEAD),
	PROVEN("all are stopped: that is the cause", all_members_are_stopped,
	       FAULT_PROCESS_STOPPED, "stopped"),
};

static void a_member_that_hangs_is_told_apart_from_a_service_that_does(void **state)
{
	(void)state;
	scene_run(member_rows, N_OF(member_rows));
}

static void a_signal_is_advised_only_where_it_wakes(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, a_member_is_stopped);

	(void)state;
	assert_true(text_equals_str(d->findings[0].next[0].command, "kill -CONT 813"));
	assert_int_equal(d->extent, EXTENT_SOME);
	scene_give_back(&c, d);
	d = scene_judge(&c, a_member_is_frozen);
	assert_int_equal(d->findings[0].fault, FAULT_MEMBER_DEAD);
	assert_true(d->findings[0].n_next > 0);
	for (size_t i = 0; i < d->findings[0].n_next; i++)
		assert_false(scene_contains(d->findings[0].next[i].command, "kill"));
	scene_give_back(&c, d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_member_that_hangs_is_told_apart_from_a_service_that_does),
		cmocka_unit_test(a_signal_is_advised_only_where_it_wakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
