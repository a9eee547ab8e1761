/* Standard output without a screen: which screens --plain has, and writing them. */
#include "tui/command/plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/exits.h"
#include "tui/cli.h"

enum { PLAIN_WIDTH = 120 }; /* where standard output is no terminal */

bool plain_wants_color(enum color_choice choice)
{
	const char *no_color = getenv("NO_COLOR");

	switch (choice) {
	case COLOR_ALWAYS:
		return true;
	case COLOR_NEVER:
		return false;
	case COLOR_AUTO:
		break;
	}
	return !no_color || !*no_color;
}

static const struct plain_screen screens[] = {
	{"ports", PLAIN_LOOK, NULL},
	{"help", PLAIN_LOOK, NULL},
	{"guide", PLAIN_RUN, NULL},
	{"ladder", PLAIN_RUN, NULL},
	{"logs", PLAIN_RUN, NULL},
	{"path", PLAIN_ROW, NULL},
	{"details", PLAIN_ROW, NULL},
	{"events", PLAIN_FEED, NULL},
	{"wire", PLAIN_NEVER, "it goes on: dport capture [TARGET] prints attempts"},
	{"columns", PLAIN_NEVER, "it is there to choose: dport list prints all columns"},
	{"palette", PLAIN_NEVER, "it is there to choose: --screen help has the keys"},
};

const struct plain_screen *plain_find(const char *word)
{
	for (size_t i = 0; i < sizeof(screens) / sizeof(screens[0]); i++)
		if (!strcmp(screens[i].word, word))
			return &screens[i];
	return NULL;
}

static int refuse(const char *sentence, const char *word)
{
	fputs("dport: ", stderr);
	fprintf(stderr, sentence, word);
	fputs(" (dport -h shows what is taken)\n", stderr);
	return EXIT_USAGE;
}

static int refuse_screen(const char *word)
{
	fputs("dport: --screen takes", stderr);
	for (size_t i = 0; i < sizeof(screens) / sizeof(screens[0]); i++)
		if (screens[i].need != PLAIN_NEVER)
			fprintf(stderr, "%s %s", i ? "," : "", screens[i].word);
	fprintf(stderr, ", not '%s'\n", word);
	return EXIT_USAGE;
}

static int check_target(const struct cli *c, const struct plain_screen *screen)
{
	bool wants = screen->need == PLAIN_RUN || screen->need == PLAIN_ROW;

	if (wants && (c->n_words != 1 || !guide_is_target(c->words[0])))
		return refuse("--screen %s needs one TARGET: 443, web1:https",
			      screen->word);
	return CLI_GO_ON;
}

int plain_check_words(const struct cli *c)
{
	const struct plain_screen *screen = c->screen ? plain_find(c->screen) : NULL;

	if (c->is_plain && c->command != COMMAND_CONSOLE)
		return refuse("%s goes with the console only", "--plain");
	if (!c->screen)
		return CLI_GO_ON;
	if (!c->is_plain)
		return refuse("%s goes with --plain only", "--screen");
	if (!screen)
		return refuse_screen(c->screen);
	if (screen->instead)
		return refuse("this screen cannot be printed: %s", screen->instead);
	return check_target(c, screen);
}

static int width(void)
{
	struct winsize size = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return PLAIN_WIDTH;
	return size.ws_col;
}

int plain_print(struct console *c)
{
	struct str text = {0};
	int code = EXIT_OUTPUT;

	if (!console_plain(c, width(), &text) &&
	    fwrite(text.data, 1, text.len, stdout) == text.len && !fflush(stdout))
		code = 0;
	str_release(&text);
	return code;
}
