/* Intervals of 128 bits in two halves. Knows no packets. */
#include "core/firewall/box/span.h"

struct wide wide_before(struct wide v)
{
	if (!v.bottom--)
		v.top--;
	return v;
}

struct wide wide_after(struct wide v)
{
	if (!++v.bottom)
		v.top++;
	return v;
}

static struct wide filled_with(const uint8_t *bytes, size_t n, uint8_t rest)
{
	struct wide v = {0};

	for (size_t i = 0; i < WIDE_BYTES; i++) {
		uint64_t *half = i < 8 ? &v.top : &v.bottom;

		*half = *half << 8 | (i < n ? bytes[i] : rest);
	}
	return v;
}

struct wide wide_of_bytes(const uint8_t *bytes, size_t n)
{
	return filled_with(bytes, n, 0);
}

struct wide wide_filled(const uint8_t *bytes, size_t n)
{
	return filled_with(bytes, n, 0xff);
}

static uint64_t half_head(uint64_t v, unsigned bits)
{
	return bits ? v & (UINT64_MAX << (64 - bits)) : 0;
}

struct wide wide_head(struct wide v, unsigned bits)
{
	if (bits > 64)
		return (struct wide){v.top, half_head(v.bottom, bits - 64)};
	return (struct wide){half_head(v.top, bits), 0};
}

struct span span_all(void)
{
	return (struct span){.high = {UINT64_MAX, UINT64_MAX}};
}

bool span_is_all(const struct span *s)
{
	return !s->low.top && !s->low.bottom && s->high.top == UINT64_MAX &&
	       s->high.bottom == UINT64_MAX;
}

struct span span_common(const struct span *a, const struct span *b)
{
	return (struct span){wide_compare(a->low, b->low) > 0 ? a->low : b->low,
			     wide_compare(a->high, b->high) < 0 ? a->high : b->high};
}

struct span span_hull(const struct span *a, const struct span *b)
{
	return (struct span){wide_compare(a->low, b->low) < 0 ? a->low : b->low,
			     wide_compare(a->high, b->high) > 0 ? a->high : b->high};
}

unsigned span_shared_bits(const struct span *s)
{
	uint64_t top = s->low.top ^ s->high.top, bottom = s->low.bottom ^ s->high.bottom;

	if (top)
		return (unsigned)__builtin_clzll(top);
	return bottom ? 64 + (unsigned)__builtin_clzll(bottom) : WIDE_BITS;
}
