/* poll(2) with a deadline, and the end of a connection. */
#include "core/host/read/waiting.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"

int waiting_left_ms(int64_t until_ns)
{
	int64_t left_ns = until_ns - host_now_ns();

	return left_ns > 0 ? (int)((left_ns + NS_PER_MS - 1) / NS_PER_MS) : 0;
}

void waiting_part(int fd, int64_t patience_ns)
{
	int64_t until_ns = host_now_ns() + patience_ns;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char bytes[4096];
	ssize_t got = 1;

	shutdown(fd, SHUT_WR);
	while (got != 0 && poll(&p, 1, waiting_left_ms(until_ns)) > 0) {
		got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			break;
	}
}
