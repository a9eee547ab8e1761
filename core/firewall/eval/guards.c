/* Finds the comparisons that rules begin with. Looks at no packet. */
#include "core/firewall/eval/guards.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "core/firewall/eval/leftovers.h"

/* Of an IPv4 header without options, which an IPv6 header is longer than; of the shortest
 * transport header. */
enum { NETWORK_BYTES = 20, TRANSPORT_BYTES = 8 };

uint64_t guard_value(const void *bytes, size_t len)
{
	uint64_t value = 0;

	if (len)
		memcpy(&value, bytes, len < GUARD_BYTES ? len : GUARD_BYTES);
	return value;
}

/* Loading it asks nothing and always succeeds, if the packet has such a header. */
static bool is_load(const struct fw_expr *x)
{
	size_t end = (size_t)x->offset + x->len;

	if (x->writes || x->dreg >= FW_N_WORDS)
		return false;
	if (x->kind == FW_EXPR_META)
		return x->key == NFT_META_NFPROTO || x->key == NFT_META_L4PROTO;
	if (x->kind != FW_EXPR_PAYLOAD || !x->len)
		return false;
	if (x->base == NFT_PAYLOAD_NETWORK_HEADER)
		return end <= NETWORK_BYTES;
	return x->base == NFT_PAYLOAD_TRANSPORT_HEADER && end <= TRANSPORT_BYTES;
}

static bool is_mask_of(const struct fw_expr *x, const struct fw_expr *load)
{
	return x->kind == FW_EXPR_BITWISE && x->op == NFT_BITWISE_BOOL &&
	       load->kind == FW_EXPR_PAYLOAD && x->sreg == load->dreg &&
	       x->dreg == load->dreg && x->len == load->len && x->value.len == x->len &&
	       x->value2.len == x->len;
}

/* No more than what was loaded is compared. */
static bool is_compare_of(const struct fw_expr *x, const struct fw_expr *load)
{
	size_t room = load->kind == FW_EXPR_META ? 1 : load->len;

	return x->kind == FW_EXPR_CMP && x->sreg == load->dreg && x->value.len &&
	       x->value.len <= room && (x->op == NFT_CMP_EQ || x->op == NFT_CMP_NEQ);
}

/* Of loads and masks. */
static bool is_same_expr(const struct fw_expr *a, const struct fw_expr *b)
{
	if (a == b)
		return true;
	return a->kind == b->kind && a->key == b->key && a->base == b->base &&
	       a->offset == b->offset && a->len == b->len && a->dreg == b->dreg &&
	       a->sreg == b->sreg && text_equals(a->value, b->value) &&
	       (a->kind != FW_EXPR_BITWISE || text_equals(a->value2, b->value2));
}

static bool is_same_load(const struct fw_guard_load *a, const struct fw_guard_load *b)
{
	if (a->len != b->len || a->n_exprs != b->n_exprs)
		return false;
	for (size_t i = 0; i < a->n_exprs; i++)
		if (!is_same_expr(a->exprs[i], b->exprs[i]))
			return false;
	return true;
}

/* Its row; GUARD_LOADS_MAX: there are too many kinds. */
static size_t load_row(struct fw_guards *g, const struct fw_guard_load *load)
{
	size_t i = 0;

	while (i < g->n_loads && !is_same_load(&g->loads[i], load))
		i++;
	if (i == g->n_loads && i < GUARD_LOADS_MAX)
		g->loads[g->n_loads++] = *load;
	return i;
}

/* The load, its mask and its comparison at this place. Returns how many expressions; 0:
 * there is something else. */
static size_t add_guard(struct fw_guards *g, const struct fw_rule *rule, size_t at,
			struct fw_guard *guard)
{
	struct fw_expr *const *x = &rule->exprs[at];
	size_t left = rule->n_exprs - at, row;
	struct fw_guard_load load = {.exprs = x, .n_exprs = 1};

