/* Any bytes as the word that names a target. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/services/target.h"
#include "tests/fuzz/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *word = calloc(1, size + 1), error[TARGET_ERROR_MAX] = "";
	struct target t = {0};

	if (!word)
		return 0;
	if (size)
		memcpy(word, data, size);
	if (target_parse(&t, word, NULL, error)) {
		assert(*error && memchr(error, '\0', sizeof(error)));
		assert(!t.n_ports);
	} else {
		assert(t.n_ports >= 1 && t.n_ports <= TARGET_PORTS_MAX);
		assert(memchr(t.host, '\0', sizeof(t.host)));
		for (size_t i = 0; i < t.n_ports; i++)
			assert(t.ports[i].port);
	}
	free(word);
	return 0;
}
