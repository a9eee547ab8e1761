/* A dump of one port's connections -> their other ends, counted. Framing by libnl. Knows no
 * listener. */
#include "core/sockets/peers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <stdlib.h>

#include "core/base/messages.h"
#include "core/base/vec.h"

enum {
	STATE_SYN_RECV = 3,
	STATE_CLOSE_WAIT = 8,
	STATE_NEW_SYN_RECV = 12,
	N_STATES = 13,
	NET_V4 = 24,
	NET_V6 = 48,
};

/* One connection. */
struct end {
	struct addr remote;
	uint8_t state;
};

struct peer_decoder {
	uint16_t port;
	struct vec ends; /* struct end */
	uint64_t total;
	bool is_cut;
};

struct peer_decoder *peers_new(uint16_t port)
{
	struct peer_decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->port = port;
	d->ends = VEC_OF(struct end);
	return d;
}

void peers_free(struct peer_decoder *d)
{
	if (d)
		vec_release(&d->ends);
	free(d);
}

void peers_reset(struct peer_decoder *d)
{
	vec_reset(&d->ends);
	d->total = 0;
	d->is_cut = false;
}

static bool is_wanted(const struct peer_decoder *d, const struct inet_diag_msg *m)
{
	return ntohs(m->id.idiag_sport) == d->port && m->idiag_state < N_STATES &&
	       PEER_STATES & 1u << m->idiag_state;
}

static int decode_message(void *context, const struct nlmsghdr *h)
{
	const struct inet_diag_msg *m = nlmsg_data(h);
	struct peer_decoder *d = context;
	struct addr remote;
	struct end *end;

	if (h->nlmsg_type != SOCK_DIAG_BY_FAMILY && h->nlmsg_type != TCPDIAG_GETSOCK)
		return -EBADMSG;
	if (m->idiag_family != AF_INET && m->idiag_family != AF_INET6)
		return -EBADMSG;
	if (!is_wanted(d, m))
		return 0;
	d->total++;
	if (d->ends.n == PEERS_MAX) {
		d->is_cut = true;
		return 0;
	}
	end = vec_push(&d->ends);
	if (!end)
		return -ENOMEM;
	remote = addr_from(m->idiag_family, m->id.idiag_dst);
	*end = (struct end){addr_unmapped(&remote), m->idiag_state};
	return 0;
}

int peers_decode(struct peer_decoder *d, const void *bytes, size_t len)
{
	return messages_each(bytes, len, 0, sizeof(struct inet_diag_msg), decode_message,
			     d);
}

/* ---- the table ---- */

static int by_address(const void *a, const void *b)
{
	const struct end *x = a, *y = b;

	return addr_compare(&x->remote, &y->remote);
}

static int most_first(const void *a, const void *b)
{
	const struct peer_row *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return addr_compare(&x->remote, &y->remote);
}

static int most_nets_first(const void *a, const void *b)
{
	const struct peer_net *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return addr_compare(&x->prefix, &y->prefix);
}

/* The ends stand by address. */
static void count_rows(struct peer_table *t, const struct vec *ends)
{
	for (size_t i = 0; i < ends->n; i++) {
		const struct end *end = vec_at(ends, i);
		struct peer_row *row = t->n ? &t->rows[t->n - 1] : NULL;

		if (!row || !addr_equals(&row->remote, &end->remote)) {
			row = &t->rows[t->n++];
			row->remote = end->remote;
		}
		row->n++;
		row->n_half_open +=
			end->state == STATE_SYN_RECV || end->state == STATE_NEW_SYN_RECV;
		row->n_close_wait += end->state == STATE_CLOSE_WAIT;
	}
}

static struct addr prefix_of(const struct addr *a, uint8_t len)
{
	struct addr prefix = *a;
	size_t size = a->family == AF_INET6 ? 16 : 4;

	for (size_t i = len / 8u; i < size; i++)
		prefix.bytes[i] = 0;
	return prefix;
}

/* The rows still stand by address. */
static void count_nets(struct peer_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct peer_row *row = &t->rows[i];
		uint8_t len = row->remote.family == AF_INET6 ? NET_V6 : NET_V4;
		struct addr prefix = prefix_of(&row->remote, len);
		struct peer_net *net = t->n_nets ? &t->nets[t->n_nets - 1] : NULL;

		if (!net || !addr_equals(&net->prefix, &prefix)) {
			net = &t->nets[t->n_nets++];
			*net = (struct peer_net){.prefix = prefix, .prefix_len = len};
		}
		net->n += row->n;
		net->n_addresses++;
	}
}

static size_t n_addresses(const struct vec *ends)
{
	size_t n = 0;

	for (size_t i = 0; i < ends->n; i++)
		n += !i || by_address(vec_at(ends, i - 1), vec_at(ends, i)) != 0;
	return n;
}

static int fill(struct peer_table *t, const struct vec *ends)
{
	size_t room = n_addresses(ends);

	if (!room)
		return 0;
	t->rows = arena_alloc(&t->head.arena, room * sizeof(*t->rows));
	t->nets = arena_alloc(&t->head.arena, room * sizeof(*t->nets));
	if (!t->rows || !t->nets)
		return -ENOMEM;
	count_rows(t, ends);
	count_nets(t);
	qsort(t->rows, t->n, sizeof(*t->rows), most_first);
	qsort(t->nets, t->n_nets, sizeof(*t->nets), most_nets_first);
	return 0;
}

struct peer_table *peers_finish(struct peer_decoder *d)
{
	struct peer_table *t = table_new(sizeof(*t), NULL);

	if (d->ends.n)
		qsort(d->ends.data, d->ends.n, sizeof(struct end), by_address);
	if (t) {
		t->total = d->total;
		t->is_cut = d->is_cut;
		if (fill(t, &d->ends)) {
			table_unref(t);
			t = NULL;
		}
	}
	peers_reset(d);
	return t;
}
