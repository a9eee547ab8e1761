/* Words that choose endpoints: what they take, and what is said about wrong ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "core/snapshot/filter.h"

#define N_OF(rows) (sizeof(rows) / sizeof(*(rows)))
#define TEXT(t)                    \
	{                          \
		(t), sizeof(t) - 1 \
	}
#define V4(...)                                             \
	{                                                   \
		.family = AF_INET, .bytes = { __VA_ARGS__ } \
	}
#define V6(...)                                              \
	{                                                    \
		.family = AF_INET6, .bytes = { __VA_ARGS__ } \
	}

static const struct space own = {.netns = 4026531840, .is_own = true};
static const struct space blue = {.netns = 4026532100, .name = TEXT("blue")};
static const struct space of_pid = {.netns = 4026532200, .name = TEXT("pid 812")};

static const struct process_row nginx = {
	.pid = 100, .uid = 33, .comm = TEXT("nginx"), .exe = TEXT("/usr/sbin/nginx-full")};
static const struct process_row sshd = {
	.pid = 44, .uid = 0, .comm = TEXT("sshd"), .exe = TEXT("/usr/sbin/sshd")};
static const struct process_row dns = {.pid = 61,
				       .uid = 101,
				       .comm = TEXT("systemd-resolve"),
				       .exe = TEXT("/lib/resolved")};

static const struct process_row *web_owners[] = {&nginx};
static const struct process_row *ssh_owners[] = {&sshd};
static const struct process_row *dns_owners[] = {&dns};

static const struct socket_row web_v4 = {.proto = PROTO_TCP, .local = V4(0)};
static const struct socket_row web_v6 = {.proto = PROTO_MPTCP, .local = V6(0)};
static const struct socket_row mapped = {
	.proto = PROTO_TCP,
	.local = V6(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 5)};
static const struct socket_row *web_sockets[] = {&web_v4, &web_v6};
static const struct socket_row *app_sockets[] = {&mapped};

enum { WEB = 1, SSH = 2, DNS = 4, APP = 8, ALL = 15 };

static const struct endpoint endpoints[] = {
	{.space = &own,
	 .proto = PROTO_TCP,
	 .address = V6(0),
	 .port = 443,
	 .scope = SCOPE_ANY,
	 .service = TEXT("https"),
	 .sockets = web_sockets,
	 .n_sockets = 2,
	 .owners = web_owners,
	 .n_owners = 1,
	 .owners_state = OWNERS_COMPLETE,
	 .user = TEXT("www-data"),
	 .uid = 33,
	 .unit = TEXT("nginx.service"),
	 .queue = {.length = 129, .limit = 128},
	 .is_exe_deleted = true},
	{.space = &own,
	 .proto = PROTO_TCP,
	 .address = V4(10, 0, 0, 5),
	 .port = 22,
	 .scope = SCOPE_ADDRESS,
	 .carrier = TEXT("eth0"),
	 .service = TEXT("ssh"),
	 .owners = ssh_owners,
	 .n_owners = 1,
	 .owners_state = OWNERS_COMPLETE,
	 .user = TEXT("root"),
	 .unit = TEXT("ssh.service"),
	 .socket_unit = TEXT("ssh.socket"),
	 .activates = TEXT("ssh.service"),
	 .queue = {.length = 128, .limit = 128}},
	{.space = &blue,
	 .proto = PROTO_UDP,
	 .address = V4(127, 0, 0, 53),
	 .port = 53,
	 .scope = SCOPE_LOOPBACK,
	 .device = TEXT("lo"),
	 .service = TEXT("domain"),
	 .owners = dns_owners,
	 .n_owners = 1,
	 .owners_state = OWNERS_AT_LEAST,
	 .user = TEXT("systemd-resolve"),
	 .uid = 101,
	 .queue = {.length = 4096, .limit = 4096}},
	{.space = &of_pid,
	 .proto = PROTO_TCP,
	 .address = V4(10, 0, 0, 5),
	 .port = 8080,
	 .scope = SCOPE_ABSENT,
	 .sockets = app_sockets,
	 .n_sockets = 1,
	 .owners_state = OWNERS_NONE_FOUND,
	 .uid = 1000,
	 .container = TEXT("docker:3f2a12345678"),
	 .is_ephemeral = true,
	 .queue = {.length = QUEUE_UNKNOWN, .limit = QUEUE_UNKNOWN}},
};

static unsigned taken_by(const struct filter *f)
{
	unsigned taken = 0;

	for (size_t i = 0; i < N_OF(endpoints); i++)
		if (filter_takes(f, &endpoints[i]))
			taken |= 1u << i;
	return taken;
}

static const struct {
	const char *filter;
	unsigned taken;
} rows[] = {
	{"", ALL},
	{"  \t ", ALL},
	/* ports */
	{"443", WEB},
	{"44", 0},
	{"22/tcp", SSH},
	{"22/TCP", SSH},
	{"22/udp", 0},
	{"443/mptcp", WEB},
	{"8000-8100", APP},
	{"22-53", SSH | DNS},
	{"22-53/udp", DNS},
	{"8080-8080", APP},
	{"port:443", WEB},
	{"port:22-53", SSH | DNS},
	{"port:53/udp", DNS},
	{"port:https", WEB},
	{"port:http", 0},
	{"65535", 0},
	{"22,443", WEB | SSH},
	{"1,50-60,8080", DNS | APP},
	{"port:22,53/udp", DNS},
	{"!22,443", DNS | APP},
	/* bare words */
	{"https", WEB},
	{"HTTPS", WEB},
	{"http", 0},
	{"ssh", SSH},
	{"nginx", WEB},
	{"full", WEB},
	{"usr", 0},
	{"www", WEB},
	{"resolved", DNS},
	{"ssh.socket", SSH},
	{"docker:3f2a", APP},
	{"3f2a", APP},
	{"10.0.0.5", SSH | APP},
	{"127.", DNS},
	{"::", WEB | APP},
	{"::ffff:10.0", APP},
	{"10.0.0.0/8", SSH | APP},
	{"nosuchthing", 0},
	/* keys */
	{"proto:udp", DNS},
	{"proto:tcp", WEB | SSH | APP},
	{"proto:MPTCP", WEB},
	{"PROC:Nginx", WEB},
	{"proc:sh", SSH},
	{"proc:\"sh\"", SSH},
	{"pr\"oc:s\"h", SSH},
	{"proc:\"ss hd\"", 0},
	{"proc:\"\\x73shd\"", SSH},
	{"proc:\"ssh", SSH},
	{"\"\"", ALL},
	{"state:bad", WEB | APP},
	{"proc:sbin", 0},
	{"pid:44", SSH},
	{"pid:4", 0},
	{"user:root", SSH},
	{"user:roo", 0},
	{"user:0", SSH},
	{"user:33", WEB},
	{"user:1000", APP},
	{"unit:nginx", WEB},
	{"unit:ssh.socket", SSH},
	{"container:docker:3f", APP},
	{"scope:any", WEB},
	{"scope:Address", SSH},
	{"scope:loopback", DNS},
	{"scope:absent", APP},
	{"scope:any-v6", 0},
	{"addr:10.0.0.5", SSH | APP},
	{"addr:10.0.0.0/24", SSH | APP},
	{"addr:127.0.0.0/8", DNS},
	{"addr:0.0.0.0", WEB},
	{"addr:[::]", WEB},
	{"addr:::ffff:0:0/96", APP},
	{"addr:10.0.0.6", 0},
	{"dev:eth0", SSH},
	{"dev:LO", DNS},
	{"dev:eth", 0},
	{"netns:own", WEB | SSH},
	{"netns:blue", DNS},
	{"netns:4026532100", DNS},
	{"netns:812", APP},
	{"netns:81", 0},
	{"state:full", WEB}, /* datagrams tell by their drops, not by their bytes */
	{"state:deleted", WEB},
	{"state:unowned", APP},
	{"state:ephemeral", APP},
	{"state:activated", SSH},
	/* turned round, and together */
	{"!443", ALL & ~WEB},
	{"-443", ALL & ~WEB},
	{"!8000-8100", ALL & ~APP},
	{"-user:root", ALL & ~SSH},
	{"!nginx !ssh", DNS | APP},
	{"proto:tcp -scope:any", SSH | APP},
	{"nginx ssh", 0},
	{" \tproto:tcp   22\t", SSH},
};

