/*
 * One packet seen on several devices (bond, bridge, veth, VLAN; both directions of the
 * loopback device) is one packet: the same sender, flags, sequence number and length within
 * 10 ms, but from another place. And the payload, of which each byte counts once.
 */
#include <netinet/in.h>
#include <string.h>

#include "capture/payload.h"
#include "capture/tracker_impl.h"

#define SAME_PACKET_NS INT64_C(10000000)

static void note_device(struct tracker *t, struct live *e, uint32_t device)
{
	struct detail *d = live_detail(t, e);

	if (!device)
		return;
	for (unsigned i = 0; i < d->n_devices; i++)
		if (d->devices[i] == device)
			return;
	if (d->n_devices == ATTEMPT_DEVICES_MAX)
		return;
	d->devices[d->n_devices++] = device;
	if (d->n_devices > 1)
		live_changed(t, e);
}

static uint32_t mix(uint64_t a, uint64_t b)
{
	a = (a ^ b * UINT64_C(0xd6e8feb86659fd93)) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(a >> 32);
}

/* Where it was seen: device and direction, and what a router changes on the way. Not 0. */
static uint16_t vantage_of(const struct packet *p)
{
	uint64_t place = (uint64_t)p->device << 16 | (uint64_t)p->ttl << 1 | p->is_outgoing;
	uint32_t high;
	uint16_t low;

	/* Not as one number by way of memory: eight bytes that two stores wrote come late.
	 */
	memcpy(&high, p->source_mac, sizeof(high));
	memcpy(&low, p->source_mac + sizeof(high), sizeof(low));
	return (uint16_t)(mix(place, (uint64_t)low << 32 | high) >> 8 | 1);
}

/* The first bytes stand in for the sequence number that UDP has not. */
static uint32_t udp_signature(const struct packet *p)
{
	uint32_t hash = p->payload_wire_len;

	for (uint32_t i = 0; i < p->payload_len && i < 16; i++)
		hash = mix(hash, p->payload[i]);
	return hash;
}

static uint32_t signature_of(const struct packet *p, bool is_from_server)
{
	uint64_t kind = (uint64_t)p->tcp_flags << 1 | is_from_server;

	if (p->is_icmp)
		return mix(kind, (uint64_t)p->icmp_type << 8 | p->icmp_code | 0x10000);
	if (p->flow.proto != IPPROTO_TCP)
		return mix(kind, udp_signature(p));
	return mix((uint64_t)p->acknowledged << 32 | p->sequence,
		   (uint64_t)p->payload_wire_len << 16 | kind);
}

/* The sighting with this signature; another that makes room for it, emptied. */
static struct sighting *sighting_of(struct tracker *t, struct live *e, uint32_t signature)
{
	struct ladder *ladder = live_ladder(t, e);
	struct sighting *s;

	if (!ladder)
		return &e->seen;
	for (unsigned i = 0; i < SIGHTINGS_MAX; i++)
		if (ladder->seen[i].signature == signature)
			return &ladder->seen[i];
	s = &ladder->seen[e->next_sighting++ % SIGHTINGS_MAX];
	s->vantages[0] = 0;
	return s;
}

/* Further vantages than fit are taken for new ones. */
static bool is_new_vantage(struct sighting *s, uint16_t vantage)
{
	for (unsigned i = 0; i < VANTAGES_MAX; i++) {
		if (s->vantages[i] == vantage)
			return false;
		if (!s->vantages[i]) {
			s->vantages[i] = vantage;
			return true;
		}
	}
	return true;
}

bool seen_elsewhere(struct tracker *t, struct live *e, const struct packet *p,
		    bool is_from_server)
{
	uint32_t signature = signature_of(p, is_from_server);
	struct sighting *s = sighting_of(t, e, signature);
	uint16_t vantage = vantage_of(p);
	int64_t apart_ns = t->at_ns - s->at_ns;

	note_device(t, e, p->device);
	/* One rare branch, not four that nothing foretells. */
	if (((s->vantages[0] != 0) & (s->signature == signature) &
	     (apart_ns <= SAME_PACKET_NS) & (apart_ns >= -SAME_PACKET_NS)) &&
	    is_new_vantage(s, vantage))
		return true;
	*s = (struct sighting){
		.at_ns = t->at_ns, .signature = signature, .vantages = {vantage}};
	return false;
}

void seen_first_bytes(struct tracker *t, struct live *e, const struct packet *p,
		      bool is_from_server, bool is_beginning)
{
	struct detail *d = live_detail(t, e);
	uint8_t *kind = is_from_server ? &d->server_bytes : &d->client_bytes;
	struct payload first;

	if (*kind != BYTES_NONE)
		return;
	payload_read(&first, p->payload, is_beginning ? p->payload_len : 0);
	if (is_from_server && is_beginning)
		payload_read_saying(&first, p->payload, p->payload_len);
	*kind = (uint8_t)first.kind;
	if (first.kind == BYTES_HTTP_STATUS)
		d->http_status = first.http_status;
	stream_first_bytes(t, e, &first, is_from_server);
	if (first.sni[0])
		live_named(t, e, first.sni);
	if (live_is(e, LIVE_DECIDED))
		live_news(t, e);
	else
		live_changed(t, e);
}

void seen_data(struct tracker *t, struct live *e, const struct packet *p,
	       bool is_from_server, bool is_elsewhere)
{
	struct detail *d = live_detail(t, e);
	uint32_t *next = is_from_server ? &d->next_server : &d->next_client;
	uint32_t start = p->sequence + (p->tcp_flags & TH_SYN_ ? 1 : 0);
	uint32_t end = start + p->payload_wire_len;
	uint32_t gap = start - *next, fresh = end - *next;

	if (!live_ladder(t, e) || !p->payload_wire_len || is_elsewhere)
		return;
	e->active_ns = t->at_ns;
	live_changed(t, e);
	if (is_at_or_after(*next, end)) {
		if (!(p->tcp_flags & TH_SYN_))
			live_event(t, e, p, PACKET_DATA, is_from_server, true);
		return;
	}
	*next = end;
	add_saturating(is_from_server ? &d->n_server_bytes : &d->n_client_bytes,
		       fresh < p->payload_wire_len ? fresh : p->payload_wire_len);
	if (!(p->tcp_flags & TH_SYN_))
		live_event(t, e, p, PACKET_DATA, is_from_server, false);
	seen_first_bytes(t, e, p, is_from_server, gap == 0);
}
