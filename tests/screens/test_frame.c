/* The parts of the screen on their own: cells, looks, keys, columns, prose, fields. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/terminal/clipboard.h"
#include "tui/terminal/field.h"
#include "tui/terminal/input.h"
#include "tui/keymap.h"
#include "tui/terminal/lines.h"
#include "tui/terminal/table.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char *row_text(const struct frame *f, int y, struct str *out)
{
	str_reset(out);
	frame_row_text(f, y, out);
	return str_text(out);
}

static void text_is_clipped_and_padded_by_its_width(void **state)
{
	static const struct {
		const char *text;
		int width;
		enum align align;
		enum clip clip;
		bool is_ascii;
		const char *shown;
	} rows[] = {
		{"nginx", 8, ALIGN_LEFT, CLIP_END, false, "[nginx   ]"},
		{"nginx", 8, ALIGN_RIGHT, CLIP_END, false, "[   nginx]"},
		{"nginx", 5, ALIGN_LEFT, CLIP_END, false, "[nginx]"},
		{"nginx", 4, ALIGN_LEFT, CLIP_END, false, "[ngi…]"},
		{"nginx", 4, ALIGN_LEFT, CLIP_END, true, "[ng..]"},
		{"nginx", 1, ALIGN_LEFT, CLIP_END, false, "[…]"},
		{"nginx", 1, ALIGN_LEFT, CLIP_END, true, "[.]"},
		{"2001:db8::5678", 9, ALIGN_LEFT, CLIP_MIDDLE, false, "[2001…5678]"},
		{"漢字漢字", 8, ALIGN_LEFT, CLIP_END, false, "[漢字漢字]"},
		{"漢字漢字", 6, ALIGN_LEFT, CLIP_END, false, "[漢字… ]"},
		{"漢字漢字", 5, ALIGN_RIGHT, CLIP_END, false, "[漢字…]"},
		{"e\xcc\x81t\xc3\xa9", 4, ALIGN_LEFT, CLIP_END, false,
		 "[e\xcc\x81t\xc3\xa9 ]"},
		{"a\033[2Jb\xff", 9, ALIGN_LEFT, CLIP_END, false, "[a?[2Jb?  ]"},
	};
	struct str out = {0};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct frame f = {0};

		assert_int_equal(frame_resize(&f, 20, 1), 0);
		f.is_ascii = rows[i].is_ascii;
		frame_put(&f, 0, 0, 1, ROLE_NORMAL, text_of("["));
		frame_field(&f, 1, 0, rows[i].width, ROLE_NORMAL, rows[i].align,
			    rows[i].clip, text_of(rows[i].text));
		frame_put(&f, 1 + rows[i].width, 0, 1, ROLE_NORMAL, text_of("]"));
		assert_string_equal(row_text(&f, 0, &out), rows[i].shown);
		frame_release(&f);
	}
	str_release(&out);
}

static void nothing_is_written_outside(void **state)
{
	struct frame f = {0};
	struct str out = {0};

	(void)state;
	assert_int_equal(frame_resize(&f, 4, 2), 0);
	frame_text(&f, -1, 0, 4, ROLE_BAD, text_of("xxxx"));
	frame_text(&f, 0, 2, 4, ROLE_BAD, text_of("xxxx"));
	frame_text(&f, 4, 0, 4, ROLE_BAD, text_of("xxxx"));
	frame_text(&f, 0, 0, -3, ROLE_BAD, text_of("xxxx"));
	frame_select(&f, 9, 9, 9);
	frame_fill(&f, 3, 1, 9, ROLE_RULE, SYMBOL_LINE);
	assert_int_equal(frame_put(&f, 3, 0, 9, ROLE_BAD, text_of("漢")), 0);
	assert_string_equal(row_text(&f, 0, &out), "");
	assert_string_equal(row_text(&f, 1, &out), "   ─");
	frame_release(&f);
	str_release(&out);
}

static void half_of_a_wide_character_becomes_blank(void **state)
{
	struct frame f = {0};
	struct str out = {0};

	(void)state;
	assert_int_equal(frame_resize(&f, 6, 1), 0);
	frame_put(&f, 0, 0, 6, ROLE_NORMAL, text_of("漢字漢"));
	frame_put(&f, 1, 0, 1, ROLE_NORMAL, text_of("x"));
	frame_put(&f, 4, 0, 1, ROLE_NORMAL, text_of("y"));
	assert_string_equal(row_text(&f, 0, &out), " x字y");
	frame_release(&f);
	str_release(&out);
}

static void a_match_is_marked_whatever_its_case(void **state)
{
	struct frame f = {0};
	struct str out = {0};

	(void)state;
	assert_int_equal(frame_resize(&f, 12, 1), 0);
	frame_put(&f, 0, 0, 12, ROLE_NORMAL, text_of("a NGinx ngi"));
	frame_mark(&f, 0, 0, 12, text_of("ngi"));
	frame_select(&f, 0, 0, 3);
	frame_dump(&f, true, &out);
	assert_string_equal(str_text(&out), "a NGinx ngi\nroles\n**Mmm...mmm\n");
	frame_release(&f);
	str_release(&out);
}

/* Relative luminance in thousandths of the 6 x 6 x 6 cube, and of the one grey that is
 * used. WCAG 2.1. */
