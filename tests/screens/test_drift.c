/*
 * One table of actions, and nothing beside it: each is reached by its keys on each of its
 * screens, stands in the palette, in the screen's help and in the man page; footers hold
 * only its words; each screen is recorded, and its help explains its signs.
 */
#include <dirent.h>

#include "tests/screens/golden.h"
#include "tests/screens/hosts.h"
#include "tui/reasons.h"
#include "tui/view/glossary.h"

static const struct view *const views[] = {
	&view_ports,  &view_help,    &view_guide,   &view_question,
	&view_ladder, &view_details, &view_path,    &view_attempts,
	&view_logs,   &view_events,  &view_palette, &view_columns,
};

enum { WIDE = 250, HIGH = 400 };

/* Each screen is recorded at each of them, with all letters and with ASCII alone. */
static const char *const sizes[] = {"80x24", "120x40", "200x60"};

/* Ports, and v over it as if its key had been pressed. */
static void stand_on(struct console *c, const struct view *v)
{
	fixture_console(c, false, typical());
	if (v != &view_ports)
		c->model.shown[c->model.n_shown++] = v;
}

/* The next of "Up k"; false: there is none. */
static bool next_key(const char **list, struct text *key)
{
	*list += strspn(*list, " ");
	*key = (struct text){*list, strcspn(*list, " ")};
	*list += key->len;
	return key->len > 0;
}

static void each_screen_has_its_view(void **state)
{
	unsigned all = 0, named = 0;

	(void)state;
	for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++)
		named |= keymap_where((enum action)a);
	for (size_t i = 0; i < N_OF(views); i++) {
		assert_int_equal(all & views[i]->where, 0);
		all |= views[i]->where;
	}
	assert_int_equal(all, WHERE_EVERY);
	assert_int_equal(named & ~all, 0);
}

static void each_key_leads_to_its_action_on_each_of_its_screens(void **state)
{
	(void)state;
	for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++) {
		for (size_t i = 0; i < N_OF(views); i++) {
			struct str keys = {0};
			const char *list;
			struct text key;
			size_t n = 0;

			if (!(keymap_where((enum action)a) & views[i]->where))
				continue;
			keymap_put_keys(&keys, (enum action)a, views[i]->where);
			for (list = str_text(&keys); next_key(&list, &key); n++) {
				enum action found =
					keymap_lookup(views[i]->where, input_named(key));

				if (found != (enum action)a)
					fail_msg("%.*s of '%s' does another thing on %s",
						 (int)key.len, key.bytes,
						 keymap_help((enum action)a),
						 views[i]->name);
			}
			assert_true(n > 0);
			str_release(&keys);
		}
	}
}

static void each_action_stands_in_the_palette_over_each_screen(void **state)
{
	struct palette_entry entries[PALETTE_MAX];

	(void)state;
	for (size_t i = 0; i < N_OF(views); i++) {
		bool is_listed[N_ACTIONS] = {false};
		struct console c;
		size_t n;

		stand_on(&c, views[i]);
		if (views[i] != &view_palette)
			c.model.shown[c.model.n_shown++] = &view_palette;
		n = palette_list(&c.model, entries);
		assert_true(n < PALETTE_MAX);
		for (size_t k = 0; k < n; k++)
			is_listed[entries[k].action] = true;
		for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++)
			assert_true(is_listed[a]);
		console_release(&c);
	}
}

/* What can be done here, and what cannot says why. */
static void each_action_has_a_reason_or_is_of_the_screen(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(views); i++) {
		struct console c;

		stand_on(&c, views[i]);
		for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++) {
			struct str why = {0};
			unsigned where = reasons_screen(&c.model)->where;

			if (action_reason(&c.model, (enum action)a, &why))
				assert_true(keymap_where((enum action)a) & where);
			else
				assert_true(why.len > 5 &&
					    str_text(&why)[why.len - 1] != '.');
			str_release(&why);
		}
		console_release(&c);
	}
}

static void each_action_stands_in_the_help_of_its_screens(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(views); i++) {
		struct str picture = {0};
		struct console c;

		if (views[i] == &view_help)
			continue;
		stand_on(&c, views[i]);
		c.model.shown[c.model.n_shown++] = &view_help;
		draw_in(&c, WIDE, HIGH, &picture);
		for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++) {
			bool is_here = keymap_where((enum action)a) & views[i]->where;

			if (is_here &&
			    !strstr(str_text(&picture), keymap_help((enum action)a)))
				fail_msg("the help of %s has no '%s'", views[i]->name,
					 keymap_help((enum action)a));
		}
		str_release(&picture);
		console_release(&c);
	}
}

