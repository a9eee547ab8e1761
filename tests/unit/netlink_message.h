/* Netlink messages made by hand, as the bytes of a part. Include cmocka.h first. */
#ifndef TESTS_UNIT_NETLINK_MESSAGE_H
#define TESTS_UNIT_NETLINK_MESSAGE_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdint.h>
#include <string.h>

#define PART_MAX 8192

struct part {
	uint8_t bytes[PART_MAX];
	size_t len;
};

/* A message of this type with its header; attributes are put with nla_put...(). */
static inline struct nl_msg *message_new(int type, const void *header, size_t size)
{
	struct nl_msg *m = nlmsg_alloc_simple(type, 0);

	assert_non_null(m);
	assert_int_equal(nlmsg_append(m, (void *)(uintptr_t)header, size, NLMSG_ALIGNTO),
			 0);
	return m;
}

/* Appends it to the part and frees it. */
static inline void part_take(struct part *p, struct nl_msg *m)
{
	const struct nlmsghdr *h = nlmsg_hdr(m);
	size_t len = NLMSG_ALIGN(h->nlmsg_len);

	assert_in_range(p->len + len, 1, PART_MAX);
	memcpy(p->bytes + p->len, h, h->nlmsg_len);
	p->len += len;
	nlmsg_free(m);
}

#endif
