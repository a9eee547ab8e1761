/* The way of a packet as JSON values. Judges nothing. */
#include "core/report/path_json.h"

#include <netinet/in.h>
#include <string.h>

#include "core/firewall/text/rule_text.h"
#include "core/report/path_words.h"

enum { FAMILY_IP6 = 10 /* NFPROTO_IPV6 */ };

static json_t *text_json(struct str *s)
{
	json_t *value = json_of_text((struct text){str_text(s), s->len});

	str_release(s);
	return value;
}

static json_t *port_json(uint16_t port)
{
	return port ? json_integer(port) : json_null();
}

static json_t *device_json(const struct evidence *e, uint32_t ifindex)
{
	const struct link_row *link =
		e->space && e->space->links ? links_find(e->space->links, ifindex) : NULL;

	return link ? json_of_text(link->name) : json_null();
}

static void put_chain(struct document *doc, json_t *o, const struct ruleset *r,
		      uint32_t chain)
{
	const struct fw_chain *c = &r->chains[chain];
	const struct fw_table *t = ruleset_table_of(r, c);

	document_put(doc, o, "family", json_string(fw_family_word(t->family)));
	document_put(doc, o, "table", document_name(t->name));
	document_put(doc, o, "chain", document_name(c->name));
}

static const char *backend_of(const struct fw_table *t, const char *manager)
{
	bool is_of_iptables =
		t->backend != FW_NFT || (manager && !strcmp(manager, "iptables-nft"));

	if (!is_of_iptables)
		return "nft";
	return t->family == FAMILY_IP6 ? "ip6tables" : "iptables";
}

json_t *rule_json(struct document *doc, const struct ruleset *r, uint32_t chain,
		  uint32_t rule)
{
	const struct fw_rule *row;
	struct str text = {0};
	const char *manager;
	json_t *o;

	if (!r || chain == UINT32_MAX)
		return json_null();
	row = rule == UINT32_MAX ? NULL : &r->rules[rule];
	manager = row ? rule_manager(r, row) : chain_manager(r, &r->chains[chain]);
	o = json_object();
	document_put(
		doc, o, "backend",
		json_string(backend_of(ruleset_table_of(r, &r->chains[chain]), manager)));
	put_chain(doc, o, r, chain);
	document_put(doc, o, "handle",
		     row ? json_integer((json_int_t)row->handle) : json_null());
	document_put(doc, o, "index", row ? json_integer(row->index) : json_null());
	if (row)
		rule_text(&text, r, row);
	else
		policy_place(&text, r, &r->chains[chain]);
	document_put(doc, o, "text", text_json(&text));
	document_put(doc, o, "manager", document_words(manager));
	return o;
}

/* Where it was translated to; none: the old one. */
static json_t *target_json(struct document *doc, const struct path_hop *h)
{
	json_t *o;

	if (h->outcome != HOP_TRANSLATED)
		return json_null();
	o = json_object();
	document_put(doc, o, "address", document_address(&h->to));
	document_put(doc, o, "port", port_json(h->to_port));
	return o;
}

static json_t *packet_json(struct document *doc, const struct path *p,
			   const struct evidence *e)
{
	json_t *o = json_object();

	document_put(doc, o, "proto",
		     json_string(p->ask.proto == IPPROTO_UDP ? "udp" : "tcp"));
	document_put(doc, o, "in",
		     device_json(e, p->in_port && p->ask.in_ifindex == p->in_port
					    ? p->in_port
					    : p->in_ifindex));
	document_put(doc, o, "saddr", document_address(&p->ask.client));
	document_put(doc, o, "sport", port_json(p->ask.client_port));
	document_put(doc, o, "daddr", document_address(&p->ask.server));
	document_put(doc, o, "dport", port_json(p->ask.server_port));
	return o;
}

static json_t *detail_json(const struct path_hop *h, const struct evidence *e)
{
	struct str why = {0};

	if (h->error)
		return json_string(path_route_words(h));
	if (!h->why)
		return json_null();
	path_put_why(&why, e, h);
	return text_json(&why);
}

