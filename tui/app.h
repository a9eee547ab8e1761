/*
 * The console: one epoll loop over terminal, channel and timers; feeds the refresh, shows
 * views, carries out actions. Runs in the child that holds no right.
 */
#ifndef TUI_APP_H
#define TUI_APP_H

#include "core/host/broker/channel.h"
#include "core/snapshot/refresh.h"
#include "tui/command/plain.h"
#include "tui/config/config.h"
#include "tui/state/guide_ask.h"

struct app_options {
	struct refresh_options refresh;
	const struct config *config; /* with the words of the call; borrowed */
	const char *keeps_in;        /* name of the configuration that may be written */
	const char *target;          /* the Guide opens on it; NULL: none */
	struct guide_given given;    /* what the words of the call say of it */
	const struct plain_screen *screen; /* --plain: that one; NULL: Ports */
	const char *replay;                /* name of the recording; NULL: live */
	const char *replay_damage;         /* a sentence to show first; NULL: none */
	const char *record; /* name of the file that is being written; NULL: none */
};

/*
 * Takes the terminal (standard input and output), runs until the user quits, gives the
 * terminal back. The channel stays the caller's. Returns the exit code: 0, 70 with a
 * sentence on standard error if the broker is gone or no terminal description can be used,
 * 130 after a terminating signal.
 */
int app_run(struct channel *c, const struct app_options *o);

/* --plain: one settled screen as linear text on standard output, then the end. Same exit
 * codes, 2 with a sentence if there is nothing to show it of, 74 if it cannot be written.
 */
int app_plain(struct channel *c, const struct app_options *o);

#endif
