/* The time line of a diagnosis: what is on it, in which order, and why a line counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/judge_scenes.h"

#include "tests/unit/hand_logs.h"
#include "tests/unit/timeline_scene.h"

static void rows_stand_in_the_order_of_time(void **state)
{
	struct scene c;
	struct timeline *t;

	(void)state;
	scene_start(&c);
	a_rule_drops(&c);
	t = timeline_of(&c);
	for (size_t i = 1; i < t->n; i++)
		assert_true(t->rows[i - 1].wall_ns < t->rows[i].wall_ns ||
			    (t->rows[i - 1].wall_ns == t->rows[i].wall_ns &&
			     t->rows[i - 1].kind <= t->rows[i].kind));
	assert_int_equal(count(t, TIMELINE_SYN), 2);
	assert_int_equal(count(t, TIMELINE_EVENT), 2);
	assert_int_equal(row_of(t, TIMELINE_SYN, 1)->wall_ns -
				 row_of(t, TIMELINE_SYN, 0)->wall_ns,
			 NS_PER_S);
	has(row_of(t, TIMELINE_SYN, 0)->text, "SYN, 10.0.0.2:40000 to 10.0.0.1:443");
	has(row_of(t, TIMELINE_SYN, 1)->text, "sent again");
	has(row_of(t, TIMELINE_SYN, 0)->command, "host 10.0.0.2 and port 443");
	table_unref(t);
	scene_end(&c);
}

static void the_moment_of_a_fault_is_marked_and_times_are_relative_to_it(void **state)
{
	const struct timeline_row *fault;
	struct scene c;
	struct timeline *t;

	(void)state;
	scene_start(&c);
	a_rule_drops(&c);
	t = timeline_of(&c);
	fault = row_of(t, TIMELINE_FAULT, 0);
	assert_non_null(fault);
	assert_true(fault->is_marked && fault->is_bad && fault->why.len);
	assert_int_equal(t->start_ns, fault->wall_ns);
	assert_ptr_equal(&t->rows[t->start], fault);
	table_unref(t);
	scene_end(&c);
}

static void a_healthy_port_has_no_moment_of_a_fault(void **state)
{
	struct scene c;
	struct timeline *t;

	(void)state;
	scene_start(&c);
	answered(&c);
	t = timeline_of(&c);
	assert_null(row_of(t, TIMELINE_FAULT, 0));
	table_unref(t);
	scene_end(&c);
}

static void the_blamed_rule_counts_with_its_place_and_other_counters_by_name(void **state)
{
	const struct timeline_row *row;
	struct scene c;
	struct timeline *t;

	(void)state;
	scene_start(&c);
	a_rule_drops(&c);
	scene_count(&c, "Tcp.OutRsts", 3);
	t = timeline_of(&c);
	assert_int_equal(count(t, TIMELINE_COUNTER), 2);
	row = row_of(t, TIMELINE_COUNTER, 0);
	has(row->text, "+3 (Tcp.OutRsts");
	assert_false(row->is_marked); /* whose resets they were is not known */
	assert_int_equal(row->from_ns, c.e.window_start_ns);
	assert_int_equal(row->wall_ns, c.e.window_end_ns);
	row = row_of(t, TIMELINE_COUNTER, 1);
	has(row->text, "inet filter input");
	has(row->text, "+2");
	assert_true(row->is_marked && row->is_bad);
	table_unref(t);
	scene_end(&c);
}

static void a_counter_that_stood_still_is_not_told(void **state)
{
	struct scene c;
	struct timeline *t;

	(void)state;
	scene_start(&c);
	answered(&c);
	t = timeline_of(&c);
	assert_int_equal(count(t, TIMELINE_COUNTER), 0);
	table_unref(t);
	scene_end(&c);
}

static const struct attempt_event spoken[] = {
	{.kind = PACKET_SYN},
	{.kind = PACKET_SYN_ACK, .at_ns = 40000, .is_from_server = true},
	{.kind = PACKET_ACK, .at_ns = 50000},
	{.kind = PACKET_DATA, .at_ns = 60000},
	{.kind = PACKET_DATA, .at_ns = 70000, .is_from_server = true},
	{.kind = PACKET_RST, .at_ns = 80000},
};

