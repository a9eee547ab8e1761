/* What a rule can look at, by its place in a packet or its key: its name in nft's words and
 * the type of its values. */
#ifndef CORE_FIREWALL_TEXT_FIELDS_H
#define CORE_FIREWALL_TEXT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A header, as far as the rule so far tells which one it is. */
enum text_header {
	HEADER_UNKNOWN,
	HEADER_ETHER,
	HEADER_VLAN, /* link layer, behind the addresses */
	HEADER_ARP,
	HEADER_IP,
	HEADER_IP6,
	HEADER_TCP,
	HEADER_UDP,
	HEADER_UDPLITE,
	HEADER_SCTP,
	HEADER_DCCP,
	HEADER_ICMP,
	HEADER_ICMP6,
	HEADER_IGMP,
	HEADER_AH,
	HEADER_ESP,
	HEADER_COMP,
	HEADER_TH,  /* some transport: ports at its start */
	HEADER_HBH, /* extension headers of IPv6 */
	HEADER_RT,
	HEADER_FRAG,
	HEADER_DST,
	HEADER_MH,
	N_TEXT_HEADERS
};

struct text_field {
	const char *name; /* "ip saddr" */
	uint16_t offset;  /* bits */
	uint16_t bits;
	uint8_t type;
};

enum text_header text_header_of_ethertype(unsigned ethertype);
enum text_header text_header_of_proto(unsigned proto);
enum text_header text_header_of_extension(unsigned type);
/* "frag" of an extension header; NULL: not one of them. */
const char *text_extension_word(enum text_header h);

/* The widest field that begins at this bit and has no more than max_bits; NULL: none. */
const struct text_field *text_field_at(enum text_header h, unsigned offset,
				       unsigned max_bits);
/* The field that these bits are the first part of; NULL: none. */
const struct text_field *text_field_part(enum text_header h, unsigned offset,
					 unsigned bits);

struct text_key {
	const char *name; /* NULL: not known */
	uint8_t type;
	bool is_bare; /* without the word "meta" */
};

struct text_key text_meta_key(uint32_t key);
struct text_key text_ct_key(uint32_t key);

#endif
