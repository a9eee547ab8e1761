/*
 * One connection of our own: opened, timed, closed in order. Sends no data. Beside it only
 * name_lookup.c makes the host send a packet, to its resolver.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/read/evidence.h"
#include "core/host/broker/protocol.h"
#include "core/host/read/waiting.h"

#define FAREWELL_NS (200 * NS_PER_MS) /* for the other side to close too */

static socklen_t put_address(struct sockaddr_storage *out, const struct probe_ask *ask)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(ask->port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(ask->port)};

	if (ask->address.family == AF_INET) {
		memcpy(&v4.sin_addr, ask->address.bytes, sizeof(v4.sin_addr));
		memcpy(out, &v4, sizeof(v4));
		return sizeof(v4);
	}
	memcpy(&v6.sin6_addr, ask->address.bytes, sizeof(v6.sin6_addr));
	memcpy(out, &v6, sizeof(v6));
	return sizeof(v6);
}

/* Waits for the end of connect(2): 0 or a positive errno. */
static int await(int fd, int64_t until_ns)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int error = 0, n;
	socklen_t len = sizeof(error);

	do
		n = poll(&p, 1, waiting_left_ms(until_ns));
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return ETIMEDOUT;
	if (n < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len))
		return errno;
	return error;
}

static const char *result_word(int error)
{
	if (error == ECONNREFUSED)
		return "refused";
	if (error == ETIMEDOUT)
		return "timed-out";
	return error ? "error" : "connected";
}

/* Our end: " sport=N from=ADDR", or nothing where none was chosen. */
static void put_own_end(int fd, char *out, size_t room)
{
	struct sockaddr_storage own = {0};
	socklen_t len = sizeof(own);
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct addr address = {0};
	char text[ADDR_TEXT_MAX];

	out[0] = '\0';
	if (getsockname(fd, (struct sockaddr *)&own, &len))
		return;
	memcpy(&v4, &own, sizeof(v4));
	memcpy(&v6, &own, sizeof(v6));
	if (own.ss_family == AF_INET)
		address = addr_v4(&v4.sin_addr);
	else if (own.ss_family == AF_INET6)
		address = addr_v6(&v6.sin6_addr);
	/* The port is at the same place of both. */
	if (address.family && v4.sin_port && !addr_is_any(&address))
		snprintf(out, room, " sport=%u from=%s", ntohs(v4.sin_port),
			 addr_format(&address, text));
}

static int put_result(struct bundle_out *out, int fd, int error, int64_t took_ns)
{
	char own[ADDR_TEXT_MAX + 32], line[192];
	int n;

	put_own_end(fd, own, sizeof(own));
	n = snprintf(line, sizeof(line), "result=%s errno=%d took_ns=%" PRId64 "%s",
		     result_word(error), error, took_ns, own);
	return bundle_out_item(out, "probe", line, (size_t)n, 0);
}

int probe_run(const struct probe_ask *ask, struct bundle_out *out)
{
	int fd = socket(ask->address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			ask->proto);
	struct sockaddr_storage to = {0};
	socklen_t to_len = put_address(&to, ask);
	int64_t start_ns, took_ns;
	int error = 0;

	if (fd < 0)
		return -errno;
	start_ns = host_now_ns();
	if (connect(fd, (struct sockaddr *)&to, to_len))
		error = errno;
	if (error == EINPROGRESS)
		error = await(fd, start_ns + ask->timeout_ms * NS_PER_MS);
	took_ns = host_now_ns() - start_ns;
	put_result(out, fd, error, took_ns);
	if (!error)
		waiting_part(fd, FAREWELL_NS);
	close(fd);
	return out->error;
}
