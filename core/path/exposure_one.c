/*
 * One walk of one packet for exposure, and of the answer to it. Routes are not asked: it
 * comes in by the interface that is given, and its answer leaves there.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>

#include "core/path/exposure_impl.h"

enum { CT_ESTABLISHED = 2, CT_NEW = 8 };
/* nf_conntrack_common.h: seen reply, confirmed, both translations done */
enum { CT_OF_REPLY = 0x2 | 0x8 | 0x180, SOURCES_TURNED = 100 };

static const char not_all_sockets[] = "the sockets could not all be read";
static const char not_whither[] = "whether the mark of a transparent proxy leads here";
static const char not_whose[] = "whose address it is is not known";

/* ---- what rules ask ---- */

/* The way back of every source is where it came in. */
static uint32_t route_device(void *arg, const struct addr *a, uint32_t mark)
{
	const struct exposure_one *o = arg;

	(void)mark;
	if (world_is_here(o->k.world, a) == TRI_YES)
		return 0;
	if (o->within && addr_equals(a, &o->outside.saddr))
		return o->device;
	return addr_equals(a, &o->try->from) ? o->try->ifindex : NO_ROW;
}

static void set_lookups(struct exposure_one *o, struct fw_cell *cell)
{
	o->k.lookups = world_lookups(&o->k);
	o->k.lookups.route_device = route_device;
	o->k.lookups.cell = cell;
	exposure_ask_whole(&o->k.lookups);
}

/* ---- the packet ---- */

static struct fw_packet packet_of(const struct exposure_try *t)
{
	struct fw_packet p = {.saddr = t->from,
			      .daddr = t->to,
			      .proto = t->proto,
			      .dport = t->port,
			      .tcp_flags = t->proto == IPPROTO_TCP ? TH_SYN : 0,
			      .is_sport_unknown = true,
			      .is_mark_known = true};

	if (!t->from.family) {
		p.saddr.family = t->to.family;
		p.is_source_unknown = true;
	}
	p.ct = (struct fw_conntrack){.state = CT_NEW,
				     .has_entry = true,
				     .is_mark_known = true,
				     .saddr = p.saddr,
				     .daddr = p.daddr,
				     .dport = p.dport};
	return p;
}

bool exposure_has_moved(const struct exposure_one *o)
{
	return walking_has_proxy(&o->k) || !addr_equals(&o->k.packet.daddr, &o->try->to) ||
	       o->k.packet.dport != o->try->port;
}

static void start(struct exposure_one *o, const struct exposure_try *t,
		  struct fw_choices *choices, struct fw_cell *cell)
{
	/* The needs are large, and there are many walks. */
	memset(o, 0, offsetof(struct exposure_one, path));
	memset(&o->path, 0, offsetof(struct path, needs));
	o->path.n_needs = 0;
	o->try = t;
	o->path.ask = (struct path_ask){.proto = t->proto,
					.client = t->from,
					.server = t->to,
					.server_port = t->port,
					.in_ifindex = t->ifindex,
					.is_from_here = t->is_from_here};
	o->k.world = t->world;
	o->k.path = &o->path;
	o->k.leg = &o->path.request;
	o->k.choices = choices;
	o->k.client = t->from;
	o->k.is_from_here = t->is_from_here;
	o->k.packet = packet_of(t);
	o->path.in_ifindex = t->ifindex;
	leg_start(o->k.leg);
	set_lookups(o, cell);
	walking_mind_unread(&o->k);
}

/* ---- in ---- */

static bool come_from_here(struct exposure_one *o)
{
	struct walking *k = &o->k;
	uint32_t lo = device_loopback(k->world);

	device_forget(k);
	k->packet.has_socket = true;
	device_leave(k, lo, 0);
	if (!walking_hook(k, PLACE_OUTPUT) || !walking_hook(k, PLACE_POSTROUTING) ||
	    !walking_hook(k, PLACE_EGRESS))
		return false;
	k->packet.has_socket = false;
	return true;
}

static bool come_in(struct exposure_one *o)
{
	struct walking *k = &o->k;

	if (o->try->is_from_here && !come_from_here(o))
		return false;
	device_enter(k, o->try->ifindex);
	return walking_hook(k, PLACE_INGRESS) && walking_hook(k, PLACE_PREROUTING);
}

/* ---- who takes it ---- */

void exposure_meet_socket(struct exposure_one *o, const struct space *space,
			  uint32_t ifindex)
{
	const struct walking *k = &o->k;
	const struct socket_row *socket;
	enum tri served;

	if (walking_has_proxy(k) && space == k->world->space)
		socket = walking_proxy_socket(k, &o->target, &served);
	else
		socket =
			path_socket(space, o->try->proto, &k->packet.daddr, k->packet.dport,
				    ifindex, &o->target, k->world->snapshot, &served);
	if (!socket && served == TRI_NO) {
		walking_end(&o->k, PATH_REJECT, DECIDER_SOCKET, PLACE_SOCKET);
		return;
	}
	if (served != TRI_YES)
		walking_doubt(&o->k, NO_ROW, not_all_sockets);
	o->path.socket = socket;
	walking_meet_programs(&o->k, PROGRAM_AT_SOCKET);
}

/* The namespace of this host that has the address, besides the one that is looked at. */
static const struct space *space_with(const struct path_world *w, const struct addr *a)
{
	const struct snapshot *s = w->snapshot;

	for (size_t i = 0; s && i < s->n_spaces; i++) {
		const struct space *other = &s->spaces[i];

		if (other != w->space && !addr_is_loopback(a) && other->addresses &&
		    address_is_here(other->addresses, NULL, a) == TRI_YES)
			return other;
	}
	return NULL;
}

