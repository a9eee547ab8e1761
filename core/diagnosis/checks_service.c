/* The socket is there: does its process take what comes, and does it answer? */
#include <netinet/in.h>

#include "core/base/time.h"
#include "core/diagnosis/check_beyond.h"
#include "core/diagnosis/check_help.h"
#include "core/diagnosis/check_owner.h"
#include "core/diagnosis/check_service.h"
#include "core/diagnosis/sight.h"
#include "core/diagnosis/stream_story.h"

#define ANSWER_NS (2 * NS_PER_S) /* an application that has not said a word for so long */

/* While the queue has room the kernel answers in its owner's stead: what stops that answer
 * is met first. */
static int place_of(const struct queue *q)
{
	return service_queue_is_full(q) ? AT_QUEUE : AT_APPLICATION;
}

/* It was seen that somebody is served: the process runs. */
static bool is_serving(const struct check_view *v)
{
	return sightings_got_bytes(v->e, &v->sight);
}

/* Connections of this time still wait for accept(2): nobody took them. */
static bool is_left_waiting(const struct check_view *v, const struct endpoint *e, size_t n)
{
	struct queue q = service_queue(v, e);

	return endpoint_is_stream(e) && q.length != QUEUE_UNKNOWN && q.length >= n && n;
}

int check_process_stopped(const struct check_view *v, struct finding *f)
{
	const struct endpoint *e = service_endpoint(v);
	const struct process_state *s = NULL;
	struct queue q;
	enum tri is_all;
	int error;

	if (!e)
		return CERTAINTY_NONE;
	is_all = service_owners_are(v, e, owner_is_stopped, &s);
	if (is_all == TRI_NO || (is_serving(v) && !s))
		return ruled_out(f);
	if (!s || is_serving(v))
		return CERTAINTY_NONE;
	q = service_queue(v, e);
	f->position = place_of(&q);
	f->endpoint = e;
	f->explains_silence = true;
	error = finding_say(f, v->arena, "%s is %s: it accepts nothing", view_owner(v, e),
			    s->is_frozen == TRI_YES ? "frozen" : "stopped");
	if (!error)
		error = finding_prove(f, v->arena, "proc", true,
				      view_text(v, "grep State /proc/%d/status", s->pid),
				      "its state is %c (%s)", s->state,
				      owner_stop_words(s));
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = owner_advise_go_on(v, f, e, s);
	if (error)
		return error;
	/* Another owner that could not be seen would empty the queue. */
	if (is_all == TRI_UNSURE && is_left_waiting(v, e, 1))
		return CERTAINTY_LIKELY;
	return is_all == TRI_YES ? CERTAINTY_PROVEN : CERTAINTY_POSSIBLE;
}

static int tell_exhausted(const struct check_view *v, struct finding *f,
			  const struct endpoint *e, const struct process_state *s,
			  const struct queue *q)
{
	long long limit = (long long)s->fd_limit;
	int error;

	error = finding_say(f, v->arena,
			    "%s has %lld files open and may have no more: it cannot accept",
			    view_owner(v, e), (long long)s->n_fds);
	if (!error)
		error = finding_prove(f, v->arena, "proc", true,
				      view_text(v,
						"ls /proc/%d/fd | wc -l; grep 'open files' "
						"/proc/%d/limits",
						s->pid, s->pid),
				      "%lld descriptors are open, the limit is %lld",
				      (long long)s->n_fds, limit);
	if (!error)
		error = service_prove_queue(v, f, q);
	if (!error)
		error = finding_advise(
			f, v->arena,
			view_text(v, "prlimit --pid %d --nofile=%lld:", s->pid, limit * 2),
			view_text(v, "prlimit --pid %d --nofile=%lld:", s->pid, limit),
			"lasts until the service restarts; if descriptors leak, it buys "
			"time only",
			"raise the limit (LimitNOFILE= in its unit for good), and look for "
			"a leak");
	return error;
}

