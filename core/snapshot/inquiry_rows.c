/* The thin functions that give the decoders of answers one shape. */
#include "core/snapshot/inquiry_rows.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "core/snapshot/by_value.h"
#include "core/snapshot/sources.h"
#include "core/sockets/diag.h"

#define NOTHING_TO_KNOW \
	(void)s;        \
	(void)q

#define OPEN_OF(prefix)                                             \
	static void *open_##prefix(const struct inquiry_setting *s, \
				   const struct question *q)        \
	{                                                           \
		NOTHING_TO_KNOW;                                    \
		return prefix##_new();                              \
	}

#define PARTS_OF(prefix)                                                   \
	static void close_##prefix(void *d)                                \
	{                                                                  \
		prefix##_free(d);                                          \
	}                                                                  \
	static int decode_##prefix(void *d, const void *bytes, size_t len) \
	{                                                                  \
		return prefix##_decode(d, bytes, len);                     \
	}

#define REST_OF(prefix)                                  \
	PARTS_OF(prefix)                                 \
	static void *finish_##prefix(void *d, int error) \
	{                                                \
		(void)error;                             \
		return prefix##_finish(d);               \
	}

/* A decoder that is made by PREFIX_new() and gives its table by PREFIX_finish(). */
#define MADE(prefix)    \
	OPEN_OF(prefix) \
	REST_OF(prefix)

#define ROW(prefix)                                                                \
	.open = open_##prefix, .close = close_##prefix, .decode = decode_##prefix, \
	.finish = finish_##prefix

MADE(counters)
MADE(settings)
MADE(conntrack)
MADE(process_states)
MADE(programs)
MADE(handshakes)
MADE(unit_states)
MADE(fw_mark)
MADE(clients)

BY_VALUE(neighbours, struct neighbour_decoder)
MADE(neighbours)
BY_VALUE(ipsec, struct ipsec_decoder)
MADE(ipsec)
BY_VALUE(routing, struct routing_decoder)
MADE(routing)
BY_VALUE(bridges, struct bridge_decoder)
MADE(bridges)

static void *open_logs(const struct inquiry_setting *s, const struct question *q)
{
	(void)q;
	return logs_new(s->utc_offset_s, s->wall_ns);
}
REST_OF(logs)

static void *open_changes(const struct inquiry_setting *s, const struct question *q)
{
	(void)q;
	return changes_new(s->utc_offset_s);
}
REST_OF(changes)

MADE(member)
MADE(reach)

OPEN_OF(ruleset)
PARTS_OF(ruleset)

/* Without nf_tables there are legacy tables, or no rules: that is known, not missing. */
static void *finish_ruleset(void *d, int error)
{
	struct ruleset *r = ruleset_finish(d);

	if (r && error == ENOPKG)
		r->has_nothing = !r->n_tables;
	return r;
}

static void *open_route(const struct inquiry_setting *s, const struct question *q)
{
	struct route_decoder *d = malloc(sizeof(*d));

	NOTHING_TO_KNOW;
	if (d)
		routes_init(d);
	return d;
}

static int decode_route(void *d, const void *bytes, size_t len)
{
	return routes_decode(d, bytes, len);
}

static void *finish_route(void *d, int error)
{
	return routes_finish(d, error);
}

/* The table itself is the decoder: given away at the end. */
static void *open_names(const struct inquiry_setting *s, const struct question *q)
{
	NOTHING_TO_KNOW;
	return names_answer_new();
}

static int decode_names(void *d, const void *bytes, size_t len)
{
	return names_answer_decode(d, bytes, len);
}

static void *finish_names(void *d, int error)
{
	struct names_answer *t = table_ref(d);

	if (!t->n && !t->error)
		t->error = error;
	return t;
}

/* Small and in one part. */
struct probe_parts {
	struct probe_result *result;
};

static void *open_probe(const struct inquiry_setting *s, const struct question *q)
{
	NOTHING_TO_KNOW;
	return calloc(1, sizeof(struct probe_parts));
}

static void close_probe(void *d)
{
	struct probe_parts *p = d;

	if (p)
		table_unref(p->result);
	free(p);
}

