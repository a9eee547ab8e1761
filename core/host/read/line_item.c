/* Items of whole lines. */
#include "core/host/read/line_item.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NUL_PART 16 /* of the bytes: more are no text */

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

static ssize_t read_at(int fd, char *bytes, size_t room, off_t at)
{
	ssize_t got;

	do
		got = pread(fd, bytes, room, at);
	while (got < 0 && errno == EINTR);
	return got;
}

/* What is left out at the front: the rest of a line that began before it, which would be
 * read as a line of its own, and the hole in a file that was emptied under its writer. */
static size_t front_length(const char *bytes, size_t len, bool *is_cut)
{
	const char *newline = *is_cut ? memchr(bytes, '\n', len) : NULL;
	size_t n = 0;

	if (newline)
		n = (size_t)(newline - bytes) + 1;
	else if (*is_cut)
		return len;
	*is_cut = false;
	while (n < len && !bytes[n])
		n++;
	return n;
}

/* A few do not hide the lines around them. */
static bool has_many_nuls(const char *bytes, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += !bytes[i];
	return n > len / NUL_PART;
}

static void add_tail(struct line_item *i, int fd, off_t at, off_t end)
{
	bool is_cut = at > 0, has_begun = false;
	char bytes[8192];

	at -= is_cut; /* a newline there: then the first line is whole */
	while (at < end) {
		size_t left = (size_t)(end - at), front = 0;
		ssize_t got =
			read_at(fd, bytes, left < sizeof(bytes) ? left : sizeof(bytes), at);

		if (got > 0 && !has_begun)
			front = front_length(bytes, (size_t)got, &is_cut);
		if (got <= 0 || has_many_nuls(bytes + front, (size_t)got - front)) {
			line_item_end(i, got < 0 ? errno : got ? EILSEQ : 0);
			return;
		}
		has_begun |= front < (size_t)got;
		line_item_add(i, bytes + front, (size_t)got - front);
		at += got;
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
	add_tail(&item, fd, at, st.st_size);
	return out->error;
}
