/*
 * The capture child: opens a device with the rights it was given, then (rights dropped by
 * its caller) reads, tracks and writes records until it is told to end. What the broker
 * runs in a process of its own; also used in the process of `dport capture -r`.
 */
#ifndef CAPTURE_CHILD_H
#define CAPTURE_CHILD_H

#include "core/base/addr.h"
#include "core/wire/records.h"

/* One capture. The same struct is filled from a request. */
struct capture_plan {
	enum capture_kind {
		CAPTURE_DASHBOARD, /* SYN, SYN-ACK, RST, ICMP errors of everybody: counts of
				      ports */
		CAPTURE_FLOW, /* one port (and peer), whole conversations, first bytes */
		CAPTURE_ALL   /* every handshake, attempts told one by one */
	} kind;
	char device[16];   /* "any" if empty */
	uint8_t proto;     /* 0: TCP and UDP */
	uint16_t ports[8]; /* n_ports; of the server's side */
	uint8_t n_ports;
	struct addr client; /* of a flow: told before all others; none: anybody */
	struct addr server;
	bool is_promiscuous;
};

/* Where parts of records go: bytes of whole records, at most 60,000 of them. 0, or the
 * reader is gone. */
struct record_sink {
	int (*put)(void *arg, const void *bytes, size_t len);
	void *arg;
};

/* The filter text of pcap-filter(7) for a plan; IPv6 with extension headers and fragments
 * pass it. Returns 0 or -E2BIG. */
int capture_filter(const struct capture_plan *p, char *out, size_t room);

struct capture_child;
/* Opens; 0 or -errno with a sentence. save_fd (taken; -1: none) gets the frames. */
int capture_child_open(struct capture_child **out, const struct capture_plan *p,
		       int save_fd, bool with_payload, char *error, size_t room);
/* The same for a capture file (taken), from which every attempt is told, once. */
int capture_child_open_file_take(struct capture_child **out, const struct capture_plan *p,
				 int fd, char *error, size_t room);
/*
 * Reads until stop_fd is readable or at its end, then drains what the kernel has, tells
 * everything and returns 0; or -errno with a RECORD_PROBLEM told (device gone, reader
 * gone). The first record is a RECORD_STATE with is_ready. State every second; undecided
 * attempts at once when new (at most 256 records a tick of 100 ms, the rest is counted in
 * n_not_told), so that a waiting person sees the first SYN within 0.2 s. While nothing is
 * seen and nothing is open it wakes for the state only.
 *
 * In a flood the oldest attempts make room (n_evicted), and changes of the undecided are
 * told more rarely. The client that a flow's plan names has memory and records of its own:
 * what others do takes none of them.
 *
 * The dashboard's filter lets no ACK pass: a SYN-ACK that its server did not send again
 * within 3 s was answered. Counts of ports are told every second, but not of a flow.
 */
int capture_child_run(struct capture_child *c, int stop_fd, const struct record_sink *sink);
void capture_child_free(struct capture_child *c);

/* The record of a capture that could not begin. out has RECORD_MAX bytes; returns its size.
 */
size_t capture_problem(void *out, int error, const char *sentence);

#endif