static void each_action_stands_in_the_man_page(void **state)
{
	struct str keys = {0}, page = {0};

	(void)state;
	assert_int_equal(keymap_man(&keys), 0);
	for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++)
		assert_non_null(strstr(str_text(&keys), keymap_help((enum action)a)));
	golden_read("assets/man/dport.1.in", &page);
	assert_non_null(strstr(str_text(&page), "\n@KEYS@\n"));
	str_release(&keys);
	str_release(&page);
}

/* The last row of a picture of that height. */
static struct text last_row(const struct str *picture, int height)
{
	const char *line = str_text(picture);

	for (int y = 1; y < height; y++)
		line = strchr(line, '\n') + 1;
	return (struct text){line, strcspn(line, "\n")};
}

static void footers_hold_the_words_of_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(views); i++) {
		struct str picture = {0}, wanted = {0};
		struct frame f = {0};
		struct console c;
		struct text row;

		stand_on(&c, views[i]);
		draw_in(&c, WIDE, 40, &picture);
		assert_int_equal(frame_resize(&f, WIDE, 1), 0);
		keymap_footer(&f, 1, 0, WIDE - 2, views[i]->where);
		frame_row_text(&f, 0, &wanted);
		row = last_row(&picture, 40);
		if (!text_equals_str(row, str_text(&wanted)))
			fail_msg("the footer of %s is '%.*s', not '%s'", views[i]->name,
				 (int)row.len, row.bytes, str_text(&wanted));
		str_release(&picture);
		str_release(&wanted);
		frame_release(&f);
		console_release(&c);
	}
}

static const char *row_text(const struct frame *f, struct str *out)
{
	str_reset(out);
	frame_row_text(f, 0, out);
	return str_text(out);
}

static void the_footer_keeps_help_and_quit(void **state)
{
	struct str out = {0};

	(void)state;
	for (int width = 16; width < 130; width++) {
		struct frame f = {0};

		assert_int_equal(frame_resize(&f, width, 1), 0);
		keymap_footer(&f, 0, 0, width, WHERE_PORTS);
		assert_non_null(strstr(row_text(&f, &out), "? help"));
		assert_non_null(strstr(row_text(&f, &out), "q quit"));
		frame_release(&f);
	}
	str_release(&out);
}

static void a_narrow_footer_names_what_fits_by_rank(void **state)
{
	struct frame f = {0};
	struct str out = {0};

	(void)state;
	assert_int_equal(frame_resize(&f, 40, 1), 0);
	keymap_footer(&f, 1, 0, 38, WHERE_DETAILS);
	assert_string_equal(row_text(&f, &out), " Enter guide  Esc back  ? help  q quit");
	frame_clear(&f);
	keymap_footer(&f, 1, 0, 38, WHERE_PALETTE);
	assert_string_equal(row_text(&f, &out), " Esc back  Enter carry out  F1 help");
	frame_release(&f);
	str_release(&out);
}

static void what_has_a_footer_word_is_seen_in_a_wide_footer(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(views); i++) {
		struct str row = {0};
		struct frame f = {0};

		assert_int_equal(frame_resize(&f, 2 * WIDE, 1), 0);
		keymap_footer(&f, 0, 0, 2 * WIDE, views[i]->where);
		frame_row_text(&f, 0, &row);
		for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++)
			if (keymap_where((enum action)a) & views[i]->where)
				assert_non_null(strstr(str_text(&row),
						       keymap_word((enum action)a)));
		str_release(&row);
		frame_release(&f);
	}
}

/* ---- the recorded pictures ---- */

/* The screen of a picture: the last of "ports > guide > ladder" in its second row. */
static const struct view *view_of(const char *picture, bool is_ascii)
{
	const char *into = is_ascii ? " > " : " \u203a ";
	const char *row = strchr(picture, '\n');
	const struct view *found = &view_ports;

	row = row ? row + 1 : "";
	for (const char *at = row; (at = strstr(at, into)); at++) {
		if (at > row + strcspn(row, "\n"))
			break;
		for (size_t i = 0; i < N_OF(views); i++) {
			const char *name = at + strlen(into);
			size_t len = strlen(views[i]->name);

			if (!strncmp(name, views[i]->name, len) && name[len] == ' ')
				found = views[i];
		}
	}
	return found;
}

