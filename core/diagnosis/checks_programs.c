/*
 * Programs and filters that stop the packet or its answer: XDP, tc, control groups. What
 * they do is not read, only what was dropped in their place: without a count that moved
 * none is more than a suspicion.
 */
#include <netinet/in.h>

#include "core/diagnosis/check_help.h"
#include "core/diagnosis/sight.h"

enum { AT_XDP = AT_CLIENT + 50, TCP_SYN_RECEIVED = 3 };

static bool is_of_tc(const struct program_row *r)
{
	return r->place == PROGRAM_AT_INGRESS || r->place == PROGRAM_AT_EGRESS ||
	       r->place == PROGRAM_AT_QUEUE;
}

static const struct program_row *first_at(const struct path_leg *leg,
					  enum program_place place)
{
	for (size_t i = 0; leg->is_walked && i < leg->n_programs; i++)
		if (leg->programs[i]->place == place)
			return leg->programs[i];
	return NULL;
}

static bool has_passed(const struct check_view *v)
{
	return sight_was_answered(v) || sight_got_syn_ack(v);
}

static const char *client_words(const struct check_view *v)
{
	char client[ADDR_TEXT_MAX];

	return v->walk->client.family
		       ? view_text(v, " from %s", addr_format(&v->walk->client, client))
		       : "";
}

static const char *device_argument(const struct check_view *v, const struct program_row *r)
{
	return r->device[0] ? view_word(v, text_of(r->device)) : "INTERFACE";
}

static const char *program_argument(const struct check_view *v, const struct program_row *r)
{
	return r->id ? view_text(v, "bpftool prog show id %u", r->id) : NULL;
}

/* ---- XDP: before the capture, and without a count ---- */

/* Nothing was seen: neither what an XDP program drops nor that it does. */
int check_xdp_drop(const struct check_view *v, struct finding *f)
{
	const struct program_row *r = first_at(&v->walk->path.request, PROGRAM_AT_XDP);
	int error;

	if (v->sight.n_all || (v->e->programs && v->walk->is_walked && !r))
		return ruled_out(f);
	if (!r || !v->e->target.is_client_named || v->e->capture_error ||
	    v->e->target.role == AIM_CLIENT || !v->e->has_window_ended)
		return CERTAINTY_NONE;
	f->position = AT_XDP;
	f->explains_silence = true;
	error = finding_say(f, v->arena,
			    "nothing of %s%s is seen, and %s stands before all that can be "
			    "seen here: it may drop it",
			    view_port(v), client_words(v), r->words);
	if (!error)
		error = finding_prove(
			f, v->arena, "programs", true,
			view_text(v, "ip -d link show dev %s", device_argument(v, r)),
			"%s: what it does is not read, what it drops neither the capture "
			"nor a counter shows",
			r->words);
	if (!error)
		error = finding_advise(
			f, v->arena, program_argument(v, r), NULL, NULL,
			"ask who runs the program whether it lets this client in, and let "
			"the client's side show whether the SYN leaves and reaches this "
			"host");
	return error ? error : CERTAINTY_POSSIBLE;
}

/* ---- tc: its queueing discipline counts what is dropped there ---- */

struct suspect {
	const struct program_row *row;
	bool is_reply, is_shared;
	int64_t dropped;
	int certainty;
};

/* All of them: the one to tell, and whether others are left that cannot be excluded. */
struct suspects {
	struct suspect best;
	bool is_open;
};

/* The SYN met a socket that waits for the end of the handshake. */
static bool has_half_open(const struct check_view *v)
{
	const struct connection_table *t = v->e->connections_after;

	for (size_t i = 0; t && i < t->n; i++)
		if (t->rows[i].port == v->e->target.port &&
		    t->rows[i].counts[TCP_SYN_RECEIVED])
			return true;
	return false;
}

/* Every packet of theirs was within the time in which drops were counted. */
static bool is_all_in_window(const struct check_view *v)
{
	for (size_t i = 0; i < v->sight.n; i++)
		if (attempts_at(v->e->attempts, v->sight.rows[i])->first_ns <
		    v->e->window_start_ns)
			return false;
	return v->sight.n == v->sight.n_all;
}

static int certainty_counted(const struct check_view *v, const struct suspect *s)
{
	int64_t n = v->sight.n_syns;

	if (s->dropped < n || !is_all_in_window(v))
		return CERTAINTY_POSSIBLE;
	if (s->is_reply)
		return CERTAINTY_LIKELY;
	/* A half-open connection may be another client's; here it speaks for the answer. */
	if (has_half_open(v))
		return CERTAINTY_POSSIBLE;
	return s->dropped == n ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}

static int certainty_of(const struct check_view *v, const struct path_leg *leg,
			const struct suspect *s)
{
	bool is_decider = leg->decided_by == DECIDER_PROGRAM &&
			  leg->programs[leg->n_programs - 1] == s->row;

	if (!v->sight.n_all)
		return is_decider ? CERTAINTY_LIKELY : CERTAINTY_NONE;
	if (!sight_is_silent(v) || s->dropped == 0)
		return CERTAINTY_NONE;
	if (s->dropped > 0)
		return certainty_counted(v, s);
	if (is_decider)
		return CERTAINTY_LIKELY;
	/* Where a rule stops it anyway a program that nobody counts is no news. */
	return leg->verdict == PATH_UNSURE ? CERTAINTY_POSSIBLE : CERTAINTY_NONE;
}

