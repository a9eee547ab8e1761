/*
 * The Guide and the Ladder from judgements made by hand: whole screens against
 * tests/golden/screens (UPDATE_GOLDEN=1 writes them anew), and what keys do there.
 */
#include <errno.h>

#include "tests/screens/golden.h"
#include "tests/screens/judged.h"
#include "tui/export.h"
#include "tui/view/guide/guide_words.h"

static const struct screen_row {
	const char *name;
	void (*make)(struct judged *j);
	void (*again)(struct judged *j); /* after r; NULL: not pressed */
	const char *keys;
} screens[] = {
	{"guide-waiting-*", judge_waiting, NULL, ""},
	{"guide-fault-*", judge_drop, NULL, ""},
	{"guide-fault-80x24-end", judge_drop, NULL, "G"},
	{"guide-fault-40x10", judge_drop, NULL, ""},
	{"guide-hostile-80x24-ascii-step", judge_hostile, NULL, "3"},
	{"guide-why-80x24", judge_drop, NULL, "w"},
	{"guide-prove-80x24", judge_drop, NULL, "P"},
	{"guide-two-faults-*", judge_two_faults, NULL, ""},
	{"guide-healthy-*", judge_healthy, NULL, ""},
	{"guide-untried-*", judge_untried, NULL, ""},
	{"guide-unknown-*", judge_unknown, NULL, ""},
	{"guide-no-right-*", judge_no_right, NULL, ""},
	{"guide-hostile-*", judge_hostile, NULL, ""},
	{"guide-again-waiting-80x24", judge_drop, judge_waiting, ""},
	{"guide-again-open-80x24", judge_drop, judge_healthy, ""},
	{"guide-again-untried-80x24", judge_drop, judge_untried, ""},
	{"guide-ladder-*", judge_drop, NULL, "t"},
	{"guide-ladder-open-*", judge_healthy, NULL, "t"},
	{"guide-ladder-none-*", judge_untried, NULL, "t"},
	{"guide-help-80x24", judge_drop, NULL, "?"},
	{"guide-help-120x40", judge_drop, NULL, "? PgDn"},
};

static void show_screen(const struct screen_row *row, struct golden *g)
{
	struct judged first = {0}, second = {0};
	struct console c;

	fixture_console(&c, g->is_ascii, typical());
	judged_show(&first, &c, row->make);
	draw_unseen(&c, g->width, g->height);
	if (row->again)
		judged_again(&second, &c, row->again);
	golden_press(g, &c, row->keys);
	console_release(&c);
	judged_release(&first);
	judged_release(&second);
}

static void every_screen_is_as_recorded(void **state)
{
	(void)state;
	GOLDEN_SCREENS(screens, show_screen);
}

static void every_size_can_be_drawn_and_is_harmless(void **state)
{
	void (*const makes[])(struct judged *) = {judge_hostile, judge_waiting, judge_drop,
						  judge_no_right};
	static const char *const keys[] = {"Down", "Enter", "t", "w",
					   "G",    "PgUp",  "?", "1"};

	(void)state;
	for (size_t m = 0; m < N_OF(makes); m++) {
		struct judged j = {0};
		struct console c;

		fixture_console(&c, m & 1, typical());
		judged_show(&j, &c, makes[m]);
		draw_all_sizes(&c, NULL, keys, N_OF(keys));
		console_release(&c);
		judged_release(&j);
	}
}

/* All of the body at 80x24: what scrolling shows, line by line. */
static void read_body(struct console *c, struct str *out)
{
	press(c, "g");
	for (int i = 0; i < 60; i++) {
		struct str picture = {0};

		draw_in(c, 80, 24, &picture);
		str_append(out, str_text(&picture),
			   (size_t)(strstr(str_text(&picture), "roles\n") -
				    str_text(&picture)));
		str_release(&picture);
		press(c, "Down");
	}
}

