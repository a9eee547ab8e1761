/* Our own tries as JSON, dport.probe/1. */
#include <netinet/in.h>
#include <string.h>

#include "core/report/document.h"
#include "core/report/path_json.h"
#include "core/report/probe.h"
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

static json_t *number_json(uint32_t n)
{
	return n ? json_integer(n) : json_null();
}

static json_t *addresses_json(struct writer *w, const struct addr *rows, size_t n)
{
	json_t *all = json_array();

	for (size_t i = 0; i < n; i++)
		document_add(&w->doc, all, document_address(&rows[i]));
	return all;
}

/* ---- the name ---- */

static json_t *reply_json(struct writer *w, const struct names_reply *r)
{
	json_t *o = json_object();

	put(w, o, "server", document_address(&r->server));
	put(w, o, "name", document_name(text_of(r->name)));
	put(w, o, "type", json_string(r->is_aaaa ? "AAAA" : "A"));
	put(w, o, "code",
	    r->error ? json_null() : json_string(dns_code_word(r->reply.code)));
	put(w, o, "error", r->error ? json_string(strerror(r->error)) : json_null());
	put(w, o, "took_ms", json_of_ms(r->took_ns));
	put(w, o, "addresses", addresses_json(w, r->reply.addresses, r->reply.n));
	return o;
}

static json_t *resolve_json(struct writer *w)
{
	const struct names_answer *t = w->e->names;
	json_t *o, *servers;

	if (!t)
		return json_null();
	o = json_object();
	servers = json_array();
	put(w, o, "name", document_name(w->e->target.name));
	put(w, o, "error",
	    t->n || !t->error ? json_null() : json_string(strerror(t->error)));
	put(w, o, "took_ms", json_of_ms(t->took_ns));
	put(w, o, "addresses", addresses_json(w, t->addresses, t->n));
	put(w, o, "hosts_file", addresses_json(w, t->hosts, t->n_hosts));
	for (size_t i = 0; i < t->n_replies; i++)
		document_add(&w->doc, servers, reply_json(w, &t->replies[i]));
	put(w, o, "servers", servers);
	return o;
}

/* ---- one address ---- */

static json_t *device_json(const struct writer *w, uint32_t ifindex)
{
	const struct link_table *t = w->e->space ? w->e->space->links : NULL;
	const struct link_row *link = t && ifindex ? links_find(t, ifindex) : NULL;

	return link ? document_name(link->name) : json_null();
}

static json_t *route_json(struct writer *w, const struct addr *server)
{
	const struct path_hop *hop = probe_route(w->e, server);
	json_t *o;

	if (!hop)
		return json_null();
	o = json_object();
	put(w, o, "device", device_json(w, hop->ifindex));
	put(w, o, "gateway", document_address(&hop->gateway));
	put(w, o, "error", hop->error ? json_string(strerror(hop->error)) : json_null());
	return o;
}

static json_t *neighbour_json(struct writer *w, const struct addr *server)
{
	struct addr hop;
	const struct neighbour_row *n = probe_neighbour(w->e, server, &hop);
	json_t *o;

	if (!n)
		return json_null();
	o = json_object();
	put(w, o, "address", document_address(&hop));
	put(w, o, "state", json_string(neighbour_state_word(n->state)));
	return o;
}

static json_t *icmp_json(struct writer *w, const struct reach_result *r)
{
	json_t *o;

	if (!r->has_icmp)
		return json_null();
	o = json_object();
	put(w, o, "type", json_integer(r->icmp_type));
	put(w, o, "code", json_integer(r->icmp_code));
	put(w, o, "from", document_address(&r->icmp_from));
	return o;
}

/* A datagram that came to our port from elsewhere. */
static json_t *stray_json(struct writer *w, const struct reach_result *r)
{
	json_t *o;

	if (!r->stray.family)
		return json_null();
	o = json_object();
	put(w, o, "address", document_address(&r->stray));
	put(w, o, "port", number_json(r->stray_port));
	put(w, o, "answers_us", json_boolean(r->is_stray_ours));
	return o;
}

