/* The words of the call -> struct cli. One table of options gives the parser and the help.
 * getopt_long(3). */
#include "tui/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/version.h"
#include "tui/command/capture.h"
#include "tui/command/config_command.h"
#include "tui/command/diagnose_command.h"
#include "tui/formats.h"
#include "tui/state/guide.h"
#include "tui/keymap.h"
#include "tui/command/option_table.h"
#include "tui/options_help.h"
#include "tui/command/path_command.h"
#include "tui/command/probe_command.h"
#include "tui/command/rules_command.h"

static const struct option long_options[] = {
#define X(name, letter, arg, help) {name, (arg) != NULL, NULL, letter},
	OPTIONS(X)
#undef X
		{0}};

static const char *const command_words[N_COMMANDS] = {
#define X(name, word, args, help) [COMMAND_##name] = word,
	COMMANDS(X)
#undef X
};

/* Words of later versions: nobody shall mistake them for a filter. */
static const char *const later_words[] = {"register", "watch", "lab"};

static int usage(const char *sentence, const char *word)
{
	fprintf(stderr, "dport: ");
	fprintf(stderr, sentence, word);
	fprintf(stderr, " (dport -h shows what is taken)\n");
	return EXIT_USAGE;
}

static int set_format(struct cli *c, const char *word)
{
	if (format_find(word, &c->format))
		return CLI_GO_ON;
	return usage("--format takes text, json, jsonl, csv or markdown, not '%s'", word);
}

static int set_netns(struct cli *c, const char *word)
{
	struct netns_ref *ref = &c->refresh.space;
	char *end;
	long pid = strtol(word, &end, 10);
	struct request probe = {.kind = REQUEST_NAMESPACES};

	if (strcmp(word, "all") == 0) {
		c->refresh.spaces = SPACES_ALL;
		return CLI_GO_ON;
	}
	c->refresh.spaces = SPACES_ONE;
	if (*word && !*end && pid > 0 && pid <= INT32_MAX) {
		*ref = (struct netns_ref){.kind = NETNS_PID, .pid = (pid_t)pid};
	} else {
		*ref = (struct netns_ref){.kind = NETNS_NAME};
		if (strlen(word) > NETNS_NAME_MAX)
			return usage("--netns: the name '%s' is too long", word);
		strcpy(ref->name, word);
	}
	probe.netns = *ref;
	if (request_check(&probe))
		return usage(
			"--netns takes a name beneath /run/netns, a pid or all, not '%s'",
			word);
	return CLI_GO_ON;
}

/* A whole number from low to high, or -1. */
static long number(const char *word, long low, long high)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(word, &end, 10);
	return *word && !*end && !errno && n >= low && n <= high ? n : -1;
}

static int set_color(struct cli *c, const char *word)
{
	static const char *const words[] = {
		[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"};

	for (size_t i = 0; i < 3; i++)
		if (strcmp(word, words[i]) == 0) {
			c->color = (enum color_choice)i;
			return CLI_GO_ON;
		}
	return usage("--color takes auto, always or never, not '%s'", word);
}

static int set_number(struct cli *c, int letter, const char *word)
{
	const struct {
		int letter, low, high, *out;
		const char *sentence;
	} numbers[] = {
		{'s', 1, 86400, &c->record_s, "--for takes 1 to 86400 seconds, not '%s'"},
		{'t', 1, 3600, &c->wait_s, "--wait takes 1 to 3600 seconds, not '%s'"},
		{'T', 1, 255, &c->ttl, "--ttl takes 1 to 255, not '%s'"},
		{'N', 1, 2, &c->n_workers, "--workers takes 1 or 2, not '%s'"},
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].letter == letter) {
			*numbers[i].out =
				(int)number(word, numbers[i].low, numbers[i].high);
			return *numbers[i].out > 0 ? CLI_GO_ON
						   : usage(numbers[i].sentence, word);
		}
	if (strcmp(word, "4") != 0 && strcmp(word, "6") != 0)
		return usage("--family takes 4 or 6, not '%s'", word);
	c->family = *word == '4' ? AF_INET : AF_INET6;
	return CLI_GO_ON;
}

static int set_owners(struct cli *c, const char *word)
{
	static const char *const words[] = {"", "files", "tasks"};

	for (int i = 1; i < 3; i++)
		if (strcmp(word, words[i]) == 0) {
			c->owners_way = i;
			return CLI_GO_ON;
		}
	return usage("--owners takes files or tasks, not '%s'", word);
}

/* Where an option without a value is kept; NULL: it is none of these. */
static bool *flag_of(struct cli *c, int letter)
{
	const struct {
		int letter;
		bool *flag;
	} flags[] = {
		{'O', &c->refresh.without_owners},
		{'C', &c->refresh.without_connections},
		{'X', &c->is_redacted},
		{'q', &c->without_connect},
		{'B', &c->proves},
		{'M', &c->sweeps},
		{'L', &c->with_payload},
		{'S', &c->is_summary},
		{'m', &c->is_promiscuous},
		{'a', &c->is_ascii},
		{'Q', &c->prints_config},
		{'p', &c->is_plain},
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].letter == letter)
			return flags[i].flag;
	return NULL;
}