static void scrolling_shows_all_at_80x24(void **state)
{
	static const char *const words[] = {"FIREWALL DROPS IT",
					    "proven",
					    "why",
					    "way of the SYN",
					    "also",
					    "affected",
					    "changed before",
					    "not the cause",
					    "after this fix",
					    "Next",
					    "Undo",
					    "Risk",
					    "handle 27",
					    "no route back",
					    "made at",
					    "server: not listening"};
	struct judged j = {0};
	struct str all = {0};
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	judged_show(&j, &c, judge_two_faults);
	read_body(&c, &all);
	for (size_t i = 0; i < N_OF(words); i++)
		if (!strstr(str_text(&all), words[i]))
			fail_msg("'%s' is nowhere:\n%s", words[i], str_text(&all));
	str_release(&all);
	console_release(&c);
	judged_release(&j);
}

static void enter_starts_a_diagnosis_and_esc_ends_it(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	press(&c, "Down Down");
	press(&c, "Enter");
	assert_ptr_equal(model_view(&c.model), &view_question);
	assert_int_equal(press(&c, "Enter Enter"), EFFECT_DIAGNOSE | EFFECT_DRAW);
	assert_ptr_equal(model_view(&c.model), &view_guide);
	assert_int_equal(c.model.guide.aim.port, 80);
	assert_int_equal(c.model.guide.aim.proto, IPPROTO_TCP);
	assert_int_equal(c.model.guide.aim.address.family, 0);
	assert_int_equal(press(&c, "Esc"), EFFECT_DIAGNOSE_END | EFFECT_DRAW);
	assert_ptr_equal(model_view(&c.model), &view_ports);
	assert_int_equal(model_selected(&c.model)->port, 80);
	press(&c, "Up Enter"); /* 53/udp, bound to one address */
	assert_int_equal(c.model.guide.aim.proto, IPPROTO_UDP);
	assert_int_equal(c.model.guide.aim.address.family, AF_INET);
	console_release(&c);
}

static void a_trace_is_made_after_a_yes_only(void **state)
{
	struct judged j = {0};
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	judged_show(&j, &c, judge_drop);
	press(&c, "P");
	assert_int_equal(c.model.consent, CONSENT_PROVE);
	assert_non_null(strstr(str_text(&c.model.message), "[y/N]"));
	assert_int_equal(press(&c, "Enter") & EFFECT_DIAGNOSE, 0);
	assert_false(c.model.consent != CONSENT_NONE || c.model.guide.wants_proof);
	press(&c, "P");
	assert_int_equal(press(&c, "q") & (EFFECT_QUIT | EFFECT_DIAGNOSE), 0);
	assert_false(c.model.guide.wants_proof);
	press(&c, "P");
	assert_true(press(&c, "y") & EFFECT_DIAGNOSE);
	assert_true(c.model.guide.wants_proof);
	assert_true(addr_equals(&c.model.guide.aim.client, &j.d->sample.client));
	console_release(&c);
	judged_release(&j);
}

static void without_a_client_there_is_nothing_to_trace(void **state)
{
	struct judged j = {0};
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	judged_show(&j, &c, judge_untried);
	press(&c, "P");
	assert_int_equal(c.model.consent, CONSENT_NONE);
	assert_int_equal(press(&c, "y") & EFFECT_DIAGNOSE, 0);
	console_release(&c);
	judged_release(&j);
}

static void a_loopback_row_is_asked_about_as_clients_come(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	press(&c, "/ '5432 Enter Enter");
	assert_int_equal(c.model.guide.aim.port, 5432);
	assert_int_equal(c.model.guide.aim.address.family, 0);
	console_release(&c);
}

static void what_is_typed_is_aimed_at(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	console_open_target(&c, "443/udp");
	assert_int_equal(c.model.guide.aim.port, 443);
	assert_int_equal(c.model.guide.aim.proto, IPPROTO_UDP);
	console_open_target(&c, "web1:8443");
	assert_int_equal(c.model.guide.aim.port, 8443);
	assert_string_equal(c.model.guide.host, "web1");
	console_open_target(&c, "[2001:db8::1]:22");
	assert_int_equal(c.model.guide.aim.address.family, AF_INET6);
	press(&c, "Esc");
	assert_int_equal(console_open_target(&c, "a b"), 0);
	assert_true(c.model.message.len > 0);
	assert_ptr_equal(model_view(&c.model), &view_ports);
	console_release(&c);
}

