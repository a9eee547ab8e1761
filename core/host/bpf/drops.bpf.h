/*
 * What the watcher of dropped packets (drops.bpf.c, in the kernel) and its reader (drops.c)
 * say to each other. Fixed widths, no padding.
 */
#ifndef CORE_HOST_BPF_DROPS_BPF_H
#define CORE_HOST_BPF_DROPS_BPF_H

#include <linux/types.h>

enum { DROP_FUNCTION_BYTES = 48, DROP_PORTS = 2, DROP_RING_BYTES = 1 << 18 };

/* Whose packets: from the client to a port, and back. The key of the settings is 0. */
struct drop_settings {
	__u32 netns;     /* inode */
	__u8 client[16]; /* as in the packet; all zero: anybody */
	__u8 family;     /* of the client; 0: anybody */
	__u8 proto;
	__u16 ports[DROP_PORTS]; /* 0: none */
	__u16 zero;
};

struct drop_event {
	__u64 time_ns; /* of CLOCK_MONOTONIC */
	__u32 reason, ifindex;
	__u8 source[16], target[16];
	__u16 source_port, target_port;
	__u8 family, proto, flags, zero;
	__u32 sequence, netns;
	char function[DROP_FUNCTION_BYTES];
};

#endif
