/* The line in which a packet is typed: what it means, what is refused, and back again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "tui/state/path_line.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static struct link_row link_rows[] = {{.ifindex = 2, .name = {"eth0", 4}},
				      {.ifindex = 3, .name = {"eth1", 4}}};
static struct link_table links = {.rows = link_rows, .n = 2};
static struct address_row address_rows[] = {
	{.local = {AF_INET, {10, 0, 0, 5}}, .ifindex = 2},
	{.local = {AF_INET, {127, 0, 0, 1}}, .ifindex = 1},
	{.local = {AF_INET, {192, 168, 7, 1}}, .ifindex = 3},
	{.local = {AF_INET6, {0xfe, 0x80, [15] = 1}}, .ifindex = 2},
	{.local = {AF_INET6, {0x20, 1, 0xd, 0xb8, [15] = 5}}, .ifindex = 2},
};
static struct address_table addresses = {.rows = address_rows, .n = 5};

/* 443/tcp of 10.0.0.5 from 198.51.100.7:40000 */
static const struct path_ask before = {
	.proto = IPPROTO_TCP,
	.client = {AF_INET, {198, 51, 100, 7}},
	.client_port = 40000,
	.server = {AF_INET, {10, 0, 0, 5}},
	.server_port = 443,
};

static struct path_line_world world(void)
{
	return (struct path_line_world){
		.before = &before, .links = &links, .addresses = &addresses};
}

/* What is typed, and the packet as it would be typed in full. */
static const struct {
	const char *line, *means;
} good_rows[] = {
	{"", "from 198.51.100.7:40000 to 10.0.0.5:443 tcp"},
	{"  ", "from 198.51.100.7:40000 to 10.0.0.5:443 tcp"},
	{"from 203.0.113.9", "from 203.0.113.9 to 10.0.0.5:443 tcp"},
	{"from 203.0.113.9:5000", "from 203.0.113.9:5000 to 10.0.0.5:443 tcp"},
	{"from 203.0.113.9 to :80 in eth1", "from 203.0.113.9 to 10.0.0.5:80 in eth1 tcp"},
	{"FROM 203.0.113.9 TO 80", "from 203.0.113.9 to 10.0.0.5:80 tcp"},
	{"to 10.0.0.6", "from 198.51.100.7:40000 to 10.0.0.6:443 tcp"},
	{"to 10.0.0.6:22", "from 198.51.100.7:40000 to 10.0.0.6:22 tcp"},
	{"to https from anyone", "from anyone to 10.0.0.5:443 tcp"},
	{"to :53/udp", "from 198.51.100.7:40000 to 10.0.0.5:53 udp"},
	{"to dns", "from 198.51.100.7:40000 to 10.0.0.5:53 tcp"},
	{"udp to dns", "from 198.51.100.7:40000 to 10.0.0.5:53 udp"},
	{"to dns udp", "from 198.51.100.7:40000 to 10.0.0.5:53 udp"},
	{"proto udp", "from 198.51.100.7:40000 to 10.0.0.5:443 udp"},
	{"from here", "from here to 10.0.0.5:443 tcp"},
	{"state established",
	 "from 198.51.100.7:40000 to 10.0.0.5:443 tcp state established"},
	{"state invalid flags FA",
	 "from 198.51.100.7:40000 to 10.0.0.5:443 tcp state invalid flags FA"},
	{"state new flags s", "from 198.51.100.7:40000 to 10.0.0.5:443 tcp"},
	{"ttl 64", "from 198.51.100.7:40000 to 10.0.0.5:443 tcp ttl 64"},
	{"from [2001:db8::9]:7 to [2001:db8::5]:443",
	 "from [2001:db8::9]:7 to [2001:db8::5]:443 tcp"},
	{"from 2001:db8::9 to 2001:db8::5", "from 2001:db8::9 to [2001:db8::5]:443 tcp"},
	{"from ::ffff:203.0.113.9", "from 203.0.113.9 to 10.0.0.5:443 tcp"},
	{"from 203.0.113.1 from 203.0.113.2", "from 203.0.113.2 to 10.0.0.5:443 tcp"},
	{"\tfrom\t203.0.113.1", "from 203.0.113.1 to 10.0.0.5:443 tcp"},
};

static void a_line_means_one_packet(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(good_rows); i++) {
		struct path_line_world w = world();
		char error[PATH_LINE_ERROR_MAX] = "";
		struct str words = {0};
		struct path_ask ask;

		if (path_line_parse(&ask, good_rows[i].line, &w, error))
			fail_msg("'%s' is refused: %s", good_rows[i].line, error);
		path_line_put(&words, &ask, &links);
		assert_string_equal(str_text(&words), good_rows[i].means);
		str_release(&words);
	}
}

