/* Matches of xtables on what the kernel knows of a packet's flow: connection tracking,
 * marks, routes. As iptables-save(8) writes them. */
#include "core/firewall/text/text_xt.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_connbytes.h>
#include <linux/netfilter/xt_connlabel.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_helper.h>
#include <linux/netfilter/xt_policy.h>
#include <linux/netfilter/xt_rpfilter.h>
#include <linux/netfilter/xt_socket.h>

/* Where a flow's address stands in the struct, and where its port. */
static void ct_addresses(struct str *out, const struct xt_conntrack_mtinfo3 *m,
			 uint8_t family)
{
	const struct {
		unsigned flag;
		const char *option;
		const void *address, *mask;
	} rows[] = {
		{XT_CONNTRACK_ORIGSRC, "ctorigsrc", &m->origsrc_addr, &m->origsrc_mask},
		{XT_CONNTRACK_ORIGDST, "ctorigdst", &m->origdst_addr, &m->origdst_mask},
		{XT_CONNTRACK_REPLSRC, "ctreplsrc", &m->replsrc_addr, &m->replsrc_mask},
		{XT_CONNTRACK_REPLDST, "ctrepldst", &m->repldst_addr, &m->repldst_mask},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!(m->match_flags & rows[i].flag))
			continue;
		xt_option(out, rows[i].option, m->invert_flags & rows[i].flag);
		str_putc(out, ' ');
		xt_address(out, rows[i].address, family);
		xt_mask(out, rows[i].mask, family);
	}
}

static void ct_ports(struct str *out, const struct xt_conntrack_mtinfo3 *m)
{
	const struct {
		unsigned flag;
		const char *option;
		uint16_t from, to;
	} rows[] = {
		{XT_CONNTRACK_ORIGSRC_PORT, "ctorigsrcport", m->origsrc_port,
		 m->origsrc_port_high},
		{XT_CONNTRACK_ORIGDST_PORT, "ctorigdstport", m->origdst_port,
		 m->origdst_port_high},
		{XT_CONNTRACK_REPLSRC_PORT, "ctreplsrcport", m->replsrc_port,
		 m->replsrc_port_high},
		{XT_CONNTRACK_REPLDST_PORT, "ctrepldstport", m->repldst_port,
		 m->repldst_port_high},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (m->match_flags & rows[i].flag)
			xt_range(out, rows[i].option, rows[i].from, rows[i].to,
				 m->invert_flags & rows[i].flag);
}

static void ct_state(struct str *out, const struct xt_conntrack_mtinfo3 *m)
{
	static const struct xt_word states[] = {
		{1, "INVALID"},     {8, "NEW"},   {4, "RELATED"}, {2, "ESTABLISHED"},
		{256, "UNTRACKED"}, {64, "SNAT"}, {128, "DNAT"}};
	bool is_alias = m->match_flags & XT_CONNTRACK_STATE_ALIAS;

	xt_option(out, is_alias ? "state" : "ctstate",
		  m->invert_flags & XT_CONNTRACK_STATE);
	XT_WORDS(out, m->state_mask, states);
}

static void ct_status(struct str *out, const struct xt_conntrack_mtinfo3 *m)
{
	static const struct xt_word statuses[] = {
		{1, "EXPECTED"}, {2, "SEEN_REPLY"}, {4, "ASSURED"}, {8, "CONFIRMED"}};

	xt_option(out, "ctstatus", m->invert_flags & XT_CONNTRACK_STATUS);
	if (m->status_mask)
		XT_WORDS(out, m->status_mask, statuses);
	else
		str_puts(out, " NONE");
}

static bool conntrack(struct str *out, struct text info, uint8_t family)
{
	struct xt_conntrack_mtinfo3 m;

	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.match_flags & XT_CONNTRACK_STATE)
		ct_state(out, &m);
	if (m.match_flags & XT_CONNTRACK_PROTO)
		xt_range(out, "ctproto", m.l4proto, m.l4proto,
			 m.invert_flags & XT_CONNTRACK_PROTO);
	ct_addresses(out, &m, family);
	ct_ports(out, &m);
	if (m.match_flags & XT_CONNTRACK_STATUS)
		ct_status(out, &m);
	if (m.match_flags & XT_CONNTRACK_EXPIRES)
		xt_range(out, "ctexpire", m.expires_min, m.expires_max,
			 m.invert_flags & XT_CONNTRACK_EXPIRES);
	if (m.match_flags & XT_CONNTRACK_DIRECTION)
		str_printf(out, " --ctdir %s",
			   m.invert_flags & XT_CONNTRACK_DIRECTION ? "REPLY" : "ORIGINAL");
	return true;
}

static bool addrtype(struct str *out, struct text info, uint8_t family)
{
	static const struct xt_word types[] = {
		{1, "UNSPEC"},     {2, "UNICAST"},       {4, "LOCAL"},
		{8, "BROADCAST"},  {16, "ANYCAST"},      {32, "MULTICAST"},
		{64, "BLACKHOLE"}, {128, "UNREACHABLE"}, {256, "PROHIBIT"},
		{512, "THROW"},    {1024, "NAT"},        {2048, "XRESOLVE"}};
	struct xt_addrtype_info_v1 m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.source) {
		xt_option(out, "src-type", m.flags & XT_ADDRTYPE_INVERT_SOURCE);
		XT_WORDS(out, m.source, types);
	}
	if (m.dest) {
		xt_option(out, "dst-type", m.flags & XT_ADDRTYPE_INVERT_DEST);
		XT_WORDS(out, m.dest, types);
	}
	if (m.flags & XT_ADDRTYPE_LIMIT_IFACE_IN)
		xt_option(out, "limit-iface-in", false);
	if (m.flags & XT_ADDRTYPE_LIMIT_IFACE_OUT)
		xt_option(out, "limit-iface-out", false);
	return true;
}

