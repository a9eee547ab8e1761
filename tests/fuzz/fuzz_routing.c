/* Any bytes as the parts of a dump of rules that choose tables of routes. */
#include <assert.h>

#include "core/network/routing.h"
#include "tests/fuzz/parts.h"

static void look(const struct routing_table *t, const struct routing_rule *r)
{
	struct routing_flow f = {.source = r->source,
				 .target = r->target,
				 .in = r->in,
				 .mark = r->mark,
				 .proto = r->proto};
	struct routing_flow plain = {.target = r->target, .in = text_of("lo")};
	const struct routing_rule *found = routing_decider(t, &f, &plain, r->table);
	struct str s = {0};

	assert(!found || found->table == r->table || !r->table);
	found = routing_decider(t, &f, &plain, 0);
	assert(!found || routing_fits(found, &f) == TRI_YES);
	routing_print(&s, r);
	for (size_t i = 0; i < s.len; i++)
		assert(s.data[i] >= ' ' && s.data[i] < 0x7f);
	str_release(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct routing_decoder d;
	struct routing_table *t;
	const uint8_t *bytes;
	size_t len;

	routing_init(&d);
	while (parts_next(&p, &bytes, &len))
		routing_decode(&d, bytes, len);
	t = routing_finish(&d);
	for (size_t i = 0; i < t->n && i < 64; i++)
		look(t, &t->rows[i]);
	table_unref(t);
	routing_release(&d);
	return 0;
}
