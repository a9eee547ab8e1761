/* Expressions that end the packet's way here, or that depend on what was before. */
#include "core/firewall/eval/exprs.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

enum eval_next eval_nothing(struct eval *e, const struct fw_expr *x)
{
	(void)e;
	(void)x;
	return EVAL_NEXT;
}

/* What it may have written: the registers and the marks. */
static void forget_all(struct eval *e)
{
	e->packet->is_mark_known = e->packet->ct.is_mark_known = false;
	e->packet->n_marked++;
	memset(e->regs.octets, 0, sizeof(e->regs.octets));
	octets_hide(e->regs.octets, REGS_BYTES, FW_DOUBT_OPAQUE);
	octets_name(e->regs.octets, REGS_BYTES, eval_name(e));
}

enum eval_next eval_anything(struct eval *e, const char *why)
{
	if (e->is_near)
		return EVAL_BREAK;
	if (eval_ask(e, why, false, false, 0))
		return eval_done(e, NF_DROP);
	if (eval_ask(e, why, false, false, 0))
		return eval_done(e, NF_ACCEPT);
	forget_all(e);
	return EVAL_NEXT;
}

enum eval_next eval_opaque(struct eval *e, const struct fw_expr *x)
{
	if (e->is_near)
		return EVAL_BREAK;
	/* Only the last expression of a rule can decide. */
	if (eval_is_last(e, x))
		return eval_anything(e, doubt_words(FW_DOUBT_OPAQUE));
	if (eval_unsure(e, doubt_words(FW_DOUBT_OPAQUE), false) == EVAL_BREAK)
		return EVAL_BREAK;
	forget_all(e);
	return EVAL_NEXT;
}

/* "limit" is taken as not exceeded first, "limit over" as well. */
enum eval_next eval_history(struct eval *e, const struct fw_expr *x)
{
	const char *why = x->kind == FW_EXPR_LIMIT       ? "limit"
			  : x->kind == FW_EXPR_CONNLIMIT ? "connection limit"
							 : "quota";

	return eval_unsure(e, why, !x->is_inverted);
}

enum eval_next eval_rejected(struct eval *e, bool is_reset, uint8_t type, uint8_t code)
{
	e->out->reject = (struct fw_reject){is_reset, type, code};
	return eval_done(e, EVAL_REJECTED);
}

enum eval_next eval_reject(struct eval *e, const struct fw_expr *x)
{
	static const uint8_t codes_v4[] = {ICMP_NET_UNREACH, ICMP_PORT_UNREACH,
					   ICMP_HOST_UNREACH, ICMP_PKT_FILTERED};
	static const uint8_t codes_v6[] = {ICMP6_DST_UNREACH_NOROUTE,
					   ICMP6_DST_UNREACH_NOPORT, ICMP6_DST_UNREACH_ADDR,
					   ICMP6_DST_UNREACH_ADMIN};
	bool is_v6 = e->packet->saddr.family == AF_INET6;
	uint8_t type = is_v6 ? ICMP6_DST_UNREACH : ICMP_DEST_UNREACH;
	uint8_t code = x->code;

	if (x->key == NFT_REJECT_TCP_RST)
		return eval_rejected(e, true, 0, 0);
	if (x->key == NFT_REJECT_ICMPX_UNREACH) {
		if (code >= sizeof(codes_v4))
			return eval_opaque(e, x);
		code = is_v6 ? codes_v6[code] : codes_v4[code];
	}
	return eval_rejected(e, false, type, code);
}

enum eval_next eval_fwd(struct eval *e, const struct fw_expr *x)
{
	(void)x;
	return eval_done(e, EVAL_STOLEN);
}

/* It answers SYNs itself and takes the ACK of its own handshake. */
enum eval_next eval_synproxy(struct eval *e, const struct fw_expr *x)
{
	(void)x;
	if (e->packet->proto != IPPROTO_TCP)
		return EVAL_BREAK;
	if (!(e->packet->tcp_flags & (TH_SYN | TH_ACK)))
		return EVAL_NEXT;
	return eval_done(e, EVAL_STOLEN);
}
