/*
 * The screen Events and the marks on Ports against tests/golden/screens (UPDATE_GOLDEN=1
 * writes them anew), and what keys do there.
 */
#include <unistd.h>

#include "tests/screens/busy.h"
#include "tests/screens/golden.h"
#include "tests/screens/happened.h"
#include "tui/export.h"
#include "tui/view.h"

static void nothing(struct console *c, struct moment_rows *h)
{
	happened_begin(h);
	happened_show(c, h, 600);
}

/* A listener called so goes and comes, in a namespace called so. */
static void hostile_story(struct console *c, struct moment_rows *h)
{
	static const struct row row = {.port_service = "443 https",
				       .scope = SCOPE_ANY,
				       .comm = "\033[2J\xe2\x80\xae"
					       "ab\xff",
				       .pid = 7,
				       .limit = 511};

	*h = (struct moment_rows){.rows = {typical_rows[0], row}, .n = 1};
	happened_show(c, h, 596);
	h->n = 2;
	happened_show(c, h, 2);
	h->n = 1;
	happened_show(c, h, 2);
	events_message(c->model.events.log,
		       text_of("\xe6\xbc\xa2\xe5\xad\x97 \033]0;x\007 a\nb \xe2\x80\x8b"),
		       (struct moment){c->model.wall_ns, c->model.now_ns});
}

/* More than are kept. */
static void thousands_story(struct console *c, struct moment_rows *h)
{
	char text[32];

	nothing(c, h);
	for (int i = 0; i < EVENTS_MAX + 100; i++) {
		snprintf(text, sizeof(text), "message %d", i);
		events_message(
			c->model.events.log, text_of(text),
			(struct moment){c->model.wall_ns + i * NS_PER_MS, c->model.now_ns});
	}
}

static void unread(struct console *c, struct moment_rows *h)
{
	(void)c;
	(void)h;
}

static const struct screen_row {
	const char *name;
	void (*happens)(struct console *c, struct moment_rows *h);
	const char *keys;
} screens[] = {
	{"events-*", happened_all, "e"},
	{"events-40x10", happened_all, "e"},
	{"events-moved-80x24", happened_all, "e g Down"},
	{"events-search-80x24", happened_all, "e / 'nginx Enter"},
	{"events-typing-80x24", happened_all, "e / 'val"},
	{"events-group-*", happened_all, "e f f"},
	{"events-no-group-80x24", happened_all, "e f f f"},
	{"events-utc-80x24", happened_all, "e u"},
	{"events-empty-*", nothing, "e"},
	{"events-unread-*", unread, "e"},
	{"events-hostile-*", hostile_story, "e"},
	{"events-thousands-*", thousands_story, "e PgUp"},
	{"events-help-80x24", happened_all, "e ?"},
	{"events-ports-*", happened_all, ""},
	{"events-ports-40x10", happened_all, ""},
	{"events-ports-hostile-80x24", hostile_story, ""},
};

static void show_screen(const struct screen_row *row, struct golden *g)
{
	struct moment_rows h;
	struct console c;

	fixture_console(&c, g->is_ascii, NULL);
	row->happens(&c, &h);
	press_each(&c, row->keys, g->width, g->height);
	golden_draw(g, &c);
	console_release(&c);
}

static void every_screen_is_as_recorded(void **state)
{
	(void)state;
	GOLDEN_SCREENS(screens, show_screen);
}

static void every_size_can_be_drawn(void **state)
{
	static void (*const stories[])(struct console *, struct moment_rows *) = {
		happened_all, hostile_story, thousands_story, nothing};
	static const char *const keys[] = {"e", "PgUp", "PgUp"};

	(void)state;
	for (size_t i = 0; i < N_OF(stories) * 2; i++) {
		struct moment_rows h;
		struct console c;

		fixture_console(&c, i & 1, NULL);
		stories[i / 2](&c, &h);
		draw_all_sizes(&c, NULL, keys, N_OF(keys));
		console_release(&c);
	}
}

/* ---- a console in which all that happened ---- */

