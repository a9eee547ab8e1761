/* Matches of xtables that compare one number, or ask for the route back: connmark, ttl, hl,
 * length, rpfilter. linux/netfilter/xt_*.h, net/netfilter/xt_*.c, ipt_rpfilter.c. */
#include <net/if_arp.h>
#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_length.h>
#include <linux/netfilter/xt_rpfilter.h>
#include <linux/netfilter_ipv4/ipt_ttl.h>
#include <linux/netfilter_ipv6/ip6t_hl.h>
#include <linux/rtnetlink.h>

#include "core/firewall/eval/eval_xt.h"

/* A first packet is no shorter than its headers and below 2048 bytes. */
enum { LENGTH_MIN_V4 = 28, LENGTH_MIN_V6 = 48, LENGTH_MAX = 2047 };
#define NOT_KNOWN UINT32_MAX

static enum xt_answer answer_of(bool holds)
{
	return holds ? XT_YES : XT_NO;
}

enum xt_answer xt_connmark(struct eval *e, struct text info)
{
	const struct fw_conntrack *ct = &e->packet->ct;
	struct xt_connmark_mtinfo1 m;

	if (!xt_read(info, &m, sizeof(m)))
		return XT_OPAQUE;
	e->xt_field = FW_FIELD_MARK;
	e->xt_doubt = FW_DOUBT_CT_MARK;
	if (!eval_has_ct(e))
		return XT_NO;
	if (!ct->is_mark_known && m.mask)
		return XT_UNSURE;
	return answer_of(((ct->mark & m.mask) == m.mark) != (bool)m.invert);
}

/* The modes of ttl and hl are the same numbers. */
static enum xt_answer compare_ttl(struct eval *e, uint8_t mode, uint8_t value)
{
	uint8_t ttl = e->packet->ttl;

	e->xt_doubt = FW_DOUBT_TTL;
	if (!e->packet->is_ttl_known)
		return XT_UNSURE;
	switch (mode) {
	case IPT_TTL_EQ:
		return answer_of(ttl == value);
	case IPT_TTL_NE:
		return answer_of(ttl != value);
	case IPT_TTL_LT:
		return answer_of(ttl < value);
	case IPT_TTL_GT:
		return answer_of(ttl > value);
	default:
		return XT_OPAQUE;
	}
}

enum xt_answer xt_ttl(struct eval *e, struct text info)
{
	struct ipt_ttl_info m;

	return xt_read(info, &m, sizeof(m)) ? compare_ttl(e, m.mode, m.ttl) : XT_OPAQUE;
}

enum xt_answer xt_hl(struct eval *e, struct text info)
{
	struct ip6t_hl_info m;

	return xt_read(info, &m, sizeof(m)) ? compare_ttl(e, m.mode, m.hop_limit)
					    : XT_OPAQUE;
}

enum xt_answer xt_length(struct eval *e, struct text info)
{
	uint16_t least =
		e->packet->saddr.family == AF_INET6 ? LENGTH_MIN_V6 : LENGTH_MIN_V4;
	struct xt_length_info m;

	if (!xt_read(info, &m, sizeof(m)))
		return XT_OPAQUE;
	e->xt_doubt = FW_DOUBT_LENGTH;
	if (m.max < least || m.min > LENGTH_MAX)
		return answer_of(m.invert);
	if (m.min <= least && m.max >= LENGTH_MAX)
		return answer_of(!m.invert);
	return XT_UNSURE;
}

/* Does the route to the source leave by the device that it came in by? */
static enum tri has_way_back(const struct eval *e, uint8_t flags)
{
	const struct fw_packet *p = e->packet;
	bool by_mark = flags & XT_RPFILTER_VALID_MARK;
	uint32_t found;

	if (p->iif_type == ARPHRD_LOOPBACK)
		return TRI_YES;
	if (!e->lookups->route_device || !eval_is_address_known(p, true) ||
	    p->is_iif_unknown || !p->iif_index || (by_mark && !p->is_mark_known))
		return TRI_UNSURE;
	found = e->lookups->route_device(e->lookups->arg, &p->saddr, by_mark ? p->mark : 0);
	if (found == NOT_KNOWN)
		return TRI_UNSURE;
	if (!found)
		return TRI_NO;
	return (flags & XT_RPFILTER_LOOSE) || found == p->iif_index ? TRI_YES : TRI_NO;
}

enum xt_answer xt_rpfilter(struct eval *e, struct text info)
{
	struct xt_rpfilter_info m;
	enum tri holds;

	if (!xt_read(info, &m, sizeof(m)))
		return XT_OPAQUE;
	/* What an accepted local route or multicast does is not told by a route's device.
	 */
	if (m.flags & XT_RPFILTER_ACCEPT_LOCAL)
		return XT_OPAQUE;
	e->xt_field = FW_FIELD_SOURCE;
	e->xt_doubt =
		eval_is_address_known(e->packet, true) ? FW_DOUBT_ROUTE : FW_DOUBT_SOURCE;
	holds = has_way_back(e, m.flags);
	if (holds == TRI_UNSURE)
		return XT_UNSURE;
	return answer_of((holds == TRI_YES) != (bool)(m.flags & XT_RPFILTER_INVERT));
}
