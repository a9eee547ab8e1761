/*
 * What the other end says of its own attempts: one view for each client that was asked or
 * whose words were given. Made by view_decode.c, script.c, report.c and words.c; what it
 * means beside this host's evidence is core/diagnosis.
 */
#ifndef CORE_CLIENT_VIEW_H
#define CORE_CLIENT_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/addr.h"
#include "core/base/table.h"
#include "core/base/tri.h"

/* X(name, the word in JSON, as people call it) */
#define CLIENT_FORMS(X)                                                    \
	X(NONE, "unknown", "text that is not understood")                  \
	X(SCRIPT, "script", "a test by plain shell there")                 \
	X(PROBE, "dport-probe", "dport probe")                             \
	X(DIAGNOSIS, "dport-diagnosis", "dport diagnose")                  \
	X(CAPTURE, "dport-capture", "dport capture")                       \
	X(TEST_NET_CONNECTION, "test-netconnection", "Test-NetConnection") \
	X(CURL, "curl", "curl")                                            \
	X(NC, "nc", "nc")                                                  \
	X(TELNET, "telnet", "telnet")                                      \
	X(BROWSER, "browser", "a browser")

/* X(name, the word in JSON, what the client saw) */
#define CLIENT_RESULTS(X)                                                             \
	X(UNKNOWN, "unknown", "does not say what came of it")                         \
	X(CONNECTED, "connected", "connected")                                        \
	X(FAILED, "failed", "failed, without a word of how")                          \
	X(REFUSED, "refused", "was refused")                                          \
	X(TIMED_OUT, "timed-out", "got no answer")                                    \
	X(UNREACHABLE, "unreachable", "was told: no route to host")                   \
	X(NET_UNREACHABLE, "net-unreachable", "has no route: network is unreachable") \
	X(NOT_PERMITTED, "not-permitted", "may not send: its own host forbids it")    \
	X(NO_ADDRESS, "no-address", "has no source address or port for it")           \
	X(RESET, "reset", "was cut off by a reset")                                   \
	X(TLS, "tls", "connected, and TLS failed")                                    \
	X(SLOW, "slow", "connected, and waited in vain")                              \
	X(UNRESOLVED, "unresolved", "could not resolve the name")                     \
	X(PROXY, "proxy", "went by a proxy, which failed")

/* clang-format off */
enum client_form {
#define X(name, word, words) CLIENT_FORM_##name,
	CLIENT_FORMS(X)
#undef X
	N_CLIENT_FORMS
};

enum client_result {
#define X(name, word, words) CLIENT_##name,
	CLIENT_RESULTS(X)
#undef X
	N_CLIENT_RESULTS
};
/* clang-format on */

const char *client_form_word(enum client_form f);
const char *client_form_words(enum client_form f);
const char *client_result_word(enum client_result r);
const char *client_result_words(enum client_result r);
/* Nothing but an answer of a listener gives these. */
bool client_result_is_open(enum client_result r);

enum {
	CLIENT_VIEWS_MAX = 16,
	CLIENT_TRIES_MAX = 8,
	CLIENT_ADDRESSES_MAX = 16,
	CLIENT_TEXT_MAX = 256 * 1024, /* bytes of one text; the rest is passed over */
};

/* One attempt at one address. */
struct client_try {
	struct addr target; /* none: not said */
	uint16_t port;      /* 0: not said */
	struct addr source; /* as the client knows it; none: not said */
	uint16_t source_port;
	enum client_result result;
	int32_t took_ms;        /* -1: not said */
	struct addr error_from; /* who sent the error that ended it; none: not said */
	/* YES: a packet of this attempt was handed to the wire by the client's kernel; NO:
	 * each that it tried was stopped on the client itself. */
	enum tri has_left;
	uint32_t n_repeats;           /* SYNs sent again, as its kernel counted them */
	uint32_t n_stopped;           /* of those, stopped on the client */
	bool has_no_route;            /* its route table says so */
	bool is_neighbour_dead;       /* its next hop did not resolve */
	enum tri was_answered_here;   /* YES: on the client itself something said no */
	struct text device, next_hop; /* none: not said */
	struct text error;            /* its own words */
};

struct client_view {
	bool is_remote;    /* asked now, over ssh; else a text that was given */
	struct text name;  /* "ssh:bob@web1", or the file's name */
	int error;         /* positive errno: why it could not be had; 0 */
	struct text words; /* of ssh, or why the text says nothing; none */
	enum client_form form;
	/* When it was tried, by this host's clock (wall): of ssh from start to end; of a
	 * saved document the time that it names; of other texts when the file was written
	 * last. 0: not known. */
	int64_t start_ns, end_ns;
	bool has_own_time; /* it says itself when: not only the file does */
	struct text host;  /* the name that it resolved; none: an address */
	bool has_resolved; /* addresses is its resolver's answer */
	bool is_by_hosts_file;
	struct addr addresses[CLIENT_ADDRESSES_MAX];
	size_t n_addresses;
	bool is_unresolved;
	struct text proxy; /* by which it goes; none */
	struct text cause; /* fault id that its own dport names; none */
	struct text certainty;
	struct client_try tries[CLIENT_TRIES_MAX];
	size_t n_tries;
};

struct client_table {
	struct table head;
	struct client_view views[CLIENT_VIEWS_MAX];
	size_t n;
	size_t n_left_out; /* for want of room */
};

/*
 * The answer of REQUEST_REMOTE or REQUEST_JOINED, part by part: for each view items "start"
 * ("remote" or "file", wall time in ns, name), "bytes" and "complaint" (pieces), "end"
 * (wall time in ns, a program's exit code), the last with the error. decode: 0, -EBADMSG,
 * -ENOMEM.
 */
struct client_decoder;
struct client_decoder *clients_new(void);
void clients_free(struct client_decoder *d);
int clients_decode(struct client_decoder *d, const void *bytes, size_t len);
/* Never NULL but for want of memory: without views nobody said anything. */
struct client_table *clients_finish(struct client_decoder *d);

/* The attempt that tells most: one that connected, else the first; NULL: none. */
const struct client_try *client_view_try(const struct client_view *v);

#endif
