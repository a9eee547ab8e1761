/*
 * The refresh: which source is due, what its answer becomes, and when a new snapshot is there. A state machine: it asks the channel and is fed blobs,
 * never sleeps, never looks at a clock (now_ns is CLOCK_MONOTONIC, an argument). The table of sources {name, request, decode} is sources.c.
 */
#ifndef CORE_SNAPSHOT_REFRESH_H
#define CORE_SNAPSHOT_REFRESH_H

#include "core/host/blob.h"
#include "core/host/channel.h"
#include "core/snapshot/snapshot.h"

struct refresh_options {
	enum { SPACES_OWN, SPACES_ONE, SPACES_ALL } spaces;
	struct netns_ref space; /* SPACES_ONE */
	bool without_owners;      /* list --no-owners */
	bool without_connections;
	bool once;                /* every source a single time (batch) */
	int64_t interval_ns;      /* between two looks at the listeners; other sources are multiples; stretched with size. 0: 1 s */
};

struct refresh;

struct refresh *refresh_new(const struct refresh_options *o);
void refresh_free(struct refresh *r);
/* Sends what is due. 0 or the channel's error. */
int refresh_ask(struct refresh *r, struct channel *c, int64_t now_ns);
/* When refresh_ask() should be called next; INT64_MAX: only after a blob. */
int64_t refresh_due_ns(const struct refresh *r);
/* Feeds one part. 1: something changed and refresh_snapshot() is worth calling; 0: not yet; -ENOMEM. A damaged answer
 * becomes a missing note, never an error. */
int refresh_blob(struct refresh *r, const struct blob *b, int64_t now_ns);
/* All first answers are in (or refused, or timed out). */
bool refresh_is_settled(const struct refresh *r);
/* A new snapshot with one reference; NULL: no memory. */
struct snapshot *refresh_snapshot(struct refresh *r);
/* Ask all sources again now (the r key). */
void refresh_now(struct refresh *r);
/* One row per source for `dport doctor`: name, what it gave. */
struct source_state {
	const char *name;
	struct text space;
	bool asked, answered;
	enum blob_status status;
	int error;
	size_t rows;
	int64_t took_ns; /* last answer; not part of any frozen output */
};
size_t refresh_sources(const struct refresh *r, struct source_state *out, size_t room);

#endif
