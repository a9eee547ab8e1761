/* Attempts as lines and documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <netinet/in.h>
#include <string.h>

#include "core/report/capture.h"

#define T0 INT64_C(1700000000000000000)

static struct text device_name(void *arg, uint32_t number)
{
	(void)arg;
	return number == 2 ? text_of("eth0") : TEXT_NONE;
}

static const struct capture_words words = {TEXT_UTF8, true, device_name, NULL};
static const struct capture_words ascii = {TEXT_ASCII, true, NULL, NULL};

static struct attempt answered(void)
{
	return (struct attempt){.client = addr_v4("\xc6\x33\x64\x07"),
				.server = addr_v4("\x0a\0\0\1"),
				.client_port = 5001,
				.server_port = 443,
				.proto = IPPROTO_TCP,
				.outcome = OUTCOME_ANSWERED,
				.is_decided = true,
				.first_ns = T0,
				.last_ns = T0,
				.rtt_ns = 310000,
				.n_syns = 1,
				.n_syn_acks = 1,
				.syn_ack_ttl = 64,
				.devices = {2, 9},
				.n_devices = 2};
}

static struct attempt rejected(void)
{
	struct attempt a = answered();

	a.client = a.icmp_from = addr_v6("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7");
	a.server = addr_v6("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1");
	a.outcome = OUTCOME_ICMP;
	a.rtt_ns = -1;
	a.n_syns = 3;
	a.n_syn_acks = 0;
	a.icmp_type = 1;
	a.icmp_code = 1;
	a.n_icmp = 2;
	a.n_devices = 0;
	return a;
}

static struct attempt datagram(void)
{
	struct attempt a = answered();

	a.proto = IPPROTO_UDP;
	a.outcome = OUTCOME_SILENT;
	a.server_port = 53;
	a.rtt_ns = -1;
	a.n_devices = 0;
	a.syn_ack_ttl = 0;
	return a;
}

static void expect_line(const struct attempt *a, const struct capture_words *w,
			const char *wanted)
{
	struct str out = {0};

	assert_int_equal(capture_text_line(&out, a, w), 0);
	assert_string_equal(str_text(&out), wanted);
	str_release(&out);
}

static void test_a_line_begins_with_the_outcome(void **state)
{
	struct attempt a = answered(), b = rejected(), c = datagram();

	(void)state;
	expect_line(&a, &words,
		    "✔ answered    198.51.100.7:5001 → 10.0.0.1:443/tcp  22:13:20 UTC  "
		    "rtt 0.31 ms  eth0\n");
	expect_line(&b, &words,
		    "✖ icmp        [2001:db8::7]:5001 → [2001:db8::1]:443/tcp  22:13:20 UTC"
		    "  3 SYNs  ICMPv6 1/1 administratively prohibited from 2001:db8::7\n");
	expect_line(
		&c, &ascii,
		"- open or filtered 198.51.100.7:5001 -> 10.0.0.1:53/udp  22:13:20 UTC\n");
}

static void test_hostile_names_are_made_visible(void **state)
{
	struct attempt a = answered();
	struct str out = {0};

	(void)state;
	strcpy(a.sni, "a\033[2J\nb\xe2\x80\xae");
	assert_int_equal(capture_text_line(&out, &a, &words), 0);
	assert_non_null(strstr(str_text(&out), "sni a\\x1b[2J\\x0ab\\u{202e}"));
	str_reset(&out);
	assert_int_equal(capture_json_line(&out, &a, &words), 0);
	assert_null(strchr(str_text(&out), '\033'));
	assert_non_null(strstr(str_text(&out), "\"sni\":\"a\\u001B[2J\\nb\\u202E\""));
	str_release(&out);
}

static json_t *document_of(const struct capture_document *d)
{
	struct str out = {0};
	json_t *json;

	assert_int_equal(capture_json(&out, d, &words), 0);
	json = json_loads(str_text(&out), 0, NULL);
	str_release(&out);
	assert_non_null(json);
	return json;
}

static void fill(struct attempts *t)
{
	struct record records[] = {
		{.kind = RECORD_ATTEMPT, .attempt = answered()},
		{.kind = RECORD_ATTEMPT, .attempt = rejected()},
		{.kind = RECORD_ATTEMPT, .attempt = datagram()},
		{.kind = RECORD_STATE,
		 .state = {.is_ready = true,
			   .n_packets = 12,
			   .n_kernel_drops = 4,
			   .n_attempts = 3,
			   .n_outcomes = {[OUTCOME_ANSWERED] = 1,
					  [OUTCOME_ICMP] = 1,
					  [OUTCOME_SILENT] = 1}}},
	};

	attempts_init(t, 100);
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++)
		assert_int_equal(attempts_take_record(t, &records[i]), 0);
}

static void test_the_document_has_the_contracts_keys(void **state)
{
	static const char *const keys[] = {"schema",       "source",   "packets",
					   "kernel_drops", "attempts", "totals"};
	struct attempts t;
	struct capture_document d = {"any", &t, NULL};
	json_t *json, *row;
	void *at;

	(void)state;
	fill(&t);
	json = document_of(&d);
	at = json_object_iter(json);
	for (size_t i = 0; i < 6; i++, at = json_object_iter_next(json, at))
		assert_string_equal(json_object_iter_key(at), keys[i]);
	assert_int_equal(json_integer_value(json_object_get(json, "kernel_drops")), 4);
	row = json_array_get(json_object_get(json, "attempts"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "state")), "open");
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(row, "devices"), 1)),
		"#9");
	assert_int_equal(json_integer_value(json_object_get(row, "synack_ttl")), 64);
	assert_true(json_is_null(json_object_get(row, "icmp")));
	row = json_array_get(json_object_get(json, "attempts"), 1);
	assert_true(json_is_null(json_object_get(row, "rtt_ms")));
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(row, "icmp"), "code")),
		1);
	row = json_array_get(json_object_get(json, "attempts"), 2);
	assert_string_equal(json_string_value(json_object_get(row, "state")), "unknown");
	assert_string_equal(json_string_value(json_object_get(row, "outcome")), "silent");
	json_decref(json);
	attempts_release(&t);
}

static void test_counts_of_a_port_are_added_up_and_the_busiest_stand_first(void **state)
{
	struct vec ports = VEC_OF(struct port_count);
	struct port_count p = {.proto = IPPROTO_TCP, .port = 22, .n_attempts = 2}, *row;
	struct attempts t;
	struct capture_document d = {"any", &t, &ports};
	struct str out = {0};

	(void)state;
	fill(&t);
	for (int i = 0; i < 3; i++) {
		p.n_outcomes[OUTCOME_REFUSED] = (uint32_t)i;
		assert_int_equal(capture_ports_add(&ports, &p), 0);
	}
	p.port = 443;
	p.n_attempts = 7;
	assert_int_equal(capture_ports_add(&ports, &p), 0);
	assert_int_equal(capture_ports_sort(&ports), 0);
	assert_int_equal(ports.n, 2);
	row = vec_at(&ports, 0);
	assert_int_equal(row->port, 443);
	row = vec_at(&ports, 1);
	assert_int_equal(row->n_attempts, 6);
	assert_int_equal(row->n_outcomes[OUTCOME_REFUSED], 3);
	assert_int_equal(capture_text_totals(&out, &d, &words), 0);
	assert_non_null(
		strstr(str_text(&out),
		       "3 attempts in 12 packets: 1 answered 1 icmp 1 silent\nPORT"));
	str_release(&out);
	vec_release(&ports);
	attempts_release(&t);
}

static void test_ports_are_bounded_and_what_goes_is_counted(void **state)
{
	struct vec ports = VEC_OF(struct port_count);
	struct port_count p = {.proto = IPPROTO_TCP, .n_attempts = 1};
	long gone = 0, got;

	(void)state;
	for (uint32_t i = 0; i < 50000; i++) {
		p.port = (uint16_t)i;
		got = capture_ports_add(&ports, &p);
		assert_true(got >= 0);
		gone += got;
	}
	gone += capture_ports_sort(&ports);
	assert_int_equal((long)ports.n + gone, 50000);
	assert_true(ports.n <= 4096);
	vec_release(&ports);
}

static void test_every_loss_has_its_sentence(void **state)
{
	struct capture_state s = {0};
	struct str out = {0};

	(void)state;
	assert_int_equal(capture_losses(&out, &s, 0), 0);
	assert_int_equal(out.len, 0);
	s = (struct capture_state){.n_kernel_drops = 1,
				   .n_device_drops = 2,
				   .n_undecoded = 3,
				   .n_evicted = 4,
				   .n_not_told = 5,
				   .n_ports_left_out = 6};
	assert_int_equal(capture_losses(&out, &s, 7), 0);
	assert_non_null(strstr(str_text(&out), "1 packets were dropped by the kernel"));
	assert_non_null(strstr(str_text(&out), "\n2 packets were dropped by the device"));
	assert_non_null(strstr(str_text(&out), "\n3 packets were cut short"));
	assert_non_null(strstr(str_text(&out), "\n4 attempts were forgotten"));
	assert_non_null(strstr(str_text(&out), "\n5 attempts came too fast"));
	assert_non_null(strstr(str_text(&out), "\n6 rows of ports"));
	assert_non_null(strstr(str_text(&out), "\n7 older attempts"));
	str_release(&out);
}

static void test_icmp_errors_have_their_words(void **state)
{
	(void)state;
	assert_string_equal(capture_icmp_words(AF_INET, 3, 13),
			    "administratively prohibited");
	assert_string_equal(capture_icmp_words(AF_INET6, 1, 4), "port unreachable");
	assert_string_equal(capture_icmp_words(AF_INET6, 3, 0), "time exceeded");
	assert_string_equal(capture_icmp_words(AF_INET, 3, 200), "unreachable");
	assert_null(capture_icmp_words(AF_INET, 8, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_begins_with_the_outcome),
		cmocka_unit_test(test_hostile_names_are_made_visible),
		cmocka_unit_test(test_the_document_has_the_contracts_keys),
		cmocka_unit_test(
			test_counts_of_a_port_are_added_up_and_the_busiest_stand_first),
		cmocka_unit_test(test_ports_are_bounded_and_what_goes_is_counted),
		cmocka_unit_test(test_every_loss_has_its_sentence),
		cmocka_unit_test(test_icmp_errors_have_their_words),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
