/*
 * The screen Wire from attempts made by hand: whole screens against tests/golden/screens
 * (UPDATE_GOLDEN=1 writes them anew).
 */
#include "tests/screens/wire_scenes.h"

static const struct screen_row {
	const char *name;
	void (*make)(struct console *c);
	const char *keys;
	int width, height;
	bool is_ascii;
} screens[] = {
	{"wire-begins-80x24", nothing_comes, "", 80, 24, false},
	{"wire-nobody-80x24", nobody_tries, "", 80, 24, false},
	{"wire-nobody-80x24-ascii", nobody_tries, "", 80, 24, true},
	{"wire-80x24", typical_rows_come, "", 80, 24, false},
	{"wire-80x24-ascii", typical_rows_come, "", 80, 24, true},
	{"wire-120x40", typical_rows_come, "", 120, 40, false},
	{"wire-120x40-ascii", typical_rows_come, "", 120, 40, true},
	{"wire-200x60", typical_rows_come, "", 200, 60, false},
	{"wire-40x10", typical_rows_come, "", 40, 10, false},
	{"wire-all-120x40", all_ports_are_looked_at, "", 120, 40, false},
	{"wire-all-attempt-80x24", all_ports_are_looked_at, "Enter", 80, 24, false},
	{"wire-client-80x24", one_client_is_looked_at, "", 80, 24, false},
	{"wire-udp-80x24", datagrams_come, "", 80, 24, false},
	{"wire-attempt-80x24", typical_rows_come, "g Down Enter", 80, 24, false},
	{"wire-attempt-80x24-ascii", typical_rows_come, "g Down Enter", 80, 24, true},
	{"wire-attempt-120x40", typical_rows_come, "Up Up Up Enter", 120, 40, false},
	{"wire-attempt-waiting-80x24", typical_rows_come, "Enter", 80, 24, false},
	{"wire-search-80x24", typical_rows_come, "/ '203.0.113 Enter", 80, 24, false},
	{"wire-typing-80x24", typical_rows_come, "/ '203", 80, 24, false},
	{"wire-frozen-120x40", typical_rows_come, "z", 120, 40, false},
	{"wire-no-right-80x24", there_is_no_right, "", 80, 24, false},
	{"wire-no-right-80x24-ascii", there_is_no_right, "", 80, 24, true},
	{"wire-not-recorded-80x24", nothing_was_recorded, "", 80, 24, false},
	{"wire-failed-80x24", it_fails, "", 80, 24, false},
	{"wire-failed-at-once-80x24", it_fails_at_once, "", 80, 24, false},
	{"wire-limit-80x24", the_limit_is_reached, "", 80, 24, false},
	{"wire-limit-nobody-80x24", the_limit_is_reached_by_nobody, "", 80, 24, false},
	{"wire-saving-80x24", packets_are_saved, "", 80, 24, false},
	{"wire-saving-120x40", packets_are_saved, "", 120, 40, false},
	{"wire-saved-80x24", packets_were_saved, "", 80, 24, false},
	{"wire-disk-full-80x24", the_disk_is_full, "", 80, 24, false},
	{"wire-leave-80x24", packets_are_saved, "Esc", 80, 24, false},
	{"wire-quit-80x24", packets_are_saved, "q", 80, 24, false},
	{"wire-losses-80x24", much_is_lost, "", 80, 24, false},
	{"wire-losses-120x40", much_is_lost, "", 120, 40, false},
	{"wire-thousands-80x24", thousands_come, "", 80, 24, false},
	{"wire-thousands-120x40", thousands_come, "PgUp", 120, 40, false},
	{"wire-hostile-120x40", hostile_text_comes, "", 120, 40, false},
	{"wire-hostile-attempt-80x24-ascii", hostile_text_comes, "Enter", 80, 24, true},
	{"wire-help-80x24", typical_rows_come, "?", 80, 24, false},
};

static void show_screen(const struct screen_row *row, struct str *out)
{
	struct console c;

	wired_open(&c, row->is_ascii);
	row->make(&c);
	draw_unseen(&c, row->width, row->height);
	press(&c, row->keys);
	draw_in(&c, row->width, row->height, out);
	console_release(&c);
}

static void every_screen_is_as_recorded(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(screens); i++) {
		struct str now = {0};

		show_screen(&screens[i], &now);
		golden_compare(screens[i].name, &now);
		str_release(&now);
	}
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
		size_t n = 0;

		wired_open(&c, m & 1);
		makes[m](&c);
		for (int width = 1; width <= 200; width += 13) {
			for (int height = 1; height <= 60; height += 7) {
				struct str picture = {0};

				draw_in(&c, width, height, &picture);
				check_picture(&picture, width, height, m & 1);
				str_release(&picture);
				if (model_view(&c.model) == &view_attempts)
					press(&c, keys[n++ % N_OF(keys)]);
			}
		}
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
