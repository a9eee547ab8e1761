/*
 * A frozen picture of the host: refcounted tables and the rows that join them. Checks,
 * reports and screens read it; nobody writes to it.
 */
#ifndef CORE_SNAPSHOT_SNAPSHOT_H
#define CORE_SNAPSHOT_SNAPSHOT_H

#include "core/network/addresses.h"
#include "core/network/links.h"
#include "core/services/names.h"
#include "core/snapshot/facts.h"
#include "core/sockets/cgroups.h"
#include "core/sockets/connections.h"
#include "core/sockets/owners.h"
#include "core/sockets/socket.h"
#include "core/sockets/units.h"

/* One network namespace. Tables are NULL until their source answered. */
struct space {
	uint64_t netns;   /* inode; 0: not known */
	struct text name; /* "" for the own one; "blue" (ip netns), "pid 812" */
	bool is_own;
	struct socket_table *tcp, *udp, *mptcp; /* each both families */
	struct connection_table *connections;
	struct link_table *links;
	struct address_table *addresses;
	struct local_route_table *local_routes;
	struct net_facts *facts;
};

/* Why something that a complete view would have is not there. A cell that is blank points
 * at one. */
struct missing {
	const char *source; /* "owners", "sock_diag", "cgroups", "namespace blue", ... */
	const char *reason; /* one sentence in plain words */
	const char *grant;  /* the exact grant or step that would help; NULL: none would */
	bool wants_right;   /* grant gives a right that the reader has not */
};

/* What the last answer of one source was. */
enum source_status {
	SOURCE_OK,
	SOURCE_ERROR,       /* refused or failed: error says why */
	SOURCE_INTERRUPTED, /* the kernel's list changed while it was read: rows may lack */
	SOURCE_TRUNCATED,   /* stopped at its size limit */
	SOURCE_TIMED_OUT,
	SOURCE_DAMAGED,      /* the answer could not be decoded */
	SOURCE_NOT_RECORDED, /* a replay has no answer to this request */
};

/*
 * A source that did not give all it should. link.c makes `missing` of these. The names of
 * sources (static, sources.c), of the host: "files.host" "namespaces" "owners" "cgroups"
 * "socket_units"; of a namespace: "tcp" "udp" "mptcp" "proc.net" (the text tables in place
 * of sock_diag) "connections" "files.net" "links" "addresses" "local_routes". A namespace
 * that is there but cannot be opened: "namespaces" with its name in space.
 */
struct source_note {
	const char *source;
	struct text space; /* name of the namespace; "" for the own one and for the host's
			      sources */
	enum source_status status; /* never SOURCE_OK */
	int error;                 /* positive errno; 0: none */
};

enum scope {
	SCOPE_ANY,
	SCOPE_ANY_V4,
	SCOPE_ANY_V6,
	SCOPE_LOOPBACK,
	SCOPE_ADDRESS,
	SCOPE_ABSENT,
	N_SCOPES
};
const char *scope_word(enum scope s); /* the contract's: "any", "any-v4", ... */

/* Whether the owners of an endpoint are all of them. */
enum owners_state {
	OWNERS_PENDING, /* not looked for yet */
	OWNERS_COMPLETE,
	OWNERS_AT_LEAST,   /* these, perhaps more: owners_missing says why */
	OWNERS_NONE_FOUND, /* every process was read and nobody holds it: a kernel socket,
			      or a descriptor in flight */
	OWNERS_UNKNOWN,    /* nobody found, and not every process could be read or seen */
};

struct queue {
	uint32_t length, limit, drops; /* QUEUE_UNKNOWN where not told */
	uint32_t high_water; /* highest length seen while watching; == length in a single
				look */
	uint32_t new_drops;  /* drops since watching began; 0 where not told */
};

/* A service endpoint: what a client can aim at. The members are sockets that serve it
 * together. */
