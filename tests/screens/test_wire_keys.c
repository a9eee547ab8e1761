/* The screen Wire: which attempts are rows, who is selected, and what keys do. */
#include <unistd.h>

#include "tests/screens/happened.h"
#include "tests/screens/wire_scenes.h"
#include "tui/export.h"

static bool is_seen(struct console *c, const char *words)
{
	return is_drawn_in(c, 120, 40, words);
}

static void the_newest_is_followed_until_another_is_chosen(void **state)
{
	struct console c;
	struct record r;

	(void)state;
	wired_open(&c, false);
	wired_typical(&c);
	assert_int_equal(wire_selected(&c.model.wire), 7);
	r = wired_attempt("192.0.2.1", 1, 20, OUTCOME_ANSWERED);
	wired_take(&c, &r);
	assert_int_equal(wire_selected(&c.model.wire), 8);
	draw_unseen(&c, 80, 24);
	press(&c, "Up");
	assert_int_equal(wire_selected(&c.model.wire), 7);
	r = wired_attempt("192.0.2.2", 2, 21, OUTCOME_ANSWERED);
	wired_take(&c, &r);
	assert_int_equal(wire_selected(&c.model.wire), 7);
	press(&c, "G");
	r = wired_attempt("192.0.2.3", 3, 22, OUTCOME_ANSWERED);
	wired_take(&c, &r);
	assert_int_equal(wire_selected(&c.model.wire), 10);
	console_release(&c);
}

static void a_row_changes_in_its_place_when_it_is_decided(void **state)
{
	struct console c;
	struct record r = wired_attempt("10.0.0.10", 40002, 16, OUTCOME_SILENT);

	(void)state;
	wired_open(&c, false);
	wired_typical(&c);
	assert_true(is_seen(&c, "waiting"));
	r.attempt.is_decided = true;
	wired_take(&c, &r);
	assert_int_equal(wire_n(&c.model.wire), 8);
	assert_int_equal(wire_at(&c.model.wire, 7)->outcome, OUTCOME_SILENT);
	console_release(&c);
}

static void a_frozen_picture_stands_and_goes_on_with_what_came(void **state)
{
	struct console c;
	struct record r = wired_attempt("192.0.2.1", 1, 20, OUTCOME_ANSWERED);

	(void)state;
	wired_open(&c, false);
	wired_typical(&c);
	draw_unseen(&c, 80, 24);
	press(&c, "z");
	wired_take(&c, &r);
	assert_int_equal(wire_n(&c.model.wire), 8);
	assert_false(is_seen(&c, "192.0.2.1"));
	press(&c, "z");
	assert_int_equal(wire_n(&c.model.wire), 9);
	assert_true(is_seen(&c, "192.0.2.1"));
	console_release(&c);
}

static void the_oldest_make_room_and_that_is_said(void **state)
{
	struct console c;

	(void)state;
	wired_open(&c, false);
	thousands_come(&c);
	assert_true(wire_n(&c.model.wire) <= WIRE_ROWS_MAX);
	assert_true(c.model.wire.attempts.n_forgotten > 0);
	assert_true(is_seen(&c, "older attempts made room"));
	assert_int_equal(wire_at(&c.model.wire, wire_n(&c.model.wire) - 1)->client_port,
			 1024 + 4999);
	console_release(&c);
}

static void what_is_not_looked_at_is_no_row(void **state)
{
	struct console c;
	struct record r = wired_attempt("192.0.2.1", 1, 20, OUTCOME_ANSWERED);

	(void)state;
	wired_open(&c, false);
	r.attempt.server_port = 8443;
	wired_take(&c, &r);
	r.attempt.server_port = 443;
	r.attempt.proto = IPPROTO_UDP;
	wired_take(&c, &r);
	assert_int_equal(wire_n(&c.model.wire), 0);
	console_release(&c);
}

