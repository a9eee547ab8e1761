/*
 * One listener from picture to picture: who holds it, and its queue. That it came or went
 * is events_listeners.c.
 */
#include "core/snapshot/events_impl.h"

#include <string.h>

#include "core/snapshot/fold.h"

enum { USUAL_RANGE_LOW = 32768 };

/* Of what is folded together; a place has several of these. */
enum family {
	FAMILY_LISTENER,
	FAMILY_QUEUE,
	FAMILY_DROPS,
	FAMILY_RATE,
	FAMILY_ANSWER,
	FAMILY_REACH
};

static enum family family_of(enum event_kind k)
{
	switch (k) {
	case EVENT_FULL:
	case EVENT_DRAINED:
		return FAMILY_QUEUE;
	case EVENT_DROPS:
		return FAMILY_DROPS;
	case EVENT_ROSE:
	case EVENT_FELL:
	case EVENT_USUAL:
		return FAMILY_RATE;
	case EVENT_FAILS:
	case EVENT_WORKS:
		return FAMILY_ANSWER;
	case EVENT_REACH:
		return FAMILY_REACH;
	case EVENT_NEW:
	case EVENT_BACK:
	case EVENT_RESTARTED:
	case EVENT_OWNER:
	case EVENT_MOVED:
	case EVENT_GONE:
	case EVENT_RULES:
	case EVENT_SPACE_CAME:
	case EVENT_SPACE_WENT:
	case EVENT_UNSEEN:
	case EVENT_SEEN:
	case EVENT_MESSAGE:
	case N_EVENT_KINDS:
		break;
	}
	return FAMILY_LISTENER;
}

struct event event_of(enum event_kind kind, const struct listener *l)
{
	uint8_t family = (uint8_t)family_of(kind);
	struct event e = {.kind = kind,
			  .subject = event_hash(l->place, &family, sizeof(family)),
			  .endpoint_id = l->id,
			  .proto = l->proto,
			  .port = l->port,
			  .address = l->address,
			  .is = l->owner};

	memcpy(e.on, l->on, sizeof(e.on));
	memcpy(e.space, l->space_name, sizeof(e.space));
	return e;
}

uint64_t space_key(const struct space *space)
{
	uint64_t hash = event_hash(EVENT_HASH, &space->netns, sizeof(space->netns));

	return space->netns ? hash : event_hash(hash, space->name.bytes, space->name.len);
}

static const struct process_row *holder(const struct endpoint *e)
{
	return e->n_owners ? e->owners[0] : NULL;
}

static void fill_process(struct event_process *p, const struct process_row *row)
{
	*p = (struct event_process){0};
	if (!row)
		return;
	p->pid = row->pid;
	event_keep(p->comm, sizeof(p->comm), row->comm);
}

static uint64_t place_of(uint64_t space, enum socket_proto p, uint16_t port,
			 uint32_t ifindex, const struct addr *a)
{
	uint64_t hash = event_hash(space, &port, sizeof(port));
	uint8_t proto = (uint8_t)fold_proto(p);

	hash = event_hash(hash, &proto, sizeof(proto));
	hash = event_hash(hash, &ifindex, sizeof(ifindex));
	hash = event_hash(hash, &a->family, sizeof(a->family));
	return event_hash(hash, a->bytes, sizeof(a->bytes));
}

uint64_t socket_place(uint64_t space, const struct socket_row *s)
{
	struct addr a = addr_unmapped(&s->local);

	return place_of(space, s->proto, s->port, s->ifindex, &a);
}

/* Who holds it for itself: a manager only keeps it open for others. */
static void fill_owners(struct listener *l, const struct endpoint *e)
{
	for (size_t i = 0; i < e->n_owners && l->n_owners < KEPT_OWNERS; i++)
		if (!process_is_manager(e->owners[i]))
			l->owners[l->n_owners++] = (struct owner_key){
				e->owners[i]->pid, e->owners[i]->start_ticks};
	l->are_owners_complete = e->owners_state == OWNERS_COMPLETE;
	fill_process(&l->owner, holder(e));
}

/* The port that a client's question comes from: by the host's range, or before it is known
 * by the usual one. ip(7), ip_local_port_range. */
static bool is_passing(const struct endpoint *e)
{
	bool is_high = !e->space->facts && e->port >= USUAL_RANGE_LOW;

	return !endpoint_is_stream(e) && (e->is_ephemeral || is_high);
}

