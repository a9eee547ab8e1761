/* The table of sockets: its order, and that no socket is in it twice. Decodes nothing. */
#include "core/sockets/socket.h"

#include <stdlib.h>
#include <string.h>

static const char *const proto_words[N_PROTOS] = {
	[PROTO_TCP] = "tcp",
	[PROTO_UDP] = "udp",
	[PROTO_UDPLITE] = "udplite",
	[PROTO_MPTCP] = "mptcp",
};

const char *socket_proto_word(enum socket_proto p)
{
	return proto_words[p];
}

static int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

int socket_row_compare(const struct socket_row *a, const struct socket_row *b)
{
	int order = compare_u64(a->proto, b->proto);

	if (!order)
		order = compare_u64(a->port, b->port);
	if (!order)
		order = addr_compare(&a->local, &b->local);
	if (!order)
		order = compare_u64(a->ifindex, b->ifindex);
	if (!order)
		order = compare_u64(a->cookie, b->cookie);
	if (!order)
		order = compare_u64(a->inode, b->inode);
	return order;
}

static int by_place(const void *a, const void *b)
{
	return socket_row_compare(a, b);
}

static int by_cookie(const void *a, const void *b)
{
	const struct socket_row *x = a, *y = b;
	int order = compare_u64(x->cookie, y->cookie);

	return order ? order : socket_row_compare(x, y);
}

static bool has_same_cookie(const struct socket_row *a, const struct socket_row *b)
{
	return a->cookie && a->cookie == b->cookie;
}

/* Text tables tell no cookie: the same place and the same inode. */
static bool is_same_place(const struct socket_row *a, const struct socket_row *b)
{
	return (a->cookie || a->inode) && socket_row_compare(a, b) == 0;
}

/* Sorts, then keeps the first of neighbours that are the same socket. */
static void sort_unique(struct vec *rows, int (*order)(const void *, const void *),
			bool (*is_same)(const struct socket_row *,
					const struct socket_row *))
{
	struct socket_row *at = rows->data;
	size_t kept = 1;

	qsort(at, rows->n, sizeof(*at), order);
	for (size_t i = 1; i < rows->n; i++) {
		if (!is_same(&at[kept - 1], &at[i]))
			at[kept++] = at[i];
	}
	vec_truncate(rows, kept);
}

/*
 * A dump is no single moment: a socket may be told twice, even at two places. Of two rows
 * with one cookie the lower in order stays, so TCP before MPTCP (see diag.c).
 */
static int fill(struct socket_table *t, struct vec *rows)
{
	if (!rows->n)
		return 0;
	sort_unique(rows, by_cookie, has_same_cookie);
	sort_unique(rows, by_place, is_same_place);
	t->rows = arena_alloc(&t->head.arena, rows->n * sizeof(*t->rows));
	if (!t->rows)
		return -1;
	memcpy(t->rows, rows->data, rows->n * sizeof(*t->rows));
	t->n = rows->n;
	return 0;
}

struct socket_table *socket_table_new(struct vec *rows, bool from_text)
{
	struct socket_table *t = table_new(sizeof(*t), NULL);

	if (t) {
		t->from_text = from_text;
		if (fill(t, rows) < 0) {
			table_unref(t);
			t = NULL;
		}
	}
	vec_reset(rows);
	return t;
}
