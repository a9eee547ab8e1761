/*
 * Tables of iptables-legacy: the kernel's bytes taken apart. For legacy_*.c and
 * ruleset_decode.c only. linux/netfilter/x_tables.h, linux/netfilter_ipv4/ip_tables.h,
 * linux/netfilter_ipv6/ip6_tables.h.
 */
#ifndef CORE_FIREWALL_LEGACY_H
#define CORE_FIREWALL_LEGACY_H

#include <netlink/msg.h>

#include "core/firewall/nft/ruleset_rows.h"

/* The bits of invflags, of both families. */
enum legacy_inverted {
	LEGACY_NOT_IIF = 0x01,
	LEGACY_NOT_OIF = 0x02,
	LEGACY_NOT_SOURCE = 0x08,
	LEGACY_NOT_DESTINATION = 0x10,
	LEGACY_NOT_FRAGMENT = 0x20,
	LEGACY_NOT_PROTOCOL = 0x40
};

/* XT_RETURN; other verdicts below zero are -1 - NF_... */
enum { LEGACY_RETURN = -5 };

/* A match or a target as it stands in the bytes. */
struct legacy_extension {
	struct text name, data; /* of a standard target no name */
	uint8_t revision;
};

/* One entry; texts are borrowed from the table's bytes. */
struct legacy_entry {
	uint32_t offset, next; /* in the table */
	bool is_v6;
	struct text source, source_mask, destination, destination_mask;
	struct text iif, iif_mask, oif, oif_mask; /* 16 bytes each */
	uint16_t proto;                           /* 0: any */
	bool is_fragment, is_goto;
	uint8_t inverted; /* bits */
	uint64_t packets, bytes;
	struct text matches;
	struct legacy_extension target;
};

/* legacy_entry.c: the entry that begins at this offset, checked to lie in the table, its
 * target in it, its matches not yet. 0 or -EBADMSG. */
int legacy_entry_at(struct text table, uint32_t offset, bool is_v6,
		    struct legacy_entry *out);
/* Cuts the first match off *rest. 1; 0: there is none left; -EBADMSG. */
int legacy_match_next(struct text *rest, struct legacy_extension *out);
/* The entry that begins a user chain or ends the table; *name: of the chain. */
bool legacy_entry_is_head(const struct legacy_entry *e, struct text *name);
/* A standard target's verdict; false: it is another target. */
bool legacy_entry_verdict(const struct legacy_entry *e, int32_t *verdict);
/* Every packet meets its target. */
bool legacy_entry_is_unconditional(const struct legacy_entry *e);

/* What a jump leads to: the chain whose first entry stands there; none: there is none. */
struct legacy_jump {
	struct text chain;
};

/*
 * legacy_exprs.c: the entry's conditions and its target as expressions in the decoder's
 * arena. jump:
 * of a standard target with an offset. Sets exprs, n_exprs, comment and counters of the
 * rule. 0, -EBADMSG, -ENOMEM.
 */
int legacy_rule_fill(struct ruleset_decoder *d, const struct legacy_entry *e,
		     const struct legacy_jump *jump, struct fw_rule *rule);

/* legacy_rows.c: the rows of a whole table, pushed to the decoder's; its bytes are
 * borrowed. 0; -EOPNOTSUPP: no table of iptables has this name and these hooks;
 * -EBADMSG, -ENOMEM: nothing is pushed. */
struct xtables_piece;
int legacy_rows_add(struct ruleset_decoder *d, const struct xtables_piece *info,
		    struct text bytes);

/* legacy_tables.c: one message of core/base/xtables.h. 0, -EBADMSG, -ENOMEM. */
int legacy_tables_take(struct ruleset_decoder *d, const struct nlmsghdr *h);

#endif
