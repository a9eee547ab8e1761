/* The words of the command `diagnose`: whether they are taken, and the client that one
 * names. */
#include "tui/command/diagnose_command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/host/request.h"
#include "tui/state/guide.h"

static int refuse(const char *format, const char *word)
{
	fputs("dport: ", stderr);
	fprintf(stderr, format, word);
	fputs(" (dport -h shows what is taken)\n", stderr);
	return EXIT_USAGE;
}

enum symptom diagnose_symptom(const char *word)
{
	static const char *const words[] = {
#define X(name, word_, help) [SYMPTOM_##name] = word_,
		SYMPTOMS(X)
#undef X
	};

	for (int i = SYMPTOM_NONE + 1; word && i < N_SYMPTOMS; i++)
		if (!strcmp(word, words[i]))
			return (enum symptom)i;
	return SYMPTOM_NONE;
}

/* "ssh:USER@HOST": what a request takes is what is taken. */
static bool is_client(const char *word)
{
	struct request r = {.kind = REQUEST_REMOTE,
			    .remote = {.n = 1, .host = "h", .port = 1, .patience_ms = 1}};

	if (strncmp(word, "ssh:", 4) || strlen(word + 4) >= REMOTE_CLIENT_BYTES)
		return false;
	strcpy(r.remote.clients[0], word + 4);
	return !request_check(&r);
}

/* What the other end says, or is asked. */
static int check_other_end(const struct cli *c, bool is_diagnosis, bool is_guide)
{
	if (!is_diagnosis && (c->n_clients || c->n_joined || (c->symptom && !is_guide)))
		return refuse("--client, --join and --symptom go with %s only",
			      "diagnose and record FILE TARGET");
	if (c->symptom && !diagnose_symptom(c->symptom))
		return refuse(
			"--symptom takes refused, timeout, no-route, reset, tls, slow "
			"or unknown, not '%s'",
			c->symptom);
	for (int i = 0; i < c->n_clients; i++)
		if (!is_client(c->clients[i]))
			return refuse("--client takes ssh:USER@HOST, not '%s'",
				      c->clients[i]);
	return CLI_GO_ON;
}

/* Who is looked at, and from where. */
static int check_aim(const struct cli *c)
{
	struct addr client;
	uint16_t port;

	if (c->role && strcmp(c->role, "server") && strcmp(c->role, "router") &&
	    strcmp(c->role, "client"))
		return refuse("--role takes server, router or client, not '%s'", c->role);
	if (c->from && diagnose_parse_from(c->from, &client, &port))
		return refuse("--from takes one client's address, or address and port, "
			      "not '%s'",
			      c->from);
	return CLI_GO_ON;
}

int diagnose_check_words(const struct cli *c)
{
	bool is_recorded = c->command == COMMAND_RECORD && c->n_words;
	bool is_guide = c->command == COMMAND_CONSOLE && !c->is_plain && c->n_words == 1 &&
			guide_is_target(c->words[0]);

	if (c->command != COMMAND_DIAGNOSE && c->proves)
		return refuse("--prove goes with %s only", "diagnose");
	if (c->is_redacted && c->command != COMMAND_LIST && c->command != COMMAND_DIAGNOSE)
		return refuse("--redact goes with %s only", "list and diagnose");
	if (c->cloud_rules && c->command != COMMAND_DIAGNOSE && c->command != COMMAND_PATH)
		return refuse("--cloud-rules goes with %s only", "diagnose and path");
	if (c->proves && !c->from)
		return refuse("--prove needs to know whose packets: %s", "--from ADDR");
	if (c->command != COMMAND_DIAGNOSE && c->command != COMMAND_PROBE && c->wait_s)
		return refuse("--wait goes with %s only", "diagnose and probe");
	if (check_other_end(c, c->command == COMMAND_DIAGNOSE || is_recorded, is_guide) !=
	    CLI_GO_ON)
		return EXIT_USAGE;
	if (c->command == COMMAND_PATH || c->command == COMMAND_PROBE)
		return CLI_GO_ON;
	if (is_guide)
		return check_aim(c);
	if (c->command != COMMAND_DIAGNOSE && !is_recorded)
		return c->from || c->without_connect || c->role
			       ? refuse("--from, --role and --no-connect go with %s only",
					"diagnose, path and record FILE TARGET")
			       : CLI_GO_ON;
	if (c->n_words != 1)
		return refuse("diagnose takes one TARGET, like %s", "443 or web1:443");
	if (check_aim(c) != CLI_GO_ON)
		return EXIT_USAGE;
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
