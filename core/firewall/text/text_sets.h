/* Elements, ranges and whole sets as nft prints them. */
#ifndef CORE_FIREWALL_TEXT_SETS_H
#define CORE_FIREWALL_TEXT_SETS_H

#include "core/base/str.h"
#include "core/firewall/ruleset.h"

/* One part of a key: a plain key has one, a concatenation several, each padded to words. */
struct text_part {
	uint8_t type; /* enum text_type */
	uint8_t len;
	uint8_t shift; /* a field of some bits: how far it stands from the end */
	bool is_big;
};
enum { TEXT_PARTS = 16, TEXT_ELEMENTS = 8 };

/* From the set's own word (DATA_TYPE). Returns how many, at least 1. */
size_t text_data_parts(const struct fw_set *set, struct text_part parts[TEXT_PARTS]);

/* Both ends included: a value, a prefix where the type has them, or "a-b". */
int text_range(struct str *out, const struct text_part *part, struct text from,
	       struct text to);
int text_part_value(struct str *out, const struct text_part *part, struct text value);

/* "accept", "jump other"; chain: the name. */
int text_verdict(struct str *out, const struct ruleset *r, int32_t verdict, uint32_t chain);

/* "{ 22, 80-90 }" with up to TEXT_ELEMENTS elements and how many more there are. */
int text_set_body(struct str *out, const struct ruleset *r, const struct fw_set *set,
		  const struct text_part *parts, size_t n_parts);

#endif
