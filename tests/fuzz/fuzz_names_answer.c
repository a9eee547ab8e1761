/* Any bytes as what the sources of names said, the packets of name servers among it. */
#include <assert.h>
#include <string.h>

#include "core/snapshot/names_answer.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = parts_of(data, size);
	struct names_answer *t = names_answer_new();
	struct dns_reply r;
	const uint8_t *bytes;
	size_t len;

	if (!dns_reply_decode(&r, data, size))
		assert(r.n <= DNS_ADDRESSES_MAX && dns_code_word(r.code));
	while (parts_next(&p, &bytes, &len))
		names_answer_decode(t, bytes, len);
	assert(t->n <= NAMES_ANSWER_MAX && t->n_hosts <= NAMES_HOSTS_MAX);
	for (size_t i = 0; i < t->n_replies; i++)
		assert(strlen(t->replies[i].name) < sizeof(t->replies[i].name) &&
		       t->replies[i].reply.n <= DNS_ADDRESSES_MAX);
	table_unref(t);
	return 0;
}
