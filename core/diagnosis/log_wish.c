/* Collects what a log line may be about. Judges no line. */
#include "core/diagnosis/log_wish.h"

#include "core/base/time.h"

enum { AROUND_S = 2 }; /* a line may be written before the packet is seen, or after */

void log_wish_begin(struct log_wish *w, const struct evidence *e)
{
	int64_t end_ns = e->window_end_ns ? e->window_end_ns : e->now_ns;

	*w = (struct log_wish){
		.log = {.from_ns = e->window_start_ns - AROUND_S * NS_PER_S,
			.to_ns = end_ns + AROUND_S * NS_PER_S,
			.netns = e->space ? e->space->netns : 0,
			.port = e->target.port,
			.proto = e->target.proto},
	};
	w->log.clients.rows = w->clients;
	w->log.pids = w->pids;
}

void log_wish_client(struct log_wish *w, const struct addr *client)
{
	struct addr a = addr_unmapped(client);
	size_t n = w->log.clients.n;

	for (size_t i = 0; i < n; i++)
		if (addr_equals(&w->clients[i], &a))
			return;
	if (!a.family || n == GROUPS_MAX)
		return;
	w->clients[n] = a;
	w->log.clients.n = n + 1;
}

void log_wish_owner(struct log_wish *w, const struct evidence *e,
		    const struct endpoint *owner)
{
	if (!owner || !owner->n_owners) {
		evidence_log_names(e, &w->names);
		w->log.units = (struct text_list){w->names.units, w->names.n_units};
		w->log.comms = (struct text_list){w->names.comms, w->names.n_comms};
		return;
	}
	for (size_t i = 0; i < owner->n_owners && w->log.n_pids < REQUEST_PIDS_MAX; i++)
		w->pids[w->log.n_pids++] = owner->owners[i]->pid;
	w->log.unit = owner->unit.len ? owner->unit : owner->activates;
	w->log.comm = owner->owners[0]->comm;
}
