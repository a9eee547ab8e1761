/* Matches of xtables on what a packet carries in its headers, as iptables-save(8) writes
 * them. */
#include "core/firewall/text/text_xt.h"

#include <ctype.h>
#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter/xt_dccp.h>
#include <linux/netfilter/xt_dscp.h>
#include <linux/netfilter/xt_ecn.h>
#include <linux/netfilter/xt_esp.h>
#include <linux/netfilter/xt_iprange.h>
#include <linux/netfilter/xt_length.h>
#include <linux/netfilter/xt_mac.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_pkttype.h>
#include <linux/netfilter/xt_sctp.h>
#include <linux/netfilter/xt_tcpmss.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv4/ipt_ah.h>
#include <linux/netfilter_ipv4/ipt_ttl.h>

static void ports(struct str *out, const char *option, const uint16_t range[2],
		  bool is_inverted)
{
	if (range[0] || range[1] != UINT16_MAX || is_inverted)
		xt_range(out, option, range[0], range[1], is_inverted);
}

static bool tcp(struct str *out, struct text info, uint8_t family)
{
	struct xt_tcp m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	ports(out, "sport", m.spts, m.invflags & XT_TCP_INV_SRCPT);
	ports(out, "dport", m.dpts, m.invflags & XT_TCP_INV_DSTPT);
	if (m.option || m.invflags & XT_TCP_INV_OPTION) {
		xt_option(out, "tcp-option", m.invflags & XT_TCP_INV_OPTION);
		str_printf(out, " %u", m.option);
	}
	if (m.flg_mask || m.invflags & XT_TCP_INV_FLAGS) {
		xt_option(out, "tcp-flags", m.invflags & XT_TCP_INV_FLAGS);
		str_putc(out, ' ');
		xt_tcp_flags(out, m.flg_mask);
		str_putc(out, ' ');
		xt_tcp_flags(out, m.flg_cmp);
	}
	return true;
}

static bool udp(struct str *out, struct text info, uint8_t family)
{
	struct xt_udp m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	ports(out, "sport", m.spts, m.invflags & XT_UDP_INV_SRCPT);
	ports(out, "dport", m.dpts, m.invflags & XT_UDP_INV_DSTPT);
	return true;
}

struct chunk {
	const char *name, *flags;
};

/* RFC 9260 and others, as far as iptables has names. */
static const struct chunk *chunk_of(unsigned type)
{
	static const struct chunk chunks[] = {
		[0] = {"DATA", "----IUBE"},
		[1] = {"INIT", ""},
		[2] = {"INIT_ACK", ""},
		[3] = {"SACK", ""},
		[4] = {"HEARTBEAT", ""},
		[5] = {"HEARTBEAT_ACK", ""},
		[6] = {"ABORT", "-------T"},
		[7] = {"SHUTDOWN", ""},
		[8] = {"SHUTDOWN_ACK", ""},
		[9] = {"ERROR", ""},
		[10] = {"COOKIE_ECHO", ""},
		[11] = {"COOKIE_ACK", ""},
		[12] = {"ECN_ECNE", ""},
		[13] = {"ECN_CWR", ""},
		[14] = {"SHUTDOWN_COMPLETE", "-------T"},
		[128] = {"ASCONF_ACK", ""},
		[192] = {"FORWARD_TSN", ""},
		[193] = {"ASCONF", ""},
	};

	if (type >= sizeof(chunks) / sizeof(*chunks) || !chunks[type].name)
		return NULL;
	return &chunks[type];
}

static void chunk_flags(struct str *out, const struct xt_sctp_info *m, unsigned type,
			const struct chunk *chunk)
{
	for (int i = 0; i < m->flag_count && i < XT_NUM_SCTP_FLAGS; i++) {
		unsigned mask = m->flag_info[i].flag_mask, flag = m->flag_info[i].flag;

		if (m->flag_info[i].chunktype != type)
			continue;
		str_putc(out, ':');
		for (unsigned bit = 8; bit-- > 0;) {
			char c = chunk->flags[0] ? chunk->flags[7 - bit] : '-';

			if (mask >> bit & 1)
				str_putc(out, flag >> bit & 1
						      ? c
						      : (char)tolower((unsigned char)c));
		}
	}
}

