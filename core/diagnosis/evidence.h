/*
 * Everything that one diagnosis has seen, in one place for the checks. All is borrowed but
 * what is marked; a table that is NULL was not read, and missing says why.
 */
#ifndef CORE_DIAGNOSIS_EVIDENCE_H
#define CORE_DIAGNOSIS_EVIDENCE_H

#include "core/firewall/trace.h"
#include "core/network/drops.h"
#include "core/path/path.h"
#include "core/snapshot/question.h"
#include "core/snapshot/snapshot.h"
#include "core/wire/attempts.h"

enum aim_role { AIM_SERVER, AIM_ROUTER, AIM_CLIENT };

/* What is diagnosed: one protocol and port of one address. */
struct aim {
	uint8_t proto;
	uint16_t port;
	struct addr address; /* none: whatever address of this host the SYNs go to */
	struct addr client;  /* --from; none: anybody */
	uint16_t client_port;
	enum aim_role role;
	bool is_client_named; /* the person says that it is trying */
	struct text name;     /* as typed, where a name was; none */
};

/* One family of the target: the address that is walked. */
enum { WALKS_MAX = 4 };
struct walk {
	struct addr server, client; /* client none: nobody tried, nobody was named */
	uint16_t client_port;
	struct path path;
	bool is_walked;
};

/* X(name, word as typed, how the client calls it) */
#define SYMPTOMS(X)                                          \
	X(NONE, "", "")                                      \
	X(REFUSED, "refused", "refused")                     \
	X(TIMEOUT, "timeout", "timed out")                   \
	X(NO_ROUTE, "no-route", "no route to host")          \
	X(RESET, "reset", "reset")                           \
	X(TLS, "tls", "a TLS error")                         \
	X(SLOW, "slow", "slow, or no answer once connected") \
	X(UNKNOWN, "unknown", "nothing in particular")

/* What the person says that the client says. */
enum symptom {
#define X(name, word, words) SYMPTOM_##name,
	SYMPTOMS(X)
#undef X
		N_SYMPTOMS
};

struct evidence {
	struct aim target;
	const struct snapshot *snapshot;
	const struct space *space; /* where the diagnosis is made */
	const struct attempts *attempts;
	const struct responses *responses;
	int64_t window_start_ns, window_end_ns; /* wall */
	int64_t now_ns;                         /* wall: of the newest evidence */
	int32_t utc_offset_s;
	bool has_window_ended;
	int capture_error; /* positive errno: there was no capture; 0: there was one */
	bool may_probe;
	/* Of this host as the client (client_side.h); n 0: there is nothing to try. */
	bool is_client_side;
	struct reach_ask plan;
	struct addr expected;         /* that the name should have; none: not said */
	const struct fw_trace *trace; /* NULL: none was wanted */
	int trace_error;              /* positive errno: why there was none, or not all */
	const struct drops *drops;    /* NULL: nobody watched */
	int drops_error;   /* positive errno: why nobody did, or not to the end */
	int64_t waited_ns; /* from the capture's readiness to the window's end */

	/* Out of responses: round 0 is before, round 1 after the window. */
	const struct ruleset *rules, *rules_after;
	const struct counter_table *counters, *counters_after;
	const struct setting_table *settings;
	const struct neighbour_table *neighbours;
	const struct program_table *programs, *programs_after;
	const struct conntrack_table *conntrack;
	const struct routing_table *routing; /* where a route had a part in it */
	const struct ipsec_table *ipsec; /* after the window, where it has a part in it */
	const struct process_state_table *processes;
	const struct cloud_rules *cloud; /* saved ones, out of a file; NULL: none */
	const struct log_table *logs;
	const struct change_table *changes;
	const struct unit_state_table *units;
	const struct probe_result *probe;
	const struct reach_table *reach;
	const struct names_answer *names; /* NULL: no name was asked for */
	/* Of the other end, now over ssh, and out of files; NULL: nobody was asked. */
	const struct client_table *remote, *joined;
	enum symptom symptom;
	const struct socket_table *listeners_after;
	const struct connection_table *connections_after;
	const struct handshake_table *handshakes;      /* after the window; NULL of UDP */
	const struct socket_table *datagrams_after[2]; /* v4, v6; NULL of TCP */

	struct walk walks[WALKS_MAX];
	size_t n_walks;
};

/* The attempts at the target: to its port and address, by its client if one is named. */
struct sightings {
	/* Indices into attempts; the newest n of them. */
	uint32_t rows[256];
	size_t n;
	uint64_t n_all; /* also those not in rows */
	uint32_t n_outcomes[N_OUTCOMES];
	uint32_t n_syns, n_repeats;
	uint32_t n_others;    /* attempts of others at this port, when a client is named */
	uint32_t n_elsewhere; /* attempts at other ports: the capture works */
	int64_t first_ns, last_ns;
};
void evidence_sight(const struct evidence *e, struct sightings *out);
/* The same of those to one address; the others at the port count as n_others. */
void evidence_sight_at(const struct evidence *e, const struct addr *server,
		       struct sightings *out);
/* Does it match the target's port, proto, address, client? */
bool evidence_is_of_target(const struct evidence *e, const struct attempt *a);
/* What walks read of it. */
struct path_world evidence_world(const struct evidence *e);
/* Counter delta over the window; -1: not known. */
int64_t evidence_delta(const struct evidence *e, const char *counter);
/* How much a rule's counter (before: round 0, same handle) moved; -1: not known. */
int64_t evidence_rule_delta(const struct evidence *e, const struct fw_rule *rule_before);
/* The same socket as it was read again after the window; NULL: it was not. */
const struct socket_row *evidence_socket_after(const struct evidence *e,
					       const struct socket_row *s);
/* The endpoints that serve the target's port in this space (any address), at most room. */
size_t evidence_serving(const struct evidence *e, const struct endpoint **out, size_t room);

#endif
