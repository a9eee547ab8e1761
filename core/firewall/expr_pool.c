/* Small tables without collision lists: what comes later takes the place. */
#include "core/firewall/expr_pool.h"

#include <linux/netfilter/nf_tables.h>
#include <string.h>

/* Of bytes in words; good enough to find one's place. */
static uint64_t stir(uint64_t sum, const void *bytes, size_t len)
{
	const char *at = bytes;
	uint64_t word;

	for (; len >= sizeof(word); at += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		sum = (sum ^ word) * 0x9e3779b97f4a7c15U;
		sum ^= sum >> 29;
	}
	word = len;
	if (len)
		memcpy(&word, at, len);
	sum = (sum ^ word) * 0x9e3779b97f4a7c15U;
	return sum ^ sum >> 32;
}

static size_t told_place(const void *bytes, size_t len)
{
	return stir(len, bytes, len) % EXPR_POOL_TOLD;
}

struct fw_expr *expr_pool_told(const struct expr_pool *p, const void *bytes, size_t len)
{
	const struct expr_told *t;

	if (!len || len > EXPR_TOLD_MAX)
		return NULL;
	t = &p->told[told_place(bytes, len)];
	return t->len == len && !memcmp(t->bytes, bytes, len) ? t->expr : NULL;
}

static void remember(struct expr_told *t, const void *bytes, size_t len, struct fw_expr *e)
{
	t->expr = e;
	t->len = (uint16_t)len;
	memcpy(t->bytes, bytes, len);
}

void expr_pool_note(struct expr_pool *p, const void *bytes, size_t len, struct fw_expr *e)
{
	if (len && len <= EXPR_TOLD_MAX)
		remember(&p->told[told_place(bytes, len)], bytes, len, e);
}

/* Expressions of other lengths stand apart, as far as there is room. */
static size_t shape_place(size_t at, size_t len)
{
	return (at * 7 + len / 4) % EXPR_POOL_SHAPES;
}

const struct expr_shape *expr_pool_like(const struct expr_pool *p, size_t at,
					const void *bytes, size_t len)
{
	const struct expr_shape *s = &p->shapes[shape_place(at, len)];
	const uint8_t *told = s->told.bytes, *now = bytes;
	size_t from = 0;

	if (!s->told.expr || s->told.len != len)
		return NULL;
	for (size_t i = 0; i < s->n_gaps; i++) {
		if (memcmp(told + from, now + from, s->gaps[i].at - from) != 0)
			return NULL;
		from = (size_t)s->gaps[i].at + s->gaps[i].len;
	}
	return memcmp(told + from, now + from, len - from) ? NULL : s;
}

void expr_pool_note_shape(struct expr_pool *p, size_t at, const void *bytes, size_t len,
			  struct fw_expr *e, const struct expr_gap *gaps, size_t n_gaps)
{
	struct expr_shape *s = &p->shapes[shape_place(at, len)];

	if (!len || len > EXPR_TOLD_MAX || n_gaps > EXPR_GAPS_MAX)
		return;
	remember(&s->told, bytes, len, e);
	for (size_t i = 0; i < n_gaps; i++)
		s->gaps[i] = gaps[i];
	s->n_gaps = n_gaps;
}

bool expr_is_free(const struct fw_expr *e)
{
	switch ((int)e->kind) {
	case FW_EXPR_LOOKUP:
	case FW_EXPR_DYNSET:
	case FW_EXPR_OBJREF:
		return false;
	case FW_EXPR_VERDICT:
		return text_is_empty(e->value) && e->chain == FW_NONE &&
		       e->verdict != NFT_JUMP && e->verdict != NFT_GOTO;
	default:
		return e->set == FW_NONE;
	}
}

