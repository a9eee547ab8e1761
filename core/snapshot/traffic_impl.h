/* What the parts of traffic share. */
#ifndef CORE_SNAPSHOT_TRAFFIC_IMPL_H
#define CORE_SNAPSHOT_TRAFFIC_IMPL_H

#include "core/snapshot/traffic.h"
#include "core/wire/records.h"

enum {
	LANES_MAX = 1024,
	N_CHAINS = 1024,
	SETS_WAYS = 8, /* of the tables of clients and visits */
	CLIENT_SETS = 256,
	VISIT_SETS = 512,
	SERVED_PORTS = 4,      /* of a client that are remembered */
	SCANNER_PORTS = 8,     /* who asks for more unserved ones means none of them */
	PERSISTENT_SLOTS = 10, /* a retransmission or two is no persistence */
	MINUTES_MIN = 3,       /* in which somebody comes back who means it */
	REMEMBER_SLOTS = 600   /* a port that was asked for stays in the picture */
};

#define NO_LANE UINT16_MAX

/* One address and port. The slot of a moment is slot % TRAFFIC_SLOTS. */
struct lane {
	uint16_t port, next;
	bool is_used;
	bool has_more_clients; /* in one slot more than one: not all were told */
	struct addr server;
	uint64_t last_slot; /* of a SYN or an outcome */
	uint64_t clean_to;  /* older slots than this were emptied */
	uint32_t n_total;
	uint16_t syns[TRAFFIC_SLOTS];
	uint16_t outcomes[TRAFFIC_SLOTS][N_OUTCOMES];
};

/* A client, as far as it was told. */
struct client {
	struct addr address; /* none: free */
	uint64_t last_slot;
	bool is_served_user; /* it also asks for a port that is served here */
	uint16_t served_ports[SERVED_PORTS]; /* of those, the newest first; 0: no more */
	uint8_t n_ports; /* different unserved ones, up to one more than it may */
	uint16_t ports[SCANNER_PORTS + 1];
};

/* A client at an unserved port. */
struct visit {
	struct addr client; /* none: free */
	uint16_t port;
	uint64_t last_slot;
	int64_t minute;              /* the newest that it came in */
	uint32_t n_minutes, n_slots; /* different ones that it came in */
};

/* What takes connections at a port: an address, or all of a family. */
struct served {
	uint16_t port;
	bool takes_v4, takes_v6; /* any address */
	struct addr address;
};

struct traffic {
	enum traffic_state state;
	char problem[PROBLEM_MAX];
	int problem_error;
	uint64_t slot;                  /* that is being filled; counts from 1 */
	int64_t wall_ns;                /* of the newest record */
	int64_t ends_ns[TRAFFIC_SLOTS]; /* when each slot ended */
	uint64_t first_slot;            /* of this capture's watching */
	uint64_t left_out_slot;         /* something made room then; 0: never */
	uint64_t n_left_out;            /* by the capture itself, as told last */
	struct lane *lanes;             /* LANES_MAX */
	size_t hand;
	uint16_t chains[N_CHAINS];
	struct client clients[CLIENT_SETS][SETS_WAYS];
	struct visit visits[VISIT_SETS][SETS_WAYS];
	bool has_served;   /* a picture was made: served, addresses, routes are known */
	struct vec served; /* struct served, sorted by port */
	struct address_table *addresses;
	struct local_route_table *routes;
};

/* traffic.c: empties the slots up to this one that the lane has not seen. */
void lane_advance(struct lane *l, uint64_t slot);

/* traffic_clients.c */
uint32_t traffic_hash(const struct addr *a, uint32_t more);
/* A SYN of this client. */
void clients_note(struct traffic *t, const struct addr *client, uint16_t port,
		  bool is_served);
/* Was this client at that port lately? */
bool client_is_at(const struct traffic *t, const struct client *c, uint16_t port);
/* Nothing of it counts any more. */
bool client_is_old(const struct traffic *t, uint64_t last_slot);
/* The visit is of somebody who means the port, by the contract's rule. */
bool visit_is_meant(const struct traffic *t, const struct visit *v);

/* traffic_served.c */
int served_learn(struct traffic *t, const struct snapshot *s, const struct space *space);
bool served_has(const struct traffic *t, uint16_t port, const struct addr *server);
/* How closely a socket is bound to this address: 0 not at all, 1 by any, 2 by its own. */
int socket_takes(const struct socket_row *s, const struct addr *server);

struct look {
	struct traffic *t;
	const struct snapshot *s;
	const struct space *space;
	struct traffic_table *out;
	struct vec lanes;  /* const struct lane *: unserved ones, by port */
	struct vec visits; /* const struct visit *: by port, then client */
	struct vec noise;  /* struct addr */
};

/* traffic_look.c */
bool look_has(const struct look *k, const struct endpoint *e);
/* Adds a lane to the endpoints that it reaches; false: there is none. */
bool look_give(struct look *k, struct lane *l);
void row_add(const struct traffic *t, struct traffic_row *row, struct lane *l);
void row_finish(const struct traffic *t, struct traffic_row *row);

/* traffic_others.c */
int look_sort_out(struct look *k);
int look_others(struct look *k);

#endif
