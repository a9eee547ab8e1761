/*
 * The entries of one legacy table as tables, chains and rules with names. A chain begins
 * where a hook enters or behind an entry that holds its name; the entry at a hook's
 * underflow is the policy; the last entry of a user chain returns. A table that is not
 * built so is refused as a whole. net/ipv4/netfilter/ip_tables.c, translate_table().
 */
#include "core/firewall/legacy/legacy.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/xtables.h"

static const struct known_table {
	const char *name;
	uint32_t hooks;
	enum fw_chain_type type;
	int32_t priority[XTABLES_HOOKS];
} known_tables[] = {
	{"raw", 1 << FW_PREROUTING | 1 << FW_OUTPUT, FW_FILTER, {-300, 0, 0, -300, 0}},
	{"mangle", 0x1f, FW_FILTER, {-150, -150, -150, -150, -150}},
	{"nat", 0x1f & ~(1 << FW_FORWARD), FW_NAT, {-100, 100, 0, -100, 100}},
	{"filter", 1 << FW_INPUT | 1 << FW_FORWARD | 1 << FW_OUTPUT, FW_FILTER, {0}},
	{"security",
	 1 << FW_INPUT | 1 << FW_FORWARD | 1 << FW_OUTPUT,
	 FW_FILTER,
	 {0, 50, 50, 50, 0}},
};

static const char *const hook_names[XTABLES_HOOKS] = {"PREROUTING", "INPUT", "FORWARD",
						      "OUTPUT", "POSTROUTING"};

/* A chain and where it begins. */
struct head {
	uint32_t offset;
	uint32_t row; /* of the decoder's chains */
};

struct building {
	struct ruleset_decoder *d;
	const struct xtables_piece *info;
	const struct known_table *known;
	struct text table, bytes;
	struct vec heads; /* struct head, in the order of their offsets */
	uint32_t hooks_seen, n_entries;
	/* While rules are made: */
	uint32_t chain; /* row of the chain that we are in; FW_NONE: none */
};

static const struct known_table *find_known(struct text name, uint32_t hooks)
{
	for (size_t i = 0; i < sizeof(known_tables) / sizeof(*known_tables); i++) {
		const struct known_table *k = &known_tables[i];

		if (text_equals_str(name, k->name) && !(hooks & ~k->hooks))
			return k;
	}
	return NULL;
}

static struct fw_name name_in(const struct building *b, struct text name)
{
	return (struct fw_name){.family = b->info->family,
				.table = b->table,
				.name = name,
				.is_legacy = true};
}

/* The hook that enters here; XTABLES_HOOKS: none. */
static unsigned hook_at(const struct building *b, uint32_t offset)
{
	unsigned i = 0;

	while (i < XTABLES_HOOKS &&
	       (!(b->info->valid_hooks & 1U << i) || b->info->hook_entry[i] != offset))
		i++;
	return i;
}

static int push_chain(struct building *b, struct text name, uint32_t offset,
		      struct raw_chain **out)
{
	const struct head *last = b->heads.n ? vec_at(&b->heads, b->heads.n - 1) : NULL;
	uint32_t row = (uint32_t)b->d->chains.n;
	struct raw_chain *c;
	struct head *head;

	if (last && last->offset >= offset)
		return -EBADMSG;
	c = vec_push(&b->d->chains);
	head = vec_push(&b->heads);
	if (!c || !head)
		return -ENOMEM;
	*head = (struct head){offset, row};
	c->row.name = arena_text(&b->d->arena, name);
	if (c->row.name.len != name.len)
		return -ENOMEM;
	c->of = name_in(b, c->row.name);
	c->row.handle = b->heads.n;
	*out = c;
	return 0;
}

static int push_base(struct building *b, unsigned hook, uint32_t offset)
{
	struct raw_chain *c;
	int error = push_chain(b, text_of(hook_names[hook]), offset, &c);

	if (error)
		return error;
	b->hooks_seen |= 1U << hook;
	c->row.is_base = c->row.has_counter = true;
	c->row.hook = (enum fw_hook)hook;
	c->row.priority = b->known->priority[hook];
	c->row.type = b->known->type;
	/* Marks that are set there choose the route anew. */
	if (hook == FW_OUTPUT && text_equals_str(b->table, "mangle"))
		c->row.type = FW_ROUTE;
	return 0;
}

/* First pass: every entry lies where it should, and where the chains begin. */
static int note_entry(struct building *b, const struct legacy_entry *e)
{
	unsigned hook = hook_at(b, e->offset);
	struct raw_chain *unused;
	struct text name;

	b->n_entries++;
	if (hook < XTABLES_HOOKS)
		return push_base(b, hook, e->offset);
	if (!legacy_entry_is_head(e, &name) || e->next == b->info->size)
		return 0;
	return text_is_empty(name) ? -EBADMSG : push_chain(b, name, e->next, &unused);
}

