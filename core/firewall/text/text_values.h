/* Values as nft prints them, by its numbers of data types (which sets carry as KEY_TYPE).
 * Knows no expressions. nft(8) DATA TYPES. */
#ifndef CORE_FIREWALL_TEXT_VALUES_H
#define CORE_FIREWALL_TEXT_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/str.h"
#include "core/base/text.h"

/* X(name, nft's number, bytes; 0: as many as there are) */
#define TEXT_TYPES(X)        \
	X(VERDICT, 1, 0)     \
	X(NFPROTO, 2, 1)     \
	X(BITMASK, 3, 0)     \
	X(INTEGER, 4, 0)     \
	X(STRING, 5, 0)      \
	X(IPV4, 7, 4)        \
	X(IPV6, 8, 16)       \
	X(ETHER, 9, 6)       \
	X(ETHERTYPE, 10, 2)  \
	X(ARPOP, 11, 2)      \
	X(PROTO, 12, 1)      \
	X(SERVICE, 13, 2)    \
	X(ICMP_TYPE, 14, 1)  \
	X(TCP_FLAG, 15, 1)   \
	X(TIME, 18, 4)       \
	X(MARK, 19, 4)       \
	X(IFINDEX, 20, 4)    \
	X(ARPHRD, 21, 2)     \
	X(REALM, 22, 4)      \
	X(CLASSID, 23, 4)    \
	X(UID, 24, 4)        \
	X(GID, 25, 4)        \
	X(CT_STATE, 26, 4)   \
	X(CT_DIR, 27, 1)     \
	X(CT_STATUS, 28, 4)  \
	X(ICMP6_TYPE, 29, 1) \
	X(CT_LABEL, 30, 16)  \
	X(PKTTYPE, 31, 1)    \
	X(ICMP_CODE, 32, 1)  \
	X(ICMP6_CODE, 33, 1) \
	X(ICMPX_CODE, 34, 1) \
	X(DEVGROUP, 35, 4)   \
	X(DSCP, 36, 1)       \
	X(ECN, 37, 1)        \
	X(FIB_ADDR, 38, 4)   \
	X(BOOLEAN, 39, 1)    \
	X(IFNAME, 41, 16)    \
	X(IGMP_TYPE, 42, 1)  \
	X(TIME_DATE, 43, 8)  \
	X(TIME_HOUR, 44, 4)  \
	X(TIME_DAY, 45, 1)   \
	X(CGROUP2, 46, 8)

/* clang-format off */
enum text_type {
	TEXT_TYPE_NONE,
#define X(name, number, bytes) TEXT_TYPE_##name = (number),
	TEXT_TYPES(X)
#undef X
	N_TEXT_TYPES = 64
};
/* clang-format on */

/* Bytes of a value of this type; 0: it varies or is not known. */
size_t text_type_len(unsigned type);
/* Kept in the host's byte order in registers and exact keys. */
bool text_type_is_host(unsigned type);
/* Flags that are matched by one or more of them, "established,related". */
bool text_type_is_flags(unsigned type);
/* Printed as a prefix where that is possible. */
bool text_type_has_prefix(unsigned type);

/* A number of up to 8 bytes. */
uint64_t text_number(struct text bytes, bool is_big_endian);

/* Appends one value; what has no name or does not fit its type as a number. */
int text_value(struct str *out, unsigned type, struct text bytes, bool is_big_endian);
/* The same without the names of numbers, as the ends of ranges are printed. */
int text_plain_value(struct str *out, unsigned type, struct text bytes, bool is_big_endian);
/* "eth*" of a prefix of a name; a name in quotes. */
int text_name_value(struct str *out, struct text bytes, bool is_prefix);
/* "1d2h", "30s" of milliseconds */
int text_duration(struct str *out, uint64_t ms);

#endif
