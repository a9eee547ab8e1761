/* Rows with names -> a frozen ruleset with indices. Reads no bytes of the kernel. */
#include "core/firewall/ruleset.h"

#include <errno.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

#include "core/firewall/text/iptables_tables.h"
#include "core/firewall/eval/eval.h"
#include "core/firewall/eval/guards.h"
#include "core/firewall/hooks.h"
#include "core/firewall/ipsets.h"
#include "core/firewall/nft/hooks_decode.h"
#include "core/firewall/text/rule_text.h"
#include "core/firewall/nft/ruleset_rows.h"
#include "core/firewall/eval/sets.h"

/* Names in order, for bsearch. */
struct place {
	struct fw_name of;
	uint32_t row;
};
struct places {
	struct place *rows;
	size_t n;
};

/* What is at work while names are resolved. */
struct finishing {
	struct ruleset_decoder *d;
	struct ruleset *r;
	struct places tables, chains, sets;
	bool is_dangling;
};

static int compare_names(const struct fw_name *x, const struct fw_name *y)
{
	int order = (int)x->family - (int)y->family;

	if (!order)
		order = text_compare(x->table, y->table);
	if (!order)
		order = text_compare(x->name, y->name);
	return order ? order : x->is_legacy - y->is_legacy;
}

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return compare_names(&x->of, &y->of);
}

/* From rows that begin with their name; `kept` tells which number each has, FW_NONE none.
 */
static int places_of(struct places *places, const struct vec *rows, const uint32_t *kept)
{
	places->rows = calloc(rows->n ? rows->n : 1, sizeof(*places->rows));
	if (!places->rows)
		return -ENOMEM;
	for (size_t i = 0; i < rows->n; i++) {
		const struct fw_name *of = vec_at(rows, i);
		uint32_t number = kept ? kept[i] : (uint32_t)i;

		if (number != FW_NONE)
			places->rows[places->n++] = (struct place){*of, number};
	}
	if (places->n)
		qsort(places->rows, places->n, sizeof(*places->rows), compare_places);
	return 0;
}

static uint32_t find_place(const struct places *places, const struct fw_name *of)
{
	struct place key = {.of = *of};
	const struct place *found = NULL;

	if (places->n)
		found = bsearch(&key, places->rows, places->n, sizeof(key), compare_places);
	return found ? found->row : FW_NONE;
}

static uint32_t find_table(struct finishing *f, const struct fw_name *of)
{
	struct fw_name table = {
		.family = of->family, .table = of->table, .is_legacy = of->is_legacy};
	uint32_t found = find_place(&f->tables, &table);

	f->is_dangling |= found == FW_NONE;
	return found;
}

/* Memory for n rows, never NULL for none. */
static void *rows_new(struct ruleset *r, size_t n, size_t size)
{
	return arena_alloc(&r->head.arena, (n ? n : 1) * size);
}

static int fill_tables(struct finishing *f)
{
	const struct vec *raw = &f->d->tables;
	struct ruleset *r = f->r;

	r->tables = rows_new(r, raw->n, sizeof(*r->tables));
	if (!r->tables)
		return -ENOMEM;
	for (; r->n_tables < raw->n; r->n_tables++)
		r->tables[r->n_tables] =
			((const struct raw_table *)vec_at(raw, r->n_tables))->row;
	return places_of(&f->tables, raw, NULL);
}

static int fill_chains(struct finishing *f)
{
	const struct vec *raw = &f->d->chains;
	struct ruleset *r = f->r;
	uint32_t *kept = calloc(raw->n ? raw->n : 1, sizeof(*kept));
	int error;

	r->chains = rows_new(r, raw->n, sizeof(*r->chains));
	if (!kept || !r->chains) {
		free(kept);
		return -ENOMEM;
	}
	for (size_t i = 0; i < raw->n; i++) {
		const struct raw_chain *c = vec_at(raw, i);
		uint32_t table = find_table(f, &c->of);

		kept[i] = FW_NONE;
		if (table == FW_NONE)
			continue;
		kept[i] = (uint32_t)r->n_chains;
		r->chains[r->n_chains] = c->row;
		r->chains[r->n_chains++].table = table;
	}
	error = places_of(&f->chains, raw, kept);
	free(kept);
	return error;
}

