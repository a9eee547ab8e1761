/* Any bytes as a request: what is taken is in its range, has a text, and is packed as the
 * same bytes. */
#include <assert.h>
#include <string.h>

#include "core/host/request.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint32_t inodes[REQUEST_OWNERS_MAX];
	static uint8_t packed[1 << 17];
	char text[REQUEST_TEXT_MAX];
	struct request r;

	if (request_unpack(&r, data, size, inodes))
		return 0;
	assert(!request_check(&r));
	assert(strlen(request_text(&r, text)) < REQUEST_TEXT_MAX);
	assert(strchr(text, '/') && !strchr(strchr(text, '/') + 1, '/'));
	assert(request_pack(&r, packed, sizeof(packed)) == (long)size);
	assert(!memcmp(packed, data, size));
	return 0;
}
