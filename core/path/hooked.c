/*
 * What is registered at a hook besides the rules: BPF programs, modules of others. Their
 * code is not followed: where one may stop the packet it is not known whether it does.
 */
#include "core/firewall/hooks.h"
#include "core/path/walking.h"

/* Once on a leg, also where a hook is run in two halves. */
void walking_mind_hooked(struct walking *k, enum place_kind place, enum fw_hook hook)
{
	const struct fw_hook_list *list =
		hooks_at(k->world->rules, hook, (uint8_t)k->packet.saddr.family);

	/* Those of IP are not asked there. */
	if (k->packet.is_at_bridge)
		return;
	for (size_t i = 0; list && i < list->n; i++) {
		const char *doubt = list->rows[i].doubt;
		struct path_hop *h;

		if (!doubt || leg_is_noted(k->leg, NO_ROW, doubt))
			continue;
		h = walking_hop(k, place);
		h->outcome = HOP_UNSURE;
		h->why = doubt;
		walking_doubt(k, NO_ROW, doubt);
	}
}
