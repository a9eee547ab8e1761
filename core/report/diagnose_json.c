/* A diagnosis as JSON, dport.diagnosis/1. The frozen keys in front, in their order. */
#include <netinet/in.h>
#include <stdio.h>

#include "core/report/diagnose.h"
#include "core/report/joined.h"
#include "core/report/path_json.h"
#include "core/report/found_json.h"

struct writer {
	struct document doc;
	const struct diagnosis *d;
	const struct evidence *e;
};

static void put(struct writer *w, json_t *o, const char *key, json_t *value)
{
	document_put(&w->doc, o, key, value);
}

static json_t *time_json(int64_t wall_ns)
{
	return wall_ns ? json_of_time(wall_ns) : json_null();
}

static json_t *proto_json(uint8_t proto)
{
	return json_string(proto == IPPROTO_UDP ? "udp" : "tcp");
}

static const char *role_word(enum aim_role r)
{
	return r == AIM_CLIENT ? "client" : r == AIM_ROUTER ? "router" : "server";
}

static json_t *target_json(struct writer *w)
{
	const struct aim *t = &w->d->target;
	json_t *o = json_object();

	put(w, o, "proto", proto_json(t->proto));
	put(w, o, "address", document_address(&t->address));
	put(w, o, "port", json_integer(t->port));
	put(w, o, "client", document_address(&t->client));
	put(w, o, "role", json_string(role_word(t->role)));
	return o;
}

static json_t *window_json(struct writer *w)
{
	json_t *o = json_object();

	put(w, o, "start", time_json(w->d->window_start_ns));
	put(w, o, "end", time_json(w->d->window_end_ns));
	return o;
}

static json_t *certainty_json(enum certainty c)
{
	return document_words(certainty_word(c));
}

static json_t *also_json(struct writer *w)
{
	json_t *all = json_array();

	for (size_t i = diagnosis_cause(w->d) ? 1 : 0; i < w->d->n_findings; i++) {
		const struct finding *f = &w->d->findings[i];
		json_t *o = json_object();

		put(w, o, "cause", json_string(fault_id(f->fault)));
		put(w, o, "step", json_string(step_word(f->step)));
		put(w, o, "certainty", certainty_json(f->certainty));
		put(w, o, "summary", json_of_text(f->summary));
		document_add(&w->doc, all, o);
	}
	return all;
}

static json_t *if_fixed_json(struct writer *w)
{
	json_t *o;

	if (!w->d->has_if_fixed)
		return json_null();
	o = json_object();
	put(w, o, "verdict", json_string(verdict_word(w->d->if_fixed)));
	put(w, o, "cause",
	    w->d->if_fixed_cause ? json_string(fault_id(w->d->if_fixed_cause))
				 : json_null());
	return o;
}

static json_t *changes_json(struct writer *w)
{
	json_t *all = json_array();

	for (size_t i = 0; i < w->d->n_changes; i++) {
		const struct past_change *c = &w->d->changes[i];
		json_t *o = json_object();

		put(w, o, "time", time_json(c->wall_ns));
		put(w, o, "what", json_of_text(c->what));
		put(w, o, "source", json_of_text(c->source));
		document_add(&w->doc, all, o);
	}
	return all;
}

static json_t *proofs_json(struct writer *w, const struct step_result *s)
{
	json_t *all = json_array();

	for (size_t i = 0; i < s->n_proofs; i++) {
		const struct proof *p = &s->proofs[i];
		json_t *o = json_object();

		put(w, o, "text", json_of_text(p->text));
		put(w, o, "source", document_words(p->source));
		put(w, o, "command", document_name(p->command));
		put(w, o, "observed", json_boolean(p->is_observed));
		put(w, o, "data", json_null());
		document_add(&w->doc, all, o);
	}
	return all;
}

static json_t *steps_json(struct writer *w)
{
	json_t *all = json_array();

	for (int i = 0; i < N_STEPS; i++) {
		const struct step_result *s = &w->d->steps[i];
		json_t *o = json_object();

		put(w, o, "step", json_string(step_word((enum step_id)i)));
		put(w, o, "state", json_string(step_state_word(s->state)));
		put(w, o, "summary", json_of_text(s->summary));
		put(w, o, "evidence", proofs_json(w, s));
		document_add(&w->doc, all, o);
	}
	return all;
}

/* ---- what the wire showed ---- */

static const struct attempt *seen_at(const struct writer *w, size_t i)
{
	return attempts_at(w->e->attempts, w->d->syn.rows[i]);
}

