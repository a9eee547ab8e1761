/* Targets of xtables that answer, log or hand a packet on, as iptables-save(8) writes
 * them. */
#include "core/firewall/text/text_xt.h"

#include <netinet/in.h>
#include <linux/netfilter/xt_AUDIT.h>
#include <linux/netfilter/xt_CHECKSUM.h>
#include <linux/netfilter/xt_CT.h>
#include <linux/netfilter/xt_IDLETIMER.h>
#include <linux/netfilter/xt_LOG.h>
#include <linux/netfilter/xt_NFLOG.h>
#include <linux/netfilter/xt_NFQUEUE.h>
#include <linux/netfilter/nf_synproxy.h>
#include <linux/netfilter/xt_TEE.h>
#include <linux/netfilter/xt_TPROXY.h>

static bool log_target(struct str *out, struct text info, uint8_t family)
{
	static const struct {
		unsigned flag;
		const char *option;
	} flags[] = {{XT_LOG_TCPSEQ, "log-tcp-sequence"},
		     {XT_LOG_TCPOPT, "log-tcp-options"},
		     {XT_LOG_IPOPT, "log-ip-options"},
		     {XT_LOG_UID, "log-uid"},
		     {XT_LOG_MACDECODE, "log-macdecode"}};
	struct xt_log_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.prefix[0]) {
		xt_option(out, "log-prefix", false);
		xt_quote(out, xt_name(m.prefix, sizeof(m.prefix)));
	}
	if (m.level != 4)
		str_printf(out, " --log-level %u", m.level);
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (m.logflags & flags[i].flag)
			xt_option(out, flags[i].option, false);
	return true;
}

static bool reject(struct str *out, struct text info, uint8_t family)
{
	static const char *const v4[] = {"icmp-net-unreachable",   "icmp-host-unreachable",
					 "icmp-proto-unreachable", "icmp-port-unreachable",
					 "icmp-echo-reply",        "icmp-net-prohibited",
					 "icmp-host-prohibited",   "tcp-reset",
					 "icmp-admin-prohibited"};
	static const char *const v6[] = {"icmp6-no-route",
					 "icmp6-adm-prohibited",
					 "icmp6-not-neighbour",
					 "icmp6-addr-unreachable",
					 "icmp6-port-unreachable",
					 "icmp6-echo-reply",
					 "tcp-reset",
					 "icmp6-policy-fail",
					 "icmp6-reject-route"};
	uint32_t with;

	if (!xt_take(info, &with, sizeof(with)) || with > 8)
		return false;
	str_printf(out, " --reject-with %s", family == AF_INET6 ? v6[with] : v4[with]);
	return true;
}

static bool nflog(struct str *out, struct text info, uint8_t family)
{
	struct xt_nflog_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.prefix[0]) {
		xt_option(out, "nflog-prefix", false);
		xt_quote(out, xt_name(m.prefix, sizeof(m.prefix)));
	}
	if (m.group)
		str_printf(out, " --nflog-group %u", m.group);
	if (m.flags & XT_NFLOG_F_COPY_LEN)
		str_printf(out, " --nflog-size %u", m.len);
	else if (m.len)
		str_printf(out, " --nflog-range %u", m.len);
	if (m.threshold)
		str_printf(out, " --nflog-threshold %u", m.threshold);
	return true;
}

static bool nfqueue(struct str *out, struct text info, uint8_t family)
{
	struct xt_NFQ_info_v3 m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.queues_total > 1)
		str_printf(out, " --queue-balance %u:%u", m.queuenum,
			   m.queuenum + m.queues_total - 1U);
	else
		str_printf(out, " --queue-num %u", m.queuenum);
	if (m.flags & NFQ_FLAG_BYPASS)
		xt_option(out, "queue-bypass", false);
	if (m.flags & NFQ_FLAG_CPU_FANOUT)
		xt_option(out, "queue-cpu-fanout", false);
	return true;
}

static bool audit(struct str *out, struct text info, uint8_t family)
{
	static const char *const words[] = {"accept", "drop", "reject"};
	struct xt_audit_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)) || m.type > XT_AUDIT_TYPE_REJECT)
		return false;
	str_printf(out, " --type %s", words[m.type]);
	return true;
}

static bool checksum(struct str *out, struct text info, uint8_t family)
{
	struct xt_CHECKSUM_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.operation & XT_CHECKSUM_OP_FILL)
		xt_option(out, "checksum-fill", false);
	return true;
}

