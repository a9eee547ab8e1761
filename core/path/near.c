/* Rules that would have let a leg go on but for one field of its packet. */
#include "core/path/walking.h"

size_t path_near_misses(const struct path_world *w, const struct path_leg *leg,
			struct fw_near *out, size_t room)
{
	struct path asked = {.n_needs = 0};
	struct walking k = {.world = w, .path = &asked};
	struct fw_lookups lookups = world_lookups(&k);
	bool is_stopped = leg->verdict == PATH_DROP || leg->verdict == PATH_REJECT;

	if (!leg->is_walked || !is_stopped || !w->rules || leg->chain == NO_ROW)
		return 0;
	return firewall_near_misses(w->rules, leg->chain, &leg->met, &lookups, out, room);
}
