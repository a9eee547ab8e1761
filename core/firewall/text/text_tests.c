/* Comparisons, ranges and lookups as nft prints them. */
#include "core/firewall/text/text_writer.h"

#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "core/firewall/text/text_values.h"

static const char *const signs[] = {"", "!= ", "< ", "<= ", "> ", ">= "};

static bool is_zero(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		if (t.bytes[i])
			return false;
	}
	return true;
}

/* How many leading bits a mask has, and nothing behind; -1: it is no prefix. */
static int prefix_bits(struct text mask)
{
	size_t n = mask.len * 8, at = 0;

	while (at < n && ((uint8_t)mask.bytes[at / 8] >> (7 - at % 8) & 1))
		at++;
	for (size_t i = at; i < n; i++) {
		if ((uint8_t)mask.bytes[i / 8] >> (7 - i % 8) & 1)
			return -1;
	}
	return (int)at;
}

/* A test for one value may tell which header comes next. */
static void learn(struct writer *w, const struct operand *o, struct text value)
{
	size_t here = w->pieces.n;
	unsigned number;

	if (!here || value.len > 2 || w->no_memory)
		return;
	number = (unsigned)text_number(value, o->part.is_big);
	if (o->tells_link && number == 1) {
		w->depends[DEPENDS_LINK] = here;
	} else if (o->tells_transport) {
		w->transport = text_header_of_proto(number);
		w->depends[DEPENDS_TRANSPORT] = here;
	} else if (o->tells_network && o->part.type == TEXT_TYPE_NFPROTO) {
		w->network = number == NFPROTO_IPV4   ? HEADER_IP
			     : number == NFPROTO_IPV6 ? HEADER_IP6
						      : HEADER_UNKNOWN;
		w->has_nfproto = true;
		w->depends[DEPENDS_NETWORK] = here;
	} else if (o->tells_network) {
		w->network = text_header_of_ethertype(number);
		w->depends[DEPENDS_NETWORK] = here;
	}
}

/* One load that covers several fields, or the first bytes of one: each is said for itself.
 */
static bool split(struct writer *w, const struct operand *o, uint8_t op, struct text value)
{
	size_t at = 0;

	while (at < value.len) {
		unsigned offset = o->offset + (unsigned)at * 8;
		unsigned left = (unsigned)(value.len - at) * 8;
		const struct text_field *f = text_field_at(o->header, offset, left);
		const struct text_field *part = text_field_part(o->header, offset, left);
		struct operand one = *o;
		char room[16] = {0};
		size_t n;

		f = f && f->bits % 8 == 0 ? f : NULL;
		if (!f && !(part && text_type_has_prefix(part->type) && op <= NFT_CMP_NEQ))
			return at > 0;
		n = f ? f->bits / 8 : value.len - at;
		one.is_split = false;
		one.words = text_of(f ? f->name : part->name);
		one.part = (struct text_part){.type = f ? f->type : part->type,
					      .len = (uint8_t)n,
					      .is_big = true};
		one.tells_network = f && f->type == TEXT_TYPE_ETHERTYPE;
		one.tells_transport = f && f->type == TEXT_TYPE_PROTO &&
				      o->base == NFT_PAYLOAD_NETWORK_HEADER;
		operand_text(w, &w->scratch, &one, NULL);
		str_printf(&w->scratch, " %s", signs[op]);
		memcpy(room, value.bytes + at, n);
		text_value(&w->scratch, one.part.type,
			   (struct text){room, f ? n : part->bits / 8U}, true);
		if (!f)
			str_printf(&w->scratch, "/%u", left);
		writer_say(w);
		if (op == NFT_CMP_EQ)
			learn(w, &one, (struct text){room, n});
		at += n;
	}
	return true;
}

static void say_name(struct writer *w, const struct operand *o, struct text value)
{
	size_t len = strnlen(value.bytes, value.len);

	text_name_value(&w->scratch, value, len == value.len && value.len < o->part.len);
}

/* ">= a" and then "<= b" of the same field: "a-b". */
static bool join_range(struct writer *w, const struct operand *o, struct text left,
		       struct text value)
{
	struct piece *last = w->pieces.n ? vec_at(&w->pieces, w->pieces.n - 1) : NULL;

	if (!last || text_is_empty(last->left) || !text_equals(last->left, left))
		return false;
	str_append(&w->scratch, left.bytes, left.len);
	str_putc(&w->scratch, ' ');
	text_range(&w->scratch, &o->part, last->from, value);
	last->text = writer_keep(w);
	last->left = TEXT_NONE;
	return true;
}

