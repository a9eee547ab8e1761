/*
 * The rules of one network namespace as the kernel told them in one generation. Frozen.
 * linux/netfilter/nf_tables.h. The kernel's own numbers are kept where they have names
 * there (hooks, policies, families).
 */
#ifndef CORE_FIREWALL_RULESET_H
#define CORE_FIREWALL_RULESET_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/table.h"
#include "core/base/tri.h"
#include "core/firewall/expr.h"

/* Whose rules they are: nf_tables' own, iptables' in nf_tables, iptables-legacy's. */
enum fw_backend { FW_NFT, FW_IPTABLES_NFT, FW_LEGACY };

struct fw_table {
	enum fw_backend backend;
	uint8_t family; /* NFPROTO_INET, IPV4, IPV6, NETDEV, BRIDGE, ARP */
	struct text name;
	uint64_t handle; /* 0: legacy */
	bool is_dormant;
	bool has_owner; /* held by a living process (NFT_TABLE_F_OWNER) */
};

/* Where base chains are hooked: the inet numbers. */
enum fw_hook {
	FW_PREROUTING,
	FW_INPUT,
	FW_FORWARD,
	FW_OUTPUT,
	FW_POSTROUTING,
	FW_INGRESS,
	FW_EGRESS,
	N_FW_HOOKS
};

enum fw_chain_type { FW_FILTER, FW_NAT, FW_ROUTE };

struct fw_chain {
	uint32_t table; /* index */
	struct text name;
	uint64_t handle;
	bool is_base, is_binding; /* anonymous chain of one rule */
	enum fw_chain_type type;
	enum fw_hook hook;
	int32_t priority;
	bool policy_drops;
	struct text *devices; /* netdev and inet ingress */
	size_t n_devices;
	uint32_t first_rule,
		n_rules; /* rows of ruleset.rules, in the order of evaluation */
	uint32_t n_uses;
	uint64_t packets, bytes; /* of the policy; has_counter */
	bool has_counter;
	/* Of a base chain: who set its policy, by the chains that it leads into (static
	 * words; NULL: nobody known), once it was found out. */
	bool is_setter_known;
	const char *policy_setter;
	/* Of a base chain: which in the row of its hook's functions it is, from 1, for IPv4
	 * and for IPv6; 0: that was not told (hooks.h), or translation runs it. */
	uint16_t places[2];
};

/* Of some hosts there are tens of thousands: nothing is in it twice, nothing is padded. */
struct fw_rule {
	uint64_t handle; /* legacy: the entry's number in its table */
	uint32_t chain;
	uint32_t index; /* from 1 in its chain */
	/* In their order. Those that say the same are one, here and in other rules. */
	struct fw_expr **exprs;
	uint32_t n_exprs;
	bool has_counter;
	bool has_names; /* an expression of chains or sets; known while they are resolved */
	struct text comment;
	uint64_t packets, bytes; /* of its (first) counter */
};

struct fw_element {
	struct text key, key_end; /* raw, as in a register; none: catch-all, no end */
	struct text data; /* of a map: raw; of a verdict map: the name of verdict_chain; of
	an object map: the object's name */
	int32_t verdict;  /* of a verdict map: NFT_... or NF_... code */
	uint32_t verdict_chain; /* index; UINT32_MAX: none */
	bool is_end, is_catch_all;
	int64_t expires_ms;   /* -1: does not */
	bool has_unsure_expr; /* an expression with a history (limit, quota) hangs on it */
	struct text comment;
};

struct fw_set {
	uint32_t table;
	struct text name;
	uint64_t handle;
	uint32_t flags; /* NFT_SET_... */
	uint32_t key_type, key_len, data_type, data_len;
	uint32_t object_type; /* NFT_OBJECT_..., of an object map */
	uint8_t fields[16];   /* true lengths of a concatenation's parts */
	size_t n_fields;
	struct fw_element *elements; /* plain: sorted by key; interval: by start; concat
					intervals: as dumped */
	size_t n_elements;
	bool is_read;    /* its elements were told */
	uint32_t n_told; /* how many elements it is said to have; 0: it was not said */
	uint32_t size;   /* how many it can have; 0: it was not said */
};