static const struct {
	const char *line, *error;
} bad_rows[] = {
	{"from", "from what? it takes ADDR, ADDR:PORT, here or anyone"},
	{"to", "to what? it takes [ADDR]:PORT"},
	{"from 203.0.113", "from takes ADDR, ADDR:PORT, here or anyone, not '203.0.113'"},
	{"from 203.0.113.9:",
	 "from takes ADDR, ADDR:PORT, here or anyone, not '203.0.113.9:'"},
	{"from 203.0.113.9:65536",
	 "from takes ADDR, ADDR:PORT, here or anyone, not '203.0.113.9:65536'"},
	{"from 203.0.113.9:0",
	 "from takes ADDR, ADDR:PORT, here or anyone, not '203.0.113.9:0'"},
	{"to web1:443", "'web1' is a name: its address is needed"},
	{"in eth9", "there is no interface 'eth9' here"},
	{"in eth", "there is no interface 'eth' here"},
	{"proto sctp", "proto takes tcp or udp, not 'sctp'"},
	{"state old", "state takes new, established or invalid, not 'old'"},
	{"flags SX", "flags takes letters of FSRPAUEW, not 'SX'"},
	{"ttl 0", "ttl takes 1 to 255, not '0'"},
	{"ttl 256", "ttl takes 1 to 255, not '256'"},
	{"ttl 64x", "ttl takes 1 to 255, not '64x'"},
	{"via eth0", "'via' is none of from, to, in, proto, state, flags, ttl"},
	{"to :53/udp tcp", "the target is of udp, and tcp is said"},
	{"udp flags S", "flags go with tcp alone"},
	{"from here in eth0", "what is sent here comes in nowhere: no in, or from ADDR"},
	{"from 2001:db8::9",
	 "from 2001:db8::9 and to 10.0.0.5 are of two address families"},
	{"from 10.0.0.1 to [2001:db8::5]:443",
	 "from 10.0.0.1 and to 2001:db8::5 are of two address families"},
};

static void what_is_refused_is_said_in_one_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(bad_rows); i++) {
		struct path_line_world w = world();
		char error[PATH_LINE_ERROR_MAX] = "";
		struct path_ask ask = {.server_port = 7};

		assert_int_equal(path_line_parse(&ask, bad_rows[i].line, &w, error),
				 -EINVAL);
		assert_string_equal(error, bad_rows[i].error);
		assert_int_equal(ask.server_port, 7);
	}
}

static void a_target_that_nobody_named_may_be_of_the_other_family(void **state)
{
	struct path_line_world w = world();
	char error[PATH_LINE_ERROR_MAX], text[ADDR_TEXT_MAX];
	struct path_ask ask;

	(void)state;
	w.is_target_chosen = true;
	assert_int_equal(path_line_parse(&ask, "from 2001:db8::9", &w, error), 0);
	assert_string_equal(addr_format(&ask.server, text), "2001:db8::5");
	w.addresses = NULL;
	assert_int_equal(path_line_parse(&ask, "from 2001:db8::9", &w, error), -EINVAL);
}

static void an_address_of_the_interface_is_preferred(void **state)
{
	struct addr a = path_line_published(&addresses, AF_INET, 3);
	char text[ADDR_TEXT_MAX];

	(void)state;
	assert_string_equal(addr_format(&a, text), "192.168.7.1");
	a = path_line_published(&addresses, AF_INET, 9);
	assert_string_equal(addr_format(&a, text), "10.0.0.5");
	a = path_line_published(NULL, AF_INET, 0);
	assert_int_equal(a.family, 0);
}

static void interfaces_that_are_not_known_cannot_be_named(void **state)
{
	struct path_line_world w = world();
	char error[PATH_LINE_ERROR_MAX];
	struct path_ask ask;

	(void)state;
	w.links = NULL;
	assert_int_equal(path_line_parse(&ask, "in eth0", &w, error), -EINVAL);
	assert_string_equal(error, "'eth0': the interfaces are not known");
}

static void a_long_word_is_refused_and_not_cut_into_a_good_one(void **state)
{
	struct path_line_world w = world();
	char error[PATH_LINE_ERROR_MAX], line[600] = "to ";
	struct path_ask ask;

	(void)state;
	memset(line + 3, '1', 500);
	assert_int_equal(path_line_parse(&ask, line, &w, error), -EINVAL);
	assert_non_null(memchr(error, '\0', sizeof(error)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_means_one_packet),
		cmocka_unit_test(what_is_refused_is_said_in_one_sentence),
		cmocka_unit_test(a_target_that_nobody_named_may_be_of_the_other_family),
		cmocka_unit_test(an_address_of_the_interface_is_preferred),
		cmocka_unit_test(interfaces_that_are_not_known_cannot_be_named),
		cmocka_unit_test(a_long_word_is_refused_and_not_cut_into_a_good_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
