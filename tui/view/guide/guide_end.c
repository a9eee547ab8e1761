/* The last lines of a result: whom to ask, and how the same is found by hand. */
#include <string.h>

#include "tui/view/guide/guide_lines.h"
#include "tui/view/guide/guide_words.h"

enum { BY_HAND_MAX = 3 };

/* ---- whom to ask ---- */

/* By the first word of a fault's id. */
static const struct {
	const char *group, *whom;
} people[] = {
	{"client.", "who runs the client, or the network between it and this host"},
	{"server.", "who runs the service"},
	{"firewall.", "who keeps the firewall rules of this host"},
	{"net.", "who runs the network of this host"},
	{"nat.", "who keeps the translations (NAT) of this host"},
	{"proxy.", "who runs the proxy, the container or the balancer"},
};

static const char *whom(enum fault f)
{
	if (f == FAULT_REMOTE || f == FAULT_MIDDLEBOX_RESET)
		return "who runs the firewalls between the client and this host";
	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++)
		if (!strncmp(fault_id(f), people[i].group, strlen(people[i].group)))
			return people[i].whom;
	return NULL;
}

static void put_service(const struct guide_page *p, const struct endpoint *e,
			struct str *out)
{
	struct text name = e->unit;

	if (text_is_empty(name) && e->n_owners)
		name = e->owners[0]->comm;
	if (text_is_empty(name))
		return;
	str_puts(out, ": ");
	text_show(out, name, model_text_mode(p->m));
}

static void add_whom(const struct guide_page *p, const struct finding *f)
{
	struct str text = {0};
	const char *words = whom(f->fault);

	if (!words)
		return;
	str_puts(&text, words);
	if (!strncmp(fault_id(f->fault), "server.", strlen("server.")) && f->endpoint)
		put_service(p, f->endpoint, &text);
	guide_item(p, ROLE_TITLE, ROLE_NORMAL, "Ask", &text);
	str_release(&text);
}

/* ---- by hand ---- */

struct by_hand {
	struct text commands[BY_HAND_MAX];
	size_t n;
};

static void take(struct by_hand *b, const struct proof *proofs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool is_known = text_is_empty(proofs[i].command);

		for (size_t k = 0; k < b->n; k++)
			is_known |= text_equals(b->commands[k], proofs[i].command);
		if (!is_known && b->n < BY_HAND_MAX)
			b->commands[b->n++] = proofs[i].command;
	}
}

/* The cause's own first, then its step's, then those of the packet's way. */
static void add_by_hand(const struct guide_page *p, const struct finding *f)
{
	const struct diagnosis *d = p->m->guide.result;
	struct by_hand b = {0};

	take(&b, f->proofs, f->n_proofs);
	take(&b, d->steps[f->step].proofs, d->steps[f->step].n_proofs);
	for (int s = 0; s < N_STEPS; s++)
		take(&b, d->steps[s].proofs, d->steps[s].n_proofs);
	for (size_t i = 0; i < b.n; i++) {
		struct str text = {0};

		guide_put(p->m, &text, b.commands[i]);
		guide_item(p, ROLE_TITLE, ROLE_KEY, i ? "" : "By hand", &text);
		str_release(&text);
	}
}

void guide_end_lines(const struct guide_page *p)
{
	const struct finding *f = guide_cause(&p->m->guide);

	if (!f)
		return;
	add_whom(p, f);
	add_by_hand(p, f);
}
