/*
 * Messages of the kernel -> rows with names: tables, chains, rules. Sets are in
 * ruleset_sets.c, the names are resolved in ruleset_finish.c.
 */
#include "core/firewall/ruleset.h"

#include <errno.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/hooks_told.h"
#include "core/base/messages.h"
#include "core/firewall/ipsets.h"
#include "core/firewall/legacy/legacy.h"
#include "core/firewall/nft/hooks_decode.h"
#include "core/firewall/nft/nft_exprs.h"
#include "core/firewall/nft/ruleset_rows.h"
#include "core/firewall/trace.h"

enum {
	MAX_DEVICES = 256, /* NFT_NETDEVICE_MAX */
	TABLE_OWNER = 2    /* NFT_TABLE_F_OWNER */
};

struct ruleset_decoder *ruleset_new(void)
{
	struct ruleset_decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->tables = VEC_OF(struct raw_table);
	d->chains = VEC_OF(struct raw_chain);
	d->sets = VEC_OF(struct raw_set);
	d->rules = VEC_OF(struct fw_rule);
	d->rule_chains = VEC_OF(struct fw_name);
	d->legacy.exprs = VEC_OF(struct fw_expr *);
	d->elements = VEC_OF(struct raw_elements);
	d->ipsets = VEC_OF(struct raw_ipset);
	d->flowtables = VEC_OF(struct raw_flowtable);
	d->hooks = VEC_OF(struct raw_hooked);
	d->hidden = VEC_OF(struct fw_name);
	return d;
}

void ruleset_reset(struct ruleset_decoder *d)
{
	struct vec *rows[] = {&d->tables,   &d->chains,      &d->sets,        &d->rules,
			      &d->elements, &d->ipsets,      &d->flowtables,  &d->hooks,
			      &d->hidden,   &d->rule_chains, &d->legacy.exprs};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		vec_release(rows[i]);
	arena_release(&d->arena);
	str_release(&d->legacy.bytes);
	memset(&d->pool, 0, sizeof(d->pool));
	d->legacy = (struct raw_legacy){.exprs = VEC_OF(struct fw_expr *)};
	d->generation = 0;
	d->has_generation = d->has_message = d->is_changing = d->has_end = false;
	d->has_hooks = false;
	memset(d->hooks_told, 0, sizeof(d->hooks_told));
}

void ruleset_free(struct ruleset_decoder *d)
{
	if (!d)
		return;
	ruleset_reset(d);
	free(d);
}

int ruleset_keep_names(struct arena *arena, const struct nlattr *table,
		       const struct nlattr *name, struct fw_name *of)
{
	if (nft_keep(arena, nft_name(table), &of->table) < 0)
		return -ENOMEM;
	return nft_keep(arena, nft_name(name), &of->name);
}

/* Our own, of a trace that runs now: no part of the host's rules. Its name alone does not
 * make it so. */
static int hide_table(struct ruleset_decoder *d, const struct fw_name *of)
{
	struct fw_name *kept = vec_push(&d->hidden);

	if (!kept)
		return -ENOMEM;
	*kept = *of;
	return 0;
}

/* Every kind of message has its table's name at the same place. */
static bool is_hidden(const struct ruleset_decoder *d, uint8_t family,
		      const struct nft_attributes *a)
{
	struct text table = nft_name(a->at[NFTA_TABLE_NAME]);

	for (size_t i = 0; i < d->hidden.n; i++) {
		const struct fw_name *of = vec_at(&d->hidden, i);

		if (of->family == family && text_equals(of->table, table))
			return true;
	}
	return false;
}

static int add_table(struct ruleset_decoder *d, uint8_t family,
		     const struct nft_attributes *a)
{
	uint32_t flags = nft_u32(a->at[NFTA_TABLE_FLAGS]);
	struct raw_table t = {.of.family = family, .row.family = family};
	struct raw_table *kept;

	if (ruleset_keep_names(&d->arena, a->at[NFTA_TABLE_NAME], NULL, &t.of) < 0)
		return -ENOMEM;
	t.row.name = t.of.table;
	t.row.handle = nft_integer(a->at[NFTA_TABLE_HANDLE]);
	t.row.is_dormant = flags & NFT_TABLE_F_DORMANT;
	t.row.has_owner = flags & TABLE_OWNER;
	if (t.row.has_owner && trace_is_own_table(family, t.row.name))
		return hide_table(d, &t.of);
	kept = vec_push(&d->tables);
	if (!kept)
		return -ENOMEM;
	*kept = t;
	return 0;
}

