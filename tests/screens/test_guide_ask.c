/*
 * The questions before the Guide, and what it says while its run goes on: whole screens
 * against tests/golden/screens (UPDATE_GOLDEN=1 writes them anew), and what keys do there.
 */
#include "tests/screens/golden.h"
#include "tests/screens/judged.h"
#include "tests/screens/busy.h"

static const struct ask_row {
	const char *name, *target, *keys;
} screens[] = {
	{"ask-symptom-*", "443", ""},
	{"ask-symptom-40x10", "443", "End"},
	{"ask-client-*", "443", "Enter"},
	{"ask-client-typing-80x24", "443", "Enter End Up Enter '10.0."},
	{"ask-client-wrong-*", "443", "Enter End Up Enter 'web1 Enter"},
	{"ask-role-*", "10.9.9.9:443", ""},
	{"ask-role-name-*", "other.example:443", ""},
	{"ask-help-80x24", "443", "?"},
};

/* A host whose addresses are known, and on which clients were seen. */
struct desk {
	struct console c;
	struct traffic *traffic;
};

static void open_desk(struct desk *d, bool is_ascii)
{
	struct snapshot *s = typical();

	s->spaces[0].local_routes = table_new(sizeof(struct local_route_table), NULL);
	fixture_console(&d->c, is_ascii, s);
	d->traffic = busy(d->c.model.snapshot);
	d->c.model.traffic = d->traffic;
}

static void close_desk(struct desk *d)
{
	d->c.model.traffic = NULL;
	console_release(&d->c);
	traffic_free(d->traffic);
}

static void show_question(const struct ask_row *row, struct golden *g)
{
	struct desk d;

	open_desk(&d, g->is_ascii);
	console_open_target(&d.c, row->target);
	golden_press(g, &d.c, row->keys);
	close_desk(&d);
}

static void every_question_is_as_recorded(void **state)
{
	(void)state;
	GOLDEN_SCREENS(screens, show_question);
}

static void two_enters_begin_a_diagnosis_that_supposes_nothing(void **state)
{
	struct desk d;
	struct guide *g = &d.c.model.guide;

	(void)state;
	open_desk(&d, false);
	assert_int_equal(console_open_target(&d.c, "443") & EFFECT_DIAGNOSE, 0);
	assert_ptr_equal(model_view(&d.c.model), &view_question);
	assert_int_equal(press(&d.c, "Enter"), EFFECT_DRAW);
	assert_true(press(&d.c, "Enter") & EFFECT_DIAGNOSE);
	assert_ptr_equal(model_view(&d.c.model), &view_guide);
	assert_int_equal(g->symptom, SYMPTOM_UNKNOWN);
	assert_false(g->aim.is_client_named || g->is_untestable);
	assert_true(g->is_open);
	close_desk(&d);
}

static void what_is_chosen_goes_into_the_run(void **state)
{
	struct desk d;
	struct guide *g = &d.c.model.guide;

	(void)state;
	open_desk(&d, false);
	console_open_target(&d.c, "443");
	assert_true(press(&d.c, "Down Enter Down Enter") & EFFECT_DIAGNOSE);
	assert_int_equal(g->symptom, SYMPTOM_REFUSED);
	assert_true(g->aim.is_client_named);
	assert_true(addr_equals(&g->aim.client, &d.c.model.ask.clients[0].address));
	assert_true(d.c.model.ask.clients[0].is_at_port);
	close_desk(&d);
}

static void an_address_can_be_typed(void **state)
{
	static const struct {
		const char *typed, *client;
		uint16_t port;
	} rows[] = {{"'203.0.113.9", "203.0.113.9", 0},
		    {"'203.0.113.9:51514", "203.0.113.9", 51514},
		    {"'2001:db8::7", "2001:db8::7", 0}};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct desk d;
		const struct aim *aim = &d.c.model.guide.aim;
		struct addr client;

		assert_int_equal(addr_parse(&client, rows[i].client), 0);
		open_desk(&d, false);
		console_open_target(&d.c, "443");
		press(&d.c, "Enter End Up Enter 'nonsense Enter");
		assert_ptr_equal(model_view(&d.c.model), &view_question);
		assert_true(d.c.model.field_error.len > 0);
		press(&d.c, "Ctrl-U");
		press(&d.c, rows[i].typed);
		assert_true(press(&d.c, "Enter") & EFFECT_DIAGNOSE);
		assert_true(aim->is_client_named && addr_equals(&aim->client, &client));
		assert_int_equal(aim->client_port, rows[i].port);
		assert_int_equal(d.c.model.field.kind, FIELD_CLOSED);
		close_desk(&d);
	}
}