static json_t *hop_json(struct document *doc, const struct path_hop *h,
			const struct evidence *e)
{
	json_t *o = json_object();
	bool has_chain = h->chain != UINT32_MAX && e->rules;
	bool has_rule = h->rule != UINT32_MAX && e->rules;
	struct str text = {0};

	document_put(doc, o, "place", json_string(place_word(h->place)));
	document_put(doc, o, "outcome", json_string(path_outcome_word(h->outcome)));
	if (has_chain) {
		put_chain(doc, o, e->rules, h->chain);
	} else {
		document_put(doc, o, "family", json_null());
		document_put(doc, o, "table", json_null());
		document_put(doc, o, "chain", json_null());
	}
	document_put(doc, o, "handle",
		     has_rule ? json_integer((json_int_t)e->rules->rules[h->rule].handle)
			      : json_null());
	if (has_rule)
		rule_text(&text, e->rules, &e->rules->rules[h->rule]);
	document_put(doc, o, "rule", has_rule ? text_json(&text) : json_null());
	document_put(doc, o, "detail", detail_json(h, e));
	document_put(doc, o, "device", device_json(e, h->ifindex));
	document_put(doc, o, "gateway", document_address(&h->gateway));
	document_put(doc, o, "to", target_json(doc, h));
	return o;
}

static json_t *hops_json(struct document *doc, const struct path_leg *leg,
			 const struct evidence *e)
{
	json_t *all = json_array();

	for (size_t i = 0; leg->is_walked && i < leg->n_hops; i++)
		document_add(doc, all, hop_json(doc, &leg->hops[i], e));
	return all;
}

static const char *backend_word(enum path_decider d)
{
	switch (d) {
	case DECIDER_ROUTE:
	case DECIDER_NEIGHBOUR:
		return "route";
	case DECIDER_SOCKET:
		return "socket";
	case DECIDER_PROGRAM:
		return "tc";
	case DECIDER_BALANCER:
		return "ipvs";
	case DECIDER_NONE:
	case DECIDER_RULE:
	case DECIDER_POLICY:
	case DECIDER_OPAQUE:
		break;
	}
	return "none";
}

/* A port without a socket is let through to, and answered with a no. */
static const char *verdict_of_decider(const struct path_leg *leg)
{
	const struct path_hop *last = leg->n_hops ? &leg->hops[leg->n_hops - 1] : NULL;
	bool is_refused =
		leg->decided_by == DECIDER_SOCKET && last && last->outcome == HOP_REJECTED;

	return is_refused ? "reject" : path_verdict_word(leg->verdict);
}

static json_t *decider_json(struct document *doc, const struct path_leg *leg,
			    const struct evidence *e)
{
	json_t *o;

	if (!leg->is_walked || leg->decided_by == DECIDER_NONE)
		return json_null();
	if (leg->decided_by == DECIDER_RULE || leg->decided_by == DECIDER_POLICY)
		o = rule_json(doc, e->rules, leg->chain, leg->rule);
	else
		o = json_pack("{s:s, s:n, s:n, s:n, s:n, s:n, s:n}", "backend",
			      backend_word(leg->decided_by), "family", "table", "chain",
			      "handle", "index", "rule");
	if (!json_is_object(o))
		return o;
	if (json_object_get(o, "text"))
		document_put(doc, o, "rule", json_incref(json_object_get(o, "text")));
	document_put(doc, o, "verdict", json_string(verdict_of_decider(leg)));
	return o;
}

static json_t *reject_json(struct document *doc, const struct path *p)
{
	const struct path_leg *leg = &p->request;
	bool is_v6 = p->ask.server.family == AF_INET6;
	json_t *o;

	if (!leg->is_walked || leg->verdict != PATH_REJECT)
		return json_null();
	o = json_object();
	document_put(doc, o, "kind",
		     json_string(leg->reject.is_reset ? "tcp-rst"
				 : is_v6              ? "icmpv6"
						      : "icmp"));
	document_put(doc, o, "type",
		     leg->reject.is_reset ? json_null() : json_integer(leg->reject.type));
	document_put(doc, o, "code",
		     leg->reject.is_reset ? json_null() : json_integer(leg->reject.code));
	return o;
}

