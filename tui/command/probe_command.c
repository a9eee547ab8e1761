/*
 * dport probe: one look, one run in which this host is the client, and the document. What
 * is found is core/diagnosis, how it reads core/report.
 */
#include "tui/command/probe_command.h"

#include <errno.h>
#include <langinfo.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"
#include "core/report/probe.h"
#include "core/services/target.h"
#include "tui/command/client_run.h"
#include "tui/command/looking.h"
#include "tui/live/diagnose.h"

struct probe_command {
	struct looking look;
	const struct cli *cli;
	struct target target;
	struct diagnose run;
	bool is_running, shows_progress, has_shown;
};

/* ---- words ---- */

static int refuse(const char *format, const char *word)
{
	fputs("dport: ", stderr);
	fprintf(stderr, format, word);
	fputs(" (dport -h shows what is taken)\n", stderr);
	return EXIT_USAGE;
}

int probe_check_words(const struct cli *c)
{
	bool is_client = c->command == COMMAND_PROBE || c->command == COMMAND_DIAGNOSE ||
			 (c->command == COMMAND_RECORD && c->n_words);
	struct addr expected;

	if (!is_client && (c->expect || c->sweeps))
		return refuse("--expect and --mtu go with %s only", "probe and diagnose");
	if (c->expect && addr_parse(&expected, c->expect))
		return refuse("--expect takes one address, not '%s'", c->expect);
	if (c->command != COMMAND_PROBE)
		return CLI_GO_ON;
	if (c->n_words != 1)
		return refuse("probe takes one HOST:PORT, like %s",
			      "web1:443 or https://web1/");
	if (c->from || c->role)
		return refuse("%s: probe is tried from this host itself",
			      c->from ? "--from" : "--role");
	if (c->refresh.spaces == SPACES_ALL)
		return refuse("%s tries from one namespace: --netns NAME or PID", "probe");
	return CLI_GO_ON;
}

/* ---- progress ---- */

static void show_progress(struct probe_command *c)
{
	int64_t left_ns = (c->cli->wait_s ? c->cli->wait_s : 5) * NS_PER_S -
			  (host_now_ns() - c->run.run.watch_ns);

	if (!c->shows_progress)
		return;
	if (c->run.run.phase == RUN_WATCHING && left_ns > 0)
		fprintf(stderr, "\r%-40s%3lld s left",
			c->run.run.options.target.proto == IPPROTO_UDP
				? "waiting for an answer"
				: "trying to connect",
			(long long)(left_ns / NS_PER_S) + 1);
	else
		fprintf(stderr, "\r%-50s", run_phase_words(c->run.run.phase));
	c->has_shown = true;
}

static void clear_progress(void *arg)
{
	struct probe_command *c = arg;

	if (c->has_shown)
		fprintf(stderr, "\r%60s\r", "");
	c->has_shown = false;
}

/* ---- the loop ---- */

static int take_blob(void *arg, const struct blob *b)
{
	struct probe_command *c = arg;

	return c->is_running ? diagnose_blob(&c->run, b) : -ENOENT;
}

static void take_snapshot(void *arg)
{
	struct probe_command *c = arg;

	if (c->is_running)
		diagnose_snapshot(&c->run, c->look.snapshot,
				  refresh_is_settled(c->look.refresh));
}

static const struct looking_user running_probe = {take_blob, take_snapshot, clear_progress};

/* What is asked of a name says nothing of an address. 0 or an exit code. */
static int check_address(const struct probe_command *c)
{
	struct addr address = addr_unmapped(&c->target.address);

	if (!address.family)
		return 0;
	if (c->cli->expect)
		return refuse("--expect goes with a name, and '%s' is an address",
			      c->target.host);
	if (c->cli->family && c->cli->family != address.family)
		return refuse("'%s' is not of the family that --family names",
			      c->target.host);
	return 0;
}

static void parse_target(struct probe_command *c)
{
	char error[TARGET_ERROR_MAX];

	if (target_parse(&c->target, c->cli->words[0], c->look.snapshot->port_names,
			 error)) {
		fprintf(stderr, "dport: %s\n", error);
		c->look.code = EXIT_USAGE;
	} else if (!c->target.host[0]) {
		c->look.code =
			refuse("probe needs to know which host: HOST:%s", c->cli->words[0]);
	} else {
		c->look.code = check_address(c);
	}
}

