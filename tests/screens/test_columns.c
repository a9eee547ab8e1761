/* Columns chosen by the user, rows in groups, words that go on with a filter. */
#include "tests/screens/busy.h"
#include "tests/screens/golden.h"
#include "tests/screens/hosts.h"
#include "tui/view/ports/port_columns.h"

static const struct screen_row {
	const char *name;
	struct snapshot *(*make)(void); /* NULL: nothing was read yet */
	const char *keys;
	bool is_busy;
} screens[] = {
	{"columns-*", typical, "C", true},
	{"columns-40x10", typical, "C Down Down", true},
	{"columns-first-frame-*", NULL, "C", false},
	{"columns-end-80x24", typical, "C G Enter", true},
	{"columns-no-capture-*", no_rights, "C", false},
	{"columns-help-80x24", typical, "C ?", false},
	{"columns-chosen-*", typical, "C PgDn Enter - - - Esc", true},
	{"columns-chosen-many-*", typical,
	 "C End Enter Up Enter Up Enter Up Enter Up Enter Up Enter Up Enter Up Enter Esc",
	 true},
	{"columns-chosen-no-rights-200x60-ascii", no_rights,
	 "C End Enter Up Enter Up Enter Up Enter Up Enter Up Enter Up Enter Up Enter Esc",
	 false},
	{"columns-chosen-hostile-120x40", hostile,
	 "C End Enter Up Enter Up Enter Up Enter Up Enter Up Enter Esc", false},
	{"groups-service-*", typical, "b", true},
	{"groups-process-*", typical, "b b", true},
	{"groups-unit-*", typical, "b b b", true},
	{"groups-namespace-*", several_spaces, "b b b b", false},
	{"groups-closed-*", typical, "b b Left Down Down Left Down Left", true},
	{"groups-40x10", typical, "b b Left", true},
	{"groups-search-80x24", typical, "b b Left / 'chronyd Enter", true},
	{"groups-filter-80x24", typical, "b b f 'nginx Enter", true},
	{"groups-sorted-80x24", typical, "b b s s s S", true},
	{"groups-hostile-*", hostile, "b b b", false},
	{"groups-thousands-*", thousands, "b b b G", true},
	{"groups-no-rights-*", no_rights, "b b", false},
	{"complete-keys-*", typical, "f", true},
	{"complete-key-80x24-ascii", typical, "f 'p Tab", true},
	{"complete-values-80x24", typical, "f 'proc:", true},
	{"complete-cycle-80x24", typical, "f 'unit: Tab Tab", true},
	{"complete-hostile-80x24", hostile, "f 'proc: Tab", false},
	{"complete-40x10", typical, "f 's Tab", true},
};

static void open_screen(const struct screen_row *row, struct golden *g, struct console *c,
			struct traffic **traffic)
{
	struct snapshot *s = row->make ? row->make() : NULL;

	fixture_console(c, g->is_ascii, s);
	*traffic = row->is_busy ? busy(s) : NULL;
	c->model.traffic = *traffic;
	if (*traffic)
		counts_news(&c->model);
	draw_unseen(c, g->width, g->height);
	press(c, row->keys);
}

static void show_screen(const struct screen_row *row, struct golden *g)
{
	struct traffic *traffic;
	struct console c;

	open_screen(row, g, &c, &traffic);
	golden_draw(g, &c);
	console_release(&c);
	traffic_free(traffic);
}

static void every_screen_is_as_recorded(void **state)
{
	(void)state;
	GOLDEN_SCREENS(screens, show_screen);
}

static void every_size_can_be_drawn(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(screens); i += 3) {
		struct golden g = {.row = screens[i].name};
		struct traffic *traffic;
		struct console c;

		assert_true(golden_next(&g));
		open_screen(&screens[i], &g, &c, &traffic);
		draw_all_sizes(&c, NULL, NULL, 0);
		console_release(&c);
		traffic_free(traffic);
	}
}