	if (left < 2 || !is_load(x[0]))
		return 0;
	if (left > 2 && is_mask_of(x[1], x[0]))
		load.n_exprs = 2;
	if (!is_compare_of(x[load.n_exprs], x[0]))
		return 0;
	load.len = (uint32_t)x[load.n_exprs]->value.len;
	row = load_row(g, &load);
	if (row == GUARD_LOADS_MAX)
		return 0;
	x += load.n_exprs;
	guard->values[guard->n] = guard_value((*x)->value.bytes, (*x)->value.len);
	guard->loads[guard->n] = (uint8_t)row;
	guard->compares[guard->n] = (uint8_t)(at + load.n_exprs);
	guard->negated |= (uint8_t)(((*x)->op == NFT_CMP_NEQ) << guard->n);
	guard->n++;
	return load.n_exprs + 1;
}

static void guard_rule(struct fw_guards *g, const struct fw_rule *rule,
		       struct fw_guard *guard)
{
	size_t at = 0, taken;

	while (guard->n < GUARDS_MAX && at < rule->n_exprs) {
		taken = add_guard(g, rule, at, guard);
		if (!taken)
			return;
		at += taken;
	}
}

size_t guard_place(const struct fw_guards *g, size_t load, uint64_t value)
{
	uint64_t sum = (value + load + 1) * 0x9e3779b97f4a7c15U;

	return (sum ^ sum >> 32) & (g->n_places - 1);
}

/* It is seldom known, and then every rule behind it asks. */
static bool is_source_port(const struct fw_guard_load *load)
{
	const struct fw_expr *x = load->exprs[0];

	return x->kind == FW_EXPR_PAYLOAD && x->base == NFT_PAYLOAD_TRANSPORT_HEADER &&
	       !x->offset;
}

/* The guard by which the rule is found: what compares most bytes tells it best from others.
 * guard->n: none. */
static size_t key_guard(const struct fw_guards *g, const struct fw_guard *guard)
{
	size_t best = guard->n;
	uint32_t most = 0;

	for (size_t i = 0; i < guard->n; i++) {
		const struct fw_guard_load *load = &g->loads[guard->loads[i]];

		if (is_source_port(load))
			break;
		if (guard->negated >> i & 1 || load->len < most)
			continue;
		best = i;
		most = load->len;
	}
	return best;
}

static void index_rule(struct fw_guards *g, uint32_t rule)
{
	const struct fw_guard *guard = &g->rows[rule];
	size_t key = key_guard(g, guard);
	uint32_t *first = &g->first_open;

	if (key < guard->n) {
		for (size_t i = 0; i <= key; i++)
			g->is_needed[guard->loads[i]] = true;
		g->is_key[guard->loads[key]] = true;
		first = &g->firsts[guard_place(g, guard->loads[key], guard->values[key])];
	}
	g->nexts[rule] = *first;
	*first = rule;
}

static int index_rules(struct ruleset *r, struct fw_guards *g)
{
	uint32_t *firsts, *nexts;

	for (g->n_places = 1; g->n_places < r->n_rules;)
		g->n_places *= 2;
	firsts = arena_alloc(&r->head.arena, g->n_places * sizeof(*firsts));
	nexts = arena_alloc(&r->head.arena, (r->n_rules ? r->n_rules : 1) * sizeof(*nexts));
	if (!firsts || !nexts)
		return -ENOMEM;
	g->firsts = firsts;
	g->nexts = nexts;
	g->first_open = FW_NONE;
	memset(firsts, 0xff, g->n_places * sizeof(*firsts));
	for (size_t i = r->n_rules; i > 0; i--)
		index_rule(g, (uint32_t)i - 1);
	return 0;
}

int ruleset_guard(struct ruleset *r)
{
	struct fw_guards *g = arena_alloc(&r->head.arena, sizeof(*g));
	bool reads_leftovers = false;

	if (!g)
		return -ENOMEM;
	g->rows = arena_alloc(&r->head.arena,
			      (r->n_rules ? r->n_rules : 1) * sizeof(*g->rows));
	if (!g->rows)
		return -ENOMEM;
	for (size_t i = 0; i < r->n_rules; i++) {
		guard_rule(g, &r->rules[i], &g->rows[i]);
		reads_leftovers = reads_leftovers || rule_reads_leftovers(r, &r->rules[i]);
	}
	if (!reads_leftovers && index_rules(r, g) < 0)
		return -ENOMEM;
	r->guards = g;
	return 0;
}
