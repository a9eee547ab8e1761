/*
 * Expressions with sets: lookup in sets and maps, adding to them, objects. With a key that
 * is partly unknown an element may be met, must be met, or cannot be.
 */
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "core/firewall/eval/exprs.h"
#include "core/firewall/eval/sets.h"

/* Of objects: linux/netfilter/nf_tables.h, NFT_OBJECT_... */
static bool is_idle_object(uint32_t type)
{
	return type == NFT_OBJECT_COUNTER || type == NFT_OBJECT_CT_HELPER ||
	       type == NFT_OBJECT_CT_TIMEOUT || type == NFT_OBJECT_SECMARK ||
	       type == NFT_OBJECT_CT_EXPECT;
}

static bool is_ranges(const struct fw_set *set)
{
	return (set->flags & NFT_SET_INTERVAL) && (set->flags & NFT_SET_CONCAT);
}

static bool is_intervals(const struct fw_set *set)
{
	return (set->flags & NFT_SET_INTERVAL) && !(set->flags & NFT_SET_CONCAT);
}

static const uint8_t *bytes_of(struct text t)
{
	return (const uint8_t *)t.bytes;
}

/* One part of a concatenation (or the whole key) may lie from low to high of an element. */
static bool may_be_part(const struct fw_element *el, const struct octet *key, size_t at,
			size_t len, bool has_range)
{
	struct text high = has_range && el->key_end.len ? el->key_end : el->key;

	if (el->key.len < at + len || high.len < at + len)
		return false;
	if (!has_range)
		return octets_equal(key + at, bytes_of(el->key) + at, len) != TRI_NO;
	return octets_below(key + at, bytes_of(el->key) + at, len) != TRI_YES &&
	       octets_not_above(key + at, bytes_of(high) + at, len) != TRI_NO;
}

/* Which part does not fit: a bit each. */
static uint32_t misfits(const struct fw_set *set, const struct fw_element *el,
			const struct octet *key)
{
	uint32_t missed = 0;
	size_t at = 0;

	if (!set->n_fields)
		return !may_be_part(el, key, 0, set->key_len, is_ranges(set));
	for (size_t i = 0; i < set->n_fields; i++) {
		if (at + set->fields[i] > set->key_len)
			return UINT32_MAX;
		if (!may_be_part(el, key, at, set->fields[i], is_ranges(set)))
			missed |= 1U << i;
		at += (set->fields[i] + 3U) & ~3U;
	}
	return missed;
}

static bool may_be_interval(const struct fw_set *set, size_t i, const struct octet *key)
{
	const struct fw_element *el = &set->elements[i];
	struct text end = set_end_of(set, i);

	if (el->is_end || el->key.len < set->key_len)
		return false;
	if (octets_below(key, bytes_of(el->key), set->key_len) == TRI_YES)
		return false;
	return end.len < set->key_len ||
	       octets_below(key, bytes_of(end), set->key_len) != TRI_NO;
}

static bool may_be_element(const struct fw_set *set, size_t i, const struct octet *key)
{
	if (set->elements[i].is_catch_all)
		return true;
	return is_intervals(set) ? may_be_interval(set, i, key)
				 : !misfits(set, &set->elements[i], key);
}

static bool is_any_element(const struct fw_set *set, const struct octet *key)
{
	for (size_t i = 0; i < set->n_elements; i++) {
		if (may_be_element(set, i, key))
			return true;
	}
	return false;
}

/* The lowest and the highest key are in one interval, so is every one between. */
static uint32_t find_certain(const struct fw_set *set, const struct octet *key)
{
	uint8_t low[REGS_BYTES], high[REGS_BYTES];
	uint32_t found;

	if (!is_intervals(set))
		return FW_NONE;
	octets_bounds(key, set->key_len, low, high);
	found = set_find(set, low, set->key_len);
	if (found == FW_NONE || set->elements[found].is_catch_all)
		return FW_NONE;
	return set_find(set, high, set->key_len) == found ? found : FW_NONE;
}

/* What the lookup says: an element, or that some element is met but not which. */
struct found {
	enum tri is_in;
	uint32_t element;
	enum fw_doubt why;
	const struct fw_set *rows;      /* that stand for the set; NULL: not known */
	const struct fw_member *member; /* whose they are, if not the ruleset's */
	bool is_awaited;   /* they are asked for, and the walk will begin anew */
	bool is_pointless; /* the rule does not match anyway */
	bool is_changed;   /* this packet may have put it there */
};

