/* Any bytes as the line in which a packet is typed: what is taken can be written down, and
 * means the same again. */
#include <assert.h>
#include <netinet/in.h>
#include <string.h>

#include "tests/fuzz/parts.h"
#include "tui/state/path_line.h"

static struct link_row link_rows[] = {{.ifindex = 2, .name = {"eth0", 4}}};
static struct link_table links = {.rows = link_rows, .n = 1};
static struct address_row address_rows[] = {
	{.local = {AF_INET, {10, 0, 0, 5}}, .ifindex = 2},
	{.local = {AF_INET6, {0x20, 1, 0xd, 0xb8, [15] = 5}}, .ifindex = 2},
};
static struct address_table addresses = {.rows = address_rows, .n = 2};

static void check_ask(const struct path_ask *a)
{
	assert(a->proto == IPPROTO_TCP || a->proto == IPPROTO_UDP);
	assert(a->server.family && a->server_port);
	assert(!a->client.family || a->client.family == a->server.family);
	assert(!a->in_ifindex || (a->in_ifindex == 2 && !a->is_from_here));
	assert(!a->tcp_flags || a->proto == IPPROTO_TCP);
	assert(!(a->is_established && a->is_invalid));
}

static void check_again(const struct path_ask *ask, const struct path_line_world *w)
{
	struct path_line_world again_world = *w;
	char error[PATH_LINE_ERROR_MAX];
	struct str first = {0}, second = {0};
	struct path_ask again;

	path_line_put(&first, ask, &links);
	again_world.before = ask;
	assert(!path_line_parse(&again, str_text(&first), &again_world, error));
	path_line_put(&second, &again, &links);
	assert(!strcmp(str_text(&first), str_text(&second)));
	str_release(&first);
	str_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct path_ask before = {.proto = IPPROTO_TCP,
					.server = {AF_INET, {10, 0, 0, 5}},
					.server_port = 443};
	struct path_line_world w = {.before = &before,
				    .is_target_chosen = size & 1,
				    .links = &links,
				    .addresses = &addresses};
	char error[PATH_LINE_ERROR_MAX], line[512];
	struct path_ask ask;
	size_t len = size < sizeof(line) ? size : sizeof(line) - 1;

	memcpy(line, data, len);
	line[len] = '\0';
	if (path_line_parse(&ask, line, &w, error)) {
		assert(strlen(error) > 0 && strlen(error) < sizeof(error));
		return 0;
	}
	check_ask(&ask);
	check_again(&ask, &w);
	return 0;
}
