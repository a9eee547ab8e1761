/*
 * One attempt of a client to reach a port, as a capture saw it; the state of that capture;
 * the counts of one port. Plain values without pointers: what capture tells and core reads.
 * Knows no packets.
 */
#ifndef CORE_WIRE_ATTEMPT_H
#define CORE_WIRE_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/addr.h"
#include "core/wire/stream.h"

/* X(name, the contract's word, state of the port: open, closed, filtered, rejected,
 * unknown)
 */
#define OUTCOMES(X)                           \
	X(OPEN, "open", "unknown")            \
	X(ANSWERED, "answered", "open")       \
	X(HALF_OPEN, "half-open", "open")     \
	X(REFUSED, "refused", "closed")       \
	X(ICMP, "icmp", "rejected")           \
	X(RESET_LATER, "reset-later", "open") \
	X(SILENT, "silent", "filtered")

/* clang-format off */
enum outcome {
#define X(name, word, state) OUTCOME_##name,
	OUTCOMES(X)
#undef X
	N_OUTCOMES
};
/* clang-format on */

const char *outcome_word(enum outcome o);
/* The contract's "state". UDP: silent is "unknown"; an ICMP port unreachable is "closed".
 */
const char *outcome_state(enum outcome o, uint8_t proto, bool is_port_unreachable);

enum { ATTEMPT_DEVICES_MAX = 4, ATTEMPT_EVENTS_MAX = 16, ATTEMPT_SNI_MAX = 64 };

/* A packet of the attempt, for the ladder. */
enum packet_kind {
	PACKET_SYN,
	PACKET_SYN_ACK,
	PACKET_ACK,
	PACKET_DATA,
	PACKET_FIN,
	PACKET_RST,
	PACKET_ICMP,
	PACKET_UDP,
	N_PACKET_KINDS
};

struct attempt_event {
	int64_t at_ns; /* after the attempt's first packet */
	uint8_t kind;  /* enum packet_kind */
	bool is_from_server;
	bool is_repeated; /* sent again */
	uint8_t ttl;      /* or hop limit */
	uint16_t window;  /* TCP, as sent */
	uint16_t length;  /* payload bytes */
};

struct attempt {
	struct addr client, server;
	uint16_t client_port, server_port;
	uint8_t proto;   /* IPPROTO_TCP, IPPROTO_UDP */
	uint8_t outcome; /* enum outcome */
	bool is_decided; /* nothing more is to come but resets and data */
	/* Packet times, CLOCK_REALTIME ns. */
	int64_t first_ns, last_ns; /* of its SYNs (UDP: of the client's datagrams) */
	int64_t answered_ns;       /* of the first answer; 0: none */
	int64_t rtt_ns; /* first SYN that was not repeated to its answer; -1: not known */
	uint32_t sequence; /* of the SYN */
	uint32_t n_syns;   /* with those sent again (UDP: datagrams) */
	uint32_t n_syn_acks;
	uint32_t n_client_resets;                /* RST of the client after a SYN-ACK */
	uint32_t n_client_bytes, n_server_bytes; /* of payload that was seen, saturating */
	uint32_t devices[ATTEMPT_DEVICES_MAX]; /* ifindex where it was seen; 0: no more. In
						  a file: number of the interface + 1 */
	uint8_t n_devices;
	/* TTLs and windows as they arrived; 0: no such packet. */
	uint8_t syn_ttl, syn_ack_ttl, rst_ttl;
	uint8_t syn_flags;      /* of the TCP header: ECE, CWR beside SYN */
	uint16_t syn_mss;       /* 0: no such option */
	bool has_bare_ack;      /* SYN answered by an ACK without SYN (a reused tuple) */
	bool is_icmp_of_server; /* the ICMP error comes from the server's own address */
	uint8_t icmp_type, icmp_code;
	struct addr icmp_from; /* sender of the first ICMP error; none: none */
	uint32_t n_icmp;
	uint8_t client_bytes, server_bytes;   /* enum first_bytes */
	uint16_t http_status;                 /* with BYTES_HTTP_STATUS */
	char sni[ATTEMPT_SNI_MAX];            /* NUL-terminated, bytes as sent; "": none */
	uint8_t client_mac[6], server_mac[6]; /* link addresses of the SYN: source, and
						 destination; zero: no such header */
	bool is_to_other_mac; /* the frame was for another host (PACKET_OTHERHOST) */
	struct attempt_event events[ATTEMPT_EVENTS_MAX];
	uint8_t n_events; /* the first ones */
	bool has_stream;  /* TCP that was followed, and went on beyond its handshake */
	struct stream stream;
};

/* How its SYNs were sent again, by the first two pauses. */
enum syn_schedule { SCHEDULE_UNKNOWN, SCHEDULE_DOUBLING, SCHEDULE_LINEAR };
enum syn_schedule attempt_schedule(const struct attempt *a);
/* "doubling", "linear"; NULL: not known. */
const char *syn_schedule_word(enum syn_schedule s);

/* Its ICMP error says that nobody has the port: RFC 792 type 3 code 3, RFC 4443 1/4. */
bool attempt_is_port_unreachable(const struct attempt *a);

/* How the capture itself does. */
struct capture_state {
	bool is_ready;      /* packets are seen from now on */
	int64_t wall_ns;    /* when this was written */
	uint64_t n_packets; /* that the filter let through */
	uint64_t n_saved;   /* of them, in the file that packets are saved to */
	uint64_t n_kernel_drops, n_device_drops; /* pcap_stats(3): ps_drop, ps_ifdrop */
	uint64_t n_undecoded;                    /* cut short or of an unknown link type */
	uint64_t n_attempts;                     /* all of them */
	uint64_t n_evicted;  /* forgotten undecided, for the memory bound */
	uint64_t n_not_told; /* attempts for which no record was sent (too many at once) */
	uint64_t n_outcomes[N_OUTCOMES]; /* of all attempts; OPEN: undecided */
	uint64_t n_ports_left_out; /* rows of ports that made room before they were told */
	uint32_t snaplen;
	uint32_t link_type; /* DLT_ */
};

/* The attempts at one port since the last such record: the dashboard's row. */
enum { PORT_FIRSTS_MAX = 4 };

struct port_count {
	uint8_t proto;
	uint16_t port;
	struct addr server;
	uint32_t n_syns; /* packets, sent again or not */
	uint32_t n_attempts;
	uint32_t n_outcomes[N_OUTCOMES];     /* decided in this time */
	uint32_t n_clients;                  /* different addresses, saturating at 64 */
	struct addr client;                  /* one of them, the latest */
	struct addr firsts[PORT_FIRSTS_MAX]; /* of them, the first of this time; none: no
						more */
	int64_t since_ns, until_ns;
};

#endif
