/* Log lines on the time line of a diagnosis: which are there, and why one counts. */
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

static void a_line_of_the_flow_is_marked_with_why_and_its_neighbour_is_not(void **state)
{
	const struct timeline_row *row;
	struct scene c;
	struct timeline *t;

	(void)state;
	scene_start(&c);
	a_rule_drops(&c);
	scene_line(&c, "cron.service", "a job began", 4);
	scene_kernel_line(&c, logged, 3)->from_kernel = true;
	t = timeline_of(&c);
	assert_true(t->has_logs);
	assert_int_equal(count(t, TIMELINE_LOG), 2);
	row = row_of(t, TIMELINE_LOG, 0);
	has(row->text, "a job began");
	assert_true(!row->is_marked && !row->why.len && !row->is_old);
	has(row->command, "journalctl -n 100 -u cron.service");
	row = row_of(t, TIMELINE_LOG, 1);
	assert_true(row->is_marked && !row->is_old);
	has(row->why, "firewall's log line");
	has(row->why, "client and port stand in it");
	has(row->source, "kernel");
	table_unref(t);
	scene_end(&c);
}

static void an_old_line_is_there_only_if_it_counts_and_is_told_from_new_ones(void **state)
{
	const struct timeline_row *row;
	struct scene c;
	struct timeline *t;

	(void)state;
	scene_start(&c);
	scene_listen(&c, none);
	scene_try(&c, packets(refused, 2));
	scene_line(&c, "cron.service", "a job of long ago", 600);
	scene_line(
		&c, "nginx.service",
		"nginx: [emerg] bind() to 0.0.0.0:443 failed (98: Address already in use)",
		500);
	t = timeline_of(&c);
	assert_int_equal(count(t, TIMELINE_LOG), 1);
	row = row_of(t, TIMELINE_LOG, 0);
	has(row->text, "Address already in use");
	assert_true(row->is_old && row->is_marked);
	has(row->why, "the port stands in it");
	table_unref(t);
	scene_end(&c);
}

static void a_hostile_line_is_kept_as_it_came_and_makes_no_command(void **state)
{
	static const char evil[] = "\033]52;c;x\a 10.0.0.2 \xff\xe2\x80\xae`rm -rf /`";
	const struct timeline_row *row;
	struct log_line *line;
	struct scene c;
	struct timeline *t;

	(void)state;
	scene_start(&c);
	a_rule_drops(&c);
	line = scene_line(&c, "$(reboot).service", evil, 3);
	line = scene_line(&c, "", evil, 2);
	line->kind = LOG_FILE;
	line->source = text_of("/var/log/x'; reboot; '.log");
	t = timeline_of(&c);
	assert_int_equal(count(t, TIMELINE_LOG), 2);
	row = row_of(t, TIMELINE_LOG, 0);
	assert_true(row->is_raw);
	assert_true(text_equals(row->text, text_of(evil)));
	assert_true(text_equals_str(row->command, "journalctl -n 100"));
	assert_int_equal(row_of(t, TIMELINE_LOG, 1)->command.len, 0);
	table_unref(t);
	scene_end(&c);
}

static void without_a_log_nothing_is_said_to_have_been_read(void **state)
{
	struct scene c;
	struct timeline *t;

	(void)state;
	scene_start(&c);
	a_rule_drops(&c);
	t = timeline_of(&c);
	assert_false(t->has_logs);
	scene_line(&c, "nginx.service", "x", 1);
	hand_source.error = EACCES;
	table_unref(t);
	t = timeline_of(&c);
	assert_false(t->has_logs);
	table_unref(t);
	scene_end(&c);
}

static void a_line_whose_time_is_not_understood_is_not_placed(void **state)
{
	struct scene c;
	struct timeline *t;

	(void)state;
	scene_start(&c);
	a_rule_drops(&c);
	scene_kernel_line(&c, logged, 3)->wall_ns = 0;
	t = timeline_of(&c);
	assert_int_equal(count(t, TIMELINE_LOG), 0);
	table_unref(t);
	scene_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_line_of_the_flow_is_marked_with_why_and_its_neighbour_is_not),
		cmocka_unit_test(
			an_old_line_is_there_only_if_it_counts_and_is_told_from_new_ones),
		cmocka_unit_test(a_hostile_line_is_kept_as_it_came_and_makes_no_command),
		cmocka_unit_test(without_a_log_nothing_is_said_to_have_been_read),
		cmocka_unit_test(a_line_whose_time_is_not_understood_is_not_placed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
