/* The inside of a channel, shared by channel.c and channel_replay.c only. */
#ifndef CORE_HOST_CHANNEL_IMPL_H
#define CORE_HOST_CHANNEL_IMPL_H

#include "core/host/broker/channel.h"
#include "core/host/broker/mailbox.h"
#include "core/host/broker/protocol.h"
#include "core/host/tape/record.h"

#define CHANNEL_PENDING_MAX 1024 /* unanswered requests */

struct pending {
	uint32_t seq;     /* 0: free */
	bool is_stream;   /* it ends when it is cancelled */
	bool is_unheard;  /* asked before the recording began: not in it */
	bool is_expected; /* answered unasked, and nobody has asked yet */
	char text[REQUEST_TEXT_MAX];
};

struct channel_replay;

struct channel {
	struct mailbox box; /* to the broker; fd -1: there is none (replay without one) */
	struct channel_replay *replay; /* NULL: live */
	struct recorder *recorder;
	struct pending pending[CHANNEL_PENDING_MAX];
	size_t n_expected; /* the first ones of pending, as channel_expect() made them */
	uint32_t next_seq;
	int export_fd, export_error;
	int settings; /* a descriptor, CHANNEL_SETTINGS_KEPT or -errno */
	int debug_fd;
	char notice[NOTICE_MAX + 1];
};

/* channel_replay.c */
void channel_replay_release(struct channel_replay *r);
int channel_replay_fd(const struct channel_replay *r);
/* is_stream: in a replay that stands it is told up to that moment only. */
int channel_replay_ask(struct channel_replay *r, const char *text, uint32_t seq,
		       bool is_stream);
bool channel_replay_stands(const struct channel_replay *r);
/* True: *out is the next part. */
bool channel_replay_next(struct channel_replay *r, struct blob *out);

#endif