static void each_word_takes_what_it_names(void **state)
{
	char error[FILTER_ERROR_MAX];

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct filter *f = filter_parse(rows[i].filter, error);
		unsigned taken;

		if (!f)
			fail_msg("'%s' is refused: %s", rows[i].filter, error);
		taken = taken_by(f);
		if (taken != rows[i].taken)
			fail_msg("'%s' takes 0x%x, not 0x%x", rows[i].filter, taken,
				 rows[i].taken);
		filter_free(f);
	}
}

static const struct {
	const char *filter, *error;
} wrong[] = {
	{"0", "'0' is no port: 1 to 65535, a range like 8000-8100 or a service's name is"},
	{"65536",
	 "'65536' is no port: 1 to 65535, a range like 8000-8100 or a service's name is"},
	{"8100-8000", "'8100-8000' is no port: 1 to 65535, a range like 8000-8100 or a "
		      "service's name is"},
	{"!80-",
	 "'!80-' is no port: 1 to 65535, a range like 8000-8100 or a service's name is"},
	{"443,",
	 "'443,' is no port: 1 to 65535, a range like 8000-8100 or a service's name is"},
	{"80,,443", "'80,,443' is no port: 1 to 65535, a range like 8000-8100 or a "
		    "service's name is"},
	{"80,0", "'80,0' is no port: 1 to 65535, a range like 8000-8100 or a service's "
		 "name is"},
	{"443/sctp", "'443/sctp' is no port: 1 to 65535, a range like 8000-8100 or a "
		     "service's name is"},
	{"port:",
	 "'port:' is no port: 1 to 65535, a range like 8000-8100 or a service's name is"},
	{"22 scope:foo",
	 "'scope:foo' is no scope: any, any-v4, any-v6, loopback, address, absent are"},
	{"-scope:",
	 "'-scope:' is no scope: any, any-v4, any-v6, loopback, address, absent are"},
	{"proto:sctp", "'proto:sctp' is no protocol: tcp, udp, udplite, mptcp are"},
	{"pid:x1", "'pid:x1' is no pid: a number is"},
	{"user:", "'user:' is no user: a name or a uid is"},
	{"addr:10.0.0", "'addr:10.0.0' is no address: 10.0.0.1, ::1 or 10.0.0.0/8 is"},
	{"addr:10.0.0.0/33",
	 "'addr:10.0.0.0/33' is no address: 10.0.0.1, ::1 or 10.0.0.0/8 is"},
	{"addr:10.0.0.0/",
	 "'addr:10.0.0.0/' is no address: 10.0.0.1, ::1 or 10.0.0.0/8 is"},
	{"state:broken", "'state:broken' is no state: full, deleted, unowned, ephemeral, "
			 "activated, bad are"},
	{"colour:red", "'colour:red' has no known key: port, proto, proc, pid, user, unit, "
		       "container, scope, "
		       "addr, dev, netns, state are"},
	{"!", "'!' turns a word round, but none follows: !ssh is taken"},
	{"pid:\x1b[2J", "'pid:\\x1b[2J' is no pid: a number is"},
	{"pid:abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
	 "'pid:abcdefghijklmnopqrstuvwxyzabcdefghij...' is no pid: a number is"},
};

