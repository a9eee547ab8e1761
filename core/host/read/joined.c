/* Files of the call as an answer: bytes in, bytes out. */
#include "core/host/read/joined.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"
#include "core/host/read/evidence.h"

#define PIECE_MAX 16384

static const struct joined_files *given;

void joined_give(const struct joined_files *j)
{
	given = j;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static void read_all(struct joined_file *f, int fd)
{
	ssize_t n = 1;

	while (n > 0 && f->len < JOINED_BYTES_MAX) {
		n = read(fd, f->bytes + f->len, JOINED_BYTES_MAX - f->len);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			f->error = errno;
		else
			f->len += (size_t)n;
	}
	if (f->len == JOINED_BYTES_MAX)
		f->error = EMSGSIZE;
}

int joined_add(struct joined_files *j, const char *path, int fd)
{
	struct blob now = {0};
	struct joined_file *f = &j->files[j->n];
	struct stat st;

	if (j->n == JOINED_FILES_MAX)
		return -ENOSPC;
	blob_stamp(&now);
	*f = (struct joined_file){.name = base_name(path), .written_ns = now.wall_ns};
	f->bytes = malloc(JOINED_BYTES_MAX);
	if (!f->bytes)
		return -ENOMEM;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		f->written_ns = st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec;
	read_all(f, fd);
	j->n++;
	return 0;
}

static void put_file(const struct joined_file *f, struct bundle_out *out)
{
	char line[400];
	int n = snprintf(line, sizeof(line), "file %" PRId64 " %.255s", f->written_ns,
			 f->name);

	bundle_out_item(out, "start", line, (size_t)n, 0);
	for (size_t at = 0; at < f->len; at += PIECE_MAX) {
		size_t left = f->len - at;

		bundle_out_item(out, "bytes", f->bytes + at,
				left < PIECE_MAX ? left : PIECE_MAX, 0);
	}
	bundle_out_item(out, "end", NULL, 0, f->error);
}

int joined_read(struct bundle_out *out)
{
	for (size_t i = 0; given && i < given->n; i++)
		put_file(&given->files[i], out);
	return out->error;
}
