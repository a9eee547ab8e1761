/*
 * How connections that were counted where they are (core/host/bpf/end_count.h) stand in the
 * answer to a sock_diag request that wants no more than counts: framed as netlink messages,
 * of a type that sock_diag does not have, one for each local end and state. Numbers are the
 * host's own byte order. Only the layout.
 */
#ifndef CORE_BASE_ENDS_TOLD_H
#define CORE_BASE_ENDS_TOLD_H

#include <stdint.h>

enum { ENDS_TOLD = 0x7f05 /* struct end_told */ };

struct end_told {
	uint8_t address[16]; /* zero behind an AF_INET one */
	uint32_t ifindex;    /* as sock_diag tells it: the device it is bound to; 0: none */
	uint16_t port;
	uint8_t family; /* AF_INET, AF_INET6 */
	uint8_t state;  /* TCP_ESTABLISHED ... */
	uint32_t n;     /* so many connections; not 0 */
};

#endif
