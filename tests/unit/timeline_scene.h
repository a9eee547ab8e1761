/* The time line of a judgement made by hand, and its rows. Include judge_scenes.h first. */
#ifndef TESTS_UNIT_TIMELINE_SCENE_H
#define TESTS_UNIT_TIMELINE_SCENE_H

#include "core/diagnosis/timeline.h"

static inline struct timeline *timeline_of(struct scene *c)
{
	struct diagnosis *d = judge(&c->e);
	struct timeline *t;

	assert_non_null(d);
	t = timeline_new(&c->e, d);
	assert_non_null(t);
	table_unref(d);
	return t;
}

/* The n-th row of a kind. */
static inline const struct timeline_row *row_of(const struct timeline *t,
						enum timeline_kind k, size_t n)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].kind == k && !n--)
			return &t->rows[i];
	return NULL;
}

static inline size_t count(const struct timeline *t, enum timeline_kind k)
{
	size_t n = 0;

	while (row_of(t, k, n))
		n++;
	return n;
}

static inline void has(struct text t, const char *words)
{
	if (!text_contains_nocase(t, text_of(words)))
		fail_msg("\"%.*s\" has no \"%s\"", (int)t.len, t.bytes ? t.bytes : "",
			 words);
}

static inline struct attempt packets(const struct attempt_event *events, uint8_t n)
{
	struct attempt a = {.outcome = OUTCOME_SILENT, .n_syns = 2, .n_events = n};

	memcpy(a.events, events, n * sizeof(*events));
	return a;
}

static const struct attempt_event asked_twice[] = {
	{.kind = PACKET_SYN},
	{.kind = PACKET_SYN, .at_ns = NS_PER_S, .is_repeated = true},
};

static inline void a_rule_drops(struct scene *c)
{
	scene_try(c, packets(asked_twice, 2));
	scene_deny(c, false, c->input, 0, PATH_DROP);
	scene_move(c, 0, 2);
}

static const struct attempt_event refused[] = {
	{.kind = PACKET_SYN},
	{.kind = PACKET_RST, .at_ns = 40000, .is_from_server = true},
};

static const char logged[] = "DROP-IN IN=eth0 OUT= MAC= SRC=10.0.0.2 DST=10.0.0.1 LEN=60 "
			     "TTL=64 PROTO=TCP SPT=40000 DPT=443 WINDOW=64240 SYN";

#endif
