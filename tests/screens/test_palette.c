/*
 * The palette: what fits what is typed, why something cannot be done, what Enter does, and
 * whole screens against tests/golden/screens (UPDATE_GOLDEN=1 writes them anew).
 */
#include "tests/screens/golden.h"
#include "tests/screens/judged.h"
#include "tui/reasons.h"

static const struct screen_row {
	const char *name;
	const char *keys;
	bool in_guide;
} screens[] = {
	{"palette-*", ":", false},
	{"palette-80x24-end", ": PgDn PgDn PgDn PgDn PgDn", false},
	{"palette-40x10", ":", false},
	{"palette-typed-80x24", ": 'ex", false},
	{"palette-target-80x24", ": 'web1:443", false},
	{"palette-nothing-*", ": 'zzz", false},
	{"palette-guide-*", ":", true},
	{"palette-help-80x24", ": F1", false},
};

/* The Guide with its result, or Ports of the typical host. */
struct stood {
	struct console c;
	struct judged j;
};

static void stand(struct stood *s, bool in_guide, bool is_ascii)
{
	*s = (struct stood){0};
	fixture_console(&s->c, is_ascii, typical());
	if (in_guide)
		judged_show(&s->j, &s->c, judge_drop);
	draw_unseen(&s->c, 80, 24);
}

static void leave(struct stood *s)
{
	console_release(&s->c);
	judged_release(&s->j);
}

static void show_screen(const struct screen_row *row, struct golden *g)
{
	struct stood s;

	stand(&s, row->in_guide, g->is_ascii);
	golden_press(g, &s.c, row->keys);
	leave(&s);
}

static void every_screen_is_as_recorded(void **state)
{
	(void)state;
	GOLDEN_SCREENS(screens, show_screen);
}

static void every_size_can_be_drawn_and_is_harmless(void **state)
{
	static const char hostile[] = "\xe6\xbc\xa2\xcc\x81\xe2\x80\xae x:\xf0\x9f\x98\x80";
	static const char *const keys[] = {"Down", "PgDn"};

	(void)state;
	for (int is_ascii = 0; is_ascii < 2; is_ascii++) {
		struct stood s;
		struct text typed = text_of(hostile);

		stand(&s, false, is_ascii);
		press(&s.c, ":");
		draw_all_sizes(&s.c, NULL, keys, N_OF(keys));
		for (size_t at = 0; at < typed.len;)
			console_input(&s.c, (int)text_next_char(typed, &at), 0);
		for (int width = 40; width < 60; width++) {
			struct str picture = {0};

			draw_in(&s.c, width, 12, &picture);
			check_picture(&picture, width, 12, is_ascii);
			str_release(&picture);
		}
		leave(&s);
	}
}

static void letters_fit_in_their_order_only(void **state)
{
	static const struct {
		const char *word, *name;
		uint64_t matched;
	} rows[] = {
		{"pu", "page up", 0x21},   {"PU", "page up", 0x21},
		{"exp", "export", 0x7},    {"ge", "page up", 0xc},
		{"", "export", 0},         {"step 3", "step 3", 0x3f},
		{"sn", "step next", 0x21},
	};
	static const char *const never[][2] = {
		{"up page", "page up"}, {"xx", "export"}, {"exports", "export"}, {"a", ""}};
	uint64_t matched;

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		assert_true(palette_fit(rows[i].word, rows[i].name, &matched) >= 0);
		assert_int_equal(matched, rows[i].matched);
	}
	for (size_t i = 0; i < N_OF(never); i++) {
		assert_int_equal(palette_fit(never[i][0], never[i][1], &matched), -1);
		assert_int_equal(matched, 0);
	}
}

static void the_beginning_of_a_word_fits_better_than_its_middle(void **state)
{
	uint64_t matched;

	(void)state;
	assert_true(palette_fit("re", "refresh", &matched) >
		    palette_fit("re", "filter entry", &matched));
	assert_true(palette_fit("un", "page up next", &matched) >
		    palette_fit("un", "redundant", &matched));
	assert_true(palette_fit("gu", "guide", &matched) >
		    palette_fit("gu", "page up", &matched));
}

/* The action that Enter would carry out. */
static enum action first_of(struct stood *s, const char *typed)
{
	struct palette_entry e;

	press(&s->c, ":");
	for (; *typed; typed++)
		console_input(&s->c, *typed, s->c.model.now_ns);
	assert_true(palette_chosen(&s->c.model, &e));
	press(&s->c, "Esc");
	return e.kind == PALETTE_ACTION ? e.action : ACTION_NONE;
}

