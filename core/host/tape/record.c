/*
 * Writes a recording: every part is put together in memory and leaves as one tar member, so
 * that the file ends behind a whole member whenever the system lets it. Does not read
 * recordings (replay.c), does not buffer and does not choose what is recorded.
 */
#include "core/host/tape/record.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/json.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "core/base/version.h"
#include "core/host/tape/member.h"
#include "core/host/tape/tar.h"

#define DATA_MAX (MEMBER_LINE_MAX + BLOB_PART_MAX)

struct recorder {
	int fd;
	int error;     /* 0 or what stopped it */
	bool is_cut;   /* a member could not be written whole */
	int64_t bytes; /* whole members */
	uint8_t member[TAR_BLOCK + DATA_MAX + TAR_BLOCK]; /* header, data, padding */
};

/* *written also counts what a failed call left in the file. */
static int write_all(int fd, const uint8_t *bytes, size_t len, size_t *written)
{
	*written = 0;
	while (*written < len) {
		ssize_t n = write(fd, bytes + *written, len - *written);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		*written += (size_t)n;
	}
	return 0;
}

/* The last n bytes are half a member, which announces what is not there. */
static void take_back(struct recorder *r, size_t n)
{
	off_t here;

	if (n == 0)
		return;
	here = lseek(r->fd, 0, SEEK_CUR);
	if (here >= (off_t)n && !ftruncate(r->fd, here - (off_t)n))
		lseek(r->fd, here - (off_t)n, SEEK_SET);
}

/* Writes r->member; its size bytes of data stand behind the place of the header. */
static int put_member(struct recorder *r, const char *name, size_t size, int64_t mtime_s)
{
	size_t total = TAR_BLOCK + size + tar_padding(size);
	size_t written;
	int err = tar_put_header(r->member, name, size, mtime_s);

	if (err)
		return err;
	if (r->bytes + (int64_t)total > RECORD_MAX_BYTES - TAR_END_MARK) {
		r->error = -EFBIG;
		return r->error;
	}
	memset(r->member + TAR_BLOCK + size, 0, tar_padding(size));
	r->error = write_all(r->fd, r->member, total, &written);
	r->is_cut = r->error != 0;
	if (r->is_cut)
		take_back(r, written);
	else
		r->bytes += (int64_t)total;
	return r->error;
}

static json_t *meta_document(int64_t wall_ns, const char *rights)
{
	bool is_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

	/* clang-format off */
	return json_pack("{s:i, s:s, s:s, s:o, s:o}",
			 "version", RECORD_VERSION,
			 "program", "dport " DPORT_VERSION,
			 "byte_order", is_little ? "little" : "big",
			 "time", json_of_time(wall_ns),
			 "rights", json_of_text(text_of(rights)));
	/* clang-format on */
}

static int put_meta(struct recorder *r, int64_t wall_ns, const char *rights)
{
	json_t *meta = meta_document(wall_ns, rights);
	struct str text = {0};
	int err = -ENOMEM;

	if (!meta)
		goto out;
	err = json_write(&text, meta, true);
	if (err)
		goto out;
	err = -EINVAL;
	if (text.len > DATA_MAX)
		goto out;
	memcpy(r->member + TAR_BLOCK, text.data, text.len);
	err = put_member(r, "meta.json", text.len, wall_ns / NS_PER_S);
out:
	str_release(&text);
	json_decref(meta);
	return err;
}

struct recorder *recorder_open_take(int fd, int64_t wall_ns, const char *meta_rights)
{
	struct recorder *r = calloc(1, sizeof(*r));
	int err = -ENOMEM;

	if (r) {
		r->fd = fd;
		err = put_meta(r, wall_ns, meta_rights);
	}
	if (!err)
		return r;
	free(r);
	close(fd);
	errno = -err;
	return NULL;
}

int recorder_write(struct recorder *r, const char *text, const struct blob *b)
{
	char name[MEMBER_NAME_MAX], line[MEMBER_LINE_MAX];
	uint8_t *data = r->member + TAR_BLOCK;
	size_t line_len;
	int err;

	if (r->error)
		return r->error;
	err = member_check(text, b);
	if (err)
		return err;
	line_len = member_line(line, b);
	memcpy(data, line, line_len);
	if (b->len > 0)
		memcpy(data + line_len, b->bytes, b->len);
	member_name(name, text, b);
	return put_member(r, name, line_len + b->len, b->wall_ns / NS_PER_S);
}

int64_t recorder_bytes(const struct recorder *r)
{
	return r->bytes;
}

int recorder_error(const struct recorder *r)
{
	return r->error;
}

int recorder_close(struct recorder *r)
{
	static const uint8_t end_mark[TAR_END_MARK];
	size_t written;
	int err, end_err = 0;

	if (!r)
		return 0;
	/* Without its end mark a reader knows that more was to come. */
	if (!r->is_cut)
		end_err = write_all(r->fd, end_mark, sizeof(end_mark), &written);
	err = r->error ? r->error : end_err;
	/* After EINTR the descriptor is gone all the same: close(2). */
	if (close(r->fd) && errno != EINTR && !err)
		err = -errno;
	free(r);
	return err;
}
