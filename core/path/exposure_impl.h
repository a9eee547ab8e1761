/* What the parts of exposure share. For core/path/exposure*.c only. */
#ifndef CORE_PATH_EXPOSURE_IMPL_H
#define CORE_PATH_EXPOSURE_IMPL_H

#include "core/path/exposure.h"
#include "core/path/walking.h"

/* The rules of a world asked again behind its sets: whether they are the same, compared
 * once. */
struct exposure_again {
	const struct path_world *world;
	const struct ruleset *rules; /* NULL: they could not be asked */
	bool is_same;
};
struct exposure_agains {
	struct exposure_again rows[1 + EXPOSURE_INSIDE_MAX];
	size_t n;
};

/* A packet that is tried. */
struct exposure_try {
	const struct path_world *world;
	uint8_t proto;
	struct addr from; /* none: nobody in particular */
	struct addr to;
	uint16_t port;
	uint32_t ifindex; /* that it comes in by */
	bool is_from_here;
	const struct path_world *inside; /* as of the wish */
	size_t n_inside;
	const struct exposure_agains *agains;
};

enum exposure_end { EXPOSURE_CLOSED, EXPOSURE_OPEN, EXPOSURE_UNSURE };

/* One of its walks. The walking comes first: lookups get it. */
struct exposure_one {
	struct walking k;
	const struct exposure_try *try;
	enum exposure_end end;
	const struct endpoint *target;
	bool is_translated;
	/* The namespace of this host that it is passed on to; NULL: none. */
	const struct space *other;
	const struct path_world *within; /* where it is now; NULL: in its first one */
	uint32_t device;                 /* that it has come in by there */
	struct fw_packet outside;        /* as it has left the first one */
	uint32_t out_device;
	size_t n_inside_needs;
	/* Last: what needs had is not cleared. */
	struct path path;
	struct question inside_needs[EXPOSURE_NEEDS_MAX]; /* of within */
};

enum { EXPOSURE_TARGETS_MAX = 4 };

/* What all of its walks come to. */
struct exposure_answer {
	enum exposure_end end;
	/* Who gets it, or may. */
	const struct endpoint *targets[EXPOSURE_TARGETS_MAX];
	size_t n_targets;
	bool is_translated; /* some walk changed its target */
	uint32_t rule;      /* UNSURE: as in exposure_doubt */
	const char *why;
};

/*
 * exposure_walk.c: every walk of one packet and of the answer to it. cell: is narrowed to
 * those that fare alike; NULL: nobody asks. Needs are added to x. 0, -ENOMEM.
 */
int exposure_walk(struct exposure *x, const struct exposure_try *t, struct fw_cell *cell,
		  struct exposure_answer *out);
/* As far as PREROUTING: may a rule change the target? */
int exposure_is_translated(struct exposure *x, const struct exposure_try *t,
			   struct fw_cell *cell, bool *out);

/* exposure_one.c: one walk, as the choices tell. 0, -ENOMEM. */
int exposure_walk_one(const struct exposure_try *t, struct fw_choices *c,
		      struct fw_cell *cell, struct exposure_one *o);
/* The same as far as PREROUTING. */
int exposure_come_in(const struct exposure_try *t, struct fw_choices *c,
		     struct fw_cell *cell, struct exposure_one *o);
bool exposure_has_moved(const struct exposure_one *o);
/* Whose socket takes it there: its target, or the end of the leg. */
void exposure_meet_socket(struct exposure_one *o, const struct space *space,
			  uint32_t ifindex);
/* The answer to the packet: to this client, as its conntrack entry has it. */
void exposure_turn_packet(struct walking *k, const struct addr *client);

/* exposure_inside.c: from the way out of this host into the other namespace, to its
 * socket; and what that answers as far as this host's way in. */
void exposure_enter(struct exposure_one *o);
void exposure_answer_inside(struct exposure_one *o);

/* exposure_sets.c: sets are asked for whole. */
void exposure_ask_whole(struct fw_lookups *lookups);
/* Of the world and those of the wish, where they were read again. */
void exposure_compare_rules(struct exposure_agains *all, const struct path_world *w,
			    const struct exposure_wish *wish);

