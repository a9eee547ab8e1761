/* Checked reading of bytes from outside. Does not know any format. */
#include "core/base/cursor.h"

struct cursor cursor_of(const void *bytes, size_t len)
{
	static const uint8_t nothing[1];
	const uint8_t *at = len ? bytes : nothing;

	return (struct cursor){.at = at, .end = at + len};
}

size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

const uint8_t *cursor_bytes(struct cursor *c, size_t n)
{
	const uint8_t *at = c->at;

	if (n > cursor_left(c)) {
		c->short_read = true;
		c->at = c->end;
		return NULL;
	}
	c->at += n;
	return at;
}

/* n <= 8 bytes as a number, the least significant one first. */
static uint64_t read_le(struct cursor *c, size_t n)
{
	const uint8_t *at = cursor_bytes(c, n);
	uint64_t value = 0;

	for (size_t i = n; at && i > 0; i--)
		value = value << 8 | at[i - 1];
	return value;
}

/* n <= 8 bytes as a number, the most significant one first. */
static uint64_t read_be(struct cursor *c, size_t n)
{
	const uint8_t *at = cursor_bytes(c, n);
	uint64_t value = 0;

	for (size_t i = 0; at && i < n; i++)
		value = value << 8 | at[i];
	return value;
}

uint8_t cursor_u8(struct cursor *c)
{
	return (uint8_t)read_le(c, 1);
}

uint16_t cursor_le16(struct cursor *c)
{
	return (uint16_t)read_le(c, 2);
}

uint32_t cursor_le32(struct cursor *c)
{
	return (uint32_t)read_le(c, 4);
}

uint64_t cursor_le64(struct cursor *c)
{
	return read_le(c, 8);
}

uint16_t cursor_be16(struct cursor *c)
{
	return (uint16_t)read_be(c, 2);
}

uint32_t cursor_be32(struct cursor *c)
{
	return (uint32_t)read_be(c, 4);
}