static void it_is_opened_for_what_is_shown(void **state)
{
	struct console c;
	struct wire_aim *aim = &c.model.wire.aim;

	(void)state;
	fixture_console(&c, false, typical());
	draw_unseen(&c, 80, 24);
	press(&c, "Down c"); /* 53/udp */
	assert_int_equal(aim->port, 53);
	assert_int_equal(aim->proto, IPPROTO_UDP);
	assert_int_equal(press(&c, "c"), EFFECT_WIRE_END | EFFECT_DRAW);
	assert_ptr_equal(model_view(&c.model), &view_ports);
	guide_aim_port(&c.model.guide, IPPROTO_TCP, 8443);
	addr_parse(&c.model.guide.aim.client, "::ffff:192.0.2.7");
	c.model.shown[c.model.n_shown++] = &view_guide;
	assert_int_equal(press(&c, "c"), EFFECT_WIRE | EFFECT_DRAW);
	assert_int_equal(aim->port, 8443);
	assert_int_equal(aim->client.family, AF_INET);
	press(&c, "?");
	assert_int_equal(press(&c, "c"), EFFECT_DRAW); /* still there: no second capture */
	assert_ptr_equal(model_view(&c.model), &view_attempts);
	assert_int_equal(press(&c, "Esc"), EFFECT_WIRE_END | EFFECT_DRAW);
	assert_ptr_equal(model_view(&c.model), &view_guide);
	console_release(&c);
	fixture_console(&c, false, NULL);
	draw_unseen(&c, 80, 24);
	press(&c, "c");
	assert_int_equal(aim->port, 0);
	console_release(&c);
}

static void what_ends_a_file_is_asked_for(void **state)
{
	struct console c;

	(void)state;
	wired_open(&c, false);
	packets_are_saved(&c);
	draw_unseen(&c, 80, 24);
	assert_int_equal(press(&c, "Esc"), EFFECT_DRAW);
	assert_int_equal(press(&c, "n"), EFFECT_DRAW);
	assert_ptr_equal(model_view(&c.model), &view_attempts);
	assert_int_equal(press(&c, "q"), EFFECT_DRAW);
	assert_int_equal(press(&c, "Enter"), EFFECT_DRAW);
	assert_int_equal(press(&c, "c"), EFFECT_DRAW);
	assert_int_equal(press(&c, "y"), EFFECT_WIRE_END | EFFECT_DRAW);
	assert_ptr_equal(model_view(&c.model), &view_ports);
	wire_saved_at(&c.model.wire, 0)->is_closed = true;
	assert_int_equal(press(&c, "q"), EFFECT_QUIT);
	console_release(&c);
}

static void whichever_way_ends_a_file_is_asked_for_and_gone_after_a_yes(void **state)
{
	static const struct {
		const char *before, *way;
		const struct view *from, *to;
	} rows[] = {
		{"", "Esc", &view_attempts, &view_ports},
		{"", "c", &view_attempts, &view_ports},
		{"e Up", "Enter", &view_events, &view_ports}, /* the row of an event */
		{"?", ": 'ports Enter", &view_palette, &view_ports},
		{"", ": 'back Enter", &view_attempts, &view_ports},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct console c;
		struct moment_rows h;

		fixture_console(&c, false, NULL);
		happened_all(&c, &h);
		draw_unseen(&c, 80, 24);
		press(&c, "/ '443 Enter c");
		wire_begin(&c.model.wire);
		packets_are_saved(&c);
		press_each(&c, rows[i].before, 80, 24);
		assert_int_equal(press(&c, rows[i].way), EFFECT_DRAW);
		assert_true(is_seen(&c, "packets are being saved: end that? [y/N]"));
		assert_ptr_equal(model_view(&c.model), rows[i].from);
		assert_int_equal(press(&c, "n"), EFFECT_DRAW);
		assert_true(model_shows(&c.model, &view_attempts));
		press(&c, i == 3 ? "Enter" : rows[i].way);
		assert_int_equal(press(&c, "y"), EFFECT_WIRE_END | EFFECT_DRAW);
		assert_ptr_equal(model_view(&c.model), rows[i].to);
		console_release(&c);
	}
}

/* The Guide under the capture makes room for another one only after a yes, and a no leaves
 * what it is about. */
