/* What a comparison does to a rule: match, miss, a question, a near miss. */
#include <string.h>

#include "core/firewall/eval/eval_run.h"

/* What a pick says about an address holds for the rest of the walk. */
static void learn(struct eval *e, const struct compared *c)
{
	struct fw_packet *p = e->packet;

	for (size_t i = 0; i < c->n; i++) {
		const struct octet *o = &c->octets[i];
		bool is_source = o->origin < OCTETS_DESTINATION;
		size_t at = (size_t)o->origin -
			    (is_source ? OCTETS_SOURCE : OCTETS_DESTINATION);
		uint8_t *known = is_source ? p->saddr_known : p->daddr_known;
		uint8_t *bytes = is_source ? p->saddr.bytes : p->daddr.bytes;

		if (!o->origin || !o->unknown)
			continue;
		known[at] |= o->unknown;
		bytes[at] =
			(uint8_t)((bytes[at] & ~o->unknown) | (c->equals[i] & o->unknown));
		e->headers.is_stale = true;
	}
}

/* Of a comparison that held. */
static void note_source(struct eval *e, const struct compared *c)
{
	unsigned prefix = 0;
	bool is_named = false;

	for (size_t i = 0; i < c->n; i++) {
		uint8_t origin = c->octets[i].origin;

		if (origin < OCTETS_SOURCE || origin >= OCTETS_DESTINATION)
			continue;
		is_named = true;
		prefix += (unsigned)__builtin_popcount(c->octets[i].kept);
	}
	if (!is_named)
		return;
	e->hold.names_source = true;
	if (c->equals)
		e->hold.source_prefix = (uint8_t)prefix;
}

static enum eval_next note_near(struct eval *e, const struct compared *c)
{
	uint32_t field = 1U << octets_field(c->octets, c->n);

	if (c->holds == TRI_UNSURE)
		e->unsure |= field;
	else if ((c->holds == TRI_YES) != c->is_negated)
		e->hit |= field;
	else
		e->missed |= field;
	return EVAL_NEXT;
}

void eval_see(const struct eval *e, const struct octet *o, size_t n, const uint8_t *low,
	      const uint8_t *high)
{
	if (e->lookups && e->lookups->cell)
		fw_cell_compared(e->lookups->cell, o, n, low, high);
}

void eval_pin(const struct eval *e, const struct octet *o, size_t n)
{
	if (e->lookups && e->lookups->cell)
		fw_cell_pin(e->lookups->cell, o, n);
}

enum eval_next eval_compared(struct eval *e, const struct compared *c)
{
	enum fw_doubt why = octets_doubt(c->octets, c->n);
	bool holds = c->holds == TRI_YES;

	if (e->is_near)
		return note_near(e, c);
	if (c->holds == TRI_UNSURE) {
		uint64_t question = octets_question(c->octets, c->n, c->data, c->data_len);

		holds = eval_ask(e, doubt_words(why), c->prefers, c->is_negated,
				 doubt_is_stable(why) ? question : 0);
		if (e->is_stuck)
			return EVAL_BREAK;
		if (holds && c->equals)
			learn(e, c);
	}
	if (holds && !c->is_negated)
		note_source(e, c);
	return holds != c->is_negated ? EVAL_NEXT : EVAL_BREAK;
}

enum eval_next eval_unsure(struct eval *e, const char *why, bool prefers)
{
	return eval_ask(e, why, prefers, false, 0) ? EVAL_NEXT : EVAL_BREAK;
}

enum eval_next eval_store(struct eval *e, uint8_t word, const void *bytes, size_t n,
			  enum fw_field field)
{
	struct octet octets[REGS_BYTES];

	if (n > REGS_BYTES)
		return EVAL_BREAK;
	octets_set(octets, bytes, n, field);
	regs_store(&e->regs, word, octets, n);
	return EVAL_NEXT;
}

enum eval_next eval_store_u8(struct eval *e, uint8_t word, uint8_t value,
			     enum fw_field field)
{
	return eval_store(e, word, &value, sizeof(value), field);
}

enum eval_next eval_store_unknown(struct eval *e, uint8_t word, size_t n, enum fw_doubt why,
				  enum fw_field field)
{
	struct octet octets[REGS_BYTES];

	if (n > REGS_BYTES)
		return EVAL_BREAK;
	memset(octets, 0, sizeof(octets));
	octets_hide(octets, n, why);
	octets_name(octets, n, eval_name(e));
	for (size_t i = 0; i < n; i++)
		octets[i].field = (uint8_t)field;
	regs_store(&e->regs, word, octets, n);
	return EVAL_NEXT;
}

enum eval_next eval_done(struct eval *e, int32_t verdict)
{
	e->verdict = verdict;
	return EVAL_DONE;
}
