/* Any line as a filter, any bytes as a needle. */
#include <assert.h>
#include <string.h>
#include <sys/socket.h>

#include "core/snapshot/filter.h"
#include "tests/fuzz/parts.h"

static const struct space space = {.name = {"blue", 4}, .netns = 4026532100};
static const struct process_row process = {
	.pid = 812, .comm = {"nginx", 5}, .exe = {"/usr/sbin/nginx", 15}};
static const struct process_row *owners[] = {&process};
static const struct socket_row socket_row = {.local = {.family = AF_INET6}};
static const struct socket_row *members[] = {&socket_row};
static const struct endpoint endpoint = {
	.space = &space,
	.address = {.family = AF_INET},
	.port = 443,
	.service = {"https", 5},
	.sockets = members,
	.n_sockets = 1,
	.owners = owners,
	.n_owners = 1,
	.user = {"root", 4},
};

/* A line of one word and the same word turned round never take the same. */
static void turn_round(const char *line, bool takes)
{
	char turned[256] = "!", error[FILTER_ERROR_MAX];
	struct filter *f;

	if (!line[0] || strpbrk(line, " \t\r\n!\"") || line[0] == '-' || strlen(line) > 200)
		return;
	strcat(turned, line);
	f = filter_parse(turned, error);
	assert(f && filter_takes(f, &endpoint) != takes);
	filter_free(f);
}

/* Any name, quoted, is found as it is. */
static void quote(const uint8_t *data, size_t size)
{
	struct process_row named = {.comm = {(const char *)data, size}};
	const struct process_row *holders[] = {&named};
	struct endpoint e = endpoint;
	char error[FILTER_ERROR_MAX];
	struct str line = {0};
	struct filter *f;

	if (!size || memchr(data, 0, size))
		return;
	e.owners = holders;
	str_puts(&line, "proc:");
	assert(!filter_quote(&line, named.comm));
	f = filter_parse(str_text(&line), error);
	assert(f && filter_takes(f, &e));
	filter_free(f);
	str_release(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char line[4096], error[FILTER_ERROR_MAX];
	size_t len = size < sizeof(line) ? size : sizeof(line) - 1;
	struct filter *f;

	memcpy(line, data, len);
	line[len] = '\0';
	f = filter_parse(line, error);
	if (f)
		turn_round(line, filter_takes(f, &endpoint));
	else
		assert(error[0] && strlen(error) < FILTER_ERROR_MAX);
	for (const char *c = error; !f && *c; c++)
		assert(*c >= ' ' && *c <= '~');
	filter_free(f);
	quote(data, size < sizeof(line) ? size : 64);
	endpoint_has_text(&endpoint, (struct text){(const char *)data, size});
	return 0;
}
