/*
 * The picture of one moment: each lane goes to the endpoints that it reaches, the rest is
 * asked for and unserved, or scan noise. Keeps nothing.
 */
#include <errno.h>

#include "core/base/time.h"
#include "core/snapshot/traffic_impl.h"

static void add_outcomes(uint32_t to[N_OUTCOMES], const uint16_t *from)
{
	for (size_t i = 0; i < N_OUTCOMES; i++)
		to[i] += from[i];
}

static uint32_t n_slots_of(const struct traffic *t)
{
	uint64_t n = t->slot - t->first_slot;

	return n < TRAFFIC_SLOTS - 1 ? (uint32_t)n : TRAFFIC_SLOTS - 1;
}

/* The whole slots of a lane; the newest last, where the row's last element is. */
void row_add(const struct traffic *t, struct traffic_row *row, struct lane *l)
{
	uint32_t n = n_slots_of(t);

	lane_advance(l, t->slot);
	for (uint32_t i = 1; i <= n; i++) {
		size_t at = (t->slot - i) % TRAFFIC_SLOTS;

		row->syns[TRAFFIC_SLOTS - i] += l->syns[at];
		add_outcomes(row->n_outcomes, l->outcomes[at]);
	}
}

static enum traffic_answer answer_of(const struct traffic_row *row)
{
	const uint32_t *n = row->n_outcomes;
	uint32_t n_open = n[OUTCOME_ANSWERED] + n[OUTCOME_RESET_LATER];
	uint32_t n_not = n[OUTCOME_REFUSED] + n[OUTCOME_ICMP] + n[OUTCOME_SILENT];

	if (n_open && n_not)
		return TRAFFIC_SOME;
	if (n_open)
		return TRAFFIC_OPEN;
	if (n_not && n[OUTCOME_HALF_OPEN])
		return TRAFFIC_SOME;
	if (n[OUTCOME_HALF_OPEN])
		return TRAFFIC_HALF_OPEN;
	if (n_not && n[OUTCOME_REFUSED] >= n[OUTCOME_ICMP] &&
	    n[OUTCOME_REFUSED] >= n[OUTCOME_SILENT])
		return TRAFFIC_CLOSED;
	if (n_not)
		return n[OUTCOME_ICMP] >= n[OUTCOME_SILENT] ? TRAFFIC_REJECTED
							    : TRAFFIC_FILTERED;
	for (size_t i = 0; i < TRAFFIC_SLOTS; i++)
		if (row->syns[i])
			return TRAFFIC_UNDECIDED;
	return TRAFFIC_NOBODY;
}

/* The newest slots over the time that they took. */
static uint32_t milli_rate_of(const struct traffic *t, const struct traffic_row *row)
{
	uint32_t n = row->n_slots < TRAFFIC_RATE_SLOTS ? row->n_slots : TRAFFIC_RATE_SLOTS;
	int64_t took_ns;
	uint64_t sum = 0, rate;

	if (!n)
		return 0;
	took_ns = t->ends_ns[(t->slot - 1) % TRAFFIC_SLOTS] -
		  t->ends_ns[(t->slot - 1 - n) % TRAFFIC_SLOTS];
	if (took_ns < NS_PER_S / 2)
		took_ns = n * NS_PER_S;
	for (uint32_t i = 1; i <= n; i++)
		sum += row->syns[TRAFFIC_SLOTS - i];
	rate = sum * 1000 * (uint64_t)NS_PER_MS / (uint64_t)(took_ns / 1000);
	return rate > UINT32_MAX ? UINT32_MAX : (uint32_t)rate;
}

void row_finish(const struct traffic *t, struct traffic_row *row)
{
	row->n_slots = n_slots_of(t);
	row->milli_rate = milli_rate_of(t, row);
	row->answer = answer_of(row);
	if (row->answer == TRAFFIC_NOBODY && t->state != TRAFFIC_RUNNING)
		row->answer = TRAFFIC_UNSEEN;
}

/* ---- endpoints ---- */

bool look_has(const struct look *k, const struct endpoint *e)
{
	return e->space == k->space && endpoint_is_stream(e);
}