/* The device whose network has the address; 0: none has. */
static uint32_t device_towards(const struct path_world *w, const struct addr *a)
{
	const struct address_table *t = w->space->addresses;

	for (size_t i = 0; t && i < t->n; i++)
		if (addr_in_prefix(a, &t->rows[i].local, t->rows[i].prefix_len))
			return t->rows[i].ifindex;
	return 0;
}

static void pass_on(struct exposure_one *o)
{
	struct walking *k = &o->k;

	if (walking_has_proxy(k)) {
		walking_doubt(k, NO_ROW, not_whither);
		return;
	}
	o->other = space_with(k->world, &k->packet.daddr);
	if (!walking_may_pass_on(k))
		return;
	o->out_device = device_towards(k->world, &k->packet.daddr);
	device_leave(k, o->out_device, 0);
	if (!walking_hook(k, PLACE_FORWARD) || !walking_hook(k, PLACE_POSTROUTING) ||
	    !walking_hook(k, PLACE_EGRESS))
		return;
	if (o->other)
		exposure_enter(o);
}

static void deliver(struct exposure_one *o)
{
	struct walking *k = &o->k;

	o->path.is_local = true;
	if (walking_input(k))
		exposure_meet_socket(o, k->world->space, o->try->ifindex);
}

/* ---- the answer ---- */

static void turn_back(struct walking *k)
{
	k->packet.saddr = k->path->ask.server;
	k->packet.sport = k->path->ask.server_port;
}

void exposure_turn_packet(struct walking *k, const struct addr *client)
{
	struct fw_packet *p = &k->packet, old = *p;

	*p = (struct fw_packet){.saddr = old.daddr,
				.daddr = *client,
				.proto = old.proto,
				.sport = old.dport,
				.is_dport_unknown = true,
				.is_mark_known = true,
				.has_socket = true,
				.ct = old.ct};
	p->tcp_flags = old.proto == IPPROTO_TCP ? TH_SYN | TH_ACK : 0;
	if (!p->ct.has_entry) {
		/* conntrack never saw the flow: a SYN-ACK begins none, a datagram does. */
		p->ct = (struct fw_conntrack){.state = 1, .is_mark_known = true};
		if (old.proto != IPPROTO_TCP)
			p->ct = (struct fw_conntrack){.state = CT_NEW,
						      .has_entry = true,
						      .is_mark_known = true,
						      .saddr = p->saddr,
						      .daddr = p->daddr,
						      .sport = p->sport};
		return;
	}
	p->ct.state = CT_ESTABLISHED;
	p->ct.is_reply = true;
	p->ct.status |= CT_OF_REPLY;
}

/* What is left of its way goes through this host's network; else it begins here. */
static bool answer_passed_on(struct exposure_one *o)
{
	struct walking *k = &o->k;

	exposure_answer_inside(o);
	if (k->has_ended || k->error || !walking_may_pass_on(k))
		return false;
	device_leave(k, o->try->ifindex, 0);
	return walking_hook(k, PLACE_FORWARD);
}

static bool answer_from_here(struct exposure_one *o)
{
	struct walking *k = &o->k;

	exposure_turn_packet(k, &k->client);
	walking_mind_unread(k);
	device_leave(k, o->try->ifindex, 0);
	return walking_hook(k, PLACE_OUTPUT);
}

static void answer(struct exposure_one *o)
{
	struct walking *k = &o->k;
	bool is_turned = o->is_translated && k->packet.ct.has_entry;

	k->leg = &o->path.reply;
	leg_start(k->leg);
	if (!(o->within ? answer_passed_on(o) : answer_from_here(o)))
		return;
	if (!(is_turned ? walking_hook_undoing(k, PLACE_POSTROUTING, SOURCES_TURNED,
					       turn_back)
			: walking_hook(k, PLACE_POSTROUTING)))
		return;
	if (o->path.is_local && !walking_meet_programs(k, PROGRAM_AT_SEND))
		return;
	walking_hook(k, PLACE_EGRESS);
}

/* ---- one walk ---- */

static void conclude(struct exposure_one *o)
{
	struct walking *k = &o->k;

	walking_pass(k);
	switch (k->leg->verdict) {
	case PATH_ACCEPT:
		o->end = o->target ? EXPOSURE_OPEN : EXPOSURE_CLOSED;
		break;
	case PATH_DROP:
	case PATH_REJECT:
		o->end = EXPOSURE_CLOSED;
		break;
	case PATH_UNSURE:
		o->end = EXPOSURE_UNSURE;
		break;
	}
}

int exposure_come_in(const struct exposure_try *t, struct fw_choices *c,
		     struct fw_cell *cell, struct exposure_one *o)
{
	start(o, t, c, cell);
	come_in(o);
	return o->k.error;
}

int exposure_walk_one(const struct exposure_try *t, struct fw_choices *c,
		      struct fw_cell *cell, struct exposure_one *o)
{
	start(o, t, c, cell);
	if (come_in(o)) {
		o->is_translated = exposure_has_moved(o);
		switch (world_takes(t->world, &o->k.packet.daddr)) {
		case TRI_YES:
			deliver(o);
			break;
		case TRI_NO:
			pass_on(o);
			break;
		case TRI_UNSURE:
			walking_doubt(&o->k, NO_ROW, not_whose);
			break;
		}
	}
	o->is_translated = o->is_translated || exposure_has_moved(o);
	if (!o->k.has_ended && o->target && (o->path.is_local || o->within))
		answer(o);
	conclude(o);
	return o->k.error;
}
