/*
 * The kernel's registers, with what is not known of them bit by bit. Knows bytes, not what
 * a rule does with a comparison.
 */
#ifndef CORE_FIREWALL_REGS_H
#define CORE_FIREWALL_REGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/text.h"
#include "core/base/tri.h"

/* X(name, words for people, the same thing asked twice gets the same answer) */
#define FW_DOUBTS(X)                                        \
	X(NOTHING, "", true)                                \
	X(SOURCE, "source address", true)                   \
	X(DESTINATION, "destination address", true)         \
	X(SOURCE_PORT, "source port", true)                 \
	X(PORT, "destination port", true)                   \
	X(LENGTH, "packet length", true)                    \
	X(DSCP, "DSCP and ECN", true)                       \
	X(TTL, "TTL or hop limit", true)                    \
	X(HEADER, "a header field", true)                   \
	X(MAC, "MAC address", true)                         \
	X(OPTIONS, "TCP options", true)                     \
	X(DATA, "payload", true)                            \
	X(INTERFACE, "interface", true)                     \
	X(INTERFACE_GROUP, "interface group", true)         \
	X(MARK, "meta mark", true)                          \
	X(PRIORITY, "meta priority", true)                  \
	X(USER, "owner of the socket", true)                \
	X(CGROUP, "control group", true)                    \
	X(META, "meta", true)                               \
	X(TIME, "time", true)                               \
	X(CPU, "cpu", false)                                \
	X(RANDOM, "random number", false)                   \
	X(NUMGEN, "numgen", false)                          \
	X(HASH, "hash", true)                               \
	X(OSF, "osf", true)                                 \
	X(RT, "rt", true)                                   \
	X(IPSEC, "ipsec", true)                             \
	X(TUNNEL, "tunnel", true)                           \
	X(SOCKET, "socket", true)                           \
	X(CT_STATE, "conntrack state", true)                \
	X(CT_MARK, "ct mark", true)                         \
	X(CT_TUPLE, "conntrack addresses", true)            \
	X(CT, "conntrack", true)                            \
	X(ADDRESS_TYPE, "type of an address", true)         \
	X(ROUTE, "route to an address", true)               \
	X(MAP, "value in a map", true)                      \
	X(ADDED, "what this packet puts into a set", false) \
	X(OPAQUE, "expression not understood", true)

/* clang-format off */
enum fw_doubt {
#define X(name, words, stable) FW_DOUBT_##name,
	FW_DOUBTS(X)
#undef X
	N_FW_DOUBTS
};
/* clang-format on */

/* What a value is, for near misses. */
enum fw_field {
	FW_FIELD_OTHER,
	FW_FIELD_SOURCE,
	FW_FIELD_DESTINATION,
	FW_FIELD_PORT,
	FW_FIELD_SOURCE_PORT,
	FW_FIELD_PROTOCOL,
	FW_FIELD_INTERFACE,
	FW_FIELD_STATE,
	FW_FIELD_MARK,
	N_FW_FIELDS
};

enum { OCTETS_SOURCE = 1, OCTETS_DESTINATION = 17, OCTETS_END = 33 };

/* A byte of a packet or a register. */
struct octet {
	uint8_t value;   /* unknown bits: any */
	uint8_t unknown; /* its bits that nobody knows */
	uint8_t kept;    /* the bits that masks have left */
	uint8_t origin;  /* OCTETS_SOURCE + i: byte i of the source address; 0: neither */
	uint8_t doubt;   /* enum fw_doubt, why bits are unknown */
	uint8_t field;   /* enum fw_field */
	uint32_t name;   /* which unknown thing it is: of another name, another value */
};

enum { REGS_BYTES = 64, REGS_WORD = 4 };
struct regs {
	struct octet octets[REGS_BYTES];
};

const char *doubt_words(enum fw_doubt d);
bool doubt_is_stable(enum fw_doubt d);

void octets_set(struct octet *o, const void *bytes, size_t n, enum fw_field field);
/* Nothing of them is known; what they are stays. */
void octets_hide(struct octet *o, size_t n, enum fw_doubt why);
/* They are the bytes of this one unknown thing, in order. */
void octets_name(struct octet *o, size_t n, uint32_t name);
/* A name of what is told by all bytes that are stirred in, one after the other. */
uint32_t name_stir(uint32_t name, const void *bytes, size_t n);
/* The reason of the first unknown bit; FW_DOUBT_NOTHING: all are known. */
enum fw_doubt octets_doubt(const struct octet *o, size_t n);
/* The field of the first octet that has one. */
enum fw_field octets_field(const struct octet *o, size_t n);
void octets_values(const struct octet *o, size_t n, uint8_t *out);
/* The lowest and the highest value that they can have. */
void octets_bounds(const struct octet *o, size_t n, uint8_t *low, uint8_t *high);
enum tri octets_equal(const struct octet *o, const uint8_t *bytes, size_t n);
/* As memcmp: below the bytes; not above them. */
enum tri octets_below(const struct octet *o, const uint8_t *bytes, size_t n);
enum tri octets_not_above(const struct octet *o, const uint8_t *bytes, size_t n);
/* Equal octets and data give an equal number, never 0. */
uint64_t octets_question(const struct octet *o, size_t n, const void *data, size_t len);

/* n octets at the word; NULL: not so many, or no register. */
struct octet *regs_at(struct regs *r, uint8_t word, size_t n);
/* Stores with zeros up to the next word. Out of the file: nothing. */
void regs_store(struct regs *r, uint8_t word, const struct octet *o, size_t n);
/* (register & mask) ^ xor, octet by octet. */
void octets_mask(struct octet *o, const uint8_t *mask, const uint8_t * xor, size_t n);
/* Words of the host, the first one highest. bits < 32. */
void octets_shift_left(struct octet *o, size_t n, unsigned bits);
void octets_shift_right(struct octet *o, size_t n, unsigned bits);
/* Turns units of this size round. */
void octets_swap(struct octet *o, size_t n, size_t unit);

enum tri tri_not(enum tri t);
enum tri tri_and(enum tri a, enum tri b);
enum tri tri_or(enum tri a, enum tri b);

#endif
