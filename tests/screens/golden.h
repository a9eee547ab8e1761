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

/* Characters of more than one byte, and a time zone that is the same everywhere. */
static UNUSED void golden_locale(void)
{
	if (!setlocale(LC_ALL, "C.UTF-8") && !setlocale(LC_ALL, "C.utf8"))
		fail_msg("there is no locale C.UTF-8");
	setenv("TZ", "CET-1", 1);
	tzset();
}

#endif
