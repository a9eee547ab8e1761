/* Any bytes as the parts of a trace. */
#include <assert.h>
#include <linux/netfilter.h>

#include "core/base/time.h"
#include "core/firewall/trace.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	const uint8_t *bytes;
	struct fw_trace t;
	int64_t wall_ns = NS_PER_S;
	size_t len;

	fw_trace_init(&t);
	while (parts_next(&p, &bytes, &len)) {
		fw_trace_take(&t, bytes, len, wall_ns);
		wall_ns += (int64_t)p.select * 10 * NS_PER_MS;
	}
	assert(t.events.n <= FW_TRACE_EVENTS_MAX && t.packets.n <= FW_TRACE_PACKETS_MAX);
	for (size_t i = 0; i < t.events.n; i++) {
		const struct fw_trace_event *e = fw_trace_event(&t, i);

		assert(e->packet < t.packets.n);
		assert(!trace_is_own_table(e->family, e->table));
		assert(fw_trace_verdict_word(e->verdict));
	}
	for (size_t i = 0; i < t.packets.n; i++) {
		const struct fw_trace_event *passed, *denier;

		denier = fw_trace_denier(&t, i, &passed);
		assert(!denier || denier->packet == i);
		assert(!passed || (passed->packet == i && passed->verdict == NF_ACCEPT));
	}
	fw_trace_release(&t);
	return 0;
}
