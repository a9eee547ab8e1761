/*
 * What an entry of a legacy table asks of a packet and does to it, as the expressions that
 * iptables-nft makes of the same rule: the head as loads and comparisons, the rest as
 * extensions. net/ipv4/netfilter/ip_tables.c, ip_packet_match(), ip6_packet_match().
 */
#include "core/firewall/legacy/legacy.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>
#include <string.h>

enum { WORD = 0, IFNAME_BYTES = 16, FRAGMENT_OFFSET = 6 };
enum { VERDICT_QUEUE = -1 - NF_QUEUE };

static const char zeros[16];
/* No interface is called so: what iptables-nft compares with for "! -i +". */
static const char no_device[] = "INVAL/D";
static const char fragment_bits[2] = {0x1f, (char)0xff};

/* Each expression is kept when the next one begins: till then its texts are borrowed. */
struct builder {
	struct ruleset_decoder *d;
	struct fw_expr open;
	bool is_open, has_names, no_memory;
	char iif[IFNAME_BYTES], oif[IFNAME_BYTES], proto;
};

static void close_open(struct builder *b)
{
	struct fw_expr **place;

	if (!b->is_open)
		return;
	b->is_open = false;
	b->has_names |= !expr_is_free(&b->open);
	place = vec_push(&b->d->legacy.exprs);
	if (place)
		*place = expr_pool_keep(&b->d->pool, &b->d->arena, &b->open);
	b->no_memory |= !place || !*place;
}

static struct fw_expr *add(struct builder *b, enum fw_expr_kind kind)
{
	close_open(b);
	b->is_open = true;
	b->open = (struct fw_expr){.kind = kind,
				   .sreg = FW_NO_REG,
				   .dreg = FW_NO_REG,
				   .sreg2 = FW_NO_REG,
				   .sreg3 = FW_NO_REG,
				   .sreg4 = FW_NO_REG,
				   .set = FW_NONE,
				   .chain = FW_NONE};
	return &b->open;
}

static void add_payload(struct builder *b, uint32_t offset, size_t len)
{
	struct fw_expr *e = add(b, FW_EXPR_PAYLOAD);

	e->base = NFT_PAYLOAD_NETWORK_HEADER;
	e->offset = offset;
	e->len = (uint32_t)len;
	e->dreg = WORD;
}

static void add_meta(struct builder *b, uint32_t key)
{
	struct fw_expr *e = add(b, FW_EXPR_META);

	e->key = key;
	e->dreg = WORD;
}

static void add_mask(struct builder *b, struct text mask)
{
	struct fw_expr *e = add(b, FW_EXPR_BITWISE);

	e->op = NFT_BITWISE_BOOL;
	e->sreg = e->dreg = WORD;
	e->len = (uint32_t)mask.len;
	e->value = mask;
	e->value2 = (struct text){zeros, mask.len};
}

static void add_cmp(struct builder *b, struct text value, bool is_inverted)
{
	struct fw_expr *e = add(b, FW_EXPR_CMP);

	e->op = is_inverted ? NFT_CMP_NEQ : NFT_CMP_EQ;
	e->sreg = WORD;
	e->value = value;
}

static struct fw_expr *add_verdict(struct builder *b, int32_t verdict)
{
	struct fw_expr *e = add(b, FW_EXPR_VERDICT);

	e->verdict = verdict;
	return e;
}

/* How many whole bytes the mask marks, if nothing else is marked; else SIZE_MAX. */
static size_t marked_bytes(struct text mask)
{
	size_t n = 0;

	while (n < mask.len && mask.bytes[n] == (char)0xff)
		n++;
	for (size_t i = n; i < mask.len; i++) {
		if (mask.bytes[i])
			return SIZE_MAX;
	}
	return n;
}

static bool is_zero_from(struct text t, size_t from)
{
	for (size_t i = from; i < t.len; i++) {
		if (t.bytes[i])
			return false;
	}
	return true;
}

/* Of a name the bytes that are not marked mean nothing ("eth+" has its '+' there). */
static struct text marked_name(char kept[IFNAME_BYTES], struct text name, struct text mask)
{
	size_t n = name.len < IFNAME_BYTES ? name.len : IFNAME_BYTES;

	for (size_t i = 0; i < n; i++)
		kept[i] = (char)(name.bytes[i] & mask.bytes[i]);
	return (struct text){kept, n};
}

/* (field & mask) == value, or != if inverted. */
static void add_masked(struct builder *b, uint32_t offset, uint32_t meta, struct text value,
		       struct text mask, bool is_inverted)
{
	size_t n = marked_bytes(mask);
	bool is_plain = n != SIZE_MAX && is_zero_from(value, n);

	if (is_plain && !n && !is_inverted)
		return;
	if (is_plain && !n && meta) { /* nothing is unlike everything */
		add_meta(b, meta);
		add_cmp(b, (struct text){no_device, sizeof(no_device)}, false);
		return;
	}
	is_plain = is_plain && n;
	if (meta)
		add_meta(b, meta);
	else
		add_payload(b, offset, is_plain ? n : value.len);
	if (!is_plain)
		add_mask(b, mask);
	else
		value.len = n;
	add_cmp(b, value, is_inverted);
}

