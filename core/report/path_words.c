/* The words of a packet's way. Breaks no lines, draws nothing. */
#include "core/report/path_words.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

/* ---- small ---- */

static void put_device(struct str *out, const struct path_page *p, uint32_t ifindex)
{
	const struct link_table *t = p->evidence.space->links;
	const struct link_row *link = t && ifindex ? links_find(t, ifindex) : NULL;

	if (link)
		text_show(out, link->name, TEXT_ASCII);
	else
		str_puts(out, "an interface that is not known");
}

static void put_end(struct str *out, const struct addr *a, uint16_t port)
{
	char text[ADDR_TEXT_MAX];
	bool has_brackets = a->family == AF_INET6 && port;

	if (a->family)
		str_printf(out, has_brackets ? "[%s]" : "%s", addr_format(a, text));
	if (port)
		str_printf(out, "%s%u", a->family ? ":" : "port ", port);
}

static void put_owner(struct str *out, const struct path *p)
{
	const struct endpoint *e = p->endpoint;

	if (!e || !e->n_owners) {
		str_puts(out, "a socket whose process is not known");
		return;
	}
	text_show(out, e->owners[0]->comm, TEXT_ASCII);
	str_printf(out, " %d", e->owners[0]->pid);
	if (e->n_owners > 1)
		str_printf(out, " +%zu", e->n_owners - 1);
}

static void put_decider_place(struct str *out, const struct path_page *p, uint32_t chain,
			      uint32_t rule)
{
	const struct ruleset *r = p->evidence.rules;

	if (rule != UINT32_MAX)
		rule_place(out, r, &r->rules[rule]);
	else
		policy_place(out, r, &r->chains[chain]);
}

void path_put_manager(struct str *out, const struct ruleset *r, uint32_t chain,
		      uint32_t rule)
{
	const struct fw_rule *row = rule == UINT32_MAX ? NULL : &r->rules[rule];
	const char *manager =
		row ? rule_manager(r, row) : chain_manager(r, &r->chains[chain]);

	if (manager)
		str_printf(out, "made by %s", manager);
	if (row && row->has_counter)
		str_printf(out, "%s%llu packets met it so far", manager ? ", " : "",
			   (unsigned long long)row->packets);
}

/* ---- the packet ---- */

static void put_flags(struct str *out, const struct path_ask *a)
{
	static const char letters[] = "FSRPAUEW";

	if (a->proto != IPPROTO_TCP || !a->tcp_flags || a->tcp_flags == TH_SYN)
		return;
	str_puts(out, " flags ");
	for (size_t i = 0; letters[i]; i++)
		if (a->tcp_flags & 1U << i)
			str_putc(out, letters[i]);
}

void path_put_packet(struct str *out, const struct path_ask *a)
{
	char text[ADDR_TEXT_MAX];

	str_printf(out, "%u/%s", a->server_port, a->proto == IPPROTO_UDP ? "udp" : "tcp");
	if (a->client.family)
		str_puts(out, " from ");
	put_end(out, &a->client, a->client.family ? a->client_port : 0);
	str_printf(out, " to %s", addr_format(&a->server, text));
	put_flags(out, a);
	if (a->is_established)
		str_puts(out, " of an established connection");
}

/* ---- the verdict ---- */

static void put_route_stop(struct str *out, const struct path_leg *leg)
{
	const struct path_hop *h = &leg->hops[leg->n_hops - 1];

	str_puts(out, "stopped by the routes: ");
	str_puts(out, path_route_words(h));
}

static const char *reject_words(const struct path_leg *leg)
{
	return leg->reject.is_reset ? "rejected with a TCP reset" : "rejected with ICMP";
}

static void put_stop(struct str *out, const struct path_page *p, const struct path_leg *leg)
{
	switch (leg->decided_by) {
	case DECIDER_RULE:
	case DECIDER_POLICY:
		str_puts(out, leg->verdict == PATH_REJECT ? reject_words(leg) : "dropped");
		str_puts(out, " by ");
		put_decider_place(out, p, leg->chain, leg->rule);
		return;
	case DECIDER_ROUTE:
		put_route_stop(out, leg);
		return;
	case DECIDER_NEIGHBOUR:
		str_puts(out, "stopped: the next hop does not resolve");
		return;
	case DECIDER_PROGRAM:
		str_puts(out, "dropped by ");
		str_puts(out, leg->hops[leg->n_hops - 1].why);
		return;
	case DECIDER_SOCKET:
	case DECIDER_BALANCER:
		str_puts(out, leg->hops[leg->n_hops - 1].why);
		return;
	case DECIDER_NONE:
	case DECIDER_OPAQUE:
		break;
	}
	str_puts(out, "stopped");
}

