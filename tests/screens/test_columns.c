/* Columns chosen by the user, rows in groups, words that go on with a filter. */
#include "tests/screens/busy.h"
#include "tests/screens/golden.h"
#include "tests/screens/hosts.h"
#include "tui/view/ports/port_columns.h"

static const struct screen_row {
	const char *name;
	struct snapshot *(*make)(void); /* NULL: nothing was read yet */
	const char *keys;
	int width, height;
	bool is_ascii, is_busy;
} screens[] = {
	{"columns-80x24", typical, "C", 80, 24, false, true},
	{"columns-80x24-ascii", typical, "C", 80, 24, true, true},
	{"columns-120x40", typical, "C", 120, 40, false, true},
	{"columns-120x40-ascii", typical, "C", 120, 40, true, true},
	{"columns-200x60", typical, "C", 200, 60, false, true},
	{"columns-200x60-ascii", typical, "C", 200, 60, true, true},
	{"columns-40x10", typical, "C Down Down", 40, 10, false, true},
	{"columns-first-frame-80x24", NULL, "C", 80, 24, false, false},
	{"columns-end-80x24", typical, "C G Enter", 80, 24, false, true},
	{"columns-no-capture-80x24", no_rights, "C", 80, 24, false, false},
	{"columns-help-80x24", typical, "C ?", 80, 24, false, false},
	{"columns-chosen-80x24", typical, "C PgDn Enter - - - Esc", 80, 24, false, true},
	{"columns-chosen-200x60", typical,
	 "C End Enter Up Enter Up Enter Up Enter Up Enter Up Enter Up Enter Up Enter Esc",
	 200, 60, false, true},
	{"columns-chosen-no-rights-200x60", no_rights,
	 "C End Enter Up Enter Up Enter Up Enter Up Enter Up Enter Up Enter Up Enter Esc",
	 200, 60, true, false},
	{"columns-chosen-hostile-120x40", hostile,
	 "C End Enter Up Enter Up Enter Up Enter Up Enter Up Enter Esc", 120, 40, false,
	 false},
	{"groups-service-80x24", typical, "b", 80, 24, false, true},
	{"groups-process-80x24", typical, "b b", 80, 24, false, true},
	{"groups-process-80x24-ascii", typical, "b b", 80, 24, true, true},
	{"groups-unit-120x40", typical, "b b b", 120, 40, false, true},
	{"groups-unit-200x60", typical, "b b b", 200, 60, false, true},
	{"groups-namespace-120x40", several_spaces, "b b b b", 120, 40, false, false},
	{"groups-closed-80x24", typical, "b b Left Down Down Left Down Left", 80, 24, false,
	 true},
	{"groups-closed-80x24-ascii", typical, "b b Left Down Down Left Down Left", 80, 24,
	 true, true},
	{"groups-40x10", typical, "b b Left", 40, 10, false, true},
	{"groups-search-80x24", typical, "b b Left / 'chronyd Enter", 80, 24, false, true},
	{"groups-filter-80x24", typical, "b b f 'nginx Enter", 80, 24, false, true},
	{"groups-sorted-80x24", typical, "b b s s s S", 80, 24, false, true},
	{"groups-hostile-80x24", hostile, "b b b", 80, 24, false, false},
	{"groups-thousands-80x24", thousands, "b b b G", 80, 24, false, true},
	{"groups-no-rights-80x24", no_rights, "b b", 80, 24, false, false},
	{"complete-keys-80x24", typical, "f", 80, 24, false, true},
	{"complete-key-80x24-ascii", typical, "f 'p Tab", 80, 24, true, true},
	{"complete-values-80x24", typical, "f 'proc:", 80, 24, false, true},
	{"complete-cycle-80x24", typical, "f 'unit: Tab Tab", 80, 24, false, true},
	{"complete-hostile-80x24", hostile, "f 'proc: Tab", 80, 24, false, false},
	{"complete-40x10", typical, "f 's Tab", 40, 10, false, true},
};

static void open_screen(const struct screen_row *row, struct console *c,
			struct traffic **traffic)
{
	struct snapshot *s = row->make ? row->make() : NULL;

	fixture_console(c, row->is_ascii, s);
	*traffic = row->is_busy ? busy(s) : NULL;
	c->model.traffic = *traffic;
	if (*traffic)
		counts_news(&c->model);
	draw_unseen(c, row->width, row->height);
	press(c, row->keys);
}

static void every_screen_is_as_recorded(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(screens); i++) {
		struct str now = {0};
		struct traffic *traffic;
		struct console c;

		open_screen(&screens[i], &c, &traffic);
		draw_in(&c, screens[i].width, screens[i].height, &now);
		check_picture(&now, screens[i].width, screens[i].height,
			      screens[i].is_ascii);
		golden_compare(screens[i].name, &now);
		str_release(&now);
		console_release(&c);
		traffic_free(traffic);
	}
}

static void every_size_can_be_drawn(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(screens); i += 3) {
		struct traffic *traffic;
		struct console c;

		open_screen(&screens[i], &c, &traffic);
		for (int width = 1; width < 250; width += 13)
			for (int height = 1; height < 70; height += 7)
				draw_unseen(&c, width, height);
		console_release(&c);
		traffic_free(traffic);
	}
}

/* ---- columns ---- */

static bool is_on_ports(struct console *c, const char *title, int width)
{
	struct str picture = {0};
	bool is_there;

	draw_in(c, width, 24, &picture);
	is_there = strstr(str_text(&picture), title) != NULL;
	str_release(&picture);
	return is_there;
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
