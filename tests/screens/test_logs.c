/*
 * The screen Logs from judgements made by hand: whole screens against tests/golden/screens
 * (UPDATE_GOLDEN=1 writes them anew), and what keys do there.
 */
#include "tests/screens/golden.h"
#include "tests/screens/judged.h"
#include "tui/view.h"

/* Lines, counters and changes beside a judgement. */
static struct log_line lines[600];
static struct log_source source;
static struct log_table logs;
static struct counter_row counter_rows[2];
static struct counter_table counters[2];
static struct change_row change_rows[1];
static struct change_table changes;

static struct log_line *add_line(const char *from, const char *text, int64_t after_ms)
{
	struct log_line *line = &lines[logs.n++];

	*line = (struct log_line){.wall_ns = START_NS + after_ms * NS_PER_MS,
				  .kind = LOG_JOURNAL,
				  .source = text_of(from),
				  .unit = text_of(from),
				  .text = text_of(text),
				  .message = text_of(text),
				  .priority = LOG_PRIORITY_ANY,
				  .is_attested = true};
	return line;
}

static void start_logs(struct judged *j)
{
	source = (struct log_source){.name = text_of("journal"), .n = 1};
	logs = (struct log_table){.rows = lines, .sources = &source, .n_sources = 1};
	j->evidence.logs = &logs;
	j->evidence.has_window_ended = true;
}

static void log_drop(struct judged *j)
{
	struct log_line *line;

	judge_drop(j);
	start_logs(j);
	line = add_line("kernel",
			"DROP-IN IN=eth0 OUT= MAC= SRC=198.51.100.7 DST=10.0.0.5 LEN=60 "
			"TTL=57 PROTO=TCP SPT=51514 DPT=443 WINDOW=64240 SYN",
			1);
	line->from_kernel = true;
	add_line("cron.service", "(root) CMD (run-parts /etc/cron.hourly)", 500);
	for (int i = 0; i < 2; i++) {
		counter_rows[i] =
			(struct counter_row){text_of("TcpExt.ListenOverflows"), i ? 12 : 5};
		counters[i] = (struct counter_table){.rows = &counter_rows[i], .n = 1};
	}
	j->evidence.counters = &counters[0];
	j->evidence.counters_after = &counters[1];
	change_rows[0] = (struct change_row){START_NS - 7200 * NS_PER_S,
					     text_of("nginx 1.0 -> 1.1 upgraded"),
					     text_of("/var/log/dpkg.log"), 0};
	changes = (struct change_table){.rows = change_rows, .n = 1};
	j->evidence.changes = &changes;
}

static void log_hostile(struct judged *j)
{
	static const char evil[] =
		"\033[2J\033]52;c;eA=\a 198.51.100.7 \xe2\x80\xae\xff\r\nFAKE \xc2\x9b"
		"31m \xe6\xbc\xa2\xe5\xad\x97 e\xcc\x81\xcc\x81\xcc\x81";

	judge_hostile(j);
	start_logs(j);
	add_line("x\r\n\033[7m.service", evil, 3);
	add_line(evil, "", 4);
	change_rows[0] = (struct change_row){START_NS - NS_PER_S, text_of(evil),
					     text_of("/var/log/\033[31m"), 0};
	changes = (struct change_table){.rows = change_rows, .n = 1};
	j->evidence.changes = &changes;
}

static void log_thousands(struct judged *j)
{
	judge_drop(j);
	start_logs(j);
	for (int i = 0; i < 600; i++)
		add_line("busy.service", "one more line", i * 10);
}

static void log_nothing_allowed(struct judged *j)
{
	judge_no_right(j);
	j->evidence.has_window_ended = true;
	j->evidence.capture_error = EPERM;
	j->d->gaps[1] = (struct gap){"logs", judged_text(j, "journal: not permitted"),
				     judged_text(j, "membership in the groups adm or "
						    "systemd-journal, or root")};
	j->d->n_gaps = 2;
}

static const struct screen_row {
	const char *name;
	void (*make)(struct judged *j); /* NULL: no diagnosis */
	const char *keys;
} screens[] = {
	{"logs-*", log_drop, ""},
	{"logs-80x24-whole", log_drop, "Down Down Down Enter"},
	{"logs-200x60-utc", log_drop, "u u"},
	{"logs-hostile-120x40-ascii-whole", log_hostile, "G Up Up Enter"},
	{"logs-80x24-clock", log_drop, "u"},
	{"logs-120x40-ascii-whole", log_drop, "G Enter"},
	{"logs-40x10", log_drop, ""},
	{"logs-healthy-*", judge_healthy, ""},
	{"logs-waiting-*", judge_waiting, ""},
	{"logs-no-right-*", log_nothing_allowed, ""},
	{"logs-untried-*", judge_untried, ""},
	{"logs-hostile-*", log_hostile, "g Enter"},
	{"logs-thousands-*", log_thousands, "G PgUp"},
	{"logs-none-*", NULL, ""},
	{"logs-none-40x10", NULL, ""},
	{"logs-help-80x24", log_drop, "? PgDn PgDn"},
};

