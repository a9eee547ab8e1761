/*
 * The closed list of what may be asked of this host: typed arguments, never a path or a
 * command. Every request is of class "read" but PROBE, REACH and REMOTE, which are
 * "active": they open connections of our own; and TRACE, which is a "change": a table of
 * nf_tables that the kernel removes with its process. The broker serves these only where
 * the call allows it. Control words (terminal, suspend, export, cancel) are in protocol.h.
 */
#ifndef CORE_HOST_REQUEST_H
#define CORE_HOST_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/addr.h"
#include "core/base/asks.h"

/* X(name, word, who answers it, deadline in ms). The word is the SOURCE of a recording's
 * members. */
#define REQUEST_KINDS(X)                                                            \
	X(SOCK_DIAG, "sock_diag", BROKER, 5000)                                     \
	X(RTNETLINK, "rtnetlink", BROKER, 5000)                                     \
	X(FILES, "files", WORKER, 3000)                                             \
	X(OWNERS, "owners", OWNER_WORKERS, 10000)                                   \
	X(NAMESPACES, "namespaces", WORKER, 3000)                                   \
	X(SOCKET_UNITS, "socket_units", WORKER, 3000)                               \
	X(CGROUPS, "cgroups", WORKER, 3000)                                         \
	X(RULESET, "ruleset", WORKER, 30000)                                        \
	X(ROUTE, "route", WORKER, 2000)                                             \
	X(CONNTRACK, "conntrack", WORKER, 3000)                                     \
	X(PROCESSES, "processes", WORKER, 2000)                                     \
	X(LOGS, "logs", SLOW_WORKER, 3000)                                          \
	X(CHANGES, "changes", SLOW_WORKER, 2000)                                    \
	X(NAMES, "names", SLOW_WORKER, 3000)                                        \
	X(PROBE, "probe", SLOW_WORKER, 3000)                                        \
	X(REACH, "reach", SLOW_WORKER, 30000)                                       \
	X(TRACE, "trace", TAP, 0)                                                   \
	X(CAPTURE, "capture", TAP, 0)                                               \
	X(DROPS, "drops", TAP, 0)                                                   \
	X(MEMBER, "set", WORKER, 2000)                                              \
	X(PROGRAMS, "programs", WORKER, 3000)                                       \
	/* As RULESET: asked again and again, it takes no answer of a diagnosis. */ \
	X(STANDING_RULES, "rules", WORKER, 30000)                                   \
	/* Only whether they may be others than before. */                          \
	X(GENERATION, "generation", WORKER, 3000)                                   \
	/* How systemd's units are. */                                              \
	X(UNITS, "units", SLOW_WORKER, 2000)                                        \
	/* Active: ssh to clients. What files of the call say of them. */           \
	X(REMOTE, "remote", REMOTE_WORKER, 20000)                                   \
	X(JOINED, "joined", WORKER, 3000)                                           \
	/* Policies of IPsec, never its keys. */                                    \
	X(IPSEC, "ipsec", WORKER, 3000)                                             \
	/* What bridges have learned, and the VLANs of their ports. */              \
	X(BRIDGES, "bridges", WORKER, 3000)

/* clang-format off */
enum request_kind {
#define X(name, word, who, ms) REQUEST_##name,
	REQUEST_KINDS(X)
#undef X
	N_REQUEST_KINDS
};
/* clang-format on */

/* Where it is read. OWN: the namespace that dport was started in. */
enum netns_kind { NETNS_OWN, NETNS_NAME, NETNS_PID };

#define NETNS_NAME_MAX 63

struct netns_ref {
	enum netns_kind kind;
	pid_t pid; /* NETNS_PID: /proc/PID/ns/net */
	/* NETNS_NAME: beneath /run/netns; printable, no space, no '/', not "." or ".." */
	char name[NETNS_NAME_MAX + 1];
};

/* What each FILES set holds is in files.c; the items are named as the paths without first
 * '/'. */