static int decode_probe(void *d, const void *bytes, size_t len)
{
	struct probe_parts *p = d;

	table_unref(p->result);
	p->result = probe_decode(bytes, len);
	return p->result ? 0 : -EBADMSG;
}

static void *finish_probe(void *d, int error)
{
	struct probe_parts *p = d;

	(void)error;
	return table_ref(p->result);
}

BY_VALUE(diag, struct diag_decoder)
OPEN_OF(diag)

static void close_diag(void *d)
{
	diag_free(d);
}

static int decode_datagrams(void *d, const void *bytes, size_t len)
{
	return diag_decode(d, PROTO_UDP, bytes, len);
}

static int decode_diag(void *d, const void *bytes, size_t len)
{
	return diag_decode(d, PROTO_TCP, bytes, len);
}

static void *finish_diag(void *d, int error)
{
	(void)error;
	return diag_finish(d);
}

static void *open_connections(const struct inquiry_setting *s, const struct question *q)
{
	uint8_t ports[8192] = {0};

	(void)s;
	ports[q->port / 8] = (uint8_t)(1u << (q->port % 8));
	return connections_new(ports);
}
REST_OF(connections)

static void *open_peers(const struct inquiry_setting *s, const struct question *q)
{
	(void)s;
	return peers_new(q->port);
}
REST_OF(peers)

const struct inquiry_row inquiry_rows[N_QUESTION_KINDS] = {
	[QUESTION_RULESET] = {ROW(ruleset), .none_error = ENOPKG},
	[QUESTION_MEMBER] = {ROW(member)},
	[QUESTION_ROUTE] = {.open = open_route,
			    .close = free,
			    .decode = decode_route,
			    .finish = finish_route,
			    .takes_errors = true},
	[QUESTION_NEIGHBOURS] = {ROW(neighbours)},
	[QUESTION_COUNTERS] = {ROW(counters)},
	[QUESTION_SETTINGS] = {ROW(settings)},
	[QUESTION_CONNTRACK] = {ROW(conntrack), .none_error = ENOPKG},
	[QUESTION_PROCESSES] = {ROW(process_states)},
	[QUESTION_LOGS] = {ROW(logs)},
	[QUESTION_CHANGES] = {ROW(changes)},
	[QUESTION_NAMES] = {.open = open_names,
			    .close = table_unref,
			    .decode = decode_names,
			    .finish = finish_names},
	[QUESTION_PROBE] = {ROW(probe)},
	[QUESTION_REACH] = {ROW(reach)},
	[QUESTION_LISTENERS] = {ROW(diag)},
	[QUESTION_CONNECTIONS] = {ROW(connections)},
	[QUESTION_PROGRAMS] = {ROW(programs)},
	[QUESTION_HANDSHAKES] = {ROW(handshakes)},
	[QUESTION_DATAGRAMS] = {.open = open_diag,
				.close = close_diag,
				.decode = decode_datagrams,
				.finish = finish_diag},
	[QUESTION_UNITS] = {ROW(unit_states), .none_error = ENOPKG},
	[QUESTION_REMOTE] = {ROW(clients)},
	[QUESTION_JOINED] = {ROW(clients)},
	[QUESTION_GENERATION] = {ROW(fw_mark), .none_error = ENOPKG},
	[QUESTION_PEERS] = {ROW(peers)},
	[QUESTION_IPSEC] = {ROW(ipsec), .none_error = ENOPKG},
	[QUESTION_ROUTING] = {ROW(routing), .none_error = EOPNOTSUPP},
	[QUESTION_BRIDGES] = {ROW(bridges)},
};

/* Of one port, in states that no source of the refresh asks for together: a recording tells
 * them apart. */
static struct request handshakes(void)
{
	return (struct request){
		.kind = REQUEST_SOCK_DIAG,
		.sock_diag = {.protocol = IPPROTO_TCP, .states = HANDSHAKE_STATES}};
}

static struct request peers(void)
{
	return (struct request){
		.kind = REQUEST_SOCK_DIAG,
		.sock_diag = {.protocol = IPPROTO_TCP, .states = PEER_STATES}};
}