static json_t *said_json(struct writer *w, const struct reach_said *s)
{
	json_t *o;

	if (!s->is_told)
		return json_null();
	o = json_object();
	put(w, o, "said", json_string(reach_talk_word(s->said)));
	put(w, o, "heard", json_string(heard_word(s->heard)));
	put(w, o, "end", json_string(reach_end_word(s->end)));
	put(w, o, "first_byte_ms", s->took_ns ? json_of_ms(s->took_ns) : json_null());
	put(w, o, "tls_version", number_json(s->version));
	put(w, o, "tls_alert",
	    s->heard == HEARD_TLS_ALERT ? json_integer(s->alert) : json_null());
	put(w, o, "http_status", number_json(s->status));
	put(w, o, "http_server", document_name(s->server));
	put(w, o, "http_location", document_name(s->location));
	put(w, o, "sent", json_integer(s->sent));
	put(w, o, "unacknowledged_segments", json_integer(s->unacked));
	put(w, o, "sent_again", json_integer(s->again));
	put(w, o, "mss", number_json(s->mss));
	put(w, o, "path_mtu", number_json(s->pmtu));
	return o;
}

static json_t *sizes_json(struct writer *w, const struct reach_sizes *s)
{
	json_t *o;

	if (!s->is_told)
		return json_null();
	o = json_object();
	put(w, o, "device", number_json(s->device));
	put(w, o, "smallest", number_json(s->smallest));
	put(w, o, "largest", number_json(s->largest));
	put(w, o, "too_big_says", number_json(s->told));
	put(w, o, "too_big_from", document_address(&s->sender));
	return o;
}

static json_t *ports_json(struct writer *w, const struct reach_ports *p)
{
	json_t *o;

	if (!p->is_told)
		return json_null();
	o = json_object();
	put(w, o, "low", json_integer(p->low));
	put(w, o, "high", json_integer(p->high));
	put(w, o, "busy", json_integer(p->busy));
	put(w, o, "time_wait", json_integer(p->waiting));
	put(w, o, "held", json_integer(p->held));
	put(w, o, "reserved", json_integer(p->reserved));
	return o;
}

static void put_try(struct writer *w, json_t *o, const struct reach_result *r)
{
	put(w, o, "outcome", r ? json_string(reach_result_word(r)) : json_null());
	put(w, o, "error", r && r->error ? json_string(strerror(r->error)) : json_null());
	put(w, o, "start_ms", r ? json_of_ms(r->start_ns) : json_null());
	put(w, o, "took_ms", r ? json_of_ms(r->took_ns) : json_null());
	put(w, o, "syns", r ? number_json(r->n_syns) : json_null());
	put(w, o, "source", r ? document_address(&r->source) : json_null());
	put(w, o, "source_port", r ? number_json(r->source_port) : json_null());
	put(w, o, "icmp", r ? icmp_json(w, r) : json_null());
	put(w, o, "stray", r ? stray_json(w, r) : json_null());
}

static json_t *address_json(struct writer *w, const struct addr *server)
{
	const struct reach_result *r =
		w->e->reach ? reach_result_of(w->e->reach, server) : NULL;
	const struct walk *walk = probe_walk(w->e, server);
	json_t *o = json_object();

	put(w, o, "address", document_address(server));
	put_try(w, o, r);
	put(w, o, "route", route_json(w, server));
	put(w, o, "neighbour", neighbour_json(w, server));
	put(w, o, "talk", r ? said_json(w, &r->said) : json_null());
	put(w, o, "second_talk", r ? said_json(w, &r->second) : json_null());
	put(w, o, "sizes", r ? sizes_json(w, &r->sizes) : json_null());
	put(w, o, "ports", r ? ports_json(w, &r->ports) : json_null());
	put(w, o, "path",
	    walk && walk->is_walked ? path_json(&w->doc, &walk->path, w->e) : json_null());
	return o;
}

