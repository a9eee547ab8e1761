/* What becomes of questions and of a capture, on a channel whose other end the test plays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>

#include "core/snapshot/inquiry.h"
#include "tests/unit/channel_ends.h"
#include "tests/unit/legacy_blob.h"
#include "tests/unit/items.h"

#define PART(...) ((struct bundle_item[]){__VA_ARGS__, {.name = {NULL, 0}}})

static const struct netns_ref blue = {.kind = NETNS_NAME, .name = "blue"};
static const struct question counters = {.kind = QUESTION_COUNTERS};
static const struct question rules = {.kind = QUESTION_RULESET};
static const struct question entries = {.kind = QUESTION_CONNTRACK,
					.conntrack = {IPPROTO_TCP, 443}};
static const struct question way = {
	.kind = QUESTION_ROUTE,
	.route.target = {.family = AF_INET, .bytes = {192, 0, 2, 9}}};

static struct inquiry inquiry;

static int open_inquiry(void **state)
{
	int fds[2];

	(void)state;
	if (mailbox_pair(fds) || mailbox_init_take(&broker, fds[1]))
		return -1;
	channel = channel_live_take(fds[0]);
	inquiry_init(&inquiry, &blue);
	return channel ? 0 : -1;
}

static int close_inquiry(void **state)
{
	(void)state;
	inquiry_release(&inquiry);
	channel_free(channel);
	mailbox_release(&broker);
	return 0;
}

/* The request that the channel sent, and the number it gave it. */
static struct request heard(uint32_t *seq)
{
	static uint32_t inodes[REQUEST_OWNERS_MAX];
	struct request request;
	struct message m;

	assert_int_equal(mailbox_receive(&broker), 1);
	assert_int_equal(message_parse(&m, broker.packet, broker.packet_len), 0);
	assert_int_equal(m.type, MESSAGE_REQUEST);
	assert_int_equal(request_unpack(&request, m.body, m.len, inodes), 0);
	*seq = m.seq;
	return request;
}

static void assert_nothing_was_sent(void)
{
	assert_int_equal(mailbox_receive(&broker), 0);
}

/* Has it asked; the number of its request. */
static uint32_t asked(const struct question *q)
{
	uint32_t seq;

	assert_int_equal(inquiry_ask(&inquiry, q), 0);
	assert_int_equal(inquiry_send(&inquiry, channel), 0);
	heard(&seq);
	return seq;
}

static const struct response *response_to(const struct question *q)
{
	const struct response *r = responses_find(&inquiry.responses, q);

	assert_non_null(r);
	return r;
}

/* One part made of items; NULL: without bytes. */
static int give(uint32_t seq, uint32_t part, enum blob_status status, int error,
		const struct bundle_item *items)
{
	uint8_t bytes[1024];
	size_t len = items ? items_put(bytes, sizeof(bytes), items, SIZE_MAX) : 0;
	struct blob b = part_of(seq, part, status, bytes, len);

	b.error = error;
	return inquiry_blob(&inquiry, &b);
}

static void assert_failed(const struct question *q, int error)
{
	const struct response *r = response_to(q);

	assert_int_equal(r->state, RESPONSE_FAILED);
	assert_int_equal(r->error, error);
	assert_null(r->table);
}

/* The counter in the answer; -1: it is not there. */
static int64_t counter(const char *name)
{
	const struct response *r = response_to(&counters);
	uint64_t value;

	assert_non_null(r->table);
	return counters_get(r->table, name, &value) ? (int64_t)value : -1;
}

