/* What systemctl show prints, as rows. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "core/services/unit_states.h"
#include "tests/unit/items.h"

static struct unit_state_table *table_of(const struct bundle_item *items, size_t n,
					 int result)
{
	uint8_t bytes[4096];
	size_t len = items_put(bytes, sizeof(bytes), items, n);
	struct unit_state_decoder *d = unit_states_new();
	struct unit_state_table *t;

	assert_non_null(d);
	assert_int_equal(unit_states_decode(d, bytes, len), result);
	t = unit_states_finish(d);
	assert_non_null(t);
	unit_states_free(d);
	return t;
}

static void each_unit_becomes_a_row(void **state)
{
	/* As systemd 255 prints it, cut between two parts. */
	static const struct bundle_item items[] = {
		ITEM("units", "MainPID=0\nNRestarts=5\nExecMainCode=1\nExecMainStatus=1\n"
			      "Result=exit-code\nId=web.service\nActiveState=failed\n"
			      "SubState=failed\n\nResult=success\nTriggers=a.service\n"
			      "Listen=/run/a (Stream)\nListen=[::]:443 (Stream)\n"
			      "Listen=0.0.0.0:53 (Datagram)\n"
			      "Listen=kobject-uevent 1 (Netlink)\nId=a.soc"),
		ITEM("elsewhere", "Id=none.service\n\n"),
		ITEM("units", "ket\nActiveState=active\nSubState=listening\n\n"
			      "MainPID=7\nNRestarts=0\nExecMainCode=2\nExecMainStatus=9\n"
			      "Result=oom-kill\nId=z.service\nActiveState=activating\n"
			      "SubState=auto-restart\n"),
	};
	struct unit_state_table *t = table_of(items, N_OF(items), 0);
	const struct unit_state *web = unit_states_find(t, text_of("web.service"));
	const struct unit_state *z = unit_states_find(t, text_of("z.service"));

	(void)state;
	assert_int_equal(t->n, 3);
	assert_text("first", t->rows[0].id, "a.socket");
	assert_false(unit_state_is_down(&t->rows[0]));
	assert_text("triggers", t->rows[0].triggers, "a.service");
	assert_int_equal(t->rows[0].n_ports, 2);
	assert_ptr_equal(unit_states_at(t, 443, true), &t->rows[0]);
	assert_ptr_equal(unit_states_at(t, 53, false), &t->rows[0]);
	assert_null(unit_states_at(t, 53, true));
	assert_null(unit_states_at(t, 1, true));
	assert_non_null(web);
	assert_true(unit_state_is_down(web));
	assert_int_equal(web->n_restarts, 5);
	assert_int_equal(web->exit_status, 1);
	assert_false(web->was_killed);
	assert_text("result", web->result, "exit-code");
	assert_non_null(z);
	assert_true(unit_state_is_down(z));
	assert_true(z->was_killed);
	assert_int_equal(z->exit_status, 9);
	assert_int_equal(z->main_pid, 7);
	assert_null(unit_states_find(t, text_of("none.service")));
	assert_null(unit_states_find(NULL, text_of("web.service")));
	table_unref(t);
}

static void what_starts_or_was_stopped_is_not_down(void **state)
{
	static const struct {
		const char *active, *sub;
		bool is_down;
	} rows[] = {
		{"active", "running", false},      {"inactive", "dead", false},
		{"activating", "start", false},    {"activating", "auto-restart", true},
		{"deactivating", "stop", false},   {"failed", "failed", true},
		{"active", "auto-restart", false}, {"", "", false},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct unit_state u = {.active = text_of(rows[i].active),
				       .sub = text_of(rows[i].sub)};

		assert_int_equal(unit_state_is_down(&u), rows[i].is_down);
	}
}

static void damage_and_errors_are_kept_apart(void **state)
{
	static const struct bundle_item items[] = {
		ITEM("units", "no value\n=x\nId=\nNRestarts=many\n\nId=a.service\n"
			      "NRestarts=99999999999\nExecMainStatus=-1\n"),
		ITEM_ERROR("units", ETIMEDOUT),
	};
	struct unit_state_table *t = table_of(items, N_OF(items), 0);

	(void)state;
	assert_int_equal(t->error, ETIMEDOUT);
	assert_int_equal(t->n, 1);
	assert_int_equal(t->rows[0].n_restarts, 0);
	assert_int_equal(t->rows[0].exit_status, 0);
	table_unref(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_unit_becomes_a_row),
		cmocka_unit_test(what_starts_or_was_stopped_is_not_down),
		cmocka_unit_test(damage_and_errors_are_kept_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