static bool chunks(struct str *out, const struct xt_sctp_info *m)
{
	static const char *const words[] = {[SCTP_CHUNK_MATCH_ANY] = " any ",
					    [SCTP_CHUNK_MATCH_ALL] = " all ",
					    [SCTP_CHUNK_MATCH_ONLY] = " only "};
	const char *between = "";

	if (m->chunk_match_type > SCTP_CHUNK_MATCH_ONLY || !words[m->chunk_match_type])
		return false;
	xt_option(out, "chunk-types", m->invflags & XT_SCTP_CHUNK_TYPES);
	str_puts(out, words[m->chunk_match_type]);
	for (unsigned type = 0; type < 256; type++) {
		const struct chunk *chunk = chunk_of(type);

		if (!(m->chunkmap[type / 32] >> type % 32 & 1))
			continue;
		if (!chunk)
			return false;
		str_printf(out, "%s%s", between, chunk->name);
		chunk_flags(out, m, type, chunk);
		between = ",";
	}
	return true;
}

static bool sctp(struct str *out, struct text info, uint8_t family)
{
	struct xt_sctp_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.flags & XT_SCTP_SRC_PORTS)
		xt_range(out, "sport", m.spts[0], m.spts[1],
			 m.invflags & XT_SCTP_SRC_PORTS);
	if (m.flags & XT_SCTP_DEST_PORTS)
		xt_range(out, "dport", m.dpts[0], m.dpts[1],
			 m.invflags & XT_SCTP_DEST_PORTS);
	return !(m.flags & XT_SCTP_CHUNK_TYPES) || chunks(out, &m);
}

static bool dccp(struct str *out, struct text info, uint8_t family)
{
	static const struct xt_word types[] = {
		{1, "REQUEST"},  {2, "RESPONSE"},  {4, "DATA"},      {8, "ACK"},
		{16, "DATAACK"}, {32, "CLOSEREQ"}, {64, "CLOSE"},    {128, "RESET"},
		{256, "SYNC"},   {512, "SYNCACK"}, {1024, "INVALID"}};
	struct xt_dccp_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.flags & XT_DCCP_SRC_PORTS)
		xt_range(out, "sport", m.spts[0], m.spts[1],
			 m.invflags & XT_DCCP_SRC_PORTS);
	if (m.flags & XT_DCCP_DEST_PORTS)
		xt_range(out, "dport", m.dpts[0], m.dpts[1],
			 m.invflags & XT_DCCP_DEST_PORTS);
	if (m.flags & XT_DCCP_TYPE) {
		xt_option(out, "dccp-types", m.invflags & XT_DCCP_TYPE);
		XT_WORDS(out, m.typemask, types);
	}
	if (m.flags & XT_DCCP_OPTION)
		xt_range(out, "dccp-option", m.option, m.option,
			 m.invflags & XT_DCCP_OPTION);
	return true;
}

static bool icmp(struct str *out, struct text info, uint8_t family)
{
	struct ipt_icmp m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	xt_option(out, "icmp-type", m.invflags & IPT_ICMP_INV);
	if (m.type == UINT8_MAX) {
		str_puts(out, " any");
		return true;
	}
	str_printf(out, " %u", m.type);
	if (m.code[0] || m.code[1] != UINT8_MAX)
		str_printf(out, "/%u", m.code[0]);
	return true;
}

static bool multiport(struct str *out, struct text info, uint8_t family)
{
	static const char *const words[] = {[XT_MULTIPORT_SOURCE] = "sports",
					    [XT_MULTIPORT_DESTINATION] = "dports",
					    [XT_MULTIPORT_EITHER] = "ports"};
	struct xt_multiport_v1 m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)) || m.flags > XT_MULTIPORT_EITHER ||
	    m.count > XT_MULTI_PORTS)
		return false;
	xt_option(out, words[m.flags], m.invert);
	for (unsigned i = 0; i < m.count; i++)
		str_printf(out, "%s%u", !i ? " " : m.pflags[i - 1] ? ":" : ",", m.ports[i]);
	return true;
}

static bool length(struct str *out, struct text info, uint8_t family)
{
	struct xt_length_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	xt_range(out, "length", m.min, m.max, m.invert);
	return true;
}

/* ipt_ttl_info and ip6t_hl_info are alike. */
static bool hops(struct str *out, struct text info, const char *const options[4])
{
	struct ipt_ttl_info m;

	if (!xt_take(info, &m, sizeof(m)) || m.mode > IPT_TTL_GT)
		return false;
	xt_range(out, options[m.mode], m.ttl, m.ttl, m.mode == IPT_TTL_NE);
	return true;
}

static bool ttl(struct str *out, struct text info, uint8_t family)
{
	static const char *const options[] = {"ttl-eq", "ttl-eq", "ttl-lt", "ttl-gt"};

	(void)family;
	return hops(out, info, options);
}

