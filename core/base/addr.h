/* IP addresses of both families in network byte order. Does not resolve names. */
#ifndef CORE_BASE_ADDR_H
#define CORE_BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* family 0 is "no address"; AF_INET uses bytes[0..3], the rest is zero. */
struct addr {
	uint8_t family;
	uint8_t bytes[16];
};

#define ADDR_TEXT_MAX 48 /* INET6_ADDRSTRLEN and room */

struct addr addr_v4(const void *four_bytes);
struct addr addr_v6(const void *sixteen_bytes);
/* Of family AF_INET or AF_INET6 from 4 or 16 bytes; any other family gives "no address". */
struct addr addr_from(int family, const void *bytes);

bool addr_equals(const struct addr *a, const struct addr *b);
/* Total order: family, then bytes. */
int addr_compare(const struct addr *a, const struct addr *b);
bool addr_is_any(const struct addr *a);        /* 0.0.0.0 or :: */
bool addr_is_loopback(const struct addr *a);   /* 127.0.0.0/8, ::1, ::ffff:127.0.0.0/104 */
bool addr_is_v4_mapped(const struct addr *a);  /* ::ffff:0:0/96 */
bool addr_is_link_local(const struct addr *a); /* 169.254.0.0/16, fe80::/10 */
bool addr_is_multicast(const struct addr *a);  /* 224.0.0.0/4, ff00::/8 */
/* The AF_INET address inside a v4-mapped one; any other address as it is. */
struct addr addr_unmapped(const struct addr *a);
/*
 * True if the first prefix_len bits agree and the families are the same. No address is in
 * any prefix, and nothing is in a prefix longer than an address.
 */
bool addr_in_prefix(const struct addr *a, const struct addr *prefix, unsigned prefix_len);

/* The lowest and the highest of all n bytes whose first `bits` bits are these. */
void addr_bits_span(const uint8_t *bytes, size_t n, unsigned bits, uint8_t *low,
		    uint8_t *high);

/* "10.0.0.1", "::1", "" for no address; inet_ntop(3). Returns out. */
const char *addr_format(const struct addr *a, char out[ADDR_TEXT_MAX]);
/* Bare, or IPv6 in brackets; no port, no scope. 0 or -EINVAL. */
int addr_parse(struct addr *out, const char *text);
/* The same; behind a link-local IPv6 address "%LINK" may stand, which is left out. */
int addr_parse_scoped(struct addr *out, const char *text);

#endif
