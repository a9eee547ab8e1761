/*
 * Queues of netfilter: who reads them, and what a rule that gives a packet to one comes to.
 * The lines are as Linux 6.18 printed them; the rules are made by hand, as that kernel had
 * no queue of nf_tables. What NFQUEUE does there real packets tell:
 * tests/net/test_queues.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/path_host.h"

#define CLIENT "203.0.113.9"
#define SERVER "10.0.0.5"

#define READ_3    "    3    812     0 2 65531     0     0        1  1\n"
#define READ_4    "    4 4294966296     7 1     0     5     6       12  1\n"
#define REFUSED_3 "    3    812     0 0     0     0     0        0  1\n"

/* ---- lines ---- */

static void a_line_tells_queue_port_mode_and_losses(void **state)
{
	struct text rest = text_of("rubbish\n\n" READ_4 "70000 1 2 2 3 4 5 6 1\n1 2 3\n");
	struct queue_reader r;

	(void)state;
	assert_true(queue_readers_next(&rest, &r));
	assert_int_equal(r.queue, 4);
	assert_int_equal(r.port_id, 4294966296U);
	assert_int_equal(r.n_waiting, 7);
	assert_int_equal(r.copy_mode, 1);
	assert_int_equal(r.n_overflowed, 5);
	assert_int_equal(r.n_lost, 6);
	assert_false(queue_readers_next(&rest, &r));
}

static void readers_are_counted_within_the_queues_that_are_asked(void **state)
{
	static const struct {
		const char *text;
		bool is_whole;
		uint16_t first;
		uint32_t n;
		bool is_known;
		uint32_t n_reading, n_refusing;
	} rows[] = {
		{"", true, 3, 1, true, 0, 0},
		{"", false, 3, 1, false, 0, 0},
		{READ_3 READ_4, true, 3, 1, true, 1, 0},
		{READ_3 READ_4, true, 2, 1, true, 0, 0},
		{READ_3 READ_4, true, 0, 65536, true, 2, 0},
		{READ_3 READ_4, true, 65535, 1, true, 0, 0},
		{REFUSED_3 READ_4, true, 3, 2, true, 1, 1},
		{REFUSED_3, true, 3, 1, true, 0, 1},
		{"cut 4\n" READ_3, true, 3, 1, false, 1, 0},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct queue_readers r = queue_readers_of(
			text_of(rows[i].text), rows[i].is_whole, rows[i].first, rows[i].n);

		if (r.is_known != rows[i].is_known || r.n_reading != rows[i].n_reading ||
		    r.n_refusing != rows[i].n_refusing)
			fail_msg("row %zu: %d %u %u", i, r.is_known, r.n_reading,
				 r.n_refusing);
	}
}

/* ---- rules ---- */

enum { BYPASS = NFT_QUEUE_FLAG_BYPASS };

static void tell_readers(const char *text, int error)
{
	host.settings.files[SETTING_QUEUE_READERS] =
		(struct setting_text){text_of(text), error, true};
}

static struct fw_expr queue_of(uint16_t first, uint32_t n, uint32_t flags)
{
	return (struct fw_expr){.kind = FW_EXPR_QUEUE,
				.offset = first,
				.len = n,
				.flags = flags,
				.sreg = FW_NO_REG,
				.dreg = FW_NO_REG};
}

/* The target of xtables, native u16: number, how many, bypass or flags. */
static struct fw_expr target_of(uint8_t revision, const uint16_t *info, size_t n)
{
	return (struct fw_expr){.kind = FW_EXPR_XT_TARGET,
				.name = text_of("NFQUEUE"),
				.revision = revision,
				.value = {(const char *)info, n * sizeof(*info)}};
}

static struct path walk_with(struct fw_expr end)
{
	struct path p;

	base_in(FW_INPUT, 0, false);
	HOST_RULE(X_PORT_IS(80), end);
	p = walk_from(CLIENT, SERVER, 80);
	return p;
}

