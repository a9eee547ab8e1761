/* Files and words of the call become one configuration. Shows no screen. */
#include "tui/command/config_command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int config_open(struct cli *c)
{
	int r = c->command == COMMAND_CONSOLE ? config_files_open(&c->configs, c->config)
					      : 0;

	if (!r)
		return 0;
	fprintf(stderr, "dport: the configuration '%s' cannot be opened: %s.\n", c->config,
		strerror(-r));
	return EXIT_USAGE;
}

/* A word of the call goes before all files. */
static int take_word(struct config *c, enum setting s, const char *text,
		     char error[CONFIG_ERROR_MAX])
{
	struct config_value v = {.text = text, .file = "the command line"};

	return config_set(c, s, &v, error);
}

static int take_words(const struct cli *cli, struct config *c, char error[CONFIG_ERROR_MAX])
{
	static const char *const colors[] = {
		[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"};
	int r = 0;

	if (cli->is_ascii)
		r = take_word(c, SETTING_ASCII, "yes", error);
	if (!r && cli->color != COLOR_AUTO)
		r = take_word(c, SETTING_COLOR, colors[cli->color], error);
	if (!r && *cli->filter_line)
		r = take_word(c, SETTING_FILTER, cli->filter_line, error);
	return r;
}

int config_load(struct cli *cli, struct config *out)
{
	char error[CONFIG_ERROR_MAX] = "not enough memory";
	int r;

	config_init(out);
	r = config_files_read(&cli->configs, out, error);
	if (!r)
		r = take_words(cli, out, error);
	if (!r)
		return 0;
	fprintf(stderr, "dport: %s\n", r == -ENOMEM ? "not enough memory" : error);
	return r == -ENOMEM ? EXIT_INTERNAL : EXIT_USAGE;
}

/* What was not read, so that nobody takes it for empty. */
static void put_unread(const struct cli *cli, struct str *out)
{
	for (int i = 0; i < cli->configs.n; i++) {
		const struct config_file *file = &cli->configs.files[i];

		if (!file->error)
			continue;
		str_puts(out, "; not read: ");
		text_show(out, text_of(file->path), TEXT_ASCII);
		str_printf(out, ": %s\n", strerror(file->error));
	}
}

static void put_own(const struct cli *cli, struct str *out)
{
	if (!cli->configs.path[0])
		return;
	str_puts(out, "; your own: ");
	text_show(out, text_of(cli->configs.path), TEXT_ASCII);
	str_puts(out, "\n\n");
}

int config_print_run(struct cli *cli, int signal_fd)
{
	struct str out = {0};
	struct config c;
	int code = config_load(cli, &c);

	if (!code) {
		put_unread(cli, &out);
		put_own(cli, &out);
		code = config_print(&c, &out) ? EXIT_INTERNAL
					      : cli_write_out(&out, signal_fd);
	}
	str_release(&out);
	config_release(&c);
	return code;
}

int config_check_words(const struct cli *c)
{
	if (c->command == COMMAND_CONSOLE || (!c->config && !c->prints_config))
		return CLI_GO_ON;
	fprintf(stderr,
		"dport: %s goes with the console only (dport -h shows what is"
		" taken)\n",
		c->config ? "--config" : "--print-config");
	return EXIT_USAGE;
}
