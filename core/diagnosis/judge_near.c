/* Rules that would let the packet in but for one field: what a person meant to allow. */
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "core/diagnosis/judge_impl.h"
#include "core/firewall/eval.h"

enum { CT_NEW = 8 };

/* The first packet of the flow, as it stands before the chain that decided. */
static struct fw_packet packet_of(const struct judging *j)
{
	const struct path *p = &j->walk->path;
	const struct link_table *links = j->e->space->links;
	const struct link_row *in = links ? links_find(links, p->in_ifindex) : NULL;
	struct fw_packet k = {.saddr = p->ask.client,
			      .daddr = p->is_translated ? p->server : p->ask.server,
			      .proto = p->ask.proto,
			      .sport = p->ask.client_port,
			      .dport = p->is_translated ? p->server_port
							: p->ask.server_port,
			      .is_sport_unknown = !p->ask.client_port,
			      .is_mark_known = true,
			      .iif = in ? in->name : TEXT_NONE,
			      .iif_index = p->in_ifindex,
			      .is_iif_unknown = !in};

	if (k.proto == IPPROTO_TCP)
		k.tcp_flags = TH_SYN;
	k.ct = (struct fw_conntrack){.state = CT_NEW,
				     .has_entry = true,
				     .is_mark_known = true,
				     .saddr = k.saddr,
				     .daddr = p->ask.server,
				     .sport = k.sport,
				     .dport = p->ask.server_port};
	return k;
}

/* What the rule beyond a translation met is no longer what came in. */
static size_t near_of_forward(const struct judging *j, struct fw_near *near)
{
	struct path_world world = evidence_world(j->e);

	return path_near_misses(&world, &j->walk->path.request, near, NEAR_MAX);
}

static size_t near_of_input(const struct judging *j, struct fw_near *near)
{
	struct fw_lookups none = {.wall_ns = j->e->now_ns,
				  .utc_offset_s = j->e->utc_offset_s};
	struct fw_packet packet = packet_of(j);

	return firewall_near_misses(j->e->rules, j->d->chain, &packet, &none, near,
				    NEAR_MAX);
}

void judge_near(struct judging *j)
{
	struct diagnosis *d = j->d;
	struct fw_near near[NEAR_MAX];

	if (!d->has_rule || !j->walk->client.family ||
	    d->findings[0].fault == FAULT_REPLY_DROP)
		return;
	if (d->findings[0].fault == FAULT_FORWARD_DROP)
		d->n_near = near_of_forward(j, near);
	else if (d->findings[0].step == STEP_FIREWALL)
		d->n_near = near_of_input(j, near);
	for (size_t i = 0; i < d->n_near; i++)
		d->near[i] = (struct near_miss){near[i].rule, near[i].field};
}
