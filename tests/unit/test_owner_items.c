/* The items of an owner scan: which make an owner of a process, which are damaged. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/sockets/owners.h"
#include "tests/unit/items.h"

#define ROOM 4096

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

#define STAT ITEM("7/stat", "7 (x) S 1 7 7 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 99 0 0")
#define TASK ITEM("7/task", "S 1 99 x) y")
#define EUID ITEM("7/euid", "5")
#define FD   ITEM("7/fd/3", "socket:[40]")

/* What the items of one process make of it. */
static const struct {
	const char *name;
	struct bundle_item items[6];
	size_t n_processes, n_links;
	size_t n_unread;
} fate_rows[] = {
	{"all is told", {STAT, EUID, FD}, 1, 1, 0},
	{"all is told by a walk over tasks", {TASK, EUID, FD}, 1, 1, 0},
	{"the descriptor came first", {FD, EUID, STAT}, 1, 1, 0},
	{"only the descriptor was told", {FD}, 1, 1, 0},
	{"no descriptor", {STAT, EUID}, 0, 0, 0},
	{"vanished before stat", {FD, ITEM_ERROR("7/stat", ENOENT)}, 0, 0, 0},
	{"vanished at stat", {FD, ITEM_ERROR("7/stat", ESRCH)}, 0, 0, 0},
	{"vanished at cgroup", {STAT, FD, ITEM_ERROR("7/cgroup", ESRCH)}, 0, 0, 0},
	{"vanished at exe", {STAT, FD, ITEM_ERROR("7/exe", ESRCH)}, 0, 0, 0},
	{"vanished at its descriptors", {STAT, FD, ITEM_ERROR("7/fd", ENOENT)}, 0, 0, 0},
	{"no exe", {STAT, FD, ITEM_ERROR("7/exe", ENOENT)}, 1, 1, 0},
	{"exe not readable", {STAT, FD, ITEM_ERROR("7/exe", EACCES)}, 1, 1, 0},
	{"stat not readable", {FD, ITEM_ERROR("7/stat", EACCES)}, 1, 1, 0},
	{"descriptors not readable", {ITEM_ERROR("7/fd", EPERM)}, 0, 0, 1},
	{"the same said again",
	 {ITEM_ERROR("7/fd", EPERM), ITEM_ERROR("7/fd", EPERM)},
	 0,
	 0,
	 1},
	{"descriptor closed meanwhile", {STAT, ITEM_ERROR("7/fd/3", ENOENT)}, 0, 0, 0},
	{"of a thread", {STAT, ITEM("7/task/8/fd/3", "socket:[40]")}, 1, 1, 0},
	{"of two threads",
	 {ITEM("7/task/8/fd/3", "socket:[40]"), ITEM("7/task/9/fd/3", "socket:[40]")},
	 1,
	 1,
	 0},
	{"two sockets", {FD, ITEM("7/fd/4", "socket:[41]")}, 1, 2, 0},
	{"two descriptors", {FD, ITEM("7/fd/4", "socket:[40]")}, 1, 2, 0},
	{"two processes", {FD, ITEM("9/fd/3", "socket:[40]")}, 2, 2, 0},
	{"largest numbers",
	 {ITEM("2147483647/fd/2147483647", "socket:[4294967295]")},
	 1,
	 1,
	 0},
	{"unknown items",
	 {FD, ITEM("7/cmdline", "x"), ITEM("other", "y"), ITEM("7fd/3", "z")},
	 1,
	 1,
	 0},
	{"no descriptor's name",
	 {ITEM("7/fd/", "a"), ITEM("7/fd/3x", "b"), ITEM("7/task/8fd/3", "c"),
	  ITEM("7/task/8xfd/3", "d"), ITEM("7/fd/2147483648", "e")},
	 0,
	 0,
	 0},
	{"no thread's name",
	 {ITEM("7/task/x/fd/3", "a"), ITEM("7/task//fd/3", "b"), ITEM("7/task/8", "c")},
	 0,
	 0,
	 0},
	{"no pid",
	 {ITEM("2147483648/fd/3", "socket:[40]"), ITEM("/fd/3", "a"), ITEM("-7/fd/3", "b"),
	  ITEM("", "c")},
	 0,
	 0,
	 0},
};

static void the_items_of_a_process_decide_whether_it_is_an_owner(void **state)
{
	struct owner_decoder *d = owners_new();

	(void)state;
	for (size_t i = 0; i < N_OF(fate_rows); i++) {
		struct owner_table *t;

		decode_items(d, fate_rows[i].items, N_OF(fate_rows[i].items), 0);
		t = finish(d);
		if (t->n_processes != fate_rows[i].n_processes ||
		    t->n_links != fate_rows[i].n_links ||
		    t->n_unread != fate_rows[i].n_unread)
			fail_msg("%s: %zu processes, %zu links, %zu unread",
				 fate_rows[i].name, t->n_processes, t->n_links,
				 t->n_unread);
		assert_false(t->is_whole);
		table_unref(t);
	}
	owners_free(d);
}