enum file_set {
	FILES_HOST, /* this host: name, kernel, boot id, clock ticks, btime, /etc/services,
		       users, own status (rights), loadavg, pid 1's comm */
	FILES_NET,  /* of one namespace: sockstat, protocols, netstat, port ranges,
		       unprivileged port start; /proc/net/{tcp,tcp6,udp,udp6} are not here */
	FILES_PROC_NET_SOCKETS, /* /proc/net/{tcp,tcp6,udp,udp6}: the fallback without
				   sock_diag */
	FILES_COUNTERS, /* of one namespace: snmp, snmp6, netstat, xfrm_stat, dev, sockstat,
			   softnet_stat, stat/{nf_conntrack,arp_cache,ndisc_cache,rt_cache}
			 */
	FILES_SETTINGS, /* of one namespace: the sysctls that decide about packets
			   (forwarding, rp_filter, syncookies, conntrack limits, ...), names
			   of legacy tables, modules */
	N_FILE_SETS
};

enum rtnetlink_dump {
	RTNL_LINKS,
	RTNL_ADDRESSES,
	RTNL_LOCAL_ROUTES,
	RTNL_NEIGHBOURS,
	RTNL_RULES, /* that choose a table of routes */
	N_RTNETLINK_DUMPS
};

struct request {
	enum request_kind kind;
	struct netns_ref netns;
	union {
		struct {
			/* AF_INET or AF_INET6; of TCP also AF_UNSPEC: both */
			uint8_t family;
			uint16_t protocol;  /* IPPROTO_TCP, UDP, UDPLITE or MPTCP (262) */
			uint32_t states;    /* bit mask of 1 << TCP_... */
			uint8_t extensions; /* idiag_ext: bit (INET_DIAG_x - 1) */
			/* Only these local ports; 0, 0: all. Not part of the text. */
			uint16_t port_low, port_high;
			/* Borrowed; 65536 bits, little end first: no more is wanted than
			 * how many connections of these local ports there are, each for
			 * itself or counted (core/base/ends_told.h). NULL: the sockets.
			 * Not part of the text. */
			const uint8_t *ports;
		} sock_diag;
		struct {
			enum rtnetlink_dump dump;
		} rtnetlink;
		struct {
			enum file_set set;
		} files;
		struct {
			const uint32_t *inodes; /* borrowed; sockets with wanted owners */
			size_t n_inodes;
		} owners;
		struct member_ask member;
		struct route_ask route;
		struct conntrack_ask conntrack;
		struct pid_list processes; /* not part of the text */
		struct past_ask logs;      /* not part of the text */
		struct past_ask changes;   /* not part of the text */
		struct name_ask names;
		struct probe_ask probe;
		struct reach_ask reach;
		struct trace_ask trace;
		struct drop_ask drops;
		struct remote_ask remote;
		struct capture_ask capture;
	};
};

enum { REQUEST_PORT_BYTES = 8192 }; /* of sock_diag.ports */
#define REQUEST_OWNERS_MAX 16000    /* inodes in one request; what is over is not asked */
#define REQUEST_TEXT_MAX   192

const char *request_word(enum request_kind kind);

/*
 * The canonical text "WORD/ARGS" of a request, by which a recording finds its answer again:
 * "sock_diag/family=2,protocol=6,states=0x400,ext=0x40", "files/set=net,netns=name:blue".
 * Two requests that mean the same give the same text; lists of wanted inodes, pids and
 * times, the patience of a probe or trace, and where a translation sends a traced packet,
 * are not part of it; a capture's ports stand in their
 * order. What is zero or none is left out. ARGS is never empty ("-" if there is nothing to
 * say) and only has [A-Za-z0-9=,:._+-]; other bytes of a namespace's or interface's name as
 * %HH. ARGS has at most 100 bytes (a tar header's name): a namespace name that takes more
 * than 39 is "netns=long:START.HASH", and what is longer all the same keeps its start and
 * ends in ".HASH". Returns out.
 */
const char *request_text(const struct request *r, char out[REQUEST_TEXT_MAX]);

/* 0, or -EINVAL if a field is out of its range (the broker asks before it serves). */
int request_check(const struct request *r);

/*
 * Packs into / unpacks from one protocol message body (little endian, see request_bytes.c).
 * Pack returns the size, -EMSGSIZE, or -EINVAL like request_check(); unpack returns 0 or
 * -EBADMSG and checks like request_check(). After unpack the inodes are borrowed from
 * `bytes`' copy in `inodes_room` (REQUEST_OWNERS_MAX elements), the ports of sock_diag from
 * `bytes`.
 */
long request_pack(const struct request *r, void *out, size_t room);
int request_unpack(struct request *out, const void *bytes, size_t len,
		   uint32_t *inodes_room);

#endif
