/*
 * The functions that are registered at one hook of IPv4 or IPv6, in the order in which the
 * kernel calls them: chains, connection tracking, and what no rule shows (BPF programs,
 * modules of others). Frozen with the ruleset. linux/netfilter/nfnetlink_hook.h.
 */
#ifndef CORE_FIREWALL_HOOKS_H
#define CORE_FIREWALL_HOOKS_H

#include "core/firewall/ruleset.h"

enum fw_hooked_kind {
	FW_HOOKED_FOREIGN,  /* nobody knows what it does */
	FW_HOOKED_BPF,      /* a program: what it does is not known either */
	FW_HOOKED_CHAIN,    /* of nf_tables */
	FW_HOOKED_LEGACY,   /* a table of iptables-legacy, but its nat */
	FW_HOOKED_TRACKING, /* where a packet is given its connection */
	FW_HOOKED_NAT,      /* where the chains of type nat are run */
	FW_HOOKED_LABELS,   /* stops packets by their security mark, if anything sets one */
	FW_HOOKED_KNOWN     /* the kernel's own that stops no packet, or minded elsewhere */
};

struct fw_hooked {
	enum fw_hooked_kind kind;
	int32_t priority;
	struct text function, module; /* none: not told; no module: built in */
	uint32_t chain;   /* CHAIN, LEGACY: the row; FW_NONE: it is not in the ruleset */
	uint32_t program; /* BPF: its id; 0: not told */
	/* Why what it does is not known, visible words of the ruleset's; NULL: it is known,
	 * or it does not matter. */
	const char *doubt;
};

struct fw_hook_list {
	bool is_told;    /* all of them */
	bool is_ordered; /* and every chain of the ruleset is where it should be */
	struct fw_hooked *rows;
	size_t n;
};

enum { FW_HOOK_LISTS = 2 * (FW_POSTROUTING + 1) };

/* Its list; family: NFPROTO_IPV4, AF_INET (the same number), ... NULL: nothing was told of
 * hooks, or not of such a one. */
const struct fw_hook_list *hooks_at(const struct ruleset *r, enum fw_hook hook,
				    uint8_t family);
/* Whether the base chain is called before the function of this kind (TRACKING, NAT) at the
 * same hook. TRI_UNSURE: it is not told, or there is none. */
enum tri hooks_chain_precedes(const struct ruleset *r, uint32_t chain, uint8_t family,
			      enum fw_hooked_kind kind);
/* Whether connections are tracked, where the functions tell it: it may be for the sake of
 * others than rules. Of a ruleset that is being made. */
void hooks_note_tracking(struct ruleset *r);
/* No table of iptables-legacy is hooked anywhere: there is none that could meet a packet.
 */
bool hooks_rule_out_legacy(const struct ruleset *r, uint8_t family);
/* The words are a row's doubt, itself (r may be NULL). */
bool hooks_doubts(const struct ruleset *r, const char *doubt);
bool hooks_are_same(const struct ruleset *a, const struct ruleset *b);

/* hook_functions.c: by the function's name, whatever the compiler has put behind it. */
enum fw_hooked_kind hook_function_kind(struct text function);

#endif
