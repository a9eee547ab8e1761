/* Segments too big for a link on the way, where no ICMP error makes them smaller: a black
 * hole for full-size packets. What a client finds of it by trying is
 * checks_client_beyond.c. */
#include <netinet/in.h>

#include "core/diagnosis/check_stream.h"
#include "core/diagnosis/sight.h"
#include "core/diagnosis/sight_link.h"

/* Every link of IPv6 takes as much (RFC 8200, 5), and nearly every one of IPv4. */
enum { MTU_SMALL = 1280, MTU_LEAST = 576, SEGMENT_SMALL = 1200 };

/* Of the client's segments that are missing, or of the server's that do not arrive. */
struct stuck {
	const struct attempt *attempt;
	const struct stream_side *side;
	unsigned n, n_done; /* connections that are stuck; that full-size segments passed */
	unsigned n_lost;    /* whose SYN-ACK was sent again: small packets are lost too */
	bool is_sure;
};

static bool is_of_client(const struct stuck *k)
{
	return k->side == &k->attempt->stream.side[STREAM_CLIENT];
}

static const char *whose(const struct stuck *k)
{
	return is_of_client(k) ? "client" : "server";
}

static const char *too_big_words(const struct check_view *v, const struct attempt *a)
{
	const struct stream *s = &a->stream;
	char from[ADDR_TEXT_MAX];

	if (!s->n_too_big)
		return "no ICMP error says that they are too big: it is dropped on its "
		       "way, or "
		       "never sent";
	return view_text(v,
			 "%s says that its next link takes %u bytes (%u ICMP error%s), and "
			 "they are not made smaller",
			 addr_format(&s->too_big_from, from), s->too_big_mtu, s->n_too_big,
			 s->n_too_big == 1 ? "" : "s");
}

static int prove_stuck(const struct check_view *v, struct finding *f, const struct stuck *k)
{
	const struct stream_side *s = k->side;

	if (s->n_again)
		return finding_prove(
			f, v->arena, "capture", true, stream_dump(v),
			"a segment of %u bytes of the %s was sent %u times again and not "
			"acknowledged; %u packet%s of the other end came meanwhile",
			s->again_bytes, whose(k), s->n_again, s->n_behind,
			s->n_behind == 1 ? "" : "s");
	return finding_prove(
		f, v->arena, "capture", true, stream_dump(v),
		"%u bytes of the %s never came, %u packet%s of it behind them did",
		s->missing_bytes, whose(k), s->n_behind, s->n_behind == 1 ? "" : "s");
}

static int prove_sizes(const struct check_view *v, struct finding *f, const struct stuck *k)
{
	const struct stream_side *side = k->attempt->stream.side;

	return finding_prove(f, v->arena, "capture", true, NULL,
			     "the client announced an MSS of %u, the server of %u; %s",
			     side[STREAM_CLIENT].mss, side[STREAM_SERVER].mss,
			     too_big_words(v, k->attempt));
}

/* What of it does get through; and that it is no reader that takes no more. */
static int prove_small(const struct check_view *v, struct finding *f, const struct stuck *k)
{
	const struct stream_side *s = k->side;
	const char *behind = s->selective_bytes
				     ? view_text(v,
						 "; %u bytes behind the stuck ones "
						 "arrived (SACK)",
						 s->selective_bytes)
				     : "";

	if (!s->passed_bytes && !s->selective_bytes)
		return 0;
	return finding_prove(f, v->arena, "capture", true,
			     view_text(v, "ss -tni '( sport = :%u )'", v->e->target.port),
			     "the largest segment of the %s that was acknowledged has %u "
			     "bytes%s; the other end's window is open",
			     whose(k), s->passed_bytes, behind);
}

static int prove_lost(const struct check_view *v, struct finding *f, const struct stuck *k)
{
	if (!k->n_lost)
		return 0;
	return finding_prove(
		f, v->arena, "capture", true, stream_dump(v),
		"in %u handshake%s the SYN-ACK had to be sent again: small packets "
		"are lost as well",
		k->n_lost, k->n_lost == 1 ? "" : "s");
}

/* Of all connections of this host. */
static int prove_counted(const struct check_view *v, struct finding *f,
			 const struct stuck *k)
{
	int64_t timeouts = evidence_delta(v->e, "TcpExt.TCPTimeouts");
	int64_t found = evidence_delta(v->e, "TcpExt.TCPMTUPSuccess");

	if (is_of_client(k) || !view_is_for_here(v) || timeouts <= 0)
		return 0;
	return finding_prove(
		f, v->arena, "counters", true,
		"nstat -az TcpExtTCPTimeouts TcpExtTCPMTUPSuccess",
		"the kernel's timers ran out +%lld times for want of an answer%s",
		(long long)timeouts,
		found ? "" : ", and found no smaller size that passes");
}

