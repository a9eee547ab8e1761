/*
 * What the packets of one conversation show beyond its handshake: who spoke, what kind of
 * bytes, who ended it and how, what got stuck. Plain values; knows no packets and judges
 * nothing.
 */
#ifndef CORE_WIRE_STREAM_H
#define CORE_WIRE_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/addr.h"

/*
 * What the first bytes of one direction are; nothing more of them is kept. X(name, the word
 * of JSON, words of a sentence). Their numbers stand in recordings: new ones at the end.
 */
#define FIRST_BYTES(X)                                                      \
	X(NONE, "none", "nothing")                                          \
	X(OTHER, "other", "bytes of no kind that is known here")            \
	X(TLS_CLIENT_HELLO, "tls-client-hello", "a TLS ClientHello")        \
	X(TLS_SERVER_HELLO, "tls-server-hello", "a TLS ServerHello")        \
	X(TLS_ALERT, "tls-alert", "a TLS alert")                            \
	X(HTTP_REQUEST, "http-request", "an HTTP request in plain text")    \
	X(HTTP_STATUS, "http-status", "an HTTP answer in plain text")       \
	X(SSH_BANNER, "ssh-banner", "an SSH banner")                        \
	X(PROXY_HEADER, "proxy-header", "a PROXY-protocol header")          \
	X(SMTP_GREETING, "smtp-greeting", "an SMTP greeting")               \
	X(FTP_GREETING, "ftp-greeting", "an FTP greeting")                  \
	X(IMAP_GREETING, "imap-greeting", "an IMAP greeting")               \
	X(POP_GREETING, "pop3-greeting", "a POP3 greeting")                 \
	X(MYSQL_GREETING, "mysql-greeting", "a greeting of a MySQL server") \
	X(SMTP_REQUEST, "smtp-request", "an SMTP client's first command")

/* clang-format off */
enum first_bytes {
#define X(name, word, words) BYTES_##name,
	FIRST_BYTES(X)
#undef X
	N_FIRST_BYTES
};
/* clang-format on */

const char *first_bytes_word(enum first_bytes b);
const char *first_bytes_words(enum first_bytes b);

/* What a service says in its first bytes of the client it talks to. X(name, word) */
#define SAYINGS(X)                      \
	X(NOTHING, "nothing")           \
	X(TOO_MANY, "too-many-clients") \
	X(DENIED, "denied")             \
	X(TLS_WANTED, "tls-wanted")

/* clang-format off */
enum saying {
#define X(name, word) SAYS_##name,
	SAYINGS(X)
#undef X
	N_SAYINGS
};
/* clang-format on */

const char *saying_word(enum saying s);

/* SEALED: encrypted, so that its code cannot be read. */
enum tls_alert_level { ALERT_NONE, ALERT_WARNING, ALERT_FATAL, ALERT_SEALED, N_ALERTS };
/* "unknown CA"; NULL: not one of RFC 8446 or 5246. */
const char *tls_alert_words(uint8_t code);
/* "TLS 1.2"; "" of 0, "an unknown version" of any other. */
const char *tls_version_words(uint16_t version);

/* Of one end. Times are after the attempt's first packet; -1: it did not happen. */
struct stream_side {
	int64_t first_ns; /* its first payload */
	int64_t fin_ns, rst_ns;
	uint32_t n_heard;        /* payload of the other end, until this one's FIN or RST */
	uint32_t n_acknowledged; /* of its payload, by the other end */
	/* The segment that was sent again last, as long as it is not acknowledged. */
	uint32_t n_again;
	uint16_t again_bytes;
	uint16_t missing_bytes; /* a hole in what was seen of it, with later bytes behind */
	/* Since it is sent again: packets of the other end that do not acknowledge it;
	 * since bytes are missing: its own, with those that stand behind them. */
	uint32_t n_behind;
	int64_t stuck_ns; /* since when one or the other; -1: neither */
	/* The largest segment of it that was acknowledged, and the largest block of it that
	 * was so behind a hole (RFC 2018); saturating, 0: none, or not told. */
	uint16_t passed_bytes, selective_bytes;
	/* Segments that it sent again although the other end had acknowledged them: that
	 * did not reach it, or came late. */
	uint16_t n_unheard;
	uint16_t n_shut; /* packets in which it announced that it takes no byte now */
	bool is_shut;    /* the last one did */
	uint16_t mss;    /* that it announced; 0: none */
	/* Of its packets but RSTs; 0: none was seen. */
	uint8_t ttl_least, ttl_most;
	uint16_t ip_id; /* of the last one; IPv6: 0 */
	/* Of its first RST. */
	uint8_t rst_ttl;
	uint16_t rst_ip_id, rst_window;
	bool is_rst_exact; /* its sequence number is the very next one */
	uint16_t
		tls_version; /* client: the highest that it offers; server: that it chose */
	uint8_t alert_level; /* enum tls_alert_level, of its first alert but a goodbye */
	uint8_t alert_code;
};

enum stream_end { STREAM_CLIENT, STREAM_SERVER, N_STREAM_ENDS };

struct stream {
	struct stream_side side[N_STREAM_ENDS];
	uint8_t says; /* enum saying, of the server */
	uint16_t n_bare_acks;
	/* The SYN took the tuple of a conversation seen before; its timestamp (RFC 7323)
	 * lies before that one's last. */
	bool is_reused, is_older;
	/* ICMP: a packet is too big for the next link. */
	uint16_t n_too_big, too_big_mtu; /* 0: the mtu is not told */
	struct addr too_big_from;        /* of the first; none: none */
};

#endif
