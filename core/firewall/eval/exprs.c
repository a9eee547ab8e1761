/* The table of expressions: a new one is a row here and a function in eval_*.c. */
#include "core/firewall/eval/exprs.h"

struct expr_row {
	enum eval_next (*eval)(struct eval *e, const struct fw_expr *x);
};

static const struct expr_row rows[N_FW_EXPRS] = {
	[FW_EXPR_OPAQUE] = {eval_opaque},
	[FW_EXPR_IMMEDIATE] = {eval_immediate},
	[FW_EXPR_VERDICT] = {eval_verdict},
	[FW_EXPR_PAYLOAD] = {eval_payload},
	[FW_EXPR_CMP] = {eval_cmp},
	[FW_EXPR_RANGE] = {eval_range},
	[FW_EXPR_BITWISE] = {eval_bitwise},
	[FW_EXPR_BYTEORDER] = {eval_byteorder},
	[FW_EXPR_LOOKUP] = {eval_lookup},
	[FW_EXPR_META] = {eval_meta},
	[FW_EXPR_CT] = {eval_ct},
	[FW_EXPR_FIB] = {eval_fib},
	[FW_EXPR_EXTHDR] = {eval_exthdr},
	[FW_EXPR_SOCKET] = {eval_socket},
	[FW_EXPR_LIMIT] = {eval_history},
	[FW_EXPR_CONNLIMIT] = {eval_history},
	[FW_EXPR_QUOTA] = {eval_history},
	[FW_EXPR_LAST] = {eval_nothing},
	[FW_EXPR_NUMGEN] = {eval_random_value},
	[FW_EXPR_HASH] = {eval_random_value},
	[FW_EXPR_OSF] = {eval_random_value},
	[FW_EXPR_RT] = {eval_random_value},
	[FW_EXPR_XFRM] = {eval_random_value},
	[FW_EXPR_TUNNEL] = {eval_random_value},
	[FW_EXPR_DYNSET] = {eval_dynset},
	[FW_EXPR_OBJREF] = {eval_objref},
	[FW_EXPR_COUNTER] = {eval_nothing},
	[FW_EXPR_LOG] = {eval_nothing},
	[FW_EXPR_DUP] = {eval_nothing},
	[FW_EXPR_FWD] = {eval_fwd},
	[FW_EXPR_NOTRACK] = {eval_untracked},
	[FW_EXPR_FLOW_OFFLOAD] = {eval_flow_offload},
	[FW_EXPR_TPROXY] = {eval_tproxy},
	[FW_EXPR_SYNPROXY] = {eval_synproxy},
	[FW_EXPR_REJECT] = {eval_reject},
	[FW_EXPR_NAT] = {eval_nat},
	[FW_EXPR_REDIR] = {eval_redir},
	[FW_EXPR_MASQ] = {eval_masq},
	[FW_EXPR_QUEUE] = {eval_queue},
	[FW_EXPR_XT_MATCH] = {eval_xt_match},
	[FW_EXPR_XT_TARGET] = {eval_xt_target},
	[FW_EXPR_INNER] = {eval_inner},
};

enum eval_next expr_eval(struct eval *e, const struct fw_expr *x)
{
	e->expr = x;
	return rows[x->kind].eval(e, x);
}
