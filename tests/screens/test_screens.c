/*
 * Whole screens against tests/golden/screens: text, then one letter per cell for its role.
 * UPDATE_GOLDEN=1 in the environment writes the files anew; look at the difference.
 */
#include "tests/screens/busy.h"
#include "tests/screens/golden.h"
#include "tests/screens/hosts.h"
#include "tests/screens/reached.h"
#include "tests/screens/recorded.h"

static const struct screen_row {
	const char *name;
	struct snapshot *(*make)(void); /* NULL: nothing was read yet */
	const char *keys;
	struct traffic *(*listen)(const struct snapshot *s); /* NULL: no capture */
	struct reach (*find)(const struct snapshot *s);      /* NULL: nobody finds it out */
} screens[] = {
	{"ports-*", typical, "", NULL, NULL},
	{"ports-60x15", typical, "", NULL, NULL},
	{"ports-40x10", typical, "", NULL, NULL},
	{"ports-too-small-30x8", typical, "", NULL, NULL},
	{"help-*", typical, "?", NULL, NULL},
	{"help-*-end", typical, "? G", NULL, NULL},
	{"help-no-rights-80x24", no_rights, "? G", NULL, NULL},
	{"first-frame-*", NULL, "", NULL, NULL},
	{"looking-*", still_looking, "", NULL, NULL},
	{"empty-*", no_rows, "", NULL, NULL},
	{"blind-*", blind, "", NULL, NULL},
	{"no-rights-*", no_rights, "", NULL, NULL},
	{"no-rights-*-open", no_rights, "Right", NULL, NULL},
	{"hostile-*", hostile, "Down Right", NULL, NULL},
	{"hostile-40x10", hostile, "", NULL, NULL},
	{"open-120x40-full", typical, "Down Down Down Down Right", NULL, NULL},
	{"help-120x40-ascii-page", typical, "? PgDn", NULL, NULL},
	{"open-*", typical, "4 G Up Up Up Up Up Up Right Down", NULL, NULL},
	{"filter-80x24", typical, "f 'nginx Enter", NULL, NULL},
	{"filter-typing-80x24", typical, "f 'ngi", NULL, NULL},
	{"filter-wrong-80x24", typical, "f 'pid:x Enter", NULL, NULL},
	{"filter-empty-*", typical, "f 'nobody-is-called-so Enter", NULL, NULL},
	{"search-80x24", typical, "/ 'RED Enter", NULL, NULL},
	{"search-typing-80x24", typical, "/ 'post", NULL, NULL},
	{"frozen-*", typical, "z", NULL, NULL},
	{"sorted-by-queue-80x24", typical, "s s s s", NULL, NULL},
	{"sorted-by-owner-reversed-80x24", typical, "s s S", NULL, NULL},
	{"utc-120x40", typical, "u", NULL, NULL},
	{"thousands-*", thousands, "G PgUp Up", NULL, NULL},
	{"thousands-40x10-ascii", thousands, "PgDn PgDn", NULL, NULL},
	{"several-namespaces-*", several_spaces, "f 'netns:blue Enter", NULL, NULL},
	{"recorded-*", recorded, "", NULL, NULL},
	{"recorded-120x40-open", recorded, "f '7014 Enter Right", NULL, NULL},
	{"recorded-help-*", recorded, "?", NULL, NULL},
	{"all-remarks-80x24", no_rights, "f '!udp Enter / 'e Enter z", NULL, NULL},

	{"traffic-*", typical, "", busy, NULL},
	{"traffic-60x15", typical, "", busy, NULL},
	{"traffic-40x10", typical, "", busy, NULL},
	{"traffic-failing-100x30", typical, "Down Down Down Down", busy, NULL},
	{"traffic-other-80x24", typical, "G Up Up Up", busy, NULL},
	{"traffic-other-100x30", typical, "G Up Up", busy, NULL},
	{"traffic-scan-80x24", typical, "G", busy, NULL},
	{"traffic-sorted-80x24", typical, "s s s s s", busy, NULL},
	{"traffic-filter-80x24", typical, "f '8080 Enter", busy, NULL},
	{"traffic-frozen-120x40-open", typical, "Down Down Down Down Right z", busy, NULL},
	{"traffic-quiet-80x24", typical, "", quiet, NULL},
	{"traffic-not-yet-*", typical, "", not_yet, NULL},
	{"traffic-no-right-*", no_rights, "", not_allowed, NULL},
	{"traffic-not-recorded-100x30", typical, "", not_recorded, NULL},
	{"traffic-broken-*", typical, "", broken, NULL},
	{"traffic-thousands-*", thousands, "PgDn", busy, NULL},
	{"traffic-several-namespaces-120x40", several_spaces, "", busy, NULL},
	{"traffic-hostile-*", hostile, "G", busy, NULL},

	{"reached-*", typical, "", busy, reached},
	{"reached-80x24-open", typical, "Right", busy, reached},
	{"reached-100x30", typical, "", busy, reached},
	{"reached-100x30-ascii", typical, "", busy, reached},
	{"reached-not-yet-100x30", typical, "", busy, reached_nobody_asked},
	{"reached-no-right-*", no_rights, "", not_allowed, reached_blindly},
	{"reached-no-right-100x30-ascii", no_rights, "", not_allowed, reached_blindly},
	{"reached-no-right-help-80x24", no_rights, "? G", not_allowed, reached_blindly},
	{"reached-not-recorded-100x30", typical, "", not_recorded, reached_unrecorded},
	{"reached-several-namespaces-120x40", several_spaces, "", busy, reached},
	{"reached-thousands-100x30", thousands, "PgDn", busy, reached},
};

