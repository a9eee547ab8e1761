/* What keys do, without a terminal: the console as app.c drives it. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#include "tests/screens/hosts.h"
#include "tui/export.h"

static void look(struct console *c)
{
	struct str seen = {0};

	draw_in(c, 80, 24, &seen);
	str_release(&seen);
}

static unsigned port_of(const struct console *c)
{
	const struct endpoint *e = model_selected(&c->model);

	return e ? e->port : 0;
}

static void start(struct console *c)
{
	fixture_console(c, false, typical());
	look(c);
}

static void the_selection_stays_on_its_endpoint(void **state)
{
	static const struct row fewer[] = {
		{.port_service = "443 https", .scope = SCOPE_ANY, .limit = 511},
		{.port_service = "6379 redis", .scope = SCOPE_ANY_V4, .limit = 511},
	};
	struct console c;

	(void)state;
	start(&c);
	press(&c, "Down Down Down Down");
	assert_int_equal(port_of(&c), 443);
	model_snapshot_take(&c.model, fixture_of(fewer, 2));
	assert_int_equal(port_of(&c), 443);
	model_snapshot_take(&c.model, typical());
	assert_int_equal(port_of(&c), 443);
	press(&c, "s s S");
	assert_int_equal(port_of(&c), 443);
	press(&c, "f 'redis Enter"); /* filtered away: its place */
	assert_int_equal(port_of(&c), 6379);
	model_snapshot_take(&c.model, no_rows());
	assert_int_equal(port_of(&c), 0);
	press(&c, "Up Down PgDn G g Right Left Right y n N Esc");
	console_release(&c);
}

static void until_the_user_moves_the_first_row_is_selected(void **state)
{
	static const struct row later[] = {
		{.port_service = "443 https", .scope = SCOPE_ANY, .limit = 511},
	};
	struct console c;

	(void)state;
	fixture_console(&c, false, fixture_of(later, 1));
	look(&c);
	assert_int_equal(port_of(&c), 443);
	model_snapshot_take(&c.model, typical());
	assert_int_equal(port_of(&c), 22);
	console_release(&c);
}

static void typing_never_is_an_action(void **state)
{
	static const char letters[] = "qrzuxy?fsSnNgGhjkl/+-=";
	struct console c;

	(void)state;
	start(&c);
	press(&c, "/");
	for (size_t i = 0; letters[i]; i++)
		assert_int_equal(console_input(&c, letters[i], 0), EFFECT_DRAW);
	assert_string_equal(str_text(&c.model.field.text), letters);
	assert_ptr_equal(model_view(&c.model), &view_ports);
	assert_false(c.model.is_frozen);
	press(&c, "Esc");
	assert_int_equal(c.model.field.kind, FIELD_CLOSED);
	assert_int_equal(c.model.search.len, 0);
	assert_int_equal(port_of(&c), 22);
	console_release(&c);
}

static void search_goes_around(void **state)
{
	struct console c;

	(void)state;
	start(&c);
	press(&c, "/ 'nginx Enter");
	assert_int_equal(port_of(&c), 80);
	assert_int_equal(c.model.n_found, 2);
	press(&c, "n");
	assert_int_equal(port_of(&c), 443);
	press(&c, "n");
	assert_int_equal(port_of(&c), 80);
	press(&c, "N");
	assert_int_equal(port_of(&c), 443);
	press(&c, "Esc");
	assert_int_equal(c.model.search.len, 0);
	console_release(&c);
}

static void a_filter_is_kept_or_undone(void **state)
{
	struct console c;

	(void)state;
	start(&c);
	press(&c, "f 'nginx");
	assert_int_equal(c.model.rows.n, 2);
	press(&c, "Esc");
	assert_int_equal(c.model.rows.n, N_OF(typical_rows));
	press(&c, "f 'nginx Enter");
	assert_int_equal(c.model.rows.n, 2);
	press(&c, "f");
	console_input(&c, ' ', 0);
	press(&c, "'pid: Enter"); /* half a word is no filter: the field stays open */
	assert_int_equal(c.model.field.kind, FIELD_FILTER);
	assert_true(c.model.field_error.len > 0);
	assert_string_equal(str_text(&c.model.filter_line), "nginx ");
	press(&c, "Esc Esc");
	assert_int_equal(c.model.rows.n, N_OF(typical_rows));
	assert_null(c.model.filter);
	console_release(&c);
}

