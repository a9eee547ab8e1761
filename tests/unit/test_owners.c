/* Owner scans: every owner that the scan saw, in whatever order it told, and none that it
 * did not see. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/sockets/owners.h"
#include "tests/unit/fixture.h"
#include "tests/unit/items.h"

#define ROOM 65536

struct process_expected {
	int32_t pid;
	uint64_t start_ticks;
	uint32_t uid;
	char state;
	const char *comm;
	const char *exe;
	bool exe_deleted;
	const char *unit;
	bool is_user_unit;
	const char *container;
};

static const struct process_expected recorded_processes[] = {
	{8, 210757, 0, 'S', "perl", "/usr/bin/perl", false, "web.service", false, ""},
	{9, 210757, 0, 'S', "server", "/srv/demo/server", false, "", false,
	 "docker:3f2ab04c5d6e"},
	{10, 210757, 0, 'Z', "server", "", false, "", false, "podman:807f6e5d4c3b"},
	{11, 210757, 0, 'S', "a) R 1 1 (b", "/srv/demo/server", false, "smtp.service",
	 false, "lxc:mail"},
	{12, 210757, 1000, 'S', "x\n\x1b[2J) Z", "/srv/demo/server", false, "", false,
	 "nspawn:build-box"},
	{13, 210757, 1000, 'S', "relay", "/srv/demo/relay", true, "echo.service", true, ""},
	{16, 210761, 33, 'S', "perl", "/usr/bin/perl", false, "web.service", false, ""},
	{17, 210761, 33, 'S', "perl", "/usr/bin/perl", false, "web.service", false, ""},
	{18, 210761, 33, 'S', "perl", "/usr/bin/perl", false, "web.service", false, ""},
};

/* process: index of the row above */
static const struct owner_link recorded_links[] = {
	{42835, 2, 3, true},  {42836, 1, 3, true},  {42837, 3, 3, false},
	{42840, 0, 3, false}, {42840, 0, 4, false}, {42840, 6, 3, false},
	{42840, 6, 4, false}, {42840, 7, 3, false}, {42840, 7, 4, false},
	{42840, 8, 3, false}, {42840, 8, 4, false}, {43324, 4, 3, false},
	{43327, 5, 5, false},
};

static struct owner_table *finish(struct owner_decoder *d)
{
	struct owner_table *t = owners_finish(d);

	assert_non_null(t);
	return t;
}

static void decode_items(struct owner_decoder *d, const struct bundle_item *items, size_t n,
			 int err)
{
	uint8_t *wire = malloc(ROOM);
	size_t len = items_put(wire, ROOM, items, n);

	assert_int_equal(owners_decode(d, wire, len), err);
	free(wire);
}

static void assert_recorded(const struct owner_table *t)
{
	assert_int_equal(t->n_processes, N_OF(recorded_processes));
	for (size_t i = 0; i < t->n_processes; i++) {
		const struct process_expected *e = &recorded_processes[i];
		const struct process_row *p = &t->processes[i];

		assert_int_equal(p->pid, e->pid);
		assert_int_equal(p->start_ticks, e->start_ticks);
		assert_int_equal(p->uid, e->uid);
		assert_int_equal(p->state, e->state);
		assert_int_equal(p->exe_deleted, e->exe_deleted);
		assert_int_equal(p->exe_error, 0);
		assert_int_equal(p->is_user_unit, e->is_user_unit);
		assert_text(e->comm, p->comm, e->comm);
		assert_text(e->comm, p->exe, e->exe);
		assert_text(e->comm, p->unit, e->unit);
		assert_text(e->comm, p->container, e->container);
	}
	assert_int_equal(t->n_links, N_OF(recorded_links));
	for (size_t i = 0; i < t->n_links; i++) {
		assert_int_equal(t->links[i].inode, recorded_links[i].inode);
		assert_int_equal(t->links[i].process, recorded_links[i].process);
		assert_int_equal(t->links[i].fd, recorded_links[i].fd);
		assert_int_equal(t->links[i].in_thread_only,
				 recorded_links[i].in_thread_only);
	}
	assert_int_equal(t->n_seen, 9);
	assert_int_equal(t->n_unread, 0);
	assert_true(t->is_whole);
}

static void a_recorded_scan_of_two_workers_gives_every_owner(void **state)
{
	struct fixture f = fixture_read("owners.bundle");
	struct owner_decoder *d = owners_new();
	struct owner_table *t;
	const struct owner_link *first;

	(void)state;
	assert_int_equal(owners_decode(d, f.bytes, f.len), 0);
	fixture_release(&f);
	t = finish(d);
	assert_recorded(t);
	assert_int_equal(owners_of(t, 42840, &first), 8);
	assert_ptr_equal(first, &t->links[3]);
	assert_int_equal(owners_of(t, 43327, &first), 1);
	assert_int_equal(owners_of(t, 42838, &first), 0);
	assert_int_equal(owners_of(t, 0, &first), 0);
	assert_int_equal(owners_of(t, UINT32_MAX, &first), 0);
	table_unref(t);
	owners_free(d);
}

