/* How processes do: state, descriptors, freezer. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "core/sockets/processes.h"
#include "tests/unit/items.h"

#define STAT(pid, comm, state)                                                             \
	pid " (" comm ") " state " 1 1 1 0 -1 4194560 0 0 0 0 250 50 0 0 20 0 5 0 4711 0 " \
	    "0\n"
#define LIMITS                                                                             \
	"Limit                     Soft Limit           Hard Limit           Units     \n" \
	"Max processes             62713                62713                processes \n" \
	"Max open files            1024                 524288               files     \n"

static const struct bundle_item items[] = {
	ITEM("812/stat", STAT("812", "a) Z 1", "T")),
	ITEM("812/status", "Name:\ta\nState:\tS (sleeping)\nThreads:\t9\n"),
	ITEM("812/limits", LIMITS),
	ITEM("812/wchan", "do_signal_stop"),
	ITEM("812/n_fds", "1024\n"),
	ITEM("812/frozen", "1"),
	ITEM_ERROR("90/stat", ENOENT),
	ITEM_ERROR("91/n_fds", EACCES),
	ITEM("91/status", "State:\tD (disk sleep)\nThreads:\t3\n"),
	ITEM("91/limits",
	     "Max open files            unlimited            unlimited   files\n"),
	ITEM("91/frozen", "0"),
	ITEM("91/elsewhere", "0"),
	ITEM("x/stat", "0"),
	ITEM("812/cmdline", "nginx: \033[2J\0-g\0daemon off;\0\0"),
	{.name = {"91/cmdline", 10}, .data = {"java\0-jar", 9}, .error = EMSGSIZE},
	ITEM_ERROR("90/cmdline", EACCES),
};

static struct process_state_table *table_of(const struct bundle_item *rows, size_t n,
					    int result)
{
	uint8_t bytes[4096];
	size_t len = items_put(bytes, sizeof(bytes), rows, n);
	struct process_state_decoder *d = process_states_new();
	struct process_state_table *t;

	assert_int_equal(process_states_decode(d, bytes, len), result);
	t = process_states_finish(d);
	assert_non_null(t);
	process_states_free(d);
	return t;
}

static void the_items_of_a_process_become_one_row(void **state)
{
	struct process_state_table *t = table_of(items, N_OF(items), 0);
	const struct process_state *p = process_states_find(t, 812);

	(void)state;
	assert_int_equal(t->n, 3);
	assert_non_null(p);
	assert_int_equal(p->state, 'T');
	assert_int_equal(p->start_ticks, 4711);
	assert_int_equal(p->n_threads, 5);
	assert_int_equal(p->cpu_ticks, 300);
	assert_int_equal(p->n_fds, 1024);
	assert_int_equal(p->fd_limit, 1024);
	assert_int_equal(p->is_frozen, TRI_YES);
	assert_int_equal(p->error, 0);
	assert_text("wchan", p->wchan, "do_signal_stop");
	table_unref(t);
}

static void what_was_not_told_is_not_made_up(void **state)
{
	struct process_state_table *t = table_of(items, N_OF(items), 0);
	const struct process_state *gone = process_states_find(t, 90);
	const struct process_state *shy = process_states_find(t, 91);

	(void)state;
	assert_int_equal(gone->error, ENOENT);
	assert_int_equal(gone->state, 0);
	assert_int_equal(gone->n_fds, -1);
	assert_int_equal(gone->is_frozen, TRI_UNSURE);
	assert_int_equal(shy->error, 0);
	assert_int_equal(shy->n_fds, -1);
	assert_int_equal(shy->state, 'D');
	assert_int_equal(shy->n_threads, 3);
	assert_int_equal(shy->fd_limit, INT64_MAX);
	assert_int_equal(shy->is_frozen, TRI_NO);
	assert_null(process_states_find(t, 92));
	table_unref(t);
}

static void a_command_line_is_told_with_blanks_and_whether_it_goes_on(void **state)
{
	struct process_state_table *t = table_of(items, N_OF(items), 0);
	const struct process_state *whole = process_states_find(t, 812);
	const struct process_state *cut = process_states_find(t, 91);
	const struct process_state *none = process_states_find(t, 90);

	(void)state;
	assert_text("cmdline", whole->cmdline, "nginx: \033[2J -g daemon off;");
	assert_true(whole->has_cmdline && !whole->is_cmdline_cut);
	assert_text("cmdline", cut->cmdline, "java -jar");
	assert_true(cut->has_cmdline && cut->is_cmdline_cut);
	assert_false(none->has_cmdline);
	assert_int_equal(none->error, ENOENT); /* of its stat */
	table_unref(t);
}

static void a_command_line_longer_than_is_kept_is_cut(void **state)
{
	static char bytes[2 * PROCESS_CMDLINE_MAX];
	struct bundle_item item = {.name = text_of("7/cmdline"),
				   .data = {bytes, sizeof(bytes)}};
	struct process_state_table *t;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	t = table_of(&item, 1, 0);
	assert_int_equal(t->rows[0].cmdline.len, PROCESS_CMDLINE_MAX);
	assert_true(t->rows[0].is_cmdline_cut);
	table_unref(t);
}

static void damaged_items_leave_the_others(void **state)
{
	static const struct bundle_item damaged[] = {
		ITEM("5/stat", "5 (a) S 1"),
		ITEM("5/n_fds", "many"),
		ITEM("5/limits", "Max open files            -4"),
		ITEM("5/wchan", "0"),
	};
	struct process_state_table *t = table_of(damaged, N_OF(damaged), -EBADMSG);

	(void)state;
	assert_int_equal(t->n, 1);
	assert_int_equal(t->rows[0].n_fds, -1);
	assert_int_equal(t->rows[0].fd_limit, -1);
	assert_text("wchan", t->rows[0].wchan, "0");
	table_unref(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_items_of_a_process_become_one_row),
		cmocka_unit_test(what_was_not_told_is_not_made_up),
		cmocka_unit_test(a_command_line_is_told_with_blanks_and_whether_it_goes_on),
		cmocka_unit_test(a_command_line_longer_than_is_kept_is_cut),
		cmocka_unit_test(damaged_items_leave_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
