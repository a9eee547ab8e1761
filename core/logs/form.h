/*
 * A known sentence with holes, and whether a line is one. Inside core/logs. Letters stand
 * for themselves, one blank for one or more. The holes:
 *
 * %n a number; %N one that is not 0; %i a pid; %s a network namespace's inode; %p a port;
 * %a an address; %e an address and port as daemons write them ("0.0.0.0:80", "[::]:80",
 * ":80", "*:80"); %w a word and %c anything, both up to the letter that comes next and not
 * empty; %j, %u the same as %w, kept; %k the same as %c, kept; %r why a bind failed, in
 * words; %* anything, also nothing;
 * %$ the line's end, behind a point or quotes.
 *
 * What stands behind the form is not looked at, except by %$.
 */
#ifndef CORE_LOGS_FORM_H
#define CORE_LOGS_FORM_H

#include "core/base/addr.h"
#include "core/logs/match.h"

struct form_found {
	struct text endpoint; /* %e, %p, as written */
	bool has_port;
	uint16_t port;
	struct addr address; /* the last one; none: none */
	struct text word;    /* %j %u %k */
	int32_t pid;
	uint64_t netns;          /* 0: none */
	enum log_meaning reason; /* of %r; N_LOG_MEANINGS: none */
};

/* False: it is none, or it was not found out within a bounded number of steps. */
bool form_match(const char *form, struct text line, struct form_found *out);

/* The whole of t as an address; false: it is none. */
bool form_address(struct text t, struct addr *out);

#endif