static void a_question_is_asked_once_and_in_the_space_of_the_inquiry(void **state)
{
	struct request request;
	uint32_t seq;

	(void)state;
	assert_int_equal(inquiry_ask(&inquiry, &counters), 0);
	assert_int_equal(inquiry_ask(&inquiry, &counters), 0);
	assert_int_equal(inquiry_send(&inquiry, channel), 0);
	request = heard(&seq);
	assert_int_equal(request.kind, REQUEST_FILES);
	assert_int_equal(request.files.set, FILES_COUNTERS);
	assert_string_equal(request.netns.name, "blue");
	assert_int_equal(inquiry_send(&inquiry, channel), 0);
	assert_nothing_was_sent();
	assert_int_equal(give(seq, 0, BLOB_LAST, 0, PART(ITEM("net/snmp6", "A 1\n"))), 1);
	assert_int_equal(inquiry_send(&inquiry, channel), 0);
	assert_nothing_was_sent();
}

static void the_parts_of_an_answer_make_one_table(void **state)
{
	uint32_t seq = asked(&counters);

	(void)state;
	assert_int_equal(give(seq, 0, BLOB_MORE, 0, PART(ITEM("net/snmp6", "A 1\n"))), 0);
	assert_int_equal(response_to(&counters)->state, RESPONSE_WAITING);
	assert_int_equal(give(seq, 1, BLOB_LAST, 0, PART(ITEM("net/snmp6", "B 2\n"))), 1);
	assert_int_equal(response_to(&counters)->state, RESPONSE_WHOLE);
	assert_int_equal(response_to(&counters)->error, 0);
	assert_int_equal(response_to(&counters)->wall_ns, WALL_NS + seq);
	assert_int_equal(inquiry.last_wall_ns, WALL_NS + seq);
	assert_int_equal(counter("A"), 1);
	assert_int_equal(counter("B"), 2);
	assert_int_equal(give(seq, 2, BLOB_LAST, 0, NULL), -ENOENT);
}

static void an_answer_that_starts_anew_forgets_what_came_before(void **state)
{
	uint32_t seq = asked(&counters);

	(void)state;
	give(seq, 0, BLOB_MORE, 0, PART(ITEM("net/snmp6", "A 1\n")));
	give(seq, 0, BLOB_MORE, 0, PART(ITEM("net/snmp6", "B 2\n")));
	assert_int_equal(give(seq, 1, BLOB_LAST, 0, NULL), 1);
	assert_int_equal(response_to(&counters)->state, RESPONSE_WHOLE);
	assert_int_equal(counter("A"), -1);
	assert_int_equal(counter("B"), 2);
}

static void an_answer_without_one_of_its_parts_is_damaged(void **state)
{
	uint32_t seq = asked(&counters);

	(void)state;
	give(seq, 0, BLOB_MORE, 0, PART(ITEM("net/snmp6", "A 1\n")));
	give(seq, 2, BLOB_LAST, 0, PART(ITEM("net/snmp6", "B 2\n")));
	assert_failed(&counters, EBADMSG);
}

static void an_answer_without_its_first_part_is_damaged(void **state)
{
	uint32_t seq = asked(&counters);

	(void)state;
	give(seq, 1, BLOB_LAST, 0, PART(ITEM("net/snmp6", "B 2\n")));
	assert_failed(&counters, EBADMSG);
}

static void what_starts_anew_after_a_missing_part_is_whole(void **state)
{
	uint32_t seq = asked(&counters);

	(void)state;
	give(seq, 0, BLOB_MORE, 0, PART(ITEM("net/snmp6", "A 1\n")));
	give(seq, 2, BLOB_MORE, 0, PART(ITEM("net/snmp6", "B 2\n")));
	give(seq, 0, BLOB_LAST, 0, PART(ITEM("net/snmp6", "C 3\n")));
	assert_int_equal(response_to(&counters)->state, RESPONSE_WHOLE);
	assert_int_equal(counter("A"), -1);
	assert_int_equal(counter("C"), 3);
}

