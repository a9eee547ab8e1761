/* Several sockets serve one port together (SO_REUSEPORT): one of them may hang alone. */
#include "core/diagnosis/check_owner.h"

/* A member of the endpoint that nobody empties. */
struct member {
	const struct socket_row *socket;
	const struct process_state *owner;
	uint32_t n_waiting;
};

static uint32_t waiting_after(const struct check_view *v, const struct socket_row *s)
{
	const struct socket_row *after = evidence_socket_after(v->e, s);

	return after ? after->queue_length : s->queue_length;
}

/* The stopped process that alone holds this socket; NULL: there is none, or another holds
 * it too. */
static const struct process_state *stopped_holder(const struct check_view *v,
						  const struct socket_row *s)
{
	const struct owner_table *t = v->e->snapshot->owners;
	const struct process_state *found = NULL;
	const struct owner_link *links;
	size_t n = t ? owners_of(t, s->inode, &links) : 0;

	for (size_t i = 0; i < n; i++) {
		const struct process_state *p =
			view_owner_state(v, &t->processes[links[i].process]);

		if (!p || !owner_is_stopped(p))
			return NULL;
		found = p;
	}
	return found;
}

/* Members that go on; *dead: one that does not, with connections waiting for it. */
static size_t n_living(const struct check_view *v, const struct endpoint *e,
		       struct member *dead)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n_sockets; i++) {
		const struct socket_row *s = e->sockets[i];
		const struct process_state *p = stopped_holder(v, s);
		uint32_t n_waiting = waiting_after(v, s);

		n += !p;
		if (p && n_waiting && n_waiting != QUEUE_UNKNOWN)
			*dead = (struct member){s, p, n_waiting};
	}
	return n;
}

int check_member_dead(const struct check_view *v, struct finding *f)
{
	const struct endpoint *e = NULL;
	struct member dead = {0};
	enum tri served = TRI_UNSURE;
	int error;

	view_socket(v, &served, &e);
	if (served != TRI_YES || !e || !endpoint_is_stream(e) || e->n_sockets < 2)
		return CERTAINTY_NONE;
	if (!n_living(v, e, &dead) || !dead.socket)
		return CERTAINTY_NONE;
	f->position = AT_QUEUE;
	f->endpoint = e;
	f->explains_silence = true;
	error = finding_say(f, v->arena,
			    "%s: one of %zu sockets that share it hangs: process %d is %s",
			    view_port(v), e->n_sockets, dead.owner->pid,
			    dead.owner->is_frozen == TRI_YES ? "frozen" : "stopped");
	if (!error)
		error = finding_prove(f, v->arena, "sock_diag", true, "ss -tlnpe",
				      "%u connections wait at the socket of process %d "
				      "(inode %u), whose state is %c (%s)",
				      dead.n_waiting, dead.owner->pid, dead.socket->inode,
				      dead.owner->state, owner_stop_words(dead.owner));
	if (!error)
		error = owner_advise_go_on(v, f, e, dead.owner);
	if (!error)
		error = finding_advise(f, v->arena, NULL, NULL, NULL,
				       "or end it: the kernel gives its share of the "
				       "clients to the others then");
	return error ? error : CERTAINTY_PROVEN;
}