static void look_at_leg(const struct check_view *v, const struct path_leg *leg,
			bool is_reply, struct suspects *all)
{
	for (size_t i = 0; leg->is_walked && i < leg->n_programs; i++) {
		struct suspect s = {.row = leg->programs[i], .is_reply = is_reply};

		if (!is_of_tc(s.row))
			continue;
		s.dropped = programs_dropped(v->e->programs, v->e->programs_after, s.row,
					     &s.is_shared);
		s.certainty = certainty_of(v, leg, &s);
		/* SYNs came, nothing came back, and none was dropped there. */
		if (!v->sight.n_all || !sight_is_silent(v) || s.dropped != 0)
			all->is_open = true;
		if (s.certainty > all->best.certainty)
			all->best = s;
	}
}

static const char *tc_command(const struct check_view *v, const struct program_row *r)
{
	static const char *const places[N_PROGRAM_PLACES] = {
		[PROGRAM_AT_XDP] = "",           [PROGRAM_AT_INGRESS] = " ingress",
		[PROGRAM_AT_SOCKET] = "",        [PROGRAM_AT_SEND] = "",
		[PROGRAM_AT_EGRESS] = " egress", [PROGRAM_AT_QUEUE] = "",
	};

	if (r->kind != PROGRAM_OF_TC)
		return view_text(v, "bpftool net show dev %s", device_argument(v, r));
	return view_text(v, "tc -s filter show dev %s%s", device_argument(v, r),
			 places[r->place]);
}

static int prove_tc(const struct check_view *v, struct finding *f, const struct suspect *s)
{
	const struct program_row *r = s->row;

	if (s->dropped < 0)
		return finding_prove(f, v->arena, "programs", false, tc_command(v, r),
				     "%s: what it drops is not counted", r->words);
	return finding_prove(
		f, v->arena, "programs", true,
		s->is_shared
			? view_text(v, "tc -s qdisc show dev %s", device_argument(v, r))
			: tc_command(v, r),
		"%s dropped %lld packet%s in this time, in which %u SYN%s arrived",
		s->is_shared ? view_text(v, "the filters there, %s among them,", r->words)
			     : r->words,
		(long long)s->dropped, s->dropped == 1 ? "" : "s", v->sight.n_syns,
		v->sight.n_syns == 1 ? "" : "s");
}

static const char *tc_undo(const struct check_view *v, const struct program_row *r)
{
	return r->kind == PROGRAM_OF_TC ? tc_command(v, r) : program_argument(v, r);
}

static int tell_tc(const struct check_view *v, struct finding *f, const struct suspect *s)
{
	int error;

	f->position = s->is_reply                           ? AT_POSTROUTING + 50
		      : s->row->place == PROGRAM_AT_INGRESS ? AT_INGRESS - 50
							    : AT_INPUT;
	f->explains_silence = true;
	error = finding_say(f, v->arena, "%s%s: %s%s by %s", view_port(v), client_words(v),
			    s->is_reply ? "the answer is " : "",
			    s->certainty > CERTAINTY_POSSIBLE ? "dropped"
							      : "perhaps dropped",
			    s->row->words);
	if (!error)
		error = prove_tc(v, f, s);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, tc_undo(v, s->row), NULL, NULL,
			"ask whose filter this is: who made it must let this client "
			"through; what is changed by hand is lost when it is made anew");
	return error;
}

int check_tc_drop(const struct check_view *v, struct finding *f)
{
	const struct path *p = &v->walk->path;
	struct suspects all = {.best = {.certainty = CERTAINTY_NONE}};
	int error;

	if (has_passed(v))
		return ruled_out(f);
	if (!v->walk->is_walked || !v->e->programs)
		return CERTAINTY_NONE;
	look_at_leg(v, &p->request, false, &all);
	look_at_leg(v, &p->reply, true, &all);
	if (!all.best.row)
		return all.is_open || v->e->programs->filters_error ||
				       v->e->programs->hooks_error
			       ? CERTAINTY_NONE
			       : ruled_out(f);
	error = tell_tc(v, f, &all.best);
	return error ? error : all.best.certainty;
}

/* ---- control groups: the socket counts what it may not get ---- */

/* What else a listener counts as dropped has counters of its own. */
static bool has_other_drops(const struct check_view *v)
{
	static const char *const counters[] = {
		"TcpExt.ListenOverflows", "TcpExt.ListenDrops", "TcpExt.TCPMD5NotFound",
		"TcpExt.TCPMD5Unexpected", "TcpExt.TCPMD5Failure"};

	if (!v->e->counters || !v->e->counters_after)
		return true;
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		if (evidence_delta(v->e, counters[i]) > 0)
			return true;
	return false;
}

