/* Loads into registers, and masks of them: which byte of which field a register holds.
 * Compares nothing. linux/netfilter/nf_tables.h. */
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "core/firewall/box/box_build.h"

enum { IFNAME_BYTES = 16 };

void build_forget(struct build *b, uint8_t word)
{
	if (word < FW_N_WORDS)
		memset(&b->marks[word * 4], 0,
		       sizeof(b->marks) - word * 4U * sizeof(*b->marks));
}

/* Bytes of the register from the word on become these of the field; zeros up to the next
 * word. */
static void put(struct build *b, size_t byte, uint8_t kind, uint8_t at)
{
	if (byte < MARKS)
		b->marks[byte] = (struct mark){kind, at, 0xff};
}

static void pad(struct build *b, size_t byte)
{
	while (byte % 4)
		put(b, byte++, MARK_ZERO, 0);
}

static void load_whole(struct build *b, uint8_t word, uint8_t kind, size_t n)
{
	build_forget(b, word);
	if (word >= FW_N_WORDS)
		return;
	for (size_t i = 0; i < n; i++)
		put(b, word * 4U + i, kind, (uint8_t)i);
	pad(b, word * 4U + n);
}

static void load_meta(struct build *b, const struct fw_expr *x)
{
	switch (x->key) {
	case NFT_META_L4PROTO:
		build_need(b, BOX_NEEDS_PROTO);
		load_whole(b, x->dreg, MARK_FIELD + BOX_PROTO, 1);
		break;
	case NFT_META_NFPROTO:
		load_whole(b, x->dreg, MARK_NFPROTO, 1);
		break;
	case NFT_META_PROTOCOL:
		load_whole(b, x->dreg, MARK_ETHERTYPE, 2);
		break;
	case NFT_META_IIFNAME:
		load_whole(b, x->dreg, MARK_FIELD + BOX_IIF, IFNAME_BYTES);
		break;
	case NFT_META_OIFNAME:
		load_whole(b, x->dreg, MARK_FIELD + BOX_OIF, IFNAME_BYTES);
		break;
	case NFT_META_IIF:
		load_whole(b, x->dreg, MARK_FIELD + BOX_IIF_INDEX, 4);
		break;
	case NFT_META_OIF:
		load_whole(b, x->dreg, MARK_FIELD + BOX_OIF_INDEX, 4);
		break;
	default: /* some of them cannot be loaded of every packet */
		build_forget(b, x->dreg);
		build_lose(b);
	}
}

/* The families that the conditions up to here have left. */
static uint8_t families_left(const struct build *b)
{
	uint8_t families = 0;

	for (size_t i = 0; i < b->out->n; i++)
		families |= b->out->rows[i].families;
	return families;
}

/* The field that this byte of the network header belongs to. */
static struct mark network_mark(uint8_t families, size_t byte)
{
	size_t len = families == BOX_V4 ? 4 : 16, source = families == BOX_V4 ? 12 : 8;
	struct mark m = {.mask = 0xff};

	if (families == BOX_V4 && byte == 9)
		m.kind = MARK_FIELD + BOX_PROTO;
	else if (byte >= source && byte < source + len)
		m = (struct mark){MARK_FIELD + BOX_SOURCE, (uint8_t)(byte - source), 0xff};
	else if (byte >= source + len && byte < source + 2 * len)
		m = (struct mark){MARK_FIELD + BOX_DESTINATION,
				  (uint8_t)(byte - source - len), 0xff};
	return m;
}

static struct mark transport_mark(size_t byte)
{
	if (byte >= 4)
		return (struct mark){.kind = MARK_UNKNOWN};
	return (struct mark){
		(uint8_t)(MARK_FIELD + (byte < 2 ? BOX_SOURCE_PORT : BOX_PORT)),
		(uint8_t)(byte % 2), 0xff};
}

static void load_payload(struct build *b, const struct fw_expr *x)
{
	uint8_t families = families_left(b);
	bool is_network = x->base == NFT_PAYLOAD_NETWORK_HEADER &&
			  (families == BOX_V4 || families == BOX_V6);
	bool is_transport = x->base == NFT_PAYLOAD_TRANSPORT_HEADER;
	size_t at = x->dreg * 4U;

	if (is_transport)
		build_need(b, BOX_NEEDS_TRANSPORT | BOX_NEEDS_PROTO);
	else if (b->family != NFPROTO_IPV4 && b->family != NFPROTO_IPV6 &&
		 b->family != NFPROTO_INET)
		build_need(b, BOX_NEEDS_NETWORK);
	build_forget(b, x->dreg);
	if (x->dreg >= FW_N_WORDS || (!is_network && !is_transport))
		return;
	for (uint32_t i = 0; i < x->len && at + i < MARKS; i++)
		b->marks[at + i] = is_network ? network_mark(families, x->offset + i)
					      : transport_mark(x->offset + i);
	if (x->len < MARKS)
		pad(b, at + x->len);
}

void build_load(struct build *b, const struct fw_expr *x)
{
	if (x->kind == FW_EXPR_META) {
		load_meta(b, x);
	} else if (x->kind == FW_EXPR_PAYLOAD) {
		load_payload(b, x);
	} else if (x->kind == FW_EXPR_CT && x->key == NFT_CT_STATE) {
		load_whole(b, x->dreg, MARK_STATE, 4);
	} else {
		build_forget(b, x->dreg);
		build_lose(b);
	}
}

void build_mask(struct build *b, const struct fw_expr *x)
{
	struct mark kept[MARKS];
	size_t from = x->sreg * 4U, to = x->dreg * 4U;

	if (x->op != NFT_BITWISE_BOOL || x->sreg >= FW_N_WORDS || x->dreg >= FW_N_WORDS ||
	    x->value.len < x->len || x->value2.len < x->len) {
		build_forget(b, x->dreg);
		return;
	}
	memcpy(kept, b->marks, sizeof(kept));
	build_forget(b, x->dreg);
	for (size_t i = 0; i < x->len && from + i < MARKS && to + i < MARKS; i++) {
		struct mark m = kept[from + i];

		m.mask &= (uint8_t)x->value.bytes[i];
		if (x->value2.bytes[i])
			m.kind = MARK_UNKNOWN;
		b->marks[to + i] = m;
	}
	if (x->len < MARKS)
		pad(b, to + x->len);
}
