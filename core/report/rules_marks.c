/* Marks of rules, from their boxes and from who listens. Prints nothing. */
#include "core/report/rules_marks.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/firewall/box/reach.h"
#include "core/firewall/text/rule_text.h"

enum { FEW_PORTS = 16, PORTS_TOLD = 4, FLUSH_BYTES = 1 << 16, FAMILY_IP6 = 10 };

static void add_note(struct rule_marks *m, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add_note(struct rule_marks *m, const char *format, ...)
{
	va_list args;

	if (m->n_notes == RULE_NOTES_MAX)
		return;
	va_start(args, format);
	vsnprintf(m->notes[m->n_notes++], RULE_NOTE_BYTES, format, args);
	va_end(args);
}

/* ---- who listens ---- */

static bool is_told(const struct rules_view *v, const char *source)
{
	for (size_t i = 0; i < v->snapshot->n_notes; i++) {
		const struct source_note *n = &v->snapshot->notes[i];

		if (!strcmp(n->source, source) && text_equals(n->space, v->space->name))
			return false;
	}
	return true;
}

static void note_listeners(struct rules_marks *m)
{
	const struct rules_view *v = m->view;

	if (!v->snapshot || !v->space || !v->space->tcp || !v->space->udp ||
	    !is_told(v, "tcp") || !is_told(v, "udp") || !is_told(v, "mptcp"))
		return;
	m->has_listeners = true;
	for (size_t i = 0; i < v->snapshot->n_endpoints; i++) {
		const struct endpoint *e = &v->snapshot->endpoints[i];
		uint8_t *ports = endpoint_is_stream(e) ? m->tcp : m->udp;

		if (e->space == v->space)
			ports[e->port / 8] |= (uint8_t)(1U << (e->port % 8));
	}
}

struct rules_marks *rules_marks_new(const struct rules_view *v)
{
	struct rules_marks *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->view = v;
	m->shadows = calloc(v->rules->n_rules + 1, sizeof(*m->shadows));
	m->hooks = calloc(v->rules->n_chains + 1, sizeof(*m->hooks));
	if (!m->shadows || !m->hooks || shadow_find(v->rules, m->shadows) ||
	    reach_hooks(v->rules, m->hooks)) {
		rules_marks_free(m);
		return NULL;
	}
	note_listeners(m);
	return m;
}

void rules_marks_free(struct rules_marks *m)
{
	if (!m)
		return;
	free(m->shadows);
	free(m->hooks);
	free(m);
}

/* ---- one rule ---- */

static void note_shadow(const struct rules_marks *m, struct rule_marks *out)
{
	const struct ruleset *r = m->view->rules;
	const struct shadow *s = &out->shadow;
	char which[64] = "", more[48] = "";

	if (s->kind == SHADOW_NONE)
		return;
	if (s->by < r->n_rules) {
		const struct fw_rule *by = &r->rules[s->by];

		if (rules_is_numbered(r, ruleset_chain(r, by)))
			snprintf(which, sizeof(which), " rule %u", by->index);
		else
			snprintf(which, sizeof(which), " handle %llu",
				 (unsigned long long)by->handle);
		if (s->n_by > 1)
			snprintf(more, sizeof(more), " and %u more together", s->n_by - 1);
	}
	add_note(out, "%s%s%s", shadow_words(s->kind), which, more);
}

static bool is_of_hook(const struct rules_marks *m, const struct fw_chain *c,
		       enum fw_hook hook)
{
	return m->hooks[c - m->view->rules->chains] & 1U << hook;
}

/* First packets of whatever kind, from anywhere. */
static bool is_open(const struct box *b)
{
	for (size_t i = 0; i < N_BOX_FIELDS; i++)
		if (!span_is_all(&b->fields[i]))
			return false;
	return !b->needs && (b->states & BOX_NEW);
}

static void note_open(const struct rules_marks *m, const struct fw_chain *c,
		      struct rule_marks *out)
{
	const struct rule_boxes *b = &m->boxes;

	if (!c->is_base || c->type != FW_FILTER || b->effect != BOX_DOES_ACCEPT ||
	    !b->is_exact || (c->hook != FW_INPUT && c->hook != FW_FORWARD))
		return;
	for (size_t i = 0; i < b->n; i++) {
		if (is_open(&b->rows[i])) {
			add_note(out, "any/any: accepts everything from everybody");
			return;
		}
	}
}

/* Returns false where they are more than a few: such a rule is not for one service. */
static bool ports_of(const struct box *b, unsigned *low, unsigned *high)
{
	*low = (unsigned)(b->fields[BOX_PORT].low.top >> 48);
	*high = (unsigned)(b->fields[BOX_PORT].high.top >> 48);
	return *high - *low < FEW_PORTS;
}

/* NULL: other protocols have no ports, or it is for several. */
static const uint8_t *sockets_of(const struct rules_marks *m, const struct box *b,
				 const char **word)
{
	const struct span *s = &b->fields[BOX_PROTO];
	uint64_t proto = s->low.top >> 56;

	if (s->high.top >> 56 != proto)
		return NULL;
	*word = proto == IPPROTO_TCP ? "tcp" : "udp";
	return proto == IPPROTO_TCP ? m->tcp : proto == IPPROTO_UDP ? m->udp : NULL;
}

static bool is_served(const uint8_t *sockets, unsigned low, unsigned high)
{
	for (unsigned p = low; p <= high; p++)
		if (sockets[p / 8] & 1U << (p % 8))
			return true;
	return false;
}

static void add_ports(char *words, size_t size, unsigned low, unsigned high,
		      const char *proto)
{
	char one[32];

	if (low == high)
		snprintf(one, sizeof(one), "%s%u/%s", *words ? ", " : "", low, proto);
	else
		snprintf(one, sizeof(one), "%s%u-%u/%s", *words ? ", " : "", low, high,
			 proto);
	if (strlen(words) + strlen(one) < size)
		strcat(words, one);
}

/* An accept for ports that no socket of this namespace is bound to. */
static void note_unserved(const struct rules_marks *m, const struct fw_chain *c,
			  struct rule_marks *out)
{
	const struct rule_boxes *b = &m->boxes;
	char words[96] = "";
	unsigned n = 0;

	if (!m->has_listeners || b->effect != BOX_DOES_ACCEPT ||
	    !is_of_hook(m, c, FW_INPUT) ||
	    m->hooks[c - m->view->rules->chains] != 1U << FW_INPUT)
		return;
	for (size_t i = 0; i < b->n; i++) {
		const char *word;
		const uint8_t *sockets = sockets_of(m, &b->rows[i], &word);
		unsigned low, high;

		if (!sockets || !(b->rows[i].states & BOX_NEW) ||
		    !ports_of(&b->rows[i], &low, &high))
			return;
		if (!is_served(sockets, low, high) && n++ < PORTS_TOLD)
			add_ports(words, sizeof(words), low, high, word);
	}
	if (n > PORTS_TOLD)
		add_note(out, "unserved port: no socket on %s and %u more", words,
			 n - PORTS_TOLD);
	else if (n)
		add_note(out, "unserved port: no socket on %s", words);
}

static void note_jump(const struct rules_marks *m, struct rule_marks *out)
{
	const struct ruleset *r = m->view->rules;
	const struct rule_boxes *b = &m->boxes;

	if (b->target < r->n_chains && !r->chains[b->target].n_rules)
		add_note(out, "leads to an empty chain");
}

void rules_marks_of(struct rules_marks *m, uint32_t rule, struct rule_marks *out)
{
	const struct ruleset *r = m->view->rules;
	const struct fw_chain *c = ruleset_chain(r, &r->rules[rule]);

	out->n_notes = 0;
	out->shadow = m->shadows[rule];
	box_rule(r, &r->rules[rule], BOX_TIMELESS, &m->boxes);
	out->opaque = m->boxes.lack;
	note_shadow(m, out);
	note_open(m, c, out);
	note_unserved(m, c, out);
	note_jump(m, out);
	if (m->boxes.has_limit)
		add_note(out, "limit: takes only a part of the packets");
	if (ruleset_table_of(r, c)->is_dormant)
		add_note(out, "dormant table: not run");
}

/* ---- words ---- */

bool rules_is_numbered(const struct ruleset *r, const struct fw_chain *c)
{
	const char *manager;

	if (ruleset_table_of(r, c)->backend != FW_NFT)
		return true;
	manager = chain_manager(r, c);
	return manager && !strcmp(manager, "iptables-nft");
}

const char *rules_backend(const struct ruleset *r, const struct fw_chain *c)
{
	if (!rules_is_numbered(r, c))
		return "nft";
	return ruleset_table_of(r, c)->family == FAMILY_IP6 ? "ip6tables" : "iptables";
}

const char *rules_variant(const struct fw_table *t)
{
	return t->backend == FW_LEGACY ? "legacy" : "nf_tables";
}

const char *rules_hook(const struct fw_chain *c)
{
	static const char *const words[N_FW_HOOKS] = {
		[FW_PREROUTING] = "prerouting",   [FW_INPUT] = "input",
		[FW_FORWARD] = "forward",         [FW_OUTPUT] = "output",
		[FW_POSTROUTING] = "postrouting", [FW_INGRESS] = "ingress",
		[FW_EGRESS] = "egress",
	};

	return c->is_base && c->hook < N_FW_HOOKS ? words[c->hook] : NULL;
}

bool rules_is_wanted(const struct rules_view *v, uint32_t rule)
{
	return !v->wanted || v->wanted[rule];
}

int rules_flush(struct str *out, const struct rules_options *o, bool is_last)
{
	if (out->failed)
		return -ENOMEM;
	if (!o->flush || (!is_last && out->len < FLUSH_BYTES))
		return 0;
	return o->flush(o->arg, out);
}
