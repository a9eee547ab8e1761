/* A host, hand-made counts of its ports, and their clock. Include cmocka.h first. */
#ifndef TESTS_UNIT_TRAFFIC_WATCH_H
#define TESTS_UNIT_TRAFFIC_WATCH_H

#include <errno.h>
#include <netinet/in.h>

#include "core/base/time.h"
#include "core/snapshot/traffic.h"
#include "core/wire/records.h"
#include "tests/unit/by_hand.h"

#define START_NS (INT64_C(1795354200) * NS_PER_S) /* a whole minute */
#define HERE     "10.0.0.5"

/* A host, its capture, and the seconds since that began. */
struct watch {
	struct traffic *traffic;
	struct snapshot *snapshot;
	int64_t second;
};

static const struct hand_socket usual_sockets[] = {
	{.proto = PROTO_TCP, .local = "0.0.0.0", .port = 80, .inode = 1},
	{.proto = PROTO_TCP, .local = HERE, .port = 80, .inode = 2},
	{.proto = PROTO_TCP, .local = "::", .port = 443, .inode = 3},
	{.proto = PROTO_TCP, .local = "127.0.0.1", .port = 5432, .inode = 4},
	{.proto = PROTO_UDP, .local = "0.0.0.0", .port = 53, .inode = 5},
	{.proto = PROTO_TCP, .local = "::", .port = 8000, .inode = 6, .v6only = TRI_YES},
	{0}};

static inline struct snapshot *host_with(const struct hand_socket *sockets)
{
	static const char *const own[] = {HERE, "127.0.0.1", "2001:db8::5"};
	struct snapshot *s = hand_snapshot();
	struct address_table *a = table_new(sizeof(*a), NULL);
	struct local_route_table *r = table_new(sizeof(*r), NULL);

	a->rows = arena_alloc(&a->head.arena, N_OF(own) * sizeof(*a->rows));
	for (size_t i = 0; i < N_OF(own); i++)
		a->rows[a->n++].local = hand_addr(own[i]);
	s->spaces[0].addresses = a;
	s->spaces[0].local_routes = r;
	hand_sockets(&s->spaces[0], sockets);
	assert_int_equal(snapshot_link(s, NULL), 0);
	return s;
}

static inline int take(struct watch *w, const struct record *r)
{
	uint8_t bytes[RECORD_MAX];

	return traffic_take(w->traffic, bytes, record_put(bytes, r));
}

/* The end of a second. */
static inline int tick(struct watch *w)
{
	struct record r = {.kind = RECORD_STATE};

	r.state.is_ready = true;
	r.state.wall_ns = START_NS + ++w->second * NS_PER_S;
	return take(w, &r);
}

static inline void ticks(struct watch *w, int n)
{
	for (int i = 0; i < n; i++)
		tick(w);
}

static inline void start(struct watch *w)
{
	struct record r = {.kind = RECORD_STATE};

	*w = (struct watch){.traffic = traffic_new(), .snapshot = host_with(usual_sockets)};
	assert_non_null(w->traffic);
	r.state.is_ready = true;
	r.state.wall_ns = START_NS;
	assert_int_equal(take(w, &r), 1);
	table_unref(traffic_look(w->traffic, w->snapshot));
}

static inline void end(struct watch *w)
{
	traffic_free(w->traffic);
	table_unref(w->snapshot);
}

/* SYNs of a client in this second, and how as many were decided. */
static inline void syns(struct watch *w, const char *client, const char *server,
			unsigned port, uint32_t n, enum outcome outcome)
{
	struct record r = {.kind = RECORD_PORT};

	r.port.proto = IPPROTO_TCP;
	r.port.port = (uint16_t)port;
	r.port.server = hand_addr(server);
	r.port.client = hand_addr(client);
	r.port.n_syns = r.port.n_attempts = n;
	r.port.n_clients = 1;
	r.port.n_outcomes[outcome] = outcome == OUTCOME_OPEN ? 0 : n;
	r.port.since_ns = START_NS + w->second * NS_PER_S;
	r.port.until_ns = r.port.since_ns + NS_PER_S;
	assert_int_equal(take(w, &r), 0);
}

/* The row of an endpoint, by port and address. */
static inline const struct traffic_row *row_of(const struct watch *w,
					       const struct traffic_table *t, unsigned port,
					       const char *address)
{
	struct addr a = hand_addr(address);

	assert_int_equal(t->n_rows, w->snapshot->n_endpoints);
	for (size_t i = 0; i < t->n_rows; i++)
		if (w->snapshot->endpoints[i].port == port &&
		    addr_equals(&w->snapshot->endpoints[i].address, &a))
			return &t->rows[i];
	fail_msg("no endpoint %s:%u", address, port);
	return NULL;
}

static inline uint32_t sum(const struct traffic_row *row)
{
	uint32_t n = 0;

	for (size_t i = 0; i < TRAFFIC_SLOTS; i++)
		n += row->syns[i];
	return n;
}

#endif
