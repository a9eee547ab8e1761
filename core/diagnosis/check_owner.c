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

const char *owner_stop_words(const struct process_state *s)
{
	if (s->is_frozen == TRI_YES)
		return "its control group is frozen";
	return s->state == 't' ? "a debugger holds it" : "stopped by a signal";
}

/* A signal wakes neither what is frozen nor what is traced. */
int owner_advise_go_on(const struct check_view *v, struct finding *f,
		       const struct endpoint *e, const struct process_state *s)
{
	static const char risk[] =
		"somebody may have stopped it on purpose: a debugger, a backup, a person";
	const char *unit = text_is_empty(e->unit) ? NULL : view_word(v, e->unit);

	if (s->is_frozen == TRI_YES)
		return finding_advise(
			f, v->arena, unit ? view_text(v, "systemctl thaw %s", unit) : NULL,
			unit ? view_text(v, "systemctl freeze %s", unit) : NULL, risk,
			"thaw its control group");
	if (s->state == 't')
		return finding_advise(
			f, v->arena, view_text(v, "grep TracerPid /proc/%d/status", s->pid),
			NULL, risk, "let its debugger go");
	return finding_advise(f, v->arena, view_text(v, "kill -CONT %d", s->pid),
			      view_text(v, "kill -STOP %d", s->pid), risk, "let it go on");
}
