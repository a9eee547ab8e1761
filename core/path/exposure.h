/*
 * Which sources can reach each listener, and by which interface: the exact set of
 * addresses, by bind scope, firewall and translation. A source stands for any of its ports.
 * Routing is left out: every source is taken to come in by the interface, its answer to
 * leave by it. Into another namespace of this host (a container's) it is followed. Pure.
 */
#ifndef CORE_PATH_EXPOSURE_H
#define CORE_PATH_EXPOSURE_H

#include "core/path/path.h"

enum { EXPOSURE_INSIDE_MAX = 64, EXPOSURE_NEEDS_MAX = 32 };

struct exposure_span {
	struct addr low, high; /* both in it; one family */
};

/* Whether these get through is not known. */
struct exposure_doubt {
	struct exposure_span span;
	uint32_t rule;   /* UINT32_MAX: not of a rule */
	const char *why; /* static words */
};

/* One way in to a listener. */
struct exposure_way {
	struct vec devices; /* uint32_t ifindex */
	struct addr asked; /* none: whatever address of this host (or the listener's own) */
	uint16_t port, port_high; /* that are asked for */
	bool is_translated;
	struct vec open;   /* struct exposure_span, in order */
	struct vec doubts; /* struct exposure_doubt, in order */
};

struct exposure_listener {
	const struct endpoint *endpoint; /* of the snapshot */
	struct vec ways;                 /* struct exposure_way */
	enum tri from_host;              /* this host itself reaches it */
	struct exposure_doubt host_doubt;
};

struct exposure {
	struct vec listeners; /* struct exposure_listener, as in the snapshot */
	struct vec excluded;  /* struct exposure_span: no sources from outside */
	bool is_blind;        /* the rules could not be read: bind scope only */
	bool is_cut;          /* not every source was walked: the rest is in doubts */
	struct question needs[PATH_NEEDS_MAX]; /* ask, then find again */
	size_t n_needs;
	/* Likewise, of other namespaces: for the worlds of the wish. */
	struct exposure_need {
		const struct space *space;
		struct question question;
	} inside_needs[EXPOSURE_NEEDS_MAX];
	size_t n_inside_needs;
	/* Namespaces that listeners are in and whose rules are not known: read them, then
	 * find again with their worlds in the wish. */
	const struct space *wanted[EXPOSURE_INSIDE_MAX];
	size_t n_wanted;
};

/* The packets that a socket of it takes: IPPROTO_... */
uint8_t exposure_proto(enum socket_proto p);

/* Which listeners: of one of these ports (also by a port that is translated to it); none:
 * all of them. */
struct exposure_port {
	uint16_t port;
	uint8_t proto; /* IPPROTO_; 0: any */
};
struct exposure_wish {
	const struct exposure_port *ports;
	size_t n_ports;
	/* Other namespaces of the same snapshot that translations lead into; without
	 * responses their sets are not asked for. */
	const struct path_world *inside;
	size_t n_inside;
};

/* 0, -ENOMEM; release in any case. Of the namespace that w->space is. */
int exposure_find(const struct path_world *w, const struct exposure_wish *wish,
		  struct exposure *out);
void exposure_release(struct exposure *x);

/*
 * The same in small steps. The arguments are borrowed until exposure_stop(); out is whole
 * only when a step was the last. NULL: no memory (out is to be released then too).
 */
struct exposure_search;
struct exposure_search *exposure_start(const struct path_world *w,
				       const struct exposure_wish *wish,
				       struct exposure *out);
/* The walks of one packet at most. 1: that was the last step; 0, -ENOMEM. */
int exposure_step(struct exposure_search *r);
void exposure_stop(struct exposure_search *r);

/* Takes the largest network off the front of the span. False: nothing is left. */
bool exposure_take_prefix(struct exposure_span *rest, struct addr *prefix, unsigned *len);
/* How many networks the spans (struct exposure_span) are. */
size_t exposure_count_prefixes(const struct vec *spans);
/* Adds everything of the family but the spans (in order). 0 or -ENOMEM. */
int exposure_turn_round(const struct vec *spans, int family, struct vec *out);
/* All of one family (the excluded ones do not count). */
bool exposure_is_anywhere(const struct vec *spans, int family);

/* Of one rule, for one reason. */
bool exposure_is_same_doubt(const struct exposure_doubt *a, const struct exposure_doubt *b);
/* None of those (struct exposure_doubt) before this one is the same. */
bool exposure_is_first_doubt(const struct vec *doubts, size_t at);

enum { EXPOSURE_WORD_MAX = 32 };
/*
 * For a column: "any" every source of a family that it serves, "lan" only private and
 * link-local ones, "3 nets", "any but 2", "host" this host alone, "nobody", "unsure", "?"
 * the rules could not be read. Returns out.
 */
const char *exposure_word(const struct exposure *x, const struct exposure_listener *l,
			  char out[EXPOSURE_WORD_MAX]);

#endif
