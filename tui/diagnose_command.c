/*
 * dport diagnose: what is aimed at, the loop that drives one run after another, and the
 * document. What is found is core/diagnosis.
 */
#include "tui/diagnose_command.h"

#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/protocol.h"
#include "core/report/diagnose.h"
#include "core/report/list.h"
#include "core/services/target.h"
#include "tui/diagnose.h"

#define LOOK_NS  (4 * NS_PER_S) /* for the first complete picture */
#define NAMES_NS (4 * NS_PER_S)
#define TURN_MS  50

/* The command with everything that it holds. */
struct diagnose_command {
	const struct cli *cli;
	struct channel *channel;
	int signal_fd;
	struct refresh *refresh;
	struct snapshot *snapshot; /* a reference; NULL: none yet */
	struct target target;
	struct addr address, client;
	uint16_t client_port;
	enum aim_role role;
	struct inquiry *names;    /* while a name is looked up */
	struct diagnose *running; /* while a run is under way */
	bool shows_progress, has_shown;
	int code; /* ends everything if it is not 0 */
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

static void take_snapshot(struct diagnose_command *c)
{
	struct snapshot *s = refresh_snapshot(c->refresh);

	if (!s) {
		c->code = EXIT_INTERNAL;
		return;
	}
	table_unref(c->snapshot);
	c->snapshot = s;
	if (c->running)
		diagnose_snapshot(c->running, s, refresh_is_settled(c->refresh));
}

static void take_blob(struct diagnose_command *c, const struct blob *b)
{
	int got = -ENOENT;

	if (c->running)
		got = diagnose_blob(c->running, b);
	else if (c->names)
		got = inquiry_blob(c->names, b);
	if (got == -ENOENT)
		got = refresh_blob(c->refresh, b, host_now_ns());
	else
		got = got == -ENOMEM ? got : 0;
	if (got < 0)
		c->code = EXIT_INTERNAL;
	else if (got)
		take_snapshot(c);
}

static void drain(struct diagnose_command *c)
{
	struct blob blob;

	while (!c->code) {
		switch (channel_receive(c->channel, &blob)) {
		case CHANNEL_NOTHING:
			return;
		case CHANNEL_BLOB:
			take_blob(c, &blob);
			break;
		case CHANNEL_SUSPEND:
			channel_suspend(c->channel);
			break;
		case CHANNEL_NOTICE:
			clear_progress(c);
			fprintf(stderr, "dport: %s.\n", channel_notice(c->channel));
			break;
		case CHANNEL_RESUMED:
		case CHANNEL_EXPORT:
			break;
		case CHANNEL_CLOSED:
			fprintf(stderr, "dport: the process that reads this host is gone; "
					"stopping.\n");
			c->code = EXIT_INTERNAL;
			break;
		}
	}
}

static void wait_for_news(struct diagnose_command *c)
{
	struct pollfd polls[3] = {
		{channel_fd(c->channel), POLLIN, 0},
		{c->signal_fd, POLLIN, 0},
		{channel_control_fd(c->channel), POLLIN, 0},
	};

	if (channel_wants_write(c->channel))
		polls[0].events |= POLLOUT;
	poll(polls, 3, TURN_MS);
	if (polls[1].revents)
		c->code = EXIT_INTERRUPTED;
	else if (channel_flush(c->channel) == -EPIPE)
		c->code = EXIT_INTERNAL;
}

/* One turn: what is due is asked, what came is taken. */
static void turn(struct diagnose_command *c)
{
	int error = refresh_is_settled(c->refresh)
			    ? 0
			    : refresh_ask(c->refresh, c->channel, host_now_ns());

	if (error && error != -ENOBUFS)
		c->code = EXIT_INTERNAL;
	drain(c);
	if (!c->code)
		wait_for_news(c);
}

/* ---- who is aimed at ---- */

static void look(struct diagnose_command *c)
{
	int64_t until_ns = host_now_ns() + LOOK_NS;

	while (!c->code && !refresh_is_settled(c->refresh) && host_now_ns() < until_ns)
		turn(c);
	if (!c->code)
		take_snapshot(c);
}

/* A namespace that was named and cannot be read: nothing else is worth asking. */
static void check_space(struct diagnose_command *c)
{
	struct str missing = {0};
	int code = 0;

	if (c->cli->refresh.spaces == SPACES_ONE)
		code = cli_code_for_view(c->snapshot);
	if (code == EXIT_USAGE || code == EXIT_RIGHTS) {
		list_missing_text(&missing, c->snapshot);
		fputs(str_text(&missing), stderr);
		str_release(&missing);
		c->code = code;
	}
}

static const struct space *space_of(const struct diagnose_command *c)
{
	return diagnose_space(c->snapshot, &c->cli->refresh.space);
}

static void parse_target(struct diagnose_command *c)
{
	char error[TARGET_ERROR_MAX];

	if (target_parse(&c->target, c->cli->words[0], c->snapshot->port_names, error)) {
		fprintf(stderr, "dport: %s\n", error);
		c->code = EXIT_USAGE;
		return;
	}
	diagnose_keep_served(&c->target, c->snapshot, space_of(c));
	c->address = addr_unmapped(&c->target.address);
	if (c->cli->from)
		diagnose_parse_from(c->cli->from, &c->client, &c->client_port);
}

/* The addresses that this host's resolver knows for the name; it proves nothing of the
 * client's. */
static void resolve(struct diagnose_command *c)
{
	struct inquiry inquiry;
	struct question q = {.kind = QUESTION_NAMES};
	int64_t until_ns = host_now_ns() + NAMES_NS;
	const struct names_answer *answer;

	inquiry_init(&inquiry, &c->cli->refresh.space);
	snprintf(q.names.name, sizeof(q.names.name), "%s", c->target.host);
	inquiry_ask(&inquiry, &q);
	c->names = &inquiry;
	while (!c->code && !responses_are_in(&inquiry.responses) &&
	       host_now_ns() < until_ns) {
		if (inquiry_send(&inquiry, c->channel))
			c->code = EXIT_INTERNAL;
		else
			turn(c);
	}
	c->names = NULL;
	answer = responses_table(&inquiry.responses, QUESTION_NAMES, 0);
	if (answer && answer->n) {
		c->address = addr_unmapped(&answer->addresses[0]);
	} else if (!c->code) {
		fprintf(stderr,
			"dport: this host's resolver knows no address for '%s': name "
			"an address, or the port alone.\n",
			c->target.host);
		c->code = EXIT_UNKNOWN;
	}
	inquiry_release(&inquiry);
}

static void choose_role(struct diagnose_command *c)
{
	const struct space *s = space_of(c);
	bool is_named = c->target.host[0] && !c->target.address.family;
	char text[ADDR_TEXT_MAX];

	c->role = AIM_SERVER;
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
	if (c->cli->role && !strcmp(c->cli->role, "server")) {
		fprintf(stderr,
			"dport: %s is not here: SYNs to the port of any local address "
			"count.\n",
			text);
		c->address = (struct addr){0};
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

static int32_t utc_offset_s(int64_t wall_ns)
{
	time_t now = (time_t)(wall_ns / NS_PER_S);
	struct tm local;

	return localtime_r(&now, &local) ? (int32_t)local.tm_gmtoff : 0;
}

static int64_t wait_s(const struct diagnose_command *c)
{
	if (c->cli->command == COMMAND_RECORD && c->cli->record_s)
		return c->cli->record_s;
	return c->cli->wait_s ? c->cli->wait_s : 5;
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
		.is_replay = channel_is_replay(c->channel),
	};

	o.utc_offset_s = utc_offset_s(c->snapshot->wall_ns);
	return o;
}

static void step(struct diagnose_command *c, struct diagnose *d)
{
	struct blob now = {0};

	blob_stamp(&now);
	if (diagnose_step(d, c->channel, host_now_ns(), now.wall_ns) < 0)
		c->code = EXIT_INTERNAL;
	else
		show_progress(c);
}

static struct diagnosis *run_one(struct diagnose_command *c, struct diagnose *d,
				 const struct target_port *p)
{
	struct run_options o = options_for(c, p);

	diagnose_start(d, &o, &c->cli->refresh.space, host_now_ns());
	c->running = d;
	diagnose_snapshot(d, c->snapshot, true);
	step(c, d);
	while (!c->code && !run_is_done(&d->run)) {
		turn(c);
		if (!c->code)
			step(c, d);
	}
	c->running = NULL;
	clear_progress(c);
	return c->code ? NULL : judge(&d->run.evidence);
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

static int print(const struct diagnose_command *c, const struct diagnosis *d,
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
		error = diagnose_markdown(&out, d, e);
	else
		error = diagnose_text(&out, d, e, is_utf8 ? TEXT_UTF8 : TEXT_ASCII);
	code = error ? EXIT_INTERNAL : cli_write_out(&out, c->signal_fd);
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
static int print_json(const struct diagnose_command *c, struct port_run *runs, size_t n)
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

static int print_all(const struct diagnose_command *c, struct port_run *runs, size_t n)
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

	while (runs && !c->code && n < c->target.n_ports) {
		runs[n].result = run_one(c, &runs[n].run, &c->target.ports[n]);
		if (!runs[n].result && !c->code)
			c->code = EXIT_INTERNAL;
		n++;
	}
	code = !runs ? EXIT_INTERNAL : c->code ? c->code : print_all(c, runs, n);
	for (size_t i = 0; i < n; i++) {
		table_unref(runs[i].result);
		diagnose_end(&runs[i].run);
	}
	free(runs);
	return code;
}

int diagnose_run(const struct cli *cli, struct channel *channel, int signal_fd)
{
	struct refresh_options o = cli->refresh;
	struct diagnose_command c = {.cli = cli,
				     .channel = channel,
				     .signal_fd = signal_fd,
				     .shows_progress = isatty(STDERR_FILENO)};
	int code;

	/* A listener may live in another namespace of this host. */
	if (o.spaces == SPACES_OWN)
		o.spaces = SPACES_ALL;
	o.once = true;
	c.refresh = refresh_new(&o);
	if (!c.refresh)
		return EXIT_INTERNAL;
	look(&c);
	if (!c.code)
		check_space(&c);
	if (!c.code)
		parse_target(&c);
	if (!c.code && c.target.host[0] && !c.address.family)
		resolve(&c);
	if (!c.code)
		choose_role(&c);
	code = c.code ? c.code : run_ports(&c);
	table_unref(c.snapshot);
	refresh_free(c.refresh);
	return code;
}
