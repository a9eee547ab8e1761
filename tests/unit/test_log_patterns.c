/*
 * Every known sentence of logs, from the table itself: it means what its row says, and
 * means it not of another port, client, process or unit, at another time, by another
 * writer, or within what somebody else wrote. Does not test what a form is (test_log_fit.c)
 * or the words of real programs (test_log_match.c).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "core/base/time.h"
#include "core/logs/known.c" /* its table */
#include "core/logs/match.h"
#include "tests/unit/items.h"

#define NOW       (INT64_C(1795341600) * NS_PER_S)
#define N_KNOWN   N_OF(sentences)
#define LINE_ROOM 512

/* What stands in the holes of a sentence. */
struct holes {
	const char *port, *address, *pid, *comm, *unit;
};

static const struct holes ours = {"443", "10.0.0.9", "812", "web", "web.service"};
static const struct holes theirs = {"4430", "10.0.0.99", "4711", "other", "other.service"};

static void put(char *out, const char *word)
{
	size_t used = strlen(out);

	assert_true(snprintf(out + used, LINE_ROOM - used, "%s", word) <
		    (int)(LINE_ROOM - used));
}

static void put_hole(char *out, char hole, const struct holes *h)
{
	const char *fixed = hole == 'n' || hole == 'N'   ? "7"
			    : hole == 'w' || hole == 'c' ? "zz"
			    : hole == 'j'                ? "jail"
			    : hole == 'r'                ? "Address already in use"
			    : hole == '*' || hole == '$' ? ""
			    : hole == 's'                ? "4026531840"
			    : hole == 'i'                ? h->pid
			    : hole == 'p'                ? h->port
			    : hole == 'a'                ? h->address
			    : hole == 'u'                ? h->unit
			    : hole == 'k'                ? h->comm
							 : NULL;

	if (hole == 'e')
		put(out, "0.0.0.0:");
	put(out, hole == 'e' ? h->port : fixed);
}

/* A line of that form. */
static void fill(char out[LINE_ROOM], const char *form, const struct holes *h)
{
	out[0] = '\0';
	for (; *form; form++) {
		if (*form == '%')
			put_hole(out, *++form, h);
		else
			put(out, (const char[]){*form, '\0'});
	}
}

static struct log_line line_by(enum known_from from, const char *message,
			       const struct holes *h)
{
	struct log_line line = {.wall_ns = NOW, .kind = LOG_JOURNAL, .priority = 255};

	line.text = line.message = text_of(message);
	line.source = text_of("journal");
	line.from_kernel = from == KNOWN_KERNEL;
	line.from_init = from == KNOWN_INIT;
	line.pid = h == &ours ? 812 : 900;
	if (from == KNOWN_BANS)
		line.unit = text_of("fail2ban.service");
	else if (from == KNOWN_INIT)
		line.unit = text_of(h->unit);
	return line;
}

static enum log_meaning meaning_of(const struct known *k)
{
	return k->meaning == N_LOG_MEANINGS ? LOG_MEANS_ADDRESS_IN_USE : k->meaning;
}

/* The line is taken for what k says. */
static bool means(const struct known *k, const struct log_line *line)
{
	static const int32_t pids[] = {812};
	struct addr client = {0};
	struct log_table t = {.rows = (struct log_line *)line, .n = 1};
	struct log_wanted w = {.from_ns = NOW - NS_PER_S,
			       .to_ns = NOW + NS_PER_S,
			       .clients = {&client, 1},
			       .port = 443,
			       .proto = 6,
			       .pids = pids,
			       .n_pids = 1,
			       .unit = text_of("web.service"),
			       .comm = text_of("web")};
	struct log_match m = {.meaning = N_LOG_MEANINGS};

	assert_int_equal(addr_parse(&client, "10.0.0.9"), 0);
	return logs_match(&t, &w, &m, 1) == 1 && m.meaning == meaning_of(k);
}

static void each_means_what_its_row_says(void **state)
{
	char text[LINE_ROOM];

	(void)state;
	for (size_t i = 0; i < N_KNOWN; i++) {
		const struct known *k = &sentences[i];
		struct log_line line;

		fill(text, k->form, &ours);
		line = line_by(k->from, text, &ours);
		if (!means(k, &line))
			fail_msg("not taken: %s", text);
	}
}

