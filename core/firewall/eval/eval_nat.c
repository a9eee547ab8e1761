/* Translations that a rule sets: which address and port the packet gets, where it can be
 * known. net/netfilter/nft_nat.c, nf_nat_core.c, nf_nat_redirect.c. */
#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>

#include "core/firewall/eval/exprs.h"

static const uint8_t loopback_v4[4] = {127, 0, 0, 1};
static const uint8_t loopback_v6[16] = {[15] = 1};

static void see_port(const struct eval *e, const struct nat_target *t)
{
	const uint8_t low[2] = {(uint8_t)(t->port >> 8), (uint8_t)t->port};
	const uint8_t high[2] = {(uint8_t)(t->port_max >> 8), (uint8_t)t->port_max};
	struct octet port[2];

	eval_port_octets(e->packet, t->is_snat, port);
	eval_see(e, port, sizeof(port) / sizeof(*port), low, high);
}

/* The port that a mapping gives; a port that is already in its range stays. */
static uint16_t choose_port(const struct eval *e, struct nat_target *t)
{
	const struct fw_packet *p = e->packet;
	bool is_old_unknown = t->is_snat ? p->is_sport_unknown : p->is_dport_unknown;
	uint16_t old = t->is_snat ? p->sport : p->dport;

	if (!t->has_ports || !eval_has_ports(p))
		return 0;
	if (t->port == t->port_max)
		return t->port;
	see_port(e, t);
	if (is_old_unknown || old < t->port || old > t->port_max)
		t->is_unsure = true;
	return 0;
}

static void change_destination(struct eval *e, const struct nat_target *t, uint16_t port)
{
	struct fw_packet *p = e->packet;
	bool is_changed = t->is_unsure || t->is_redirect;

	if (t->address.family) {
		is_changed |= !addr_equals(&p->daddr, &t->address);
		p->daddr = t->address;
		p->is_destination_unknown = false;
	} else if (t->is_redirect || t->is_unsure) {
		p->n_readdressed++;
		p->is_destination_unknown = true;
		memset(p->daddr_known, 0, sizeof(p->daddr_known));
	}
	if (port) {
		is_changed |= p->dport != port;
		p->dport = port;
		p->is_dport_unknown = false;
	} else if (t->is_unsure && t->has_ports) {
		p->n_readdressed++;
		p->is_dport_unknown = true;
	}
	if (is_changed)
		p->ct.status |= IPS_DST_NAT;
	e->headers.is_stale = true;
}

/* Chains behind the translation see the new source. */
static void change_source(struct eval *e, const struct nat_target *t, uint16_t port)
{
	struct fw_packet *p = e->packet;
	bool is_changed = t->is_unsure;

	if (t->address.family) {
		is_changed |= !addr_equals(&p->saddr, &t->address);
		p->saddr = t->address;
		p->is_source_unknown = false;
	} else if (t->is_masquerade || t->is_unsure) {
		p->n_readdressed++;
		is_changed = true;
		p->is_source_unknown = true;
	}
	if (is_changed)
		memset(p->saddr_known, 0, sizeof(p->saddr_known));
	if (port) {
		is_changed |= p->sport != port;
		p->sport = port;
		p->is_sport_unknown = false;
	} else if (t->is_unsure && t->has_ports) {
		p->n_readdressed++;
		p->is_sport_unknown = true;
	}
	if (is_changed)
		p->ct.status |= IPS_SRC_NAT;
	e->headers.is_stale = true;
}

static struct addr own_address(const struct eval *e, bool is_masquerade)
{
	const struct fw_lookups *l = e->lookups;

	if (e->hook == FW_OUTPUT && !is_masquerade)
		return e->packet->saddr.family == AF_INET6 ? addr_v6(loopback_v6)
							   : addr_v4(loopback_v4);
	if (l->own_address)
		return l->own_address(l->arg, e->packet, is_masquerade);
	return (struct addr){0};
}

enum eval_next eval_nat_set(struct eval *e, struct nat_target *t)
{
	struct fw_result *out = e->out;
	uint16_t port;

	if (e->is_near)
		return eval_done(e, NF_ACCEPT);
	port = choose_port(e, t);
	if (t->flags & (NF_NAT_RANGE_PROTO_RANDOM | NF_NAT_RANGE_PROTO_RANDOM_FULLY))
		t->is_unsure |= t->has_ports && t->port != t->port_max;
	if (t->is_redirect || t->is_masquerade)
		t->address = own_address(e, t->is_masquerade);
	if (t->is_unsure)
		t->address = (struct addr){0};
	out->is_translated = true;
	out->is_snat = t->is_snat;
	out->is_redirect = t->is_redirect;
	out->is_masquerade = t->is_masquerade;
	out->is_nat_unsure = t->is_unsure;
	out->nat_chain = e->ruleset->rules[e->rule].chain;
	out->nat_rule = e->rule;
	out->to = t->address;
	out->to_port = port;
	e->is_nat_done = true;
	if (t->is_snat)
		change_source(e, t, port);
	else
		change_destination(e, t, port);
	return eval_done(e, NF_ACCEPT);
}

