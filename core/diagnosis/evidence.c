/* Reading the evidence: what is of the target, how counters moved. Judges nothing. */
#include "core/diagnosis/evidence.h"

#include <netinet/in.h>

static bool is_address_of_target(const struct evidence *e, const struct addr *server)
{
	struct addr plain = addr_unmapped(server);

	if (e->target.address.family)
		return addr_equals(&plain, &e->target.address);
	/* SYNs on their way to other hosts are not ours to count. */
	return !e->space || address_is_here(e->space->addresses, e->space->local_routes,
					    &plain) != TRI_NO;
}

static bool is_client_of_target(const struct evidence *e, const struct attempt *a)
{
	struct addr plain = addr_unmapped(&a->client);

	if (!e->target.client.family)
		return true;
	return addr_equals(&plain, &e->target.client) &&
	       (!e->target.client_port || e->target.client_port == a->client_port);
}

static bool is_port_of_target(const struct evidence *e, const struct attempt *a)
{
	return a->proto == e->target.proto && a->server_port == e->target.port &&
	       is_address_of_target(e, &a->server);
}

bool evidence_is_of_target(const struct evidence *e, const struct attempt *a)
{
	return is_port_of_target(e, a) && is_client_of_target(e, a);
}

static void count(struct sightings *out, const struct attempt *a, size_t i)
{
	const size_t room = sizeof(out->rows) / sizeof(out->rows[0]);

	/* The newest stay: the first half makes room. */
	if (out->n == room) {
		for (size_t k = 0; k < room / 2; k++)
			out->rows[k] = out->rows[room / 2 + k];
		out->n = room / 2;
	}
	out->rows[out->n++] = (uint32_t)i;
	out->n_all++;
	out->n_outcomes[a->outcome]++;
	out->n_syns += a->n_syns;
	out->n_repeats += a->n_syns ? a->n_syns - 1 : 0;
	if (!out->first_ns || a->first_ns < out->first_ns)
		out->first_ns = a->first_ns;
	if (a->last_ns > out->last_ns)
		out->last_ns = a->last_ns;
}

void evidence_sight_at(const struct evidence *e, const struct addr *server,
		       struct sightings *out)
{
	*out = (struct sightings){0};
	for (size_t i = 0; i < attempts_n(e->attempts); i++) {
		const struct attempt *a = attempts_at(e->attempts, i);
		struct addr plain = addr_unmapped(&a->server);

		if (!is_port_of_target(e, a))
			out->n_elsewhere++;
		else if (server->family && !addr_equals(server, &plain))
			out->n_others++;
		else if (!is_client_of_target(e, a))
			out->n_others++;
		else
			count(out, a, i);
	}
}

void evidence_sight(const struct evidence *e, struct sightings *out)
{
	struct addr any = {0};

	evidence_sight_at(e, &any, out);
}

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
