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
	int width, height;
	bool is_ascii;
} screens[] = {
	{"ports-80x24", typical, "", 80, 24, false},
	{"ports-120x40", typical, "", 120, 40, false},
	{"ports-160x50", typical, "", 160, 50, false},
	{"ports-80x24-ascii", typical, "", 80, 24, true},
	{"ports-120x40-ascii", typical, "", 120, 40, true},
	{"ports-160x50-ascii", typical, "", 160, 50, true},
	{"ports-60x15", typical, "", 60, 15, false},
	{"ports-40x10", typical, "", 40, 10, false},
	{"ports-too-small-30x8", typical, "", 30, 8, false},
	{"help-80x24", typical, "?", 80, 24, false},
	{"help-80x24-end", typical, "? G", 80, 24, false},
	{"help-120x40", typical, "?", 120, 40, false},
	{"help-160x50", typical, "?", 160, 50, false},
	{"help-160x50-end", no_rights, "? End", 160, 50, false},
	{"help-80x24-ascii", typical, "? PgDn", 80, 24, true},
	{"help-120x40-ascii", typical, "? PgDn", 120, 40, true},
	{"help-160x50-ascii", typical, "? PgDn", 160, 50, true},
	{"help-no-rights-80x24", no_rights, "? G", 80, 24, false},
	{"first-frame-80x24", NULL, "", 80, 24, false},
	{"first-frame-80x24-ascii", NULL, "", 80, 24, true},
	{"looking-80x24", still_looking, "", 80, 24, false},
	{"empty-80x24", no_rows, "", 80, 24, false},
	{"blind-80x24", blind, "", 80, 24, false},
	{"no-rights-80x24", no_rights, "", 80, 24, false},
	{"no-rights-80x24-ascii", no_rights, "Down", 80, 24, true},
	{"no-rights-120x40-open", no_rights, "Right", 120, 40, false},
	{"hostile-80x24", hostile, "Down Right", 80, 24, false},
	{"hostile-160x50-ascii", hostile, "Right Down", 160, 50, true},
	{"hostile-40x10", hostile, "", 40, 10, false},
	{"open-80x24", typical, "4 G Up Up Up Up Up Up Right Down", 80, 24, false},
	{"open-160x50", typical, "Down Down Down Down Right", 160, 50, false},
	{"open-80x24-ascii", typical, "Right", 80, 24, true},
	{"filter-80x24", typical, "f 'nginx Enter", 80, 24, false},
	{"filter-typing-80x24", typical, "f 'ngi", 80, 24, false},
	{"filter-wrong-80x24", typical, "f 'pid:x Enter", 80, 24, false},
	{"filter-empty-80x24", typical, "f 'nobody-is-called-so Enter", 80, 24, false},
	{"search-80x24", typical, "/ 'RED Enter", 80, 24, false},
	{"search-typing-80x24", typical, "/ 'post", 80, 24, false},
	{"frozen-80x24", typical, "z", 80, 24, false},
	{"sorted-by-queue-80x24", typical, "s s s s", 80, 24, false},
	{"sorted-by-owner-reversed-80x24", typical, "s s S", 80, 24, false},
	{"utc-120x40", typical, "u", 120, 40, false},
	{"thousands-80x24", thousands, "G PgUp Up", 80, 24, false},
	{"thousands-40x10", thousands, "PgDn PgDn", 40, 10, true},
	{"several-namespaces-120x40", several_spaces, "f 'netns:blue Enter", 120, 40,
	 false},
	{"recorded-80x24", recorded, "", 80, 24, false},
	{"recorded-80x24-ascii", recorded, "", 80, 24, true},
	{"recorded-120x40", recorded, "", 120, 40, false},
	{"recorded-120x40-ascii", recorded, "", 120, 40, true},
	{"recorded-120x40-open", recorded, "f '7014 Enter Right", 120, 40, false},
	{"recorded-help-80x24", recorded, "?", 80, 24, false},
	{"recorded-help-120x40", recorded, "?", 120, 40, false},
	{"recorded-help-80x24-ascii", recorded, "?", 80, 24, true},
	{"recorded-help-120x40-ascii", recorded, "?", 120, 40, true},
	{"all-remarks-80x24", no_rights, "f '!udp Enter / 'e Enter z", 80, 24, false},
};

/* The same with a capture. */
static const struct traffic_screen {
	struct screen_row row;
	struct traffic *(*listen)(const struct snapshot *s);
} traffic_screens[] = {
	{{"traffic-80x24", typical, "", 80, 24, false}, busy},
	{{"traffic-80x24-ascii", typical, "", 80, 24, true}, busy},
	{{"traffic-120x40", typical, "", 120, 40, false}, busy},
	{{"traffic-120x40-ascii", typical, "", 120, 40, true}, busy},
	{{"traffic-160x50", typical, "", 160, 50, false}, busy},
	{{"traffic-60x15", typical, "", 60, 15, false}, busy},
	{{"traffic-40x10", typical, "", 40, 10, false}, busy},
	{{"traffic-failing-100x30", typical, "Down Down Down Down", 100, 30, false}, busy},
	{{"traffic-other-80x24", typical, "G Up Up Up", 80, 24, false}, busy},
	{{"traffic-other-100x30", typical, "G Up Up", 100, 30, false}, busy},
	{{"traffic-scan-80x24", typical, "G", 80, 24, false}, busy},
	{{"traffic-sorted-80x24", typical, "s s s s s", 80, 24, false}, busy},
	{{"traffic-filter-80x24", typical, "f '8080 Enter", 80, 24, false}, busy},
	{{"traffic-frozen-120x40-open", typical, "Down Down Down Down Right z", 120, 40,
	  false},
	 busy},
	{{"traffic-quiet-80x24", typical, "", 80, 24, false}, quiet},
	{{"traffic-not-yet-80x24", typical, "", 80, 24, false}, not_yet},
	{{"traffic-no-right-80x24", no_rights, "", 80, 24, false}, not_allowed},
	{{"traffic-no-right-80x24-ascii", no_rights, "", 80, 24, true}, not_allowed},
	{{"traffic-no-right-120x40", no_rights, "", 120, 40, false}, not_allowed},
	{{"traffic-not-recorded-100x30", typical, "", 100, 30, false}, not_recorded},
	{{"traffic-broken-120x40", typical, "", 120, 40, false}, broken},
	{{"traffic-thousands-80x24", thousands, "PgDn", 80, 24, false}, busy},
	{{"traffic-several-namespaces-120x40", several_spaces, "", 120, 40, false}, busy},
	{{"traffic-hostile-80x24", hostile, "G", 80, 24, false}, busy},
};

