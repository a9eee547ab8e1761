/*
 * dport exposure: which listeners are meant, the rules that are asked for, and the
 * document. Who reaches what is core/path, its words are core/report.
 */
#include "tui/command/exposure_command.h"

#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "core/report/exposure.h"
#include "core/services/target.h"
#include "tui/live/diagnose.h"
#include "tui/command/exposure_inside.h"
#include "tui/command/looking.h"

#define PATIENCE_NS (30 * NS_PER_S)
enum { ROUNDS_MAX = 8, WISHES_MAX = 256 };

struct exposure_command {
	struct looking look;
	const struct cli *cli;
	struct inquiry inquiry;
	struct exposure_port ports[WISHES_MAX];
	size_t n_ports;
	struct path_world world;
	struct exposure exposure;
	struct exposure_inside inside;
};

/* ---- which listeners ---- */

static int refuse(struct exposure_command *c, const char *sentence, const char *word)
{
	fprintf(stderr, "dport: ");
	fprintf(stderr, sentence, word);
	fputc('\n', stderr);
	c->look.code = EXIT_USAGE;
	return EXIT_USAGE;
}

static void wish_for(struct exposure_command *c, uint16_t port, uint8_t proto,
		     const char *word)
{
	if (c->n_ports == WISHES_MAX)
		refuse(c, "'%s' is one port too many", word);
	else
		c->ports[c->n_ports++] = (struct exposure_port){port, proto};
}

/* A bare number means every transport. */
static bool take_number(struct exposure_command *c, const char *word)
{
	char *end;
	unsigned long port = strtoul(word, &end, 10);

	if (strspn(word, "0123456789") != strlen(word) || !*word || port < 1 ||
	    port > UINT16_MAX)
		return false;
	wish_for(c, (uint16_t)port, 0, word);
	return true;
}

static void take_word(struct exposure_command *c, const char *word)
{
	char error[TARGET_ERROR_MAX];
	struct target t;

	if (take_number(c, word))
		return;
	if (target_parse(&t, word, c->look.snapshot->port_names, error)) {
		refuse(c, "%s", error);
		return;
	}
	if (t.host[0]) {
		refuse(c, "exposure takes ports of this host, not '%s'", word);
		return;
	}
	for (size_t i = 0; i < t.n_ports && !c->look.code; i++)
		wish_for(c, t.ports[i].port, t.ports[i].proto, word);
}

/* ---- the rules ---- */

static void ask_tables(struct exposure_command *c)
{
	static const enum question_kind kinds[] = {QUESTION_RULESET, QUESTION_SETTINGS,
						   QUESTION_PROGRAMS};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct question q = {.kind = kinds[i]};

		if (inquiry_ask(&c->inquiry, &q))
			c->look.code = EXIT_INTERNAL;
	}
}

static void make_world(struct exposure_command *c, const struct space *space)
{
	const struct responses *r = &c->inquiry.responses;

	c->world = (struct path_world){
		.snapshot = c->look.snapshot,
		.space = space,
		.rules = responses_table(r, QUESTION_RULESET, 0),
		.settings = responses_table(r, QUESTION_SETTINGS, 0),
		.programs = responses_table(r, QUESTION_PROGRAMS, 0),
		.responses = r,
		.wall_ns = c->inquiry.last_wall_ns,
		.utc_offset_s = diagnose_utc_offset_s(c->inquiry.last_wall_ns)};
}

/* Questions that were not put before. */
static size_t ask_needs(struct exposure_command *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->exposure.n_needs; i++) {
		n += !responses_find(&c->inquiry.responses, &c->exposure.needs[i]);
		if (inquiry_ask(&c->inquiry, &c->exposure.needs[i]))
			c->look.code = EXIT_INTERNAL;
	}
	return n;
}

static void find(struct exposure_command *c, const struct space *space)
{
	struct exposure_wish wish = {
		.ports = c->ports, .n_ports = c->n_ports, .inside = c->inside.worlds};
	size_t n_new = 1;

	ask_tables(c);
	for (int round = 0; n_new && round < ROUNDS_MAX && !c->look.code; round++) {
		looking_ask(&c->look, &c->inquiry, PATIENCE_NS);
		if (c->look.code)
			return;
		exposure_release(&c->exposure);
		make_world(c, space);
		wish.n_inside = c->inside.n;
		if (exposure_find(&c->world, &wish, &c->exposure))
			c->look.code = EXIT_INTERNAL;
		n_new = ask_needs(c);
		n_new += exposure_inside_ask(&c->inside, &c->exposure, &c->look);
	}
}

/* ---- the document ---- */

static int rules_error(const struct exposure_command *c)
{
	const struct response *r = responses_of(&c->inquiry.responses, QUESTION_RULESET, 0);

	return r ? r->error : 0;
}

static int code_of(const struct exposure_command *c)
{
	int error = rules_error(c);

	if (!c->exposure.is_blind)
		return cli_code_for_view(c->look.snapshot);
	return error == EPERM || error == EACCES ? EXIT_RIGHTS : EXIT_UNKNOWN;
}

static int print(const struct exposure_command *c)
{
	bool is_utf8 = !c->cli->is_ascii && !strcmp(nl_langinfo(CODESET), "UTF-8");
	struct exposure_page page = {.exposure = &c->exposure,
				     .world = &c->world,
				     .rules_error = rules_error(c)};
	struct str out = {0};
	int error, code;

	error = c->cli->format == FORMAT_JSON
			? exposure_json(&out, &page)
			: exposure_text(&out, &page, is_utf8 ? TEXT_UTF8 : TEXT_ASCII);
	code = error ? EXIT_INTERNAL : cli_write_out(&out, c->look.signal_fd);
	str_release(&out);
	return code ? code : code_of(c);
}

static void run(struct exposure_command *c)
{
	const struct space *space = looking_space(&c->look);

	for (int i = 0; i < c->cli->n_words && !c->look.code; i++)
		take_word(c, c->cli->words[i]);
	if (c->look.code)
		return;
	if (!space) {
		fprintf(stderr, "dport: the namespace could not be read.\n");
		c->look.code = EXIT_UNKNOWN;
		return;
	}
	find(c, space);
}

int exposure_run(const struct cli *cli, struct channel *channel, int signal_fd)
{
	struct exposure_command *c = calloc(1, sizeof(*c));
	int code;

	if (!c)
		return EXIT_INTERNAL;
	c->cli = cli;
	c->look = (struct looking){.cli = cli, .channel = channel, .signal_fd = signal_fd};
	inquiry_init(&c->inquiry, &cli->refresh.space);
	looking_start(&c->look);
	if (!c->look.code)
		run(c);
	code = c->look.code ? c->look.code : print(c);
	exposure_release(&c->exposure);
	exposure_inside_release(&c->inside);
	inquiry_release(&c->inquiry);
	looking_end(&c->look);
	free(c);
	return code;
}
