/* Selective acknowledgements out of the options of one TCP header. Keeps nothing. */
#include "capture/packet_selective.h"

#include "core/base/cursor.h"

enum { OPTION_END = 0, OPTION_NOTHING = 1, OPTION_SELECTIVE = 5, BLOCK = 8 };

/* Beyond it a difference of sequence numbers is one that lies before. */
#define AHEAD_MAX (UINT32_C(1) << 30)

static uint32_t block_bytes(struct cursor *c, uint32_t acknowledged)
{
	uint32_t left = cursor_be32(c), right = cursor_be32(c);
	uint32_t ahead = left - acknowledged, bytes = right - left;

	return c->short_read || !ahead || ahead >= AHEAD_MAX || bytes >= AHEAD_MAX ? 0
										   : bytes;
}

static uint32_t largest_block(struct cursor *c, unsigned len, uint32_t acknowledged)
{
	uint32_t largest = 0;

	for (; len >= BLOCK; len -= BLOCK) {
		uint32_t bytes = block_bytes(c, acknowledged);

		if (bytes > largest)
			largest = bytes;
	}
	cursor_bytes(c, len);
	return largest;
}

uint32_t packet_selective_bytes(const struct packet *p)
{
	struct cursor c = cursor_of(p->payload, 0);

	if (p->options_len)
		c = cursor_of(p->payload - p->options_len, p->options_len);
	while (cursor_left(&c)) {
		unsigned kind = cursor_u8(&c), len;

		if (kind == OPTION_END)
			break;
		if (kind == OPTION_NOTHING)
			continue;
		len = cursor_u8(&c);
		if (len < 2)
			break;
		if (kind == OPTION_SELECTIVE)
			return largest_block(&c, len - 2, p->acknowledged);
		cursor_bytes(&c, len - 2);
	}
	return 0;
}
