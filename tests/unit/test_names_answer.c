/* What the resolver and each source say of a name, and the answers of name servers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "core/snapshot/names_answer.h"
#include "tests/unit/items.h"

#define HEAD(flags, n) "\x12\x34" flags "\0\1\0" n "\0\0\0\0"
#define WEB1           "\4web1\0\0\1\0\1"
#define SAME           "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4"

static const struct {
	const char *what;
	struct text bytes;
	int error;
	uint8_t code;
	const char *address; /* of the first; NULL: none */
} replies[] = {
	{"an address", LIT(HEAD("\x81\x80", "\1") WEB1 SAME "\x0a\0\0\1"), 0, 0,
	 "10.0.0.1"},
	{"no such name", LIT(HEAD("\x81\x83", "\0") WEB1), 0, 3, NULL},
	{"a server that fails", LIT(HEAD("\x81\x82", "\0") WEB1), 0, 2, NULL},
	{"a question is no answer", LIT(HEAD("\x01\0", "\0") WEB1), -EBADMSG, 0, NULL},
	{"it ends within a record", LIT(HEAD("\x81\x80", "\1") WEB1 SAME "\x0a\0"),
	 -EBADMSG, 0, NULL},
	{"it says itself that it is cut",
	 LIT(HEAD("\x83\x80", "\2") WEB1 SAME "\x0a\0\0\1"), 0, 0, "10.0.0.1"},
	{"an address of three bytes",
	 LIT(HEAD("\x81\x80", "\1") WEB1 "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\3\x0a\0\0"), 0, 0,
	 NULL},
	{"more records than there are", LIT(HEAD("\x81\x80", "\x63") WEB1), -EBADMSG, 0,
	 NULL},
	{"nothing", LIT(""), -EBADMSG, 0, NULL},
};

static void an_answer_is_read_as_it_was_sent(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(replies); i++) {
		struct dns_reply r = {.code = 99};
		char text[ADDR_TEXT_MAX];

		if (dns_reply_decode(&r, replies[i].bytes.bytes, replies[i].bytes.len) !=
		    replies[i].error)
			fail_msg("%s", replies[i].what);
		if (replies[i].error) {
			assert_int_equal(r.code, 99);
			continue;
		}
		assert_int_equal(r.code, replies[i].code);
		assert_int_equal(r.n, replies[i].address ? 1 : 0);
		if (r.n)
			assert_string_equal(addr_format(&r.addresses[0], text),
					    replies[i].address);
	}
}

static struct names_answer *answer_of(const struct bundle_item *items, size_t n, int wanted)
{
	struct names_answer *t = names_answer_new();
	uint8_t bytes[2048];
	size_t len = items_put(bytes, sizeof(bytes), items, n);

	assert_int_equal(names_answer_decode(t, bytes, len), wanted);
	return t;
}

static void every_source_keeps_its_own_answer(void **state)
{
	const struct bundle_item items[] = {
		ITEM("took", "1500000"),
		ITEM("address", "10.0.0.77"),
		ITEM("hosts", "10.0.0.77"),
		{.name = LIT("dns/10.0.0.53/A/1200/web1.example"),
		 .data = replies[0].bytes},
		ITEM_ERROR("dns/10.0.0.54/AAAA/900000/web1.example", ETIMEDOUT),
		ITEM("dns/10.0.0.55/A/1/web1.example", "no answer at all"),
	};
	struct names_answer *t = answer_of(items, N_OF(items), 0);
	const struct addr right = addr_v4("\x0a\0\0\1");

	(void)state;
	assert_int_equal(t->n, 1);
	assert_int_equal(t->n_hosts, 1);
	assert_int_equal(t->took_ns, 1500000);
	assert_int_equal(t->n_replies, 3);
	assert_int_equal(t->replies[0].took_ns, 1200000);
	assert_string_equal(t->replies[0].name, "web1.example");
	assert_true(t->replies[1].is_aaaa && t->replies[1].error == ETIMEDOUT);
	assert_int_equal(t->replies[2].error, EBADMSG);
	assert_true(names_answer_has_dns(t, &right));
	assert_false(names_answer_has_dns(t, &t->addresses[0]));
	table_unref(t);
}

static void what_names_no_server_or_asks_no_name_is_damage(void **state)
{
	static const struct bundle_item items[] = {
		ITEM("dns/10.0.0.53/A", "x"), ITEM("dns/10.0.0.53/A/1500", "x"),
		ITEM("dns/10.0.0.53/A/1500/", "x"), ITEM_ERROR("address", ENOENT)};
	struct names_answer *t = answer_of(items, N_OF(items), -EBADMSG);

	(void)state;
	assert_int_equal(t->n_replies, 0);
	assert_int_equal(t->error, ENOENT);
	table_unref(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_read_as_it_was_sent),
		cmocka_unit_test(every_source_keeps_its_own_answer),
		cmocka_unit_test(what_names_no_server_or_asks_no_name_is_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
