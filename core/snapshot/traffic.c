/*
 * Counts of addresses and ports in slots of about a second, in a small chained hash table
 * in which a rare row makes room. Joins nothing (traffic_look.c).
 */
#include "core/snapshot/traffic.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "core/snapshot/traffic_impl.h"

enum { HAND_LANES = 16 };

#define SLOT_MIN_NS (NS_PER_S / 2)
#define MINUTE_NS   (60 * NS_PER_S)

struct traffic *traffic_new(void)
{
	struct traffic *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->lanes = calloc(LANES_MAX, sizeof(*t->lanes));
	if (!t->lanes) {
		free(t);
		return NULL;
	}
	t->slot = t->first_slot = 1;
	t->served = VEC_OF(struct served);
	memset(t->chains, 0xff, sizeof(t->chains));
	return t;
}

void traffic_free(struct traffic *t)
{
	if (!t)
		return;
	table_unref(t->addresses);
	table_unref(t->routes);
	vec_release(&t->served);
	free(t->lanes);
	free(t);
}

/* ---- lanes ---- */

void lane_advance(struct lane *l, uint64_t slot)
{
	if (slot - l->clean_to > TRAFFIC_SLOTS)
		l->clean_to = slot - TRAFFIC_SLOTS;
	while (l->clean_to < slot) {
		size_t at = ++l->clean_to % TRAFFIC_SLOTS;

		l->syns[at] = 0;
		memset(l->outcomes[at], 0, sizeof(l->outcomes[at]));
	}
}

static uint32_t chain_of(uint16_t port, const struct addr *server)
{
	return traffic_hash(server, port) % N_CHAINS;
}

static void drop_lane(struct traffic *t, uint16_t at)
{
	struct lane *l = &t->lanes[at];
	uint16_t *from = &t->chains[chain_of(l->port, &l->server)];

	while (*from != at)
		from = &t->lanes[*from].next;
	*from = l->next;
	l->is_used = false;
}

/* Served ports stay before unserved ones, then what was asked for lately, then much. */
static bool is_rarer(const struct traffic *t, const struct lane *a, const struct lane *b)
{
	bool a_is_served = served_has(t, a->port, &a->server);
	bool b_is_served = served_has(t, b->port, &b->server);

	if (a_is_served != b_is_served)
		return b_is_served;
	if (a->last_slot != b->last_slot)
		return a->last_slot < b->last_slot;
	return a->n_total < b->n_total;
}

/* A free lane, or the rarest of the next few: cheap also in a scan of all ports. */
static uint16_t make_room(struct traffic *t)
{
	size_t best = t->hand;

	for (size_t i = 0; i < HAND_LANES; i++) {
		size_t at = (t->hand + i) % LANES_MAX;

		if (!t->lanes[at].is_used) {
			t->hand = at;
			return (uint16_t)at;
		}
		if (is_rarer(t, &t->lanes[at], &t->lanes[best]))
			best = at;
	}
	t->hand = (t->hand + HAND_LANES) % LANES_MAX;
	t->left_out_slot = t->slot;
	drop_lane(t, (uint16_t)best);
	return (uint16_t)best;
}

static struct lane *lane_of(struct traffic *t, uint16_t port, const struct addr *server)
{
	uint32_t chain = chain_of(port, server);
	struct lane *l;
	uint16_t at;

	for (at = t->chains[chain]; at != NO_LANE; at = t->lanes[at].next) {
		l = &t->lanes[at];
		if (l->port == port && addr_equals(&l->server, server))
			return l;
	}
	at = make_room(t);
	l = &t->lanes[at];
	*l = (struct lane){.port = port,
			   .server = *server,
			   .is_used = true,
			   .clean_to = t->slot,
			   .next = t->chains[chain]};
	t->chains[chain] = at;
	return l;
}

static void add(uint16_t *to, uint32_t n)
{
	*to = n > (uint32_t)(UINT16_MAX - *to) ? UINT16_MAX : (uint16_t)(*to + n);
}

/* ---- records ---- */

/* What leaves this host, or is only passed on, is not asked of it. */
static bool is_elsewhere(const struct traffic *t, const struct addr *server)
{
	return t->has_served && address_is_here(t->addresses, t->routes, server) == TRI_NO;
}

/* The first ones of this second and the latest: of a port with many clients not all. */
static void note_clients(struct traffic *t, const struct port_count *told, bool is_served)
{
	if (told->client.family)
		clients_note(t, &told->client, told->port, is_served);
	for (size_t i = 0; i < PORT_FIRSTS_MAX; i++)
		if (told->firsts[i].family && !addr_equals(&told->firsts[i], &told->client))
			clients_note(t, &told->firsts[i], told->port, is_served);
}

