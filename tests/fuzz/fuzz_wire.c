/* Any bytes as records: what is read is written as what is read again. */
#include <assert.h>
#include <string.h>

#include "core/wire/attempts.h"
#include "tests/fuzz/parts.h"

/* The padding of a struct may differ; what is written of it may not. */
static void read_again(const struct record *r)
{
	uint8_t first[RECORD_MAX], second[RECORD_MAX];
	size_t len = record_put(first, r);
	struct cursor c = cursor_of(first, len);
	struct record got;

	assert(len <= RECORD_MAX);
	assert(record_get(&c, &got) == 1 && got.kind == r->kind);
	assert(record_put(second, &got) == len && !memcmp(first, second, len));
	assert(record_get(&c, &got) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(data, size);
	struct attempts t;
	struct record r;
	bool changed;

	while (record_get(&c, &r) > 0)
		read_again(&r);
	attempts_init(&t, 8);
	attempts_take(&t, data, size, &changed);
	assert(attempts_n(&t) <= 8);
	for (size_t i = 0; i < attempts_n(&t); i++)
		assert(attempts_find(&t, attempts_at(&t, i)) == attempts_at(&t, i));
	attempts_release(&t);
	return 0;
}