static int fill_sets(struct finishing *f)
{
	const struct vec *raw = &f->d->sets;
	struct ruleset *r = f->r;
	uint32_t *kept = calloc(raw->n ? raw->n : 1, sizeof(*kept));
	int error;

	r->sets = rows_new(r, raw->n, sizeof(*r->sets));
	if (!kept || !r->sets) {
		free(kept);
		return -ENOMEM;
	}
	for (size_t i = 0; i < raw->n; i++) {
		const struct raw_set *s = vec_at(raw, i);
		uint32_t table = find_table(f, &s->of);

		kept[i] = FW_NONE;
		if (table == FW_NONE)
			continue;
		kept[i] = (uint32_t)r->n_sets;
		r->sets[r->n_sets] = s->row;
		r->sets[r->n_sets++].table = table;
	}
	error = places_of(&f->sets, raw, kept);
	free(kept);
	return error;
}

/* First how many elements each set has, then room, then the elements. */
static int fill_elements(struct finishing *f)
{
	const struct vec *raw = &f->d->elements;
	struct ruleset *r = f->r;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < raw->n; i++) {
			const struct raw_elements *batch = vec_at(raw, i);
			uint32_t found = find_place(&f->sets, &batch->of);
			struct fw_set *set;

			f->is_dangling |= found == FW_NONE;
			if (found == FW_NONE)
				continue;
			set = &r->sets[found];
			set->is_read = true;
			if (pass && batch->n)
				memcpy(set->elements + set->n_elements, batch->elements,
				       batch->n * sizeof(*batch->elements));
			set->n_elements += batch->n;
		}
		for (size_t i = 0; i < r->n_sets && !pass; i++) {
			struct fw_set *set = &r->sets[i];

			set->elements =
				rows_new(r, set->n_elements, sizeof(*set->elements));
			if (!set->elements)
				return -ENOMEM;
			set->n_elements = 0;
		}
	}
	return 0;
}