static void rows_open_and_close(void **state)
{
	struct console c;

	(void)state;
	start(&c);
	press(&c, "Right");
	assert_true(model_is_open(&c.model, model_selected(&c.model)));
	press(&c, "Down Down");
	assert_int_equal(c.model.selected.line, 2);
	assert_int_equal(port_of(&c), 22);
	press(&c, "Esc");
	assert_int_equal(c.model.selected.line, 0);
	assert_false(model_is_open(&c.model, model_selected(&c.model)));
	press(&c, "Right Left G Right Up g G");
	assert_int_equal(port_of(&c), 37013);
	assert_true(c.model.selected.line > 0);
	look(&c);
	console_release(&c);
}

static void a_frozen_picture_stands_still(void **state)
{
	struct console c;

	(void)state;
	start(&c);
	press(&c, "z");
	model_snapshot_take(&c.model, no_rows());
	model_snapshot_take(&c.model, no_rights());
	assert_int_equal(c.model.rows.n, N_OF(typical_rows));
	press(&c, "z");
	assert_int_equal(c.model.rows.n, 3);
	console_release(&c);
}

static void sorting_keeps_ties_in_order(void **state)
{
	struct console c;

	(void)state;
	start(&c);
	press(&c, "s s s");
	assert_string_equal(c.model.sort->id, "connections");
	assert_int_equal(model_endpoint(&c.model, 0)->port, 443);
	assert_int_equal(model_endpoint(&c.model, 1)->port, 80);
	assert_int_equal(model_endpoint(&c.model, 2)->port, 5432);
	press(&c, "s");
	assert_string_equal(c.model.sort->id, "queue");
	assert_int_equal(model_endpoint(&c.model, 0)->port, 443);
	assert_int_equal(model_endpoint(&c.model, 1)->port, 3000); /* was full */
	press(&c, "s S");
	assert_int_equal(model_endpoint(&c.model, 0)->port, 37013);
	console_release(&c);
}

static void effects_are_what_the_program_must_do(void **state)
{
	static const struct {
		const char *keys;
		unsigned effects;
	} rows[] = {
		{"q", EFFECT_QUIT},
		{"F10", EFFECT_QUIT},
		{"Ctrl-C", EFFECT_DRAW},
		{"Ctrl-C Ctrl-C", EFFECT_INTERRUPTED},
		{"Ctrl-Z", EFFECT_SUSPEND},
		{"/ Ctrl-Z", EFFECT_SUSPEND},
		{"Ctrl-L", EFFECT_REDRAW | EFFECT_DRAW},
		{"r", EFFECT_REFRESH | EFFECT_DRAW},
		{"F5", EFFECT_REFRESH | EFFECT_DRAW},
		{"x", EFFECT_EXPORT},
		{"y", EFFECT_COPY},
		{"+", EFFECT_INTERVAL | EFFECT_DRAW},
		{"-", EFFECT_INTERVAL | EFFECT_DRAW},
		{"- -", EFFECT_DRAW},
		{"? q", EFFECT_DRAW},
		{"? q q", EFFECT_QUIT},
		{"? Esc q", EFFECT_QUIT},
		{"? r", EFFECT_DRAW}, /* says on which screens */
		{"W", 0},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct console c;

		start(&c);
		assert_int_equal(press(&c, rows[i].keys), rows[i].effects);
		console_release(&c);
	}
}

static void a_second_interrupt_counts_only_soon(void **state)
{
	struct console c;

	(void)state;
	start(&c);
	assert_int_equal(console_input(&c, INPUT_CONTROL('C'), NS_PER_S), EFFECT_DRAW);
	assert_int_equal(console_input(&c, INPUT_CONTROL('C'), 9 * NS_PER_S), EFFECT_DRAW);
	assert_int_equal(console_input(&c, INPUT_CONTROL('C'), 10 * NS_PER_S),
			 EFFECT_INTERRUPTED);
	console_release(&c);
}

static void the_interval_stays_in_its_range(void **state)
{
	struct console c;

	(void)state;
	start(&c);
	press(&c, "+ + + + + + + +");
	assert_int_equal(c.model.interval_ns, 60 * NS_PER_S);
	press(&c, "-");
	assert_int_equal(c.model.interval_ns, 30 * NS_PER_S);
	press(&c, "- - - - - - -");
	assert_int_equal(c.model.interval_ns, NS_PER_S / 2);
	console_release(&c);
}

