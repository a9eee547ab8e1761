/* What becomes of answers: whole, broken, repeated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/unit/refresh_host.h"

#define CONNECTED "sock_diag/family=0,protocol=6,states=0x1b7e,ext=0x0"
#define HOST      "files/set=host"
#define PROC_NET  "files/set=proc_net_sockets"
#define TCP       "sock_diag/family=0,protocol=6,states=0x400,ext=0x40"
#define UDP4      "sock_diag/family=2,protocol=17,states=0x80,ext=0x40"
#define UDP6      "sock_diag/family=10,protocol=17,states=0x80,ext=0x40"
#define OWNERS    "owners/-"

static void the_first_snapshot_needs_listeners_and_facts_only(void **state)
{
	struct host *h = web_host(&watching);
	struct snapshot *s;

	(void)state;
	ask(h);
	assert_int_equal(answer(h, asked_for(h, TCP)), 0);
	assert_int_equal(answer(h, asked_for(h, UDP4)), 0);
	assert_int_equal(answer(h, asked_for(h, UDP6)), 0);
	assert_int_equal(answer(h, asked_for(h, HOST)), 1);
	s = look(h);
	assert_int_equal(s->spaces[0].tcp->n, 2);
	assert_int_equal(s->spaces[0].udp->n, 1);
	assert_null(s->owners);
	assert_false(s->is_settled);
	assert_false(refresh_is_settled(h->refresh));
	assert_true(s->n_endpoints > 0);
	for (size_t i = 0; i < s->n_endpoints; i++)
		assert_int_equal(s->endpoints[i].owners_state, OWNERS_PENDING);
	table_unref(s);
	host_free(h);
}

static void everything_is_answered_in_the_end(void **state)
{
	struct host *h = web_host(&watching);
	struct snapshot *s;

	(void)state;
	assert_true(settle(h));
	assert_true(refresh_is_settled(h->refresh));
	s = look(h);
	assert_true(s->is_settled);
	assert_int_equal(s->boot_ns, h->now_ns);
	assert_int_equal(s->wall_ns, h->now_ns + 1000 * S);
	assert_true(text_equals_str(s->host->hostname, "web1"));
	assert_true(text_equals_str(port_names_find(s->port_names, 443, false), "https"));
	assert_true(text_equals_str(users_find(s->users, 0), "root"));
	assert_int_equal(s->owners->n_processes, 1);
	assert_int_equal(s->n_owners_asked, 3);
	assert_int_equal(s->n_spaces, 1);
	assert_true(s->spaces[0].is_own);
	assert_int_equal(s->spaces[0].netns, OWN_NETNS);
	assert_non_null(s->spaces[0].connections);
	assert_non_null(s->spaces[0].links);
	assert_non_null(s->spaces[0].addresses);
	assert_non_null(s->spaces[0].local_routes);
	assert_non_null(s->spaces[0].facts);
	assert_int_equal(s->n_notes, 0);
	table_unref(s);
	host_free(h);
}

static void what_did_not_change_needs_no_new_snapshot(void **state)
{
	struct host *h = web_host(&watching);
	struct snapshot *before, *after;

	(void)state;
	settle(h);
	before = look(h);
	for (int i = 0; i < 100; i++)
		assert_false(later(h, S));
	after = look(h);
	assert_ptr_equal(before->host, after->host);
	assert_ptr_equal(before->owners, after->owners);
	assert_ptr_equal(before->spaces[0].tcp, after->spaces[0].tcp);
	assert_ptr_equal(before->spaces[0].udp, after->spaces[0].udp);
	assert_ptr_equal(before->spaces[0].connections, after->spaces[0].connections);
	assert_ptr_equal(before->spaces[0].links, after->spaces[0].links);
	assert_ptr_equal(before->spaces[0].addresses, after->spaces[0].addresses);
	assert_ptr_equal(before->spaces[0].facts, after->spaces[0].facts);
	table_unref(before);
	table_unref(after);
	host_free(h);
}

static void a_snapshot_does_not_change_when_the_host_does(void **state)
{
	struct host *h = web_host(&watching);
	struct snapshot *before, *after;

	(void)state;
	settle(h);
	before = look(h);
	h->listeners[1].netns = NULL;
	assert_true(later(h, S));
	after = look(h);
	assert_int_equal(before->spaces[0].tcp->n, 2);
	assert_int_equal(before->spaces[0].udp->n, 1);
	assert_int_equal(after->spaces[0].tcp->n, 1);
	assert_int_equal(after->spaces[0].udp->n, 0);
	assert_ptr_equal(before->owners, after->owners);
	table_unref(after);
	table_unref(before);
	host_free(h);
}

static void an_answer_in_parts_is_one_table(void **state)
{
	struct host *h = web_host(&watching);
	uint8_t bytes[512];
	size_t one, both;
	struct snapshot *s;

	(void)state;
	settle(h);
	h->now_ns += S;
	ask(h);
	one = put_socket(bytes, &web, 10);
	both = one +
	       put_socket(bytes + one, &(struct listener){"", AF_INET, 6, 80, 58, 0}, 10);
	assert_int_equal(give(h, asked_for(h, TCP), 0, BLOB_MORE, 0, bytes, one), 0);
	assert_int_equal(
		give(h, asked_for(h, TCP), 1, BLOB_MORE, 0, bytes + one, both - one), 0);
	assert_int_equal(give(h, asked_for(h, TCP), 2, BLOB_LAST, 0, NULL, 0), 1);
	s = look(h);
	assert_int_equal(s->spaces[0].tcp->n, 2);
	table_unref(s);
	host_free(h);
}

static void an_answer_that_starts_anew_voids_what_came(void **state)
{
	struct host *h = web_host(&watching);
	uint8_t bytes[512];
	size_t one;
	struct snapshot *s;

	(void)state;
	settle(h);
	h->now_ns += S;
	ask(h);
	one = put_socket(bytes, &(struct listener){"", AF_INET, 6, 80, 58, 0}, 10);
	give(h, asked_for(h, TCP), 0, BLOB_MORE, 0, bytes, one);
	assert_int_equal(answer(h, asked_for(h, TCP)), 0);
	s = look(h);
	assert_int_equal(s->spaces[0].tcp->n, 2);
	assert_int_equal(s->n_notes, 0);
	table_unref(s);
	host_free(h);
}

static void a_part_that_nobody_asked_for_is_ignored(void **state)
{
	struct host *h = web_host(&watching);
	struct blob b = {.seq = 4711, .status = BLOB_LAST, .boot_ns = INT64_MAX};
	struct snapshot *s;

	(void)state;
	settle(h);
	assert_int_equal(refresh_blob(h->refresh, &b, h->now_ns), 0);
	s = look(h);
	assert_int_equal(s->boot_ns, h->now_ns);
	table_unref(s);
	host_free(h);
}

/* Ends of an answer of UDP that has one of the two IPv4 sockets, or nothing. */
static const struct {
	const char *name;
	enum blob_status status;
	int error;
	uint32_t part;
	bool has_row;
	enum source_status note;
	int note_error;
	size_t n_first, n_kept,
		n_again; /* rows: the first time; after a whole one; twice */
} bad_ends[] = {
	{"interrupted", BLOB_INTERRUPTED, 0, 0, true, SOURCE_INTERRUPTED, 0, 2, 3, 2},
	{"timed out", BLOB_TIMED_OUT, 0, 0, true, SOURCE_TIMED_OUT, 0, 2, 3, 2},
	{"truncated", BLOB_TRUNCATED, 0, 0, true, SOURCE_TRUNCATED, 0, 2, 2, 2},
	{"refused", BLOB_LAST, EPERM, 0, false, SOURCE_ERROR, EPERM, 1, 3, 1},
	{"no memory there", BLOB_LAST, ENOMEM, 0, false, SOURCE_ERROR, ENOMEM, 1, 3, 1},
	{"not recorded", BLOB_LAST, ENODATA, 0, false, SOURCE_NOT_RECORDED, ENODATA, 1, 3,
	 1},
	{"a part missing", BLOB_LAST, 0, 1, true, SOURCE_DAMAGED, EBADMSG, 1, 3, 1},
};