/* index: as they were told. */
static int compare_rules(const void *a, const void *b)
{
	const struct fw_rule *x = a, *y = b;

	if (x->chain != y->chain)
		return x->chain < y->chain ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

/* As the kernel tells them, mostly. */
static bool is_in_order(const struct vec *raw)
{
	for (size_t i = 1; i < raw->n; i++)
		if (compare_rules(vec_at(raw, i - 1), vec_at(raw, i)) > 0)
			return false;
	return true;
}

static bool is_jump(int32_t verdict)
{
	return verdict == NFT_JUMP || verdict == NFT_GOTO;
}

static void make_opaque(struct fw_expr *e, const char *word)
{
	*e = (struct fw_expr){.kind = FW_EXPR_OPAQUE, .name = text_of(word)};
	e->set = e->chain = FW_NONE;
}

/* Whether the registers hold what the set's keys and data need. */
static bool fits_set(const struct fw_expr *e, const struct fw_set *set)
{
	size_t key = (size_t)e->sreg * 4 + set->key_len;
	size_t data = (size_t)e->dreg * 4 + set->data_len;

	if (!set->key_len || set->key_len > FW_N_WORDS * 4 || key > FW_N_WORDS * 4)
		return false;
	return e->kind != FW_EXPR_LOOKUP || e->dreg >= FW_N_WORDS ||
	       (set->data_len <= FW_N_WORDS * 4 && data <= FW_N_WORDS * 4);
}

static void resolve_expr(struct finishing *f, const struct fw_name *chain,
			 struct fw_expr *e)
{
	struct fw_name of = {chain->family, chain->table, e->value, chain->is_legacy};
	bool names_set = e->kind == FW_EXPR_LOOKUP || e->kind == FW_EXPR_DYNSET ||
			 (e->kind == FW_EXPR_OBJREF && e->sreg != FW_NO_REG);

	if (e->kind == FW_EXPR_VERDICT && is_jump(e->verdict)) {
		e->chain = find_place(&f->chains, &of);
		if (e->chain == FW_NONE)
			make_opaque(e, e->verdict == NFT_JUMP ? "jump" : "goto");
	} else if (names_set) {
		e->set = find_place(&f->sets, &of);
		if (e->set == FW_NONE || !fits_set(e, &f->r->sets[e->set]))
			make_opaque(e, e->kind == FW_EXPR_LOOKUP   ? "lookup"
				       : e->kind == FW_EXPR_DYNSET ? "dynset"
								   : "objref");
	} else {
		return;
	}
	f->is_dangling |= e->kind == FW_EXPR_OPAQUE;
}

/* From rows of rule_chains to chains; what their expressions name is found. */
static int resolve_rules(struct finishing *f)
{
	const struct vec *names = &f->d->rule_chains, *raw = &f->d->rules;
	uint32_t *rows = calloc(names->n ? names->n : 1, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < names->n; i++) {
		rows[i] = find_place(&f->chains, vec_at(names, i));
		f->is_dangling |= rows[i] == FW_NONE;
	}
	for (size_t i = 0; i < raw->n; i++) {
		struct fw_rule *rule = vec_at(raw, i);
		const struct fw_name *of = vec_at(names, rule->chain);

		for (size_t k = 0; rule->has_names && k < rule->n_exprs; k++)
			resolve_expr(f, of, rule->exprs[k]);
		rule->chain = rows[rule->chain];
	}
	free(rows);
	return 0;
}

/* The decoder's rows become the ruleset's where they are: of rules there are many. */
static int take_rules(struct ruleset *r, struct vec *raw)
{
	void *rows = reallocarray(raw->data, raw->n ? raw->n : 1, raw->size);

	if (!rows)
		return -ENOMEM;
	r->rules = rows;
	vec_init(raw, raw->size);
	return 0;
}

/* Grouped by chain, in the order in which they were told; behind them those of no chain. */
static int fill_rules(struct finishing *f)
{
	struct vec *raw = &f->d->rules;
	struct ruleset *r = f->r;
	size_t n = raw->n;
	int error = resolve_rules(f);

	if (error)
		return error;
	if (!is_in_order(raw))
		qsort(raw->data, raw->n, raw->size, compare_rules);
	error = take_rules(r, raw);
	for (; !error && r->n_rules < n; r->n_rules++) {
		struct fw_rule *rule = &r->rules[r->n_rules];
		struct fw_chain *chain;

		if (rule->chain == FW_NONE)
			break;
		chain = &r->chains[rule->chain];
		if (!chain->n_rules)
			chain->first_rule = (uint32_t)r->n_rules;
		rule->index = ++chain->n_rules;
	}
	return error;
}

static void resolve_elements(struct finishing *f)
{
	const struct ruleset *r = f->r;

	for (size_t i = 0; i < r->n_sets; i++) {
		struct fw_set *set = &r->sets[i];
		const struct fw_table *t = &r->tables[set->table];

		for (size_t k = 0; k < set->n_elements; k++) {
			struct fw_element *e = &set->elements[k];
			struct fw_name of = {t->family, t->name, e->data, false};

			if (is_jump(e->verdict))
				e->verdict_chain = find_place(&f->chains, &of);
			f->is_dangling |=
				is_jump(e->verdict) && e->verdict_chain == FW_NONE;
		}
		set_sort(set);
	}
}

static int fill_flowtables(struct finishing *f)
{
	const struct vec *raw = &f->d->flowtables;
	struct ruleset *r = f->r;

	r->flowtables = rows_new(r, raw->n, sizeof(*r->flowtables));
	if (!r->flowtables)
		return -ENOMEM;
	for (size_t i = 0; i < raw->n; i++) {
		const struct raw_flowtable *t = vec_at(raw, i);
		struct fw_flowtable row = t->row;

		row.table = find_table(f, &t->of);
		if (row.table != FW_NONE)
			r->flowtables[r->n_flowtables++] = row;
	}
	return 0;
}

static int fill(struct finishing *f)
{
	int error = fill_tables(f);

	if (!error)
		error = fill_chains(f);
	if (!error)
		error = fill_sets(f);
	if (!error)
		error = fill_elements(f);
	if (!error)
		error = fill_rules(f);
	if (!error)
		error = fill_flowtables(f);
	if (error)
		return error;
	error = ipsets_finish(f->d, f->r);
	if (error)
		return error;
	error = hooks_finish(f->d, f->r);
	if (error)
		return error;
	resolve_elements(f);
	ruleset_mark_iptables(f->r);
	ruleset_note_tracking(f->r);
	hooks_note_tracking(f->r);
	ruleset_note_setters(f->r);
	error = ruleset_guard(f->r);
	if (error)
		return error;
	f->r->generation = f->d->generation;
	f->r->is_legacy_read_v4 =
		f->d->legacy.is_whole[0] || hooks_rule_out_legacy(f->r, NFPROTO_IPV4);
	f->r->is_legacy_read_v6 =
		f->d->legacy.is_whole[1] || hooks_rule_out_legacy(f->r, NFPROTO_IPV6);
	f->r->is_changing = f->d->is_changing || f->is_dangling ||
			    (f->d->has_generation && !f->d->has_end);
	return 0;
}

static void release(struct table *t)
{
	free(((struct ruleset *)t)->rules);
}

struct ruleset *ruleset_finish(struct ruleset_decoder *d)
{
	struct finishing f = {.d = d, .r = table_new(sizeof(*f.r), release)};

	if (f.r) {
		f.r->head.arena =
			d->arena; /* names and expressions live on where they are */
		arena_init(&d->arena);
		if (fill(&f) < 0) {
			table_unref(f.r);
			f.r = NULL;
		}
	}
	free(f.tables.rows);
	free(f.chains.rows);
	free(f.sets.rows);
	ruleset_reset(d);
	return f.r;
}
