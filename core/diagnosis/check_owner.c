/* What is known of the processes that hold a socket. Finds no fault itself. */
#include "core/diagnosis/check_owner.h"

const struct process_state *view_owner_state(const struct check_view *v,
					     const struct process_row *p)
{
	const struct process_state *s =
		v->e->processes ? process_states_find(v->e->processes, p->pid) : NULL;

	return s && !s->error && s->start_ticks == p->start_ticks ? s : NULL;
}

bool owner_is_stopped(const struct process_state *s)
{
	return s->state == 'T' || s->state == 't' || s->is_frozen == TRI_YES;
}
