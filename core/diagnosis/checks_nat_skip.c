/* A translation that was meant for a packet and skips it: by interface, destination or
 * source. Of a translation that takes the packet see checks_nat.c. */
#include <netinet/in.h>
#include <string.h>

#include "core/diagnosis/check_help.h"

enum { NEAR_ROOM = 16, ADDRESSES_MAX = 64, CT_NEW = 8, SYN = 2, KEY_DNAT = 1 };
/* linux/netfilter.h */
enum { FAMILY_INET = 1, FAMILY_IPV4 = 2, FAMILY_IPV6 = 10 };

static bool is_target_translation(const struct fw_rule *rule)
{
	for (size_t i = 0; i < rule->n_exprs; i++) {
		const struct fw_expr *x = rule->exprs[i];

		if (x->kind == FW_EXPR_REDIR ||
		    (x->kind == FW_EXPR_NAT && x->key == KEY_DNAT))
			return true;
		if (x->kind == FW_EXPR_XT_TARGET && (text_equals_str(x->name, "DNAT") ||
						     text_equals_str(x->name, "REDIRECT")))
			return true;
	}
	return false;
}

static struct fw_packet first_packet(const struct check_view *v)
{
	const struct path *p = &v->walk->path;
	const struct link_table *links = v->e->space->links;
	const struct link_row *in = links ? links_find(links, p->in_ifindex) : NULL;
	struct fw_packet k = {.saddr = p->ask.client,
			      .daddr = p->ask.server,
			      .proto = p->ask.proto,
			      .sport = p->ask.client_port,
			      .dport = p->ask.server_port,
			      .is_sport_unknown = !p->ask.client_port,
			      .is_mark_known = true,
			      .iif = in ? in->name : TEXT_NONE,
			      .iif_index = p->in_ifindex,
			      .is_iif_unknown = !in,
			      .tcp_flags = p->ask.proto == IPPROTO_TCP ? SYN : 0};

	k.ct = (struct fw_conntrack){.state = CT_NEW,
				     .has_entry = true,
				     .is_mark_known = true,
				     .saddr = k.saddr,
				     .daddr = k.daddr,
				     .sport = k.sport,
				     .dport = k.dport};
	return k;
}

static bool is_nat_chain(const struct check_view *v, const struct fw_chain *c)
{
	uint8_t family = ruleset_table_of(v->e->rules, c)->family;
	bool is_v4 = v->walk->server.family == AF_INET;

	return c->is_base && c->type == FW_NAT && c->hook == FW_PREROUTING &&
	       (family == FAMILY_INET || family == (is_v4 ? FAMILY_IPV4 : FAMILY_IPV6));
}

/* The same packet to that address would be translated by the rule. */
static bool takes_it_at(const struct check_view *v, const struct fw_packet *packet,
			const struct addr *to, uint32_t rule)
{
	struct fw_lookups none = {.wall_ns = v->e->now_ns,
				  .utc_offset_s = v->e->utc_offset_s};
	struct fw_packet p = *packet;
	struct fw_choices choices = {0};
	struct fw_result r;
	bool is_taken;

	p.daddr = p.ct.daddr = *to;
	if (firewall_run(v->e->rules, FW_PREROUTING, &p, &none, &choices, &r))
		return false;
	is_taken = r.is_translated && r.nat_rule == rule;
	fw_result_release(&r);
	return is_taken;
}

/* The address of a service elsewhere (a cluster's) has nothing to do with this host's. */
static bool is_of_address_here(const struct check_view *v, const struct fw_packet *p,
			       uint32_t rule)
{
	const struct address_table *t = v->e->space->addresses;

	for (size_t i = 0; t && i < t->n && i < ADDRESSES_MAX; i++)
		if (t->rows[i].local.family == p->daddr.family &&
		    takes_it_at(v, p, &t->rows[i].local, rule))
			return true;
	return false;
}

