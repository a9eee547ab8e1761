/* A lookup in a set as boxes, one for each element. What comes and goes by itself is not
 * captured. linux/netfilter/nf_tables.h. */
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "core/firewall/box/box_build.h"
#include "core/firewall/eval/sets.h"

enum { KEY_BYTES = 64 };

static bool is_fixed(const struct fw_set *set)
{
	return set->flags & (NFT_SET_ANONYMOUS | NFT_SET_CONSTANT);
}

static bool is_intervals(const struct fw_set *set)
{
	return (set->flags & NFT_SET_INTERVAL) && !(set->flags & NFT_SET_CONCAT);
}

/* The bytes just below this key; false: there are none. */
static bool key_before(struct text key, uint8_t *out)
{
	memcpy(out, key.bytes, key.len);
	for (size_t i = key.len; i-- > 0;)
		if (out[i]--)
			return true;
	return false;
}

/* The highest key of the element. */
static bool high_of(const struct fw_set *set, size_t i, uint8_t *out)
{
	const struct fw_element *e = &set->elements[i];
	struct text end;

	if (!is_intervals(set)) {
		struct text high = text_is_empty(e->key_end) ? e->key : e->key_end;

		if (high.len != e->key.len)
			return false;
		memcpy(out, high.bytes, high.len);
		return true;
	}
	end = set_end_of(set, i);
	memset(out, 0xff, e->key.len);
	return text_is_empty(end) || (end.len == e->key.len && key_before(end, out));
}

/* The bits of ct state, or the family, that an element is. */
static bool special_of(const struct build *b, uint8_t word, struct text key,
		       struct box *out)
{
	const struct mark *m = &b->marks[word * 4U];
	uint32_t state;

	*out = box_all(BOX_FAMILIES);
	if (m->kind == MARK_STATE && key.len == 4 && m->mask == 0xff) {
		memcpy(&state, key.bytes, sizeof(state));
		out->states = state <= 64 ? (uint8_t)(state & BOX_STATES) : 0;
		return true;
	}
	if (m->kind != MARK_NFPROTO || key.len != 1)
		return false;
	out->families = key.bytes[0] == NFPROTO_IPV4   ? BOX_V4
			: key.bytes[0] == NFPROTO_IPV6 ? BOX_V6
						       : BOX_OTHER;
	return true;
}

/* False: it is not captured whole; *out is no smaller than it. */
static bool element_box(const struct build *b, const struct fw_expr *x,
			const struct fw_set *set, size_t i, struct box *out)
{
	const struct fw_element *e = &set->elements[i];
	uint8_t high[KEY_BYTES];

	if (!e->is_catch_all && special_of(b, x->sreg, e->key, out))
		return true;
	*out = box_all(BOX_FAMILIES);
	if (e->is_catch_all || !e->key.len || e->key.len > KEY_BYTES ||
	    !high_of(set, i, high))
		return false;
	return build_bound(b, x->sreg, (const uint8_t *)e->key.bytes, high, e->key.len,
			   out) &&
	       !e->has_unsure_expr;
}

/* False: they are not all captured. */
static bool collect(const struct build *b, const struct fw_expr *x,
		    const struct fw_set *set, struct ways *w)
{
	bool is_whole = true;
	struct box one;

	ways_start(w);
	for (size_t i = 0; i < set->n_elements; i++) {
		if (set->elements[i].is_end)
			continue;
		is_whole &= element_box(b, x, set, i, &one);
		ways_add(w, &one);
	}
	return is_whole;
}

static void turn(struct build *b, const struct fw_expr *x, const struct fw_set *set,
		 struct ways *w)
{
	enum box_field field = build_field(b, x->sreg, set->key_len);
	uint8_t states = 0;

	if (x->sreg < FW_N_WORDS && b->marks[x->sreg * 4U].kind == MARK_STATE &&
	    !w->is_overfull) {
		for (size_t i = 0; i < w->n; i++)
			states |= w->rows[i].states;
		build_narrow_states(b, (uint8_t)~states);
		return;
	}
	if (field == N_BOX_FIELDS || !ways_turn(w, field))
		build_lose(b);
	else
		build_narrow(b, w);
}

/* Does it stay as it is until somebody changes the rules? */
static bool is_known(struct build *b, const struct fw_set *set)
{
	if (!set->is_read || set->flags & (NFT_SET_EVAL | NFT_SET_TIMEOUT))
		return false;
	if (is_fixed(set))
		return true;
	b->out->names_set = true;
	return b->time == BOX_NOW;
}

void build_lookup(struct build *b, const struct fw_expr *x)
{
	const struct fw_set *set =
		x->set < b->ruleset->n_sets ? &b->ruleset->sets[x->set] : NULL;
	struct ways w;
	bool is_whole;

	if (!set || x->sreg >= FW_N_WORDS || !is_known(b, set)) {
		build_lose(b);
		return;
	}
	if (!is_fixed(set))
		build_lose(b);
	is_whole = collect(b, x, set, &w);
	if (!is_whole)
		build_lose(b);
	if (!x->is_inverted)
		build_narrow(b, &w);
	else if (is_whole)
		turn(b, x, set, &w);
}
