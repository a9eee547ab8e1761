/*
 * What a check may want to know beyond the snapshot, and what was answered: plain values,
 * no host. inquiry.h has them asked.
 */
#ifndef CORE_SNAPSHOT_QUESTION_H
#define CORE_SNAPSHOT_QUESTION_H

#include "core/base/asks.h"
#include "core/base/vec.h"
#include "core/client/view.h"
#include "core/firewall/eval/member.h"
#include "core/firewall/mark.h"
#include "core/firewall/ruleset.h"
#include "core/logs/changes.h"
#include "core/logs/lines.h"
#include "core/nat/conntrack.h"
#include "core/network/bridge_tables.h"
#include "core/network/counters.h"
#include "core/network/ipsec.h"
#include "core/network/neighbours.h"
#include "core/network/probe.h"
#include "core/network/programs.h"
#include "core/network/reach.h"
#include "core/network/routes.h"
#include "core/network/routing.h"
#include "core/network/settings.h"
#include "core/services/unit_states.h"
#include "core/snapshot/names_answer.h"
#include "core/sockets/connections.h"
#include "core/sockets/handshakes.h"
#include "core/sockets/peers.h"
#include "core/sockets/processes.h"

/* X(name, word as in JSON's missing[].source, type of the table that answers it) */
#define QUESTIONS(X)                                           \
	X(RULESET, "nf_tables", struct ruleset)                \
	X(MEMBER, "sets", struct fw_member)                    \
	X(ROUTE, "routes", struct route_answer)                \
	X(NEIGHBOURS, "neighbours", struct neighbour_table)    \
	X(COUNTERS, "counters", struct counter_table)          \
	X(SETTINGS, "settings", struct setting_table)          \
	X(CONNTRACK, "conntrack", struct conntrack_table)      \
	X(PROCESSES, "processes", struct process_state_table)  \
	X(LOGS, "logs", struct log_table)                      \
	X(CHANGES, "changes", struct change_table)             \
	X(NAMES, "names", struct names_answer)                 \
	X(PROBE, "probe", struct probe_result)                 \
	X(REACH, "reach", struct reach_table)                  \
	X(LISTENERS, "tcp", struct socket_table)               \
	X(CONNECTIONS, "connections", struct connection_table) \
	X(PROGRAMS, "programs", struct program_table)          \
	X(HANDSHAKES, "handshakes", struct handshake_table)    \
	X(DATAGRAMS, "udp", struct socket_table)               \
	X(UNITS, "units", struct unit_state_table)             \
	X(REMOTE, "client", struct client_table)               \
	X(JOINED, "joined", struct client_table)               \
	X(GENERATION, "generation", struct fw_mark)            \
	X(PEERS, "peers", struct peer_table)                   \
	X(IPSEC, "ipsec", struct ipsec_table)                  \
	X(ROUTING, "routing", struct routing_table)            \
	X(BRIDGES, "bridges", struct bridge_table)

/* clang-format off */
enum question_kind {
#define X(name, word, type) QUESTION_##name,
	QUESTIONS(X)
#undef X
	N_QUESTION_KINDS
};
/* clang-format on */

const char *question_word(enum question_kind k);

enum { ROUND_STANDING = 2, ROUND_AGAIN = 3 };

struct question {
	enum question_kind kind;
	/* Asked again at another moment it is another question: 0 before the window, 1
	 * after it. Of RULESET alone, kept apart in a recording: ROUND_STANDING beside
	 * every diagnosis, ROUND_AGAIN where a set was asked in another generation. */
	uint8_t round;
	union {
		struct route_ask route;
		struct member_ask member;
		struct conntrack_ask conntrack;
		struct pid_list processes;
		struct past_ask past; /* LOGS, CHANGES */
		struct name_ask names;
		struct probe_ask probe;
		struct reach_ask reach;
		const struct remote_ask *remote; /* borrowed; the run keeps it */
		/* CONNECTIONS, HANDSHAKES, PEERS: the local port; LISTENERS: all of them */
		uint16_t port;
		struct {
			uint16_t port;
			uint8_t family; /* AF_INET, AF_INET6 */
		} datagrams;
	};
};

enum response_state {
	RESPONSE_WAITING, /* not asked yet, or under way */
	RESPONSE_WHOLE,
	RESPONSE_PART,   /* a table, but not all of it */
	RESPONSE_FAILED, /* no table; error says why (ROUTE: its table has the kernel's
			    error) */
};

struct response {
	struct question question;
	enum response_state state;
	int error; /* positive errno; ENODATA: not recorded; ETIMEDOUT; EBADMSG: damaged */
	void *table;              /* of the question's type, a reference; NULL: none */
	int64_t wall_ns, boot_ns; /* of its last part */
};

/* All of one diagnosis, in the order in which they were asked. */
struct responses {
	struct vec rows; /* struct response * */
	/* Where the rows are, by what they ask (row + 1; 0: free); kept by the functions
	 * here. NULL: they are few. */
	uint32_t *slots;
	size_t n_slots; /* a power of two */
};

void responses_init(struct responses *a);
void responses_release(struct responses *a);
/* True if they ask the same (all arguments and the round; of PROCESSES, LOGS, CHANGES the
 * kind and round alone). */
bool question_equals(const struct question *a, const struct question *b);
/* A new waiting row, or the one that is there already. NULL: no memory. */
struct response *responses_add(struct responses *a, const struct question *q);
/* NULL: was never asked. */
struct response *responses_find(const struct responses *a, const struct question *q);
/* The table of a kind and round that takes no arguments; NULL: none (yet). */
const void *responses_table(const struct responses *a, enum question_kind kind,
			    unsigned round);
/* The answer of a kind and round, whatever its arguments; NULL. */
const struct response *responses_of(const struct responses *a, enum question_kind kind,
				    unsigned round);
bool responses_are_in(const struct responses *a); /* none is waiting */

#endif