/* xt_mark_mtinfo1 and xt_connmark_mtinfo1 are alike. */
static bool mark(struct str *out, struct text info, uint8_t family)
{
	struct xt_connmark_mtinfo1 m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	str_puts(out, m.invert ? " !" : "");
	xt_write_mark(out, "mark", m.mark, m.mask);
	return true;
}

static bool connbytes(struct str *out, struct text info, uint8_t family)
{
	static const char *const modes[] = {"packets", "bytes", "avgpkt"};
	static const char *const directions[] = {"original", "reply", "both"};
	struct xt_connbytes_info m;
	uint64_t from, to;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)) || m.what > 2 || m.direction > 2)
		return false;
	/* The wrong way round is everything else. */
	from = m.count.from > m.count.to ? m.count.to : m.count.from;
	to = m.count.from > m.count.to ? m.count.from : m.count.to;
	xt_option(out, "connbytes", m.count.from > m.count.to);
	str_printf(out, " %" PRIu64, from);
	if (to != UINT64_MAX)
		str_printf(out, ":%" PRIu64, to);
	str_printf(out, " --connbytes-mode %s --connbytes-dir %s", modes[m.what],
		   directions[m.direction]);
	return true;
}

static bool connlabel(struct str *out, struct text info, uint8_t family)
{
	struct xt_connlabel_mtinfo m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	xt_option(out, "label", m.options & XT_CONNLABEL_OP_INVERT);
	str_printf(out, " \"%u\"", m.bit);
	if (m.options & XT_CONNLABEL_OP_SET)
		xt_option(out, "set", false);
	return true;
}

static bool helper(struct str *out, struct text info, uint8_t family)
{
	struct xt_helper_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	xt_option(out, "helper", m.invert);
	xt_quote(out, xt_name(m.name, sizeof(m.name)));
	return true;
}

static void policy_element(struct str *out, const struct xt_policy_elem *e, uint8_t family)
{
	if (e->match.reqid)
		xt_range(out, "reqid", e->reqid, e->reqid, e->invert.reqid);
	if (e->match.spi) {
		xt_option(out, "spi", e->invert.spi);
		str_printf(out, " 0x%" PRIx32, e->spi);
	}
	if (e->match.proto) {
		xt_option(out, "proto", e->invert.proto);
		if (xt_protocol(e->proto))
			str_printf(out, " %s", xt_protocol(e->proto));
		else
			str_printf(out, " %u", e->proto);
	}
	if (e->match.mode) {
		xt_option(out, "mode", e->invert.mode);
		str_puts(out, e->mode == XT_POLICY_MODE_TUNNEL ? " tunnel" : " transport");
	}
	if (e->match.daddr) {
		xt_option(out, "tunnel-dst", e->invert.daddr);
		str_putc(out, ' ');
		xt_address(out, &e->daddr, family);
		xt_mask(out, &e->dmask, family);
	}
	if (e->match.saddr) {
		xt_option(out, "tunnel-src", e->invert.saddr);
		str_putc(out, ' ');
		xt_address(out, &e->saddr, family);
		xt_mask(out, &e->smask, family);
	}
}

static bool policy(struct str *out, struct text info, uint8_t family)
{
	struct xt_policy_info m;

	if (!xt_take(info, &m, sizeof(m)) || m.len > XT_POLICY_MAX_ELEM)
		return false;
	str_puts(out, m.flags & XT_POLICY_MATCH_IN ? " --dir in" : " --dir out");
	str_puts(out, m.flags & XT_POLICY_MATCH_NONE ? " --pol none" : " --pol ipsec");
	if (m.flags & XT_POLICY_MATCH_STRICT)
		xt_option(out, "strict", false);
	for (unsigned i = 0; i < m.len; i++) {
		policy_element(out, &m.pol[i], family);
		if (i + 1 < m.len)
			xt_option(out, "next", false);
	}
	return true;
}

static bool rpfilter(struct str *out, struct text info, uint8_t family)
{
	struct xt_rpfilter_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.flags & XT_RPFILTER_LOOSE)
		xt_option(out, "loose", false);
	if (m.flags & XT_RPFILTER_VALID_MARK)
		xt_option(out, "validmark", false);
	if (m.flags & XT_RPFILTER_ACCEPT_LOCAL)
		xt_option(out, "accept-local", false);
	if (m.flags & XT_RPFILTER_INVERT)
		xt_option(out, "invert", false);
	return true;
}

static bool socket_flags(struct str *out, struct text info, uint8_t family)
{
	struct xt_socket_mtinfo3 m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.flags & XT_SOCKET_TRANSPARENT)
		xt_option(out, "transparent", false);
	if (m.flags & XT_SOCKET_NOWILDCARD)
		xt_option(out, "nowildcard", false);
	if (m.flags & XT_SOCKET_RESTORESKMARK)
		xt_option(out, "restore-skmark", false);
	return true;
}

static const struct xt_row rows[] = {
	{"conntrack", 3, 0, conntrack}, {"addrtype", 1, 0, addrtype},
	{"mark", 1, 0, mark},           {"connmark", 1, 0, mark},
	{"connbytes", 0, 0, connbytes}, {"connlabel", 0, 0, connlabel},
	{"helper", 0, 0, helper},       {"policy", 0, 0, policy},
	{"rpfilter", 0, 0, rpfilter},   {"socket", 1, 0, socket_flags},
	{"socket", 2, 0, socket_flags}, {"socket", 3, 0, socket_flags},
};

const struct xt_rows xt_flow_rows = {rows, sizeof(rows) / sizeof(*rows)};
