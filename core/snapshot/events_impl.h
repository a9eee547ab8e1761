/* What events*.c share: what is remembered from picture to picture. Nobody else includes
 * this. */
#ifndef CORE_SNAPSHOT_EVENTS_IMPL_H
#define CORE_SNAPSHOT_EVENTS_IMPL_H

#include "core/base/vec.h"
#include "core/snapshot/events.h"

enum { KEPT_OWNERS = 8, WORD_MAX = 32, GONE_MAX = 1024 };

/* Which table tells a socket. An MPTCP listener is told by the TCP dump too. */
enum table_kind { TABLE_TCP, TABLE_UDP, N_TABLE_KINDS };

enum answers { ANSWERS_UNKNOWN, ANSWERS_WORK, ANSWERS_FAIL };
enum level { LEVEL_USUAL, LEVEL_HIGH, LEVEL_LOW };

/* SYNs to a port over minutes; rates are SYNs in 1000 s. */
struct pulse {
	int64_t looked_ns;  /* the last time; 0: never */
	int64_t watched_ns; /* that base is of */
	double base;
	enum level level;
	int64_t since_ns; /* of the level */
	int64_t other_ns; /* since when it looks like another level; 0: it does not */
};

struct owner_key {
	int32_t pid;
	uint64_t start_ticks;
};

/* An endpoint of the last picture, or of one before where the last did not tell. */
struct listener {
	uint64_t id, place, space; /* place: namespace, protocol, port, device, address */
	enum socket_proto proto;
	uint16_t port;
	struct addr address;
	uint32_t ifindex;
	char on[EVENT_ON_MAX];
	char space_name[EVENT_NAME_MAX];
	struct event_process owner; /* who holds it for itself */
	struct owner_key owners[KEPT_OWNERS];
	size_t n_owners;
	bool are_owners_complete;
	bool is_passing; /* a port that a client got for an hour: no news */
	bool is_full;
	uint64_t wants_owner; /* number of the event that does not name one yet; 0: none */
	enum answers answers;
	struct pulse pulse;
	char reach[WORD_MAX]; /* "": not known yet */
};

/* A socket of one of them. Sorted by namespace, port, identity, table. */
struct known {
	uint64_t space;
	uint64_t identity; /* inode, else cookie */
	enum table_kind table;
	uint16_t port;
	uint32_t drops; /* QUEUE_UNKNOWN */
	uint32_t listener;
	uint64_t place; /* as of a listener, with its own address */
	bool is_seen;   /* in the picture that is compared with now */
};

struct known_space {
	uint64_t key;
	char name[EVENT_NAME_MAX];
	bool is_own, is_there;
	bool was_whole[N_TABLE_KINDS]; /* some look told all */
};

struct lost {
	uint64_t key;
	bool is_there, is_told;
	bool is_first; /* missing since the first look: no loss */
	int64_t since_ns;
	char note[EVENT_NOTE_MAX];
};

struct gone {
	uint64_t place; /* of a socket */
	int64_t wall_ns;
	struct event_process owner;
};

struct events {
	struct vec kept; /* struct event, in no order */
	uint16_t order[EVENTS_MAX];
	size_t n;
	uint64_t n_made;

	bool has_picture, was_settled;
	bool had_owners; /* they were looked for */
	int64_t boot_ns;
	struct vec
		listeners;  /* struct listener; first those of the picture, in its order */
	struct vec sockets; /* struct known, sorted */
	struct vec spaces;  /* struct known_space */
	struct vec lost;    /* struct lost */
	struct vec gone;    /* struct gone, oldest first */
};

/* events.c: keeps it, or folds it into what it repeats. The kind, the subject and what
 * belongs to the kind are set by the caller. Returns its number; 0: no memory. */
uint64_t events_add(struct events *v, const struct event *e, struct moment at);
/* The event of that number; NULL: it is not kept any more. */
struct event *events_find(struct events *v, uint64_t number);
/* A copy that fits, cut between characters. */
void event_keep(char *to, size_t size, struct text from);
uint64_t event_hash(uint64_t hash, const void *bytes, size_t len);
#define EVENT_HASH UINT64_C(0xcbf29ce484222325)

/* events_listeners.c: tells who came and went, and remembers the picture. 0 or -ENOMEM. */
int listeners_compare(struct events *v, const struct snapshot *s, struct moment at);

/* events_listener.c: an event about a listener. */
struct event event_of(enum event_kind kind, const struct listener *l);
/* A row of the picture in the form that is remembered. */
void listener_fill(struct listener *l, const struct endpoint *e);
uint64_t space_key(const struct space *space);
uint64_t socket_place(uint64_t space, const struct socket_row *s);
/* Of a listener that was opened anew: by the same program, or by another one. */
enum event_kind listener_restart_kind(const struct event_process *was,
				      const struct event_process *is);
/* The same socket: what changed about who holds it and its queue. */
void listener_compare(struct events *v, struct listener *l, const struct listener *old,
		      const struct endpoint *e, struct moment at);

/* events_sight.c: namespaces and sources. */
/* Marks which are still there and tells of those that came or went; who went has no
 * listeners any more. 0 or -ENOMEM. */
int spaces_compare(struct events *v, const struct snapshot *s, struct moment at);
struct known_space *spaces_find(struct events *v, uint64_t key);
/* Did this look at the table of a namespace tell all? */
bool space_is_whole(const struct snapshot *s, const struct space *space,
		    enum table_kind table);
int sources_compare(struct events *v, const struct snapshot *s, struct moment at);
/* Tells of those that are missing for long enough, and when the next one is. */
void sources_turn(struct events *v, struct moment at);
int64_t sources_due_ns(const struct events *v);

#endif
