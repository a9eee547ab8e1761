/* What the decoder holds before names are resolved. For ruleset_*.c only. */
#ifndef CORE_FIREWALL_RULESET_ROWS_H
#define CORE_FIREWALL_RULESET_ROWS_H

#include <netlink/msg.h>

#include "core/base/vec.h"
#include "core/base/xtables.h"
#include "core/firewall/expr_pool.h"
#include "core/firewall/nft/nft_attributes.h"
#include "core/firewall/hooks.h"
#include "core/firewall/ruleset.h"

/* Whose name it is: a table's (name none), or a chain's or set's in a table. */
struct fw_name {
	uint8_t family;
	struct text table, name;
	bool is_legacy; /* those have names of their own */
};

struct raw_table {
	struct fw_name of;
	struct fw_table row;
};
struct raw_chain {
	struct fw_name of;
	struct fw_chain row;
};
struct raw_set {
	struct fw_name of;
	struct fw_set row;
};
/* The elements of one message. */
struct raw_elements {
	struct fw_name of; /* the set */
	struct fw_element *elements;
	size_t n;
};

struct raw_flowtable {
	struct fw_name of;
	struct fw_flowtable row;
};

struct raw_hooked {
	size_t list;       /* hooks_list_of() */
	struct fw_name of; /* of a chain: which one; has_name */
	bool has_name;
	struct fw_hooked row;
};

/* What a list of sets lists, in its order. */
struct raw_ipset_member {
	struct raw_ipset_member *next;
	struct text name;
};
struct raw_ipset {
	struct fw_ipset row;
	struct raw_ipset_member *first_member;
};

/* Legacy tables as they come in pieces. [2]: IPv4, IPv6. */
struct raw_legacy {
	struct xtables_piece piece; /* the first one of the table that is open */
	struct str bytes;           /* of it, so far */
	struct vec exprs;           /* struct fw_expr *: of the rule that is made */
	uint32_t n_tables[2];
	bool is_whole[2]; /* every table of the family was told */
};

struct ruleset_decoder {
	struct arena arena;
	struct vec tables, chains, sets, elements;
	struct vec rules;       /* struct fw_rule; chain: a row of rule_chains */
	struct vec rule_chains; /* struct fw_name */
	struct expr_pool pool;
	struct vec ipsets; /* struct raw_ipset */
	struct vec flowtables;
	struct vec hooks; /* struct raw_hooked, of each list in order */
	bool has_hooks, hooks_told[FW_HOOK_LISTS];
	struct vec hidden; /* struct fw_name: tables of a trace of our own */
	struct raw_legacy legacy;
	uint32_t generation;
	uint16_t short_generation; /* of the first message */
	bool has_generation, has_message, is_changing;
	bool has_end; /* the generation was told again behind all the rest */
};

/* Both into the arena; NULL: none. 0 or -ENOMEM. */
int ruleset_keep_names(struct arena *arena, const struct nlattr *table,
		       const struct nlattr *name, struct fw_name *of);

/* The row of rule_chains with this name, copied if it is new: rules are told chain by
 * chain, so only the last one is looked at. 0 or -ENOMEM. */
int ruleset_keep_chain(struct ruleset_decoder *d, const struct fw_name *of, uint32_t *row);

/* ruleset_sets.c: one message each, its attributes taken apart. 0 or -ENOMEM. */
int ruleset_add_set(struct ruleset_decoder *d, uint8_t family,
		    const struct nft_attributes *a);
/* ruleset_flowtables.c */
int ruleset_add_flowtable(struct ruleset_decoder *d, uint8_t family,
			  const struct nft_attributes *a);
int ruleset_add_elements(struct ruleset_decoder *d, uint8_t family,
			 const struct nft_attributes *a);

#endif
