/*
 * Lists of expressions by the rows of nft_rows.c. An attribute that a row does not name may
 * change what the expression means: the expression becomes opaque, never the whole rule.
 */
#include "core/firewall/nft/nft_exprs.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "core/firewall/nft/nft_attributes.h"
#include "core/firewall/nft/nft_rows.h"
#include "core/firewall/nft/nft_told.h"

enum {
	MAX_DEPTH = 2, /* an expression in a dynset, nothing in that */
	MAX_LIST = 256 /* the kernel's NFT_RULE_MAXEXPRS is 128 */
};

/* Where expressions are kept. */
struct keeping {
	struct arena *arena;
	struct expr_pool *pool;
};

static int decode_list(const struct keeping *k, const struct nlattr *list, bool is_single,
		       int depth, struct nft_rule_facts *out);

struct nft_data nft_data_of(const struct nlattr *a)
{
	struct nft_attributes data = nft_nested(a), verdict;
	struct nft_data found = {0};

	if (data.at[NFTA_DATA_VERDICT]) {
		verdict = nft_nested(data.at[NFTA_DATA_VERDICT]);
		found.is_verdict = true;
		found.is_known = nft_is_integer(verdict.at[NFTA_VERDICT_CODE]);
		found.verdict = (int32_t)nft_u32(verdict.at[NFTA_VERDICT_CODE]);
		found.value = nft_name(verdict.at[NFTA_VERDICT_CHAIN]);
		return found;
	}
	found.value = nft_bytes(data.at[NFTA_DATA_VALUE]);
	found.is_known = found.value.len > 0 && found.value.len <= FW_N_WORDS * 4;
	return found;
}

/* The kernel's number of a register as a word; false: none has it. */
static bool word_of(uint64_t number, uint8_t *word)
{
	if (number == NFT_REG_VERDICT)
		*word = FW_VERDICT;
	else if (number <= NFT_REG_4)
		*word = (uint8_t)((number - NFT_REG_1) * 4);
	else if (number >= NFT_REG32_00 && number <= NFT_REG32_15)
		*word = (uint8_t)(number - NFT_REG32_00);
	else
		return false;
	return true;
}

/* Into a field of 1, 4 or 8 bytes; false: it does not fit. */
static bool store_integer(void *at, size_t size, uint64_t value)
{
	if (size < sizeof(value) && value >> (size * 8))
		return false;
	if (size == sizeof(uint8_t))
		*(uint8_t *)at = (uint8_t)value;
	else if (size == sizeof(uint32_t))
		*(uint32_t *)at = (uint32_t)value;
	else
		*(uint64_t *)at = value;
	return true;
}

/* What one expression is being made of. */
struct making {
	const struct keeping *keeping;
	struct fw_expr *e; /* its texts are borrowed */
	int depth;
	int error; /* -ENOMEM, and nothing else */
	bool is_known;
};

static void store_inner(struct making *m, const struct nlattr *a, bool is_single)
{
	struct nft_rule_facts facts;
	struct fw_expr *inner;

	m->error = decode_list(m->keeping, a, is_single, m->depth + 1, &facts);
	if (m->error || !facts.n)
		return;
	inner = arena_alloc(m->keeping->arena, facts.n * sizeof(*inner));
	if (!inner) {
		m->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < facts.n; i++)
		inner[i] = *facts.exprs[i];
	m->e->inner = inner;
	m->e->n_inner = (uint32_t)facts.n;
}

static void store_field(struct making *m, const struct nft_field *f, const struct nlattr *a)
{
	void *at = (char *)m->e + f->offset;

	switch (f->how) {
	case NFT_IGNORED:
		break;
	case NFT_INTEGER:
		m->is_known &=
			nft_is_integer(a) && store_integer(at, f->size, nft_integer(a));
		break;
	case NFT_REGISTER:
		m->is_known &= nft_is_integer(a) && word_of(nft_integer(a), at);
		break;
	case NFT_NAME:
		*(struct text *)at = nft_name(a);
		break;
	case NFT_BYTES:
		*(struct text *)at = nft_bytes(a);
		break;
	case NFT_DATA:
		*(struct text *)at = nft_data_of(a).value;
		break;
	case NFT_NEST:
	case NFT_LIST:
		store_inner(m, a, f->how == NFT_NEST);
		break;
	}
}

static void store_fields(struct making *m, const struct nft_row *row,
			 const struct nft_attributes *a)
{
	uint32_t left = a->types & ~1U;

	for (size_t i = 0; i < NFT_FIELDS && row->fields[i].attribute && !m->error; i++) {
		const struct nft_field *f = &row->fields[i];

		if (!a->at[f->attribute])
			continue;
		left &= ~(1U << f->attribute);
		store_field(m, f, a->at[f->attribute]);
	}
	m->is_known &= !left && !a->has_beyond && !a->is_damaged;
}

static enum fw_expr_kind kind_of(struct text name)
{
	static const char *const words[] = {
#define X(kind, word) word,
		FW_EXPRS(X)
#undef X
	};

	for (unsigned i = 0; i < N_FW_EXPRS; i++) {
		if (name.len && *words[i] == *name.bytes && text_equals_str(name, words[i]))
			return (enum fw_expr_kind)i;
	}
	return FW_EXPR_OPAQUE;
}

