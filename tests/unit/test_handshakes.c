/* What a port's listeners tell, and the handshakes that wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "core/sockets/handshakes.h"
#include "tests/unit/diag_message.h"

enum { LISTEN = 10, SYN_RECV = 3, ESTABLISHED = 1, MESSAGE_MAX = 1024 };

/* A message with one attribute behind it; its size. */
static size_t put_message(uint8_t *out, struct diag_message m, uint16_t type,
			  const void *value, size_t len)
{
	struct nlattr a = {.nla_len = (uint16_t)(sizeof(a) + len), .nla_type = type};
	size_t size = sizeof(m) + (value ? (a.nla_len + 3U) / 4 * 4 : 0);

	memset(out, 0, size);
	m.head.nlmsg_len = (uint32_t)size;
	memcpy(out, &m, sizeof(m));
	if (value) {
		memcpy(out + sizeof(m), &a, sizeof(a));
		memcpy(out + sizeof(m) + sizeof(a), value, len);
	}
	return size;
}

static struct handshake_table *table_of(const uint8_t *bytes, size_t len, int result)
{
	struct handshake_decoder *d = handshakes_new();
	struct handshake_table *t;

	assert_int_equal(handshakes_decode(d, bytes, len), result);
	t = handshakes_finish(d);
	assert_non_null(t);
	handshakes_free(d);
	return t;
}

static struct addr loopback(void)
{
	return addr_v4((const uint8_t[]){127, 0, 0, 1});
}

static const struct {
	const char *what;
	uint8_t bits[2];
	size_t len;
	enum tri may_be_absent;
} options[] = {
	{"nothing told", {0}, 0, TRI_UNSURE}, {"neither", {0x02}, 2, TRI_NO},
	{"IP_FREEBIND", {0x04}, 2, TRI_YES},  {"IP_TRANSPARENT", {0x20}, 2, TRI_YES},
	{"cut short", {0x04}, 1, TRI_UNSURE},
};

static void a_listener_tells_whether_it_may_have_an_absent_address(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct diag_message m = diag_message_of(AF_INET, LISTEN, 443);
		const void *value = options[i].len ? options[i].bits : NULL;
		uint8_t bytes[MESSAGE_MAX];
		size_t len =
			put_message(bytes, m, INET_DIAG_SOCKOPT, value, options[i].len);
		struct handshake_table *t = table_of(bytes, len, 0);
		const struct listener_row *row = handshakes_listener(t, 443);

		if (!row || row->may_be_absent != options[i].may_be_absent)
			fail_msg("%s", options[i].what);
		assert_null(handshakes_listener(t, 444));
		table_unref(t);
	}
}

static void handshakes_are_counted_by_client(void **state)
{
	struct addr client = loopback(), nobody = {0};
	struct addr other = addr_v4((const uint8_t[]){10, 0, 0, 9});
	uint8_t bytes[4 * MESSAGE_MAX], n_repeats;
	struct handshake_table *t;
	size_t len = 0;

	(void)state;
	for (uint16_t i = 0; i < 3; i++) {
		struct diag_message m = diag_message_of(AF_INET, SYN_RECV, 443);

		m.body.id.idiag_dst[0] = htonl(0x7f000001);
		m.body.id.idiag_dport = htons((uint16_t)(40000 + i));
		m.body.idiag_timer = 1;
		m.body.idiag_expires = 900;
		m.body.idiag_retrans = (uint8_t)(2 * i);
		len += put_message(bytes + len, m, 0, NULL, 0);
	}
	len += put_message(bytes + len, diag_message_of(AF_INET, ESTABLISHED, 443), 0, NULL,
			   0);
	t = table_of(bytes, len, 0);
	assert_int_equal(handshakes_of(t, &client, &n_repeats), 3);
	assert_int_equal(n_repeats, 4);
	assert_int_equal(handshakes_of(t, &nobody, &n_repeats), 3);
	assert_int_equal(handshakes_of(t, &other, &n_repeats), 0);
	assert_int_equal(n_repeats, 0);
	assert_int_equal(t->rows[0].remote_port, 40000);
	assert_int_equal(t->rows[0].due_ms, 900);
	assert_int_equal(t->n_listeners, 0);
	table_unref(t);
}

static void a_damaged_part_is_refused(void **state)
{
	struct diag_message m = diag_message_of(AF_INET, LISTEN, 443);
	uint8_t bytes[MESSAGE_MAX];
	size_t len = put_message(bytes, m, 0, NULL, 0);
	struct handshake_table *t = table_of(bytes, len - 4, -EBADMSG);

	(void)state;
	assert_int_equal(t->n_listeners, 0);
	table_unref(t);
	m.body.idiag_family = AF_UNIX;
	t = table_of(bytes, put_message(bytes, m, 0, NULL, 0), -EBADMSG);
	assert_int_equal(t->n_listeners, 0);
	table_unref(t);
	t = table_of(bytes, 0, 0);
	assert_int_equal(t->n, 0);
	table_unref(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_listener_tells_whether_it_may_have_an_absent_address),
		cmocka_unit_test(handshakes_are_counted_by_client),
		cmocka_unit_test(a_damaged_part_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
