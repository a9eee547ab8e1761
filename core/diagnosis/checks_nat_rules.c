/* Translations that skip a packet, take one that was not theirs, or are remembered although
 * the rules have changed. */
#include <netinet/in.h>
#include <string.h>

#include "core/diagnosis/check_beyond.h"
#include "core/diagnosis/check_help.h"
#include "core/firewall/rule_text.h"

enum { NEAR_ROOM = 16, CT_NEW = 8, SYN = 2, KEY_DNAT = 1 };
/* linux/netfilter.h */
enum { FAMILY_INET = 1, FAMILY_IPV4 = 2, FAMILY_IPV6 = 10 };

/* ---- a rule that was meant for it ---- */

static bool is_target_translation(const struct fw_rule *rule)
{
	for (size_t i = 0; i < rule->n_exprs; i++) {
		const struct fw_expr *x = &rule->exprs[i];

		if (x->kind == FW_EXPR_REDIR ||
		    (x->kind == FW_EXPR_NAT && x->key == KEY_DNAT))
			return true;
		if (x->kind == FW_EXPR_XT_TARGET && (text_equals_str(x->name, "DNAT") ||
						     text_equals_str(x->name, "REDIRECT")))
			return true;
	}
	return false;
}

/* Of another port or protocol it was never meant. */
static bool is_of_place(const char *field)
{
	return !strcmp(field, "interface") || !strcmp(field, "destination") ||
	       !strcmp(field, "source");
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

static bool near_of_chain(const struct check_view *v, uint32_t chain,
			  const struct fw_packet *p, struct fw_near *out)
{
	struct fw_near near[NEAR_ROOM];
	struct fw_lookups none = {.wall_ns = v->e->now_ns,
				  .utc_offset_s = v->e->utc_offset_s};
	size_t n = firewall_near_misses(v->e->rules, chain, p, &none, near, NEAR_ROOM);

	for (size_t i = 0; i < n; i++) {
		if (!is_of_place(near[i].field) ||
		    !is_target_translation(&v->e->rules->rules[near[i].rule]))
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

static const char *rule_words(const struct check_view *v, uint32_t rule, bool with_text)
{
	const struct fw_rule *row = &v->e->rules->rules[rule];
	struct str s = {0};
	const char *out;

	rule_place(&s, v->e->rules, row);
	if (with_text) {
		str_puts(&s, ": ");
		rule_text(&s, v->e->rules, row);
	}
	out = view_text(v, "%s", str_text(&s));
	str_release(&s);
	return out;
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
	const char *value = value_of_field(v, near->field);
	int error = finding_say(f, v->arena,
				"the translation of %s by %s skips this packet: another %s "
				"(%s)",
				view_port(v), rule_words(v, near->rule, false), near->field,
				value);

	if (!error)
		error = finding_prove(f, v->arena, "nf_tables", false,
				      "nft -a list ruleset", "%s",
				      rule_words(v, near->rule, true));
	if (!error)
		error = finding_prove(f, v->arena, "sock_diag", true, NULL,
				      "untranslated it is for this host, where nobody "
				      "listens on %s",
				      view_port(v));
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena, "nft -a list ruleset", NULL,
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

/* ---- a service whose traffic is taken ---- */

/* The listener of a container engine or of kube-proxy only keeps the port. */
static bool is_placeholder(const struct check_view *v, const struct endpoint *e)
{
	static const char *const words[] = {"docker-proxy", "rootlessport", "conmon",
					    "kube-proxy",   "rootlesskit",  "slirp4netns",
					    "pasta"};

	if (beyond_engine(v))
		return true;
	for (size_t i = 0; i < e->n_owners; i++)
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
			if (text_equals_str(e->owners[i]->comm, words[k]))
				return true;
	return e->owners_state != OWNERS_COMPLETE && !e->n_owners;
}

static const struct endpoint *robbed(const struct check_view *v)
{
	const struct walk *w = v->walk;
	const struct endpoint *e = NULL;
	enum tri served = TRI_UNSURE;

	path_socket(v->e->space, v->e->target.proto, &w->server, v->e->target.port,
		    w->path.in_ifindex, &e, v->e->snapshot, &served);
	return served == TRI_YES && e && !is_placeholder(v, e) ? e : NULL;
}

int check_steals_port(const struct check_view *v, struct finding *f)
{
	const struct path *p = &v->walk->path;
	const struct endpoint *e;
	struct beyond b;
	int error;

	if (sight_was_answered(v) || v->was_anyone_taken ||
	    (v->walk->is_walked && !p->is_translated))
		return ruled_out(f);
	if (!beyond_look(v, &b))
		return CERTAINTY_NONE;
	e = robbed(v);
	if (!e)
		return ruled_out(f);
	f->position = AT_PREROUTING;
	f->explains_silence = f->explains_reset = f->explains_icmp = true;
	f->endpoint = e;
	beyond_blame(v, f);
	error = finding_say(f, v->arena,
			    "%s listens on %s here, and a translation takes its clients to "
			    "%s",
			    view_owner(v, e), view_port(v), beyond_words(v, &b));
	if (!error)
		error = beyond_prove(v, f, &b);
	if (!error)
		error = finding_prove(f, v->arena, "sock_diag", true, "ss -lpen",
				      "%s listens on %s", view_owner(v, e),
				      view_listens_on(v, e));
	if (!error)
		error = finding_advise(
			f, v->arena, "nft -a list ruleset", NULL,
			"the other host loses these clients",
			"if this host's service is meant, take the translation out (%s)",
			beyond_rule_words(v));
	return error ? error : CERTAINTY_LIKELY;
}

/* ---- an entry of the old rules ---- */

static bool is_nat_sure(const struct check_view *v)
{
	const struct path *p = &v->walk->path;

	return v->walk->is_walked && v->e->rules && view_is_untranslated(v) &&
	       (p->is_translated || !p->request.is_nat_touched);
}

/* Where the present rules would send the first packet of this flow. */
static bool is_as_now(const struct check_view *v, const struct conntrack_row *row)
{
	const struct path *p = &v->walk->path;
	struct addr to = p->is_translated ? p->server : v->walk->server;
	uint16_t port = p->is_translated ? p->server_port : v->e->target.port;

	return addr_equals(&row->reply.saddr, &to) && row->reply.sport == port;
}

static int tell_stale(const struct check_view *v, struct finding *f,
		      const struct conntrack_row *row)
{
	const struct path *p = &v->walk->path;
	const char *proto = v->e->target.proto == IPPROTO_UDP ? "udp" : "tcp";
	struct addr to = p->is_translated ? p->server : v->walk->server;
	unsigned port = p->is_translated ? p->server_port : v->e->target.port;
	char client[ADDR_TEXT_MAX], old[ADDR_TEXT_MAX], now[ADDR_TEXT_MAX],
		server[ADDR_TEXT_MAX];
	int error;

	addr_format(&row->original.saddr, client);
	addr_format(&row->original.daddr, server);
	addr_format(&row->reply.saddr, old);
	addr_format(&to, now);
	error = finding_say(
		f, v->arena,
		"an old entry sends %s of %s to %s port %u; the rules would send "
		"it to %s port %u",
		view_port(v), client, old, row->reply.sport, now, port);
	if (!error)
		error = finding_prove(
			f, v->arena, "conntrack", true,
			view_text(v, "conntrack -L -p %s --orig-src %s --orig-port-dst %u",
				  proto, client, row->original.dport),
			"tracked with target %s port %u, %s, %u s to live: each packet "
			"keeps it alive",
			old, row->reply.sport,
			conntrack_is_unreplied(row) ? "no answer seen" : "answered",
			row->timeout_s);
	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = finding_advise(
			f, v->arena,
			view_text(v,
				  "conntrack -D -p %s --orig-src %s --orig-dst %s "
				  "--orig-port-src %u --orig-port-dst %u",
				  proto, client, server, row->original.sport,
				  row->original.dport),
			NULL, "the one flow is cut; its next packet begins a new one",
			"delete the entry: the next packet meets the present rules");
	return error;
}

int check_stale_entry(const struct check_view *v, struct finding *f)
{
	const struct conntrack_row *row = beyond_entry(v);
	int error;

	if (sight_was_answered(v) || v->was_anyone_taken || !v->sight.n_all)
		return v->sight.n_all ? ruled_out(f) : CERTAINTY_NONE;
	if (!row || !is_nat_sure(v) || row->zone)
		return CERTAINTY_NONE;
	if (is_as_now(v, row))
		return ruled_out(f);
	f->position = AT_PREROUTING;
	f->explains_silence = f->explains_reset = f->explains_icmp = true;
	error = tell_stale(v, f, row);
	if (error)
		return error;
	return sight_is_silent(v) ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
}
