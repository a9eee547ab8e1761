/*
 * Any order of packets between a few ends, at any times. Input: u8 options, then for every
 * packet 6 bytes: u8 ends and kind, u8 flags, u8 time, u8 sequence, u8 acknowledgement, u8
 * device and length. Totals agree with what was told.
 */
#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "capture/tracker.h"
#include "tests/fuzz/parts.h"

enum { STEP = 6, MAX = 8 };

struct told {
	uint64_t n;
};

static void tell(void *arg, const struct attempt *a)
{
	assert(a->outcome < N_OUTCOMES && a->n_devices <= ATTEMPT_DEVICES_MAX);
	assert(a->n_events <= ATTEMPT_EVENTS_MAX && a->n_syns > 0);
	assert(a->rtt_ns >= -1 && a->last_ns >= a->first_ns);
	assert(a->proto == IPPROTO_TCP || a->n_syn_acks == 0);
	assert(a->outcome != OUTCOME_ICMP || a->n_icmp > 0);
	assert(!a->has_stream || a->proto == IPPROTO_TCP);
	for (unsigned i = 0; a->has_stream && i < N_STREAM_ENDS; i++) {
		const struct stream_side *s = &a->stream.side[i];

		assert(s->first_ns >= -1 && s->fin_ns >= -1 && s->rst_ns >= -1);
		assert(s->ttl_least <= s->ttl_most && s->alert_level < N_ALERTS);
		assert((s->stuck_ns >= 0) == (s->n_again || s->missing_bytes));
	}
	((struct told *)arg)->n++;
}

/* Mostly a little later, at times much, or earlier. */
static int64_t later(int64_t at_ns, uint8_t step)
{
	if (step >= 250)
		return at_ns - (int64_t)(step - 240) * 1000000000;
	if (step >= 200)
		return at_ns + (int64_t)(step - 199) * 500000000;
	return at_ns + (int64_t)step * 1000000;
}

static struct packet packet_of(const uint8_t *in, int64_t at_ns)
{
	const uint8_t ends[2][4] = {{10, 0, 0, 1}, {10, 0, 0, 2}};
	unsigned from = in[0] & 1;
	struct packet p = {
		.at_ns = at_ns,
		.device = in[5] & 3,
		.is_outgoing = in[5] & 4,
		.ttl = in[5] & 8 ? 64 : 63,
		.tcp_flags = in[1],
		.sequence = in[3] & 0x80 ? 0xfffffff0U + in[3] : in[3],
		.acknowledged = in[4],
		.payload = in,
		.payload_len = in[5] >> 4 > STEP ? STEP : in[5] >> 4,
		.payload_wire_len = in[5] >> 4,
		.is_icmp = (in[0] & 6) == 6,
		.icmp_type = in[1] & 15,
		.icmp_code = in[4] & 15,
	};

	p.flow.source = addr_v4(ends[from]);
	p.flow.target = addr_v4(ends[!from]);
	p.flow.source_port = (uint16_t)(from ? 443 : 40000 + (in[0] >> 4));
	p.flow.target_port = (uint16_t)(from ? 40000 + (in[0] >> 4) : 443);
	p.flow.proto = in[0] & 8 ? IPPROTO_UDP : IPPROTO_TCP;
	if (p.is_icmp)
		p.icmp_from = addr_v4(ends[in[4] >> 7]);
	return p;
}

static void check_totals(const struct tracker *t)
{
	struct capture_state s = {0};
	uint64_t sum = 0;

	tracker_state(t, &s);
	for (size_t i = 0; i < N_OUTCOMES; i++)
		sum += s.n_outcomes[i];
	assert(sum == s.n_attempts);
	assert(s.n_evicted <= s.n_attempts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct told told = {0};
	struct ports *ports = ports_new(4, 0);
	struct tracker_options o = {.max_attempts = MAX, .tell = tell, .arg = &told};
	int64_t at_ns = 1000000000000;
	struct capture_state s = {0};
	struct tracker *t;

	if (!ports)
		abort();
	o.with_events = size && data[0] & 1;
	o.ports = size && data[0] & 2 ? ports : NULL;
	t = tracker_new(&o);
	if (!t)
		abort();
	for (size_t i = 1; i + STEP <= size; i += STEP) {
		struct packet p = packet_of(data + i, at_ns = later(at_ns, data[i + 2]));

		tracker_packets(t, &p, 1);
		if (data[i + 2] % 16 == 0)
			tracker_tell(t);
		check_totals(t);
	}
	tracker_finish(t);
	tracker_state(t, &s);
	assert(told.n >= s.n_attempts);
	tracker_free(t);
	ports_free(ports);
	return 0;
}
