/*
 * Single packets hook by hook, without core/path: who gets one, by the evaluator alone. The
 * listeners are those of test_rules.py's host. Knows nothing of exposure.
 */
#ifndef TESTS_NET_EXPOSURE_BRUTE_H
#define TESTS_NET_EXPOSURE_BRUTE_H

#include <net/if_arp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <time.h>

#include "core/path/path.h"
#include "tests/net/rules_host.h"

enum { BRUTE_WALKS_MAX = 64, CT_NEW = 8 };
enum { CT_ESTABLISHED = 2, CT_OF_REPLY = 0x2 | 0x8 | 0x180 };

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

static inline void make_listeners(struct rules_host *host)
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

static int64_t brute_wall_ns;                /* one moment for all packets */
static bool brute_has_chains[2][N_FW_HOOKS]; /* IPv4, IPv6 */

static inline void brute_start(const struct rules_host *host)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	brute_wall_ns = now.tv_sec * 1000000000LL + now.tv_nsec;
	for (int hook = 0; hook < N_FW_HOOKS; hook++) {
		brute_has_chains[0][hook] =
			firewall_has_chains(host->rules, (enum fw_hook)hook, AF_INET);
		brute_has_chains[1][hook] =
			firewall_has_chains(host->rules, (enum fw_hook)hook, AF_INET6);
	}
}

static inline uint8_t address_type(void *arg, const struct addr *a, uint32_t on)
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

static inline uint32_t route_device(void *arg, const struct addr *a, uint32_t mark)
{
	const struct lone *l = arg;

	(void)mark;
	return addr_equals(a, &l->from)               ? l->ifindex
	       : address_type(arg, a, 0) == RTN_LOCAL ? 0
						      : UINT32_MAX;
}

static inline struct text device_name(void *arg, uint32_t ifindex)
{
	const struct lone *l = arg;
	const struct link_row *link = links_find(l->host->space->links, ifindex);

	return link ? link->name : TEXT_NONE;
}

static inline struct addr redirected(const struct lone *l, int family)
{
	const struct address_table *t = l->host->space->addresses;

	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].ifindex == l->ifindex && t->rows[i].local.family == family &&
		    !t->rows[i].scope)
			return t->rows[i].local;
	return (struct addr){0};
}

/* The kernel itself says whether it is in. */
static inline const struct fw_member *
ipset_member(void *arg, uint32_t row, const struct ipset_key *key, bool *is_awaited)
{
	(void)is_awaited;
	return asker_ipset(((const struct lone *)arg)->host->rules, row, key);
}

/* Of the listeners that are made by hand: none is transparent. */
static inline struct fw_socket socket_at(void *arg, const struct fw_packet *p,
					 const struct addr *to, uint16_t port)
{
	const struct lone *l = arg;
	struct fw_socket out = {.is_there = TRI_UNSURE};
	const struct endpoint *taker;
	const struct socket_row *row;

	row = path_socket(l->host->space, p->proto, to->family ? to : &p->daddr, port,
			  l->ifindex, &taker, l->host->snapshot, &out.is_there);
	out.is_wildcard = row && addr_is_any(&row->local) ? TRI_YES : TRI_NO;
	return out;
}

/* One hook: false, it ends here. */
static inline bool pass(const struct lone *l, enum fw_hook hook, struct fw_packet *p,
			struct fw_choices *c, bool *is_unsure)
{
	struct fw_lookups lookups = {.address_type = address_type,
				     .route_device = route_device,
				     .device_name = device_name,
				     .ipset_member = ipset_member,
				     .socket = socket_at,
				     .arg = (void *)(uintptr_t)l,
				     .wall_ns = brute_wall_ns};
	struct fw_result out;
	bool goes_on;

	if (!brute_has_chains[l->from.family == AF_INET6][hook])
		return true;
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

static inline bool answers(const struct lone *l, const struct fw_packet *in,
			   struct fw_choices *c, bool *is_unsure)
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

static inline void walk(const struct lone *l, struct fw_packet p, struct fw_choices *c,
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

static inline struct outcome brute(const struct rules_host *host, const struct asked *a,
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
	while (++n < BRUTE_WALKS_MAX && fw_choices_next(&c));
	if (n == BRUTE_WALKS_MAX)
		out.n_unsure++;
	return out;
}

#endif