static void a_guide_under_a_file_goes_on_until_a_yes(void **state)
{
	struct moment_rows h;
	struct console c;

	(void)state;
	fixture_console(&c, false, NULL);
	happened_all(&c, &h);
	draw_unseen(&c, 80, 24);
	press(&c, "/ '443 Enter Enter Enter Enter");
	assert_ptr_equal(model_view(&c.model), &view_guide);
	press(&c, "c");
	wire_begin(&c.model.wire);
	packets_are_saved(&c);
	press_each(&c, "e", 80, 24);
	assert_int_equal(press(&c, "Enter"), EFFECT_DRAW); /* 9100 is gone */
	assert_int_equal(press(&c, "n"), EFFECT_DRAW);
	assert_int_equal(c.model.guide.aim.port, 443);
	assert_ptr_equal(model_view(&c.model), &view_events);
	press(&c, "Enter");
	assert_int_equal(press(&c, "y") & EFFECT_WIRE_END, EFFECT_WIRE_END);
	assert_int_equal(c.model.guide.aim.port, 9100);
	assert_false(model_shows(&c.model, &view_attempts));
	press(&c, ": ':22");
	assert_int_equal(press(&c, "Enter") & EFFECT_DIAGNOSE_END, EFFECT_DIAGNOSE_END);
	console_release(&c);
}

static void s_asks_for_a_capture_with_a_file_and_for_one_without(void **state)
{
	struct console c;
	struct wire_shown *w = &c.model.wire;

	(void)state;
	wired_open(&c, false);
	wired_typical(&c);
	draw_unseen(&c, 80, 24);
	assert_int_equal(press(&c, "s"), EFFECT_WIRE | EFFECT_DRAW);
	assert_string_equal(w->wanted_name, "dport-web-01-443-20261122T133207Z.pcap");
	wired_file(&c);
	assert_int_equal(press(&c, "s"), EFFECT_WIRE | EFFECT_DRAW);
	assert_string_equal(w->wanted_name, "");
	assert_int_equal(press(&c, "r"), EFFECT_DRAW); /* not while a file is written */
	console_release(&c);
	wired_open(&c, false);
	nothing_was_recorded(&c);
	assert_int_equal(press(&c, "s"), EFFECT_DRAW);
	console_release(&c);
}

static void files_are_named_again_at_the_end(void **state)
{
	struct console c;
	struct str out = {0};

	(void)state;
	wired_open(&c, false);
	wired_file(&c)->is_closed = true;
	wire_saved_at(&c.model.wire, 0)->n_packets = 1;
	strcpy(wired_file(&c)->problem, "no \x1b room");
	wire_put_saved(&c.model.wire, &out);
	assert_string_equal(
		str_text(&out),
		"dport: saved dport-web-01-443-20261122T133207Z.pcap, 1 packet\n"
		"dport: saved dport-web-01-443-20261122T133207Z.pcap; not whole: no "
		"\\x1b room\n");
	str_release(&out);
	console_release(&c);
}

static void an_attempt_keeps_its_beginning_in_a_second_capture(void **state)
{
	struct console c;
	struct record r = wired_attempt("192.0.2.1", 1, 20, OUTCOME_OPEN), later = r;
	const struct attempt *a;

	(void)state;
	wired_open(&c, false);
	r.attempt.n_syns = 3;
	wired_take(&c, &r);
	later.attempt.first_ns += 2 * NS_PER_S;
	later.attempt.outcome = OUTCOME_ANSWERED;
	later.attempt.is_decided = true;
	wired_take(&c, &later);
	a = wire_at(&c.model.wire, 0);
	assert_int_equal(wire_n(&c.model.wire), 1);
	assert_int_equal(a->first_ns, r.attempt.first_ns);
	assert_int_equal(a->n_syns, 3);
	assert_int_equal(a->events[0].at_ns, 2 * NS_PER_S);
	/* What the former one says at its end undoes nothing. */
	assert_int_equal(wire_take(&c.model.wire, &r, true), 0);
	assert_int_equal(wire_at(&c.model.wire, 0)->outcome, OUTCOME_ANSWERED);
	console_release(&c);
}