static bool hl(struct str *out, struct text info, uint8_t family)
{
	static const char *const options[] = {"hl-eq", "hl-eq", "hl-lt", "hl-gt"};

	(void)family;
	return hops(out, info, options);
}

static bool dscp(struct str *out, struct text info, uint8_t family)
{
	struct xt_dscp_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	xt_option(out, "dscp", m.invert);
	str_printf(out, " 0x%02x", m.dscp);
	return true;
}

static bool tos(struct str *out, struct text info, uint8_t family)
{
	struct xt_tos_match_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	xt_option(out, "tos", m.invert);
	str_printf(out, " 0x%02x/0x%02x", m.tos_value, m.tos_mask);
	return true;
}

static bool ecn(struct str *out, struct text info, uint8_t family)
{
	struct xt_ecn_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.operation & XT_ECN_OP_MATCH_ECE)
		xt_option(out, "ecn-tcp-ece", m.invert & XT_ECN_OP_MATCH_ECE);
	if (m.operation & XT_ECN_OP_MATCH_CWR)
		xt_option(out, "ecn-tcp-cwr", m.invert & XT_ECN_OP_MATCH_CWR);
	if (m.operation & XT_ECN_OP_MATCH_IP)
		xt_range(out, "ecn-ip-ect", m.ip_ect, m.ip_ect,
			 m.invert & XT_ECN_OP_MATCH_IP);
	return true;
}

static bool esp(struct str *out, struct text info, uint8_t family)
{
	struct xt_esp m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.spis[0] || m.spis[1] != UINT32_MAX)
		xt_range(out, "espspi", m.spis[0], m.spis[1], m.invflags & XT_ESP_INV_SPI);
	return true;
}

static bool ah(struct str *out, struct text info, uint8_t family)
{
	struct ipt_ah m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.spis[0] || m.spis[1] != UINT32_MAX)
		xt_range(out, "ahspi", m.spis[0], m.spis[1], m.invflags & IPT_AH_INV_SPI);
	return true;
}

static bool tcpmss(struct str *out, struct text info, uint8_t family)
{
	struct xt_tcpmss_match_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	xt_range(out, "mss", m.mss_min, m.mss_max, m.invert);
	return true;
}

static bool mac(struct str *out, struct text info, uint8_t family)
{
	struct xt_mac_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	xt_option(out, "mac-source", m.invert);
	for (unsigned i = 0; i < 6; i++)
		str_printf(out, "%c%02x", i ? ':' : ' ', m.srcaddr[i]);
	return true;
}

static bool pkttype(struct str *out, struct text info, uint8_t family)
{
	static const char *const words[] = {"unicast", "broadcast", "multicast"};
	struct xt_pkttype_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)) || m.pkttype < 0 || m.pkttype > 2)
		return false;
	xt_option(out, "pkt-type", m.invert);
	str_printf(out, " %s", words[m.pkttype]);
	return true;
}

static bool iprange(struct str *out, struct text info, uint8_t family)
{
	struct xt_iprange_mtinfo m;

	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.flags & IPRANGE_SRC) {
		xt_option(out, "src-range", m.flags & IPRANGE_SRC_INV);
		str_putc(out, ' ');
		xt_address(out, &m.src_min, family);
		str_putc(out, '-');
		xt_address(out, &m.src_max, family);
	}
	if (m.flags & IPRANGE_DST) {
		xt_option(out, "dst-range", m.flags & IPRANGE_DST_INV);
		str_putc(out, ' ');
		xt_address(out, &m.dst_min, family);
		str_putc(out, '-');
		xt_address(out, &m.dst_max, family);
	}
	return true;
}

static const struct xt_row rows[] = {
	{"tcp", 0, 0, tcp},
	{"udp", 0, 0, udp},
	{"multiport", 1, 0, multiport},
	{"icmp", 0, NFPROTO_IPV4, icmp},
	{"iprange", 1, 0, iprange},
	{"pkttype", 0, 0, pkttype},
	{"length", 0, 0, length},
	{"mac", 0, 0, mac},
	{"ttl", 0, NFPROTO_IPV4, ttl},
	{"hl", 0, NFPROTO_IPV6, hl},
	{"dscp", 0, 0, dscp},
	{"tos", 1, 0, tos},
	{"ecn", 0, 0, ecn},
	{"tcpmss", 0, 0, tcpmss},
	{"sctp", 0, 0, sctp},
	{"dccp", 0, 0, dccp},
	{"esp", 0, 0, esp},
	{"ah", 0, NFPROTO_IPV4, ah},
};

const struct xt_rows xt_packet_rows = {rows, sizeof(rows) / sizeof(*rows)};
