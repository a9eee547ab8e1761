/* Questions compared and their answers kept. Asks nothing. */
#include "core/snapshot/question.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_FROM = 32 };

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
	free(a->slots);
	a->slots = NULL;
	a->n_slots = 0;
}

static bool is_same_route(const struct route_ask *a, const struct route_ask *b)
{
	return addr_equals(&a->target, &b->target) && addr_equals(&a->source, &b->source) &&
	       a->in_ifindex == b->in_ifindex && a->out_ifindex == b->out_ifindex &&
	       a->mark == b->mark && a->proto == b->proto &&
	       a->source_port == b->source_port && a->target_port == b->target_port;
}

static bool is_same_ipset_key(const struct ipset_key *a, const struct ipset_key *b)
{
	return addr_equals(&a->address, &b->address) &&
	       addr_equals(&a->address2, &b->address2) && a->proto == b->proto &&
	       a->has_port == b->has_port && a->has_proto == b->has_proto &&
	       a->has_mark == b->has_mark && a->is_net == b->is_net && a->port == b->port &&
	       a->mark == b->mark && !strcmp(a->device, b->device);
}

static bool is_same_member(const struct member_ask *a, const struct member_ask *b)
{
	return a->backend == b->backend && a->family == b->family &&
	       a->key_len == b->key_len && !memcmp(a->key, b->key, a->key_len) &&
	       !strcmp(a->set, b->set) && !strcmp(a->table, b->table) &&
	       is_same_ipset_key(&a->ipset, &b->ipset);
}

static bool is_same_reach(const struct reach_ask *a, const struct reach_ask *b)
{
	if (a->port != b->port || a->n != b->n || a->talk != b->talk ||
	    a->sweeps != b->sweeps || strcmp(a->name, b->name) != 0)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!addr_equals(&a->addresses[i], &b->addresses[i]))
			return false;
	return true;
}

static bool has_same_arguments(const struct question *a, const struct question *b)
{
	switch (a->kind) {
	case QUESTION_ROUTE:
		return is_same_route(&a->route, &b->route);
	case QUESTION_MEMBER:
		return is_same_member(&a->member, &b->member);
	case QUESTION_CONNTRACK:
		return a->conntrack.proto == b->conntrack.proto &&
		       a->conntrack.port == b->conntrack.port;
	case QUESTION_NAMES:
		return !strcmp(a->names.name, b->names.name);
	case QUESTION_PROBE:
		return addr_equals(&a->probe.address, &b->probe.address) &&
		       a->probe.port == b->probe.port;
	case QUESTION_REACH:
		return is_same_reach(&a->reach, &b->reach);
	case QUESTION_CONNECTIONS:
	case QUESTION_HANDSHAKES:
	case QUESTION_PEERS:
		return a->port == b->port;
	case QUESTION_DATAGRAMS:
		return a->datagrams.port == b->datagrams.port &&
		       a->datagrams.family == b->datagrams.family;
	case QUESTION_RULESET:
	case QUESTION_NEIGHBOURS:
	case QUESTION_COUNTERS:
	case QUESTION_SETTINGS:
	case QUESTION_PROCESSES:
	case QUESTION_LOGS:
	case QUESTION_CHANGES:
	case QUESTION_LISTENERS:
	case QUESTION_PROGRAMS:
	case QUESTION_IPSEC:
	case QUESTION_ROUTING:
	case QUESTION_BRIDGES:
	case QUESTION_UNITS:
	case QUESTION_GENERATION:
	case QUESTION_REMOTE:
	case QUESTION_JOINED:
	case N_QUESTION_KINDS:
		break;
	}
	return true;
}

bool question_equals(const struct question *a, const struct question *b)
{
	return a->kind == b->kind && a->round == b->round && has_same_arguments(a, b);
}

/* FNV-1a */
static uint64_t mix(uint64_t hash, const void *bytes, size_t n)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* Equal questions have equal numbers; only sets' elements are many. */
static uint64_t hash_of(const struct question *q)
{
	uint8_t head[] = {(uint8_t)q->kind, q->round};
	uint64_t hash = mix(UINT64_C(0xcbf29ce484222325), head, sizeof(head));
	const struct member_ask *m = &q->member;

	if (q->kind != QUESTION_MEMBER)
		return hash;
	hash = mix(hash, m->set, strlen(m->set));
	hash = mix(hash, m->key, m->key_len);
	hash = mix(hash, m->ipset.address.bytes, sizeof(m->ipset.address.bytes));
	return mix(hash, &m->ipset.port, sizeof(m->ipset.port));
}

static void put_slot(struct responses *a, size_t at)
{
	size_t i = (size_t)hash_of(&row(a, at)->question) & (a->n_slots - 1);

	while (a->slots[i])
		i = (i + 1) & (a->n_slots - 1);
	a->slots[i] = (uint32_t)at + 1;
}

/* The last row gets its slot. Without memory for them the rows are gone through. */
static void index_row(struct responses *a)
{
	size_t n = a->rows.n;

	if (n < SLOTS_FROM)
		return;
	if (a->slots && 2 * n <= a->n_slots) {
		put_slot(a, n - 1);
		return;
	}
	free(a->slots);
	a->n_slots = a->n_slots ? 2 * a->n_slots : 4 * SLOTS_FROM;
	while (a->n_slots < 2 * n)
		a->n_slots *= 2;
	a->slots = calloc(a->n_slots, sizeof(*a->slots));
	for (size_t i = 0; a->slots && i < n; i++)
		put_slot(a, i);
}

static struct response *find_slot(const struct responses *a, const struct question *q)
{
	size_t i = (size_t)hash_of(q) & (a->n_slots - 1);

	for (; a->slots[i]; i = (i + 1) & (a->n_slots - 1)) {
		struct response *r = row(a, a->slots[i] - 1);

		if (question_equals(&r->question, q))
			return r;
	}
	return NULL;
}

struct response *responses_find(const struct responses *a, const struct question *q)
{
	if (a->slots)
		return find_slot(a, q);
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
	index_row(a);
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
