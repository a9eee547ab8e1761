/*
 * The refresh: which source is due, what its answer becomes, and when a new snapshot is
 * there. A state machine: it names requests and is fed blobs, never sleeps, never looks at
 * a clock (now_ns is CLOCK_MONOTONIC, an argument). The table of sources {name, request,
 * decode} is sources.c.
 */
#ifndef CORE_SNAPSHOT_REFRESH_H
#define CORE_SNAPSHOT_REFRESH_H

#include "core/host/blob.h"
#include "core/host/broker/channel.h"
#include "core/snapshot/snapshot.h"

struct refresh_options {
	enum { SPACES_OWN, SPACES_ONE, SPACES_ALL } spaces;
	struct netns_ref space; /* SPACES_ONE */
	bool without_owners;    /* list --no-owners */
	bool without_connections;
	bool once; /* every source a single time (batch) */
	/*
	 * Between two looks at the listeners; other sources are multiples; stretched with
	 * size. 0: 1 s
	 */
	int64_t interval_ns;
};

struct refresh;

/* NULL: no memory. Options are copied. */
struct refresh *refresh_new(const struct refresh_options *o);
void refresh_free(struct refresh *r);

/*
 * Sends what is due, and what falls due within an eighth of the interval, so that the
 * timers run together. 0 or the channel's error; a channel that is full for now is none.
 */
int refresh_ask(struct refresh *r, struct channel *c, int64_t now_ns);
/*
 * The two halves of refresh_ask(), for callers without a channel: the next request that is
 * due (its inodes are borrowed until refresh_sent()), false if there is none; then that it
 * is on its way as seq. Without refresh_sent() the next one is the same again. 0, -ENOMEM
 * (its answer will be ignored), -EINVAL (nothing was named).
 */
bool refresh_next(struct refresh *r, int64_t now_ns, struct request *out);
int refresh_sent(struct refresh *r, uint32_t seq, int64_t now_ns);

/* When refresh_ask() should be called next; INT64_MAX: only after a blob. */
int64_t refresh_due_ns(const struct refresh *r);
/*
 * Feeds one part. 1: something changed and refresh_snapshot() is worth calling (never
 * before the first listeners are there); 0: not yet; -ENOMEM: what the part told is lost,
 * and a note says so. A damaged answer becomes a note, never an error; parts that nobody
 * asked for are ignored.
 */
int refresh_blob(struct refresh *r, const struct blob *b, int64_t now_ns);
/* All first answers are in (or refused, or timed out). */
bool refresh_is_settled(const struct refresh *r);
/* A new snapshot with one reference; NULL: no memory. */
struct snapshot *refresh_snapshot(struct refresh *r);
/* Ask all sources again now (the r key). */
void refresh_now(struct refresh *r);
/*
 * Looks run together with ticks of the caller's, which come each second: one of them is or
 * was at phase_ns. What is asked between two ticks is due earlier the next time, for once.
 */
void refresh_set_phase(struct refresh *r, int64_t phase_ns);
/* Another base interval from now on, kept between 10 ms and an hour; 0: 1 s. */
void refresh_set_interval(struct refresh *r, int64_t interval_ns);

/* One row per source for `dport doctor`: name, what it gave. */
struct source_state {
	const char *name;  /* as in struct source_note */
	struct text space; /* borrowed until the next call that changes r */
	bool asked, answered;
	enum blob_status status;
	int error; /* positive errno; EBADMSG: damaged, ENODATA: not recorded */
	size_t rows;
	int64_t took_ns; /* last answer; not part of any frozen output */
};
/* Returns how many there are; writes at most room of them. */
size_t refresh_sources(const struct refresh *r, struct source_state *out, size_t room);

#endif