/* ---- columns ---- */

static bool is_on_ports(struct console *c, const char *title, int width)
{
	return is_drawn_in(c, width, 24, title);
}

static void what_is_switched_on_is_shown_where_others_have_no_room(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	assert_false(is_on_ports(&c, " UNIT", 80));
	draw_unseen(&c, 80, 24);
	press(&c, "C");
	c.model.columns.roll.selected = 11;
	press(&c, "Space Space Esc"); /* off, on */
	assert_true(c.model.columns.choice.at[11].is_wanted);
	assert_true(is_on_ports(&c, " UNIT", 80));
	assert_true(is_on_ports(&c, " PORT ", 40));
	press(&c, "C r Esc");
	assert_false(is_on_ports(&c, " UNIT", 80));
	console_release(&c);
}

static void a_column_moves_and_the_last_one_stays(void **state)
{
	struct str words = {0};
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	draw_unseen(&c, 80, 24);
	press(&c, "C -"); /* the first one stays, and nothing was chosen */
	assert_false(c.model.columns.is_own);
	press(&c, "+ +");
	columns_put(&c.model.columns, port_columns, n_port_columns, &words);
	assert_int_equal(strncmp(str_text(&words), "service address port owner", 26), 0);
	assert_int_equal(c.model.columns.roll.selected, 2);
	for (size_t i = 0; i < n_port_columns; i++) {
		c.model.columns.roll.selected = i;
		if (c.model.columns.choice.at[i].is_shown)
			press(&c, "Enter");
	}
	str_reset(&words);
	columns_put(&c.model.columns, port_columns, n_port_columns, &words);
	assert_string_equal(str_text(&words), "drops");
	assert_string_equal(str_text(&c.model.message), "one column stays");
	press(&c, "y");
	assert_string_equal(str_text(&c.model.copy), "columns = drops");
	str_release(&words);
	console_release(&c);
}

static void each_column_has_a_word_and_a_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_port_columns; i++) {
		assert_true(port_columns[i].help && *port_columns[i].help);
		assert_null(strpbrk(port_columns[i].id, " \t;+"));
		assert_ptr_equal(columns_find(port_columns, n_port_columns,
					      text_of(port_columns[i].id)),
				 &port_columns[i]);
	}
}

/* ---- groups ---- */

static const struct group *selected_group(const struct console *c)
{
	return model_group(&c->model, c->model.selected.row);
}

static void left_closes_a_group_and_right_opens_it(void **state)
{
	const struct group *g;
	struct console c;
	size_t n;

	(void)state;
	fixture_console(&c, false, typical());
	draw_unseen(&c, 80, 24);
	press(&c, "b b");
	n = c.model.rows.n;
	assert_true(n > c.model.n_taken);
	press(&c, "g Down"); /* a row of the first group */
	assert_null(selected_group(&c));
	press(&c, "Left");
	g = selected_group(&c);
	assert_true(g && g->is_closed);
	assert_int_equal(c.model.rows.n, n - g->n);
	press(&c, "Right");
	assert_int_equal(c.model.rows.n, n);
	press(&c, "Enter");
	assert_true(selected_group(&c)->is_closed);
	assert_int_equal(c.model.n_shown, 1); /* a heading has no guide */
	press(&c, "Enter y");
	assert_non_null(strstr(str_text(&c.model.copy), "grouped by process"));
	press(&c, "b b b");
	assert_int_equal(c.model.rows.n, c.model.n_taken);
	console_release(&c);
}

static void a_closed_group_stays_closed_in_the_next_picture(void **state)
{
	struct console c;
	size_t n;

	(void)state;
	fixture_console(&c, false, typical());
	draw_unseen(&c, 80, 24);
	press(&c, "b b g Left");
	n = c.model.rows.n;
	model_snapshot_take(&c.model, typical());
	assert_int_equal(c.model.rows.n, n);
	assert_true(selected_group(&c) && selected_group(&c)->is_closed);
	console_release(&c);
}

