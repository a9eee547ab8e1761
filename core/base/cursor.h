/* Checked reading of bytes from outside. One sticky flag instead of a test per read. */
#ifndef CORE_BASE_CURSOR_H
#define CORE_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A read past the end gives zero or NULL, sets short_read for good and moves to the end. */
struct cursor {
	const uint8_t *at;
	const uint8_t *end;
	bool short_read;
};

struct cursor cursor_of(const void *bytes, size_t len);
size_t cursor_left(const struct cursor *c);
uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_le16(struct cursor *c);
uint32_t cursor_le32(struct cursor *c);
uint64_t cursor_le64(struct cursor *c);
uint16_t cursor_be16(struct cursor *c);
uint32_t cursor_be32(struct cursor *c);
/* n bytes, borrowed from the input; NULL if there are fewer. */
const uint8_t *cursor_bytes(struct cursor *c, size_t n);

#endif