/* Who is reached by one try from all sources: rows, the same for several tries as a rule.
 */
struct exposure_entry {
	uint32_t ifindex;
	struct addr to;
};
struct exposure_row {
	const struct endpoint *endpoint;
	uint16_t port, port_high;
	bool is_translated;
	int family;
	struct vec entries; /* struct exposure_entry: the tries that came to the same */
	struct vec open, doubts;
};

struct exposure_scan {
	const struct path_world *world;
	const struct exposure_wish *wish;
	struct exposure *out;
	struct vec rows;    /* struct exposure_row */
	struct vec special; /* struct exposure_span: own, broadcast, ... addresses */
	size_t walks_left;
};

/* exposure_special.c: filters of tc tell ports apart as well. */
void exposure_bound_ports(const struct path_world *w, struct fw_cell *cell);
/* fills special, and of them those that are no sources go to
 * out->excluded. 0, -ENOMEM. */
int exposure_note_special(struct exposure_scan *s);
/* 0, -ENOMEM. */
int exposure_add_span(struct vec *v, const struct exposure_span *s);
/* qsort(3): by their first address, the longer one first. */
int exposure_compare_spans(const void *a, const void *b);
/* Sorted, and what touches or overlaps is one (struct exposure_span). */
void exposure_join_spans(struct vec *v);

/* One try from all sources of its family, interval by interval. */
struct exposure_sources {
	struct exposure_try try; /* from: the first one that was not walked yet */
	const struct endpoint
		*direct;           /* who takes it if no rule changes it; NULL: nobody */
	uint16_t port_high;        /* up to which port all of it holds as well */
	struct vec rows;           /* struct exposure_row */
	struct exposure_span left; /* excluded sources just behind what was walked */
	bool has_left;
	struct exposure_span last; /* how the intervals so far followed each other */
	size_t n_alike, n_walks;
};

/* exposure_scan.c: 0, -ENOMEM; release in any case. */
int exposure_sources_start(struct exposure_sources *f, const struct exposure_try *t,
			   const struct endpoint *direct, uint16_t port_high);
/* Walks one interval. 1: it was the last, and rows are made or joined in s; 0, -ENOMEM. */
int exposure_sources_step(struct exposure_scan *s, struct exposure_sources *f);
void exposure_sources_release(struct exposure_sources *f);
void exposure_row_release(struct exposure_row *row);

/* What is tried next: a packet to somewhere. */
struct exposure_next {
	struct exposure_try try;
	const struct endpoint *direct;
	uint16_t port_high; /* nobody listens behind its port, up to this one */
};

/* Where the search stands among all that is to be tried. */
struct exposure_tries {
	const struct path_world *world;
	struct exposure_wish wish;
	struct exposure_agains agains;
	size_t link, address, row;
	enum { TRIES_LINK, TRIES_ADDRESS, TRIES_PORTS, TRIES_TRANSLATIONS, TRIES_ODD } at;
	struct exposure_try try;
	bool has_translations;
	uint32_t port;                /* TRANSLATIONS: the next one */
	uint32_t range_at, range_end; /* that are translated; at > end: none */
	size_t n_asked, n_in_range;
};

/* exposure_tries.c: world and wish are set. 1: out is; 0: nothing yet, go on; -ENOENT: no
 * more; -ENOMEM. */
int exposure_tries_next(struct exposure_tries *t, struct exposure *x,
			struct exposure_next *out);
/* The last one holds up to this port. */
void exposure_tries_done(struct exposure_tries *t, uint16_t port_high);
bool exposure_is_wished(const struct exposure_wish *wish, uint8_t proto, uint16_t low,
			uint16_t high);
bool exposure_is_endpoint_wished(const struct exposure_wish *wish,
				 const struct endpoint *e);

/* exposure_nets.c: how many networks the span is. */
size_t exposure_count_span(const struct exposure_span *span);
/* As many addresses are in both. */
bool exposure_is_same_size(const struct exposure_span *a, const struct exposure_span *b);

/* exposure_ways.c: the rows of the wished listeners as ways. 0, -ENOMEM. */
int exposure_make_ways(struct exposure_scan *s, struct exposure_listener *l);

#endif
