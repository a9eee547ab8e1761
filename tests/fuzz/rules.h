/* A ruleset out of the fuzzer's parts, each decoded as one answer of the kernel. */
#ifndef TESTS_FUZZ_RULES_H
#define TESTS_FUZZ_RULES_H

#include <assert.h>

#include "core/firewall/ruleset.h"
#include "tests/fuzz/parts.h"

/* To be given back with table_unref(). Parts that are refused are passed over. */
static inline struct ruleset *rules_of(const uint8_t *data, size_t size)
{
	struct parts parts = parts_of(data, size);
	struct ruleset_decoder *d = ruleset_new();
	struct ruleset *r;
	const uint8_t *bytes;
	size_t len;

	assert(d);
	while (parts_next(&parts, &bytes, &len))
		ruleset_decode(d, bytes, len);
	r = ruleset_finish(d);
	ruleset_free(d);
	assert(r);
	return r;
}

#endif
