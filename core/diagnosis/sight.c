/* Which attempts count as evidence, and how they are counted. Finds no fault. */
#include "core/diagnosis/sight.h"

#include <netinet/in.h>
#include <stdio.h>

#include "core/base/time.h"

/* This host answers at once; a backend behind it in less than this. */
#define PATIENCE_NS (500 * NS_PER_MS)
/* From one device of this host to the other, also under load. */
#define SAME_PACKET_NS (100 * NS_PER_MS)

/* Counters say nothing of what came before them or after. */
static bool is_in_window(const struct evidence *e, const struct attempt *a)
{
	if (a->last_ns < e->window_start_ns && a->answered_ns < e->window_start_ns)
		return false;
	return !e->has_window_ended || !e->window_end_ns || a->first_ns <= e->window_end_ns;
}

static bool is_our_probe(const struct evidence *e, const struct attempt *a)
{
	return e->probe && e->probe->source_port &&
	       e->probe->source_port == a->client_port &&
	       addr_equals(&e->probe->source, &a->client);
}

static bool has_same_server(const struct attempt *a, const struct attempt *b)
{
	struct addr one = addr_unmapped(&a->server), other = addr_unmapped(&b->server);

	return a->server_port == b->server_port && addr_equals(&one, &other);
}

static bool has_same_client(const struct attempt *a, const struct attempt *b)
{
	struct addr one = addr_unmapped(&a->client), other = addr_unmapped(&b->client);

	return a->client_port == b->client_port && addr_equals(&one, &other);
}

/* A translation changes addresses and ports and leaves the sequence number. */
bool sight_is_same_packet(const struct attempt *a, const struct attempt *b)
{
	if (a->proto != b->proto || b->first_ns < a->first_ns || has_same_server(a, b))
		return false;
	if (a->proto == IPPROTO_TCP)
		return a->sequence == b->sequence &&
		       b->first_ns - a->first_ns <= SAME_PACKET_NS;
	return has_same_client(a, b);
}

/* Only of attempts at other hosts: there are few where this host is none's router. */
static bool is_translated_copy(const struct evidence *e, const struct attempt *b)
{
	for (size_t i = 0; i < attempts_n(e->attempts); i++) {
		const struct attempt *a = attempts_at(e->attempts, i);

		if (a != b && sight_is_same_packet(a, b))
			return true;
	}
	return false;
}

static enum tri is_here(const struct evidence *e, const struct addr *a)
{
	return e->space ? address_is_here(e->space->addresses, e->space->local_routes, a)
			: TRI_UNSURE;
}

static bool is_address_of_target(const struct evidence *e, const struct attempt *a)
{
	struct addr plain = addr_unmapped(&a->server);

	if (e->target.address.family)
		return addr_equals(&plain, &e->target.address);
	/* Of a client that was named, what comes to this host at all is meant for it. */
	if (e->target.is_client_named && e->target.role == AIM_SERVER &&
	    !a->is_to_other_mac)
		return is_here(e, &plain) != TRI_NO || !is_translated_copy(e, a);
	/* SYNs on their way to other hosts are not ours to count. */
	return is_here(e, &plain) != TRI_NO;
}

bool sight_is_at_port(const struct evidence *e, const struct attempt *a)
{
	return a->server_port == e->target.port && a->proto == e->target.proto &&
	       is_in_window(e, a) && !is_our_probe(e, a) && is_address_of_target(e, a);
}

bool evidence_is_of_target(const struct evidence *e, const struct attempt *a)
{
	struct addr plain = addr_unmapped(&a->client);

	if (e->target.client.family &&
	    (!addr_equals(&plain, &e->target.client) ||
	     (e->target.client_port && e->target.client_port != a->client_port)))
		return false;
	return sight_is_at_port(e, a);
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

static bool is_by(const struct attempt *a, const struct addr *client)
{
	struct addr plain = addr_unmapped(&a->client);

	return !client->family || addr_equals(&plain, client);
}

static bool is_at(const struct attempt *a, const struct addr *server)
{
	struct addr plain = addr_unmapped(&a->server);

	return !server->family || addr_equals(&plain, server);
}

void sight_of(const struct evidence *e, const struct addr *server,
	      const struct addr *client, struct sightings *out)
{
	*out = (struct sightings){0};
	for (size_t i = 0; i < attempts_n(e->attempts); i++) {
		const struct attempt *a = attempts_at(e->attempts, i);

		if (a->server_port != e->target.port || a->proto != e->target.proto)
			out->n_elsewhere++;
		else if (!sight_is_at_port(e, a))
			continue;
		else if (is_at(a, server) && is_by(a, client) &&
			 evidence_is_of_target(e, a))
			count(out, a, i);
		else
			out->n_others++;
	}
}

void evidence_sight_at(const struct evidence *e, const struct addr *server,
		       struct sightings *out)
{
	struct addr anybody = {0};

	sight_of(e, server, &anybody, out);
}

void evidence_sight(const struct evidence *e, struct sightings *out)
{
	struct addr any = {0};

	evidence_sight_at(e, &any, out);
}

bool sight_is_open(const struct attempt *a)
{
	return a->outcome == OUTCOME_ANSWERED || a->outcome == OUTCOME_RESET_LATER;
}

bool sight_has_failed(const struct evidence *e, const struct attempt *a)
{
	int64_t now_ns = e->has_window_ended ? e->window_end_ns : e->now_ns;

	if (sight_is_open(a))
		return false;
	return a->outcome != OUTCOME_OPEN || a->n_syns > 1 ||
	       now_ns - a->first_ns >= PATIENCE_NS;
}

uint32_t sightings_n_open(const struct sightings *s)
{
	return s->n_outcomes[OUTCOME_ANSWERED] + s->n_outcomes[OUTCOME_RESET_LATER];
}

bool sightings_got_bytes(const struct evidence *e, const struct sightings *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (attempts_at(e->attempts, s->rows[i])->server_bytes != BYTES_NONE)
			return true;
	return false;
}

bool sight_has_open_handshakes(const struct evidence *e)
{
	enum { SYN_RECV = 3 }; /* tcp_states.h */
	const struct connection_table *t = e->connections_after;

	for (size_t i = 0; t && i < t->n; i++)
		if (t->rows[i].port == e->target.port && t->rows[i].counts[SYN_RECV])
			return true;
	return false;
}

bool sight_is_lossy(const struct evidence *e)
{
	const struct capture_state *s = &e->attempts->state;

	return s->n_kernel_drops || s->n_device_drops || s->n_evicted || s->n_not_told ||
	       e->attempts->n_forgotten || e->attempts->error;
}

const char *sightings_span(const struct sightings *s, char out[TIME_TEXT_MAX])
{
	int64_t span_ns = s->last_ns - s->first_ns;
	char span[TIME_TEXT_MAX];

	if (s->n_syns < 2)
		return "";
	if (span_ns < NS_PER_S)
		return " in under a second";
	snprintf(out, TIME_TEXT_MAX, " in %.*s", TIME_TEXT_MAX - (int)sizeof(" in "),
		 time_span(span_ns, span));
	return out;
}
