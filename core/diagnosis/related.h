/*
 * Data connections that a control connection of the target has agreed on (FTP, RFC 959):
 * which were tried and came to nothing, and the way of one of them. Of SIP the media are
 * datagrams to ports that are not captured: they are not looked for.
 */
#ifndef CORE_DIAGNOSIS_RELATED_H
#define CORE_DIAGNOSIS_RELATED_H

#include "core/diagnosis/evidence.h"

struct related {
	const struct attempt *control; /* the newest one that got through */
	/* Of the same two hosts since it began; passive: by the client to this host. */
	const struct attempt *data; /* the newest that failed; NULL: none */
	bool is_active; /* this host began it, from the port below the target's */
	uint32_t n_failed, n_syns, n_open;
	bool has_many_ports; /* those that failed went to different ports */
};

/* True if a control connection of the walk's client got through, and a data connection
 * after it did not. */
bool related_look(const struct evidence *e, const struct walk *w, struct related *out);
/* The way of the data connection, passive; questions that it needs are in out->needs.
 * False: there is none, or no memory. */
bool related_walk(const struct evidence *e, const struct walk *w, struct path *out);
/* A control connection is open, and what follows it is still to come. */
bool related_is_awaited(const struct evidence *e, const struct attempt *a, int64_t wall_ns);

#endif