static void the_best_comes_first(void **state)
{
	static const struct {
		const char *typed;
		enum action action;
	} rows[] = {
		{"exp", ACTION_EXPORT},  {"export", ACTION_EXPORT}, {"fil", ACTION_FILTER},
		{"q", ACTION_QUIT},      {"help", ACTION_HELP},     {":help", ACTION_HELP},
		{"guide", ACTION_GUIDE}, {"sear", ACTION_SEARCH},   {"z", ACTION_FREEZE},
		{"UTC", ACTION_CLOCK},   {"prove", ACTION_PROVE},
	};
	struct stood s;

	(void)state;
	stand(&s, false, false);
	for (size_t i = 0; i < N_OF(rows); i++)
		if (first_of(&s, rows[i].typed) != rows[i].action)
			fail_msg("'%s' finds another action first", rows[i].typed);
	leave(&s);
}

static void nothing_typed_lists_every_action_once(void **state)
{
	struct palette_entry entries[PALETTE_MAX];
	unsigned seen[N_ACTIONS] = {0};
	struct stood s;
	size_t n;

	(void)state;
	stand(&s, false, false);
	press(&s.c, ":");
	n = palette_list(&s.c.model, entries);
	for (size_t i = 0; i < n; i++)
		if (entries[i].kind == PALETTE_ACTION)
			seen[entries[i].action]++;
	for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++)
		assert_int_equal(seen[a], keymap_n_variants((enum action)a));
	assert_true(n < PALETTE_MAX);
	leave(&s);
}

static void what_can_be_done_here_comes_before_the_rest(void **state)
{
	struct palette_entry entries[PALETTE_MAX];
	struct stood s;
	size_t n, i = 0;

	(void)state;
	stand(&s, true, false);
	press(&s.c, ":");
	n = palette_list(&s.c.model, entries);
	while (i < n && entries[i].can && entries[i].kind == PALETTE_ACTION)
		assert_true(keymap_where(entries[i++].action) & WHERE_GUIDE);
	assert_true(i > 10);
	for (; i < n; i++)
		assert_true(!entries[i].can || entries[i].kind == PALETTE_SCREEN);
	leave(&s);
}

static const char *reason_of(const struct stood *s, enum action a)
{
	static char text[128];
	struct str why = {0};
	bool can = action_reason(&s->c.model, a, &why);

	assert_int_equal(can, why.len == 0);
	snprintf(text, sizeof(text), "%s", str_text(&why));
	str_release(&why);
	return text;
}

static void each_reason_says_what_is_lacking_or_where_to_go(void **state)
{
	struct stood s;

	(void)state;
	stand(&s, false, false);
	assert_string_equal(reason_of(&s, ACTION_PROVE),
			    "only in the guide: Enter on a port");
	assert_string_equal(reason_of(&s, ACTION_CLOSE), "only in the help: ?");
	assert_string_equal(reason_of(&s, ACTION_NEXT),
			    "nothing to search for yet: / starts a search");
	assert_string_equal(reason_of(&s, ACTION_GUIDE), "");
	press(&s.c, "/ 'nginx Enter");
	assert_string_equal(reason_of(&s, ACTION_NEXT), "");
	model_snapshot_take(&s.c.model, no_rows());
	assert_non_null(strstr(reason_of(&s, ACTION_GUIDE), "no port is selected"));
	assert_string_equal(reason_of(&s, ACTION_COPY), "nothing to copy yet");
	leave(&s);
	stand(&s, true, false);
	assert_non_null(strstr(reason_of(&s, ACTION_SORT), "only in the list of ports"));
	assert_string_equal(reason_of(&s, ACTION_PROVE), "");
	assert_string_equal(reason_of(&s, ACTION_COPY), "");
	leave(&s);
}

static void a_key_that_does_nothing_says_the_same_reason(void **state)
{
	struct stood s;

	(void)state;
	stand(&s, false, false);
	assert_int_equal(press(&s.c, "P"), EFFECT_DRAW);
	assert_string_equal(str_text(&s.c.model.message), reason_of(&s, ACTION_PROVE));
	assert_int_equal(press(&s.c, "n"), EFFECT_DRAW);
	assert_string_equal(str_text(&s.c.model.message), reason_of(&s, ACTION_NEXT));
	leave(&s);
}

