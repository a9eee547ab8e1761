/* The lines below a place of a packet's way. Breaks no lines, draws nothing. */
#include "core/report/path_notes.h"

#include <netinet/in.h>
#include <string.h>

#include "core/report/path_words.h"

enum { NEAR_SHOWN = 3 };

static bool is_stop(const struct path_hop *h)
{
	return h->outcome == HOP_DROPPED || h->outcome == HOP_REJECTED;
}

static void end_line(struct str *out, size_t before)
{
	if (out->len > before)
		str_putc(out, '\n');
}

static void put_rule(struct str *out, const struct path_page *p, const struct path_hop *h)
{
	const struct ruleset *r = p->evidence.rules;
	size_t before = out->len;

	if (h->rule != UINT32_MAX)
		rule_text(out, r, &r->rules[h->rule]);
	end_line(out, before);
	before = out->len;
	path_put_manager(out, r, h->chain, h->rule);
	end_line(out, before);
}

static void put_near(struct str *out, const struct path_page *p, const struct path_leg *leg)
{
	struct path_world w = evidence_world(&p->evidence);
	struct fw_near near[NEAR_SHOWN];
	size_t n = path_near_misses(&w, leg, near, NEAR_SHOWN);

	for (size_t i = 0; i < n; i++) {
		const struct fw_rule *rule = &p->evidence.rules->rules[near[i].rule];

		/* Whoever lets established flows pass did not mean this packet. */
		if (!strcmp(near[i].field, "state"))
			continue;
		/* Beside a rule for this port, those for others say nothing. */
		if (near[0].is_of_port && !near[i].is_of_port)
			break;
		str_printf(out,
			   "but for the %s, handle %llu would let it pass: ", near[i].field,
			   (unsigned long long)rule->handle);
		rule_text(out, p->evidence.rules, rule);
		str_putc(out, '\n');
	}
}

void path_put_notes(struct str *out, const struct path_page *p, const struct path_leg *leg,
		    const struct path_hop *h)
{
	if (h->chain != UINT32_MAX && p->evidence.rules &&
	    (is_stop(h) || h->rule != UINT32_MAX))
		put_rule(out, p, h);
	if (is_stop(h))
		put_near(out, p, leg);
}

void path_put_unsure(struct str *out, const struct path_page *p, const struct path_leg *leg,
		     size_t i)
{
	const struct ruleset *r = p->evidence.rules;
	const struct path_unsure *u = &leg->unsure[i];

	str_puts(out, u->why);
	if (u->rule == UINT32_MAX || !r)
		return;
	str_puts(out, ": ");
	rule_place(out, r, &r->rules[u->rule]);
	str_puts(out, ": ");
	rule_text(out, r, &r->rules[u->rule]);
}

void path_put_space(struct str *out, const struct path_page *p)
{
	str_puts(out, "in the namespace ");
	text_show(out, p->evidence.space->name, TEXT_ASCII);
}

/* A port of the client that was not named leaves rules for ports open. */
void path_put_hint(struct str *out, const struct path_page *p)
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
			   ? "the client's port decides it: --from [%s]:PORT"
			   : "the client's port decides it: --from %s:PORT",
		   addr_format(&a->client, text));
}
