/*
 * The screen Path from ways that were walked by hand: whole screens against
 * tests/golden/screens (UPDATE_GOLDEN=1 writes them anew), and what keys do there.
 */
#include "tests/screens/golden.h"

#include "tests/screens/hosts.h"
#include "tests/unit/path_host.h"
#include "tui/export.h"
#include "tui/state/path_field.h"

#define CLIENT "203.0.113.9"
#define SERVER "10.0.0.5"

/* A console and what it shows; the host's rules are made before. */
struct shown {
	struct console console;
	struct path_page page;
};

static struct evidence evidence_of_host(void)
{
	return (struct evidence){.snapshot = host.snapshot,
				 .space = &host.snapshot->spaces[0],
				 .rules = host.has_no_rules ? NULL : &host.rules.r,
				 .settings = &host.settings,
				 .neighbours = &host.neighbours,
				 .responses = &host.responses};
}

static void show(struct shown *s, bool is_ascii, const struct path_ask *ask)
{
	struct path_aim aim = {.ask = *ask};

	fixture_console(&s->console, is_ascii, typical());
	press(&s->console, "p");
	path_shown_aim(&s->console.model.path, &aim);
	s->page =
		(struct path_page){.path = host_walk(*ask), .evidence = evidence_of_host()};
	path_shown_take(&s->console.model.path, &s->page, FIXTURE_WALL_NS, NULL);
}

static void hide(struct shown *s)
{
	console_release(&s->console);
}

/* ---- hosts ---- */

static void name_chain(const char *table, const char *chain)
{
	host.rules.tables[0].name = text_of(table);
	host.rules.chains[0].name = text_of(chain);
}

static struct path_ask an_open_way(void)
{
	return syn(CLIENT, SERVER, 80);
}

static struct path_ask a_drop(void)
{
	base_in(FW_INPUT, 0, false);
	name_chain("filter", "input");
	HOST_RULE(X_PORT_IS(80), X_COUNTER);
	HOST_RULE(X_FROM_DOC, X_PORT_IS(80), X_DROP);
	return syn(CLIENT, SERVER, 80);
}

/* Nothing lets it in; two rules nearly do. */
static struct path_ask a_policy(void)
{
	base_in(FW_INPUT, 0, true);
	name_chain("filter", "input");
	HOST_RULE(X_META(NFT_META_IIFNAME, 0), X_EQ(0, 'e', 't', 'h', '1', 0),
		  X_PORT_IS(80), X_ACCEPT);
	HOST_RULE(X_SADDR(0), X_EQ(0, 198, 51, 100, 7), X_PORT_IS(80), X_ACCEPT);
	return syn(CLIENT, SERVER, 80);
}

static struct path_ask a_doubt(void)
{
	base_in(FW_INPUT, 0, true);
	name_chain("filter", "input");
	HOST_RULE(X_FROM_DOC, X_PORT_IS(80), X_LIMIT, X_ACCEPT);
	return syn(CLIENT, SERVER, 80);
}

static struct path_ask anyone(void)
{
	a_drop();
	return syn(NULL, SERVER, 80);
}

static struct path_ask a_published_port(void)
{
	struct path_ask ask = syn(CLIENT, SERVER, 8080);

	host_forwards(true);
	host.out_ifindex = ETH1;
	host.gateway = hand_addr("192.168.7.254");
	nat_in(FW_PREROUTING);
	name_chain("nat", "DOCKER");
	HOST_RULE(X_PORT_IS(8080), X_LET(0, 192, 168, 7, 80), X_LET(4, 0, 80),
		  X_DNAT(true, true));
	ask.in_ifindex = ETH0;
	return ask;
}

static struct path_ask nobody_serves(void)
{
	return syn(CLIENT, SERVER, 81);
}

static struct path_ask no_right(void)
{
	host.has_no_rules = true;
	return syn(CLIENT, SERVER, 80);
}

static struct path_ask a_reply_drop(void)
{
	base_in(FW_OUTPUT, 0, false);
	name_chain("filter", "output");
	HOST_RULE(X_DROP);
	return syn(CLIENT, SERVER, 80);
}