/* The rows of a set that is not read are asked for. Those that are still to come are taken
 * as none: the walk will begin anew. */
static struct found ask_rows(struct eval *e, const struct fw_expr *x,
			     const struct octet *key)
{
	const struct fw_set *set = &e->ruleset->sets[x->set];
	struct found f = {.why = FW_DOUBT_MAP, .is_in = TRI_UNSURE, .element = FW_NONE};
	uint8_t bytes[REGS_BYTES];
	/* How far an answer holds, one element does not say. */
	bool is_one = e->lookups && !e->lookups->cell &&
		      octets_doubt(key, set->key_len) == FW_DOUBT_NOTHING;

	if (!e->lookups || !e->lookups->set_member)
		return f;
	if (!eval_rest_may_match(e, x)) {
		f.is_pointless = true;
		return f;
	}
	octets_values(key, set->key_len, bytes);
	f.member = e->lookups->set_member(e->lookups->arg, x->set, is_one ? bytes : NULL,
					  &f.is_awaited);
	if (f.is_awaited)
		f.is_in = TRI_NO;
	else if (f.member && member_fits(f.member, set))
		f.rows = &f.member->set;
	return f;
}

static struct found find(struct eval *e, const struct fw_expr *x, const struct octet *key)
{
	const struct fw_set *set = &e->ruleset->sets[x->set];
	struct found f = {.element = FW_NONE, .rows = set};
	uint8_t bytes[REGS_BYTES];

	if (!set->is_read)
		f = ask_rows(e, x, key);
	set = f.rows;
	if (!set)
		return f;
	f.is_in = TRI_NO;
	f.why = octets_doubt(key, set->key_len);
	if (f.why == FW_DOUBT_NOTHING) {
		octets_values(key, set->key_len, bytes);
		f.element = set_find(set, bytes, set->key_len);
	} else {
		f.element = find_certain(set, key);
		if (f.element == FW_NONE && is_any_element(set, key))
			f.is_in = TRI_UNSURE;
	}
	if (f.element != FW_NONE)
		f.is_in = TRI_YES;
	return f;
}

/* What was found before, and what this packet has put there. */
static struct found find_now(struct eval *e, const struct fw_expr *x,
			     const struct octet *key)
{
	const struct fw_set *set = &e->ruleset->sets[x->set];
	struct found f = find(e, x, key);
	enum tri is_added = eval_is_added(e, x->set, key, set->key_len);

	if (is_added == TRI_NO || f.is_awaited || f.is_pointless)
		return f;
	f.is_changed = true;
	if (is_added == TRI_YES) {
		f.is_in = TRI_YES;
	} else if (f.is_in != TRI_UNSURE) {
		f.is_in = TRI_UNSURE;
		f.why = FW_DOUBT_ADDED;
	}
	return f;
}

static void hold_element(struct eval *e, const struct fw_expr *x, const struct octet *key,
			 const struct found *f)
{
	const struct fw_set *set = &e->ruleset->sets[x->set];

	e->hold.set = x->set;
	e->hold.element = f->element;
	e->hold.member = f->member;
	e->hold.ipset = FW_NONE;
	e->hold.is_source_in_set = false;
	for (size_t i = 0; i < set->key_len; i++) {
		if (key[i].origin >= OCTETS_SOURCE && key[i].origin < OCTETS_DESTINATION)
			e->hold.is_source_in_set = true;
	}
}

static uint32_t find_chain(const struct ruleset *r, uint32_t table, struct text name)
{
	for (size_t i = 0; i < r->n_chains; i++) {
		if (r->chains[i].table == table && text_equals(r->chains[i].name, name))
			return (uint32_t)i;
	}
	return FW_NONE;
}

/* An element that was asked for alone tells its chain by name only. */
static enum eval_next take_verdict(struct eval *e, const struct fw_set *set,
				   const struct fw_element *el)
{
	bool jumps = el->verdict == NFT_JUMP || el->verdict == NFT_GOTO;
	struct fw_expr x = {.kind = FW_EXPR_VERDICT,
			    .verdict = el->verdict,
			    .chain = el->verdict_chain};

	if (jumps && x.chain == FW_NONE)
		x.chain = find_chain(e->ruleset, set->table, el->data);
	if (jumps && x.chain == FW_NONE)
		return eval_anything(e, doubt_words(FW_DOUBT_MAP));
	return eval_verdict(e, &x);
}

