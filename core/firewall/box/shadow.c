/* Each chain from its first rule on: what earlier rules certainly decide is taken out of
 * what a rule can match. */
#include "core/firewall/box/shadow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/firewall/box/reach.h"
#include "core/firewall/box/shadow_index.h"

/* Bounds of what is tried; beyond them nothing is said. */
enum {
	UNION_COVERS = 128,
	FRAGMENTS_MAX = 128,
	SHARE_BITS = 6,
	LOOKS_MAX = 200 * 1000 * 1000
};

const char *shadow_words(enum shadow_kind k)
{
	static const char *const words[N_SHADOW_KINDS] = {
#define X(name, words) [SHADOW_##name] = words,
		SHADOWS(X)
#undef X
	};

	return words[k];
}

struct shading {
	const struct ruleset *r;
	struct shadow *out;
	struct cover_index index;
	struct rule_boxes boxes; /* of the rule that is looked at */
	bool *changes;           /* chains in which a rule may change the packet */
	struct box pieces[2][FRAGMENTS_MAX];
	/* Of the rule that is looked at: what covers it. */
	uint32_t first, n_by;
	bool has_other, has_leaving, is_same_box;
	int error;
};

/* Ends the packet's way in the chain wherever it matches. */
static bool is_final(enum box_effect e)
{
	switch (e) {
	case BOX_DOES_ACCEPT:
	case BOX_DOES_DROP:
	case BOX_DOES_REJECT:
	case BOX_DOES_RETURN:
	case BOX_DOES_GOTO:
	case BOX_DOES_NAT:
	case BOX_DOES_QUEUE:
		return true;
	case BOX_DOES_NONE:
	case BOX_DOES_JUMP:
	case BOX_DOES_UNKNOWN:
		break;
	}
	return false;
}

static bool is_leaving(enum box_effect e)
{
	return e == BOX_DOES_RETURN || e == BOX_DOES_GOTO || e == BOX_DOES_QUEUE;
}

/* Two translations are not the same for being translations. */
static bool is_same_effect(const struct shading *s, const struct cover *c)
{
	return c->effect == s->boxes.effect &&
	       (c->effect == BOX_DOES_ACCEPT || c->effect == BOX_DOES_DROP ||
		c->effect == BOX_DOES_RETURN);
}

static void note_cover(struct shading *s, const struct cover *c)
{
	if (s->first == FW_NONE || c->rule < s->first)
		s->first = c->rule;
	s->n_by++;
	s->has_other |= !is_same_effect(s, c);
	s->has_leaving |= is_leaving(c->effect);
}

/* What is left of the pieces outside of c; false: too many pieces. */
static bool take_away(struct shading *s, size_t *n, unsigned *side, const struct cover *c)
{
	struct box *from = s->pieces[*side], *to = s->pieces[!*side];
	struct box cut[BOX_PIECES_MAX];
	size_t n_to = 0;
	bool has_met = false;

	for (size_t i = 0; i < *n; i++) {
		bool meets =
			box_meets(&from[i], &c->box) && !(c->box.needs & ~from[i].needs);
		size_t n_cut = box_subtract(&from[i], &c->box, cut);

		has_met |= meets;
		if (n_to + n_cut > FRAGMENTS_MAX)
			return false;
		memcpy(to + n_to, cut, n_cut * sizeof(*cut));
		n_to += n_cut;
	}
	if (has_met) {
		note_cover(s, c);
		*n = n_to;
		*side = !*side;
	}
	return true;
}

/* So small a part of the box that a great many like it would be needed? */
static bool is_crumb(const struct box *b, const struct box *cover)
{
	for (size_t i = 0; i < N_BOX_FIELDS; i++) {
		unsigned whole = span_shared_bits(&b->fields[i]);

		if (span_shared_bits(&cover->fields[i]) > whole + SHARE_BITS &&
		    !span_holds(&cover->fields[i], &b->fields[i]))
			return true;
	}
	return false;
}

/* Several earlier rules together. */
static bool is_covered_together(struct shading *s, const struct box *b)
{
	size_t n = 1, n_covers = s->index.covers.n;
	unsigned side = 0;

	s->pieces[0][0] = *b;
	for (size_t i = 0; i < n_covers && i < UNION_COVERS; i++) {
		const struct cover *c = vec_at(&s->index.covers, i);

		s->index.n_looks++;
		if (!box_meets(b, &c->box) || is_crumb(b, &c->box))
			continue;
		if (!take_away(s, &n, &side, c))
			return false;
		if (!n)
			return true;
	}
	return false;
}

static bool is_covered(struct shading *s, const struct box *b)
{
	uint32_t row = cover_find(&s->index, b);
	const struct cover *c;

	if (row == FW_NONE)
		return is_covered_together(s, b);
	c = vec_at(&s->index.covers, row);
	if (c->rule != s->first)
		note_cover(s, c);
	s->is_same_box &= c->n_boxes == s->boxes.n && box_holds(b, &c->box);
	return true;
}

static enum shadow_kind kind_of_cover(const struct shading *s)
{
	bool decides = s->boxes.effect == BOX_DOES_ACCEPT ||
		       s->boxes.effect == BOX_DOES_DROP ||
		       s->boxes.effect == BOX_DOES_REJECT;

