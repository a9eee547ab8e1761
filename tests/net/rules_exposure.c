/*
 * rules_exposure: exposure of this network namespace against single packets. Addresses on
 * standard input, one a line, are tried besides the ends of every span that was found,
 * their neighbours, and a network in every so many. Each source is run through the hooks
 * alone, without core/path; who gets it must be who is said to. One JSON line: {tried,
 * wrong: [...], open, closed, unsure}. For test_exposure.py; listeners are those of
 * test_rules.py's host.
 */
#include <jansson.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <time.h>

#include "core/path/exposure.h"
#include "tests/net/rules_host.h"

enum { WALKS_MAX = 64, SOURCES_MAX = 400000, WRONG_MAX = 8, CT_NEW = 8 };
enum { CT_ESTABLISHED = 2, CT_OF_REPLY = 0x2 | 0x8 | 0x180, SOURCES_TURNED = 100 };

static struct socket_row sockets[] = {
	{.proto = PROTO_TCP, .family = AF_INET6, .port = 22, .local = {AF_INET6, {0}}},
	{.proto = PROTO_TCP, .family = AF_INET6, .port = 80, .local = {AF_INET6, {0}}},
	{.proto = PROTO_TCP,
	 .family = AF_INET,
	 .port = 8000,
	 .local = {AF_INET, {10, 9, 0, 3}}},
	{.proto = PROTO_UDP, .family = AF_INET, .port = 53, .local = {AF_INET, {0}}},
};
enum { N_SOCKETS = sizeof(sockets) / sizeof(*sockets) };
static struct socket_table tcp = {.rows = sockets, .n = 3};
static struct socket_table udp = {.rows = sockets + 3, .n = 1};
static const struct socket_row *members[N_SOCKETS];
static struct endpoint endpoints[N_SOCKETS];

static void make_listeners(struct rules_host *host)
{
	host->space->tcp = &tcp;
	host->space->udp = &udp;
	for (size_t i = 0; i < N_SOCKETS; i++) {
		sockets[i].inode = (uint32_t)i + 1;
		sockets[i].v6only = TRI_NO;
		members[i] = &sockets[i];
		endpoints[i] = (struct endpoint){.space = host->space,
						 .proto = sockets[i].proto,
						 .address = sockets[i].local,
						 .port = sockets[i].port,
						 .scope = SCOPE_ANY,
						 .sockets = &members[i],
						 .n_sockets = 1};
	}
	endpoints[2].scope = SCOPE_ADDRESS;
	host->snapshot->endpoints = endpoints;
	host->snapshot->n_endpoints = N_SOCKETS;
}

/* ---- one packet, hook by hook ---- */

struct lone {
	const struct rules_host *host;
	struct addr from;
	uint32_t ifindex;
};

static uint8_t address_type(void *arg, const struct addr *a, uint32_t on)
{
	const struct lone *l = arg;
	const struct address_table *t = l->host->space->addresses;

	if (addr_is_multicast(a))
		return RTN_MULTICAST;
	if (a->family == AF_INET &&
	    (!a->bytes[0] || !memcmp(a->bytes, "\xff\xff\xff\xff", 4)))
		return RTN_BROADCAST;
	for (size_t i = 0; i < t->n; i++)
		if (addr_equals(&t->rows[i].local, a) && (!on || t->rows[i].ifindex == on))
			return RTN_LOCAL;
	return addr_is_loopback(a) && !on ? RTN_LOCAL : RTN_UNICAST;
}

static uint32_t route_device(void *arg, const struct addr *a, uint32_t mark)
{
	const struct lone *l = arg;

	(void)mark;
	return addr_equals(a, &l->from)               ? l->ifindex
	       : address_type(arg, a, 0) == RTN_LOCAL ? 0
						      : UINT32_MAX;
}

static struct text device_name(void *arg, uint32_t ifindex)
{
	const struct lone *l = arg;
	const struct link_row *link = links_find(l->host->space->links, ifindex);

	return link ? link->name : TEXT_NONE;
}

static struct addr redirected(const struct lone *l, int family)
{
	const struct address_table *t = l->host->space->addresses;

	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].ifindex == l->ifindex && t->rows[i].local.family == family &&
		    !t->rows[i].scope)
			return t->rows[i].local;
	return (struct addr){0};
}

/* One hook: false, it ends here. */
static bool pass(const struct lone *l, enum fw_hook hook, struct fw_packet *p,
		 struct fw_choices *c, bool *is_unsure)
{
	struct fw_lookups lookups = {.address_type = address_type,
				     .route_device = route_device,
				     .device_name = device_name,
				     .arg = (void *)(uintptr_t)l};
	struct timespec now;
	struct fw_result out;
	bool goes_on;

