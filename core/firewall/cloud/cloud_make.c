/* Lines of groups and ACLs as the kernel's expressions. Reads no file. */
#include "core/firewall/cloud/cloud_rows.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

enum { EXPRS_MAX = 12, V4_SOURCE = 12, V4_TARGET = 16, V6_SOURCE = 8, V6_TARGET = 24 };

/* The expressions of one rule under way. */
struct making {
	struct arena *arena;
	struct fw_expr *exprs[EXPRS_MAX];
	uint32_t n;
	bool failed;
};

static struct fw_expr *add(struct making *m, enum fw_expr_kind kind)
{
	struct fw_expr *x = arena_alloc(m->arena, sizeof(*x));

	if (!x || m->n == EXPRS_MAX) {
		m->failed = true;
		return NULL;
	}
	*x = (struct fw_expr){.kind = kind,
			      .sreg = 0,
			      .dreg = 0,
			      .sreg2 = FW_NO_REG,
			      .sreg3 = FW_NO_REG,
			      .sreg4 = FW_NO_REG,
			      .set = FW_NONE,
			      .chain = FW_NONE};
	m->exprs[m->n++] = x;
	return x;
}

static void load_meta(struct making *m, uint32_t key)
{
	struct fw_expr *x = add(m, FW_EXPR_META);

	if (x)
		x->key = key;
}

static void load_bytes(struct making *m, uint8_t base, uint32_t offset, uint32_t len)
{
	struct fw_expr *x = add(m, FW_EXPR_PAYLOAD);

	if (!x)
		return;
	x->base = base;
	x->offset = offset;
	x->len = len;
}

static struct text keep(struct making *m, const void *bytes, size_t len)
{
	char *copy = arena_copy(m->arena, bytes, len);

	m->failed |= !copy;
	return copy ? (struct text){copy, len} : TEXT_NONE;
}

static void compare(struct making *m, uint8_t op, const void *bytes, size_t len)
{
	struct fw_expr *x = add(m, FW_EXPR_CMP);

	if (!x)
		return;
	x->op = op;
	x->value = keep(m, bytes, len);
}

static void compare_byte(struct making *m, uint8_t value)
{
	compare(m, NFT_CMP_EQ, &value, 1);
}

static void mask(struct making *m, const uint8_t *bits, uint32_t len)
{
	static const uint8_t none[16];
	struct fw_expr *x = add(m, FW_EXPR_BITWISE);

	if (!x)
		return;
	x->len = len;
	x->value = keep(m, bits, len);
	x->value2 = keep(m, none, len);
}

