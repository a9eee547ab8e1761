/* Comparisons of registers as conditions on the fields of a box. What is no field of it is
 * a condition that is not captured. linux/netfilter/nf_tables.h. */
#include <string.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "core/firewall/box/box_build.h"

static uint32_t word_of(const uint8_t *bytes)
{
	uint32_t v;

	memcpy(&v, bytes, sizeof(v));
	return v;
}

/* ct state & mask == value, or != */
static void compare_state(struct build *b, size_t at, uint32_t value, bool is_equal)
{
	uint8_t masks[4], hit = 0;
	uint32_t mask;

	for (size_t i = 0; i < 4; i++)
		masks[i] = b->marks[at + i].mask;
	mask = word_of(masks);
	for (uint32_t bit = 1; bit <= 64; bit <<= 1)
		if ((bit & BOX_STATES) && (bit & mask) == value)
			hit |= (uint8_t)bit;
	build_narrow_states(b, is_equal ? hit : (uint8_t)~hit);
}

static uint8_t family_of(const struct mark *m, const uint8_t *value)
{
	if (m->kind == MARK_NFPROTO)
		return value[0] == NFPROTO_IPV4   ? BOX_V4
		       : value[0] == NFPROTO_IPV6 ? BOX_V6
						  : BOX_OTHER;
	switch (value[0] << 8 | value[1]) {
	case ETH_P_IP:
		return BOX_V4;
	case ETH_P_IPV6:
		return BOX_V6;
	default:
		return BOX_OTHER;
	}
}

/* One of several other protocols is not all of them. */
static void compare_family(struct build *b, const struct mark *m, const uint8_t *value,
			   bool is_equal)
{
	uint8_t family = family_of(m, value);

	if (family == BOX_OTHER)
		build_lose(b);
	if (is_equal)
		build_narrow_families(b, family);
	else if (family != BOX_OTHER)
		build_narrow_families(b, (uint8_t)(BOX_FAMILIES & ~family));
}

static bool is_plain(const struct mark *m, size_t n, uint8_t kind)
{
	for (size_t i = 0; i < n; i++)
		if (m[i].kind != kind || m[i].at != i || m[i].mask != 0xff)
			return false;
	return true;
}

/* True: it was a comparison of something that is no interval. */
static bool compare_special(struct build *b, size_t at, const uint8_t *value, size_t n,
			    bool is_equal)
{
	const struct mark *m = &b->marks[at];

	if (n == 4 && m->kind == MARK_STATE && m[3].kind == MARK_STATE && m[3].at == 3) {
		compare_state(b, at, word_of(value), is_equal);
		return true;
	}
	if ((n == 1 && is_plain(m, 1, MARK_NFPROTO)) ||
	    (n == 2 && is_plain(m, 2, MARK_ETHERTYPE))) {
		compare_family(b, m, value, is_equal);
		return true;
	}
	return false;
}

/* How many bytes from here belong to one field, one after the other. */
static size_t run_len(const struct mark *m, size_t n)
{
	size_t len = 1;

	while (len < n && m[len].kind == m[0].kind &&
	       (m[0].kind == MARK_ZERO || m[len].at == m[len - 1].at + 1))
		len++;
	return len;
}

/* The leading bits that masks have left; SIZE_MAX: not in a row. */
static size_t masked_bits(const struct mark *m, size_t n)
{
	size_t bits = 0;
	bool has_ended = false;

	for (size_t i = 0; i < 8 * n; i++) {
		bool is_set = m[i / 8].mask >> (7 - i % 8) & 1;

		if (is_set && has_ended)
			return SIZE_MAX;
		has_ended |= !is_set;
		bits += is_set;
	}
	return bits;
}

static bool is_field(const struct mark *m)
{
	return m->kind >= MARK_FIELD && m->kind < MARK_FIELD + N_BOX_FIELDS && !m->at;
}

/* One run of one field: low to high. */
static bool bound_run(const struct mark *m, const uint8_t *low, const uint8_t *high,
		      size_t n, struct box *out)
{
	size_t bits = masked_bits(m, n);
	struct span s;

	if (m->kind == MARK_ZERO)
		return true;
	if (!is_field(m) || n > WIDE_BYTES || bits == SIZE_MAX ||
	    (bits < 8 * n && memcmp(low, high, n) != 0))
		return false;
	s = (struct span){wide_of_bytes(low, n), wide_filled(high, n)};
	if (bits < 8 * n) {
		struct wide head = wide_head(s.low, (unsigned)bits);

		if (wide_compare(head, s.low) != 0)
			return false;
		s.high = head;
		s.high.top |=
			~wide_head((struct wide){UINT64_MAX, UINT64_MAX}, (unsigned)bits)
				 .top;
		s.high.bottom |=
			~wide_head((struct wide){UINT64_MAX, UINT64_MAX}, (unsigned)bits)
				 .bottom;
	}
	if (wide_compare(s.low, s.high) > 0 ||
	    !span_meets(&out->fields[m->kind - MARK_FIELD], &s))
		return false;
	out->fields[m->kind - MARK_FIELD] =
		span_common(&out->fields[m->kind - MARK_FIELD], &s);
	return true;
}