static void what_a_queue_comes_to(void **state)
{
	static const struct {
		const char *text;
		int error;
		uint16_t first;
		uint32_t n, flags;
		enum path_verdict verdict;
		enum fw_queue queue;
	} rows[] = {
		{"", 0, 3, 1, 0, PATH_DROP, FW_QUEUE_UNREAD},
		{"", 0, 3, 0, 0, PATH_DROP, FW_QUEUE_UNREAD},
		{"", ENOENT, 3, 1, 0, PATH_DROP, FW_QUEUE_UNREAD},
		{"", 0, 3, 1, BYPASS, PATH_ACCEPT, FW_QUEUE_NOT_KNOWN},
		{"", EACCES, 3, 1, 0, PATH_UNSURE, FW_QUEUE_NOT_KNOWN},
		{"", EACCES, 3, 1, BYPASS, PATH_UNSURE, FW_QUEUE_NOT_KNOWN},
		{READ_4, 0, 3, 1, 0, PATH_DROP, FW_QUEUE_UNREAD},
		{READ_4, EMSGSIZE, 3, 1, 0, PATH_UNSURE, FW_QUEUE_NOT_KNOWN},
		{READ_3, 0, 3, 1, 0, PATH_UNSURE, FW_QUEUE_READ},
		{READ_3, 0, 3, 1, BYPASS, PATH_UNSURE, FW_QUEUE_READ},
		{READ_4, 0, 3, 2, 0, PATH_UNSURE, FW_QUEUE_READ},
		{REFUSED_3, 0, 3, 1, 0, PATH_DROP, FW_QUEUE_REFUSED},
		{REFUSED_3, 0, 3, 1, BYPASS, PATH_DROP, FW_QUEUE_REFUSED},
		{REFUSED_3, 0, 3, 2, 0, PATH_DROP, FW_QUEUE_REFUSED},
		{REFUSED_3, 0, 3, 2, BYPASS, PATH_UNSURE, FW_QUEUE_NOT_KNOWN},
	};

	for (size_t i = 0; i < N_OF(rows); i++) {
		struct path p;

		host_start(state);
		tell_readers(rows[i].text, rows[i].error);
		p = walk_with(queue_of(rows[i].first, rows[i].n, rows[i].flags));
		if (p.request.verdict != rows[i].verdict)
			fail_msg("row %zu: verdict %d", i, p.request.verdict);
		if (p.request.verdict == PATH_DROP &&
		    (p.request.queue != rows[i].queue ||
		     p.request.decided_by != DECIDER_RULE || p.request.rule != 0))
			fail_msg("row %zu: queue %d, by %d", i, p.request.queue,
				 p.request.decided_by);
		if (rows[i].queue == FW_QUEUE_READ &&
		    !hop_at(&p.request, PLACE_INPUT)->has_reader)
			fail_msg("row %zu: the reader is not told", i);
		host_end(state);
	}
}

static void a_file_that_was_not_asked_for_leaves_it_open(void **state)
{
	struct path p = walk_with(queue_of(3, 1, 0));

	(void)state;
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_false(hop_at(&p.request, PLACE_INPUT)->has_reader);
}

static void a_number_out_of_a_register_is_any_queue(void **state)
{
	struct fw_expr x = queue_of(0, 1, 0);

	x.sreg = 0;
	tell_readers(READ_4, 0);
	assert_int_equal(walk_with(x).request.verdict, PATH_UNSURE);
	host_end(state);
	host_start(state);
	tell_readers("", 0);
	assert_int_equal(walk_with(x).request.verdict, PATH_DROP);
}

static void the_target_is_read_as_its_revision_is_laid_out(void **state)
{
	static const struct {
		uint8_t revision;
		uint16_t info[3];
		size_t n;
		enum path_verdict verdict;
	} rows[] = {
		{0, {3}, 1, PATH_UNSURE},       {0, {5}, 1, PATH_DROP},
		{0, {5, 9, 1}, 3, PATH_DROP},   {1, {2, 2}, 2, PATH_UNSURE},
		{1, {5, 2, 1}, 3, PATH_DROP},   {2, {5, 1, 1}, 3, PATH_ACCEPT},
		{2, {5, 1, 0}, 3, PATH_DROP},   {3, {5, 1, 1}, 3, PATH_ACCEPT},
		{3, {5, 1, 2}, 3, PATH_DROP},   {3, {5, 1, 3}, 3, PATH_ACCEPT},
		{3, {1, 3, 2}, 3, PATH_UNSURE}, {3, {5}, 1, PATH_UNSURE},
	};

	for (size_t i = 0; i < N_OF(rows); i++) {
		struct path p;

		host_start(state);
		tell_readers(READ_3, 0);
		p = walk_with(target_of(rows[i].revision, rows[i].info, rows[i].n));
		if (p.request.verdict != rows[i].verdict)
			fail_msg("row %zu: verdict %d", i, p.request.verdict);
		host_end(state);
	}
}

static void past_an_unread_queue_with_bypass_only_this_chain_ends(void **state)
{
	uint32_t later;
	struct path p;

	(void)state;
	tell_readers("", 0);
	base_in(FW_INPUT, 0, false);
	HOST_RULE(queue_of(3, 1, BYPASS));
	HOST_RULE(X_DROP);
	assert_int_equal(walk_from(CLIENT, SERVER, 80).request.verdict, PATH_ACCEPT);
	base_in(FW_INPUT, 10, false);
	later = HOST_RULE(X_DROP);
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_DROP);
	assert_int_equal(p.request.rule, later);
	assert_int_equal(p.request.queue, FW_QUEUE_NOT_KNOWN);
}

static void the_answer_meets_a_queue_as_well(void **state)
{
	struct path p;

	(void)state;
	tell_readers("", 0);
	base_in(FW_OUTPUT, 0, false);
	HOST_RULE(queue_of(3, 1, 0));
	p = walk_from(CLIENT, SERVER, 80);
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.reply.verdict, PATH_DROP);
	assert_int_equal(p.reply.queue, FW_QUEUE_UNREAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_tells_queue_port_mode_and_losses),
		cmocka_unit_test(readers_are_counted_within_the_queues_that_are_asked),
		cmocka_unit_test(what_a_queue_comes_to),
		IN_HOST(a_file_that_was_not_asked_for_leaves_it_open),
		IN_HOST(a_number_out_of_a_register_is_any_queue),
		cmocka_unit_test(the_target_is_read_as_its_revision_is_laid_out),
		IN_HOST(past_an_unread_queue_with_bypass_only_this_chain_ends),
		IN_HOST(the_answer_meets_a_queue_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
