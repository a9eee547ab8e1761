/* What the files of xtables extensions share. For eval_xt*.c only. */
#ifndef CORE_FIREWALL_EVAL_XT_H
#define CORE_FIREWALL_EVAL_XT_H

#include "core/firewall/eval/eval_run.h"

enum xt_answer {
	XT_NO,
	XT_YES,
	XT_UNSURE,  /* something of the packet is not known: run->xt_doubt */
	XT_HISTORY, /* depends on what was before */
	XT_OPAQUE,  /* not understood */
};

/* The extension's struct, native as the kernel keeps it; false: it is shorter. */
bool xt_read(struct text info, void *out, size_t size);
/* eval_xt_packet.c */
enum xt_answer xt_multiport(struct eval *e, struct text info);
enum xt_answer xt_tcp(struct eval *e, struct text info);
enum xt_answer xt_udp(struct eval *e, struct text info);
enum xt_answer xt_icmp(struct eval *e, struct text info);
enum xt_answer xt_icmp6(struct eval *e, struct text info);
enum xt_answer xt_mark(struct eval *e, struct text info);
enum xt_answer xt_iprange(struct eval *e, struct text info);
enum xt_answer xt_pkttype(struct eval *e, struct text info);
enum xt_answer xt_addrtype(struct eval *e, struct text info);
/* eval_xt_values.c */
enum xt_answer xt_connmark(struct eval *e, struct text info);
enum xt_answer xt_ttl(struct eval *e, struct text info);
enum xt_answer xt_hl(struct eval *e, struct text info);
enum xt_answer xt_length(struct eval *e, struct text info);
enum xt_answer xt_rpfilter(struct eval *e, struct text info);
/* eval_xt_set.c: which of both answers an unknown key gets is asked there. */
enum xt_answer xt_set(struct eval *e, struct text info);
enum xt_answer xt_set_v3(struct eval *e, struct text info);
enum xt_answer xt_set_v4(struct eval *e, struct text info);
/* eval_socket.c */
enum xt_answer xt_socket(struct eval *e, struct text info);
/* eval_xt_conntrack.c */
enum xt_answer xt_conntrack(struct eval *e, struct text info);
/* eval_xt_ebtables.c */
enum xt_answer xt_ebt_ip(struct eval *e, struct text info);
enum xt_answer xt_ebt_ip6(struct eval *e, struct text info);
enum xt_answer xt_ebt_mark(struct eval *e, struct text info);
enum xt_answer xt_ebt_pkttype(struct eval *e, struct text info);
enum eval_next eval_ebt_mark(struct eval *e, const struct fw_expr *x);

#endif
