/* Published ports on the screen Ports: rows of the second block, userland proxies folded
 * in. */
#include "tests/screens/golden.h"
#include "tests/screens/hosts.h"
#include "tests/screens/reached.h"
#include "tui/state/counts.h"
#include "tui/state/details.h"
#include "tui/state/published.h"

static const struct row host_rows[] = {
	{.port_service = "22 ssh",
	 .scope = SCOPE_ANY,
	 .comm = "sshd",
	 .pid = 812,
	 .limit = 128},
	{.port_service = "3129",
	 .scope = SCOPE_ANY_V4,
	 .comm = "squid",
	 .pid = 700,
	 .limit = 511},
	{.port_service = "8080 http-alt",
	 .scope = SCOPE_ANY,
	 .comm = "docker-proxy",
	 .pid = 901,
	 .limit = 4096},
	{.port_service = "9000",
	 .scope = SCOPE_ANY,
	 .comm = "docker-proxy",
	 .pid = 902,
	 .limit = 4096},
	{.port_service = "80 http",
	 .scope = SCOPE_ANY,
	 .comm = "nginx",
	 .pid = 44,
	 .limit = 511,
	 .space = 1},
};

static struct snapshot *engine_host(void)
{
	struct fixture f = fixture_new(N_OF(host_rows));

	fixture_address(&f);
	fixture_space(&f, "web");
	for (size_t i = 0; i < N_OF(host_rows); i++)
		fixture_add(&f, &host_rows[i]);
	return f.s;
}

static struct addr address(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, text), 0);
	return a;
}

/* What the rules of such a host come to. */
static struct published_table *rows_of(struct snapshot *s)
{
	const struct published_row rows[] = {
		{.id = 1,
		 .proto = IPPROTO_TCP,
		 .port = 3128,
		 .asked = address("10.0.0.5"),
		 .n_asked = 2,
		 .to_port = 3129,
		 .is_here = true,
		 .space = &s->spaces[0],
		 .endpoint = &s->endpoints[1],
		 .is_served = TRI_YES},
		{.id = 2,
		 .proto = IPPROTO_TCP,
		 .port = 8080,
		 .asked = address("10.0.0.5"),
		 .n_asked = 1,
		 .to = address("172.17.0.2"),
		 .to_port = 80,
		 .space = &s->spaces[1],
		 .endpoint = &s->endpoints[4],
		 .is_served = TRI_YES},
		{.id = 3,
		 .proto = IPPROTO_TCP,
		 .port = 8443,
		 .asked = address("10.0.0.5"),
		 .n_asked = 1,
		 .to = address("172.17.0.2"),
		 .to_port = 443,
		 .space = &s->spaces[1],
		 .is_served = TRI_NO},
		{.id = 4,
		 .proto = IPPROTO_UDP,
		 .port = 5353,
		 .asked = address("10.0.0.5"),
		 .n_asked = 1,
		 .to = address("fd00::9"),
		 .to_port = 53,
		 .is_served = TRI_UNSURE},
	};
	struct published_table *t = table_new(sizeof(*t), NULL);

	t->rows = arena_alloc(&t->head.arena, sizeof(rows));
	memcpy(t->rows, rows, sizeof(rows));
	t->n = N_OF(rows);
	return t;
}

struct desk {
	struct console console;
	struct published published;
	struct reach reach;
};

static void open_desk(struct desk *d, bool is_ascii)
{
	static const struct ruleset no_rules;
	struct snapshot *s = engine_host();

	*d = (struct desk){.reach = reached_nobody_asked(s)};
	d->published.has_looked = true;
	assert_int_equal(published_take(&d->published, rows_of(s), &no_rules), 0);
	assert_true(published_tell(&d->published, 1, "nobody"));
	assert_true(published_tell(&d->published, 2, "any"));
	assert_false(published_tell(&d->published, 2, "any"));
	((struct published_word *)published_word(&d->published, 1))->unseen_by = "ufw";
	fixture_console(&d->console, is_ascii, NULL);
	d->console.model.reach = &d->reach;
	d->console.model.published = &d->published;
	model_snapshot_take(&d->console.model, s);
}

static void close_desk(struct desk *d)
{
	console_release(&d->console);
	published_release(&d->published);
	reach_release(&d->reach);
}

static const struct screen_row {
	const char *name, *keys;
} screens[] = {
	{"published-*", "G Up Up"},
	{"published-200x60-redirect", "G Up Up Up"},
	{"published-filter-80x24", "f 'docker-proxy Enter"},
};

static void show_screen(const struct screen_row *row, struct golden *g)
{
	struct desk d;

	open_desk(&d, g->is_ascii);
	golden_press(g, &d.console, row->keys);
	close_desk(&d);
}

static void screens_are_as_recorded(void **state)
{
	(void)state;
	GOLDEN_SCREENS(screens, show_screen);
}

static void a_proxy_is_folded_only_into_the_row_of_its_port(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, false);
	/* 22, 3129, 9000 and the one in the other namespace: not 8080. */
	assert_int_equal(d.console.model.rows.n, 4);
	assert_int_equal(
		published_of_proxy(&d.published, &d.console.model.snapshot->endpoints[2]),
		1);
	assert_true(published_of_proxy(&d.published,
				       &d.console.model.snapshot->endpoints[3]) < 0);
	assert_true(published_of_proxy(&d.published,
				       &d.console.model.snapshot->endpoints[0]) < 0);
	close_desk(&d);
}