static void damaged_bytes_leave_a_part_of_the_answer(void **state)
{
	uint32_t seq = asked(&counters);
	struct blob damaged = part_of(seq, 1, BLOB_LAST, "???", 3);

	(void)state;
	give(seq, 0, BLOB_MORE, 0, PART(ITEM("net/snmp6", "A 1\n")));
	assert_int_equal(inquiry_blob(&inquiry, &damaged), 1);
	assert_int_equal(response_to(&counters)->state, RESPONSE_PART);
	assert_int_equal(response_to(&counters)->error, EBADMSG);
	assert_int_equal(counter("A"), 1);
}

static void without_nf_tables_it_is_known_that_there_are_no_rules(void **state)
{
	const struct ruleset *r;

	(void)state;
	give(asked(&rules), 0, BLOB_LAST, ENOPKG, NULL);
	assert_int_equal(response_to(&rules)->state, RESPONSE_WHOLE);
	assert_int_equal(response_to(&rules)->error, 0);
	r = response_to(&rules)->table;
	assert_true(r->has_nothing);
}

static void without_nf_tables_there_may_be_legacy_tables(void **state)
{
	uint32_t seq = asked(&rules);
	const struct ruleset *r;
	struct blob b;
	size_t len;

	(void)state;
	build_filter();
	b = part_of(seq, 0, BLOB_LAST, blob_message(&blob, 0, blob.info.size, &len), 0);
	b.len = len;
	b.error = ENOPKG;
	assert_int_equal(inquiry_blob(&inquiry, &b), 1);
	assert_int_equal(response_to(&rules)->state, RESPONSE_WHOLE);
	r = response_to(&rules)->table;
	assert_false(r->has_nothing);
	assert_int_equal(r->n_tables, 1);
}

static void without_connection_tracking_there_are_no_entries(void **state)
{
	const struct conntrack_table *t;

	(void)state;
	give(asked(&entries), 0, BLOB_LAST, ENOPKG, NULL);
	assert_int_equal(response_to(&entries)->state, RESPONSE_WHOLE);
	assert_int_equal(response_to(&entries)->error, 0);
	t = response_to(&entries)->table;
	assert_int_equal(t->n, 0);
}

static void what_may_not_be_read_or_has_no_such_meaning_has_failed(void **state)
{
	(void)state;
	give(asked(&rules), 0, BLOB_LAST, EPERM, NULL);
	assert_failed(&rules, EPERM);
	give(asked(&counters), 0, BLOB_LAST, ENOPKG, NULL);
	assert_failed(&counters, ENOPKG);
}

static void that_there_is_no_route_is_an_answer(void **state)
{
	const struct route_answer *t;

	(void)state;
	give(asked(&way), 0, BLOB_LAST, EHOSTUNREACH, NULL);
	assert_int_equal(response_to(&way)->state, RESPONSE_WHOLE);
	assert_int_equal(response_to(&way)->error, 0);
	t = response_to(&way)->table;
	assert_int_equal(t->error, EHOSTUNREACH);
}

static void a_route_that_nobody_could_ask_for_has_failed(void **state)
{
	static const struct {
		enum blob_status status;
		int error;
	} rows[] = {{BLOB_LAST, EPERM},
		    {BLOB_LAST, ENODATA},
		    {BLOB_TIMED_OUT, ETIMEDOUT},
		    {BLOB_INTERRUPTED, EIO}};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct question q = way;

		q.route.mark = (uint32_t)i + 1;
		give(asked(&q), 0, rows[i].status, rows[i].error, NULL);
		assert_failed(&q, rows[i].error);
	}
}

static void what_was_not_recorded_has_failed_with_no_data(void **state)
{
	(void)state;
	give(asked(&rules), 0, BLOB_LAST, ENODATA, NULL);
	assert_failed(&rules, ENODATA);
	give(asked(&counters), 0, BLOB_LAST, ENODATA, NULL);
	assert_failed(&counters, ENODATA);
}

