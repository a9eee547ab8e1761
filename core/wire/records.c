/*
 * Records as bytes and back. One function per struct serves both directions, so that what
 * is written is what is read; a field out of its range makes the record damaged. Keeps
 * nothing.
 */
#include "core/wire/records.h"

#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define HEAD 4

/* One direction: out is where the next byte goes, or NULL and in is where it comes from. */
struct codec {
	uint8_t *out;
	struct cursor in;
	uint8_t version;
	bool is_bad;
};

/* n is known where it is called: that is one store or load then. */
static inline uint64_t number(struct codec *k, uint64_t value, size_t n)
{
	uint64_t little = htole64(value);
	const uint8_t *from;

	if (k->out) {
		memcpy(k->out, &little, n);
		k->out += n;
		return value;
	}
	little = 0;
	from = cursor_bytes(&k->in, n);
	if (from)
		memcpy(&little, from, n);
	return le64toh(little);
}

static void u8(struct codec *k, uint8_t *v)
{
	*v = (uint8_t)number(k, *v, 1);
}

static void u16(struct codec *k, uint16_t *v)
{
	*v = (uint16_t)number(k, *v, 2);
}

static void u32(struct codec *k, uint32_t *v)
{
	*v = (uint32_t)number(k, *v, 4);
}

static void u64(struct codec *k, uint64_t *v)
{
	*v = number(k, *v, 8);
}

static void i64(struct codec *k, int64_t *v)
{
	*v = (int64_t)number(k, (uint64_t)*v, 8);
}

/* Nanoseconds of which no two differ by more than an int64_t says. */
static void span(struct codec *k, int64_t *v)
{
	i64(k, v);
	if (*v <= INT64_MAX / 2 && *v >= -(INT64_MAX / 2))
		return;
	k->is_bad = true;
	*v = 0;
}

/* Since 1970; 0: none. */
static void moment(struct codec *k, int64_t *v)
{
	span(k, v);
	if (*v >= 0)
		return;
	k->is_bad = true;
	*v = 0;
}

static void i32(struct codec *k, int32_t *v)
{
	*v = (int32_t)(uint32_t)number(k, (uint32_t)*v, 4);
}

/* A byte from 0 to below `limit`. */
static void below(struct codec *k, uint8_t *v, unsigned limit)
{
	u8(k, v);
	if (*v < limit)
		return;
	k->is_bad = true;
	*v = 0;
}

static void flag(struct codec *k, bool *v)
{
	uint8_t byte = *v;

	below(k, &byte, 2);
	*v = byte;
}

static void raw(struct codec *k, void *bytes, size_t n)
{
	const uint8_t *from;

	if (k->out) {
		memcpy(k->out, bytes, n);
		k->out += n;
		return;
	}
	from = cursor_bytes(&k->in, n);
	if (from)
		memcpy(bytes, from, n);
}

/* Length, then the bytes before the NUL of a field of `room`; no NUL stands among them. */
static void words(struct codec *k, char *text, size_t room)
{
	uint8_t len = k->out ? (uint8_t)strnlen(text, room - 1) : 0;

	below(k, &len, (unsigned)room);
	raw(k, text, len);
	if (!k->out && memchr(text, '\0', len))
		k->is_bad = true;
}

static void address(struct codec *k, struct addr *a)
{
	uint8_t kind = a->family == AF_INET ? 4 : a->family == AF_INET6 ? 6 : 0;

	u8(k, &kind);
	if (kind != 0 && kind != 4 && kind != 6)
		k->is_bad = true;
	a->family = kind == 4 ? AF_INET : kind == 6 ? AF_INET6 : 0;
	raw(k, a->bytes, kind == 4 ? 4 : kind == 6 ? 16 : 0);
}

static void protocol(struct codec *k, uint8_t *proto)
{
	u8(k, proto);
	if (*proto != IPPROTO_TCP && *proto != IPPROTO_UDP)
		k->is_bad = true;
}

static void ladder_step(struct codec *k, struct attempt_event *e)
{
	span(k, &e->at_ns);
	below(k, &e->kind, N_PACKET_KINDS);
	flag(k, &e->is_from_server);
	flag(k, &e->is_repeated);
	u8(k, &e->ttl);
	u16(k, &e->window);
	u16(k, &e->length);
}

