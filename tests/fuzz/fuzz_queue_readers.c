/* Any bytes as the list of who reads the queues of netfilter. */
#include <assert.h>

#include "core/firewall/eval/queue_readers.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = {(const char *)data, size}, rest = text;
	struct queue_readers all = queue_readers_of(text, true, 0, UINT16_MAX + 1U);
	uint32_t n_reading = 0, n_refusing = 0;
	struct queue_reader r;

	while (queue_readers_next(&rest, &r)) {
		struct queue_readers one = queue_readers_of(text, true, r.queue, 1);

		assert(one.n_reading + one.n_refusing > 0);
		assert(one.one.queue == r.queue);
		n_reading += r.copy_mode != 0;
		n_refusing += !r.copy_mode;
		if (n_reading + n_refusing == 64)
			return 0;
	}
	assert(all.n_reading == n_reading && all.n_refusing == n_refusing);
	return 0;
}
