/* Questions to the lists of hooked functions. Decodes nothing. */
#include "core/firewall/hooks.h"

#include <linux/netfilter.h>

const struct fw_hook_list *hooks_at(const struct ruleset *r, enum fw_hook hook,
				    uint8_t family)
{
	size_t at = (size_t)hook;

	if (!r->hook_lists || hook > FW_POSTROUTING ||
	    (family != NFPROTO_IPV4 && family != NFPROTO_IPV6))
		return NULL;
	if (family == NFPROTO_IPV6)
		at += FW_HOOK_LISTS / 2;
	return &r->hook_lists[at];
}

/* From 1; 0: there is none. */
static size_t place_of(const struct fw_hook_list *list, enum fw_hooked_kind kind)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->rows[i].kind == kind)
			return i + 1;
	return 0;
}

enum tri hooks_chain_precedes(const struct ruleset *r, uint32_t chain, uint8_t family,
			      enum fw_hooked_kind kind)
{
	const struct fw_chain *c = &r->chains[chain];
	const struct fw_hook_list *list = hooks_at(r, c->hook, family);
	uint16_t own = c->places[family == NFPROTO_IPV6];
	size_t other = list && own ? place_of(list, kind) : 0;

	if (!other)
		return TRI_UNSURE;
	return own < other ? TRI_YES : TRI_NO;
}

static void note_tracking(const struct ruleset *r, uint8_t family, enum tri *tracks)
{
	const struct fw_hook_list *list = hooks_at(r, FW_PREROUTING, family);

	if (list && list->is_told)
		*tracks = place_of(list, FW_HOOKED_TRACKING) ? TRI_YES : TRI_NO;
}

void hooks_note_tracking(struct ruleset *r)
{
	note_tracking(r, NFPROTO_IPV4, &r->tracks_v4);
	note_tracking(r, NFPROTO_IPV6, &r->tracks_v6);
}

/* The nat of iptables-legacy is run by the same functions as that of nf_tables. */
bool hooks_rule_out_legacy(const struct ruleset *r, uint8_t family)
{
	for (enum fw_hook hook = FW_PREROUTING; hook <= FW_POSTROUTING; hook++) {
		const struct fw_hook_list *list = hooks_at(r, hook, family);

		if (!list || !list->is_told || place_of(list, FW_HOOKED_LEGACY) ||
		    place_of(list, FW_HOOKED_NAT))
			return false;
	}
	return true;
}

bool hooks_doubts(const struct ruleset *r, const char *doubt)
{
	for (size_t i = 0; r && r->hook_lists && i < FW_HOOK_LISTS; i++)
		for (size_t k = 0; k < r->hook_lists[i].n; k++)
			if (r->hook_lists[i].rows[k].doubt == doubt)
				return true;
	return false;
}

static bool is_same_row(const struct fw_hooked *a, const struct fw_hooked *b)
{
	return a->kind == b->kind && a->priority == b->priority && a->chain == b->chain &&
	       a->program == b->program && text_equals(a->function, b->function) &&
	       text_equals(a->module, b->module) && !a->doubt == !b->doubt;
}

static bool is_same_list(const struct fw_hook_list *a, const struct fw_hook_list *b)
{
	if (a->is_told != b->is_told || a->is_ordered != b->is_ordered || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!is_same_row(&a->rows[i], &b->rows[i]))
			return false;
	return true;
}

bool hooks_are_same(const struct ruleset *a, const struct ruleset *b)
{
	if (!a->hook_lists || !b->hook_lists)
		return !a->hook_lists && !b->hook_lists;
	for (size_t i = 0; i < FW_HOOK_LISTS; i++)
		if (!is_same_list(&a->hook_lists[i], &b->hook_lists[i]))
			return false;
	return true;
}