static void what_came_before_the_deadline_stands_as_a_part(void **state)
{
	uint32_t seq = asked(&counters);

	(void)state;
	give(seq, 0, BLOB_MORE, 0, PART(ITEM("net/snmp6", "A 1\n")));
	give(seq, 1, BLOB_TIMED_OUT, ETIMEDOUT, NULL);
	assert_int_equal(response_to(&counters)->state, RESPONSE_PART);
	assert_int_equal(response_to(&counters)->error, ETIMEDOUT);
	assert_int_equal(counter("A"), 1);
}

static void nothing_before_the_deadline_has_failed(void **state)
{
	(void)state;
	give(asked(&counters), 0, BLOB_TIMED_OUT, ETIMEDOUT, NULL);
	assert_failed(&counters, ETIMEDOUT);
}

static void answers_in_any_order_find_their_questions(void **state)
{
	uint32_t first = asked(&counters), second = asked(&rules), third = asked(&way);

	(void)state;
	give(second, 0, BLOB_LAST, EPERM, NULL);
	give(third, 0, BLOB_LAST, ENETUNREACH, NULL);
	assert_false(responses_are_in(&inquiry.responses));
	give(first, 0, BLOB_LAST, 0, PART(ITEM("net/snmp6", "A 1\n")));
	assert_true(responses_are_in(&inquiry.responses));
	assert_failed(&rules, EPERM);
	assert_int_equal(response_to(&way)->state, RESPONSE_WHOLE);
	assert_int_equal(counter("A"), 1);
	assert_int_equal(give(99, 0, BLOB_LAST, 0, NULL), -ENOENT);
}

static void a_question_out_of_range_fails_and_keeps_no_other_back(void **state)
{
	struct question bad = {.kind = QUESTION_NAMES, .names = {"not a name"}};

	(void)state;
	assert_int_equal(inquiry_ask(&inquiry, &bad), 0);
	assert_int_equal(give(asked(&counters), 0, BLOB_LAST, EIO, NULL), 1);
	assert_failed(&bad, EINVAL);
	assert_failed(&counters, EIO);
}

static void what_the_channel_does_not_take_is_asked_later(void **state)
{
	static const struct request groups = {.kind = REQUEST_CGROUPS};
	uint32_t seq = 0, last = 0;

	(void)state;
	while (!channel_request(channel, &groups, &seq))
		last = seq;
	assert_int_not_equal(last, 0);
	assert_int_equal(inquiry_ask(&inquiry, &counters), 0);
	assert_int_equal(inquiry_send(&inquiry, channel), 0);
	assert_int_equal(response_to(&counters)->state, RESPONSE_WAITING);
	assert_int_equal(inquiry.pending.n, 0);
	assert_int_equal(channel_cancel(channel, last), 0);
	assert_int_equal(inquiry_send(&inquiry, channel), 0);
	assert_int_equal(inquiry.pending.n, 1);
}

static void begin_capture(uint32_t *seq)
{
	static const struct capture_ask ask = {
		.kind = CAPTURE_REQUEST_FLOW, .n_ports = 1, .ports = {443}};
	struct request request;

	inquiry_capture(&inquiry, &ask);
	inquiry_capture(&inquiry, &ask);
	assert_int_equal(inquiry_send(&inquiry, channel), 0);
	request = heard(seq);
	assert_int_equal(request.kind, REQUEST_CAPTURE);
	assert_int_equal(request.capture.ports[0], 443);
	assert_int_equal(inquiry_send(&inquiry, channel), 0);
	assert_nothing_was_sent();
}

static void a_capture_that_is_ended_is_cancelled_once_and_tells_the_rest(void **state)
{
	struct message m;
	uint32_t seq;

	(void)state;
	begin_capture(&seq);
	inquiry_end_capture(&inquiry);
	assert_int_equal(inquiry_send(&inquiry, channel), 0);
	assert_int_equal(mailbox_receive(&broker), 1);
	assert_int_equal(message_parse(&m, broker.packet, broker.packet_len), 0);
	assert_int_equal(m.type, MESSAGE_CANCEL);
	assert_int_equal(m.seq, seq);
	assert_int_equal(inquiry_send(&inquiry, channel), 0);
	assert_nothing_was_sent();
	assert_false(inquiry.has_capture_ended);
	assert_int_equal(give(seq, 0, BLOB_LAST, 0, NULL), 1);
	assert_true(inquiry.has_capture_ended);
	assert_int_equal(inquiry.capture_error, 0);
}

