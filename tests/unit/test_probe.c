/* What came of a connection of our own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "core/network/probe.h"
#include "tests/unit/items.h"

static struct probe_result *result_of(const struct bundle_item *item)
{
	uint8_t bytes[512];
	size_t len = items_put(bytes, sizeof(bytes), item, 1);

	return probe_decode(bytes, len);
}

static const struct {
	struct bundle_item item;
	enum probe_outcome outcome;
	int error;
	int64_t took_ns;
	uint16_t port;
	const char *source;
} rows[] = {
	{ITEM("probe", "result=connected errno=0 took_ns=1500 sport=40000 from=10.0.0.1\n"),
	 PROBE_CONNECTED, 0, 1500, 40000, "10.0.0.1"},
	{ITEM("probe", "result=refused errno=111 took_ns=9 sport=1 from=2001:db8::1"),
	 PROBE_REFUSED, ECONNREFUSED, 9, 1, "2001:db8::1"},
	{ITEM("probe", "result=timed-out errno=110 took_ns=3000000000 later=word"),
	 PROBE_TIMED_OUT, ETIMEDOUT, 3000000000, 0, ""},
	{ITEM("probe", "result=error errno=101 took_ns=-4 sport=70000 from=nowhere"),
	 PROBE_FAILED, ENETUNREACH, 0, 0, ""},
};

static void the_words_become_a_result(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct probe_result *r = result_of(&rows[i].item);
		char source[ADDR_TEXT_MAX];

		assert_non_null(r);
		assert_int_equal(r->outcome, rows[i].outcome);
		assert_int_equal(r->error, rows[i].error);
		assert_int_equal(r->took_ns, rows[i].took_ns);
		assert_int_equal(r->source_port, rows[i].port);
		assert_string_equal(addr_format(&r->source, source), rows[i].source);
		table_unref(r);
	}
}

static void without_a_result_there_is_none(void **state)
{
	static const struct bundle_item items[] = {
		ITEM("other", "result=connected"),
		ITEM("probe", "errno=111 took_ns=1"),
		ITEM("probe", "result=perhaps"),
		ITEM("probe", ""),
	};

	(void)state;
	for (size_t i = 0; i < N_OF(items); i++)
		assert_null(result_of(&items[i]));
	assert_null(probe_decode(NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_words_become_a_result),
		cmocka_unit_test(without_a_result_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
