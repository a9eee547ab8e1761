/* Boxes among themselves: inside, meeting, what is left. Knows no rules. */
#include "core/firewall/box/box.h"

struct box box_all(uint8_t families)
{
	struct box b = {.families = families, .states = BOX_STATES};

	for (size_t i = 0; i < N_BOX_FIELDS; i++)
		b.fields[i] = span_all();
	return b;
}

/* Where the outer one needs what the inner one does not, there are packets that only the
 * inner one has. */
bool box_holds(const struct box *outer, const struct box *inner)
{
	if ((inner->families & ~outer->families) || (inner->states & ~outer->states) ||
	    (outer->needs & ~inner->needs))
		return false;
	for (size_t i = N_BOX_FIELDS; i-- > 0;)
		if (!span_holds(&outer->fields[i], &inner->fields[i]))
			return false;
	return true;
}

bool box_meets(const struct box *a, const struct box *b)
{
	/* What differs most often first. */
	if (!span_meets(&a->fields[BOX_PORT], &b->fields[BOX_PORT]) ||
	    !(a->families & b->families) || !(a->states & b->states))
		return false;
	for (size_t i = 0; i < BOX_PORT; i++)
		if (!span_meets(&a->fields[i], &b->fields[i]))
			return false;
	return true;
}

bool box_common(const struct box *a, const struct box *b, struct box *out)
{
	struct box c = {.families = a->families & b->families,
			.states = a->states & b->states,
			.needs = a->needs | b->needs};

	if (!box_meets(a, b))
		return false;
	for (size_t i = 0; i < N_BOX_FIELDS; i++)
		c.fields[i] = span_common(&a->fields[i], &b->fields[i]);
	*out = c;
	return true;
}

/* Cuts what lies beside the span off into pieces; the rest stays. */
static size_t cut_span(struct box *rest, size_t field, const struct span *keep,
		       struct box *out)
{
	struct span *s = &rest->fields[field];
	size_t n = 0;

	if (wide_compare(s->low, keep->low) < 0) {
		out[n] = *rest;
		out[n++].fields[field].high = wide_before(keep->low);
		s->low = keep->low;
	}
	if (wide_compare(keep->high, s->high) < 0) {
		out[n] = *rest;
		out[n++].fields[field].low = wide_after(keep->high);
		s->high = keep->high;
	}
	return n;
}

size_t box_subtract(const struct box *from, const struct box *minus,
		    struct box out[BOX_PIECES_MAX])
{
	struct box rest = *from;
	size_t n = 0;

	if (!box_meets(from, minus) || (minus->needs & ~from->needs)) {
		out[0] = *from;
		return 1;
	}
	if (rest.families & ~minus->families) {
		out[n] = rest;
		out[n++].families = (uint8_t)(rest.families & ~minus->families);
		rest.families &= minus->families;
	}
	if (rest.states & ~minus->states) {
		out[n] = rest;
		out[n++].states = (uint8_t)(rest.states & ~minus->states);
		rest.states &= minus->states;
	}
	for (size_t i = 0; i < N_BOX_FIELDS; i++)
		n += cut_span(&rest, i, &minus->fields[i], out + n);
	return n;
}

struct span box_value(const void *bytes, size_t n)
{
	return (struct span){wide_of_bytes(bytes, n), wide_filled(bytes, n)};
}
