/* Words for who can reach the listeners of the invented hosts. */
#ifndef TESTS_SCREENS_REACHED_H
#define TESTS_SCREENS_REACHED_H

#include "tests/screens/fixture.h"
#include "tui/state/reach.h"

static UNUSED struct reach reached_nobody_asked(const struct snapshot *s)
{
	struct reach r = {.rows = VEC_OF(struct reach_row)};

	if (reach_follow(&r, s, s->spaces))
		abort();
	return r;
}

static UNUSED void reached_word(struct reach *r, const struct snapshot *s, size_t i,
				const char *word)
{
	const struct reach_row *row = reach_find(r, s->endpoints[i].id);

	if (row)
		reach_tell(r, row->id, row->group, r->epoch, word);
}

/* One word after the other. */
static UNUSED struct reach reached(const struct snapshot *s)
{
	static const char *const words[] = {"lan",    "any", "any but 2", "host",
					    "3 nets", "any", "nobody",    "unsure"};
	struct reach r = reached_nobody_asked(s);

	for (size_t i = 0; i < s->n_endpoints; i++)
		reached_word(&r, s, i, words[i % 8]);
	return r;
}

/* No rule could be read. */
static UNUSED struct reach reached_blindly(const struct snapshot *s)
{
	struct reach r = reached_nobody_asked(s);

	for (size_t i = 0; i < s->n_endpoints; i++)
		reached_word(&r, s, i, i % 4 == 3 ? "unsure" : "?");
	r.gap = "the firewall rules could not be read for want of a right";
	r.grant = "CAP_NET_ADMIN: run as root (sudo dport exposure)";
	return r;
}

static UNUSED struct reach reached_unrecorded(const struct snapshot *s)
{
	struct reach r = reached_blindly(s);

	r.gap = "the firewall rules are not in the recording";
	r.grant = NULL;
	return r;
}

#endif
