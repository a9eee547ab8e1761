/* Outcomes of TCP attempts, one row each; packets that are seen on several devices. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "tests/unit/tracker_run.h"

enum { STEPS_MAX = 10 };

struct row {
	const char *name;
	struct step steps[STEPS_MAX];
	int end_ms; /* a tick after the packets */
	enum outcome outcome;
	bool is_decided;
	uint32_t n_syns, n_syn_acks, n_client_resets, n_icmp;
	uint64_t n_attempts; /* 0: one */
};

/* clang-format off */
#define AT(ms, what) .at_ms = (ms), .kind = (what)

static const struct row rows[] = {
	{.name = "the whole handshake is answered",
	 .steps = {{AT(0, 's')}, {AT(9, 'S')}, {AT(10, 'a')}},
	 .end_ms = 10, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 1, .n_syn_acks = 1},
	{.name = "data in place of the lost ACK is an answer too",
	 .steps = {{AT(0, 's')}, {AT(9, 'S')}, {AT(10, 'd'), .payload = "x"}},
	 .end_ms = 10, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 1, .n_syn_acks = 1},
	{.name = "without the SYN-ACK the client's ACK shows it",
	 .steps = {{AT(0, 's')}, {AT(10, 'a')}},
	 .end_ms = 10, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 1},
	{.name = "without both the server's data shows them",
	 .steps = {{AT(0, 's')}, {AT(10, 'D'), .payload = "x"}},
	 .end_ms = 10, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 1},
	{.name = "SYN-ACK and nothing is open for 3 s",
	 .steps = {{AT(0, 's')}, {AT(10, 'S')}},
	 .end_ms = 2900, .outcome = OUTCOME_OPEN, .is_decided = false, .n_syns = 1, .n_syn_acks = 1},
	{.name = "then half-open", .steps = {{AT(0, 's')}, {AT(10, 'S')}},
	 .end_ms = 3100, .outcome = OUTCOME_HALF_OPEN, .is_decided = true, .n_syns = 1, .n_syn_acks = 1},
	{.name = "half-open, and the ACK comes late",
	 .steps = {{AT(0, 's')}, {AT(10, 'S')}, {AT(4000, 'a')}},
	 .end_ms = 4000, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 1, .n_syn_acks = 1},
	{.name = "SYN-ACKs sent again are counted",
	 .steps = {{AT(0, 's')}, {AT(10, 'S')}, {AT(1010, 'S')}, {AT(3010, 'S')}},
	 .end_ms = 3200, .outcome = OUTCOME_HALF_OPEN, .is_decided = true, .n_syns = 1, .n_syn_acks = 3},
	{.name = "a client's reset of the SYN-ACK decides at once",
	 .steps = {{AT(0, 's')}, {AT(10, 'S')}, {AT(11, 'R')}},
	 .end_ms = 11, .outcome = OUTCOME_HALF_OPEN, .is_decided = true, .n_syns = 1, .n_syn_acks = 1, .n_client_resets = 1},
	{.name = "a client that aborts had established the connection",
	 .steps = {{AT(0, 's')}, {AT(10, 'S')}, {AT(11, 'A')}},
	 .end_ms = 11, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 1, .n_syn_acks = 1, .n_client_resets = 1},
	{.name = "and stays so", .steps = {{AT(0, 's')}, {AT(10, 'S')}, {AT(11, 'A')}},
	 .end_ms = 4000, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 1, .n_syn_acks = 1, .n_client_resets = 1},
	{.name = "with its ACK seen it is the same",
	 .steps = {{AT(0, 's')}, {AT(10, 'S')}, {AT(11, 'a')}, {AT(12, 'A')}},
	 .end_ms = 4000, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 1, .n_syn_acks = 1, .n_client_resets = 1},
	{.name = "an RST with ACK that does not fit the SYN-ACK establishes nothing",
	 .steps = {{AT(0, 's')}, {AT(10, 'S')}, {AT(11, 'A'), .shift = UINT32_MAX - 9}},
	 .end_ms = 11, .outcome = OUTCOME_HALF_OPEN, .is_decided = true, .n_syns = 1, .n_syn_acks = 1, .n_client_resets = 1},
	{.name = "a client's RST with ACK before any answer shows none",
	 .steps = {{AT(0, 's')}, {AT(11, 'A')}},
	 .end_ms = 3100, .outcome = OUTCOME_SILENT, .is_decided = true, .n_syns = 1},
	{.name = "RST with a fitting number refuses", .steps = {{AT(0, 's')}, {AT(1, 'r')}},
	 .end_ms = 1, .outcome = OUTCOME_REFUSED, .is_decided = true, .n_syns = 1},
	{.name = "RST without one refuses", .steps = {{AT(0, 's')}, {AT(1, 'n')}},
	 .end_ms = 1, .outcome = OUTCOME_REFUSED, .is_decided = true, .n_syns = 1},
	{.name = "a stale RST does not", .steps = {{AT(0, 's')}, {AT(1, 'x')}},
	 .end_ms = 2900, .outcome = OUTCOME_OPEN, .is_decided = false, .n_syns = 1},
	{.name = "nor its silence after it", .steps = {{AT(0, 's')}, {AT(1, 'x')}},
	 .end_ms = 3100, .outcome = OUTCOME_SILENT, .is_decided = true, .n_syns = 1},
	{.name = "SYN-ACK after RST: the client heard the RST",
	 .steps = {{AT(0, 's')}, {AT(1, 'r')}, {AT(2, 'S')}, {AT(3, 'R')}},
	 .end_ms = 3, .outcome = OUTCOME_REFUSED, .is_decided = true, .n_syns = 1, .n_syn_acks = 1},
	{.name = "an ICMP error decides",
	 .steps = {{AT(0, 's')}, {AT(1, 'i'), .icmp_type = 3, .icmp_code = 13}},
	 .end_ms = 1, .outcome = OUTCOME_ICMP, .is_decided = true, .n_syns = 1, .n_icmp = 1},
	{.name = "a redirect does not", .steps = {{AT(0, 's')}, {AT(1, 'i'), .icmp_type = 5, .icmp_code = 1}},
	 .end_ms = 2900, .outcome = OUTCOME_OPEN, .is_decided = false, .n_syns = 1, .n_icmp = 1},
	{.name = "nor does too-big", .steps = {{AT(0, 's')}, {AT(1, 'i'), .icmp_type = 3, .icmp_code = 4}},
	 .end_ms = 2900, .outcome = OUTCOME_OPEN, .is_decided = false, .n_syns = 1, .n_icmp = 1},
	{.name = "an ICMP error about another sequence number is another's",
	 .steps = {{AT(0, 's')}, {AT(1, 'i'), .icmp_type = 3, .icmp_code = 13, .shift = 5}},
	 .end_ms = 2900, .outcome = OUTCOME_OPEN, .is_decided = false, .n_syns = 1},
	{.name = "ICMP, and the SYN sent again is answered",
	 .steps = {{AT(0, 's')}, {AT(1, 'i'), .icmp_type = 3, .icmp_code = 1}, {AT(1000, 's')}, {AT(1001, 'S')}, {AT(1002, 'a')}},
	 .end_ms = 1002, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 2, .n_syn_acks = 1, .n_icmp = 1},
	{.name = "ICMP after an answer changes nothing",
	 .steps = {{AT(0, 's')}, {AT(1, 'S')}, {AT(2, 'a')}, {AT(3, 'i'), .icmp_type = 3, .icmp_code = 1}},
	 .end_ms = 3, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 1, .n_syn_acks = 1, .n_icmp = 1},
	{.name = "nothing for 3 s is silent", .steps = {{AT(0, 's')}},
	 .end_ms = 3100, .outcome = OUTCOME_SILENT, .is_decided = true, .n_syns = 1},
	{.name = "3 s are counted from the last SYN",
	 .steps = {{AT(0, 's')}, {AT(1000, 's')}},
	 .end_ms = 3900, .outcome = OUTCOME_OPEN, .is_decided = false, .n_syns = 2},
	{.name = "and then it is silent", .steps = {{AT(0, 's')}, {AT(1000, 's')}},
	 .end_ms = 4100, .outcome = OUTCOME_SILENT, .is_decided = true, .n_syns = 2},
	{.name = "SYNs sent again after silence are the same attempt's",
	 .steps = {{AT(0, 's')}, {AT(1000, 's')}, {AT(3000, 's')}, {AT(7000, 's')}, {AT(15000, 's')}, {AT(31000, 's')}, {AT(63000, 's')}},
	 .end_ms = 67000, .outcome = OUTCOME_SILENT, .is_decided = true, .n_syns = 7},
	{.name = "silent, and a late SYN-ACK",
	 .steps = {{AT(0, 's')}, {AT(1000, 's')}, {AT(9000, 'S')}, {AT(9001, 'a')}},
	 .end_ms = 9001, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 2, .n_syn_acks = 1},
	{.name = "silent, and a late RST", .steps = {{AT(0, 's')}, {AT(9000, 'r')}},
	 .end_ms = 9000, .outcome = OUTCOME_REFUSED, .is_decided = true, .n_syns = 1},
	{.name = "silent, and a late ICMP error",
	 .steps = {{AT(0, 's')}, {AT(3500, 'i'), .icmp_type = 3, .icmp_code = 1}},
	 .end_ms = 3500, .outcome = OUTCOME_ICMP, .is_decided = true, .n_syns = 1, .n_icmp = 1},
	{.name = "RST of the server soon after is reset-later",
	 .steps = {{AT(0, 's')}, {AT(1, 'S')}, {AT(2, 'a')}, {AT(900, 'n')}},
	 .end_ms = 900, .outcome = OUTCOME_RESET_LATER, .is_decided = true, .n_syns = 1, .n_syn_acks = 1},
	{.name = "but not a second later",
	 .steps = {{AT(0, 's')}, {AT(1, 'S')}, {AT(2, 'a')}, {AT(1100, 'n')}},
	 .end_ms = 1100, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 1, .n_syn_acks = 1},
	{.name = "RST of the server after its SYN-ACK is reset-later",
	 .steps = {{AT(0, 's')}, {AT(1, 'S')}, {AT(2, 'n')}},
	 .end_ms = 2, .outcome = OUTCOME_RESET_LATER, .is_decided = true, .n_syns = 1, .n_syn_acks = 1},
	{.name = "RST of the client after the handshake is counted",
	 .steps = {{AT(0, 's')}, {AT(1, 'S')}, {AT(2, 'a')}, {AT(5, 'R')}},
	 .end_ms = 5, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 1, .n_syn_acks = 1, .n_client_resets = 1},
	{.name = "a bare ACK is no silence", .steps = {{AT(0, 's')}, {AT(1, 'b')}},
	 .end_ms = 3100, .outcome = OUTCOME_OPEN, .is_decided = true, .n_syns = 1},
	{.name = "and may be followed by an answer",
	 .steps = {{AT(0, 's')}, {AT(1, 'b')}, {AT(2, 'R')}, {AT(1000, 's')}, {AT(1001, 'S')}, {AT(1002, 'a')}},
	 .end_ms = 1002, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 2, .n_syn_acks = 1},
	{.name = "a SYN-ACK to another sequence number answers nothing",
	 .steps = {{AT(0, 's')}, {AT(1, 'S'), .shift = 50}},
	 .end_ms = 3100, .outcome = OUTCOME_SILENT, .is_decided = true, .n_syns = 1},
	{.name = "SYN with data, all acknowledged",
	 .steps = {{AT(0, 's'), .payload = "hello"}, {AT(1, 'S'), .shift = 5}, {AT(2, 'a'), .shift = 5}},
	 .end_ms = 2, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 1, .n_syn_acks = 1},
	{.name = "SYN with data, only the SYN acknowledged",
	 .steps = {{AT(0, 's'), .payload = "hello"}, {AT(1, 'S')}, {AT(2, 'a')}},
	 .end_ms = 2, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 1, .n_syn_acks = 1},
	{.name = "both ends call at once",
	 .steps = {{AT(0, 's')}, {AT(1, 'c')}, {AT(2, 'S')}, {AT(3, 'C')}},
	 .end_ms = 3, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 1, .n_syn_acks = 1},
	{.name = "another sequence number is another attempt",
	 .steps = {{AT(0, 's')}, {AT(500, 's'), .shift = 7}, {AT(501, 'S'), .shift = 7}, {AT(502, 'a'), .shift = 7}},
	 .end_ms = 502, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 1, .n_syn_acks = 1, .n_attempts = 2},
	{.name = "so is the same after a refusal",
	 .steps = {{AT(0, 's')}, {AT(1, 'r')}, {AT(500, 's')}, {AT(501, 'r')}},
	 .end_ms = 501, .outcome = OUTCOME_REFUSED, .is_decided = true, .n_syns = 1, .n_attempts = 2},
	{.name = "a SYN seen again on another device is one",
	 .steps = {{AT(0, 's'), .device = 2}, {AT(1, 's'), .device = 3}, {AT(2, 'S'), .device = 3}, {AT(2, 'S'), .device = 2},
	  {AT(3, 'a'), .device = 2}, {AT(3, 'a'), .device = 3}},
	 .end_ms = 3, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 1, .n_syn_acks = 1},
	{.name = "on the same device and way it was sent again",
	 .steps = {{AT(0, 's'), .device = 2}, {AT(1, 's'), .device = 2}},
	 .end_ms = 1, .outcome = OUTCOME_OPEN, .is_decided = false, .n_syns = 2},
	{.name = "on another device after 10 ms too",
	 .steps = {{AT(0, 's'), .device = 2}, {AT(11, 's'), .device = 3}},
	 .end_ms = 11, .outcome = OUTCOME_OPEN, .is_decided = false, .n_syns = 2},
	{.name = "loopback shows every packet going out and coming in",
	 .steps = {{AT(0, 's'), .device = 1, .is_outgoing = true}, {AT(0, 's'), .device = 1},
	  {AT(0, 'r'), .device = 1, .is_outgoing = true}, {AT(0, 'r'), .device = 1}},
	 .end_ms = 1, .outcome = OUTCOME_REFUSED, .is_decided = true, .n_syns = 1},
	{.name = "a router on one leg changes the TTL",
	 .steps = {{AT(0, 's'), .device = 2}, {AT(1, 's'), .device = 2, .hops = 1}},
	 .end_ms = 1, .outcome = OUTCOME_OPEN, .is_decided = false, .n_syns = 1},
	{.name = "sent again within 10 ms, and each on two devices",
	 .steps = {{AT(0, 's'), .device = 2}, {AT(0, 's'), .device = 3}, {AT(5, 's'), .device = 2}, {AT(5, 's'), .device = 3}},
	 .end_ms = 5, .outcome = OUTCOME_OPEN, .is_decided = false, .n_syns = 2},
	{.name = "more devices than are listed are still one packet",
	 .steps = {{AT(0, 's'), .device = 2}, {AT(0, 's'), .device = 3}, {AT(0, 's'), .device = 4}, {AT(0, 's'), .device = 5},
	  {AT(0, 's'), .device = 6}, {AT(0, 's'), .device = 7}, {AT(0, 's'), .device = 8}, {AT(0, 's'), .device = 9}},
	 .end_ms = 5, .outcome = OUTCOME_OPEN, .is_decided = false, .n_syns = 1},
	{.name = "a small disorder of time is fine",
	 .steps = {{AT(5, 's')}, {AT(3, 'S')}, {AT(4, 'a')}},
	 .end_ms = 5, .outcome = OUTCOME_ANSWERED, .is_decided = true, .n_syns = 1, .n_syn_acks = 1},
};
/* clang-format on */

