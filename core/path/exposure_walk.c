/*
 * One packet of one source: what all of its walks come to. Routes are not asked: it comes
 * in by the interface that is given, and its answer leaves there.
 */
#include "core/path/exposure_impl.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

enum { WALKS_MAX = 64, CT_ESTABLISHED = 2, CT_NEW = 8 };
/* nf_conntrack_common.h: seen reply, confirmed, both translations done */
enum { CT_OF_REPLY = 0x2 | 0x8 | 0x180, SOURCES_TURNED = 100 };

static const char too_many[] = "too many rules depend on what is not known";
static const char not_asked[] = "a set was not asked yet";
static const char not_told[] = "what decides is not known";
static const char target_open[] = "the translation has several targets";
static const char elsewhere[] = "the rules of the listener's own namespace were not read";
static const char not_all_sockets[] = "the sockets could not all be read";

/* A walk; the walking comes first: lookups get it. */
struct one {
	struct walking k;
	struct path path;
	const struct exposure_try *try;
	enum exposure_end end;
	const struct endpoint *target;
};

/* ---- what rules ask ---- */

/* The way back of every source is where it came in. */
static uint32_t route_device(void *arg, const struct addr *a, uint32_t mark)
{
	const struct one *o = arg;

	(void)mark;
	if (world_is_here(o->k.world, a) == TRI_YES)
		return 0;
	return addr_equals(a, &o->try->from) ? o->try->ifindex : NO_ROW;
}

static bool copy_name(char *out, size_t room, struct text name)
{
	if (name.len >= room || memchr(name.bytes, 0, name.len))
		return false;
	memcpy(out, name.bytes, name.len);
	return true;
}

/* An element alone says nothing of the sources around: however large, the set is read. */
static const struct fw_member *whole_set(void *arg, uint32_t row, const uint8_t *key,
					 bool *is_awaited)
{
	struct one *o = arg;
	const struct path_world *w = o->k.world;
	const struct fw_set *set = &w->rules->sets[row];
	const struct fw_table *table = &w->rules->tables[set->table];
	struct question q = {.kind = QUESTION_MEMBER};
	const struct response *r;

	(void)key;
	q.member.backend = MEMBER_NFT;
	q.member.family = table->family;
	if (!w->responses ||
	    !copy_name(q.member.table, sizeof(q.member.table), table->name) ||
	    !copy_name(q.member.set, sizeof(q.member.set), set->name))
		return NULL;
	r = responses_find(w->responses, &q);
	if (r && r->state != RESPONSE_WAITING)
		return r->state == RESPONSE_WHOLE ? r->table : NULL;
	*is_awaited = true;
	path_add_need(&o->path, &q);
	walking_doubt(&o->k, NO_ROW, not_asked);
	return NULL;
}

