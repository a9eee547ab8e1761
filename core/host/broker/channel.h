/*
 * The ui's end of the seam: requests go in, blobs come out. Behind it stands the broker on
 * this host or a recording of another one; a caller cannot tell them apart.
 */
#ifndef CORE_HOST_CHANNEL_H
#define CORE_HOST_CHANNEL_H

#include <limits.h>

#include "core/host/blob.h"
#include "core/host/request.h"

struct channel;
struct recorder;
struct recording;
struct tape_moment;

/* Takes fd (a SOCK_SEQPACKET to the broker, non-blocking). NULL for want of memory. */
struct channel *channel_live_take(int fd);
/*
 * Answers from a recording (taken). `control_fd` (taken too; -1: none) is the socket to the
 * broker, which then only serves the terminal and exports.
 */
struct channel *channel_replay_take(struct recording *rec, int control_fd);
void channel_free(struct channel *c);

/* Readable when channel_receive() may give something. For epoll. Live it is the socket
 * itself. */
int channel_fd(const struct channel *c);
/* In a replay the socket to the broker beside it (-1: none); live -1. To be watched as
 * well. */
int channel_control_fd(const struct channel *c);
bool channel_is_replay(const struct channel *c);

/*
 * Asks. *seq (from 1, never 0) names the answer's parts. 0, -EINVAL (bad request), -EPIPE
 * (the broker is gone), -ENOBUFS (too many unanswered), -ENOMEM. Does not block: what the
 * socket does not take waits in the channel; call channel_flush() when
 * channel_wants_write().
 */
int channel_request(struct channel *c, const struct request *r, uint32_t *seq);
/*
 * Live, before the first request: the broker answers these unasked (broker_options.first),
 * the i-th as sequence number i + 1. Who asks for one of them in the same words gets that
 * number, and nothing is sent; the answer to one that nobody has asked for when it comes is
 * passed over.
 */
void channel_expect(struct channel *c, const struct request *first, size_t n);
/* Nobody waits for this answer any more: a recording says that it did not come in time. */
void channel_give_up(struct channel *c, uint32_t seq);
bool channel_wants_write(const struct channel *c);
int channel_flush(struct channel *c);

/*
 * Ends a request early. A capture ends and tells the rest: its last part still comes. Of
 * any other request nothing more comes. In a replay nothing happens, as the
 * end is recorded; in one that stands nothing more comes. 0 (also if it has ended), -EPIPE,
 * -ENOMEM.
 */
int channel_cancel(struct channel *c, uint32_t seq);

enum channel_event {
	CHANNEL_NOTHING,  /* would block */
	CHANNEL_BLOB,     /* *out holds a part */
	CHANNEL_RESUMED,  /* the program was stopped and goes on: draw all again */
	CHANNEL_SUSPEND,  /* the broker was told to stop us: leave the terminal, then
			     channel_suspend() */
	CHANNEL_EXPORT,   /* an export file is open: channel_take_export() */
	CHANNEL_SETTINGS, /* the configuration: channel_take_settings() */
	CHANNEL_NOTICE, /* a sentence for the user ("a worker died and was started again"):
			   channel_notice() */
	CHANNEL_CLOSED, /* the broker is gone: restore the terminal and exit */
};

/* The next event without blocking. A damaged message from the broker counts as
 * CHANNEL_CLOSED. */
enum channel_event channel_receive(struct channel *c, struct blob *out);

/*
 * A replay that stands: each request gets what was recorded last before that moment, a
 * capture its packets up to it. channel_play(): requests get what was recorded from there
 * on, in turn. Live nothing happens.
 */
void channel_stand(struct channel *c, int64_t wall_ns);
void channel_play(struct channel *c);
/* The pictures of the host that were recorded (record.h); live none. */
size_t channel_moments(const struct channel *c, const struct tape_moment **out);

/* The answers to all that is asked from now on are written to rec too (taken; closed by
 * channel_free). */
void channel_record_take(struct channel *c, struct recorder *rec);

/* The one that is writing, NULL: none. Borrowed: its size and error. */
const struct recorder *channel_recorder(const struct channel *c);
/* Ends the recording; 0 or the first -errno of its writing. */
int channel_record_close(struct channel *c);
/* Writes a line for every request and part to fd (taken): --debug. */
void channel_debug_take(struct channel *c, int fd);

/* Registers what leaves the terminal clean if we die (rmcup, cnorm, ...); at most 512
 * bytes. */
int channel_terminal_exit(struct channel *c, const void *bytes, size_t len);
/* Terminal is left: ask the broker to stop the whole job (^Z). CHANNEL_RESUMED follows
 * later. */
int channel_suspend(struct channel *c);
/* Asks for a new file (O_EXCL) in the export directory; name: [A-Za-z0-9._:-], no leading
 * dot. */
int channel_export(struct channel *c, const char *name);
/* After CHANNEL_EXPORT: the descriptor (now the caller's) or -errno of the failed creation.
 */
int channel_take_export(struct channel *c);
/* Asks for the user's configuration, to be written anew (settings.h). CHANNEL_SETTINGS
 * follows. */
int channel_settings_open(struct channel *c);
/* It is written: in place with it, or away; if it is kept CHANNEL_SETTINGS follows. */
int channel_settings_close(struct channel *c, bool is_kept);
/* After CHANNEL_SETTINGS: the descriptor (now the caller's), CHANNEL_SETTINGS_KEPT once it
 * is in its place, or -errno. */
int channel_take_settings(struct channel *c);
#define CHANNEL_SETTINGS_KEPT INT_MAX
/* After CHANNEL_NOTICE: borrowed until the next receive. */
const char *channel_notice(const struct channel *c);

#endif