static int luminance(int color)
{
	static const int levels[] = {0, 114, 242, 429, 680, 1000};
	int n = color - 16;

	if (color == 243) /* #767676 */
		return 181;
	assert_true(color >= 16 && color < 232);
	return (2126 * levels[n / 36] + 7152 * levels[n / 6 % 6] + 722 * levels[n % 6]) /
	       10000;
}

static void colours_stand_out_from_black_and_from_white(void **state)
{
	(void)state;
	for (int role = 0; role < N_ROLES; role++) {
		struct look look = theme_look((enum role)role, PALETTE_256);

		if (look.color < 0)
			continue;
		/* a contrast of 4.4 to 1 either way */
		assert_true((luminance(look.color) + 50) * 10 >= 44 * 50);
		assert_true(1050 * 10 >= 44 * (luminance(look.color) + 50));
	}
}

static void what_is_bad_looks_different_without_colours_too(void **state)
{
	(void)state;
	for (int p = PALETTE_MONO; p <= PALETTE_256; p++) {
		struct look bad = theme_look(ROLE_BAD, (enum palette)p);
		struct look good = theme_look(ROLE_GOOD, (enum palette)p);
		struct look normal = theme_look(ROLE_NORMAL, (enum palette)p);

		assert_true(bad.flags != normal.flags);
		assert_true(bad.flags != good.flags || bad.color != good.color);
		assert_int_equal(normal.color, -1);
	}
	assert_int_equal(theme_palette(false, 256), PALETTE_MONO);
	assert_int_equal(theme_palette(true, 0), PALETTE_MONO);
	assert_int_equal(theme_palette(true, 8), PALETTE_16);
	assert_int_equal(theme_palette(true, 88), PALETTE_16);
	assert_int_equal(theme_palette(true, 256), PALETTE_256);
}

static void every_symbol_has_a_plain_twin(void **state)
{
	(void)state;
	for (int s = 0; s < N_SYMBOLS; s++) {
		const char *ascii = symbol_text((enum symbol)s, true);

		assert_true(ascii[0] != '\0');
		for (; *ascii; ascii++)
			assert_true(*ascii > 0x20 && *ascii < 0x7f);
		assert_int_equal(text_width(text_of(symbol_text((enum symbol)s, false))),
				 1);
	}
}

static unsigned feed(const char *bytes, int out[64])
{
	struct input_decoder d = {0};
	unsigned n = 0;

	for (; *bytes; bytes++)
		n += input_byte(&d, (uint8_t)*bytes, out + n);
	return n + input_pause(&d, out + n);
}

static void bytes_become_inputs(void **state)
{
	static const struct {
		const char *bytes;
		int inputs[4];
	} rows[] = {
		{"q", {'q'}},
		{"\r", {INPUT_ENTER}},
		{"\x7f", {INPUT_BACKSPACE}},
		{"\x08", {INPUT_BACKSPACE}},
		{"\x0c", {INPUT_CONTROL('L')}},
		{"\033", {INPUT_ESCAPE}},
		{"\033\033", {INPUT_ESCAPE, INPUT_ESCAPE}},
		{"\033q", {INPUT_ESCAPE, 'q'}},
		{"\0331", {INPUT_F1}},
		{"\0330", {INPUT_F10}},
		{"\0337", {0}},
		{"\033[A", {INPUT_UP}},
		{"\033OB", {INPUT_DOWN}},
		{"\033[5~", {INPUT_PAGE_UP}},
		{"\033[[A", {INPUT_F1}},
		{"\033[200~q", {'q'}},
		{"\033[1;5Cq", {'q'}},
		{"\033[99999999999999999999999~q", {'q'}},
		{"\xc3\xa9", {0xe9}},
		{"\xe6\xbc\xa2", {0x6f22}},
		{"\xc3q", {'q'}},
		{"\xff\xfe\x80q", {'q'}},
		{"\xed\xa0\x80q", {'q'}},
		{"\xc2\x9bq", {'q'}},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		int out[64] = {0};
		unsigned n = feed(rows[i].bytes, out);

		for (unsigned k = 0; k < 4; k++)
			assert_int_equal(k < n ? out[k] : 0, rows[i].inputs[k]);
	}
}