	if (!s->has_other)
		return s->n_by == 1 && s->boxes.is_exact && s->is_same_box
			       ? SHADOW_DUPLICATE
			       : SHADOW_SAME_EFFECT;
	if (s->has_leaving || !(decides || s->boxes.effect == BOX_DOES_NAT))
		return SHADOW_NEVER_REACHED;
	return SHADOW_SHADOWED;
}

static void judge(struct shading *s, uint32_t rule)
{
	struct shadow *out = &s->out[rule];

	s->first = FW_NONE;
	s->n_by = 0;
	s->has_other = s->has_leaving = false;
	s->is_same_box = true;
	if (!s->boxes.n) {
		out->kind = SHADOW_CONTRADICTORY;
		return;
	}
	for (size_t i = 0; i < s->boxes.n; i++)
		if (s->index.n_looks > LOOKS_MAX || !is_covered(s, &s->boxes.rows[i]))
			return;
	*out = (struct shadow){kind_of_cover(s), s->first, s->n_by};
}

static void remember(struct shading *s, uint32_t rule)
{
	struct cover c = {
		.rule = rule, .n_boxes = (uint32_t)s->boxes.n, .effect = s->boxes.effect};

	if (!s->boxes.is_exact || !is_final(s->boxes.effect))
		return;
	for (size_t i = 0; i < s->boxes.n && !s->error; i++) {
		c.box = s->boxes.rows[i];
		s->error = cover_add(&s->index, &c);
	}
}

static void note_change(void *arg, uint32_t chain)
{
	struct shading *s = arg;

	s->boxes.changes |= s->changes[chain];
}

static void shade_chain(struct shading *s, const struct fw_chain *c)
{
	cover_reset(&s->index);
	for (uint32_t i = c->first_rule; i < c->first_rule + c->n_rules && !s->error; i++) {
		box_rule(s->r, &s->r->rules[i], BOX_TIMELESS, &s->boxes);
		judge(s, i);
		if (s->out[i].kind == SHADOW_NONE)
			remember(s, i);
		reach_targets(s->r, &s->r->rules[i], note_change, s);
		/* Later rules see another packet than the earlier ones saw. */
		if (s->boxes.changes && s->out[i].kind == SHADOW_NONE)
			cover_reset(&s->index);
	}
}

/* ---- chains in which the packet may be changed ---- */

struct spreading {
	const bool *changes;
	bool hit;
};

static void note_hit(void *arg, uint32_t chain)
{
	struct spreading *s = arg;

	s->hit |= s->changes[chain];
}

static bool changes_itself(struct shading *s, const struct fw_rule *rule)
{
	box_rule(s->r, rule, BOX_TIMELESS, &s->boxes);
	return s->boxes.changes;
}

/* A chain changes what a chain that it leads to changes. */
static bool spread_once(struct shading *s)
{
	bool has_grown = false;

	for (uint32_t i = 0; i < s->r->n_chains; i++) {
		const struct fw_chain *c = &s->r->chains[i];
		struct spreading spreading = {.changes = s->changes};

		for (uint32_t k = 0; k < c->n_rules && !s->changes[i] && !spreading.hit;
		     k++)
			reach_targets(s->r, &s->r->rules[c->first_rule + k], note_hit,
				      &spreading);
		has_grown |= spreading.hit;
		s->changes[i] |= spreading.hit;
	}
	return has_grown;
}

static void find_changes(struct shading *s)
{
	bool has_any = false;

	for (uint32_t i = 0; i < s->r->n_rules; i++) {
		if (changes_itself(s, &s->r->rules[i])) {
			s->changes[s->r->rules[i].chain] = true;
			has_any = true;
		}
	}
	for (int depth = 0; has_any && depth < 32 && spread_once(s); depth++)
		;
}

/* ---- all ---- */

static void mark_unreachable(struct shading *s, const uint8_t *hooks)
{
	for (uint32_t i = 0; i < s->r->n_rules; i++)
		if (!hooks[s->r->rules[i].chain])
			s->out[i] = (struct shadow){SHADOW_UNREACHABLE, FW_NONE, 0};
}

int shadow_find(const struct ruleset *r, struct shadow *out)
{
	struct shading *s = calloc(1, sizeof(*s));
	uint8_t *hooks = calloc(r->n_chains + 1, sizeof(*hooks));
	bool *changes = calloc(r->n_chains + 1, sizeof(*changes));
	int error = s && hooks && changes ? reach_hooks(r, hooks) : -ENOMEM;

	for (size_t i = 0; i < r->n_rules; i++)
		out[i] = (struct shadow){.by = FW_NONE};
	if (!error) {
		s->r = r;
		s->out = out;
		s->changes = changes;
		cover_init(&s->index);
		find_changes(s);
		for (uint32_t i = 0; i < r->n_chains && !s->error; i++)
			shade_chain(s, &r->chains[i]);
		mark_unreachable(s, hooks);
		error = s->error;
		cover_release(&s->index);
	}
	free(s);
	free(hooks);
	free(changes);
	return error;
}
