/* What the decoder holds before names are resolved. For ruleset_*.c only. */
#ifndef CORE_FIREWALL_RULESET_ROWS_H
#define CORE_FIREWALL_RULESET_ROWS_H

#include <netlink/msg.h>

#include "core/base/vec.h"
#include "core/firewall/nft_attributes.h"
#include "core/firewall/ruleset.h"

/* Whose name it is: a table's (name none), or a chain's or set's in a table. */
struct fw_name {
	uint8_t family;
	struct text table, name;
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

struct ruleset_decoder {
	struct arena arena;
	struct vec tables, chains, sets, rules, elements;
	uint32_t generation;
	uint16_t short_generation; /* of the first message */
	bool has_generation, has_message, is_changing;
};

/* One message each, its attributes taken apart. 0 or -ENOMEM. */
int ruleset_add_table(struct ruleset_decoder *d, uint8_t family,
		      const struct nft_attributes *a);
int ruleset_add_chain(struct ruleset_decoder *d, uint8_t family,
		      const struct nft_attributes *a);
int ruleset_add_rule(struct ruleset_decoder *d, uint8_t family,
		     const struct nft_attributes *a);
int ruleset_add_set(struct ruleset_decoder *d, uint8_t family,
		    const struct nft_attributes *a);
int ruleset_add_elements(struct ruleset_decoder *d, uint8_t family,
			 const struct nft_attributes *a);

#endif