static void enter_carries_out_on_the_screen_beneath(void **state)
{
	struct stood s;

	(void)state;
	stand(&s, false, false);
	assert_int_equal(press(&s.c, ": 'freeze Enter"), EFFECT_DRAW);
	assert_true(s.c.model.is_frozen);
	assert_ptr_equal(model_view(&s.c.model), &view_ports);
	assert_true(press(&s.c, ": 'export Enter") & EFFECT_EXPORT);
	assert_true(press(&s.c, ": 'quit Enter") & EFFECT_QUIT);
	press(&s.c, ": 'down Enter");
	assert_int_equal(s.c.model.selected.row, 1);
	leave(&s);
	stand(&s, true, false);
	press(&s.c, ": 'step3 Enter");
	assert_int_equal(s.c.model.guide.step, STEP_FIREWALL);
	assert_true(s.c.model.guide.is_unfolded[STEP_FIREWALL]);
	press(&s.c, ": 'ladder Enter");
	assert_ptr_equal(model_view(&s.c.model), &view_ladder);
	press(&s.c, ": 'guide Enter");
	assert_ptr_equal(model_view(&s.c.model), &view_guide);
	leave(&s);
}

static void what_cannot_be_done_says_why_and_the_palette_stays(void **state)
{
	struct stood s;

	(void)state;
	stand(&s, false, false);
	assert_int_equal(press(&s.c, ": 'prove Enter"), EFFECT_DRAW);
	assert_ptr_equal(model_view(&s.c.model), &view_palette);
	assert_string_equal(str_text(&s.c.model.message), reason_of(&s, ACTION_PROVE));
	assert_int_equal(press(&s.c, "Ctrl-U 'zzz Enter"), EFFECT_DRAW);
	assert_ptr_equal(model_view(&s.c.model), &view_palette);
	leave(&s);
}

static void screens_and_targets_are_places_to_go(void **state)
{
	struct stood s;

	(void)state;
	stand(&s, true, false);
	press(&s.c, "t");
	assert_true(press(&s.c, ": ':ports Enter") & EFFECT_DIAGNOSE_END);
	assert_ptr_equal(model_view(&s.c.model), &view_ports);
	press(&s.c, ": 'help Enter");
	assert_ptr_equal(model_view(&s.c.model), &view_help);
	leave(&s);
	stand(&s, false, false);
	press(&s.c, ": ':10.0.0.5:8443/tcp Enter");
	assert_int_equal(s.c.model.guide.aim.port, 8443);
	assert_ptr_not_equal(model_view(&s.c.model), &view_palette);
	leave(&s);
}

static void esc_and_the_last_backspace_leave_it(void **state)
{
	static const char *const ways[] = {"Esc", "Backspace", "Ctrl-P", "Ctrl-C"};

	(void)state;
	for (size_t i = 0; i < N_OF(ways); i++) {
		struct stood s;

		stand(&s, false, false);
		press(&s.c, ": 'x Backspace");
		assert_ptr_equal(model_view(&s.c.model), &view_palette);
		press(&s.c, ways[i]);
		assert_ptr_equal(model_view(&s.c.model), &view_ports);
		press(&s.c, "Ctrl-P");
		assert_ptr_equal(model_view(&s.c.model), &view_palette);
		assert_string_equal(palette_word(&s.c.model.palette), "");
		leave(&s);
	}
}

static void tab_writes_out_the_word(void **state)
{
	struct stood s;

	(void)state;
	stand(&s, false, false);
	press(&s.c, ": 'expo Tab");
	assert_string_equal(palette_word(&s.c.model.palette), "export");
	press(&s.c, "Ctrl-U '443 Tab");
	assert_string_equal(palette_word(&s.c.model.palette), "443");
	leave(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_screen_is_as_recorded),
		cmocka_unit_test(every_size_can_be_drawn_and_is_harmless),
		cmocka_unit_test(letters_fit_in_their_order_only),
		cmocka_unit_test(the_beginning_of_a_word_fits_better_than_its_middle),
		cmocka_unit_test(the_best_comes_first),
		cmocka_unit_test(nothing_typed_lists_every_action_once),
		cmocka_unit_test(what_can_be_done_here_comes_before_the_rest),
		cmocka_unit_test(each_reason_says_what_is_lacking_or_where_to_go),
		cmocka_unit_test(a_key_that_does_nothing_says_the_same_reason),
		cmocka_unit_test(enter_carries_out_on_the_screen_beneath),
		cmocka_unit_test(what_cannot_be_done_says_why_and_the_palette_stays),
		cmocka_unit_test(screens_and_targets_are_places_to_go),
		cmocka_unit_test(esc_and_the_last_backspace_leave_it),
		cmocka_unit_test(tab_writes_out_the_word),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