static void take_port(struct traffic *t, const struct port_count *told)
{
	struct addr server = addr_unmapped(&told->server);
	struct lane *l;

	if (told->proto != IPPROTO_TCP || is_elsewhere(t, &server))
		return;
	l = lane_of(t, told->port, &server);
	lane_advance(l, t->slot);
	add(&l->syns[t->slot % TRAFFIC_SLOTS], told->n_syns);
	for (size_t i = 0; i < N_OUTCOMES; i++)
		add(&l->outcomes[t->slot % TRAFFIC_SLOTS][i], told->n_outcomes[i]);
	l->n_total += told->n_syns;
	l->last_slot = t->slot;
	l->has_more_clients = l->has_more_clients || told->n_clients > 1;
	if (told->until_ns > t->wall_ns)
		t->wall_ns = told->until_ns;
	if (t->has_served && told->n_syns)
		note_clients(t, told, served_has(t, told->port, &server));
}

static bool forget_old(struct traffic *t)
{
	bool has_gone = false;

	for (size_t i = 0; i < LANES_MAX; i++) {
		struct lane *l = &t->lanes[i];

		if (!l->is_used || l->last_slot + REMEMBER_SLOTS >= t->slot)
			continue;
		drop_lane(t, (uint16_t)i);
		has_gone = true;
	}
	return has_gone;
}

static bool has_any_in_sight(const struct traffic *t)
{
	for (size_t i = 0; i < LANES_MAX; i++)
		if (t->lanes[i].is_used &&
		    t->lanes[i].last_slot + TRAFFIC_SLOTS + 1 >= t->slot)
			return true;
	return false;
}

/* The capture tells its state after the ports of the same second: the slot is over. */
static bool take_state(struct traffic *t, const struct capture_state *told)
{
	bool is_first = t->state != TRAFFIC_RUNNING;
	int64_t *before = &t->ends_ns[(t->slot - 1) % TRAFFIC_SLOTS];

	if (told->n_ports_left_out > t->n_left_out)
		t->left_out_slot = t->slot;
	t->n_left_out = told->n_ports_left_out;
	t->wall_ns = told->wall_ns;
	if (is_first) {
		t->state = TRAFFIC_RUNNING;
		t->first_slot = t->slot;
		*before = told->wall_ns;
		return true;
	}
	if (told->wall_ns >= *before && told->wall_ns - *before < SLOT_MIN_NS)
		return false;
	t->ends_ns[t->slot % TRAFFIC_SLOTS] = told->wall_ns;
	t->slot++;
	return forget_old(t) || has_any_in_sight(t);
}

static bool take_record(struct traffic *t, const struct record *r)
{
	switch (r->kind) {
	case RECORD_PORT:
		take_port(t, &r->port);
		return false;
	case RECORD_STATE:
		return take_state(t, &r->state);
	case RECORD_PROBLEM:
		t->problem_error = r->problem.error;
		memcpy(t->problem, r->problem.text, sizeof(t->problem));
		t->problem[sizeof(t->problem) - 1] = '\0';
		return false;
	case RECORD_ATTEMPT:
	case RECORD_LINK:
		return false;
	}
	return false;
}

int traffic_take(struct traffic *t, const void *bytes, size_t len)
{
	struct cursor c = cursor_of(bytes, len);
	struct record r;
	bool is_new = false;
	int got;

	while ((got = record_get(&c, &r)) > 0)
		is_new = take_record(t, &r) || is_new;
	return got < 0 ? got : is_new;
}

void traffic_restart(struct traffic *t)
{
	t->state = TRAFFIC_WAITING;
	t->problem_error = 0;
	t->problem[0] = '\0';
	t->n_left_out = 0;
}

void traffic_end(struct traffic *t, int error)
{
	error = error ? error : t->problem_error;
	if (error == EPERM || error == EACCES)
		t->state = TRAFFIC_NO_RIGHT;
	else if (error == ENODATA)
		t->state = TRAFFIC_NOT_RECORDED;
	else if (error)
		t->state = TRAFFIC_FAILED;
	if (error && !t->problem[0])
		strncpy(t->problem, strerror(error), sizeof(t->problem) - 1);
}

enum traffic_state traffic_state(const struct traffic *t)
{
	return t->state;
}

const char *traffic_problem(const struct traffic *t)
{
	return t->problem;
}
