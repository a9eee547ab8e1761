/*
 * What stands in the way besides rules: XDP programs, filters of tc, programs of control
 * groups. Their code is not followed: where one may stop the packet it is not known whether
 * it does. Only a filter that says itself which packets it drops decides.
 */
#include <string.h>

#include "core/path/walking.h"

enum { FRAME_ANY = 0x0003, FRAME_IPV4 = 0x0800, FRAME_IPV6 = 0x86dd }; /* if_ether.h */
enum { LOWER_MAX = 16, DEPTH_MAX = 4 };

/* ---- does a filter take it? ---- */

static enum tri both(enum tri a, enum tri b)
{
	if (a == TRI_NO || b == TRI_NO)
		return TRI_NO;
	return a == TRI_UNSURE || b == TRI_UNSURE ? TRI_UNSURE : TRI_YES;
}

static enum tri is_frame(const struct program_match *m, const struct fw_packet *p)
{
	if (!m->frame || m->frame == FRAME_ANY)
		return TRI_YES;
	return m->frame == (p->saddr.family == AF_INET6 ? FRAME_IPV6 : FRAME_IPV4) ? TRI_YES
										   : TRI_NO;
}

static enum tri is_port(bool has, const uint16_t range[2], uint16_t port, bool is_unknown)
{
	if (!has)
		return TRI_YES;
	if (is_unknown)
		return TRI_UNSURE;
	return port >= range[0] && port <= range[1] ? TRI_YES : TRI_NO;
}

static enum tri is_address(const struct addr *wanted, uint8_t len, const struct addr *a,
			   bool is_unknown)
{
	if (!wanted->family)
		return TRI_YES;
	if (wanted->family != a->family)
		return TRI_NO;
	if (is_unknown)
		return len ? TRI_UNSURE : TRI_YES;
	return addr_in_prefix(a, wanted, len) ? TRI_YES : TRI_NO;
}

static enum tri takes(const struct program_match *m, const struct fw_packet *p)
{
	enum tri t =
		both(is_frame(m, p), !m->proto || m->proto == p->proto ? TRI_YES : TRI_NO);

	t = both(t, is_port(m->has_source_port, m->source_port, p->sport,
			    p->is_sport_unknown));
	t = both(t, is_port(m->has_target_port, m->target_port, p->dport,
			    p->is_dport_unknown));
	t = both(t, is_address(&m->source, m->source_len, &p->saddr, p->is_source_unknown));
	t = both(t, is_address(&m->target, m->target_len, &p->daddr,
			       p->is_destination_unknown));
	return t == TRI_YES && !m->is_known ? TRI_UNSURE : t;
}

/* ---- meeting one ---- */

static enum place_kind place_of(enum program_place place)
{
	switch (place) {
	case PROGRAM_AT_XDP:
	case PROGRAM_AT_INGRESS:
		return PLACE_INGRESS;
	case PROGRAM_AT_SOCKET:
		return PLACE_SOCKET;
	case PROGRAM_AT_SEND:
		return PLACE_POSTROUTING;
	case PROGRAM_AT_EGRESS:
	case PROGRAM_AT_QUEUE:
	case N_PROGRAM_PLACES:
		break;
	}
	return PLACE_EGRESS;
}

static void keep(struct walking *k, const struct program_row *row)
{
	struct path_leg *leg = k->leg;

	for (size_t i = 0; i < leg->n_programs; i++)
		if (leg->programs[i] == row)
			return;
	if (leg->n_programs < PATH_PROGRAMS_MAX)
		leg->programs[leg->n_programs++] = row;
}

/* The first one of a place stands as a hop. */
static struct path_hop *tell(struct walking *k, const struct program_row *row,
			     bool *is_told)
{
	struct path_hop *h;

	keep(k, row);
	if (*is_told)
		return NULL;
	*is_told = true;
	h = k->leg->n_hops ? &k->leg->hops[k->leg->n_hops - 1] : NULL;
	if (row->place != PROGRAM_AT_SOCKET || !h || h->place != PLACE_SOCKET)
		h = walking_hop(k, place_of(row->place));
	h->outcome = HOP_UNSURE;
	h->why = row->words;
	h->ifindex = row->ifindex;
	return h;
}

static void doubt(struct walking *k, const struct program_row *row, bool *is_told)
{
	tell(k, row, is_told);
	walking_doubt(k, NO_ROW, row->words);
}