static const struct path_hop *route_back(const struct check_view *v)
{
	const struct path_leg *reply = &v->walk->path.reply;

	for (size_t i = 0; reply->is_walked && i < reply->n_hops; i++)
		if (reply->hops[i].place == PLACE_ROUTE && reply->hops[i].ifindex)
			return &reply->hops[i];
	return NULL;
}

static const char *size_words(const struct check_view *v, const struct stuck *k)
{
	unsigned told = k->attempt->stream.too_big_mtu;
	bool is_v6 = v->walk->client.family == AF_INET6;

	if (is_of_client(k))
		return view_text(v, "advmss %u", SEGMENT_SMALL);
	return view_text(v, is_v6 ? "mtu %u" : "mtu lock %u",
			 !is_v6 && told >= MTU_LEAST ? told : MTU_SMALL);
}

/* Of this client only, and by the way that is taken now. */
static int advise_route(const struct check_view *v, struct finding *f,
			const struct stuck *k)
{
	const struct path_hop *hop = view_is_for_here(v) ? route_back(v) : NULL;
	char client[ADDR_TEXT_MAX], gateway[ADDR_TEXT_MAX];
	const char *ip = v->walk->client.family == AF_INET6 ? "ip -6" : "ip", *route;

	if (!hop)
		return 0;
	addr_format(&v->walk->client, client);
	route = view_text(v, "%s%s%s dev %s", client, hop->gateway.family ? " via " : "",
			  hop->gateway.family ? addr_format(&hop->gateway, gateway) : "",
			  link_argument(v, hop->ifindex));
	return finding_advise(
		f, v->arena,
		view_text(v, "%s route add %s %s", ip, route, size_words(v, k)),
		view_text(v, "%s route del %s", ip, route),
		"smaller packets to this client, and a fixed route",
		"until then smaller segments for this client alone, of new "
		"connections; a restart of the host forgets it");
}

/* RFC 4821; tcp_mtu_probing of ip-sysctl.rst. */
static int advise_probing(const struct check_view *v, struct finding *f,
			  const struct stuck *k)
{
	if (is_of_client(k) || !view_is_for_here(v))
		return 0;
	return finding_advise(
		f, v->arena, "sysctl -w net.ipv4.tcp_mtu_probing=1",
		"sysctl -w net.ipv4.tcp_mtu_probing=0",
		"all TCP connections of this host; the undo is what it says before",
		"or let TCP try smaller segments by itself where full-size ones are lost");
}

static int advise(const struct check_view *v, struct finding *f, const struct stuck *k)
{
	char client[ADDR_TEXT_MAX];
	int error;

	addr_format(&v->walk->client, client);
	error = finding_advise(
		f, v->arena, view_text(v, "tracepath -n %s", client), NULL, NULL,
		"let ICMP \"fragmentation needed\" and \"packet too big\" pass on the way, "
		"or clamp the MSS at the narrow link (tcp option maxseg size set rt mtu)");
	if (!error)
		error = advise_route(v, f, k);
	return error ? error : advise_probing(v, f, k);
}

static bool is_done(const struct check_view *v, const struct attempt *a)
{
	const struct stream_side *s = &a->stream.side[STREAM_SERVER];

	return story_of(a, v->e->window_end_ns) == STORY_SERVED &&
	       (s->n_acknowledged > 1400 || story_passes_full_size(a, s));
}

static void look(const struct check_view *v, struct stuck *k)
{
	for (size_t i = 0; i < v->sight.n; i++) {
		const struct attempt *a = attempts_at(v->e->attempts, v->sight.rows[i]);
		bool is_sure;
		const struct stream_side *s =
			story_stuck_side(a, v->e->window_end_ns, &is_sure);

		k->n_done += is_done(v, a);
		k->n_lost += a->n_syn_acks > 1;
		if (!s || !sight_is_open(a))
			continue;
		k->n++;
		if (k->is_sure && !is_sure)
			continue;
		k->attempt = a;
		k->side = s;
		k->is_sure = is_sure;
	}
}

int check_mtu_black_hole(const struct check_view *v, struct finding *f)
{
	struct stuck k = {0};
	int error;

	look(v, &k);
	if (!k.n)
		return k.n_done ? ruled_out(f) : CERTAINTY_NONE;
	f->position = AT_APPLICATION - 1;
	error = finding_say(f, v->arena,
			    "the handshake on %s passes, full-size segments of the %s do "
			    "not arrive",
			    view_port(v), whose(&k));
	if (!error)
		error = prove_stuck(v, f, &k);
	if (!error)
		error = prove_sizes(v, f, &k);
	if (!error)
		error = prove_small(v, f, &k);
	if (!error)
		error = prove_lost(v, f, &k);
	if (!error)
		error = prove_counted(v, f, &k);
	if (!error)
		error = advise(v, f, &k);
	if (error)
		return error;
	/* Where such segments got through as well, or small ones are lost too, it is loss.
	 */
	return (int)stream_certainty(v, k.is_sure && !k.n_done && !k.n_lost
						? CERTAINTY_LIKELY
						: CERTAINTY_POSSIBLE);
}