/* arp counts its hooks otherwise than the inet families; netdev has its own two. */
static bool hook_of(uint8_t family, uint32_t number, enum fw_hook *hook)
{
	static const enum fw_hook arp[] = {FW_INPUT, FW_OUTPUT, FW_FORWARD};
	static const enum fw_hook netdev[] = {FW_INGRESS, FW_EGRESS};

	if (family == NFPROTO_ARP && number < 3)
		*hook = arp[number];
	else if (family == NFPROTO_NETDEV && number < 2)
		*hook = netdev[number];
	else if (family == NFPROTO_ARP || family == NFPROTO_NETDEV)
		return false;
	else if (number <= FW_POSTROUTING || (number == 5 && family == NFPROTO_INET))
		*hook = (enum fw_hook)number;
	else
		return false;
	return true;
}

static int keep_device(struct arena *arena, struct fw_chain *c, const struct nlattr *a)
{
	int error = nft_keep(arena, nft_name(a), &c->devices[c->n_devices]);

	c->n_devices += !error;
	return error;
}

/* DEV, or the names in DEVS. */
static int keep_devices(struct arena *arena, struct fw_chain *c,
			const struct nft_attributes *hook)
{
	const struct nlattr *a;
	size_t n = 0;
	int left;

	nft_for_each(a, left, hook->at[NFTA_HOOK_DEVS]) n++;
	if (!n && !hook->at[NFTA_HOOK_DEV])
		return 0;
	if (n > MAX_DEVICES)
		n = MAX_DEVICES;
	c->devices = arena_alloc(arena, (n ? n : 1) * sizeof(*c->devices));
	if (!c->devices)
		return -ENOMEM;
	if (!n)
		return keep_device(arena, c, hook->at[NFTA_HOOK_DEV]);
	nft_for_each(a, left, hook->at[NFTA_HOOK_DEVS])
	{
		if (c->n_devices < n && keep_device(arena, c, a) < 0)
			return -ENOMEM;
	}
	return 0;
}

static void fill_base(struct fw_chain *c, uint8_t family, const struct nft_attributes *a,
		      const struct nft_attributes *hook)
{
	struct nft_attributes counters = nft_nested(a->at[NFTA_CHAIN_COUNTERS]);
	struct text type = nft_name(a->at[NFTA_CHAIN_TYPE]);

	c->is_base = hook_of(family, nft_u32(hook->at[NFTA_HOOK_HOOKNUM]), &c->hook);
	c->priority = (int32_t)nft_u32(hook->at[NFTA_HOOK_PRIORITY]);
	c->policy_drops =
		a->at[NFTA_CHAIN_POLICY] && nft_u32(a->at[NFTA_CHAIN_POLICY]) == NF_DROP;
	if (text_equals_str(type, "nat"))
		c->type = FW_NAT;
	else if (text_equals_str(type, "route"))
		c->type = FW_ROUTE;
	c->has_counter = a->at[NFTA_CHAIN_COUNTERS] != NULL;
	c->packets = nft_integer(counters.at[NFTA_COUNTER_PACKETS]);
	c->bytes = nft_integer(counters.at[NFTA_COUNTER_BYTES]);
}

static int add_chain(struct ruleset_decoder *d, uint8_t family,
		     const struct nft_attributes *a)
{
	struct nft_attributes hook = nft_nested(a->at[NFTA_CHAIN_HOOK]);
	struct raw_chain c = {.of.family = family};
	struct raw_chain *kept;

	if (ruleset_keep_names(&d->arena, a->at[NFTA_CHAIN_TABLE], a->at[NFTA_CHAIN_NAME],
			       &c.of) < 0)
		return -ENOMEM;
	c.row.name = c.of.name;
	c.row.handle = nft_integer(a->at[NFTA_CHAIN_HANDLE]);
	c.row.n_uses = nft_u32(a->at[NFTA_CHAIN_USE]);
	c.row.is_binding = nft_u32(a->at[NFTA_CHAIN_FLAGS]) & NFT_CHAIN_BINDING;
	if (a->at[NFTA_CHAIN_HOOK]) {
		fill_base(&c.row, family, a, &hook);
		if (keep_devices(&d->arena, &c.row, &hook) < 0)
			return -ENOMEM;
	}
	kept = vec_push(&d->chains);
	if (!kept)
		return -ENOMEM;
	*kept = c;
	return 0;
}

int ruleset_keep_chain(struct ruleset_decoder *d, const struct fw_name *of, uint32_t *row)
{
	size_t n = d->rule_chains.n;
	const struct fw_name *last = n ? vec_at(&d->rule_chains, n - 1) : NULL;
	struct fw_name kept = *of, *pushed;

	*row = (uint32_t)n - 1;
	if (last && last->family == of->family && last->is_legacy == of->is_legacy &&
	    text_equals(last->table, of->table) && text_equals(last->name, of->name))
		return 0;
	if (nft_keep(&d->arena, of->table, &kept.table) < 0 ||
	    nft_keep(&d->arena, of->name, &kept.name) < 0)
		return -ENOMEM;
	pushed = vec_push(&d->rule_chains);
	if (!pushed)
		return -ENOMEM;
	*pushed = kept;
	*row = (uint32_t)n;
	return 0;
}

