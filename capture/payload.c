/*
 * Classes of first bytes: TLS records, HTTP, SSH, the PROXY protocol, greetings of mail,
 * FTP and MySQL; and known sentences with which servers turn a client away. Keeps the name
 * and version of a hello and an HTTP status, nothing else; follows no conversation.
 */
#include "capture/payload.h"

#include <ctype.h>
#include <string.h>

#include "core/base/cursor.h"
#include "core/base/text.h"

enum {
	RECORD_FIRST = 20,
	RECORD_HANDSHAKE = 22,
	RECORD_LAST = 24,
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
	EXTENSION_NAME = 0,
	EXTENSION_VERSIONS = 43
};

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
	BEGIN("EHLO ", BYTES_SMTP_REQUEST),
	BEGIN("HELO ", BYTES_SMTP_REQUEST),
	BEGIN("* OK", BYTES_IMAP_GREETING),
	BEGIN("* PREAUTH", BYTES_IMAP_GREETING),
	BEGIN("* BYE", BYTES_IMAP_GREETING),
	BEGIN("+OK", BYTES_POP_GREETING),
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
static void take_name(struct payload *out, struct cursor c)
{
	unsigned type, len;
	const uint8_t *name;

	cursor_be16(&c);
	type = cursor_u8(&c);
	len = cursor_be16(&c);
	name = cursor_bytes(&c, len);
	if (!name || type || len >= sizeof(out->sni) || memchr(name, 0, len))
		return;
	memcpy(out->sni, name, len);
}

/* supported_versions: of a client a list (u8 length), of a server the one that it chose.
 * The highest; what is no version (RFC 8701) is passed over. */
static uint16_t read_versions(const uint8_t *at, size_t len, bool is_list)
{
	struct cursor c = cursor_of(at, len);
	uint16_t best = 0;

	if (is_list)
		cursor_u8(&c);
	while (cursor_left(&c) >= 2) {
		uint16_t version = cursor_be16(&c);

		if (version >> 8 == 3 && version > best)
			best = version;
	}
	return best;
}

/* Extensions, as far as they were captured; a length goes before. */
static void read_extensions(struct payload *out, struct cursor *c, bool is_client)
{
	cursor_be16(c);
	while (cursor_left(c) >= 4) {
		unsigned type = cursor_be16(c), len = cursor_be16(c);
		const uint8_t *at = cursor_bytes(c, len);
		uint16_t version = 0;

		if (!at)
			return;
		if (type == EXTENSION_NAME && is_client)
			take_name(out, cursor_of(at, len));
		else if (type == EXTENSION_VERSIONS)
			version = read_versions(at, len, is_client);
		if (version)
			out->tls_version = version;
	}
}

/* c stands behind the handshake's type. The hello may go on in the next segment. */
static void read_hello(struct payload *out, struct cursor *c, bool is_client)
{
	uint16_t version;

	cursor_bytes(c, 3); /* length */
	version = cursor_be16(c);
	cursor_bytes(c, 32); /* random */
	skip_vector(c, 1);   /* session */
	if (is_client) {
		skip_vector(c, 2); /* cipher suites */
		skip_vector(c, 1); /* compression */
	} else {
		cursor_bytes(c, 3); /* one of each */
	}
	if (version >> 8 == 3)
		out->tls_version = version;
	read_extensions(out, c, is_client);
}

/* Record: type, version 3.0 to 3.4, length of at most 2^14 + 2048. */
bool payload_tls_record(const uint8_t *bytes, size_t len, struct tls_record *out)
{
	struct cursor c = cursor_of(bytes, len);
	unsigned type = cursor_u8(&c), major = cursor_u8(&c), minor = cursor_u8(&c);
	uint16_t record_len = cursor_be16(&c);

	if (c.short_read || major != 3 || minor > 4 || !record_len ||
	    record_len > 16384 + 2048 || type < RECORD_FIRST || type > RECORD_LAST)
		return false;
	*out = (struct tls_record){(uint8_t)type, record_len};
	return true;
}

static enum first_bytes read_tls(struct payload *out, struct cursor c)
{
	struct tls_record record;
	unsigned message;

