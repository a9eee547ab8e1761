/*
 * What the checks of the kernel's state ask of the evidence: whether a counter moved in
 * step with the attempts, what the socket itself dropped, how devices are. Finds no fault.
 */
#ifndef CORE_DIAGNOSIS_CHECK_KERNEL_H
#define CORE_DIAGNOSIS_CHECK_KERNEL_H

#include "core/diagnosis/check_help.h"

/* How a counter moved beside the SYNs (UDP: datagrams) that were seen in the window at the
 * port and got nothing, of whomever. */
enum step_with {
	COUNT_UNKNOWN, /* not told */
	COUNT_STILL,
	COUNT_SOME,    /* by less than was seen */
	COUNT_IN_STEP, /* by as much, or more */
};

/* The client's packets at this walk's address within the time in which counters were read;
 * n_syns where the packets of an attempt are not told one by one. */
uint32_t kernel_n_packets(const struct check_view *v);
enum step_with kernel_compare(const struct check_view *v, int64_t delta);
enum step_with kernel_counted(const struct check_view *v, const char *counter);
/* Of several the sum; those that are not told are left out; -1: none is told. */
int64_t kernel_sum(const struct check_view *v, const char *const *counters, size_t n);
/*
 * What the sockets that would take it dropped meanwhile, by their own count; -1: not told.
 * It began with the snapshot, some moments before the window.
 */
int64_t kernel_socket_dropped(const struct check_view *v);
/* Something of this host went to the client. */
bool kernel_has_answered(const struct check_view *v);
/* This host waits for the end of a handshake with the client; *n_repeats: of its SYN-ACKs.
 */
bool kernel_waits(const struct check_view *v, uint8_t *n_repeats);
/* The SYN met a socket, as far as anything is known. */
bool kernel_owes_answer(const struct check_view *v);
bool kernel_is_v6(const struct check_view *v);
bool kernel_is_udp(const struct check_view *v);
/* "+6 (TcpExtTCPMD5NotFound)": counter as in counters.h, name as nstat(8) has it. Nothing
 * of one that did not move. 0, -ENOMEM. */
int kernel_prove_counter(const struct check_view *v, struct finding *f, const char *counter,
			 const char *name);

/* A counter, what nstat(8) calls it, and what it says of the client's packets. */
struct kernel_told {
	const char *counter, *name, *what;
};
/* The one that moved most; NULL: none did. *is_known: they are all told. */
const struct kernel_told *kernel_first_moved(const struct check_view *v,
					     const struct kernel_told *rows, size_t n,
					     bool *is_known);
/* The socket's own count of drops beside one of the namespace: together they are of this
 * client. A certainty. */
int kernel_certainty(const struct check_view *v, enum step_with counted);
/* What the socket dropped, if anything. */
int kernel_prove_dropped(const struct check_view *v, struct finding *f);

/* Where the answer leaves; 0: not known. *gateway: NULL for who does not ask. */
uint32_t kernel_way_out(const struct check_view *v, struct addr *gateway);
/* Where the client's packets came in, else would come in; 0: not known. */
uint32_t kernel_way_in(const struct check_view *v);
const struct link_row *kernel_link(const struct check_view *v, uint32_t ifindex);
/* It is up, and its other end too. */
bool kernel_has_carrier(const struct link_row *link);

/* Shown words in the arena, never NULL. */
const char *kernel_client(const struct check_view *v);
const char *kernel_server(const struct check_view *v);
const char *kernel_device(const struct check_view *v, uint32_t ifindex);
/* In a command that may be pasted. */
const char *kernel_device_argument(const struct check_view *v, uint32_t ifindex);

#endif