/* Signs that mean something wherever they stand. */
static const enum symbol signs[] = {SYMBOL_GOOD, SYMBOL_BAD, SYMBOL_NO_RIGHT};

static bool explains(unsigned where, enum symbol sign)
{
	for (size_t i = 0; i < n_glossary; i++)
		if ((glossary[i].where & where) && glossary[i].has_symbol &&
		    glossary[i].symbol == sign)
			return true;
	return false;
}

struct pictures {
	size_t n[N_OF(views)][N_OF(sizes)][2]; /* with all letters, with ASCII alone */
	size_t n_unexplained;
};

/* The header is explained on the first screen, and the help explains itself. Returns how
 * many signs nobody explains. */
static size_t count_unexplained(const char *name, const char *picture, const struct view *v)
{
	const char *body = strchr(picture, '\n');
	const char *end = strstr(picture, "\nroles\n");
	size_t n = 0;

	for (size_t s = 0; body && end && v != &view_help && s < N_OF(signs); s++) {
		const char *at = strstr(body, symbol_text(signs[s], false));

		if (!at || at >= end || explains(v->where, signs[s]))
			continue;
		print_error("%s: the help of %s does not explain %s\n", name, v->name,
			    symbol_text(signs[s], false));
		n++;
	}
	return n;
}

static void count_size(const char *name, bool is_ascii, size_t n[N_OF(sizes)][2])
{
	for (size_t k = 0; k < N_OF(sizes); k++) {
		const char *at = strstr(name, sizes[k]);

		n[k][is_ascii] += at && at > name && at[-1] == '-';
	}
}

static void look_at(const char *name, struct pictures *p)
{
	bool is_ascii = strstr(name, "-ascii") != NULL;
	struct str picture = {0};
	const struct view *v;
	char path[512];

	snprintf(path, sizeof(path), "tests/golden/screens/%s", name);
	golden_read(path, &picture);
	v = view_of(str_text(&picture), is_ascii);
	if (!is_ascii)
		p->n_unexplained += count_unexplained(name, str_text(&picture), v);
	for (size_t i = 0; i < N_OF(views); i++)
		if (views[i] == v)
			count_size(name, is_ascii, p->n[i]);
	str_release(&picture);
}

static void check_sizes(const struct view *v, size_t n[N_OF(sizes)][2])
{
	for (size_t k = 0; k < N_OF(sizes); k++)
		for (int is_ascii = 0; is_ascii < 2; is_ascii++)
			if (!n[k][is_ascii])
				fail_msg("%s is not recorded at %s%s", v->name, sizes[k],
					 is_ascii ? " in ASCII" : "");
}

static void each_screen_is_recorded_and_its_signs_are_explained(void **state)
{
	DIR *folder = opendir("tests/golden/screens");
	struct pictures p = {0};
	struct dirent *entry;

	(void)state;
	assert_non_null(folder);
	while ((entry = readdir(folder)))
		if (strstr(entry->d_name, ".txt"))
			look_at(entry->d_name, &p);
	closedir(folder);
	assert_int_equal(p.n_unexplained, 0);
	for (size_t i = 0; i < N_OF(views); i++)
		check_sizes(views[i], p.n[i]);
}

static void each_screen_has_words_in_its_help(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(views); i++) {
		size_t n = 0;

		for (size_t k = 0; k < n_glossary; k++)
			n += (glossary[k].where & views[i]->where) != 0;
		if (!n && views[i] != &view_help)
			fail_msg("no word of %s is explained", views[i]->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_screen_has_its_view),
		cmocka_unit_test(each_key_leads_to_its_action_on_each_of_its_screens),
		cmocka_unit_test(each_action_stands_in_the_palette_over_each_screen),
		cmocka_unit_test(each_action_has_a_reason_or_is_of_the_screen),
		cmocka_unit_test(each_action_stands_in_the_help_of_its_screens),
		cmocka_unit_test(each_action_stands_in_the_man_page),
		cmocka_unit_test(footers_hold_the_words_of_the_table),
		cmocka_unit_test(what_has_a_footer_word_is_seen_in_a_wide_footer),
		cmocka_unit_test(the_footer_keeps_help_and_quit),
		cmocka_unit_test(a_narrow_footer_names_what_fits_by_rank),
		cmocka_unit_test(each_screen_is_recorded_and_its_signs_are_explained),
		cmocka_unit_test(each_screen_has_words_in_its_help),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
