/*
 * Any bytes as a frame of any link type, and as first bytes of a conversation. Input: u8
 * link type, u8 what the wire had beyond the capture, bytes.
 */
#include <assert.h>
#include <netinet/in.h>
#include <string.h>

#include "capture/packet.h"
#include "capture/packet_layers.h"
#include "capture/payload.h"
#include "tests/fuzz/parts.h"

static const int link_types[] = {1, 113, 276, 12, 14, 101, 228, 229, 0, 108, 127};

static void check(const struct packet *p, const struct frame_in *f)
{
	assert(p->flow.proto == IPPROTO_TCP || p->flow.proto == IPPROTO_UDP);
	assert(p->flow.source.family == p->flow.target.family && p->flow.source.family);
	assert(p->is_icmp == (p->icmp_from.family != 0));
	assert(p->payload_len <= p->payload_wire_len);
	assert(p->payload_wire_len <= f->wire_len);
	if (!p->is_icmp && p->flow.proto == IPPROTO_TCP) {
		uint32_t clock;

		assert(p->payload - p->options_len >= f->bytes);
		packet_timestamp(p, &clock);
	}
	if (!p->payload_len)
		return;
	assert(p->payload >= f->bytes);
	assert(p->payload + p->payload_len <= f->bytes + f->len);
}

/* The short way for plain frames says what the long one says. */
static void check_ways(const struct frame_in *f)
{
	struct packet quick, whole;
	enum packet_result result;

	memset(&quick, 0, sizeof(quick));
	memset(&whole, 0, sizeof(whole));
	result = packet_read(&quick, f);
	whole.at_ns = f->at_ns;
	whole.device = f->device;
	assert(packet_read_layers(&whole, f) == result);
	assert(memcmp(&quick, &whole, sizeof(quick)) == 0);
}

/* Read together, frames are what they are one by one. */
static void check_all(const struct frame_in *f)
{
	struct frame_in frames[2] = {*f, *f};
	struct packet alone, together[2];
	size_t n_undecoded, n = packet_read_all(together, frames, 2, &n_undecoded);
	enum packet_result result = packet_read(&alone, f);

	assert(n == (result == PACKET_TAKEN ? 2 : 0));
	assert(n_undecoded == (packet_is_undecoded(result) ? 2 : 0));
	for (size_t i = 0; i < n; i++)
		assert(memcmp(&together[i], &alone, sizeof(alone)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame_in f = {.at_ns = 1, .device = 1};
	struct payload payload;
	struct packet p;

	if (size < 2)
		return 0;
	f.link_type = link_types[data[0] % (sizeof(link_types) / sizeof(link_types[0]))];
	f.bytes = data + 2;
	f.len = (uint32_t)(size - 2);
	f.wire_len = f.len + data[1];
	if (packet_read(&p, &f) == PACKET_TAKEN)
		check(&p, &f);
	check_ways(&f);
	check_all(&f);
	payload_read(&payload, f.bytes, f.len);
	payload_read_saying(&payload, f.bytes, f.len);
	assert(payload.says < N_SAYINGS);
	assert(payload.kind < N_FIRST_BYTES && payload.kind != BYTES_NONE);
	assert(memchr(payload.sni, 0, sizeof(payload.sni)));
	return 0;
}