void listener_fill(struct listener *l, const struct endpoint *e)
{
	struct str on = {0};

	*l = (struct listener){.id = e->id,
			       .space = space_key(e->space),
			       .proto = e->proto,
			       .port = e->port,
			       .address = e->address,
			       .ifindex = e->ifindex,
			       .is_passing = is_passing(e),
			       .is_full = endpoint_is_full(e)};
	l->place = place_of(l->space, e->proto, e->port, e->ifindex, &e->address);
	endpoint_listens_on(&on, e);
	event_keep(l->on, sizeof(l->on), text_of_str(&on));
	str_release(&on);
	event_keep(l->space_name, sizeof(l->space_name),
		   e->space->is_own ? TEXT_NONE : e->space->name);
	fill_owners(l, e);
}

static bool holds(const struct endpoint *e, const struct owner_key *k)
{
	for (size_t i = 0; i < e->n_owners; i++)
		if (e->owners[i]->pid == k->pid &&
		    e->owners[i]->start_ticks == k->start_ticks)
			return true;
	return false;
}

/* All of those who held it are gone, and others hold it: known on both sides. */
static bool has_other_owners(const struct listener *l, const struct listener *old,
			     const struct endpoint *e)
{
	if (!l->are_owners_complete || !old->are_owners_complete || !l->n_owners ||
	    !old->n_owners)
		return false;
	for (size_t i = 0; i < old->n_owners; i++)
		if (holds(e, &old->owners[i]))
			return false;
	return true;
}

enum event_kind listener_restart_kind(const struct event_process *was,
				      const struct event_process *is)
{
	bool is_known = was->pid && is->pid;

	return is_known && strcmp(was->comm, is->comm) != 0 ? EVENT_OWNER : EVENT_RESTARTED;
}

static void compare_owners(struct events *v, const struct listener *l,
			   const struct listener *old, const struct endpoint *e,
			   struct moment at)
{
	struct event event;

	if (!has_other_owners(l, old, e))
		return;
	event = event_of(listener_restart_kind(&old->owner, &l->owner), l);
	event.was = old->owner;
	events_add(v, &event, at);
}

static void compare_queue(struct events *v, struct listener *l, const struct listener *old,
			  const struct endpoint *e, struct moment at)
{
	const struct queue *q = &e->queue;
	struct event event;

	if (q->length == QUEUE_UNKNOWN || q->limit == QUEUE_UNKNOWN) {
		l->is_full = old->is_full;
		return;
	}
	l->is_full = endpoint_is_full(e) || (old->is_full && q->length > q->limit / 2);
	if (l->is_full == old->is_full)
		return;
	event = event_of(l->is_full ? EVENT_FULL : EVENT_DRAINED, l);
	event.number_was = q->limit;
	event.number_is = q->length;
	events_add(v, &event, at);
}

/* The name that an event could not tell yet. */
static void tell_owner(struct events *v, struct listener *l, const struct endpoint *e)
{
	struct event *event = events_find(v, l->wants_owner);

	if (e->owners_state == OWNERS_PENDING && !l->owner.pid)
		return;
	l->wants_owner = 0;
	if (!event || !l->owner.pid)
		return;
	event->is = l->owner;
	if (event->kind != EVENT_RESTARTED)
		return;
	event->kind = listener_restart_kind(&event->was, &event->is);
	event->kinds |= 1u << event->kind;
	if (event->n == 1)
		event->kinds = 1u << event->kind;
}

void listener_compare(struct events *v, struct listener *l, const struct listener *old,
		      const struct endpoint *e, struct moment at)
{
	l->wants_owner = old->wants_owner;
	l->answers = old->answers;
	l->pulse = old->pulse;
	memcpy(l->reach, old->reach, sizeof(l->reach));
	compare_owners(v, l, old, e, at);
	compare_queue(v, l, old, e, at);
	if (l->wants_owner)
		tell_owner(v, l, e);
	/* Who held it stays known where it could not be looked at this time. */
	if (!l->owner.pid && e->owners_state != OWNERS_NONE_FOUND)
		l->owner = old->owner;
	if (!l->are_owners_complete && e->owners_state == OWNERS_PENDING) {
		memcpy(l->owners, old->owners, sizeof(l->owners));
		l->n_owners = old->n_owners;
		l->are_owners_complete = old->are_owners_complete;
	}
}
