/* Rows of boxes under conditions: alternatives and their product. Reads no expressions. */
#include "core/firewall/box/box_build.h"

#include <stdlib.h>

void ways_start(struct ways *w)
{
	w->n = 0;
	w->is_overfull = false;
}

static void widen(struct box *to, const struct box *by)
{
	to->families |= by->families;
	to->states |= by->states;
	to->needs &= by->needs;
	for (size_t i = 0; i < N_BOX_FIELDS; i++)
		to->fields[i] = span_hull(&to->fields[i], &by->fields[i]);
}

void ways_add(struct ways *w, const struct box *b)
{
	if (w->n || w->is_overfull)
		widen(&w->hull, b);
	else
		w->hull = *b;
	if (w->n == BOXES_MAX)
		w->is_overfull = true;
	else
		w->rows[w->n++] = *b;
}

void ways_add_span(struct ways *w, enum box_field field, const struct span *s)
{
	struct box b = box_all(BOX_FAMILIES);

	b.fields[field] = *s;
	ways_add(w, &b);
}

static int compare_lows(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return wide_compare(x->low, y->low);
}

bool ways_turn(struct ways *w, enum box_field field)
{
	struct span spans[BOXES_MAX], gap = span_all();
	size_t n = w->n;

	if (w->is_overfull)
		return false;
	for (size_t i = 0; i < n; i++)
		spans[i] = w->rows[i].fields[field];
	qsort(spans, n, sizeof(*spans), compare_lows);
	ways_start(w);
	for (size_t i = 0; i < n; i++) {
		if (wide_compare(gap.low, spans[i].low) < 0) {
			gap.high = wide_before(spans[i].low);
			ways_add_span(w, field, &gap);
		}
		if (wide_compare(spans[i].high, gap.low) < 0)
			continue;
		gap.low = wide_after(spans[i].high);
		if (!gap.low.top && !gap.low.bottom)
			return !w->is_overfull;
	}
	gap.high = span_all().high;
	ways_add_span(w, field, &gap);
	return !w->is_overfull;
}

/* Every row with every way; false: they are too many. */
static bool multiply(const struct rule_boxes *from, const struct ways *w, struct ways *out)
{
	struct box common;

	ways_start(out);
	for (size_t i = 0; i < from->n; i++) {
		for (size_t k = 0; k < w->n; k++) {
			if (box_common(&from->rows[i], &w->rows[k], &common))
				ways_add(out, &common);
			if (out->is_overfull)
				return false;
		}
	}
	return true;
}

static void narrow_to(struct rule_boxes *out, const struct box *hull)
{
	size_t n = 0;

	for (size_t i = 0; i < out->n; i++)
		if (box_common(&out->rows[i], hull, &out->rows[n]))
			n++;
	out->n = n;
}

void build_narrow(struct build *b, const struct ways *w)
{
	struct ways product;

	if (w->n == 1 && !w->is_overfull) {
		narrow_to(b->out, &w->rows[0]);
	} else if (!w->is_overfull && multiply(b->out, w, &product)) {
		for (size_t i = 0; i < product.n; i++)
			b->out->rows[i] = product.rows[i];
		b->out->n = product.n;
	} else {
		narrow_to(b->out, &w->hull);
		build_lose(b);
	}
}

static void narrow_one(struct build *b, const struct box *one)
{
	narrow_to(b->out, one);
}

void build_narrow_states(struct build *b, uint8_t states)
{
	struct box one = box_all(BOX_FAMILIES);

	one.states = states & BOX_STATES;
	narrow_one(b, &one);
}

void build_narrow_families(struct build *b, uint8_t families)
{
	struct box one = box_all(families);

	narrow_one(b, &one);
}

void build_need(struct build *b, uint8_t needs)
{
	for (size_t i = 0; i < b->out->n; i++)
		b->out->rows[i].needs |= needs;
}

void build_lose(struct build *b)
{
	b->out->is_exact = false;
}

void build_lack(struct build *b, struct text name)
{
	build_lose(b);
	if (text_is_empty(b->out->lack))
		b->out->lack = text_is_empty(name) ? text_of("expression") : name;
}

void build_effect(struct build *b, enum box_effect e)
{
	b->out->effect = e;
}
