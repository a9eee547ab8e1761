/* Bundles as parts of an answer. Chooses nothing to read. */
#include "core/host/tape/bundle_out.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/host/broker/protocol.h"

#define FILE_MAX (BLOB_PART_MAX - BUNDLE_HEAD - 256)

void bundle_out_start(struct bundle_out *o, int fd, uint32_t seq, uint64_t netns)
{
	o->fd = fd;
	o->part = (struct blob){.seq = seq, .netns = netns};
	o->len = 0;
	o->error = 0;
}

static int send_packet(int fd, const uint8_t *head, size_t head_len, const uint8_t *bytes,
		       size_t len)
{
	struct iovec iov[2] = {{(void *)head, head_len}, {(void *)bytes, len}};
	struct msghdr h = {.msg_iov = iov, .msg_iovlen = 2};

	while (sendmsg(fd, &h, MSG_NOSIGNAL) < 0) {
		struct pollfd p = {.fd = fd, .events = POLLOUT};

		if (errno == EAGAIN)
			poll(&p, 1, -1);
		else if (errno != EINTR)
			return -errno;
	}
	return 0;
}

static int send_part(struct bundle_out *o, enum blob_status status, int error)
{
	uint8_t head[MESSAGE_HEAD_SIZE + BLOB_HEAD_SIZE];

	if (o->error)
		return o->error;
	o->part.status = status;
	o->part.error = error;
	blob_stamp(&o->part);
	message_put_blob(head, &o->part);
	o->error = send_packet(o->fd, head, sizeof(head), o->bytes, o->len);
	o->part.part++;
	o->len = 0;
	return o->error;
}

int bundle_out_item(struct bundle_out *o, const char *name, const void *data, size_t len,
		    int error)
{
	struct bundle_item item = {text_of(name), {data, len}, error};
	long size;

	if (o->error)
		return o->error;
	if (len > FILE_MAX) {
		item.data.len = FILE_MAX;
		item.error = EMSGSIZE;
	}
	size = bundle_put(o->bytes + o->len, BLOB_PART_MAX - o->len, &item);
	if (size == -EMSGSIZE && o->len) {
		if (send_part(o, BLOB_MORE, 0))
			return o->error;
		size = bundle_put(o->bytes, BLOB_PART_MAX, &item);
	}
	if (size < 0)
		return (int)size;
	o->len += (size_t)size;
	return 0;
}

int bundle_out_end(struct bundle_out *o, enum blob_status status, int error)
{
	return send_part(o, status, error);
}

/* Bytes read, or -errno. Stops at the end of the file or of the room. */
static ssize_t read_all(int fd, char *bytes, size_t room)
{
	size_t len = 0;

	while (len < room) {
		ssize_t got = read(fd, bytes + len, room - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

/* One byte is read ahead of each item, to know whether there is more. */
static int put_open_file(struct bundle_out *o, int fd, const char *name, size_t limit)
{
	static char bytes[FILE_MAX + 1];
	size_t ahead = 0;

	do {
		size_t room = limit < FILE_MAX ? limit : FILE_MAX;
		ssize_t got = read_all(fd, bytes + ahead, room + 1 - ahead);
		size_t len = ahead + (size_t)got;

		if (got < 0)
			return bundle_out_item(o, name, NULL, 0, (int)-got);
		ahead = len > room;
		len -= ahead;
		limit -= len;
		bundle_out_item(o, name, bytes, len, ahead && !limit ? EMSGSIZE : 0);
		bytes[0] = bytes[len];
	} while (ahead && limit && !o->error);
	return o->error;
}

int bundle_out_file(struct bundle_out *o, int dir_fd, const char *path, const char *name,
		    size_t limit)
{
	int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int r;

	if (fd < 0)
		return bundle_out_item(o, name, NULL, 0, errno);
	if (fstat(fd, &st))
		r = bundle_out_item(o, name, NULL, 0, errno);
	else if (!S_ISREG(st.st_mode))
		r = bundle_out_item(o, name, NULL, 0, EINVAL);
	else
		r = put_open_file(o, fd, name, limit);
	close(fd);
	return r;
}