static void a_cancel_that_was_not_sent_is_not_taken_for_sent(void **state)
{
	uint32_t seq;

	(void)state;
	begin_capture(&seq);
	inquiry_end_capture(&inquiry);
	assert_int_equal(shutdown(channel_fd(channel), SHUT_RDWR), 0);
	assert_int_equal(inquiry_send(&inquiry, channel), -EPIPE);
	assert_int_equal(inquiry_send(&inquiry, channel), -EPIPE);
}

static void without_the_right_there_is_no_capture_and_it_is_said_why(void **state)
{
	uint32_t seq;

	(void)state;
	begin_capture(&seq);
	assert_int_equal(give(seq, 0, BLOB_LAST, EPERM, NULL), 1);
	assert_true(inquiry.has_capture_ended);
	assert_int_equal(inquiry.capture_error, EPERM);
	inquiry_end_capture(&inquiry);
	assert_int_equal(inquiry_send(&inquiry, channel), 0);
	assert_nothing_was_sent();
}

static void a_capture_that_dies_is_no_whole_one(void **state)
{
	uint32_t seq;

	(void)state;
	begin_capture(&seq);
	assert_int_equal(give(seq, 0, BLOB_INTERRUPTED, 0, NULL), 1);
	assert_true(inquiry.has_capture_ended);
	assert_int_equal(inquiry.capture_error, EPIPE);
}

static void damaged_records_of_a_capture_are_remembered_at_its_end(void **state)
{
	struct blob damaged;
	uint32_t seq;

	(void)state;
	begin_capture(&seq);
	damaged = part_of(seq, 0, BLOB_MORE, "\xff", 1);
	assert_int_equal(inquiry_blob(&inquiry, &damaged), 0);
	assert_false(inquiry.has_capture_ended);
	assert_int_equal(give(seq, 1, BLOB_LAST, 0, NULL), 1);
	assert_int_equal(inquiry.capture_error, EBADMSG);
}

#define T(test) cmocka_unit_test_setup_teardown(test, open_inquiry, close_inquiry)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_question_is_asked_once_and_in_the_space_of_the_inquiry),
		T(the_parts_of_an_answer_make_one_table),
		T(an_answer_that_starts_anew_forgets_what_came_before),
		T(an_answer_without_one_of_its_parts_is_damaged),
		T(an_answer_without_its_first_part_is_damaged),
		T(what_starts_anew_after_a_missing_part_is_whole),
		T(damaged_bytes_leave_a_part_of_the_answer),
		T(without_nf_tables_it_is_known_that_there_are_no_rules),
		T(without_nf_tables_there_may_be_legacy_tables),
		T(without_connection_tracking_there_are_no_entries),
		T(what_may_not_be_read_or_has_no_such_meaning_has_failed),
		T(that_there_is_no_route_is_an_answer),
		T(a_route_that_nobody_could_ask_for_has_failed),
		T(what_was_not_recorded_has_failed_with_no_data),
		T(what_came_before_the_deadline_stands_as_a_part),
		T(nothing_before_the_deadline_has_failed),
		T(answers_in_any_order_find_their_questions),
		T(a_question_out_of_range_fails_and_keeps_no_other_back),
		T(what_the_channel_does_not_take_is_asked_later),
		T(a_capture_that_is_ended_is_cancelled_once_and_tells_the_rest),
		T(a_cancel_that_was_not_sent_is_not_taken_for_sent),
		T(without_the_right_there_is_no_capture_and_it_is_said_why),
		T(a_capture_that_dies_is_no_whole_one),
		T(damaged_records_of_a_capture_are_remembered_at_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