static int set_flag(struct cli *c, int letter)
{
	bool *flag = flag_of(c, letter);

	if (flag) {
		*flag = true;
		return CLI_GO_ON;
	}
	switch (letter) {
	case 'j':
		c->format = FORMAT_JSON;
		return CLI_GO_ON;
	case 'h':
		return options_print_short_help();
	case 'H':
		return options_print_help();
	case 'K':
		return options_print_keys_for_man();
	case 'V':
		printf("dport %s\n", DPORT_VERSION);
		return 0;
	default:
		return EXIT_USAGE;
	}
}

/* What getopt_long() could not take, in our words. letter: '?' or ':' */
static int refuse_option(int letter, char **argv)
{
	const char *word = argv[optind > 1 ? optind - 1 : 1];
	const char short_word[] = {'-', (char)optopt, '\0'};

	if (letter == ':')
		return usage("%s needs a value", word);
	if (strncmp(word, "--", 2) != 0 && optopt)
		return usage("there is no option '%s'; '!word' turns a filter's word round",
			     short_word);
	return usage(optopt ? "%s: this option takes no value"
			    : "there is no option '%s', or more than one begins so",
		     word);
}

/* Where the value of an option is kept that is one word; NULL: it is none of these. */
static const char **word_of(struct cli *c, int letter)
{
	const struct {
		int letter;
		const char **word;
	} words[] = {
		{'R', &c->record},         {'P', &c->replay},
		{'o', &c->from},           {'y', &c->role},
		{'i', &c->capture_device}, {'r', &c->capture_read},
		{'w', &c->capture_write},  {'D', &c->debug},
		{'A', &c->cloud_rules},    {'I', &c->in_device},
		{'G', &c->flags},          {'E', &c->state},
		{'Z', &c->origin},         {'Y', &c->symptom},
		{'e', &c->expect},         {'x', &c->screen},
		{'g', &c->config},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].letter == letter)
			return words[i].word;
	return NULL;
}

/* One more word of an option that can be repeated. */
static int add_word(const char **words, int *n, int max, const char *sentence)
{
	if (*n == max)
		return usage(sentence, optarg);
	words[(*n)++] = optarg;
	return CLI_GO_ON;
}

static int take_option(struct cli *c, int letter)
{
	const char **word = word_of(c, letter);

	if (word) {
		*word = optarg;
		return CLI_GO_ON;
	}
	switch (letter) {
	case 'F':
		return set_format(c, optarg);
	case 'n':
		return set_netns(c, optarg);
	case 'f':
	case 's':
	case 't':
	case 'T':
	case 'N':
		return set_number(c, letter, optarg);
	case 'c':
		return set_color(c, optarg);
	case 'k':
		return add_word(c->clients, &c->n_clients, REMOTE_CLIENTS_MAX,
				"at most 8 clients can be asked, '%s' is one too many");
	case 'J':
		return add_word(c->joined, &c->n_joined, JOINED_FILES_MAX,
				"at most 8 files can be joined, '%s' is one too many");
	case 'W':
		return set_owners(c, optarg);
	default:
		return set_flag(c, letter);
	}
}

static int take_command(struct cli *c, int argc, char **argv)
{
	const char *word = optind < argc ? argv[optind] : "";

	for (size_t i = 0; i < sizeof(later_words) / sizeof(later_words[0]); i++)
		if (strcmp(word, later_words[i]) == 0)
			return usage("'%s' is not part of version " DPORT_VERSION, word);
	for (size_t i = 1; i < N_COMMANDS; i++)
		if (strcmp(word, command_words[i]) == 0) {
			c->command = (enum command)i;
			optind++;
		}
	if (c->command == COMMAND_RECORD) {
		if (optind >= argc)
			return usage("record needs the name of a new %s", "file");
		c->record = argv[optind++];
	}
	c->words = argv + optind;
	c->n_words = argc - optind;
	if (c->n_words && c->command == COMMAND_DOCTOR)
		return usage("'%s' is one word too many", c->words[0]);
	if (c->n_words > 1 && c->command == COMMAND_RECORD)
		return usage("'%s' is one word too many", c->words[1]);
	return CLI_GO_ON;
}