static struct fw_expr blank(enum fw_expr_kind kind)
{
	return (struct fw_expr){.kind = kind,
				.sreg = FW_NO_REG,
				.dreg = FW_NO_REG,
				.sreg2 = FW_NO_REG,
				.sreg3 = FW_NO_REG,
				.sreg4 = FW_NO_REG,
				.set = FW_NONE,
				.chain = FW_NONE};
}

/* Of one {NAME, DATA}; texts are borrowed. 0 or -ENOMEM. */
static int decode_one(const struct keeping *k, const struct nft_attributes *a, int depth,
		      struct fw_expr *out)
{
	struct text name = nft_name(a->at[NFTA_EXPR_NAME]);
	struct nft_attributes data = nft_nested(a->at[NFTA_EXPR_DATA]);
	struct fw_expr e = blank(kind_of(name));
	struct making m = {.keeping = k, .e = &e, .depth = depth};
	const struct nft_row *row = &nft_rows[e.kind];

	m.is_known = e.kind != FW_EXPR_OPAQUE && !a->is_damaged;
	if (m.is_known)
		store_fields(&m, row, &data);
	if (m.error)
		return m.error;
	if (m.is_known && row->finish)
		m.is_known = row->finish(&e, &data);
	if (!m.is_known) {
		e = blank(FW_EXPR_OPAQUE);
		e.name = name;
	}
	*out = e;
	return 0;
}

/* What a rule has counted is what its first counter has. */
static void note_counts(struct nft_rule_facts *facts, const struct nft_counts *counts)
{
	if (facts->has_counter)
		return;
	facts->has_counter = true;
	facts->packets = counts->packets;
	facts->bytes = counts->bytes;
}

static void note_comment(struct nft_rule_facts *facts, const struct fw_expr *e)
{
	if (text_equals_str(e->name, "comment") && e->value.bytes &&
	    text_is_empty(facts->comment)) {
		facts->comment = e->value;
		facts->comment.len = strnlen(e->value.bytes, e->value.len);
	}
}

/* 0 or -ENOMEM. */
static int make_one(const struct keeping *k, const struct nlattr *nest, int depth,
		    size_t at, struct nft_counts *counts, struct fw_expr **out)
{
	struct nft_attributes a = nft_nested(nest);
	struct fw_expr e = blank(FW_EXPR_OPAQUE);
	int error = depth < MAX_DEPTH ? decode_one(k, &a, depth, &e) : 0;

	if (error)
		return error;
	*out = expr_pool_keep(k->pool, k->arena, &e);
	if (!*out)
		return -ENOMEM;
	if (depth < MAX_DEPTH && expr_is_free(&e))
		nft_told_note(k->pool, at, nest, &e, *out, counts);
	return 0;
}

static int add_one(const struct keeping *k, const struct nlattr *nest, int depth, size_t at,
		   struct nft_rule_facts *facts, struct fw_expr **out)
{
	struct nft_counts counts = {0};
	int found = 0;

	*out = NULL;
	if (depth < MAX_DEPTH)
		found = nft_told_again(k->pool, k->arena, at, nest, &counts, out);
	if (!found)
		found = make_one(k, nest, depth, at, &counts, out);
	if (found < 0)
		return found;
	facts->has_names |= !expr_is_free(*out);
	if ((*out)->kind == FW_EXPR_COUNTER)
		note_counts(facts, &counts);
	else if ((*out)->kind == FW_EXPR_XT_MATCH)
		note_comment(facts, *out);
	return 0;
}

/* The last one stands for all that are too many. */
static int add_opaque(const struct keeping *k, struct fw_expr **out)
{
	struct fw_expr e = blank(FW_EXPR_OPAQUE);

	*out = expr_pool_keep(k->pool, k->arena, &e);
	return *out ? 0 : -ENOMEM;
}

static int keep_list(struct arena *arena, struct fw_expr *const *found, size_t n,
		     struct nft_rule_facts *out)
{
	if (!n)
		return 0;
	out->exprs = arena_alloc(arena, n * sizeof(*found));
	if (!out->exprs)
		return -ENOMEM;
	memcpy(out->exprs, found, n * sizeof(*found));
	out->n = n;
	return 0;
}

static int decode_list(const struct keeping *k, const struct nlattr *list, bool is_single,
		       int depth, struct nft_rule_facts *out)
{
	struct fw_expr *found[MAX_LIST + 1];
	struct nft_rule_facts facts = {0};
	const struct nlattr *a;
	size_t n = 0;
	int left, error = 0;

	if (is_single) {
		error = add_one(k, list, depth, 0, &facts, &found[n++]);
	} else {
		nft_for_each(a, left, list)
		{
			if (error || n > MAX_LIST)
				break;
			error = n < MAX_LIST ? add_one(k, a, depth, n, &facts, &found[n])
					     : add_opaque(k, &found[n]);
			n++;
		}
	}
	if (!error)
		error = keep_list(k->arena, found, n, &facts);
	if (!error)
		*out = facts;
	return error;
}

int nft_exprs_decode(struct arena *arena, struct expr_pool *pool, const struct nlattr *list,
		     struct nft_rule_facts *out)
{
	const struct keeping keeping = {arena, pool};

	return decode_list(&keeping, list, false, 0, out);
}

bool nft_is_unsure(const struct fw_expr *e)
{
	return e->kind != FW_EXPR_COUNTER && e->kind != FW_EXPR_LAST;
}