static void any_bytes_give_sane_inputs(void **state)
{
	struct input_decoder d = {0};
	unsigned seed = 7;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		int out[2];
		int byte = rand_r(&seed) % 4 ? rand_r(&seed) % 256 : 0x1b;
		unsigned n = input_byte(&d, (uint8_t)byte, out);

		if (i % 7 == 0 && !n)
			n = input_pause(&d, out);
		assert_true(n <= 2);
		for (unsigned k = 0; k < n; k++)
			assert_true(out[k] > 0 && out[k] <= INPUT_F10);
	}
}

static void every_key_is_known_and_means_one_thing(void **state)
{
	static const unsigned screens[] = {WHERE_PORTS, WHERE_HELP, WHERE_GUIDE,
					   WHERE_LADDER};

	(void)state;
	for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++) {
		char keys[64];
		char *rest = NULL;

		assert_true(keymap_where((enum action)a) != 0);
		assert_true(keymap_help((enum action)a)[0] != '\0');
		snprintf(keys, sizeof(keys), "%s", keymap_keys((enum action)a));
		for (char *key = strtok_r(keys, " ", &rest); key;
		     key = strtok_r(NULL, " ", &rest)) {
			int input = input_named(text_of(key));

			assert_true(input != INPUT_NONE);
			for (size_t i = 0; i < N_OF(screens); i++)
				if (keymap_where((enum action)a) & screens[i])
					assert_int_equal(keymap_lookup(screens[i], input),
							 a);
		}
	}
	assert_int_equal(keymap_lookup(WHERE_ALL, INPUT_NONE), ACTION_NONE);
	assert_int_equal(keymap_lookup(WHERE_ALL, 'W'), ACTION_NONE);
}

static void the_man_page_has_every_key(void **state)
{
	struct str out = {0};

	(void)state;
	assert_int_equal(keymap_man(&out), 0);
	for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++)
		assert_non_null(strstr(str_text(&out), keymap_help((enum action)a)));
	assert_non_null(strstr(str_text(&out), ".It Ic \\&Up , Ic \\&k\none line up.\n"));
	str_release(&out);
}

static void print_nothing(struct cell_print *p)
{
	str_puts(p->out, "x");
}

static const struct column columns[] = {
	{.id = "a",
	 .title = "A",
	 .width_min = 4,
	 .width_usual = 6,
	 .width_max = 10,
	 .priority = 2,
	 .print = print_nothing},
	{.id = "b",
	 .title = "B",
	 .width_min = 5,
	 .width_usual = 5,
	 .width_max = 9,
	 .priority = 1,
	 .align = ALIGN_RIGHT,
	 .print = print_nothing},
	{.id = "c",
	 .title = "C",
	 .width_min = 4,
	 .width_usual = 4,
	 .width_max = 20,
	 .priority = PRIORITY_EXTRA,
	 .print = print_nothing},
};

static void columns_come_by_priority_and_stay_inside(void **state)
{
	static const struct {
		int width;
		int wanted[3];
		size_t n;
		int widths[3];
	} rows[] = {
		{3, {0}, 1, {5}}, /* the first is always there */
		{9, {0}, 1, {5}},
		{10, {0}, 2, {4, 5}},
		{15, {0}, 2, {4, 5}},
		{15, {99, 99, 0}, 2, {5, 9}}, /* numbers grow first */
		{17, {0}, 3, {4, 5, 4}},      /* an extra one: the others have room */
		{40, {99, 99, 99}, 3, {10, 9, 19}},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct layout layout;
		int end = 0;

		table_layout(columns, 3, NULL, 0, rows[i].width, rows[i].wanted, &layout);
		assert_int_equal(layout.n, rows[i].n);
		for (size_t k = 0; k < layout.n; k++) {
			const struct placed *p = &layout.columns[k];

			assert_int_equal(p->width, rows[i].widths[k]);
			assert_int_equal(p->x, k ? end + 1 : 0);
			end = p->x + p->width;
		}
		assert_true(layout.n == 1 || end <= rows[i].width);
	}
}

static void the_mark_of_the_order_stays_over_a_narrow_column(void **state)
{
	static const struct column column = {.title = "CONN", .print = print_nothing};
	static const struct {
		int width;
		const char *head;
	} rows[] = {{8, "CONN ▴"}, {6, "CONN ▴"}, {5, "CONN▴"}, {4, "CON▴"}, {1, "▴"}};
	struct str out = {0};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct layout layout = {
			.n = 1, .columns = {{.column = &column, .width = rows[i].width}}};
		struct frame f = {0};

		assert_int_equal(frame_resize(&f, 10, 1), 0);
		table_head(&f, 0, &layout, &column, false);
		assert_string_equal(row_text(&f, 0, &out), rows[i].head);
		frame_release(&f);
	}
	str_release(&out);
}

