/*
 * How tables of iptables-legacy stand in the answer to REQUEST_RULESET, behind the messages
 * of nf_tables: framed as netlink messages, of types that nfnetlink does not have. The
 * bytes of a table are the kernel's (struct ipt_entry, ip6t_entry, ...), in pieces, in
 * order; the numbers are the host's own byte order. Only the layout: what it means, the
 * reader and the decoder know.
 */
#ifndef CORE_BASE_XTABLES_H
#define CORE_BASE_XTABLES_H

#include <stdint.h>

enum {
	XTABLES_PIECE = 0x7f01, /* struct xtables_piece, then bytes */
	XTABLES_END = 0x7f02    /* struct xtables_end: all of a family was told */
};
enum { XTABLES_NAME_BYTES = 32, XTABLES_HOOKS = 5 };

/* Of struct ipt_getinfo and ip6t_getinfo, the same in every piece of a table. */
struct xtables_piece {
	uint8_t family; /* NFPROTO_IPV4, NFPROTO_IPV6 */
	uint8_t reserved[3];
	char table[XTABLES_NAME_BYTES]; /* ends with a NUL */
	uint32_t valid_hooks;           /* a bit for each */
	uint32_t hook_entry[XTABLES_HOOKS], underflow[XTABLES_HOOKS];
	uint32_t n_entries, size;
	uint32_t offset; /* of this piece's bytes in the table */
};

/* Behind the last piece of the family, also where it has no table. */
struct xtables_end {
	uint8_t family;
	uint8_t is_changing; /* a table changed again and again while it was read */
	uint16_t n_tables;   /* that were told */
	int32_t error;       /* positive errno: not all could be read */
};

#endif
