/* The help, made of the tables of commands, options and keys. Parses nothing. */
#include "tui/options_help.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/exits.h"
#include "tui/cli.h"
#include "tui/command/option_table.h"
#include "tui/keymap.h"

static void print_commands(void)
{
#define X(name, word, args, help)                               \
	printf("  dport%s%s %-*s %s\n", *word ? " " : "", word, \
	       24 - (int)strlen(word) - (*word != 0), args, help);
	COMMANDS(X)
#undef X
}

static const struct {
	const char *name, *arg, *help;
} option_help[] = {
#define X(name, letter, arg, help) {name, arg, help},
	OPTIONS(X)
#undef X
};

static void print_options(void)
{
	char word[48];

	for (size_t i = 0; i < sizeof(option_help) / sizeof(option_help[0]); i++) {
		const char *arg = option_help[i].arg;

		if (!option_help[i].help)
			continue;
		snprintf(word, sizeof(word), "--%s%s%s", option_help[i].name,
			 arg ? " " : "", arg ? arg : "");
		printf("  %-22s %s\n", word, option_help[i].help);
	}
}

/* What was printed in place of a command has left us. 0 or an exit code. */
int options_end_document(void)
{
	int error = fflush(stdout) ? errno : 0;

	if (!error && !ferror(stdout))
		return 0;
	if (error != EPIPE)
		fprintf(stderr, "dport: the output could not be written: %s.\n",
			strerror(error ? error : EIO));
	return EXIT_OUTPUT;
}

int options_print_short_help(void)
{
	printf("dport says why a port cannot be reached, and who listens on this host.\n\n"
	       "  sudo dport                      the console\n"
	       "  sudo dport 443                  why clients do not reach it, step by "
	       "step\n"
	       "  dport diagnose 443 --from ADDR  the same for a script, for one client\n"
	       "  dport path 443 --from ADDR      where one packet and its reply would go\n"
	       "  dport probe web1:443            whether this host reaches it, and who "
	       "answers\n"
	       "  dport rules 443                 the rules that it can meet, and odd "
	       "ones\n"
	       "  dport exposure                  who can reach what listens here\n"
	       "  dport list                      who listens, as text\n"
	       "  dport list 443 --json           one port, for scripts\n"
	       "  dport list '!user:root'         what others than root hold\n"
	       "  dport record FILE --for 60      a minute of it, for a colleague\n"
	       "  dport --replay FILE             look at it, anywhere, without rights\n"
	       "  dport doctor                    what cannot be seen here, and why\n\n");
	print_commands();
	printf("\nFILTER: 443 443/udp 8000-8100 nginx port: proto: proc: pid: user: unit: "
	       "container:\n"
	       "        scope: addr: dev: netns: state:; a leading ! turns a word round\n"
	       "dport --help shows all options and keys; man dport tells the rest.\n");
	return 0;
}

int options_print_help(void)
{
	options_print_short_help();
	printf("\nOptions:\n");
	print_options();
	printf("\nKeys of the console:\n");
	for (int a = ACTION_NONE + 1; a < N_ACTIONS; a++)
		printf("  %-14s %s\n", keymap_keys((enum action)a),
		       keymap_help((enum action)a));
	printf("\nExit codes: 0 done, 1 a fault was found, 2 wrong words, 3 not "
	       "known, "
	       "65 damaged\n"
	       "input, 70 internal error, 74 output could not be written, 77 no right for "
	       "what was\n"
	       "asked, 130 interrupted.\n");
	return 0;
}

int options_print_keys_for_man(void)
{
	struct str out = {0};
	int error = keymap_man(&out);

	fputs(str_text(&out), stdout);
	str_release(&out);
	return error ? EXIT_INTERNAL : 0;
}
