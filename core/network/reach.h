/* What came of trying a port at all addresses of a name. Connects to nothing. Pure. */
/* clang-format off */
/*
 * From the bundle of REQUEST_REACH:
 *   "reach/N"  words: "to=ADDR start_ns=N took_ns=N
 *              result=connected|refused|timed-out|error errno=N syns=N sport=N from=ADDR";
 *              of an ICMP error "icmp=TYPE.CODE sender=ADDR" (the sender where the kernel
 *              tells it); of UDP "proto=udp" (connected: answered; syns: datagrams sent),
 *              and of an answer from elsewhere "reply=ADDR rport=N fits=0|1"
 *   "talk/N"   words of what was said then: "said=none|tls|http|dns|ntp|empty heard=CLASS
 *              end=open|closed|reset took_ns=N", of TLS "version=N alert=N", of HTTP
 *              "status=N"; of the socket "sent=N unacked=N again=N mss=N pmtu=N"
 *   "second/N" the same of a second connection, made because of the first
 *   "server/N", "location/N"  values of two headers of HTTP
 *   "sizes/N"  words of packets of many sizes: "device=N smallest=N largest=N" in bytes
 *              with their headers (0: none came back), "told=N sender=ADDR" where somebody
 *              said that they are too big
 *   "ports/N"  words: "low=N high=N busy=N waiting=N held=N reserved=N": source ports
 *   "env/NAME" a variable that sends programs to a proxy
 * An item's error says why it could not be told.
 */
/* clang-format on */
#ifndef CORE_NETWORK_REACH_H
#define CORE_NETWORK_REACH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/addr.h"
#include "core/base/asks.h"
#include "core/base/bundle.h"
#include "core/base/table.h"

/* X(name, word in bundle and JSON, words of a sentence) */
#define HEARD(X)                                                       \
	X(NOTHING, "nothing", "nothing")                               \
	X(TLS_HELLO, "tls-server-hello", "a TLS ServerHello")          \
	X(TLS_ALERT, "tls-alert", "a TLS alert")                       \
	X(HTTP, "http-status", "an HTTP answer in plain text")         \
	X(SSH, "ssh-banner", "an SSH banner")                          \
	X(GREETING, "greeting", "a greeting of a mail or file server") \
	X(DNS, "dns-answer", "a DNS answer")                           \
	X(NTP, "ntp-answer", "an NTP answer")                          \
	X(DATAGRAM, "datagram", "a datagram")                          \
	X(TEXT, "text", "text of no kind that is known here")          \
	X(BYTES, "other", "bytes of no kind that is known here")

/* X(name, word) */
#define REACH_OUTCOMES(X)         \
	X(CONNECTED, "connected") \
	X(REFUSED, "refused")     \
	X(TIMED_OUT, "timed-out") \
	X(FAILED, "error")

#define REACH_ENDS(X)       \
	X(OPEN, "open")     \
	X(CLOSED, "closed") \
	X(RESET, "reset")

/* clang-format off */
enum heard {
#define X(name, word, words) HEARD_##name,
	HEARD(X)
#undef X
	N_HEARD
};
enum reach_outcome {
#define X(name, word) REACH_##name,
	REACH_OUTCOMES(X)
#undef X
	N_REACH_OUTCOMES
};
enum reach_end {
#define X(name, word) REACH_END_##name,
	REACH_ENDS(X)
#undef X
	N_REACH_ENDS
};
/* clang-format on */
const char *heard_word(enum heard h);
const char *heard_words(enum heard h);
const char *reach_outcome_word(enum reach_outcome o);
const char *reach_talk_word(enum reach_talk t);
const char *reach_end_word(enum reach_end e);

/* What was spoken on it. */
struct reach_said {
	bool is_told;
	enum reach_talk said;
	enum heard heard;
	enum reach_end end;
	int64_t took_ns;               /* to the first byte; 0: none came */
	uint16_t version;              /* TLS, of the ServerHello; 0: none */
	uint8_t alert;                 /* TLS, its code; of no alert 0 */
	uint16_t status;               /* HTTP; 0: none */
	uint32_t sent, unacked, again; /* bytes; segments under way; sent again */
	uint32_t mss, pmtu;            /* bytes; 0: not told */
	struct text server, location;  /* bytes from outside; none */
};

/* Of packets whose way was tried by size. */
struct reach_sizes {
	bool is_told;
	int error;          /* positive errno: they could not be sent */
	uint32_t device;    /* what the way's first device takes */
	uint32_t smallest;  /* that was sent and came back; 0: none did */
	uint32_t largest;   /* that came back */
	uint32_t told;      /* the size that somebody named as what fits; 0: nobody */
	struct addr sender; /* who did */
};

/* Where no source port was left. */
struct reach_ports {
	bool is_told;
	uint32_t low, high; /* ip_local_port_range */
	uint32_t busy;      /* ports with a connection to this very port and address */
	uint32_t waiting;   /* of them in TIME_WAIT */
	uint32_t held;      /* ports of the range that any socket has */
	uint32_t reserved;  /* by ip_local_reserved_ports, within the range */
};

struct reach_result {
	struct addr to;
	enum reach_outcome outcome;
	bool is_told;
	int error;                 /* positive errno of connect(2); 0: connected */
	int64_t start_ns, took_ns; /* start: after the first one's */
	uint32_t n_syns;           /* of UDP: datagrams; 0: not told */
	bool is_datagram;          /* UDP: connected is answered, timed out is silent */
	uint16_t source_port;
	struct addr source;
	bool has_icmp;
	uint8_t icmp_type, icmp_code;
	struct addr icmp_from; /* none: not told */
	/* UDP: what came to our port from elsewhere; none: nothing did. */
	struct addr stray;
	uint16_t stray_port;
	bool is_stray_ours; /* it has the number that only our question had */
	struct reach_said said, second;
	struct reach_sizes sizes;
	struct reach_ports ports;
};

enum { REACH_VARIABLES_MAX = 8 };

struct reach_variable {
	struct text name, value; /* bytes from outside */
};

struct reach_table {
	struct table head; /* its arena holds the texts */
	struct reach_result rows[REACH_MAX];
	size_t n;
	struct reach_variable variables[REACH_VARIABLES_MAX];
	size_t n_variables;
};

/* The table is its own decoder: finish gives a reference, free takes one back. */
struct reach_table *reach_new(void);
void reach_free(struct reach_table *t);
/* One part into it. 0, -EBADMSG, -ENOMEM. */
int reach_decode(struct reach_table *t, const void *bytes, size_t len);
struct reach_table *reach_finish(struct reach_table *t);
/* Of that address; NULL: it was not tried. */
const struct reach_result *reach_result_of(const struct reach_table *t,
					   const struct addr *to);
/* As reach_outcome_word(); of datagrams "answered", "silent". */
const char *reach_result_word(const struct reach_result *r);
/* The first that stood, in time: what a client that races gets. NULL: none. */
const struct reach_result *reach_winner(const struct reach_table *t);

#endif