static void an_answer_and_a_refusal_are_told_apart(void **state)
{
	struct scene c;
	struct timeline *t;

	(void)state;
	scene_start(&c);
	scene_tell(&c, CLIENT, packets(refused, 2));
	scene_tell(&c, CLIENT, packets(spoken, 6));
	t = timeline_of(&c);
	assert_int_equal(count(t, TIMELINE_SYN), 2);
	assert_int_equal(count(t, TIMELINE_RESET), 1);  /* of a client: it asks nothing */
	assert_int_equal(count(t, TIMELINE_ANSWER), 2); /* data is the ladder's */
	has(row_of(t, TIMELINE_ANSWER, 0)->text, "RST, 10.0.0.1:443 to 10.0.0.2");
	assert_true(row_of(t, TIMELINE_ANSWER, 0)->is_bad);
	has(row_of(t, TIMELINE_ANSWER, 1)->text, "SYN-ACK");
	assert_false(row_of(t, TIMELINE_ANSWER, 1)->is_bad);
	table_unref(t);
	scene_end(&c);
}

static void attempts_at_other_ports_are_not_on_it(void **state)
{
	struct attempt other = packets(asked_twice, 2);
	struct scene c;
	struct timeline *t;

	(void)state;
	scene_start(&c);
	other.server_port = 80;
	scene_tell(&c, CLIENT, other);
	t = timeline_of(&c);
	assert_int_equal(count(t, TIMELINE_SYN), 0);
	table_unref(t);
	scene_end(&c);
}

/* ---- drops, changes ---- */

static void tell_drop(struct drops *told, const char *client, uint16_t port)
{
	struct drop_row *row = vec_push(&told->rows);

	assert_non_null(row);
	*row = (struct drop_row){.wall_ns = WALL + 2 * NS_PER_S,
				 .proto = IPPROTO_TCP,
				 .ifindex = ETH0,
				 .flags = 2,
				 .reason = "NETFILTER_DROP",
				 .function = "nf_hook_slow",
				 .source = hand_addr(client),
				 .target = hand_addr(SERVER),
				 .source_port = 40000,
				 .target_port = port};
}

static void drops_of_the_port_are_told_with_the_kernels_word(void **state)
{
	const struct timeline_row *row;
	struct drops told;
	struct scene c;
	struct timeline *t;

	(void)state;
	scene_start(&c);
	a_rule_drops(&c);
	drops_init(&told);
	tell_drop(&told, CLIENT, 443);
	tell_drop(&told, CLIENT, 80);
	tell_drop(&told, CLIENT, 443);
	((struct drop_row *)vec_at(&told.rows, 2))->flags = 16; /* of a connection */
	((struct drop_row *)vec_at(&told.rows, 2))->wall_ns++;
	c.e.drops = &told;
	t = timeline_of(&c);
	assert_int_equal(count(t, TIMELINE_DROP), 2);
	row = row_of(t, TIMELINE_DROP, 1);
	assert_true(!row->is_marked && !row->is_bad && !row->why.len);
	row = row_of(t, TIMELINE_DROP, 0);
	has(row->text, "10.0.0.2:40000 to 10.0.0.1:443 dropped");
	has(row->text, "NETFILTER_DROP in nf_hook_slow");
	assert_true(row->is_marked && row->is_bad);
	has(row->why, "target's own packet");
	table_unref(t);
	drops_release(&told);
	scene_end(&c);
}

static void changes_are_told_once_and_those_before_the_fault_are_marked(void **state)
{
	struct change_row rows[] = {
		{WALL + 2 * NS_PER_S, text_of("/etc/late.conf written"), text_of("mtime"),
		 0},
		{WALL - 9 * NS_PER_S, text_of("/etc/nftables.conf written"),
		 text_of("mtime"), 0},
		{WALL - 9 * NS_PER_S, text_of("/etc/nftables.conf written"),
		 text_of("mtime"), 812},
		{WALL - 90000 * NS_PER_S, text_of("/etc/old.conf written"),
		 text_of("mtime"), 0},
	};
	struct change_table changes = {.rows = rows, .n = N_OF(rows)};
	const struct timeline_row *row = NULL;
	struct scene c;
	struct timeline *t;
	size_t n = 0;

	(void)state;
	scene_start(&c);
	a_rule_drops(&c);
	c.e.changes = &changes;
	t = timeline_of(&c);
	for (size_t i = 0; i < count(t, TIMELINE_CHANGE); i++) {
		const struct timeline_row *r = row_of(t, TIMELINE_CHANGE, i);

		assert_false(text_contains_nocase(r->text, text_of("old.conf")));
		if (!text_contains_nocase(r->text, text_of("nftables.conf")))
			continue;
		row = r;
		n++;
	}
	assert_int_equal(n, 1);
	assert_true(row->is_marked && row->is_old);
	has(row->why, "before the fault");
	table_unref(t);
	scene_end(&c);
}

