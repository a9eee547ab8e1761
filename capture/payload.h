/* What kind of conversation the first bytes of one direction begin. Pure, checked. */
#ifndef CAPTURE_PAYLOAD_H
#define CAPTURE_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/wire/attempt.h"

struct payload {
	enum first_bytes kind;
	uint16_t http_status; /* with BYTES_HTTP_STATUS */
	/* With BYTES_TLS_CLIENT_HELLO: the name that was asked for (RFC 6066), as sent; ""
	 * if there is none, or it has a NUL, is longer than fits or was not captured whole.
	 */
	char sni[ATTEMPT_SNI_MAX];
	/* ClientHello: the highest version offered; ServerHello: the chosen one; 0: none */
	uint16_t tls_version;
	enum saying says; /* of bytes that are a server's */
};

/* The header of a TLS record (RFC 8446, 5.1). */
struct tls_record {
	uint8_t type; /* TLS_ALERT, TLS_DATA or another */
	uint16_t len;
};
enum { TLS_RECORD_HEAD = 5, TLS_RECORD_ALERT = 21, TLS_RECORD_DATA = 23 };
/* False: these are no such bytes, or fewer than TLS_RECORD_HEAD. */
bool payload_tls_record(const uint8_t *bytes, size_t len, struct tls_record *out);

/*
 * Classes the captured part of the first segment. Nothing captured: BYTES_OTHER (bytes were
 * seen, but not what they are). Sources: RFC 8446, 9110, 4253, 5321, 959, 9051, 1939;
 * HAProxy's proxy-protocol.txt; MySQL's protocol of connecting.
 */
void payload_read(struct payload *out, const uint8_t *bytes, size_t len);
/* What a server says of its client in these bytes, which payload_read() has seen:
 * out->says.
 */
void payload_read_saying(struct payload *out, const uint8_t *bytes, size_t len);

#endif
