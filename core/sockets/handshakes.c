/*
 * A dump of one port's listeners and unfinished handshakes -> rows. Framing and attributes
 * by libnl. Keeps nothing of what a handshake or a listener may hold besides.
 */
#include "core/sockets/handshakes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/messages.h"
#include "core/base/rows.h"

enum { STATE_SYN_RECV = 3, STATE_LISTEN = 10, STATE_NEW_SYN_RECV = 12 };
enum { HANDSHAKES_MAX = 20000 };

struct handshake_decoder {
	struct vec rows, listeners;
	bool is_cut;
};

struct handshake_decoder *handshakes_new(void)
{
	struct handshake_decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->rows = VEC_OF(struct handshake_row);
	d->listeners = VEC_OF(struct listener_row);
	return d;
}

void handshakes_free(struct handshake_decoder *d)
{
	if (!d)
		return;
	vec_release(&d->rows);
	vec_release(&d->listeners);
	free(d);
}

static struct addr plain(int family, const uint32_t *bytes)
{
	struct addr a = addr_from(family, bytes);

	return addr_unmapped(&a);
}

static uint64_t cookie_of(const struct inet_diag_sockid *id)
{
	return (uint64_t)id->idiag_cookie[1] << 32 | id->idiag_cookie[0];
}

static int take_handshake(struct handshake_decoder *d, const struct inet_diag_msg *m)
{
	struct handshake_row *row;

	if (d->rows.n == HANDSHAKES_MAX) {
		d->is_cut = true;
		return 0;
	}
	row = vec_push(&d->rows);
	if (!row)
		return -ENOMEM;
	*row = (struct handshake_row){
		.local = plain(m->idiag_family, m->id.idiag_src),
		.remote = plain(m->idiag_family, m->id.idiag_dst),
		.remote_port = ntohs(m->id.idiag_dport),
		.n_repeats = m->idiag_retrans,
		.due_ms = m->idiag_timer ? m->idiag_expires : 0,
	};
	return 0;
}

static enum tri may_be_absent(const struct nlattr *options)
{
	struct inet_diag_sockopt bits;

	if (!options || nla_len(options) < (int)sizeof(bits))
		return TRI_UNSURE;
	memcpy(&bits, nla_data(options), sizeof(bits));
	return bits.freebind || bits.transparent ? TRI_YES : TRI_NO;
}

static int take_listener(struct handshake_decoder *d, const struct nlmsghdr *h)
{
	static const unsigned char sizes[INET_DIAG_SOCKOPT + 1];
	const struct inet_diag_msg *m = nlmsg_data(h);
	struct nlattr *attr[INET_DIAG_SOCKOPT + 1];
	int error = messages_attributes(h, sizeof(*m), attr, INET_DIAG_SOCKOPT, sizes);
	struct listener_row *row;

	if (error)
		return error;
	row = vec_push(&d->listeners);
	if (!row)
		return -ENOMEM;
	*row = (struct listener_row){
		.cookie = cookie_of(&m->id),
		.local = plain(m->idiag_family, m->id.idiag_src),
		.may_be_absent = may_be_absent(attr[INET_DIAG_SOCKOPT]),
	};
	return 0;
}

static int decode_message(void *context, const struct nlmsghdr *h)
{
	const struct inet_diag_msg *m = nlmsg_data(h);

	if (h->nlmsg_type != SOCK_DIAG_BY_FAMILY && h->nlmsg_type != TCPDIAG_GETSOCK)
		return -EBADMSG;
	if (m->idiag_family != AF_INET && m->idiag_family != AF_INET6)
		return -EBADMSG;
	if (m->idiag_state == STATE_LISTEN)
		return take_listener(context, h);
	if (m->idiag_state == STATE_SYN_RECV || m->idiag_state == STATE_NEW_SYN_RECV)
		return take_handshake(context, m);
	return 0;
}

int handshakes_decode(struct handshake_decoder *d, const void *bytes, size_t len)
{
	return messages_each(bytes, len, 0, sizeof(struct inet_diag_msg), decode_message,
			     d);
}

/* ---- the table ---- */

static int compare_rows(const void *a, const void *b)
{
	const struct handshake_row *x = a, *y = b;
	int order = addr_compare(&x->remote, &y->remote);

	if (!order)
		order = (x->remote_port > y->remote_port) -
			(x->remote_port < y->remote_port);
	return order ? order : addr_compare(&x->local, &y->local);
}

static int compare_listeners(const void *a, const void *b)
{
	const struct listener_row *x = a, *y = b;

	return (x->cookie > y->cookie) - (x->cookie < y->cookie);
}

struct handshake_table *handshakes_finish(struct handshake_decoder *d)
{
	struct handshake_table *t = table_new(sizeof(*t), NULL);
	struct arena *a = t ? &t->head.arena : NULL;

	if (t) {
		t->rows = rows_freeze_once(a, &d->rows, compare_rows, &t->n);
		t->listeners = rows_freeze_once(a, &d->listeners, compare_listeners,
						&t->n_listeners);
		t->is_cut = d->is_cut;
	}
	if (t && (!t->rows || !t->listeners)) {
		table_unref(t);
		t = NULL;
	}
	vec_reset(&d->rows);
	vec_reset(&d->listeners);
	d->is_cut = false;
	return t;
}

size_t handshakes_of(const struct handshake_table *t, const struct addr *client,
		     uint8_t *n_repeats)
{
	size_t n = 0;

	*n_repeats = 0;
	for (size_t i = 0; t && i < t->n; i++) {
		const struct handshake_row *row = &t->rows[i];

		if (client->family && !addr_equals(&row->remote, client))
			continue;
		n++;
		if (row->n_repeats > *n_repeats)
			*n_repeats = row->n_repeats;
	}
	return n;
}

const struct listener_row *handshakes_listener(const struct handshake_table *t,
					       uint64_t cookie)
{
	struct listener_row key = {.cookie = cookie};

	if (!t || !t->n_listeners || !cookie)
		return NULL;
	return bsearch(&key, t->listeners, t->n_listeners, sizeof(key), compare_listeners);
}