	clock_gettime(CLOCK_REALTIME, &now);
	lookups.wall_ns = now.tv_sec * 1000000000LL + now.tv_nsec;
	if (firewall_run(l->host->rules, hook, p, &lookups, c, &out))
		exit(1);
	if (out.is_redirect && !out.to.family)
		p->daddr = redirected(l, p->daddr.family);
	*is_unsure = *is_unsure || c->is_overfull || (out.is_nat_unsure && !out.is_snat) ||
		     out.verdict == FW_QUEUE || out.verdict == FW_STOLEN;
	goes_on = out.verdict == FW_ACCEPT && !*is_unsure;
	fw_result_release(&out);
	return goes_on;
}

static bool answers(const struct lone *l, const struct fw_packet *in, struct fw_choices *c,
		    bool *is_unsure)
{
	struct fw_packet p = {.saddr = in->daddr,
			      .daddr = l->from,
			      .proto = in->proto,
			      .sport = in->dport,
			      .is_dport_unknown = true,
			      .is_mark_known = true,
			      .has_socket = true,
			      .oif = device_name((void *)(uintptr_t)l, l->ifindex),
			      .oif_index = l->ifindex,
			      .oif_type = ARPHRD_ETHER,
			      .ct = in->ct};

	p.tcp_flags = p.proto == IPPROTO_TCP ? TH_SYN | TH_ACK : 0;
	if (p.ct.has_entry) {
		p.ct.state = CT_ESTABLISHED;
		p.ct.is_reply = true;
		p.ct.status |= CT_OF_REPLY;
	} else {
		p.ct = (struct fw_conntrack){.state = 1, .is_mark_known = true};
		if (p.proto == IPPROTO_UDP)
			p.ct = (struct fw_conntrack){.state = CT_NEW,
						     .has_entry = true,
						     .is_mark_known = true,
						     .saddr = p.saddr,
						     .daddr = p.daddr,
						     .sport = p.sport};
	}
	return pass(l, FW_OUTPUT, &p, c, is_unsure) &&
	       pass(l, FW_POSTROUTING, &p, c, is_unsure) &&
	       pass(l, FW_EGRESS, &p, c, is_unsure);
}

struct outcome {
	unsigned n_closed, n_unsure, n_open[N_SOCKETS];
};

static void walk(const struct lone *l, struct fw_packet p, struct fw_choices *c,
		 struct outcome *out)
{
	static const enum fw_hook hooks[] = {FW_INGRESS, FW_PREROUTING, FW_INPUT};
	const struct endpoint *taker = NULL;
	bool is_unsure = false, goes_on = true;
	enum tri served;

	for (size_t i = 0; i < 3 && goes_on; i++) {
		if (hooks[i] == FW_INPUT &&
		    address_type((void *)(uintptr_t)l, &p.daddr, 0) != RTN_LOCAL)
			goes_on = false;
		goes_on = goes_on && pass(l, hooks[i], &p, c, &is_unsure);
	}
	if (goes_on)
		path_socket(l->host->space, p.proto, &p.daddr, p.dport, l->ifindex, &taker,
			    l->host->snapshot, &served);
	goes_on = goes_on && taker && answers(l, &p, c, &is_unsure);
	if (is_unsure)
		out->n_unsure++;
	else if (goes_on)
		out->n_open[taker - endpoints]++;
	else
		out->n_closed++;
}

struct asked {
	uint8_t proto;
	struct addr to;
	uint16_t port;
	uint32_t ifindex;
};

static struct outcome brute(const struct rules_host *host, const struct asked *a,
			    const struct addr *from)
{
	struct lone l = {.host = host, .from = *from, .ifindex = a->ifindex};
	struct fw_packet p = {.saddr = *from,
			      .daddr = a->to,
			      .proto = a->proto,
			      .dport = a->port,
			      .tcp_flags = a->proto == IPPROTO_TCP ? TH_SYN : 0,
			      .is_sport_unknown = true,
			      .is_mark_known = true,
			      .iif = device_name(&l, a->ifindex),
			      .iif_index = a->ifindex,
			      .iif_type = ARPHRD_ETHER};
	struct fw_choices c = {0};
	struct outcome out = {0};
	int n = 0;

	p.ct = (struct fw_conntrack){.state = CT_NEW,
				     .has_entry = true,
				     .is_mark_known = true,
				     .saddr = p.saddr,
				     .daddr = p.daddr,
				     .dport = p.dport};
	do
		walk(&l, p, &c, &out);
	while (++n < WALKS_MAX && fw_choices_next(&c));
	if (n == WALKS_MAX)
		out.n_unsure++;
	return out;
}