struct endpoint {
	uint64_t id; /* stable over refreshes: of (netns, proto, port, device, address,
			first cookie or inode) */
	const struct space *space;
	enum socket_proto proto;
	struct addr address; /* the any-address of the widest family, or the one address */
	uint16_t port;
	uint32_t ifindex;
	struct text device; /* of SO_BINDTODEVICE; none: not bound to one */
	enum scope scope;
	struct text carrier; /* interface that carries the one address; none otherwise */
	struct text service; /* from /etc/services */
	bool is_ephemeral; /* inside ip_local_port_range: may be an outgoing helper, and may
			      be taken */
	const struct socket_row **sockets; /* n_sockets; into the space's tables */
	size_t n_sockets;
	const struct process_row *
		*owners; /* n_owners, lowest start time first (the parent of a prefork) */
	size_t n_owners;
	enum owners_state owners_state;
	const struct missing *owners_missing; /* set for AT_LEAST and UNKNOWN */
	uint32_t uid;                         /* of the socket */
	struct text user;                     /* its name; none: not in /etc/passwd */
	struct text unit;      /* of the first owner, else from the socket's cgroup; none */
	struct text container; /* likewise */
	bool unit_is_inferred; /* from the socket's cgroup, not from a process that was read
				*/
	struct text socket_unit; /* socket activation: "ssh.socket" */
	struct text activates;   /* "ssh.service" */
	struct queue queue;      /* of the fullest member */
	bool has_connections; /* TCP, and the connections of the namespace were counted */
	uint32_t connections[N_TCP_STATES];
	int64_t started_boot_ns; /* start of the first owner, since boot; 0: not known */
	bool is_exe_deleted;     /* of any owner */
};

struct snapshot {
	struct table head;
	int64_t wall_ns, boot_ns; /* of the newest blob in it */
	struct host_facts *host;
	struct port_name_table *port_names;
	struct user_table *users;
	struct owner_table *owners;
	/* Sorted inodes that the answer in owners decides, in the arena of head; NULL: all.
	 * Others are still to be looked for, or to be seen again. */
	uint32_t *owners_asked;
	size_t n_owners_asked;
	struct cgroup_table *cgroups;
	struct socket_unit_table *units;
	struct space *spaces;
	size_t n_spaces;
	struct endpoint *endpoints; /* sorted by (space, port, proto, scope, address) */
	size_t n_endpoints;
	struct source_note
		*notes; /* n_notes, in the arena of head; set before snapshot_link() */
	size_t n_notes;
	struct missing *missing;
	size_t n_missing;
	bool is_settled; /* every source that was asked for has answered at least once */
};

/*
 * An empty snapshot with one reference, NULL for want of memory. Spaces, notes and all rows
 * that join tables live in its arena; with the last table_unref() it gives back every table
 * that it points to.
 */
struct snapshot *snapshot_new(void);

/* "full", "partial" or "none" (no listeners at all could be read) for the header and JSON.
 */
const char *snapshot_view_word(const struct snapshot *s);

/*
 * Words for a person: "any v4+v6", "any v4", "any v6", "any v6, v4 not known", "this host
 * only", "10.0.0.5 (eth0)", "10.9.9.9 (not on this host)", "224.0.0.251 (multicast)"; " via
 * eth1" behind those of a socket bound to a device. Appends; printable ASCII: names in it
 * went through text_show().
 */
int endpoint_listens_on(struct str *out, const struct endpoint *e);
/* "443/tcp" */
int endpoint_port_text(struct str *out, const struct endpoint *e);
/* A TCP (or MPTCP) listener; else datagrams. */
bool endpoint_is_stream(const struct endpoint *e);
/* More connections wait than listen() allowed: a further one is turned away. Never of
 * datagrams: the kernel drops them before the bytes that wait reach the buffer's size, so
 * only the drops tell. */
bool endpoint_is_full(const struct endpoint *e);
/* It was, at some time since watching began. */
bool endpoint_was_full(const struct endpoint *e);
/* How long the first owner has been up, ns; 0: not known. */
int64_t endpoint_up_ns(const struct snapshot *s, const struct endpoint *e);

#endif