/* What an ipset holds in one dimension, by its type's name: "hash:ip,port". */
enum ipset_dim {
	IPSET_DIM_OTHER,
	IPSET_DIM_IP,
	IPSET_DIM_NET,
	IPSET_DIM_PORT,
	IPSET_DIM_MAC,
	IPSET_DIM_IFACE,
	IPSET_DIM_MARK,
	IPSET_DIM_SET,
	N_IPSET_DIMS
};
enum { IPSET_DIMS = 3 };

/* Its elements are asked for one by one. */
struct fw_ipset {
	uint16_t index;    /* by which rules know it */
	uint8_t family;    /* NFPROTO_IPV4, IPV6; UNSPEC: both */
	bool has_timeouts; /* its elements end by themselves */
	struct text name, type;
	const char *words; /* "set NAME", made visible */
	enum ipset_dim dims[IPSET_DIMS];
	size_t n_dims;
	uint32_t *
		members; /* of a list: rows of ruleset.ipsets in order; FW_NONE: not told */
	size_t n_members;
};

/* Where flow add puts flows: their packets pass the rules by. */
struct fw_flowtable {
	uint32_t table; /* index */
	struct text name;
	int32_t priority;    /* of its hook at ingress */
	bool is_by_hardware; /* a device forwards them: nothing of this host sees them */
	struct text *devices;
	size_t n_devices;
};

struct fw_guards;
struct fw_hook_list;

struct ruleset {
	struct table head;
	uint32_t generation;
	bool is_changing; /* it changed while it was read, again and again; or names are
	used that were not told; or it was not read to its end */
	bool has_nothing; /* the kernel has no nf_tables, and no legacy table either */
	/* Every table of iptables-legacy of this family is among the tables; also where
	 * there is none. */
	bool is_legacy_read_v4, is_legacy_read_v6;
	struct fw_table *tables;
	size_t n_tables;
	struct fw_chain *chains;
	size_t n_chains;
	struct fw_rule *rules;
	size_t n_rules;
	struct fw_set *sets;
	size_t n_sets;
	struct fw_ipset *ipsets;
	size_t n_ipsets;
	struct fw_flowtable *flowtables;
	size_t n_flowtables;
	const struct fw_guards *guards;        /* guards.h; NULL: none */
	const struct fw_hook_list *hook_lists; /* hooks.h; NULL: not told */
	/* firewall_tracks() of both families, once it was found out. */
	bool is_tracking_known;
	enum tri tracks_v4, tracks_v6;
};

const struct fw_chain *ruleset_chain(const struct ruleset *r, const struct fw_rule *rule);
const struct fw_table *ruleset_table_of(const struct ruleset *r, const struct fw_chain *c);
/* The row with this handle in this table; NULL: none (it is gone). */
const struct fw_rule *ruleset_find(const struct ruleset *r, const struct fw_table *like,
				   uint64_t handle);
/* AF_INET, AF_INET6: no table of iptables-legacy is missing here. */
bool ruleset_has_all_legacy(const struct ruleset *r, int family);
/* What the chain (FW_NONE: not known) was read of, as the source of evidence: "nf_tables";
 * "iptables" of tables of iptables-legacy, of IPv6 too. */
const char *ruleset_source(const struct ruleset *r, uint32_t chain);
/* "inet", "ip", "ip6", "netdev", "bridge", "arp" */
const char *fw_family_word(uint8_t family);

struct ruleset_decoder;
/* In: the messages of REQUEST_RULESET in any order of parts (NEWGEN first and last,
 * NEWTABLE, NEWCHAIN, NEWSET, NEWRULE, NEWSETELEM, NEWOBJ, NEWFLOWTABLE; hooked functions
 * and core/base/hooks_told.h; legacy tables as in core/base/xtables.h). */
struct ruleset_decoder *ruleset_new(void);
void ruleset_free(struct ruleset_decoder *d);
void ruleset_reset(struct ruleset_decoder *d);
/* One part. 0, -EBADMSG (what was read before it is kept), -ENOMEM. */
int ruleset_decode(struct ruleset_decoder *d, const void *bytes, size_t len);
/* Frozen, names resolved; NULL: no memory. The decoder is empty again. */
struct ruleset *ruleset_finish(struct ruleset_decoder *d);
/* The same, but that sets whose elements were not read may have others. */
bool ruleset_has_same_rules(const struct ruleset *a, const struct ruleset *b);
/* Equal but for counters, expiration times and generation. */
bool ruleset_is_same(const struct ruleset *a, const struct ruleset *b);

#endif
