/* Classes of first bytes, and the name in a TLS ClientHello, whole and cut at every byte.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "capture/payload.h"

/* In memory of exactly its size, so that asan sees a read behind it. */
static struct payload read_exactly(const void *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	struct payload p;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	payload_read(&p, copy, len);
	free(copy);
	return p;
}

static void first_bytes_have_their_class(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum first_bytes kind;
		unsigned status;
	} rows[] = {
#define ROW(text, kind, status) {text, sizeof(text) - 1, kind, status}
		ROW("GET / HTTP/1.1\r\n", BYTES_HTTP_REQUEST, 0),
		ROW("OPTIONS * HTTP/1.1\r\n", BYTES_HTTP_REQUEST, 0),
		ROW("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", BYTES_HTTP_REQUEST, 0),
		ROW("GETX", BYTES_OTHER, 0),
		ROW("HTTP/1.1 200 OK", BYTES_HTTP_STATUS, 200),
		ROW("HTTP/1.0 503", BYTES_HTTP_STATUS, 503),
		ROW("HTTP/1.1 2x0", BYTES_OTHER, 0),
		ROW("HTTP/1.1 099", BYTES_OTHER, 0),
		ROW("HTTP/1.1 50", BYTES_OTHER, 0),
		ROW("SSH-2.0-OpenSSH_9.2\r\n", BYTES_SSH_BANNER, 0),
		ROW("PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n", BYTES_PROXY_HEADER, 0),
		ROW("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", BYTES_PROXY_HEADER, 0),
		ROW("\r\n\r\n\0\r\nQUI", BYTES_OTHER, 0),
		ROW("220 mx ESMTP\r\n", BYTES_SMTP_GREETING, 0),
		ROW("220 (vsFTPd 3.0.3)\r\n", BYTES_FTP_GREETING, 0),
		ROW("220 here\r\nnot of the first line: SMTP", BYTES_OTHER, 0),
		ROW("2200 SMTP\r\n", BYTES_OTHER, 0),
		ROW("* OK IMAP4rev1\r\n", BYTES_IMAP_GREETING, 0),
		ROW("+OK POP3\r\n", BYTES_POP_GREETING, 0),
		ROW("EHLO a\r\n", BYTES_SMTP_REQUEST, 0),
		ROW("\x06\0\0\0\x0a"
		    "8.0.1",
		    BYTES_MYSQL_GREETING, 0),
		ROW("\x06\0\0\1\x0a"
		    "8.0.1",
		    BYTES_OTHER, 0),
		ROW("\x03\0\0\0\xff\x10\x04", BYTES_MYSQL_GREETING, 0),
		ROW("\x15\x03\x03\0\x02\x02\x28", BYTES_TLS_ALERT, 0),
		ROW("\x16\x03\x03\0\x40\x02\0\0\x3c", BYTES_TLS_SERVER_HELLO, 0),
		ROW("\x16\x03\x01\0\x40\x01\0\0\x3c", BYTES_TLS_CLIENT_HELLO, 0),
		ROW("\x16\x02\x01\0\x40\x01\0\0\x3c", BYTES_OTHER, 0),
		ROW("\x16\x03\x01\xff\xff\x01\0\0\x3c", BYTES_OTHER, 0),
		ROW("\x17\x03\x03\0\x40\x01\0\0\x3c", BYTES_OTHER, 0),
		ROW("", BYTES_OTHER, 0),
		ROW("\x16", BYTES_OTHER, 0),
#undef ROW
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct payload p = read_exactly(rows[i].bytes, rows[i].len);

		assert_int_equal(p.kind, rows[i].kind);
		assert_int_equal(p.http_status, rows[i].status);
		assert_string_equal(p.sni, "");
	}
}

/* A ClientHello with an extension before the server name. Returns its length. */
static size_t client_hello(uint8_t out[512], const char *name, size_t name_len)
{
	static const uint8_t head[] = {22, 3, 1, 1, 0, 1, 0, 0, 252, 3, 3};
	static const uint8_t middle[] = {2, 9, 9, 0,   4, 0x13, 1, 0x13, 2,
					 1, 0, 0, 200, 0, 23,   0, 0};
	size_t n = sizeof(head);

	memset(out, 0, 512);
	memcpy(out, head, n);
	n += 32;
	memcpy(out + n, middle, sizeof(middle));
	n += sizeof(middle);
	out[n + 3] = (uint8_t)(name_len + 5);
	out[n + 5] = (uint8_t)(name_len + 3);
	out[n + 8] = (uint8_t)name_len;
	memcpy(out + n + 9, name, name_len);
	return n + 9 + name_len;
}

