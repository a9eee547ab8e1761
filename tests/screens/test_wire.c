/*
 * The screen Wire from attempts made by hand: whole screens against tests/golden/screens
 * (UPDATE_GOLDEN=1 writes them anew).
 */
#include "tests/screens/wire_scenes.h"

static const struct screen_row {
	const char *name;
	void (*make)(struct console *c);
	const char *keys;
} screens[] = {
	{"wire-begins-*", nothing_comes, ""},
	{"wire-nobody-*", nobody_tries, ""},
	{"wire-*", typical_rows_come, ""},
	{"wire-40x10", typical_rows_come, ""},
	{"wire-all-*", all_ports_are_looked_at, ""},
	{"wire-all-attempt-80x24", all_ports_are_looked_at, "Enter"},
	{"wire-client-80x24", one_client_is_looked_at, ""},
	{"wire-udp-*", datagrams_come, ""},
	{"wire-attempt-*", typical_rows_come, "g Down Enter"},
	{"wire-attempt-waiting-80x24", typical_rows_come, "Enter"},
	{"wire-attempt-120x40-half", typical_rows_come, "Up Up Up Enter"},
	{"wire-thousands-120x40-up", thousands_come, "PgUp"},
	{"wire-search-80x24", typical_rows_come, "/ '203.0.113 Enter"},
	{"wire-typing-80x24", typical_rows_come, "/ '203"},
	{"wire-frozen-120x40", typical_rows_come, "z"},
	{"wire-no-right-*", there_is_no_right, ""},
	{"wire-not-recorded-*", nothing_was_recorded, ""},
	{"wire-failed-*", it_fails, ""},
	{"wire-failed-at-once-80x24", it_fails_at_once, ""},
	{"wire-limit-*", the_limit_is_reached, ""},
	{"wire-limit-nobody-80x24", the_limit_is_reached_by_nobody, ""},
	{"wire-saving-*", packets_are_saved, ""},
	{"wire-saved-*", packets_were_saved, ""},
	{"wire-disk-full-80x24", the_disk_is_full, ""},
	{"wire-leave-80x24", packets_are_saved, "Esc"},
	{"wire-quit-80x24", packets_are_saved, "q"},
	{"wire-losses-*", much_is_lost, ""},
	{"wire-thousands-*", thousands_come, ""},
	{"wire-hostile-*", hostile_text_comes, ""},
	{"wire-hostile-attempt-80x24-ascii", hostile_text_comes, "Enter"},
	{"wire-help-80x24", typical_rows_come, "?"},
};

static void show_screen(const struct screen_row *row, struct golden *g)
{
	struct console c;

	wired_open(&c, g->is_ascii);
	row->make(&c);
	golden_press(g, &c, row->keys);
	console_release(&c);
}

static void every_screen_is_as_recorded(void **state)
{
	(void)state;
	GOLDEN_SCREENS(screens, show_screen);
}

static void every_size_can_be_drawn_and_is_harmless(void **state)
{
	void (*const makes[])(struct console * c) = {hostile_text_comes, typical_rows_come,
						     much_is_lost, there_is_no_right};
	static const char *const keys[] = {"Down", "Up", "Enter", "z",     "n",
					   "PgUp", "G",  "g",     "Enter", "Esc"};

	(void)state;
	for (size_t m = 0; m < N_OF(makes); m++) {
		struct console c;

		wired_open(&c, m & 1);
		makes[m](&c);
		draw_all_sizes(&c, &view_attempts, keys, N_OF(keys));
		console_release(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_screen_is_as_recorded),
		cmocka_unit_test(every_size_can_be_drawn_and_is_harmless),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
