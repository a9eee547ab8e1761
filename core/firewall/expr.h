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

/* clang-format off */
/*
 * The fields by kind; what is not named here is zero, a register that is not given is
 * FW_NO_REG, a set or chain that is not known FW_NONE (and what jumps to an unknown chain
 * or looks in an unknown set is OPAQUE).
 *  OPAQUE     name: the kernel's word for it
 *  IMMEDIATE  dreg, value
 *  VERDICT    verdict, chain, value: the chain's name
 *  PAYLOAD    base, offset, len, dreg; writes: sreg
 *  CMP        op, sreg, value
 *  RANGE      op (0 inside), sreg, value to value2
 *  BITWISE    op, sreg, dreg, len; op 0: value mask, value2 xor; 1, 2 shift: value (u32 of
 *             the host); 3 and, 4 or, 5 xor: value, or sreg2 when there is no value
 *  BYTEORDER  op (0 ntoh, 1 hton), sreg, dreg, len, key: size of a unit
 *  LOOKUP     sreg, set, is_inverted, dreg: FW_NO_REG, FW_VERDICT or a word; value: name
 *  META, CT, SOCKET, RT, TUNNEL  key, dreg; writes: sreg. ct: direction
 *  XFRM       key, dreg, direction, offset: of the state
 *  FIB        op: result, flags, dreg
 *  EXTHDR     op, key: type, offset, len, flags, dreg; writes: sreg
 *  LIMIT      amount per amount2 seconds, len: burst, key: 1 bytes, is_inverted: over
 *  CONNLIMIT  amount, is_inverted: over
 *  QUOTA      amount of bytes, amount2: used up, is_inverted: over
 *  NUMGEN     key: 0 counting, 1 random; amount: modulus, offset, dreg
 *  HASH       key: 0 jenkins, 1 symmetric; sreg, len, amount: modulus, offset, dreg; seed
 *             in amount2 if flags is 1
 *  OSF        dreg
 *  DYNSET     op, set, sreg: key, sreg2: data, amount: timeout in ms, is_inverted, inner;
 *             value: name
 *  OBJREF     key: type and value: name; or sreg and set, value: the set's name
 *  LOG        value: prefix, key: level, offset: group, len: snaplen, amount: threshold,
 *             flags; op: which of them were given, FW_LOG_...
 *  DUP        sreg: address, sreg2: device
 *  FWD        sreg: device, sreg2: address, family
 *  TPROXY     family, sreg: address, sreg3: port
 *  SYNPROXY   offset: mss, len: wscale, flags
 *  REJECT     key: type, code
 *  NAT        key: 0 snat, 1 dnat; family, sreg, sreg2: address; sreg3, sreg4: port; flags
 *  REDIR, MASQ  sreg3, sreg4, flags
 *  QUEUE      offset: first, len: how many, flags, sreg
 *  XT_MATCH, XT_TARGET  name, revision, value: the extension's own bytes
 */
/* clang-format on */
enum { FW_NO_REG = 0xfe };
enum { FW_LOG_GROUP = 1, FW_LOG_SNAPLEN = 2, FW_LOG_THRESHOLD = 4, FW_LOG_LEVEL = 8 };

struct fw_expr {
	enum fw_expr_kind kind : 8;
	uint8_t sreg, dreg; /* words */
	uint8_t sreg2, sreg3, sreg4;
	uint8_t op;
	uint8_t base; /* payload: 0 link, 1 network, 2 transport, 3 inner */
	uint8_t code, family, direction, revision;
	bool is_inverted;
	bool writes;          /* sets something: the form with a source register */
	bool has_unsure_expr; /* dynset: limit, quota, ... decide in it */
	uint32_t key;         /* meta, ct, ...: the kernel's number */
	union {
		uint32_t offset;  /* of payload, exthdr, ...: bytes */
		uint32_t n_inner; /* of dynset */
	};
	uint32_t len;   /* bytes of payload, exthdr, registers */
	uint32_t flags; /* the kernel's: fib, nat, exthdr, masq, redir, log, queue */
	uint32_t set;   /* index; FW_NONE */
	uint32_t chain; /* of jump and goto: index; FW_NONE */
	struct text value;
	union { /* which one: fw_expr_rest() */
		struct text name;
		struct text value2;
		int32_t verdict; /* NF_DROP 0, NF_ACCEPT 1, NFT_JUMP -3 ... */
		struct {
			uint64_t amount;
			union {
				uint64_t amount2;
				struct fw_expr *inner; /* what hangs on the new element */
			};
		};
	};
};

/* What else an expression of this kind has, of the fields that lie in one place: of a host
 * with many rules there are very many of them. */
enum fw_expr_rest {
	FW_REST_AMOUNTS, /* amount, amount2: limit, quota, ...; and all that have neither */
	FW_REST_NAME,    /* OPAQUE, XT_* */
	FW_REST_VALUE2,  /* RANGE, BITWISE */
	FW_REST_VERDICT, /* VERDICT */
	FW_REST_INNER    /* DYNSET: amount, n_inner and inner */
};

static inline enum fw_expr_rest fw_expr_rest(const struct fw_expr *e)
{
	switch ((int)e->kind) {
	case FW_EXPR_OPAQUE:
	case FW_EXPR_XT_MATCH:
	case FW_EXPR_XT_TARGET:
		return FW_REST_NAME;
	case FW_EXPR_RANGE:
	case FW_EXPR_BITWISE:
		return FW_REST_VALUE2;
	case FW_EXPR_VERDICT:
		return FW_REST_VERDICT;
	case FW_EXPR_DYNSET:
		return FW_REST_INNER;
	default:
		return FW_REST_AMOUNTS;
	}
}

#endif
