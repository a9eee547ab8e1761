/*
 * The addresses that this host's resolver gives for a name, and what each source says. From
 * the bundle of REQUEST_NAMES: "address" each (or its error), "took" (nanoseconds), "hosts"
 * each address of /etc/hosts, "dns/SERVER/A|AAAA/MICROSECONDS/NAME" the bytes of a server's
 * answer or its error. Pure. getaddrinfo(3).
 */
#ifndef CORE_SNAPSHOT_NAMES_ANSWER_H
#define CORE_SNAPSHOT_NAMES_ANSWER_H

#include "core/base/addr.h"
#include "core/base/bundle.h"
#include "core/base/table.h"
#include "core/network/dns_reply.h"

enum { NAMES_ANSWER_MAX = 16, NAMES_HOSTS_MAX = 8, NAMES_REPLIES_MAX = 24 };

/* One server to one question. */
struct names_reply {
	struct addr server;
	bool is_aaaa;
	int error; /* positive errno: ETIMEDOUT, ECONNREFUSED, EBADMSG; 0: it answered */
	int64_t took_ns;
	char name[254]; /* that was asked for: with a domain, where one was added */
	struct dns_reply reply;
};

struct names_answer {
	struct table head;
	struct addr addresses[NAMES_ANSWER_MAX]; /* as the resolver orders them */
	size_t n;
	/* Positive errno: ENOENT: no such name; EAGAIN: the resolver failed; ETIMEDOUT: it
	 * did not answer in time. */
	int error;
	int64_t took_ns; /* 0: not told */
	struct addr hosts[NAMES_HOSTS_MAX];
	size_t n_hosts;
	struct names_reply replies[NAMES_REPLIES_MAX];
	size_t n_replies;
};

struct names_answer *names_answer_new(void);
/* One part into it. 0 or -EBADMSG. */
int names_answer_decode(struct names_answer *t, const void *bytes, size_t len);
/* Is it among those that some name server gave? */
bool names_answer_has_dns(const struct names_answer *t, const struct addr *a);

#endif