static int compare_heads(const void *a, const void *b)
{
	const struct head *x = a, *y = b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

static struct head *find_head(const struct building *b, uint32_t offset)
{
	struct head key = {.offset = offset};

	if (!b->heads.n)
		return NULL;
	return bsearch(&key, b->heads.data, b->heads.n, sizeof(key), compare_heads);
}

/* A policy is one or the other, of every packet that comes so far. */
static int take_policy(struct fw_chain *c, const struct legacy_entry *e)
{
	int32_t verdict;

	if (!legacy_entry_is_unconditional(e) || !legacy_entry_verdict(e, &verdict) ||
	    (verdict != -1 - NF_DROP && verdict != -1 - NF_ACCEPT))
		return -EBADMSG;
	c->policy_drops = verdict == -1 - NF_DROP;
	c->packets = e->packets;
	c->bytes = e->bytes;
	return 0;
}

/* Behind the chain's last entry comes one that names the next chain. */
static bool is_end_of_chain(const struct building *b, const struct legacy_entry *e)
{
	struct legacy_entry next;
	struct text name;

	return !legacy_entry_at(b->bytes, e->next, e->is_v6, &next) &&
	       legacy_entry_is_head(&next, &name);
}

static bool is_plain_return(const struct legacy_entry *e)
{
	int32_t verdict;

	return legacy_entry_is_unconditional(e) && legacy_entry_verdict(e, &verdict) &&
	       verdict == LEGACY_RETURN;
}

static int push_rule(struct building *b, const struct legacy_entry *e)
{
	const struct raw_chain *c = vec_at(&b->d->chains, b->chain);
	struct fw_rule row = {.index = (uint32_t)b->d->rules.n}, *kept;
	struct legacy_jump jump = {TEXT_NONE};
	int32_t verdict;
	int error;

	if (legacy_entry_verdict(e, &verdict) && verdict >= 0) {
		const struct head *to = find_head(b, (uint32_t)verdict);
		struct raw_chain *target = to ? vec_at(&b->d->chains, to->row) : NULL;

		if (target && !target->row.is_base) {
			jump.chain = target->row.name;
			target->row.n_uses++;
		}
	}
	error = legacy_rule_fill(b->d, e, &jump, &row);
	if (!error)
		error = ruleset_keep_chain(b->d, &c->of, &row.chain);
	if (error)
		return error;
	row.handle = b->n_entries;
	kept = vec_push(&b->d->rules);
	if (!kept)
		return -ENOMEM;
	*kept = row;
	return 0;
}

/* Second pass. */
static int make_entry(struct building *b, const struct legacy_entry *e)
{
	const struct head *head = find_head(b, e->offset);
	struct raw_chain *c;
	struct text name;

	b->n_entries++;
	if (head && b->chain != FW_NONE)
		return -EBADMSG; /* the chain before has no end */
	if (head)
		b->chain = head->row;
	if (legacy_entry_is_head(e, &name))
		return b->chain == FW_NONE ? 0 : -EBADMSG;
	if (b->chain == FW_NONE)
		return -EBADMSG;
	c = vec_at(&b->d->chains, b->chain);
	if (c->row.is_base && e->offset == b->info->underflow[c->row.hook]) {
		b->chain = FW_NONE;
		return take_policy(&c->row, e);
	}
	if (!c->row.is_base && is_end_of_chain(b, e)) {
		b->chain = FW_NONE;
		return is_plain_return(e) ? 0 : -EBADMSG;
	}
	return push_rule(b, e);
}

static int each_entry(struct building *b,
		      int (*take)(struct building *b, const struct legacy_entry *e))
{
	bool is_v6 = b->info->family == NFPROTO_IPV6;
	struct legacy_entry e = {0};

	b->n_entries = 0;
	for (uint32_t offset = 0; offset < b->info->size; offset = e.next) {
		int error = legacy_entry_at(b->bytes, offset, is_v6, &e);

		if (!error)
			error = take(b, &e);
		if (error)
			return error;
	}
	return b->n_entries == b->info->n_entries ? 0 : -EBADMSG;
}

static int push_table(struct building *b)
{
	struct raw_table *t = vec_push(&b->d->tables);

	if (!t)
		return -ENOMEM;
	t->of = name_in(b, TEXT_NONE);
	t->row = (struct fw_table){
		.backend = FW_LEGACY, .family = b->info->family, .name = b->table};
	return 0;
}

static int build(struct building *b)
{
	int error = push_table(b);

	if (!error)
		error = each_entry(b, note_entry);
	if (!error && b->hooks_seen != b->info->valid_hooks)
		error = -EBADMSG;
	if (error)
		return error;
	b->chain = FW_NONE;
	error = each_entry(b, make_entry);
	return !error && b->chain != FW_NONE ? -EBADMSG : error;
}

int legacy_rows_add(struct ruleset_decoder *d, const struct xtables_piece *info,
		    struct text bytes)
{
	size_t n_tables = d->tables.n, n_chains = d->chains.n, n_rules = d->rules.n;
	struct building b = {.d = d,
			     .info = info,
			     .bytes = bytes,
			     .heads = VEC_OF(struct head),
			     .table = arena_text(&d->arena, text_of(info->table))};
	int error;

	if (text_is_empty(b.table))
		return info->table[0] ? -ENOMEM : -EBADMSG;
	b.known = find_known(b.table, info->valid_hooks);
	if (!b.known)
		return -EOPNOTSUPP;
	error = build(&b);
	vec_release(&b.heads);
	if (error) {
		vec_truncate(&d->tables, n_tables);
		vec_truncate(&d->chains, n_chains);
		vec_truncate(&d->rules, n_rules);
	}
	return error;
}
