/* What live devices and capture files share: frames become packets, in batches. */
#include "capture/source.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "capture/source_impl.h"

struct source_in *source_new(const struct source_ops *ops)
{
	/* Not zeroed: the payloads are large, and a page that is not touched costs nothing.
	 */
	struct source_in *s = malloc(sizeof(*s));

	if (!s)
		return NULL;
	memset(s, 0, offsetof(struct source_in, batch));
	s->ops = ops;
	s->n_batch = 0;
	s->fd = -1;
	s->payload_max = SOURCE_PAYLOAD_MAX;
	return s;
}

void source_close(struct source_in *s)
{
	if (!s)
		return;
	source_save_close(s);
	s->ops->close(s);
	pcap_devices_close(s->devices);
	free(s);
}

void source_keep_little(struct source_in *s)
{
	s->payload_max = SOURCE_PAYLOAD_LITTLE;
}

int source_fd(const struct source_in *s)
{
	return s->fd;
}

/* No more of a payload than the room for one that is kept. */
static uint32_t payload_kept(const struct source_in *s, const struct packet *p)
{
	uint32_t most = s->payload_max - p->options_len;

	return p->payload_len < most ? p->payload_len : most;
}

/* The frame's bytes are libpcap's and gone with the next one: what is borrowed of them is
 * kept, TCP options right before the payload as in the frame. */
static void keep_bytes(struct source_in *s, struct packet *p)
{
	uint8_t *room = s->payloads + s->n_batch * s->payload_max;

	if (s->payload_max == SOURCE_PAYLOAD_LITTLE && p->flow.proto == IPPROTO_TCP) {
		p->payload_len = p->options_len = 0;
		p->payload = room;
		return;
	}
	p->payload_len = payload_kept(s, p);
	if (p->options_len + p->payload_len)
		memcpy(room, p->payload - p->options_len, p->options_len + p->payload_len);
	p->payload = room + p->options_len;
}

void source_frame(struct source_in *s, int64_t at_ns, const uint8_t *bytes, uint32_t len,
		  uint32_t wire_len)
{
	struct packet *p = &s->batch[s->n_batch];
	enum packet_result result;

	s->frame.at_ns = at_ns;
	s->frame.bytes = bytes;
	s->frame.len = len;
	s->frame.wire_len = wire_len;
	s->frame.link_type = s->link_type;
	s->frame.device = s->devices ? pcap_devices_next(s->devices) : s->device;
	result = packet_read(p, &s->frame);
	s->n_packets++;
	if (s->save)
		source_save_frame(s, &s->frame, result == PACKET_TAKEN ? p : NULL);
	if (result == PACKET_TAKEN) {
		keep_bytes(s, p);
		s->n_batch++;
	}
	s->n_undecoded += packet_is_undecoded(result);
}

void source_frames(struct source_in *s, const struct frame_in *frames, size_t n)
{
	size_t n_undecoded;

	s->n_batch = packet_read_all(s->batch, frames, n, &n_undecoded);
	s->n_packets += n;
	s->n_undecoded += n_undecoded;
	if (s->payload_max == SOURCE_PAYLOAD_LITTLE)
		return; /* nobody looks at what is not kept otherwise */
	for (size_t i = 0; i < s->n_batch; i++)
		s->batch[i].payload_len = payload_kept(s, &s->batch[i]);
}

long source_read(struct source_in *s, long max,
		 void (*take)(void *arg, const struct packet *packets, size_t n), void *arg,
		 char error[SOURCE_ERROR_MAX])
{
	uint64_t before = s->n_packets;
	long got = 1;

	while (got > 0 && (long)(s->n_packets - before) < max) {
		long left = max - (long)(s->n_packets - before);

		got = s->ops->read_batch(s, left < SOURCE_BATCH ? (int)left : SOURCE_BATCH,
					 error);
		if (s->n_batch)
			take(arg, s->batch, s->n_batch);
		s->n_batch = 0;
	}
	return got < 0 ? got : (long)(s->n_packets - before);
}

void source_state(const struct source_in *s, struct capture_state *state)
{
	state->n_packets = s->n_packets;
	state->n_saved = s->n_saved;
	state->n_undecoded = s->n_undecoded;
	state->snaplen = (uint32_t)s->snaplen;
	state->link_type = (uint32_t)s->link_type;
	s->ops->read_drops(s, state);
}
