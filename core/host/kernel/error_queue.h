/* What a socket was told by ICMP, with who said so: MSG_ERRQUEUE, ip(7), recvmsg(2). */
#ifndef CORE_HOST_ERROR_QUEUE_H
#define CORE_HOST_ERROR_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/addr.h"

struct told_error {
	int error; /* positive errno */
	uint8_t type, code;
	uint32_t info;    /* of "too big": the size that fits */
	struct addr from; /* none: not told */
};

/* From now on errors are queued. Of TCP since Linux 5.12; before, the queue stays empty. */
void error_queue_open(int fd, int family);
/* Takes the next one off that came by ICMP; others are passed over. False: there is none.
 */
bool error_queue_next(int fd, struct told_error *out);

#endif
