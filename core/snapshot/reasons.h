/*
 * The tables of reasons and grants: why a view is not full, and what would help. In a
 * sentence {error} {services error} {passwd error} {unread} {seen} {pid} {what} stand for
 * what the snapshot has; missing.c fills them in.
 */
#ifndef CORE_SNAPSHOT_REASONS_H
#define CORE_SNAPSHOT_REASONS_H

#include "core/snapshot/snapshot.h"

/* A way out. It is not offered to a reader who has all of caps already. */
struct grant {
	uint64_t caps; /* that it gives; 0: it gives none */
	const char *text;
	const char *as_root; /* for a root that was given few rights; NULL: text */
};

/* What the snapshot itself shows; of the reasons for lacking owners the weightiest comes
 * first. */
struct state_reason {
	const char *source; /* NULL: the end */
	bool (*is_so)(const struct snapshot *s);
	const char *reason;
	const struct grant *grant; /* NULL: nothing would help */
};
extern const struct state_reason state_reasons[];

/* What a note says; the first row that fits counts. */
struct note_reason {
	const char *source;        /* NULL: any */
	enum source_status status; /* SOURCE_OK: the end */
	int error;                 /* 0: any */
	bool in_space_only;        /* of another namespace than the own one */
	const char *reason;        /* NULL: nothing is missing, or it is said already */
	const struct grant *grant;
};
extern const struct note_reason note_reasons[];

/* What a source is called: in the list of what is missing, and in a sentence (plural).
 * NULL: it has no such words. */
struct source_words {
	const char *source;
	const char *shown;
	const char *what;
};
const struct source_words *source_words_of(const char *source);

/* Whether the reader had all these capabilities; CAP_DAC_OVERRIDE counts as
 * CAP_DAC_READ_SEARCH too. */
bool reader_has_caps(const struct snapshot *s, uint64_t caps);

#endif