/* The extension INET_DIAG_MEMINFO is asked for to be told apart in the same way. */
static struct request datagrams(uint8_t family)
{
	return (struct request){.kind = REQUEST_SOCK_DIAG,
				.sock_diag = {.family = family,
					      .protocol = IPPROTO_UDP,
					      .states = DIAG_UDP_STATES,
					      .extensions = DIAG_EXTENSIONS | 1}};
}

static struct request by_kind(const struct question *q)
{
	switch (q->kind) {
	case QUESTION_RULESET:
		return (struct request){.kind = q->round >= ROUND_STANDING
							? REQUEST_STANDING_RULES
							: REQUEST_RULESET};
	case QUESTION_MEMBER:
		return (struct request){.kind = REQUEST_MEMBER, .member = q->member};
	case QUESTION_ROUTE:
		return (struct request){.kind = REQUEST_ROUTE, .route = q->route};
	case QUESTION_NEIGHBOURS:
		return (struct request){.kind = REQUEST_RTNETLINK,
					.rtnetlink = {RTNL_NEIGHBOURS}};
	case QUESTION_COUNTERS:
		return (struct request){.kind = REQUEST_FILES, .files = {FILES_COUNTERS}};
	case QUESTION_SETTINGS:
		return (struct request){.kind = REQUEST_FILES, .files = {FILES_SETTINGS}};
	case QUESTION_CONNTRACK:
		return (struct request){.kind = REQUEST_CONNTRACK,
					.conntrack = q->conntrack};
	case QUESTION_PROCESSES:
		return (struct request){.kind = REQUEST_PROCESSES,
					.processes = q->processes};
	case QUESTION_LOGS:
		return (struct request){.kind = REQUEST_LOGS, .logs = q->past};
	case QUESTION_CHANGES:
		return (struct request){.kind = REQUEST_CHANGES, .changes = q->past};
	case QUESTION_NAMES:
		return (struct request){.kind = REQUEST_NAMES, .names = q->names};
	case QUESTION_PROBE:
		return (struct request){.kind = REQUEST_PROBE, .probe = q->probe};
	case QUESTION_REACH:
		return (struct request){.kind = REQUEST_REACH, .reach = q->reach};
	case QUESTION_LISTENERS:
		return sources[FROM_TCP].request;
	case QUESTION_CONNECTIONS:
		return sources[FROM_CONNECTIONS].request;
	case QUESTION_PROGRAMS:
		return (struct request){.kind = REQUEST_PROGRAMS};
	case QUESTION_HANDSHAKES:
		return handshakes();
	case QUESTION_DATAGRAMS:
		return datagrams(q->datagrams.family);
	case QUESTION_UNITS:
		return (struct request){.kind = REQUEST_UNITS};
	case QUESTION_REMOTE:
		return (struct request){.kind = REQUEST_REMOTE, .remote = *q->remote};
	case QUESTION_JOINED:
		return (struct request){.kind = REQUEST_JOINED};
	case QUESTION_GENERATION:
		return (struct request){.kind = REQUEST_GENERATION};
	case QUESTION_PEERS:
		return peers();
	case QUESTION_IPSEC:
		return (struct request){.kind = REQUEST_IPSEC};
	case QUESTION_ROUTING:
		return (struct request){.kind = REQUEST_RTNETLINK,
					.rtnetlink = {RTNL_RULES}};
	case QUESTION_BRIDGES:
		return (struct request){.kind = REQUEST_BRIDGES};
	case N_QUESTION_KINDS:
		break;
	}
	return (struct request){0};
}

struct request inquiry_request(const struct question *q, const struct netns_ref *space)
{
	struct request r = by_kind(q);

	/* The user's ssh goes out from where the user is. */
	if (q->kind != QUESTION_REMOTE && q->kind != QUESTION_JOINED)
		r.netns = *space;
	if (q->kind == QUESTION_DATAGRAMS)
		r.sock_diag.port_low = r.sock_diag.port_high = q->datagrams.port;
	if (q->kind == QUESTION_CONNECTIONS || q->kind == QUESTION_HANDSHAKES ||
	    q->kind == QUESTION_PEERS)
		r.sock_diag.port_low = r.sock_diag.port_high = q->port;
	return r;
}