static void show(struct console *c, struct judged *j, void (*make)(struct judged *j))
{
	if (make)
		judged_show(j, c, make);
	else
		press(c, "Down Down");
	j->attempts.is_ready = !j->evidence.capture_error;
	press(c, "L");
}

static void show_screen(const struct screen_row *row, struct golden *g)
{
	struct judged j = {0};
	struct console c;

	fixture_console(&c, g->is_ascii, typical());
	show(&c, &j, row->make);
	golden_press(g, &c, row->keys);
	console_release(&c);
	judged_release(&j);
}

static void every_screen_is_as_recorded(void **state)
{
	(void)state;
	GOLDEN_SCREENS(screens, show_screen);
}

static void every_size_can_be_drawn_and_is_harmless(void **state)
{
	void (*const makes[])(struct judged *) = {log_hostile, log_drop, log_thousands,
						  NULL};
	static const char *const keys[] = {"Down", "Enter", "G", "PgUp",
					   "u",    "Enter", "g", "PgDn"};

	(void)state;
	for (size_t m = 0; m < N_OF(makes); m++) {
		struct judged j = {0};
		struct console c;

		fixture_console(&c, m & 1, typical());
		show(&c, &j, makes[m]);
		draw_all_sizes(&c, NULL, keys, makes[m] ? N_OF(keys) : 0);
		console_release(&c);
		judged_release(&j);
	}
}

static void is_drawn(struct console *c, const char *words, bool is_there)
{
	check_drawn(c, 120, 40, words, is_there);
}

/* The time line of this judgement, in ASCII, and seen. */
static void open_line(struct console *c, struct judged *j, void (*make)(struct judged *j))
{
	*j = (struct judged){0};
	fixture_console(c, true, typical());
	show(c, j, make);
	draw_unseen(c, 120, 40);
}

static void close_line(struct console *c, struct judged *j)
{
	console_release(c);
	judged_release(j);
}

/* Down to the first row of that kind. */
static void go_to(struct console *c, enum timeline_kind kind)
{
	while (logs_chosen(&c->model.logs)->kind != kind)
		press(c, "Down");
}

static void one_begins_at_the_moment_of_the_fault(void **state)
{
	const struct timeline_row *row;
	struct judged j;
	struct console c;

	(void)state;
	open_line(&c, &j, log_drop);
	row = logs_chosen(&c.model.logs);
	assert_non_null(row);
	assert_int_equal(row->kind, TIMELINE_FAULT);
	is_drawn(&c, "      +0.000 fault", true);
	is_drawn(&c, "2 log lines (1 of them count)", true);
	close_line(&c, &j);
}

static void enter_shows_a_line_whole_with_why_it_counts_and_esc_closes_it(void **state)
{
	struct judged j;
	struct console c;

	(void)state;
	open_line(&c, &j, log_drop);
	go_to(&c, TIMELINE_LOG);
	press(&c, "Enter");
	is_drawn(&c, "a firewall's log line of this flow: client and port stand in it",
		 true);
	is_drawn(&c, "journalctl -k", true);
	is_drawn(&c, "source   kernel", true);
	press(&c, "Esc");
	is_drawn(&c, "journalctl -k", false);
	assert_ptr_equal(model_view(&c.model), &view_logs);
	press(&c, "Esc");
	assert_ptr_equal(model_view(&c.model), &view_guide);
	assert_non_null(c.model.guide.result);
	close_line(&c, &j);
}

static void y_copies_the_line_with_its_source_and_its_command(void **state)
{
	const char *copied;
	struct judged j;
	struct console c;

	(void)state;
	open_line(&c, &j, log_drop);
	c.model.is_utc = true;
	go_to(&c, TIMELINE_LOG);
	assert_true(press(&c, "y") & EFFECT_COPY);
	copied = str_text(&c.model.copy);
	assert_non_null(
		strstr(copied, "2026-11-22 13:32:00.001 UTC  log  kernel: DROP-IN"));
	assert_non_null(strstr(copied, "DPT=443"));
	assert_non_null(strstr(copied, "[journalctl -k -n 100]"));
	close_line(&c, &j);
}

static void u_shows_times_from_the_begin_local_and_utc_in_turn(void **state)
{
	struct judged j;
	struct console c;
	struct str picture = {0};

	(void)state;
	open_line(&c, &j, log_drop);
	draw_in(&c, 80, 24, &picture);
	assert_non_null(strstr(str_text(&picture), "+20.001 log"));
	press(&c, "u");
	str_reset(&picture);
	draw_in(&c, 80, 24, &picture);
	assert_non_null(strstr(str_text(&picture), "14:32:00.001 log"));
	press(&c, "u");
	str_reset(&picture);
	draw_in(&c, 80, 24, &picture);
	assert_non_null(strstr(str_text(&picture), "13:32:00.001 log"));
	press(&c, "u");
	str_reset(&picture);
	draw_in(&c, 80, 24, &picture);
	assert_non_null(strstr(str_text(&picture), "+20.001 log"));
	str_release(&picture);
	close_line(&c, &j);
}