static void none_means_it_of_another_port_client_process_or_unit(void **state)
{
	char text[LINE_ROOM];
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < N_KNOWN; i++) {
		const struct known *k = &sentences[i];
		struct log_line line;

		if (k->fit == FIT_WINDOW)
			continue;
		fill(text, k->form, &theirs);
		line = line_by(k->from, text, &theirs);
		if (means(k, &line))
			fail_msg("taken: %s", text);
		n++;
	}
	assert_in_range(n, N_KNOWN / 2, N_KNOWN);
}

static void none_means_it_two_days_before_or_a_minute_after(void **state)
{
	static const int64_t apart_s[] = {-2 * 86400, 60};
	char text[LINE_ROOM];

	(void)state;
	for (size_t i = 0; i < N_KNOWN * N_OF(apart_s); i++) {
		const struct known *k = &sentences[i / N_OF(apart_s)];
		struct log_line line;

		fill(text, k->form, &ours);
		line = line_by(k->from, text, &ours);
		line.wall_ns += apart_s[i % N_OF(apart_s)] * NS_PER_S;
		if (means(k, &line))
			fail_msg("taken, %d s apart: %s", (int)apart_s[i % N_OF(apart_s)],
				 text);
	}
}

static void what_does_not_hold_on_is_over_after_a_minute(void **state)
{
	char text[LINE_ROOM];

	(void)state;
	for (size_t i = 0; i < N_KNOWN; i++) {
		const struct known *k = &sentences[i];
		struct log_line line;

		fill(text, k->form, &ours);
		line = line_by(k->from, text, &ours);
		line.wall_ns -= 60 * NS_PER_S;
		if (means(k, &line) != k->holds_on)
			fail_msg("a minute old: %s", text);
	}
}

/* The same words are another row's own, where two write them. */
static bool is_sentence_of(enum known_from from, const char *text, enum log_meaning meaning)
{
	struct form_found found;

	for (size_t i = 0; i < N_KNOWN; i++)
		if (sentences[i].from == from && meaning_of(&sentences[i]) == meaning &&
		    form_match(sentences[i].form, text_of(text), &found))
			return true;
	return false;
}

static void none_means_it_in_another_writer_s_mouth(void **state)
{
	static const enum known_from all[] = {KNOWN_KERNEL, KNOWN_INIT, KNOWN_BANS,
					      KNOWN_PROGRAM};
	char text[LINE_ROOM];

	(void)state;
	for (size_t i = 0; i < N_KNOWN * N_OF(all); i++) {
		const struct known *k = &sentences[i / N_OF(all)];
		enum known_from from = all[i % N_OF(all)];
		struct log_line line;

		fill(text, k->form, &ours);
		line = line_by(from, text, &ours);
		if (from != k->from && !is_sentence_of(from, text, meaning_of(k)) &&
		    means(k, &line))
			fail_msg("taken, written by %d: %s", (int)from, text);
	}
}

static void none_means_it_behind_what_a_client_may_have_sent(void **state)
{
	char text[LINE_ROOM], within[3 * LINE_ROOM];

	(void)state;
	for (size_t i = 0; i < N_KNOWN; i++) {
		const struct known *k = &sentences[i];
		struct log_line line;

		fill(text, k->form, &ours);
		snprintf(within, sizeof(within), "user \"%s\" GET /%s HTTP/1.1", text,
			 text);
		line = line_by(k->from, within, &ours);
		if (means(k, &line))
			fail_msg("taken: %s", within);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_means_what_its_row_says),
		cmocka_unit_test(none_means_it_of_another_port_client_process_or_unit),
		cmocka_unit_test(none_means_it_two_days_before_or_a_minute_after),
		cmocka_unit_test(what_does_not_hold_on_is_over_after_a_minute),
		cmocka_unit_test(none_means_it_in_another_writer_s_mouth),
		cmocka_unit_test(none_means_it_behind_what_a_client_may_have_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
