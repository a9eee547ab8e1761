/*
 * How the kernel's answer about one key of an ipset stands in the answer to REQUEST_MEMBER:
 * framed as a netlink message, of a type that nfnetlink does not have. Numbers are the
 * host's own byte order. Only the layout.
 */
#ifndef CORE_BASE_MEMBERS_H
#define CORE_BASE_MEMBERS_H

#include <stdint.h>

enum { MEMBER_CODE = 0x7f03 /* struct member_code */ };

struct member_code {
	int32_t code;       /* of IPSET_CMD_TEST: 0 it is in, else negative */
	uint8_t has_prefix; /* the network that holds the address was found: */
	uint8_t prefix;     /* its length */
	uint8_t reserved[2];
};

#endif
