/*
 * What the kernel says of one key of a set that is not read with the ruleset: the elements
 * that bear on it, or the answer of an ipset. Frozen. Knows no packet.
 */
#ifndef CORE_FIREWALL_MEMBER_H
#define CORE_FIREWALL_MEMBER_H

#include "core/firewall/ipset_members.h"
#include "core/firewall/ruleset.h"

struct fw_member {
	struct table head;
	/* Of nf_tables: the set's own row with the elements that were told (of one key: the
	 * one that covers it, its end, the catch-all; or all of them). Its table is no
	 * index, an element's verdict_chain is FW_NONE and the chain's name its data. */
	bool has_set;
	struct fw_set set;
	/* The low bits of the rules' generation in which it was told; false: of an ipset.
	 */
	bool has_generation;
	uint16_t generation;
	bool is_changing; /* they changed between its messages */
	/* Of an ipset: whether it holds what was asked. TRI_UNSURE: its answer is none. */
	enum tri is_in;
	int32_t code; /* the kernel's own; 0: it is in */
	/* The network of the ipset that holds the address; false: the address alone, or its
	 * type has no networks. */
	bool has_prefix;
	uint8_t prefix;
	/* Of an ipset that was asked for no key: all that it holds. */
	bool has_all;
	struct ipset_members all;
};

struct member_decoder;
/* In: the messages of REQUEST_MEMBER: NEWSET, then NEWSETELEM; those of an ipset's listing;
 * or core/base/members.h. */
struct member_decoder *member_new(void);
void member_free(struct member_decoder *d);
/* One part. 0, -EBADMSG (what was read before it is kept), -ENOMEM. */
int member_decode(struct member_decoder *d, const void *bytes, size_t len);
/* NULL: no memory, or nothing was told. The decoder is empty again. */
struct fw_member *member_finish(struct member_decoder *d);

/* The rows can stand for those of this set: its keys and data have the same shape. */
bool member_fits(const struct fw_member *m, const struct fw_set *set);

#endif
