/* One enumeration out of BTF. Reads the layout by a cursor: it is native to the host. */
#include "core/host/bpf/btf_names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MAGIC = 0xeb9f,
	KIND_INT = 1,
	KIND_ARRAY = 3,
	KIND_STRUCT = 4,
	KIND_UNION = 5,
	KIND_ENUM = 6,
	KIND_FUNC_PROTO = 13,
	KIND_VAR = 14,
	KIND_DATASEC = 15,
	KIND_DECL_TAG = 17,
	KIND_ENUM64 = 19,
	N_KINDS = 20,
	BTF_MAX = 64 << 20
};

struct btf {
	const uint8_t *types;
	size_t n_types; /* bytes */
	const char *strings;
	size_t n_strings;
};

static uint32_t u32_at(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* Sections are told behind the header's length: magic 2, version 1, flags 1, length 4, then
 * offset and length of types and of strings. */
static int open_btf(struct btf *b, const uint8_t *bytes, size_t len)
{
	uint64_t head, types, strings;
	uint16_t magic;

	if (len < 24)
		return -EBADMSG;
	memcpy(&magic, bytes, sizeof(magic));
	head = u32_at(bytes + 4);
	types = head + u32_at(bytes + 8);
	strings = head + u32_at(bytes + 16);
	b->n_types = u32_at(bytes + 12);
	b->n_strings = u32_at(bytes + 20);
	if (magic != MAGIC || types + b->n_types > len || strings + b->n_strings > len ||
	    !b->n_strings || bytes[strings + b->n_strings - 1])
		return -EBADMSG;
	b->types = bytes + types;
	b->strings = (const char *)bytes + strings;
	return 0;
}

static const char *string_at(const struct btf *b, uint32_t at)
{
	return at < b->n_strings ? b->strings + at : "";
}

/* What follows the 12 bytes of a type. -1: a kind that is not known, whose length neither.
 */
static int64_t tail_of(uint32_t info)
{
	static const uint8_t once[N_KINDS] = {
		[KIND_INT] = 4, [KIND_ARRAY] = 12, [KIND_VAR] = 4, [KIND_DECL_TAG] = 4};
	static const uint8_t each[N_KINDS] = {
		[KIND_STRUCT] = 12,    [KIND_UNION] = 12,   [KIND_ENUM] = 8,
		[KIND_FUNC_PROTO] = 8, [KIND_DATASEC] = 12, [KIND_ENUM64] = 12};
	uint32_t kind = info >> 24 & 0x1f, n = info & 0xffff;

	return kind < N_KINDS && kind ? once[kind] + (int64_t)each[kind] * n : -1;
}

static int take_words(const struct btf *b, const uint8_t *at, uint32_t info,
		      const char *prefix, struct btf_names *out)
{
	size_t n = info & 0xffff, size = (info >> 24 & 0x1f) == KIND_ENUM ? 8 : 12;
	struct btf_name *rows = calloc(n + 1, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++, at += size) {
		const char *word = string_at(b, u32_at(at));

		if (strncmp(word, prefix, strlen(prefix)) == 0)
			word += strlen(prefix);
		snprintf(rows[i].word, sizeof(rows[i].word), "%s", word);
		rows[i].number = u32_at(at + 4);
	}
	*out = (struct btf_names){rows, n};
	return 0;
}

int btf_names_find(const void *bytes, size_t len, const char *name, const char *prefix,
		   struct btf_names *out)
{
	struct btf b;
	int error = open_btf(&b, bytes, len);

	for (size_t at = 0; !error && at + 12 <= b.n_types;) {
		uint32_t info = u32_at(b.types + at + 4);
		uint32_t kind = info >> 24 & 0x1f;
		int64_t tail = tail_of(info);

		if (tail < 0 || (uint64_t)tail > b.n_types - at - 12)
			return -EBADMSG;
		if ((kind == KIND_ENUM || kind == KIND_ENUM64) &&
		    strcmp(string_at(&b, u32_at(b.types + at)), name) == 0)
			return take_words(&b, b.types + at + 12, info, prefix, out);
		at += 12 + (size_t)tail;
	}
	return error ? error : -ENOENT;
}

static ssize_t read_all(int fd, uint8_t *bytes, size_t room)
{
	size_t len = 0;
	ssize_t got;

	while (len < room && (got = read(fd, bytes + len, room - len)) != 0) {
		if (got < 0)
			return -errno;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

int btf_names_read(const char *name, const char *prefix, struct btf_names *out)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t *bytes = NULL;
	ssize_t len = -EFBIG;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && st.st_size > 0 && st.st_size < BTF_MAX) {
		bytes = malloc((size_t)st.st_size);
		len = bytes ? read_all(fd, bytes, (size_t)st.st_size) : -ENOMEM;
	}
	close(fd);
	if (len > 0)
		len = btf_names_find(bytes, (size_t)len, name, prefix, out);
	free(bytes);
	return (int)len;
}

void btf_names_release(struct btf_names *n)
{
	free(n->rows);
	*n = (struct btf_names){0};
}

const char *btf_names_word(const struct btf_names *n, int64_t number)
{
	for (size_t i = 0; i < n->n; i++)
		if (n->rows[i].number == number)
			return n->rows[i].word;
	return NULL;
}
