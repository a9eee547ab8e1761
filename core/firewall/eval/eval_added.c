/*
 * What rules put into sets while this very packet is looked at: later rules find it there.
 * Knows no element that was there before.
 */
#include "core/firewall/eval/eval_run.h"

/* A known key is the same wherever it came from. */
static uint64_t key_of(const struct octet *key, size_t n, bool is_known)
{
	uint8_t bytes[REGS_BYTES];

	if (!is_known)
		return octets_question(key, n, NULL, 0);
	octets_values(key, n, bytes);
	return octets_question(NULL, 0, bytes, n);
}

static bool is_known(const struct octet *key, size_t n)
{
	return octets_doubt(key, n) == FW_DOUBT_NOTHING;
}

void eval_add(struct eval *e, uint32_t set, const struct octet *key, size_t n,
	      bool is_unsure)
{
	struct fw_packet *p = e->packet;

	if (e->is_near || n > REGS_BYTES)
		return;
	if (p->n_added < FW_ADDED_MAX)
		p->added[p->n_added] = (struct fw_added){
			.key = key_of(key, n, is_known(key, n)),
			.set = set,
			.is_known = is_known(key, n),
			.is_unsure = is_unsure,
		};
	if (p->n_added <= FW_ADDED_MAX)
		p->n_added++;
}

enum tri eval_is_added(const struct eval *e, uint32_t set, const struct octet *key,
		       size_t n)
{
	const struct fw_packet *p = e->packet;
	enum tri found = p->n_added > FW_ADDED_MAX ? TRI_UNSURE : TRI_NO;

	if (!p->n_added || n > REGS_BYTES)
		return TRI_NO;
	for (size_t i = 0; i < p->n_added && i < FW_ADDED_MAX; i++) {
		const struct fw_added *a = &p->added[i];
		bool knows_both = a->is_known && is_known(key, n);
		bool is_same = a->is_known == is_known(key, n) &&
			       a->key == key_of(key, n, a->is_known);

		if (a->set != set || (knows_both && !is_same))
			continue;
		found = is_same && !a->is_unsure && found == TRI_NO ? TRI_YES : TRI_UNSURE;
	}
	return found;
}
