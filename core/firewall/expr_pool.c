/* Two small tables without collision lists: what comes later takes the place. */
#include "core/firewall/expr_pool.h"

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

void expr_pool_note(struct expr_pool *p, const void *bytes, size_t len, struct fw_expr *e)
{
	struct expr_told *t;

	if (!len || len > EXPR_TOLD_MAX)
		return;
	t = &p->told[told_place(bytes, len)];
	t->expr = e;
	t->len = (uint16_t)len;
	memcpy(t->bytes, bytes, len);
}

bool expr_is_free(const struct fw_expr *e)
{
	switch ((int)e->kind) {
	case FW_EXPR_LOOKUP:
	case FW_EXPR_DYNSET:
	case FW_EXPR_OBJREF:
		return false;
	case FW_EXPR_VERDICT:
		return text_is_empty(e->value) && e->chain == FW_NONE;
	default:
		return e->set == FW_NONE && !e->n_inner;
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

/* Of two free ones. */
static bool is_same(const struct fw_expr *a, const struct fw_expr *b)
{
	return is_same_head(a, b) && a->key == b->key && a->offset == b->offset &&
	       a->len == b->len && a->flags == b->flags && a->verdict == b->verdict &&
	       a->amount == b->amount && a->amount2 == b->amount2 &&
	       text_equals(a->name, b->name) && text_equals(a->value, b->value) &&
	       text_equals(a->value2, b->value2);
}

static size_t kept_place(const struct fw_expr *e)
{
	const uint32_t numbers[] = {(uint32_t)e->kind,
				    (uint32_t)(e->sreg | e->dreg << 8 | e->op << 16),
				    e->key,
				    e->offset,
				    e->len,
				    (uint32_t)e->verdict};
	uint64_t sum = stir(1, numbers, sizeof(numbers));

	sum = stir(sum, e->value.bytes, e->value.len);
	return stir(sum, e->name.bytes, e->name.len) % EXPR_POOL_KEPT;
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
	size_t texts = room_for(e->name) + room_for(e->value) + room_for(e->value2);
	struct fw_expr *kept = arena_alloc(arena, sizeof(*kept) + texts);
	char *at;

	if (!kept)
		return NULL;
	*kept = *e;
	at = (char *)(kept + 1);
	at = keep_text(at, &kept->name);
	at = keep_text(at, &kept->value);
	keep_text(at, &kept->value2);
	return kept;
}

struct fw_expr *expr_pool_keep(struct expr_pool *p, struct arena *arena,
			       const struct fw_expr *e)
{
	struct fw_expr **place, *kept;

	if (!expr_is_free(e))
		return copy(arena, e);
	place = &p->kept[kept_place(e)];
	if (*place && is_same(*place, e))
		return *place;
	kept = copy(arena, e);
	if (kept)
		*place = kept;
	return kept;
}
