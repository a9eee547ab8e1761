/*
 * Has questions asked of the host (or its recording) and makes tables of what comes back;
 * and follows one capture and one trace. The part of a diagnosis that knows requests and
 * blobs; decides nothing.
 */
#ifndef CORE_SNAPSHOT_INQUIRY_H
#define CORE_SNAPSHOT_INQUIRY_H

#include "core/host/blob.h"
#include "core/host/broker/channel.h"
#include "core/firewall/trace.h"
#include "core/network/drops.h"
#include "core/snapshot/question.h"
#include "core/wire/attempts.h"

struct inquiry {
	struct netns_ref space; /* where everything is read */
	int32_t utc_offset_s;   /* of this host's clock, for log lines */
	struct responses responses;
	struct attempts attempts;
	struct vec pending; /* struct inquiry_pending: requests under way */
	struct capture_ask capture;
	uint32_t capture_seq; /* 0: none was asked for */
	bool is_capture_wanted, is_capture_ending, is_capture_told, has_capture_ended;
	struct fw_trace trace;
	struct trace_ask trace_ask;
	uint32_t trace_seq; /* 0: none was asked for */
	bool is_trace_wanted, is_trace_told, has_trace_ended;
	struct drops drops;
	struct drop_ask drop_ask;
	uint32_t drops_seq; /* 0: none were asked for */
	bool are_drops_wanted, are_drops_told, have_drops_ended;
	int drops_error;   /* positive errno why there are (or were) none */
	int trace_error;   /* positive errno why there is (or was) none */
	int capture_error; /* positive errno why there is (or was) none */
	int64_t last_wall_ns, last_boot_ns; /* of the newest part: the clock of a replay */
};

void inquiry_init(struct inquiry *i, const struct netns_ref *space);
void inquiry_release(struct inquiry *i);
/* One more question; asked once however often it is put. 0 or -ENOMEM. */
int inquiry_ask(struct inquiry *i, const struct question *q);
/* Starts the capture, once. */
void inquiry_capture(struct inquiry *i, const struct capture_ask *ask);
/* Starts the trace, once: it adds a table for as long as it runs. */
void inquiry_trace(struct inquiry *i, const struct trace_ask *ask);
/* Starts watching for packets that the kernel drops, once. */
void inquiry_drops(struct inquiry *i, const struct drop_ask *ask);
/* Ends them all: what they still have comes, then has_capture_ended and so on. */
void inquiry_end_capture(struct inquiry *i);
/* Sends what waits. 0 or the channel's error but -ENOBUFS (it is tried again). */
int inquiry_send(struct inquiry *i, struct channel *c);
/* What was not answered stays so: a recording then says it as well. */
void inquiry_give_up(const struct inquiry *i, struct channel *c);
/* One part from the channel. 1: it was for us and something is new; 0: it was for us or
 * nobody; -ENOENT: not ours; -ENOMEM. */
int inquiry_blob(struct inquiry *i, const struct blob *b);

#endif
