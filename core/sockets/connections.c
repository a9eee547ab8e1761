/*
 * Counting every TCP socket of the host by local end and state, without an allocation per
 * socket. Knows neither peers nor owners; which listener an end belongs to is in join.c.
 */
#include "core/sockets/connections.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/ends_told.h"
#include "core/sockets/procnet.h"

#define SLOTS_MIN 64 /* a power of two */

/* A local end; addresses as two words, zero behind an AF_INET one. */
struct end {
	uint64_t words[2];
	uint32_t ifindex;
	uint16_t port;
	uint16_t family; /* 0: the slot is free */
};

struct slot {
	struct end end;
	uint32_t counts[N_TCP_STATES];
};

struct connection_counter {
	uint8_t ports[8192];
	struct slot *slots;
	size_t n_slots; /* 0 or a power of two */
	size_t n_used;
	uint64_t total;
};

/* What is read of a message: at the front of it, and never more. */
struct message {
	struct nlmsghdr head;
	struct inet_diag_msg body;
};

static const char *const state_words[N_TCP_STATES] = {
	[TCP_ESTABLISHED] = "established",
	[TCP_SYN_SENT] = "syn_sent",
	[TCP_SYN_RECV] = "syn_recv",
	[TCP_FIN_WAIT1] = "fin_wait1",
	[TCP_FIN_WAIT2] = "fin_wait2",
	[TCP_TIME_WAIT] = "time_wait",
	[TCP_CLOSE] = "close",
	[TCP_CLOSE_WAIT] = "close_wait",
	[TCP_LAST_ACK] = "last_ack",
	[TCP_LISTEN] = "listen",
	[TCP_CLOSING] = "closing",
	[12] = "new_syn_recv", /* TCP_NEW_SYN_RECV is the kernel's own */
};

const char *tcp_state_word(unsigned state)
{
	return state < N_TCP_STATES ? state_words[state] : NULL;
}

struct connection_counter *connections_new(const uint8_t ports[8192])
{
	struct connection_counter *c = calloc(1, sizeof(*c));

	if (c)
		memcpy(c->ports, ports, sizeof(c->ports));
	return c;
}

void connections_free(struct connection_counter *c)
{
	if (c)
		free(c->slots);
	free(c);
}

void connections_reset(struct connection_counter *c)
{
	if (c->n_used)
		memset(c->slots, 0, c->n_slots * sizeof(*c->slots));
	c->n_used = 0;
	c->total = 0;
}

static inline size_t end_hash(const struct end *e)
{
	uint64_t h = e->words[0] * UINT64_C(0x9e3779b97f4a7c15);

	h ^= h >> 32;
	h = (h ^ e->words[1]) * UINT64_C(0xbf58476d1ce4e5b9);
	h ^= h >> 29;
	h = (h ^ ((uint64_t)e->ifindex << 32 | e->port)) * UINT64_C(0x94d049bb133111eb);
	return (size_t)(h ^ h >> 32);
}

static inline bool end_equals(const struct end *a, const struct end *b)
{
	return a->words[0] == b->words[0] && a->words[1] == b->words[1] &&
	       a->ifindex == b->ifindex && a->port == b->port && a->family == b->family;
}

/* The slot of e or the free one where it belongs; there is always a free one. */
static inline struct slot *find_slot(struct slot *slots, size_t n, const struct end *e)
{
	size_t at = end_hash(e) & (n - 1);

	while (slots[at].end.family && !end_equals(&slots[at].end, e))
		at = (at + 1) & (n - 1);
	return &slots[at];
}

/* Twice the slots, so that no more than half of them are used. */
static int grow(struct connection_counter *c)
{
	size_t n = c->n_slots ? c->n_slots * 2 : SLOTS_MIN;
	struct slot *slots = calloc(n, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_slots; i++) {
		if (c->slots[i].end.family)
			*find_slot(slots, n, &c->slots[i].end) = c->slots[i];
	}
	free(c->slots);
	c->slots = slots;
	c->n_slots = n;
	return 0;
}

static inline int count(struct connection_counter *c, const struct end *e, unsigned state,
			uint32_t n)
{
	struct slot *s;

	if (c->n_used >= c->n_slots / 2 && grow(c) < 0)
		return -ENOMEM;
	s = find_slot(c->slots, c->n_slots, e);
	if (!s->end.family) {
		s->end = *e;
		c->n_used++;
	}
	s->counts[state == 12 ? TCP_SYN_RECV : state] += n;
	return 0;
}

static inline bool is_connection(unsigned state)
{
	return state < N_TCP_STATES && CONNECTION_STATES & 1u << state;
}

static inline bool has_port(const struct connection_counter *c, uint16_t port)
{
	return c->ports[port / 8] & 1u << port % 8;
}

static inline struct end end_of(const struct inet_diag_msg *m, uint16_t port)
{
	struct end e = {.ifindex = m->id.idiag_if, .port = port, .family = m->idiag_family};

	memcpy(e.words, m->id.idiag_src, m->idiag_family == AF_INET ? 4 : 16);
	return e;
}

static inline size_t step_of(const struct nlmsghdr *h)
{
	return NLMSG_ALIGN((size_t)h->nlmsg_len);
}

static inline bool is_socket(const struct nlmsghdr *h)
{
	return h->nlmsg_type == SOCK_DIAG_BY_FAMILY || h->nlmsg_type == TCPDIAG_GETSOCK;
}