/* By the socket of the walk; -1: not told. */
static int64_t socket_dropped(const struct check_view *v)
{
	const struct socket_row *s = v->walk->path.socket;
	const struct socket_row *after = s ? evidence_socket_after(v->e, s) : NULL;

	if (!after || s->drops == QUEUE_UNKNOWN || after->drops == QUEUE_UNKNOWN ||
	    after->drops < s->drops)
		return -1;
	return (int64_t)after->drops - s->drops;
}

/* Packets that were sent and not handed on: linux/snmp.h, since 6.9. -1: not told. */
static int64_t sent_in_vain(const struct check_view *v)
{
	bool is_v6 = v->walk->server.family == AF_INET6;
	int64_t sent = evidence_delta(v->e, is_v6 ? "Ip6OutRequests" : "Ip.OutRequests");
	int64_t on = evidence_delta(v->e, is_v6 ? "Ip6OutTransmits" : "Ip.OutTransmits");

	return sent < 0 || on < 0 ? -1 : sent > on ? sent - on : 0;
}

/* This host still waits for the end of a handshake, or has, and sent its answer again. */
static bool is_waited_for(const struct check_view *v)
{
	return has_half_open(v) || evidence_delta(v->e, "TcpExt.TCPTimeouts") > 0;
}

static int certainty_of_group(const struct check_view *v, int64_t dropped, bool is_reply)
{
	if (dropped == 0)
		return CERTAINTY_NONE;
	if (dropped < v->sight.n_syns || !is_all_in_window(v))
		return CERTAINTY_POSSIBLE;
	if (is_reply)
		return is_waited_for(v) ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
	return has_other_drops(v) ? CERTAINTY_POSSIBLE : CERTAINTY_LIKELY;
}

static int prove_group(const struct check_view *v, struct finding *f, bool is_reply,
		       int64_t dropped)
{
	if (dropped < 0)
		return 0;
	if (is_reply)
		return finding_prove(f, v->arena, "counters", true,
				     "nstat -az IpOutRequests IpOutTransmits",
				     "%lld packets were to be sent in this time and were "
				     "not handed on",
				     (long long)dropped);
	return finding_prove(f, v->arena, "sock_diag", true,
			     view_text(v, "ss -tlnm sport = :%u", v->e->target.port),
			     "the socket itself counted %lld dropped in this time; neither "
			     "its queue nor a missing key explains them",
			     (long long)dropped);
}

static int tell_group(const struct check_view *v, struct finding *f,
		      const struct program_row *r, bool is_reply, int64_t dropped,
		      int certainty)
{
	const struct endpoint *e = v->walk->path.endpoint;
	struct text unit = e ? e->unit : TEXT_NONE;
	int error;

	f->position = is_reply ? AT_POSTROUTING + 25 : AT_SOCKET - 25;
	f->explains_silence = true;
	error = finding_say(f, v->arena, "%s%s: %s%s by %s", view_port(v), client_words(v),
			    is_reply ? "the answer is " : "",
			    certainty > CERTAINTY_POSSIBLE ? "dropped" : "perhaps dropped",
			    r->words);
	if (!error)
		error = prove_group(v, f, is_reply, dropped);
	if (!error)
		error = finding_prove(f, v->arena, "programs", false, "bpftool cgroup tree",
				      "%s is asked for what the service's sockets %s",
				      r->words, is_reply ? "send" : "get");
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena,
			view_text(v, "systemctl show %s -p IPAddressAllow,IPAddressDeny",
				  unit.len ? view_word(v, unit) : "UNIT"),
			NULL, NULL,
			"if systemd made it, allow the client in the unit "
			"(IPAddressAllow=); else ask who loaded it (%s)",
			program_argument(v, r));
	return error;
}

/* Programs of the group of the socket that takes it. */
int check_cgroup_drop(const struct check_view *v, struct finding *f)
{
	const struct path *p = &v->walk->path;
	const struct program_row *in = first_at(&p->request, PROGRAM_AT_SOCKET);
	const struct program_row *out = first_at(&p->reply, PROGRAM_AT_SEND);
	int64_t dropped = -1, unsent = -1;
	int error, of_in = CERTAINTY_NONE, of_out = CERTAINTY_NONE;
	bool is_reply;

	if (has_passed(v))
		return ruled_out(f);
	if (!v->walk->is_walked || !v->e->programs)
		return CERTAINTY_NONE;
	if (!in && !out)
		return p->socket && !v->e->programs->groups_error ? ruled_out(f)
								  : CERTAINTY_NONE;
	if (!v->sight.n_all || !sight_is_silent(v))
		return CERTAINTY_NONE;
	if (in && p->request.verdict == PATH_UNSURE) {
		dropped = socket_dropped(v);
		of_in = certainty_of_group(v, dropped, false);
	}
	if (out && p->reply.verdict == PATH_UNSURE) {
		unsent = sent_in_vain(v);
		of_out = certainty_of_group(v, unsent, true);
	}
	is_reply = of_out > of_in;
	if (of_in == CERTAINTY_NONE && !is_reply)
		return CERTAINTY_NONE;
	error = tell_group(v, f, is_reply ? out : in, is_reply, is_reply ? unsent : dropped,
			   is_reply ? of_out : of_in);
	return error ? error : is_reply ? of_out : of_in;
}
