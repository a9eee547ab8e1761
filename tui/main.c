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

int main(int argc, char **argv)
{
	static struct joined_files joined;
	struct broker_options broker = {.export_dir_fd = -1};
	struct cli cli;
	int code;

	hold_standard_streams();
	if (rights_is_privileged())
		rights_clean_environment();
	setlocale(LC_CTYPE, "");
	code = cli_parse(&cli, argc, argv);
	if (code != CLI_GO_ON)
		return code;
	rights_act_as_caller(true);
	code = open_files(&cli);
	if (!code)
		code = read_joined(&cli, &joined);
	if (!code)
		code = config_open(&cli);
	rights_act_as_caller(false);
	if (code)
		return code;
	broker.serves = cli.replay == NULL;
	broker.allows_probe = may_connect(&cli);
	broker.allows_remote = cli.n_clients > 0;
	/* The console asks the person first. */
	broker.allows_change = (cli.command == COMMAND_DIAGNOSE && cli.proves) ||
			       (cli.command == COMMAND_CONSOLE && !cli.is_plain);
	broker.n_workers = (unsigned)cli.n_workers;
	broker.owners_way = (enum owners_way)cli.owners_way;
	broker.taps = taps_of_capture(&cli.with_payload);
	broker.save_fd = cli.save_fd;
	broker.without_owners = cli.refresh.without_owners;
	broker.has_terminal =
		cli.command == COMMAND_CONSOLE && !cli.is_plain && !cli.prints_config;
	broker.settings = (struct settings_place){.dir_fd = cli.configs.dir_fd,
						  .below = cli.configs.below,
						  .name = cli.configs.name};
	if (broker.has_terminal)
		broker.export_dir_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	code = broker_run(&broker, cli_run, &cli);
	filter_free(cli.filter);
	return code;
}
