/* The kernel's filter of the link socket: bpf(4) instructions, whatever the link type is.
 */
#ifndef CAPTURE_LINK_FILTER_H
#define CAPTURE_LINK_FILTER_H

#include <linux/filter.h>
#include <stddef.h>

#include "capture/child.h"

enum { LINK_FILTER_MAX = 96, LINK_FILTER_BYTES = 2048 };

/*
 * Lets pass: ARP, ND (RFC 4861), TCP with SYN or RST and UDP from or to the plan's ports,
 * if a client is named of it alone. Later fragments and IPv6 with extension headers do not
 * pass. Returns the number of instructions; out has LINK_FILTER_MAX.
 */
size_t link_filter_make(struct sock_filter *out, const struct capture_plan *p);

#endif
