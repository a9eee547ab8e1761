/*
 * Counts of each (protocol, server, port) in a small chained hash table. Does not know
 * packets that are no SYN, nor how rows are told.
 */
#include "capture/ports.h"

#include <stdlib.h>
#include <string.h>

enum { CHAIN_BITS = 12, N_CHAINS = 1 << CHAIN_BITS, HAND_ROWS = 16 };
#define NO_ROW UINT16_MAX

/* Its key and nearly all that is counted in one line of memory. */
struct row {
	_Alignas(64) uint32_t hash; /* of its key */
	uint16_t next;              /* in the chain */
	struct port_count count;
};

/* Hashes of addresses, count.n_clients of them. */
struct clients {
	uint32_t hashes[PORT_CLIENTS_MAX];
};

struct ports {
	struct row *rows;        /* n of max in use */
	uint32_t *weights;       /* n_syns of each, side by side: a scan compares many */
	struct clients *clients; /* of each row, apart: they are needed for few SYNs only */
	size_t n, max;
	size_t hand; /* where the search for a rare row goes on */
	uint64_t n_evicted;
	int64_t since_ns;
	uint16_t chains[N_CHAINS];
};

static void empty(struct ports *p, int64_t now_ns)
{
	p->n = 0;
	p->hand = 0;
	p->since_ns = now_ns;
	memset(p->chains, 0xff, sizeof(p->chains));
}

struct ports *ports_new(size_t max_rows, int64_t now_ns)
{
	struct ports *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->max = max_rows < 1 ? 1 : max_rows > PORTS_MAX ? PORTS_MAX : max_rows;
	p->rows = aligned_alloc(_Alignof(struct row), p->max * sizeof(*p->rows));
	p->weights = calloc(p->max, sizeof(*p->weights));
	p->clients = calloc(p->max, sizeof(*p->clients));
	if (!p->rows || !p->weights || !p->clients) {
		ports_free(p);
		return NULL;
	}
	empty(p, now_ns);
	return p;
}

void ports_free(struct ports *p)
{
	if (!p)
		return;
	free(p->clients);
	free(p->weights);
	free(p->rows);
	free(p);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	a = (a ^ b) * UINT64_C(0x9e3779b97f4a7c15);
	return a ^ a >> 32;
}

/* Family and all bytes, so that IPv4 and IPv6 do not meet. */
static uint32_t addr_hash(const struct addr *a)
{
	uint64_t words[2];

	memcpy(words, a->bytes, sizeof(words)); /* of IPv4 the rest is zero */
	return (uint32_t)mix(mix(words[0], a->family), words[1]);
}

/* addr_equals() without its calls: for every SYN and outcome. */
static inline bool is_same(const struct addr *a, const struct addr *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a->bytes, sizeof(x));
	memcpy(y, b->bytes, sizeof(y));
	return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0 && a->family == b->family;
}

static uint32_t chain_of(uint32_t hash)
{
	return hash >> (32 - CHAIN_BITS);
}

static void unlink_row(struct ports *p, uint16_t at)
{
	uint16_t *from = &p->chains[chain_of(p->rows[at].hash)];

	while (*from != at)
		from = &p->rows[*from].next;
	*from = p->rows[at].next;
}

/* The rarest, among equals the first, of the next few rows: cheap also in a port scan. */
static uint16_t make_room(struct ports *p)
{
	size_t best = p->hand, at = p->hand;

	for (size_t i = 1; i < HAND_ROWS && i < p->n; i++) {
		at = at + 1 < p->n ? at + 1 : 0;
		if (p->weights[at] < p->weights[best])
			best = at;
	}
	p->hand = at + 1 < p->n ? at + 1 : 0;
	p->n_evicted++;
	unlink_row(p, (uint16_t)best);
	return (uint16_t)best;
}

static struct row *new_row(struct ports *p, uint32_t hash)
{
	uint16_t at = p->n < p->max ? (uint16_t)p->n++ : make_room(p);
	struct row *r = &p->rows[at];

	memset(&r->count, 0, sizeof(r->count));
	p->weights[at] = 0;
	r->hash = hash;
	r->next = p->chains[chain_of(hash)];
	p->chains[chain_of(hash)] = at;
	return r;
}

static uint32_t key_hash(const struct addr *server, uint16_t port, uint8_t proto)
{
	return (addr_hash(server) ^ port ^ (uint32_t)proto << 16) * 2654435761U;
}

/* NULL: none. */
static struct row *find_row(const struct ports *p, uint32_t hash, const struct addr *server,
			    uint16_t port, uint8_t proto)
{
	struct row *r;

	for (uint16_t at = p->chains[chain_of(hash)]; at != NO_ROW; at = r->next) {
		r = &p->rows[at];
		if (r->hash == hash && r->count.port == port && r->count.proto == proto &&
		    is_same(&r->count.server, server))
			return r;
	}
	return NULL;
}

static struct row *add_row(struct ports *p, uint32_t hash, const struct addr *server,
			   uint16_t port, uint8_t proto)
{
	struct row *r = new_row(p, hash);

	r->count.proto = proto;
	r->count.port = port;
	r->count.server = *server;
	return r;
}

static void count_client(struct ports *p, struct row *r, const struct addr *client)
{
	uint32_t *hashes = p->clients[r - p->rows].hashes;
	uint32_t n = r->count.n_clients, hash;

	r->count.client = *client;
	if (n == PORT_CLIENTS_MAX)
		return;
	hash = addr_hash(client);
	for (uint32_t i = 0; i < n; i++)
		if (hashes[i] == hash)
			return;
	if (n < PORT_FIRSTS_MAX)
		r->count.firsts[n] = *client;
	hashes[r->count.n_clients++] = hash;
}

void ports_syn(struct ports *p, const struct flow *flow, bool is_new)
{
	uint32_t hash = key_hash(&flow->target, flow->target_port, flow->proto);
	struct row *r = find_row(p, hash, &flow->target, flow->target_port, flow->proto);

	if (!r)
		r = add_row(p, hash, &flow->target, flow->target_port, flow->proto);
	r->count.n_syns++;
	p->weights[r - p->rows]++;
	r->count.n_attempts += is_new;
	count_client(p, r, &flow->source);
}

void ports_outcome(struct ports *p, const struct addr *server, uint16_t port, uint8_t proto,
		   enum outcome outcome)
{
	uint32_t hash = key_hash(server, port, proto);
	struct row *r = find_row(p, hash, server, port, proto);

	/* A port that made room stays left out: no other one's SYNs are given up for it. */
	if (!r && p->n == p->max) {
		p->n_evicted++;
		return;
	}
	if (!r)
		r = add_row(p, hash, server, port, proto);
	r->count.n_outcomes[outcome]++;
}

size_t ports_emit(struct ports *p, int64_t now_ns,
		  void (*put)(void *arg, const struct port_count *row), void *arg)
{
	size_t n = p->n;

	for (size_t i = 0; i < n; i++) {
		p->rows[i].count.since_ns = p->since_ns;
		p->rows[i].count.until_ns = now_ns;
		put(arg, &p->rows[i].count);
	}
	empty(p, now_ns);
	return n;
}

uint64_t ports_n_evicted(const struct ports *p)
{
	return p->n_evicted;
}
