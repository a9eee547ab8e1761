/* Events of what clients do and get, of rules and reach; and how they are written down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>

#include "core/report/events.h"
#include "tests/unit/event_pictures.h"

static const struct picture web = {.sockets = {SOCK(TCP, "0.0.0.0", 443, 1, .limit = 511)}};

/* A picture with one listener, and what clients of it do from now on. */
struct crowd {
	struct watch w;
	struct snapshot *s;
	struct traffic_table *t;
};

static void crowd_open(struct crowd *c)
{
	watch_open(&c->w);
	c->s = picture_snapshot(&c->w, &web);
	assert_int_equal(events_take(c->w.events, c->s, watch_moment(&c->w).now_ns), 0);
	c->t = table_new(sizeof(*c->t), NULL);
	c->t->rows = arena_alloc(&c->t->head.arena, sizeof(*c->t->rows));
	c->t->n_rows = 1;
	c->t->state = TRAFFIC_RUNNING;
	c->t->rows[0].answer = TRAFFIC_OPEN;
}

static void crowd_close(struct crowd *c)
{
	table_unref(c->t);
	table_unref(c->s);
	watch_close(&c->w);
}

/* So many seconds with this many SYNs in 1000 s. */
static void crowd_go_on(struct crowd *c, int seconds, uint32_t milli_rate)
{
	c->t->rows[0].milli_rate = milli_rate;
	for (int i = 0; i < seconds; i++) {
		c->w.second++;
		events_traffic(c->w.events, c->s, c->t, watch_moment(&c->w));
	}
}

static const struct {
	const char *name, *says;
	struct {
		int seconds;
		uint32_t milli_rate;
	} spans[6];
} rate_rows[] = {
	{"a steady rate is no news", "", {{600, 3000}}},
	{"it rises and comes back",
	 "rose| 443/tcp: SYNs rose to 41.0/s, usual is 3.0/s\n"
	 "usual| 443/tcp: SYNs are back at 3.1/s, usual is 3.0/s\n",
	 {{200, 3000}, {60, 41000}, {60, 3100}}},
	{"it falls",
	 "fell| 443/tcp: SYNs fell to 0.0/s, usual is 14.0/s\n",
	 {{300, 14000}, {60, 0}}},
	{"in the first two minutes nothing is usual", "", {{60, 3000}, {50, 90000}}},
	{"a moment is no rise", "", {{200, 3000}, {3, 41000}, {60, 3000}}},
	{"a few SYNs of a scan at a quiet port are none",
	 "",
	 {{300, 0}, {10, 1500}, {60, 0}}},
	{"to and fro around the limit is told once",
	 "rose| 443/tcp: SYNs rose to 12.0/s, usual is 3.0/s\n",
	 {{300, 3000}, {20, 12000}, {20, 9000}, {20, 12000}, {20, 8000}}},
	{"after ten minutes it is the usual rate",
	 "rose| 443/tcp: SYNs rose to 41.0/s, usual is 3.0/s\n"
	 "fell| 443/tcp: SYNs fell to 3.0/s, usual is 41.0/s\n",
	 {{200, 3000}, {700, 41000}, {20, 3000}}},
	{"a port that few use does not fall", "", {{300, 500}, {100, 0}}},
};

static void syns_are_held_against_the_minutes_before(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rate_rows); i++) {
		struct crowd c;

		crowd_open(&c);
		for (size_t k = 0; k < N_OF(rate_rows[i].spans); k++)
			crowd_go_on(&c, rate_rows[i].spans[k].seconds,
				    rate_rows[i].spans[k].milli_rate);
		watch_says(&c.w, rate_rows[i].name, rate_rows[i].says);
		crowd_close(&c);
	}
}

static void minutes_in_which_nobody_looked_are_no_past(void **state)
{
	struct crowd c;

	(void)state;
	crowd_open(&c);
	crowd_go_on(&c, 300, 3000);
	c.w.second += 100;
	crowd_go_on(&c, 60, 41000);
	watch_says(&c.w, "gap", "");
	crowd_close(&c);
}

/* Attempts of the last minute. */
static void crowd_get(struct crowd *c, enum traffic_answer answer, uint32_t n_answered,
		      uint32_t n_silent, uint32_t n_refused)
{
	struct traffic_row *row = &c->t->rows[0];

	row->answer = answer;
	row->n_outcomes[OUTCOME_ANSWERED] = n_answered;
	row->n_outcomes[OUTCOME_SILENT] = n_silent;
	row->n_outcomes[OUTCOME_REFUSED] = n_refused;
	crowd_go_on(c, 1, 1000);
}

