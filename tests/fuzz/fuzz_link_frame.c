/*
 * Any bytes as a frame at an interface, and as what is counted of it. Input: u8 kind of
 * device, direction and what the kernel said; le16 length, then as many bytes, again and
 * again.
 */
#include <assert.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "capture/tracker_link.h"
#include "tests/fuzz/parts.h"

static const uint16_t hardware[] = {ARPHRD_ETHER, ARPHRD_LOOPBACK, ARPHRD_NONE};

static void check(void *arg, const struct link_sight *s)
{
	size_t *n = arg;

	assert(s->kind < N_LINK_KINDS);
	assert(s->kind == LINK_STATE || s->n > 0);
	assert(s->n_bad_checksums <= s->n || s->kind == LINK_STATE);
	assert(s->kind != LINK_TELLS || s->from.family);
	assert(s->kind != LINK_STRAY || (s->from.family && s->proto == IPPROTO_UDP));
	++*n;
}

static void take(struct link_tracker *t, unsigned select, const uint8_t *bytes, size_t len)
{
	struct link_frame_in in = {
		.at_ns = 1,
		.bytes = bytes,
		.len = (uint32_t)len,
		.wire_len = (uint32_t)len,
		.device = 1 + select % 2,
		.hardware = hardware[select % 3],
		.is_outgoing = select & 4,
		.has_tag = select & 8,
		.tag = 20,
		.is_vouched = select & 16,
	};
	struct link_frame f;

	if (link_frame_read(&f, &in))
		link_tracker_take(t, &f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct link_tracker_options o = {
		.ports = {53, 443}, .n_ports = 2, .has_all_own = true};
	struct link_tracker *t = link_tracker_new(&o);
	size_t n = 0;

	assert(t);
	while (size >= 3) {
		size_t len = (size_t)data[1] | (size_t)data[2] << 8;

		len = len < size - 3 ? len : size - 3;
		take(t, data[0], data + 3, len);
		data += 3 + len;
		size -= 3 + len;
	}
	link_tracker_tell(t, true, check, &n);
	assert(n >= 1 && n <= LINK_ROWS_MAX + 1);
	link_tracker_free(t);
	return 0;
}