static json_t *all_addresses_json(struct writer *w)
{
	json_t *all = json_array();

	for (size_t i = 0; i < w->e->plan.n; i++)
		document_add(&w->doc, all, address_json(w, &w->e->plan.addresses[i]));
	return all;
}

/* ---- the verdict ---- */

static json_t *proxy_json(struct writer *w)
{
	json_t *all = json_array();

	for (size_t i = 0; w->e->reach && i < w->e->reach->n_variables; i++) {
		json_t *o = json_object();

		put(w, o, "name", document_name(w->e->reach->variables[i].name));
		put(w, o, "value", document_name(w->e->reach->variables[i].value));
		document_add(&w->doc, all, o);
	}
	return all;
}

static json_t *findings_json(struct writer *w)
{
	json_t *all = json_array();

	for (size_t i = diagnosis_cause(w->d) ? 1 : 0; i < w->d->n_findings; i++) {
		const struct finding *f = &w->d->findings[i];
		json_t *o = json_object();

		put(w, o, "cause", json_string(fault_id(f->fault)));
		put(w, o, "certainty", document_words(certainty_word(f->certainty)));
		put(w, o, "summary", json_of_text(f->summary));
		document_add(&w->doc, all, o);
	}
	return all;
}

static json_t *proofs_json(struct writer *w, const struct finding *f)
{
	json_t *all = json_array();

	for (size_t i = 0; f && i < f->n_proofs; i++) {
		const struct proof *p = &f->proofs[i];
		json_t *o = json_object();

		put(w, o, "text", json_of_text(p->text));
		put(w, o, "source", document_words(p->source));
		put(w, o, "command", document_name(p->command));
		put(w, o, "observed", json_boolean(p->is_observed));
		document_add(&w->doc, all, o);
	}
	return all;
}

static void put_verdict(struct writer *w, json_t *o)
{
	const struct finding *f = diagnosis_cause(w->d);
	const struct reach_result *winner = w->e->reach ? reach_winner(w->e->reach) : NULL;

	put(w, o, "winner", winner ? document_address(&winner->to) : json_null());
	put(w, o, "verdict", json_string(verdict_word(w->d->verdict)));
	put(w, o, "cause", f ? json_string(fault_id(f->fault)) : json_null());
	put(w, o, "step", f ? json_string(step_word(f->step)) : json_null());
	put(w, o, "certainty", document_words(certainty_word(w->d->certainty)));
	put(w, o, "summary", json_of_text(w->d->summary));
	put(w, o, "evidence", proofs_json(w, f));
	put(w, o, "also", findings_json(w));
	put(w, o, "missing", found_gaps_json(&w->doc, w->d));
	put(w, o, "next", found_next_json(&w->doc, f));
}

static json_t *target_json(struct writer *w)
{
	const struct aim *t = &w->e->target;
	json_t *o = json_object();

	put(w, o, "proto", json_string(t->proto == IPPROTO_UDP ? "udp" : "tcp"));
	put(w, o, "host", document_name(t->name));
	put(w, o, "address", document_address(&t->address));
	put(w, o, "port", json_integer(t->port));
	put(w, o, "expected", document_address(&w->e->expected));
	return o;
}

int probe_json(struct str *out, const struct diagnosis *d, const struct evidence *e)
{
	struct writer w = {.d = d, .e = e};
	const struct host_facts *host = e->snapshot ? e->snapshot->host : NULL;
	json_t *o;

	document_init(&w.doc);
	o = w.doc.root;
	put(&w, o, "schema", json_string("dport.probe/1"));
	put(&w, o, "host", document_name(host ? host->hostname : TEXT_NONE));
	put(&w, o, "time", d->time_ns ? json_of_time(d->time_ns) : json_null());
	put(&w, o, "target", target_json(&w));
	put(&w, o, "resolve", resolve_json(&w));
	put(&w, o, "addresses", all_addresses_json(&w));
	put(&w, o, "proxy", proxy_json(&w));
	put_verdict(&w, o);
	return document_finish(&w.doc, out);
}
