/* What the way does to a conversation: a RST from between, and the rest of an old
 * conversation under the same ports. Segments too big for it are checks_stream_size.c. */
#include <netinet/in.h>

#include "core/base/time.h"
#include "core/diagnosis/check_stream.h"
#include "core/diagnosis/sight.h"

/* ---- firewall.middlebox-reset ---- */

/* One router more or less is a change of the route, where it was seen once. */
enum { HOPS_SURE = 2, RESETS_SURE = 2 };

struct foreign {
	const struct attempt *newest;
	bool is_of_server;
	unsigned n, hops;    /* of the newest */
	uint8_t least, most; /* TTLs of the other packets */
};

/* What this host sends has the TTL that its sockets set, a RST that of the stack. */
static bool is_ours(const struct check_view *v, bool is_of_server)
{
	return is_of_server ? view_is_for_here(v) || v->e->target.role == AIM_SERVER
			    : v->e->target.role == AIM_CLIENT;
}

static void look_at_side(const struct check_view *v, const struct attempt *a,
			 bool is_of_server, struct foreign *out)
{
	const struct stream_side *s =
		&a->stream.side[is_of_server ? STREAM_SERVER : STREAM_CLIENT];
	unsigned hops = a->has_stream ? story_reset_hops(s) : 0;

	if (!hops || is_ours(v, is_of_server))
		return;
	out->newest = a;
	out->is_of_server = is_of_server;
	out->hops = hops;
	out->least = s->ttl_least;
	out->most = s->ttl_most;
	out->n++;
}

/* The TTL of that server's SYN-ACKs, at whatever port; 0: it has sent none. */
static uint8_t server_ttl(const struct check_view *v, const struct attempt *to)
{
	for (size_t i = 0; i < attempts_n(v->e->attempts); i++) {
		const struct attempt *a = attempts_at(v->e->attempts, i);

		if (a->syn_ack_ttl && addr_equals(&a->server, &to->server))
			return a->syn_ack_ttl;
	}
	return 0;
}

/* A SYN that was refused: nothing else of the server stands beside it in its own flow. */
static void look_at_refused(const struct check_view *v, const struct attempt *a,
			    struct foreign *out)
{
	uint8_t ttl =
		a->outcome == OUTCOME_REFUSED && !is_ours(v, true) ? server_ttl(v, a) : 0;
	unsigned one = story_distance(ttl), other = story_distance(a->rst_ttl);

	if (!ttl || !a->rst_ttl || one == other)
		return;
	out->newest = a;
	out->is_of_server = true;
	out->hops = one > other ? one - other : other - one;
	out->least = out->most = ttl;
	out->n++;
}

static int prove_foreign(const struct check_view *v, struct finding *f,
			 const struct foreign *k)
{
	const struct stream_side *s = &k->newest->stream.side[k->is_of_server];
	uint8_t ttl =
		k->newest->has_stream && s->rst_ns >= 0 ? s->rst_ttl : k->newest->rst_ttl;
	int error = finding_prove(
		f, v->arena, "capture", true,
		view_text(v,
			  "tcpdump -nvi any 'tcp port %u and tcp[tcpflags] & tcp-rst != 0'",
			  v->e->target.port),
		"%u RST%s under the %s's address with TTL %u; its other packets have %u%s: "
		"%u router%s apart",
		k->n, k->n == 1 ? "" : "s", k->is_of_server ? "server" : "client", ttl,
		k->least, k->most != k->least ? view_text(v, " to %u", k->most) : "",
		k->hops, k->hops == 1 ? "" : "s");

	if (error || !k->newest->has_stream || s->rst_ns < 0 ||
	    k->newest->client.family != AF_INET)
		return error;
	return finding_prove(f, v->arena, "capture", true, NULL,
			     "its IP identification is %u, the last packet before had %u",
			     s->rst_ip_id, s->ip_id);
}

/* A RST without anything of its sender's to hold it against. */
static bool is_incomparable(const struct check_view *v, const struct attempt *a)
{
	const struct stream_side *s = &a->stream.side[STREAM_CLIENT];

	if (a->n_client_resets && !is_ours(v, false))
		return !a->has_stream || !s->ttl_least || !s->rst_ttl;
	if (a->outcome == OUTCOME_REFUSED && !is_ours(v, true))
		return !server_ttl(v, a) || !a->rst_ttl;
	return false;
}

