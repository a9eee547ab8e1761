/* Any bytes as a configuration file, and what is kept in one: read before it is written. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "tests/fuzz/parts.h"
#include "tui/config/config_keep.h"
#include "tui/config/config_read.h"

static int read_text(struct text text, char error[CONFIG_ERROR_MAX])
{
	struct config c;
	int r;

	config_init(&c);
	r = config_read(&c, "a", text, error);
	if (!r)
		r = config_finish(&c, error);
	assert(r == 0 || r == -EINVAL);
	assert(!r || (!strncmp(error, "a:", 2) && strlen(error) < CONFIG_ERROR_MAX));
	for (const char *at = error; r && *at; at++)
		assert(*at >= ' ' && *at <= '~');
	config_release(&c);
	return r;
}

/* What is kept again is the same, if it could be read: else it is not written
 * (config_save.c). */
static void keep(struct text text)
{
	struct str once = {0}, twice = {0};
	char error[CONFIG_ERROR_MAX];
	struct model m;

	model_init(&m);
	assert(!config_keep(&m, text, &once));
	assert(!config_keep(&m, text_of_str(&once), &twice));
	if (!read_text(text_of_str(&once), error))
		assert(once.len == twice.len && !memcmp(once.data, twice.data, once.len));
	str_release(&once);
	str_release(&twice);
	model_release(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = {(const char *)data, size};
	char error[CONFIG_ERROR_MAX];

	if (size > CONFIG_TEXT_MAX)
		return 0;
	if (!read_text(text, error))
		keep(text);
	return 0;
}
