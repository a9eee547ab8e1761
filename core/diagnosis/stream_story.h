/*
 * What became of one conversation, in one word, out of what its packets show; and how many
 * of a walk's conversations went which way. Names no fault: several fit some stories.
 */
#ifndef CORE_DIAGNOSIS_STREAM_STORY_H
#define CORE_DIAGNOSIS_STREAM_STORY_H

#include "core/diagnosis/check_help.h"

enum story {
	STORY_UNTOLD,         /* not followed, not open, or nothing happened that tells */
	STORY_SERVED,         /* the server's bytes fit the client's */
	STORY_TLS_TO_PLAIN,   /* a ClientHello was answered in plain text */
	STORY_PLAIN_TO_TLS,   /* plain text was answered by TLS, or by "this is HTTPS" */
	STORY_ALERT,          /* both speak TLS, and one gave up with an alert */
	STORY_PROTOCOL,       /* each speaks another protocol */
	STORY_PROXY_REFUSED,  /* a PROXY header met a protocol that has none */
	STORY_TOO_MANY,       /* the service says that it has too many clients */
	STORY_DENIED,         /* the service says that it does not want this one */
	STORY_RESET,          /* the server's end reset it without a byte */
	STORY_CLOSED_AT_ONCE, /* it closed before the client had spoken, without a byte */
	STORY_CLOSED_UNHEARD, /* it closed after the client had spoken, without a byte */
	STORY_STUCK,          /* full-size segments do not get through, small ones do */
	STORY_FOREIGN_RESET,  /* a RST from another distance than its sender's packets */
	N_STORIES
};

struct stories {
	unsigned n[N_STORIES];
	unsigned n_told;                         /* all but STORY_UNTOLD */
	const struct attempt *newest[N_STORIES]; /* NULL: none */
};

/* until_ns: when the window ended; what is stuck is so for a while. */
enum story story_of(const struct attempt *a, int64_t until_ns);
/* It was no service to that client. A client that asks nothing, as many a health check, may
 * be hung up on in all order, but where the service that is known for the port speaks
 * first.
 */
bool story_is_ill(enum story s, const struct attempt *a);
/* Of the attempts that are in sight. */
void stories_count(const struct check_view *v, struct stories *out);
/* All that is told is this one story. */
bool stories_are_only(const struct stories *s, enum story one);

/* What was said so far means one thing if it ends here, and another if it goes on. */
bool story_awaits_end(const struct attempt *a);
/* The server's end closed or reset it before the client's did. */
bool story_is_ended_by_server(const struct attempt *a);
/* By how many routers the end's RST came from elsewhere than its other packets; 0: none. */
unsigned story_reset_hops(const struct stream_side *s);
/* Routers that a packet with this TTL has passed, from the usual beginnings 64, 128, 255.
 */
unsigned story_distance(uint8_t ttl);
/* Whose segments are stuck, and not because the other end takes none; NULL: nobody's.
 * *is_sure: smaller ones pass, and none of that size was seen to. */
const struct stream_side *story_stuck_side(const struct attempt *a, int64_t until_ns,
					   bool *is_sure);
/* A full-size segment of that side was acknowledged. */
bool story_passes_full_size(const struct attempt *a, const struct stream_side *s);

#endif
