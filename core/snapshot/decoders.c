/* The thin functions that give all decoders one shape. What rows mean is in their rooms. */
#include "core/snapshot/decoders.h"

#include "core/snapshot/by_value.h"
#include "core/snapshot/space_list.h"
#include "core/snapshot/tables.h"
#include "core/snapshot/text_sockets.h"
#include "core/sockets/diag.h"

/* The functions of decoder_NAME but for open_NAME() and finish_NAME(), and itself. */
#define SHAPE(name, free_it, decode_it, same, type, n_rows)                              \
	static void close_##name(void *d)                                                \
	{                                                                                \
		free_it(d);                                                              \
	}                                                                                \
	static int part_##name(void *d, const void *bytes, size_t len)                   \
	{                                                                                \
		return decode_it(d, bytes, len);                                         \
	}                                                                                \
	static bool same_##name(const void *a, const void *b)                            \
	{                                                                                \
		return same(a, b);                                                       \
	}                                                                                \
	static size_t count_##name(const void *table)                                    \
	{                                                                                \
		const type *t = table;                                                   \
                                                                                         \
		return n_rows;                                                           \
	}                                                                                \
	const struct decoder decoder_##name = {open_##name,   close_##name, part_##name, \
					       finish_##name, same_##name,  count_##name};

/* The whole of decoder_NAME, of one answer: made by PREFIX_new() and so on. */
#define SIMPLE(name, prefix, finish, same, type, n_rows) \
	static void *open_##name(const struct wanted *w) \
	{                                                \
		(void)w;                                 \
		return prefix##_new();                   \
	}                                                \
	static void *finish_##name(void *const *d)       \
	{                                                \
		return finish(d[0]);                     \
	}                                                \
	SHAPE(name, prefix##_free, prefix##_decode, same, type, n_rows)

SIMPLE(host, facts, facts_finish_host, tables_same_host, struct table, t ? 1 : 0)
SIMPLE(net, facts, facts_finish_net, tables_same_net, struct table, t ? 1 : 0)
SIMPLE(space_list, space_list, space_list_finish, space_list_is_same, struct space_list,
       t->n)
SIMPLE(owners, owners, owners_finish, tables_same_owners, struct owner_table,
       t->n_processes)
SIMPLE(cgroups, cgroups, cgroups_finish, tables_same_cgroups, struct cgroup_table, t->n)
SIMPLE(socket_units, socket_units, socket_units_finish, tables_same_units,
       struct socket_unit_table, t->n)

BY_VALUE(links, struct link_decoder)
SIMPLE(links, links, links_finish, tables_same_links, struct link_table, t->n)
BY_VALUE(addresses, struct address_decoder)
SIMPLE(addresses, addresses, addresses_finish, tables_same_addresses, struct address_table,
       t->n)
BY_VALUE(local_routes, struct local_route_decoder)
SIMPLE(local_routes, local_routes, local_routes_finish, tables_same_local_routes,
       struct local_route_table, t->n)

BY_VALUE(diag, struct diag_decoder)

static void *open_diag(const struct wanted *w)
{
	(void)w;
	return diag_new();
}

static void *finish_one(void *const *d)
{
	return diag_finish(d[0]);
}

/* Both families as one table. */
static void *finish_both(void *const *d)
{
	struct diag_decoder *v4 = d[0], *v6 = d[1];

	for (size_t i = 0; i < v6->rows.n; i++) {
		struct socket_row *row = vec_push(&v4->rows);

		if (!row)
			return NULL;
		*row = *(const struct socket_row *)vec_at(&v6->rows, i);
	}
	return diag_finish(v4);
}

#define DIAG(name, proto, finish)                                                       \
	static void *open_##name(const struct wanted *w)                                \
	{                                                                               \
		return open_diag(w);                                                    \
	}                                                                               \
	static void *finish_##name(void *const *d)                                      \
	{                                                                               \
		return finish(d);                                                       \
	}                                                                               \
	static int decode_##name(struct diag_decoder *d, const void *bytes, size_t len) \
	{                                                                               \
		return diag_decode(d, proto, bytes, len);                               \
	}                                                                               \
	SHAPE(name, diag_free, decode_##name, tables_same_sockets, struct socket_table, \
	      t->n)

DIAG(tcp, PROTO_TCP, finish_one)
DIAG(udp, PROTO_UDP, finish_both)
DIAG(mptcp, PROTO_MPTCP, finish_both)

static void *open_text_sockets(const struct wanted *w)
{
	return text_sockets_new(w->with_connections);
}

static void *finish_text_sockets(void *const *d)
{
	return text_sockets_finish(d[0]);
}

SHAPE(text_sockets, text_sockets_free, text_sockets_decode, text_sockets_are_same,
      struct text_sockets, t->tcp->n + t->udp->n)

static void *open_connections(const struct wanted *w)
{
	static const uint8_t none[8192];

	return connections_new(w->ports ? w->ports : none);
}

static void *finish_connections(void *const *d)
{
	return connections_finish(d[0]);
}

SHAPE(connections, connections_free, connections_decode, tables_same_connections,
      struct connection_table, t->n)
