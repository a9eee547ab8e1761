/* Events of listeners: from picture to picture, and what must not be taken for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/event_pictures.h"

static const struct watch_case plain_cases[] = {
	{"what is there at first is no news", "", 2, {SERVED(1, 7), SERVED(1, 7)}},
	{"a listener comes",
	 "new| 443/tcp listens now: nginx 7 on any v4\n",
	 2,
	 {NOBODY, SERVED(1, 7)}},
	{"a listener goes",
	 "gone| 443/tcp is gone: nginx 7 on any v4\n",
	 2,
	 {SERVED(1, 7), NOBODY}},
	{"it comes back",
	 "gone| 443/tcp is gone: nginx 7 on any v4\n"
	 "back| 443/tcp listens again after 3 s: nginx 9 on any v4, was nginx 7\n",
	 3,
	 {SERVED(1, 7),
	  NOBODY,
	  {.sockets = {WEB(2)}, .processes = NGINX(9), .links = HELD(2, 9), .after_s = 3}}},
	{"a restart between two looks",
	 "restarted| 443/tcp is held by another process: nginx 9 on any v4, was "
	 "nginx 7\n",
	 2,
	 {SERVED(1, 7), SERVED(2, 9)}},
	{"a socket opened anew by the same process",
	 "restarted| 443/tcp was opened anew: nginx 7 on any v4\n",
	 2,
	 {SERVED(1, 7), SERVED(2, 7)}},
	{"the socket is handed to a new process",
	 "restarted| 443/tcp is held by another process: nginx 9 on any v4, was "
	 "nginx 7\n",
	 2,
	 {SERVED(1, 7), SERVED(1, 9)}},
	{"another program takes the port",
	 "owner| 443/tcp is held by another program: caddy 9 on any v4, was nginx 7\n",
	 2,
	 {SERVED(1, 7),
	  {.sockets = {WEB(2)}, .processes = {PROC(9, 9, "caddy")}, .links = HELD(2, 9)}}},
	{"a worker comes beside the master",
	 "",
	 2,
	 {SERVED(1, 7),
	  {.sockets = {WEB(1)},
	   .processes = {PROC(7, 7, "nginx"), PROC(8, 8, "nginx")},
	   .links = {{1, 7, 3}, {1, 8, 3}}}}},
	{"a pid that is used again is another process",
	 "restarted| 443/tcp is held by another process: nginx 7 on any v4\n",
	 2,
	 {SERVED(1, 7),
	  {.sockets = {WEB(1)}, .processes = {PROC(7, 99, "nginx")}, .links = HELD(1, 7)}}},
	{"IPv6 is served too",
	 "moved| 443/tcp listens on any v4+v6 now, was any v4\n",
	 2,
	 {SERVED(1, 7),
	  {.sockets = {WEB(1), SOCK(TCP, "::", 443, 2, V6)},
	   .processes = NGINX(7),
	   .links = {{1, 7, 3}, {2, 7, 4}}}}},
	{"the accept queue is full, then half empty",
	 "full| 443/tcp: the accept queue is full, 512 wait and listen() allows 511\n"
	 "drained| 443/tcp: the accept queue has room again, 200 of 511\n",
	 4,
	 {SERVED(1, 7),
	  {.sockets = {WEB(1, .length = 512)}, .processes = NGINX(7), .links = HELD(1, 7)},
	  {.sockets = {WEB(1, .length = 400)}, .processes = NGINX(7), .links = HELD(1, 7)},
	  {.sockets = {WEB(1, .length = 200)},
	   .processes = NGINX(7),
	   .links = HELD(1, 7)}}},
	{"drops are counted together",
	 "drops| 443/tcp: the kernel dropped 13 packets at the socket\n",
	 3,
	 {{.sockets = {WEB(1, .drops = 57)}},
	  {.sockets = {WEB(1, .drops = 60)}},
	  {.sockets = {WEB(1, .drops = 70)}}}},
	{"datagrams as well as streams",
	 "new| 53/udp listens now: on 10.0.0.5\n",
	 2,
	 {NOBODY, {.sockets = {SOCK(UDP, "10.0.0.5", 53, 9)}}}},
};

static void a_difference_between_two_pictures_is_an_event(void **state)
{
	(void)state;
	watch_cases(plain_cases, N_OF(plain_cases));
}

static const struct watch_case trap_cases[] = {
	{"owners that are not known yet are no other owners",
	 "",
	 3,
	 {SERVED(1, 7), {.sockets = {WEB(1)}, .has_no_owners = true}, SERVED(1, 7)}},
	{"and who holds it is told once it is known",
	 "new| 443/tcp listens now: nginx 7 on any v4\n",
	 3,
	 {NOBODY, {.sockets = {WEB(1)}, .has_no_owners = true}, SERVED(1, 7)}},
	{"a restart by another program is called that once it is known",
	 "owner| 443/tcp is held by another program: caddy 9 on any v4, was nginx 7\n",
	 3,
	 {SERVED(1, 7),
	  {.sockets = {WEB(2)}, .has_no_owners = true},
	  {.sockets = {WEB(2)}, .processes = {PROC(9, 9, "caddy")}, .links = HELD(2, 9)}}},
	{"two sockets that become one row are no change",
	 "",
	 2,
	 {{.sockets = {WEB(1), SOCK(TCP, "::", 443, 2, V6)}, .has_no_owners = true},
	  {.sockets = {WEB(1), SOCK(TCP, "::", 443, 2, V6)},
	   .processes = NGINX(7),
	   .links = {{1, 7, 3}, {2, 7, 4}}}}},
	{"a disturbed look makes nothing gone",
	 "",
	 3,
	 {{.sockets = {WEB(1), SSH}},
	  {.sockets = {SSH}, .note = "tcp"},
	  {.sockets = {WEB(1), SSH}}}},
	{"what is not there after it is gone",
	 "gone| 443/tcp is gone: on any v4\n",
	 3,
	 {{.sockets = {WEB(1), SSH}},
	  {.sockets = {SSH}, .note = "tcp"},
	  {.sockets = {SSH}}}},
	{"another table is not doubted with it",
	 "gone| 443/tcp is gone: on any v4\n",
	 2,
	 {{.sockets = {WEB(1)}}, {.note = "udp"}}},
	{"a table that was not told makes nothing gone",
	 "",
	 3,
	 {{.sockets = {WEB(1)}}, {.has_no_tcp = true}, {.sockets = {WEB(1)}}}},
	{"what a first disturbed look missed is not new",
	 "",
	 2,
	 {{.sockets = {SSH}, .note = "tcp"}, {.sockets = {WEB(1), SSH}}}},
	{"what comes after a whole look is, whatever was between",
	 "new| 443/tcp listens now: on any v4\n",
	 3,
	 {{.sockets = {SSH}},
	  {.sockets = {SSH}, .note = "tcp"},
	  {.sockets = {WEB(1), SSH}}}},
	{"a namespace that cannot be read this time has lost nothing",
	 "",
	 3,
	 {{.sockets = {SSH}, .has_inner = true, .inner = {WEB(1)}},
	  {.sockets = {SSH}, .note = "namespaces", .space = "blue", .status = SOURCE_ERROR},
	  {.sockets = {SSH}, .has_inner = true, .inner = {WEB(1)}}}},
	{"nor has one where the list itself was not told",
	 "",
	 3,
	 {{.sockets = {SSH}, .has_inner = true, .inner = {WEB(1)}},
	  {.sockets = {SSH}, .note = "namespaces", .status = SOURCE_ERROR},
	  {.sockets = {SSH}, .has_inner = true, .inner = {WEB(1)}}}},
	{"one that goes takes its listeners along",
	 "netns gone| network namespace blue went, and with it 1 listener\n",
	 2,
	 {{.sockets = {SSH}, .has_inner = true, .inner = {WEB(1)}}, {.sockets = {SSH}}}},
	{"listeners of one that was never seen whole are not counted",
	 "netns gone| network namespace blue went, and with it what listened there: not "
	 "all "
	 "of that was seen\n",
	 2,
	 {{.sockets = {SSH}, .has_inner = true, .note = "tcp", .space = "blue"},
	  {.sockets = {SSH}}}},
	{"what listens in one that comes came with it",
	 "netns| network namespace blue came\n"
	 "new| 80/tcp in blue listens now: on any v4\n",
	 3,
	 {{.sockets = {SSH}},
	  {.sockets = {SSH}, .has_inner = true, .inner = {WEB(1)}},
	  {.sockets = {SSH},
	   .has_inner = true,
	   .inner = {WEB(1), SOCK(TCP, "0.0.0.0", 80, 2)}}}},
	{"namespaces that are found while all is still looked at are no news",
	 "",
	 3,
	 {{.sockets = {SSH}, .is_unsettled = true},
	  {.sockets = {SSH}, .has_inner = true, .inner = {WEB(1)}},
	  {.sockets = {SSH}, .has_inner = true, .inner = {WEB(1)}}}},
	{"a source that is missing for a moment is not lost",
	 "",
	 3,
	 {{.sockets = {SSH}},
	  {.sockets = {SSH}, .missing = "12 of 40 unread"},
	  {.sockets = {SSH}}}},
	{"one that stays missing is, whatever its numbers say",
	 "unseen| missing now: owners: 12 of 40 unread\n"
	 "seen| not missing any more: owners: 12 of 40 unread\n",
	 4,
	 {{.sockets = {SSH}},
	  {.sockets = {SSH}, .missing = "12 of 40 unread"},
	  {.sockets = {SSH}, .missing = "13 of 41 unread", .after_s = 4},
	  {.sockets = {SSH}}}},
	{"what was missing from the beginning is not lost",
	 "",
	 2,
	 {{.sockets = {SSH}, .missing = "12 of 40 unread"},
	  {.sockets = {SSH}, .missing = "13 of 40 unread", .after_s = 9}}},
	{"but told of when it can be seen",
	 "seen| not missing any more: owners: 12 of 40 unread\n",
	 3,
	 {{.sockets = {SSH}, .missing = "12 of 40 unread"},
	  {.sockets = {SSH}, .missing = "13 of 40 unread", .after_s = 9},
	  {.sockets = {SSH}}}},
};

static void what_was_not_looked_at_is_no_event(void **state)
{
	(void)state;
	watch_cases(trap_cases, N_OF(trap_cases));
}

static void owners_that_were_never_looked_for_are_not_lost(void **state)
{
	static const struct picture none = {.has_no_owners = true},
				    some = {.sockets = {SSH},
					    .missing = "12 of 40 unread",
					    .after_s = 9};
	struct watch w;

	(void)state;
	watch_open(&w);
	watch_take(&w, &none);
	watch_take(&w, &some);
	w.second += 9;
	assert_false(events_turn(w.events, watch_moment(&w)));
	watch_says(&w, "first owners", "new| 22/tcp listens now: on any v4\n");
	watch_close(&w);
}

static unsigned dice(unsigned *seed, unsigned n)
{
	return (unsigned)rand_r(seed) % n;
}

/* A picture of anything, told in any way. */
static struct picture random_picture(unsigned *seed, unsigned round)
{
	static const char *const notes[] = {NULL,       NULL,         "tcp",   "udp",
					    "proc.net", "namespaces", "owners"};
	struct picture p = {.has_no_owners = dice(seed, 4) == 0,
			    .has_inner = dice(seed, 2),
			    .has_no_tcp = dice(seed, 8) == 0,
			    .note = notes[dice(seed, N_OF(notes))],
			    .space = dice(seed, 2) ? "blue" : NULL,
			    .after_s = 1 + (int)dice(seed, 5)};