struct scene {
	struct console c;
	struct moment_rows h;
};

static void scene_open(struct scene *s)
{
	fixture_console(&s->c, false, NULL);
	happened_all(&s->c, &s->h);
	draw_unseen(&s->c, 80, 24);
}

static void scene_close(struct scene *s)
{
	console_release(&s->c);
}

static bool shows(struct console *c, const char *text)
{
	return is_drawn_in(c, 80, 24, text);
}

static void marks_of_rows_end_after_ten_seconds(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	assert_true(shows(&s.c, "~ restarted"));
	assert_true(shows(&s.c, "· new"));
	assert_true(shows(&s.c, "9100/tcp is gone"));
	model_tick(&s.c.model, s.c.model.now_ns + 11 * NS_PER_S, s.c.model.wall_ns);
	assert_false(shows(&s.c, "~ restarted"));
	assert_false(shows(&s.c, "9100/tcp is gone"));
	assert_true(shows(&s.c, "events (e)"));
	model_tick(&s.c.model, s.c.model.now_ns + 60 * NS_PER_S, s.c.model.wall_ns);
	assert_false(shows(&s.c, "(e)"));
	scene_close(&s);
}

static void a_queue_tells_the_longest_that_was_seen_where_it_has_room(void **state)
{
	static const struct row row = {.port_service = "443 https",
				       .scope = SCOPE_ANY,
				       .comm = "nginx",
				       .pid = 7,
				       .length = 3,
				       .high_water = 40,
				       .limit = 511};
	struct str wide = {0}, narrow = {0};
	struct console c;

	(void)state;
	fixture_console(&c, false, fixture_of(&row, 1));
	draw_in(&c, 120, 24, &wide);
	draw_in(&c, 60, 24, &narrow);
	assert_non_null(strstr(str_text(&wide), "3/511 max 40"));
	assert_null(strstr(str_text(&narrow), "max"));
	assert_non_null(strstr(str_text(&narrow), "3/511"));
	str_release(&wide);
	str_release(&narrow);
	console_release(&c);
}

static void a_listener_that_is_back_is_not_shown_as_gone(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	s.h.rows[s.h.n] = typical_rows[9];
	s.h.n_opened[s.h.n++] = 1;
	happened_show(&s.c, &s.h, 1);
	assert_false(shows(&s.c, "9100/tcp is gone"));
	assert_true(shows(&s.c, "✔ back"));
	scene_close(&s);
}

static void a_gone_listener_cannot_be_selected(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	press(&s.c, "G");
	assert_non_null(model_selected(&s.c.model));
	assert_int_equal(s.c.model.selected.row, s.c.model.rows.n - 1);
	press(&s.c, "Down");
	assert_int_equal(s.c.model.selected.row, s.c.model.rows.n - 1);
	scene_close(&s);
}

static void the_filter_of_ports_takes_gone_listeners_too(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	press(&s.c, "f 'node_exporter Enter");
	assert_true(shows(&s.c, "9100/tcp is gone"));
	press(&s.c, "Esc f 'sshd Enter");
	assert_false(shows(&s.c, "9100/tcp is gone"));
	scene_close(&s);
}

static void the_newest_is_followed_until_the_user_moves(void **state)
{
	struct scene s;
	const struct event *newest;

	(void)state;
	scene_open(&s);
	press_each(&s.c, "e", 80, 24);
	newest = events_shown_at(&s.c.model.events);
	assert_int_equal(newest->kind, EVENT_GONE);
	press_each(&s.c, "Up", 80, 24);
	assert_int_equal(events_shown_at(&s.c.model.events)->kind, EVENT_NEW);
	model_say(&s.c.model, ROLE_BAD, "something broke");
	assert_int_equal(events_shown_at(&s.c.model.events)->kind, EVENT_NEW);
	press_each(&s.c, "G", 80, 24);
	assert_int_equal(events_shown_at(&s.c.model.events)->kind, EVENT_MESSAGE);
	model_say(&s.c.model, ROLE_BAD, "and another thing");
	assert_string_equal(events_shown_at(&s.c.model.events)->note, "and another thing");
	scene_close(&s);
}