static void a_name_with_both_transports_means_the_served_one(void **state)
{
	static const struct row udp = {.port_service = "7161 both", .proto = PROTO_UDP};
	struct snapshot *s = fixture_of(&udp, 1);
	struct console c;

	(void)state;
	s->port_names = port_names_parse(text_of("both 7161/tcp\nboth 7161/udp\n"));
	assert_non_null(s->port_names);
	fixture_console(&c, false, s);
	console_open_target(&c, "both");
	assert_int_equal(c.model.guide.aim.port, 7161);
	assert_int_equal(c.model.guide.aim.proto, IPPROTO_UDP);
	assert_int_equal(c.model.message.len, 0); /* it is one port, not two */
	console_release(&c);
}

static void a_word_of_a_filter_is_no_target(void **state)
{
	static const char *const targets[] = {
		"443",           "443/udp",           "https",
		"web1:443",      "[2001:db8::1]:443", "10.0.0.5:53/udp",
		"https://web1/x"};
	static const char *const filters[] = {"port:443",   "PORT:443",   "nginx",
					      "8000-8100",  "!udp",       "state:full",
					      "10.0.0.0/8", "netns:blue", ""};

	(void)state;
	for (size_t i = 0; i < N_OF(targets); i++)
		assert_true(guide_is_target(targets[i]));
	for (size_t i = 0; i < N_OF(filters); i++)
		assert_false(guide_is_target(filters[i]));
}

static void keys_walk_through_the_steps(void **state)
{
	struct judged j = {0};
	struct console c;
	struct guide *g = &c.model.guide;

	(void)state;
	fixture_console(&c, false, typical());
	judged_show(&j, &c, judge_drop);
	draw_unseen(&c, 80, 24);
	assert_int_equal(g->step, STEP_FIREWALL); /* the cause's own */
	press(&c, "2");
	assert_int_equal(g->step, STEP_SERVER);
	assert_true(g->is_unfolded[STEP_SERVER]);
	press(&c, "Enter");
	assert_int_equal(g->step, STEP_FIREWALL);
	assert_true(g->is_unfolded[STEP_FIREWALL] && !g->is_unfolded[STEP_SERVER]);
	press(&c, "w");
	assert_false(g->is_unfolded[STEP_FIREWALL]);
	press(&c, "Up Right");
	assert_true(g->is_unfolded[STEP_SERVER]);
	assert_int_equal(press(&c, "Esc"), EFFECT_DRAW);
	assert_false(g->is_unfolded[STEP_SERVER]);
	press(&c, "t");
	assert_ptr_equal(model_view(&c.model), &view_ladder);
	press(&c, "?");
	press(&c, "Esc");
	assert_ptr_equal(model_view(&c.model), &view_ladder);
	press(&c, "Esc");
	assert_ptr_equal(model_view(&c.model), &view_guide);
	assert_int_equal(press(&c, "q"), EFFECT_QUIT);
	console_release(&c);
	judged_release(&j);
}

static void enter_alone_leads_through_all_and_looks_again(void **state)
{
	struct judged j = {0};
	struct console c;
	struct guide *g = &c.model.guide;

	(void)state;
	fixture_console(&c, false, typical());
	judged_show(&j, &c, judge_drop);
	draw_unseen(&c, 80, 24);
	for (int s = STEP_FIREWALL; s < N_STEPS; s++) {
		assert_int_equal(press(&c, "Enter"), EFFECT_DRAW);
		assert_true(g->is_unfolded[s] && (int)g->step == s);
	}
	assert_int_equal(press(&c, "Enter"), EFFECT_DRAW); /* what to do */
	assert_true(g->is_at_end);
	press(&c, "Up");
	assert_int_equal(press(&c, "Enter"), EFFECT_DRAW);
	while (!g->is_at_end)
		press(&c, "Enter");
	assert_true(press(&c, "Enter") & EFFECT_DIAGNOSE);
	assert_non_null(strstr(str_text(&g->before.words), "handle 27"));
	console_release(&c);
	judged_release(&j);
}

/* The role of the headline, and whether it has these words. */
static enum role headline(const struct console *c, const char *words)
{
	struct str text = {0};
	enum role role = guide_headline(&c->model, &text);

	if (!strstr(str_text(&text), words))
		fail_msg("not '%s' but '%s'", words, str_text(&text));
	str_release(&text);
	return role;
}

