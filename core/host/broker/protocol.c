/* Packing and checking the messages between the processes. Sends and receives nothing. */
#include "core/host/broker/protocol.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "core/base/cursor.h"
#include "core/base/time.h"

#define MESSAGE_MAGIC   0x7064 /* "dp" */
#define MESSAGE_VERSION 1

static void put_le(uint8_t *out, uint64_t value, size_t n_bytes)
{
	for (size_t i = 0; i < n_bytes; i++)
		out[i] = (uint8_t)(value >> (8 * i));
}

void message_put_head(uint8_t *out, enum message_type type, uint32_t seq)
{
	put_le(out, MESSAGE_MAGIC, 2);
	out[2] = MESSAGE_VERSION;
	out[3] = (uint8_t)type;
	put_le(out + 4, seq, 4);
}

static size_t body_limit(enum message_type type)
{
	switch (type) {
	case MESSAGE_TERMINAL:
		return TERMINAL_EXIT_MAX;
	case MESSAGE_EXPORT:
		return EXPORT_NAME_MAX;
	case MESSAGE_NOTICE:
		return NOTICE_MAX;
	case MESSAGE_SETTINGS:
		return 1;
	case MESSAGE_SUSPEND:
	case MESSAGE_RESUMED:
	case MESSAGE_CANCEL:
		return 0;
	case MESSAGE_REQUEST:
	case MESSAGE_BLOB:
	case N_MESSAGE_TYPES:
		break;
	}
	return MESSAGE_MAX - MESSAGE_HEAD_SIZE;
}

int message_parse(struct message *out, const void *packet, size_t len)
{
	struct cursor c = cursor_of(packet, len);
	uint16_t magic = cursor_le16(&c);
	uint8_t version = cursor_u8(&c);
	uint8_t type = cursor_u8(&c);
	uint32_t seq = cursor_le32(&c);

	if (c.short_read || magic != MESSAGE_MAGIC || version != MESSAGE_VERSION)
		return -EBADMSG;
	if (type == 0 || type >= N_MESSAGE_TYPES)
		return -EBADMSG;
	if (cursor_left(&c) > body_limit((enum message_type)type))
		return -EBADMSG;
	out->type = (enum message_type)type;
	out->seq = seq;
	out->len = cursor_left(&c);
	out->body = c.at;
	return 0;
}

void message_put_blob(uint8_t *out, const struct blob *b)
{
	uint8_t *at = out + MESSAGE_HEAD_SIZE;

	message_put_head(out, MESSAGE_BLOB, b->seq);
	put_le(at, b->part, 4);
	put_le(at + 4, (uint64_t)b->status, 4);
	put_le(at + 8, (uint32_t)b->error, 4);
	put_le(at + 12, b->netns, 8);
	put_le(at + 20, (uint64_t)b->wall_ns, 8);
	put_le(at + 28, (uint64_t)b->boot_ns, 8);
}

int message_get_blob(struct blob *out, const struct message *m)
{
	struct cursor c = cursor_of(m->body, m->len);
	struct blob b = {.seq = m->seq};
	uint32_t status;

	b.part = cursor_le32(&c);
	status = cursor_le32(&c);
	b.error = (int)cursor_le32(&c);
	b.netns = cursor_le64(&c);
	b.wall_ns = (int64_t)cursor_le64(&c);
	b.boot_ns = (int64_t)cursor_le64(&c);
	if (m->type != MESSAGE_BLOB || c.short_read)
		return -EBADMSG;
	if (status > BLOB_TIMED_OUT || b.error < 0 || b.error > 4095)
		return -EBADMSG;
	if (cursor_left(&c) > BLOB_PART_MAX)
		return -EBADMSG;
	b.status = (enum blob_status)status;
	b.bytes = c.at;
	b.len = cursor_left(&c);
	*out = b;
	return 0;
}

bool export_name_is_fine(const char *name, size_t len)
{
	static const char fine[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789._:-";

	if (len == 0 || len > EXPORT_NAME_MAX || name[0] == '.' || name[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (name[i] == '\0' || !strchr(fine, name[i]))
			return false;
	return true;
}

static int64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

void blob_stamp(struct blob *b)
{
	b->wall_ns = clock_ns(CLOCK_REALTIME);
	b->boot_ns = clock_ns(CLOCK_BOOTTIME);
}

int64_t host_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}
