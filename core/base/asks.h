/*
 * The arguments of questions that are asked of a host, as plain values: what a check wants
 * to know, and what a request carries. Asks nothing itself.
 */
#ifndef CORE_BASE_ASKS_H
#define CORE_BASE_ASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/addr.h"

/* What a route lookup asks for: RTM_GETROUTE. */
struct route_ask {
	struct addr target, source; /* source none: not given */
	uint32_t in_ifindex;        /* it comes in there; 0: it is sent by this host */
	uint32_t out_ifindex;       /* the socket is bound to it; 0: not */
	uint32_t mark;
	uint8_t proto; /* IPPROTO_, 0: not given; then the ports */
	uint16_t source_port, target_port;
};

enum { REQUEST_PIDS_MAX = 64, REQUEST_PORTS_MAX = 8 };

/* Processes that matter, by pid. */
struct pid_list {
	uint32_t pids[REQUEST_PIDS_MAX];
	size_t n;
};

enum capture_request_kind {
	CAPTURE_REQUEST_DASHBOARD,
	CAPTURE_REQUEST_FLOW,
	CAPTURE_REQUEST_ALL
};

struct conntrack_ask {
	uint8_t proto;
	uint16_t port; /* of an entry's either tuple, source or target */
};

/* Lines and changes from a time on, of the host and of these processes. */
struct past_ask {
	int64_t since_wall_ns;
	struct pid_list pids;
};

struct name_ask {
	char name[254]; /* a host name: letters, digits, '-', '.', '_' only */
};

/* A connection of our own. */
struct probe_ask {
	uint8_t proto; /* IPPROTO_TCP */
	struct addr address;
	uint16_t port;
	uint32_t timeout_ms; /* at most 2000 */
};

struct capture_ask {
	uint8_t kind;  /* enum capture_request_kind */
	uint8_t proto; /* 0: TCP and UDP */
	uint8_t n_ports;
	uint16_t ports[REQUEST_PORTS_MAX];
	struct addr client, server; /* none: any */
	char device[16];            /* an interface's name; "": all of them */
	bool is_promiscuous;
};

#endif
