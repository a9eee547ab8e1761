/* Any bytes as a message between the processes, whichever end reads it. */
#include <assert.h>
#include <string.h>

#include "core/host/broker/protocol.h"
#include "tests/fuzz/parts.h"

/* One blob has one packet: what is read is written as the same bytes. */
static void write_again(const struct blob *b, const uint8_t *packet, size_t size)
{
	uint8_t head[MESSAGE_HEAD_SIZE + BLOB_HEAD_SIZE];

	message_put_blob(head, b);
	assert(size == sizeof(head) + b->len);
	assert(!memcmp(head, packet, sizeof(head)));
	assert(b->bytes == packet + sizeof(head));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct message m;
	struct blob b;

	if (message_parse(&m, data, size))
		return 0;
	assert(m.type > 0 && m.type < N_MESSAGE_TYPES);
	assert(m.body + m.len == data + size);
	if (!message_get_blob(&b, &m))
		write_again(&b, data, size);
	if (m.type == MESSAGE_EXPORT && export_name_is_fine((const char *)m.body, m.len))
		assert(!memchr(m.body, '/', m.len) && m.body[0] != '.');
	return 0;
}
