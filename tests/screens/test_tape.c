/*
 * The line of time of a recording that is replayed, and what is said of one that is
 * written: screens against tests/golden/screens (UPDATE_GOLDEN=1 writes them anew).
 */
#include "tests/screens/golden.h"
#include "tests/screens/hosts.h"
#include "tui/view.h"

static void add_picture(struct model *m, int64_t wall_ns, bool has_changed)
{
	struct vec *pictures = &m->tape.pictures;
	struct picture *p = vec_push(pictures);

	assert_non_null(p);
	*p = (struct picture){wall_ns, INT64_MAX, has_changed};
	if (pictures->n > 1)
		((struct picture *)vec_at(pictures, pictures->n - 2))->until_ns =
			wall_ns - 1;
}

/* n looks, one in five seconds, the last at the console's own moment. */
static void open_tape(struct console *c, bool is_ascii, int n)
{
	fixture_console(c, is_ascii, typical());
	c->model.around.replay = "session.tar";
	c->model.tape.pictures = VEC_OF(struct picture);
	for (int i = 0; i < n; i++)
		add_picture(&c->model, FIXTURE_WALL_NS - (n - 1 - i) * 5 * NS_PER_S,
			    i % 7 == 3);
}

static const struct screen_row {
	const char *name, *keys;
	int n;
} screens[] = {
	{"tape-*", "[ [", 12},     {"tape-120x40-later", "[ [ [ [ ]", 12},
	{"tape-40x10", "[ [", 12}, {"tape-thousands-*", "[", 4000},
	{"tape-one-*", "[", 1},    {"tape-begin-*", "", 12},
};

static void show_screen(const struct screen_row *row, struct golden *g)
{
	struct console c;

	open_tape(&c, g->is_ascii, row->n);
	golden_press(g, &c, row->keys);
	console_release(&c);
}

static void the_line_of_time_is_as_recorded(void **state)
{
	(void)state;
	GOLDEN_SCREENS(screens, show_screen);
}

static void brackets_go_from_picture_to_picture(void **state)
{
	struct console c;
	const struct tape *t = &c.model.tape;

	(void)state;
	open_tape(&c, false, 4);
	assert_true(press(&c, "[") & EFFECT_STAND);
	assert_int_equal(t->at, 2); /* from the one that is shown */
	assert_true(t->has_gone_back);
	assert_true(press(&c, "]") & EFFECT_STAND);
	assert_int_equal(t->at, 3);
	assert_false(t->has_gone_back);
	press(&c, "]");
	assert_int_equal(t->at, 3);
	press(&c, "[ [ [ [ [");
	assert_int_equal(t->at, 0);
	console_release(&c);
}

static void without_a_line_of_time_nothing_moves(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	assert_int_equal(press(&c, "["), EFFECT_DRAW);
	assert_non_null(strstr(str_text(&c.model.message), "replayed"));
	console_release(&c);
	open_tape(&c, false, 1);
	assert_int_equal(press(&c, "]"), EFFECT_DRAW);
	assert_non_null(strstr(str_text(&c.model.message), "one picture"));
	console_release(&c);
}

static void a_diagnosis_keeps_its_own_moments(void **state)
{
	struct console c;

	(void)state;
	open_tape(&c, false, 4);
	assert_true(console_open_target(&c, "443") & EFFECT_DIAGNOSE);
	assert_int_equal(press(&c, "["), EFFECT_DRAW);
	assert_false(c.model.tape.is_standing);
	console_release(&c);
}

static void o_asks_for_a_recording(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	assert_true(press(&c, "o") & EFFECT_RECORD);
	press(&c, "/ '443 Enter Enter");
	assert_ptr_equal(model_view(&c.model), &view_question);
	assert_int_equal(press(&c, "o") & EFFECT_RECORD,
			 0); /* there is nothing yet to hand over */
	press(&c, "Enter Enter");
	assert_true(press(&c, "o") & EFFECT_RECORD);
	console_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_of_time_is_as_recorded),
		cmocka_unit_test(brackets_go_from_picture_to_picture),
		cmocka_unit_test(without_a_line_of_time_nothing_moves),
		cmocka_unit_test(a_diagnosis_keeps_its_own_moments),
		cmocka_unit_test(o_asks_for_a_recording),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