/* Each item is a part of its own; a step that is prime and above their number visits them
 * all. */
static void items_may_come_in_any_order_and_in_any_parts(void **state)
{
	struct fixture f = fixture_read("owners.bundle");
	struct bundle_item items[ITEMS_MAX];
	size_t n = items_of(f.bytes, f.len, items);
	static const size_t steps[] = {1, 131, 137, 149, 211};
	struct owner_decoder *d = owners_new();

	(void)state;
	for (size_t s = 0; s < N_OF(steps); s++) {
		struct owner_table *t;

		for (size_t i = 0; i < n; i++)
			decode_items(d, &items[n - 1 - i * steps[s] % n], 1, 0);
		t = finish(d);
		assert_recorded(t);
		table_unref(t);
	}
	owners_free(d);
	fixture_release(&f);
}

static void what_is_told_twice_counts_once(void **state)
{
	struct fixture f = fixture_read("owners.bundle");
	struct owner_decoder *d = owners_new();
	struct owner_table *t;

	(void)state;
	assert_int_equal(owners_decode(d, f.bytes, f.len), 0);
	assert_int_equal(owners_decode(d, f.bytes, f.len), 0);
	t = finish(d);
	assert_int_equal(t->n_links, N_OF(recorded_links));
	assert_int_equal(t->n_processes, N_OF(recorded_processes));
	table_unref(t);
	owners_free(d);
	fixture_release(&f);
}

static void a_users_scan_says_whose_descriptors_it_could_not_read(void **state)
{
	struct fixture f = fixture_read("owners_user.bundle");
	struct owner_decoder *d = owners_new();
	struct owner_table *t;

	(void)state;
	assert_int_equal(owners_decode(d, f.bytes, f.len), 0);
	t = finish(d);
	assert_int_equal(t->n_processes, 2);
	assert_int_equal(t->processes[0].pid, 12);
	assert_int_equal(t->processes[1].pid, 13);
	assert_int_equal(t->n_seen, 10);
	assert_int_equal(t->n_unread, 8);
	assert_int_equal(t->unread_error, EACCES);
	assert_int_equal(t->unread_pid, 1);
	assert_true(t->is_whole);
	table_unref(t);
	owners_free(d);
	fixture_release(&f);
}

/* Two "scan" items at most, and whether they are all that there should be. */
static const struct {
	struct bundle_item items[2];
	bool is_whole;
	size_t n_seen, n_unread;
} scan_rows[] = {
	{{ITEM("scan", "full=1 pids=10 unread=3")}, true, 10, 3},
	{{ITEM("scan", "full=0 pids=10 unread=3\n")}, true, 10, 3},
	{{ITEM("scan", "pids=10 workers=2 new=x")}, false, 10, 0},
	{{ITEM("scan", "pids=10 workers=2"), ITEM("scan", "pids=5 unread=1 workers=2")},
	 true,
	 15,
	 1},
	{{ITEM("scan", "")}, true, 0, 0},
	{{ITEM("partial", "1")}, false, 0, 0},
};

static void a_scan_is_whole_when_every_worker_has_spoken(void **state)
{
	struct owner_decoder *d = owners_new();

	(void)state;
	for (size_t i = 0; i < N_OF(scan_rows); i++) {
		struct owner_table *t;

		decode_items(d, scan_rows[i].items, 2, 0);
		t = finish(d);
		assert_int_equal(t->is_whole, scan_rows[i].is_whole);
		assert_int_equal(t->n_seen, scan_rows[i].n_seen);
		assert_int_equal(t->n_unread, scan_rows[i].n_unread);
		table_unref(t);
	}
	owners_free(d);
}

static void the_commonest_reason_and_the_lowest_pid_stand_for_the_unread(void **state)
{
	static const struct bundle_item items[] = {
		ITEM_ERROR("30/fd", EPERM),  ITEM_ERROR("20/fd", EACCES),
		ITEM_ERROR("25/fd", EACCES), ITEM_ERROR("9/fd", 32767),
		ITEM_ERROR("8/fd", ENOENT),
	};
	struct owner_decoder *d = owners_new();
	struct owner_table *t;

	(void)state;
	decode_items(d, items, N_OF(items), 0);
	t = finish(d);
	assert_int_equal(t->n_unread, 4);
	assert_int_equal(t->unread_error, EACCES);
	assert_int_equal(t->unread_pid, 9);
	table_unref(t);
	owners_free(d);
}

