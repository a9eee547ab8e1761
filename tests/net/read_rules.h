/*
 * The ruleset of this network namespace as the kernel dumps it: GETGEN, tables, chains,
 * sets, rules, elements set by set, objects, GETGEN. For tests that may ask the kernel.
 */
#ifndef TESTS_NET_READ_RULES_H
#define TESTS_NET_READ_RULES_H

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/str.h"

enum { READ_RULES_BUFFER = 65536 };

struct read_rules {
	int fd;
	unsigned sequence;
	struct str *out;
};

struct read_rules_request {
	struct nlmsghdr h;
	struct nfgenmsg m;
	char attributes[2048];
};

static inline void read_rules_attribute(struct read_rules_request *q, int type,
					const void *bytes, size_t len)
{
	struct nlattr a = {.nla_len = (unsigned short)(sizeof(a) + len),
			   .nla_type = (unsigned short)type};
	char *at = (char *)q + q->h.nlmsg_len;

	memcpy(at, &a, sizeof(a));
	memcpy(at + sizeof(a), bytes, len);
	q->h.nlmsg_len += (unsigned)NLMSG_ALIGN(a.nla_len);
}

/* One answer's messages are kept but for DONE. True: it was the last. */
static inline bool read_rules_part(struct read_rules *r, char *bytes, size_t len)
{
	for (struct nlmsghdr *h = (struct nlmsghdr *)bytes; NLMSG_OK(h, len);
	     h = NLMSG_NEXT(h, len)) {
		if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
			return true;
		str_append(r->out, h, NLMSG_ALIGN(h->nlmsg_len));
		if (!(h->nlmsg_flags & NLM_F_MULTI))
			return true;
	}
	return false;
}

static inline void read_rules_ask(struct read_rules *r, struct read_rules_request *q,
				  int type, int flags)
{
	static char buffer[READ_RULES_BUFFER] __attribute__((aligned(8)));
	ssize_t n;

	q->h.nlmsg_type = (unsigned short)(NFNL_SUBSYS_NFTABLES << 8 | type);
	q->h.nlmsg_flags = (unsigned short)(NLM_F_REQUEST | flags);
	q->h.nlmsg_seq = ++r->sequence;
	if (send(r->fd, q, q->h.nlmsg_len, 0) < 0)
		return;
	do
		n = recv(r->fd, buffer, sizeof(buffer), 0);
	while (n > 0 && !read_rules_part(r, buffer, (size_t)n));
}

static inline void read_rules_kind(struct read_rules *r, int type, int flags)
{
	struct read_rules_request q = {.h.nlmsg_len = NLMSG_LENGTH(sizeof(q.m))};

	read_rules_ask(r, &q, type, flags);
}

/* The elements of every set that stands in the messages [from, to) so far. */
static inline void read_rules_elements(struct read_rules *r, size_t from, size_t to)
{
	for (size_t at = from; at + sizeof(struct nlmsghdr) <= to;) {
		struct read_rules_request q = {.h.nlmsg_len = NLMSG_LENGTH(sizeof(q.m))};
		const char *bytes = r->out->data + at;
		struct nlmsghdr h;
		size_t i = NLMSG_LENGTH(sizeof(q.m));

		memcpy(&h, bytes, sizeof(h));
		memcpy(&q.m, bytes + NLMSG_HDRLEN, sizeof(q.m));
		while (i + sizeof(struct nlattr) <= h.nlmsg_len) {
			struct nlattr a;

			memcpy(&a, bytes + i, sizeof(a));
			if (a.nla_type == NFTA_SET_TABLE || a.nla_type == NFTA_SET_NAME)
				read_rules_attribute(&q,
						     a.nla_type == NFTA_SET_TABLE
							     ? NFTA_SET_ELEM_LIST_TABLE
							     : NFTA_SET_ELEM_LIST_SET,
						     bytes + i + sizeof(a),
						     a.nla_len - sizeof(a));
			i += NLMSG_ALIGN(a.nla_len);
		}
		at += NLMSG_ALIGN(h.nlmsg_len);
		read_rules_ask(r, &q, NFT_MSG_GETSETELEM, NLM_F_DUMP);
	}
}

/* Appends the dump to out. False: the kernel does not answer. */
static inline bool read_rules(struct str *out)
{
	struct read_rules r = {.out = out};
	size_t from, to;

	r.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	if (r.fd < 0)
		return false;
	read_rules_kind(&r, NFT_MSG_GETGEN, 0);
	read_rules_kind(&r, NFT_MSG_GETTABLE, NLM_F_DUMP);
	read_rules_kind(&r, NFT_MSG_GETCHAIN, NLM_F_DUMP);
	from = out->len;
	read_rules_kind(&r, NFT_MSG_GETSET, NLM_F_DUMP);
	to = out->len;
	read_rules_kind(&r, NFT_MSG_GETRULE, NLM_F_DUMP);
	read_rules_elements(&r, from, to);
	read_rules_kind(&r, NFT_MSG_GETOBJ, NLM_F_DUMP);
	read_rules_kind(&r, NFT_MSG_GETGEN, 0);
	close(r.fd);
	return out->len > 0;
}

#endif
