/* One row per expression: what it does to the walk. The functions are in eval_*.c. */
#ifndef CORE_FIREWALL_EXPRS_H
#define CORE_FIREWALL_EXPRS_H

#include "core/firewall/eval/eval_run.h"

/* Runs one expression of the rule that is run. */
enum eval_next expr_eval(struct eval *e, const struct fw_expr *x);

#define FW_EVAL(name) enum eval_next eval_##name(struct eval *e, const struct fw_expr *x)
/* eval_data.c */
FW_EVAL(immediate);
FW_EVAL(verdict);
FW_EVAL(cmp);
FW_EVAL(range);
FW_EVAL(bitwise);
FW_EVAL(byteorder);
FW_EVAL(random_value);
/* eval_set.c */
FW_EVAL(lookup);
FW_EVAL(dynset);
FW_EVAL(objref);
/* eval_meta.c */
FW_EVAL(meta);
/* eval_ct.c */
FW_EVAL(ct);
FW_EVAL(untracked);
/* eval_fib.c */
FW_EVAL(fib);
FW_EVAL(exthdr);
FW_EVAL(inner);
/* eval_socket.c; the last one of the target TPROXY */
FW_EVAL(socket);
FW_EVAL(tproxy);
FW_EVAL(xt_tproxy);
/* eval_nat.c */
FW_EVAL(nat);
FW_EVAL(redir);
FW_EVAL(masq);
/* eval_end.c */
FW_EVAL(reject);
FW_EVAL(fwd);
FW_EVAL(synproxy);
FW_EVAL(history);
FW_EVAL(opaque);
FW_EVAL(nothing);
/* eval_flow.c */
FW_EVAL(flow_offload);
/* eval_queue.c; the second of the target NFQUEUE */
FW_EVAL(queue);
FW_EVAL(xt_queue);
/* eval_xt.c, eval_xt_target.c */
FW_EVAL(xt_match);
FW_EVAL(xt_target);
#undef FW_EVAL

#endif
