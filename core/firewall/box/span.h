/* Numbers of 128 bits and intervals of them, as the values of a packet's fields stand in
 * them: left-aligned, so that a prefix of bytes is an interval too. Pure. */
#ifndef CORE_FIREWALL_SPAN_H
#define CORE_FIREWALL_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wide {
	uint64_t top, bottom;
};

/* Both ends belong to it; low is not above high. */
struct span {
	struct wide low, high;
};

enum { WIDE_BITS = 128, WIDE_BYTES = 16 };

/* <0, 0, >0 */
static inline int wide_compare(struct wide a, struct wide b)
{
	if (a.top != b.top)
		return a.top < b.top ? -1 : 1;
	if (a.bottom != b.bottom)
		return a.bottom < b.bottom ? -1 : 1;
	return 0;
}

/* One less, one more; at the end of the range it wraps. */
struct wide wide_before(struct wide v);
struct wide wide_after(struct wide v);
/* The first n bytes (at most 16), and zeros (ones) behind them. */
struct wide wide_of_bytes(const uint8_t *bytes, size_t n);
struct wide wide_filled(const uint8_t *bytes, size_t n);
/* The first bits (at most 128) of it, and zeros behind them. */
struct wide wide_head(struct wide v, unsigned bits);

struct span span_all(void);
bool span_is_all(const struct span *s);

static inline bool span_holds(const struct span *outer, const struct span *inner)
{
	return wide_compare(outer->low, inner->low) <= 0 &&
	       wide_compare(inner->high, outer->high) <= 0;
}

static inline bool span_meets(const struct span *a, const struct span *b)
{
	return wide_compare(a->low, b->high) <= 0 && wide_compare(b->low, a->high) <= 0;
}

/* What both have; they must meet. */
struct span span_common(const struct span *a, const struct span *b);
/* The smallest that holds both. */
struct span span_hull(const struct span *a, const struct span *b);
/* How many leading bits all of its values share. */
unsigned span_shared_bits(const struct span *s);

#endif