static void tab_goes_from_line_that_counts_to_line_that_counts(void **state)
{
	struct judged j;
	struct console c;

	(void)state;
	open_line(&c, &j, log_drop);
	press(&c, "Tab");
	assert_int_equal(logs_chosen(&c.model.logs)->kind, TIMELINE_LOG);
	press(&c, "Tab");
	assert_int_equal(logs_chosen(&c.model.logs)->kind, TIMELINE_CHANGE);
	press(&c, "Tab");
	assert_int_equal(logs_chosen(&c.model.logs)->kind, TIMELINE_FAULT);
	press(&c, "Shift-Tab Shift-Tab");
	assert_int_equal(logs_chosen(&c.model.logs)->kind, TIMELINE_LOG);
	close_line(&c, &j);
}

static void another_judgement_makes_another_line_and_keeps_the_place(void **state)
{
	struct judged first = {0}, second = {0};
	struct console c;
	int64_t at_ns;

	(void)state;
	fixture_console(&c, true, typical());
	show(&c, &first, log_drop);
	draw_unseen(&c, 120, 40);
	go_to(&c, TIMELINE_SYN);
	at_ns = logs_chosen(&c.model.logs)->wall_ns;
	guide_remember(&c.model.guide);
	judged_take(&second, &c, log_thousands);
	draw_unseen(&c, 120, 40);
	assert_ptr_equal(c.model.logs.of, c.model.guide.result);
	assert_int_equal(logs_chosen(&c.model.logs)->wall_ns, at_ns);
	console_release(&c);
	judged_release(&first);
	judged_release(&second);
}

static void without_a_diagnosis_enter_starts_that_of_the_selected_port(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, true, typical());
	press(&c, "/ '443 Enter L");
	assert_ptr_equal(model_view(&c.model), &view_logs);
	is_drawn(&c, "Enter starts the diagnosis of 443/tcp, nginx", true);
	assert_false(press(&c, "y") & EFFECT_COPY);
	press(&c, "Enter");
	while (model_view(&c.model) == &view_question)
		press(&c, "Enter");
	assert_ptr_equal(model_view(&c.model), &view_guide);
	assert_int_equal(c.model.guide.aim.port, 443);
	assert_false(model_shows(&c.model, &view_logs));
	console_release(&c);
}

static void without_any_port_enter_says_so_and_starts_nothing(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, true, no_rows());
	press(&c, "L");
	assert_ptr_equal(model_view(&c.model), &view_logs);
	assert_false(press(&c, "Enter") & EFFECT_DIAGNOSE);
	assert_ptr_equal(model_view(&c.model), &view_logs);
	is_drawn(&c, "no port is selected", true);
	console_release(&c);
}

static void what_could_not_be_read_says_why_and_what_would_help(void **state)
{
	struct judged j;
	struct console c;

	(void)state;
	open_line(&c, &j, log_nothing_allowed);
	is_drawn(&c, "! capture: not permitted -> sudo dport", true);
	is_drawn(&c, "! logs: journal: not permitted -> membership in", true);
	is_drawn(&c, "log line", false); /* nothing is said of lines that were not read */
	is_drawn(&c, "0 SYNs", false);
	close_line(&c, &j);
}

static void the_line_goes_with_its_diagnosis(void **state)
{
	struct judged j;
	struct console c;

	(void)state;
	open_line(&c, &j, log_drop);
	press(&c, "Esc Esc");
	press(&c, "Esc L");
	is_drawn(&c, "There is no time line yet", true);
	assert_null(c.model.logs.timeline);
	close_line(&c, &j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_screen_is_as_recorded),
		cmocka_unit_test(every_size_can_be_drawn_and_is_harmless),
		cmocka_unit_test(one_begins_at_the_moment_of_the_fault),
		cmocka_unit_test(
			enter_shows_a_line_whole_with_why_it_counts_and_esc_closes_it),
		cmocka_unit_test(y_copies_the_line_with_its_source_and_its_command),
		cmocka_unit_test(u_shows_times_from_the_begin_local_and_utc_in_turn),
		cmocka_unit_test(tab_goes_from_line_that_counts_to_line_that_counts),
		cmocka_unit_test(another_judgement_makes_another_line_and_keeps_the_place),
		cmocka_unit_test(
			without_a_diagnosis_enter_starts_that_of_the_selected_port),
		cmocka_unit_test(without_any_port_enter_says_so_and_starts_nothing),
		cmocka_unit_test(what_could_not_be_read_says_why_and_what_would_help),
		cmocka_unit_test(the_line_goes_with_its_diagnosis),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
