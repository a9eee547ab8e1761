/*
 * What the commands share that look once and then ask (diagnose, path): the picture of this
 * host, the loop that waits for what was asked, and the name of a target. Decides nothing
 * of what was found.
 */
#ifndef TUI_LOOKING_H
#define TUI_LOOKING_H

#include "core/host/broker/channel.h"
#include "core/snapshot/inquiry.h"
#include "tui/cli.h"

/* What the command itself does meanwhile; each may be NULL. */
struct looking_user {
	/* One part from the channel: as inquiry_blob(). */
	int (*blob)(void *arg, const struct blob *b);
	void (*snapshot)(void *arg); /* there is a newer one */
	void (*notice)(void *arg);   /* a sentence will stand on standard error */
};

struct looking {
	const struct cli *cli;
	struct channel *channel;
	int signal_fd;
	const struct looking_user *user; /* NULL: none */
	void *arg;
	struct refresh *refresh;
	struct snapshot *snapshot; /* a reference; NULL: none yet */
	struct inquiry *inquiry;   /* that is being asked; NULL */
	int code;                  /* ends everything if it is not 0 */
};

/* cli, channel, signal_fd and user are set. Looks until the picture is whole; a namespace
 * that was named and cannot be read is said and ends it: code. */
void looking_start(struct looking *l);
void looking_end(struct looking *l);
/* One turn: what is due is asked, what came is taken; waits for 50 ms at most. */
void looking_turn(struct looking *l);
/* All that waits in it, until it is answered or this much time has passed. */
void looking_ask(struct looking *l, struct inquiry *i, int64_t patience_ns);
/* The address that this host's resolver knows for the name first, of this family where it
 * has one (AF_UNSPEC: whichever); it proves nothing of the client's. None: that is said,
 * and code is set. */
struct addr looking_resolve(struct looking *l, const char *host, int family);
/* The namespace that the call is about; NULL: not there. */
const struct space *looking_space(const struct looking *l);

#endif
