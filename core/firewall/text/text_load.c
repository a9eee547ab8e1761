/* What a register holds, in words: fields by their place, keys by their number, and what
 * bitwise expressions make of them. */
#include "core/firewall/text/text_writer.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "core/firewall/text/text_values.h"

/* The operand and nothing in the words that it covers besides. */
static void put(struct writer *w, uint8_t word, const struct operand *o)
{
	if (word >= FW_N_WORDS)
		return;
	for (unsigned i = 0; i < (o->part.len + 3U) / 4 && word + i < FW_N_WORDS; i++)
		w->words[word + i] = (struct operand){0};
	w->words[word] = *o;
}

static enum text_header header_at(const struct writer *w, const struct fw_expr *e)
{
	switch (e->base) {
	case NFT_PAYLOAD_LL_HEADER:
		return e->offset >= 14 ? HEADER_VLAN : HEADER_ETHER;
	case NFT_PAYLOAD_NETWORK_HEADER:
		return w->network;
	case NFT_PAYLOAD_TRANSPORT_HEADER:
		return w->transport ? w->transport : HEADER_TH;
	default:
		return HEADER_UNKNOWN;
	}
}

static void name_raw(struct writer *w, const struct operand *o)
{
	static const char *const bases[] = {"ll", "nh", "th", "ih"};

	str_printf(&w->scratch, "@%s,%u,%u", bases[o->base & 3], o->offset, o->bits);
}

static void take_field(struct operand *o, const struct text_field *f)
{
	o->words = text_of(f->name);
	o->part.type = f->type;
	o->offset = f->offset;
	o->bits = f->bits;
	o->tells_network = f->type == TEXT_TYPE_ETHERTYPE &&
			   (o->header == HEADER_ETHER || o->header == HEADER_VLAN);
	o->tells_transport = f->type == TEXT_TYPE_PROTO &&
			     (o->header == HEADER_IP || o->header == HEADER_IP6);
}

static void load_payload(struct writer *w, const struct fw_expr *e)
{
	struct operand o = {.kind = OPERAND_FIELD,
			    .is_payload = true,
			    .is_bits = true,
			    .base = e->base,
			    .header = header_at(w, e)};
	const struct text_field *f;

	o.part = (struct text_part){
		.type = TEXT_TYPE_INTEGER, .len = (uint8_t)e->len, .is_big = true};
	o.offset = (uint16_t)(e->offset * 8);
	o.bits = (uint16_t)(e->len * 8);
	f = e->offset < 4096 ? text_field_at(o.header, o.offset, o.bits) : NULL;
	if (f && f->bits == o.bits) {
		take_field(&o, f);
	} else {
		o.is_split = true;
		o.part.type = TEXT_TYPE_NONE;
		name_raw(w, &o);
		o.words = writer_keep(w);
	}
	put(w, e->dreg, &o);
}

static void load_meta(struct writer *w, const struct fw_expr *e)
{
	struct text_key key = text_meta_key(e->key);
	struct operand o = {.kind = OPERAND_FIELD};
	size_t len = text_type_len(key.type);

	if (key.name)
		str_printf(&w->scratch, "%s%s", key.is_bare ? "" : "meta ", key.name);
	else
		str_printf(&w->scratch, "meta (%u)", e->key);
	o.words = writer_keep(w);
	o.part = (struct text_part){
		.type = key.type, .len = (uint8_t)(len ? len : 4), .is_big = false};
	o.part.is_big = !text_type_is_host(key.type) && key.type != TEXT_TYPE_INTEGER;
	o.part.is_big |= e->key == NFT_META_PRANDOM;
	o.tells_network = e->key == NFT_META_NFPROTO || e->key == NFT_META_PROTOCOL;
	o.tells_transport = e->key == NFT_META_L4PROTO;
	o.tells_link = e->key == NFT_META_IIFTYPE;
	put(w, e->dreg, &o);
}

