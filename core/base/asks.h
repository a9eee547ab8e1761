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

enum { REQUEST_PIDS_MAX = 64, REQUEST_PORTS_MAX = 8, REQUEST_SAVE_MAX = 127 };

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

enum { REACH_MAX = 8, REACH_TIMEOUT_MAX_MS = 20000 };

/* What is said on a connection of our own once it stands. */
enum reach_talk {
	REACH_TALK_NONE,   /* it is closed at once */
	REACH_TALK_LISTEN, /* the other side speaks first, or nobody */
	REACH_TALK_TLS,    /* a ClientHello */
	REACH_TALK_HTTP,   /* HEAD / */
	/* As datagrams, of UDP: */
	REACH_TALK_DNS,   /* a query for the root's name servers */
	REACH_TALK_NTP,   /* a client's request */
	REACH_TALK_EMPTY, /* no bytes at all */
	N_REACH_TALKS
};

/* A port at all addresses of one name, tried as clients do. */
struct reach_ask {
	uint8_t proto; /* IPPROTO_TCP, UDP */
	uint16_t port;
	uint8_t n;
	struct addr addresses[REACH_MAX]; /* in the order in which they are tried */
	uint8_t talk;                     /* enum reach_talk */
	bool sweeps;                      /* packets of many sizes are sent as well */
	char name[254];                   /* that is named to the server; "": none */
	uint32_t timeout_ms;              /* of each; at most REACH_TIMEOUT_MAX_MS */
};

enum { REMOTE_CLIENTS_MAX = 8, REMOTE_CLIENT_BYTES = 128, REMOTE_PATIENCE_MAX_MS = 10000 };

/* Clients that test a port from where they are, over ssh. */
struct remote_ask {
	uint8_t n;
	/* "USER@HOST" or "HOST": letters, digits and "@._-:%+", no leading '-' */
	char clients[REMOTE_CLIENTS_MAX][REMOTE_CLIENT_BYTES];
	char host[254]; /* that they connect to: as name_ask, or an address */
	uint16_t port;  /* TCP */
	uint32_t patience_ms;
};

enum { TRACE_TIMEOUT_MAX_MS = 600000 };
/* So the name of a table begins that marks packets for us, and goes with its process. */
#define TRACE_TABLE_START "dport-prove-"

/* The way of one client's packets to a port, told by the kernel while a table of ours marks
 * them. */
struct trace_ask {
	uint8_t proto; /* IPPROTO_TCP, UDP */
	struct addr client;
	uint16_t port; /* that the client aims at */
	/* Where a translation sends it: the answers come from there. None, 0: none. */
	struct addr backend;
	uint16_t backend_port;
	uint32_t timeout_ms; /* at most TRACE_TIMEOUT_MAX_MS */
};

/* Which of a client's packets to a port, and of the answers, the kernel throws away, in its
 * own words. */
struct drop_ask {
	uint8_t proto;      /* IPPROTO_TCP, UDP */
	struct addr client; /* none: anybody */
	uint16_t port;
	uint32_t timeout_ms; /* at most TRACE_TIMEOUT_MAX_MS */
};

enum member_backend { MEMBER_NFT, MEMBER_IPSET };
enum { MEMBER_KEY_BYTES = 64, MEMBER_TABLE_BYTES = 64, MEMBER_SET_BYTES = 96 };

/* What an ipset holds in its dimensions: as many of these as its type takes. */
struct ipset_key {
	struct addr address, address2;
	uint8_t proto; /* with port; of ICMP port is type and code */
	bool has_port, has_proto, has_mark, is_net;
	uint16_t port;
	uint32_t mark;
	char device[16]; /* "": none */
};

/* Whether a set has a key; of a small set of nf_tables (key_len 0), and of an ipset without
 * any key: all its elements. */
struct member_ask {
	uint8_t backend;                /* enum member_backend */
	uint8_t family;                 /* NFPROTO_: of the table, or of the ipset */
	char table[MEMBER_TABLE_BYTES]; /* "" of an ipset */
	char set[MEMBER_SET_BYTES];
	uint8_t key_len;
	uint8_t key[MEMBER_KEY_BYTES]; /* of nf_tables: bytes of registers */
	struct ipset_key ipset;
};

struct capture_ask {
	uint8_t kind;  /* enum capture_request_kind */
	uint8_t proto; /* 0: TCP and UDP */
	uint8_t n_ports;
	uint16_t ports[REQUEST_PORTS_MAX];
	struct addr client, server; /* none: any */
	char device[16];            /* an interface's name; "": all of them */
	bool is_promiscuous;
	/* Packets go to this new file of the export directory; "": to none. Not part of the
	 * text. */
	char save[REQUEST_SAVE_MAX + 1];
};

#endif
