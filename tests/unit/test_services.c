/* Names of ports and users from the files' bytes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "core/services/names.h"
#include "tests/unit/fixture.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char services_file[] =
	"# Network services, Internet style\n"
	"\n"
	"tcpmux\t\t1/tcp\t\t\t\t# TCP port service multiplexer\n"
	"domain\t\t53/tcp\t\t\t\t# Domain Name Server\n"
	"domain\t\t53/udp\n"
	"http\t\t80/tcp\t\twww web\t\t# WorldWideWeb HTTP\n"
	"world-wide\t80/tcp\t\twww2\n"
	"https\t\t443/tcp#no space before\n"
	"https\t\t443/udp\n"
	"  leading\t7000/tcp\r\n"
	"last\t\t65535/tcp\n"
	"www\t\t8080/tcp\n"
	"rtmp\t\t1/ddp\n"
	"sctp-only\t9/sctp\n"
	"zero\t\t0/tcp\n"
	"too-high\t65536/tcp\n"
	"much-too-high\t99999999999999999999/tcp\n"
	"negative\t-1/tcp\n"
	"no-slash\t81\n"
	"no-number\t/tcp\n"
	"no-port\n"
	"more\t\t82/tcpx\n"
	"hex\t\t0x53/tcp\n"
	"without-newline\t9999/udp";

static const struct {
	uint16_t port;
	bool is_udp;
	const char *name; /* "": none */
} port_rows[] = {
	{1, false, "tcpmux"},     {1, true, ""},
	{53, false, "domain"},    {53, true, "domain"},
	{80, false, "http"},      {80, true, ""},
	{443, false, "https"},    {443, true, "https"},
	{7000, false, "leading"}, {65535, false, "last"},
	{8080, false, "www"},     {9, false, ""},
	{0, false, ""},           {81, false, ""},
	{82, false, ""},          {9999, true, "without-newline"},
	{65534, false, ""},
};

static const struct {
	const char *name;
	bool is_udp;
	uint16_t port; /* 0: none */
} name_rows[] = {
	{"http", false, 80},
	{"http", true, 0},
	{"www", false, 8080},
	{"web", false, 80},
	{"world-wide", false, 80},
	{"www2", false, 80},
	{"domain", true, 53},
	{"HTTP", false, 0},
	{"", false, 0},
	{"zero", false, 0},
	{"too-high", false, 0},
	{"no-slash", false, 0},
	{"rtmp", false, 0},
	{"#no", false, 0},
	{"htt", false, 0},
	{"without-newline", true, 9999},
};

static struct port_name_table *parse_services(void)
{
	struct port_name_table *t = port_names_parse(text_of(services_file));

	assert_non_null(t);
	return t;
}

static void a_port_has_the_first_name_of_the_file_by_protocol(void **state)
{
	struct port_name_table *t = parse_services();

	(void)state;
	for (size_t i = 0; i < N_OF(port_rows); i++) {
		struct text name =
			port_names_find(t, port_rows[i].port, port_rows[i].is_udp);

		if (!text_equals_str(name, port_rows[i].name))
			fail_msg("%u: %.*s", port_rows[i].port, (int)name.len, name.bytes);
	}
	table_unref(t);
}

static void a_name_or_alias_has_its_port_and_names_come_before_aliases(void **state)
{
	struct port_name_table *t = parse_services();

	(void)state;
	for (size_t i = 0; i < N_OF(name_rows); i++) {
		uint16_t port =
			port_names_port(t, text_of(name_rows[i].name), name_rows[i].is_udp);

		if (port != name_rows[i].port)
			fail_msg("%s: %u", name_rows[i].name, port);
	}
	table_unref(t);
}

static void names_are_sorted_and_aliases_stand_behind_them_as_in_the_file(void **state)
{
	static const char *const aliases[] = {"www", "web", "world-wide", "www2"};
	struct port_name_table *t = parse_services();

	(void)state;
	assert_int_equal(t->n, 10);
	for (size_t i = 1; i < t->n; i++) {
		const struct port_name *a = &t->rows[i - 1], *b = &t->rows[i];

		assert_true(a->port < b->port ||
			    (a->port == b->port && !a->is_udp && b->is_udp));
	}
	assert_int_equal(t->n_aliases, N_OF(aliases));
	for (size_t i = 0; i < t->n_aliases; i++)
		assert_true(text_equals_str(t->rows[t->n + i].name, aliases[i]));
	table_unref(t);
}

