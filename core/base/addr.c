/* IP addresses of both families: kinds, order, prefixes, text. Does not resolve names. */
#include "core/base/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

_Static_assert(ADDR_TEXT_MAX >= INET6_ADDRSTRLEN, "an IPv6 address fits");

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

/* Bytes of an address of the family; 0 for "no address". */
static unsigned family_size(int family)
{
	if (family == AF_INET)
		return 4;
	return family == AF_INET6 ? 16 : 0;
}

struct addr addr_from(int family, const void *bytes)
{
	unsigned size = family_size(family);
	struct addr a = {.family = size ? (uint8_t)family : 0};

	if (size)
		memcpy(a.bytes, bytes, size);
	return a;
}

struct addr addr_v4(const void *four_bytes)
{
	return addr_from(AF_INET, four_bytes);
}

struct addr addr_v6(const void *sixteen_bytes)
{
	return addr_from(AF_INET6, sixteen_bytes);
}

bool addr_equals(const struct addr *a, const struct addr *b)
{
	return addr_compare(a, b) == 0;
}

int addr_compare(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, family_size(a->family));
}

bool addr_is_any(const struct addr *a)
{
	static const uint8_t zero[16];
	unsigned size = family_size(a->family);

	return size && memcmp(a->bytes, zero, size) == 0;
}

bool addr_is_loopback(const struct addr *a)
{
	static const uint8_t loopback[16] = {[15] = 1};

	if (a->family == AF_INET)
		return a->bytes[0] == 127;
	if (addr_is_v4_mapped(a))
		return a->bytes[12] == 127;
	return a->family == AF_INET6 && memcmp(a->bytes, loopback, sizeof(loopback)) == 0;
}

bool addr_is_v4_mapped(const struct addr *a)
{
	return a->family == AF_INET6 &&
	       memcmp(a->bytes, mapped_prefix, sizeof(mapped_prefix)) == 0;
}

bool addr_is_link_local(const struct addr *a)
{
	if (a->family == AF_INET)
		return a->bytes[0] == 169 && a->bytes[1] == 254;
	return a->family == AF_INET6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

bool addr_is_multicast(const struct addr *a)
{
	if (a->family == AF_INET)
		return (a->bytes[0] & 0xf0) == 0xe0;
	return a->family == AF_INET6 && a->bytes[0] == 0xff;
}

struct addr addr_unmapped(const struct addr *a)
{
	return addr_is_v4_mapped(a) ? addr_v4(a->bytes + sizeof(mapped_prefix)) : *a;
}

bool addr_in_prefix(const struct addr *a, const struct addr *prefix, unsigned prefix_len)
{
	unsigned size = family_size(a->family);
	unsigned whole = prefix_len / 8;
	unsigned rest = prefix_len % 8;

	if (!size || a->family != prefix->family || prefix_len > size * 8)
		return false;
	if (memcmp(a->bytes, prefix->bytes, whole) != 0)
		return false;
	return rest == 0 || (a->bytes[whole] ^ prefix->bytes[whole]) >> (8 - rest) == 0;
}

void addr_bits_span(const uint8_t *bytes, size_t n, unsigned bits, uint8_t *low,
		    uint8_t *high)
{
	for (size_t i = 0; i < n; i++) {
		size_t left = bits > i * 8 ? bits - i * 8 : 0;
		unsigned free_bits = left >= 8 ? 0 : 0xffU >> left;

		low[i] = (uint8_t)(bytes[i] & ~free_bits);
		high[i] = (uint8_t)(bytes[i] | free_bits);
	}
}

const char *addr_format(const struct addr *a, char out[ADDR_TEXT_MAX])
{
	if (!inet_ntop(a->family, a->bytes, out, ADDR_TEXT_MAX))
		out[0] = '\0';
	return out;
}

/* A copy without the brackets that may stand around an IPv6 address. */
static int copy_bare(const char *text, char out[ADDR_TEXT_MAX], bool *bracketed)
{
	size_t len = strlen(text);

	*bracketed = text[0] == '[';
	if (*bracketed) {
		if (text[len - 1] != ']')
			return -EINVAL;
		text++;
		len -= 2;
	}
	if (len >= ADDR_TEXT_MAX)
		return -EINVAL;
	memcpy(out, text, len);
	out[len] = '\0';
	return 0;
}

int addr_parse(struct addr *out, const char *text)
{
	char bare[ADDR_TEXT_MAX];
	uint8_t bytes[16];
	bool bracketed;

	if (copy_bare(text, bare, &bracketed))
		return -EINVAL;
	if (!bracketed && inet_pton(AF_INET, bare, bytes) == 1)
		*out = addr_v4(bytes);
	else if (inet_pton(AF_INET6, bare, bytes) == 1)
		*out = addr_v6(bytes);
	else
		return -EINVAL;
	return 0;
}

int addr_parse_scoped(struct addr *out, const char *text)
{
	const char *percent = strchr(text, '%');
	size_t len = percent ? (size_t)(percent - text) : 0;
	char bare[ADDR_TEXT_MAX];
	struct addr found;

	if (!percent)
		return addr_parse(out, text);
	if (len >= sizeof(bare) || !percent[1] || strlen(percent + 1) > 15 ||
	    strpbrk(percent + 1, "%/[] "))
		return -EINVAL;
	memcpy(bare, text, len);
	bare[len] = '\0';
	if (addr_parse(&found, bare) || found.family != AF_INET6 ||
	    !addr_is_link_local(&found))
		return -EINVAL;
	*out = found;
	return 0;
}
