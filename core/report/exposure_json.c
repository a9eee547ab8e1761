/*
 * Exposure as JSON, dport.exposure/1. Networks are as few as can be, sorted, v4 before v6.
 */
#include "core/report/exposure.h"

#include <errno.h>
#include <stdio.h>

#include "core/report/document.h"
#include "core/report/list_common.h"
#include "core/report/path_json.h"

static const char no_right[] = "the firewall rules could not be read for want of a right";
static const char not_recorded[] = "the firewall rules are not in the recording";
static const char no_rules[] = "the firewall rules could not be read";

const char *exposure_gap(const struct exposure_page *p, const char **grant)
{
	*grant = NULL;
	if (!p->exposure->is_blind)
		return NULL;
	if (p->rules_error == ENODATA)
		return not_recorded;
	if (p->rules_error != EPERM && p->rules_error != EACCES)
		return no_rules;
	*grant = "CAP_NET_ADMIN: run as root (sudo dport exposure)";
	return no_right;
}

/* ---- networks ---- */

static json_t *network_json(const struct addr *prefix, unsigned len)
{
	char text[ADDR_TEXT_MAX], room[ADDR_TEXT_MAX + 8];

	snprintf(room, sizeof(room), "%s/%u", addr_format(prefix, text), len);
	return json_string(room);
}

static void add_networks(struct document *d, json_t *array, struct exposure_span rest)
{
	struct addr prefix;
	unsigned len;

	while (exposure_take_prefix(&rest, &prefix, &len))
		document_add(d, array, network_json(&prefix, len));
}

static json_t *networks_json(struct document *d, const struct vec *spans)
{
	json_t *all = json_array();

	for (size_t i = 0; i < spans->n; i++)
		add_networks(d, all, *(const struct exposure_span *)vec_at(spans, i));
	return all;
}

static json_t *sources_json(struct document *d, const struct exposure_way *way)
{
	if (exposure_count_prefixes(&way->open) > EXPOSURE_NETS_MAX)
		return json_null();
	return networks_json(d, &way->open);
}

/* Where sources are too many to be told: those of both families that are none. */
static json_t *except_json(struct document *d, const struct exposure_way *way)
{
	static const int families[] = {AF_INET, AF_INET6};
	struct vec spans = VEC_OF(struct exposure_span);
	json_t *all;

	if (exposure_count_prefixes(&way->open) <= EXPOSURE_NETS_MAX)
		return json_null();
	for (size_t i = 0; i < 2; i++)
		if (exposure_turn_round(&way->open, families[i], &spans))
			d->failed = true;
	all = networks_json(d, &spans);
	vec_release(&spans);
	return all;
}

/* ---- ways ---- */

static json_t *doubt_rule_json(struct document *d, const struct exposure_page *p,
			       uint32_t rule)
{
	const struct ruleset *r = p->world->rules;

	if (!r || rule >= r->n_rules)
		return json_null();
	return rule_json(d, r, r->rules[rule].chain, rule);
}

static json_t *doubt_json(struct document *d, const struct exposure_page *p,
			  const struct vec *doubts, size_t first)
{
	const struct exposure_doubt *doubt = vec_at(doubts, first);
	json_t *o = json_object(), *sources = json_array();

	for (size_t i = first; i < doubts->n; i++) {
		const struct exposure_doubt *other = vec_at(doubts, i);

		if (exposure_is_same_doubt(doubt, other))
			add_networks(d, sources, other->span);
	}
	document_put(d, o, "sources", sources);
	document_put(d, o, "rule", doubt_rule_json(d, p, doubt->rule));
	document_put(d, o, "why", document_words(doubt->why));
	return o;
}

static json_t *doubts_json(struct document *d, const struct exposure_page *p,
			   const struct vec *doubts)
{
	json_t *all = json_array();

	for (size_t i = 0; i < doubts->n; i++)
		if (exposure_is_first_doubt(doubts, i))
			document_add(d, all, doubt_json(d, p, doubts, i));
	return all;
}

static json_t *devices_json(struct document *d, const struct exposure_page *p,
			    const struct exposure_way *way)
{
	json_t *all = json_array();

	for (size_t i = 0; i < way->devices.n; i++) {
		const struct link_row *link =
			links_find(p->world->space->links,
				   *(const uint32_t *)vec_at(&way->devices, i));

		document_add(d, all, link ? json_of_text(link->name) : json_null());
	}
	return all;
}

static json_t *to_json(struct document *d, const struct exposure_way *way)
{
	json_t *o;

	if (!way->is_translated && !way->asked.family)
		return json_null();
	o = json_object();
	document_put(d, o, "address", document_address(&way->asked));
	document_put(d, o, "port", json_integer(way->port));
	if (way->port_high != way->port)
		document_put(d, o, "port_high", json_integer(way->port_high));
	return o;
}

