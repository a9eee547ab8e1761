/* Which --format goes with which command. Prints no document. */
#include "tui/formats.h"

#include <stdio.h>
#include <string.h>

#define BIT(form) (1U << FORMAT_##form)

static const char *const words[] = {
	[FORMAT_TEXT] = "text",         [FORMAT_JSON] = "json",   [FORMAT_CSV] = "csv",
	[FORMAT_MARKDOWN] = "markdown", [FORMAT_JSONL] = "jsonl",
};
enum { N_FORMATS = sizeof(words) / sizeof(words[0]) };

/* What is written by record is its file: --json there says nothing. */
static const unsigned forms[N_COMMANDS] = {
	[COMMAND_CONSOLE] = BIT(TEXT),
	[COMMAND_LIST] = BIT(TEXT) | BIT(JSON) | BIT(CSV) | BIT(MARKDOWN),
	[COMMAND_RECORD] = BIT(TEXT) | BIT(JSON),
	[COMMAND_DIAGNOSE] = BIT(TEXT) | BIT(JSON) | BIT(MARKDOWN),
	[COMMAND_PATH] = BIT(TEXT) | BIT(JSON) | BIT(MARKDOWN),
	[COMMAND_PROBE] = BIT(TEXT) | BIT(JSON) | BIT(MARKDOWN),
	[COMMAND_RULES] = BIT(TEXT) | BIT(JSON) | BIT(MARKDOWN),
	[COMMAND_EXPOSURE] = BIT(TEXT) | BIT(JSON),
	[COMMAND_CAPTURE] = BIT(TEXT) | BIT(JSON) | BIT(JSONL),
	[COMMAND_DOCTOR] = BIT(TEXT) | BIT(JSON),
};

bool format_find(const char *word, enum format *out)
{
	for (size_t i = 0; i < N_FORMATS; i++)
		if (strcmp(word, words[i]) == 0) {
			*out = (enum format)i;
			return true;
		}
	return false;
}

/* "text, json and markdown" */
static void print_forms(unsigned set)
{
	const char *between = "";

	for (unsigned i = 0; i < N_FORMATS; i++) {
		if (!(set & 1U << i))
			continue;
		set &= ~(1U << i);
		fprintf(stderr, "%s%s", *between && !set ? " and " : between, words[i]);
		between = ", ";
	}
}

int format_check(const struct cli *c)
{
	static const char *const names[N_COMMANDS] = {
#define X(name, word, args, help) word,
		COMMANDS(X)
#undef X
	};

	if (forms[c->command] & 1U << c->format)
		return CLI_GO_ON;
	if (c->command == COMMAND_CONSOLE) {
		fputs("dport: the console has no format; dport list --json prints JSON "
		      "(dport -h shows what is taken)\n",
		      stderr);
		return EXIT_USAGE;
	}
	fprintf(stderr, "dport: %s has no --format %s; it has ", names[c->command],
		words[c->format]);
	print_forms(forms[c->command]);
	fputs(" (dport -h shows what is taken)\n", stderr);
	return EXIT_USAGE;
}