static const struct target_port *find_port(const struct target *t, uint8_t proto)
{
	for (size_t i = 0; i < t->n_ports; i++)
		if (t->ports[i].proto == proto)
			return &t->ports[i];
	return NULL;
}

/* Of a service with several the first that a connection can be made to; NULL: none. */
static const struct target_port *choose_port(struct probe_command *c)
{
	const struct target_port *port = find_port(&c->target, IPPROTO_TCP);

	if (port)
		return port;
	port = find_port(&c->target, IPPROTO_UDP);
	if (!port)
		c->look.code = refuse("probe tries TCP and UDP, and '%s' is neither",
				      c->cli->words[0]);
	else if (c->cli->sweeps)
		c->look.code = refuse("--mtu needs a connection, and '%s' is UDP",
				      c->cli->words[0]);
	return c->look.code ? NULL : port;
}

static void step(struct probe_command *c)
{
	struct blob now = {0};

	blob_stamp(&now);
	if (diagnose_step(&c->run, c->look.channel, host_now_ns(), now.wall_ns) < 0)
		c->look.code = EXIT_INTERNAL;
	else
		show_progress(c);
}

static void run(struct probe_command *c, const struct target_port *port)
{
	struct run_options o = {.target = {.proto = port->proto,
					   .port = port->port,
					   .address = addr_unmapped(&c->target.address)},
				.may_probe = !c->cli->without_connect,
				.is_replay = channel_is_replay(c->look.channel)};

	o.utc_offset_s = diagnose_utc_offset_s(c->look.snapshot->wall_ns);
	client_run_options(&o, c->cli, &c->target, port);
	diagnose_start(&c->run, &o, &c->cli->refresh.space, host_now_ns());
	c->is_running = true;
	diagnose_snapshot(&c->run, c->look.snapshot, true);
	step(c);
	while (!c->look.code && !run_is_done(&c->run.run)) {
		looking_turn(&c->look);
		if (!c->look.code)
			step(c);
	}
	c->is_running = false;
	clear_progress(c);
}

/* ---- the document ---- */

static int code_of(const struct diagnosis *d)
{
	switch (d->verdict) {
	case VERDICT_HEALTHY:
		return 0;
	case VERDICT_FAULT:
		return EXIT_FAULT;
	case VERDICT_UNKNOWN:
		break;
	}
	return EXIT_UNKNOWN;
}

static int write_document(const struct probe_command *c, const struct diagnosis *d,
			  struct str *out)
{
	const struct evidence *e = &c->run.run.evidence;
	bool is_utf8 = !c->cli->is_ascii && !strcmp(nl_langinfo(CODESET), "UTF-8");

	if (c->cli->format == FORMAT_JSON)
		return probe_json(out, d, e);
	if (c->cli->format == FORMAT_MARKDOWN)
		return probe_markdown(out, d, e);
	return probe_text(out, d, e, is_utf8 ? TEXT_UTF8 : TEXT_ASCII);
}

static int print(struct probe_command *c)
{
	struct diagnosis *d = judge(&c->run.run.evidence);
	struct str out = {0};
	int code;

	if (!d)
		return EXIT_INTERNAL;
	code = write_document(c, d, &out) ? EXIT_INTERNAL
					  : cli_write_out(&out, c->look.signal_fd);
	code = code ? code : code_of(d);
	str_release(&out);
	table_unref(d);
	return code;
}

int probe_run_command(const struct cli *cli, struct channel *channel, int signal_fd)
{
	struct probe_command *c = calloc(1, sizeof(*c));
	const struct target_port *port = NULL;
	int code;

	if (!c)
		return EXIT_INTERNAL;
	c->look = (struct looking){.cli = cli,
				   .channel = channel,
				   .signal_fd = signal_fd,
				   .user = &running_probe,
				   .arg = c};
	c->cli = cli;
	c->shows_progress = isatty(STDERR_FILENO);
	looking_start(&c->look);
	if (!c->look.code)
		parse_target(c);
	if (!c->look.code)
		port = choose_port(c);
	if (port)
		run(c, port);
	code = c->look.code ? c->look.code : print(c);
	if (port)
		diagnose_end(&c->run);
	looking_end(&c->look);
	free(c);
	return code;
}
