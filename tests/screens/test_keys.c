/*
 * The hard life of a console: random keys, texts, answers and sizes, on every screen that
 * they lead to. What a run of the host would bring comes now and then, made by hand.
 */
#include "tests/screens/golden.h"
#include "tests/screens/judged.h"
#include "tests/screens/recorded.h"

/* Of the sanitizer's run-time library, if it is there: bytes in use. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

enum {
	N_KEYS = 10000, /* of each test; together 100,000 */
	N_SIZES = 1000,
	DRAWN_EVERY = 20,
	WIDTH_MAX = 250,
	HEIGHT_MAX = 80,
	BYTES_MORE = 4 << 20, /* that may be held at the end beyond those of the middle */
};

struct life {
	struct console c;
	struct judged j;
	struct snapshot *judged_of; /* a reference: the judgement points into it */
	struct frame f;
	uint64_t random;
	unsigned seen; /* WHERE_ bits of the screens that were drawn */
	bool is_ascii;
};

static unsigned all_seen; /* WHERE_ bits, of all lives so far */

/* xorshift64*, Vigna 2014: the same on every machine. */
static uint32_t chance(struct life *l, uint32_t n)
{
	l->random ^= l->random >> 12;
	l->random ^= l->random << 25;
	l->random ^= l->random >> 27;
	return (uint32_t)((l->random * UINT64_C(2685821657736338717)) >> 33) % n;
}

static void forget(struct life *l)
{
	guide_forget(&l->c.model.guide);
	judged_release(&l->j);
	l->j = (struct judged){0};
	table_unref(l->judged_of);
	l->judged_of = NULL;
}

static void take_judgement(struct life *l)
{
	void (*const makes[])(struct judged *) = {
		judge_drop,     judge_two_faults, judge_healthy, judge_untried,
		judge_no_right, judge_waiting,    judge_hostile, judge_unknown};

	forget(l);
	l->judged_of = table_ref(l->c.model.snapshot);
	judged_take(&l->j, &l->c, makes[chance(l, N_OF(makes))]);
}

static void begin(struct life *l, uint64_t seed, bool is_ascii, struct snapshot *s)
{
	*l = (struct life){.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1,
			   .is_ascii = is_ascii};
	fixture_console(&l->c, is_ascii, s);
	assert_int_equal(frame_resize(&l->f, 80, 24), 0);
}

static void end(struct life *l)
{
	forget(l);
	frame_release(&l->f);
	console_release(&l->c);
}

/* ---- what is true at any time ---- */

static void check_frame(struct life *l)
{
	struct str picture = {0};

	assert_int_equal(frame_dump(&l->f, true, &picture), 0);
	check_picture(&picture, l->f.width, l->f.height, l->is_ascii);
	str_release(&picture);
}

static void check_model(const struct model *m)
{
	struct palette_entry chosen;

	assert_in_range(m->n_shown, 1, SCREENS_MAX);
	assert_ptr_equal(m->shown[0], &view_ports);
	for (size_t i = 0; i < m->n_shown; i++)
		for (size_t k = 0; k < i; k++)
			assert_ptr_not_equal(m->shown[i], m->shown[k]);
	if (m->selected.row < m->rows.n)
		assert_non_null(model_selected(m) ? model_selected(m) : (void *)m);
	assert_true(m->field.text.len <= FIELD_MAX && m->field.cursor <= m->field.text.len);
	assert_true(m->palette.line.text.len <= FIELD_MAX);
	assert_true(m->guide.step < N_STEPS);
	assert_true(m->message.len < 4096 && m->copy.len < 1 << 20);
	if (model_view(m) == &view_palette && palette_chosen(m, &chosen))
		assert_true(chosen.kind <= PALETTE_TARGET);
}

static void draw(struct life *l)
{
	console_draw(&l->c, &l->f);
	check_frame(l);
	check_model(&l->c.model);
	l->seen |= model_view(&l->c.model)->where;
}

/* ---- one input ---- */

static int any_input(struct life *l)
{
	static const int keys[] = {
#define X(name, word) INPUT_##name,
		INPUT_NAMES(X)
#undef X
	};
	static const int odd[] = {0xe9, 0x301, 0x6f22, 0x202e, 0x1f600, 0x10ffff, 0x200b};

	switch (chance(l, 8)) {
	case 0:
	case 1:
		return keys[chance(l, N_OF(keys))];
	case 2:
		return (int)chance(l, 32); /* Ctrl and a letter */
	case 3:
		return chance(l, 4) ? INPUT_ENTER : odd[chance(l, N_OF(odd))];
	default:
		return ' ' + (int)chance(l, 95);
	}
}

static struct snapshot *any_host(struct life *l)
{
	struct snapshot *(*const hosts[])(void) = {
		typical, hostile, no_rows, no_rights, still_looking, several_spaces};

	return hosts[chance(l, N_OF(hosts))]();
}