static void show_screen(const struct screen_row *row, struct golden *g)
{
	struct traffic *t = NULL;
	struct reach reach = {0};
	struct console c;

	fixture_console(&c, g->is_ascii, row->make ? row->make() : NULL);
	c.model.traffic = t = row->listen ? row->listen(c.model.snapshot) : NULL;
	if (row->find) {
		reach = row->find(c.model.snapshot);
		c.model.reach = &reach;
	}
	counts_news(&c.model);
	press_each(&c, row->keys, g->width, g->height);
	golden_draw(g, &c);
	console_release(&c);
	traffic_free(t);
	reach_release(&reach);
}

static void every_screen_is_as_recorded(void **state)
{
	(void)state;
	GOLDEN_SCREENS(screens, show_screen);
}

static void every_size_can_be_drawn(void **state)
{
	struct snapshot *(*const makes[])(void) = {typical, hostile, no_rights,
						   no_rows, typical, thousands};
	struct console c;

	(void)state;
	for (size_t m = 0; m < N_OF(makes); m++) {
		struct traffic *t = NULL;

		fixture_console(&c, m & 1, makes[m]());
		if (m >= 3)
			c.model.traffic = t = busy(c.model.snapshot);
		counts_news(&c.model);
		press(&c, "Right / 'a");
		for (int width = 1; width <= 200; width += 7) {
			for (int height = 1; height <= 60; height += 5) {
				struct str picture = {0};

				draw_in(&c, width, height, &picture);
				check_picture(&picture, width, height, m & 1);
				str_release(&picture);
				press(&c, height % 10 == 1 ? "G"
					  : height % 2     ? "Up"
							   : "Left");
			}
		}
		console_release(&c);
		traffic_free(t);
	}
}

/* Texts of random bytes in every place that a text can come from. */
static void random_names_stay_in_their_cells(void **state)
{
	unsigned seed = 20261122;

	(void)state;
	for (int round = 0; round < 300; round++) {
		char name[8][24];
		struct row r = {.port_service = name[0],
				.scope = SCOPE_ADDRESS,
				.carrier = name[1],
				.comm = name[2],
				.exe = name[3],
				.unit = name[4],
				.user = name[5],
				.container = name[6],
				.socket_unit = name[7],
				.pid = 1,
				.limit = 5};
		int width = 40 + rand_r(&seed) % 140, height = 10 + rand_r(&seed) % 40;
		bool is_ascii = round & 1;
		struct str picture = {0};
		struct console c;

		for (size_t i = 0; i < 8; i++) {
			for (size_t k = 0; k < sizeof(name[i]) - 1; k++)
				name[i][k] = (char)(1 + rand_r(&seed) % 255);
			name[i][sizeof(name[i]) - 1] = '\0';
		}
		memcpy(name[0], "80 ", 3);
		fixture_console(&c, is_ascii, fixture_of(&r, 1));
		press(&c, round % 3 ? "Right Down" : "");
		draw_in(&c, width, height, &picture);
		check_picture(&picture, width, height, is_ascii);
		str_release(&picture);
		console_release(&c);
	}
}

static void plain_text_has_every_row_and_no_keys(void **state)
{
	struct console c;
	struct str text = {0};

	(void)state;
	fixture_console(&c, false, no_rights());
	assert_int_equal(console_plain(&c, 100, &text), 0);
	assert_non_null(strstr(str_text(&text), "22/tcp"));
	assert_non_null(strstr(str_text(&text), "5432/tcp"));
	assert_non_null(strstr(str_text(&text), "missing: the descriptors of 131"));
	assert_null(strstr(str_text(&text), "q quit"));
	assert_null(strstr(str_text(&text), "▸"));
	str_release(&text);
	console_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_screen_is_as_recorded),
		cmocka_unit_test(every_size_can_be_drawn),
		cmocka_unit_test(random_names_stay_in_their_cells),
		cmocka_unit_test(plain_text_has_every_row_and_no_keys),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
