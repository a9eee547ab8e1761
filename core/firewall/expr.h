/*
 * One expression of a rule, decoded. Registers are word numbers (0..15, and FW_VERDICT).
 * Values are bytes as in the kernel's registers. linux/netfilter/nf_tables.h.
 */
#ifndef CORE_FIREWALL_EXPR_H
#define CORE_FIREWALL_EXPR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/text.h"

enum { FW_VERDICT = 0xff, FW_N_WORDS = 16 };
#define FW_NONE UINT32_MAX

/* X(name, the kernel's name) */
#define FW_EXPRS(X)                     \
	X(OPAQUE, "")                   \
	X(IMMEDIATE, "immediate")       \
	X(VERDICT, "")                  \
	X(PAYLOAD, "payload")           \
	X(CMP, "cmp")                   \
	X(RANGE, "range")               \
	X(BITWISE, "bitwise")           \
	X(BYTEORDER, "byteorder")       \
	X(LOOKUP, "lookup")             \
	X(META, "meta")                 \
	X(CT, "ct")                     \
	X(FIB, "fib")                   \
	X(EXTHDR, "exthdr")             \
	X(SOCKET, "socket")             \
	X(LIMIT, "limit")               \
	X(CONNLIMIT, "connlimit")       \
	X(QUOTA, "quota")               \
	X(LAST, "last")                 \
	X(NUMGEN, "numgen")             \
	X(HASH, "hash")                 \
	X(OSF, "osf")                   \
	X(RT, "rt")                     \
	X(XFRM, "xfrm")                 \
	X(TUNNEL, "tunnel")             \
	X(DYNSET, "dynset")             \
	X(OBJREF, "objref")             \
	X(COUNTER, "counter")           \
	X(LOG, "log")                   \
	X(DUP, "dup")                   \
	X(FWD, "fwd")                   \
	X(NOTRACK, "notrack")           \
	X(FLOW_OFFLOAD, "flow_offload") \
	X(TPROXY, "tproxy")             \
	X(SYNPROXY, "synproxy")         \
	X(REJECT, "reject")             \
	X(NAT, "nat")                   \
	X(REDIR, "redir")               \
	X(MASQ, "masq")                 \
	X(QUEUE, "queue")               \
	X(XT_MATCH, "match")            \
	X(XT_TARGET, "target")          \
	X(INNER, "inner")

/* clang-format off */
enum fw_expr_kind {
#define X(name, word) FW_EXPR_##name,
	FW_EXPRS(X)
#undef X
	N_FW_EXPRS
};
/* clang-format on */

struct fw_expr {
	enum fw_expr_kind kind;
	struct text name;            /* the kernel's, of OPAQUE; of XT_*: the extension's */
	uint8_t sreg, dreg;          /* words */
	uint8_t sreg2, sreg3, sreg4; /* nat: address max, port min, port max; 0xfe: none */
	uint8_t op;       /* cmp, range, bitwise, byteorder, fib result, exthdr, dynset */
	uint8_t base;     /* payload */
	bool is_inverted; /* lookup, limit over, ... */
	bool writes;      /* the SREG form: payload, meta, ct, exthdr set something */
	uint32_t key; /* of meta, ct, socket, rt, ...; exthdr type; reject type; nat type */
	uint32_t offset, len;
	uint32_t flags;            /* fib, nat, exthdr, masq, redir, lookup */
	uint8_t code;              /* reject */
	uint8_t family;            /* nat */
	uint8_t direction;         /* ct: 0, 1; 2: none */
	struct text value, value2; /* immediate, cmp; range from and to; bitwise mask and
				      xor; log prefix; xt info; object name */
	uint32_t set;              /* index of lookup, dynset, objref; FW_NONE */
	int32_t verdict;           /* VERDICT: NF_DROP 0, NF_ACCEPT 1, NFT_JUMP -3 ... */
	uint32_t chain;            /* of jump and goto: index; FW_NONE */
	uint8_t revision;          /* XT_* */
};

#endif