static bool is_same_error(const struct attempt *a, const struct attempt *b)
{
	return a->n_icmp && b->n_icmp && a->icmp_type == b->icmp_type &&
	       a->icmp_code == b->icmp_code && addr_equals(&a->icmp_from, &b->icmp_from);
}

/* How many from first to (not with) end got the same error as this one. */
static size_t n_same_errors(const struct writer *w, const struct attempt *a, size_t first,
			    size_t end)
{
	size_t n = 0;

	for (size_t i = first; i < end; i++)
		n += is_same_error(a, seen_at(w, i));
	return n;
}

/* Errors by type, code and sender, of the attempts that are kept. */
static json_t *icmp_json(struct writer *w)
{
	json_t *all = json_array();

	for (size_t i = 0; i < w->d->syn.n; i++) {
		const struct attempt *a = seen_at(w, i);

		if (!a->n_icmp || n_same_errors(w, a, 0, i))
			continue;
		document_add(&w->doc, all,
			     json_pack("{s:i, s:i, s:o, s:I}", "type", (int)a->icmp_type,
				       "code", (int)a->icmp_code, "from",
				       document_address(&a->icmp_from), "count",
				       (json_int_t)n_same_errors(w, a, i, w->d->syn.n)));
	}
	return all;
}

static json_t *clients_json(struct writer *w)
{
	json_t *all = json_array();

	for (size_t i = 0; i < w->d->n_groups; i++) {
		const struct client_group *g = &w->d->groups[i];
		char prefix[ADDR_TEXT_MAX], text[ADDR_TEXT_MAX + 8];

		snprintf(text, sizeof(text), "%s/%u", addr_format(&g->prefix, prefix),
			 g->prefix_len);
		document_add(&w->doc, all,
			     json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:i}", "prefix",
				       text, "attempts", (int)g->attempts, "open",
				       (int)g->open, "closed", (int)g->closed, "filtered",
				       (int)g->filtered, "rejected", (int)g->rejected,
				       "half_open", (int)g->half_open));
	}
	return all;
}

static json_t *syn_json(struct writer *w)
{
	const struct sightings *s = &w->d->syn;
	const uint32_t *n = s->n_outcomes;
	json_t *o;

	if (!w->d->has_syn)
		return json_null();
	o = json_object();
	put(w, o, "seen", json_integer(s->n_syns));
	put(w, o, "retransmits", json_integer(s->n_repeats));
	put(w, o, "synack",
	    json_integer(n[OUTCOME_ANSWERED] + n[OUTCOME_HALF_OPEN] +
			 n[OUTCOME_RESET_LATER]));
	put(w, o, "rst", json_integer(n[OUTCOME_REFUSED]));
	put(w, o, "icmp", icmp_json(w));
	put(w, o, "silence", json_integer(n[OUTCOME_SILENT] + n[OUTCOME_OPEN]));
	put(w, o, "half_open", json_integer(n[OUTCOME_HALF_OPEN]));
	put(w, o, "first", time_json(s->first_ns));
	put(w, o, "last", time_json(s->last_ns));
	put(w, o, "clients", clients_json(w));
	put(w, o, "capture_drops", json_integer((json_int_t)w->d->capture_drops));
	return o;
}

/* ---- rule, gaps, next steps ---- */

static json_t *near_json(struct writer *w)
{
	json_t *all = json_array();

	for (size_t i = 0; i < w->d->n_near; i++) {
		const struct near_miss *m = &w->d->near[i];
		const struct fw_rule *rule = &w->e->rules->rules[m->rule];
		json_t *o = rule_json(&w->doc, w->e->rules, rule->chain, m->rule);

		if (json_is_object(o))
			put(w, o, "field", document_words(m->field));
		document_add(&w->doc, all, o);
	}
	return all;
}

/* What the kernel's trace says of a packet that met the rule or another one; null: none was
 * made. */
static json_t *traced_json(struct writer *w, const struct traced *t)
{
	json_t *o = json_object();

	put(w, o, "leg", json_string(t->is_reply ? "reply" : "request"));
	put(w, o, "expected", document_name(t->expected));
	put(w, o, "observed", document_name(t->observed));
	put(w, o, "agrees", t->has_agreement ? json_boolean(t->agrees) : json_null());
	return o;
}

static json_t *all_traced_json(struct writer *w)
{
	json_t *all = json_array();

	for (size_t i = 0; i < w->d->n_traced; i++)
		document_add(&w->doc, all, traced_json(w, &w->d->traced[i]));
	return all;
}