static int take_filter(struct cli *c)
{
	char error[160];
	struct str line = {0};
	bool is_short;

	if (c->command == COMMAND_CAPTURE || c->command == COMMAND_DIAGNOSE ||
	    c->command == COMMAND_RECORD || c->command == COMMAND_PATH ||
	    c->command == COMMAND_RULES || c->command == COMMAND_EXPOSURE ||
	    c->command == COMMAND_PROBE)
		return CLI_GO_ON;
	if (c->command == COMMAND_CONSOLE && (!c->is_plain || c->screen) &&
	    c->n_words == 1 && guide_is_target(c->words[0])) {
		c->target = c->words[0];
		return CLI_GO_ON;
	}
	c->filter = filter_parse_words(c->words, c->n_words, error);
	if (!c->filter)
		return usage("%s", error);
	for (int i = 0; i < c->n_words; i++)
		str_printf(&line, "%s%s", i ? " " : "", c->words[i]);
	is_short = !line.failed && line.len < sizeof(c->filter_line);
	if (is_short)
		strcpy(c->filter_line, str_text(&line));
	str_release(&line);
	return is_short ? CLI_GO_ON : usage("the filter is too long%s", "");
}

/* Words that exclude each other. What would do nothing is refused: --redact with record
 * would promise what it does not keep. */
static int check_together(const struct cli *c)
{
	if (format_check(c) != CLI_GO_ON)
		return EXIT_USAGE;
	if (c->family && c->command != COMMAND_LIST && c->command != COMMAND_PATH &&
	    c->command != COMMAND_PROBE)
		return usage("%s goes with list, path and probe only", "--family");
	if (plain_check_words(c) != CLI_GO_ON || config_check_words(c) != CLI_GO_ON)
		return EXIT_USAGE;
	if (c->replay && c->record)
		return usage("%s exclude each other", "--replay and --record");
	if (c->record_s && c->command != COMMAND_RECORD && c->command != COMMAND_CAPTURE)
		return usage("%s goes with record and capture only", "--for");
	if (capture_check_words(c) != CLI_GO_ON || path_check_words(c) != CLI_GO_ON ||
	    rules_check_words(c) != CLI_GO_ON || probe_check_words(c) != CLI_GO_ON)
		return EXIT_USAGE;
	return diagnose_check_words(c);
}

/* Without a terminal there is no console: a script wanted the batch command. */
static int check_terminal(const struct cli *c)
{
	const char *term = getenv("TERM");
	bool is_dumb = !term || !*term || strcmp(term, "dumb") == 0;
	const char *words;

	if (c->command != COMMAND_CONSOLE || c->is_plain || c->prints_config)
		return CLI_GO_ON;
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && !is_dumb)
		return CLI_GO_ON;
	words = c->target ? c->target : c->filter_line;
	fprintf(stderr,
		"dport: the console needs a terminal%s; this prints the same: dport "
		"%s%s%s\n",
		is_dumb ? " with cursor control (TERM)" : "",
		c->target ? "diagnose" : "list", *words ? " " : "", words);
	return EXIT_USAGE;
}

int cli_parse(struct cli *c, int argc, char **argv)
{
	int letter, code = CLI_GO_ON;

	*c = (struct cli){.replay_fd = -1,
			  .record_fd = -1,
			  .debug_fd = -1,
			  .capture_fd = -1,
			  .save_fd = -1,
			  .cloud_fd = -1};
	while (code == CLI_GO_ON &&
	       (letter = getopt_long(argc, argv, ":hi:r:w:", long_options, NULL)) != -1)
		code = letter == '?' || letter == ':' ? refuse_option(letter, argv)
						      : take_option(c, letter);
	if (code == 0)
		code = options_end_document();
	if (code == CLI_GO_ON)
		code = take_command(c, argc, argv);
	if (code == CLI_GO_ON)
		code = check_together(c);
	if (code == CLI_GO_ON)
		code = take_filter(c);
	if (code == CLI_GO_ON)
		code = check_terminal(c);
	return code;
}