static void end_badly(struct host *h, size_t row)
{
	uint8_t bytes[256];
	size_t len = bad_ends[row].has_row ? put_socket(bytes, &dns, 7) : 0;

	answer(h, asked_for(h, UDP6));
	assert_true(give(h, asked_for(h, UDP4), bad_ends[row].part, bad_ends[row].status,
			 bad_ends[row].error, bytes, len) >= 0);
	settle(h);
}

static void check_bad_end(struct host *h, size_t row, size_t n_rows)
{
	struct snapshot *s = look(h);
	const struct source_note *note = find_note(s, "udp", "");

	if (!note)
		fail_msg("%s leaves no note", bad_ends[row].name);
	if (note->status != bad_ends[row].note || note->error != bad_ends[row].note_error)
		fail_msg("%s is noted as %d, error %d", bad_ends[row].name,
			 (int)note->status, note->error);
	if (!s->spaces[0].udp || s->spaces[0].udp->n != n_rows)
		fail_msg("%s leaves not %zu rows", bad_ends[row].name, n_rows);
	table_unref(s);
}

static struct host *host_of_bad_ends(void)
{
	struct host *h = web_host(&watching);

	h->listeners[3] = (struct listener){"", AF_INET, IPPROTO_UDP, 67, 58, 0};
	h->listeners[4] = (struct listener){"", AF_INET6, IPPROTO_UDP, 546, 59, 0};
	return h;
}

static void the_first_answer_is_used_even_if_it_is_not_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(bad_ends); i++) {
		struct host *h = host_of_bad_ends();

		ask(h);
		end_badly(h, i);
		check_bad_end(h, i, bad_ends[i].n_first);
		assert_true(refresh_is_settled(h->refresh));
		host_free(h);
	}
}