bool eval_read_address(struct eval *e, uint8_t word, struct addr *out)
{
	size_t n = e->packet->saddr.family == AF_INET6 ? 16 : 4;
	const struct octet *o = regs_at(&e->regs, word, n);
	uint8_t bytes[16];

	if (!o || octets_doubt(o, n) != FW_DOUBT_NOTHING)
		return false;
	eval_pin(e, o, n);
	octets_values(o, n, bytes);
	*out = addr_from(e->packet->saddr.family, bytes);
	return true;
}

bool eval_read_port(struct eval *e, uint8_t word, uint16_t *out)
{
	const struct octet *o = regs_at(&e->regs, word, sizeof(*out));

	if (!o || octets_doubt(o, sizeof(*out)) != FW_DOUBT_NOTHING)
		return false;
	eval_pin(e, o, sizeof(*out));
	*out = (uint16_t)(o[0].value << 8 | o[1].value);
	return true;
}

bool eval_nat_map(struct eval *e, const struct addr *max, struct nat_target *t)
{
	const struct addr *old = t->is_snat ? &e->packet->saddr : &e->packet->daddr;
	struct octet octets[16];

	if (!eval_is_address_known(e->packet, t->is_snat))
		return false;
	eval_address_octets(e->packet, t->is_snat, octets);
	eval_pin(e, octets, e->packet->saddr.family == AF_INET6 ? 16 : 4);
	for (size_t i = 0; i < sizeof(old->bytes); i++) {
		uint8_t mask = (uint8_t) ~(t->address.bytes[i] ^ max->bytes[i]);

		t->address.bytes[i] =
			(uint8_t)((old->bytes[i] & ~mask) | (t->address.bytes[i] & mask));
	}
	return true;
}

static void take_addresses(struct eval *e, const struct fw_expr *x, struct nat_target *t)
{
	struct addr max;

	if (x->sreg == FW_NO_REG)
		return;
	if (!eval_read_address(e, x->sreg, &t->address) ||
	    !eval_read_address(e, x->sreg2 == FW_NO_REG ? x->sreg : x->sreg2, &max)) {
		t->is_unsure = true;
		return;
	}
	if (x->flags & NF_NAT_RANGE_NETMAP)
		t->is_unsure |= !eval_nat_map(e, &max, t);
	else if (!addr_equals(&t->address, &max))
		t->is_unsure = true;
}

static void take_ports(struct eval *e, const struct fw_expr *x, struct nat_target *t)
{
	if (x->sreg3 == FW_NO_REG)
		return;
	t->has_ports = true;
	if (!eval_read_port(e, x->sreg3, &t->port) ||
	    !eval_read_port(e, x->sreg4 == FW_NO_REG ? x->sreg3 : x->sreg4, &t->port_max)) {
		t->is_unsure = true;
		t->port = t->port_max = 0;
	}
}

enum eval_next eval_nat(struct eval *e, const struct fw_expr *x)
{
	struct nat_target t = {.is_snat = x->key == NFT_NAT_SNAT, .flags = x->flags};
	uint8_t family = e->packet->saddr.family == AF_INET6 ? NFPROTO_IPV6 : NFPROTO_IPV4;

	if (!e->is_in_nat_slot && !e->is_near)
		return eval_opaque(e, x);
	if (x->family != family && x->family != NFPROTO_INET)
		return EVAL_NEXT;
	take_addresses(e, x, &t);
	take_ports(e, x, &t);
	return eval_nat_set(e, &t);
}

enum eval_next eval_redir(struct eval *e, const struct fw_expr *x)
{
	struct nat_target t = {.is_redirect = true, .flags = x->flags};

	if (!e->is_in_nat_slot && !e->is_near)
		return eval_opaque(e, x);
	take_ports(e, x, &t);
	return eval_nat_set(e, &t);
}

enum eval_next eval_masq(struct eval *e, const struct fw_expr *x)
{
	struct nat_target t = {.is_snat = true, .is_masquerade = true, .flags = x->flags};

	if (!e->is_in_nat_slot && !e->is_near)
		return eval_opaque(e, x);
	take_ports(e, x, &t);
	return eval_nat_set(e, &t);
}
