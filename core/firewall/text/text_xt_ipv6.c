/* Matches of xtables that only IPv6 has: extension headers, ICMPv6, as ip6tables-save(8)
 * writes them. */
#include "core/firewall/text/text_xt.h"

#include <netinet/in.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <linux/netfilter_ipv6/ip6t_ah.h>
#include <linux/netfilter_ipv6/ip6t_frag.h>
#include <linux/netfilter_ipv6/ip6t_ipv6header.h>
#include <linux/netfilter_ipv6/ip6t_opts.h>
#include <linux/netfilter_ipv6/ip6t_rt.h>

static bool icmp6(struct str *out, struct text info, uint8_t family)
{
	struct ip6t_icmp m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	xt_option(out, "icmpv6-type", m.invflags & IP6T_ICMP_INV);
	str_printf(out, " %u", m.type);
	if (m.code[0] || m.code[1] != UINT8_MAX)
		str_printf(out, "/%u", m.code[0]);
	return true;
}

static bool is_narrow(const uint32_t range[2])
{
	return range[0] || range[1] != UINT32_MAX;
}

static bool frag(struct str *out, struct text info, uint8_t family)
{
	struct ip6t_frag m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (is_narrow(m.ids))
		xt_range(out, "fragid", m.ids[0], m.ids[1], m.invflags & IP6T_FRAG_INV_IDS);
	if (m.flags & IP6T_FRAG_LEN)
		xt_range(out, "fraglen", m.hdrlen, m.hdrlen,
			 m.invflags & IP6T_FRAG_INV_LEN);
	if (m.flags & IP6T_FRAG_RES)
		xt_option(out, "fragres", false);
	if (m.flags & IP6T_FRAG_FST)
		xt_option(out, "fragfirst", false);
	if (m.flags & IP6T_FRAG_MF)
		xt_option(out, "fragmore", false);
	if (m.flags & IP6T_FRAG_NMF)
		xt_option(out, "fraglast", false);
	return true;
}

static bool rt(struct str *out, struct text info, uint8_t family)
{
	struct ip6t_rt m;
	const char *between = " ";

	(void)family;
	if (!xt_take(info, &m, sizeof(m)) || m.addrnr > IP6T_RT_HOPS)
		return false;
	if (m.flags & IP6T_RT_TYP)
		xt_range(out, "rt-type", m.rt_type, m.rt_type,
			 m.invflags & IP6T_RT_INV_TYP);
	if (is_narrow(m.segsleft))
		xt_range(out, "rt-segsleft", m.segsleft[0], m.segsleft[1],
			 m.invflags & IP6T_RT_INV_SGS);
	if (m.flags & IP6T_RT_LEN)
		xt_range(out, "rt-len", m.hdrlen, m.hdrlen, m.invflags & IP6T_RT_INV_LEN);
	if (m.flags & IP6T_RT_RES)
		xt_option(out, "rt-0-res", false);
	if (m.addrnr)
		xt_option(out, "rt-0-addrs", false);
	for (unsigned i = 0; i < m.addrnr; i++, between = ",") {
		str_puts(out, between);
		xt_address(out, &m.addrs[i], AF_INET6);
	}
	if (m.flags & IP6T_RT_FST_NSTRICT)
		xt_option(out, "rt-0-not-strict", false);
	return true;
}

/* Destination and hop-by-hop options: each "TYPE" or "TYPE:LENGTH". */
static bool opts(struct str *out, struct text info, const char *len_option,
		 const char *opts_option)
{
	struct ip6t_opts m;

	if (!xt_take(info, &m, sizeof(m)) || m.optsnr > IP6T_OPTS_OPTSNR)
		return false;
	if (m.flags & IP6T_OPTS_LEN)
		xt_range(out, len_option, m.hdrlen, m.hdrlen,
			 m.invflags & IP6T_OPTS_INV_LEN);
	if (m.flags & IP6T_OPTS_OPTS)
		xt_option(out, opts_option, false);
	for (unsigned i = 0; i < m.optsnr && m.flags & IP6T_OPTS_OPTS; i++) {
		str_printf(out, "%c%d", i ? ',' : ' ', m.opts[i] >> 8);
		if ((m.opts[i] & 0xff) != 0xff)
			str_printf(out, ":%d", m.opts[i] & 0xff);
	}
	return true;
}

static bool hbh(struct str *out, struct text info, uint8_t family)
{
	(void)family;
	return opts(out, info, "hbh-len", "hbh-opts");
}

static bool dst(struct str *out, struct text info, uint8_t family)
{
	(void)family;
	return opts(out, info, "dst-len", "dst-opts");
}

static bool ipv6header(struct str *out, struct text info, uint8_t family)
{
	static const struct xt_word headers[] = {
		{128, "hop-by-hop"}, {1, "protocol"}, {64, "ipv6-opts"}, {32, "ipv6-route"},
		{16, "ipv6-frag"},   {4, "ah"},       {8, "esp"},        {2, "ipv6-nonxt"}};
	struct ip6t_ipv6header_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	xt_option(out, "header", m.invflags);
	XT_WORDS(out, m.matchflags, headers);
	if (m.modeflag)
		xt_option(out, "soft", false);
	return true;
}

static bool ah(struct str *out, struct text info, uint8_t family)
{
	struct ip6t_ah m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (is_narrow(m.spis))
		xt_range(out, "ahspi", m.spis[0], m.spis[1], m.invflags & IP6T_AH_INV_SPI);
	if (m.hdrlen || m.invflags & IP6T_AH_INV_LEN)
		xt_range(out, "ahlen", m.hdrlen, m.hdrlen, m.invflags & IP6T_AH_INV_LEN);
	if (m.hdrres)
		xt_option(out, "ahres", false);
	return true;
}

static bool eui64(struct str *out, struct text info, uint8_t family)
{
	(void)out;
	(void)info;
	(void)family;
	return true;
}

static const struct xt_row rows[] = {
	{"icmp6", 0, NFPROTO_IPV6, icmp6}, {"frag", 0, NFPROTO_IPV6, frag},
	{"rt", 0, NFPROTO_IPV6, rt},       {"hbh", 0, NFPROTO_IPV6, hbh},
	{"dst", 0, NFPROTO_IPV6, dst},     {"ipv6header", 0, NFPROTO_IPV6, ipv6header},
	{"ah", 0, NFPROTO_IPV6, ah},       {"eui64", 0, NFPROTO_IPV6, eui64},
};

const struct xt_rows xt_ipv6_rows = {rows, sizeof(rows) / sizeof(*rows)};