static void answers_begin_to_fail_and_work_again(void **state)
{
	struct crowd c;

	(void)state;
	crowd_open(&c);
	crowd_get(&c, TRAFFIC_OPEN, 9, 0, 0);
	crowd_get(&c, TRAFFIC_SOME, 80, 1, 0);
	crowd_get(&c, TRAFFIC_SOME, 400, 2, 0);
	watch_says(&c.w, "one lost packet", "");
	crowd_get(&c, TRAFFIC_SOME, 12, 3, 0);
	crowd_get(&c, TRAFFIC_FILTERED, 0, 5, 0);
	crowd_get(&c, TRAFFIC_NOBODY, 0, 0, 0);
	crowd_get(&c, TRAFFIC_UNDECIDED, 0, 0, 0);
	crowd_get(&c, TRAFFIC_OPEN, 7, 0, 0);
	watch_says(&c.w, "fails, works",
		   "fails| 443/tcp: of the last minute's attempts 3 were not answered,"
		   " 12 answered\n"
		   "works| 443/tcp: clients are answered again, all 7 attempts of the last "
		   "minute\n");
	crowd_get(&c, TRAFFIC_CLOSED, 0, 0, 1);
	watch_says(&c.w, "again",
		   "fails| 443/tcp (failing and working 2 times in 5 s): of the last "
		   "minute's attempts"
		   " 1 was refused (RST), 0 answered\n");
	crowd_close(&c);
}

static void who_failed_in_several_ways_is_not_called_refused(void **state)
{
	struct crowd c;

	(void)state;
	crowd_open(&c);
	crowd_get(&c, TRAFFIC_OPEN, 9, 0, 0);
	crowd_get(&c, TRAFFIC_CLOSED, 0, 2, 4);
	watch_says(&c.w, "several",
		   "fails| 443/tcp: of the last minute's attempts 6 failed, 0 answered\n");
	crowd_close(&c);
}

static void without_a_capture_nothing_is_said_of_clients(void **state)
{
	static const enum traffic_state states[] = {TRAFFIC_WAITING, TRAFFIC_NO_RIGHT,
						    TRAFFIC_NOT_RECORDED, TRAFFIC_FAILED};

	(void)state;
	for (size_t i = 0; i < N_OF(states); i++) {
		struct crowd c;

		crowd_open(&c);
		c.t->state = states[i];
		crowd_get(&c, TRAFFIC_FILTERED, 0, 5, 0);
		c.t->state = TRAFFIC_RUNNING;
		crowd_get(&c, TRAFFIC_UNSEEN, 0, 5, 0);
		crowd_get(&c, TRAFFIC_NOT_TCP, 0, 5, 0);
		watch_says(&c.w, "no capture", "");
		crowd_close(&c);
	}
}

static void traffic_of_another_picture_is_left_out(void **state)
{
	struct crowd c;

	(void)state;
	crowd_open(&c);
	c.t->n_rows = 0;
	crowd_get(&c, TRAFFIC_FILTERED, 0, 5, 0);
	c.t->n_rows = 1;
	c.s->endpoints[0].id++;
	crowd_get(&c, TRAFFIC_FILTERED, 0, 5, 0);
	watch_says(&c.w, "another", "");
	events_traffic(c.w.events, c.s, NULL, watch_moment(&c.w));
	crowd_close(&c);
}

static void who_can_reach_it_is_news_once_it_is_known(void **state)
{
	static const char *const words[] = {"any", "?", "unsure", "many", "", "any", "lan"};
	struct crowd c;

	(void)state;
	crowd_open(&c);
	for (size_t i = 0; i < N_OF(words); i++)
		events_reach(c.w.events, c.s, 0, words[i], watch_moment(&c.w));
	events_reach(c.w.events, c.s, 1, "any", watch_moment(&c.w));
	watch_says(&c.w, "reach", "reach| 443/tcp can be reached by lan now, was any\n");
	crowd_close(&c);
}

static void rules_that_change_are_told_from_the_first_generation(void **state)
{
	struct watch w;

	(void)state;
	watch_open(&w);
	events_rules(w.events, 12, 15, watch_moment(&w));
	w.second += 30;
	events_rules(w.events, 15, 18, watch_moment(&w));
	watch_says(&w, "rules",
		   "rules| the firewall's rules changed: generation 12 became 18"
		   " (2 times in 30 s)\n");
	w.second += 1000;
	events_rules(w.events, 0, 0, watch_moment(&w));
	assert_int_equal(events_n(w.events), 2);
	watch_close(&w);
}