static int add_rule(struct ruleset_decoder *d, uint8_t family,
		    const struct nft_attributes *a)
{
	struct fw_name of = {.family = family,
			     .table = nft_name(a->at[NFTA_RULE_TABLE]),
			     .name = nft_name(a->at[NFTA_RULE_CHAIN])};
	struct text comment = nft_comment(a->at[NFTA_RULE_USERDATA]);
	struct nft_rule_facts facts;
	struct fw_rule row = {0}, *kept;

	if (ruleset_keep_chain(d, &of, &row.chain) < 0 ||
	    nft_exprs_decode(&d->arena, &d->pool, a->at[NFTA_RULE_EXPRESSIONS], &facts) <
		    0 ||
	    nft_keep(&d->arena, comment, &row.comment) < 0)
		return -ENOMEM;
	row.index = (uint32_t)d->rules.n;
	row.handle = nft_integer(a->at[NFTA_RULE_HANDLE]);
	row.exprs = facts.exprs;
	row.n_exprs = (uint32_t)facts.n;
	row.has_counter = facts.has_counter;
	row.has_names = facts.has_names;
	row.packets = facts.packets;
	row.bytes = facts.bytes;
	if (text_is_empty(row.comment))
		row.comment = facts.comment;
	kept = vec_push(&d->rules);
	if (!kept)
		return -ENOMEM;
	*kept = row;
	return 0;
}

static void note_generation(struct ruleset_decoder *d, const struct nft_attributes *a)
{
	uint32_t generation = nft_u32(a->at[NFTA_GEN_ID]);

	if (d->has_generation && d->generation != generation)
		d->is_changing = true;
	if (!d->has_generation)
		d->generation = generation;
	d->has_end = d->has_generation;
	d->has_generation = true;
}

/* Every message says the low bits of the generation that it is of. */
static void note_message(struct ruleset_decoder *d, const struct nlmsghdr *h)
{
	const struct nfgenmsg *m = nlmsg_data(h);

	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		d->is_changing = true;
	if (d->has_message && d->short_generation != m->res_id)
		d->is_changing = true;
	if (!d->has_message)
		d->short_generation = m->res_id;
	d->has_message = true;
}

static int decode_message(void *context, const struct nlmsghdr *h)
{
	struct ruleset_decoder *d = context;
	const struct nfgenmsg *m = nlmsg_data(h);
	struct nft_attributes a;

	if (h->nlmsg_type == XTABLES_PIECE || h->nlmsg_type == XTABLES_END)
		return legacy_tables_take(d, h);
	if (h->nlmsg_type >> 8 == NFNL_SUBSYS_IPSET)
		return ipsets_take(d, h);
	if (h->nlmsg_type >> 8 == NFNL_SUBSYS_HOOK || h->nlmsg_type == HOOKS_TOLD)
		return hooks_take(d, h);
	if (h->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES)
		return -EBADMSG;
	a = nft_attributes_of(nlmsg_attrdata(h, sizeof(*m)), nlmsg_attrlen(h, sizeof(*m)));
	if (a.is_damaged)
		return -EBADMSG;
	note_message(d, h);
	if (d->hidden.n && is_hidden(d, m->nfgen_family, &a))
		return 0;
	switch (h->nlmsg_type & 0xff) {
	case NFT_MSG_NEWGEN:
		note_generation(d, &a);
		return 0;
	case NFT_MSG_NEWTABLE:
		return add_table(d, m->nfgen_family, &a);
	case NFT_MSG_NEWCHAIN:
		return add_chain(d, m->nfgen_family, &a);
	case NFT_MSG_NEWRULE:
		return add_rule(d, m->nfgen_family, &a);
	case NFT_MSG_NEWSET:
		return ruleset_add_set(d, m->nfgen_family, &a);
	case NFT_MSG_NEWSETELEM:
		return ruleset_add_elements(d, m->nfgen_family, &a);
	case NFT_MSG_NEWFLOWTABLE:
		return ruleset_add_flowtable(d, m->nfgen_family, &a);
	default: /* objects decide nothing by themselves */
		return 0;
	}
}

int ruleset_decode(struct ruleset_decoder *d, const void *bytes, size_t len)
{
	return messages_each(bytes, len, 0, sizeof(struct nfgenmsg), decode_message, d);
}