static void who_cannot_test_is_not_waited_for(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, false);
	console_open_target(&d.c, "443");
	assert_true(press(&d.c, "Enter End Enter") & EFFECT_DIAGNOSE);
	assert_true(d.c.model.guide.is_untestable);
	assert_false(d.c.model.guide.aim.is_client_named);
	close_desk(&d);
}

static void esc_goes_back_question_by_question(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, false);
	press(&d.c, "/ '443 Enter Enter Enter");
	assert_int_equal(d.c.model.ask.at, ASK_CLIENT);
	press(&d.c, "Esc");
	assert_int_equal(d.c.model.ask.at, ASK_SYMPTOM);
	press(&d.c, "Esc");
	assert_ptr_equal(model_view(&d.c.model), &view_ports);
	assert_int_equal(model_selected(&d.c.model)->port, 443);
	close_desk(&d);
}

static void r_starts_at_once(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, false);
	console_open_target(&d.c, "443");
	assert_true(press(&d.c, "Down Down r") & EFFECT_DIAGNOSE);
	assert_int_equal(d.c.model.guide.symptom, SYMPTOM_TIMEOUT);
	close_desk(&d);
}

static void words_of_the_call_are_asked_about_no_more(void **state)
{
	struct guide_given symptom = {.symptom = SYMPTOM_RESET}, client = {0};
	struct desk d;

	(void)state;
	open_desk(&d, false);
	d.c.model.given = symptom;
	assert_true(console_open_target(&d.c, "443") & EFFECT_DIAGNOSE);
	assert_int_equal(d.c.model.guide.symptom, SYMPTOM_RESET);
	press(&d.c, "Esc");
	assert_int_equal(console_open_target(&d.c, "443") & EFFECT_DIAGNOSE, 0);
	addr_parse(&client.client, "203.0.113.9");
	d.c.model.given = client;
	assert_true(console_open_target(&d.c, "10.9.9.9:443") & EFFECT_DIAGNOSE);
	assert_int_equal(d.c.model.guide.aim.role, AIM_ROUTER);
	assert_true(d.c.model.guide.aim.is_client_named);
	close_desk(&d);
}

static void a_recording_is_not_asked_about(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, false);
	d.c.model.around.replay = "fault.tar";
	assert_true(console_open_target(&d.c, "443") & EFFECT_DIAGNOSE);
	assert_ptr_equal(model_view(&d.c.model), &view_guide);
	close_desk(&d);
}

static void where_the_role_is_unclear_it_is_asked(void **state)
{
	static const struct {
		const char *keys;
		enum aim_role role;
		bool has_address;
	} rows[] = {{"Enter", AIM_CLIENT, true},
		    {"Down Enter Enter Enter", AIM_SERVER, false},
		    {"Down Down Enter Enter Enter", AIM_ROUTER, true}};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct desk d;
		const struct guide *g = &d.c.model.guide;

		open_desk(&d, false);
		console_open_target(&d.c, "10.9.9.9:443");
		assert_int_equal(d.c.model.ask.at, ASK_ROLE);
		assert_true(press(&d.c, rows[i].keys) & EFFECT_DIAGNOSE);
		assert_int_equal(g->aim.role, rows[i].role);
		assert_int_equal(g->aim.address.family != 0, rows[i].has_address);
		assert_int_equal(g->asked_for.family != 0, !rows[i].has_address);
		close_desk(&d);
	}
}

static void the_own_name_and_address_are_this_host(void **state)
{
	static const char *const words[] = {"443", "10.0.0.5:443", "web-01:443",
					    "localhost:443"};

	(void)state;
	for (size_t i = 0; i < N_OF(words); i++) {
		struct desk d;

		open_desk(&d, false);
		console_open_target(&d.c, words[i]);
		assert_int_equal(d.c.model.ask.at, ASK_SYMPTOM);
		assert_int_equal(d.c.model.guide.aim.role, AIM_SERVER);
		close_desk(&d);
	}
}

static void a_guide_that_is_left_for_questions_ends_its_run(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, false);
	console_open_target(&d.c, "443");
	press(&d.c, "Enter Enter");
	assert_true(console_open_target(&d.c, "80") & EFFECT_DIAGNOSE_END);
	assert_false(model_shows(&d.c.model, &view_guide) || d.c.model.guide.is_open);
	press(&d.c, "Esc");
	assert_ptr_equal(model_view(&d.c.model), &view_ports);
	close_desk(&d);
}