int check_fd_exhausted(const struct check_view *v, struct finding *f)
{
	const struct endpoint *e = service_endpoint(v);
	const struct process_state *s = NULL;
	struct queue q;
	enum tri is_all;
	int error;

	if (!e)
		return CERTAINTY_NONE;
	is_all = service_owners_are(v, e, service_is_exhausted, &s);
	if (is_all == TRI_NO || (is_serving(v) && !s))
		return ruled_out(f);
	if (!s || is_serving(v) || !endpoint_is_stream(e))
		return CERTAINTY_NONE;
	q = service_queue(v, e);
	f->position = place_of(&q);
	f->endpoint = e;
	f->explains_silence = true;
	error = tell_exhausted(v, f, e, s, &q);
	if (error)
		return error;
	if (is_all != TRI_YES)
		return CERTAINTY_POSSIBLE;
	return q.length != QUEUE_UNKNOWN && q.length > 0 ? CERTAINTY_PROVEN
							 : CERTAINTY_LIKELY;
}

/* What happened to it is not that it waits: the service hung up, somebody between did, or
 * not all of what the client says arrives. */
static bool is_told_otherwise(const struct check_view *v, const struct attempt *a)
{
	bool is_sure;

	return story_is_ended_by_server(a) ||
	       story_of(a, v->e->window_end_ns) == STORY_FOREIGN_RESET ||
	       (story_stuck_side(a, v->e->window_end_ns, &is_sure) && is_sure);
}

/* The client spoke, and for so long nobody answered nor hung up. */
static bool is_unanswered(const struct check_view *v, const struct attempt *a)
{
	bool is_udp = a->proto == IPPROTO_UDP;

	if (is_udp)
		return a->outcome == OUTCOME_SILENT ||
		       (a->outcome == OUTCOME_OPEN && !a->answered_ns &&
			v->e->window_end_ns - a->first_ns >= ANSWER_NS);
	return a->outcome == OUTCOME_ANSWERED && a->client_bytes != BYTES_NONE &&
	       a->server_bytes == BYTES_NONE && a->n_server_bytes == 0 &&
	       v->e->window_end_ns - a->answered_ns >= ANSWER_NS &&
	       !is_told_otherwise(v, a);
}

/* An entry of the flow is kept once all rules let its first packet in: what the walk leaves
 * open before the socket is settled by it (nf_confirm()). */
static bool was_let_in(const struct check_view *v)
{
	const struct path *p = &v->walk->path;
	const struct conntrack_row *row = beyond_entry(v);
	struct addr to = addr_unmapped(&p->server);

	for (size_t i = 0; i < p->request.n_programs; i++)
		if (p->request.programs[i]->place == PROGRAM_AT_SOCKET)
			return false;
	return row && p->is_local && row->reply.sport == p->server_port &&
	       addr_equals(&row->reply.saddr, &to);
}

static bool has_way(const struct check_view *v)
{
	const struct path *p = &v->walk->path;

	if (!v->walk->is_walked)
		return false;
	return p->request.verdict == PATH_ACCEPT ||
	       (p->request.verdict == PATH_UNSURE && was_let_in(v));
}

/* A datagram that the kernel gave to a socket was not dropped by a rule. */
static bool was_delivered(const struct check_view *v)
{
	return evidence_delta(v->e, v->walk->server.family == AF_INET6
					    ? "Udp6InDatagrams"
					    : "Udp.InDatagrams") > 0;
}

/* Datagram services that answer whoever asks. */
static bool is_asked(const struct check_view *v)
{
	static const uint16_t ports[] = {53,   69,   123,  161,  443,  500,
					 1812, 1813, 3478, 4500, 5060, 853};

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (ports[i] == v->e->target.port)
			return true;
	return false;
}

static int tell_no_answer(const struct check_view *v, struct finding *f,
			  const struct endpoint *e, size_t n)
{
	bool is_udp = v->e->target.proto == IPPROTO_UDP;
	int error;

	error = finding_say(f, v->arena, "%s %s on %s and does not answer",
			    view_owner(v, e),
			    is_udp ? "gets what comes" : "takes connections", view_port(v));
	if (!error)
		error = finding_prove(
			f, v->arena, "capture", true, NULL,
			"%zu %s%s: the client spoke, and no byte came back for %d s "
			"or more",
			n, is_udp ? "conversation" : "connection", n == 1 ? "" : "s",
			(int)(ANSWER_NS / NS_PER_S));
	if (!error && is_udp)
		error = finding_prove(
			f, v->arena, "counters", true, "nstat -az UdpInDatagrams",
			"the kernel handed datagrams to sockets in this time");
	if (!error)
		error = service_prove_limits(v, f, e);
	if (!error)
		error = finding_advise(
			f, v->arena, NULL, NULL, NULL,
			"look into the service: its log, a blocked thread, what it "
			"waits for (a database, DNS)");
	return error;
}