static void attempt_answers(struct codec *k, struct attempt *a)
{
	u8(k, &a->syn_ttl);
	u8(k, &a->syn_ack_ttl);
	u8(k, &a->rst_ttl);
	u8(k, &a->syn_flags);
	u16(k, &a->syn_mss);
	flag(k, &a->has_bare_ack);
	flag(k, &a->is_icmp_of_server);
	u8(k, &a->icmp_type);
	u8(k, &a->icmp_code);
	address(k, &a->icmp_from);
	u32(k, &a->n_icmp);
	below(k, &a->client_bytes, N_FIRST_BYTES);
	below(k, &a->server_bytes, N_FIRST_BYTES);
	u16(k, &a->http_status);
	words(k, a->sni, sizeof(a->sni));
	raw(k, a->client_mac, sizeof(a->client_mac));
	raw(k, a->server_mac, sizeof(a->server_mac));
	flag(k, &a->is_to_other_mac);
}

static void stream_side(struct codec *k, struct stream_side *s)
{
	span(k, &s->first_ns);
	span(k, &s->fin_ns);
	span(k, &s->rst_ns);
	u32(k, &s->n_heard);
	u32(k, &s->n_acknowledged);
	u32(k, &s->n_again);
	u16(k, &s->again_bytes);
	u16(k, &s->missing_bytes);
	u32(k, &s->n_behind);
	span(k, &s->stuck_ns);
	u16(k, &s->mss);
	u8(k, &s->ttl_least);
	u8(k, &s->ttl_most);
	u16(k, &s->ip_id);
	u8(k, &s->rst_ttl);
	u16(k, &s->rst_ip_id);
	u16(k, &s->rst_window);
	flag(k, &s->is_rst_exact);
	u16(k, &s->tls_version);
	below(k, &s->alert_level, N_ALERTS);
	u8(k, &s->alert_code);
	if (k->version < 4)
		return;
	u16(k, &s->passed_bytes);
	u16(k, &s->selective_bytes);
	u16(k, &s->n_unheard);
	u16(k, &s->n_shut);
	flag(k, &s->is_shut);
}

static void stream_fields(struct codec *k, struct stream *s)
{
	for (unsigned i = 0; i < N_STREAM_ENDS; i++)
		stream_side(k, &s->side[i]);
	below(k, &s->says, N_SAYINGS);
	u16(k, &s->n_bare_acks);
	flag(k, &s->is_reused);
	flag(k, &s->is_older);
	u16(k, &s->n_too_big);
	u16(k, &s->too_big_mtu);
	address(k, &s->too_big_from);
}

static void attempt_fields(struct codec *k, struct attempt *a)
{
	address(k, &a->client);
	address(k, &a->server);
	u16(k, &a->client_port);
	u16(k, &a->server_port);
	protocol(k, &a->proto);
	below(k, &a->outcome, N_OUTCOMES);
	flag(k, &a->is_decided);
	moment(k, &a->first_ns);
	moment(k, &a->last_ns);
	moment(k, &a->answered_ns);
	span(k, &a->rtt_ns);
	u32(k, &a->sequence);
	u32(k, &a->n_syns);
	u32(k, &a->n_syn_acks);
	u32(k, &a->n_client_resets);
	u32(k, &a->n_client_bytes);
	u32(k, &a->n_server_bytes);
	below(k, &a->n_devices, ATTEMPT_DEVICES_MAX + 1);
	for (unsigned i = 0; i < a->n_devices; i++)
		u32(k, &a->devices[i]);
	attempt_answers(k, a);
	below(k, &a->n_events, ATTEMPT_EVENTS_MAX + 1);
	for (unsigned i = 0; i < a->n_events; i++)
		ladder_step(k, &a->events[i]);
	if (k->version < 2)
		return;
	flag(k, &a->has_stream);
	if (a->has_stream)
		stream_fields(k, &a->stream);
}