static void every_size_can_be_drawn(void **state)
{
	static const char *const keys[] = {"Down", "Enter", "End", "Esc", "PgUp", "Esc"};
	size_t n = 0;

	(void)state;
	for (int width = 1; width <= 200; width += 13) {
		for (int height = 1; height <= 60; height += 7) {
			struct str picture = {0};
			struct desk d;

			open_desk(&d, height & 1);
			console_open_target(&d.c, n & 1 ? "443" : "10.9.9.9:443");
			press(&d.c, keys[n++ % N_OF(keys)]);
			draw_in(&d.c, width, height, &picture);
			check_picture(&picture, width, height, height & 1);
			str_release(&picture);
			close_desk(&d);
		}
	}
}

static void a_hostile_name_is_shown_as_what_it_is(void **state)
{
	static const char evil[] = "\x1b[31m\xe2\x80\xae\xff evil\x1b[2J";

	(void)state;
	for (int is_ascii = 0; is_ascii < 2; is_ascii++) {
		struct str picture = {0};
		struct desk d;

		open_desk(&d, is_ascii);
		console_open_target(&d.c, "other.example:443");
		memcpy(d.c.model.guide.host, evil, sizeof(evil));
		draw_in(&d.c, 80, 24, &picture);
		check_picture(&picture, 80, 24, is_ascii);
		assert_non_null(strstr(str_text(&picture), "evil"));
		str_release(&picture);
		close_desk(&d);
	}
}

/* ---- while the run goes on ---- */

static void hear(struct judged *j, const char *client, uint16_t port, enum outcome outcome)
{
	struct attempt a = judged_attempt(outcome);

	a.client_port = port;
	a.n_syns = 2;
	a.last_ns = FIXTURE_WALL_NS - 2 * NS_PER_S;
	a.first_ns = a.last_ns - NS_PER_S;
	a.n_events = 2;
	addr_parse(&a.client, client);
	judged_saw(j, &a);
	j->d->syn.n_all = attempts_n(&j->attempts);
}

static void judge_silent(struct judged *j)
{
	judge_waiting(j);
	j->evidence.target = j->d->target;
}

static void judge_hearing(struct judged *j)
{
	judge_waiting(j);
	hear(j, "203.0.113.9", 51514, OUTCOME_REFUSED);
	hear(j, "2001:db8::9", 40000, OUTCOME_OPEN);
	judged_step(j, STEP_CLIENT, STEP_PASS, "4 SYNs in 1 s of 2 clients");
}

static void judge_asking(struct judged *j)
{
	judge_hearing(j);
	judged_good_steps(j);
	judged_step(j, STEP_LOGS, STEP_WAITING, "");
	j->run.phase = RUN_ASKING;
	j->run.phase_ns = 0;
}

static const struct running_row {
	const char *name;
	void (*make)(struct judged *j);
	const char *keys;
} running[] = {
	{"ask-live-silent-*", judge_silent, ""},
	{"ask-live-heard-*", judge_hearing, ""},
	{"ask-live-heard-40x10", judge_hearing, ""},
	{"ask-live-server-80x24", judge_hearing, "Down"},
	{"ask-live-ladder-80x24", judge_hearing, "t"},
	{"ask-live-asking-*", judge_asking, ""},
};

static void show_running(const struct running_row *row, struct golden *g)
{
	struct judged j = {0};
	struct console c;

	fixture_console(&c, g->is_ascii, typical());
	judged_show(&j, &c, row->make);
	golden_press(g, &c, row->keys);
	console_release(&c);
	judged_release(&j);
}

static void what_is_heard_stands_there_while_the_run_goes_on(void **state)
{
	(void)state;
	GOLDEN_SCREENS(running, show_running);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_question_is_as_recorded),
		cmocka_unit_test(two_enters_begin_a_diagnosis_that_supposes_nothing),
		cmocka_unit_test(what_is_chosen_goes_into_the_run),
		cmocka_unit_test(an_address_can_be_typed),
		cmocka_unit_test(who_cannot_test_is_not_waited_for),
		cmocka_unit_test(esc_goes_back_question_by_question),
		cmocka_unit_test(r_starts_at_once),
		cmocka_unit_test(words_of_the_call_are_asked_about_no_more),
		cmocka_unit_test(a_recording_is_not_asked_about),
		cmocka_unit_test(where_the_role_is_unclear_it_is_asked),
		cmocka_unit_test(the_own_name_and_address_are_this_host),
		cmocka_unit_test(a_guide_that_is_left_for_questions_ends_its_run),
		cmocka_unit_test(every_size_can_be_drawn),
		cmocka_unit_test(a_hostile_name_is_shown_as_what_it_is),
		cmocka_unit_test(what_is_heard_stands_there_while_the_run_goes_on),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
