/* The xtables match conntrack, as which iptables stores `-m state` too.
 * net/netfilter/xt_conntrack.c. */
#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/xt_conntrack.h>

#include "core/firewall/eval/eval_xt.h"

/* nft's bits; xtables has the same but for untracked. */
enum { NFT_UNTRACKED = 64, NFT_BITS = 0x0f };

static enum tri state_holds(struct eval *e, const struct xt_conntrack_mtinfo3 *m)
{
	const struct fw_conntrack *ct = &e->packet->ct;
	uint32_t nft = eval_ct_state(e), bits = nft & NFT_BITS;

	e->xt_field = FW_FIELD_STATE;
	e->xt_doubt = FW_DOUBT_CT_STATE;
	if (!nft)
		return TRI_UNSURE;
	if (nft & NFT_UNTRACKED)
		bits |= XT_CONNTRACK_STATE_UNTRACKED;
	if (eval_has_ct(e) && (ct->status & IPS_SRC_NAT))
		bits |= XT_CONNTRACK_STATE_SNAT;
	if (eval_has_ct(e) && (ct->status & IPS_DST_NAT))
		bits |= XT_CONNTRACK_STATE_DNAT;
	return (m->state_mask & bits) ? TRI_YES : TRI_NO;
}

static enum tri masked(const struct eval *e, const struct octet *octets, size_t n,
		       const union nf_inet_addr *want, const union nf_inet_addr *mask)
{
	static const uint8_t zeros[16];
	struct octet o[16];
	uint8_t bytes[16], bits[16];

	memcpy(o, octets, n * sizeof(*o));
	memcpy(bytes, want, sizeof(bytes));
	memcpy(bits, mask, sizeof(bits));
	octets_mask(o, bits, zeros, n);
	eval_see(e, o, n, bytes, bytes);
	return octets_equal(o, bytes, n);
}

static enum tri port_holds(const struct eval *e, const struct octet port[2], uint16_t low,
			   uint16_t high)
{
	uint8_t from[2] = {(uint8_t)(low >> 8), (uint8_t)low};
	uint8_t to[2] = {(uint8_t)(high >> 8), (uint8_t)high};

	eval_see(e, port, 2, from, to);
	return tri_and(tri_not(octets_below(port, from, 2)), octets_not_above(port, to, 2));
}

/* The conditions on ends: a flag of the match, which end of which direction. */
static enum tri address_holds(const struct eval *e, const struct xt_conntrack_mtinfo3 *m,
			      uint16_t flag)
{
	size_t n = e->packet->saddr.family == AF_INET6 ? 16 : 4;
	struct octet o[16];

	eval_ct_address(e, flag == XT_CONNTRACK_REPLSRC || flag == XT_CONNTRACK_REPLDST,
			flag == XT_CONNTRACK_ORIGSRC || flag == XT_CONNTRACK_REPLSRC, o);
	switch (flag) {
	case XT_CONNTRACK_ORIGSRC:
		return masked(e, o, n, &m->origsrc_addr, &m->origsrc_mask);
	case XT_CONNTRACK_ORIGDST:
		return masked(e, o, n, &m->origdst_addr, &m->origdst_mask);
	case XT_CONNTRACK_REPLSRC:
		return masked(e, o, n, &m->replsrc_addr, &m->replsrc_mask);
	default:
		return masked(e, o, n, &m->repldst_addr, &m->repldst_mask);
	}
}

static enum tri end_holds(const struct eval *e, const struct xt_conntrack_mtinfo3 *m,
			  uint16_t flag)
{
	struct octet o[2];

	eval_ct_port(
		e, flag == XT_CONNTRACK_REPLSRC_PORT || flag == XT_CONNTRACK_REPLDST_PORT,
		flag == XT_CONNTRACK_ORIGSRC_PORT || flag == XT_CONNTRACK_REPLSRC_PORT, o);
	switch (flag) {
	case XT_CONNTRACK_ORIGSRC_PORT:
		return port_holds(e, o, m->origsrc_port, m->origsrc_port_high);
	case XT_CONNTRACK_ORIGDST_PORT:
		return port_holds(e, o, m->origdst_port, m->origdst_port_high);
	case XT_CONNTRACK_REPLSRC_PORT:
		return port_holds(e, o, m->replsrc_port, m->replsrc_port_high);
	default:
		return port_holds(e, o, m->repldst_port, m->repldst_port_high);
	}
}

static enum tri bool_holds(bool holds)
{
	return holds ? TRI_YES : TRI_NO;
}

static enum tri condition_holds(struct eval *e, const struct xt_conntrack_mtinfo3 *m,
				uint16_t flag)
{
	const struct fw_conntrack *ct = &e->packet->ct;

	switch (flag) {
	case XT_CONNTRACK_DIRECTION:
		return bool_holds(!ct->is_reply);
	case XT_CONNTRACK_PROTO:
		return bool_holds(e->packet->proto == m->l4proto);
	case XT_CONNTRACK_STATUS:
		return bool_holds(ct->status & m->status_mask);
	case XT_CONNTRACK_EXPIRES:
		e->xt_doubt = FW_DOUBT_CT;
		return TRI_UNSURE;
	case XT_CONNTRACK_ORIGSRC:
	case XT_CONNTRACK_ORIGDST:
	case XT_CONNTRACK_REPLSRC:
	case XT_CONNTRACK_REPLDST:
		e->xt_doubt = FW_DOUBT_CT_TUPLE;
		return address_holds(e, m, flag);
	default:
		e->xt_doubt = FW_DOUBT_CT_TUPLE;
		return end_holds(e, m, flag);
	}
}

/* Without an entry only the state is looked at, and nothing else can match. */
enum xt_answer xt_conntrack(struct eval *e, struct text info)
{
	static const uint16_t flags[] = {
		XT_CONNTRACK_DIRECTION,    XT_CONNTRACK_ORIGSRC,
		XT_CONNTRACK_ORIGDST,      XT_CONNTRACK_REPLSRC,
		XT_CONNTRACK_REPLDST,      XT_CONNTRACK_PROTO,
		XT_CONNTRACK_ORIGSRC_PORT, XT_CONNTRACK_ORIGDST_PORT,
		XT_CONNTRACK_REPLSRC_PORT, XT_CONNTRACK_REPLDST_PORT,
		XT_CONNTRACK_STATUS,       XT_CONNTRACK_EXPIRES,
	};
	struct xt_conntrack_mtinfo3 m;
	enum tri holds = TRI_YES;

	if (!xt_read(info, &m, sizeof(m)))
		return XT_OPAQUE;
	if (m.match_flags & XT_CONNTRACK_STATE) {
		holds = state_holds(e, &m);
		if (m.invert_flags & XT_CONNTRACK_STATE)
			holds = tri_not(holds);
	}
	if (!eval_has_ct(e) && !(m.match_flags & XT_CONNTRACK_STATE))
		return XT_NO;
	for (size_t i = 0; eval_has_ct(e) && i < sizeof(flags) / sizeof(*flags); i++) {
		enum tri one;

		if (!(m.match_flags & flags[i]))
			continue;
		one = condition_holds(e, &m, flags[i]);
		if (m.invert_flags & flags[i])
			one = tri_not(one);
		holds = tri_and(holds, one);
	}
	return holds == TRI_YES ? XT_YES : holds == TRI_NO ? XT_NO : XT_UNSURE;
}