	for (unsigned i = 0; i < 4; i++) {
		unsigned inode = 1 + dice(seed, 9);
		struct hand_socket h = SOCK(
			dice(seed, 2) ? TCP : UDP,
			dice(seed, 2) ? "0.0.0.0" : "::", (uint16_t)(1 + dice(seed, 3)),
			inode, .length = dice(seed, 9), .limit = 4, V6);

		h.cookie = (uint64_t)(round % 7 + 1) << 32 | i << 8 | inode;
		p.sockets[i] = p.inner[(i + 1) % 4] = h;
		p.processes[i] = (struct hand_process)PROC((int)i + 1, dice(seed, 3), "p");
		p.links[i] = (struct hand_link){inode, (int)i + 1, 3};
	}
	return p;
}

static void random_pictures_make_sentences(void **state)
{
	unsigned seed = 20261122;
	struct str text = {0};
	struct watch w;

	(void)state;
	watch_open(&w);
	for (unsigned round = 0; round < 3000; round++) {
		struct picture p = random_picture(&seed, round);

		watch_take(&w, &p);
		assert_true(events_n(w.events) <= EVENTS_MAX);
	}
	assert_true(events_n_made(w.events) > 3000);
	for (size_t i = 0; i < events_n(w.events); i++) {
		str_reset(&text);
		assert_int_equal(event_write(events_at(w.events, i), TEXT_ASCII, &text), 0);
		assert_true(text.len > 10);
	}
	str_release(&text);
	watch_close(&w);
}

