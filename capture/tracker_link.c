/*
 * Frames into counts: which end is the server (by its port), who was asked over UDP, what
 * counts together. Reads no bytes and no clock.
 */
#include "capture/tracker_link.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { QUESTIONS_MAX = 64 };

struct row {
	struct link_sight sight;
	bool is_told, is_changed;
};

struct link_tracker {
	struct link_tracker_options options;
	struct row rows[LINK_ROWS_MAX];
	uint32_t marks[LINK_ROWS_MAX]; /* of each, side by side: most clients have none */
	unsigned n_rows;
	uint32_t n_lost;
	bool is_state_new;
	/* The latest datagrams of clients; a ring. */
	struct flow questions[QUESTIONS_MAX];
	unsigned n_questions;
};

struct link_tracker *link_tracker_new(const struct link_tracker_options *o)
{
	struct link_tracker *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->options = *o;
	t->is_state_new = true;
	return t;
}

void link_tracker_free(struct link_tracker *t)
{
	free(t);
}

void link_tracker_lost(struct link_tracker *t, uint32_t n)
{
	if (!n)
		return;
	t->n_lost = n > UINT32_MAX - t->n_lost ? UINT32_MAX : t->n_lost + n;
	t->is_state_new = true;
}

/* ---- which end is which ---- */

static bool is_planned(const struct link_tracker *t, uint16_t port)
{
	for (unsigned i = 0; i < t->options.n_ports; i++)
		if (t->options.ports[i] == port)
			return true;
	return false;
}

static void set_ends(struct link_sight *s, const struct flow *f, bool is_from_server)
{
	s->client = is_from_server ? f->target : f->source;
	s->server = is_from_server ? f->source : f->target;
	s->server_port = is_from_server ? f->source_port : f->target_port;
	s->proto = f->proto;
}

static bool name_segment(const struct link_tracker *t, struct link_sight *s,
			 const struct link_frame *f)
{
	bool is_from_server = f->kind != FRAME_SYN;

	if (!is_planned(t, is_from_server ? f->flow.source_port : f->flow.target_port))
		return false;
	s->kind = f->kind == FRAME_SYN       ? LINK_ASK
		  : f->kind == FRAME_SYN_ACK ? LINK_ANSWER
					     : LINK_RESET;
	set_ends(s, &f->flow, is_from_server);
	return true;
}

/* The newest question of `to` at that port; *is_his: one of them went to `from`. */
static const struct flow *question_of(const struct link_tracker *t, const struct flow *f,
				      bool *is_his)
{
	unsigned n = t->n_questions < QUESTIONS_MAX ? t->n_questions : QUESTIONS_MAX;
	const struct flow *newest = NULL;

	*is_his = false;
	for (unsigned i = 0; i < n; i++) {
		unsigned at = (t->n_questions - 1 - i) % QUESTIONS_MAX;
		const struct flow *q = &t->questions[at];

		if (q->source_port != f->target_port || q->target_port != f->source_port ||
		    !addr_equals(&q->source, &f->target))
			continue;
		if (!newest)
			newest = q;
		*is_his |= addr_equals(&q->target, &f->source);
	}
	return newest;
}

static void note_question(struct link_tracker *t, const struct flow *f)
{
	bool is_known;

	question_of(t,
		    &(struct flow){f->target, f->source, f->target_port, f->source_port,
				   f->proto},
		    &is_known);
	if (!is_known)
		t->questions[t->n_questions++ % QUESTIONS_MAX] = *f;
}

static bool is_group(const struct addr *a)
{
	static const uint8_t everybody[4] = {255, 255, 255, 255};

	return addr_is_multicast(a) ||
	       (a->family == AF_INET && !memcmp(a->bytes, everybody, sizeof(everybody)));
}

/* Questions to groups have no address that must answer. */
static bool name_datagram(struct link_tracker *t, struct link_sight *s,
			  const struct link_frame *f)
{
	const struct flow *asked = NULL;
	bool is_his = false;

	if (is_planned(t, f->flow.source_port))
		asked = question_of(t, &f->flow, &is_his);
	if (asked) {
		s->kind = is_his ? LINK_ANSWER : LINK_STRAY;
		set_ends(s, &f->flow, true);
		if (is_his)
			return true;
		s->server = asked->target;
		s->from = f->flow.source;
		return true;
	}
	if (!is_planned(t, f->flow.target_port) || f->is_to_group ||
	    is_group(&f->flow.target))
		return false;
	note_question(t, &f->flow);
	s->kind = LINK_ASK;
	set_ends(s, &f->flow, false);
	return true;
}