static void load_ct(struct writer *w, const struct fw_expr *e)
{
	static const char *const directions[] = {"original ", "reply ", ""};
	struct text_key key = text_ct_key(e->key);
	struct operand o = {.kind = OPERAND_FIELD};
	bool is_address = e->key == NFT_CT_SRC || e->key == NFT_CT_DST;
	size_t len;

	if (is_address)
		key.type = w->network == HEADER_IP6 ? TEXT_TYPE_IPV6 : TEXT_TYPE_IPV4;
	len = text_type_len(key.type);
	str_printf(&w->scratch, "ct %s", directions[e->direction % 3]);
	if (is_address)
		str_puts(&w->scratch, key.type == TEXT_TYPE_IPV6 ? "ip6 " : "ip ");
	if (key.name)
		str_puts(&w->scratch, key.name);
	else
		str_printf(&w->scratch, "(%u)", e->key);
	o.words = writer_keep(w);
	if (!len)
		len = e->key == NFT_CT_HELPER ? 16 : e->key == NFT_CT_ZONE ? 2 : 4;
	if (e->key == NFT_CT_PKTS || e->key == NFT_CT_BYTES || e->key == NFT_CT_AVGPKT)
		len = 8;
	o.part = (struct text_part){.type = key.type, .len = (uint8_t)len, .is_big = false};
	o.part.is_big = !text_type_is_host(key.type) && key.type != TEXT_TYPE_INTEGER;
	o.part.is_big |= e->key == NFT_CT_ID;
	put(w, e->dreg, &o);
}

static void load_fib(struct writer *w, const struct fw_expr *e)
{
	static const char *const flags[] = {"saddr", "daddr", "mark", "iif", "oif"};
	static const char *const results[] = {"(0)", "oif", "oifname", "type"};
	static const uint8_t types[] = {TEXT_TYPE_INTEGER, TEXT_TYPE_IFINDEX,
					TEXT_TYPE_IFNAME, TEXT_TYPE_FIB_ADDR};
	unsigned result = e->op < 4 ? e->op : 0;
	struct operand o = {.kind = OPERAND_FIELD};
	const char *between = "fib ";

	for (unsigned i = 0; i < 5; i++) {
		if (!(e->flags & 1U << i))
			continue;
		str_printf(&w->scratch, "%s%s", between, flags[i]);
		between = " . ";
	}
	str_printf(&w->scratch, " %s", results[result]);
	o.words = writer_keep(w);
	o.part.type = e->flags & NFTA_FIB_F_PRESENT ? TEXT_TYPE_BOOLEAN : types[result];
	o.part.len = result == NFT_FIB_RESULT_OIFNAME ? 16 : 4;
	put(w, e->dreg, &o);
}

/* "tcp option maxseg" and what of it; the numbers where they have no names. */
static void name_option(struct str *out, const struct fw_expr *e)
{
	static const char *const kinds[] = {"exthdr", "tcp option", "ip option",
					    "sctp chunk", "dccp option"};
	static const struct {
		uint32_t op, type, offset, len;
		const char *name, *field;
	} options[] = {{1, 2, 2, 2, "tcp option maxseg", "size"},
		       {1, 3, 2, 1, "tcp option window", "count"},
		       {1, 4, 0, 0, "tcp option sack-perm", "kind"},
		       {1, 5, 0, 0, "tcp option sack", "kind"},
		       {1, 8, 2, 4, "tcp option timestamp", "tsval"},
		       {1, 8, 6, 4, "tcp option timestamp", "tsecr"},
		       {2, 7, 0, 0, "ip option rr", "type"},
		       {2, 131, 0, 0, "ip option lsrr", "type"},
		       {2, 137, 0, 0, "ip option ssrr", "type"},
		       {2, 148, 0, 0, "ip option ra", "type"}};
	bool is_presence = e->flags & NFT_EXTHDR_F_PRESENT;

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		if (options[i].op != e->op || options[i].type != e->key)
			continue;
		if (!is_presence &&
		    (options[i].offset != e->offset || options[i].len != e->len))
			continue;
		str_printf(out, "%s%s%s", options[i].name, is_presence ? "" : " ",
			   is_presence ? "" : options[i].field);
		return;
	}
	str_printf(out, "%s @%u,%u,%u", e->op < 5 ? kinds[e->op] : "exthdr", e->key,
		   e->offset * 8, e->len * 8);
}

