/*
 * Attributes of nf_tables messages: checked, big endian, nested with or without the flag
 * that says so. Knows no expression and no row.
 */
#ifndef CORE_FIREWALL_NFT_ATTRIBUTES_H
#define CORE_FIREWALL_NFT_ATTRIBUTES_H

#include <netlink/attr.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"

enum { NFT_ATTRIBUTES = 32 };

/* By type; NULL where there is none. */
struct nft_attributes {
	const struct nlattr *at[NFT_ATTRIBUTES];
	bool is_damaged; /* bytes that are no attributes */
	uint32_t types;  /* bit n: type n was there */
	bool has_beyond; /* one of a type >= NFT_ATTRIBUTES */
};

struct nft_attributes nft_attributes_of(const void *bytes, int len);
struct nft_attributes nft_nested(const struct nlattr *a); /* NULL: none */

/* A big endian integer of 1, 2, 4 or 8 bytes; 0 when a is NULL or of another length. */
uint64_t nft_integer(const struct nlattr *a);
bool nft_is_integer(const struct nlattr *a);
uint32_t nft_u32(const struct nlattr *a); /* of the low 32 bits */

/* The bytes, borrowed; none for NULL. A name ends at its NUL. */
struct text nft_bytes(const struct nlattr *a);
struct text nft_name(const struct nlattr *a);

/* Copies t into the arena. 0 or -ENOMEM. */
int nft_keep(struct arena *arena, struct text t, struct text *out);

/* The comment in the TLV bytes of USERDATA (type 0 of rules and elements), borrowed. */
struct text nft_comment(const struct nlattr *userdata);

/* Walks the elements of a list (any type). */
#define nft_for_each(a, left, list)                                                     \
	for ((left) = (list) ? nla_len(list) : 0, (a) = (list) ? nla_data(list) : NULL; \
	     (a) && nla_ok(a, left); (a) = nla_next(a, &(left)))

#endif