static void a_search_opens_the_group_that_has_it(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	draw_unseen(&c, 80, 24);
	press(&c, "b b b");
	for (size_t i = 0; i < c.model.rows.n; i++) {
		model_select(&c.model, (struct place){.row = i});
		press(&c, "Left");
	}
	assert_null(model_selected(&c.model));
	press(&c, "/ 'chronyd Enter");
	assert_non_null(model_selected(&c.model));
	assert_int_equal(model_selected(&c.model)->port, 123);
	console_release(&c);
}

/* ---- completion ---- */

static void type(struct console *c, const char *keys, const char *line)
{
	press(c, keys);
	if (strcmp(str_text(&c->model.field.text), line) != 0)
		fail_msg("%s gives '%s', not '%s'", keys, str_text(&c->model.field.text),
			 line);
}

static void tab_goes_on_with_a_word(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	draw_unseen(&c, 80, 24);
	press(&c, "f");
	type(&c, "'us Tab", "user:");
	type(&c, "'pos Tab", "user:postgres ");
	type(&c, "'!st Tab", "user:postgres !state:");
	type(&c, "'fu Tab", "user:postgres !state:full ");
	type(&c, "Ctrl-U 'p Tab", "pid:");
	type(&c, "Tab", "port:");
	type(&c, "Tab", "proc:");
	type(&c, "Tab", "proto:");
	type(&c, "Tab", "pid:");
	type(&c, "Ctrl-U 'proc:ng Tab", "proc:nginx ");
	assert_int_equal(c.model.n_taken, 2);
	type(&c, "Ctrl-U 'nosuch:x Tab", "nosuch:x");
	type(&c, "Ctrl-U 'nginx", "nginx");
	press(&c, "Space 'user:");
	assert_int_equal(c.model.n_taken, 2); /* what is not finished asks nothing */
	assert_int_equal(c.model.field_error.len, 0);
	type(&c, "Ctrl-U 'zzz Tab", "zzz");
	type(&c, "Home 'pro Tab", "proc:zzz");
	press(&c, "Esc");
	console_release(&c);
}

static void what_is_completed_of_hostile_names_can_be_read(void **state)
{
	static const char *const keys[] = {"proc", "user", "unit", "container", "port",
					   "dev",  "addr", "pid",  "netns"};
	struct console c;

	(void)state;
	fixture_console(&c, false, hostile());
	for (size_t k = 0; k < N_OF(keys); k++)
		for (size_t i = 0; i < c.model.snapshot->n_endpoints; i++) {
			press(&c, "f Ctrl-U");
			for (const char *at = keys[k]; *at; at++)
				console_input(&c, *at, c.model.now_ns);
			press(&c, "':");
			for (size_t n = 0; n <= i; n++)
				press(&c, "Tab");
			if (c.model.complete.is_cycling &&
			    (c.model.field_error.len || !c.model.n_taken))
				fail_msg("%s: %s", str_text(&c.model.field.text),
					 str_text(&c.model.field_error));
			press(&c, "Esc");
		}
	console_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_screen_is_as_recorded),
		cmocka_unit_test(every_size_can_be_drawn),
		cmocka_unit_test(what_is_switched_on_is_shown_where_others_have_no_room),
		cmocka_unit_test(a_column_moves_and_the_last_one_stays),
		cmocka_unit_test(each_column_has_a_word_and_a_sentence),
		cmocka_unit_test(left_closes_a_group_and_right_opens_it),
		cmocka_unit_test(a_closed_group_stays_closed_in_the_next_picture),
		cmocka_unit_test(a_search_opens_the_group_that_has_it),
		cmocka_unit_test(tab_goes_on_with_a_word),
		cmocka_unit_test(what_is_completed_of_hostile_names_can_be_read),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