static bool is_same_verdict(const struct fw_element *a, const struct fw_element *b)
{
	return a->verdict == b->verdict && a->verdict_chain == b->verdict_chain;
}

static bool is_verdict_before(const struct fw_set *set, size_t at, const struct octet *key)
{
	for (size_t i = 0; i < at; i++) {
		if (is_same_verdict(&set->elements[i], &set->elements[at]) &&
		    may_be_element(set, i, key))
			return true;
	}
	return false;
}

/* The key is in the map, one of the elements that it may be decides: one walk each. */
static enum eval_next unsure_verdict(struct eval *e, const struct fw_set *set,
				     const struct octet *key, const struct found *f)
{
	const struct fw_set *rows = f->rows;
	const struct fw_element *last = NULL;

	for (size_t i = 0; rows && i < rows->n_elements && !e->is_stuck; i++) {
		const struct fw_element *el = &rows->elements[i];

		if (!may_be_element(rows, i, key) || is_verdict_before(rows, i, key))
			continue;
		if (last && eval_ask(e, doubt_words(f->why), true, false, 0))
			return take_verdict(e, set, last);
		last = el;
	}
	return last ? take_verdict(e, set, last)
		    : eval_unsure(e, doubt_words(f->why), false);
}

static enum eval_next take_element(struct eval *e, const struct fw_expr *x,
				   const struct octet *key, const struct found *f)
{
	const struct fw_set *set = &e->ruleset->sets[x->set];
	const struct fw_element *el;

	hold_element(e, x, key, f);
	if (f->element == FW_NONE && x->dreg == FW_VERDICT)
		return unsure_verdict(e, set, key, f);
	if (f->element == FW_NONE)
		return eval_store_unknown(
			e, x->dreg, set->data_len < REGS_BYTES ? set->data_len : REGS_BYTES,
			FW_DOUBT_MAP, FW_FIELD_OTHER);
	el = &f->rows->elements[f->element];
	if (el->has_unsure_expr && eval_unsure(e, "limit of an element", true) != EVAL_NEXT)
		return EVAL_BREAK;
	if (x->dreg == FW_VERDICT)
		return take_verdict(e, set, el);
	if (x->dreg == FW_NO_REG)
		return EVAL_NEXT;
	return eval_store(e, x->dreg, el->data.bytes, el->data.len, FW_FIELD_OTHER);
}

static enum fw_field field_of(const struct fw_set *set, const struct octet *key,
			      uint32_t part)
{
	size_t at = 0;

	if (!set->n_fields)
		return octets_field(key, set->key_len);
	for (size_t i = 0; i < part; i++)
		at += (set->fields[i] + 3U) & ~3U;
	return octets_field(key + at, set->fields[part]);
}

/* Of all parts of the key: a bit each. */
static uint32_t fields_of(const struct fw_set *set, const struct octet *key)
{
	uint32_t fields = set->n_fields ? 0 : 1U << octets_field(key, set->key_len);

	for (uint32_t i = 0; i < set->n_fields; i++)
		fields |= 1U << field_of(set, key, i);
	return fields;
}

/* An element that would be met but for one part of the key names that part. */
static enum eval_next near_set(struct eval *e, const struct fw_set *set,
			       const struct octet *key)
{
	uint32_t missed = 0;

	if (set->n_fields < 2) {
		e->missed |= 1U << octets_field(key, set->key_len);
		return EVAL_NEXT;
	}
	for (size_t i = 0; i < set->n_elements && !missed; i++) {
		uint32_t parts = misfits(set, &set->elements[i], key);

		if (parts && parts != UINT32_MAX && !(parts & (parts - 1)))
			missed = parts;
	}
	if (!missed)
		return EVAL_BREAK;
	e->missed |= 1U << field_of(set, key, (uint32_t)__builtin_ctz(missed));
	return EVAL_NEXT;
}

static enum eval_next near_lookup(struct eval *e, const struct fw_expr *x,
				  const struct octet *key, const struct found *f)
{
	const struct fw_set *set = &e->ruleset->sets[x->set];

	if (x->is_inverted && f->is_in == TRI_YES) {
		e->missed |= 1U << octets_field(key, set->key_len);
		return EVAL_NEXT;
	}
	if (f->is_in == TRI_UNSURE)
		e->unsure |= fields_of(set, key);
	if (x->is_inverted || (f->is_in == TRI_UNSURE && x->dreg == FW_NO_REG))
		return EVAL_NEXT;
	if (f->is_in == TRI_YES) {
		e->hit |= fields_of(set, key);
		return take_element(e, x, key, f);
	}
	/* A map says what happens for each key: a key that it lacks missed no rule. */
	return x->dreg == FW_NO_REG ? near_set(e, f->rows ? f->rows : set, key)
				    : EVAL_BREAK;
}

