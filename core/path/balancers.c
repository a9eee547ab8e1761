/*
 * Who takes a packet out of the hands of rules and sockets at the hook input: a virtual
 * service of IPVS. Which real server it gets is not known; that there is none may be.
 * net/netfilter/ipvs/ip_vs_core.c: ip_vs_ops, ip_vs_schedule(), ip_vs_leave().
 */
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>

#include "core/path/walking.h"

/* IPVS stands at NF_IP_PRI_NAT_SRC - 2 and - 1. */
enum { CHAINS_BEFORE = 97 };

static const char not_known[] = "whether IPVS takes it is not known";
static const char chooses[] = "IPVS hands it to one of its real servers";
static const char no_server[] = "IPVS has no real server with a weight for it, and answers "
				"with ICMP port unreachable";

/* A connection begins with a SYN; other packets are only those of one that it knows. */
static bool may_begin(const struct walking *k)
{
	const struct fw_packet *p = &k->packet;

	if (p->proto == IPPROTO_UDP)
		return true;
	return p->proto == IPPROTO_TCP && (p->tcp_flags & TH_SYN) &&
	       !(p->tcp_flags & TH_RST);
}

/* may_mark: rules may yet set its mark. */
static enum tri find_service(const struct walking *k, bool may_mark,
			     struct ipvs_service *out)
{
	const struct fw_packet *p = &k->packet;
	const struct ipvs_ask ask = {.proto = p->proto,
				     .address = p->daddr,
				     .port = p->dport,
				     .mark = p->mark,
				     .is_mark_known = p->is_mark_known && !may_mark};
	bool is_whole = false;
	enum tri found;
	struct text text;

	if (!settings_file(k->world->settings, SETTING_VIRTUAL_SERVICES, &text,
			   &is_whole) ||
	    (!text.len && is_whole))
		return TRI_NO;
	if (!k->path->ask.is_established && !may_begin(k))
		return TRI_NO;
	found = ipvs_find(text, is_whole, &ask, out);
	if (found != TRI_NO && (p->is_destination_unknown || p->is_dport_unknown))
		return TRI_UNSURE;
	return found == TRI_YES && k->path->ask.is_established ? TRI_UNSURE : found;
}

static void mind(struct walking *k)
{
	k->path->is_balanced = TRI_UNSURE;
	walking_doubt(k, NO_ROW, not_known);
	k->is_astray = true;
}

static void reject(struct walking *k)
{
	bool is_v6 = k->packet.daddr.family == AF_INET6;
	struct path_hop *h = walking_hop(k, PLACE_INPUT);

	h->outcome = HOP_REJECTED;
	h->why = no_server;
	k->leg->reject = (struct fw_reject){
		.type = is_v6 ? ICMP6_DST_UNREACH : ICMP_DEST_UNREACH,
		.code = is_v6 ? ICMP6_DST_UNREACH_NOPORT : ICMP_PORT_UNREACH};
	walking_end(k, PATH_REJECT, DECIDER_BALANCER, PLACE_INPUT);
}

static void hand_over(struct walking *k)
{
	struct path_hop *h = walking_hop(k, PLACE_INPUT);

	h->outcome = HOP_UNSURE;
	h->why = chooses;
	walking_doubt(k, NO_ROW, chooses);
	walking_end(k, PATH_UNSURE, DECIDER_OPAQUE, PLACE_INPUT);
}

/* A client that has been there before may be let to a server without weight. */
static bool has_none(const struct ipvs_service *s)
{
	return !s->is_damaged && !s->n_weighted && !(s->is_persistent && s->n_servers);
}

static void meet(struct walking *k)
{
	struct ipvs_service s;

	if (k->has_ended || k->error)
		return;
	switch (find_service(k, false, &s)) {
	case TRI_NO:
		return;
	case TRI_UNSURE:
		mind(k);
		return;
	case TRI_YES:
		break;
	}
	k->path->is_balanced = TRI_YES;
	k->path->service = s;
	if (has_none(&s))
		reject(k);
	else
		hand_over(k);
}

bool walking_input(struct walking *k)
{
	struct ipvs_service unused;

	if (find_service(k, true, &unused) == TRI_NO)
		return walking_hook(k, PLACE_INPUT);
	if (!walking_hook_undoing(k, PLACE_INPUT, CHAINS_BEFORE, meet))
		return false;
	return !k->has_ended;
}

void walking_mind_balancers(struct walking *k)
{
	struct ipvs_service unused;

	if (find_service(k, false, &unused) != TRI_NO)
		mind(k);
}