static void enter_leads_to_the_row_of_ports(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	press_each(&s.c, "e Up Up Enter", 80, 24);
	assert_ptr_equal(model_view(&s.c.model), &view_ports);
	assert_int_equal(model_selected(&s.c.model)->port, 443);
	scene_close(&s);
}

static void enter_on_a_gone_listener_leads_to_the_diagnosis_of_its_port(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	press_each(&s.c, "e Enter", 80, 24);
	assert_true(model_shows(&s.c.model, &view_question) ||
		    model_shows(&s.c.model, &view_guide));
	assert_int_equal(s.c.model.guide.aim.port, 9100);
	scene_close(&s);
}

static void the_capture_ends_with_the_screen_that_such_a_diagnosis_closes(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	press_each(&s.c, "Enter Enter Enter c e", 80, 24);
	assert_true(model_shows(&s.c.model, &view_guide));
	assert_true(model_shows(&s.c.model, &view_attempts));
	assert_int_equal(press(&s.c, "Enter") & EFFECT_WIRE_END, EFFECT_WIRE_END);
	assert_false(model_shows(&s.c.model, &view_attempts));
	scene_close(&s);
}

static void enter_on_what_is_of_no_port_says_so(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	press_each(&s.c, "e f f f f Enter", 80, 24);
	assert_string_equal(str_text(&s.c.model.message),
			    "it has no row in the list of ports");
	press_each(&s.c, "f Enter", 80, 24);
	assert_string_equal(str_text(&s.c.model.message), "there is no event yet");
	assert_ptr_equal(model_view(&s.c.model), &view_events);
	scene_close(&s);
}

static void groups_are_chosen_in_turn_and_escape_goes_back(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	press_each(&s.c, "e f", 80, 24);
	assert_true(shows(&s.c, "of the group listeners"));
	press_each(&s.c, "f f f f f", 80, 24);
	assert_true(shows(&s.c, "of the group messages"));
	press_each(&s.c, "f", 80, 24);
	assert_false(s.c.model.events.is_chosen);
	press_each(&s.c, "f / 'nginx Enter Esc", 80, 24);
	assert_int_equal(s.c.model.events.search.len, 0);
	press_each(&s.c, "Esc", 80, 24);
	assert_false(s.c.model.events.is_chosen);
	press_each(&s.c, "Esc", 80, 24);
	assert_ptr_equal(model_view(&s.c.model), &view_ports);
	scene_close(&s);
}

static void a_search_goes_upwards_and_is_undone_by_escape(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	press_each(&s.c, "e / 'queue Enter", 80, 24);
	assert_int_equal(events_shown_at(&s.c.model.events)->kind, EVENT_DRAINED);
	press_each(&s.c, "N", 80, 24);
	assert_int_equal(events_shown_at(&s.c.model.events)->kind, EVENT_FULL);
	press_each(&s.c, "n", 80, 24);
	assert_int_equal(events_shown_at(&s.c.model.events)->kind, EVENT_DRAINED);
	press_each(&s.c, "/ 'zzzz Enter", 80, 24);
	assert_string_equal(str_text(&s.c.model.message), "no event has \"zzzz\"");
	press_each(&s.c, "/ 'caddy Esc", 80, 24);
	assert_int_equal(events_shown_at(&s.c.model.events)->kind, EVENT_DRAINED);
	scene_close(&s);
}

static void what_a_search_found_is_not_left_for_a_newer_one(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	press_each(&s.c, "e / 'gone Enter", 80, 24);
	assert_int_equal(events_shown_at(&s.c.model.events)->kind, EVENT_GONE);
	model_say(&s.c.model, ROLE_BAD, "something broke");
	assert_int_equal(events_shown_at(&s.c.model.events)->kind, EVENT_GONE);
	scene_close(&s);
}

