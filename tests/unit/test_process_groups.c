/* What control groups count against their limits: read and decoded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>

#include "core/sockets/processes.h"
#include "tests/unit/evidence_ear.h"
#include "tests/unit/items.h"

#define MEMORY "low 0\nhigh 7\nmax 12\noom 3\noom_kill 2\noom_group_kill 1\n"

static const struct bundle_item items[] = {
	ITEM("812/memory.events", MEMORY),
	ITEM("812/pids.events", "max 41\n"),
	ITEM_ERROR("90/memory.events", ENOENT),
	ITEM("91/memory.events", "oom_kill many\nmaximum 4\n"),
	ITEM("91/pids.events", "maximum 4\n"),
	ITEM("92/memory.events", "low 0\noom_kill 0\n"),
	ITEM("92/pids.events", "max 0\n"),
};

static struct process_state_table *table_of_items(void)
{
	uint8_t bytes[4096];
	size_t len = items_put(bytes, sizeof(bytes), items, N_OF(items));
	struct process_state_decoder *d = process_states_new();
	struct process_state_table *t;

	assert_int_equal(process_states_decode(d, bytes, len), 0);
	t = process_states_finish(d);
	assert_non_null(t);
	process_states_free(d);
	return t;
}

static void the_events_of_a_group_become_numbers(void **state)
{
	static const struct {
		int32_t pid;
		int64_t n_killed, n_refused_forks;
	} rows[] = {{812, 2, 41}, {90, -1, -1}, {91, -1, -1}, {92, 0, 0}};
	struct process_state_table *t = table_of_items();

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		const struct process_state *s = process_states_find(t, rows[i].pid);

		assert_non_null(s);
		assert_int_equal(s->n_killed, rows[i].n_killed);
		assert_int_equal(s->n_refused_forks, rows[i].n_refused_forks);
		assert_int_equal(s->error, 0);
	}
	table_unref(t);
}

static int read_processes(const void *ask, struct bundle_out *out, enum blob_status *status)
{
	(void)status;
	return process_states_read(ask, out);
}

/* Of the root, and where the controllers are of v1, there are no such files. */
static void the_group_of_a_process_is_read_or_it_is_said_why_not(void **state)
{
	struct pid_list one = {{(uint32_t)getpid()}, 1};
	struct bundle_item item;
	char name[48];

	(void)state;
	snprintf(name, sizeof(name), "%d/memory.events", (int)getpid());
	hear(read_processes, &one);
	item = heard_item(name);
	assert_true(item.error == ENOENT || item_has(item, "oom_kill "));
	free(heard.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_events_of_a_group_become_numbers),
		cmocka_unit_test(the_group_of_a_process_is_read_or_it_is_said_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
