/*
 * A recording: a tar file (ustar) of blobs. Member SEQ/NETNS/SOURCE/ARGS, one per part; its
 * data is one header line "part=N status=W error=N wall=NS boot=NS\n" and the bytes. The
 * first member is meta.json {version, program, byte_order, time, rights}. SEQ has eight
 * digits (more from 100000000 on), NETNS is the inode in decimal. Does not know what blobs
 * mean; does not choose file names (the fd was opened before).
 */
#ifndef CORE_HOST_RECORD_H
#define CORE_HOST_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/host/blob.h"

#define RECORD_MAX_BYTES (INT64_C(256) << 20) /* then it stops and says so */
#define RECORD_VERSION   1

struct recorder;

/* Takes fd (open for writing at its start). NULL and errno on failure. `meta_rights`: uid
 * and capability mask of the recording process, e.g. "uid=0 caps=000001ffffffffff". */
struct recorder *recorder_open_take(int fd, int64_t wall_ns, const char *meta_rights);
/* Writes one part; `text` is request_text(). The first part of an answer that is written is
 * part 0. 0; -EINVAL for a text or field that no reader would take (nothing is written);
 * -EFBIG once the limit is reached (kept, nothing more is written); -errno of the file
 * (ENOSPC, ...), which stays. */
int recorder_write(struct recorder *r, const char *text, const struct blob *b);
/* Bytes written so far; what stopped it (0 or a negative errno). */
int64_t recorder_bytes(const struct recorder *r);
int recorder_error(const struct recorder *r);
/* Ends the archive, closes, frees. 0 or the first -errno. NULL: 0. */
int recorder_close(struct recorder *r);

struct recording;

/* A part as it stands in a recording. */
struct recorded {
	const char *text; /* WORD/ARGS */
	struct blob blob; /* seq as recorded; bytes borrowed from the recording */
};

/*
 * Reads a recording whole (at most 2 * RECORD_MAX_BYTES) from fd (not taken). On failure
 * returns NULL and *error is one sentence (static or malloc'ed into the message buffer)
 * that names the damage. A file that ends early, or has damage behind its meta.json, is
 * opened with what stands before it: recording_damage() then tells.
 */
struct recording *recording_open(int fd, char error[256]);
/* The same from memory (fuzzing, tests); bytes are borrowed. */
struct recording *recording_from_bytes(const void *bytes, size_t len, char error[256]);
void recording_free(struct recording *r);
size_t recording_n_parts(const struct recording *r);
const struct recorded *recording_part(const struct recording *r, size_t i);
/* NULL, or a sentence on what is damaged or missing ("... 12 of about 13 parts ..."). */
const char *recording_damage(const struct recording *r);
/*
 * Which namespaces were looked at: "" the own one, "all", "name:blue", "pid:812" (borrowed,
 * as in request_text()). NULL: that is not told.
 */
const char *recording_netns(const struct recording *r);
/* One picture of the host: the answers from then until the next one began. */
struct tape_moment {
	int64_t wall_ns, until_ns; /* it began; the last ns before the next; INT64_MAX */
	bool has_changed;          /* its listeners are not as they were before */
};

/* In their order: a new one with each look at the listeners. Borrowed. */
size_t recording_moments(const struct recording *r, const struct tape_moment **out);
/* Which answer to `text` was begun last before that moment; none: the first. */
unsigned recording_nth_at(const struct recording *r, const char *text, int64_t wall_ns);
/* Which one was begun first from that moment on; none: the first. */
unsigned recording_nth_from(const struct recording *r, const char *text, int64_t wall_ns);

/* Wall time of the first part, 0 if empty. */
int64_t recording_start_ns(const struct recording *r);

/*
 * The answer to the (n+1)th request for `text`: sets [*first, *end) to the indices of its
 * parts, in order. After the last recorded answer the last is given again and *is_repeat is
 * set. -ENOENT: nothing recorded for it.
 */
int recording_find(const struct recording *r, const char *text, unsigned nth, size_t *first,
		   size_t *end, bool *is_repeat);

#endif
