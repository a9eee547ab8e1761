/*
 * Pictures of a host one second apart, built by hand, and the events that they make as
 * lines of text. Include cmocka.h first.
 */
#ifndef TESTS_UNIT_EVENT_PICTURES_H
#define TESTS_UNIT_EVENT_PICTURES_H

#include <stdio.h>

#include "core/base/time.h"
#include "core/snapshot/events.h"
#include "tests/unit/by_hand.h"

#define EVENT_WALL_NS (INT64_C(1795354327) * NS_PER_S)

#define TCP PROTO_TCP
#define UDP PROTO_UDP

enum { ROWS_MAX = 6 };

/* Rows of pictures. */
#define WEB(i, ...) SOCK(TCP, "0.0.0.0", 443, i, .limit = 511, ##__VA_ARGS__)
#define SSH         SOCK(TCP, "0.0.0.0", 22, 5, .limit = 128)
#define NGINX(pid)                      \
	{                               \
		PROC(pid, pid, "nginx") \
	}
#define HELD(i, p)              \
	{                       \
		{               \
			i, p, 3 \
		}               \
	}
#define SERVED(i, p)                                                            \
	{                                                                       \
		.sockets = {WEB(i)}, .processes = NGINX(p), .links = HELD(i, p) \
	}
#define V6 .v6only = TRI_YES
#define NOBODY               \
	{                    \
		.after_s = 1 \
	}

/* One picture; zero means nothing of the kind. */
struct picture {
	struct hand_socket sockets[ROWS_MAX], inner[ROWS_MAX]; /* inner: in "blue" */
	struct hand_process processes[ROWS_MAX];
	struct hand_link links[ROWS_MAX];
	bool has_no_owners; /* nobody has looked for them yet */
	bool has_inner;
	bool has_no_tcp;   /* its table was not told */
	const char *note;  /* a source that did not tell all */
	const char *space; /* of which namespace */
	enum source_status status;
	const char *missing; /* a sentence on what a view lacks */
	bool is_unsettled;
	int after_s; /* the one before; 0: 1 */
};

struct watch {
	struct events *events;
	int64_t second;
};

static inline void watch_open(struct watch *w)
{
	*w = (struct watch){.events = events_new(), .second = 1000};
	assert_non_null(w->events);
}

static inline struct moment watch_moment(const struct watch *w)
{
	return (struct moment){EVENT_WALL_NS + (w->second - 1000) * NS_PER_S,
			       w->second * NS_PER_S};
}

static inline void picture_note(struct snapshot *s, const struct picture *p)
{
	if (!p->note)
		return;
	s->notes = arena_alloc(&s->head.arena, sizeof(*s->notes));
	s->notes[0] =
		(struct source_note){.source = p->note,
				     .space = text_of(p->space),
				     .status = p->status ? p->status : SOURCE_INTERRUPTED};
	s->n_notes = 1;
}

static inline struct snapshot *picture_snapshot(const struct watch *w,
						const struct picture *p)
{
	struct snapshot *s = hand_snapshot();

	s->host = hand_host();
	s->wall_ns = watch_moment(w).wall_ns;
	s->boot_ns = w->second * NS_PER_S;
	s->is_settled = !p->is_unsettled;
	hand_sockets(&s->spaces[0], p->sockets);
	if (p->has_inner) {
		s->spaces[s->n_spaces].netns = 4026532000;
		s->spaces[s->n_spaces].name = text_of("blue");
		hand_sockets(&s->spaces[s->n_spaces++], p->inner);
	}
	if (p->has_no_tcp) {
		table_unref(s->spaces[0].tcp);
		s->spaces[0].tcp = NULL;
	}
	if (!p->has_no_owners)
		s->owners = hand_owners(p->processes, p->links);
	picture_note(s, p);
	assert_int_equal(snapshot_link(s, NULL), 0);
	if (p->missing) {
		s->missing = arena_alloc(&s->head.arena, sizeof(*s->missing));
		s->missing[0] = (struct missing){.source = "owners", .reason = p->missing};
		s->n_missing = 1;
	}
	return s;
}

static inline void watch_take(struct watch *w, const struct picture *p)
{
	struct snapshot *s;

	w->second += p->after_s ? p->after_s : 1;
	s = picture_snapshot(w, p);
	assert_int_equal(events_take(w->events, s, watch_moment(w).now_ns), 0);
	events_turn(w->events, watch_moment(w));
	table_unref(s);
}

/* "new 443/tcp listens now: nginx 7 on any v4\n" and so on. */
static inline void watch_text(const struct watch *w, struct str *out)
{
	str_puts(out, "");
	for (size_t i = 0; i < events_n(w->events); i++) {
		const struct event *e = events_at(w->events, i);

		str_printf(out, "%s| ", event_kind_word(e->kind));
		assert_int_equal(event_write(e, TEXT_ASCII, out), 0);
		str_putc(out, '\n');
	}
}

static inline void watch_says(const struct watch *w, const char *name, const char *expected)
{
	struct str now = {0};

	watch_text(w, &now);
	if (strcmp(str_text(&now), expected) != 0)
		fail_msg("%s: it says:\n%snot:\n%s", name, str_text(&now), expected);
	str_release(&now);
}

static inline void watch_close(struct watch *w)
{
	events_free(w->events);
}

/* A row of a table of cases: some pictures, and what they make. */
struct watch_case {
	const char *name, *says;
	size_t n;
	struct picture pictures[4];
};

static inline void watch_cases(const struct watch_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct watch w;

		watch_open(&w);
		for (size_t k = 0; k < cases[i].n; k++)
			watch_take(&w, &cases[i].pictures[k]);
		watch_says(&w, cases[i].name, cases[i].says);
		watch_close(&w);
	}
}

#endif
