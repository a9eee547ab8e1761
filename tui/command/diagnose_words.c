/* The words of the command `diagnose`: whether they are taken, and the client that one
 * names. */
#include "tui/command/diagnose_command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int refuse(const char *format, const char *word)
{
	fputs("dport: ", stderr);
	fprintf(stderr, format, word);
	fputs(" (dport -h shows what is taken)\n", stderr);
	return EXIT_USAGE;
}

int diagnose_check_words(const struct cli *c)
{
	bool is_recorded = c->command == COMMAND_RECORD && c->n_words;
	struct addr client;
	uint16_t port;

	if (c->command != COMMAND_DIAGNOSE && c->proves)
		return refuse("--prove goes with %s only", "diagnose");
	if (c->proves && !c->from)
		return refuse("--prove needs to know whose packets: %s", "--from ADDR");
	if (c->command != COMMAND_DIAGNOSE && c->wait_s)
		return refuse("--wait goes with %s only", "diagnose");
	if (c->command == COMMAND_PATH)
		return CLI_GO_ON;
	if (c->command != COMMAND_DIAGNOSE && !is_recorded)
		return c->from || c->without_connect || c->role
			       ? refuse("--from, --role and --no-connect go with %s only",
					"diagnose, path and record FILE TARGET")
			       : CLI_GO_ON;
	if (c->n_words != 1)
		return refuse("diagnose takes one TARGET, like %s", "443 or web1:443");
	if (c->role && strcmp(c->role, "server") && strcmp(c->role, "router") &&
	    strcmp(c->role, "client"))
		return refuse("--role takes server, router or client, not '%s'", c->role);
	if (c->from && diagnose_parse_from(c->from, &client, &port))
		return refuse("--from takes one client's address, or address and port, "
			      "not '%s'",
			      c->from);
	if (c->refresh.spaces == SPACES_ALL && !is_recorded)
		return refuse("%s looks into one namespace: --netns NAME or PID",
			      "diagnose");
	return CLI_GO_ON;
}

static int parse_port(const char *text, uint16_t *port)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < 1 || n > 65535)
		return -EINVAL;
	*port = (uint16_t)n;
	return 0;
}

/* No packet of a client has such a source. */
static bool is_nobody(const struct addr *a)
{
	static const uint8_t broadcast[4] = {255, 255, 255, 255};
	struct addr all = addr_v4(broadcast);

	return addr_is_any(a) || addr_is_multicast(a) || addr_equals(a, &all);
}

/* "10.0.0.2", "10.0.0.2:51514", "2001:db8::1", "[2001:db8::1]:51514", "fe80::1%eth0" */
int diagnose_parse_from(const char *word, struct addr *client, uint16_t *port)
{
	char copy[80];
	char *colon = strrchr(word, ':');
	size_t len = strlen(word);

	*port = 0;
	if (addr_parse_scoped(client, word)) {
		if (!colon || len >= sizeof(copy))
			return -EINVAL;
		memcpy(copy, word, len + 1);
		copy[colon - word] = '\0';
		if (addr_parse_scoped(client, copy) || parse_port(colon + 1, port))
			return -EINVAL;
	}
	*client = addr_unmapped(client);
	return is_nobody(client) ? -EINVAL : 0;
}