static void put_doubt(struct str *out, const struct path_page *p,
		      const struct path_leg *leg)
{
	const struct path_unsure *u = &leg->unsure[0];

	str_puts(out, "not decided");
	if (!leg->n_unsure)
		return;
	if (u->rule != UINT32_MAX && p->evidence.rules) {
		str_printf(out, ": it depends on %s (", u->why);
		rule_place(out, p->evidence.rules, &p->evidence.rules->rules[u->rule]);
		str_putc(out, ')');
	} else {
		str_printf(out, ": %s", u->why);
	}
	if (leg->n_unsure > 1)
		str_printf(out, " and %zu more", leg->n_unsure - 1);
}

static void put_open(struct str *out, const struct path_page *p)
{
	const struct path_page *end = path_page_end(p);
	const struct path *last = &end->path;

	if (last->is_local) {
		str_puts(out, "reaches ");
		put_owner(out, last);
	} else {
		str_puts(out, last->is_forwarded ? "passed on by " : "leaves by ");
		put_device(out, end, last->out_ifindex);
	}
	if (end != p) {
		str_puts(out, " in the namespace ");
		text_show(out, end->evidence.space->name, TEXT_ASCII);
	}
	if (p->path.reply.is_walked)
		str_puts(out, last->is_local ? ", and the reply gets back"
					     : ", and a reply would get back");
}

void path_put_verdict(struct str *out, const struct path_page *p)
{
	const struct path_page *of;
	const struct path_leg *leg = path_page_decider(p, &of);
	bool is_reply = leg == &of->path.reply;

	if (of != p && path_page_state(p) != PATH_IS_OPEN) {
		str_puts(out, "in the namespace ");
		text_show(out, of->evidence.space->name, TEXT_ASCII);
		str_puts(out, ": ");
	}
	if (is_reply)
		str_puts(out, of->path.is_local ? "let in, but the reply is "
						: "passed on, but the reply is ");
	switch (path_page_state(p)) {
	case PATH_IS_OPEN:
		put_open(out, p);
		return;
	case PATH_IS_CLOSED:
		put_stop(out, of, leg);
		return;
	case PATH_IS_NOT_KNOWN:
		break;
	}
	put_doubt(out, of, leg);
}

/* ---- a hop ---- */

/* Shorter than those of JSON: they stand in a column. */
static const char *const bridge_words[N_PLACES] = {
	[PLACE_BRIDGE_PREROUTING] = "bridge pre",   [PLACE_BRIDGE_INPUT] = "bridge in",
	[PLACE_BRIDGE_FORWARD] = "bridge on",       [PLACE_BRIDGE_OUTPUT] = "bridge out",
	[PLACE_BRIDGE_POSTROUTING] = "bridge post",
};

const char *path_hop_place(const struct path_hop *h, bool is_first)
{
	if (h->place == PLACE_INGRESS)
		return is_first ? "in" : "ingress";
	if (h->place == PLACE_EGRESS)
		return "out";
	if (h->place == PLACE_NEIGHBOUR)
		return "next hop";
	return bridge_words[h->place] ? bridge_words[h->place] : place_word(h->place);
}

const char *path_route_words(const struct path_hop *h)
{
	if (h->why)
		return h->why;
	switch (h->error) {
	case EXDEV:
		return "the reverse-path filter takes no such source there";
	case EINVAL:
		return "a blackhole, or a source that cannot come in there (martian, "
		       "reverse-path filter)";
	case EHOSTUNREACH:
		return "an unreachable route";
	case EACCES:
		return "a prohibit route: answered with ICMP";
	case ENETUNREACH:
	case ESRCH:
		return "no route";
	default:
		return strerror(h->error);
	}
}

