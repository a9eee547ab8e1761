/* Zones of firewalld: which one a packet came into, and which others would take it. And
 * what a client makes of the ICMP error of a reject. Judges nothing. */
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "core/diagnosis/check_deny.h"
#include "core/diagnosis/check_help.h"

enum { ZONES_MAX = 4 };

/* "filter_IN_public_allow", or what it leads to, lets the packet in: every test of the rule
 * says yes, one of them of its port. */
static bool has_rule_for(const struct check_view *v, const struct fw_packet *p,
			 const struct fw_chain *chain)
{
	struct path_world world = evidence_world(v->e);

	for (uint32_t i = 0; i < chain->n_rules; i++) {
		uint32_t rule = chain->first_rule + i;
		struct fw_tested t = path_test_rule(&world, p, rule);
		const char *text = view_rule_text(v, &v->e->rules->rules[rule]);
		size_t len = strlen(text), end = strlen("accept");

		if ((t.hit & 1U << FW_FIELD_PORT) && !t.missed && !t.unsure && len > end &&
		    !strcmp(text + len - end, "accept"))
			return true;
	}
	return false;
}

/* "internal", "internal and home": the other zones that have a rule for it; "" for none. */
static const char *zones_with_rule(const struct check_view *v, const struct path_leg *leg,
				   struct text own)
{
	const struct ruleset *r = v->e->rules;
	const char *words = "";
	size_t n = 0;

	for (uint32_t i = 0; i < r->n_chains && n < ZONES_MAX; i++) {
		const struct fw_chain *c = &r->chains[i];
		struct text zone = deny_zone(c->name);

		if (text_is_empty(zone) || text_equals(zone, own) ||
		    c->table != r->chains[leg->chain].table ||
		    !text_contains_nocase(c->name, text_of("_allow")) ||
		    !has_rule_for(v, &leg->met, c))
			continue;
		words = view_text(v, "%s%s%s", words, n++ ? " and " : "",
				  view_word(v, zone));
	}
	return words;
}

/* " (eth1)" */
static const char *device_words(const struct check_view *v)
{
	const struct link_row *link = NULL;

	if (v->e->space && v->e->space->links && v->walk->path.in_ifindex)
		link = links_find(v->e->space->links, v->walk->path.in_ifindex);
	return link ? view_text(v, " (%s)", view_word(v, link->name)) : "";
}

int deny_prove_zone(const struct check_view *v, struct finding *f,
		    const struct path_leg *leg)
{
	const struct fw_chain *chain = deny_chain(v, leg);
	const char *manager = deny_manager(v, leg), *own, *others;
	struct text zone;

	if (!chain || !manager || strcmp(manager, "firewalld"))
		return 0;
	zone = deny_zone(chain->name);
	if (text_is_empty(zone))
		return 0;
	own = view_word(v, zone);
	others = zones_with_rule(v, leg, zone);
	return finding_prove(f, v->arena, ruleset_source(v->e->rules, leg->chain), false,
			     view_text(v, "firewall-cmd --zone=%s --list-all", own),
			     "zone %s%s does not let %s in%s%s%s", own, device_words(v),
			     view_port(v), *others ? "; zone " : "", others,
			     *others ? " does" : "");
}

int deny_prove_client_words(const struct check_view *v, struct finding *f,
			    const struct path_leg *leg)
{
	bool is_no_route = leg->reject.code == ICMP_HOST_UNREACH ||
			   leg->reject.code == ICMP_HOST_ANO ||
			   leg->reject.code == ICMP_PKT_FILTERED;

	if (leg->verdict != PATH_REJECT || leg->reject.is_reset ||
	    v->walk->client.family != AF_INET || leg->reject.type != ICMP_DEST_UNREACH ||
	    !is_no_route || v->e->target.proto != IPPROTO_TCP)
		return 0;
	return finding_prove(f, v->arena, "icmp(7)", false, NULL,
			     "the client reads \"No route to host\"; this is the "
			     "firewall's answer, no fault of routing");
}
