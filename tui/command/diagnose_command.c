/*
 * dport diagnose: what is aimed at, the loop that drives one run after another, and the
 * document. What is found is core/diagnosis.
 */
#include "tui/command/diagnose_command.h"

#include <errno.h>
#include <langinfo.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"
#include "core/report/diagnose.h"
#include "core/report/redact_document.h"
#include "core/services/target.h"
#include "tui/command/client_run.h"
#include "tui/command/cloud_file.h"
#include "tui/command/looking.h"
#include "tui/live/diagnose.h"

enum { REMOTE_PATIENCE_MS = 4000 }; /* for a SYN to be sent again, and a link to fail */

/* The command with everything that it holds. */
struct diagnose_command {
	struct looking look;
	const struct cli *cli;
	struct target target;
	struct addr address, client;
	uint16_t client_port;
	struct cloud_rules *cloud; /* NULL: no file was named */
	struct redactor redactor;  /* of --redact: one for all documents */
	enum aim_role role;
	struct diagnose *running; /* while a run is under way */
	bool shows_progress, has_shown;
	bool is_unresolved; /* the target is a name without an address */
	bool is_elsewhere;  /* and one whose addresses are none of this host's */
};

/* ---- progress ---- */

static void show_progress(struct diagnose_command *c)
{
	const struct run *r = &c->running->run;
	int64_t left_ns = r->options.wait_ns - (host_now_ns() - r->watch_ns);

	if (!c->shows_progress)
		return;
	fprintf(stderr, "\r%-48s", run_phase_words(r->phase));
	if (r->phase == RUN_WATCHING && left_ns > 0)
		fprintf(stderr, "%3lld s left", (long long)(left_ns / NS_PER_S) + 1);
	else
		fprintf(stderr, "%10s", "");
	c->has_shown = true;
}

static void clear_progress(struct diagnose_command *c)
{
	if (c->has_shown)
		fprintf(stderr, "\r%60s\r", "");
	c->has_shown = false;
}

/* ---- the loop ---- */

static int take_blob(void *arg, const struct blob *b)
{
	struct diagnose_command *c = arg;

	return c->running ? diagnose_blob(c->running, b) : -ENOENT;
}

static void take_snapshot(void *arg)
{
	struct diagnose_command *c = arg;

	if (c->running)
		diagnose_snapshot(c->running, c->look.snapshot,
				  refresh_is_settled(c->look.refresh));
}

static void make_room(void *arg)
{
	clear_progress(arg);
}

static const struct looking_user running_run = {take_blob, take_snapshot, make_room};

/* ---- who is aimed at ---- */

static void parse_target(struct diagnose_command *c)
{
	char error[TARGET_ERROR_MAX];

	if (target_parse(&c->target, c->cli->words[0], c->look.snapshot->port_names,
			 error)) {
		fprintf(stderr, "dport: %s\n", error);
		c->look.code = EXIT_USAGE;
		return;
	}
	if (c->cli->n_clients && !c->target.host[0]) {
		fprintf(stderr,
			"dport: --client needs to know what the client connects to: "
			"name it, like web1:%s.\n",
			c->cli->words[0]);
		c->look.code = EXIT_USAGE;
		return;
	}
	diagnose_keep_served(&c->target, c->look.snapshot, looking_space(&c->look));
	c->address = addr_unmapped(&c->target.address);
	if (c->cli->from)
		diagnose_parse_from(c->cli->from, &c->client, &c->client_port);
}

/* A name that means nothing here is what this host as a client suffers from. */
static void resolve(struct diagnose_command *c)
{
	c->address = looking_resolve(&c->look, c->target.host, c->client.family);
	if (c->look.code != EXIT_UNKNOWN || c->client.family ||
	    (c->cli->role && strcmp(c->cli->role, "client") != 0))
		return;
	c->look.code = 0;
	c->is_unresolved = true;
}

static void choose_role(struct diagnose_command *c)
{
	const struct space *s = looking_space(&c->look);
	bool is_named = c->target.host[0] && !c->target.address.family;
	char text[ADDR_TEXT_MAX];

	c->role = c->is_unresolved ? AIM_CLIENT : AIM_SERVER;
	if (!c->address.family || !s)
		return;
	if (is_named && addr_is_loopback(&c->address)) {
		fprintf(stderr,
			"dport: '%s' is this host's own name: every address of it is "
			"looked at.\n",
			c->target.host);
		c->address = (struct addr){0};
		return;
	}
	if (address_is_here(s->addresses, s->local_routes, &c->address) != TRI_NO)
		return;
	addr_format(&c->address, text);
	/* Who has others try it looks at it from behind. */
	if (c->cli->role ? !strcmp(c->cli->role, "server") : c->cli->n_clients > 0) {
		fprintf(stderr,
			"dport: %s is not here: SYNs to the port of any local address "
			"count.\n",
			text);
		c->address = (struct addr){0};
		c->is_elsewhere = is_named;
		return;
	}
	c->role = c->cli->role && !strcmp(c->cli->role, "client") ? AIM_CLIENT
		  : c->client.family || c->cli->role              ? AIM_ROUTER
								  : AIM_CLIENT;
	if (c->role == AIM_CLIENT)
		fprintf(stderr,
			"dport: %s is not an address of this host, so this host is "
			"looked at as the client; --role server says otherwise.\n",
			text);
}