static void load_exthdr(struct writer *w, const struct fw_expr *e)
{
	struct operand o = {.kind = OPERAND_FIELD};
	bool is_v6 = e->op == NFT_EXTHDR_OP_IPV6;
	const struct text_field *f;

	if (is_v6)
		writer_drop(w, DEPENDS_NETWORK);
	o.part = (struct text_part){
		.type = TEXT_TYPE_INTEGER, .len = (uint8_t)e->len, .is_big = true};
	o.header = is_v6 ? text_header_of_extension(e->key) : HEADER_UNKNOWN;
	o.is_bits = true;
	o.offset = (uint16_t)(e->offset * 8);
	o.bits = (uint16_t)(e->len * 8);
	f = e->offset < 4096 ? text_field_at(o.header, o.offset, o.bits) : NULL;
	if (e->flags & NFT_EXTHDR_F_PRESENT)
		o.part.type = TEXT_TYPE_BOOLEAN;
	if (o.part.type == TEXT_TYPE_BOOLEAN && text_extension_word(o.header)) {
		str_printf(&w->scratch, "exthdr %s", text_extension_word(o.header));
		o.words = writer_keep(w);
	} else if (f && f->bits == o.bits) {
		o.words = text_of(f->name);
		o.part.type = f->type;
	} else {
		name_option(&w->scratch, e);
		o.words = writer_keep(w);
	}
	put(w, e->dreg, &o);
}

static void say_modulus(struct str *out, const struct fw_expr *e)
{
	str_printf(out, " mod %" PRIu64, e->amount);
	if (e->kind == FW_EXPR_HASH && e->flags)
		str_printf(out, " seed 0x%" PRIx64, e->amount2);
	if (e->offset)
		str_printf(out, " offset %u", e->offset);
}

static void load_other(struct writer *w, const struct fw_expr *e)
{
	static const char *const sockets[] = {"transparent", "mark", "wildcard",
					      "cgroupv2"};
	static const char *const routes[] = {"classid", "nexthop", "nexthop", "mtu",
					     "ipsec"};
	struct operand o = {.kind = OPERAND_FIELD,
			    .part = {.type = TEXT_TYPE_INTEGER, .len = 4}};
	struct text_part parts[TEXT_PARTS];
	struct str *out = &w->scratch;

	if (e->kind == FW_EXPR_SOCKET && e->key < 4) {
		str_printf(out, "socket %s", sockets[e->key]);
		if (e->key == 1)
			o.part.type = TEXT_TYPE_MARK;
		if (e->key == 3)
			str_printf(out, " level %u", e->offset);
	} else if (e->kind == FW_EXPR_RT && e->key < 5) {
		str_printf(out, "rt %s", routes[e->key]);
		if (e->key == NFT_RT_XFRM)
			o.part = (struct text_part){.type = TEXT_TYPE_BOOLEAN, .len = 1};
	} else if (e->kind == FW_EXPR_NUMGEN) {
		str_printf(out, "numgen %s", e->key ? "random" : "inc");
		say_modulus(out, e);
	} else if (e->kind == FW_EXPR_HASH && e->key == NFT_HASH_SYM) {
		str_puts(out, "symhash");
		say_modulus(out, e);
	} else if (e->kind == FW_EXPR_HASH) {
		str_puts(out, "jhash ");
		operands_text(w, e->sreg, e->len, parts);
		say_modulus(out, e);
	} else if (e->kind == FW_EXPR_OSF) {
		str_puts(out, "osf name");
		o.part = (struct text_part){
			.type = TEXT_TYPE_STRING, .len = 16, .is_big = true};
	} else if (e->kind == FW_EXPR_XFRM && e->key - 5 < 2) {
		str_printf(out, "ipsec %s %s", e->direction ? "out" : "in",
			   e->key == NFT_XFRM_KEY_SPI ? "spi" : "reqid");
		o.part.is_big = e->key == NFT_XFRM_KEY_SPI;
	} else {
		str_printf(out, "(expression %s)",
			   e->kind == FW_EXPR_XFRM ? "ipsec" : "tunnel");
	}
	o.words = writer_keep(w);
	put(w, e->dreg, &o);
}

void text_load(struct writer *w, const struct fw_expr *e)
{
	struct operand value = {.kind = OPERAND_BYTES, .bytes = e->value};

	switch (e->kind) {
	case FW_EXPR_IMMEDIATE:
		value.part.len = (uint8_t)e->value.len;
		put(w, e->dreg, &value);
		break;
	case FW_EXPR_PAYLOAD:
		load_payload(w, e);
		break;
	case FW_EXPR_META:
		load_meta(w, e);
		break;
	case FW_EXPR_CT:
		load_ct(w, e);
		break;
	case FW_EXPR_FIB:
		load_fib(w, e);
		break;
	case FW_EXPR_EXTHDR:
		load_exthdr(w, e);
		break;
	default:
		load_other(w, e);
	}
}
