/*
 * One hypothetical packet through this host and its reply back. Nothing is sent. Pure.
 * Order of everything: net/netfilter, net/ipv4/ip_input.c, ip_output.c and the counterpart
 * of IPv6.
 */
#ifndef CORE_PATH_PATH_H
#define CORE_PATH_PATH_H

#include "core/firewall/eval/eval.h"
#include "core/nat/ipvs.h"
#include "core/snapshot/question.h"
#include "core/snapshot/snapshot.h"

/* X(name, word in JSON) in the order in which a packet meets them */
#define PLACES(X)                                   \
	X(INGRESS, "ingress")                       \
	X(BRIDGE_PREROUTING, "bridge-prerouting")   \
	X(BRIDGE_INPUT, "bridge-input")             \
	X(BRIDGE_FORWARD, "bridge-forward")         \
	X(PREROUTING, "prerouting")                 \
	X(ROUTE, "route")                           \
	X(INPUT, "input")                           \
	X(FORWARD, "forward")                       \
	X(OUTPUT, "output")                         \
	X(POSTROUTING, "postrouting")               \
	X(BRIDGE_OUTPUT, "bridge-output")           \
	X(BRIDGE_POSTROUTING, "bridge-postrouting") \
	X(EGRESS, "egress")                         \
	X(SOCKET, "socket")                         \
	X(NEIGHBOUR, "neighbour")

/* clang-format off */
enum place_kind {
#define X(name, word) PLACE_##name,
	PLACES(X)
#undef X
	N_PLACES
};
/* clang-format on */
const char *place_word(enum place_kind p);

/* The packet as it is asked about. */
struct path_ask {
	uint8_t proto;
	struct addr client;   /* none: nobody in particular, the source is unknown */
	uint16_t client_port; /* 0: unknown */
	struct addr server;   /* an address; never none */
	uint16_t server_port;
	uint32_t in_ifindex; /* 0: by the route back to the client, or lo where client and
				server are both here, else not known. A bridge's port: it is
				bridged on where its target is another host of that network,
				else it goes up to this host's IP as of the bridge */
	uint8_t tcp_flags;   /* 0: SYN */
	uint8_t ttl;         /* 0: unknown */
	bool is_established; /* ct state established, else new */
	bool is_invalid;     /* ct state invalid: tracking makes nothing of it */
	bool is_from_here;   /* sent by this host itself */
};

/* What the walk reads; all is borrowed. */
struct path_world {
	const struct snapshot *snapshot;
	const struct space *space;
	const struct ruleset *rules;              /* NULL: could not be read */
	const struct setting_table *settings;     /* NULL: likewise */
	const struct neighbour_table *neighbours; /* NULL: likewise */
	const struct program_table *programs;     /* NULL: not asked for, or likewise */
	const struct responses *responses;        /* routes that were answered */
	int64_t wall_ns;
	int32_t utc_offset_s;
};

enum path_outcome {
	HOP_PASSES,
	HOP_TRANSLATED,
	HOP_DROPPED,
	HOP_REJECTED,
	HOP_UNSURE, /* it depends on a rule or fact that is not known: why */
	HOP_NOT_WALKED,
};
const char *path_outcome_word(enum path_outcome o);

struct path_hop {
	enum place_kind place;
	enum path_outcome outcome;
	uint32_t chain, rule; /* of the ruleset: what decided here; UINT32_MAX: none */
	const char *why;      /* static words, or of the programs; NULL: nothing to add */
	int error;            /* ROUTE: the kernel's errno, 0: found */
	uint32_t ifindex;     /* ROUTE: out, or in for INGRESS */
	struct addr gateway;  /* ROUTE */
	/* UNSURE of a rule that gives it to a queue: who reads that. */
	bool has_reader;
	struct queue_reader reader;
	struct addr to; /* TRANSLATED: new address (none: same) and port (0: same) */
	uint16_t to_port;
};

enum path_verdict { PATH_ACCEPT, PATH_DROP, PATH_REJECT, PATH_UNSURE };
const char *path_verdict_word(enum path_verdict v);

/* What ended a leg. */
enum path_decider {
	DECIDER_NONE,
	DECIDER_RULE,
	DECIDER_POLICY,
	DECIDER_ROUTE,
	DECIDER_SOCKET,
	DECIDER_NEIGHBOUR,
	DECIDER_PROGRAM,
	DECIDER_BALANCER, /* IPVS, without a real server */
	DECIDER_OPAQUE
};

enum {
	PATH_HOPS_MAX = 24,
	PATH_UNSURE_MAX = 8,
	PATH_PROGRAMS_MAX = 8,
	PATH_NEEDS_MAX = 128
};

struct path_unsure {
	uint32_t rule; /* UINT32_MAX: not of a rule */
	const char *why;
};

