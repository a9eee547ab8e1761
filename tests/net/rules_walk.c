/*
 * rules_walk DEVICE: what the evaluator says of packets that come in by DEVICE, one packet
 * a line on standard input (PROTO SADDR SPORT DADDR DPORT FLAGS-OR-TYPE STATE), one JSON
 * line each on standard output. The ruleset and the addresses are read once, of the network
 * namespace that it runs in. For test_rules.py, which sends the same packets.
 */
#include <ifaddrs.h>
#include <jansson.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <time.h>

#include "core/firewall/eval/eval.h"
#include "tests/net/packet_words.h"
#include "tests/net/rules_reader.h"

enum { WALKS_MAX = 64, STATE_NEW = 8, STATE_ESTABLISHED = 2, STATE_INVALID = 1 };
enum { IPS_SEEN_REPLY = 2, IPS_CONFIRMED = 8 };

struct world {
	struct ruleset *rules;
	struct ifaddrs *addresses;
	const char *device;
	uint16_t device_type;
};

static struct addr addr_of(const struct sockaddr *s)
{
	if (s && s->sa_family == AF_INET)
		return addr_v4(&((const struct sockaddr_in *)(const void *)s)->sin_addr);
	if (s && s->sa_family == AF_INET6)
		return addr_v6(&((const struct sockaddr_in6 *)(const void *)s)->sin6_addr);
	return (struct addr){0};
}

static unsigned prefix_of(const struct sockaddr *mask)
{
	struct addr a = addr_of(mask);
	unsigned n = 0;

	for (size_t i = 0; i < sizeof(a.bytes); i++)
		n += (unsigned)__builtin_popcount(a.bytes[i]);
	return n;
}

static bool is_broadcast(const struct ifaddrs *i, const struct addr *a)
{
	struct addr b = addr_of(i->ifa_flags & IFF_BROADCAST ? i->ifa_broadaddr : NULL);

	return b.family == AF_INET && addr_equals(&b, a);
}

static uint8_t address_type(void *arg, const struct addr *a, uint32_t on)
{
	const struct world *w = arg;

	if (addr_is_multicast(a))
		return RTN_MULTICAST;
	for (const struct ifaddrs *i = w->addresses; i; i = i->ifa_next) {
		struct addr own = addr_of(i->ifa_addr);
		bool is_here = !on || if_nametoindex(i->ifa_name) == on;

		if (is_here && (addr_equals(&own, a) ||
				(addr_is_loopback(&own) && addr_is_loopback(a))))
			return RTN_LOCAL;
		if (is_here && is_broadcast(i, a))
			return RTN_BROADCAST;
	}
	return RTN_UNICAST;
}

/* The test's host has routes to its links only. */
static uint32_t route_device(void *arg, const struct addr *a, uint32_t mark)
{
	const struct world *w = arg;

	(void)mark;
	if (address_type(arg, a, 0) != RTN_UNICAST)
		return 0;
	for (const struct ifaddrs *i = w->addresses; i; i = i->ifa_next) {
		struct addr own = addr_of(i->ifa_addr);

		if (own.family && addr_in_prefix(a, &own, prefix_of(i->ifa_netmask)))
			return if_nametoindex(i->ifa_name);
	}
	return 0;
}

static struct text device_name(void *arg, uint32_t ifindex)
{
	const struct world *w = arg;

	for (const struct ifaddrs *i = w->addresses; i; i = i->ifa_next) {
		if (if_nametoindex(i->ifa_name) == ifindex)
			return text_of(i->ifa_name);
	}
	return TEXT_NONE;
}

static const struct fw_member *set_member(void *arg, uint32_t set, const uint8_t *key,
					  bool *is_awaited)
{
	(void)is_awaited;
	return asker_set(((const struct world *)arg)->rules, set, key);
}

static const struct fw_member *ipset_member(void *arg, uint32_t ipset,
					    const struct ipset_key *key, bool *is_awaited)
{
	(void)is_awaited;
	return asker_ipset(((const struct world *)arg)->rules, ipset, key);
}