static void prose_is_wrapped_at_words(void **state)
{
	struct lines l = LINES_EMPTY;
	struct line_style style = {.width = 20, .indent = 2, .head_width = 6};
	static const char *const wanted[] = {"  head  one two", "        three",
					     "        averylongwor", "        dindeed"};
	struct frame f = {0};
	struct str out = {0};

	(void)state;
	assert_int_equal(lines_add(&l, &style, "head", "one two three averylongwordindeed"),
			 4);
	assert_int_equal(frame_resize(&f, 20, 4), 0);
	for (int y = 0; y < 4; y++) {
		lines_draw(&l, (size_t)y, &f, 0, y, 20);
		assert_string_equal(row_text(&f, y, &out), wanted[y]);
	}
	assert_int_equal(lines_add(&l, &style, "", ""), 5);
	lines_release(&l);
	frame_release(&f);
	str_release(&out);
}

static void type(struct field *field, const char *text)
{
	for (; *text; text++)
		field_input(field, *text);
}

static void a_line_can_be_edited(void **state)
{
	struct field field = {0};

	(void)state;
	field_open(&field, FIELD_SEARCH, "");
	type(&field, "nginx port");
	assert_int_equal(field_input(&field, INPUT_CONTROL('W')), FIELD_CHANGED);
	assert_string_equal(str_text(&field.text), "nginx ");
	field_input(&field, 0x6f22);
	assert_string_equal(str_text(&field.text), "nginx 漢");
	assert_int_equal(field_input(&field, INPUT_BACKSPACE), FIELD_CHANGED);
	assert_string_equal(str_text(&field.text), "nginx ");
	field_input(&field, INPUT_HOME);
	field_input(&field, INPUT_RIGHT);
	assert_int_equal(field_input(&field, INPUT_DELETE), FIELD_CHANGED);
	type(&field, "N");
	assert_string_equal(str_text(&field.text), "nNinx ");
	field_input(&field, INPUT_CONTROL('U'));
	assert_string_equal(str_text(&field.text), "inx ");
	assert_int_equal(field_input(&field, INPUT_BACKSPACE), FIELD_NOTHING);
	assert_int_equal(field_input(&field, INPUT_UP), FIELD_NOTHING);
	assert_int_equal(field_input(&field, INPUT_ENTER), FIELD_DONE);
	assert_int_equal(field_input(&field, INPUT_ESCAPE), FIELD_CANCELLED);
	for (int i = 0; i < 2 * FIELD_MAX; i++)
		field_input(&field, 'x');
	assert_int_equal(field.text.len, FIELD_MAX);
	field_release(&field);
}

static void the_clipboard_gets_base64(void **state)
{
	static const struct {
		const char *text;
		bool in_screen;
		const char *bytes;
	} rows[] = {
		{"", false, "\033]52;c;\a"},
		{"f", false, "\033]52;c;Zg==\a"},
		{"fo", false, "\033]52;c;Zm8=\a"},
		{"foo", false, "\033]52;c;Zm9v\a"},
		{"\xff\xfe\x7f", false, "\033]52;c;//5/\a"},
		{"foobar", true, "\033P\033]52;c;Zm9vYmFy\a\033\\"},
	};
	struct str out = {0};
	static char much[CLIPBOARD_MAX + 1];

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		str_reset(&out);
		assert_int_equal(
			clipboard_bytes(&out, text_of(rows[i].text), rows[i].in_screen), 0);
		assert_string_equal(str_text(&out), rows[i].bytes);
	}
	str_reset(&out);
	assert_true(clipboard_bytes(&out, (struct text){much, sizeof(much)}, false) < 0);
	assert_int_equal(out.len, 0);
	str_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_clipped_and_padded_by_its_width),
		cmocka_unit_test(nothing_is_written_outside),
		cmocka_unit_test(half_of_a_wide_character_becomes_blank),
		cmocka_unit_test(a_match_is_marked_whatever_its_case),
		cmocka_unit_test(colours_stand_out_from_black_and_from_white),
		cmocka_unit_test(what_is_bad_looks_different_without_colours_too),
		cmocka_unit_test(every_symbol_has_a_plain_twin),
		cmocka_unit_test(bytes_become_inputs),
		cmocka_unit_test(any_bytes_give_sane_inputs),
		cmocka_unit_test(every_key_is_known_and_means_one_thing),
		cmocka_unit_test(the_man_page_has_every_key),
		cmocka_unit_test(columns_come_by_priority_and_stay_inside),
		cmocka_unit_test(the_mark_of_the_order_stays_over_a_narrow_column),
		cmocka_unit_test(prose_is_wrapped_at_words),
		cmocka_unit_test(a_line_can_be_edited),
		cmocka_unit_test(the_clipboard_gets_base64),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		setlocale(LC_ALL, "C.utf8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
