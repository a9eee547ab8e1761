/*
 * How it stands in the answer to REQUEST_RULESET that the functions of one hook were told:
 * framed as a netlink message, of a type that nfnetlink does not have, behind the messages
 * of the kernel (linux/netfilter/nfnetlink_hook.h). Numbers are the host's own byte order.
 * Only the layout.
 */
#ifndef CORE_BASE_HOOKS_TOLD_H
#define CORE_BASE_HOOKS_TOLD_H

#include <stdint.h>

enum { HOOKS_TOLD = 0x7f04 /* struct hooks_told */ };

struct hooks_told {
	uint8_t family; /* NFPROTO_IPV4, NFPROTO_IPV6 */
	uint8_t hook;   /* NF_INET_... */
	uint8_t reserved[2];
	int32_t error; /* positive errno: not all could be read; EINTR: it changed */
};

#endif