static void add_unsure(struct document *doc, json_t *all, const struct path_leg *leg,
		       const struct evidence *e)
{
	for (size_t i = 0; leg->is_walked && i < leg->n_unsure; i++) {
		json_t *o = json_object();
		struct str place = {0};
		bool has_rule = leg->unsure[i].rule != UINT32_MAX && e->rules;

		if (has_rule)
			rule_place(&place, e->rules, &e->rules->rules[leg->unsure[i].rule]);
		document_put(doc, o, "rule", has_rule ? text_json(&place) : json_null());
		document_put(doc, o, "why", document_words(leg->unsure[i].why));
		document_add(doc, all, o);
	}
}

static json_t *translated_json(struct document *doc, const struct path *p)
{
	json_t *o;

	if (!p->is_translated && !p->is_source_translated)
		return json_null();
	o = json_object();
	document_put(
		doc, o, "saddr",
		document_address(p->is_source_translated ? &p->sender : &p->ask.client));
	document_put(
		doc, o, "sport",
		port_json(p->is_source_translated ? p->sender_port : p->ask.client_port));
	document_put(doc, o, "daddr", document_address(&p->server));
	document_put(doc, o, "dport", port_json(p->server_port));
	return o;
}

static json_t *reply_json(struct document *doc, const struct path_leg *leg,
			  const struct evidence *e)
{
	json_t *o;

	if (!leg->is_walked)
		return json_null();
	o = json_object();
	document_put(doc, o, "verdict", json_string(path_verdict_word(leg->verdict)));
	document_put(doc, o, "hops", hops_json(doc, leg, e));
	document_put(doc, o, "decided_by", decider_json(doc, leg, e));
	return o;
}

static json_t *owners_json(struct document *doc, const struct endpoint *e)
{
	json_t *all = json_array();

	for (size_t i = 0; i < e->n_owners; i++) {
		json_t *o = json_object();

		document_put(doc, o, "pid", json_integer(e->owners[i]->pid));
		document_put(doc, o, "comm", document_name(e->owners[i]->comm));
		document_add(doc, all, o);
	}
	return all;
}

/* Who takes it; null: nobody, or nobody that is known. */
static json_t *socket_json(struct document *doc, const struct path *p)
{
	const struct endpoint *e = p->endpoint;
	json_t *o;

	if (!e || p->is_served != TRI_YES)
		return json_null();
	o = json_object();
	document_put(doc, o, "address", document_address(&e->address));
	document_put(doc, o, "port", port_json(e->port));
	document_put(doc, o, "netns", document_name(e->space->name));
	document_put(doc, o, "unit", document_name(e->unit));
	document_put(doc, o, "container", document_name(e->container));
	document_put(doc, o, "owners", owners_json(doc, e));
	return o;
}

json_t *path_json(struct document *doc, const struct path *p, const struct evidence *e)
{
	json_t *o = json_object(), *unsure = json_array();

	document_put(doc, o, "packet", packet_json(doc, p, e));
	document_put(doc, o, "verdict", json_string(path_verdict_word(p->request.verdict)));
	document_put(doc, o, "hops", hops_json(doc, &p->request, e));
	document_put(doc, o, "translated", translated_json(doc, p));
	document_put(doc, o, "decided_by", decider_json(doc, &p->request, e));
	document_put(doc, o, "reject", reject_json(doc, p));
	document_put(doc, o, "reply", reply_json(doc, &p->reply, e));
	add_unsure(doc, unsure, &p->request, e);
	add_unsure(doc, unsure, &p->reply, e);
	document_put(doc, o, "unsure", unsure);
	document_put(doc, o, "socket", socket_json(doc, p));
	return o;
}