/* The same with who can reach what. */
static const struct reach_screen {
	struct traffic_screen with;
	struct reach (*find)(const struct snapshot *s);
} reach_screens[] = {
	{{{"reached-80x24", typical, "", 80, 24, false}, busy}, reached},
	{{{"reached-80x24-open", typical, "Right", 80, 24, false}, busy}, reached},
	{{{"reached-100x30", typical, "", 100, 30, false}, busy}, reached},
	{{{"reached-100x30-ascii", typical, "", 100, 30, true}, busy}, reached},
	{{{"reached-120x40", typical, "", 120, 40, false}, busy}, reached},
	{{{"reached-160x50", typical, "", 160, 50, false}, busy}, reached},
	{{{"reached-not-yet-100x30", typical, "", 100, 30, false}, busy},
	 reached_nobody_asked},
	{{{"reached-no-right-120x40", no_rights, "", 120, 40, false}, not_allowed},
	 reached_blindly},
	{{{"reached-no-right-100x30-ascii", no_rights, "", 100, 30, true}, not_allowed},
	 reached_blindly},
	{{{"reached-no-right-help-80x24", no_rights, "? G", 80, 24, false}, not_allowed},
	 reached_blindly},
	{{{"reached-not-recorded-100x30", typical, "", 100, 30, false}, not_recorded},
	 reached_unrecorded},
	{{{"reached-several-namespaces-120x40", several_spaces, "", 120, 40, false}, busy},
	 reached},
	{{{"reached-thousands-100x30", thousands, "PgDn", 100, 30, false}, busy}, reached},
};

enum { N_SCREENS = N_OF(screens) + N_OF(traffic_screens) + N_OF(reach_screens) };

static const struct traffic_screen *traffic_screen_at(size_t i)
{
	if (i < N_OF(screens))
		return NULL;
	i -= N_OF(screens);
	return i < N_OF(traffic_screens) ? &traffic_screens[i]
					 : &reach_screens[i - N_OF(traffic_screens)].with;
}

static const struct screen_row *screen_at(size_t i)
{
	return i < N_OF(screens) ? &screens[i] : &traffic_screen_at(i)->row;
}

static struct traffic *traffic_at(size_t i, const struct snapshot *s)
{
	return i < N_OF(screens) ? NULL : traffic_screen_at(i)->listen(s);
}

/* False: nobody finds it out. */
static bool reach_at(size_t i, const struct snapshot *s, struct reach *out)
{
	size_t before = N_OF(screens) + N_OF(traffic_screens);

	if (i >= before)
		*out = reach_screens[i - before].find(s);
	return i >= before;
}

static void show_screen(size_t at, struct str *out)
{
	const struct screen_row *row = screen_at(at);
	struct traffic *t = NULL;
	struct reach reach = {0};
	struct console c;

	fixture_console(&c, row->is_ascii, row->make ? row->make() : NULL);
	c.model.traffic = t = traffic_at(at, c.model.snapshot);
	if (reach_at(at, c.model.snapshot, &reach))
		c.model.reach = &reach;
	counts_news(&c.model);
	for (const char *script = row->keys; *script;) {
		/* a screen is drawn between two keys: paging goes by what was seen */
		char key[64];
		size_t len = strcspn(script, " ");

		draw_unseen(&c, row->width, row->height);
		snprintf(key, sizeof(key), "%.*s", (int)len, script);
		press(&c, key);
		script += len + (script[len] == ' ');
	}
	draw_in(&c, row->width, row->height, out);
	console_release(&c);
	traffic_free(t);
	reach_release(&reach);
}

static void every_screen_is_as_recorded(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_SCREENS; i++) {
		struct str now = {0};

		show_screen(i, &now);
		golden_compare(screen_at(i)->name, &now);
		str_release(&now);
	}
}

static void every_screen_is_harmless_text_of_its_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_SCREENS; i++) {
		const struct screen_row *row = screen_at(i);
		struct str picture = {0};

		show_screen(i, &picture);
		check_picture(&picture, row->width, row->height, row->is_ascii);
		str_release(&picture);
	}
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
		cmocka_unit_test(every_screen_is_harmless_text_of_its_size),
		cmocka_unit_test(every_size_can_be_drawn),
		cmocka_unit_test(random_names_stay_in_their_cells),
		cmocka_unit_test(plain_text_has_every_row_and_no_keys),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
