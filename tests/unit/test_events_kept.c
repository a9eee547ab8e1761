/* The events that are kept: what repeats, how many, for how long, and their words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/event_pictures.h"

static void what_repeats_is_one_event(void **state)
{
	static const struct picture none = {.sockets = {SSH}},
				    some = {.sockets = {SSH, WEB(1)}};
	struct watch w;

	(void)state;
	watch_open(&w);
	watch_take(&w, &some);
	for (int i = 0; i < 28; i++)
		watch_take(&w, i % 2 ? &some : &none);
	watch_says(&w, "14 times",
		   "back| 443/tcp (gone and back 14 times in 27 s) listens again after 1 s:"
		   " on any v4\n");
	assert_int_equal(events_n_made(w.events), 28);
	w.second += 700;
	watch_take(&w, &none);
	watch_says(&w, "much later",
		   "back| 443/tcp (gone and back 14 times in 27 s) listens again after 1 s:"
		   " on any v4\n"
		   "gone| 443/tcp is gone: on any v4\n");
	watch_close(&w);
}

static void restarts_are_counted_from_the_first_process(void **state)
{
	static const struct picture pictures[] = {SERVED(1, 7), SERVED(2, 8), SERVED(3, 9),
						  SERVED(4, 10)};
	struct watch w;

	(void)state;
	watch_open(&w);
	for (size_t i = 0; i < N_OF(pictures); i++)
		watch_take(&w, &pictures[i]);
	watch_says(
		&w, "restarts",
		"restarted| 443/tcp (restarted 3 times in 2 s) is held by another process:"
		" nginx 10 on any v4, was nginx 7\n");
	watch_close(&w);
}

/* Listeners on ports from 10000 on; others: with other sockets than the first time. */
static void take_many(struct watch *w, size_t n, uint32_t inode)
{
	struct vec rows = VEC_OF(struct socket_row);
	struct snapshot *s = hand_snapshot();

	w->second++;
	s->wall_ns = watch_moment(w).wall_ns;
	s->boot_ns = w->second * NS_PER_S;
	for (size_t i = 0; i < n; i++) {
		struct hand_socket h =
			SOCK(TCP, "0.0.0.0", (uint16_t)(10000 + i), inode + (uint32_t)i);

		*(struct socket_row *)vec_push(&rows) = hand_row(&h);
	}
	s->spaces[0].tcp = socket_table_new(&rows, false);
	vec_release(&rows);
	assert_int_equal(snapshot_link(s, NULL), 0);
	assert_int_equal(events_take(w->events, s, watch_moment(w).now_ns), 0);
	table_unref(s);
}

static void a_thousand_listeners_come_and_go_in_bounded_memory(void **state)
{
	struct watch w;

	(void)state;
	watch_open(&w);
	take_many(&w, 0, 0);
	for (uint32_t i = 0; i < 10; i++) {
		take_many(&w, 1000, 1 + i * 1000);
		assert_true(events_n(w.events) <= EVENTS_MAX);
		take_many(&w, 0, 0);
	}
	assert_int_equal(events_n_made(w.events), 20000);
	assert_true(events_n(w.events) <= EVENTS_MAX);
	for (size_t i = 1; i < events_n(w.events); i++)
		assert_true(events_at(w.events, i - 1)->number <
			    events_at(w.events, i)->number);
	watch_close(&w);
}

static void only_the_newest_events_are_kept(void **state)
{
	struct watch w;
	char text[32];

	(void)state;
	watch_open(&w);
	for (int i = 0; i < EVENTS_MAX + 500; i++) {
		snprintf(text, sizeof(text), "sentence %d", i);
		events_message(w.events, text_of(text), watch_moment(&w));
	}
	assert_int_equal(events_n(w.events), EVENTS_MAX);
	assert_string_equal(events_at(w.events, 0)->note, "sentence 500");
	assert_string_equal(events_at(w.events, EVENTS_MAX - 1)->note, "sentence 2499");
	watch_close(&w);
}

