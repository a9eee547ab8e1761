/*
 * Log lines with their time. From the bundle of REQUEST_LOGS: items "kmsg" (records of
 * /dev/kmsg, one a line), "journal" (journalctl -o json, one object a line),
 * "file:/var/log/x" (the tail of a file; its first line may be cut), "pid:812:/var/log/y"
 * (one held open by a process), each perhaps in several parts; "now" ("wall_ns boot_ns": to
 * turn the kernel's clock into time). Pure.
 */
#ifndef CORE_LOGS_LINES_H
#define CORE_LOGS_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/addr.h"
#include "core/base/bundle.h"
#include "core/base/table.h"

enum log_kind { LOG_KERNEL, LOG_JOURNAL, LOG_FILE, N_LOG_KINDS };

struct log_line {
	int64_t wall_ns; /* 0: the line tells none that is understood */
	enum log_kind kind;
	struct text source; /* "kernel", "nginx.service", "/var/log/ufw.log" */
	int32_t pid;        /* that wrote it, or that holds the file; 0: not known */
	uint8_t priority;   /* syslog(2); 255: not told */
	struct text text;   /* of at most 1000 bytes */
};

struct log_source {
	struct text name;
	int error; /* positive errno: could not be read */
	size_t n;
};

struct log_table {
	struct table head;
	struct log_line *rows; /* sorted by (wall_ns, order of arrival) */
	size_t n;
	struct log_source *sources; /* what was looked into */
	size_t n_sources;
	bool is_cut; /* there were more lines than are kept (20,000) */
};

struct log_decoder;
/* utc_offset_s and year of now: for files whose lines tell neither zone nor year. */
struct log_decoder *logs_new(int32_t utc_offset_s, int64_t wall_ns);
void logs_free(struct log_decoder *d);
void logs_reset(struct log_decoder *d);
int logs_decode(struct log_decoder *d, const void *bytes, size_t len);
struct log_table *logs_finish(struct log_decoder *d);

/* What a line is looked at for. */
struct log_wanted {
	int64_t from_ns, to_ns; /* window around the attempts */
	struct addr_list {
		const struct addr *rows;
		size_t n;
	} clients;
	uint16_t port;
	uint8_t proto;
	const int32_t *pids;
	size_t n_pids;
	struct text unit, comm; /* of the owner; none: not known */
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
	X(BIND_ABSENT, "cannot assign requested address", "server.address-absent")      \
	X(TOO_MANY_FILES, "too many open files", "server.fd-exhausted")                 \
	X(OUT_OF_MEMORY, "out of memory", "server.memory-pressure")                     \
	X(REFUSED_BY_WRAPPER, "refused connect", "server.access-denied-by-application") \
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
	bool has_tuple;     /* client and port stand in it */
	struct text prefix; /* FIREWALL: what stands before IN=; borrowed */
	struct text detail; /* BANNED: the jail; ADDRESS_IN_USE: the address as written;
			       borrowed */
};

const char *log_meaning_what(enum log_meaning m);
const char *log_meaning_fault(enum log_meaning m);
/* Best first (tuple, client, owner; then time); returns how many, writes at most room. */
size_t logs_match(const struct log_table *t, const struct log_wanted *w,
		  struct log_match *out, size_t room);

#endif
