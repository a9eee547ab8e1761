/* The accept queue: does the service take connections as fast as they come? */
#include "core/base/time.h"
#include "core/diagnosis/check_help.h"
#include "core/diagnosis/check_service.h"
#include "core/diagnosis/sight.h"

static int advise_queue(const struct check_view *v, struct finding *f,
			const struct queue *q)
{
	return finding_advise(
		f, v->arena, NULL, NULL, NULL,
		"find out why the service accepts too slowly (a stuck or busy thread, too "
		"few workers); a larger queue than %u (its listen() backlog, and "
		"net.core.somaxconn) buys seconds when accepts stay below arrivals",
		q->limit);
}

/* It got nothing, and had its time. */
static bool is_turned_away(const struct evidence *e, const struct attempt *a)
{
	return !a->n_syn_acks && !a->n_icmp && a->outcome != OUTCOME_REFUSED &&
	       sight_has_failed(e, a);
}

/* Some got nothing, or their ACK was dropped and the SYN-ACK came again. */
static bool has_overflowed(const struct check_view *v)
{
	for (size_t i = 0; i < v->sight.n; i++) {
		const struct attempt *a = attempts_at(v->e->attempts, v->sight.rows[i]);

		if (a->n_syn_acks > 1 && a->server_bytes == BYTES_NONE)
			return true;
		if (is_turned_away(v->e, a))
			return true;
	}
	return false;
}

/* One place came free by an accept of this moment, and the kernel turned connections of
 * this very socket away before. */
static bool has_turned_away(const struct endpoint *e, const struct queue *q,
			    int64_t overflows)
{
	return overflows > 0 && q->length != QUEUE_UNKNOWN && q->limit != QUEUE_UNKNOWN &&
	       q->length >= q->limit && q->drops != QUEUE_UNKNOWN &&
	       q->drops > e->queue.drops;
}

static double window_s(const struct check_view *v)
{
	return (double)(v->e->window_end_ns - v->e->window_start_ns) / NS_PER_S;
}

/* Where all that came to this address were seen. */
static int prove_rates(const struct check_view *v, struct finding *f)
{
	double seconds = window_s(v);
	struct sightings s;
	double n_lost = 0;

	evidence_sight_at(v->e, &v->walk->server, &s);
	if (seconds < 1 || s.n < 2 || s.n != s.n_all || v->e->target.client.family ||
	    sight_is_lossy(v->e))
		return 0;
	for (size_t i = 0; i < s.n; i++)
		n_lost += is_turned_away(v->e, attempts_at(v->e->attempts, s.rows[i]));
	return finding_prove(f, v->arena, "capture", true, NULL,
			     "%.1f of %.1f connections a second got nothing",
			     n_lost / seconds, (double)s.n / seconds);
}

/* What came into its queue is at most what came into all of them; what is no more in it was
 * accepted. */
static int prove_accepts(const struct check_view *v, struct finding *f,
			 const struct endpoint *e, const struct queue *q)
{
	int64_t opened = evidence_delta(v->e, "Tcp.PassiveOpens"), accepted;
	const char *rate;

	if (opened < 0 || window_s(v) < 1 || e->n_sockets != 1 ||
	    e->queue.length == QUEUE_UNKNOWN || q->length == QUEUE_UNKNOWN)
		return 0;
	accepted = opened + (int64_t)e->queue.length - (int64_t)q->length;
	rate = accepted > 0 ? view_text(v, "at most %lld (%.1f a second)",
					(long long)accepted, (double)accepted / window_s(v))
			    : "none";
	return finding_prove(f, v->arena, "counters", true, "nstat -az TcpPassiveOpens",
			     "%s accepted %s in %.1f s: its queue held %u and then %u, and "
			     "+%lld handshakes were completed on this host",
			     view_owner(v, e), rate, window_s(v), e->queue.length,
			     q->length, (long long)opened);
}

/* Of the whole network namespace, and of this socket alone. */
static int prove_overflows(const struct check_view *v, struct finding *f,
			   const struct endpoint *e, const struct queue *q,
			   int64_t overflows)
{
	bool is_told = q->drops != QUEUE_UNKNOWN && e->queue.drops != QUEUE_UNKNOWN &&
		       e->n_sockets == 1 && q->drops >= e->queue.drops;
	const char *own =
		is_told ? view_text(v,
				    "; this socket turned %u away since it was first read",
				    q->drops - e->queue.drops)
			: "";

	if (overflows <= 0)
		return 0;
	return finding_prove(f, v->arena, "counters", true,
			     "nstat -az TcpExtListenOverflows",
			     "the kernel counted +%lld overflows in this time%s",
			     (long long)overflows, own);
}

int check_accept_queue_full(const struct check_view *v, struct finding *f)
{
	const struct endpoint *e = service_endpoint(v);
	int64_t overflows = evidence_delta(v->e, "TcpExt.ListenOverflows");
	bool is_at_limit;
	struct queue q;
	int error;

	if (!e || !endpoint_is_stream(e))
		return CERTAINTY_NONE;
	q = service_queue(v, e);
	is_at_limit = service_queue_is_full(&q) || has_turned_away(e, &q, overflows);
	if (!is_at_limit && (overflows == 0 || sight_was_answered(v)))
		return ruled_out(f);
	if (service_is_explained(v, e) || !is_at_limit)
		return CERTAINTY_NONE;
	f->position = AT_QUEUE + 1;
	f->endpoint = e;
	f->explains_silence = true;
	error = finding_say(f, v->arena,
			    "the accept queue of %s is full (%u): further SYNs are "
			    "dropped",
			    view_owner(v, e), q.length);
	if (!error)
		error = service_prove_queue(v, f, &q);
	if (!error)
		error = prove_rates(v, f);
	if (!error)
		error = prove_accepts(v, f, e, &q);
	if (!error)
		error = prove_overflows(v, f, e, &q, overflows);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = advise_queue(v, f, &q);
	if (error)
		return error;
	/* Whoever tried got in: it is full only now. */
	if (v->sight.n_all && !has_overflowed(v))
		return CERTAINTY_POSSIBLE;
	return overflows > 0 && v->sight.n_all ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}
