/* Which bytes of an expression say nothing of what it is. Knows of a few kinds that all
 * else in them, their length too, makes the expression; of the others only the whole. */
#include "core/firewall/nft/nft_told.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>

#include "core/firewall/nft/nft_attributes.h"

/* The gaps of a counter, in the order in which the kernel tells its numbers. */
enum { COUNTED_BYTES, COUNTED_PACKETS };
enum { HEAD_BYTES = sizeof(struct nlattr) };

static struct expr_gap gap_of(const struct nlattr *nest, const void *bytes, size_t len)
{
	return (struct expr_gap){
		(uint16_t)((const char *)bytes - (const char *)nla_data(nest)),
		(uint16_t)len};
}

static size_t counter_gaps(const struct nlattr *nest, struct expr_gap *gaps,
			   struct nft_counts *counts)
{
	struct nft_attributes a = nft_nested(nest);
	struct nft_attributes data = nft_nested(a.at[NFTA_EXPR_DATA]);
	const struct nlattr *bytes = data.at[NFTA_COUNTER_BYTES];
	const struct nlattr *packets = data.at[NFTA_COUNTER_PACKETS];

	*counts = (struct nft_counts){nft_integer(packets), nft_integer(bytes)};
	if (!bytes || !packets || bytes > packets || nla_len(bytes) != sizeof(uint64_t) ||
	    nla_len(packets) != sizeof(uint64_t))
		return 0;
	gaps[COUNTED_BYTES] = gap_of(nest, nla_data(bytes), sizeof(uint64_t));
	gaps[COUNTED_PACKETS] = gap_of(nest, nla_data(packets), sizeof(uint64_t));
	return 2;
}

/* Of a comparison or an extension the value, if its length is the attribute's own: nothing
 * else depends on what its bytes are. */
static size_t value_gap(const struct nlattr *nest, const struct fw_expr *e,
			struct expr_gap *gap)
{
	int type = e->kind == FW_EXPR_CMP ? NFTA_DATA_VALUE : NFTA_MATCH_INFO;
	const struct nlattr *a;

	if (e->kind != FW_EXPR_CMP && e->kind != FW_EXPR_XT_MATCH)
		return 0;
	if (text_is_empty(e->value))
		return 0;
	a = (const void *)(e->value.bytes - HEAD_BYTES);
	if (nla_type(a) != type || (size_t)nla_len(a) != e->value.len)
		return 0;
	*gap = gap_of(nest, e->value.bytes, e->value.len);
	return 1;
}

void nft_told_note(struct expr_pool *pool, size_t at, const struct nlattr *nest,
		   const struct fw_expr *e, struct fw_expr *kept, struct nft_counts *counts)
{
	const void *bytes = nla_data(nest);
	size_t len = (size_t)nla_len(nest), n;
	bool is_counter = e->kind == FW_EXPR_COUNTER;
	struct expr_gap gaps[EXPR_GAPS_MAX];

	n = is_counter ? counter_gaps(nest, gaps, counts) : value_gap(nest, e, gaps);
	if (n)
		expr_pool_note_shape(pool, at, bytes, len, kept, gaps, n);
	else if (!is_counter)
		expr_pool_note(pool, bytes, len, kept);
}

/* Of an attribute whose head is no part of the gap. */
static uint64_t number_at(const struct nlattr *nest, const struct expr_gap *gap)
{
	return nft_integer(
		(const void *)((const char *)nla_data(nest) + gap->at - HEAD_BYTES));
}

/* As the one of this shape, with what stands in its gaps. */
static struct fw_expr *make_like(struct expr_pool *pool, struct arena *arena,
				 const struct nlattr *nest, const struct expr_shape *shape,
				 struct nft_counts *counts)
{
	const struct expr_gap *gaps = shape->gaps;
	struct fw_expr e = *shape->told.expr;

	if (e.kind == FW_EXPR_COUNTER) {
		counts->packets = number_at(nest, &gaps[COUNTED_PACKETS]);
		counts->bytes = number_at(nest, &gaps[COUNTED_BYTES]);
		return shape->told.expr;
	}
	e.value = (struct text){(const char *)nla_data(nest) + gaps[0].at, gaps[0].len};
	return expr_pool_keep(pool, arena, &e);
}

int nft_told_again(struct expr_pool *pool, struct arena *arena, size_t at,
		   const struct nlattr *nest, struct nft_counts *counts,
		   struct fw_expr **out)
{
	const void *bytes = nla_data(nest);
	size_t len = (size_t)nla_len(nest);
	const struct expr_shape *shape = expr_pool_like(pool, at, bytes, len);

	if (!shape) {
		*out = expr_pool_told(pool, bytes, len);
		return *out != NULL;
	}
	*out = make_like(pool, arena, nest, shape, counts);
	return *out ? 1 : -ENOMEM;
}
