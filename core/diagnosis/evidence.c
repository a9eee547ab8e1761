/* Reading the evidence: how counters moved, who serves. Judges nothing. Which attempts
 * count is in sight.c. */
#include "core/diagnosis/evidence.h"

#include <netinet/in.h>

int64_t evidence_delta(const struct evidence *e, const char *counter)
{
	if (!e->counters || !e->counters_after)
		return -1;
	return counters_delta(e->counters, e->counters_after, counter);
}

int64_t evidence_rule_delta(const struct evidence *e, const struct fw_rule *rule_before)
{
	const struct fw_table *table;
	const struct fw_rule *after;

	if (!e->rules || !e->rules_after || !rule_before->has_counter)
		return -1;
	table = ruleset_table_of(e->rules, ruleset_chain(e->rules, rule_before));
	after = ruleset_find(e->rules_after, table, rule_before->handle);
	if (!after || !after->has_counter || after->packets < rule_before->packets)
		return -1;
	return (int64_t)(after->packets - rule_before->packets);
}

const struct socket_row *evidence_socket_after(const struct evidence *e,
					       const struct socket_row *s)
{
	const struct socket_table *tables[] = {e->listeners_after, e->datagrams_after[0],
					       e->datagrams_after[1]};

	for (size_t k = 0; k < sizeof(tables) / sizeof(tables[0]); k++)
		for (size_t i = 0; tables[k] && s->cookie && i < tables[k]->n; i++)
			if (tables[k]->rows[i].cookie == s->cookie)
				return &tables[k]->rows[i];
	return NULL;
}

size_t evidence_serving(const struct evidence *e, const struct endpoint **out, size_t room)
{
	bool is_tcp = e->target.proto == IPPROTO_TCP;
	size_t n = 0;

	for (size_t i = 0; i < e->snapshot->n_endpoints && n < room; i++) {
		const struct endpoint *p = &e->snapshot->endpoints[i];

		if (p->space == e->space && p->port == e->target.port &&
		    endpoint_is_stream(p) == is_tcp)
			out[n++] = p;
	}
	return n;
}

struct path_world evidence_world(const struct evidence *e)
{
	return (struct path_world){.snapshot = e->snapshot,
				   .space = e->space,
				   .rules = e->rules,
				   .settings = e->settings,
				   .neighbours = e->neighbours,
				   .programs = e->programs,
				   .responses = e->responses,
				   .wall_ns = e->now_ns,
				   .utc_offset_s = e->utc_offset_s};
}
