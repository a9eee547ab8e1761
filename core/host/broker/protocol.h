/*
 * The messages between ui, broker and workers: one SOCK_SEQPACKET packet each, little
 * endian, a fixed head and a body. Framing only; what a request or a blob means is not
 * known here.
 *
 *   head   u16 magic, u8 version, u8 type, u32 seq
 *   BLOB   u32 part, u8 status, 3 zero bytes, i32 error, u64 netns, i64 wall_ns, i64
 * boot_ns, bytes
 */
#ifndef CORE_HOST_PROTOCOL_H
#define CORE_HOST_PROTOCOL_H

#include "core/host/blob.h"

enum message_type {
	MESSAGE_REQUEST = 1, /* ui or broker -> worker: a packed request */
	MESSAGE_TERMINAL,    /* ui: the bytes that leave the terminal clean */
	MESSAGE_SUSPEND, /* ui: the terminal is left, stop us; broker: leave the terminal */
	MESSAGE_EXPORT, /* ui: a file name; broker: i32 error, the descriptor rides along */
	MESSAGE_BLOB,   /* broker or worker: one part of an answer */
	MESSAGE_RESUMED, /* broker: going on after a stop */
	MESSAGE_NOTICE,  /* broker: one sentence for the user */
	MESSAGE_CANCEL,  /* ui: the request of this seq: a capture ends and tells the rest,
			    any  other is not answered */
	/* ui: enum settings_order; broker: errno or SETTINGS_KEPT, the descriptor of what
	 * was opened rides along */
	MESSAGE_SETTINGS,
	N_MESSAGE_TYPES
};

#define MESSAGE_HEAD_SIZE 8
#define BLOB_HEAD_SIZE    36
#define MESSAGE_MAX       (MESSAGE_HEAD_SIZE + BLOB_HEAD_SIZE + BLOB_PART_MAX)
#define TERMINAL_EXIT_MAX 512
#define EXPORT_NAME_MAX   128
#define NOTICE_MAX        256

/* What ui asks with MESSAGE_SETTINGS, one byte; the broker's answers, one byte: a positive
 * errno, or that it is in its place. */
enum settings_order { SETTINGS_OPEN = 1, SETTINGS_KEEP, SETTINGS_DROP };
#define SETTINGS_KEPT 0xff

struct message {
	enum message_type type;
	uint32_t seq;
	const uint8_t *body; /* borrowed from the packet */
	size_t len;
};

/* Writes the head; out has MESSAGE_HEAD_SIZE bytes. */
void message_put_head(uint8_t *out, enum message_type type, uint32_t seq);
/* 0, or -EBADMSG: too short, wrong magic or version, unknown type, too long a body for its
 * type. */
int message_parse(struct message *out, const void *packet, size_t len);

/* Writes head and blob head (MESSAGE_HEAD_SIZE + BLOB_HEAD_SIZE bytes); the bytes follow in
 * the packet. */
void message_put_blob(uint8_t *out, const struct blob *b);
/* Blob out of a MESSAGE_BLOB; bytes borrowed. 0 or -EBADMSG. */
int message_get_blob(struct blob *out, const struct message *m);

/* "a-z A-Z 0-9 . _ : -", 1 to EXPORT_NAME_MAX bytes; no leading dot, which hides, and no
 * leading dash, which commands take for an option. */
bool export_name_is_fine(const char *name, size_t len);

/* The present moment into b (CLOCK_REALTIME, CLOCK_BOOTTIME). */
void blob_stamp(struct blob *b);
/* CLOCK_MONOTONIC, ns. */
int64_t host_now_ns(void);

#endif
