/* One inquiry for each namespace; what it did not answer stays unknown to exposure. */
#include "tui/command/exposure_inside.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "tui/live/diagnose.h"

#define PATIENCE_NS (10 * NS_PER_S)

/* False: it has no name that a request can carry. */
static bool name_space(const struct space *s, struct netns_ref *ref)
{
	char name[NETNS_NAME_MAX + 1];

	*ref = (struct netns_ref){.kind = NETNS_OWN};
	if (s->is_own)
		return true;
	if (s->name.len >= sizeof(name) || text_is_empty(s->name))
		return false;
	memcpy(name, s->name.bytes, s->name.len);
	name[s->name.len] = '\0';
	if (!strncmp(name, "pid ", 4)) {
		ref->kind = NETNS_PID;
		ref->pid = (pid_t)strtol(name + 4, NULL, 10);
		return ref->pid > 0;
	}
	ref->kind = NETNS_NAME;
	memcpy(ref->name, name, s->name.len + 1);
	return true;
}

static void make_world(struct path_world *w, const struct inquiry *inquiry,
		       const struct snapshot *s, const struct space *space)
{
	const struct responses *r = &inquiry->responses;

	*w = (struct path_world){.snapshot = s,
				 .space = space,
				 .rules = responses_table(r, QUESTION_RULESET, 0),
				 .settings = responses_table(r, QUESTION_SETTINGS, 0),
				 .programs = responses_table(r, QUESTION_PROGRAMS, 0),
				 .responses = r,
				 .wall_ns = inquiry->last_wall_ns,
				 .utc_offset_s =
					 diagnose_utc_offset_s(inquiry->last_wall_ns)};
}

static void ask(struct inquiry *inquiry, struct looking *l)
{
	static const enum question_kind kinds[] = {QUESTION_RULESET, QUESTION_SETTINGS,
						   QUESTION_PROGRAMS};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct question q = {.kind = kinds[i]};

		if (inquiry_ask(inquiry, &q))
			l->code = EXIT_INTERNAL;
	}
	looking_ask(l, inquiry, PATIENCE_NS);
}

static bool is_asked(const struct exposure_inside *i, const struct space *s)
{
	for (size_t k = 0; k < i->n; k++)
		if (i->worlds[k].space == s)
			return true;
	return false;
}

static struct inquiry *inquiry_of(struct exposure_inside *i, const struct space *s)
{
	for (size_t k = 0; k < i->n; k++)
		if (i->worlds[k].space == s)
			return &i->inquiries[k];
	return NULL;
}

/* How many were not asked before. */
static size_t ask_needs(struct exposure_inside *i, const struct exposure *x,
			struct looking *l)
{
	size_t n = 0;

	for (size_t k = 0; k < x->n_inside_needs && !l->code; k++) {
		const struct exposure_need *need = &x->inside_needs[k];
		struct inquiry *inquiry = inquiry_of(i, need->space);

		if (!inquiry || responses_find(&inquiry->responses, &need->question))
			continue;
		if (inquiry_ask(inquiry, &need->question))
			l->code = EXIT_INTERNAL;
		looking_ask(l, inquiry, PATIENCE_NS);
		n++;
	}
	return n;
}

size_t exposure_inside_ask(struct exposure_inside *i, const struct exposure *x,
			   struct looking *l)
{
	size_t before = i->n, n_asked = ask_needs(i, x, l);

	for (size_t k = 0; k < x->n_wanted && !l->code; k++) {
		const struct space *s = x->wanted[k];
		struct netns_ref ref;

		if (i->n == EXPOSURE_INSIDE_MAX || is_asked(i, s) || !name_space(s, &ref))
			continue;
		inquiry_init(&i->inquiries[i->n], &ref);
		ask(&i->inquiries[i->n], l);
		make_world(&i->worlds[i->n], &i->inquiries[i->n], l->snapshot, s);
		i->n++;
	}
	return i->n - before + n_asked;
}

void exposure_inside_release(struct exposure_inside *i)
{
	for (size_t k = 0; k < i->n; k++)
		inquiry_release(&i->inquiries[k]);
	i->n = 0;
}