static struct addr own_address(const struct world *w, int family)
{
	for (const struct ifaddrs *i = w->addresses; i; i = i->ifa_next) {
		struct addr own = addr_of(i->ifa_addr);

		if (own.family == family && !strcmp(i->ifa_name, w->device) &&
		    !addr_is_link_local(&own))
			return own;
	}
	return (struct addr){0};
}

static void set_conntrack(struct fw_packet *p, const char *state)
{
	p->ct = (struct fw_conntrack){.state = STATE_NEW,
				      .has_entry = true,
				      .is_mark_known = true,
				      .saddr = p->saddr,
				      .daddr = p->daddr,
				      .sport = p->sport,
				      .dport = p->dport};
	if (!strcmp(state, "established")) {
		p->ct.state = STATE_ESTABLISHED;
		p->ct.status = IPS_SEEN_REPLY | IPS_CONFIRMED;
	} else if (!strcmp(state, "invalid")) {
		p->ct.state = STATE_INVALID;
		p->ct.has_entry = false;
	}
}

static bool read_packet(const struct world *w, const char *line, struct fw_packet *p)
{
	char proto[8], from[64], to[64], what[16], state[16];
	unsigned sport, dport;

	*p = (struct fw_packet){.ttl = 64, .is_ttl_known = true, .is_mark_known = true};
	if (sscanf(line, "%7s %63s %u %63s %u %15s %15s", proto, from, &sport, to, &dport,
		   what, state) != 7 ||
	    addr_parse(&p->saddr, from) || addr_parse(&p->daddr, to))
		return false;
	p->sport = (uint16_t)sport;
	p->dport = (uint16_t)dport;
	p->iif = text_of(w->device);
	p->iif_index = if_nametoindex(w->device);
	p->iif_type = w->device_type;
	if (!strcmp(proto, "tcp")) {
		p->proto = IPPROTO_TCP;
		p->tcp_flags = flags_of(what);
	} else if (!strcmp(proto, "udp")) {
		p->proto = IPPROTO_UDP;
	} else {
		p->proto = p->saddr.family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
		p->icmp_type = (uint8_t)atoi(what);
	}
	set_conntrack(p, state);
	return true;
}

static json_t *name_of(const struct ruleset *r, uint32_t chain, uint32_t rule)
{
	const struct fw_chain *c = &r->chains[chain];
	const struct fw_table *t = &r->tables[c->table];

	if (t->backend == FW_LEGACY) /* those have no handles */
		return json_pack("[s, s%, s%, I]",
				 t->family == NFPROTO_IPV6 ? "legacy ip6" : "legacy ip",
				 t->name.bytes, t->name.len, c->name.bytes, c->name.len,
				 rule == FW_NONE ? (json_int_t)0
						 : (json_int_t)r->rules[rule].index);
	return json_pack("[s, s%, s%, I]", fw_family_word(t->family), t->name.bytes,
			 t->name.len, c->name.bytes, c->name.len,
			 rule == FW_NONE ? (json_int_t)0
					 : (json_int_t)r->rules[rule].handle);
}

static void note_steps(const struct world *w, const struct fw_result *out, json_t *matched)
{
	for (size_t i = 0; i < out->steps.n; i++) {
		const struct fw_step *s = vec_at(&out->steps, i);

		if (s->rule != FW_NONE)
			json_array_append_new(matched,
					      name_of(w->rules, s->chain, s->rule));
	}
}

static json_t *outcome_of(const struct world *w, const struct fw_packet *p,
			  const struct fw_result *out)
{
	static const char *const words[] = {"accept", "drop", "reject", "queue", "stolen"};
	char to[ADDR_TEXT_MAX];
	json_t *o = json_pack("{s:s, s:s, s:i}", "verdict", words[out->verdict], "to",
			      addr_format(&p->daddr, to), "port", (int)p->dport);

	if (out->verdict == FW_REJECT)
		json_object_set_new(o, "reject",
				    json_pack("[b, i, i]", out->reject.is_reset,
					      (int)out->reject.type,
					      (int)out->reject.code));
	if (out->verdict != FW_ACCEPT)
		json_object_set_new(o, "by", name_of(w->rules, out->chain, out->rule));
	return o;
}

