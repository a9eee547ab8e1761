/*
 * Which log lines speak of a port, its clients or its owner, and what they say. Lines are
 * bytes of anybody: none counts without a port, address, process or unit that fits and a
 * time near the window, and none for the kernel that a program may have written. Pure.
 */
#ifndef CORE_LOGS_MATCH_H
#define CORE_LOGS_MATCH_H

#include "core/base/addr.h"
#include "core/logs/lines.h"

/* What a line is looked at for. */
struct log_wanted {
	int64_t from_ns, to_ns; /* window around the attempts */
	struct addr_list {
		const struct addr *rows;
		size_t n;
	} clients;      /* none: nobody in particular */
	uint64_t netns; /* inode of the namespace in which it is; 0: not known */
	uint16_t port;
	uint8_t proto;
	const int32_t *pids;
	size_t n_pids;
	struct text unit, comm; /* of the owner; none: not known */
	/* Where nobody holds the port: what services that are known to use it are called.
	 * In a unit's name one '*' stands for anything. */
	struct text_list {
		const struct text *rows;
		size_t n;
	} units, comms;
};

/* X(name, what it is about, fault it speaks for ("" : none)) */
#define LOG_MEANINGS(X)                                                                 \
	X(FIREWALL, "a firewall's log line of this flow", "")                           \
	X(BANNED, "a ban of the address", "firewall.blocklisted")                       \
	X(TABLE_FULL, "nf_conntrack: table full", "nat.conntrack-full")                 \
	X(SYN_FLOOD, "possible SYN flooding", "server.syn-queue-full")                  \
	X(MARTIAN, "martian source", "net.martian")                                     \
	X(NEIGHBOUR_FULL, "neighbour table overflow", "net.neighbour-table-full")       \
	X(ADDRESS_IN_USE, "address already in use", "server.address-in-use")            \
	X(BIND_DENIED, "permission denied on bind", "server.privileged-port")           \
	X(BIND_FORBIDDEN, "a security module denied the bind", "server.bind-denied")    \
	X(BIND_ABSENT, "cannot assign requested address", "server.address-absent")      \
	X(TOO_MANY_FILES, "too many open files", "server.fd-exhausted")                 \
	X(OUT_OF_MEMORY, "out of memory", "server.memory-pressure")                     \
	X(KILLED, "killed for want of memory", "server.service-failed")                 \
	X(REFUSED_BY_WRAPPER, "refused connect", "server.access-denied-by-application") \
	X(LIMIT_REACHED, "its limit of connections", "server.connection-limit")         \
	X(UNIT_FAILED, "the unit failed", "server.service-failed")                      \
	X(UPSTREAM, "upstream connect failed", "proxy.upstream-down")                   \
	X(OF_CLIENT, "names the client", "")                                            \
	X(OF_OWNER, "an error of the owner", "")

/* clang-format off */
enum log_meaning {
#define X(name, what, fault) LOG_MEANS_##name,
	LOG_MEANINGS(X)
#undef X
	N_LOG_MEANINGS
};
/* clang-format on */

struct log_match {
	uint32_t line; /* index */
	enum log_meaning meaning;
	bool has_tuple;   /* client and port stand in it */
	bool has_client;  /* the address of one stands in it */
	bool is_before;   /* of what still holds: older than the window, by a day at most */
	bool is_by_guess; /* it fits by what a known service is called, and nothing else */
	bool has_port;    /* the port stands in the sentence */
	struct text prefix;  /* FIREWALL: what stands before IN=; borrowed */
	struct text detail;  /* BANNED: the jail; ADDRESS_IN_USE, BIND_...: the address as
				written; borrowed; none: not told */
	struct text name;    /* the unit or process that the sentence names; none */
	struct addr address; /* that it names; none: none */
};

const char *log_meaning_what(enum log_meaning m);
const char *log_meaning_fault(enum log_meaning m);

/*
 * Best first: those with the tuple, known sentences (with a client, then others), mentions
 * of a client, of the owner; of these the latest. A line has one meaning at most. Returns
 * how many there are, writes at most room. Failed binds, killed processes, failed units and
 * bans (without an unban behind them) may be up to a day older than the window.
 */
size_t logs_match(const struct log_table *t, const struct log_wanted *w,
		  struct log_match *out, size_t room);
/*
 * Only known sentences, the latest first, bans left out. Cheap where the table's sentences
 * were looked for already. Returns how many were written, at most room.
 */
size_t logs_match_known(const struct log_table *t, const struct log_wanted *w,
			struct log_match *out, size_t room);

#endif
