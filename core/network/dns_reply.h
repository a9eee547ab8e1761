/* An answer of a name server: RFC 1035, 4.1; addresses of RFC 1035 and 3596. Pure. */
#ifndef CORE_NETWORK_DNS_REPLY_H
#define CORE_NETWORK_DNS_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/addr.h"

enum { DNS_ADDRESSES_MAX = 8 };

struct dns_reply {
	uint8_t code; /* RCODE: 0 no error, 2 server failure, 3 no such name, 5 refused */
	bool is_cut;  /* TC: not all of it is here */
	bool has_alias;
	struct addr addresses[DNS_ADDRESSES_MAX];
	size_t n;
};

/* 0, or -EBADMSG: it is none, or damaged (then *out is untouched). */
int dns_reply_decode(struct dns_reply *out, const void *bytes, size_t len);
/* "NXDOMAIN", "SERVFAIL", ...; "another error" of what is not known. */
const char *dns_code_word(uint8_t code);

#endif
