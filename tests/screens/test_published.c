/* Published ports on the screen Ports: rows of the second block, userland proxies folded
 * in. */
#include "tests/screens/golden.h"
#include "tests/screens/hosts.h"
#include "tests/screens/reached.h"
#include "tui/state/counts.h"
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

static void screens_are_as_recorded(void **state)
{
	static const struct {
		const char *name, *keys;
		int width, height;
		bool is_ascii;
	} rows[] = {
		{"published-80x24", "G Up Up", 80, 24, false},
		{"published-80x24-ascii", "G Up", 80, 24, true},
		{"published-120x40", "G Up Up", 120, 40, false},
		{"published-160x50-redirect", "G Up Up Up", 160, 50, false},
		{"published-filter-80x24", "f 'docker-proxy Enter", 80, 24, false},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct str picture = {0};
		struct desk d;

		open_desk(&d, rows[i].is_ascii);
		draw_unseen(&d.console, rows[i].width, rows[i].height);
		press(&d.console, rows[i].keys);
		draw_in(&d.console, rows[i].width, rows[i].height, &picture);
		check_picture(&picture, rows[i].width, rows[i].height, rows[i].is_ascii);
		golden_compare(rows[i].name, &picture);
		str_release(&picture);
		close_desk(&d);
	}
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
		cmocka_unit_test(rows_that_go_take_their_lines_along),
	};

	golden_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
