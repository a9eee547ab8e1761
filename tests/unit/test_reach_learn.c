/* What the first talk on a connection of our own asks a second one for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/host/read/reach.h"

struct learn_row {
	const char *name;
	enum reach_talk talk;
	bool is_large;
	const char *words;
	enum reach_talk next;
	bool is_next_large, has_stalled;
};

#define NOTHING(how)      "said=tls heard=nothing end=" how " took_ns=0 sent=99"
#define ANSWER(code)      "said=http heard=http-status end=closed took_ns=9 sent=99 status=" code
#define SENT(none, again) " unacked=" none " again=" again " mss=1448 pmtu=1500"

/* clang-format off */
static const struct learn_row rows[] = {
	{"it closes on HTTP", REACH_TALK_HTTP, false, NOTHING("closed") SENT("0", "0"),
	 REACH_TALK_TLS, false, false},
	{"it resets on HTTP", REACH_TALK_HTTP, true, NOTHING("reset"),
	 REACH_TALK_TLS, false, false},
	{"it closes on TLS", REACH_TALK_TLS, false, NOTHING("closed"),
	 REACH_TALK_HTTP, false, false},
	{"it answers 400", REACH_TALK_HTTP, false, ANSWER("400"),
	 REACH_TALK_TLS, false, false},
	{"it answers 200", REACH_TALK_HTTP, false, ANSWER("200"),
	 REACH_TALK_NONE, false, false},
	{"it answers a ClientHello by 400 in plain text", REACH_TALK_TLS, false, ANSWER("400"),
	 REACH_TALK_NONE, false, false},
	{"it is silent", REACH_TALK_HTTP, false, NOTHING("open") SENT("0", "0"),
	 REACH_TALK_HTTP, true, false},
	{"it is silent though much was said", REACH_TALK_TLS, true,
	 NOTHING("open") SENT("2", "3"), REACH_TALK_NONE, false, true},
	{"what was sent again was acknowledged", REACH_TALK_TLS, true,
	 NOTHING("open") SENT("0", "3"), REACH_TALK_NONE, false, false},
	{"what is under way was sent once", REACH_TALK_TLS, true,
	 NOTHING("open") SENT("1", "0"), REACH_TALK_NONE, false, false},
	{"nothing was said", REACH_TALK_LISTEN, false, NOTHING("closed"),
	 REACH_TALK_NONE, false, false},
	{"no words at all", REACH_TALK_HTTP, false, "", REACH_TALK_NONE, false, false},
};
/* clang-format on */

static void the_first_talk_says_what_is_asked_next(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct learn_row *w = &rows[i];
		struct reach_try t = {.talk = (uint8_t)w->talk, .is_large = w->is_large};

		reach_learn(&t, w->words);
		if (t.next_talk != w->next || t.has_stalled != w->has_stalled ||
		    (t.next_talk && t.is_next_large != w->is_next_large))
			fail_msg("%s: next %u, stalled %d", w->name, t.next_talk,
				 t.has_stalled);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_talk_says_what_is_asked_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
