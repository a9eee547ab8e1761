/* A bundle of any bytes: items stay inside it, and what was read can be written again. */
#include <stdint.h>
#include <stdlib.h>

#include "core/base/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bundle_reader reader;
	struct bundle_item item;
	uint8_t *room = malloc(size + 1);

	bundle_read(&reader, data, size);
	while (room && bundle_next(&reader, &item) > 0) {
		if (bundle_put(room, size, &item) !=
		    (long)(BUNDLE_HEAD + item.name.len + item.data.len))
			abort();
	}
	free(room);
	return 0;
}
