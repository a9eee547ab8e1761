/*
 * The part of a walk that lies in another network namespace of this host, as of a
 * container: its hooks, its socket, and the answer's way back to this host. What is not
 * known there is told in words alone: rules of other namespaces have no place in this
 * one's.
 */
#include "core/path/exposure_impl.h"

enum { CT_NEW = 8, TARGETS_TURNED_AT = -100, SOURCES_TURNED_AT = 100 };

static const char elsewhere[] = "the rules of the listener's own namespace were not read";
static const char passed_on[] = "the listener's own namespace passes it on";

static const struct path_world *world_of(const struct exposure_one *o)
{
	for (size_t i = 0; i < o->try->n_inside; i++)
		if (o->try->inside[i].space == o->other && o->try->inside[i].rules)
			return &o->try->inside[i];
	return NULL;
}

/* Two namespaces have two sets of unknown things: what of this one's is not known is picked
 * for itself, once, and makes the end unsure. */
struct stay {
	struct fw_choices *outer;
	struct fw_choices own;
	size_t n_noted; /* of the leg, before */
	size_t n_needs; /* likewise */
};

static void begin(struct exposure_one *o, struct stay *s, const struct path_world *w)
{
	struct walking *k = &o->k;

	*s = (struct stay){.outer = k->choices,
			   .n_noted = k->leg->n_unsure,
			   .n_needs = k->path->n_needs};
	k->world = w;
	k->choices = &s->own;
	walking_mind_unread(k);
}

/* What was lacking in there is asked there. */
static void take_needs(struct exposure_one *o, const struct stay *s)
{
	struct path *p = &o->path;

	for (size_t i = s->n_needs; i < p->n_needs; i++)
		if (o->n_inside_needs < EXPOSURE_NEEDS_MAX)
			o->inside_needs[o->n_inside_needs++] = p->needs[i];
	p->n_needs = s->n_needs;
}

static void end(struct exposure_one *o, struct stay *s)
{
	struct walking *k = &o->k;
	struct path_leg *leg = k->leg;

	take_needs(o, s);

	k->world = o->try->world;
	k->choices = s->outer;
	if (s->own.n)
		walking_doubt(k, NO_ROW, s->own.made[0].why);
	for (size_t i = s->n_noted; i < leg->n_unsure; i++)
		leg->unsure[i].rule = NO_ROW;
	/* Neither is its end certain then. */
	if (s->own.n && k->has_ended)
		leg->verdict = PATH_UNSURE;
}

/* ---- in ---- */

/* Nothing of what this host knew of it goes along but its bytes. */
static void arrive(struct exposure_one *o)
{
	struct walking *k = &o->k;
	struct fw_packet *p = &k->packet;

	o->outside = *p;
	p->mark = 0;
	p->is_mark_known = true;
	p->has_socket = false;
	p->n_rewritten++;
	p->n_marked++;
	p->ct = (struct fw_conntrack){.state = CT_NEW,
				      .has_entry = true,
				      .is_mark_known = true,
				      .saddr = p->saddr,
				      .daddr = p->daddr,
				      .sport = p->sport,
				      .dport = p->dport};
	o->device = address_ifindex(o->other->addresses, &p->daddr);
	device_enter(k, o->device);
}

static void go_to_socket(struct exposure_one *o)
{
	struct walking *k = &o->k;

	if (!walking_hook(k, PLACE_INGRESS) || !walking_hook(k, PLACE_PREROUTING))
		return;
	if (world_takes(k->world, &k->packet.daddr) != TRI_YES) {
		walking_doubt(k, NO_ROW, passed_on);
		return;
	}
	if (walking_input(k))
		exposure_meet_socket(o, o->other, o->device);
}

void exposure_enter(struct exposure_one *o)
{
	const struct path_world *w = world_of(o);
	struct stay stay;

	if (!w) {
		exposure_meet_socket(o, o->other, 0);
		if (o->target)
			walking_doubt(&o->k, NO_ROW, elsewhere);
		return;
	}
	o->within = w;
	begin(o, &stay, w);
	arrive(o);
	go_to_socket(o);
	end(o, &stay);
}

/* ---- and back ---- */

static struct exposure_one *one_of(struct walking *k)
{
	return (struct exposure_one *)k;
}

static void undo_target_inside(struct walking *k)
{
	k->packet.saddr = one_of(k)->outside.daddr;
	k->packet.sport = one_of(k)->outside.dport;
}

static void undo_source(struct walking *k)
{
	k->packet.daddr = k->client;
	k->packet.is_destination_unknown = false;
}

static bool is_changed_inside(const struct exposure_one *o)
{
	return !addr_equals(&o->k.packet.daddr, &o->outside.daddr) ||
	       o->k.packet.dport != o->outside.dport;
}

static bool leave_inside(struct exposure_one *o)
{
	struct walking *k = &o->k;
	bool is_turned = is_changed_inside(o) && k->packet.ct.has_entry;

	exposure_turn_packet(k, &o->outside.saddr);
	k->packet.is_destination_unknown = o->outside.is_source_unknown;
	device_leave(k, o->device, 0);
	if (!walking_hook(k, PLACE_OUTPUT))
		return false;
	if (!(is_turned ? walking_hook_undoing(k, PLACE_POSTROUTING, SOURCES_TURNED_AT,
					       undo_target_inside)
			: walking_hook(k, PLACE_POSTROUTING)))
		return false;
	return walking_meet_programs(k, PROGRAM_AT_SEND) && walking_hook(k, PLACE_EGRESS);
}

/* What left comes in where the request went out. */
static bool come_back(struct exposure_one *o)
{
	struct walking *k = &o->k;

	k->packet = o->outside;
	exposure_turn_packet(k, &o->outside.saddr);
	k->packet.is_destination_unknown = o->outside.is_source_unknown;
	k->packet.has_socket = false;
	walking_mind_unread(k);
	device_enter(k, o->out_device);
	k->undo_at_prerouting = undo_source;
	return walking_hook(k, PLACE_INGRESS) &&
	       walking_hook_undoing(k, PLACE_PREROUTING, TARGETS_TURNED_AT, undo_source);
}

void exposure_answer_inside(struct exposure_one *o)
{
	struct stay stay;
	bool goes_on;

	begin(o, &stay, o->within);
	goes_on = leave_inside(o);
	end(o, &stay);
	if (goes_on)
		come_back(o);
}
