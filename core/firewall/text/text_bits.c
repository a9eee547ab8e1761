/* Masks, shifts and byte orders on what a register holds. */
#include "core/firewall/text/text_writer.h"

#include <linux/netfilter/nf_tables.h>

#include "core/firewall/text/text_values.h"

static bool is_bit(struct text t, size_t bit)
{
	return (uint8_t)t.bytes[bit / 8] >> (7 - bit % 8) & 1;
}

static bool is_zero(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		if (t.bytes[i])
			return false;
	}
	return true;
}

const struct text_field *text_field_of_mask(const struct operand *o, struct text mask,
					    bool is_inverted, uint8_t *shift)
{
	size_t n = mask.len * 8, first = 0, last, i;
	const struct text_field *f;

	while (first < n && is_bit(mask, first) == is_inverted)
		first++;
	for (last = first; last < n && is_bit(mask, last) != is_inverted; last++)
		;
	for (i = last; i < n && is_bit(mask, i) == is_inverted; i++)
		;
	if (first == last || i < n || last - first == n || n - last > 31)
		return NULL;
	f = text_field_at(o->header, o->offset + (unsigned)first, (unsigned)(last - first));
	if (!f || f->bits != last - first)
		return NULL;
	*shift = (uint8_t)(n - last);
	return f;
}

/* A field of some bits inside what was loaded: "ip dscp". */
static bool narrow(struct operand *o, struct text mask)
{
	uint8_t shift;
	const struct text_field *f = text_field_of_mask(o, mask, false, &shift);

	if (!f)
		return false;
	o->words = text_of(f->name);
	o->part.type = f->type;
	o->part.shift = shift;
	o->is_split = false;
	return true;
}

static void add_shift(struct writer *w, struct operand *o, const struct fw_expr *e)
{
	uint64_t by = text_number(e->value, false);

	if (e->op == NFT_BITWISE_RSHIFT && by == o->part.shift) {
		o->part.shift = 0;
		return;
	}
	operand_text(w, &w->scratch, o, NULL);
	str_printf(&w->scratch, " %s %u", e->op == NFT_BITWISE_LSHIFT ? "<<" : ">>",
		   (unsigned)by);
	o->words = writer_keep(w);
	o->mask = o->flip = TEXT_NONE;
}

/* The newer forms: and, or, xor with a value or another register. */
static void add_boolean(struct writer *w, struct operand *o, const struct fw_expr *e)
{
	static const char *const signs[] = {"&", "|", "^"};
	const struct operand *other = e->sreg2 < FW_N_WORDS ? &w->words[e->sreg2] : NULL;

	operand_text(w, &w->scratch, o, NULL);
	str_printf(&w->scratch, " %s ", signs[(e->op - 3U) % 3]);
	if (!text_is_empty(e->value))
		text_value(&w->scratch, o->part.type, e->value, o->part.is_big);
	else if (other)
		operand_text(w, &w->scratch, other, &o->part);
	o->words = writer_keep(w);
	o->mask = o->flip = TEXT_NONE;
}

void text_bitwise(struct writer *w, const struct fw_expr *e)
{
	struct operand o = w->words[e->sreg];

	if (o.kind == OPERAND_NONE)
		return;
	if (e->op > NFT_BITWISE_RSHIFT) {
		add_boolean(w, &o, e);
	} else if (e->op != NFT_BITWISE_BOOL) {
		add_shift(w, &o, e);
	} else if (!o.is_bits || !is_zero(e->value2) || o.mask.len ||
		   !narrow(&o, e->value)) {
		if (o.mask.len) { /* a second one: the first becomes part of the words */
			operand_text(w, &w->scratch, &o, NULL);
			o.words = writer_keep(w);
		}
		o.mask = e->value;
		o.flip = is_zero(e->value2) ? TEXT_NONE : e->value2;
	}
	w->words[e->dreg] = o;
}

void text_byteorder(struct writer *w, const struct fw_expr *e)
{
	struct operand o = w->words[e->sreg];

	o.part.is_big = e->op == NFT_BYTEORDER_HTON;
	w->words[e->dreg] = o;
}

/*
 * (x & mask) ^ flip is (x & (mask | o)) ^ (flip & ~o) | o, where o are the bits that are
 * set whatever they were.
 */
static void masked_text(struct str *out, const struct operand *o,
			const struct text_part *part)
{
	char kept[16], always[16], flipped[16];
	bool is_all = true, has_or = false, has_xor = false;
	size_t n = o->mask.len < sizeof(kept) ? o->mask.len : sizeof(kept);

	for (size_t i = 0; i < n; i++) {
		char flip = i < o->flip.len ? o->flip.bytes[i] : 0;

		always[i] = (char)(~o->mask.bytes[i] & flip);
		flipped[i] = (char)(flip & ~always[i]);
		kept[i] = (char)(o->mask.bytes[i] | always[i]);
		is_all &= kept[i] == (char)0xff;
		has_or |= always[i] != 0;
		has_xor |= flipped[i] != 0;
	}
	if (!is_all) {
		str_puts(out, " & ");
		text_value(out, part->type, (struct text){kept, n}, part->is_big);
	}
	if (has_xor) {
		str_puts(out, " ^ ");
		text_value(out, part->type, (struct text){flipped, n}, part->is_big);
	}
	if (has_or) {
		str_puts(out, " | ");
		text_value(out, part->type, (struct text){always, n}, part->is_big);
	}
}

/* What is said by naming the field itself. */
static void drop_dependencies(struct writer *w, const struct operand *o)
{
	if (o->base == NFT_PAYLOAD_LL_HEADER)
		writer_drop(w, DEPENDS_LINK);
	if (o->base == NFT_PAYLOAD_NETWORK_HEADER || o->header == HEADER_VLAN ||
	    o->header == HEADER_ICMP || o->header == HEADER_ICMP6)
		writer_drop(w, DEPENDS_NETWORK);
	if (o->base == NFT_PAYLOAD_TRANSPORT_HEADER)
		writer_drop(w, DEPENDS_TRANSPORT);
}

void operand_text(struct writer *w, struct str *out, const struct operand *o,
		  const struct text_part *as)
{
	const struct text_part *part = as ? as : &o->part;
	struct text bytes = o->bytes;

	if (o->kind == OPERAND_NONE) {
		str_puts(out, "(unknown)");
	} else if (o->kind == OPERAND_BYTES) {
		if (part->len && part->len < bytes.len)
			bytes.len = part->len;
		text_value(out, part->type, bytes, part->is_big);
	} else {
		if (o->is_payload)
			drop_dependencies(w, o);
		str_append(out, o->words.bytes, o->words.len);
		if (o->mask.len)
			masked_text(out, o, part);
	}
}

size_t operands_text(struct writer *w, uint8_t word, size_t len,
		     struct text_part parts[TEXT_PARTS])
{
	size_t n = 0, at = 0;

	while (at < len && n < TEXT_PARTS) {
		size_t here = word + at / 4;
		const struct operand *o = here < FW_N_WORDS ? &w->words[here] : NULL;

		if (n)
			str_puts(&w->scratch, " . ");
		if (!o || o->kind == OPERAND_NONE || !o->part.len) {
			str_puts(&w->scratch, "(unknown)");
			parts[n++] = (struct text_part){.len = (uint8_t)(len - at)};
			break;
		}
		operand_text(w, &w->scratch, o, NULL);
		parts[n++] = o->part;
		at += (o->part.len + 3U) & ~3U;
	}
	return n;
}