/* What the program does for the console, as far as it needs no host. */
static void carry_out(struct life *l, unsigned effects)
{
	if (effects & EFFECT_DIAGNOSE_END)
		forget(l);
	if (effects & EFFECT_DIAGNOSE)
		take_judgement(l);
	if (l->c.model.guide.is_open && !chance(l, 50))
		take_judgement(l);
}

static void live(struct life *l)
{
	struct model *m = &l->c.model;
	int64_t now_ns = m->now_ns + 30 * NS_PER_MS;

	if (!chance(l, 200))
		assert_int_equal(model_snapshot_take(m, any_host(l)), 0);
	model_tick(m, now_ns, m->wall_ns + 30 * NS_PER_MS);
	carry_out(l, console_input(&l->c, any_input(l), now_ns));
}

static size_t bytes_held(void)
{
	return __sanitizer_get_current_allocated_bytes
		       ? __sanitizer_get_current_allocated_bytes()
		       : 0;
}

static void live_long(uint64_t seed, bool is_ascii, struct snapshot *s)
{
	struct life l;
	size_t held = 0;

	begin(&l, seed, is_ascii, s);
	for (int i = 0; i < N_KEYS; i++) {
		live(&l);
		if (i % DRAWN_EVERY == 0)
			draw(&l);
		if (i == N_KEYS / 2)
			held = bytes_held();
	}
	assert_true(bytes_held() <= held + BYTES_MORE);
	assert_true(l.seen & WHERE_PORTS);
	assert_true(l.seen & WHERE_GUIDE);
	assert_true(l.seen & WHERE_PALETTE);
	assert_true(l.seen & WHERE_HELP);
	all_seen |= l.seen;
	end(&l);
}

/* ---- the tests: one seed each ---- */

#define LIFE(name, seed, is_ascii, host)           \
	static void name(void **state)             \
	{                                          \
		(void)state;                       \
		live_long(seed, is_ascii, host()); \
	}

LIFE(ten_thousand_keys_on_a_typical_host, 1, false, typical)
LIFE(ten_thousand_others_on_it, 2, false, typical)
LIFE(ten_thousand_keys_in_ascii, 3, true, typical)
LIFE(ten_thousand_keys_on_a_hostile_host, 4, false, hostile)
LIFE(ten_thousand_keys_on_a_hostile_host_in_ascii, 5, true, hostile)
LIFE(ten_thousand_keys_without_rights, 6, false, no_rights)
LIFE(ten_thousand_keys_over_several_namespaces, 7, false, several_spaces)
LIFE(ten_thousand_keys_over_a_recording, 8, false, recorded)
LIFE(ten_thousand_others_over_it_in_ascii, 9, true, recorded)
LIFE(ten_thousand_keys_before_anything_was_read, 10, false, still_looking)

static void any_size_of_any_screen_is_drawn_whole(void **state)
{
	struct life l;

	(void)state;
	begin(&l, 11, false, typical());
	for (int i = 0; i < N_SIZES; i++) {
		int width = 1 + (int)chance(&l, WIDTH_MAX);
		int height = 1 + (int)chance(&l, HEIGHT_MAX);

		for (int k = 0; k < 5; k++)
			live(&l);
		assert_int_equal(frame_resize(&l.f, width, height), 0);
		draw(&l);
	}
	for (int width = 1; width <= 45; width++) {
		assert_int_equal(frame_resize(&l.f, width, 1 + width / 3), 0);
		draw(&l);
	}
	end(&l);
}

static void thousands_of_rows_bear_it_too(void **state)
{
	struct life l;

	(void)state;
	begin(&l, 12, false, thousands());
	for (int i = 0; i < 200; i++) {
		carry_out(&l, console_input(&l.c, any_input(&l), l.c.model.now_ns));
		draw(&l);
	}
	end(&l);
}

static void they_came_to_every_screen(void **state)
{
	(void)state;
	assert_int_equal(all_seen, WHERE_EVERY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_thousand_keys_on_a_typical_host),
		cmocka_unit_test(ten_thousand_others_on_it),
		cmocka_unit_test(ten_thousand_keys_in_ascii),
		cmocka_unit_test(ten_thousand_keys_on_a_hostile_host),
		cmocka_unit_test(ten_thousand_keys_on_a_hostile_host_in_ascii),
		cmocka_unit_test(ten_thousand_keys_without_rights),
		cmocka_unit_test(ten_thousand_keys_over_several_namespaces),
		cmocka_unit_test(ten_thousand_keys_over_a_recording),
		cmocka_unit_test(ten_thousand_others_over_it_in_ascii),
		cmocka_unit_test(ten_thousand_keys_before_anything_was_read),
		cmocka_unit_test(they_came_to_every_screen),
		cmocka_unit_test(any_size_of_any_screen_is_drawn_whole),
		cmocka_unit_test(thousands_of_rows_bear_it_too),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
