/* The words of the command `path`: whether they are taken, and what packet they mean. */
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/command/diagnose_command.h"
#include "tui/command/path_command.h"

static int refuse(const char *format, const char *word)
{
	fputs("dport: ", stderr);
	fprintf(stderr, format, word);
	fputs(" (dport -h shows what is taken)\n", stderr);
	return EXIT_USAGE;
}

/* 0: a letter is none. */
static uint8_t flags_of(const char *word)
{
	static const char letters[] = "FSRPAUEW";
	unsigned flags = 0;

	for (; *word; word++) {
		const char *at = strchr(letters, toupper((unsigned char)*word));

		if (!at)
			return 0;
		flags |= 1U << (at - letters);
	}
	return (uint8_t)flags;
}

static bool is_one_of(const char *word, const char *a, const char *b)
{
	return !strcmp(word, a) || !strcmp(word, b);
}

static int check_packet(const struct cli *c)
{
	struct addr client;
	uint16_t port;

	if (c->from && diagnose_parse_from(c->from, &client, &port))
		return refuse("--from takes one address, or address and port, not '%s'",
			      c->from);
	if (c->flags && !flags_of(c->flags))
		return refuse("--flags takes letters of FSRPAUEW, not '%s'", c->flags);
	if (c->state && !is_one_of(c->state, "new", "established"))
		return refuse("--state takes new or established, not '%s'", c->state);
	if (c->origin && !is_one_of(c->origin, "local", "remote"))
		return refuse("--origin takes remote or local, not '%s'", c->origin);
	if (c->role && !is_one_of(c->role, "server", "router") && strcmp(c->role, "client"))
		return refuse("--role takes server, router or client, not '%s'", c->role);
	return CLI_GO_ON;
}

int path_check_words(const struct cli *c)
{
	bool is_local = c->origin && !strcmp(c->origin, "local");

	if (c->command != COMMAND_PATH)
		return c->in_device || c->flags || c->state || c->origin || c->ttl
			       ? refuse("--in, --flags, --state, --origin and --ttl go "
					"with %s only",
					"path")
			       : CLI_GO_ON;
	if (c->n_words < 1)
		return refuse("path takes a TARGET or more, like %s", "443 or web1:443");
	if (c->without_connect)
		return refuse("%s: path sends nothing anyway", "--no-connect");
	if (c->refresh.spaces == SPACES_ALL)
		return refuse("%s begins in one namespace: --netns NAME or PID", "path");
	if (is_local && c->in_device)
		return refuse("%s exclude each other: what is sent here comes in nowhere",
			      "--origin local and --in");
	if (c->role && !strcmp(c->role, "client") && (c->in_device || c->origin) &&
	    !is_local)
		return refuse("--role client means --origin local, not %s",
			      c->in_device ? "--in" : "remote");
	return check_packet(c);
}

void path_take_words(const struct cli *c, struct path_ask *ask)
{
	if (c->flags && ask->proto == IPPROTO_TCP)
		ask->tcp_flags = flags_of(c->flags);
	ask->is_established = c->state && !strcmp(c->state, "established");
	ask->ttl = (uint8_t)c->ttl;
	ask->is_from_here = (c->origin && !strcmp(c->origin, "local")) ||
			    (c->role && !strcmp(c->role, "client"));
}
