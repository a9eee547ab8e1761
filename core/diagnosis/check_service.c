/* The service behind the socket, as several checks ask of it. Finds no fault itself. */
#include "core/diagnosis/check_service.h"

#include "core/diagnosis/check_help.h"
#include "core/diagnosis/check_owner.h"

const struct endpoint *service_endpoint(const struct check_view *v)
{
	const struct endpoint *e = NULL;
	enum tri served = TRI_UNSURE;

	view_socket(v, &served, &e);
	return served == TRI_YES ? e : NULL;
}

bool service_is_exhausted(const struct process_state *s)
{
	return s->n_fds >= 0 && s->fd_limit > 0 && s->n_fds >= s->fd_limit;
}

enum tri service_owners_are(const struct check_view *v, const struct endpoint *e,
			    bool (*like)(const struct process_state *s),
			    const struct process_state **first)
{
	size_t n_like = 0, n_known = 0;

	for (size_t i = 0; i < e->n_owners; i++) {
		const struct process_state *s = view_owner_state(v, e->owners[i]);

		if (!s)
			continue;
		n_known++;
		if (!like(s))
			return TRI_NO;
		if (!n_like++)
			*first = s;
	}
	return n_known && n_like == e->n_owners && e->owners_state == OWNERS_COMPLETE
		       ? TRI_YES
		       : TRI_UNSURE;
}

static void take_fuller(struct queue *q, const struct socket_row *s)
{
	if (s->queue_length == QUEUE_UNKNOWN ||
	    (q->length != QUEUE_UNKNOWN && s->queue_length < q->length))
		return;
	*q = (struct queue){
		.length = s->queue_length, .limit = s->queue_limit, .drops = s->drops};
}

struct queue service_queue(const struct check_view *v, const struct endpoint *e)
{
	struct queue q = {.length = QUEUE_UNKNOWN, .limit = QUEUE_UNKNOWN};

	for (size_t i = 0; i < e->n_sockets; i++) {
		const struct socket_row *s = evidence_socket_after(v->e, e->sockets[i]);

		if (s)
			take_fuller(&q, s);
	}
	return q.length == QUEUE_UNKNOWN ? e->queue : q;
}

bool service_queue_is_full(const struct queue *q)
{
	return q->length != QUEUE_UNKNOWN && q->limit != QUEUE_UNKNOWN &&
	       q->length > q->limit;
}

int service_prove_queue(const struct check_view *v, struct finding *f,
			const struct queue *q)
{
	if (q->length == QUEUE_UNKNOWN)
		return 0;
	return finding_prove(f, v->arena, "sock_diag", true, "ss -tln",
			     "%u connections wait to be accepted, the queue takes %u",
			     q->length, q->limit + 1);
}

static const char *events_command(const struct check_view *v, const struct process_state *s,
				  const char *file)
{
	return view_text(v, "cat /sys/fs/cgroup$(sed -n s/^0:://p /proc/%d/cgroup)/%s",
			 s->pid, file);
}

static int prove_limits_of(const struct check_view *v, struct finding *f,
			   const struct process_state *s)
{
	int error = 0;

	if (s->n_killed > 0)
		error = finding_prove(f, v->arena, "processes", false,
				      events_command(v, s, "memory.events"),
				      "for want of memory the kernel killed %lld process%s "
				      "of its control group since that began",
				      (long long)s->n_killed, s->n_killed == 1 ? "" : "es");
	if (!error && s->n_refused_forks > 0)
		error = finding_prove(f, v->arena, "processes", false,
				      events_command(v, s, "pids.events"),
				      "its control group had as many processes as it may: "
				      "%lld fork%s failed since it began",
				      (long long)s->n_refused_forks,
				      s->n_refused_forks == 1 ? "" : "s");
	return error;
}

/* The owners of one service share a group as a rule: the first that knows is told. */
int service_prove_limits(const struct check_view *v, struct finding *f,
			 const struct endpoint *e)
{
	for (size_t i = 0; i < e->n_owners; i++) {
		const struct process_state *s = view_owner_state(v, e->owners[i]);

		if (s && (s->n_killed > 0 || s->n_refused_forks > 0))
			return prove_limits_of(v, f, s);
	}
	return 0;
}

bool service_is_explained(const struct check_view *v, const struct endpoint *e)
{
	const struct process_state *s = NULL;

	return service_owners_are(v, e, owner_is_stopped, &s) == TRI_YES ||
	       service_owners_are(v, e, service_is_exhausted, &s) == TRI_YES;
}