static bool is_on_screen(struct desk *d, const char *words)
{
	struct str picture = {0};
	bool is_there;

	draw_in(&d->console, 120, 40, &picture);
	is_there = strstr(str_text(&picture), words) != NULL;
	str_release(&picture);
	return is_there;
}

static void a_folded_proxy_is_opened_and_closed_on_the_row_of_its_port(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, false);
	draw_unseen(&d.console, 120, 40);
	press(&d.console, "G Up Up Right");
	assert_int_equal(d.console.model.rows.n, 5);
	assert_true(is_on_screen(&d, "docker-proxy 901   0/4096"));
	assert_true(is_on_screen(&d, "8080/tcp at 10.0.0.5"));
	press(&d.console, "Left");
	assert_int_equal(d.console.model.rows.n, 4);
	assert_false(is_on_screen(&d, "docker-proxy 901   0/4096"));
	close_desk(&d);
}

static void an_opened_proxy_is_closed_on_its_own_row_too(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, false);
	draw_unseen(&d.console, 120, 40);
	press(&d.console, "G Up Up Right g Down Down");
	assert_ptr_equal(model_selected(&d.console.model),
			 &d.console.model.snapshot->endpoints[2]);
	press(&d.console, "Left");
	assert_int_equal(d.console.model.rows.n, 4);
	close_desk(&d);
}

static void details_are_of_the_server_behind_or_else_of_the_proxy(void **state)
{
	struct published_row *row;
	struct desk d;

	(void)state;
	open_desk(&d, false);
	draw_unseen(&d.console, 120, 40);
	press(&d.console, "G Up Up d");
	assert_ptr_equal(details_endpoint(&d.console.model),
			 &d.console.model.snapshot->endpoints[4]);
	press(&d.console, "d");
	row = &d.published.table->rows[1];
	row->endpoint = NULL;
	press(&d.console, "d");
	assert_ptr_equal(details_endpoint(&d.console.model),
			 &d.console.model.snapshot->endpoints[2]);
	close_desk(&d);
}

/* The look into other namespaces is another picture than the one that rows are of. */
static void details_are_found_in_the_picture_of_the_other_namespaces(void **state)
{
	struct snapshot *other = engine_host();
	struct published_table *t = rows_of(other);
	static const struct ruleset no_rules;
	struct desk d;

	(void)state;
	open_desk(&d, false);
	t->snapshot = other;
	other->endpoints[4].id = 0xfeed;
	assert_int_equal(published_take(&d.published, t, &no_rules), 0);
	model_arrange(&d.console.model);
	draw_unseen(&d.console, 120, 40);
	press(&d.console, "G Up Up d");
	assert_ptr_equal(details_endpoint(&d.console.model), &other->endpoints[4]);
	assert_null(counts_of(&d.console.model, &other->endpoints[4]));
	assert_true(is_on_screen(&d, "nginx 44"));
	close_desk(&d);
	table_unref(other);
}

static void a_namespace_without_a_name_goes_by_its_container(void **state)
{
	struct published_row *row;
	struct space nameless;
	struct desk d;

	(void)state;
	open_desk(&d, false);
	row = &d.published.table->rows[1];
	nameless = *row->space;
	nameless.name = text_of("pid 4711");
	row->space = &nameless;
	draw_unseen(&d.console, 120, 40);
	press(&d.console, "G Up Up");
	assert_true(is_on_screen(&d, "172.17.0.2:80 in pid 4711"));
	row->container = text_of("docker:3f2a77c01b9e");
	assert_true(is_on_screen(&d, "172.17.0.2:80 in docker:3f2a77c01b9e"));
	nameless.name = text_of("web");
	assert_true(is_on_screen(&d, "172.17.0.2:80 in web \302\267 docker:3f2a77c01b9e"));
	close_desk(&d);
}

static void rows_that_go_take_their_lines_along(void **state)
{
	struct published_table *none = table_new(sizeof(*none), NULL);
	static const struct ruleset no_rules;
	struct desk d;

	(void)state;
	open_desk(&d, false);
	assert_int_equal(counts_n_lines(&d.console.model), 4);
	assert_int_equal(published_take(&d.published, none, &no_rules), 0);
	/* Before the model is arranged anew its lines are none, not others. */
	assert_null(counts_published(&d.console.model, 0));
	model_arrange(&d.console.model);
	assert_int_equal(counts_n_lines(&d.console.model), 0);
	assert_int_equal(d.console.model.rows.n, 5);
	close_desk(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(screens_are_as_recorded),
		cmocka_unit_test(a_proxy_is_folded_only_into_the_row_of_its_port),
		cmocka_unit_test(
			a_folded_proxy_is_opened_and_closed_on_the_row_of_its_port),
		cmocka_unit_test(an_opened_proxy_is_closed_on_its_own_row_too),
		cmocka_unit_test(details_are_of_the_server_behind_or_else_of_the_proxy),
		cmocka_unit_test(details_are_found_in_the_picture_of_the_other_namespaces),
		cmocka_unit_test(a_namespace_without_a_name_goes_by_its_container),
		cmocka_unit_test(rows_that_go_take_their_lines_along),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