int check_middlebox_reset(const struct check_view *v, struct finding *f)
{
	struct foreign k = {0};
	char text[ADDR_TEXT_MAX];
	bool is_compared = v->sight.n_all > 0;
	int error;

	for (size_t i = 0; i < v->sight.n; i++) {
		const struct attempt *a = attempts_at(v->e->attempts, v->sight.rows[i]);

		look_at_side(v, a, false, &k);
		look_at_side(v, a, true, &k);
		look_at_refused(v, a, &k);
		is_compared &= !is_incomparable(v, a);
	}
	if (!k.n)
		return is_compared ? ruled_out(f) : CERTAINTY_NONE;
	f->position = AT_CLIENT + 1;
	f->explains_reset = k.is_of_server;
	error = finding_say(f, v->arena,
			    "a device between resets connections of %s under the %s's "
			    "address",
			    view_port(v), k.is_of_server ? "server" : "client");
	if (!error)
		error = prove_foreign(v, f, &k);
	if (!error)
		error = finding_advise(
			f, v->arena,
			view_text(v, "tracepath -n %s",
				  addr_format(k.is_of_server ? &v->walk->server
							     : &v->walk->client,
					      text)),
			NULL, NULL,
			"look for a firewall, an intrusion prevention or a proxy between: "
			"who is responsible for it can say which rule resets this flow");
	if (error)
		return error;
	return (int)stream_certainty(v, k.hops >= HOPS_SURE || k.n >= RESETS_SURE
						? CERTAINTY_LIKELY
						: CERTAINTY_POSSIBLE);
}

/* ---- client.tuple-reuse ---- */

/* Counted when a SYN meets a living connection, or a timestamp that went back. */
static int64_t challenges(const struct check_view *v)
{
	int64_t syn = evidence_delta(v->e, "TcpExt.TCPSYNChallenge");
	int64_t old = evidence_delta(v->e, "TcpExt.PAWSEstab");

	return (syn > 0 ? syn : 0) + (old > 0 ? old : 0);
}

static bool is_reuse(const struct attempt *a)
{
	return a->has_bare_ack && !a->n_syn_acks && !sight_is_open(a) &&
	       a->outcome != OUTCOME_REFUSED;
}

static int prove_reuse(const struct check_view *v, struct finding *f,
		       const struct attempt *a, unsigned n)
{
	int64_t counted = challenges(v);
	int error = finding_prove(
		f, v->arena, "capture", true,
		view_text(v, "tcpdump -nSi any 'tcp port %u'", v->e->target.port),
		"%u attempt%s from port %u: the SYN is answered by an ACK without SYN, "
		"with "
		"the numbers of an older connection%s",
		n, n == 1 ? "" : "s", a->client_port,
		a->has_stream && a->stream.is_older
			? ", and its timestamp lies before that one's last"
			: "");

	if (error || !counted)
		return error;
	return finding_prove(f, v->arena, "counters", true,
			     "nstat -az TcpExtTCPSYNChallenge TcpExtPAWSEstab",
			     "the kernel counted +%lld such SYNs", (long long)counted);
}

int check_tuple_reuse(const struct check_view *v, struct finding *f)
{
	const struct attempt *a = NULL;
	char client[ADDR_TEXT_MAX];
	unsigned n = 0;
	int error;

	for (size_t i = 0; i < v->sight.n; i++) {
		const struct attempt *row = attempts_at(v->e->attempts, v->sight.rows[i]);

		if (!is_reuse(row))
			continue;
		a = row;
		n++;
	}
	if (!n)
		return v->sight.n_all ? ruled_out(f) : CERTAINTY_NONE;
	f->position = AT_SOCKET - 1;
	f->endpoint = stream_endpoint(v);
	f->explains_silence = true;
	error = finding_say(f, v->arena,
			    "%s uses its port %u again while this host still has the older "
			    "connection: the SYN gets an ACK and no SYN-ACK",
			    addr_format(&v->walk->client, client), a->client_port);
	if (!error)
		error = prove_reuse(v, f, a, n);
	if (!error)
		error = finding_advise(
			f, v->arena,
			view_text(v, "ss -tano '( sport = :%u and dport = :%u )'",
				  v->e->target.port, a->client_port),
			NULL, NULL,
			"let what stands before the client (NAT, balancer) take more ports "
			"and not give one out again at once, and let the client's RST "
			"pass, which would end the older connection");
	if (error)
		return error;
	return (int)stream_certainty(v,
				     challenges(v) ? CERTAINTY_PROVEN : CERTAINTY_LIKELY);
}