static const char passwd_file[] = "root:x:0:0:root:/root:/bin/bash\n"
				  "toor:x:0:0:second of uid 0:/root:/bin/sh\n"
				  "\n"
				  "# a comment:x:5:5::/:\n"
				  "+nis:x:6:6::/:\n"
				  "-nis:x:7:7::/:\n"
				  ":x:8:8:nameless:/:\n"
				  "no-uid:x::9::/:\n"
				  "no-fields\n"
				  "bad-uid:x:1x:1::/:\n"
				  "negative:x:-2:1::/:\n"
				  "too-high:x:4294967296:1::/:\n"
				  "nobody:x:65534:65534:nobody:/:/sbin/nologin\n"
				  "www-data:x:33:33\n"
				  "highest:x:4294967295:1::/:\n"
				  "short:x:1000";

static const struct {
	uint32_t uid;
	const char *name; /* "": none */
} user_rows[] = {
	{0, "root"},
	{33, "www-data"},
	{65534, "nobody"},
	{1000, "short"},
	{UINT32_MAX, "highest"},
	{1, ""},
	{5, ""},
	{6, ""},
	{7, ""},
	{8, ""},
	{9, ""},
	{UINT32_MAX - 1, ""},
};

static void a_user_has_the_first_name_of_the_file(void **state)
{
	struct user_table *t = users_parse(text_of(passwd_file));

	(void)state;
	assert_non_null(t);
	assert_int_equal(t->n, 5);
	for (size_t i = 0; i < N_OF(user_rows); i++) {
		if (!text_equals_str(users_find(t, user_rows[i].uid), user_rows[i].name))
			fail_msg("%u", user_rows[i].uid);
	}
	table_unref(t);
}

static void an_empty_file_gives_an_empty_table(void **state)
{
	struct port_name_table *ports = port_names_parse(TEXT_NONE);
	struct user_table *users = users_parse(TEXT_NONE);

	(void)state;
	assert_non_null(ports);
	assert_non_null(users);
	assert_int_equal(ports->n + ports->n_aliases + users->n, 0);
	assert_true(text_is_empty(port_names_find(ports, 80, false)));
	assert_int_equal(port_names_port(ports, text_of("http"), false), 0);
	assert_true(text_is_empty(users_find(users, 0)));
	table_unref(ports);
	table_unref(users);
}

static void names_outlive_the_bytes_of_the_file(void **state)
{
	uint8_t *at;
	void *memory = fixture_copy("a 1/tcp b", 9, 0, &at);
	struct port_name_table *t = port_names_parse((struct text){(char *)at, 9});

	(void)state;
	assert_non_null(t);
	memset(at, 'z', 9);
	free(memory);
	assert_true(text_equals_str(port_names_find(t, 1, false), "a"));
	assert_int_equal(port_names_port(t, text_of("b"), false), 1);
	table_unref(t);
}

static void files_cut_anywhere_lose_lines_and_gain_none(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(services_file); len++) {
		uint8_t *at;
		void *memory = fixture_copy(services_file, len, 0, &at);
		struct port_name_table *t =
			port_names_parse((struct text){(char *)at, len});

		assert_non_null(t);
		assert_in_range(t->n, 0, 10);
		assert_in_range(t->n_aliases, 0, 4);
		table_unref(t);
		free(memory);
	}
	for (size_t len = 0; len < sizeof(passwd_file); len++) {
		uint8_t *at;
		void *memory = fixture_copy(passwd_file, len, 0, &at);
		struct user_table *t = users_parse((struct text){(char *)at, len});

		assert_non_null(t);
		assert_in_range(t->n, 0, 5);
		table_unref(t);
		free(memory);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_has_the_first_name_of_the_file_by_protocol),
		cmocka_unit_test(
			a_name_or_alias_has_its_port_and_names_come_before_aliases),
		cmocka_unit_test(
			names_are_sorted_and_aliases_stand_behind_them_as_in_the_file),
		cmocka_unit_test(a_user_has_the_first_name_of_the_file),
		cmocka_unit_test(an_empty_file_gives_an_empty_table),
		cmocka_unit_test(names_outlive_the_bytes_of_the_file),
		cmocka_unit_test(files_cut_anywhere_lose_lines_and_gain_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
