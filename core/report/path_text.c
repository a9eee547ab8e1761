/* The way of a packet as a person reads it: the verdict, then a line per place, the rule
 * that decided with what nearly matched. The words only; what came of it is path_page. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "core/report/path_words.h"

enum { COLUMNS = 80, PLACE_COLUMN = 4, WORDS_COLUMN = 18, NEAR_SHOWN = 3 };

/* ---- lines ---- */

/* From this column on, broken at blanks. */
static void put_wrapped(struct str *out, const char *words, size_t column)
{
	size_t room = COLUMNS - column, len = strlen(words);

	while (len > room) {
		size_t at = room;

		while (at && words[at] != ' ')
			at--;
		if (!at)
			at = strcspn(words, " ");
		str_append(out, words, at);
		words += at + (words[at] == ' ');
		len = strlen(words);
		if (!len)
			break;
		str_putc(out, '\n');
		str_fill(out, ' ', column);
	}
	str_append(out, words, len);
	str_putc(out, '\n');
}

static void put_more(struct str *out, const struct str *words)
{
	if (!words->len)
		return;
	str_fill(out, ' ', WORDS_COLUMN);
	put_wrapped(out, str_text(words), WORDS_COLUMN);
}

static void put_line(struct str *out, const char *mark, const char *place,
		     const struct str *words)
{
	str_printf(out, "  %s %-*s", mark, WORDS_COLUMN - PLACE_COLUMN, place);
	put_wrapped(out, str_text(words), WORDS_COLUMN);
}

/* ---- a rule ---- */

static void put_rule(struct str *out, const struct path_page *p, uint32_t chain,
		     uint32_t rule)
{
	const struct ruleset *r = p->evidence.rules;
	struct str words = {0};

	if (rule != UINT32_MAX) {
		rule_text(&words, r, &r->rules[rule]);
		put_more(out, &words);
		str_reset(&words);
	}
	path_put_manager(&words, r, chain, rule);
	put_more(out, &words);
	str_release(&words);
}

static void put_near(struct str *out, const struct path_page *p, const struct path_leg *leg)
{
	struct path_world w = evidence_world(&p->evidence);
	struct fw_near near[NEAR_SHOWN];
	size_t n = path_near_misses(&w, leg, near, NEAR_SHOWN);
	struct str words = {0};

	for (size_t i = 0; i < n; i++) {
		const struct fw_rule *rule = &p->evidence.rules->rules[near[i].rule];

		/* Whoever lets established flows pass did not mean this packet. */
		if (!strcmp(near[i].field, "state"))
			continue;
		/* Beside a rule for this port, those for others say nothing. */
		if (near[0].is_of_port && !near[i].is_of_port)
			break;
		str_reset(&words);
		str_printf(&words,
			   "but for the %s, handle %llu would let it pass: ", near[i].field,
			   (unsigned long long)rule->handle);
		rule_text(&words, p->evidence.rules, rule);
		put_more(out, &words);
	}
	str_release(&words);
}

/* ---- a hop ---- */

static const char *mark_of(const struct path_hop *h, enum text_mode mode)
{
	static const char *const marks[][2] = {
		[HOP_PASSES] = {"✔", "+"},  [HOP_TRANSLATED] = {"→", ">"},
		[HOP_DROPPED] = {"✖", "x"}, [HOP_REJECTED] = {"✖", "x"},
		[HOP_UNSURE] = {"?", "?"},  [HOP_NOT_WALKED] = {"-", "-"},
	};

	return marks[h->outcome][mode == TEXT_ASCII];
}

static void put_hop(struct str *out, const struct path_page *p, const struct path_leg *leg,
		    size_t i, enum text_mode mode)
{
	const struct path_hop *h = &leg->hops[i];
	bool is_stop = h->outcome == HOP_DROPPED || h->outcome == HOP_REJECTED;
	struct str words = {0};

	path_put_hop_words(&words, p, leg, h, mode);
	put_line(out, mark_of(h, mode), path_hop_place(h, i == 0), &words);
	str_release(&words);
	if (h->chain != UINT32_MAX && p->evidence.rules &&
	    (is_stop || h->rule != UINT32_MAX))
		put_rule(out, p, h->chain, h->rule);
	if (is_stop)
		put_near(out, p, leg);
}