/* ---- one run ---- */

static int64_t wait_s(const struct diagnose_command *c)
{
	if (c->cli->command == COMMAND_RECORD && c->cli->record_s)
		return c->cli->record_s;
	return c->cli->wait_s ? c->cli->wait_s : 5;
}

/* They go to where the person said, by its name: what it means to them is theirs. */
static void ask_clients(const struct diagnose_command *c, uint16_t port,
			struct remote_ask *out)
{
	*out = (struct remote_ask){.port = port, .patience_ms = REMOTE_PATIENCE_MS};
	snprintf(out->host, sizeof(out->host), "%s", c->target.host);
	for (int i = 0; i < c->cli->n_clients; i++)
		snprintf(out->clients[out->n++], REMOTE_CLIENT_BYTES, "%s",
			 c->cli->clients[i] + strlen("ssh:"));
}

static struct run_options options_for(const struct diagnose_command *c,
				      const struct target_port *p)
{
	struct run_options o = {
		.target = {.proto = p->proto,
			   .port = p->port,
			   .address = c->address,
			   .client = c->client,
			   .client_port = c->client_port,
			   .role = c->role,
			   .is_client_named = c->client.family != 0},
		.wait_ns = wait_s(c) * NS_PER_S,
		.may_probe = !c->cli->without_connect,
		.may_trace = c->cli->proves,
		.cloud = c->cloud,
		.is_replay = channel_is_replay(c->look.channel),
	};

	o.symptom = diagnose_symptom(c->cli->symptom);
	o.has_joined = c->cli->n_joined > 0;
	if (p->proto == IPPROTO_TCP && c->role != AIM_CLIENT)
		ask_clients(c, p->port, &o.remote);
	o.utc_offset_s = diagnose_utc_offset_s(c->look.snapshot->wall_ns);
	if (c->role == AIM_CLIENT && (p->proto == IPPROTO_TCP || p->proto == IPPROTO_UDP))
		client_run_options(&o, c->cli, &c->target, p);
	else if (c->role == AIM_SERVER)
		client_run_name(&o, &c->target);
	return o;
}

static void step(struct diagnose_command *c, struct diagnose *d)
{
	struct blob now = {0};

	blob_stamp(&now);
	if (diagnose_step(d, c->look.channel, host_now_ns(), now.wall_ns) < 0)
		c->look.code = EXIT_INTERNAL;
	else
		show_progress(c);
}

/* What is changed, before it is. */
static void warn_of_table(const struct diagnose_command *c)
{
	if (c->cli->proves && !channel_is_replay(c->look.channel))
		fputs("dport: adds the table " TRACE_TABLE_START "PID while it watches "
		      "(family inet; bridge and netdev too, where they have chains); the "
		      "kernel removes it when dport ends. Save no rules meanwhile: they "
		      "would hold it.\n",
		      stderr);
}

/* What is asked for and cannot be had is said. */
static void warn_of_clients(const struct diagnose_command *c)
{
	for (size_t i = 0; c->cli->n_clients && i < c->target.n_ports; i++)
		if (c->target.ports[i].proto != IPPROTO_TCP)
			fprintf(stderr,
				"dport: clients are asked over ssh about TCP only, not "
				"about "
				"%u/udp.\n",
				c->target.ports[i].port);
	if (c->cli->n_clients && c->role == AIM_CLIENT)
		fputs("dport: with --role client this host is the client: nobody is asked "
		      "over ssh.\n",
		      stderr);
}

/* What only a client does is not done. */
static void warn_of_role(const struct diagnose_command *c)
{
	if (c->role != AIM_CLIENT && (c->cli->sweeps || c->cli->expect))
		fprintf(stderr,
			"dport: %s is for this host as the client, which it is not here: "
			"it does nothing.\n",
			c->cli->sweeps ? "--mtu" : "--expect");
}

static struct diagnosis *run_one(struct diagnose_command *c, struct diagnose *d,
				 const struct target_port *p)
{
	struct run_options o = options_for(c, p);

	diagnose_start(d, &o, &c->cli->refresh.space, host_now_ns());
	c->running = d;
	diagnose_snapshot(d, c->look.snapshot, true);
	step(c, d);
	while (!c->look.code && !run_is_done(&d->run)) {
		looking_turn(&c->look);
		if (!c->look.code)
			step(c, d);
	}
	c->running = NULL;
	clear_progress(c);
	return c->look.code ? NULL : judge(&d->run.evidence);
}

