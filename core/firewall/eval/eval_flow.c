/*
 * flow add: from then on the packets of the flow take a way of their own, from the device
 * that they come in by to the one that they leave by, past all rules of the IP hooks. The
 * first packets of a flow, and those that end it, do not match: nft_flow_offload_eval() of
 * net/netfilter/nft_flow_offload.c.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "core/firewall/eval/exprs.h"

enum { CT_ESTABLISHED = 2, CT_RELATED = 4 };

static bool may_be_offloaded(const struct eval *e)
{
	const struct fw_packet *p = e->packet;
	uint32_t state = eval_ct_state(e);

	if (!eval_has_ct(e) || (state && !(state & (CT_ESTABLISHED | CT_RELATED))))
		return false;
	if (p->proto == IPPROTO_TCP)
		return !(p->tcp_flags & (TH_SYN | TH_FIN | TH_RST));
	return p->proto == IPPROTO_UDP || p->proto == IPPROTO_GRE;
}

static bool is_by_hardware(const struct eval *e, const struct fw_expr *x)
{
	const struct ruleset *r = e->ruleset;
	uint32_t table = r->chains[r->rules[e->rule].chain].table;

	for (size_t i = 0; i < r->n_flowtables; i++)
		if (r->flowtables[i].table == table &&
		    text_equals(r->flowtables[i].name, x->value))
			return r->flowtables[i].is_by_hardware;
	return false;
}

/* Once the flow is offloaded the rule does not match again. */
enum eval_next eval_flow_offload(struct eval *e, const struct fw_expr *x)
{
	if (e->is_near)
		return EVAL_NEXT;
	if (!may_be_offloaded(e))
		return EVAL_BREAK;
	if (e->out->offload != FW_OFFLOAD_BY_HARDWARE)
		e->out->offload = is_by_hardware(e, x) ? FW_OFFLOAD_BY_HARDWARE
						       : FW_OFFLOAD_BY_KERNEL;
	return eval_is_last(e, x)
		       ? EVAL_NEXT
		       : eval_unsure(e, "whether the flow is offloaded yet", true);
}
