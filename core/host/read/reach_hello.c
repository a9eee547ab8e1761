/* A ClientHello as bytes. Its key share is no key of anybody: the handshake ends with the
 * server's answer. */
#include "core/host/read/reach_hello.h"

#include <stdbool.h>
#include <string.h>
#include <sys/random.h>

enum {
	RECORD_HEAD = 5,
	HANDSHAKE = 22,
	CLIENT_HELLO = 1,
	EXT_SERVER_NAME = 0,
	EXT_GROUPS = 10,
	EXT_SIGNATURES = 13,
	EXT_PADDING = 21,
	EXT_VERSIONS = 43,
	EXT_KEY_SHARE = 51,
	X25519 = 29,
	KEY_BYTES = 32,
};

struct out {
	uint8_t *bytes;
	size_t len, room;
};

static void put(struct out *o, const void *bytes, size_t n)
{
	if (n && o->len + n <= o->room)
		memcpy(o->bytes + o->len, bytes, n);
	o->len += n;
}

static void put_number(struct out *o, size_t value, size_t n)
{
	for (size_t i = n; i-- > 0;) {
		uint8_t byte = (uint8_t)(value >> (8 * i));

		put(o, &byte, 1);
	}
}

static void put_zeros(struct out *o, size_t n)
{
	if (o->len + n <= o->room)
		memset(o->bytes + o->len, 0, n);
	o->len += n;
}

/* Leaves n bytes for a length; put_length() fills it in. */
static size_t open_length(struct out *o, size_t n)
{
	put_zeros(o, n);
	return o->len;
}

static void put_length(struct out *o, size_t start, size_t n)
{
	struct out head = {o->bytes + start - n, 0, n};

	if (o->len <= o->room)
		put_number(&head, o->len - start, n);
}

static void put_random(struct out *o, size_t n)
{
	uint8_t bytes[KEY_BYTES];

	/* Anything will do where the kernel has none yet. */
	if (getrandom(bytes, n, GRND_NONBLOCK) != (ssize_t)n)
		memset(bytes, 0x5a, sizeof(bytes));
	put(o, bytes, n);
}

static void put_server_name(struct out *o, const char *name)
{
	size_t len = strlen(name), ext, list;

	put_number(o, EXT_SERVER_NAME, 2);
	ext = open_length(o, 2);
	list = open_length(o, 2);
	put_number(o, 0, 1); /* host_name */
	put_number(o, len, 2);
	put(o, name, len);
	put_length(o, list, 2);
	put_length(o, ext, 2);
}

/* An extension that holds one list of numbers of two bytes. */
static void put_list(struct out *o, unsigned type, size_t length_bytes,
		     const uint16_t *values, size_t n)
{
	size_t ext, list;

	put_number(o, type, 2);
	ext = open_length(o, 2);
	list = open_length(o, length_bytes);
	for (size_t i = 0; i < n; i++)
		put_number(o, values[i], 2);
	put_length(o, list, length_bytes);
	put_length(o, ext, 2);
}

static void put_key_share(struct out *o)
{
	size_t ext, list;

	put_number(o, EXT_KEY_SHARE, 2);
	ext = open_length(o, 2);
	list = open_length(o, 2);
	put_number(o, X25519, 2);
	put_number(o, KEY_BYTES, 2);
	put_random(o, KEY_BYTES);
	put_length(o, list, 2);
	put_length(o, ext, 2);
}

static void put_extensions(struct out *o, const char *name, size_t least)
{
	static const uint16_t groups[] = {X25519, 23, 24};
	static const uint16_t versions[] = {0x0304, 0x0303};
	static const uint16_t signatures[] = {0x0403, 0x0503, 0x0804, 0x0805, 0x0806,
					      0x0401, 0x0501, 0x0807, 0x0201};
	size_t all = open_length(o, 2);

	if (*name)
		put_server_name(o, name);
	put_list(o, EXT_GROUPS, 2, groups, sizeof(groups) / sizeof(*groups));
	put_list(o, EXT_SIGNATURES, 2, signatures,
		 sizeof(signatures) / sizeof(*signatures));
	put_list(o, EXT_VERSIONS, 1, versions, sizeof(versions) / sizeof(*versions));
	put_key_share(o);
	if (o->len + 4 < least) {
		size_t n = least - o->len - 4;

		put_number(o, EXT_PADDING, 2);
		put_number(o, n, 2);
		put_zeros(o, n);
	}
	put_length(o, all, 2);
}

size_t hello_put(const char *name, size_t least, uint8_t *out, size_t room)
{
	static const uint16_t suites[] = {0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f,
					  0xc02c, 0xc030, 0xcca9, 0xcca8, 0x009c,
					  0x009d, 0xc013, 0xc014, 0x002f, 0x0035};
	struct out o = {out, 0, room};
	size_t record, handshake;

	put_number(&o, HANDSHAKE, 1);
	put_number(&o, 0x0301, 2);
	record = open_length(&o, 2);
	put_number(&o, CLIENT_HELLO, 1);
	handshake = open_length(&o, 3);
	put_number(&o, 0x0303, 2);
	put_random(&o, KEY_BYTES);
	put_number(&o, 0, 1); /* no session */
	put_number(&o, sizeof(suites), 2);
	for (size_t i = 0; i < sizeof(suites) / sizeof(*suites); i++)
		put_number(&o, suites[i], 2);
	put_number(&o, 1, 1);
	put_number(&o, 0, 1); /* no compression */
	put_extensions(&o, name, least < room ? least : room);
	put_length(&o, handshake, 3);
	put_length(&o, record, 2);
	return o.len <= room ? o.len : 0;
}