static struct path_ask sixty_rules(void)
{
	base_in(FW_INPUT, 0, true);
	name_chain("filter", "input");
	for (int i = 0; i < HAND_RULES - 2; i++)
		HOST_RULE(X_PORT_IS(80), X_COUNTER);
	return syn(CLIENT, SERVER, 80);
}

static struct path_ask hostile_names(void)
{
	struct path_ask ask = a_drop();

	name_chain("\x1b[31m\xe2\x80\xae\xff", "evil\\x1b[2J\ttab \xcc\x81 policy drop");
	host.rules.rules[1].comment = text_of("\x1b[2J\n</script>\xe2\x80\xae");
	return ask;
}

static const struct screen_row {
	const char *name;
	struct path_ask (*make)(void);
	const char *keys;
} screens[] = {
	{"path-open-*", an_open_way, ""},
	{"path-drop-*", a_drop, ""},
	{"path-drop-40x10", a_drop, ""},
	{"path-drop-80x24-whole", a_drop, "Enter"},
	{"path-drop-80x24-left", a_drop, "Left"},
	{"path-policy-*", a_policy, ""},
	{"path-doubt-*", a_doubt, ""},
	{"path-anyone-*", anyone, ""},
	{"path-published-*", a_published_port, ""},
	{"path-published-80x24-back", a_published_port, "Down"},
	{"path-unserved-*", nobody_serves, ""},
	{"path-no-right-*", no_right, ""},
	{"path-reply-*", a_reply_drop, ""},
	{"path-many-*", sixty_rules, "Enter PgDn"},
	{"path-hostile-*", hostile_names, "Enter"},
	{"path-field-80x24", a_drop, "i Ctrl-U 'from"},
	{"path-field-40x10", a_drop, "i"},
	{"path-help-80x24", a_drop, "?"},
};

static void show_screen(const struct screen_row *row, struct golden *g)
{
	struct path_ask ask;
	struct shown s;

	host_start(NULL);
	ask = row->make();
	show(&s, g->is_ascii, &ask);
	golden_press(g, &s.console, row->keys);
	hide(&s);
	host_end(NULL);
}

static void every_screen_is_as_recorded(void **state)
{
	(void)state;
	GOLDEN_SCREENS(screens, show_screen);
}

static void every_size_can_be_drawn_and_is_harmless(void **state)
{
	struct path_ask (*const makes[])(void) = {hostile_names, a_published_port, a_doubt,
						  no_right};
	static const char *const keys[] = {"Right", "Enter", "Down", "PgDn", "Left", "G",
					   "Up",    "i",     "Esc",  "?",    "?",    "g"};

	(void)state;
	for (size_t i = 0; i < N_OF(makes); i++) {
		struct path_ask ask;
		struct shown s;

		host_start(NULL);
		ask = makes[i]();
		show(&s, i & 1, &ask);
		draw_all_sizes(&s.console, NULL, keys, N_OF(keys));
		hide(&s);
		host_end(NULL);
	}
}

/* ---- before there is a way ---- */

static const struct early_row {
	const char *name, *failure, *words;
} early[] = {
	{"path-waiting-*", NULL, "reading rules, routes and settings"},
	{"path-failed-*", "the namespace could not be read",
	 "the namespace could not be read; r tries again"},
};

static void show_early(const struct early_row *row, struct golden *g)
{
	struct console c;

	fixture_console(&c, g->is_ascii, typical());
	assert_int_equal(press(&c, "Down Down p"),
			 EFFECT_PATH | EFFECT_PATH_ANEW | EFFECT_DRAW);
	assert_ptr_equal(model_view(&c.model), &view_path);
	if (row->failure)
		path_shown_take(&c.model.path, NULL, 0, row->failure);
	golden_draw(g, &c);
	assert_non_null(strstr(str_text(&g->picture), row->words));
	assert_int_equal(press(&c, "y"), EFFECT_DRAW);
	assert_int_equal(press(&c, "x"), EFFECT_DRAW);
	console_release(&c);
}

static void what_is_on_its_way_or_failed_is_said(void **state)
{
	(void)state;
	GOLDEN_SCREENS(early, show_early);
}

/* ---- what is aimed at ---- */

