/*
 * The entry: cleans the environment, reads the words of the call, opens the files that they
 * name with the caller's rights, then splits into broker and child. What a command does is
 * in cli.c and app.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/host/broker/broker.h"
#include "core/host/broker/channel.h"
#include "core/host/tape/record.h"
#include "core/host/broker/rights.h"
#include "core/snapshot/sources.h"
#include "tui/cli.h"
#include "tui/command/config_command.h"
#include "tui/live/taps.h"

/* A FIFO is not waited for (fifo(7)); what is open then reads and writes as usual. */
static int open_or_say(const char *path, int flags, const char *what)
{
	int fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	int error = errno;

	if (fd < 0 && error == EEXIST)
		fprintf(stderr,
			"dport: '%s' is there already and a recording replaces nothing: "
			"name a new file.\n",
			path);
	else if (fd < 0)
		fprintf(stderr, "dport: the %s '%s' cannot be opened: %s.\n", what, path,
			strerror(error));
	if (fd >= 0)
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	errno = error;
	return fd;
}

/* Everything that a name on the command line stands for, before any right is given up. 0 or
 * an exit code. */
static int open_files(struct cli *c)
{
	if (c->replay && (c->replay_fd = open_or_say(c->replay, O_RDONLY, "recording")) < 0)
		return EXIT_USAGE;
	if (c->record &&
	    (c->record_fd = open_or_say(c->record, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
					"new recording")) < 0)
		return errno == EEXIST ? EXIT_USAGE : EXIT_OUTPUT;
	if (c->capture_read &&
	    (c->capture_fd = open_or_say(c->capture_read, O_RDONLY, "capture file")) < 0)
		return EXIT_USAGE;
	if (c->capture_write &&
	    (c->save_fd =
		     open_or_say(c->capture_write, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
				 "new capture file")) < 0)
		return errno == EEXIST ? EXIT_USAGE : EXIT_OUTPUT;
	if (c->cloud_rules &&
	    (c->cloud_fd = open_or_say(c->cloud_rules, O_RDONLY, "cloud rules")) < 0)
		return EXIT_USAGE;
	if (c->debug &&
	    (c->debug_fd = open_or_say(c->debug, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW,
				       "debug file")) < 0)
		return EXIT_OUTPUT;
	return 0;
}

/* What the other end saw. A replay has it already. 0 or an exit code. */
static int read_joined(const struct cli *c, struct joined_files *out)
{
	int error, fd;

	for (int i = 0; !c->replay && i < c->n_joined; i++) {
		fd = open_or_say(c->joined[i], O_RDONLY, "file to join");
		if (fd < 0)
			return EXIT_USAGE;
		error = joined_add(out, c->joined[i], fd);
		close(fd);
		if (error) {
			fprintf(stderr, "dport: the file '%s' cannot be read: %s.\n",
				c->joined[i], strerror(-error));
			return EXIT_USAGE;
		}
	}
	joined_give(out);
	return 0;
}

/* A file opened as one of 0 to 2 would get what is written to the streams. What holds the
 * place of a closed one takes no writing: an output that nobody gets is an error. */
static void hold_standard_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* What is said before there is a child repeats words of the call, nothing else: as long as
 * these are plain, the child may read the locale while it waits for answers. */
static bool words_are_plain(char **argv)
{
	for (; *argv; argv++)
		for (const char *at = *argv; *at; at++)
			if ((unsigned char)*at > 0x7e)
				return false;
	return true;
}

/* Only where a diagnosis may be made. */
static bool may_connect(const struct cli *c)
{
	switch (c->command) {
	case COMMAND_DIAGNOSE:
	case COMMAND_PROBE:
		return !c->without_connect;
	case COMMAND_RECORD:
		return c->n_words > 0 && !c->without_connect;
	case COMMAND_CONSOLE:
		return !c->is_plain || c->screen;
	case COMMAND_LIST:
	case COMMAND_PATH:
	case COMMAND_EXPOSURE:
	case COMMAND_RULES:
	case COMMAND_CAPTURE:
	case COMMAND_DOCTOR:
	case N_COMMANDS:
		break;
	}
	return false;
}

static bool looks_once(const struct cli *c)
{
	return c->command == COMMAND_LIST && !c->replay && c->refresh.spaces != SPACES_ALL;
}

/* Of one look the sockets are read while the child still starts. Which they are is asked
 * the table of sources, as the refresh does. */
static void name_first_requests(struct cli *c)
{
	static const enum source_id ids[] = {FROM_TCP, FROM_UDP};

	for (size_t k = 0; k < sizeof(ids) / sizeof(ids[0]); k++)
		for (unsigned i = 0; i < sources[ids[k]].n_requests; i++)
			if (c->n_first < FIRST_REQUESTS_MAX)
				c->first[c->n_first++] = source_request(
					&sources[ids[k]], i, &c->refresh.space, NULL, 0);
}

/* What the broker is to serve for this call. */
static struct broker_options options_for(struct cli *c)
{
	struct broker_options o = {
		.serves = c->replay == NULL,
		.allows_probe = may_connect(c),
		.allows_remote = c->n_clients > 0,
		/* The console asks the person first. */
		.allows_change = (c->command == COMMAND_DIAGNOSE && c->proves) ||
				 (c->command == COMMAND_CONSOLE && !c->is_plain),
		.has_terminal =
			c->command == COMMAND_CONSOLE && !c->is_plain && !c->prints_config,
		.n_workers = (unsigned)c->n_workers,
		.owners_way = (enum owners_way)c->owners_way,
		.without_owners =
			c->refresh.without_owners || c->command == COMMAND_CAPTURE,
		.looks_once = looks_once(c),
		.first = c->first,
		.n_first = c->n_first,
		.export_dir_fd = -1,
		.settings = {.dir_fd = c->configs.dir_fd,
			     .below = c->configs.below,
			     .name = c->configs.name},
		.taps = taps_of_capture(&c->with_payload),
		.save_fd = c->save_fd,
	};

	if (o.has_terminal)
		o.export_dir_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return o;
}

/* 0 or an exit code. */
static int open_as_caller(struct cli *c)
{
	static struct joined_files joined;
	int code;

	rights_act_as_caller(true);
	code = open_files(c);
	if (!code)
		code = read_joined(c, &joined);
	if (!code)
		code = config_open(c);
	rights_act_as_caller(false);
	return code;
}

int main(int argc, char **argv)
{
	struct broker_options broker;
	struct cli cli;
	int code;

	hold_standard_streams();
	if (rights_is_privileged())
		rights_clean_environment();
	if (!words_are_plain(argv))
		setlocale(LC_CTYPE, "");
	code = cli_parse(&cli, argc, argv);
	if (code != CLI_GO_ON)
		return code;
	code = open_as_caller(&cli);
	if (code)
		return code;
	if (looks_once(&cli))
		name_first_requests(&cli);
	broker = options_for(&cli);
	code = broker_run(&broker, cli_run, &cli);
	filter_free(cli.filter);
	return code;
}