/* Of another port or protocol it was never meant. */
static bool was_meant(const struct check_view *v, const struct fw_packet *p,
		      const struct fw_near *near)
{
	if (!is_target_translation(&v->e->rules->rules[near->rule]))
		return false;
	if (!strcmp(near->field, "destination"))
		return is_of_address_here(v, p, near->rule);
	return !strcmp(near->field, "interface") || !strcmp(near->field, "source");
}

static bool near_of_chain(const struct check_view *v, uint32_t chain,
			  const struct fw_packet *p, struct fw_near *out)
{
	struct fw_near near[NEAR_ROOM];
	struct fw_lookups none = {.wall_ns = v->e->now_ns,
				  .utc_offset_s = v->e->utc_offset_s};
	size_t n = firewall_near_misses(v->e->rules, chain, p, &none, near, NEAR_ROOM);

	for (size_t i = 0; i < n; i++) {
		if (!was_meant(v, p, &near[i]))
			continue;
		*out = near[i];
		return true;
	}
	return false;
}

static bool find_skipping(const struct check_view *v, struct fw_near *out)
{
	struct fw_packet p = first_packet(v);

	for (size_t i = 0; v->e->rules && i < v->e->rules->n_chains; i++)
		if (is_nat_chain(v, &v->e->rules->chains[i]) &&
		    near_of_chain(v, (uint32_t)i, &p, out))
			return true;
	return false;
}

static const char *value_of_field(const struct check_view *v, const char *field)
{
	const struct path *p = &v->walk->path;
	const struct link_row *in =
		v->e->space->links ? links_find(v->e->space->links, p->in_ifindex) : NULL;
	char text[ADDR_TEXT_MAX];

	if (!strcmp(field, "interface"))
		return in ? view_word(v, in->name) : "another";
	return view_text(
		v, "%s",
		addr_format(!strcmp(field, "source") ? &p->ask.client : &p->ask.server,
			    text));
}

static int tell_skipping(const struct check_view *v, struct finding *f,
			 const struct fw_near *near)
{
	const struct fw_rule *rule = &v->e->rules->rules[near->rule];
	const char *value = value_of_field(v, near->field);
	int error = finding_say(f, v->arena,
				"the translation of %s by %s skips this packet: another %s "
				"(%s)",
				view_port(v), view_rule_place(v, rule), near->field, value);

	if (!error)
		error = finding_prove(f, v->arena, view_rule_source(v, rule), false,
				      view_rule_command(v, rule), "%s: %s",
				      view_rule_place(v, rule), view_rule_text(v, rule));
	if (!error)
		error = finding_prove(f, v->arena, "sock_diag", true, NULL,
				      "untranslated it is for this host, where nobody "
				      "listens on %s",
				      view_port(v));
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, view_rule_command(v, rule), NULL,
			"the translation then takes more packets than before: see that it "
			"does not catch what others send to that port elsewhere",
			"let the rule's %s take %s too, or let the client come as the rule "
			"expects it",
			near->field, value);
	return error;
}

/* Untranslated it meets no socket, and a translation of this very port exists. */
int check_rule_not_matched(const struct check_view *v, struct finding *f)
{
	const struct path *p = &v->walk->path;
	const struct endpoint *taker = NULL;
	enum tri served = TRI_UNSURE;
	struct fw_near near;
	int error;

	if (sight_was_answered(v) || v->was_anyone_taken ||
	    (v->walk->is_walked && (p->is_translated || p->ask.is_from_here)))
		return ruled_out(f);
	if (!v->walk->is_walked || p->request.is_nat_touched || !v->walk->client.family ||
	    !p->is_local || !v->e->rules)
		return CERTAINTY_NONE;
	view_socket(v, &served, &taker);
	if (served != TRI_NO)
		return served == TRI_YES ? ruled_out(f) : CERTAINTY_NONE;
	if (!find_skipping(v, &near))
		return ruled_out(f);
	f->position = AT_PREROUTING;
	f->explains_reset = v->e->target.proto == IPPROTO_TCP;
	f->explains_icmp = !f->explains_reset;
	f->rule = near.rule;
	f->chain = v->e->rules->rules[near.rule].chain;
	error = tell_skipping(v, f, &near);
	return error ? error : CERTAINTY_LIKELY;
}
