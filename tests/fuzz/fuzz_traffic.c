/* Any records as the dashboard's capture, joined with a host again and again: sums stay
 * within what was told, and every place is one of the picture. */
#include <stdlib.h>

#include "core/snapshot/traffic.h"
#include "tests/fuzz/parts.h"
#include "tests/unit/by_hand.h"

static struct snapshot *host(void)
{
	static const struct hand_socket sockets[] = {SOCK(PROTO_TCP, "0.0.0.0", 80, 1),
						     SOCK(PROTO_TCP, "10.0.0.5", 80, 2),
						     SOCK(PROTO_TCP, "::", 443, 3),
						     SOCK(PROTO_TCP, "127.0.0.1", 5432, 4),
						     {0}};
	struct snapshot *s = hand_snapshot();
	struct address_table *a = table_new(sizeof(*a), NULL);

	a->rows = arena_alloc(&a->head.arena, sizeof(*a->rows));
	a->rows[a->n++].local = hand_addr("10.0.0.5");
	s->spaces[0].addresses = a;
	s->spaces[0].local_routes = table_new(sizeof(*s->spaces[0].local_routes), NULL);
	hand_sockets(&s->spaces[0], sockets);
	if (snapshot_link(s, NULL))
		abort();
	return s;
}

static void look(struct traffic *t, const struct snapshot *s)
{
	struct traffic_table *table = traffic_look(t, s);

	if (!table || table->n_rows != s->n_endpoints || table->n_failing > table->n_rows)
		abort();
	for (size_t i = 0; i < table->n_rows; i++)
		if (table->rows[i].answer >= N_TRAFFIC_ANSWERS ||
		    table->rows[i].n_slots >= TRAFFIC_SLOTS)
			abort();
	for (size_t i = 0; i < table->n_others; i++)
		if (!table->others[i].n_clients ||
		    (table->others[i].relation != RELATED_NOT &&
		     table->others[i].related >= s->n_endpoints))
			abort();
	table_unref(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct traffic *t = traffic_new();
	struct snapshot *s = host();
	struct parts parts = parts_of(data, size);
	const uint8_t *bytes;
	size_t len;

	look(t, s);
	while (parts_next(&parts, &bytes, &len)) {
		traffic_take(t, bytes, len);
		look(t, s);
	}
	traffic_end(t, 0);
	look(t, s);
	table_unref(s);
	traffic_free(t);
	return 0;
}
