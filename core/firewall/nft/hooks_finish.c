/*
 * Rows of hooked functions -> lists of the ruleset. Which chain a row is, is found by
 * names; a list that does not agree with the ruleset gives no order. Reads no bytes of the
 * kernel.
 */
#include "core/firewall/nft/hooks_decode.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "core/base/str.h"
#include "core/firewall/hooks.h"

enum {
	LIST_MAX = 1024,  /* MAX_HOOK_ENTRIES, net/netfilter/core.c */
	EARLY_RAW = -450, /* NF_IP_PRI_RAW_BEFORE_DEFRAG: a parameter of the module */
	RAW = -300
};

/* ---- which chain it is ---- */

static bool is_hidden(const struct ruleset_decoder *d, const struct fw_name *of)
{
	for (size_t i = 0; i < d->hidden.n; i++) {
		const struct fw_name *own = vec_at(&d->hidden, i);

		if (own->family == of->family && text_equals(own->table, of->table))
			return true;
	}
	return false;
}

static bool is_chain(const struct ruleset *r, const struct fw_chain *c,
		     const struct raw_hooked *raw)
{
	const struct fw_table *t = &r->tables[c->table];

	if (c->type == FW_NAT || raw->row.chain != FW_NONE)
		return false;
	if (t->backend == FW_LEGACY)
		return raw->row.kind == FW_HOOKED_LEGACY &&
		       (c->priority == raw->row.priority ||
			(c->priority == RAW && raw->row.priority == EARLY_RAW));
	return raw->row.kind == FW_HOOKED_CHAIN && raw->has_name &&
	       t->family == raw->of.family && c->priority == raw->row.priority &&
	       text_equals(t->name, raw->of.table) && text_equals(c->name, raw->of.name);
}

/* In the lists of both families for inet. */
static void find_chain(struct ruleset_decoder *d, const struct ruleset *r, uint32_t row,
		       uint8_t family)
{
	const struct fw_chain *c = &r->chains[row];
	size_t list = hooks_list_of(family, c->hook);
	uint8_t own = r->tables[c->table].family;

	if (own != family && own != NFPROTO_INET)
		return;
	for (size_t i = 0; i < d->hooks.n; i++) {
		struct raw_hooked *raw = vec_at(&d->hooks, i);

		if (raw->list == list && is_chain(r, c, raw)) {
			raw->row.chain = row;
			return;
		}
	}
}

/* ---- what is not known ---- */

static bool sets_label(const struct fw_expr *e)
{
	switch ((int)e->kind) {
	case FW_EXPR_OBJREF:
		return e->key == NFT_OBJECT_SECMARK || e->sreg != FW_NO_REG;
	case FW_EXPR_META:
		return e->writes && e->key == NFT_META_SECMARK;
	case FW_EXPR_XT_TARGET:
		return text_equals_str(e->name, "SECMARK") ||
		       text_equals_str(e->name, "CONNSECMARK");
	case FW_EXPR_OPAQUE:
		return true;
	default:
		return false;
	}
}

static bool has_labels(const struct ruleset *r)
{
	for (size_t i = 0; i < r->n_rules; i++)
		for (size_t k = 0; k < r->rules[i].n_exprs; k++)
			if (sets_label(r->rules[i].exprs[k]))
				return true;
	return false;
}

static int put_function(struct str *s, const struct fw_hooked *h)
{
	int error = str_puts(s, "the kernel's function ");

	if (!error && text_is_empty(h->function))
		error = str_puts(s, "without a name");
	else if (!error)
		error = text_show(s, h->function, TEXT_ASCII);
	if (!error && !text_is_empty(h->module)) {
		error = str_puts(s, " of the module ");
		if (!error)
			error = text_show(s, h->module, TEXT_ASCII);
	}
	return error ? error : str_puts(s, " at this hook, whose code is not read");
}

static int put_program(struct str *s, uint32_t program)
{
	int error = program ? str_printf(s, "the BPF program %u", program)
			    : str_puts(s, "a BPF program");

	return error ? error : str_puts(s, " at this hook, whose code is not read");
}

static int put_chain(struct str *s, const struct raw_hooked *raw)
{
	int error = str_puts(s, "a chain at this hook that was not told with the rules: ");

	if (!error)
		error = text_show(s, raw->of.table, TEXT_ASCII);
	if (!error)
		error = str_putc(s, ' ');
	return error ? error : text_show(s, raw->of.name, TEXT_ASCII);
}

/* A thing that the verdict depends on. Nothing: it is known. */
static int put_doubt(struct str *s, const struct raw_hooked *raw, bool are_labels_set)
{
	const struct fw_hooked *h = &raw->row;

	switch (h->kind) {
	case FW_HOOKED_FOREIGN:
		return put_function(s, h);
	case FW_HOOKED_BPF:
		return put_program(s, h->program);
	case FW_HOOKED_CHAIN:
		return h->chain == FW_NONE && raw->has_name ? put_chain(s, raw) : 0;
	case FW_HOOKED_LEGACY:
		return h->chain == FW_NONE ? str_puts(s, "a table of iptables-legacy at "
							 "this hook that was not read")
					   : 0;
	case FW_HOOKED_LABELS:
		return are_labels_set ? put_function(s, h) : 0;
	case FW_HOOKED_TRACKING:
	case FW_HOOKED_NAT:
	case FW_HOOKED_KNOWN:
		break;
	}
	return 0;
}