static void the_packet_is_that_of_the_selected_row(void **state)
{
	static const struct {
		const char *keys, *line;
	} rows[] = {
		{"Down Down p", "from anyone to 10.0.0.5:80 tcp"},
		{"Down p", "from anyone to 10.0.0.5:53 udp"},
		{"/ '5432 Enter p", "from 127.0.0.1 to 127.0.0.1:5432 tcp"},
		{"/ '8443 Enter p", "from anyone to 10.9.9.9:8443 tcp"},
		{"/ '9100 Enter p",
		 "from anyone to [2001:db8:1234:5678:9abc:def0:1234:5678]:9100 tcp"},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct str line = {0};
		struct console c;

		fixture_console(&c, false, typical());
		press(&c, rows[i].keys);
		path_field_put(&line, &c.model);
		assert_string_equal(str_text(&line), rows[i].line);
		str_release(&line);
		console_release(&c);
	}
}

static void without_a_row_the_screen_stays(void **state)
{
	struct console c;

	(void)state;
	fixture_console(&c, false, no_rows());
	assert_int_equal(press(&c, "p"), EFFECT_DRAW);
	assert_ptr_equal(model_view(&c.model), &view_ports);
	console_release(&c);
}

/* ---- keys ---- */

static struct path_shown *open_drop(struct shown *s)
{
	struct path_ask ask = a_drop();

	show(s, false, &ask);
	draw_unseen(&s->console, 80, 24);
	return &s->console.model.path;
}

static enum place_kind place_of(const struct path_shown *p)
{
	return path_place_hop(p, p->selected)->place;
}

static void the_deciding_place_is_chosen_and_arrows_walk(void **state)
{
	struct shown s;
	struct path_shown *p = open_drop(&s);

	(void)state;
	assert_int_equal(place_of(p), PLACE_INPUT);
	press(&s.console, "Left Left");
	assert_int_equal(place_of(p), PLACE_PREROUTING);
	press(&s.console, "l l l l l");
	assert_int_equal(place_of(p), PLACE_INPUT);
	press(&s.console, "h h h h h h");
	assert_int_equal(place_of(p), PLACE_INGRESS);
	hide(&s);
}

static void up_and_down_lead_to_the_way_back_and_again(void **state)
{
	struct path_ask ask = an_open_way();
	struct shown s;
	struct path_shown *p = &s.console.model.path;

	(void)state;
	show(&s, false, &ask);
	assert_int_equal(place_of(p), PLACE_SOCKET);
	press(&s.console, "Down");
	assert_int_equal(path_shown_place(p, p->selected)->lane, 1);
	press(&s.console, "Down Up");
	assert_int_equal(path_shown_place(p, p->selected)->lane, 0);
	hide(&s);
}

static void enter_shows_all_and_esc_leaves_one_after_the_other(void **state)
{
	struct shown s;
	struct path_shown *p = open_drop(&s);

	(void)state;
	press(&s.console, "Enter");
	assert_true(p->is_wide);
	press(&s.console, "Esc");
	assert_false(p->is_wide);
	assert_ptr_equal(model_view(&s.console.model), &view_path);
	press(&s.console, "Esc");
	assert_ptr_equal(model_view(&s.console.model), &view_ports);
	hide(&s);
}

static void another_packet_is_typed_and_an_empty_line_brings_the_first_back(void **state)
{
	struct shown s;
	struct path_shown *p = open_drop(&s);
	struct model *m = &s.console.model;

	(void)state;
	press(&s.console, "i");
	assert_string_equal(str_text(&m->field.text),
			    "from 203.0.113.9:40000 to 10.0.0.5:80 tcp");
	press(&s.console, "Ctrl-U 'from");
	assert_string_equal(str_text(&m->field_error),
			    "from what? it takes ADDR, ADDR:PORT, here or anyone");
	assert_int_equal(press(&s.console, "Enter"), EFFECT_DRAW);
	assert_int_equal(m->field.kind, FIELD_PATH);
	press(&s.console, "Space '198.51.100.7 Space 'to Space ':443");
	assert_int_equal(m->field_error.len, 0);
	assert_int_equal(press(&s.console, "Enter"), EFFECT_PATH | EFFECT_DRAW);
	assert_int_equal(m->field.kind, FIELD_CLOSED);
	assert_int_equal(p->ask.server_port, 443);
	assert_int_equal(p->ask.client_port, 0);
	assert_true(p->is_running);
	press(&s.console, "i");
	assert_string_equal(str_text(&m->field.text), "from 198.51.100.7 to :443");
	assert_int_equal(press(&s.console, "Ctrl-U Enter"), EFFECT_PATH | EFFECT_DRAW);
	assert_int_equal(p->ask.server_port, 80);
	assert_int_equal(p->ask.client_port, 40000);
	assert_int_equal(p->line.len, 0);
	hide(&s);
}

