/*
 * What a drawn screen is held against: the file in tests/golden/screens that it was written
 * to, and what is true of every screen.
 */
#ifndef TESTS_SCREENS_GOLDEN_H
#define TESTS_SCREENS_GOLDEN_H

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#include "tests/screens/fixture.h"
#include "tests/unit/golden_file.h"

/* The picture is the recorded one of that name; UPDATE_GOLDEN=1 writes it anew before. */
static UNUSED void golden_compare(const char *name, const struct str *now)
{
	struct str golden = {0};
	char path[256];

	snprintf(path, sizeof(path), "tests/golden/screens/%s.txt", name);
	if (getenv("UPDATE_GOLDEN"))
		golden_write(path, now);
	golden_read(path, &golden);
	if (strcmp(str_text(&golden), str_text(now)) != 0)
		fail_msg("%s differs; it is now:\n%s", path, str_text(now));
	str_release(&golden);
}

/* No control character and no override of direction, not wider than the screen, ASCII if
 * asked. */
static UNUSED void check_line(struct text line, int width, bool is_ascii)
{
	assert_true(text_width(line) <= (size_t)width);
	for (size_t at = 0; at < line.len;) {
		long c = text_next_char(line, &at);

		assert_true(c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0));
		assert_true(c != 0x202e && (!is_ascii || c < 0x7f));
	}
}

/* Every line of the picture, and as many as the screen has. */
static UNUSED void check_picture(const struct str *picture, int width, int height,
				 bool is_ascii)
{
	const char *line = str_text(picture);
	const char *end = strstr(line, "roles\n");

	assert_non_null(end);
	for (int y = 0; y < height; y++) {
		size_t len = strcspn(line, "\n");

		check_line((struct text){line, len}, width, is_ascii);
		line += len + 1;
	}
	assert_ptr_equal(line, end);
}

/* Draws it and looks at nothing: what a key does goes by what was seen. */
static UNUSED void draw_unseen(struct console *c, int width, int height)
{
	struct str seen = {0};

	draw_in(c, width, height, &seen);
	str_release(&seen);
}

/* Key after key, each after a look at the screen. */
static UNUSED void press_each(struct console *c, const char *script, int width, int height)
{
	while (*script) {
		char key[64];
		size_t len = strcspn(script, " ");

		draw_unseen(c, width, height);
		snprintf(key, sizeof(key), "%.*s", (int)len, script);
		press(c, key);
		script += len + (script[len] == ' ');
	}
}

/* Are the words on a screen of that size? */
static UNUSED bool is_drawn_in(struct console *c, int width, int height, const char *words)
{
	struct str picture = {0};
	bool is;

	draw_in(c, width, height, &picture);
	is = strstr(str_text(&picture), words) != NULL;
	str_release(&picture);
	return is;
}

/* Are the words on a screen of that size? Fails if that is not so. */
static UNUSED void check_drawn(struct console *c, int width, int height, const char *words,
			       bool is_there)
{
	struct str picture = {0};

	draw_in(c, width, height, &picture);
	if ((strstr(str_text(&picture), words) != NULL) != is_there)
		fail_msg("\"%s\" is %sin:\n%s", words, is_there ? "not " : "",
			 str_text(&picture));
	str_release(&picture);
}

/* ---- pictures that are recorded ---- */

/*
 * One to draw. Its size and its letters stand in its name: "wire-80x24",
 * "logs-120x40-ascii". A row named with a * in the place of the size is recorded in each of
 * six ways.
 */
struct golden {
	const char *row;
	unsigned n; /* of the row's, drawn so far */
	char name[96];
	int width, height;
	bool is_ascii;
	struct str picture;
};

static UNUSED void golden_name(struct golden *g)
{
	static const char *const sizes[] = {"80x24", "120x40", "200x60"};
	const char *any = strchr(g->row, '*');
	int before = any ? (int)(any - g->row) : 0;

	if (any)
		snprintf(g->name, sizeof(g->name), "%.*s%s%s%s", before, g->row,
			 sizes[g->n / 2], g->n % 2 ? "-ascii" : "", any + 1);
	else
		snprintf(g->name, sizeof(g->name), "%s", g->row);
}

/* The next of the row, or false: there is none. */
static UNUSED bool golden_next(struct golden *g)
{
	unsigned n_all = strchr(g->row, '*') ? 6 : 1;
	const char *at;

	if (g->n == n_all)
		return false;
	golden_name(g);
	for (at = strchr(g->name, '-'); at; at = strchr(at + 1, '-'))
		if (sscanf(at, "-%dx%d", &g->width, &g->height) == 2)
			break;
	if (!at)
		fail_msg("there is no size in %s", g->name);
	g->is_ascii = strstr(g->name, "-ascii") != NULL;
	g->n++;
	return true;
}

static UNUSED void golden_hold(struct golden *g)
{
	check_picture(&g->picture, g->width, g->height, g->is_ascii);
	golden_compare(g->name, &g->picture);
	str_release(&g->picture);
}

/* show(row, golden) draws each row's picture, in each size that its name stands for. */
#define GOLDEN_SCREENS(rows, show)                                                    \
	for (size_t row_ = 0; row_ < sizeof(rows) / sizeof((rows)[0]); row_++)        \
		for (struct golden g_ = {.row = (rows)[row_].name}; golden_next(&g_); \
		     golden_hold(&g_))                                                \
	show(&(rows)[row_], &g_)

/* What was drawn last of it was seen; this is kept. */
static UNUSED void golden_draw(struct golden *g, struct console *c)
{
	draw_in(c, g->width, g->height, &g->picture);
}

/* It is seen, the keys are pressed, and what is seen then is kept. */
static UNUSED void golden_press(struct golden *g, struct console *c, const char *keys)
{
	draw_unseen(c, g->width, g->height);
	press(c, keys);
	golden_draw(g, c);
}

/* From one cell to more than a wide screen, the keys in turn: pressed while only_view is
 * seen (NULL: always). Every picture is harmless. */
static UNUSED void draw_all_sizes(struct console *c, const struct view *only_view,
				  const char *const *keys, size_t n_keys)
{
	size_t n = 0;

	for (int width = 1; width <= 220; width += 13) {
		for (int height = 1; height <= 62; height += 7) {
			struct str picture = {0};

			draw_in(c, width, height, &picture);
			check_picture(&picture, width, height, c->model.is_ascii);
			str_release(&picture);
			if (n_keys && (!only_view || model_view(&c->model) == only_view))
				press(c, keys[n++ % n_keys]);
		}
	}
}

/* Characters of more than one byte, and a time zone that is the same everywhere. */
static UNUSED void golden_locale(void)
{
	if (!setlocale(LC_ALL, "C.UTF-8") && !setlocale(LC_ALL, "C.utf8"))
		fail_msg("there is no locale C.UTF-8");
	setenv("TZ", "CET-1", 1);
	tzset();
}

#endif