static bool is_wanted(const struct link_tracker *t, const struct link_sight *s)
{
	const struct link_tracker_options *o = &t->options;

	if (s->kind == LINK_TELLS)
		return true;
	if (o->proto && s->proto != o->proto)
		return false;
	return !o->client.family || addr_equals(&o->client, &s->client);
}

static bool name(struct link_tracker *t, struct link_sight *s, const struct link_frame *f)
{
	switch (f->kind) {
	case FRAME_TELLS:
		s->kind = LINK_TELLS;
		s->from = f->flow.source;
		return true;
	case FRAME_DATAGRAM:
		return name_datagram(t, s, f);
	case FRAME_SYN:
	case FRAME_SYN_ACK:
	case FRAME_RST:
		break;
	}
	return name_segment(t, s, f);
}

/* ---- counting ---- */

static bool is_own(const struct link_tracker *t, const uint8_t *mac)
{
	const struct link_tracker_options *o = &t->options;

	for (unsigned i = 0; i < o->n_own_macs; i++)
		if (!memcmp(o->own_macs[i], mac, 6))
			return true;
	return !o->has_all_own;
}

/* Of equal sights the same. */
static uint32_t mark_of(const struct link_sight *s)
{
	uint64_t words[2];

	memcpy(words, s->client.bytes, sizeof(words)); /* of IPv4 the rest is zero */
	return (uint32_t)((words[0] ^ words[1] ^ s->kind) * UINT64_C(0x9e3779b97f4a7c15) >>
			  32);
}

static struct row *row_of(struct link_tracker *t, const struct link_sight *s)
{
	uint32_t mark = mark_of(s);

	for (unsigned i = 0; i < t->n_rows; i++)
		if (t->marks[i] == mark && link_sight_is_same(&t->rows[i].sight, s))
			return &t->rows[i];
	if (t->n_rows == LINK_ROWS_MAX)
		return NULL;
	t->marks[t->n_rows] = mark;
	t->rows[t->n_rows].sight = *s;
	return &t->rows[t->n_rows++];
}

static void count(struct row *r, const struct link_frame *f)
{
	struct link_sight *s = &r->sight;
	int64_t at_ns = f->in->at_ns;

	s->n += s->n < UINT32_MAX;
	s->n_bad_checksums += f->is_bad_checksum && s->n_bad_checksums < UINT32_MAX;
	s->n_bad_heads += f->is_bad_head && s->n_bad_heads < UINT32_MAX;
	if (!s->first_ns || at_ns < s->first_ns)
		s->first_ns = at_ns;
	if (at_ns > s->last_ns)
		s->last_ns = at_ns;
	r->is_changed = true;
}

void link_tracker_take(struct link_tracker *t, const struct link_frame *f)
{
	struct link_sight s = {
		.device = f->in->device,
		.is_outgoing = f->in->is_outgoing,
		.is_to_other_mac = f->in->is_to_other_mac && f->kind != FRAME_TELLS,
		.has_macs = f->has_macs,
		.has_tag = f->has_tag,
		.vlan = f->vlan,
	};
	struct row *r;

	if (!name(t, &s, f) || !is_wanted(t, &s))
		return;
	if (f->has_macs) {
		memcpy(s.source_mac, f->source_mac, sizeof(s.source_mac));
		memcpy(s.target_mac, f->target_mac, sizeof(s.target_mac));
		s.is_source_own = is_own(t, s.source_mac);
	}
	r = row_of(t, &s);
	if (r)
		count(r, f);
	else
		link_tracker_lost(t, 1);
}

void link_tracker_tell(struct link_tracker *t, bool with_counts,
		       void (*tell)(void *arg, const struct link_sight *s), void *arg)
{
	struct link_sight state = {.kind = LINK_STATE, .n = t->n_lost};

	if (t->is_state_new)
		tell(arg, &state);
	t->is_state_new = false;
	for (unsigned i = 0; i < t->n_rows; i++) {
		struct row *r = &t->rows[i];

		if (!r->is_changed || (r->is_told && !with_counts))
			continue;
		r->is_told = true;
		r->is_changed = false;
		tell(arg, &r->sight);
	}
}