static void the_server_name_of_a_hello_is_kept(void **state)
{
	uint8_t hello[512];
	size_t len = client_hello(hello, "web1.example.org", 16);
	struct payload p = read_exactly(hello, len);

	(void)state;
	assert_int_equal(p.kind, BYTES_TLS_CLIENT_HELLO);
	assert_string_equal(p.sni, "web1.example.org");
}

static void a_hello_cut_anywhere_gives_no_part_of_a_name(void **state)
{
	uint8_t hello[512];
	size_t len = client_hello(hello, "web1.example.org", 16);

	(void)state;
	for (size_t n = 6; n < len; n++) {
		struct payload p = read_exactly(hello, n);

		assert_int_equal(p.kind, BYTES_TLS_CLIENT_HELLO);
		assert_string_equal(p.sni, "");
	}
}

static void a_name_that_does_not_fit_or_has_a_nul_is_none(void **state)
{
	char name[ATTEMPT_SNI_MAX + 1];
	uint8_t hello[512];
	size_t len;

	(void)state;
	memset(name, 'a', sizeof(name));
	len = client_hello(hello, name, ATTEMPT_SNI_MAX);
	assert_string_equal(read_exactly(hello, len).sni, "");
	len = client_hello(hello, name, ATTEMPT_SNI_MAX - 1);
	assert_int_equal(strlen(read_exactly(hello, len).sni), ATTEMPT_SNI_MAX - 1);
	name[3] = '\0';
	len = client_hello(hello, name, 10);
	assert_string_equal(read_exactly(hello, len).sni, "");
}

static enum saying says_of(const char *bytes, size_t len)
{
	struct payload p = read_exactly(bytes, len);

	payload_read_saying(&p, (const uint8_t *)bytes, len);
	return p.says;
}

static void what_a_server_says_of_its_client_is_known_by_its_sentence(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum saying says;
	} rows[] = {
#define ROW(text, says) {text, sizeof(text) - 1, says}
		ROW("421 mx ESMTP Too many connections\r\n", SAYS_TOO_MANY),
		ROW("Exceeded MaxStartups\r\n", SAYS_TOO_MANY),
		ROW("-ERR max number of clients reached\r\n", SAYS_TOO_MANY),
		ROW("E\0\0\0\x55SFATAL\0C53300\0Msorry, too many clients already\0",
		    SAYS_TOO_MANY),
		ROW("\x03\0\0\0\xff\x10\x04", SAYS_TOO_MANY),
		ROW("\x03\0\0\0\xff\x6a\x04", SAYS_DENIED),
		ROW("\x03\0\0\0\xff\x15\x04", SAYS_NOTHING),
		ROW("Not allowed at this time\r\n", SAYS_DENIED),
		ROW("HTTP/1.1 400 Bad Request\r\n\r\nThe plain HTTP request was sent to "
		    "HTTPS port",
		    SAYS_TLS_WANTED),
		ROW("HTTP/1.1 200 OK\r\n\r\nThe plain HTTP request was sent to HTTPS "
		    "port",
		    SAYS_NOTHING),
		ROW("HTTP/1.1 403 Forbidden\r\n\r\naccess denied", SAYS_NOTHING),
		ROW("\x17\x03\x03\0\x20too many connections", SAYS_NOTHING),
		ROW("", SAYS_NOTHING),
#undef ROW
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (says_of(rows[i].bytes, rows[i].len) != rows[i].says)
			fail_msg("row %zu: %d", i, says_of(rows[i].bytes, rows[i].len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_bytes_have_their_class),
		cmocka_unit_test(what_a_server_says_of_its_client_is_known_by_its_sentence),
		cmocka_unit_test(the_server_name_of_a_hello_is_kept),
		cmocka_unit_test(a_hello_cut_anywhere_gives_no_part_of_a_name),
		cmocka_unit_test(a_name_that_does_not_fit_or_has_a_nul_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
