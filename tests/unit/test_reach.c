/* What came of trying a port at all addresses of a name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "core/network/reach.h"
#include "tests/unit/items.h"

static struct reach_table *table_of(const struct bundle_item *items, size_t n, int wanted)
{
	struct reach_table *t = reach_new();
	uint8_t bytes[2048];
	size_t len = items_put(bytes, sizeof(bytes), items, n);

	assert_int_equal(reach_decode(t, bytes, len), wanted);
	return t;
}

static const struct bundle_item whole[] = {
	ITEM("reach/0",
	     "to=2001:db8::1 start_ns=0 took_ns=300 result=error errno=113 syns=1 "
	     "sport=40001 from=2001:db8::9 icmp=1.1 sender=2001:db8::fe"),
	ITEM("reach/1", "to=10.0.0.1 start_ns=250 took_ns=1500 result=connected errno=0 "
			"syns=2 sport=40000 from=10.0.0.2 later=word"),
	ITEM("talk/1",
	     "said=tls heard=tls-alert end=closed took_ns=77 version=771 alert=112 "
	     "sent=167 unacked=3 again=2 mss=1448 pmtu=1500"),
	ITEM("server/1", "nginx"),
	ITEM("sizes/1",
	     "device=1500 smallest=576 largest=1400 told=1400 sender=10.0.0.254"),
	ITEM("ports/0", "low=40000 high=40001 busy=2 waiting=1 held=2 reserved=0"),
	ITEM("env/https_proxy", "http://10.0.0.8:3128"),
	ITEM("else/0", "of a later version"),
};

static void the_items_become_rows(void **state)
{
	struct reach_table *t = table_of(whole, N_OF(whole), 0);
	const struct reach_result *a = &t->rows[0], *b = &t->rows[1];
	char text[ADDR_TEXT_MAX];

	(void)state;
	assert_int_equal(t->n, 2);
	assert_int_equal(a->outcome, REACH_FAILED);
	assert_int_equal(a->error, 113);
	assert_true(a->has_icmp && a->icmp_type == 1 && a->icmp_code == 1);
	assert_string_equal(addr_format(&a->icmp_from, text), "2001:db8::fe");
	assert_true(a->ports.is_told && a->ports.busy == 2 && a->ports.waiting == 1);
	assert_int_equal(b->outcome, REACH_CONNECTED);
	assert_int_equal(b->n_syns, 2);
	assert_int_equal(b->source_port, 40000);
	assert_true(b->said.is_told && b->said.said == REACH_TALK_TLS);
	assert_int_equal(b->said.heard, HEARD_TLS_ALERT);
	assert_int_equal(b->said.end, REACH_END_CLOSED);
	assert_int_equal(b->said.alert, 112);
	assert_int_equal(b->said.unacked, 3);
	assert_true(text_equals_str(b->said.server, "nginx"));
	assert_true(b->sizes.is_told && b->sizes.largest == 1400 && b->sizes.told == 1400);
	assert_int_equal(t->n_variables, 1);
	assert_true(text_equals_str(t->variables[0].name, "https_proxy"));
	table_unref(t);
}

static void datagrams_have_words_of_their_own(void **state)
{
	static const struct bundle_item items[] = {
		ITEM("reach/0", "to=10.0.0.1 took_ns=9 result=timed-out errno=110 syns=2 "
				"proto=udp reply=10.0.0.9 rport=53 fits=1"),
		ITEM("reach/1", "to=10.0.0.2 result=connected errno=0 proto=udp fits=2"),
		ITEM("talk/1", "said=dns heard=dns-answer end=open took_ns=9 sent=17"),
		ITEM("reach/2", "to=10.0.0.3 result=connected errno=0 proto=tcp"),
	};
	struct reach_table *t = table_of(items, N_OF(items), 0);
	const struct reach_result *silent = &t->rows[0], *answered = &t->rows[1];
	char text[ADDR_TEXT_MAX];

	(void)state;
	assert_string_equal(reach_result_word(silent), "silent");
	assert_string_equal(addr_format(&silent->stray, text), "10.0.0.9");
	assert_true(silent->stray_port == 53 && silent->is_stray_ours);
	assert_string_equal(reach_result_word(answered), "answered");
	assert_false(answered->is_stray_ours);
	assert_int_equal(answered->said.said, REACH_TALK_DNS);
	assert_int_equal(answered->said.heard, HEARD_DNS);
	assert_string_equal(reach_result_word(&t->rows[2]), "connected");
	table_unref(t);
}

static void a_second_talk_stands_beside_the_first(void **state)
{
	static const struct bundle_item items[] = {
		ITEM("reach/0", "to=10.0.0.1 result=connected errno=0"),
		ITEM("talk/0", "said=http heard=nothing end=closed took_ns=0"),
		ITEM("second/0", "said=tls heard=tls-server-hello end=open version=771"),
	};
	struct reach_table *t = table_of(items, N_OF(items), 0);

	(void)state;
	assert_int_equal(t->rows[0].said.heard, HEARD_NOTHING);
	assert_int_equal(t->rows[0].second.said, REACH_TALK_TLS);
	assert_int_equal(t->rows[0].second.heard, HEARD_TLS_HELLO);
	assert_int_equal(t->rows[0].second.version, 771);
	table_unref(t);
}

static void who_stands_first_in_time_wins(void **state)
{
	static const struct bundle_item late_start[] = {
		ITEM("reach/0",
		     "to=10.0.0.1 start_ns=0 took_ns=900 result=connected errno=0"),
		ITEM("reach/1",
		     "to=10.0.0.2 start_ns=250 took_ns=10 result=connected errno=0"),
		ITEM("reach/2",
		     "to=10.0.0.3 start_ns=0 took_ns=1 result=refused errno=111"),
	};
	struct reach_table *t = table_of(late_start, N_OF(late_start), 0);

	(void)state;
	assert_ptr_equal(reach_winner(t), &t->rows[1]);
	assert_ptr_equal(reach_result_of(t, &t->rows[2].to), &t->rows[2]);
	table_unref(t);
	t = table_of(late_start + 2, 1, 0);
	assert_null(reach_winner(t));
	table_unref(t);
}

static void what_was_not_told_is_no_result(void **state)
{
	static const struct bundle_item items[] = {
		ITEM("reach/0", "to=10.0.0.1 result=perhaps took_ns=99999999999999999999"),
		ITEM_ERROR("reach/1", 1),
		ITEM("talk/0", "heard=tls-alert"),
		ITEM_ERROR("sizes/0", 13),
	};
	struct reach_table *t = table_of(items, N_OF(items), 0);

	(void)state;
	assert_null(reach_result_of(t, &t->rows[0].to));
	assert_null(reach_winner(t));
	assert_int_equal(t->rows[0].took_ns, 0);
	assert_false(t->rows[0].said.is_told);
	assert_false(t->rows[0].sizes.is_told);
	assert_int_equal(t->rows[0].sizes.error, 13);
	table_unref(t);
}

static void more_addresses_than_can_be_asked_for_are_damage(void **state)
{
	static const struct bundle_item items[] = {ITEM("reach/8", "to=10.0.0.1"),
						   ITEM("reach/0", "result=refused")};
	struct reach_table *t = table_of(items, N_OF(items), -EBADMSG);

	(void)state;
	assert_int_equal(t->n, 1);
	table_unref(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_items_become_rows),
		cmocka_unit_test(datagrams_have_words_of_their_own),
		cmocka_unit_test(a_second_talk_stands_beside_the_first),
		cmocka_unit_test(who_stands_first_in_time_wins),
		cmocka_unit_test(what_was_not_told_is_no_result),
		cmocka_unit_test(more_addresses_than_can_be_asked_for_are_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
