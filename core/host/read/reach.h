/* The parts of trying a port: reach.c tries, the others look at one connection. Private to
 * them. The words that each writes are in core/network/reach.h. */
#ifndef CORE_HOST_READ_REACH_H
#define CORE_HOST_READ_REACH_H

#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include "core/base/asks.h"
#include "core/host/tape/bundle_out.h"

/* One address under way. */
struct reach_try {
	struct addr to;
	int fd; /* -1: none (yet, or any more) */
	int64_t start_ns, took_ns;
	int error; /* positive errno; 0: connected */
	bool has_begun, is_over;
	unsigned n_syns;
	bool has_icmp, is_sender_told;
	uint8_t icmp_type, icmp_code;
	struct addr icmp_from;
	struct addr own;   /* our end where the socket cannot tell it; none: it can */
	uint8_t talk;      /* enum reach_talk: what is said on it */
	bool is_large;     /* by more than one segment takes */
	uint8_t next_talk; /* what a second connection is to say; REACH_TALK_NONE: none */
	bool is_next_large;
	bool has_stalled; /* what we said was sent again, and not acknowledged */
};

/* Of the right size for the family; returns it. */
socklen_t reach_sockaddr(struct sockaddr_storage *out, const struct addr *a, uint16_t port);
/* None of another family. */
struct addr reach_addr(const struct sockaddr_storage *in);

/* The words of "reach/N", without an end; the start is told from base_ns on. */
void reach_words(FILE *f, const struct reach_try *t, int64_t base_ns);

/*
 * reach_talk.c: speaks on all of the n that stand, at once, each in a process without
 * rights; writes "ITEM/N" (with "talk" also "server/N", "location/N"). What was heard goes
 * to reach_learn().
 */
void reach_talk(const struct reach_ask *ask, struct reach_try *tries, const char *item,
		struct bundle_out *out);
/* reach_again.c: what the words of a talk ask for next: next_talk, has_stalled. */
void reach_learn(struct reach_try *t, const char *words);
/*
 * reach_again.c: a second connection to each address where the first talk asks for one,
 * unless it could last beyond until_ns; writes "second/N". has_stalled is the tries' then.
 */
void reach_again(const struct reach_ask *ask, struct reach_try *tries, int64_t until_ns,
		 struct bundle_out *out);
/* reach_udp.c: the same port by datagrams; all that reach_run() writes. */
int reach_datagrams(const struct reach_ask *ask, struct bundle_out *out);
/* reach_sizes.c: "sizes/N". */
void reach_sizes(const struct reach_try *t, size_t at, struct bundle_out *out);
/* reach_ports.c: "ports/N", of one that found no source port. */
void reach_ports(const struct reach_try *t, size_t at, uint16_t port,
		 struct bundle_out *out);

#endif