static json_t *way_json(struct document *d, const struct exposure_page *p,
			const struct exposure_way *way)
{
	json_t *o = json_object();

	document_put(d, o, "devices", devices_json(d, p, way));
	document_put(d, o, "to", to_json(d, way));
	document_put(d, o, "translated", json_boolean(way->is_translated));
	document_put(d, o, "sources", sources_json(d, way));
	document_put(d, o, "except", except_json(d, way));
	document_put(d, o, "unsure", doubts_json(d, p, &way->doubts));
	return o;
}

/* ---- listeners ---- */

static json_t *owners_json(struct document *d, const struct endpoint *e)
{
	json_t *all = json_array();

	for (size_t i = 0; i < e->n_owners; i++) {
		json_t *o = json_object();

		document_put(d, o, "pid", json_integer(e->owners[i]->pid));
		document_put(d, o, "comm", json_of_text(e->owners[i]->comm));
		document_add(d, all, o);
	}
	return all;
}

static json_t *host_json(struct document *d, const struct exposure_page *p,
			 const struct exposure_listener *l)
{
	static const char *const words[] = {
		[TRI_NO] = "no", [TRI_YES] = "yes", [TRI_UNSURE] = "unsure"};
	json_t *o = json_object();
	bool is_unsure = l->from_host == TRI_UNSURE;

	document_put(d, o, "reaches", json_string(words[l->from_host]));
	document_put(d, o, "rule",
		     is_unsure ? doubt_rule_json(d, p, l->host_doubt.rule) : json_null());
	document_put(d, o, "why", document_words(is_unsure ? l->host_doubt.why : NULL));
	return o;
}

static json_t *listener_json(struct document *d, const struct exposure_page *p,
			     const struct exposure_listener *l)
{
	const struct endpoint *e = l->endpoint;
	json_t *o = json_object(), *ways = json_array();
	char word[EXPOSURE_WORD_MAX], room[LIST_ROOM];

	document_put(d, o, "proto", json_string(socket_proto_word(e->proto)));
	document_put(d, o, "address", document_address(&e->address));
	document_put(d, o, "port", json_integer(e->port));
	document_put(d, o, "device", document_name(list_device(e, e->ifindex, room)));
	document_put(d, o, "scope", json_string(scope_word(e->scope)));
	document_put(d, o, "service", document_name(e->service));
	document_put(d, o, "owners", owners_json(d, e));
	document_put(d, o, "owners_complete", json_boolean(list_owners_complete(e)));
	document_put(d, o, "netns",
		     document_name(list_netns(e->space->name, e->space->netns, room)));
	document_put(d, o, "exposure", json_string(exposure_word(p->exposure, l, word)));
	document_put(d, o, "host", host_json(d, p, l));
	for (size_t i = 0; i < l->ways.n; i++)
		document_add(d, ways, way_json(d, p, vec_at(&l->ways, i)));
	document_put(d, o, "ways", ways);
	return o;
}

static void add_gap(struct document *d, json_t *missing, const struct exposure_page *p)
{
	const char *grant, *gap = exposure_gap(p, &grant);
	json_t *o;

	if (!gap)
		return;
	o = json_object();
	document_put(d, o, "source", json_string(question_word(QUESTION_RULESET)));
	document_put(d, o, "reason", json_string(gap));
	document_put(d, o, "grant", document_words(grant));
	document_add(d, missing, o);
}

int exposure_json(struct str *out, const struct exposure_page *p)
{
	const struct exposure *x = p->exposure;
	const struct snapshot *s = p->world->snapshot;
	const struct space *space = p->world->space;
	json_t *listeners = json_array(), *missing;
	struct document d;
	char room[LIST_ROOM];

	document_init(&d);
	document_put(&d, d.root, "schema", json_string("dport.exposure/1"));
	document_put(&d, d.root, "host",
		     s->host ? document_name(s->host->hostname) : json_null());
	document_put(&d, d.root, "time", json_of_time(s->wall_ns));
	document_put(&d, d.root, "netns",
		     document_name(list_netns(space->name, space->netns, room)));
	for (size_t i = 0; i < x->listeners.n; i++)
		document_add(&d, listeners, listener_json(&d, p, vec_at(&x->listeners, i)));
	document_put(&d, d.root, "listeners", listeners);
	document_put(&d, d.root, "excluded", networks_json(&d, &x->excluded));
	missing = document_missing(&d, s);
	add_gap(&d, missing, p);
	document_put(&d, d.root, "missing", missing);
	document_put(&d, d.root, "routing", json_string("not looked at"));
	document_put(&d, d.root, "cut", json_boolean(x->is_cut));
	return document_finish(&d, out);
}