static void a_fault_stays_red_until_its_client_got_through(void **state)
{
	struct judged first = {0}, second = {0}, third = {0}, fourth = {0};
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	judged_show(&first, &c, judge_drop);
	assert_int_equal(headline(&c, "FIREWALL DROPS IT"), ROLE_BAD);
	judged_again(&second, &c, judge_untried);
	assert_int_equal(headline(&c, "NO CLIENT GOT THROUGH YET"), ROLE_BAD);
	judged_again(&third, &c, judge_waiting);
	judged_again(&fourth, &c, judge_healthy);
	assert_int_equal(headline(&c, "OPEN"), ROLE_GOOD);
	assert_non_null(strstr(str_text(&c.model.guide.before.words), "handle 27"));
	console_release(&c);
	judged_release(&first);
	judged_release(&second);
	judged_release(&third);
	judged_release(&fourth);
}

static void another_clients_handshake_proves_nothing(void **state)
{
	struct judged first = {0}, second = {0};
	struct attempt other = judged_attempt(OUTCOME_ANSWERED);
	struct console c;

	(void)state;
	fixture_console(&c, false, typical());
	judged_show(&first, &c, judge_drop);
	judged_again(&second, &c, judge_untried);
	addr_parse(&other.client, "10.0.0.9");
	judged_saw(&second, &other);
	assert_int_equal(headline(&c, "NO CLIENT GOT THROUGH YET"), ROLE_BAD);
	assert_true(guide_is_unproven(&c.model.guide));
	console_release(&c);
	judged_release(&first);
	judged_release(&second);
}

static void a_ticket_is_copied_and_a_file_written(void **state)
{
	char name[EXPORT_NAME_MAX], text[4096] = "";
	struct judged j = {0};
	struct console c;
	FILE *f = tmpfile();

	(void)state;
	fixture_console(&c, false, typical());
	press(&c, "/ '443 Enter Enter Enter Enter");
	assert_int_equal(press(&c, "y"), EFFECT_DRAW); /* there is nothing yet */
	assert_int_equal(press(&c, "x"), EFFECT_DRAW);
	press(&c, "Esc");
	judged_show(&j, &c, judge_drop);
	assert_int_equal(press(&c, "y"), EFFECT_COPY);
	assert_non_null(strstr(str_text(&c.model.copy), "handle 27 (proven)"));
	assert_int_equal(press(&c, "x"), EFFECT_EXPORT);
	export_name(&c.model, name);
	assert_string_equal(name, "dport-443-tcp-20261122T133207Z.md");
	assert_non_null(f);
	assert_int_equal(export_write(&c.model, name, fileno(f)), 0);
	rewind(f);
	assert_true(fread(text, 1, sizeof(text) - 1, f) > 0);
	assert_int_equal(strncmp(text, "# 443/tcp", 9), 0);
	fclose(f);
	press(&c, "Esc"); /* it is left before the file is there */
	assert_int_equal(export_write(&c.model, name, -1), -ENODATA);
	console_release(&c);
	judged_release(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_screen_is_as_recorded),
		cmocka_unit_test(every_size_can_be_drawn_and_is_harmless),
		cmocka_unit_test(scrolling_shows_all_at_80x24),
		cmocka_unit_test(enter_starts_a_diagnosis_and_esc_ends_it),
		cmocka_unit_test(a_trace_is_made_after_a_yes_only),
		cmocka_unit_test(without_a_client_there_is_nothing_to_trace),
		cmocka_unit_test(a_loopback_row_is_asked_about_as_clients_come),
		cmocka_unit_test(what_is_typed_is_aimed_at),
		cmocka_unit_test(a_name_with_both_transports_means_the_served_one),
		cmocka_unit_test(a_word_of_a_filter_is_no_target),
		cmocka_unit_test(keys_walk_through_the_steps),
		cmocka_unit_test(enter_alone_leads_through_all_and_looks_again),
		cmocka_unit_test(a_fault_stays_red_until_its_client_got_through),
		cmocka_unit_test(another_clients_handshake_proves_nothing),
		cmocka_unit_test(a_ticket_is_copied_and_a_file_written),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