static int fill_doubt(struct arena *arena, const struct raw_hooked *raw,
		      bool are_labels_set, const char **doubt)
{
	struct str s = {0};
	int error = put_doubt(&s, raw, are_labels_set);

	if (!error && s.len) {
		*doubt = arena_copy(arena, s.data, s.len);
		error = *doubt ? 0 : -ENOMEM;
	}
	str_release(&s);
	return error;
}

/* ---- the lists ---- */

static bool is_left_out(const struct ruleset_decoder *d, const struct raw_hooked *raw)
{
	return raw->row.kind == FW_HOOKED_CHAIN && raw->has_name && is_hidden(d, &raw->of);
}

static int fill_list(const struct ruleset_decoder *d, struct ruleset *r, size_t at,
		     bool are_labels_set, struct fw_hook_list *list)
{
	size_t n = 0;

	for (size_t i = 0; i < d->hooks.n; i++)
		n += ((struct raw_hooked *)vec_at(&d->hooks, i))->list == at;
	list->rows = arena_alloc(&r->head.arena, (n + 1) * sizeof(*list->rows));
	if (!list->rows)
		return -ENOMEM;
	for (size_t i = 0; i < d->hooks.n; i++) {
		const struct raw_hooked *raw = vec_at(&d->hooks, i);
		struct fw_hooked *h = &list->rows[list->n];

		if (raw->list != at || is_left_out(d, raw))
			continue;
		*h = raw->row;
		if (fill_doubt(&r->head.arena, raw, are_labels_set, &h->doubt) < 0)
			return -ENOMEM;
		list->n++;
	}
	list->is_told = d->hooks_told[at] && list->n <= LIST_MAX;
	return 0;
}

/* The rows are in the order of priorities, and every chain is a row. */
static bool is_list_sound(const struct fw_hook_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct fw_hooked *h = &list->rows[i];

		if ((h->kind == FW_HOOKED_CHAIN || h->kind == FW_HOOKED_LEGACY) &&
		    h->chain == FW_NONE)
			return false;
		if (i && h->priority < h[-1].priority)
			return false;
	}
	return list->is_told;
}

static bool is_listed(const struct fw_hook_list *list, uint32_t chain)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->rows[i].chain == chain)
			return true;
	return false;
}

static bool has_all_chains(const struct ruleset *r, const struct fw_hook_list *list,
			   enum fw_hook hook, uint8_t family)
{
	for (uint32_t i = 0; i < r->n_chains; i++) {
		const struct fw_chain *c = &r->chains[i];
		const struct fw_table *t = &r->tables[c->table];

		if (c->is_base && c->hook == hook && c->type != FW_NAT && !t->is_dormant &&
		    (t->family == family || t->family == NFPROTO_INET) &&
		    !is_listed(list, i))
			return false;
	}
	return true;
}

static void give_places(struct ruleset *r, const struct fw_hook_list *list, bool is_v6)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->rows[i].chain != FW_NONE)
			r->chains[list->rows[i].chain].places[is_v6] = (uint16_t)(i + 1);
}

static void find_chains(struct ruleset_decoder *d, const struct ruleset *r)
{
	for (uint32_t i = 0; i < r->n_chains; i++) {
		if (!r->chains[i].is_base || r->chains[i].hook > FW_POSTROUTING)
			continue;
		find_chain(d, r, i, NFPROTO_IPV4);
		find_chain(d, r, i, NFPROTO_IPV6);
	}
}

int hooks_finish(struct ruleset_decoder *d, struct ruleset *r)
{
	struct fw_hook_list *lists;
	bool are_labels_set;

	if (!d->has_hooks)
		return 0;
	lists = arena_alloc(&r->head.arena, FW_HOOK_LISTS * sizeof(*lists));
	if (!lists)
		return -ENOMEM;
	find_chains(d, r);
	are_labels_set = has_labels(r);
	for (size_t i = 0; i < FW_HOOK_LISTS; i++) {
		bool is_v6 = i >= FW_HOOK_LISTS / 2;
		enum fw_hook hook = (enum fw_hook)(i % (FW_HOOK_LISTS / 2));

		if (fill_list(d, r, i, are_labels_set, &lists[i]) < 0)
			return -ENOMEM;
		lists[i].is_ordered = is_list_sound(&lists[i]) &&
				      has_all_chains(r, &lists[i], hook,
						     is_v6 ? NFPROTO_IPV6 : NFPROTO_IPV4);
		if (lists[i].is_ordered)
			give_places(r, &lists[i], is_v6);
	}
	r->hook_lists = lists;
	return 0;
}
