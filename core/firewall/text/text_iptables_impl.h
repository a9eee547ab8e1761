/*
 * A rule of iptables under way. For text_iptables*.c only.
 */
#ifndef CORE_FIREWALL_TEXT_IPTABLES_IMPL_H
#define CORE_FIREWALL_TEXT_IPTABLES_IMPL_H

#include "core/firewall/text/text_values.h"
#include "core/firewall/text/text_xt.h"

/* One test of a rule's head. */
struct test {
	bool is_given, is_inverted;
	struct text value;
	uint8_t mask[16];
	bool has_mask;
};

/* What a register holds: a load and the mask that was laid on it. */
struct loaded {
	const struct fw_expr *from;
	struct text mask;
};

/* Tests of ports and flags under way: iptables prints them as one match. */
struct transport {
	const char *name; /* NULL: none is under way */
	struct str sport, dport, flags;
};

struct sentence {
	const struct ruleset *r;
	uint8_t family; /* NFPROTO_... */
	struct loaded words[FW_N_WORDS];
	struct test saddr, daddr, iif, oif, proto, fragment;
	struct str matches, target;
	struct transport transport;
	bool has_comment;
};

/* Each takes one expression and appends to s->matches, or keeps it for the head. False: it
 * is none that iptables writes. */
bool iptables_load(struct sentence *s, const struct fw_expr *e);
bool iptables_mask(struct sentence *s, const struct fw_expr *e);
bool iptables_compare(struct sentence *s, const struct fw_expr *e);
bool iptables_range(struct sentence *s, const struct fw_expr *e);
bool iptables_limit(struct sentence *s, const struct fw_expr *e);
bool iptables_match(struct sentence *s, const struct fw_expr *e);
/* Another match follows, or the end. */
void iptables_end_ports(struct sentence *s);

#endif