static void add_proto(struct builder *b, const struct legacy_entry *e)
{
	bool is_inverted = e->inverted & LEGACY_NOT_PROTOCOL;

	if (!e->proto)
		return;
	if (e->proto > UINT8_MAX) { /* no packet has such a one */
		if (!is_inverted)
			add_verdict(b, NFT_BREAK);
		return;
	}
	b->proto = (char)e->proto;
	add_meta(b, NFT_META_L4PROTO);
	add_cmp(b, (struct text){&b->proto, sizeof(b->proto)}, is_inverted);
}

static void add_fragment(struct builder *b, const struct legacy_entry *e)
{
	bool is_inverted = e->inverted & LEGACY_NOT_FRAGMENT;
	struct text bits = {fragment_bits, sizeof(fragment_bits)};

	if (!e->is_fragment) {
		if (is_inverted)
			add_verdict(b, NFT_BREAK);
		return;
	}
	add_payload(b, FRAGMENT_OFFSET, bits.len);
	add_mask(b, bits);
	add_cmp(b, (struct text){zeros, bits.len}, !is_inverted);
}

static void add_head(struct builder *b, const struct legacy_entry *e)
{
	add_masked(b, e->is_v6 ? 8 : 12, 0, e->source, e->source_mask,
		   e->inverted & LEGACY_NOT_SOURCE);
	add_masked(b, e->is_v6 ? 24 : 16, 0, e->destination, e->destination_mask,
		   e->inverted & LEGACY_NOT_DESTINATION);
	add_masked(b, 0, NFT_META_IIFNAME, marked_name(b->iif, e->iif, e->iif_mask),
		   e->iif_mask, e->inverted & LEGACY_NOT_IIF);
	add_masked(b, 0, NFT_META_OIFNAME, marked_name(b->oif, e->oif, e->oif_mask),
		   e->oif_mask, e->inverted & LEGACY_NOT_OIF);
	add_proto(b, e);
	add_fragment(b, e);
}

static void add_extension(struct builder *b, enum fw_expr_kind kind,
			  const struct legacy_extension *x)
{
	struct fw_expr *e = add(b, kind);

	e->name = x->name;
	e->revision = x->revision;
	e->value = x->data;
}

static int add_matches(struct builder *b, const struct legacy_entry *e)
{
	struct text rest = e->matches;
	struct legacy_extension x;
	int more;

	while ((more = legacy_match_next(&rest, &x)) > 0)
		add_extension(b, FW_EXPR_XT_MATCH, &x);
	return more;
}

/* A chain of iptables is only ever entered at its head. */
static void add_jump(struct builder *b, const struct legacy_entry *e,
		     const struct legacy_jump *jump)
{
	struct fw_expr *x;

	if (text_is_empty(jump->chain)) {
		x = add(b, FW_EXPR_OPAQUE);
		x->name = text_of(e->is_goto ? "goto" : "jump");
		return;
	}
	x = add_verdict(b, e->is_goto ? NFT_GOTO : NFT_JUMP);
	x->value = jump->chain;
}

static void add_target(struct builder *b, const struct legacy_entry *e,
		       const struct legacy_jump *jump)
{
	int32_t verdict;

	if (!legacy_entry_verdict(e, &verdict)) {
		add_extension(b, FW_EXPR_XT_TARGET, &e->target);
		return;
	}
	switch (verdict) {
	case -1 - NF_DROP:
		add_verdict(b, NF_DROP);
		return;
	case -1 - NF_ACCEPT:
		add_verdict(b, NF_ACCEPT);
		return;
	case LEGACY_RETURN:
		add_verdict(b, NFT_RETURN);
		return;
	case VERDICT_QUEUE:
		add(b, FW_EXPR_QUEUE)->len = 1;
		return;
	default:
		break;
	}
	if (verdict < 0)
		add(b, FW_EXPR_OPAQUE)->name = text_of("verdict");
	else if ((uint32_t)verdict != e->next || e->is_goto)
		add_jump(b, e, jump);
}

/* The first comment's text, as it was kept. */
static struct text comment_of(const struct fw_rule *rule)
{
	for (size_t i = 0; i < rule->n_exprs; i++) {
		const struct fw_expr *x = rule->exprs[i];

		if (x->kind == FW_EXPR_XT_MATCH && text_equals_str(x->name, "comment") &&
		    x->value.len)
			return (struct text){x->value.bytes,
					     strnlen(x->value.bytes, x->value.len)};
	}
	return TEXT_NONE;
}

static int keep(struct builder *b, struct fw_rule *rule)
{
	const struct vec *exprs = &b->d->legacy.exprs;

	close_open(b);
	rule->exprs = arena_alloc(&b->d->arena, (exprs->n ? exprs->n : 1) * exprs->size);
	if (b->no_memory || !rule->exprs)
		return -ENOMEM;
	if (exprs->n)
		memcpy(rule->exprs, exprs->data, exprs->n * exprs->size);
	rule->n_exprs = (uint32_t)exprs->n;
	rule->has_names = b->has_names;
	rule->comment = comment_of(rule);
	return 0;
}

int legacy_rule_fill(struct ruleset_decoder *d, const struct legacy_entry *e,
		     const struct legacy_jump *jump, struct fw_rule *rule)
{
	struct builder b = {.d = d};
	int error;

	vec_truncate(&d->legacy.exprs, 0);
	rule->packets = e->packets;
	rule->bytes = e->bytes;
	rule->has_counter = true;
	add_head(&b, e);
	error = add_matches(&b, e);
	if (error)
		return error;
	add_target(&b, e, jump);
	return keep(&b, rule);
}