static void a_wrong_word_is_named_in_one_sentence(void **state)
{
	char error[FILTER_ERROR_MAX];

	(void)state;
	for (size_t i = 0; i < N_OF(wrong); i++) {
		struct filter *f = filter_parse(wrong[i].filter, error);

		if (f)
			fail_msg("'%s' is taken", wrong[i].filter);
		assert_string_equal(error, wrong[i].error);
	}
}

static void the_longest_sentence_fits(void **state)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz:x";
	char error[FILTER_ERROR_MAX];
	size_t len;

	(void)state;
	assert_null(filter_parse(word, error));
	len = strlen(error);
	assert_true(len > 4);
	assert_string_equal(error + len - 4, " are");
}

static void words_of_a_command_line_are_not_split(void **state)
{
	static char first[] = "proto:tcp", second[] = "netns:pid 812", third[] = "";
	char *const words[] = {first, second, third};
	char error[FILTER_ERROR_MAX];
	struct filter *f = filter_parse_words(words, 3, error);

	(void)state;
	assert_non_null(f);
	assert_int_equal(taken_by(f), APP);
	filter_free(f);
}

static void no_filter_takes_all(void **state)
{
	(void)state;
	assert_int_equal(taken_by(NULL), ALL);
}

static const struct {
	const char *needle;
	unsigned found;
} searches[] = {
	{"443", WEB},          {"2/t", SSH},      {"udp", DNS},        {"HTTPS", WEB},
	{"10.0.0", SSH | APP}, {"nginx", WEB},    {"nginx-full", WEB}, {"usr/sbin", 0},
	{"100", WEB},          {"www-data", WEB}, {"ssh.socket", SSH}, {"docker", APP},
	{"eth0", SSH},         {"blue", DNS},     {"pid 812", APP},    {"", ALL},
	{"no such text", 0},
};