static const char *const words[] = {
#define X(name, word, state) word,
	OUTCOMES(X)
#undef X
};

static void check_totals(const struct run *r, const struct row *row)
{
	struct capture_state s = run_state(r);
	uint64_t sum = 0;

	assert_int_equal(s.n_attempts, row->n_attempts ? row->n_attempts : 1);
	assert_int_equal(s.n_evicted, 0);
	for (size_t i = 0; i < N_OUTCOMES; i++)
		sum += s.n_outcomes[i];
	assert_int_equal(sum, s.n_attempts);
	assert_true(s.n_outcomes[row->outcome] > 0);
}

/* With the row's name, so that a failure says which. */
static void describe(char out[200], const struct row *row, const struct attempt *a)
{
	snprintf(out, 200, "%s: %s%s, %u SYN, %u SYN-ACK, %u RST, %u ICMP", row->name,
		 words[a->outcome], a->is_decided ? "" : " (undecided)", a->n_syns,
		 a->n_syn_acks, a->n_client_resets, a->n_icmp);
}

static void check_row(const struct row *row, bool with_events)
{
	const struct attempt expected = {
		.outcome = (uint8_t)row->outcome,
		.is_decided = row->is_decided,
		.n_syns = row->n_syns,
		.n_syn_acks = row->n_syn_acks,
		.n_client_resets = row->n_client_resets,
		.n_icmp = row->n_icmp,
	};
	char seen[200], wanted[200];
	const struct attempt *a;
	struct run r;

	run_init(&r, with_events, 100, NULL);
	run_steps(&r, row->steps, STEPS_MAX);
	tracker_tick(r.tracker, START_NS + row->end_ms * MS_NS);
	tracker_tell(r.tracker);
	assert_true(r.n_told > 0);
	a = run_last(&r);
	describe(seen, row, a);
	describe(wanted, row, &expected);
	assert_string_equal(seen, wanted);
	assert_int_equal(a->client_port, 40000);
	check_totals(&r, row);
	tracker_finish(r.tracker);
	check_totals(&r, row);
	tracker_free(r.tracker);
}

static void every_row_has_its_outcome(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i], false);
}

static void with_events_the_outcomes_are_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i], true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_has_its_outcome),
		cmocka_unit_test(with_events_the_outcomes_are_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
