/* Several network namespaces, and a refresh through a channel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/host/tape/record.h"
#include "core/snapshot/space_list.h"
#include "tests/unit/refresh_host.h"

#define BLUE     "4026532100"
#define BLUE_TCP "sock_diag/family=0,protocol=6,states=0x400,ext=0x40,netns=name:blue"
#define OWNERS   "owners/-"

static const struct refresh_options everywhere = {.spaces = SPACES_ALL};
static const struct refresh_options everywhere_once = {.spaces = SPACES_ALL, .once = true};

static const struct bundle_item two_others[] = {
	ITEM("pid/812", "4026532200"),
	ITEM("name/blue", BLUE),
	ITEM("name/a-name-of-our-own", "4026531840"),
	{.name = {NULL, 0}},
};
static const struct bundle_item one_other[] = {ITEM("name/blue", BLUE),
					       {.name = {NULL, 0}}};
static const struct bundle_item another_pid[] = {
	ITEM("pid/900", "4026532200"),
	ITEM("name/blue", BLUE),
	{.name = {NULL, 0}},
};

static struct host *house(const struct refresh_options *o)
{
	struct host *h = web_host(o);

	h->listeners[3] = (struct listener){"blue", AF_INET, IPPROTO_TCP, 80, 70, 0};
	h->listeners[4] = (struct listener){"812", AF_INET, IPPROTO_TCP, 81, 71, 0};
	h->namespaces = two_others;
	return h;
}

static void assert_spaces(const struct snapshot *s, const char *const *names, size_t n)
{
	assert_int_equal(s->n_spaces, n);
	for (size_t i = 0; i < n; i++)
		if (!text_equals_str(s->spaces[i].name, names[i]))
			fail_msg("namespace %zu is not \"%s\"", i, names[i]);
}

static void every_namespace_of_the_list_is_looked_at(void **state)
{
	static const char *const names[] = {"", "blue", "pid 812"};
	struct host *h = house(&everywhere);
	struct snapshot *s;

	(void)state;
	settle(h);
	s = look(h);
	assert_spaces(s, names, N_OF(names));
	assert_true(s->spaces[0].is_own);
	assert_false(s->spaces[1].is_own);
	assert_int_equal(s->spaces[0].netns, OWN_NETNS);
	assert_int_equal(s->spaces[1].netns, UINT64_C(4026532100));
	assert_int_equal(s->spaces[0].tcp->n, 2);
	assert_int_equal(s->spaces[1].tcp->rows[0].port, 80);
	assert_int_equal(s->spaces[2].tcp->rows[0].port, 81);
	assert_int_equal(s->spaces[2].connections->rows[0].port, 81);
	assert_int_equal(s->n_owners_asked, 5);
	assert_true(s->is_settled);
	assert_int_equal(s->n_notes, 0);
	table_unref(s);
	host_free(h);
}

static void owners_wait_for_the_listeners_of_all_namespaces(void **state)
{
	struct host *h = house(&everywhere);

	(void)state;
	while (ask(h) && !find_asked(h, BLUE_TCP))
		answer_all(h);
	for (size_t i = 0; i < h->n_asked;)
		if (&h->asked[i] == asked_for(h, BLUE_TCP))
			i++;
		else
			answer(h, &h->asked[i]);
	ask(h);
	assert_null(find_asked(h, OWNERS));
	answer(h, asked_for(h, BLUE_TCP));
	ask(h);
	assert_int_equal(asked_for(h, OWNERS)->request.owners.n_inodes, 5);
	host_free(h);
}

static void namespaces_come_and_go(void **state)
{
	static const char *const names[] = {"", "blue", "pid 812"};
	struct host *h = house(&everywhere);
	struct snapshot *s;

	(void)state;
	h->namespaces = one_other;
	settle(h);
	s = look(h);
	assert_spaces(s, names, 2);
	table_unref(s);
	h->namespaces = two_others;
	assert_true(later(h, 5 * S));
	s = look(h);
	assert_spaces(s, names, 3);
	assert_int_equal(s->spaces[2].tcp->n, 1);
	table_unref(s);
	h->namespaces = one_other;
	assert_true(later(h, 5 * S));
	s = look(h);
	assert_spaces(s, names, 2);
	table_unref(s);
	host_free(h);
}

static void an_answer_out_of_a_vanished_namespace_finds_nobody(void **state)
{
	struct host *h = house(&everywhere);
	size_t n_late = 0;

	(void)state;
	settle(h);
	h->now_ns += 5 * S;
	ask(h);
	h->namespaces = one_other;
	answer(h, asked_for(h, "namespaces/-"));
	for (size_t i = 0; i < h->n_asked; i++)
		n_late += h->asked[i].request.netns.kind == NETNS_PID;
	assert_true(n_late > 4);
	answer_all(h);
	assert_true(refresh_is_settled(h->refresh));
	host_free(h);
}

static void another_process_may_stand_for_a_namespace(void **state)
{
	static const char *const names[] = {"", "blue", "pid 900"};
	struct host *h = house(&everywhere);
	struct snapshot *before, *after;

	(void)state;
	settle(h);
	before = look(h);
	h->namespaces = another_pid;
	h->listeners[4].netns = "900";
	assert_true(later(h, 5 * S));
	after = look(h);
	assert_spaces(after, names, N_OF(names));
	assert_ptr_equal(before->spaces[2].links, after->spaces[2].links);
	assert_true(text_equals_str(before->spaces[2].name, "pid 812"));
	table_unref(before);
	table_unref(after);
	host_free(h);
}

static void a_number_given_to_a_process_elsewhere_is_not_believed(void **state)
{
	struct host *h = house(&everywhere);
	struct snapshot *s;

	(void)state;
	settle(h);
	h->namespaces = one_other;
	later(h, 5 * S);
	h->other_netns = 4026539999;
	h->listeners[3].port = 6666;
	later(h, S);
	s = look(h);
	assert_int_equal(s->spaces[1].tcp->rows[0].port, 80);
	assert_int_equal(find_note(s, "tcp", "blue")->error, ESTALE);
	table_unref(s);
	host_free(h);
}

static void a_namespace_that_cannot_be_read_is_a_note(void **state)
{
	static const struct bundle_item items[] = {
		ITEM("name/blue", BLUE),
		ITEM_ERROR("name/red", EACCES),
		ITEM_ERROR("refused", EPERM),
		{.name = {NULL, 0}},
	};
	static const char *const names[] = {"", "blue"};
	struct host *h = house(&everywhere);
	struct snapshot *s;

	(void)state;
	h->namespaces = items;
	while (ask(h))
		while (h->n_asked)
			if (h->asked[0].request.netns.kind == NETNS_NAME)
				give(h, &h->asked[0], 0, BLOB_LAST, EPERM, NULL, 0);
			else
				answer(h, &h->asked[0]);
	s = look(h);
	assert_spaces(s, names, N_OF(names));
	assert_true(s->is_settled);
	assert_int_equal(s->spaces[0].tcp->n, 2);
	assert_null(s->spaces[1].tcp);
	assert_int_equal(find_note(s, "tcp", "blue")->error, EPERM);
	assert_int_equal(find_note(s, "links", "blue")->error, EPERM);
	assert_int_equal(find_note(s, "namespaces", "red")->error, EACCES);
	assert_int_equal(find_note(s, "namespaces", "")->error, EPERM);
	table_unref(s);
	host_free(h);
}

static void one_namespace_is_looked_at_alone(void **state)
{
	static const struct refresh_options blue = {
		.spaces = SPACES_ONE, .space = {.kind = NETNS_NAME, .name = "blue"}};
	static const char *const names[] = {"blue"};
	struct host *h = house(&blue);
	struct snapshot *s;

	(void)state;
	h->other_netns = 4026532100;
	settle(h);
	s = look(h);
	assert_spaces(s, names, 1);
	assert_int_equal(s->spaces[0].netns, UINT64_C(4026532100));
	assert_false(s->spaces[0].is_own);
	assert_int_equal(s->spaces[0].tcp->rows[0].port, 80);
	table_unref(s);
	h->other_netns = OWN_NETNS;
	h->listeners[3].port = 82;
	assert_true(later(h, S));
	s = look(h);
	assert_true(s->spaces[0].is_own);
	table_unref(s);
	host_free(h);
}

/* Lists as they come, and "name or pid" of their rows. */
static const struct {
	struct bundle_item items[5];
	int error;
	const char *rows[4];
} lists[] = {
	{{ITEM("pid/9", "3"), ITEM("name/b", "2"), ITEM("pid/10", "4"),
	  ITEM("name/a", "1")},
	 0,
	 {"a", "b", "9", "10"}},
	{{ITEM("pid/9", "1"), ITEM("name/b", "1"), ITEM("name/a", "1")}, 0, {"a"}},
	{{ITEM("name/a", "1\n"), ITEM_ERROR("name/b", EACCES)}, 0, {"a", "b"}},
	{{ITEM("name/a", "1"), ITEM("other/x", "2")}, 0, {"a"}},
	{{ITEM("name/a", "1"), ITEM_ERROR("refused", EACCES)}, -EACCES, {"a"}},
	{{ITEM("name/a", "1"), ITEM("name/b", "x")}, -EBADMSG, {"a"}},
	{{ITEM("name/a", "1"), ITEM("name/b", "0")}, -EBADMSG, {"a"}},
	{{ITEM("name/a", "1"), ITEM("pid/0", "2")}, -EBADMSG, {"a"}},
	{{ITEM("name/a", "1"), ITEM("pid/1x", "2")}, -EBADMSG, {"a"}},
	{{ITEM("name/a", "1"), ITEM("name/", "2")}, -EBADMSG, {"a"}},
};

