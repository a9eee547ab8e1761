/*
 * The child's main: opens its end of the seam, live or recorded, and runs a command. The
 * commands that print and end are here; the console is app.c.
 */
#include "tui/cli.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"
#include "core/host/tape/record.h"
#include "core/report/doctor.h"
#include "core/report/list.h"
#include "tui/command/capture.h"
#include "tui/command/config_command.h"
#include "tui/live/dashboard.h"
#include "tui/live/exposures.h"
#include "tui/command/diagnose_command.h"
#include "tui/command/exposure_command.h"
#include "tui/command/path_command.h"
#include "tui/command/probe_command.h"
#include "tui/command/rules_command.h"

#define PROGRESS_AFTER (400 * NS_PER_MS)
#define SOURCES_MAX    4096

/* A command that looks once (or for a while), prints and ends. */
struct batch {
	struct cli *cli;
	struct channel *channel;
	struct refresh *refresh;
	struct dashboard dashboard; /* of a recording that takes its time */
	struct exposures exposures; /* likewise: the rules are in it */
	int signal_fd;
	int64_t start_ns;
	bool shows_progress, has_shown, has_locale;
	char damage[256]; /* of the recording; "" */
	int exit_code;    /* set when it must end early */
};

/* ---- opening ---- */

/* A recording shows the namespaces that were recorded, if the call names no others. */
static void adopt_netns(struct refresh_options *o, const struct recording *rec)
{
	const char *netns = recording_netns(rec);
	struct netns_ref *ref = &o->space;

	if (o->spaces != SPACES_OWN || !netns || !*netns)
		return;
	if (!strcmp(netns, "all")) {
		o->spaces = SPACES_ALL;
	} else if (!strncmp(netns, "name:", 5) && strlen(netns + 5) <= NETNS_NAME_MAX) {
		o->spaces = SPACES_ONE;
		*ref = (struct netns_ref){.kind = NETNS_NAME};
		strcpy(ref->name, netns + 5);
	} else if (!strncmp(netns, "pid:", 4)) {
		o->spaces = SPACES_ONE;
		*ref = (struct netns_ref){.kind = NETNS_PID, .pid = atoi(netns + 4)};
	}
}

static struct channel *open_replay(struct batch *b, int socket)
{
	char error[256];
	struct recording *rec = recording_open(b->cli->replay_fd, error);

	close(b->cli->replay_fd);
	if (!rec) {
		fprintf(stderr, "dport: %s: %s\n", b->cli->replay, error);
		b->exit_code = EXIT_DAMAGED;
		return NULL;
	}
	if (recording_damage(rec))
		snprintf(b->damage, sizeof(b->damage), "%s", recording_damage(rec));
	adopt_netns(&b->cli->refresh, rec);
	return channel_replay_take(rec, socket);
}

static int start_recording(struct batch *b)
{
	char rights[64];
	struct blob now = {0};
	struct recorder *rec;

	blob_stamp(&now);
	snprintf(rights, sizeof(rights), "uid=%u", (unsigned)getuid());
	rec = recorder_open_take(b->cli->record_fd, now.wall_ns, rights);
	if (!rec) {
		fprintf(stderr, "dport: %s cannot be written: %s.\n", b->cli->record,
			strerror(errno));
		return EXIT_OUTPUT;
	}
	channel_record_take(b->channel, rec);
	return 0;
}

static int open_channel(struct batch *b, int socket)
{
	b->exit_code = EXIT_INTERNAL;
	b->channel = b->cli->replay ? open_replay(b, socket) : channel_live_take(socket);
	if (!b->channel)
		return b->exit_code;
	channel_expect(b->channel, b->cli->first, b->cli->n_first);
	if (b->cli->debug_fd >= 0)
		channel_debug_take(b->channel, b->cli->debug_fd);
	return b->cli->record ? start_recording(b) : 0;
}