static void an_older_picture_tells_nothing(void **state)
{
	static const struct picture p = {.sockets = {SSH, WEB(1)}}, q = {.sockets = {SSH}};
	struct picture back = {.sockets = {SSH}, .after_s = -5};
	struct watch w;

	(void)state;
	watch_open(&w);
	watch_take(&w, &q);
	watch_take(&w, &p);
	watch_take(&w, &back);
	watch_says(&w, "back in time", "new| 443/tcp listens now: on any v4\n");
	watch_close(&w);
}

static void a_row_is_marked_for_ten_seconds(void **state)
{
	static const struct picture p = {.sockets = {SSH}}, q = {.sockets = {SSH, WEB(1)}};
	const struct event *e;
	struct watch w;
	int64_t now;

	(void)state;
	watch_open(&w);
	watch_take(&w, &p);
	watch_take(&w, &q);
	now = watch_moment(&w).now_ns;
	e = events_at(w.events, 0);
	assert_ptr_equal(events_mark(w.events, e->endpoint_id, now), e);
	assert_null(events_mark(w.events, e->endpoint_id + 1, now));
	assert_int_equal(events_due_ns(w.events, now), now + EVENT_MARK_NS);
	assert_non_null(events_mark(w.events, e->endpoint_id, now + EVENT_MARK_NS - 1));
	assert_null(events_mark(w.events, e->endpoint_id, now + EVENT_MARK_NS));
	assert_int_equal(events_due_ns(w.events, now + EVENT_MARK_NS), INT64_MAX);
	watch_close(&w);
}

static void weight_is_counted_over_a_span(void **state)
{
	static const struct picture p = {.sockets = {SSH, WEB(1)}}, q = {.sockets = {SSH}};
	struct watch w;
	int64_t now;

	(void)state;
	watch_open(&w);
	watch_take(&w, &p);
	watch_take(&w, &q);
	now = watch_moment(&w).now_ns;
	watch_take(&w, &p);
	assert_int_equal(events_n_weighty(w.events, now, NS_PER_S * 60), 1);
	assert_int_equal(events_n_weighty(w.events, now + 60 * NS_PER_S, NS_PER_S * 60), 0);
	watch_close(&w);
}

static void names_from_outside_are_made_visible_and_cut_between_characters(void **state)
{
	struct picture p = {.sockets = {WEB(1)},
			    .processes = {PROC(7, 7, "a\033[2J\xe2\x80\xae")},
			    .links = HELD(1, 7)};
	struct str long_text = {0};
	struct watch w;

	(void)state;
	watch_open(&w);
	watch_take(&w, &(struct picture){.after_s = 1});
	watch_take(&w, &p);
	watch_says(&w, "hostile",
		   "new| 443/tcp listens now: a\\x1b[2J\\u{202e} 7 on any v4\n");
	str_fill(&long_text, 'x', EVENT_NOTE_MAX - 2);
	str_puts(&long_text, "\xc3\xa9");
	events_message(w.events, text_of_str(&long_text), watch_moment(&w));
	assert_int_equal(strlen(events_at(w.events, 1)->note), EVENT_NOTE_MAX - 2);
	str_release(&long_text);
	watch_close(&w);
}

static void without_memory_for_events_nothing_breaks(void **state)
{
	(void)state;
	events_message(NULL, text_of("x"), (struct moment){0});
	events_rules(NULL, 1, 2, (struct moment){0});
	events_reach(NULL, NULL, 1, "any", (struct moment){0});
	assert_false(events_turn(NULL, (struct moment){0}));
	assert_int_equal(events_n(NULL), 0);
	assert_int_equal(events_n_made(NULL), 0);
	assert_null(events_mark(NULL, 1, 0));
	assert_int_equal(events_due_ns(NULL, 0), INT64_MAX);
	events_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_repeats_is_one_event),
		cmocka_unit_test(restarts_are_counted_from_the_first_process),
		cmocka_unit_test(a_thousand_listeners_come_and_go_in_bounded_memory),
		cmocka_unit_test(only_the_newest_events_are_kept),
		cmocka_unit_test(an_older_picture_tells_nothing),
		cmocka_unit_test(a_row_is_marked_for_ten_seconds),
		cmocka_unit_test(weight_is_counted_over_a_span),
		cmocka_unit_test(
			names_from_outside_are_made_visible_and_cut_between_characters),
		cmocka_unit_test(without_memory_for_events_nothing_breaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
