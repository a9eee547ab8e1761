/* Hand-made sock_diag answers, for what no kernel was caught saying. */
#ifndef TESTS_UNIT_DIAG_MESSAGE_H
#define TESTS_UNIT_DIAG_MESSAGE_H

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdint.h>
#include <string.h>

/* A message without attributes, as it lies in memory. */
struct diag_message {
	struct nlmsghdr head;
	struct inet_diag_msg body;
};

/* A socket of 127.0.0.1 or ::1, by family. */
static inline struct diag_message diag_message_of(uint8_t family, uint8_t state,
						  uint16_t port)
{
	struct diag_message m = {
		.head = {.nlmsg_len = sizeof(m), .nlmsg_type = SOCK_DIAG_BY_FAMILY},
		.body = {.idiag_family = family, .idiag_state = state},
	};

	m.body.id.idiag_sport = htons(port);
	m.body.id.idiag_src[family == AF_INET ? 0 : 3] =
		htonl(family == AF_INET ? 0x7f000001 : 1);
	m.body.id.idiag_cookie[0] = port;
	return m;
}

/* Makes an answer one of the older request, which tells of both families at once. */
static inline void diag_make_old(uint8_t *bytes, size_t len)
{
	struct nlmsghdr h;

	for (size_t at = 0; at < len; at += NLMSG_ALIGN(h.nlmsg_len)) {
		memcpy(&h, bytes + at, sizeof(h));
		if (h.nlmsg_type == SOCK_DIAG_BY_FAMILY)
			h.nlmsg_type = TCPDIAG_GETSOCK;
		memcpy(bytes + at, &h, sizeof(h));
	}
}

#endif