static void a_message_goes_after_four_seconds(void **state)
{
	struct console c;
	int64_t now = NS_PER_S;

	(void)state;
	start(&c);
	press(&c, "u");
	assert_string_equal(str_text(&c.model.message), "times in UTC");
	assert_false(model_tick(&c.model, now + 3 * NS_PER_S, FIXTURE_WALL_NS));
	assert_true(model_tick(&c.model, now + 4 * NS_PER_S, FIXTURE_WALL_NS));
	assert_int_equal(c.model.message.len, 0);
	assert_false(model_tick(&c.model, now + 5 * NS_PER_S, FIXTURE_WALL_NS));
	assert_true(model_tick(&c.model, now, FIXTURE_WALL_NS + NS_PER_S));
	console_release(&c);
}

static void what_was_said_goes_with_its_screen_but_not_what_its_key_says(void **state)
{
	struct console c;

	(void)state;
	start(&c);
	press(&c, "u e");
	assert_int_equal(c.model.message.len, 0);
	press(&c, "u Down");
	assert_string_equal(str_text(&c.model.message), "local times");
	press(&c, "Esc");
	assert_int_equal(c.model.message.len, 0);
	press(&c, ": 'utc Enter"); /* the palette closes, and it did this */
	assert_string_equal(str_text(&c.model.message), "times in UTC");
	press(&c, "/ 'a");
	assert_string_equal(str_text(&c.model.message), "times in UTC");
	console_release(&c);
}

static void what_is_copied_is_whole_and_harmless(void **state)
{
	struct console c;

	(void)state;
	start(&c);
	press(&c, "Down y");
	assert_string_equal(str_text(&c.model.copy),
			    "53/udp  domain  10.0.0.5 (eth0)  systemd-resolve 512  –  –"
			    "  systemd-resolve  systemd-resolved.service  9 d  0");
	model_snapshot_take(&c.model, hostile());
	press(&c, "g y");
	for (size_t i = 0; i < c.model.copy.len; i++)
		assert_true((unsigned char)c.model.copy.data[i] >= 0x20);
	press(&c, "Right Down y");
	assert_non_null(strstr(str_text(&c.model.copy), "every address of this host"));
	console_release(&c);
}

static void an_exports_name_is_made_of_safe_letters(void **state)
{
	struct console c;
	char name[EXPORT_NAME_MAX];

	(void)state;
	fixture_console(&c, false, typical());
	export_name(&c.model, name);
	assert_string_equal(name, "dport-web-01-ports-20261122T133207Z.json");
	model_snapshot_take(&c.model, hostile());
	export_name(&c.model, name);
	assert_string_equal(
		name, "dport-ev__7mil___-host.example.org-ports-20261122T133207Z.json");
	console_release(&c);
}

static void thousands_of_rows_are_scrolled(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, false, thousands());
	look(&c);
	press(&c, "PgDn");
	assert_int_equal(c.model.selected.row, 17);
	press(&c, "G");
	look(&c);
	assert_int_equal(c.model.selected.row, 3999);
	assert_int_equal(c.model.top.row, 3983);
	press(&c, "g");
	look(&c);
	assert_int_equal(c.model.top.row, 0);
	console_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_selection_stays_on_its_endpoint),
		cmocka_unit_test(until_the_user_moves_the_first_row_is_selected),
		cmocka_unit_test(typing_never_is_an_action),
		cmocka_unit_test(search_goes_around),
		cmocka_unit_test(a_filter_is_kept_or_undone),
		cmocka_unit_test(rows_open_and_close),
		cmocka_unit_test(a_frozen_picture_stands_still),
		cmocka_unit_test(sorting_keeps_ties_in_order),
		cmocka_unit_test(effects_are_what_the_program_must_do),
		cmocka_unit_test(a_second_interrupt_counts_only_soon),
		cmocka_unit_test(the_interval_stays_in_its_range),
		cmocka_unit_test(a_message_goes_after_four_seconds),
		cmocka_unit_test(
			what_was_said_goes_with_its_screen_but_not_what_its_key_says),
		cmocka_unit_test(what_is_copied_is_whole_and_harmless),
		cmocka_unit_test(an_exports_name_is_made_of_safe_letters),
		cmocka_unit_test(thousands_of_rows_are_scrolled),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		setlocale(LC_ALL, "C.utf8");
	setenv("TZ", "CET-1", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
