/*
 * Classes of first bytes: TLS records, HTTP, SSH, the PROXY protocol. Keeps the server name
 * of a ClientHello and an HTTP status, nothing else; follows no conversation.
 */
#include "capture/payload.h"

#include <string.h>

#include "core/base/cursor.h"

enum { RECORD_ALERT = 21, RECORD_HANDSHAKE = 22, CLIENT_HELLO = 1, SERVER_HELLO = 2 };

/* What a conversation of this kind begins with. */
static const struct beginning {
	const char *bytes;
	uint8_t len;
	enum first_bytes kind;
} beginnings[] = {
#define BEGIN(text, kind)                    \
	{                                    \
		text, sizeof(text) - 1, kind \
	}
	BEGIN("GET ", BYTES_HTTP_REQUEST),
	BEGIN("POST ", BYTES_HTTP_REQUEST),
	BEGIN("HEAD ", BYTES_HTTP_REQUEST),
	BEGIN("PUT ", BYTES_HTTP_REQUEST),
	BEGIN("DELETE ", BYTES_HTTP_REQUEST),
	BEGIN("OPTIONS ", BYTES_HTTP_REQUEST),
	BEGIN("PATCH ", BYTES_HTTP_REQUEST),
	BEGIN("CONNECT ", BYTES_HTTP_REQUEST),
	BEGIN("TRACE ", BYTES_HTTP_REQUEST),
	BEGIN("PRI * HTTP/2.0\r\n", BYTES_HTTP_REQUEST),
	BEGIN("SSH-", BYTES_SSH_BANNER),
	BEGIN("PROXY ", BYTES_PROXY_HEADER),
	BEGIN("\r\n\r\n\0\r\nQUIT\n", BYTES_PROXY_HEADER),
#undef BEGIN
};

/* A vector of TLS: its length in n bytes, then so many. Passed over. */
static void skip_vector(struct cursor *c, int n)
{
	size_t len = n == 1 ? cursor_u8(c) : cursor_be16(c);

	cursor_bytes(c, len);
}

/* server_name: list length, then type (0: host name), length, name */
static void take_name(struct payload *out, struct cursor *c)
{
	unsigned type, len;
	const uint8_t *name;

	cursor_be16(c);
	type = cursor_u8(c);
	len = cursor_be16(c);
	name = cursor_bytes(c, len);
	if (!name || type || len >= sizeof(out->sni) || memchr(name, 0, len))
		return;
	memcpy(out->sni, name, len);
}

/* c stands behind the handshake's type. The hello may go on in the next segment. */
static void read_client_hello(struct payload *out, struct cursor *c)
{
	cursor_bytes(c, 3 + 2 + 32); /* length, version, random */
	skip_vector(c, 1);           /* session */
	skip_vector(c, 2);           /* cipher suites */
	skip_vector(c, 1);           /* compression */
	cursor_be16(c);              /* length of the extensions */
	while (cursor_left(c) >= 4) {
		unsigned type = cursor_be16(c), len = cursor_be16(c);

		if (type == 0) {
			take_name(out, c);
			return;
		}
		cursor_bytes(c, len);
	}
}

/* Record: type, version 3.0 to 3.4, length of at most 2^14 + 2048. */
static enum first_bytes read_tls(struct payload *out, struct cursor c)
{
	unsigned type = cursor_u8(&c), major = cursor_u8(&c), minor = cursor_u8(&c);
	unsigned len = cursor_be16(&c), message = cursor_u8(&c);

	if (c.short_read || major != 3 || minor > 4 || !len || len > 16384 + 2048)
		return BYTES_OTHER;
	if (type == RECORD_ALERT)
		return BYTES_TLS_ALERT;
	if (type != RECORD_HANDSHAKE)
		return BYTES_OTHER;
	if (message == SERVER_HELLO)
		return BYTES_TLS_SERVER_HELLO;
	if (message != CLIENT_HELLO)
		return BYTES_OTHER;
	read_client_hello(out, &c);
	return BYTES_TLS_CLIENT_HELLO;
}

static unsigned digit(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - (unsigned)'0' : 1000;
}

/* "HTTP/1.1 200" */
static enum first_bytes read_http_status(struct payload *out, const uint8_t *at, size_t len)
{
	unsigned status;

	if (len < 12 || memcmp(at, "HTTP/1.", 7) != 0 || at[8] != ' ')
		return BYTES_OTHER;
	status = digit(at[9]) * 100 + digit(at[10]) * 10 + digit(at[11]);
	if (status < 100 || status > 999)
		return BYTES_OTHER;
	out->http_status = (uint16_t)status;
	return BYTES_HTTP_STATUS;
}

void payload_read(struct payload *out, const uint8_t *bytes, size_t len)
{
	memset(out, 0, sizeof(*out));
	out->kind = BYTES_OTHER;
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
		const struct beginning *b = &beginnings[i];

		if (len >= b->len && memcmp(bytes, b->bytes, b->len) == 0) {
			out->kind = b->kind;
			return;
		}
	}
	out->kind = read_http_status(out, bytes, len);
	if (out->kind == BYTES_OTHER)
		out->kind = read_tls(out, cursor_of(bytes, len));
}