static bool stop(struct walking *k, const struct program_row *row)
{
	bool is_told = false;
	struct path_hop *h = tell(k, row, &is_told);

	k->leg->met = k->packet;
	h->outcome = HOP_DROPPED;
	walking_end(k, PATH_DROP, DECIDER_PROGRAM, place_of(row->place));
	return false;
}

struct meeting {
	const struct program_row *rows;
	size_t n;
	bool is_own;     /* the packet is there as it is: not within another frame */
	bool is_certain; /* and that it comes there is known */
	bool is_told;    /* a hop has been made */
};

/* In their order. False: the leg ends. */
static bool meet(struct walking *k, struct meeting *m)
{
	bool is_sure = m->is_certain;

	for (size_t i = 0; i < m->n; i++) {
		const struct program_row *row = &m->rows[i];
		enum tri taken = row->kind == PROGRAM_OF_TC ? takes(&row->match, &k->packet)
							    : TRI_YES;

		/* Others are only asked where an action sends a packet there: that one may
		 * drop. */
		if (row->chain || row->effect == PROGRAM_DOES_NOTHING ||
		    (taken == TRI_NO && m->is_own))
			continue;
		if (row->effect == PROGRAM_PASSES && taken == TRI_YES && m->is_own)
			return true;
		if (row->effect == PROGRAM_DROPS && taken == TRI_YES && is_sure &&
		    row->place != PROGRAM_AT_QUEUE)
			return stop(k, row);
		is_sure = false;
		if (row->effect != PROGRAM_PASSES)
			doubt(k, row, &m->is_told);
	}
	return true;
}

/* ---- where the packet is ---- */

/* The device, and those beneath it: the ports of a bridge or bond, what a VLAN is on. */
static size_t devices_beneath(const struct path_world *w, uint32_t ifindex, uint32_t *out)
{
	const struct link_table *t = w->space->links;
	size_t n = 1;

	out[0] = ifindex;
	for (size_t at = 0; t && at < n && at < DEPTH_MAX; at++) {
		const struct link_row *own = links_find(t, out[at]);

		if (own && own->peer && n < LOWER_MAX &&
		    (text_equals_str(own->kind, "vlan") ||
		     text_equals_str(own->kind, "macvlan") ||
		     text_equals_str(own->kind, "ipvlan")))
			out[n++] = own->peer;
		for (size_t i = 0; i < t->n && n < LOWER_MAX; i++)
			if (t->rows[i].master == out[at])
				out[n++] = t->rows[i].ifindex;
	}
	return n;
}

static bool meet_on_devices(struct walking *k, enum program_place place, uint32_t ifindex)
{
	const struct program_table *t = k->world->programs;
	uint32_t devices[LOWER_MAX];
	size_t n = ifindex ? devices_beneath(k->world, ifindex, devices) : 0;
	struct meeting m = {0};

	/* Of a bridge whose port is known that one is met by itself. */
	if (n > 1 && k->has_met_port)
		n = 1;
	for (size_t i = 0; i < n; i++) {
		m.is_own = m.is_certain = i == 0;
		m.rows = programs_on(t, devices[i], place, &m.n);
		if (!meet(k, &m))
			return false;
	}
	return true;
}

/* Nobody knows the device: each that has some may be it. */
static bool meet_anywhere(struct walking *k, enum program_place place)
{
	const struct program_table *t = k->world->programs;
	struct meeting m = {.n = 1, .is_own = true};

	for (size_t i = 0; i < t->n; i++) {
		m.rows = &t->rows[i];
		if (m.rows->place == place && m.rows->ifindex &&
		    !device_is_loopback(k->world, m.rows->ifindex) && !meet(k, &m))
			return false;
	}
	return true;
}

static bool meet_of_group(struct walking *k, enum program_place place)
{
	const struct socket_row *s = k->path->socket;
	struct meeting m = {.is_own = true};

	if (!s || !s->cgroup_id)
		return true;
	m.rows = programs_of_group(k->world->programs, s->cgroup_id, place, &m.n);
	return meet(k, &m);
}

bool walking_meet_programs(struct walking *k, enum program_place place)
{
	bool goes_out = place == PROGRAM_AT_EGRESS || place == PROGRAM_AT_QUEUE;
	uint32_t ifindex = goes_out ? k->packet.oif_index : k->packet.iif_index;

	if (!k->world->programs)
		return true;
	if (place == PROGRAM_AT_SOCKET || place == PROGRAM_AT_SEND)
		return meet_of_group(k, place);
	if (!ifindex || (goes_out && k->is_out_unsure))
		return meet_anywhere(k, place);
	return meet_on_devices(k, place, ifindex);
}
