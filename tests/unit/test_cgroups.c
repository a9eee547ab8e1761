/* The tree of control groups: every id gives its path, and nothing else does. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/sockets/cgroups.h"
#include "tests/unit/fixture.h"
#include "tests/unit/items.h"

static const struct {
	uint64_t id;
	const char *path;
} path_rows[] = {
	{0, ""},
	{1, "/"},
	{2, ""},
	{25, "/system.slice"},
	{44, "/system.slice/web.service"},
	{158, "/user.slice/user-1000.slice/user@1000.service/app.slice/echo.service"},
	{272, "/lxc.payload.mail/system.slice/smtp.service"},
	{291, "/init.scope"},
	{310, "/machine.slice/machine-build\\x2dbox.scope"},
	{311, ""},
	{UINT64_MAX, ""},
};

/* One item each, what decoding it gives, and how many rows it makes. */
static const struct {
	struct bundle_item item;
	int err;
	size_t n;
} item_rows[] = {
	{ITEM("a", "18446744073709551615"), 0, 1},
	{ITEM("a", "7\n"), 0, 1},
	{ITEM("", "7"), 0, 1},
	{ITEM("a", "0"), 0, 0},
	{ITEM_ERROR("a", ENOENT), 0, 0},
	{ITEM_ERROR("a", EACCES), 0, 0},
	{ITEM("a", ""), -EBADMSG, 0},
	{ITEM("a", "x"), -EBADMSG, 0},
	{ITEM("a", "7x"), -EBADMSG, 0},
	{ITEM("a", "-7"), -EBADMSG, 0},
	{ITEM("a", "18446744073709551616"), -EBADMSG, 0},
	{ITEM("a", "99999999999999999999999"), -EBADMSG, 0},
};

static struct cgroup_table *finish(struct cgroup_decoder *d)
{
	struct cgroup_table *t = cgroups_finish(d);

	assert_non_null(t);
	return t;
}

static void every_id_of_a_recorded_tree_gives_its_path(void **state)
{
	struct fixture f = fixture_read("cgroups.bundle");
	struct cgroup_decoder *d = cgroups_new();
	struct cgroup_table *t;

	(void)state;
	assert_int_equal(cgroups_decode(d, f.bytes, f.len), 0);
	fixture_release(&f);
	t = finish(d);
	assert_int_equal(t->n, 17);
	for (size_t i = 0; i < N_OF(path_rows); i++)
		assert_text(path_rows[i].path, cgroups_path(t, path_rows[i].id),
			    path_rows[i].path);
	for (size_t i = 1; i < t->n; i++)
		assert_true(t->rows[i - 1].id < t->rows[i].id);
	table_unref(t);
	cgroups_free(d);
}

static void an_item_is_a_path_and_a_number_or_nothing(void **state)
{
	struct cgroup_decoder *d = cgroups_new();
	uint8_t wire[128];

	(void)state;
	for (size_t i = 0; i < N_OF(item_rows); i++) {
		size_t len = items_put(wire, sizeof(wire), &item_rows[i].item, 1);
		struct cgroup_table *t;

		assert_int_equal(cgroups_decode(d, wire, len), item_rows[i].err);
		t = finish(d);
		assert_int_equal(t->n, item_rows[i].n);
		table_unref(t);
	}
	cgroups_free(d);
}

static void what_stands_beside_a_damaged_item_is_kept(void **state)
{
	static const struct bundle_item items[] = {ITEM("a", "5"), ITEM("b", "?"),
						   ITEM("c", "6")};
	struct cgroup_decoder *d = cgroups_new();
	struct cgroup_table *t;
	uint8_t wire[128];
	size_t len = items_put(wire, sizeof(wire), items, N_OF(items));

	(void)state;
	assert_int_equal(cgroups_decode(d, wire, len), -EBADMSG);
	assert_int_equal(cgroups_decode(d, wire, len - 1), -EBADMSG);
	t = finish(d);
	assert_text("c", cgroups_path(t, 6), "/c");
	table_unref(t);
	cgroups_free(d);
}

static void a_reset_decoder_has_forgotten(void **state)
{
	static const struct bundle_item items[] = {ITEM("a", "5")};
	struct cgroup_decoder *d = cgroups_new();
	struct cgroup_table *t;
	uint8_t wire[64];
	size_t len = items_put(wire, sizeof(wire), items, 1);

	(void)state;
	assert_int_equal(cgroups_decode(d, wire, len), 0);
	cgroups_reset(d);
	t = finish(d);
	assert_int_equal(t->n, 0);
	assert_text("5", cgroups_path(t, 5), "");
	table_unref(t);
	cgroups_free(d);
	cgroups_free(NULL);
}

static void a_tree_cut_anywhere_is_refused_but_between_items(void **state)
{
	struct fixture f = fixture_read("cgroups.bundle");
	struct cgroup_decoder *d = cgroups_new();
	size_t n_whole = 0;

	(void)state;
	for (size_t cut = 0; cut <= f.len; cut++) {
		uint8_t *at;
		void *memory = fixture_copy(f.bytes, cut, 0, &at);
		int err = cgroups_decode(d, at, cut);

		assert_true(err == 0 || err == -EBADMSG);
		n_whole += err == 0;
		free(memory);
		cgroups_reset(d);
	}
	assert_int_equal(n_whole, 18);
	cgroups_free(d);
	fixture_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_id_of_a_recorded_tree_gives_its_path),
		cmocka_unit_test(an_item_is_a_path_and_a_number_or_nothing),
		cmocka_unit_test(what_stands_beside_a_damaged_item_is_kept),
		cmocka_unit_test(a_reset_decoder_has_forgotten),
		cmocka_unit_test(a_tree_cut_anywhere_is_refused_but_between_items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