static size_t n_unanswered(const struct check_view *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->sight.n; i++)
		n += is_unanswered(v, attempts_at(v->e->attempts, v->sight.rows[i]));
	return n;
}

/* Data that is not acknowledged is sent again well within the time that an answer has. */
static bool was_data_taken(const struct attempt *a)
{
	bool has_data = false;

	for (size_t i = 0; i < a->n_events; i++) {
		if (a->events[i].kind != PACKET_DATA || a->events[i].is_from_server)
			continue;
		if (a->events[i].is_repeated)
			return false;
		has_data = true;
	}
	return has_data;
}

/* What the clients said came as far as the kernel's connection, whatever stands before. */
static bool was_heard(const struct check_view *v)
{
	for (size_t i = 0; i < v->sight.n; i++) {
		const struct attempt *a = attempts_at(v->e->attempts, v->sight.rows[i]);

		if (is_unanswered(v, a) && !was_data_taken(a))
			return false;
	}
	return v->e->target.proto == IPPROTO_TCP;
}

static bool may_answer_be_stopped(const struct check_view *v)
{
	const struct path_leg *reply = &v->walk->path.reply;

	return reply->is_walked && reply->verdict != PATH_ACCEPT;
}

/* Rules may stop what follows the handshake: then no process is to blame. */
static bool may_be_stopped_later(const struct check_view *v)
{
	const struct path *later;

	if (v->e->target.proto == IPPROTO_UDP)
		return may_answer_be_stopped(v);
	if (was_heard(v))
		return false;
	later = view_established(v);
	return sight_has_open_handshakes(v->e) ||
	       (later && later->request.is_walked && later->request.verdict != PATH_ACCEPT);
}

int check_not_accepting(const struct check_view *v, struct finding *f)
{
	const struct endpoint *e = service_endpoint(v);
	size_t n = n_unanswered(v);
	struct queue q;
	int error;

	if (is_serving(v))
		return ruled_out(f);
	if (!e || service_is_explained(v, e) || !is_left_waiting(v, e, n))
		return CERTAINTY_NONE;
	q = service_queue(v, e);
	f->position = AT_QUEUE;
	f->endpoint = e;
	error = finding_say(f, v->arena,
			    "%s does not accept: %u connections wait in its queue",
			    view_owner(v, e), q.length);
	if (!error)
		error = service_prove_queue(v, f, &q);
	if (!error)
		error = service_prove_limits(v, f, e);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena,
			e->n_owners ? view_text(v, "cat /proc/%d/wchan; cat /proc/%d/stack",
						e->owners[0]->pid, e->owners[0]->pid)
				    : NULL,
			NULL, NULL,
			"look at what the process does instead: a blocked thread, a loop, "
			"a wait "
			"for something else");
	return error ? error : CERTAINTY_LIKELY;
}

int check_no_answer(const struct check_view *v, struct finding *f)
{
	const struct endpoint *e = service_endpoint(v);
	bool is_udp = v->e->target.proto == IPPROTO_UDP;
	size_t n = n_unanswered(v);
	int error;

	if (is_serving(v))
		return ruled_out(f);
	if (!n || !e || service_is_explained(v, e) || is_left_waiting(v, e, n))
		return CERTAINTY_NONE;
	if (is_udp && (!has_way(v) || !was_delivered(v) || sight_was_answered(v)))
		return CERTAINTY_NONE;
	f->position = AT_APPLICATION;
	f->endpoint = e;
	f->explains_silence = is_udp;
	error = tell_no_answer(v, f, e, n);
	if (error)
		return error;
	/* An answer may be among what was lost; and some services only listen. */
	if (sight_is_lossy(v->e) || (is_udp && !is_asked(v)) || may_be_stopped_later(v))
		return CERTAINTY_POSSIBLE;
	return CERTAINTY_LIKELY;
}