/* Of the leg that the rule stands on. */
static json_t *proof_json(struct writer *w)
{
	const struct path_leg *reply = w->d->path ? &w->d->path->reply : NULL;
	bool is_reply = reply && reply->is_walked && reply->chain == w->d->chain &&
			reply->rule == w->d->rule &&
			w->d->path->request.chain != w->d->chain;

	for (size_t i = 0; i < w->d->n_traced; i++)
		if (w->d->traced[i].is_reply == is_reply)
			return traced_json(w, &w->d->traced[i]);
	return json_null();
}

static json_t *rule_value(struct writer *w)
{
	json_t *o = json_null();

	if (w->d->has_rule)
		o = rule_json(&w->doc, w->e->rules, w->d->chain, w->d->rule);
	if (json_is_object(o)) {
		put(w, o, "near_misses", near_json(w));
		put(w, o, "proof", proof_json(w));
	}
	return o;
}

static json_t *excluded_json(struct writer *w)
{
	json_t *all = json_array();

	for (size_t i = 0; i < w->d->n_excluded; i++)
		document_add(&w->doc, all, json_string(fault_id(w->d->excluded[i])));
	return all;
}

static const char *why_word(const struct diagnosis *d)
{
	switch (d->why) {
	case WHY_EXPLICIT_DENY:
		return "explicit-deny";
	case WHY_NOTHING_ALLOWS:
		return "nothing-allows-it";
	case WHY_NOT_SAID:
		break;
	}
	return NULL;
}

static const char *extent_word(const struct diagnosis *d)
{
	return d->extent == EXTENT_ALL ? "all" : d->extent == EXTENT_SOME ? "some" : NULL;
}

static void put_verdict(struct writer *w, json_t *o)
{
	const struct finding *f = diagnosis_cause(w->d);

	put(w, o, "verdict", json_string(verdict_word(w->d->verdict)));
	put(w, o, "cause", f ? json_string(fault_id(f->fault)) : json_null());
	put(w, o, "step", f ? json_string(step_word(f->step)) : json_null());
	put(w, o, "certainty", certainty_json(w->d->certainty));
	put(w, o, "summary", json_of_text(w->d->summary));
	put(w, o, "why", document_words(why_word(w->d)));
	put(w, o, "extent", document_words(extent_word(w->d)));
	put(w, o, "since", time_json(w->d->since_ns));
}

/* A target like "dns" has several ports: the document is of the worst of them. */
static json_t *others_json(struct writer *w, const struct diagnosis *const *others,
			   size_t n)
{
	json_t *all = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct finding *f = diagnosis_cause(others[i]);
		json_t *o = json_object();

		put(w, o, "proto", proto_json(others[i]->target.proto));
		put(w, o, "port", json_integer(others[i]->target.port));
		put(w, o, "verdict", json_string(verdict_word(others[i]->verdict)));
		put(w, o, "cause", f ? json_string(fault_id(f->fault)) : json_null());
		put(w, o, "certainty", certainty_json(others[i]->certainty));
		put(w, o, "summary", json_of_text(others[i]->summary));
		document_add(&w->doc, all, o);
	}
	return all;
}

int diagnose_json(struct str *out, const struct diagnosis *d, const struct evidence *e,
		  const struct diagnosis *const *others, size_t n_others)
{
	struct writer w = {.d = d, .e = e};
	const struct host_facts *host = e->snapshot ? e->snapshot->host : NULL;
	json_t *o;

	document_init(&w.doc);
	o = w.doc.root;
	put(&w, o, "schema", json_string("dport.diagnosis/1"));
	put(&w, o, "host", document_name(host ? host->hostname : TEXT_NONE));
	put(&w, o, "time", time_json(d->time_ns));
	put(&w, o, "target", target_json(&w));
	put(&w, o, "window", window_json(&w));
	put_verdict(&w, o);
	put(&w, o, "also", also_json(&w));
	put(&w, o, "if_fixed", if_fixed_json(&w));
	put(&w, o, "changes", changes_json(&w));
	put(&w, o, "steps", steps_json(&w));
	put(&w, o, "syn", syn_json(&w));
	put(&w, o, "rule", rule_value(&w));
	put(&w, o, "path", d->path ? path_json(&w.doc, d->path, e) : json_null());
	put(&w, o, "excluded", excluded_json(&w));
	put(&w, o, "missing", found_gaps_json(&w.doc, w.d));
	put(&w, o, "next", found_next_json(&w.doc, diagnosis_cause(w.d)));
	if (e->trace)
		put(&w, o, "trace", all_traced_json(&w));
	if (joined_has_rows(e))
		put(&w, o, "clients", joined_json(&w.doc, e));
	if (n_others)
		put(&w, o, "others", others_json(&w, others, n_others));
	return document_finish(&w.doc, out);
}