static void a_message_that_is_said_again_is_one_line(void **state)
{
	struct watch w;

	(void)state;
	watch_open(&w);
	for (int i = 0; i < 3; i++)
		events_message(w.events, text_of("asking failed: \033[1mno"),
			       watch_moment(&w));
	events_message(w.events, text_of("another"), watch_moment(&w));
	watch_says(&w, "messages",
		   "message| asking failed: \\x1b[1mno (3 times in 0 s)\n"
		   "message| another\n");
	watch_close(&w);
}

/* Line i of the document, parsed; each is JSON of its own. */
static json_t *line_of(const struct str *document, size_t i)
{
	const char *line = str_text(document);
	json_t *o;

	while (i--)
		line = strchr(line, '\n') + 1;
	o = json_loadb(line, strcspn(line, "\n"), 0, NULL);
	assert_non_null(o);
	return o;
}

static const char *string_in(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void events_are_written_as_lines_of_json(void **state)
{
	static const struct picture none = {.after_s = 1},
				    held = {.sockets = {SOCK(TCP, "0.0.0.0", 443, 1)},
					    .processes = {PROC(7, 7, "ng\xffinx")},
					    .links = {{1, 7, 3}}};
	struct str document = {0}, line = {0};
	json_t *head, *first, *second;
	struct watch w;

	(void)state;
	watch_open(&w);
	watch_take(&w, &none);
	watch_take(&w, &held);
	events_message(w.events, text_of("x\ny"), watch_moment(&w));
	assert_int_equal(
		events_jsonl(&document, w.events, text_of("web-01"), EVENT_WALL_NS), 0);
	head = line_of(&document, 0);
	first = line_of(&document, 1);
	second = line_of(&document, 2);
	assert_string_equal(string_in(head, "schema"), "dport.events/1");
	assert_string_equal(string_in(head, "host"), "web-01");
	assert_int_equal(json_integer_value(json_object_get(head, "events")), 2);
	assert_string_equal(string_in(first, "kind"), "new");
	assert_string_equal(string_in(first, "group"), "listeners");
	assert_string_equal(string_in(first, "time"), "2026-11-22T13:32:09.000Z");
	assert_int_equal(json_integer_value(json_object_get(first, "port")), 443);
	assert_string_equal(string_in(json_object_get(first, "now"), "comm"), "ng\\xffinx");
	assert_true(json_is_null(json_object_get(first, "was")));
	assert_true(json_is_null(json_object_get(second, "port")));
	assert_string_equal(string_in(second, "text"), "x\\x0ay");
	event_line(&line, events_at(w.events, 1), TEXT_ASCII);
	assert_string_equal(str_text(&line), "2026-11-22T13:32:09.000Z  message  x\\x0ay");
	json_decref(head);
	json_decref(first);
	json_decref(second);
	str_release(&document);
	str_release(&line);
	watch_close(&w);
}

static void nothing_that_happened_is_a_document_too(void **state)
{
	struct str document = {0};
	json_t *head;

	(void)state;
	assert_int_equal(events_jsonl(&document, NULL, TEXT_NONE, EVENT_WALL_NS), 0);
	head = line_of(&document, 0);
	assert_int_equal(json_integer_value(json_object_get(head, "events")), 0);
	assert_int_equal(strcspn(str_text(&document), "\n"), document.len - 1);
	json_decref(head);
	str_release(&document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syns_are_held_against_the_minutes_before),
		cmocka_unit_test(minutes_in_which_nobody_looked_are_no_past),
		cmocka_unit_test(answers_begin_to_fail_and_work_again),
		cmocka_unit_test(who_failed_in_several_ways_is_not_called_refused),
		cmocka_unit_test(without_a_capture_nothing_is_said_of_clients),
		cmocka_unit_test(traffic_of_another_picture_is_left_out),
		cmocka_unit_test(who_can_reach_it_is_news_once_it_is_known),
		cmocka_unit_test(rules_that_change_are_told_from_the_first_generation),
		cmocka_unit_test(a_message_that_is_said_again_is_one_line),
		cmocka_unit_test(events_are_written_as_lines_of_json),
		cmocka_unit_test(nothing_that_happened_is_a_document_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