static void a_list_has_each_namespace_once_and_names_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(lists); i++) {
		struct space_list_decoder *d = space_list_new();
		struct space_list *t;
		uint8_t bytes[512];
		char pid[16];
		size_t n = 0;

		assert_int_equal(space_list_decode(d, bytes,
						   items_put(bytes, sizeof(bytes),
							     lists[i].items, 5)),
				 lists[i].error);
		t = space_list_finish(d);
		for (; n < t->n && n < 4 && lists[i].rows[n]; n++) {
			snprintf(pid, sizeof(pid), "%d", t->rows[n].pid);
			if (!text_equals_str(t->rows[n].name, lists[i].rows[n]) &&
			    strcmp(pid, lists[i].rows[n]))
				fail_msg("list %zu: row %zu", i, n);
		}
		if (n != t->n || (n < 4 && lists[i].rows[n]))
			fail_msg("list %zu has %zu rows", i, t->n);
		table_unref(t);
		space_list_free(d);
	}
}

/* Answers like the host and keeps what it says. */
static void record(struct host *h, int fd)
{
	struct recorder *r = recorder_open_take(fd, 1, "uid=0 caps=0");
	char text[REQUEST_TEXT_MAX];
	uint8_t bytes[32768];

	assert_non_null(r);
	while (ask(h)) {
		while (h->n_asked) {
			struct blob b = {.seq = h->asked[0].seq,
					 .status = BLOB_LAST,
					 .wall_ns = 1000 * S + h->asked[0].seq,
					 .boot_ns = h->asked[0].seq,
					 .bytes = bytes};

			request_text(&h->asked[0].request, text);
			b.len = answer_of(h, &h->asked[0].request, bytes, sizeof(bytes));
			assert_int_equal(recorder_write(r, text, &b), 0);
			drop_asked(h, 0);
			assert_true(refresh_blob(h->refresh, &b, h->now_ns) >= 0);
		}
	}
	assert_int_equal(recorder_close(r), 0);
}