static void a_search_goes_upwards_and_esc_brings_back_what_was(void **state)
{
	struct console c;

	(void)state;
	wired_open(&c, false);
	wired_typical(&c);
	draw_unseen(&c, 80, 24);
	press(&c, "/ '203.0.113.5");
	assert_int_equal(wire_selected(&c.model.wire), 4);
	press(&c, "Esc");
	assert_int_equal(wire_selected(&c.model.wire), 7);
	press(&c, "/ 'example.org Enter");
	assert_int_equal(wire_selected(&c.model.wire), 4);
	press(&c, "Esc / 'icmp Enter");
	assert_int_equal(wire_selected(&c.model.wire), 3);
	press(&c, "/ 'eth0 Enter n");
	assert_int_equal(wire_selected(&c.model.wire), 4);
	press(&c, "/ 'nobody-has-this Enter");
	assert_true(is_seen(&c, "no attempt has"));
	press(&c, "Esc");
	assert_ptr_equal(model_view(&c.model), &view_attempts);
	press(&c, "Esc");
	assert_ptr_equal(model_view(&c.model), &view_ports);
	console_release(&c);
}

static void the_line_and_the_ladder_can_be_copied(void **state)
{
	struct console c;

	(void)state;
	wired_open(&c, false);
	wired_typical(&c);
	draw_unseen(&c, 80, 24);
	press(&c, "g");
	assert_int_equal(press(&c, "y"), EFFECT_COPY);
	assert_string_equal(
		str_text(&c.model.copy),
		"✔ answered    10.0.0.9:40001 → 10.0.0.5:443/tcp  14:31:10 +01  "
		"rtt 0.31 ms  eth0");
	assert_int_equal(press(&c, "Enter y"), EFFECT_COPY);
	assert_non_null(strstr(str_text(&c.model.copy), "SYN-ACK"));
	console_release(&c);
}

static void x_writes_the_attempts_as_the_schema_of_captures(void **state)
{
	char name[EXPORT_NAME_MAX], bytes[16384] = "";
	struct console c;
	int fds[2];

	(void)state;
	wired_open(&c, false);
	wired_typical(&c);
	draw_unseen(&c, 80, 24);
	assert_int_equal(press(&c, "x"), EFFECT_EXPORT);
	export_name(&c.model, name);
	assert_string_equal(name, "dport-web-01-20261122T133207Z-attempts.json");
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(export_write(&c.model, name, fds[1]), 0);
	assert_true(read(fds[0], bytes, sizeof(bytes) - 1) > 0);
	assert_non_null(strstr(bytes, "dport.capture/1"));
	assert_non_null(strstr(bytes, "203.0.113.5"));
	assert_non_null(strstr(bytes, "eth0"));
	close(fds[0]);
	close(fds[1]);
	console_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_is_followed_until_another_is_chosen),
		cmocka_unit_test(a_row_changes_in_its_place_when_it_is_decided),
		cmocka_unit_test(a_frozen_picture_stands_and_goes_on_with_what_came),
		cmocka_unit_test(the_oldest_make_room_and_that_is_said),
		cmocka_unit_test(what_is_not_looked_at_is_no_row),
		cmocka_unit_test(it_is_opened_for_what_is_shown),
		cmocka_unit_test(what_ends_a_file_is_asked_for),
		cmocka_unit_test(
			whichever_way_ends_a_file_is_asked_for_and_gone_after_a_yes),
		cmocka_unit_test(a_guide_under_a_file_goes_on_until_a_yes),
		cmocka_unit_test(s_asks_for_a_capture_with_a_file_and_for_one_without),
		cmocka_unit_test(files_are_named_again_at_the_end),
		cmocka_unit_test(an_attempt_keeps_its_beginning_in_a_second_capture),
		cmocka_unit_test(a_search_goes_upwards_and_esc_brings_back_what_was),
		cmocka_unit_test(the_line_and_the_ladder_can_be_copied),
		cmocka_unit_test(x_writes_the_attempts_as_the_schema_of_captures),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
