/* Themes: contrast on the backgrounds they are for, states told apart, words of the table.
 */
#include <dirent.h>

#include "tests/screens/golden.h"

/* Relative luminance in thousandths of the 6 x 6 x 6 cube and of the greys that are
 * used. WCAG 2.1. */
static int luminance(int color)
{
	static const int levels[] = {0, 114, 242, 429, 680, 1000};
	int n = color - 16;

	if (color == 240) /* #585858 */
		return 98;
	if (color == 243) /* #767676 */
		return 181;
	if (color == 248) /* #a8a8a8 */
		return 392;
	assert_true(color >= 16 && color < 232);
	return (2126 * levels[n / 36] + 7152 * levels[n / 6 % 6] + 722 * levels[n % 6]) /
	       10000;
}

/* Times ten. */
static int contrast(int a, int b)
{
	int light = a > b ? a : b, dark = a > b ? b : a;

	return (light + 50) * 10 / (dark + 50);
}

static void each_theme_stands_out_from_its_backgrounds(void **state)
{
	static const struct {
		enum palette palette;
		int background; /* luminance in thousandths */
	} rows[] = {
		{PALETTE_256, 0},          {PALETTE_256, 1000},
		{PALETTE_BLIND_256, 0},    {PALETTE_BLIND_256, 1000},
		{PALETTE_LIGHT_256, 1000}, {PALETTE_LIGHT_256, 930}, /* solarized light */
		{PALETTE_DARK_256, 0},     {PALETTE_DARK_256, 16},   /* solarized dark */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int role = 0; role < N_ROLES; role++) {
			struct look look = theme_look((enum role)role, rows[i].palette);

			if (look.color < 0)
				continue;
			if (contrast(luminance(look.color), rows[i].background) < 44)
				fail_msg("palette %d: color %d", (int)rows[i].palette,
					 look.color);
		}
}

static void good_and_bad_look_different_in_every_palette(void **state)
{
	(void)state;
	for (int p = 0; p < N_PALETTES; p++) {
		struct look bad = theme_look(ROLE_BAD, (enum palette)p);
		struct look good = theme_look(ROLE_GOOD, (enum palette)p);

		assert_true(bad.flags & LOOK_BOLD);
		assert_true(bad.flags != good.flags || bad.color != good.color);
		assert_int_equal(theme_look(ROLE_NORMAL, (enum palette)p).color, -1);
	}
}

static void a_palette_is_of_its_theme_and_the_colours_there_are(void **state)
{
	enum theme theme;

	(void)state;
	assert_int_equal(theme_palette_of(THEME_AUTO, 256), PALETTE_256);
	assert_int_equal(theme_palette_of(THEME_AUTO, 8), PALETTE_16);
	assert_int_equal(theme_palette_of(THEME_LIGHT, 1 << 24), PALETTE_LIGHT_256);
	assert_int_equal(theme_palette_of(THEME_DARK, 16), PALETTE_DARK_16);
	assert_int_equal(theme_palette_of(THEME_BLIND, 0), PALETTE_MONO);
	assert_int_equal(theme_palette_of(THEME_MONO, 256), PALETTE_MONO);
	assert_true(theme_find("blind", &theme) && theme == THEME_BLIND);
	assert_false(theme_find("Blind", &theme));
}

/* ---- the recorded pictures, without their colours ---- */

/* A letter, a sign of theme.h or the edge of a box, ASCII ones too. */
static bool is_word(long c)
{
	return c > 0x7f || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || (c && strchr("+~!?|-", (int)c));
}

/* The n-th line of a text; an empty one behind its end. */
static struct text line_at(const char *text, int n)
{
	for (; n && text; n--) {
		text = strchr(text, '\n');
		text += text != NULL;
	}
	return text ? (struct text){text, strcspn(text, "\n")} : TEXT_NONE;
}

/* In a row and its roles, cell by cell: how many runs of that role hold no word. */
static size_t count_wordless(struct text row, struct text roles, enum role role)
{
	char letter = theme_letter(role);
	size_t cell = 0, n = 0;
	bool is_in = false, has_word = true;

	for (size_t at = 0; at < row.len;) {
		size_t from = at;
		long c = text_next_char(row, &at);
		bool is_now = cell < roles.len && (roles.bytes[cell] | 0x20) == letter;

		n += is_in && !is_now && !has_word;
		has_word = is_now && ((is_in && has_word) || is_word(c));
		is_in = is_now;
		cell += text_width((struct text){row.bytes + from, at - from});
	}
	return n + (is_in && !has_word);
}

static void check_words(const char *name)
{
	struct str picture = {0};
	const char *roles;
	char path[512];

	snprintf(path, sizeof(path), "tests/golden/screens/%s", name);
	golden_read(path, &picture);
	roles = strstr(str_text(&picture), "\nroles\n");
	assert_non_null(roles);
	for (int y = 0; line_at(str_text(&picture), y).bytes <= roles; y++) {
		struct text row = line_at(str_text(&picture), y);
		struct text looks = line_at(roles, y + 2);

		if (count_wordless(row, looks, ROLE_BAD) ||
		    count_wordless(row, looks, ROLE_GOOD))
			fail_msg("%s: a colour alone says it in: %.*s", name, (int)row.len,
				 row.bytes);
	}
	str_release(&picture);
}

static void without_colours_each_picture_says_the_same(void **state)
{
	DIR *folder = opendir("tests/golden/screens");
	struct dirent *entry;
	size_t n = 0;

	(void)state;
	assert_non_null(folder);
	while ((entry = readdir(folder))) {
		if (!strstr(entry->d_name, ".txt"))
			continue;
		check_words(entry->d_name);
		n++;
	}
	closedir(folder);
	assert_true(n > 500);
	/* And a colour is no part of a text: none of its looks without one has any. */
	for (int role = 0; role < N_ROLES; role++)
		assert_int_equal(theme_look((enum role)role, PALETTE_MONO).color, -1);
}

static void a_graph_has_eight_levels_of_one_column(void **state)
{
	(void)state;
	for (int g = 0; g < N_GRAPHS; g++)
		for (unsigned level = 0; level < GRAPH_LEVELS; level++) {
			const char *wide = graph_level((enum graph)g, false, level);
			const char *plain = graph_level((enum graph)g, true, level);

			assert_int_equal(text_width(text_of(wide)), g != GRAPH_NONE);
			assert_int_equal(strlen(plain), g != GRAPH_NONE);
			assert_true(!*plain || (*plain >= ' ' && *plain <= '~'));
		}
	assert_string_equal(graph_level(GRAPH_AUTO, false, GRAPH_LEVELS), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_theme_stands_out_from_its_backgrounds),
		cmocka_unit_test(good_and_bad_look_different_in_every_palette),
		cmocka_unit_test(a_palette_is_of_its_theme_and_the_colours_there_are),
		cmocka_unit_test(without_colours_each_picture_says_the_same),
		cmocka_unit_test(a_graph_has_eight_levels_of_one_column),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