static inline bool is_told(const struct nlmsghdr *h)
{
	return h->nlmsg_type == ENDS_TOLD;
}

static bool is_sound_end(const uint8_t *at, const struct nlmsghdr *h)
{
	struct end_told t;

	if (h->nlmsg_len < sizeof(*h) + sizeof(t))
		return false;
	memcpy(&t, at + sizeof(*h), sizeof(t));
	return t.family == AF_INET || t.family == AF_INET6;
}

/* One whole message of a known type; a socket is of a known family. */
static inline bool is_sound(const uint8_t *at, size_t left)
{
	struct nlmsghdr h;

	if (left < sizeof(h))
		return false;
	memcpy(&h, at, sizeof(h));
	if (h.nlmsg_len < sizeof(h) || h.nlmsg_len > left)
		return false;
	if (h.nlmsg_type == NLMSG_DONE || h.nlmsg_type == NLMSG_NOOP)
		return true;
	if (is_told(&h))
		return is_sound_end(at, &h);
	if (!is_socket(&h) || h.nlmsg_len < sizeof(struct message))
		return false;
	at += offsetof(struct message, body.idiag_family);
	return *at == AF_INET || *at == AF_INET6;
}

static bool is_all_sound(const uint8_t *at, size_t left)
{
	while (left) {
		struct nlmsghdr h;

		if (!is_sound(at, left))
			return false;
		memcpy(&h, at, sizeof(h));
		if (step_of(&h) >= left)
			return true;
		at += step_of(&h);
		left -= step_of(&h);
	}
	return true;
}

static inline int count_message(struct connection_counter *c, const struct inet_diag_msg *m)
{
	uint16_t port = ntohs(m->id.idiag_sport);
	struct end e;

	if (!is_connection(m->idiag_state))
		return 0;
	c->total++;
	if (!has_port(c, port))
		return 0;
	e = end_of(m, port);
	return count(c, &e, m->idiag_state, 1);
}

/* Connections of one end and state that were counted before. */
static int count_told(struct connection_counter *c, const struct end_told *t)
{
	struct end e = {.ifindex = t->ifindex, .port = t->port, .family = t->family};

	if (!is_connection(t->state))
		return 0;
	c->total += t->n;
	if (!has_port(c, t->port))
		return 0;
	memcpy(e.words, t->address, t->family == AF_INET ? 4 : 16);
	return count(c, &e, t->state, t->n);
}

static inline int take_message(struct connection_counter *c, const struct nlmsghdr *h,
			       const uint8_t *body)
{
	struct inet_diag_msg m;
	struct end_told t;

	if (is_socket(h)) {
		memcpy(&m, body, sizeof(m));
		return count_message(c, &m);
	}
	if (!is_told(h))
		return 0;
	memcpy(&t, body, sizeof(t));
	return count_told(c, &t);
}

int connections_decode(struct connection_counter *c, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	if (!is_all_sound(at, len))
		return -EBADMSG;
	while (len) {
		struct nlmsghdr h;

		memcpy(&h, at, sizeof(h));
		if (take_message(c, &h, at + sizeof(h)) < 0)
			return -ENOMEM;
		if (step_of(&h) >= len)
			break;
		at += step_of(&h);
		len -= step_of(&h);
	}
	return 0;
}

int connections_decode_text(struct connection_counter *c, const struct bundle_item *item)
{
	struct procnet_reader r;
	struct procnet_line line;
	int got;

	procnet_read(&r, item);
	if (r.proto != PROTO_TCP)
		return 0;
	while ((got = procnet_next(&r, &line)) > 0) {
		struct end e = {.port = line.port, .family = line.local.family};

		if (!is_connection(line.state))
			continue;
		c->total++;
		if (!has_port(c, line.port))
			continue;
		memcpy(e.words, line.local.bytes, sizeof(e.words));
		if (count(c, &e, line.state, 1) < 0)
			return -ENOMEM;
	}
	return got;
}

static int compare_groups(const void *a, const void *b)
{
	const struct connection_group *x = a, *y = b;
	int order = (x->port > y->port) - (x->port < y->port);

	if (!order)
		order = addr_compare(&x->local, &y->local);
	if (!order)
		order = (x->ifindex > y->ifindex) - (x->ifindex < y->ifindex);
	return order;
}

static int fill(struct connection_table *t, const struct connection_counter *c)
{
	if (!c->n_used)
		return 0;
	t->rows = arena_alloc(&t->head.arena, c->n_used * sizeof(*t->rows));
	if (!t->rows)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_slots; i++) {
		const struct slot *s = &c->slots[i];
		struct connection_group *g = &t->rows[t->n];

		if (!s->end.family)
			continue;
		g->local = addr_from(s->end.family, s->end.words);
		g->port = s->end.port;
		g->ifindex = s->end.ifindex;
		memcpy(g->counts, s->counts, sizeof(g->counts));
		t->n++;
	}
	qsort(t->rows, t->n, sizeof(*t->rows), compare_groups);
	return 0;
}

struct connection_table *connections_finish(struct connection_counter *c)
{
	struct connection_table *t = table_new(sizeof(*t), NULL);

	if (t) {
		t->total = c->total;
		if (fill(t, c) < 0) {
			table_unref(t);
			t = NULL;
		}
	}
	connections_reset(c);
	return t;
}