/* The other end's address: the source on the way in, the target on the way out. */
static void match_prefix(struct making *m, const struct cloud_row *row, bool is_out)
{
	bool is_v4 = row->prefix.family == AF_INET;
	uint32_t len = is_v4 ? 4 : 16;
	uint32_t offset =
		is_v4 ? (is_out ? V4_TARGET : V4_SOURCE) : (is_out ? V6_TARGET : V6_SOURCE);
	struct addr wanted = row->prefix;
	uint8_t bits[16] = {0};

	load_meta(m, NFT_META_NFPROTO);
	compare_byte(m, is_v4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
	if (!row->prefix_len)
		return;
	for (unsigned i = 0; i < len * 8; i++) {
		uint8_t bit = (uint8_t)(0x80u >> (i % 8));

		if (i < row->prefix_len)
			bits[i / 8] |= bit;
		else
			wanted.bytes[i / 8] &= (uint8_t)~bit;
	}
	load_bytes(m, NFT_PAYLOAD_NETWORK_HEADER, offset, len);
	if (row->prefix_len < len * 8)
		mask(m, bits, len);
	compare(m, NFT_CMP_EQ, wanted.bytes, len);
}

/* Of an answer, too, the port that is aimed at. */
static void match_ports(struct making *m, const struct cloud_row *row)
{
	uint8_t low[2] = {(uint8_t)(row->low_port >> 8), (uint8_t)row->low_port};
	uint8_t high[2] = {(uint8_t)(row->high_port >> 8), (uint8_t)row->high_port};

	if (!row->has_ports || (!row->low_port && row->high_port == UINT16_MAX))
		return;
	load_bytes(m, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2);
	if (row->low_port == row->high_port) {
		compare(m, NFT_CMP_EQ, low, 2);
		return;
	}
	compare(m, NFT_CMP_GTE, low, 2);
	compare(m, NFT_CMP_LTE, high, 2);
}

static int make_rule(struct arena *arena, const struct cloud_row *row, bool is_out,
		     struct fw_rule *out)
{
	struct making m = {.arena = arena};
	struct fw_expr *x;

	if (row->proto != CLOUD_ANY_PROTO) {
		load_meta(&m, NFT_META_L4PROTO);
		compare_byte(&m, (uint8_t)row->proto);
	}
	if (row->prefix.family)
		match_prefix(&m, row, is_out);
	match_ports(&m, row);
	if (row->unknown.len) {
		x = add(&m, FW_EXPR_OPAQUE);
		if (x)
			x->name = row->unknown;
	}
	x = add(&m, FW_EXPR_VERDICT);
	if (m.failed || !x)
		return -ENOMEM;
	x->verdict = row->is_allowed ? NF_ACCEPT : NF_DROP;
	x->dreg = FW_VERDICT;
	out->exprs = arena_alloc(arena, m.n * sizeof(*out->exprs));
	if (!out->exprs)
		return -ENOMEM;
	memcpy(out->exprs, m.exprs, m.n * sizeof(*out->exprs));
	out->n_exprs = m.n;
	out->comment = row->words;
	return 0;
}

static int by_order(const void *a, const void *b)
{
	const struct cloud_row *x = a, *y = b;

	if (x->chain != y->chain)
		return x->chain < y->chain ? -1 : 1;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* The chain on the way out of an ACL follows the one on the way in. */
static void make_chains(struct ruleset *r, const struct cloud_reader *reader)
{
	for (size_t i = 0; i < reader->chains.n; i++) {
		const struct cloud_chain *c = vec_at(&reader->chains, i);

		if (!c->is_out)
			r->tables[r->n_tables++] =
				(struct fw_table){.family = NFPROTO_INET,
						  .name = c->table,
						  .handle = r->n_tables + 1};
		r->chains[r->n_chains++] = (struct fw_chain){
			.table = (uint32_t)r->n_tables - 1,
			.name = c->name,
			.handle = i + 1,
			.is_base = true,
			.hook = c->is_out ? FW_POSTROUTING : FW_PREROUTING,
			.priority = c->is_out || i ? -10 : 0,
			.policy_drops = c->drops};
	}
}

static int make_rules(struct ruleset *r, struct cloud_reader *reader)
{
	for (size_t i = 0; i < reader->rows.n; i++) {
		const struct cloud_row *row = vec_at(&reader->rows, i);
		const struct cloud_chain *from = vec_at(&reader->chains, row->chain);
		struct fw_chain *chain = &r->chains[row->chain];
		struct fw_rule *rule = &r->rules[r->n_rules];

		if (make_rule(reader->arena, row, from->is_out, rule))
			return -ENOMEM;
		if (!chain->n_rules)
			chain->first_rule = (uint32_t)r->n_rules;
		rule->chain = row->chain;
		rule->index = ++chain->n_rules;
		rule->handle = ++r->n_rules;
	}
	return 0;
}

int cloud_make(struct cloud_rules *c, struct cloud_reader *reader)
{
	struct ruleset *r = &c->rules;
	size_t n_chains = reader->chains.n;

	if (reader->rows.n)
		qsort(reader->rows.data, reader->rows.n, sizeof(struct cloud_row),
		      by_order);
	r->tables = arena_alloc(reader->arena, (n_chains + 1) * sizeof(*r->tables));
	r->chains = arena_alloc(reader->arena, (n_chains + 1) * sizeof(*r->chains));
	r->rules = arena_alloc(reader->arena, (reader->rows.n + 1) * sizeof(*r->rules));
	if (!r->tables || !r->chains || !r->rules)
		return -ENOMEM;
	make_chains(r, reader);
	c->groups = reader->n_groups ? 0 : FW_NONE;
	return make_rules(r, reader);
}