static bool is_in_set(struct eval *e, const struct fw_expr *x, const struct octet *key,
		      const struct found *f)
{
	const struct fw_set *set = &e->ruleset->sets[x->set];
	uint64_t question;

	if (f->is_in != TRI_UNSURE)
		return f->is_in == TRI_YES;
	question = octets_question(key, set->key_len, &x->set, sizeof(x->set));
	return eval_ask(e, doubt_words(f->why), false, x->is_inverted,
			doubt_is_stable(f->why) && !f->is_changed ? question : 0);
}

enum eval_next eval_lookup(struct eval *e, const struct fw_expr *x)
{
	const struct fw_set *set;
	const struct octet *key;
	struct found f;
	bool is_in;

	if (x->set >= e->ruleset->n_sets)
		return eval_opaque(e, x);
	set = &e->ruleset->sets[x->set];
	key = set->key_len <= REGS_BYTES ? regs_at(&e->regs, x->sreg, set->key_len) : NULL;
	if (!key)
		return eval_opaque(e, x);
	f = find_now(e, x, key);
	if (f.is_pointless || (f.is_awaited && e->is_near))
		return EVAL_BREAK;
	if (f.rows && e->lookups && e->lookups->cell)
		fw_cell_looked_up(e->lookups->cell, f.rows, key);
	if (e->is_near)
		return near_lookup(e, x, key, &f);
	is_in = is_in_set(e, x, key, &f);
	if (e->is_stuck)
		return EVAL_BREAK;
	if (x->is_inverted)
		return is_in ? EVAL_BREAK : EVAL_NEXT;
	return is_in ? take_element(e, x, key, &f) : EVAL_BREAK;
}

/* A full set takes no new element; which of them it still has is not known then. */
static bool has_room(struct eval *e, const struct fw_expr *x)
{
	const struct fw_set *set;
	size_t n;

	if (x->set >= e->ruleset->n_sets)
		return true;
	set = &e->ruleset->sets[x->set];
	n = set->n_elements > set->n_told ? set->n_elements : set->n_told;
	return !set->size || n < set->size ||
	       eval_ask(e, "room in a full set", true, false, 0);
}

static void put_key(struct eval *e, const struct fw_expr *x, bool is_gone)
{
	const struct octet *key;
	size_t n;

	if (x->set >= e->ruleset->n_sets)
		return;
	n = e->ruleset->sets[x->set].key_len;
	key = n <= REGS_BYTES ? regs_at(&e->regs, x->sreg, n) : NULL;
	if (key)
		eval_add(e, x->set, key, n, is_gone);
}

/* Adding never fails but where the set is full; what hangs on the element may. */
enum eval_next eval_dynset(struct eval *e, const struct fw_expr *x)
{
	bool is_gone = x->op == NFT_DYNSET_OP_DELETE;

	if (!is_gone && !has_room(e, x))
		return x->is_inverted ? EVAL_NEXT : EVAL_BREAK;
	put_key(e, x, is_gone);
	if (x->has_unsure_expr)
		return eval_unsure(e, "limit of a dynamic set", true);
	if (is_gone)
		return EVAL_NEXT;
	return x->is_inverted ? EVAL_BREAK : EVAL_NEXT;
}

static bool is_object_found(struct eval *e, const struct fw_expr *x)
{
	struct fw_expr lookup = *x;

	lookup.is_inverted = false;
	lookup.dreg = FW_NO_REG;
	return eval_lookup(e, &lookup) == EVAL_NEXT;
}

enum eval_next eval_objref(struct eval *e, const struct fw_expr *x)
{
	bool is_of_map = x->sreg != FW_NO_REG && x->set != FW_NONE;

	if (is_of_map && !is_object_found(e, x))
		return EVAL_BREAK;
	if (is_idle_object(x->key))
		return EVAL_NEXT;
	if (x->key == NFT_OBJECT_SYNPROXY)
		return eval_synproxy(e, x);
	return eval_unsure(e, is_of_map ? "object of a map" : "named limit or quota", true);
}
