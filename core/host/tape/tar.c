/*
 * Headers of ustar archives, written and read. A number is read only if it is octal digits
 * as POSIX has them; the binary numbers of GNU tar are refused. Does not know what the
 * members hold.
 */
#include "core/host/tape/tar.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* tar(5), "POSIX ustar Archives" */
struct header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char checksum[8];
	char type;
	char linkname[100];
	char magic[6];
	char version[2];
	char uname[32];
	char gname[32];
	char devmajor[8];
	char devminor[8];
	char prefix[155];
	char padding[12];
};

_Static_assert(sizeof(struct header) == TAR_BLOCK, "a header is one block");

#define MTIME_MAX INT64_C(077777777777)

static const uint8_t zero_block[TAR_BLOCK];

/* The sum of all bytes, those of the checksum itself taken as spaces. */
static unsigned header_sum(const struct header *h)
{
	uint8_t block[TAR_BLOCK];
	unsigned sum = 0;

	memcpy(block, h, sizeof(block));
	memset(block + offsetof(struct header, checksum), ' ', sizeof(h->checksum));
	for (size_t i = 0; i < sizeof(block); i++)
		sum += block[i];
	return sum;
}

/* Fills the field with digits and a NUL; the value is known to fit. */
static void put_octal(char *field, size_t room, uint64_t value)
{
	field[--room] = '\0';
	while (room > 0) {
		field[--room] = (char)('0' + (value & 7));
		value >>= 3;
	}
}

/* Spaces, digits, then spaces or NULs to the field's end. */
static bool get_octal(const char *field, size_t room, uint64_t *out)
{
	uint64_t value = 0;
	size_t i = 0, first;

	while (i < room && field[i] == ' ')
		i++;
	first = i;
	for (; i < room && field[i] >= '0' && field[i] <= '7'; i++)
		value = value << 3 | (uint64_t)(field[i] - '0');
	if (i == first)
		return false;
	for (; i < room; i++)
		if (field[i] != ' ' && field[i] != '\0')
			return false;
	*out = value;
	return true;
}

/* A name that is too long for its field goes on in prefix, cut at a '/'. */
static int put_name(struct header *h, const char *name)
{
	size_t len = strlen(name), from, split;

	if (len == 0)
		return -ENAMETOOLONG;
	if (len <= sizeof(h->name)) {
		memcpy(h->name, name, len);
		return 0;
	}
	from = len - sizeof(h->name) - 1;
	for (split = from ? from : 1; split < len - 1 && name[split] != '/'; split++)
		;
	if (split >= len - 1 || split > sizeof(h->prefix))
		return -ENAMETOOLONG;
	memcpy(h->prefix, name, split);
	memcpy(h->name, name + split + 1, len - split - 1);
	return 0;
}

int tar_put_header(uint8_t out[TAR_BLOCK], const char *name, size_t size, int64_t mtime_s)
{
	struct header h = {.type = '0', .magic = "ustar", .version = {'0', '0'}};
	int err;

	if (size > TAR_SIZE_MAX)
		return -EFBIG;
	err = put_name(&h, name);
	if (err)
		return err;
	if (mtime_s < 0 || mtime_s > MTIME_MAX)
		mtime_s = 0;
	put_octal(h.mode, sizeof(h.mode), 0600);
	put_octal(h.uid, sizeof(h.uid), 0);
	put_octal(h.gid, sizeof(h.gid), 0);
	put_octal(h.size, sizeof(h.size), size);
	put_octal(h.mtime, sizeof(h.mtime), (uint64_t)mtime_s);
	put_octal(h.devmajor, sizeof(h.devmajor), 0);
	put_octal(h.devminor, sizeof(h.devminor), 0);
	put_octal(h.checksum, sizeof(h.checksum) - 1, header_sum(&h));
	h.checksum[7] = ' ';
	memcpy(out, &h, sizeof(h));
	return 0;
}

/* NULL, or what is wrong with the header. */
static const char *check_header(const struct header *h, uint64_t *size)
{
	uint64_t sum, n;

	if (memcmp(h->magic, "ustar", 5))
		return "no tar header stands there";
	if (!get_octal(h->checksum, sizeof(h->checksum), &sum) || sum != header_sum(h))
		return "the checksum of a tar header is wrong";
	if (!get_octal(h->size, sizeof(h->size), &n))
		return "the size of a member is no number";
	if (n > TAR_SIZE_MAX)
		return "a member is larger than 512 MiB";
	*size = n;
	return NULL;
}

/* GNU tar ends its mark with a space, and then prefix is no prefix. */
static void member_name(char out[TAR_NAME_MAX + 1], const struct header *h)
{
	bool has_prefix = h->magic[5] == '\0' && h->prefix[0] != '\0';

	snprintf(out, TAR_NAME_MAX + 1, "%.*s%s%.*s",
		 has_prefix ? (int)sizeof(h->prefix) : 0, h->prefix, has_prefix ? "/" : "",
		 (int)sizeof(h->name), h->name);
}

static enum tar_step damaged(struct tar_reader *r, const char *what)
{
	r->damage = what;
	return TAR_DAMAGED;
}

/* Fewer bytes are left than are needed. The start of an end mark is no member. */
static enum tar_step cut(struct tar_reader *r)
{
	size_t left = r->at < r->len ? r->len - r->at : 0;

	if (left == 0 || (left < TAR_BLOCK && !memcmp(r->bytes + r->at, zero_block, left)))
		r->at = r->len;
	return TAR_CUT;
}

static enum tar_step end_mark(struct tar_reader *r)
{
	const uint8_t *second = r->bytes + r->at + TAR_BLOCK;
	size_t left = r->len - r->at - TAR_BLOCK;

	if (memcmp(second, zero_block, left < TAR_BLOCK ? left : TAR_BLOCK))
		return damaged(r, "a single block of zeros stands there");
	if (left >= TAR_BLOCK)
		return TAR_END;
	r->at = r->len;
	return TAR_CUT;
}

enum tar_step tar_next(struct tar_reader *r, struct tar_member *out)
{
	struct header h;
	const char *wrong;
	uint64_t size;
	size_t room;

	if (r->at >= r->len || r->len - r->at < TAR_BLOCK)
		return cut(r);
	if (!memcmp(r->bytes + r->at, zero_block, TAR_BLOCK))
		return end_mark(r);
	memcpy(&h, r->bytes + r->at, sizeof(h));
	wrong = check_header(&h, &size);
	if (wrong)
		return damaged(r, wrong);
	room = r->len - r->at - TAR_BLOCK;
	if (size > room)
		return TAR_CUT;
	member_name(out->name, &h);
	out->type = h.type;
	out->at = r->at;
	out->data = r->bytes + r->at + TAR_BLOCK;
	out->size = (size_t)size;
	r->at += TAR_BLOCK + out->size + tar_padding(out->size);
	return TAR_MEMBER;
}