static void a_line_can_be_copied(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	press_each(&s.c, "e", 80, 24);
	assert_int_equal(press(&s.c, "y") & EFFECT_COPY, EFFECT_COPY);
	assert_string_equal(
		str_text(&s.c.model.copy),
		"2026-11-22T13:32:05.000Z  gone  9100/tcp is gone: node_exporter 1456 on "
		"2001:db8:1234:5678:9abc:def0:1234:5678 (eth0)");
	scene_close(&s);
}

static void the_list_is_exported_as_lines_of_json(void **state)
{
	char name[EXPORT_NAME_MAX], bytes[16384] = "";
	FILE *file = tmpfile();
	struct scene s;
	size_t n;

	(void)state;
	assert_non_null(file);
	scene_open(&s);
	assert_int_equal(press(&s.c, "e x") & EFFECT_EXPORT, EFFECT_EXPORT);
	export_name(&s.c.model, name);
	assert_string_equal(name, "dport-web-01-20261122T133205Z-events.jsonl");
	assert_int_equal(export_write(&s.c.model, name, fileno(file)), 0);
	rewind(file);
	n = fread(bytes, 1, sizeof(bytes) - 1, file);
	bytes[n] = '\0';
	assert_non_null(strstr(bytes, "\"schema\":\"dport.events/1\""));
	assert_non_null(strstr(bytes, "\"kind\":\"restarted\""));
	fclose(file);
	scene_close(&s);
}

static void warnings_are_kept_and_questions_are_not(void **state)
{
	struct scene s;
	uint64_t before;

	(void)state;
	scene_open(&s);
	before = events_n_made(s.c.model.events.log);
	model_say(&s.c.model, ROLE_NOTICE, "sorted by port");
	model_say(&s.c.model, ROLE_WARN, "a diagnosis is running: quit? [y/N]");
	assert_int_equal(events_n_made(s.c.model.events.log), before);
	model_say(&s.c.model, ROLE_WARN, "no");
	model_say(&s.c.model, ROLE_BAD, "not enough memory");
	assert_int_equal(events_n_made(s.c.model.events.log), before + 2);
	scene_close(&s);
}

static void a_frozen_picture_does_not_stop_the_list(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s);
	press(&s.c, "z");
	happened_drop(&s.h, "22 ssh");
	happened_show(&s.c, &s.h, 1);
	assert_true(shows(&s.c, "22/tcp"));
	press(&s.c, "e");
	assert_true(shows(&s.c, "22/tcp is gone: sshd 812"));
	scene_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_screen_is_as_recorded),
		cmocka_unit_test(every_size_can_be_drawn),
		cmocka_unit_test(marks_of_rows_end_after_ten_seconds),
		cmocka_unit_test(a_queue_tells_the_longest_that_was_seen_where_it_has_room),
		cmocka_unit_test(a_listener_that_is_back_is_not_shown_as_gone),
		cmocka_unit_test(a_gone_listener_cannot_be_selected),
		cmocka_unit_test(the_filter_of_ports_takes_gone_listeners_too),
		cmocka_unit_test(the_newest_is_followed_until_the_user_moves),
		cmocka_unit_test(enter_leads_to_the_row_of_ports),
		cmocka_unit_test(
			enter_on_a_gone_listener_leads_to_the_diagnosis_of_its_port),
		cmocka_unit_test(
			the_capture_ends_with_the_screen_that_such_a_diagnosis_closes),
		cmocka_unit_test(enter_on_what_is_of_no_port_says_so),
		cmocka_unit_test(groups_are_chosen_in_turn_and_escape_goes_back),
		cmocka_unit_test(a_search_goes_upwards_and_is_undone_by_escape),
		cmocka_unit_test(what_a_search_found_is_not_left_for_a_newer_one),
		cmocka_unit_test(a_line_can_be_copied),
		cmocka_unit_test(the_list_is_exported_as_lines_of_json),
		cmocka_unit_test(warnings_are_kept_and_questions_are_not),
		cmocka_unit_test(a_frozen_picture_does_not_stop_the_list),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