static void esc_in_the_field_leaves_the_packet_as_it_was(void **state)
{
	struct shown s;
	struct path_shown *p = open_drop(&s);

	(void)state;
	press(&s.console, "i Ctrl-U 'xyz Esc");
	assert_int_equal(s.console.model.field.kind, FIELD_CLOSED);
	assert_int_equal(s.console.model.field_error.len, 0);
	assert_int_equal(p->ask.server_port, 80);
	assert_false(p->is_running);
	assert_ptr_equal(model_view(&s.console.model), &view_path);
	hide(&s);
}

/* The kernel numbers the changes of nf_tables alone. */
static void rules_whose_changes_nobody_tells_are_named(void **state)
{
	static struct fw_ipset ipset;
	struct path_ask ask = a_drop();
	struct shown s;

	(void)state;
	show(&s, false, &ask);
	check_drawn(&s.console, 200, 60, "are seen only after r", false);
	host.rules.tables[0].backend = FW_LEGACY;
	check_drawn(&s.console, 200, 60,
		    "; changes of iptables-legacy rules are seen only after r", true);
	host.rules.r.ipsets = &ipset;
	host.rules.r.n_ipsets = 1;
	check_drawn(
		&s.console, 200, 60,
		"; changes of iptables-legacy rules and of ipsets are seen only after r",
		true);
	s.console.model.around.replay = "session.tar";
	check_drawn(&s.console, 200, 60, "are seen only after r", false);
	host.rules.r.n_ipsets = 0;
	host.rules.r.ipsets = NULL;
	hide(&s);
}

static void copied_and_exported_is_what_the_command_prints(void **state)
{
	struct shown s;
	struct str text = {0};
	char name[EXPORT_NAME_MAX];

	(void)state;
	open_drop(&s);
	assert_int_equal(press(&s.console, "y"), EFFECT_COPY);
	path_text(&text, &s.page, TEXT_UTF8);
	assert_string_equal(str_text(&s.console.model.copy), str_text(&text));
	assert_int_equal(press(&s.console, "x"), EFFECT_EXPORT);
	export_name(&s.console.model, name);
	assert_string_equal(name, "dport-path-80-tcp-20261122T133207Z.md");
	str_release(&text);
	hide(&s);
}

static void a_new_answer_keeps_the_chosen_place(void **state)
{
	struct shown s;
	struct path_shown *p = open_drop(&s);

	(void)state;
	press(&s.console, "Left");
	path_shown_take(p, &s.page, FIXTURE_WALL_NS, NULL);
	assert_int_equal(place_of(p), PLACE_ROUTE);
	assert_int_equal(press(&s.console, "r"),
			 EFFECT_PATH | EFFECT_PATH_ANEW | EFFECT_DRAW);
	assert_true(p->is_running);
	hide(&s);
}

static int set_up(void **state)
{
	(void)state;
	golden_locale();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_screen_is_as_recorded),
		cmocka_unit_test(every_size_can_be_drawn_and_is_harmless),
		cmocka_unit_test(what_is_on_its_way_or_failed_is_said),
		cmocka_unit_test(the_packet_is_that_of_the_selected_row),
		cmocka_unit_test(without_a_row_the_screen_stays),
		IN_HOST(the_deciding_place_is_chosen_and_arrows_walk),
		IN_HOST(up_and_down_lead_to_the_way_back_and_again),
		IN_HOST(enter_shows_all_and_esc_leaves_one_after_the_other),
		IN_HOST(another_packet_is_typed_and_an_empty_line_brings_the_first_back),
		IN_HOST(esc_in_the_field_leaves_the_packet_as_it_was),
		IN_HOST(rules_whose_changes_nobody_tells_are_named),
		IN_HOST(copied_and_exported_is_what_the_command_prints),
		IN_HOST(a_new_answer_keeps_the_chosen_place),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
