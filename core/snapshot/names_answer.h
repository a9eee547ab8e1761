/* The addresses that this host's resolver gives for a name. From the bundle of
 * REQUEST_NAMES: an item "address" each. Pure. getaddrinfo(3). */
#ifndef CORE_SNAPSHOT_NAMES_ANSWER_H
#define CORE_SNAPSHOT_NAMES_ANSWER_H

#include "core/base/addr.h"
#include "core/base/bundle.h"
#include "core/base/table.h"

enum { NAMES_ANSWER_MAX = 16 };

struct names_answer {
	struct table head;
	struct addr addresses[NAMES_ANSWER_MAX]; /* as the resolver orders them */
	size_t n;
	int error; /* positive errno: ENOENT: no such name; EAGAIN: the resolver failed */
};

struct names_answer *names_answer_new(void);
/* One part into it. 0 or -EBADMSG. */
int names_answer_decode(struct names_answer *t, const void *bytes, size_t len);

#endif
