/* The queue of errors of a socket. What they mean is its reader's. */
#include "core/host/kernel/error_queue.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include <linux/errqueue.h>

void error_queue_open(int fd, int family)
{
	int on = 1;

	if (family == AF_INET)
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
	else
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
}

static struct addr offender(const void *bytes, size_t len)
{
	struct sockaddr_in v4 = {0};
	struct sockaddr_in6 v6 = {0};

	memcpy(&v4, bytes, len < sizeof(v4) ? len : sizeof(v4));
	memcpy(&v6, bytes, len < sizeof(v6) ? len : sizeof(v6));
	if (v4.sin_family == AF_INET)
		return addr_v4(&v4.sin_addr);
	return v6.sin6_family == AF_INET6 ? addr_v6(&v6.sin6_addr) : (struct addr){0};
}

static bool take(const struct cmsghdr *c, struct told_error *out)
{
	bool is_error = (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
			(c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR);
	size_t len = c->cmsg_len - CMSG_LEN(0);
	struct sock_extended_err e;

	if (!is_error || len < sizeof(e))
		return false;
	memcpy(&e, CMSG_DATA(c), sizeof(e));
	if (e.ee_origin != SO_EE_ORIGIN_ICMP && e.ee_origin != SO_EE_ORIGIN_ICMP6)
		return false;
	*out = (struct told_error){
		.error = (int)e.ee_errno,
		.type = e.ee_type,
		.code = e.ee_code,
		.info = e.ee_info,
		.from = offender(CMSG_DATA(c) + sizeof(e), len - sizeof(e))};
	return true;
}

bool error_queue_next(int fd, struct told_error *out)
{
	union {
		struct cmsghdr head;
		char bytes[512];
	} control;
	char data[256];
	struct iovec piece = {data, sizeof(data)};

	for (;;) {
		struct msghdr m = {.msg_iov = &piece,
				   .msg_iovlen = 1,
				   .msg_control = &control,
				   .msg_controllen = sizeof(control)};

		if (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return false;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
			if (take(c, out))
				return true;
	}
}
