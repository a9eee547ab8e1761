/* What the parts of exposure share. For core/path/exposure*.c only. */
#ifndef CORE_PATH_EXPOSURE_IMPL_H
#define CORE_PATH_EXPOSURE_IMPL_H

#include "core/path/exposure.h"
#include "core/path/walking.h"

/* A packet that is tried. */
struct exposure_try {
	const struct path_world *world;
	uint8_t proto;
	struct addr from; /* none: nobody in particular */
	struct addr to;
	uint16_t port;
	uint32_t ifindex; /* that it comes in by */
	bool is_from_here;
};

enum exposure_end { EXPOSURE_CLOSED, EXPOSURE_OPEN, EXPOSURE_UNSURE };

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
	struct exposure *out;
	struct vec rows;    /* struct exposure_row */
	struct vec special; /* struct exposure_span: own, broadcast, ... addresses */
	size_t walks_left;
};

/* exposure_special.c: fills special, and of them those that are no sources go to
 * out->excluded. 0, -ENOMEM. */
int exposure_note_special(struct exposure_scan *s);
/* 0, -ENOMEM. */
int exposure_add_span(struct vec *v, const struct exposure_span *s);
/* qsort(3): by their first address, the longer one first. */
int exposure_compare_spans(const void *a, const void *b);
/* Sorted, and what touches or overlaps is one (struct exposure_span). */
void exposure_join_spans(struct vec *v);

/*
 * exposure_scan.c: all sources of the packet's family; rows are made or joined. direct: who
 * takes it if no rule changes it, NULL: nobody. *port_high: up to which port all of it
 * holds as well.
 */
int exposure_scan_sources(struct exposure_scan *s, const struct exposure_try *t,
			  const struct endpoint *direct, uint16_t *port_high);
void exposure_row_release(struct exposure_row *row);

/* exposure_nets.c: how many networks the span is. */
size_t exposure_count_span(const struct exposure_span *span);
/* As many addresses are in both. */
bool exposure_is_same_size(const struct exposure_span *a, const struct exposure_span *b);

/* exposure_ways.c: the rows of the wished listeners as ways. 0, -ENOMEM. */
int exposure_make_ways(struct exposure_scan *s, struct exposure_listener *l);

#endif