/* ingress, prerouting, the route, input. */
static json_t *walk(const struct world *w, struct fw_packet p, struct fw_choices *choices,
		    const struct fw_lookups *lookups, json_t *matched)
{
	static const enum fw_hook hooks[] = {FW_INGRESS, FW_PREROUTING, FW_INPUT};
	struct fw_result out;
	json_t *outcome = NULL;
	bool is_nat_unsure = false;

	for (size_t i = 0; i < sizeof(hooks) / sizeof(*hooks); i++) {
		if (hooks[i] == FW_INPUT &&
		    address_type(lookups->arg, &p.daddr, 0) != RTN_LOCAL)
			break;
		if (firewall_run(w->rules, hooks[i], &p, lookups, choices, &out))
			exit(1);
		if (out.is_redirect && !out.to.family)
			p.daddr = own_address(w, p.daddr.family);
		note_steps(w, &out, matched);
		json_decref(outcome);
		outcome = outcome_of(w, &p, &out);
		is_nat_unsure |= out.is_nat_unsure;
		if (is_nat_unsure)
			json_object_set_new(outcome, "nat_unsure", json_true());
		fw_result_release(&out);
		if (out.verdict != FW_ACCEPT || choices->is_overfull)
			break;
	}
	return outcome;
}

static void note_reasons(const struct fw_choices *choices, json_t *why)
{
	for (size_t i = 0; i < choices->n; i++)
		json_object_set_new(why, choices->made[i].why, json_true());
	if (choices->is_overfull)
		json_object_set_new(why, "too many choices", json_true());
}

static void answer(const struct world *w, const struct fw_packet *p)
{
	struct timespec now;
	struct fw_lookups lookups = {.address_type = address_type,
				     .route_device = route_device,
				     .device_name = device_name,
				     .set_member = set_member,
				     .ipset_member = ipset_member,
				     .arg = (void *)(uintptr_t)w};
	struct fw_choices choices = {0};
	json_t *outcomes = json_array(), *why = json_object(), *matched = json_array();
	json_t *all;

	clock_gettime(CLOCK_REALTIME, &now);
	lookups.wall_ns = now.tv_sec * 1000000000LL + now.tv_nsec;
	for (int i = 0; i < WALKS_MAX; i++) {
		json_t *steps = i ? json_array() : json_incref(matched);
		json_array_append_new(outcomes, walk(w, *p, &choices, &lookups, steps));

		json_decref(steps);
		note_reasons(&choices, why);
		if (!fw_choices_next(&choices))
			break;
	}
	all = json_pack("{s:o, s:o, s:o}", "outcomes", outcomes, "why", why, "matched",
			matched);
	json_dumpf(all, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(all);
}

int main(int argc, char **argv)
{
	struct world w = {.device = argc > 1 ? argv[1] : "", .device_type = ARPHRD_ETHER};
	char line[256];
	int error;

	w.rules = rules_read(NULL, &error);
	if (!w.rules || getifaddrs(&w.addresses)) {
		fprintf(stderr, "rules_walk: the ruleset cannot be read: %s\n",
			strerror(-error));
		return 1;
	}
	if (!strcmp(w.device, "lo"))
		w.device_type = ARPHRD_LOOPBACK;
	while (fgets(line, sizeof(line), stdin)) {
		struct fw_packet p;

		if (!read_packet(&w, line, &p)) {
			fprintf(stderr, "rules_walk: not a packet: %s", line);
			return 2;
		}
		answer(&w, &p);
	}
	freeifaddrs(w.addresses);
	table_unref(&w.rules->head);
	return 0;
}
