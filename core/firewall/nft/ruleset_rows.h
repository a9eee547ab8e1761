/* What the decoder holds before names are resolved. For ruleset_*.c only. */
#ifndef CORE_FIREWALL_RULESET_ROWS_H
#define CORE_FIREWALL_RULESET_ROWS_H

#include <netlink/msg.h>

#include "core/base/vec.h"
#include "core/base/xtables.h"
#include "core/firewall/nft/nft_attributes.h"
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
struct raw_rule {
	struct fw_name of; /* the chain */
	size_t sequence;
	struct fw_rule row;
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
	uint32_t n_tables[2];
	bool is_whole[2]; /* every table of the family was told */
};

struct ruleset_decoder {
	struct arena arena;
	struct vec tables, chains, sets, rules, elements;
	struct vec ipsets; /* struct raw_ipset */
	struct vec flowtables;
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

/* ruleset_sets.c: one message each, its attributes taken apart. 0 or -ENOMEM. */
int ruleset_add_set(struct ruleset_decoder *d, uint8_t family,
		    const struct nft_attributes *a);
/* ruleset_flowtables.c */
int ruleset_add_flowtable(struct ruleset_decoder *d, uint8_t family,
			  const struct nft_attributes *a);
int ruleset_add_elements(struct ruleset_decoder *d, uint8_t family,
			 const struct nft_attributes *a);

#endif
