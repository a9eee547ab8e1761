/* Any bytes as lists of expressions, one after another: what is remembered of those before
 * makes no difference. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/parts.h"
#include "tests/unit/alike_exprs.h"

enum { LIST_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct expr_pool pool;
	struct parts p = parts_of(data, size);
	struct arena arena;
	const uint8_t *bytes;
	size_t len;

	arena_init(&arena);
	memset(&pool, 0, sizeof(pool));
	while (parts_next(&p, &bytes, &len)) {
		struct nlattr *list;

		if (len > LIST_MAX)
			len = LIST_MAX;
		list = malloc(sizeof(*list) + len);
		assert(list);
		list->nla_len = (uint16_t)(sizeof(*list) + len);
		list->nla_type = 0;
		memcpy(list + 1, bytes, len);
		assert(alike_decoded(&arena, &pool, list));
		free(list);
	}
	arena_release(&arena);
	return 0;
}