bool build_bound(const struct build *b, uint8_t word, const uint8_t *low,
		 const uint8_t *high, size_t n, struct box *out)
{
	const struct mark *m = &b->marks[word * 4U];
	bool is_whole = true;

	*out = box_all(BOX_FAMILIES);
	if (word >= FW_N_WORDS || word * 4U + n > MARKS)
		return false;
	for (size_t at = 0, len; at < n; at += len) {
		len = run_len(m + at, n - at);
		is_whole &= bound_run(m + at, low + at, high + at, len, out);
	}
	return is_whole;
}

enum box_field build_field(const struct build *b, uint8_t word, size_t n)
{
	const struct mark *m = &b->marks[word * 4U];

	if (word >= FW_N_WORDS || word * 4U + n > MARKS || !n || !is_field(m) ||
	    run_len(m, n) != n)
		return N_BOX_FIELDS;
	return (enum box_field)(m->kind - MARK_FIELD);
}

static void compare_equal(struct build *b, const struct fw_expr *x, const uint8_t *value)
{
	enum box_field field = build_field(b, x->sreg, x->value.len);
	bool is_equal = x->op == NFT_CMP_EQ, is_whole;
	struct ways w;
	struct box box;

	ways_start(&w);
	is_whole = build_bound(b, x->sreg, value, value, x->value.len, &box);
	if (!is_whole)
		build_lose(b);
	if (!is_equal && (!is_whole || field == N_BOX_FIELDS)) {
		build_lose(b);
		return;
	}
	ways_add(&w, &box);
	if (!is_equal && !ways_turn(&w, field))
		build_lose(b);
	else
		build_narrow(b, &w);
}

static bool is_of_host_order(enum box_field field)
{
	return field == BOX_IIF_INDEX || field == BOX_OIF_INDEX;
}

/* From low to high, both within; as the bytes stand. */
static void narrow_between(struct build *b, uint8_t word, struct span s, size_t n,
			   bool is_inside)
{
	enum box_field field = build_field(b, word, n);
	struct ways w;

	if (field == N_BOX_FIELDS || is_of_host_order(field) ||
	    !is_plain(&b->marks[word * 4U], n, (uint8_t)(MARK_FIELD + field)) ||
	    wide_compare(s.low, s.high) > 0) {
		build_lose(b);
		return;
	}
	ways_start(&w);
	ways_add_span(&w, field, &s);
	if (is_inside || ways_turn(&w, field))
		build_narrow(b, &w);
	else
		build_lose(b);
}

static void compare_order(struct build *b, const struct fw_expr *x, const uint8_t *value)
{
	struct span s = span_all();
	size_t n = x->value.len;

	if (x->op == NFT_CMP_LT || x->op == NFT_CMP_GTE)
		s.low = wide_of_bytes(value, n);
	else
		s.high = wide_filled(value, n);
	narrow_between(b, x->sreg, s, n, x->op == NFT_CMP_GTE || x->op == NFT_CMP_LTE);
}

void build_cmp(struct build *b, const struct fw_expr *x)
{
	const uint8_t *value = (const uint8_t *)x->value.bytes;
	size_t n = x->value.len;

	if (x->sreg >= FW_N_WORDS || !n || x->sreg * 4U + n > MARKS || n > WIDE_BYTES * 4) {
		build_lose(b);
		return;
	}
	if (x->op != NFT_CMP_EQ && x->op != NFT_CMP_NEQ) {
		if (n <= WIDE_BYTES)
			compare_order(b, x, value);
		else
			build_lose(b);
		return;
	}
	if (!compare_special(b, x->sreg * 4U, value, n, x->op == NFT_CMP_EQ))
		compare_equal(b, x, value);
}

void build_range(struct build *b, const struct fw_expr *x)
{
	size_t n = x->value.len;

	if (x->sreg >= FW_N_WORDS || !n || n != x->value2.len || n > WIDE_BYTES) {
		build_lose(b);
		return;
	}
	narrow_between(b, x->sreg,
		       (struct span){wide_of_bytes((const uint8_t *)x->value.bytes, n),
				     wide_filled((const uint8_t *)x->value2.bytes, n)},
		       n, x->op == NFT_RANGE_EQ);
}