/* ---- what exposure says of it ---- */

enum said { SAID_CLOSED, SAID_OPEN, SAID_UNSURE };

static bool is_in(const struct exposure_span *s, const struct addr *a)
{
	return s->low.family == a->family && addr_compare(a, &s->low) >= 0 &&
	       addr_compare(a, &s->high) <= 0;
}

static bool is_way(const struct exposure_way *way, const struct endpoint *e,
		   const struct asked *a)
{
	bool has_device = false;

	for (size_t i = 0; i < way->devices.n; i++)
		has_device |= *(uint32_t *)vec_at(&way->devices, i) == a->ifindex;
	if (!has_device || a->port < way->port || a->port > way->port_high)
		return false;
	if (way->asked.family)
		return addr_equals(&way->asked, &a->to);
	return way->is_translated || e->scope != SCOPE_ADDRESS ||
	       addr_equals(&e->address, &a->to);
}

static enum said look_up(const struct exposure_listener *l, const struct asked *a,
			 const struct addr *from)
{
	enum said said = SAID_CLOSED;

	for (size_t i = 0; i < l->ways.n; i++) {
		const struct exposure_way *way = vec_at(&l->ways, i);

		if (!is_way(way, l->endpoint, a))
			continue;
		for (size_t k = 0; k < way->open.n; k++)
			if (is_in(vec_at(&way->open, k), from))
				said = SAID_OPEN;
		for (size_t k = 0; k < way->doubts.n; k++)
			if (is_in(&((struct exposure_doubt *)vec_at(&way->doubts, k))->span,
				  from))
				said = SAID_UNSURE;
	}
	return said;
}

/* ---- which sources ---- */

static struct addr *sources;
static size_t n_sources;

static void add(struct addr a)
{
	if (n_sources < SOURCES_MAX)
		sources[n_sources++] = a;
}

static void add_around(struct addr a)
{
	struct addr before = a, behind = a;

	add(a);
	if (fw_addr_previous(&before))
		add(before);
	if (fw_addr_next(&behind))
		add(behind);
}

static void add_found(const struct exposure *x)
{
	for (size_t i = 0; i < x->listeners.n; i++) {
		const struct exposure_listener *l = vec_at(&x->listeners, i);

		for (size_t k = 0; k < l->ways.n; k++) {
			const struct exposure_way *way = vec_at(&l->ways, k);

			for (size_t j = 0; j < way->open.n && j < 500; j++) {
				const struct exposure_span *s = vec_at(&way->open, j);

				add_around(s->low);
				add_around(s->high);
			}
			for (size_t j = 0; j < way->doubts.n && j < 500; j++) {
				const struct exposure_doubt *d = vec_at(&way->doubts, j);

				add_around(d->span.low);
				add_around(d->span.high);
			}
		}
	}
}

static void add_networks(uint32_t from, uint32_t to, uint32_t step)
{
	for (uint64_t at = from; at <= to; at += step) {
		uint32_t n = (uint32_t)at | (uint32_t)(at * 2654435761U) >> 28;
		uint8_t b[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
				(uint8_t)n};

		add(addr_v4(b));
	}
}

static void gather(const struct exposure *x)
{
	char line[128];
	struct addr a;

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = 0;
		if (!addr_parse(&a, line))
			add_around(a);
	}
	add_found(x);
	add_networks(0, UINT32_MAX, 1U << 21);
	add_networks(0x0a080000, 0x0a09ffff, 1U << 8);
	add_networks(0xc6330000, 0xc633ffff, 1U << 8);
	add_networks(0x0a090000, 0x0a0900ff, 1);
	add_networks(0xc6336400, 0xc63364ff, 1);
}

static bool is_excluded(const struct exposure *x, const struct addr *a)
{
	for (size_t i = 0; i < x->excluded.n; i++)
		if (is_in(vec_at(&x->excluded, i), a))
			return true;
	return false;
}

/* ---- the comparison ---- */

struct score {
	size_t tried, open, closed, unsure, n_cut;
	json_t *wrong;
};

static enum said expected(const struct outcome *o, size_t i)
{
	unsigned n_others = o->n_closed + o->n_unsure;

