/* What kind of conversation the first bytes of one direction begin. Pure, checked. */
#ifndef CAPTURE_PAYLOAD_H
#define CAPTURE_PAYLOAD_H

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
};

/*
 * Classes the captured part of the first segment. Nothing captured: BYTES_OTHER (bytes were
 * seen, but not what they are). Sources: RFC 8446, 9110, 4253; HAProxy's
 * proxy-protocol.txt.
 */
void payload_read(struct payload *out, const uint8_t *bytes, size_t len);

#endif
