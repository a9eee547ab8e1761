/* Targets of xtables that change a packet or its marks, not its addresses, as
 * iptables-save(8) writes them. */
#include "core/firewall/text/text_xt.h"

#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/xt_CLASSIFY.h>
#include <linux/netfilter/xt_CONNMARK.h>
#include <linux/netfilter/xt_DSCP.h>
#include <linux/netfilter/xt_MARK.h>
#include <linux/netfilter/xt_TCPMSS.h>
#include <linux/netfilter_ipv4/ipt_ECN.h>
#include <linux/netfilter_ipv4/ipt_TTL.h>

static bool mark(struct str *out, struct text info, uint8_t family)
{
	struct xt_mark_tginfo2 m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	str_printf(out, " --set-xmark 0x%x/0x%x", m.mark, m.mask);
	return true;
}

static bool write_connmark(struct str *out, const struct xt_connmark_tginfo2 *m)
{
	switch (m->mode) {
	case XT_CONNMARK_SET:
		str_printf(out, " --set-xmark 0x%x/0x%x", m->ctmark, m->ctmask);
		break;
	case XT_CONNMARK_SAVE:
	case XT_CONNMARK_RESTORE:
		str_printf(out, " --%s-mark --nfmask 0x%x --ctmask 0x%x",
			   m->mode == XT_CONNMARK_SAVE ? "save" : "restore", m->nfmask,
			   m->ctmask);
		break;
	default:
		return false;
	}
	if (m->shift_bits)
		str_printf(out, " --%s-shift-mark %u",
			   m->shift_dir == D_SHIFT_LEFT ? "left" : "right", m->shift_bits);
	return true;
}

static bool connmark(struct str *out, struct text info, uint8_t family)
{
	struct xt_connmark_tginfo2 m;

	(void)family;
	return xt_take(info, &m, sizeof(m)) && write_connmark(out, &m);
}

static bool connmark1(struct str *out, struct text info, uint8_t family)
{
	struct xt_connmark_tginfo1 old;
	struct xt_connmark_tginfo2 m = {0};

	(void)family;
	if (!xt_take(info, &old, sizeof(old)))
		return false;
	m.ctmark = old.ctmark;
	m.ctmask = old.ctmask;
	m.nfmask = old.nfmask;
	m.mode = old.mode;
	return write_connmark(out, &m);
}

static bool classify(struct str *out, struct text info, uint8_t family)
{
	struct xt_classify_target_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	str_printf(out, " --set-class %04x:%04x", m.priority >> 16, m.priority & 0xffff);
	return true;
}

static bool tcpmss(struct str *out, struct text info, uint8_t family)
{
	struct xt_tcpmss_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.mss == XT_TCPMSS_CLAMP_PMTU)
		xt_option(out, "clamp-mss-to-pmtu", false);
	else
		str_printf(out, " --set-mss %u", m.mss);
	return true;
}

static bool dscp(struct str *out, struct text info, uint8_t family)
{
	struct xt_DSCP_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	str_printf(out, " --set-dscp 0x%02x", m.dscp);
	return true;
}

static bool tos(struct str *out, struct text info, uint8_t family)
{
	struct xt_tos_target_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	str_printf(out, " --set-tos 0x%02x/0x%02x", m.tos_value, m.tos_mask);
	return true;
}

/* ipt_TTL_info and ip6t_HL_info are alike. */
static bool hops(struct str *out, struct text info, const char *word)
{
	static const char *const modes[] = {"set", "inc", "dec"};
	struct ipt_TTL_info m;

	if (!xt_take(info, &m, sizeof(m)) || m.mode > IPT_TTL_DEC)
		return false;
	str_printf(out, " --%s-%s %u", word, modes[m.mode], m.ttl);
	return true;
}

static bool ttl(struct str *out, struct text info, uint8_t family)
{
	(void)family;
	return hops(out, info, "ttl");
}

static bool hl(struct str *out, struct text info, uint8_t family)
{
	(void)family;
	return hops(out, info, "hl");
}

/* iptables has one word for it: both bits of TCP to zero. */
static bool ecn(struct str *out, struct text info, uint8_t family)
{
	struct ipt_ECN_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)) ||
	    m.operation != (IPT_ECN_OP_SET_ECE | IPT_ECN_OP_SET_CWR) || m.proto.tcp.ece ||
	    m.proto.tcp.cwr)
		return false;
	xt_option(out, "ecn-tcp-remove", false);
	return true;
}

static const struct xt_row rows[] = {
	{"MARK", 2, 0, mark},         {"CONNMARK", 1, 0, connmark1},
	{"CONNMARK", 2, 0, connmark}, {"CLASSIFY", 0, 0, classify},
	{"TCPMSS", 0, 0, tcpmss},     {"DSCP", 0, 0, dscp},
	{"TOS", 1, 0, tos},           {"TTL", 0, NFPROTO_IPV4, ttl},
	{"HL", 0, NFPROTO_IPV6, hl},  {"ECN", 0, NFPROTO_IPV4, ecn},
};

const struct xt_rows xt_mark_rows = {rows, sizeof(rows) / sizeof(*rows)};
