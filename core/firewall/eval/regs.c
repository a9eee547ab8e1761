/* Registers whose bits may be unknown: comparisons that say so, and the arithmetic of
 * rules. */
#include "core/firewall/eval/regs.h"

#include <string.h>

struct doubt_row {
	const char *words;
	bool is_stable;
};

static const struct doubt_row doubts[N_FW_DOUBTS] = {
#define X(name, words, stable) [FW_DOUBT_##name] = {words, stable},
	FW_DOUBTS(X)
#undef X
};

const char *doubt_words(enum fw_doubt d)
{
	return doubts[d].words;
}

bool doubt_is_stable(enum fw_doubt d)
{
	return doubts[d].is_stable;
}

void octets_set(struct octet *o, const void *bytes, size_t n, enum fw_field field)
{
	const uint8_t *from = bytes;

	for (size_t i = 0; i < n; i++)
		o[i] = (struct octet){
			.value = from[i], .kept = 0xff, .field = (uint8_t)field};
}

void octets_hide(struct octet *o, size_t n, enum fw_doubt why)
{
	for (size_t i = 0; i < n; i++) {
		o[i].unknown = 0xff;
		o[i].kept = 0xff;
		o[i].doubt = (uint8_t)why;
	}
}

uint32_t name_stir(uint32_t name, const void *bytes, size_t n)
{
	const uint8_t *from = bytes;

	for (size_t i = 0; i < n; i++)
		name = (name ^ from[i]) * 0x01000193U; /* FNV-1a */
	return name;
}

void octets_name(struct octet *o, size_t n, uint32_t name)
{
	for (size_t i = 0; i < n; i++)
		o[i].name = name_stir(name, &i, sizeof(i));
}

enum fw_doubt octets_doubt(const struct octet *o, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (o[i].unknown)
			return o[i].doubt;
	}
	return FW_DOUBT_NOTHING;
}

enum fw_field octets_field(const struct octet *o, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (o[i].field)
			return o[i].field;
	}
	return FW_FIELD_OTHER;
}

void octets_values(const struct octet *o, size_t n, uint8_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = o[i].value;
}

void octets_bounds(const struct octet *o, size_t n, uint8_t *low, uint8_t *high)
{
	for (size_t i = 0; i < n; i++) {
		low[i] = (uint8_t)(o[i].value & ~o[i].unknown);
		high[i] = o[i].value | o[i].unknown;
	}
}

enum tri octets_equal(const struct octet *o, const uint8_t *bytes, size_t n)
{
	enum tri equal = TRI_YES;

	for (size_t i = 0; i < n; i++) {
		if ((o[i].value ^ bytes[i]) & ~o[i].unknown)
			return TRI_NO;
		if (o[i].unknown)
			equal = TRI_UNSURE;
	}
	return equal;
}

static int order(const struct octet *o, const uint8_t *bytes, size_t n, bool is_highest)
{
	for (size_t i = 0; i < n; i++) {
		int value =
			is_highest ? o[i].value | o[i].unknown : o[i].value & ~o[i].unknown;

		if (value != bytes[i])
			return value - bytes[i];
	}
	return 0;
}

enum tri octets_below(const struct octet *o, const uint8_t *bytes, size_t n)
{
	if (order(o, bytes, n, true) < 0)
		return TRI_YES;
	return order(o, bytes, n, false) >= 0 ? TRI_NO : TRI_UNSURE;
}

enum tri octets_not_above(const struct octet *o, const uint8_t *bytes, size_t n)
{
	if (order(o, bytes, n, true) <= 0)
		return TRI_YES;
	return order(o, bytes, n, false) > 0 ? TRI_NO : TRI_UNSURE;
}

static uint64_t stir(uint64_t sum, uint8_t byte)
{
	return (sum ^ byte) * 0x100000001b3ULL; /* FNV-1a */
}

uint64_t octets_question(const struct octet *o, size_t n, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint64_t sum = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < n; i++) {
		sum = stir(sum, (uint8_t)(o[i].value & ~o[i].unknown));
		sum = stir(sum, o[i].unknown);
		sum = stir(sum, o[i].doubt);
		sum = stir(sum, o[i].origin);
		for (unsigned bits = 0; bits < 32; bits += 8)
			sum = stir(sum, (uint8_t)(o[i].name >> bits));
	}
	for (size_t i = 0; i < len; i++)
		sum = stir(sum, bytes[i]);
	return sum ? sum : 1;
}

struct octet *regs_at(struct regs *r, uint8_t word, size_t n)
{
	size_t at = (size_t)word * REGS_WORD;

