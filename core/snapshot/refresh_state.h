/* What refresh*.c share: the state of the refresh. Nobody else includes this. */
#ifndef CORE_SNAPSHOT_REFRESH_STATE_H
#define CORE_SNAPSHOT_REFRESH_STATE_H

#include "core/base/vec.h"
#include "core/snapshot/feed.h"
#include "core/snapshot/link.h"

#define PORTS_SIZE 8192 /* bytes of 65536 bits */

/* One network namespace. */
struct watched_space {
	struct netns_ref ref;
	uint64_t netns; /* inode; 0: not known */
	bool is_listed; /* netns came from the list of namespaces */
	bool is_kept;   /* while the list is followed */
	bool has_ports; /* any bit is set in ports */
	char name[NETNS_NAME_MAX + 1];
	struct feed feeds[N_SPACE_SOURCES];
	uint8_t ports[PORTS_SIZE];       /* that TCP listens on */
	uint8_t asked_ports[PORTS_SIZE]; /* of the newest look at the connections */
};

/* A request that is not answered to the end. */
struct pending {
	uint32_t seq;
	unsigned i;        /* which request of the feed */
	struct feed *feed; /* NULL: its namespace is gone */
};

struct refresh {
	struct refresh_options options;
	int64_t interval_ns;
	int64_t phase_ns; /* 0: none */
	struct feed feeds[N_HOST_SOURCES];
	struct vec spaces;    /* struct watched_space *; the own or only one first */
	struct vec pending;   /* struct pending, oldest first */
	size_t cursor;        /* where the search for the next request goes on */
	struct feed *offered; /* by refresh_next() */

	/* uint32_t, sorted: inodes of all sockets; asked for; asked for by the owners'
	 * table */
	struct vec wanted, requested, answered;
	struct vec confirmed; /* uint32_t, sorted: held by nobody, and still there after
				 that was seen */
	bool has_cgroup_ids;  /* of any socket */
	bool wants_cgroups, wants_units;
	struct port_name_table *port_names;
	struct user_table *users;
	struct queue_history *history; /* NULL: a single look */

	int64_t wall_ns, boot_ns; /* of the newest blob */
	bool is_changed;          /* since refresh_blob() said so */
	bool is_full;             /* the channel takes no more before an answer */
};

/* All feeds, the host's first. */
size_t refresh_n_feeds(const struct refresh *r);
struct feed *refresh_feed(const struct refresh *r, size_t i);
struct feed *space_feed(struct watched_space *s, enum source_id id);
struct watched_space *refresh_space(const struct refresh *r, size_t i);

/* refresh_plan.c */

/* The facts of the host; NULL: not known (yet). */
const struct host_facts *plan_host(const struct refresh *r);
/* FROM_TCP or FROM_UDP is refused in this namespace: the text tables stand in for it. */
bool plan_is_text(struct watched_space *s, enum source_id id);
/* By options, facts and other answers there is something to be asked. */
bool plan_needs(const struct refresh *r, const struct feed *f);
/* A request of it is to be sent at now_ns. */
bool plan_is_due(const struct refresh *r, const struct feed *f, int64_t now_ns);
/* There is something to show: the listeners of the first namespace, and the host's facts.
 */
bool plan_has_listeners(const struct refresh *r);
/* Sets due_ns of a feed whose look has ended. */
void plan_next_look(const struct refresh *r, struct feed *f);
/* More is wanted of it than it was asked for: sooner. */
void plan_hasten(const struct refresh *r, struct feed *f);

/* refresh_spaces.c */

struct watched_space *space_new(const struct netns_ref *ref, uint64_t netns);
void space_free(struct watched_space *s);
/* Takes up new namespaces of the list and drops vanished ones. 0 or -ENOMEM. */
int spaces_follow_list(struct refresh *r);
/* The tables of a namespace, from whichever source gave them; NULL: none. */
struct socket_table *space_tcp(struct watched_space *s);
struct socket_table *space_udp(struct watched_space *s);
struct socket_table *space_mptcp(const struct refresh *r, struct watched_space *s);
struct connection_table *space_connections(struct watched_space *s);

/* refresh_confirm.c: sockets without a process */

/* Owners were answered: new sockets without one make us look at the sockets again. 0,
 * -ENOMEM */
int confirm_owners(struct refresh *r);
/* A look at sockets has ended. 0 or -ENOMEM. */
int confirm_sockets(struct refresh *r, struct feed *f);
/* This source is still to be looked at again for that. */
bool confirm_is_pending(const struct refresh *r, const struct feed *f);
/* Nobody was found to hold it, and it was not seen again since. */
bool confirm_is_open(const struct refresh *r, uint32_t inode);

/* refresh_wishes.c: what one source makes us ask of another */

/* Sockets of a namespace (NULL: of any) are others now: their ports and inodes. 0, -ENOMEM
 */
int wishes_of_sockets(struct refresh *r, struct watched_space *s);
int wishes_of_tcp(struct refresh *r, struct watched_space *s);
/* Owners were answered; is_used: the table is that answer. 0 or -ENOMEM. */
int wishes_of_owners(struct refresh *r, bool is_used);
/* Connections were answered; in the meantime a port may have come. */
void wishes_of_connections(struct refresh *r, struct watched_space *s);
/* The facts of the host were answered; if they are new, names of ports and users follow. 0
 * or -ENOMEM. */
int wishes_of_host(struct refresh *r, bool is_new);
/* A request of this feed is about to be sent: remembers what it is for. 0 or -ENOMEM. */
int wishes_remember(struct refresh *r, struct feed *f);
/* The lowest and the highest port that TCP listens on; 0, 0: none. */
void wishes_port_range(const struct watched_space *s, uint16_t *low, uint16_t *high);
/* Inodes of the next owners' request. */
size_t wishes_n_inodes(const struct refresh *r);

#endif