static void set_lookups(struct one *o, struct fw_cell *cell)
{
	o->k.lookups = world_lookups(&o->k);
	o->k.lookups.route_device = route_device;
	o->k.lookups.ipset_member = NULL;
	o->k.lookups.cell = cell;
	o->k.lookups.set_member = whole_set;
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

static bool is_translated(const struct one *o)
{
	return !addr_equals(&o->k.packet.daddr, &o->try->to) ||
	       o->k.packet.dport != o->try->port;
}

static void start(struct one *o, const struct exposure_try *t, struct fw_choices *choices,
		  struct fw_cell *cell)
{
	memset(o, 0, sizeof(*o));
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

static bool come_from_here(struct one *o)
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

static bool come_in(struct one *o)
{
	struct walking *k = &o->k;

	if (o->try->is_from_here && !come_from_here(o))
		return false;
	device_enter(k, o->try->ifindex);
	return walking_hook(k, PLACE_INGRESS) && walking_hook(k, PLACE_PREROUTING);
}

/* ---- who takes it ---- */

static void meet_socket(struct one *o, const struct space *space, uint32_t ifindex)
{
	const struct walking *k = &o->k;
	enum tri served;
	const struct socket_row *socket =
		path_socket(space, o->try->proto, &k->packet.daddr, k->packet.dport,
			    ifindex, &o->target, k->world->snapshot, &served);

	if (!socket && served == TRI_NO) {
		walking_end(&o->k, PATH_REJECT, DECIDER_SOCKET, PLACE_SOCKET);
		return;
	}
	if (served != TRI_YES)
		walking_doubt(&o->k, NO_ROW, not_all_sockets);
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

static void pass_on(struct one *o)
{
	struct walking *k = &o->k;
	const struct space *other = space_with(k->world, &k->packet.daddr);

	if (!walking_may_pass_on(k))
		return;
	device_leave(k, device_towards(k->world, &k->packet.daddr), 0);
	if (!walking_hook(k, PLACE_FORWARD))
		return;
	if (other)
		meet_socket(o, other, 0);
	if (o->target)
		walking_doubt(k, NO_ROW, elsewhere);
	walking_hook(k, PLACE_POSTROUTING);
}

static void deliver(struct one *o)
{
	struct walking *k = &o->k;

	o->path.is_local = true;
	if (walking_input(k))
		meet_socket(o, k->world->space, o->try->ifindex);
}

/* ---- the answer ---- */

static void turn_back(struct walking *k)
{
	k->packet.saddr = k->path->ask.server;
	k->packet.sport = k->path->ask.server_port;
}

static void turn_packet(struct walking *k)
{
	struct fw_packet *p = &k->packet, old = *p;

	*p = (struct fw_packet){.saddr = old.daddr,
				.daddr = k->client,
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

static void answer(struct one *o)
{
	struct walking *k = &o->k;
	bool is_turned = is_translated(o) && k->packet.ct.has_entry;

	k->leg = &o->path.reply;
	leg_start(k->leg);
	turn_packet(k);
	walking_mind_unread(k);
	device_leave(k, o->try->ifindex, 0);
	if (!walking_hook(k, PLACE_OUTPUT))
		return;
	if (is_turned
		    ? walking_hook_undoing(k, PLACE_POSTROUTING, SOURCES_TURNED, turn_back)
		    : walking_hook(k, PLACE_POSTROUTING))
		walking_hook(k, PLACE_EGRESS);
}

/* ---- one walk ---- */

static void conclude(struct one *o)
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

static int walk_one(struct exposure *x, const struct exposure_try *t, struct fw_choices *c,
		    struct fw_cell *cell, struct one *o)
{
	start(o, t, c, cell);
	if (come_in(o)) {
		switch (world_takes(t->world, &o->k.packet.daddr)) {
		case TRI_YES:
			deliver(o);
			break;
		case TRI_NO:
			pass_on(o);
			break;
		case TRI_UNSURE:
			walking_doubt(&o->k, NO_ROW, "whose address it is is not known");
			break;
		}
	}
	if (!o->k.has_ended && o->target && o->path.is_local)
		answer(o);
	conclude(o);
	for (size_t i = 0; i < o->path.n_needs && x->n_needs < PATH_NEEDS_MAX; i++) {
		bool is_there = false;

		for (size_t j = 0; j < x->n_needs; j++)
			is_there = is_there ||
				   question_equals(&x->needs[j], &o->path.needs[i]);
		if (!is_there)
			x->needs[x->n_needs++] = o->path.needs[i];
	}
	return o->k.error;
}

/* ---- all of them ---- */

static void add_target(struct exposure_answer *out, const struct endpoint *target)
{
	for (size_t i = 0; i < out->n_targets; i++)
		if (out->targets[i] == target)
			return;
	if (target && out->n_targets < EXPOSURE_TARGETS_MAX)
		out->targets[out->n_targets++] = target;
}

static void name_doubt(struct exposure_answer *out, uint32_t rule, const char *why)
{
	if (out->why)
		return;
	out->rule = rule;
	out->why = why;
}

/* What this walk took otherwise than the first one did. */
static void name_difference(struct exposure_answer *out, const struct fw_choices *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->made[i].pick != c->made[i].first)
			name_doubt(out, c->made[i].rule, c->made[i].why);
}

static void merge(struct exposure_answer *out, const struct one *o,
		  const struct fw_choices *c, bool is_first)
{
	const struct path_leg *const legs[] = {&o->path.request, &o->path.reply};
	bool is_same =
		is_first || (o->end == out->end &&
			     (o->end == EXPOSURE_CLOSED ||
			      (out->n_targets == 1 && out->targets[0] == o->target)));

	out->is_translated = out->is_translated || is_translated(o);
	if (o->end != EXPOSURE_CLOSED)
		add_target(out, o->target);
	if (is_first)
		out->end = o->end;
	for (size_t i = 0; i < 2 && o->end == EXPOSURE_UNSURE; i++)
		if (legs[i]->n_unsure)
			name_doubt(out, legs[i]->unsure[0].rule, legs[i]->unsure[0].why);
	if (o->end == EXPOSURE_UNSURE)
		name_doubt(out, NO_ROW, not_told);
	if (is_same)
		return;
	name_difference(out, c);
	name_doubt(out, NO_ROW, target_open);
	out->end = EXPOSURE_UNSURE;
}

int exposure_walk(struct exposure *x, const struct exposure_try *t, struct fw_cell *cell,
		  struct exposure_answer *out)
{
	struct fw_choices c = {0};
	struct one o;
	bool is_overfull = false, goes_on;
	size_t n = 0;
	int error;

	*out = (struct exposure_answer){.rule = NO_ROW};
	do {
		error = walk_one(x, t, &c, cell, &o);
		if (error)
			return error;
		merge(out, &o, &c, n == 0);
		is_overfull = is_overfull || c.is_overfull;
		goes_on = fw_choices_next(&c);
	} while (++n < WALKS_MAX && goes_on);
	if (goes_on || is_overfull) {
		out->end = EXPOSURE_UNSURE;
		name_doubt(out, NO_ROW, too_many);
	}
	return 0;
}

int exposure_is_translated(struct exposure *x, const struct exposure_try *t,
			   struct fw_cell *cell, bool *out)
{
	struct fw_choices c = {0};
	struct one o;
	size_t n = 0;

	(void)x;
	*out = false;
	do {
		start(&o, t, &c, cell);
		come_in(&o);
		if (o.k.error)
			return o.k.error;
		*out = *out || o.path.request.is_nat_touched || is_translated(&o) ||
		       c.is_overfull;
	} while (++n < WALKS_MAX && fw_choices_next(&c));
	return 0;
}