static void put_route(struct str *out, const struct path_page *p,
		      const struct path_leg *leg, const struct path_hop *h)
{
	bool is_inward = leg == &p->path.request && p->path.is_local;

	if (h->outcome == HOP_DROPPED || h->outcome == HOP_UNSURE || h->why) {
		str_puts(out, path_route_words(h));
		return;
	}
	if (is_inward || !h->ifindex) {
		str_puts(out, is_inward ? "for this host" : "not asked: nobody is named");
		return;
	}
	str_puts(out, "by ");
	put_device(out, p, h->ifindex);
	if (h->gateway.family) {
		str_puts(out, " through ");
		put_end(out, &h->gateway, 0);
	}
}

static void put_translation(struct str *out, const struct path_hop *h, enum text_mode mode)
{
	if (h->outcome != HOP_TRANSLATED)
		return;
	str_puts(out, mode == TEXT_ASCII ? "-> " : "→ ");
	if (h->to.family || h->to_port)
		put_end(out, &h->to, h->to_port);
	else
		str_puts(out, "an address that is not known");
	str_puts(out, h->chain == UINT32_MAX ? "  (turned back by conntrack)" : "  ");
}

static void put_socket(struct str *out, const struct path_page *p, const struct path_hop *h)
{
	const struct path *path = &p->path;

	if (h->outcome != HOP_PASSES) {
		str_puts(out, h->why);
		return;
	}
	put_owner(out, path);
	if (path->endpoint) {
		str_puts(out, " on ");
		endpoint_listens_on(out, path->endpoint);
	}
}

/* The number of a netlink socket is mostly that of its process. */
static const struct process_row *likely_process(const struct evidence *e, uint32_t port_id)
{
	const struct owner_table *t = e->snapshot ? e->snapshot->owners : NULL;

	for (size_t i = 0; t && i < t->n_processes; i++)
		if (t->processes[i].pid >= 0 && (uint32_t)t->processes[i].pid == port_id)
			return &t->processes[i];
	return NULL;
}

void path_put_why(struct str *out, const struct evidence *e, const struct path_hop *h)
{
	const struct process_row *process =
		h->has_reader ? likely_process(e, h->reader.port_id) : NULL;

	if (!h->why)
		return;
	str_puts(out, h->why);
	if (h->has_reader)
		str_printf(out, ": queue %u is read by netlink port %u", h->reader.queue,
			   h->reader.port_id);
	if (process) {
		str_puts(out, ", likely the process ");
		text_show(out, process->comm, TEXT_ASCII);
	}
}

static void put_hook(struct str *out, const struct path_page *p, const struct path_hop *h,
		     enum text_mode mode)
{
	bool has_device = h->place == PLACE_INGRESS || h->place == PLACE_EGRESS;
	size_t before = out->len;

	if (has_device && (h->ifindex || h->place == PLACE_EGRESS))
		put_device(out, p, h->ifindex);
	put_translation(out, h, mode);
	if (h->chain != UINT32_MAX && p->evidence.rules) {
		str_puts(out, has_device ? "  " : "");
		put_decider_place(out, p, h->chain, h->rule);
	} else if (!has_device && h->outcome == HOP_PASSES) {
		str_puts(out, "no rule decides here");
	}
	if (h->why && has_device && h->outcome == HOP_PASSES) {
		str_printf(out, h->ifindex ? " (%s)" : "%s", h->why);
	} else if (h->why) {
		str_puts(out, out->len > before ? ": " : "");
		path_put_why(out, &p->evidence, h);
	}
}

void path_put_hop_words(struct str *out, const struct path_page *p,
			const struct path_leg *leg, const struct path_hop *h,
			enum text_mode mode)
{
	switch (h->place) {
	case PLACE_ROUTE:
		put_route(out, p, leg, h);
		return;
	case PLACE_SOCKET:
		put_socket(out, p, h);
		return;
	case PLACE_NEIGHBOUR:
		put_end(out, &h->gateway, 0);
		if (h->why)
			str_printf(out, ": %s", h->why);
		return;
	case PLACE_INGRESS:
	case PLACE_BRIDGE_PREROUTING:
	case PLACE_BRIDGE_INPUT:
	case PLACE_BRIDGE_FORWARD:
	case PLACE_BRIDGE_OUTPUT:
	case PLACE_BRIDGE_POSTROUTING:
	case PLACE_PREROUTING:
	case PLACE_INPUT:
	case PLACE_FORWARD:
	case PLACE_OUTPUT:
	case PLACE_POSTROUTING:
	case PLACE_EGRESS:
	case N_PLACES:
		break;
	}
	put_hook(out, p, h, mode);
}