/* The recording's end: what is in it, or why it is not whole. */
static int close_recording(struct batch *b)
{
	const struct recorder *rec = channel_recorder(b->channel);
	int64_t bytes = rec ? recorder_bytes(rec) : 0;
	int error = channel_record_close(b->channel);

	if (!rec)
		return 0;
	if (error == -EFBIG)
		fprintf(stderr,
			"dport: %s reached its limit of %lld MiB: what came later is not "
			"in it.\n",
			b->cli->record, (long long)(RECORD_MAX_BYTES >> 20));
	else if (error)
		fprintf(stderr, "dport: %s could not be written to its end: %s.\n",
			b->cli->record, strerror(-error));
	else
		fprintf(stderr,
			"dport: %s: %lld KiB. It names processes, users and addresses of "
			"this host: keep it "
			"private.\n",
			b->cli->record, (long long)(bytes + 1023) >> 10);
	return error && error != -EFBIG ? EXIT_OUTPUT : 0;
}

/* Nothing is asked any more: the broker and its workers may go while we print. */
static int close_channel(struct batch *b)
{
	int code = b->channel ? close_recording(b) : 0;

	channel_free(b->channel);
	b->channel = NULL;
	return code;
}

/* ---- looking ---- */

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static void show_progress(struct batch *b, int64_t now_ns)
{
	if (!b->shows_progress || now_ns - b->start_ns < PROGRESS_AFTER)
		return;
	fprintf(stderr, "\rreading ... %lld s",
		(long long)((now_ns - b->start_ns) / NS_PER_S));
	b->has_shown = true;
}

static void clear_progress(const struct batch *b)
{
	if (b->has_shown)
		fprintf(stderr, "\r%*s\r", 40, "");
}

/* What has become due. 0, or an exit code. */
static int ask(struct batch *b)
{
	int error = refresh_ask(b->refresh, b->channel, host_now_ns());

	return error && error != -ENOBUFS ? EXIT_INTERNAL : 0;
}

/*
 * What an answer makes us ask goes out before the next one is decoded, so that the others
 * work meanwhile. Of many namespaces all that there is is asked together: seeking what is
 * due takes its time there.
 */
static int take_blob(struct batch *b, const struct blob *blob)
{
	bool asks_at_once = b->cli->refresh.spaces != SPACES_ALL && blob_is_end(blob);

	if (dashboard_takes_blob(&b->dashboard, blob) ||
	    exposures_takes_blob(&b->exposures, blob))
		return 0;
	if (refresh_blob(b->refresh, blob, host_now_ns()) < 0)
		return EXIT_INTERNAL;
	return asks_at_once ? ask(b) : 0;
}

/* Everything the channel has. 0, or an exit code. */
static int drain(struct batch *b)
{
	struct blob blob;
	int code;

	for (;;) {
		switch (channel_receive(b->channel, &blob)) {
		case CHANNEL_NOTHING:
			return 0;
		case CHANNEL_BLOB:
			code = take_blob(b, &blob);
			if (code)
				return code;
			break;
		case CHANNEL_SUSPEND:
			channel_suspend(b->channel);
			break;
		case CHANNEL_NOTICE:
			fprintf(stderr, "dport: %s.\n", channel_notice(b->channel));
			break;
		case CHANNEL_RESUMED:
		case CHANNEL_EXPORT:
		case CHANNEL_SETTINGS:
			break;
		case CHANNEL_CLOSED:
			fprintf(stderr, "dport: the process that reads this host is gone; "
					"stopping.\n");
			return EXIT_INTERNAL;
		}
	}
}

static int wait_for_more(struct batch *b, int64_t until_ns)
{
	struct pollfd polls[3] = {
		{channel_fd(b->channel), POLLIN, 0},
		{b->signal_fd, POLLIN, 0},
		{channel_control_fd(b->channel), POLLIN, 0},
	};
	int64_t now_ns = host_now_ns(), due_ns = refresh_due_ns(b->refresh);
	int timeout_ms = 100;

	if (channel_wants_write(b->channel))
		polls[0].events |= POLLOUT;
	if (until_ns && until_ns < due_ns)
		due_ns = until_ns;
	if (due_ns - now_ns < 100 * NS_PER_MS)
		timeout_ms =
			due_ns <= now_ns ? 0 : (int)((due_ns - now_ns) / NS_PER_MS) + 1;
	poll(polls, 3, timeout_ms);
	if (polls[1].revents)
		return EXIT_INTERRUPTED;
	return channel_flush(b->channel) == -EPIPE ? EXIT_INTERNAL : 0;
}