static void partial_inodes_of_all_workers_are_found_again(void **state)
{
	static const struct bundle_item items[] = {
		ITEM("partial", "50 7  4294967295\n"),
		ITEM("partial", "7 1"),
		ITEM("partial", ""),
	};
	struct owner_decoder *d = owners_new();
	struct owner_table *t;

	(void)state;
	decode_items(d, items, N_OF(items), 0);
	t = finish(d);
	assert_int_equal(t->n_partial, 4);
	assert_true(owners_is_partial(t, 1));
	assert_true(owners_is_partial(t, 7));
	assert_true(owners_is_partial(t, UINT32_MAX));
	assert_false(owners_is_partial(t, 0));
	assert_false(owners_is_partial(t, 8));
	table_unref(t);
	t = finish(d);
	assert_false(owners_is_partial(t, 7));
	table_unref(t);
	owners_free(d);
}

static void put_owner(struct owner_decoder *d, uint32_t pid, uint32_t inode)
{
	char name[32], data[32];
	struct bundle_item item = {.name = {name, 0}, .data = {data, 0}};

	item.name.len = (size_t)snprintf(name, sizeof(name), "%u/fd/3", pid);
	item.data.len = (size_t)snprintf(data, sizeof(data), "socket:[%u]", inode);
	decode_items(d, &item, 1, 0);
}

/* Pids far apart and each twice, so that the index by pid grows and finds again. */
static void thousands_of_owners_keep_their_own_processes(void **state)
{
	enum { N = 3000 };
	struct owner_decoder *d = owners_new();
	struct owner_table *t;

	(void)state;
	for (uint32_t round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < N; i++)
			put_owner(d, 1 + i * 65536 % 4194301, 2 * i + round);
	}
	t = finish(d);
	assert_int_equal(t->n_processes, N);
	assert_int_equal(t->n_links, 2 * N);
	for (uint32_t i = 0; i < N; i++) {
		uint32_t pid = 1 + i * 65536 % 4194301;

		assert_int_equal(t->links[2 * i].inode, 2 * i);
		assert_int_equal(t->processes[t->links[2 * i].process].pid, pid);
		assert_int_equal(t->processes[t->links[2 * i + 1].process].pid, pid);
	}
	table_unref(t);
	owners_free(d);
}

static void a_reset_decoder_has_forgotten(void **state)
{
	struct fixture f = fixture_read("owners.bundle");
	struct owner_decoder *d = owners_new();
	struct owner_table *t;

	(void)state;
	assert_int_equal(owners_decode(d, f.bytes, f.len), 0);
	owners_reset(d);
	t = finish(d);
	assert_int_equal(t->n_processes + t->n_links + t->n_seen, 0);
	assert_false(t->is_whole);
	table_unref(t);
	owners_free(d);
	owners_free(NULL);
	fixture_release(&f);
}

static void a_scan_cut_anywhere_is_refused_but_between_items(void **state)
{
	struct fixture f = fixture_read("owners.bundle");
	struct bundle_item items[ITEMS_MAX];
	size_t n = items_of(f.bytes, f.len, items), n_whole = 0;
	struct owner_decoder *d = owners_new();

	(void)state;
	for (size_t cut = 0; cut <= f.len; cut++) {
		uint8_t *at;
		void *memory = fixture_copy(f.bytes, cut, 1, &at);
		int err = owners_decode(d, at, cut);

		assert_true(err == 0 || err == -EBADMSG);
		n_whole += err == 0;
		free(memory);
		table_unref(finish(d));
	}
	assert_int_equal(n_whole, n + 1);
	owners_free(d);
	fixture_release(&f);
}

static void any_byte_may_be_wrong(void **state)
{
	struct fixture f = fixture_read("owners.bundle");
	struct owner_decoder *d = owners_new();

	(void)state;
	for (size_t i = 0; i < f.len; i++) {
		uint8_t *at;
		void *memory = fixture_copy(f.bytes, f.len, 0, &at);
		struct owner_table *t;

		at[i] ^= (uint8_t)(1 + i % 255);
		(void)owners_decode(d, at, f.len);
		free(memory);
		t = finish(d);
		for (size_t k = 0; k < t->n_links; k++)
			assert_true(t->links[k].process < t->n_processes);
		table_unref(t);
	}
	owners_free(d);
	fixture_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recorded_scan_of_two_workers_gives_every_owner),
		cmocka_unit_test(items_may_come_in_any_order_and_in_any_parts),
		cmocka_unit_test(what_is_told_twice_counts_once),
		cmocka_unit_test(a_users_scan_says_whose_descriptors_it_could_not_read),
		cmocka_unit_test(a_scan_is_whole_when_every_worker_has_spoken),
		cmocka_unit_test(
			the_commonest_reason_and_the_lowest_pid_stand_for_the_unread),
		cmocka_unit_test(partial_inodes_of_all_workers_are_found_again),
		cmocka_unit_test(thousands_of_owners_keep_their_own_processes),
		cmocka_unit_test(a_reset_decoder_has_forgotten),
		cmocka_unit_test(a_scan_cut_anywhere_is_refused_but_between_items),
		cmocka_unit_test(any_byte_may_be_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
