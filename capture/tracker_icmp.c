/*
 * ICMP errors that quote an attempt's packet. Those that turn it away decide; a redirect, a
 * quench or a packet too big is kept, but the attempt goes on. RFC 792, 4443.
 */
#include <netinet/in.h>

#include "capture/tracker_impl.h"

enum { UNREACHABLE = 3, NEEDS_FRAGMENTS = 4, TIME_EXCEEDED = 11, BAD_PARAMETER = 12 };
enum { TOO_BIG_V6 = 2 };

static bool is_too_big(const struct packet *p)
{
	if (p->icmp_from.family == AF_INET6)
		return p->icmp_type == TOO_BIG_V6;
	return p->icmp_type == UNREACHABLE && p->icmp_code == NEEDS_FRAGMENTS;
}

static bool turns_away(const struct packet *p)
{
	if (is_too_big(p))
		return false;
	if (p->icmp_from.family == AF_INET6 || p->icmp_type == UNREACHABLE)
		return true;
	return p->icmp_type == TIME_EXCEEDED || p->icmp_type == BAD_PARAMETER;
}

/* Is it about this attempt, and not an older one of the same tuple? */
static bool is_about(const struct live *e, const struct packet *p, bool quotes_server)
{
	if (e->proto != IPPROTO_TCP || p->sequence == e->sequence)
		return true;
	if (!live_is(e, LIVE_SYN_ACK))
		return false;
	return is_at_or_after(p->sequence,
			      quotes_server ? e->server_sequence : e->sequence);
}

/* The first error, but one that turns away before others. */
static void keep(struct tracker *t, struct live *e, const struct packet *p)
{
	struct detail *d = live_detail(t, e);
	bool is_better = turns_away(p) && !live_is(e, LIVE_ICMP_REJECTS);

	d->n_icmp++;
	live_changed(t, e);
	if (d->n_icmp > 1 && !is_better)
		return;
	d->icmp_from = p->icmp_from;
	d->icmp_type = p->icmp_type;
	d->icmp_code = p->icmp_code;
	if (is_better)
		e->flags |= LIVE_ICMP_REJECTS;
}

void icmp_take(struct tracker *t, struct live *e, const struct packet *p,
	       bool quotes_server)
{
	if (!e || !is_about(e, p, quotes_server) || seen_elsewhere(t, e, p, quotes_server))
		return;
	keep(t, e, p);
	if (is_too_big(p))
		stream_too_big(t, e, p);
	/* It travels towards the end whose packet it quotes. */
	live_event(t, e, p, PACKET_ICMP, !quotes_server, live_detail(t, e)->n_icmp > 1);
	if (!turns_away(p) || quotes_server || live_is(e, LIVE_SYN_ACK))
		return;
	if (e->outcome == OUTCOME_OPEN || e->outcome == OUTCOME_SILENT)
		live_decide(t, e, OUTCOME_ICMP);
}