	if (at >= REGS_BYTES || n > REGS_BYTES - at)
		return NULL;
	return r->octets + at;
}

void regs_store(struct regs *r, uint8_t word, const struct octet *o, size_t n)
{
	size_t full = (n + REGS_WORD - 1) & ~(size_t)(REGS_WORD - 1);
	struct octet *to = regs_at(r, word, n);

	if (!to || full > (size_t)(r->octets + REGS_BYTES - to))
		return;
	memmove(to, o, n * sizeof(*o));
	memset(to + n, 0, (full - n) * sizeof(*o));
}

void octets_mask(struct octet *o, const uint8_t *mask, const uint8_t * xor, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		o[i].value = (uint8_t)((o[i].value & mask[i]) ^ xor[i]);
		o[i].unknown &= mask[i];
		o[i].kept &= mask[i];
		if (!xor[i])
			continue;
		o[i].origin = 0;
		o[i].name = name_stir(o[i].name, &xor[i], 1);
	}
}

/* What is made of all of them together has a name of its own. */
static void name_shifted(struct octet *o, size_t n, unsigned bits)
{
	uint32_t name = name_stir(0, &bits, sizeof(bits));

	for (size_t i = 0; i < n; i++) {
		name = name_stir(name, &o[i].name, sizeof(o[i].name));
		name = name_stir(name, &o[i].origin, sizeof(o[i].origin));
	}
	octets_name(o, n, name);
}

/* Shifted bits are still a value, but no longer this byte of that address. */
static uint32_t word_of(const struct octet *o, bool is_unknown)
{
	uint8_t bytes[REGS_WORD];
	uint32_t word;

	for (size_t i = 0; i < REGS_WORD; i++)
		bytes[i] = is_unknown ? o[i].unknown : o[i].value;
	memcpy(&word, bytes, sizeof(word));
	return word;
}

static void set_word(struct octet *o, uint32_t value, uint32_t unknown, uint8_t doubt)
{
	uint8_t bytes[REGS_WORD], bits[REGS_WORD];

	memcpy(bytes, &value, sizeof(value));
	memcpy(bits, &unknown, sizeof(unknown));
	for (size_t i = 0; i < REGS_WORD; i++) {
		o[i].value = bytes[i];
		o[i].unknown = bits[i];
		o[i].doubt = doubt;
		o[i].origin = 0;
	}
}

void octets_shift_left(struct octet *o, size_t n, unsigned bits)
{
	uint8_t doubt = (uint8_t)octets_doubt(o, n);
	uint32_t carry = 0, carry_unknown = 0;

	name_shifted(o, n, bits);
	for (size_t at = n - n % REGS_WORD; at >= REGS_WORD; at -= REGS_WORD) {
		struct octet *w = o + at - REGS_WORD;
		uint32_t value = word_of(w, false), unknown = word_of(w, true);

		set_word(w, value << bits | carry, unknown << bits | carry_unknown, doubt);
		carry = bits ? value >> (32 - bits) : 0;
		carry_unknown = bits ? unknown >> (32 - bits) : 0;
	}
}

void octets_shift_right(struct octet *o, size_t n, unsigned bits)
{
	uint8_t doubt = (uint8_t)octets_doubt(o, n);
	uint32_t carry = 0, carry_unknown = 0;

	name_shifted(o, n, 32 + bits);
	for (size_t at = 0; at + REGS_WORD <= n; at += REGS_WORD) {
		uint32_t value = word_of(o + at, false), unknown = word_of(o + at, true);

		set_word(o + at, value >> bits | carry, unknown >> bits | carry_unknown,
			 doubt);
		carry = bits ? value << (32 - bits) : 0;
		carry_unknown = bits ? unknown << (32 - bits) : 0;
	}
}

void octets_swap(struct octet *o, size_t n, size_t unit)
{
	if (!unit)
		return;
	for (size_t at = 0; at + unit <= n; at += unit) {
		for (size_t i = 0; i < unit / 2; i++) {
			struct octet kept = o[at + i];

			o[at + i] = o[at + unit - 1 - i];
			o[at + unit - 1 - i] = kept;
		}
	}
}

enum tri tri_not(enum tri t)
{
	return t == TRI_UNSURE ? t : t == TRI_YES ? TRI_NO : TRI_YES;
}

enum tri tri_and(enum tri a, enum tri b)
{
	if (a == TRI_NO || b == TRI_NO)
		return TRI_NO;
	return a == TRI_YES && b == TRI_YES ? TRI_YES : TRI_UNSURE;
}

enum tri tri_or(enum tri a, enum tri b)
{
	return tri_not(tri_and(tri_not(a), tri_not(b)));
}