	if (!payload_tls_record(c.at, cursor_left(&c), &record))
		return BYTES_OTHER;
	cursor_bytes(&c, TLS_RECORD_HEAD);
	message = cursor_u8(&c);
	if (c.short_read)
		return BYTES_OTHER;
	if (record.type == TLS_RECORD_ALERT)
		return BYTES_TLS_ALERT;
	if (record.type != RECORD_HANDSHAKE)
		return BYTES_OTHER;
	if (message != CLIENT_HELLO && message != SERVER_HELLO)
		return BYTES_OTHER;
	read_hello(out, &c, message == CLIENT_HELLO);
	return message == CLIENT_HELLO ? BYTES_TLS_CLIENT_HELLO : BYTES_TLS_SERVER_HELLO;
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

/* In the letters of either case; bytes of any kind. */
static bool contains(const uint8_t *bytes, size_t len, const char *word)
{
	return text_contains_nocase((struct text){(const char *)bytes, len}, text_of(word));
}

static size_t line_len(const uint8_t *bytes, size_t len)
{
	const uint8_t *end = memchr(bytes, '\n', len);

	return end ? (size_t)(end - bytes) : len;
}

/* "220 mail ESMTP", "220 (vsFTPd 3.0.3)": the code alone does not tell which. */
static enum first_bytes read_greeting(const uint8_t *bytes, size_t len)
{
	if (len < 4 || (bytes[3] != ' ' && bytes[3] != '-') ||
	    (memcmp(bytes, "220", 3) && memcmp(bytes, "421", 3) && memcmp(bytes, "554", 3)))
		return BYTES_OTHER;
	len = line_len(bytes, len);
	if (contains(bytes, len, "SMTP"))
		return BYTES_SMTP_GREETING;
	return contains(bytes, len, "FTP") ? BYTES_FTP_GREETING : BYTES_OTHER;
}

/* A packet of MySQL: u24 length, u8 number 0; 10: protocol version and version as text;
 * 255: an error, its number. */
enum { MYSQL_GREETING = 10, MYSQL_ERROR = 255, MYSQL_MANY = 1040, MYSQL_NO_HOST = 1130 };

static enum first_bytes read_mysql(struct payload *out, const uint8_t *bytes, size_t len)
{
	unsigned code;

	if (len < 7 || bytes[3] || bytes[2] || (size_t)(bytes[0] | bytes[1] << 8) + 4 < len)
		return BYTES_OTHER;
	if (bytes[4] == MYSQL_GREETING)
		return bytes[5] >= '0' && bytes[5] <= '9' ? BYTES_MYSQL_GREETING
							  : BYTES_OTHER;
	code = bytes[5] | (unsigned)bytes[6] << 8;
	if (bytes[4] != MYSQL_ERROR || code < 1000 || code > 5000)
		return BYTES_OTHER;
	if (code == MYSQL_MANY)
		out->says = SAYS_TOO_MANY;
	else if (code == MYSQL_NO_HOST)
		out->says = SAYS_DENIED;
	return BYTES_MYSQL_GREETING;
}

/* Sentences of servers, from their sources: what they say before they hang up. */
static const struct {
	const char *words;
	enum saying says;
	bool is_http;
} sentences[] = {
	{"plain HTTP request was sent to HTTPS port", SAYS_TLS_WANTED, true},
	{"speaking plain HTTP to an SSL-enabled", SAYS_TLS_WANTED, true},
	{"HTTP request to an HTTPS server", SAYS_TLS_WANTED, true},
	{"too many connections", SAYS_TOO_MANY, false},
	{"too many clients", SAYS_TOO_MANY, false},
	{"too many concurrent", SAYS_TOO_MANY, false},
	{"too many users", SAYS_TOO_MANY, false},
	{"max number of clients reached", SAYS_TOO_MANY, false},
	{"maximum number of connections", SAYS_TOO_MANY, false},
	{"remaining connection slots are reserved", SAYS_TOO_MANY, false},
	{"Exceeded MaxStartups", SAYS_TOO_MANY, false},
	{"is not allowed to connect", SAYS_DENIED, false},
	{"Not allowed at this time", SAYS_DENIED, false},
	{"no pg_hba.conf entry", SAYS_DENIED, false},
	{"running in protected mode", SAYS_DENIED, false},
	{"access denied", SAYS_DENIED, false},
	{"connection denied", SAYS_DENIED, false},
	{"connections not allowed", SAYS_DENIED, false},
};

static bool is_of_tls(enum first_bytes kind)
{
	return kind == BYTES_TLS_CLIENT_HELLO || kind == BYTES_TLS_SERVER_HELLO ||
	       kind == BYTES_TLS_ALERT;
}

/* A page of HTTP may have any words in it: only what its server says of HTTP counts, with
 * status 400 (nginx: 400 on the wire for its own 497). */
void payload_read_saying(struct payload *out, const uint8_t *bytes, size_t len)
{
	bool is_http = out->kind == BYTES_HTTP_STATUS;

	/* Of what is no text nothing needs to be searched: nearly all of a large capture.
	 */
	if (out->says != SAYS_NOTHING || is_of_tls(out->kind) || !len ||
	    !isprint(bytes[0]) || (is_http && out->http_status != 400))
		return;
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		if (sentences[i].is_http != is_http ||
		    !contains(bytes, len, sentences[i].words))
			continue;
		out->says = sentences[i].says;
		return;
	}
}

static enum first_bytes kind_of(struct payload *out, const uint8_t *bytes, size_t len)
{
	enum first_bytes kind;

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
		const struct beginning *b = &beginnings[i];

		if (len >= b->len && memcmp(bytes, b->bytes, b->len) == 0)
			return b->kind;
	}
	kind = read_http_status(out, bytes, len);
	if (kind == BYTES_OTHER)
		kind = read_tls(out, cursor_of(bytes, len));
	if (kind == BYTES_OTHER)
		kind = read_greeting(bytes, len);
	return kind == BYTES_OTHER ? read_mysql(out, bytes, len) : kind;
}

void payload_read(struct payload *out, const uint8_t *bytes, size_t len)
{
	memset(out, 0, sizeof(*out));
	out->kind = kind_of(out, bytes, len);
}
