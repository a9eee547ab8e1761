/* Waiting on a socket until a time, and leaving it without a reset. */
#ifndef CORE_HOST_READ_WAITING_H
#define CORE_HOST_READ_WAITING_H

#include <stdint.h>

/* For poll(2): what is left until then, rounded up; 0: it is over. Monotonic. */
int waiting_left_ms(int64_t until_ns);
/*
 * Says that we are done and takes what comes until the other side is too, or patience_ns
 * is over: closing with unread bytes would send a reset (RFC 1122, 4.2.2.13).
 */
void waiting_part(int fd, int64_t patience_ns);

#endif