static void a_search_looks_at_every_text_of_a_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(searches); i++) {
		unsigned found = 0;

		for (size_t e = 0; e < N_OF(endpoints); e++)
			if (endpoint_has_text(&endpoints[e], text_of(searches[i].needle)))
				found |= 1u << e;
		if (found != searches[i].found)
			fail_msg("'%s' finds 0x%x", searches[i].needle, found);
	}
}

static const char *const names[] = {
	"nginx",
	"tmux: server",
	"Web Content",
	"say \"hi\"",
	"back\\slash",
	"a\x1b[31mb",
	"no utf\xff\xfe",
	"k\xc3\xbc\xc3\xa7\xc3\xbck",
	"!not",
	"-v",
	"\t",
	("\xe2\x80\xae"
	 "exe"),
	"(sd-pam)",
	"\\x41",
	"*",
};

static void a_quoted_name_is_read_as_it_came(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(names); i++) {
		struct process_row process = {.comm = text_of(names[i])};
		const struct process_row *owners[] = {&process};
		struct endpoint e = {.space = &own, .owners = owners, .n_owners = 1};
		char error[FILTER_ERROR_MAX];
		struct str line = {0};
		struct filter *f;

		str_puts(&line, "  proc:");
		assert_int_equal(filter_quote(&line, text_of(names[i])), 0);
		str_puts(&line, " ");
		f = filter_parse(str_text(&line), error);
		if (!f || !filter_takes(f, &e) || filter_takes(f, &endpoints[1]))
			fail_msg("'%s': %s", str_text(&line), error);
		filter_free(f);
		str_release(&line);
	}
}

static void each_key_and_state_that_is_offered_is_taken(void **state)
{
	char word[64], error[FILTER_ERROR_MAX];
	struct filter *f;

	(void)state;
	for (size_t i = 0; filter_state(i); i++) {
		snprintf(word, sizeof(word), "state:%s", filter_state(i));
		f = filter_parse(word, error);
		assert_non_null(f);
		filter_free(f);
	}
	for (size_t i = 0; filter_key(i); i++) {
		snprintf(word, sizeof(word), "%s:", filter_key(i));
		assert_null(filter_parse(word, error));
		assert_non_null(strstr(error, " is no "));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_word_takes_what_it_names),
		cmocka_unit_test(a_wrong_word_is_named_in_one_sentence),
		cmocka_unit_test(the_longest_sentence_fits),
		cmocka_unit_test(words_of_a_command_line_are_not_split),
		cmocka_unit_test(no_filter_takes_all),
		cmocka_unit_test(a_quoted_name_is_read_as_it_came),
		cmocka_unit_test(each_key_and_state_that_is_offered_is_taken),
		cmocka_unit_test(a_search_looks_at_every_text_of_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