static void state_fields(struct codec *k, struct capture_state *s)
{
	flag(k, &s->is_ready);
	moment(k, &s->wall_ns);
	u64(k, &s->n_packets);
	u64(k, &s->n_kernel_drops);
	u64(k, &s->n_device_drops);
	u64(k, &s->n_undecoded);
	u64(k, &s->n_attempts);
	u64(k, &s->n_evicted);
	u64(k, &s->n_not_told);
	for (int i = 0; i < N_OUTCOMES; i++)
		u64(k, &s->n_outcomes[i]);
	u64(k, &s->n_ports_left_out);
	u32(k, &s->snaplen);
	u32(k, &s->link_type);
	if (k->version >= 3)
		u64(k, &s->n_saved);
}

static void port_fields(struct codec *k, struct port_count *p)
{
	protocol(k, &p->proto);
	u16(k, &p->port);
	address(k, &p->server);
	u32(k, &p->n_syns);
	u32(k, &p->n_attempts);
	for (int i = 0; i < N_OUTCOMES; i++)
		u32(k, &p->n_outcomes[i]);
	u32(k, &p->n_clients);
	address(k, &p->client);
	for (int i = 0; i < PORT_FIRSTS_MAX; i++)
		address(k, &p->firsts[i]);
	moment(k, &p->since_ns);
	moment(k, &p->until_ns);
}

static void link_fields(struct codec *k, struct link_sight *s)
{
	below(k, &s->kind, N_LINK_KINDS);
	u8(k, &s->proto);
	u32(k, &s->device);
	flag(k, &s->is_outgoing);
	flag(k, &s->is_to_other_mac);
	flag(k, &s->has_macs);
	flag(k, &s->is_source_own);
	flag(k, &s->has_tag);
	u16(k, &s->vlan);
	address(k, &s->client);
	address(k, &s->server);
	address(k, &s->from);
	u16(k, &s->server_port);
	raw(k, s->source_mac, sizeof(s->source_mac));
	raw(k, s->target_mac, sizeof(s->target_mac));
	u32(k, &s->n);
	u32(k, &s->n_bad_checksums);
	u32(k, &s->n_bad_heads);
	moment(k, &s->first_ns);
	moment(k, &s->last_ns);
}

static void fields(struct codec *k, struct record *r)
{
	switch (r->kind) {
	case RECORD_ATTEMPT:
		attempt_fields(k, &r->attempt);
		return;
	case RECORD_STATE:
		state_fields(k, &r->state);
		return;
	case RECORD_PORT:
		port_fields(k, &r->port);
		return;
	case RECORD_LINK:
		link_fields(k, &r->link);
		return;
	case RECORD_PROBLEM:
		i32(k, &r->problem.error);
		words(k, r->problem.text, sizeof(r->problem.text));
		return;
	}
}

size_t record_put(void *out, const struct record *r)
{
	uint8_t *start = out;
	struct record copy = *r;
	struct codec k = {.out = start + HEAD, .version = WIRE_VERSION};
	size_t len;

	fields(&k, &copy);
	len = (size_t)(k.out - start) - HEAD;
	k.out = start;
	number(&k, WIRE_VERSION, 1);
	number(&k, r->kind, 1);
	number(&k, len, 2);
	return HEAD + len;
}

static int damaged(struct cursor *c)
{
	c->at = c->end;
	c->short_read = true;
	return -EBADMSG;
}

static bool is_known(uint8_t version, uint8_t kind)
{
	return version <= WIRE_VERSION && kind >= RECORD_ATTEMPT && kind <= RECORD_LINK;
}

int record_get(struct cursor *c, struct record *out)
{
	while (!c->short_read && cursor_left(c)) {
		uint8_t version = cursor_u8(c), kind = cursor_u8(c);
		uint16_t len = cursor_le16(c);
		const uint8_t *bytes = cursor_bytes(c, len);
		struct codec k = {.in = cursor_of(bytes, bytes ? len : 0),
				  .version = version};

		if (c->short_read || version == 0 || kind == 0)
			return damaged(c);
		if (!is_known(version, kind))
			continue;
		memset(out, 0, sizeof(*out));
		out->kind = (enum record_kind)kind;
		fields(&k, out);
		if (k.is_bad || k.in.short_read || cursor_left(&k.in))
			return damaged(c);
		return 1;
	}
	return c->short_read ? -EBADMSG : 0;
}
