/* The way of a translated packet beyond this host: which of the captured attempts are the
 * same packet under its new address, who has that address, who serves the port there. */
#include "core/diagnosis/check_beyond.h"

#include <netinet/in.h>
#include <string.h>

#include "core/diagnosis/check_help.h"
#include "core/diagnosis/sight.h"
#include "core/firewall/text/rule_text.h"

/* ---- what was seen ---- */

static bool is_to(const struct attempt *a, const struct beyond *b)
{
	struct addr server = addr_unmapped(&a->server);

	return a->server_port == b->port && addr_equals(&server, &b->server);
}

static bool is_image_of_any(const struct check_view *v, const struct attempt *a)
{
	for (size_t i = 0; i < v->sight.n; i++)
		if (sight_is_same_packet(attempts_at(v->e->attempts, v->sight.rows[i]), a))
			return true;
	return false;
}

/* The error to a datagram comes to its client with the addresses turned back. */
static bool is_unreachable_port(const struct attempt *a)
{
	return a->proto == IPPROTO_UDP && a->outcome == OUTCOME_ICMP &&
	       attempt_is_port_unreachable(a);
}

static void count_image(struct beyond *b, const struct attempt *a)
{
	b->n_left++;
	b->n_syn_acks += a->n_syn_acks > 0 || sight_is_open(a);
	b->n_client_resets += a->n_client_resets > 0;
	b->n_refused += a->outcome == OUTCOME_REFUSED;
	if (a->outcome != OUTCOME_ICMP)
		return;
	if (is_unreachable_port(a))
		b->n_unreachable++;
	else
		b->n_other_icmp++;
}

static void look_at_wire(const struct check_view *v, struct beyond *b)
{
	for (size_t i = 0; v->sight.n && i < attempts_n(v->e->attempts); i++) {
		const struct attempt *a = attempts_at(v->e->attempts, i);

		if (a->proto == v->e->target.proto && is_to(a, b) && is_image_of_any(v, a))
			count_image(b, a);
	}
	for (size_t i = 0; !b->n_left && i < v->sight.n; i++)
		b->n_unreachable +=
			is_unreachable_port(attempts_at(v->e->attempts, v->sight.rows[i]));
}

/* Only what was let out is in the table (__nf_conntrack_confirm). */
static void look_at_entry(const struct check_view *v, struct beyond *b)
{
	const struct conntrack_row *row = beyond_entry(v);

	if (row && row->reply.sport == b->port &&
	    addr_equals(&row->reply.saddr, &b->server))
		b->entry = row;
}

bool beyond_has_left(const struct beyond *b)
{
	return b->n_left || b->entry;
}

/* ---- whose address it is ---- */

static const struct space *only_space_with(const struct check_view *v, const struct addr *a)
{
	const struct snapshot *s = v->e->snapshot;
	const struct space *found = NULL;

	for (size_t i = 0; i < s->n_spaces; i++) {
		const struct space *space = &s->spaces[i];

		if (space == v->e->space || !space->addresses ||
		    address_is_here(space->addresses, space->local_routes, a) != TRI_YES)
			continue;
		if (found)
			return NULL;
		found = space;
	}
	return found;
}

/* The wire to it leads there: a veth's other end is a device of that namespace, or the
 * bridge has such a port. Another host may have the same address. */
static bool has_wire_to(const struct check_view *v, const struct space *there,
			uint32_t out_ifindex)
{
	const struct link_table *here = v->e->space->links;

	for (size_t i = 0; here && there->links && i < here->n; i++) {
		const struct link_row *l = &here->rows[i], *far;

		if ((l->ifindex != out_ifindex && l->master != out_ifindex) || !l->peer)
			continue;
		far = links_find(there->links, l->peer);
		if (far && far->peer == l->ifindex)
			return true;
	}
	return false;
}

static const struct endpoint *loopback_listener(const struct check_view *v,
						const struct beyond *b)
{
	const struct snapshot *s = v->e->snapshot;

	for (size_t i = 0; i < s->n_endpoints; i++) {
		const struct endpoint *e = &s->endpoints[i];

		if (e->space == b->space && e->port == b->port &&
		    e->scope == SCOPE_LOOPBACK &&
		    endpoint_is_stream(e) == (v->e->target.proto == IPPROTO_TCP))
			return e;
	}
	return NULL;
}

static void look_at_space(const struct check_view *v, struct beyond *b)
{
	b->is_served = TRI_UNSURE;
	b->space = only_space_with(v, &b->server);
	if (b->space && !has_wire_to(v, b->space, v->walk->path.out_ifindex))
		b->space = NULL;
	if (!b->space)
		return;
	path_socket(b->space, v->e->target.proto, &b->server, b->port, 0, &b->endpoint,
		    v->e->snapshot, &b->is_served);
	b->loopback_only = loopback_listener(v, b);
}

/* ---- the next hop ---- */

static void look_at_hop(const struct check_view *v, struct beyond *b)
{
	const struct path *p = &v->walk->path;
	struct addr to = b->server;

	for (size_t i = 0; i < p->request.n_hops; i++) {
		const struct path_hop *h = &p->request.hops[i];

		if (h->place != PLACE_ROUTE || h->error)
			continue;
		b->is_on_link = !h->gateway.family;
		if (h->gateway.family)
			to = h->gateway;
	}
	if (p->out_ifindex && v->e->neighbours)
		b->neighbour = neighbours_find(v->e->neighbours, &to, p->out_ifindex);
}