static void rules_that_changed_meanwhile_are_an_event(void **state)
{
	struct scene c;
	struct timeline *t;

	(void)state;
	scene_start(&c);
	a_rule_drops(&c);
	c.rules_after.r.generation = c.rules.r.generation + 1;
	t = timeline_of(&c);
	has(row_of(t, TIMELINE_CHANGE, count(t, TIMELINE_CHANGE) - 1)->text,
	    "rules were changed while this was watched");
	table_unref(t);
	scene_end(&c);
}

/* ---- bounds ---- */

static void the_newest_packets_have_their_room_and_the_rest_is_counted(void **state)
{
	struct scene c;
	struct timeline *t;
	int64_t last_ns = 0;

	(void)state;
	scene_start(&c);
	for (int i = 0; i < 500; i++) {
		struct attempt a = packets(asked_twice, 2);

		a.first_ns = WALL + (i + 1) * NS_PER_MS;
		a.client_port = (uint16_t)(10000 + i);
		scene_tell(&c, CLIENT, a);
		last_ns = a.first_ns;
	}
	t = timeline_of(&c);
	assert_int_equal(count(t, TIMELINE_SYN), TIMELINE_PACKETS_MAX);
	assert_int_equal(t->n_left_out, 1000 - TIMELINE_PACKETS_MAX);
	assert_int_equal(row_of(t, TIMELINE_SYN, TIMELINE_PACKETS_MAX - 1)->wall_ns,
			 last_ns + NS_PER_S);
	table_unref(t);
	scene_end(&c);
}

static void it_outlives_what_it_was_made_of(void **state)
{
	struct scene c;
	struct timeline *t;
	char *words = strdup(logged);

	(void)state;
	scene_start(&c);
	a_rule_drops(&c);
	scene_kernel_line(&c, words, 3);
	t = timeline_of(&c);
	scene_end(&c);
	free(words);
	has(row_of(t, TIMELINE_LOG, 0)->text, "DPT=443");
	table_unref(t);
}

static void a_run_that_has_only_begun_has_a_time_line(void **state)
{
	struct evidence e = {.target = {.proto = IPPROTO_TCP, .port = 443}};
	struct scene c;
	struct timeline *t;

	(void)state;
	scene_start(&c);
	e.snapshot = c.s;
	e.space = c.e.space;
	e.attempts = c.e.attempts;
	e.responses = c.e.responses;
	c.e = e;
	t = timeline_of(&c);
	assert_int_equal(t->n, 0);
	table_unref(t);
	scene_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_stand_in_the_order_of_time),
		cmocka_unit_test(
			the_moment_of_a_fault_is_marked_and_times_are_relative_to_it),
		cmocka_unit_test(a_healthy_port_has_no_moment_of_a_fault),
		cmocka_unit_test(
			the_blamed_rule_counts_with_its_place_and_other_counters_by_name),
		cmocka_unit_test(a_counter_that_stood_still_is_not_told),
		cmocka_unit_test(an_answer_and_a_refusal_are_told_apart),
		cmocka_unit_test(attempts_at_other_ports_are_not_on_it),
		cmocka_unit_test(drops_of_the_port_are_told_with_the_kernels_word),
		cmocka_unit_test(
			changes_are_told_once_and_those_before_the_fault_are_marked),
		cmocka_unit_test(rules_that_changed_meanwhile_are_an_event),
		cmocka_unit_test(
			the_newest_packets_have_their_room_and_the_rest_is_counted),
		cmocka_unit_test(it_outlives_what_it_was_made_of),
		cmocka_unit_test(a_run_that_has_only_begun_has_a_time_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
