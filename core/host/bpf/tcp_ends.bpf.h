/*
 * What the count of connections (tcp_ends.bpf.c, in the kernel) and its reader
 * (end_count.c) say to each other. Seen by a compiler for BPF too: fixed widths, no
 * padding.
 */
#ifndef CORE_HOST_BPF_TCP_ENDS_BPF_H
#define CORE_HOST_BPF_TCP_ENDS_BPF_H

#include <linux/types.h>

enum {
	TCP_ENDS_PORT_BYTES = 8192,
	TCP_ENDS_AT_ONCE = 16 /* heads of chains that are read at once; a table has as many
			       * times a power of two */
};

/* How far it came. */
enum {
	TCP_ENDS_MORE = 0, /* run it again */
	TCP_ENDS_DONE,
	TCP_ENDS_BROKEN /* not to be used: a chain that changed under its walk, or was too
			 * long; more ends than there is room for; a table of another kind
			 */
};

/* The key of the settings is 0. All zero but for states, n_blocks and ports: it begins
 * anew, in the network namespace of who runs it. */
struct tcp_ends_settings {
	__u64 net, heads; /* which namespace, where its table is: found by the first run */
	__u32 n_heads, next;
	__u32 n_blocks;                  /* of heads, in one run */
	__u32 states;                    /* 1 << state: the states that count */
	__u8 ports[TCP_ENDS_PORT_BYTES]; /* the local ports that count, little end first */
};

/* A local end; what is counted has one as its key and a __u32 as its value. */
struct tcp_end {
	__u32 address[4]; /* as it is in a packet; zero behind an AF_INET one */
	__u32 ifindex;
	__u16 port;
	__u8 family, state; /* the state as sock_diag tells it */
};

#endif