bool beyond_is_hop_dead(const struct beyond *b)
{
	const char *word = b->neighbour ? neighbour_state_word(b->neighbour->state) : "";

	return !strcmp(word, "FAILED") || !strcmp(word, "INCOMPLETE");
}

static void look_at_probe(const struct check_view *v, struct beyond *b)
{
	const struct response *r = responses_of(v->e->responses, QUESTION_PROBE, 0);

	if (v->e->probe && r && r->question.probe.port == b->port &&
	    addr_equals(&r->question.probe.address, &b->server))
		b->probe = v->e->probe;
}

bool beyond_look(const struct check_view *v, struct beyond *out)
{
	const struct path *p = &v->walk->path;

	*out = (struct beyond){.is_served = TRI_UNSURE};
	if (!v->walk->is_walked || !p->is_translated || p->is_local || !p->is_forwarded ||
	    !p->server.family)
		return false;
	out->server = addr_unmapped(&p->server);
	out->port = p->server_port;
	look_at_wire(v, out);
	look_at_entry(v, out);
	look_at_space(v, out);
	look_at_hop(v, out);
	look_at_probe(v, out);
	return true;
}

/* ---- words ---- */

const char *beyond_words(const struct check_view *v, const struct beyond *b)
{
	char server[ADDR_TEXT_MAX];

	return view_text(v, "%s port %u", addr_format(&b->server, server), b->port);
}

static const struct fw_rule *nat_rule(const struct check_view *v)
{
	uint32_t rule = v->walk->path.request.nat_rule;

	return v->e->rules && rule < v->e->rules->n_rules ? &v->e->rules->rules[rule]
							  : NULL;
}

const char *beyond_source(const struct check_view *v)
{
	return view_rule_source(v, nat_rule(v));
}

const char *beyond_rule_words(const struct check_view *v)
{
	const struct fw_rule *rule = nat_rule(v);

	return rule ? view_rule_place(v, rule) : "a rule that is not known";
}

const char *beyond_rule_text(const struct check_view *v)
{
	return view_rule_text(v, nat_rule(v));
}

const char *beyond_show_command(const struct check_view *v)
{
	return view_rule_command(v, nat_rule(v));
}

const char *beyond_engine(const struct check_view *v)
{
	static const char *const engines[] = {"docker", "podman", "netavark", "cni", "lxd"};
	const struct fw_rule *rule = nat_rule(v);
	const char *manager = rule ? rule_manager(v->e->rules, rule) : NULL;

	for (size_t i = 0; manager && i < sizeof(engines) / sizeof(engines[0]); i++)
		if (!strcmp(manager, engines[i]))
			return manager;
	return NULL;
}

/* ---- evidence ---- */

const struct conntrack_row *beyond_entry(const struct check_view *v)
{
	const struct attempt *a = sight_newest(v);
	struct ct_tuple tuple;

	if (!a || !v->e->conntrack)
		return NULL;
	tuple = (struct ct_tuple){.saddr = addr_unmapped(&a->client),
				  .daddr = addr_unmapped(&a->server),
				  .sport = a->client_port,
				  .dport = a->server_port};
	return conntrack_find(v->e->conntrack, a->proto, &tuple, false);
}

static const char *answer_there(const struct beyond *b)
{
	if (b->n_refused)
		return "a reset came back from there";
	if (b->n_syn_acks)
		return "answered there";
	if (b->n_unreachable || b->n_other_icmp)
		return "an ICMP error came back";
	return "nothing came back from there";
}

static int prove_image(const struct check_view *v, struct finding *f,
		       const struct beyond *b)
{
	char server[ADDR_TEXT_MAX];

	if (!b->n_left && b->entry)
		return finding_prove(f, v->arena, "conntrack", true, "conntrack -L",
				     "the newest of them is tracked with the target %s, %s",
				     beyond_words(v, b),
				     conntrack_is_unreplied(b->entry) ? "no answer seen"
								      : "answered");
	if (!b->n_left)
		return 0;
	return finding_prove(f, v->arena, "capture", true,
			     view_text(v, "tcpdump -ni any 'host %s and port %u'",
				       addr_format(&b->server, server), b->port),
			     "%u of them left for %s: %s", b->n_left, beyond_words(v, b),
			     answer_there(b));
}

static int prove_probe(const struct check_view *v, struct finding *f,
		       const struct beyond *b)
{
	if (!b->probe)
		return 0;
	if (b->probe->outcome == PROBE_CONNECTED)
		return finding_prove(f, v->arena, "probe", true, NULL,
				     "a connection of our own from this host to %s was "
				     "taken",
				     beyond_words(v, b));
	return finding_prove(
		f, v->arena, "probe", true, NULL,
		"a connection of our own from this host to %s was not taken: %s",
		beyond_words(v, b), strerror(b->probe->error));
}

int beyond_prove(const struct check_view *v, struct finding *f, const struct beyond *b)
{
	const char *text = beyond_rule_text(v);
	const char *engine = beyond_engine(v);
	int error = finding_prove(
		f, v->arena, beyond_source(v), false, beyond_show_command(v),
		"translated to %s by %s%s%s%s%s", beyond_words(v, b), beyond_rule_words(v),
		*text ? ": " : "", text, engine ? ", made by " : "", engine ? engine : "");

	if (!error)
		error = prove_wire(v, f);
	if (!error)
		error = prove_image(v, f, b);
	if (!error)
		error = prove_probe(v, f, b);
	return error;
}

void beyond_blame(const struct check_view *v, struct finding *f)
{
	f->chain = v->walk->path.request.nat_chain;
	f->rule = v->walk->path.request.nat_rule;
}