static bool tee(struct str *out, struct text info, uint8_t family)
{
	struct xt_tee_tginfo m;

	if (!xt_take(info, &m, sizeof(m)))
		return false;
	str_puts(out, " --gateway ");
	xt_address(out, &m.gw, family);
	if (m.oif[0]) {
		str_puts(out, " --oif ");
		text_show(out, xt_name(m.oif, sizeof(m.oif)), TEXT_ASCII);
	}
	return true;
}

static bool tproxy(struct str *out, struct text info, uint8_t family)
{
	struct xt_tproxy_target_info_v1 m;

	if (!xt_take(info, &m, sizeof(m)))
		return false;
	str_printf(out, " --on-port %u --on-ip ", ntohs(m.lport));
	xt_address(out, &m.laddr, family);
	str_printf(out, " --tproxy-mark 0x%x/0x%x", m.mark_value, m.mark_mask);
	return true;
}

static bool idletimer(struct str *out, struct text info, uint8_t family)
{
	struct idletimer_tg_info_v1 m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	str_printf(out, " --timeout %u --label ", m.timeout);
	text_show(out, xt_name(m.label, sizeof(m.label)), TEXT_ASCII);
	if (m.timer_type == XT_IDLETIMER_ALARM)
		xt_option(out, "alarm", false);
	return true;
}

static void ct_zone(struct str *out, const struct xt_ct_target_info_v1 *m)
{
	const char *option = m->flags & XT_CT_ZONE_DIR_ORIG   ? "zone-orig"
			     : m->flags & XT_CT_ZONE_DIR_REPL ? "zone-reply"
							      : "zone";

	if (m->flags & XT_CT_ZONE_MARK)
		str_printf(out, " --%s mark", option);
	else if (m->zone)
		str_printf(out, " --%s %u", option, m->zone);
}

static bool ct(struct str *out, struct text info, uint8_t family)
{
	static const struct xt_word events[] = {
		{1, "new"},          {2, "related"},    {4, "destroy"}, {8, "reply"},
		{16, "assured"},     {32, "protoinfo"}, {64, "helper"}, {128, "mark"},
		{256, "natseqinfo"}, {512, "secmark"}};
	struct xt_ct_target_info_v1 m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.flags & XT_CT_NOTRACK_ALIAS)
		return true;
	if (m.flags & XT_CT_NOTRACK)
		xt_option(out, "notrack", false);
	if (m.helper[0]) {
		str_puts(out, " --helper ");
		text_show(out, xt_name(m.helper, sizeof(m.helper)), TEXT_ASCII);
	}
	if (m.timeout[0]) {
		str_puts(out, " --timeout ");
		text_show(out, xt_name(m.timeout, sizeof(m.timeout)), TEXT_ASCII);
	}
	if (m.ct_events) {
		xt_option(out, "ctevents", false);
		XT_WORDS(out, m.ct_events, events);
	}
	if (m.exp_events & 1)
		str_puts(out, " --expevents new");
	ct_zone(out, &m);
	return true;
}

static bool synproxy(struct str *out, struct text info, uint8_t family)
{
	struct nf_synproxy_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.options & NF_SYNPROXY_OPT_SACK_PERM)
		xt_option(out, "sack-perm", false);
	if (m.options & NF_SYNPROXY_OPT_TIMESTAMP)
		xt_option(out, "timestamp", false);
	if (m.options & NF_SYNPROXY_OPT_WSCALE)
		str_printf(out, " --wscale %u", m.wscale);
	if (m.options & NF_SYNPROXY_OPT_MSS)
		str_printf(out, " --mss %u", m.mss);
	if (m.options & NF_SYNPROXY_OPT_ECN)
		xt_option(out, "ecn", false);
	return true;
}

/* It has no options. */
static bool bare(struct str *out, struct text info, uint8_t family)
{
	(void)out;
	(void)info;
	(void)family;
	return true;
}

static const struct xt_row rows[] = {
	{"LOG", 0, 0, log_target},
	{"REJECT", 0, 0, reject},
	{"NFLOG", 0, 0, nflog},
	{"NFQUEUE", 2, 0, nfqueue},
	{"NFQUEUE", 3, 0, nfqueue},
	{"AUDIT", 0, 0, audit},
	{"CHECKSUM", 0, 0, checksum},
	{"TEE", 1, 0, tee},
	{"TPROXY", 1, 0, tproxy},
	{"IDLETIMER", 1, 0, idletimer},
	{"CT", 1, 0, ct},
	{"CT", 2, 0, ct},
	{"NOTRACK", 0, 0, bare},
	{"TRACE", 0, 0, bare},
	{"SYNPROXY", 0, 0, synproxy},
};

const struct xt_rows xt_target_rows = {rows, sizeof(rows) / sizeof(*rows)};