static void put_unsure(struct str *out, const struct path_page *p,
		       const struct path_leg *leg)
{
	const struct ruleset *r = p->evidence.rules;
	struct str words = {0};

	for (size_t i = 0; i < leg->n_unsure; i++) {
		const struct path_unsure *u = &leg->unsure[i];

		str_reset(&words);
		str_puts(&words, u->why);
		if (u->rule != UINT32_MAX && r) {
			str_puts(&words, ": ");
			rule_place(&words, r, &r->rules[u->rule]);
			str_puts(&words, ": ");
			rule_text(&words, r, &r->rules[u->rule]);
		}
		put_line(out, "?", u->rule == UINT32_MAX ? "because" : "depends on",
			 &words);
	}
	str_release(&words);
}

static void put_leg(struct str *out, const struct path_page *p, const struct path_leg *leg,
		    enum text_mode mode)
{
	for (size_t i = 0; i < leg->n_hops; i++)
		put_hop(out, p, leg, i, mode);
	put_unsure(out, p, leg);
}

/* ---- the whole ---- */

static void put_head(struct str *out, const struct path_page *p, enum text_mode mode)
{
	static const char *const marks[][2] = {[PATH_IS_OPEN] = {"✔", "+"},
					       [PATH_IS_CLOSED] = {"✖", "x"},
					       [PATH_IS_NOT_KNOWN] = {"?", "?"}};
	struct str words = {0};

	path_put_packet(&words, &p->path.ask);
	str_puts(&words, ": ");
	path_put_verdict(&words, p);
	str_printf(out, "%s ", marks[path_page_state(p)][mode == TEXT_ASCII]);
	put_wrapped(out, str_text(&words), 2);
	str_release(&words);
}

static void put_space(struct str *out, const struct path_page *p)
{
	str_puts(out, "\n  in the namespace ");
	text_show(out, p->evidence.space->name, TEXT_ASCII);
	str_putc(out, '\n');
}

static void put_reply(struct str *out, const struct path_page *p, enum text_mode mode)
{
	if (p->inner)
		put_reply(out, p->inner, mode);
	if (!p->path.reply.is_walked)
		return;
	str_puts(out, "\n  the reply");
	if (!p->evidence.space->is_own && !text_is_empty(p->evidence.space->name)) {
		str_puts(out, " in the namespace ");
		text_show(out, p->evidence.space->name, TEXT_ASCII);
	}
	str_putc(out, '\n');
	put_leg(out, p, &p->path.reply, mode);
}

/* A port of the client that was not named leaves rules for ports open. */
static void put_hint(struct str *out, const struct path_page *p)
{
	const struct path_page *of;
	const struct path_leg *leg = path_page_decider(p, &of);
	const struct path_ask *a = &p->path.ask;
	char text[ADDR_TEXT_MAX];

	if (path_page_state(p) != PATH_IS_NOT_KNOWN || a->client_port || !a->client.family)
		return;
	for (size_t i = 0; i < leg->n_unsure; i++)
		if (strcmp(leg->unsure[i].why, "destination port") &&
		    strcmp(leg->unsure[i].why, "source port"))
			return;
	str_printf(out,
		   a->client.family == AF_INET6
			   ? "\n  the client's port decides it: --from [%s]:PORT\n"
			   : "\n  the client's port decides it: --from %s:PORT\n",
		   addr_format(&a->client, text));
}

int path_text(struct str *out, const struct path_page *p, enum text_mode mode)
{
	put_head(out, p, mode);
	str_putc(out, '\n');
	for (const struct path_page *at = p; at; at = at->inner) {
		if (at != p)
			put_space(out, at);
		put_leg(out, at, &at->path.request, mode);
	}
	put_reply(out, p, mode);
	put_hint(out, p);
	return out->failed ? -ENOMEM : 0;
}