/* ---- the document ---- */

static int code_of(const struct diagnosis *d)
{
	switch (d->verdict) {
	case VERDICT_HEALTHY:
		return 0;
	case VERDICT_FAULT:
		return 1;
	case VERDICT_UNKNOWN:
		break;
	}
	return EXIT_UNKNOWN;
}

/* One port of the target, with everything that its result points into. */
struct port_run {
	struct diagnose run;
	struct diagnosis *result; /* NULL: it did not come to one */
};

/* The document with stand-ins in it, if that is wanted. 0 or -ENOMEM. */
static int redact(struct diagnose_command *c, const struct evidence *e, struct str *out)
{
	struct str shown = {0};
	int error;

	if (!c->cli->is_redacted)
		return 0;
	error = redact_document(&shown, text_of_str(out), e, c->target.host, &c->redactor);
	str_release(out);
	*out = shown;
	return error;
}

static int print(struct diagnose_command *c, const struct diagnosis *d,
		 const struct evidence *e, const struct diagnosis *const *others,
		 size_t n_others)
{
	bool is_utf8 = !c->cli->is_ascii && !strcmp(nl_langinfo(CODESET), "UTF-8");
	struct str out = {0};
	int error, code;

	if (c->cli->command == COMMAND_RECORD)
		return 0;
	if (c->cli->format == FORMAT_JSON)
		error = diagnose_json(&out, d, e, others, n_others);
	else if (c->cli->format == FORMAT_MARKDOWN)
		error = diagnose_markdown(&out, d);
	else
		error = diagnose_text(&out, d, is_utf8 ? TEXT_UTF8 : TEXT_ASCII);
	error = error ? error : redact(c, e, &out);
	code = error ? EXIT_INTERNAL : cli_write_out(&out, c->look.signal_fd);
	str_release(&out);
	return code ? code : code_of(d);
}

/* A fault outweighs what is not known, and that what is open. */
static int worse(int a, int b)
{
	if (a == 1 || b == 1)
		return 1;
	return a > b ? a : b;
}

/* One document: of the worst port, with the others in short. */
static int print_json(struct diagnose_command *c, struct port_run *runs, size_t n)
{
	const struct diagnosis *others[TARGET_PORTS_MAX];
	size_t worst = 0, n_others = 0;

	for (size_t i = 1; i < n; i++)
		if (worse(code_of(runs[i].result), code_of(runs[worst].result)) !=
		    code_of(runs[worst].result))
			worst = i;
	for (size_t i = 0; i < n; i++)
		if (i != worst)
			others[n_others++] = runs[i].result;
	return print(c, runs[worst].result, &runs[worst].run.run.evidence, others,
		     n_others);
}

static int print_all(struct diagnose_command *c, struct port_run *runs, size_t n)
{
	int code = 0;

	if (c->cli->format == FORMAT_JSON)
		return print_json(c, runs, n);
	for (size_t i = 0; i < n; i++)
		code = worse(code,
			     print(c, runs[i].result, &runs[i].run.run.evidence, NULL, 0));
	return code;
}

static int run_ports(struct diagnose_command *c)
{
	struct port_run *runs = calloc(c->target.n_ports, sizeof(*runs));
	size_t n = 0;
	int code;

	warn_of_table(c);
	warn_of_clients(c);
	warn_of_role(c);
	while (runs && !c->look.code && n < c->target.n_ports) {
		runs[n].result = run_one(c, &runs[n].run, &c->target.ports[n]);
		if (!runs[n].result && !c->look.code)
			c->look.code = EXIT_INTERNAL;
		n++;
	}
	code = !runs ? EXIT_INTERNAL : c->look.code ? c->look.code : print_all(c, runs, n);
	for (size_t i = 0; i < n; i++) {
		table_unref(runs[i].result);
		diagnose_end(&runs[i].run);
	}
	free(runs);
	return code;
}

int diagnose_run(const struct cli *cli, struct channel *channel, int signal_fd)
{
	struct diagnose_command c = {.look = {.cli = cli,
					      .channel = channel,
					      .signal_fd = signal_fd,
					      .user = &running_run},
				     .cli = cli,
				     .shows_progress = isatty(STDERR_FILENO)};
	int code;

	c.look.arg = &c;
	redactor_init(&c.redactor);
	code = cloud_file_read(cli, &c.cloud);
	if (code)
		return code;
	looking_start(&c.look);
	if (!c.look.code)
		parse_target(&c);
	if (!c.look.code && c.target.host[0] && !c.address.family)
		resolve(&c);
	if (!c.look.code)
		choose_role(&c);
	code = c.look.code ? c.look.code : run_ports(&c);
	looking_end(&c.look);
	redactor_release(&c.redactor);
	table_unref(c.cloud);
	return code;
}
