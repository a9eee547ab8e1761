/*
 * Records on the pipe from a capture: little endian, one after another in a part; a record
 * never straddles two parts. Head: u8 version, u8 kind, u16 length of what follows.
 * Encoding is complete (every field), decoding is checked (every length, enum and count).
 */
#ifndef CORE_WIRE_RECORDS_H
#define CORE_WIRE_RECORDS_H

#include "core/base/cursor.h"
#include "core/base/str.h"
#include "core/wire/attempt.h"
#include "core/wire/link_sight.h"

/* 1: attempts had no stream; 2: states no n_saved; 3: streams no passed_bytes, n_shut */
#define WIRE_VERSION 4
#define RECORD_MAX   1024 /* no record is longer, head included */

enum record_kind {
	RECORD_ATTEMPT = 1,
	RECORD_STATE,
	RECORD_PORT,
	RECORD_PROBLEM,
	RECORD_LINK
};

#define PROBLEM_MAX 200

struct record {
	enum record_kind kind;
	union {
		struct attempt attempt;
		struct capture_state state;
		struct port_count port;
		struct link_sight link;
		/* Why there is no capture, or no more: a positive errno and what libpcap
		 * said. */
		struct {
			int32_t error;
			char text[PROBLEM_MAX];
		} problem;
	};
};

/* Writes one record; out has RECORD_MAX bytes. Returns its size. */
size_t record_put(void *out, const struct record *r);
/*
 * The next record. 1; 0: the end; -EBADMSG: damaged (and always so from then on). A record
 * of a later version or unknown kind is passed over; one of an earlier version lacks what
 * it did not have.
 */
int record_get(struct cursor *c, struct record *out);

#endif
