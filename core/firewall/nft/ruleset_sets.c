/* Sets and their elements with names, as the kernel tells them. Finds nothing in them. */
#include "core/firewall/nft/ruleset_rows.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>

#include "core/firewall/nft/nft_exprs.h"

enum { CATCH_ALL = 2 /* NFT_SET_ELEM_CATCHALL */ };
/* Newer than the header: how many elements a set has. */
enum { SET_COUNT = 20 };

/* The true lengths of a concatenation's parts. Too many: none, then the padded key counts.
 */
static void fill_fields(struct fw_set *set, const struct nlattr *concat)
{
	const struct nlattr *a;
	int left;

	nft_for_each(a, left, concat)
	{
		struct nft_attributes field = nft_nested(a);
		uint32_t len = nft_u32(field.at[NFTA_SET_FIELD_LEN]);

		if (set->n_fields == sizeof(set->fields) || !len || len > 64) {
			set->n_fields = 0;
			return;
		}
		set->fields[set->n_fields++] = (uint8_t)len;
	}
}

int ruleset_add_set(struct ruleset_decoder *d, uint8_t family,
		    const struct nft_attributes *a)
{
	struct nft_attributes desc = nft_nested(a->at[NFTA_SET_DESC]);
	struct raw_set s = {.of.family = family};
	struct raw_set *kept;

	if (ruleset_keep_names(&d->arena, a->at[NFTA_SET_TABLE], a->at[NFTA_SET_NAME],
			       &s.of) < 0)
		return -ENOMEM;
	s.row.name = s.of.name;
	s.row.handle = nft_integer(a->at[NFTA_SET_HANDLE]);
	s.row.flags = nft_u32(a->at[NFTA_SET_FLAGS]);
	s.row.key_type = nft_u32(a->at[NFTA_SET_KEY_TYPE]);
	s.row.key_len = nft_u32(a->at[NFTA_SET_KEY_LEN]);
	s.row.data_type = nft_u32(a->at[NFTA_SET_DATA_TYPE]);
	s.row.object_type = nft_u32(a->at[NFTA_SET_OBJ_TYPE]);
	s.row.data_len = nft_u32(a->at[NFTA_SET_DATA_LEN]);
	s.row.n_told = nft_u32(a->at[SET_COUNT]);
	s.row.size = nft_u32(desc.at[NFTA_SET_DESC_SIZE]);
	fill_fields(&s.row, desc.at[NFTA_SET_DESC_CONCAT]);
	kept = vec_push(&d->sets);
	if (!kept)
		return -ENOMEM;
	*kept = s;
	return 0;
}

static bool is_list_unsure(const struct nft_rule_facts *facts)
{
	for (size_t i = 0; i < facts->n; i++) {
		if (nft_is_unsure(facts->exprs[i]))
			return true;
	}
	return false;
}

/* An expression of an element stands alone, or in a list of its own. */
static int fill_exprs(struct arena *arena, struct expr_pool *pool,
		      const struct nft_attributes *a, struct fw_element *e)
{
	const struct nlattr *single = a->at[NFTA_SET_ELEM_EXPR];
	struct nft_attributes one = nft_nested(single);
	struct text name = nft_name(one.at[NFTA_EXPR_NAME]);
	struct nft_rule_facts facts;

	if (single)
		e->has_unsure_expr =
			!text_equals_str(name, "counter") && !text_equals_str(name, "last");
	if (nft_exprs_decode(arena, pool, a->at[NFTA_SET_ELEM_EXPRESSIONS], &facts) < 0)
		return -ENOMEM;
	e->has_unsure_expr |= is_list_unsure(&facts);
	return 0;
}

static int fill_data(struct arena *arena, const struct nft_attributes *a,
		     struct fw_element *e)
{
	struct nft_data data = nft_data_of(a->at[NFTA_SET_ELEM_DATA]);

	if (data.is_verdict) {
		/* What cannot be read must not look like an accept or a drop. */
		e->verdict = data.verdict;
		e->has_unsure_expr |= !data.is_known;
	}
	if (a->at[NFTA_SET_ELEM_OBJREF])
		return nft_keep(arena, nft_name(a->at[NFTA_SET_ELEM_OBJREF]), &e->data);
	return nft_keep(arena, data.value, &e->data);
}

static int fill_element(struct arena *arena, struct expr_pool *pool,
			const struct nft_attributes *a, struct fw_element *e)
{
	const struct nlattr *expiration = a->at[NFTA_SET_ELEM_EXPIRATION];
	uint32_t flags = nft_u32(a->at[NFTA_SET_ELEM_FLAGS]);

	*e = (struct fw_element){.verdict_chain = FW_NONE, .expires_ms = -1};
	e->is_end = flags & NFT_SET_ELEM_INTERVAL_END;
	e->is_catch_all = flags & CATCH_ALL;
	if (expiration)
		e->expires_ms = (int64_t)(nft_integer(expiration) & INT64_MAX);
	if (nft_keep(arena, nft_data_of(a->at[NFTA_SET_ELEM_KEY]).value, &e->key) < 0 ||
	    nft_keep(arena, nft_data_of(a->at[NFTA_SET_ELEM_KEY_END]).value, &e->key_end) <
		    0 ||
	    nft_keep(arena, nft_comment(a->at[NFTA_SET_ELEM_USERDATA]), &e->comment) < 0 ||
	    fill_data(arena, a, e) < 0)
		return -ENOMEM;
	return fill_exprs(arena, pool, a, e);
}

int ruleset_add_elements(struct ruleset_decoder *d, uint8_t family,
			 const struct nft_attributes *a)
{
	const struct nlattr *list = a->at[NFTA_SET_ELEM_LIST_ELEMENTS], *one;
	struct raw_elements batch = {.of.family = family};
	struct raw_elements *kept;
	size_t n = 0;
	int left;

	if (ruleset_keep_names(&d->arena, a->at[NFTA_SET_ELEM_LIST_TABLE],
			       a->at[NFTA_SET_ELEM_LIST_SET], &batch.of) < 0)
		return -ENOMEM;
	nft_for_each(one, left, list) n++;
	batch.elements = arena_alloc(&d->arena, n ? n * sizeof(*batch.elements) : 1);
	if (!batch.elements)
		return -ENOMEM;
	nft_for_each(one, left, list)
	{
		struct nft_attributes attributes = nft_nested(one);

		if (fill_element(&d->arena, &d->pool, &attributes,
				 &batch.elements[batch.n]) < 0)
			return -ENOMEM;
		batch.n++;
	}
	kept = vec_push(&d->elements);
	if (!kept)
		return -ENOMEM;
	*kept = batch;
	return 0;
}