static void a_socket_without_an_owner_that_can_be_read_is_no_other_owner(void **state)
{
	struct picture p = SERVED(1, 7), q = SERVED(1, 9);
	struct watch w;
	struct snapshot *s;

	(void)state;
	watch_open(&w);
	watch_take(&w, &p);
	w.second++;
	s = picture_snapshot(&w, &q);
	s->endpoints[0].owners_state = OWNERS_AT_LEAST;
	assert_int_equal(events_take(w.events, s, watch_moment(&w).now_ns), 0);
	watch_says(&w, "at least", "");
	table_unref(s);
	watch_close(&w);
}

static void passing_ports_of_datagrams_are_no_news(void **state)
{
	static const struct picture none = {.sockets = {SSH}},
				    some = {.sockets = {SSH,
							SOCK(UDP, "0.0.0.0", 40001, 9)}};
	struct watch w;

	(void)state;
	watch_open(&w);
	for (int i = 0; i < 6; i++) {
		struct snapshot *s;

		w.second++;
		s = picture_snapshot(&w, i % 2 ? &some : &none);
		for (size_t k = 0; k < s->n_endpoints; k++)
			s->endpoints[k].is_ephemeral = s->endpoints[k].port > 32767;
		assert_int_equal(events_take(w.events, s, watch_moment(&w).now_ns), 0);
		table_unref(s);
	}
	watch_says(&w, "passing", "");
	watch_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_difference_between_two_pictures_is_an_event),
		cmocka_unit_test(what_was_not_looked_at_is_no_event),
		cmocka_unit_test(owners_that_were_never_looked_for_are_not_lost),
		cmocka_unit_test(random_pictures_make_sentences),
		cmocka_unit_test(
			a_socket_without_an_owner_that_can_be_read_is_no_other_owner),
		cmocka_unit_test(passing_ports_of_datagrams_are_no_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