/* Before anything is decoded or said. */
static void use_locale(struct batch *b)
{
	if (!b->has_locale)
		setlocale(LC_CTYPE, "");
	b->has_locale = true;
}

/* What a recording that takes its time holds beside the looks. */
static void record_aside(struct batch *b, int64_t left_ns)
{
	exposures_record(&b->exposures, b->channel, left_ns);
	dashboard_until(&b->dashboard, b->channel, left_ns);
}

/* Until everything has answered once, or until a moment if that is later. 0 or an exit
 * code. */
static int look(struct batch *b, int64_t until_ns)
{
	int code = 0;

	while (!code && (!refresh_is_settled(b->refresh) || host_now_ns() < until_ns)) {
		code = ask(b);
		if (code)
			break;
		use_locale(b); /* meanwhile the first answers come */
		if (until_ns)
			record_aside(b, until_ns - host_now_ns());
		show_progress(b, host_now_ns());
		code = drain(b);
		if (!code && !(refresh_is_settled(b->refresh) && host_now_ns() >= until_ns))
			code = wait_for_more(b, until_ns);
	}
	clear_progress(b);
	return code;
}

/* ---- printing ---- */

static int print_doctor(struct batch *b, const struct snapshot *s)
{
	struct doctor_surroundings around = {
		.term = getenv("TERM"),
		.charset = nl_langinfo(CODESET),
		.is_terminal = isatty(STDOUT_FILENO),
		.replay = b->cli->replay,
	};
	struct source_state *sources = calloc(SOURCES_MAX, sizeof(*sources));
	struct str out = {0};
	int error = sources ? 0 : -ENOMEM, code;
	size_t n = sources ? refresh_sources(b->refresh, sources, SOURCES_MAX) : 0;

	if (!error)
		error = b->cli->format == FORMAT_JSON
				? doctor_json(&out, s, sources, n, &around)
				: doctor_text(&out, s, sources, n, &around);
	code = error ? EXIT_INTERNAL : cli_write_out(&out, b->signal_fd);
	str_release(&out);
	free(sources);
	return code;
}

/* Of what was recorded only what is not in it is told. */
static int print_record(const struct snapshot *s)
{
	struct str missing = {0};

	list_missing_text(&missing, s);
	fputs(str_text(&missing), stderr);
	str_release(&missing);
	return cli_code_for_view(s);
}

static int print(struct batch *b)
{
	struct snapshot *s = refresh_snapshot(b->refresh);
	int code = EXIT_INTERNAL;

	if (!s)
		return code;
	use_locale(b);
	if (b->cli->command == COMMAND_DOCTOR)
		code = print_doctor(b, s);
	else if (b->cli->command == COMMAND_RECORD)
		code = print_record(s);
	else
		code = cli_print_list(b->cli, s, b->signal_fd);
	table_unref(s);
	return code;
}

/* ---- commands ---- */

/* What was found is an answer; that it rests on a part of a recording, or that no new one
 * could be written, is worth more to a script. */
static bool is_answer(int code)
{
	return code == 0 || code == EXIT_FAULT || code == EXIT_UNKNOWN;
}

/* What a damaged recording explains. */
static bool can_be_damage(int code)
{
	return is_answer(code) || code == EXIT_RIGHTS || code == EXIT_USAGE;
}

static void say_damage(const struct batch *b)
{
	if (*b->damage)
		fprintf(stderr, "dport: %s: %s\n", b->cli->replay, b->damage);
}