struct path_leg {
	struct path_hop hops[PATH_HOPS_MAX];
	size_t n_hops;
	enum path_verdict verdict;
	enum path_decider decided_by;
	enum place_kind at;   /* where */
	uint32_t chain, rule; /* of the decider; UINT32_MAX: none */
	struct fw_reject reject;
	enum fw_queue queue; /* of a drop because nobody takes what the rule queues */
	struct queue_reader reader;
	/* How the deciding rule singled the source out, as in struct fw_result. */
	uint32_t set, element, ipset;
	const struct fw_member *member; /* of the responses */
	bool is_source_in_set, names_source;
	uint8_t source_prefix;
	/* The NAT rule that translated, UINT32_MAX: none. */
	uint32_t nat_chain, nat_rule;
	bool is_nat_touched;  /* a rule translated it, or may have */
	struct fw_packet met; /* what the decider met, before its hook; its texts are the
				 snapshot's */
	/* That it meets and that may stop it, in their order; of the world. */
	const struct program_row *programs[PATH_PROGRAMS_MAX];
	size_t n_programs;
	struct path_unsure unsure[PATH_UNSURE_MAX];
	size_t n_unsure;
	/* The question whose answer is its last hop ROUTE; of this host's own knowledge it
	 * is none (no target). */
	struct route_ask routed;
	/* Of the packet behind its last hook; of ways that differ it is not known. */
	uint32_t mark;
	bool is_mark_known;
	bool is_walked; /* false: the leg before it ended the way */
};

struct path {
	struct path_ask ask;
	struct path_leg request, reply;
	bool is_translated; /* the target was changed on the way in */
	struct addr server; /* as the socket would see it */
	uint16_t server_port;
	/* Its source was changed on the way out; sender: as the server sees it, none: not
	 * known, port 0: not known or kept. */
	bool is_source_translated;
	struct addr sender;
	uint16_t sender_port;
	uint32_t in_ifindex;  /* 0: not known */
	uint32_t out_ifindex; /* that it leaves by; 0: not known, or it does not leave */
	/* The ports of bridges above; 0: none, or no rule is there to be met. */
	uint32_t in_port, out_port;
	bool is_bridged; /* from one port to another, past the IP of this host; forwarded */
	bool is_local;   /* the route says that it is for this host */
	bool is_forwarded;
	const struct endpoint *endpoint; /* that takes it; NULL: none here, or not walked */
	const struct socket_row *socket; /* of it */
	/* What a transparent proxy's rule made of it; of ways that differ: NONE. */
	struct fw_proxied proxied;
	/* A virtual service of IPVS takes it; UNSURE: may do so. YES: which. */
	enum tri is_balanced;
	struct ipvs_service service;
	enum tri is_served; /* UNSURE: the listeners could not all be read */
	/* Questions without which it could not be walked to its end. */
	struct question needs[PATH_NEEDS_MAX];
	size_t n_needs;
};

/*
 * Walks all ways (see firewall/eval.h, at most 64). What is missing comes out in needs:
 * ask, then walk again. 0, -ENOMEM.
 */
int path_walk(const struct path_world *w, const struct path_ask *ask, struct path *out);

/*
 * The same as if the rule or policy that decided `blocked` (either leg of it) accepted:
 * what stands behind it. -ENOENT: no rule or policy did.
 */
int path_walk_behind(const struct path_world *w, const struct path_ask *ask,
		     const struct path *blocked, struct path *out);

/*
 * Rules of the chain that stopped the leg, and of those it jumps to, that would have let it
 * on but for one field, in order, up to room. Returns how many; 0 for a leg that no rule
 * and no policy stopped.
 */
size_t path_near_misses(const struct path_world *w, const struct path_leg *leg,
			struct fw_near *out, size_t room);

/* What a packet met at one hook. */
struct path_meeting {
	bool is_reply;           /* of which leg */
	size_t hop;              /* index in it, as path_walk() gives it */
	struct fw_packet packet; /* before the hook; its texts are the snapshot's */
	struct vec steps; /* struct fw_step: rules that matched, policies, in order */
	bool is_doubted;  /* something that is not known was asked for here */
	/* Rules that asked for it on this way, one after the other. */
	uint32_t doubts[FW_CHOICES_MAX];
	size_t n_doubts;
};

/*
 * The first way again (the one whose hops path_walk() tells), with what it met. out: struct
 * path_meeting, empty; path_meetings_release() when done. 0, -ENOMEM (it is empty then).
 */
int path_meet(const struct path_world *w, const struct path_ask *ask, struct vec *out);
void path_meetings_release(struct vec *meetings);
/* What the rule's tests say of such a packet, as it comes to the rule's hook. */
struct fw_tested path_test_rule(const struct path_world *w, const struct fw_packet *p,
				uint32_t rule);

/*
 * The socket that the kernel would hand such a packet to: compute_score() of
 * net/ipv4/inet_hashtables.c and udp.c. in_ifindex 0: not known (then a device-bound
 * socket makes it TRI_UNSURE). NULL: none.
 */
const struct socket_row *path_socket(const struct space *space, uint8_t proto,
				     const struct addr *server, uint16_t port,
				     uint32_t in_ifindex, const struct endpoint **endpoint,
				     const struct snapshot *s, enum tri *is_served);

#endif