static void a_walk_over_tasks_tells_what_stat_tells(void **state)
{
	static const struct bundle_item items[] = {TASK, EUID, FD};
	struct owner_decoder *d = owners_new();
	struct owner_table *t;

	(void)state;
	decode_items(d, items, N_OF(items), 0);
	t = finish(d);
	assert_int_equal(t->n_processes, 1);
	assert_int_equal(t->processes[0].state, 'S');
	assert_int_equal(t->processes[0].parent, 1);
	assert_int_equal(t->processes[0].start_ticks, 99);
	assert_true(text_equals_str(t->processes[0].comm, "x) y"));
	table_unref(t);
	owners_free(d);
}

/* Each is damaged; the descriptor behind it is kept. */
static const struct bundle_item damaged_items[] = {
	ITEM("7/stat", ""),
	ITEM("7/stat", "7 x S 1"),
	ITEM("7/stat", "7 (x) S 1 7 7 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0"),
	ITEM("7/stat", "7 (x) S 1 7 7 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 x 0"),
	ITEM("7/task", ""),
	ITEM("7/task", "S"),
	ITEM("7/task", "S 1 99"),
	ITEM("7/task", "S x 99 name"),
	ITEM("7/task", "S 2147483648 99 name"),
	ITEM("7/task", "S 1 -1 name"),
	ITEM("7/euid", ""),
	ITEM("7/euid", "5 "),
	ITEM("7/euid", "-1"),
	ITEM("7/euid", "4294967296"),
	ITEM("7/fd/4", "pipe:[40]"),
	ITEM("7/fd/4", "socket:[]"),
	ITEM("7/fd/4", "socket:[40"),
	ITEM("7/fd/4", "socket:[40]x"),
	ITEM("7/fd/4", "socket:[4294967296]"),
	ITEM("7/fd/4", ""),
	ITEM("scan", "full=1 pids=x"),
	ITEM("scan", "pids=3 unread="),
	ITEM("partial", "1 2 x"),
	ITEM("partial", "4294967296"),
};

static void a_damaged_item_is_told_and_the_others_are_kept(void **state)
{
	struct owner_decoder *d = owners_new();
	const struct owner_link *first;

	(void)state;
	for (size_t i = 0; i < N_OF(damaged_items); i++) {
		const struct bundle_item items[] = {damaged_items[i], FD};
		struct owner_table *t;

		decode_items(d, items, 2, -EBADMSG);
		t = finish(d);
		assert_int_equal(owners_of(t, 40, &first), 1);
		assert_int_equal(t->n_links, 1);
		table_unref(t);
	}
	owners_free(d);
}

static void what_was_not_told_of_a_process_is_not_known(void **state)
{
	static const struct bundle_item items[] = {
		ITEM("7/fd/3", "socket:[40]"),
		ITEM_ERROR("7/exe", EACCES),
		ITEM("8/fd/3", "socket:[40]"),
		ITEM_ERROR("8/exe", ENOENT),
	};
	struct owner_decoder *d = owners_new();
	struct owner_table *t;

	(void)state;
	decode_items(d, items, N_OF(items), 0);
	t = finish(d);
	assert_int_equal(t->processes[0].uid, UINT32_MAX);
	assert_int_equal(t->processes[0].state, 0);
	assert_int_equal(t->processes[0].exe_error, EACCES);
	assert_int_equal(t->processes[1].exe_error, 0);
	assert_text("comm", t->processes[0].comm, "");
	assert_text("exe", t->processes[1].exe, "");
	table_unref(t);
	owners_free(d);
}

static void a_process_own_descriptor_outweighs_that_of_its_thread(void **state)
{
	static const struct bundle_item items[] = {
		ITEM("7/task/8/fd/3", "socket:[40]"),
		ITEM("7/fd/3", "socket:[40]"),
	};
	struct owner_decoder *d = owners_new();
	struct owner_table *t;

	(void)state;
	decode_items(d, items, N_OF(items), 0);
	t = finish(d);
	assert_int_equal(t->n_links, 1);
	assert_false(t->links[0].in_thread_only);
	table_unref(t);
	owners_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_items_of_a_process_decide_whether_it_is_an_owner),
		cmocka_unit_test(a_walk_over_tasks_tells_what_stat_tells),
		cmocka_unit_test(a_damaged_item_is_told_and_the_others_are_kept),
		cmocka_unit_test(what_was_not_told_of_a_process_is_not_known),
		cmocka_unit_test(a_process_own_descriptor_outweighs_that_of_its_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