	for (size_t k = 0; k < N_SOCKETS; k++)
		n_others += k == i ? 0 : o->n_open[k];
	if (!o->n_open[i])
		return SAID_CLOSED;
	return n_others ? SAID_UNSURE : SAID_OPEN;
}

static void complain(struct score *s, const struct asked *a, const struct addr *from,
		     size_t i, enum said said, enum said wanted)
{
	char to[ADDR_TEXT_MAX], by[ADDR_TEXT_MAX];

	if (json_array_size(s->wrong) < WRONG_MAX)
		json_array_append_new(
			s->wrong,
			json_pack("[s, s, i, i, i, i, i, i]", addr_format(from, by),
				  addr_format(&a->to, to), (int)a->port, (int)a->proto,
				  (int)a->ifindex, (int)endpoints[i].port, (int)said,
				  (int)wanted));
}

static void compare(struct score *s, const struct rules_host *host,
		    const struct exposure *x, const struct asked *a,
		    const struct addr *from)
{
	struct outcome o = brute(host, a, from);
	bool is_any_said = false;

	s->tried++;
	for (size_t i = 0; i < N_SOCKETS; i++) {
		enum said said = look_up(vec_at(&x->listeners, i), a, from);
		enum said wanted = expected(&o, i);

		is_any_said = is_any_said || said != SAID_CLOSED;
		/* A packet whose end nobody knows may be meant for this listener. */
		if (wanted == SAID_CLOSED && said == SAID_UNSURE && o.n_unsure)
			wanted = SAID_UNSURE;
		s->open += said == SAID_OPEN;
		s->closed += said == SAID_CLOSED;
		s->unsure += said == SAID_UNSURE;
		/* Of those that were not tried nothing is claimed. */
		if (said == SAID_UNSURE && x->is_cut)
			s->n_cut++;
		else if (said != wanted)
			complain(s, a, from, i, said, wanted);
	}
}

static void try_all(struct score *s, const struct rules_host *host,
		    const struct exposure *x, const struct asked *a)
{
	/* All of them at one port; at the others each fourth. */
	size_t step = a->port == 80 ? 1 : 4;

	for (size_t i = a->port % step; i < n_sources; i += step)
		if (sources[i].family == a->to.family && !is_excluded(x, &sources[i]))
			compare(s, host, x, a, &sources[i]);
}

static void try_address(struct score *s, const struct rules_host *host,
			const struct exposure *x, const struct address_row *row)
{
	static const struct {
		uint8_t proto;
		uint16_t port;
	} ports[] = {{IPPROTO_TCP, 22},   {IPPROTO_TCP, 80},   {IPPROTO_TCP, 443},
		     {IPPROTO_TCP, 8080}, {IPPROTO_TCP, 8000}, {IPPROTO_UDP, 53},
		     {IPPROTO_TCP, 9999}};
	static const char *const devices[] = {"srv0", "oth0"};

	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++)
		for (size_t k = 0; k < 2; k++) {
			struct asked a = {ports[i].proto, row->local, ports[i].port,
					  if_nametoindex(devices[k])};

			if (!addr_is_loopback(&a.to) && !addr_is_link_local(&a.to))
				try_all(s, host, x, &a);
		}
}

int main(void)
{
	static const struct exposure_wish all;
	struct score s = {.wrong = json_array()};
	struct rules_host host;
	struct exposure x;
	struct path_world w;
	struct timespec now;
	json_t *o;

	sources = calloc(SOURCES_MAX, sizeof(*sources));
	if (!sources || host_read(&host))
		return 1;
	make_listeners(&host);
	w = host_world(&host);
	clock_gettime(CLOCK_REALTIME, &now);
	w.wall_ns = now.tv_sec * 1000000000LL + now.tv_nsec;
	if (exposure_find(&w, &all, &x) || x.listeners.n != N_SOCKETS)
		return 1;
	gather(&x);
	for (size_t i = 0; i < host.space->addresses->n; i++)
		try_address(&s, &host, &x, &host.space->addresses->rows[i]);
	o = json_pack("{s:I, s:I, s:I, s:I, s:o, s:b}", "tried", (json_int_t)s.tried,
		      "open", (json_int_t)s.open, "closed", (json_int_t)s.closed, "unsure",
		      (json_int_t)s.unsure, "wrong", s.wrong, "cut", x.is_cut);
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
	exposure_release(&x);
	host.space->tcp = host.space->udp = NULL;
	host.snapshot->endpoints = NULL;
	host.snapshot->n_endpoints = 0;
	host_release(&host);
	free(sources);
	return 0;
}