static void plain_cmp(struct writer *w, const struct operand *o, const struct fw_expr *e)
{
	struct piece *said;
	struct text left;
	bool must_say = text_type_is_flags(o->part.type) && e->op == NFT_CMP_EQ;

	operand_text(w, &w->scratch, o, NULL);
	left = writer_keep(w);
	if (e->op == NFT_CMP_LTE && join_range(w, o, left, e->value))
		return;
	str_append(&w->scratch, left.bytes, left.len);
	str_printf(&w->scratch, " %s", must_say ? "== " : signs[e->op]);
	if (o->part.type == TEXT_TYPE_IFNAME || o->part.type == TEXT_TYPE_STRING)
		say_name(w, o, e->value);
	else
		text_part_value(&w->scratch, &o->part, e->value);
	said = writer_say(w);
	if (!said)
		return;
	said->is_payload = o->is_payload;
	if (e->op == NFT_CMP_GTE) {
		said->left = left;
		said->from = e->value;
	} else if (e->op == NFT_CMP_EQ) {
		learn(w, o, e->value);
	}
}

static void masked_cmp(struct writer *w, const struct operand *o, const struct fw_expr *e)
{
	struct operand bare = *o;
	int prefix = prefix_bits(o->mask);
	bool is_flags = text_type_is_flags(o->part.type),
	     is_equality = e->op <= NFT_CMP_NEQ;

	bare.mask = bare.flip = TEXT_NONE;
	if (o->flip.len || !is_equality || e->value.len != o->mask.len) {
		operand_text(w, &w->scratch, o, NULL);
		str_printf(&w->scratch, " %s", e->op == NFT_CMP_EQ ? "== " : signs[e->op]);
		text_part_value(&w->scratch, &o->part, e->value);
	} else if (is_flags && is_zero(e->value)) {
		operand_text(w, &w->scratch, &bare, NULL);
		str_puts(&w->scratch, e->op == NFT_CMP_NEQ ? " " : " ! ");
		text_part_value(&w->scratch, &o->part, o->mask);
	} else if (is_flags) {
		operand_text(w, &w->scratch, &bare, NULL);
		str_printf(&w->scratch, " %s", signs[e->op]);
		text_part_value(&w->scratch, &o->part, e->value);
		str_puts(&w->scratch, " / ");
		text_part_value(&w->scratch, &o->part, o->mask);
	} else if (prefix > 0 && o->part.is_big && text_type_has_prefix(o->part.type)) {
		operand_text(w, &w->scratch, &bare, NULL);
		str_printf(&w->scratch, " %s", signs[e->op]);
		text_part_value(&w->scratch, &o->part, e->value);
		str_printf(&w->scratch, "/%d", prefix);
	} else {
		operand_text(w, &w->scratch, o, NULL);
		str_printf(&w->scratch, " %s", e->op == NFT_CMP_EQ ? "== " : signs[e->op]);
		text_part_value(&w->scratch, &o->part, e->value);
	}
	writer_say(w);
}

void text_cmp(struct writer *w, const struct fw_expr *e)
{
	struct operand o = w->words[e->sreg];

	if (o.kind != OPERAND_FIELD) {
		str_puts(&w->scratch, "(expression cmp)");
		writer_say(w);
	} else if (o.mask.len) {
		masked_cmp(w, &o, e);
	} else if (!o.is_split || !split(w, &o, e->op, e->value)) {
		plain_cmp(w, &o, e);
	}
}

void text_inside(struct writer *w, const struct fw_expr *e)
{
	const struct operand *o = &w->words[e->sreg];

	operand_text(w, &w->scratch, o, NULL);
	str_puts(&w->scratch, e->op == NFT_RANGE_NEQ ? " != " : " ");
	text_range(&w->scratch, &o->part, e->value, e->value2);
	writer_say(w);
}

static void say_set(struct writer *w, const struct fw_set *set,
		    const struct text_part *parts, size_t n)
{
	if (set->flags & NFT_SET_ANONYMOUS) {
		if (text_set_body(&w->scratch, w->r, set, parts, n) < 0)
			w->no_memory = true;
		return;
	}
	str_putc(&w->scratch, '@');
	text_show(&w->scratch, set->name, TEXT_ASCII);
}

void text_lookup(struct writer *w, const struct fw_expr *e)
{
	const struct fw_set *set = &w->r->sets[e->set];
	struct text_part parts[TEXT_PARTS], data[TEXT_PARTS];
	size_t n = operands_text(w, e->sreg, set->key_len, parts);
	struct operand o = {.kind = OPERAND_FIELD};

	if (e->dreg == FW_NO_REG)
		str_puts(&w->scratch, e->is_inverted ? " != " : " ");
	else
		str_puts(&w->scratch, e->dreg == FW_VERDICT ? " vmap " : " map ");
	say_set(w, set, parts, n);
	if (e->dreg >= FW_N_WORDS) {
		writer_say(w);
		return;
	}
	text_data_parts(set, data);
	o.words = writer_keep(w);
	o.part = data[0];
	o.part.len = (uint8_t)(set->data_len < 64 ? set->data_len : 64);
	for (unsigned i = 0; i < (o.part.len + 3U) / 4 && e->dreg + i < FW_N_WORDS; i++)
		w->words[e->dreg + i] = (struct operand){0};
	w->words[e->dreg] = o;
}