static int run_batch(struct batch *b)
{
	bool is_record = b->cli->command == COMMAND_RECORD, is_cut_short;
	int64_t until_ns = host_now_ns() + b->cli->record_s * NS_PER_S;
	int code, closing;

	b->cli->refresh.once = !b->cli->record_s;
	b->refresh = refresh_new(&b->cli->refresh);
	if (!b->refresh)
		return EXIT_INTERNAL;
	if (is_record && b->cli->record_s) {
		dashboard_init(&b->dashboard, &b->cli->refresh.space);
		exposures_init(&b->exposures, &b->cli->refresh.space);
	}
	b->start_ns = host_now_ns();
	b->shows_progress = isatty(STDERR_FILENO);
	code = look(b, b->cli->record_s ? until_ns : 0);
	is_cut_short = is_record && code == EXIT_INTERRUPTED;
	if (is_cut_short)
		code = 0; /* what was recorded so far is whole */
	closing = close_channel(b);
	if (!code && !is_cut_short)
		code = print(b);
	/* What it all lies in ends with the process, sooner than piece by piece. */
	return code ? code : closing;
}

/* They answer the Guide's questions. */
static struct guide_given given_by(const struct cli *c)
{
	struct guide_given given = {.symptom = diagnose_symptom(c->symptom),
				    .role = c->role};

	if (c->from)
		(void)diagnose_parse_from(c->from, &given.client, &given.client_port);
	return given;
}

static int run_console(struct batch *b)
{
	static struct config config; /* what it says stays in use to the end */
	int code = config_load(b->cli, &config);
	struct app_options o = {
		.refresh = b->cli->refresh,
		.config = &config,
		.keeps_in = b->cli->configs.dir_fd >= 0 ? b->cli->configs.path : NULL,
		.target = b->cli->target,
		.given = given_by(b->cli),
		.screen = b->cli->screen ? plain_find(b->cli->screen) : NULL,
		.replay = b->cli->replay,
		.replay_damage = *b->damage ? b->damage : NULL,
		.record = b->cli->record,
	};

	o.refresh.interval_ns = config.interval_ns;
	if (!code)
		code = b->cli->is_plain ? app_plain(b->channel, &o)
					: app_run(b->channel, &o);
	config_release(&config);
	return code;
}

static int run_command(struct batch *b)
{
	enum command command = b->cli->command;

	if (command == COMMAND_CONSOLE && !b->cli->prints_config)
		return run_console(b);
	b->signal_fd = open_signals();
	if (b->cli->prints_config)
		return config_print_run(b->cli, b->signal_fd);
	say_damage(b);
	if (command == COMMAND_CAPTURE)
		return capture_run(b->cli, b->channel, b->signal_fd);
	if (command == COMMAND_DIAGNOSE || (command == COMMAND_RECORD && b->cli->n_words))
		return diagnose_run(b->cli, b->channel, b->signal_fd);
	if (command == COMMAND_EXPOSURE)
		return exposure_run(b->cli, b->channel, b->signal_fd);
	if (command == COMMAND_PATH)
		return path_run(b->cli, b->channel, b->signal_fd);
	if (command == COMMAND_PROBE)
		return probe_run_command(b->cli, b->channel, b->signal_fd);
	if (command == COMMAND_RULES)
		return rules_run(b->cli, b->channel, b->signal_fd);
	return run_batch(b);
}

int cli_run(int socket, void *arg)
{
	/* Large and hardly used: only pages that are written to cost anything. */
	static struct batch b;
	int code, closing;

	b.cli = arg;
	if (b.cli->command != COMMAND_LIST || b.cli->replay)
		use_locale(&b);
	code = open_channel(&b, socket);
	if (!b.channel)
		return code;
	if (!code)
		code = run_command(&b);
	closing = close_channel(&b);
	filter_free(b.cli->filter);
	if (closing && is_answer(code))
		return closing;
	if (*b.damage && b.cli->command != COMMAND_CONSOLE && can_be_damage(code))
		return EXIT_DAMAGED;
	return code;
}