static bool is_same_head(const struct fw_expr *a, const struct fw_expr *b)
{
	return a->kind == b->kind && a->sreg == b->sreg && a->dreg == b->dreg &&
	       a->sreg2 == b->sreg2 && a->sreg3 == b->sreg3 && a->sreg4 == b->sreg4 &&
	       a->op == b->op && a->base == b->base && a->code == b->code &&
	       a->family == b->family && a->direction == b->direction &&
	       a->revision == b->revision && a->is_inverted == b->is_inverted &&
	       a->writes == b->writes && a->has_unsure_expr == b->has_unsure_expr;
}

static bool is_same_rest(const struct fw_expr *a, const struct fw_expr *b)
{
	switch (fw_expr_rest(a)) {
	case FW_REST_NAME:
		return text_equals(a->name, b->name);
	case FW_REST_VALUE2:
		return text_equals(a->value2, b->value2);
	case FW_REST_VERDICT:
		return a->verdict == b->verdict;
	case FW_REST_AMOUNTS:
		return a->amount == b->amount && a->amount2 == b->amount2;
	case FW_REST_INNER:
		break;
	}
	return false;
}

/* Of two free ones. */
static bool is_same(const struct fw_expr *a, const struct fw_expr *b)
{
	return is_same_head(a, b) && a->key == b->key && a->offset == b->offset &&
	       a->len == b->len && a->flags == b->flags && is_same_rest(a, b) &&
	       text_equals(a->value, b->value);
}

/* The text beside the value. */
static struct text other_text(const struct fw_expr *e)
{
	enum fw_expr_rest rest = fw_expr_rest(e);

	return rest == FW_REST_NAME     ? e->name
	       : rest == FW_REST_VALUE2 ? e->value2
					: TEXT_NONE;
}

static uint64_t sum_of(const struct fw_expr *e)
{
	const uint32_t numbers[] = {
		(uint32_t)e->kind,
		(uint32_t)(e->sreg | e->dreg << 8 | e->op << 16),
		e->key,
		e->offset,
		e->len,
		fw_expr_rest(e) == FW_REST_VERDICT ? (uint32_t)e->verdict : 0};
	struct text other = other_text(e);
	uint64_t sum = stir(1, numbers, sizeof(numbers));

	sum = stir(sum, e->value.bytes, e->value.len);
	return stir(sum, other.bytes, other.len);
}

static size_t room_for(struct text t)
{
	return text_is_empty(t) ? 0 : t.len + 1;
}

/* With a NUL behind it; returns what is behind that. */
static char *keep_text(char *at, struct text *t)
{
	if (text_is_empty(*t)) {
		*t = TEXT_NONE;
		return at;
	}
	memcpy(at, t->bytes, t->len);
	t->bytes = at;
	return at + t->len + 1;
}

/* One piece of memory, its texts behind it. */
static struct fw_expr *copy(struct arena *arena, const struct fw_expr *e)
{
	size_t texts = room_for(e->value) + room_for(other_text(e));
	struct fw_expr *kept = arena_alloc(arena, sizeof(*kept) + texts);
	char *at;

	if (!kept)
		return NULL;
	*kept = *e;
	at = (char *)(kept + 1);
	at = keep_text(at, &kept->value);
	if (fw_expr_rest(e) == FW_REST_NAME)
		keep_text(at, &kept->name);
	else if (fw_expr_rest(e) == FW_REST_VALUE2)
		keep_text(at, &kept->value2);
	return kept;
}

struct fw_expr *expr_pool_keep(struct expr_pool *p, struct arena *arena,
			       const struct fw_expr *e)
{
	struct expr_kept *place;
	struct fw_expr *kept;
	uint64_t sum;

	if (!expr_is_free(e))
		return copy(arena, e);
	sum = sum_of(e);
	place = &p->kept[sum % EXPR_POOL_KEPT];
	if (place->expr && place->sum == sum && is_same(place->expr, e))
		return place->expr;
	kept = copy(arena, e);
	if (kept)
		*place = (struct expr_kept){kept, sum};
	return kept;
}