/* The closest of its sockets: 2 for this address, 1 for any; one that is bound to a device
 * behind one that is not, as the device is not told. */
static int closeness(const struct look *k, const struct endpoint *e, const struct lane *l)
{
	int best = 0;

	if (!look_has(k, e) || e->port != l->port)
		return 0;
	for (size_t i = 0; i < e->n_sockets; i++) {
		int takes = socket_takes(e->sockets[i], &l->server);

		best = takes > best ? takes : best;
	}
	return best ? 2 * best - (e->ifindex != 0) : 0;
}

/* The first endpoint of the port in the namespace, as they are sorted; or of a later one.
 */
static size_t first_endpoint(const struct look *k, uint16_t port)
{
	const struct snapshot *s = k->s;
	size_t low = 0, high = s->n_endpoints;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct endpoint *e = &s->endpoints[middle];

		if (e->space < k->space || (e->space == k->space && e->port < port))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static size_t end_of_port(const struct look *k, size_t from, uint16_t port)
{
	const struct snapshot *s = k->s;

	while (from < s->n_endpoints && s->endpoints[from].space == k->space &&
	       s->endpoints[from].port == port)
		from++;
	return from;
}

/* Endpoints that are equally close share it: which one got it is not told. */
bool look_give(struct look *k, struct lane *l)
{
	size_t first = first_endpoint(k, l->port);
	size_t end = end_of_port(k, first, l->port);
	int best = 0;

	for (size_t i = first; i < end; i++) {
		int close = closeness(k, &k->s->endpoints[i], l);

		best = close > best ? close : best;
	}
	for (size_t i = first; best && i < end; i++)
		if (closeness(k, &k->s->endpoints[i], l) == best)
			row_add(k->t, &k->out->rows[i], l);
	return best > 0;
}

static void finish_rows(struct look *k)
{
	for (size_t i = 0; i < k->s->n_endpoints; i++) {
		const struct endpoint *e = &k->s->endpoints[i];
		struct traffic_row *row = &k->out->rows[i];

		if (!endpoint_is_stream(e))
			row->answer = TRAFFIC_NOT_TCP;
		else if (e->space != k->space)
			row->answer = TRAFFIC_UNSEEN;
		else
			row_finish(k->t, row);
		k->out->n_failing += traffic_is_failing(row->answer);
	}
}

bool traffic_is_failing(enum traffic_answer a)
{
	return a == TRAFFIC_SOME || a == TRAFFIC_CLOSED || a == TRAFFIC_REJECTED ||
	       a == TRAFFIC_FILTERED;
}

/* ---- all of it ---- */

static const struct space *captured_space(const struct snapshot *s)
{
	for (size_t i = 0; i < s->n_spaces; i++)
		if (s->spaces[i].is_own)
			return &s->spaces[i];
	return s->n_spaces ? &s->spaces[0] : NULL;
}

static int make_rows(struct look *k)
{
	struct arena *arena = &k->out->head.arena;
	size_t n = k->s->n_endpoints;

	k->out->state = k->t->state;
	k->out->n_rows = n;
	k->out->rows = arena_alloc(arena, (n ? n : 1) * sizeof(*k->out->rows));
	return k->out->rows ? 0 : -ENOMEM;
}

static int look(struct look *k)
{
	int error = make_rows(k);

	if (!error && k->space)
		error = served_learn(k->t, k->s, k->space);
	if (!error && k->space)
		error = look_sort_out(k);
	if (error)
		return error;
	finish_rows(k);
	return look_others(k);
}

struct traffic_table *traffic_look(struct traffic *t, const struct snapshot *s)
{
	struct look k = {.t = t,
			 .s = s,
			 .space = captured_space(s),
			 .out = table_new(sizeof(struct traffic_table), NULL),
			 .lanes = VEC_OF(struct lane *),
			 .visits = VEC_OF(struct visit *),
			 .noise = VEC_OF(struct addr)};
	int error = k.out ? look(&k) : -ENOMEM;

	vec_release(&k.lanes);
	vec_release(&k.visits);
	vec_release(&k.noise);
	if (!error)
		return k.out;
	table_unref(k.out);
	return NULL;
}
