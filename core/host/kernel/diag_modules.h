/*
 * Whether a sock_diag request would make the kernel load a module. Reads the lists of
 * modules that are loaded and built in; asks for nothing, loads nothing. sock_diag(7),
 * net/core/sock_diag.c.
 */
#ifndef CORE_HOST_DIAG_MODULES_H
#define CORE_HOST_DIAG_MODULES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/utsname.h>

enum { DIAG_TCP, DIAG_UDP, DIAG_MPTCP, N_DIAG_MODULES };

struct diag_modules {
	const char *loaded; /* the kernel's list; a kernel without modules has none */
	char builtin[sizeof(struct utsname) + 64]; /* the list made with the kernel */
	bool tells_mptcp; /* this kernel does not take MPTCP's number for another */
	bool is_ready[N_DIAG_MODULES];
	int64_t until_ns; /* is_ready holds so long */
};

void diag_modules_init(struct diag_modules *m);
/* May sockets of IPPROTO_TCP, UDP, UDPLITE, MPTCP be asked for? Of another: no. */
bool diag_modules_allow(struct diag_modules *m, uint16_t protocol, int64_t now_ns);

#endif
