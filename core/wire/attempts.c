/*
 * The receiving side's table of attempts: rows in the order in which they were told, found
 * by an open hash of row numbers. Knows no capture and no clock.
 */
#include "core/wire/attempts.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 64
#define LINKS_MAX 1024
#define PORTS_MAX 4096 /* of hosts that scan us; then the one told longest ago goes */

void attempts_init(struct attempts *a, size_t max)
{
	*a = (struct attempts){.max = max ? max : 1};
	a->rows = VEC_OF(struct attempt);
	a->ports = VEC_OF(struct port_count);
	a->links = VEC_OF(struct link_sight);
}

void attempts_release(struct attempts *a)
{
	vec_release(&a->rows);
	vec_release(&a->ports);
	vec_release(&a->links);
	free(a->slots);
	attempts_init(a, a->max);
}

size_t attempts_n(const struct attempts *a)
{
	return a->rows.n;
}

const struct attempt *attempts_at(const struct attempts *a, size_t i)
{
	return vec_at(&a->rows, i);
}

static uint64_t mix(uint64_t hash, uint64_t n)
{
	hash = (hash ^ n) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static uint64_t mix_address(uint64_t hash, const struct addr *a)
{
	uint64_t halves[2];

	_Static_assert(sizeof(halves) == sizeof(a->bytes), "all of an address");
	memcpy(halves, a->bytes, sizeof(halves));
	return mix(mix(hash, halves[0]), halves[1]);
}

static size_t hash_of(const struct attempt *a)
{
	uint64_t hash = mix_address(mix_address(0, &a->client), &a->server);

	hash = mix(hash, (uint64_t)a->client_port << 16 | a->server_port);
	return (size_t)mix(hash,
			   a->proto == IPPROTO_UDP ? (uint64_t)a->first_ns : a->sequence);
}

static bool is_same(const struct attempt *a, const struct attempt *b)
{
	if (a->proto != b->proto || a->client_port != b->client_port ||
	    a->server_port != b->server_port || !addr_equals(&a->client, &b->client) ||
	    !addr_equals(&a->server, &b->server))
		return false;
	return a->proto == IPPROTO_UDP ? a->first_ns == b->first_ns
				       : a->sequence == b->sequence;
}

/* The slot of this attempt: it holds its row number + 1, or 0 where it belongs. */
static uint32_t *slot_of(const struct attempts *a, const struct attempt *row)
{
	size_t mask = a->n_slots - 1, at = hash_of(row) & mask;

	while (a->slots[at] && !is_same(attempts_at(a, a->slots[at] - 1), row))
		at = (at + 1) & mask;
	return &a->slots[at];
}

const struct attempt *attempts_find(const struct attempts *a, const struct attempt *like)
{
	uint32_t row = a->n_slots ? *slot_of(a, like) : 0;

	return row ? attempts_at(a, row - 1) : NULL;
}

static int index_anew(struct attempts *a, size_t n_slots)
{
	uint32_t *slots = calloc(n_slots, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	free(a->slots);
	a->slots = slots;
	a->n_slots = n_slots;
	for (size_t i = 0; i < a->rows.n; i++)
		*slot_of(a, attempts_at(a, i)) = (uint32_t)i + 1;
	return 0;
}

/* Forgets an eighth of the rows (at least one): decided ones first, the oldest first. */
static int make_room(struct attempts *a)
{
	size_t wanted = a->max / 8 + 1, n_decided = 0, kept = 0, decided, others;

	for (size_t i = 0; i < a->rows.n; i++)
		n_decided += attempts_at(a, i)->is_decided;
	decided = n_decided < wanted ? n_decided : wanted;
	others = wanted - decided;
	for (size_t i = 0; i < a->rows.n; i++) {
		struct attempt *row = vec_at(&a->rows, i);
		size_t *left = row->is_decided ? &decided : &others;

		if (*left) {
			--*left;
			a->n_forgotten++;
			continue;
		}
		memmove(vec_at(&a->rows, kept++), row, sizeof(*row));
	}
	vec_truncate(&a->rows, kept);
	return index_anew(a, a->n_slots);
}

static int take_attempt(struct attempts *a, const struct attempt *told)
{
	struct attempt *row;
	uint32_t *slot;
	int error = 0;

	if (!a->n_slots)
		error = index_anew(a, SLOTS_MIN);
	if (error)
		return error;
	slot = slot_of(a, told);
	if (*slot) {
		*(struct attempt *)vec_at(&a->rows, *slot - 1) = *told;
		return 0;
	}
	if (a->rows.n >= a->max)
		error = make_room(a);
	else if ((a->rows.n + 1) * 2 > a->n_slots)
		error = index_anew(a, a->n_slots * 2);
	if (error)
		return error;
	slot = slot_of(a, told);
	row = vec_push(&a->rows);
	if (!row)
		return -ENOMEM;
	*row = *told;
	*slot = (uint32_t)a->rows.n;
	return 0;
}

static bool is_same_port(const struct port_count *a, const struct port_count *b)
{
	return a->port == b->port && a->proto == b->proto &&
	       addr_equals(&a->server, &b->server);
}

/* The row of that port; a new one; or the one told longest ago. NULL: no memory. */
static struct port_count *port_row(struct attempts *a, const struct port_count *told)
{
	struct port_count *oldest = NULL;

	for (size_t i = 0; i < a->ports.n; i++) {
		struct port_count *p = vec_at(&a->ports, i);

		if (is_same_port(p, told))
			return p;
		if (!oldest || p->until_ns < oldest->until_ns)
			oldest = p;
	}
	return a->ports.n < PORTS_MAX ? vec_push(&a->ports) : oldest;
}

static int take_port(struct attempts *a, const struct port_count *told)
{
	struct port_count *row = port_row(a, told);

	if (!row)
		return -ENOMEM;
	*row = *told;
	return 0;
}

static int take_link(struct attempts *a, const struct link_sight *told)
{
	struct link_sight *row;

	if (told->kind == LINK_STATE) {
		a->has_links = told->n != LINK_LOST_ALL;
		a->n_links_lost = told->n;
		return 0;
	}
	for (size_t i = 0; i < a->links.n; i++) {
		row = vec_at(&a->links, i);
		if (!link_sight_is_same(row, told))
			continue;
		*row = *told;
		return 0;
	}
	if (a->links.n >= LINKS_MAX) {
		a->n_links_lost++;
		return 0;
	}
	row = vec_push(&a->links);
	if (!row)
		return -ENOMEM;
	*row = *told;
	return 0;
}

int attempts_take_record(struct attempts *a, const struct record *r)
{
	a->n_taken++;
	switch (r->kind) {
	case RECORD_ATTEMPT:
		return take_attempt(a, &r->attempt);
	case RECORD_PORT:
		return take_port(a, &r->port);
	case RECORD_STATE:
		a->state = r->state;
		a->is_ready = a->is_ready || r->state.is_ready;
		return 0;
	case RECORD_LINK:
		return take_link(a, &r->link);
	case RECORD_PROBLEM:
		a->error = r->problem.error;
		memcpy(a->problem, r->problem.text, sizeof(a->problem));
		return 0;
	}
	return 0;
}

int attempts_take(struct attempts *a, const void *bytes, size_t len, bool *changed)
{
	struct cursor c = cursor_of(bytes, len);
	struct record r;
	int got, error = 0;

	if (changed)
		*changed = false;
	while (!error && (got = record_get(&c, &r)) != 0) {
		error = got < 0 ? got : attempts_take_record(a, &r);
		if (!error && changed)
			*changed = true;
	}
	return error;
}
