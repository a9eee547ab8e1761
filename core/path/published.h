/*
 * Ports of this host that a rule gives to another address or port: what a container engine
 * publishes, redirects, port forwarding. Who may use them is exposure's business. Pure.
 */
#ifndef CORE_PATH_PUBLISHED_H
#define CORE_PATH_PUBLISHED_H

#include "core/path/path.h"

enum { PUBLISHED_MAX = 64 };

struct published_row {
	uint64_t id;       /* stable over refreshes, never that of an endpoint */
	uint8_t proto;     /* IPPROTO_TCP, IPPROTO_UDP */
	uint16_t port;     /* that clients ask for */
	struct addr asked; /* an address of this host that it is asked at */
	uint32_t n_asked;  /* at how many */
	struct addr
		to; /* none: the address stays as it was asked, or is the device's own */
	uint16_t to_port;
	uint32_t rule;  /* of the ruleset: it translates; UINT32_MAX: not known */
	bool is_here;   /* to is this host's own */
	bool is_partly; /* some clients, by what is not known, get another target or none */
	/* The namespace that has the address at the end of a cable or macvlan from here;
	 * NULL: none that was read, or several. Of a redirect: this one. */
	const struct space *space;
	struct text container; /* that the namespace is of, by who listens in it; or none */
	const struct endpoint *endpoint; /* of it, that takes it; NULL: none */
	enum tri is_served; /* there is such a socket; UNSURE: not all could be read */
};

/* Frozen. Rows point into the snapshot, which it holds. */
struct published_table {
	struct table head;
	struct snapshot *snapshot;
	struct published_row *rows; /* by port, proto, target */
	size_t n;
	bool is_cut; /* there may be more */
};

/*
 * The rows of the namespace that w->space is, each proven by a packet that is walked as far
 * as the translation: from anybody, in by the device that has the address. NULL: no memory.
 * Rules that name no port, or wide ranges of them, are not among the rows.
 */
struct published_table *published_find(const struct path_world *w, struct snapshot *s);

#endif
