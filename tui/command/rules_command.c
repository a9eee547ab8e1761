/*
 * dport rules: has the ruleset and the listeners read, chooses which rules are asked for,
 * and writes the document piece by piece. What is said of a rule is core/report.
 */
#include "tui/command/rules_command.h"

#include <errno.h>
#include <langinfo.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/report/rules.h"
#include "core/report/rules_choice.h"
#include "core/services/target.h"
#include "tui/live/diagnose.h"
#include "tui/command/looking.h"

#define RULES_NS (60 * NS_PER_S) /* a hundred thousand rules take their time */

enum { COLUMNS = 80 };

struct rules_command {
	struct cli words; /* the call's, without what no rule needs */
	struct looking look;
	struct inquiry inquiry;
	const struct ruleset *rules; /* of the inquiry */
	struct target target;
	bool is_part;    /* they were not all told */
	bool *wanted;    /* NULL: all */
	struct str name; /* of the target, as it is shown */
};

static int refuse(const char *format, const char *word)
{
	fputs("dport: ", stderr);
	fprintf(stderr, format, word);
	fputs(" (dport -h shows what is taken)\n", stderr);
	return EXIT_USAGE;
}

int rules_check_words(const struct cli *c)
{
	if (c->command != COMMAND_RULES)
		return CLI_GO_ON;
	if (c->n_words > 1)
		return refuse("rules takes one port or TARGET: '%s' is one word too many",
			      c->words[1]);
	if (c->refresh.spaces == SPACES_ALL)
		return refuse("%s looks into one namespace: --netns NAME or PID", "rules");
	return CLI_GO_ON;
}

/* ---- reading ---- */

static void say_failed(struct rules_command *c, int error)
{
	if (error == EPERM || error == EACCES) {
		fputs("dport: the rules cannot be read without CAP_NET_ADMIN: run it as "
		      "root, or setcap cap_net_admin+ep on it.\n",
		      stderr);
		c->look.code = EXIT_RIGHTS;
		return;
	}
	if (error == EINTR || error == EAGAIN)
		fputs("dport: the rules changed again and again while they were read: try "
		      "again.\n",
		      stderr);
	else
		fprintf(stderr, "dport: the rules could not be read: %s.\n",
			error ? strerror(error) : "no answer in time");
	c->look.code = EXIT_UNKNOWN;
}

static void read_rules(struct rules_command *c)
{
	struct question q = {.kind = QUESTION_RULESET};
	const struct response *answer;

	if (inquiry_ask(&c->inquiry, &q)) {
		c->look.code = EXIT_INTERNAL;
		return;
	}
	looking_ask(&c->look, &c->inquiry, RULES_NS);
	if (c->look.code)
		return;
	answer = responses_of(&c->inquiry.responses, QUESTION_RULESET, 0);
	c->rules = responses_table(&c->inquiry.responses, QUESTION_RULESET, 0);
	if (!c->rules) {
		say_failed(c, answer ? answer->error : 0);
	} else if (answer->state != RESPONSE_WHOLE) {
		c->is_part = true;
		fprintf(stderr, "dport: the rules could not all be read: %s.\n",
			answer->error ? strerror(answer->error) : "the answer ended early");
	}
}

/* ---- which rules ---- */

static void name_target(struct rules_command *c, const struct addr *address)
{
	char text[ADDR_TEXT_MAX];

	for (size_t i = 0; i < c->target.n_ports; i++) {
		const struct target_port *p = &c->target.ports[i];
		const char *proto = p->proto == IPPROTO_UDP ? "udp" : "tcp";

		str_puts(&c->name, i ? " or " : "");
		if (address->family == AF_INET6)
			str_printf(&c->name, "[%s]:", addr_format(address, text));
		else if (address->family)
			str_printf(&c->name, "%s:", addr_format(address, text));
		str_printf(&c->name, "%u/%s", p->port, proto);
	}
}

static void choose_rules(struct rules_command *c)
{
	char error[TARGET_ERROR_MAX];
	struct addr address;

	if (target_parse(&c->target, c->words.words[0], c->look.snapshot->port_names,
			 error)) {
		fprintf(stderr, "dport: %s\n", error);
		c->look.code = EXIT_USAGE;
		return;
	}
	diagnose_keep_served(&c->target, c->look.snapshot, looking_space(&c->look));
	address = addr_unmapped(&c->target.address);
	if (c->target.host[0] && !address.family)
		address = looking_resolve(&c->look, c->target.host, AF_UNSPEC);
	if (c->look.code)
		return;
	/* This host's own name: every address of it. */
	if (!c->target.address.family && addr_is_loopback(&address))
		address = (struct addr){0};
	name_target(c, &address);
	c->wanted = calloc(c->rules->n_rules + 1, sizeof(*c->wanted));
	for (size_t i = 0; c->wanted && i < c->target.n_ports; i++)
		if (rules_choose(c->rules, c->target.ports[i].proto,
				 c->target.ports[i].port, &address, c->wanted))
			c->look.code = EXIT_INTERNAL;
	if (!c->wanted)
		c->look.code = EXIT_INTERNAL;
}

/* ---- the document ---- */

static unsigned columns(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ||
	    !size.ws_col)
		return COLUMNS;
	return size.ws_col;
}

static int flush(void *arg, struct str *out)
{
	struct rules_command *c = arg;
	int code = cli_write_out(out, c->look.signal_fd);

	str_reset(out);
	return code;
}

static int write_document(struct rules_command *c, struct str *out)
{
	bool is_utf8 = !c->words.is_ascii && !strcmp(nl_langinfo(CODESET), "UTF-8");
	struct rules_view view = {.rules = c->rules,
				  .snapshot = c->look.snapshot,
				  .space = looking_space(&c->look),
				  .wanted = c->wanted,
				  .is_part = c->is_part,
				  .target = c->wanted ? str_text(&c->name) : NULL};
	struct rules_options options = {.text_mode = is_utf8 ? TEXT_UTF8 : TEXT_ASCII,
					.columns = columns(),
					.flush = flush,
					.arg = c};

	if (c->words.format == FORMAT_JSON)
		return rules_json(out, &view, &options);
	if (c->words.format == FORMAT_MARKDOWN)
		return rules_markdown(out, &view, &options);
	return rules_text(out, &view, &options);
}

static int print(struct rules_command *c)
{
	struct str out = {0}, missing = {0};
	int code = write_document(c, &out);

	rules_missing_text(&missing, c->rules);
	fputs(str_text(&missing), stderr);
	str_release(&missing);
	str_release(&out);
	if (code < 0)
		return EXIT_INTERNAL;
	if (code)
		return code;
	return c->rules->is_changing || c->is_part ? EXIT_UNKNOWN : 0;
}

int rules_run(const struct cli *cli, struct channel *channel, int signal_fd)
{
	struct rules_command c = {.words = *cli};
	int code;

	c.words.refresh.without_owners = c.words.refresh.without_connections = true;
	c.look = (struct looking){
		.cli = &c.words, .channel = channel, .signal_fd = signal_fd};
	inquiry_init(&c.inquiry, &c.words.refresh.space);
	looking_start(&c.look);
	if (!c.look.code)
		read_rules(&c);
	if (!c.look.code && c.words.n_words)
		choose_rules(&c);
	code = c.look.code ? c.look.code : print(&c);
	free(c.wanted);
	str_release(&c.name);
	inquiry_release(&c.inquiry);
	looking_end(&c.look);
	return code;
}
