/*
 * The rules of the namespaces that published ports lead into, read as far as a search wants
 * them. What is not answered stays unknown to it.
 */
#include "tui/live/exposures_impl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "tui/live/diagnose.h"

#define INSIDE_NS (60 * NS_PER_S) /* so long they are believed to stay */

struct inside {
	uint64_t netns;
	struct inquiry inquiry;
};

static struct inside *inside_at(const struct exposures *x, size_t i)
{
	return *(struct inside **)vec_at(&x->insides, i);
}

void exposures_inside_release(struct exposures *x)
{
	for (size_t i = 0; i < x->insides.n; i++) {
		inquiry_release(&inside_at(x, i)->inquiry);
		free(inside_at(x, i));
	}
	vec_release(&x->insides);
	free(x->worlds);
	x->worlds = NULL;
}

/* False: it has no name that a request can carry. */
static bool name_space(const struct space *s, struct netns_ref *ref)
{
	char name[NETNS_NAME_MAX + 1];

	*ref = (struct netns_ref){.kind = NETNS_OWN};
	if (s->is_own)
		return true;
	if (!s->netns || text_is_empty(s->name) || s->name.len >= sizeof(name))
		return false;
	memcpy(name, s->name.bytes, s->name.len);
	name[s->name.len] = '\0';
	ref->kind = NETNS_PID;
	if (sscanf(name, "pid %d", &ref->pid) == 1)
		return ref->pid > 0;
	ref->kind = NETNS_NAME;
	memcpy(ref->name, name, s->name.len + 1);
	return true;
}

static bool is_asked(const struct exposures *x, const struct space *s)
{
	for (size_t i = 0; i < x->insides.n; i++)
		if (inside_at(x, i)->netns == s->netns)
			return true;
	return false;
}

static int ask(struct exposures *x, const struct space *s, const struct netns_ref *ref)
{
	static const enum question_kind kinds[] = {QUESTION_RULESET, QUESTION_SETTINGS,
						   QUESTION_PROGRAMS};
	struct inside **slot = vec_push(&x->insides);
	int error = 0;

	if (!slot)
		return -ENOMEM;
	*slot = calloc(1, sizeof(**slot));
	if (!*slot) {
		vec_truncate(&x->insides, x->insides.n - 1);
		return -ENOMEM;
	}
	(*slot)->netns = s->netns;
	inquiry_init(&(*slot)->inquiry, ref);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !error; i++) {
		struct question q = {.kind = kinds[i]};

		/* A recording keeps these apart from a diagnosis. */
		q.round = q.kind == QUESTION_RULESET ? ROUND_STANDING : 0;
		error = inquiry_ask(&(*slot)->inquiry, &q);
	}
	return error;
}

/* How many of the sets that it lacks were not asked for before. */
static size_t ask_needs(struct exposures *x)
{
	size_t n = 0;

	for (size_t i = 0; i < x->found.n_inside_needs; i++) {
		const struct exposure_need *need = &x->found.inside_needs[i];

		for (size_t k = 0; k < x->insides.n; k++) {
			struct inquiry *inquiry = &inside_at(x, k)->inquiry;

			if (inside_at(x, k)->netns == need->space->netns &&
			    !responses_find(&inquiry->responses, &need->question) &&
			    !inquiry_ask(inquiry, &need->question))
				n++;
		}
	}
	return n;
}

bool exposures_inside_ask(struct exposures *x, int64_t now_ns)
{
	size_t before = x->insides.n, n_asked = ask_needs(x);

	if (!before)
		x->inside_until_ns = now_ns + INSIDE_NS;
	for (size_t i = 0; i < x->found.n_wanted; i++) {
		const struct space *s = x->found.wanted[i];
		struct netns_ref ref;

		if (x->insides.n >= EXPOSURE_INSIDE_MAX || is_asked(x, s) ||
		    !name_space(s, &ref))
			continue;
		if (ask(x, s, &ref))
			break;
	}
	return x->insides.n > before || n_asked;
}

bool exposures_inside_send(struct exposures *x, struct channel *c)
{
	bool are_in = true;

	for (size_t i = 0; i < x->insides.n; i++) {
		struct inquiry *inquiry = &inside_at(x, i)->inquiry;

		inquiry_send(inquiry, c);
		are_in = are_in && responses_are_in(&inquiry->responses);
	}
	return are_in;
}

bool exposures_inside_takes_blob(struct exposures *x, const struct blob *b)
{
	for (size_t i = 0; i < x->insides.n; i++)
		if (inquiry_blob(&inside_at(x, i)->inquiry, b) != -ENOENT)
			return true;
	return false;
}

static struct path_world world_of(const struct inside *inside, struct snapshot *s,
				  const struct space *space)
{
	const struct inquiry *i = &inside->inquiry;

	return (struct path_world){
		.snapshot = s,
		.space = space,
		.rules = responses_table(&i->responses, QUESTION_RULESET, ROUND_STANDING),
		.settings = responses_table(&i->responses, QUESTION_SETTINGS, 0),
		.programs = responses_table(&i->responses, QUESTION_PROGRAMS, 0),
		.responses = &i->responses,
		.wall_ns = i->last_wall_ns,
		.utc_offset_s = diagnose_utc_offset_s(i->last_wall_ns)};
}

size_t exposures_inside_worlds(struct exposures *x)
{
	struct snapshot *s = x->spaces;
	size_t n = 0;

	free(x->worlds);
	x->worlds = calloc(x->insides.n + 1, sizeof(*x->worlds));
	for (size_t i = 0; x->worlds && i < x->insides.n; i++)
		for (size_t k = 0; k < s->n_spaces; k++)
			if (s->spaces[k].netns == inside_at(x, i)->netns) {
				x->worlds[n++] =
					world_of(inside_at(x, i), s, &s->spaces[k]);
				break;
			}
	return n;
}