static void a_later_answer_that_is_not_whole_leaves_the_former_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(bad_ends); i++) {
		struct host *h = host_of_bad_ends();
		struct snapshot *s;

		settle(h);
		h->now_ns += S;
		ask(h);
		end_badly(h, i);
		check_bad_end(h, i, bad_ends[i].n_kept);
		h->now_ns += S;
		ask(h);
		end_badly(h, i);
		check_bad_end(h, i, bad_ends[i].n_again);
		assert_true(later(h, S));
		s = look(h);
		assert_int_equal(s->spaces[0].udp->n, 3);
		assert_null(find_note(s, "udp", ""));
		table_unref(s);
		host_free(h);
	}
}

static void damage_is_a_note_and_no_error(void **state)
{
	struct host *h = web_host(&watching);
	struct snapshot *s;

	(void)state;
	settle(h);
	h->now_ns += 2 * S;
	ask(h);
	assert_int_equal(give(h, asked_for(h, OWNERS), 0, BLOB_MORE, 0, "damaged", 7), 0);
	assert_int_equal(give(h, asked_for(h, OWNERS), 1, BLOB_LAST, 0, NULL, 0), 1);
	s = look(h);
	assert_int_equal(find_note(s, "owners", "")->status, SOURCE_DAMAGED);
	assert_int_equal(s->owners->n_processes, 1);
	table_unref(s);
	host_free(h);
}

static void no_answer_at_all_is_no_table(void **state)
{
	struct host *h = web_host(&watching);
	struct snapshot *s;

	(void)state;
	ask(h);
	give(h, asked_for(h, TCP), 0, BLOB_LAST, EPERM, NULL, 0);
	answer_all(h);
	ask(h);
	give(h, asked_for(h, PROC_NET), 0, BLOB_LAST, EPERM, NULL, 0);
	settle(h);
	s = look(h);
	assert_null(s->spaces[0].tcp);
	assert_null(s->spaces[0].connections);
	assert_int_equal(find_note(s, "tcp", "")->error, EPERM);
	table_unref(s);
	host_free(h);
}

static void the_doctor_gets_a_row_for_each_source(void **state)
{
	struct host *h = web_host(&watching);
	struct source_state rows[32], few[2];
	size_t n, n_tcp = 0;

	(void)state;
	h->listeners[2].netns = NULL;
	ask(h);
	h->now_ns += 7 * MS;
	settle(h);
	n = refresh_sources(h->refresh, rows, N_OF(rows));
	assert_int_equal(n, 10); /* not namespaces, cgroups, units and text tables */
	for (size_t i = 0; i < n; i++) {
		assert_true(rows[i].asked && rows[i].answered);
		assert_int_equal(rows[i].error, 0);
		if (strcmp(rows[i].name, "tcp"))
			continue;
		n_tcp++;
		assert_int_equal(rows[i].rows, 2);
		assert_int_equal(rows[i].took_ns, 7 * MS);
		assert_true(text_is_empty(rows[i].space));
	}
	assert_int_equal(n_tcp, 1);
	assert_int_equal(refresh_sources(h->refresh, few, 2), n);
	host_free(h);
}

static void a_source_that_is_no_longer_needed_leaves_no_note(void **state)
{
	struct host *h = web_host(&watching);
	struct snapshot *s;

	(void)state;
	while (ask(h) && !find_asked(h, CONNECTED))
		answer_all(h);
	give(h, asked_for(h, CONNECTED), 0, BLOB_LAST, EPERM, NULL, 0);
	settle(h);
	s = look(h);
	assert_int_equal(find_note(s, "connections", "")->error, EPERM);
	table_unref(s);
	h->listeners[0].netns = NULL;
	assert_true(later(h, S));
	s = look(h);
	assert_int_equal(s->n_notes, 0);
	table_unref(s);
	host_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_snapshot_needs_listeners_and_facts_only),
		cmocka_unit_test(everything_is_answered_in_the_end),
		cmocka_unit_test(what_did_not_change_needs_no_new_snapshot),
		cmocka_unit_test(a_snapshot_does_not_change_when_the_host_does),
		cmocka_unit_test(an_answer_in_parts_is_one_table),
		cmocka_unit_test(an_answer_that_starts_anew_voids_what_came),
		cmocka_unit_test(a_part_that_nobody_asked_for_is_ignored),
		cmocka_unit_test(the_first_answer_is_used_even_if_it_is_not_whole),
		cmocka_unit_test(a_later_answer_that_is_not_whole_leaves_the_former_table),
		cmocka_unit_test(damage_is_a_note_and_no_error),
		cmocka_unit_test(no_answer_at_all_is_no_table),
		cmocka_unit_test(the_doctor_gets_a_row_for_each_source),
		cmocka_unit_test(a_source_that_is_no_longer_needed_leaves_no_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
