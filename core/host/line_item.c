/* Items of whole lines. */
#include "core/host/line_item.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void line_item_start(struct line_item *i, struct bundle_out *out, const char *name)
{
	i->out = out;
	i->name = name;
	i->len = 0;
	i->n_items = 0;
}

/* Up to the last line's end; all of it if there is none. */
static void flush_lines(struct line_item *i)
{
	const char *newline = memrchr(i->bytes, '\n', i->len);
	size_t n = newline ? (size_t)(newline - i->bytes) + 1 : i->len;

	bundle_out_item(i->out, i->name, i->bytes, n, 0);
	i->n_items++;
	memmove(i->bytes, i->bytes + n, i->len - n);
	i->len -= n;
}

void line_item_add(struct line_item *i, const char *bytes, size_t len)
{
	while (len) {
		size_t room = sizeof(i->bytes) - i->len;
		size_t n = len < room ? len : room;

		memcpy(i->bytes + i->len, bytes, n);
		i->len += n;
		bytes += n;
		len -= n;
		if (i->len == sizeof(i->bytes))
			flush_lines(i);
	}
}

int line_item_end(struct line_item *i, int error)
{
	if (i->len || error || !i->n_items)
		bundle_out_item(i->out, i->name, i->bytes, i->len, error);
	return i->out->error;
}

static void add_tail(struct line_item *i, int fd, off_t at, size_t left)
{
	char bytes[8192];

	while (left) {
		ssize_t got =
			pread(fd, bytes, left < sizeof(bytes) ? left : sizeof(bytes), at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || memchr(bytes, 0, (size_t)got)) {
			line_item_end(i, got < 0 ? errno : got ? EILSEQ : 0);
			return;
		}
		line_item_add(i, bytes, (size_t)got);
		at += got;
		left -= (size_t)got;
	}
	line_item_end(i, 0);
}

int line_item_tail(struct bundle_out *out, int fd, const char *name, size_t limit)
{
	static struct line_item item;
	struct stat st;
	off_t at;

	if (fstat(fd, &st))
		return bundle_out_item(out, name, NULL, 0, errno);
	if (!S_ISREG(st.st_mode))
		return bundle_out_item(out, name, NULL, 0, EINVAL);
	at = st.st_size > (off_t)limit ? st.st_size - (off_t)limit : 0;
	line_item_start(&item, out, name);
	add_tail(&item, fd, at, (size_t)(st.st_size - at));
	return out->error;
}