/* So many that the channel does not take all requests at once. */
static void put_many(struct bundle_item *items, char (*names)[16], char (*inodes)[16],
		     size_t n)
{
	for (size_t i = 0; i < n; i++) {
		snprintf(names[i], sizeof(names[i]), "name/n%zu", i);
		snprintf(inodes[i], sizeof(inodes[i]), "%zu", 5000 + i);
		items[i] = (struct bundle_item){text_of(names[i]), text_of(inodes[i]), 0};
	}
}

static void a_replay_through_a_full_channel_gives_what_was_seen(void **state)
{
	static struct bundle_item items[151];
	static char names[150][16], inodes[150][16];
	struct host *h = house(&everywhere_once);
	int fd = memfd_create("recording", MFD_CLOEXEC), kept = dup(fd);
	struct refresh *r = refresh_new(&everywhere_once);
	struct snapshot *seen, *replayed;
	struct recording *rec;
	struct request request;
	unsigned n_full = 0;
	struct channel *c;
	struct blob b;
	char error[256];

	(void)state;
	put_many(items, names, inodes, 150);
	h->namespaces = items;
	record(h, fd);
	seen = look(h);
	lseek(kept, 0, SEEK_SET);
	rec = recording_open(kept, error);
	assert_non_null(rec);
	c = channel_replay_take(rec, -1);
	assert_non_null(c);
	for (int turns = 0; !refresh_is_settled(r); turns++) {
		assert_in_range(turns, 0, 100);
		assert_int_equal(refresh_ask(r, c, 1), 0);
		if (refresh_next(r, 1, &request)) {
			n_full++;
			assert_int_equal(refresh_due_ns(r), INT64_MAX);
			assert_int_equal(channel_receive(c, &b), CHANNEL_BLOB);
			assert_true(refresh_blob(r, &b, 1) >= 0);
			assert_int_equal(refresh_due_ns(r), 0);
		}
		while (channel_receive(c, &b) == CHANNEL_BLOB)
			assert_true(refresh_blob(r, &b, 1) >= 0);
	}
	assert_true(n_full > 0);
	replayed = refresh_snapshot(r);
	assert_non_null(replayed);
	assert_int_equal(seen->n_spaces, 151);
	assert_int_equal(replayed->n_spaces, 151);
	assert_int_equal(replayed->n_notes, 0);
	assert_true(seen->n_endpoints > 0);
	assert_int_equal(replayed->n_endpoints, seen->n_endpoints);
	for (size_t i = 0; i < seen->n_endpoints; i++)
		assert_int_equal(replayed->endpoints[i].id, seen->endpoints[i].id);
	table_unref(seen);
	table_unref(replayed);
	refresh_free(r);
	channel_free(c);
	close(kept);
	host_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_namespace_of_the_list_is_looked_at),
		cmocka_unit_test(owners_wait_for_the_listeners_of_all_namespaces),
		cmocka_unit_test(namespaces_come_and_go),
		cmocka_unit_test(an_answer_out_of_a_vanished_namespace_finds_nobody),
		cmocka_unit_test(another_process_may_stand_for_a_namespace),
		cmocka_unit_test(a_number_given_to_a_process_elsewhere_is_not_believed),
		cmocka_unit_test(a_namespace_that_cannot_be_read_is_a_note),
		cmocka_unit_test(one_namespace_is_looked_at_alone),
		cmocka_unit_test(a_list_has_each_namespace_once_and_names_first),
		cmocka_unit_test(a_replay_through_a_full_channel_gives_what_was_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
