/* Questions compared and their answers kept. Asks nothing. */
#include "core/snapshot/question.h"

#include <stdlib.h>
#include <string.h>

static const char *const words[N_QUESTION_KINDS] = {
#define X(name, word, type) [QUESTION_##name] = word,
	QUESTIONS(X)
#undef X
};

const char *question_word(enum question_kind k)
{
	return words[k];
}

void responses_init(struct responses *a)
{
	*a = (struct responses){.rows = VEC_OF(struct response *)};
}

static struct response *row(const struct responses *a, size_t i)
{
	return *(struct response **)vec_at(&a->rows, i);
}

void responses_release(struct responses *a)
{
	for (size_t i = 0; i < a->rows.n; i++) {
		table_unref(row(a, i)->table);
		free(row(a, i));
	}
	vec_release(&a->rows);
}

static bool is_same_route(const struct route_ask *a, const struct route_ask *b)
{
	return addr_equals(&a->target, &b->target) && addr_equals(&a->source, &b->source) &&
	       a->in_ifindex == b->in_ifindex && a->out_ifindex == b->out_ifindex &&
	       a->mark == b->mark && a->proto == b->proto &&
	       a->source_port == b->source_port && a->target_port == b->target_port;
}

static bool has_same_arguments(const struct question *a, const struct question *b)
{
	switch (a->kind) {
	case QUESTION_ROUTE:
		return is_same_route(&a->route, &b->route);
	case QUESTION_CONNTRACK:
		return a->conntrack.proto == b->conntrack.proto &&
		       a->conntrack.port == b->conntrack.port;
	case QUESTION_NAMES:
		return !strcmp(a->names.name, b->names.name);
	case QUESTION_PROBE:
		return addr_equals(&a->probe.address, &b->probe.address) &&
		       a->probe.port == b->probe.port;
	case QUESTION_CONNECTIONS:
		return a->port == b->port;
	case QUESTION_RULESET:
	case QUESTION_NEIGHBOURS:
	case QUESTION_COUNTERS:
	case QUESTION_SETTINGS:
	case QUESTION_PROCESSES:
	case QUESTION_LOGS:
	case QUESTION_CHANGES:
	case QUESTION_LISTENERS:
	case N_QUESTION_KINDS:
		break;
	}
	return true;
}

bool question_equals(const struct question *a, const struct question *b)
{
	return a->kind == b->kind && a->round == b->round && has_same_arguments(a, b);
}

struct response *responses_find(const struct responses *a, const struct question *q)
{
	for (size_t i = 0; i < a->rows.n; i++)
		if (question_equals(&row(a, i)->question, q))
			return row(a, i);
	return NULL;
}

struct response *responses_add(struct responses *a, const struct question *q)
{
	struct response *r = responses_find(a, q);
	struct response **place;

	if (r)
		return r;
	r = calloc(1, sizeof(*r));
	place = r ? vec_push(&a->rows) : NULL;
	if (!place) {
		free(r);
		return NULL;
	}
	r->question = *q;
	*place = r;
	return r;
}

const struct response *responses_of(const struct responses *a, enum question_kind kind,
				    unsigned round)
{
	for (size_t i = 0; i < a->rows.n; i++) {
		const struct response *r = row(a, i);

		if (r->question.kind == kind && r->question.round == round)
			return r;
	}
	return NULL;
}

const void *responses_table(const struct responses *a, enum question_kind kind,
			    unsigned round)
{
	const struct response *r = responses_of(a, kind, round);

	return r ? r->table : NULL;
}

bool responses_are_in(const struct responses *a)
{
	for (size_t i = 0; i < a->rows.n; i++)
		if (row(a, i)->state == RESPONSE_WAITING)
			return false;
	return true;
}
