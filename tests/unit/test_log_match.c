/* What log lines say of a port, and that forged ones say nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "core/base/time.h"
#include "core/logs/known.h"
#include "core/logs/match.h"
#include "tests/unit/items.h"
#include "tests/unit/log_line.h"

#define NONE N_LOG_MEANINGS
#define V6   "2001:0db8:0000:0000:0000:0000:0000:0009"
#define LOG4                                                                             \
	"IN=eth0 OUT= MAC=02:00 SRC=10.0.0.9 DST=10.0.0.1 LEN=60 TTL=64 ID=1 PROTO=TCP " \
	"SPT=40000 DPT=443 WINDOW=64240 SYN URGP=0"

static const struct {
	char who;
	const char *message;
	enum log_meaning meaning;
	const char *detail;
} rows[] = {
	{'K', LOG4, LOG_MEANS_FIREWALL, ""},
	{'K', "[UFW BLOCK] " LOG4, LOG_MEANS_FIREWALL, ""},
	{'K', "x IN=y " LOG4, LOG_MEANS_FIREWALL, ""},
	{'K', "IN=eth0 OUT= SRC=" V6 " DST=2001:0db8::1 PROTO=TCP SPT=1 DPT=443",
	 LOG_MEANS_FIREWALL, ""},
	{'K', "IN= OUT=eth0 SRC=10.0.0.1 DST=10.0.0.9 PROTO=TCP SPT=443 DPT=40000",
	 LOG_MEANS_FIREWALL, ""},
	{'K', "IN=eth0 OUT= SRC=10.0.0.9 DST=10.0.0.1 PROTO=TCP SPT=443 DPT=44", NONE, ""},
	{'K', "IN=eth0 OUT= SRC=10.0.0.9 DST=10.0.0.1 PROTO=TCP SPT=1 DPT=4430", NONE, ""},
	{'K', "IN=eth0 OUT= SRC=10.0.0.9 DST=10.0.0.1 PROTO=UDP SPT=1 DPT=443", NONE, ""},
	{'K', "IN=eth0 OUT= SRC=10.0.0.90 DST=10.0.0.1 PROTO=TCP SPT=1 DPT=443", NONE, ""},
	{'K',
	 "IN=eth0 OUT= SRC=10.0.0.9 DST=10.0.0.1 PROTO=ICMP TYPE=3 CODE=3 [SRC=10.0.0.9 "
	 "DST=10.0.0.1 PROTO=TCP SPT=1 DPT=443 ]",
	 NONE, ""},
	{'K', "IN=eth0 OUT= SRC=10.0.0.9 SRC=10.0.0.8 DST=10.0.0.1 PROTO=TCP SPT=1 DPT=443",
	 NONE, ""},
	{'P', LOG4, LOG_MEANS_OF_CLIENT, ""},
	{'F', "GET /?DPT=443 " LOG4, LOG_MEANS_OF_CLIENT, ""},

	{'K', "nf_conntrack: nf_conntrack: table full, dropping packet",
	 LOG_MEANS_TABLE_FULL, ""},
	{'K', "nf_conntrack: table full in netns 4026531840, dropping packet",
	 LOG_MEANS_TABLE_FULL, ""},
	{'K', "nf_conntrack: table full in netns 4026532755, dropping packet", NONE, ""},
	{'O', "nf_conntrack: table full, dropping packet", NONE, ""},
	{'K', "TCP: request_sock_TCP: Possible SYN flooding on port 443. Sending cookies.",
	 LOG_MEANS_SYN_FLOOD, "443"},
	{'K',
	 "TCP: request_sock_TCP: Possible SYN flooding on port 0.0.0.0:443. Sending "
	 "cookies.",
	 LOG_MEANS_SYN_FLOOD, "0.0.0.0:443"},
	{'K',
	 "TCP: request_sock_TCPv6: Possible SYN flooding on port [::]:443. Dropping "
	 "request.",
	 LOG_MEANS_SYN_FLOOD, "[::]:443"},
	{'K', "TCP: request_sock_TCP: Possible SYN flooding on port 4430. Sending cookies.",
	 NONE, ""},
	{'K', "IPv4: martian source 10.0.0.1 from 10.0.0.9, on dev eth0", LOG_MEANS_MARTIAN,
	 ""},
	{'K', "IPv4: martian source 10.0.0.9 from 10.0.0.7, on dev eth0", NONE, ""},
	{'K', "neighbour: arp_cache: neighbor table overflow!", LOG_MEANS_NEIGHBOUR_FULL,
	 ""},
	{'K', "Out of memory: Killed process 4711 (web) total-vm:1kB", LOG_MEANS_KILLED,
	 ""},
	{'K', "Memory cgroup out of memory: Killed process 812 (x) total-vm:1kB",
	 LOG_MEANS_KILLED, ""},
	{'K', "TCP: out of memory -- consider tuning tcp_mem", LOG_MEANS_OUT_OF_MEMORY, ""},
	{'K', "Out of memory: Killed process 4711 (other) total-vm:1kB", NONE, ""},
	{'O', "Out of memory: Killed process 812 (web)", NONE, ""},

	{'B', "NOTICE  [sshd] Ban 10.0.0.9", LOG_MEANS_BANNED, "sshd"},
	{'B', "NOTICE  [web] Restore Ban 2001:db8::9", LOG_MEANS_BANNED, "web"},
	{'B', "NOTICE  [sshd] Ban 10.0.0.99", NONE, ""},
	{'B', "INFO    [sshd] Found 10.0.0.9 - 2026-11-22 10:00:00", LOG_MEANS_OF_CLIENT,
	 ""},
	{'P', "NOTICE  [sshd] Ban 10.0.0.9", LOG_MEANS_OF_CLIENT, ""},

	{'P', "[emerg] 12#12: bind() to 0.0.0.0:443 failed (98: Address already in use)",
	 LOG_MEANS_ADDRESS_IN_USE, "0.0.0.0:443"},
	{'P', "[emerg] bind() to [::]:443 failed (13: Permission denied)",
	 LOG_MEANS_BIND_DENIED, "[::]:443"},
	{'P',
	 "nginx: [emerg] bind() to 10.0.0.1:443 failed (99: Cannot assign requested "
	 "address)",
	 LOG_MEANS_BIND_ABSENT, "10.0.0.1:443"},
	{'P', "[emerg] 12#12: bind() to 0.0.0.0:80 failed (98: Address already in use)",
	 NONE, ""},
	{'P', "error: Bind to port 443 on 0.0.0.0 failed: Address already in use.",
	 LOG_MEANS_ADDRESS_IN_USE, "443"},
	{'P',
	 "(98)Address already in use: AH00072: make_sock: could not bind to address "
	 "[::]:443",
	 LOG_MEANS_ADDRESS_IN_USE, "[::]:443"},
	{'P',
	 "[core:crit] [pid 12:tid 1] (13)Permission denied: AH00072: make_sock: could not "
	 "bind to "
	 "address 0.0.0.0:443",
	 LOG_MEANS_BIND_DENIED, "0.0.0.0:443"},
	{'U', "[12] LOG:  could not bind IPv4 address \"0.0.0.0\": Address already in use",
	 LOG_MEANS_ADDRESS_IN_USE, ""},
	{'P', "[12] LOG:  could not bind IPv4 address \"0.0.0.0\": Address already in use",
	 NONE, ""},
	{'P', "level=fatal msg=\"listen tcp :443: bind: address already in use\"",
	 LOG_MEANS_ADDRESS_IN_USE, ":443"},
	{'O', "listen tcp :80: bind: address already in use", NONE, ""},
	{'P', "listen tcp [::]:443: bind: permission denied", LOG_MEANS_BIND_DENIED,
	 "[::]:443"},
	{'P', "Error: listen EADDRINUSE: address already in use :::443",
	 LOG_MEANS_ADDRESS_IN_USE, ":::443"},
	{'P',
	 "Warning: Could not create server TCP listening socket *:443: bind: Address "
	 "already in "
	 "use",
	 LOG_MEANS_ADDRESS_IN_USE, "*:443"},
	{'O', "bind: Address already in use", LOG_MEANS_ADDRESS_IN_USE, ""},
	{'P', "bind: Address already in use", NONE, ""},
	{'U', "OSError: [Errno 98] Address already in use", LOG_MEANS_ADDRESS_IN_USE, ""},
	{'P',
	 "OSError: [Errno 98] error while attempting to bind on address ('0.0.0.0', 443): "
	 "address "
	 "already in use",
	 LOG_MEANS_ADDRESS_IN_USE, "443"},
	{'P', "Web server failed to start. Port 443 was already in use.",
	 LOG_MEANS_ADDRESS_IN_USE, "443"},
	{'F',
	 "Invalid user listen tcp :443: bind: address already in use from 10.0.0.7 port 1",
	 NONE, ""},
	{'F',
	 "10.0.0.7 - - \"GET / HTTP/1.1\" 200 listen tcp :443: bind: address already in "
	 "use",
	 NONE, ""},
	{'F',
	 "[error] 1#1: *1 open() \"bind() to 0.0.0.0:443 failed (98: Address already in "
	 "use)\"",
	 NONE, ""},

	{'F', "[crit] 12#12: accept4() failed (24: Too many open files)",
	 LOG_MEANS_TOO_MANY_FILES, ""},
	{'P', "[crit] 12#12: accept4() failed (24: Too many open files)", NONE, ""},
	{'P',
	 "http: Accept error: accept tcp [::]:443: accept4: too many open files; retrying "
	 "in "
	 "5ms",
	 LOG_MEANS_TOO_MANY_FILES, "[::]:443"},
	{'P', "refused connect from 10.0.0.9 (10.0.0.9)", LOG_MEANS_REFUSED_BY_WRAPPER, ""},
	{'P', "refused connect from host.example (10.0.0.9)", LOG_MEANS_REFUSED_BY_WRAPPER,
	 ""},
	{'O', "refused connect from 10.0.0.7 (10.0.0.7)", NONE, ""},

	{'I', "web.service: Main process exited, code=exited, status=1/FAILURE",
	 LOG_MEANS_UNIT_FAILED, ""},
	{'I', "web.service: Main process exited, code=exited, status=0/SUCCESS", NONE, ""},
	{'I', "web.service: Start request repeated too quickly.", LOG_MEANS_UNIT_FAILED,
	 ""},
	{'I', "web.service: Failed with result 'oom-kill'.", LOG_MEANS_KILLED, ""},
	{'I', "Failed to start web.service - A web server.", LOG_MEANS_UNIT_FAILED, ""},
	{'I', "other.service: Start request repeated too quickly.", NONE, ""},
	{'O', "web.service: Start request repeated too quickly.", NONE, ""},

	{'P',
	 "[error] 12#12: *5 connect() failed (111: Connection refused) while connecting to "
	 "upstream, client: 10.0.0.9, server: x, request: \"GET / HTTP/1.1\"",
	 LOG_MEANS_UPSTREAM, ""},
	{'P',
	 "[error] 12#12: *5 connect() failed (111: Connection refused) while connecting to "
	 "upstream, client: 10.0.0.7, server: x, request: \"GET / HTTP/1.1\"",
	 NONE, ""},

	{'P', "Connection closed by 10.0.0.9 port 40000 [preauth]", LOG_MEANS_OF_CLIENT,
	 ""},
	{'P', "closed by [2001:db8::9]:40000", LOG_MEANS_OF_CLIENT, ""},
	{'P', "closed by 110.0.0.9, 10.0.0.99, 10.0.0.9.1 and 2001:db8::9a", NONE, ""},
};

static void every_known_line_means_what_it_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct log_line line = line_of(rows[i].who, rows[i].message);
		struct log_match m = {.meaning = NONE};
		size_t n = match(&line, 1, NULL, &m, 1);

		if (n != (rows[i].meaning != NONE) || m.meaning != rows[i].meaning)
			fail_msg("%s: %s", rows[i].message, log_meaning_what(m.meaning));
		assert_text(rows[i].message, m.detail, rows[i].detail);
	}
}

static void all_lines_at_once_are_known_as_each_by_itself(void **state)
{
	struct log_table *t = table_new(sizeof(*t), NULL);
	size_t n = 0;

	(void)state;
	assert_non_null(t);
	t->n = N_OF(rows);
	t->rows = arena_alloc(&t->head.arena, t->n * sizeof(*t->rows));
	assert_non_null(t->rows);
	for (size_t i = 0; i < t->n; i++)
		t->rows[i] = line_of(rows[i].who, rows[i].message);
	assert_int_equal(known_find_all(t), 0);
	for (uint32_t i = 0; i < t->n; i++) {
		struct form_found found;
		const struct known *k = known_find(&t->rows[i], &found);

		if (!k)
			continue;
		assert_true(n < t->n_sentences);
		assert_int_equal(t->sentences[n].line, i);
		assert_ptr_equal(t->sentences[n].known, k);
		assert_int_equal(t->sentences[n].found.pid, found.pid);
		n++;
	}
	assert_int_equal(t->n_sentences, n);
	assert_true(n > 30);
	table_unref(t);
}

static void the_prefix_of_a_packet_is_kept(void **state)
{
	struct log_line line = line_of('K', "[UFW BLOCK] " LOG4);
	struct log_wanted anybody = {.from_ns = NOW, .to_ns = NOW, .port = 443, .proto = 6};
	struct log_match m;

	(void)state;
	assert_int_equal(match(&line, 1, NULL, &m, 1), 1);
	assert_true(m.has_tuple);
	assert_text("prefix", m.prefix, "[UFW BLOCK]");
	assert_int_equal(match(&line, 1, &anybody, &m, 1), 1);
	assert_false(m.has_tuple);
}

static const struct {
	char who;
	const char *message;
	int64_t age_s, slack_s;
	bool counts, is_before;
} ages[] = {
	{'K', LOG4, 0, 0, true, false},
	{'K', LOG4, 2, 0, false, false},
	{'K', LOG4, 2, 1, true, false},
	{'K', LOG4, -3, 0, false, false},
	{'K', "nf_conntrack: table full, dropping packet", 60, 0, false, false},
	{'O', "bind: Address already in use", 3600, 0, true, true},
	{'O', "bind: Address already in use", 86400 * 2, 0, false, false},
	{'O', "bind: Address already in use", -60, 0, false, false},
	{'B', "NOTICE [sshd] Ban 10.0.0.9", 3600, 0, true, true},
	{'I', "web.service: Failed with result 'exit-code'.", 3600, 0, true, true},
	{'P', "closed by 10.0.0.9", 3600, 0, false, false},
};

static void only_what_still_holds_may_be_older_than_the_window(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(ages); i++) {
		struct log_line line = line_of(ages[i].who, ages[i].message);
		struct log_match m = {0};
		size_t n;

		line.wall_ns -= ages[i].age_s * NS_PER_S;
		line.slack_ns = ages[i].slack_s * NS_PER_S;
		n = match(&line, 1, NULL, &m, 1);
		if (n != ages[i].counts || m.is_before != ages[i].is_before)
			fail_msg("%s, %d s old: %zu", ages[i].message, (int)ages[i].age_s,
				 n);
	}
}

static void a_line_without_a_time_never_counts(void **state)
{
	struct log_line line = line_of('K', LOG4);
	struct log_match m;

	(void)state;
	line.wall_ns = 0;
	assert_int_equal(match(&line, 1, NULL, &m, 1), 0);
}

static void a_ban_is_over_with_its_unban(void **state)
{
	struct log_line lines[] = {
		line_of('B', "NOTICE [sshd] Ban 10.0.0.9"),
		line_of('B', "NOTICE [web] Ban 10.0.0.9"),
		line_of('B', "NOTICE [sshd] Unban 10.0.0.9"),
		line_of('P', "NOTICE [web] Unban 10.0.0.9"),
	};
	struct log_match m[4];

	(void)state;
	for (size_t i = 0; i < N_OF(lines); i++)
		lines[i].wall_ns = NOW - (int64_t)(60 - i) * NS_PER_S;
	assert_int_equal(match(lines, N_OF(lines), NULL, m, N_OF(m)), 1);
	assert_int_equal(m[0].line, 1);
	assert_int_equal(m[0].meaning, LOG_MEANS_BANNED);
	assert_text("jail", m[0].detail, "web");
}

static void the_best_come_first_and_of_equals_the_latest(void **state)
{
	struct log_line lines[] = {
		line_of('O', "bind: Address already in use"),
		line_of('P', "closed by 10.0.0.9"),
		line_of('K', "a" LOG4),
		line_of('P', "opened by 10.0.0.9"),
		line_of('K', "b" LOG4),
	};
	static const uint32_t order[] = {4, 2, 0, 3, 1};
	struct log_match m[5];

	(void)state;
	assert_int_equal(match(lines, 5, NULL, m, 5), 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(m[i].line, order[i]);
	assert_int_equal(match(lines, 5, NULL, m, 3), 5);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(m[i].line, order[i]);
	assert_int_equal(match(lines, 5, NULL, NULL, 0), 5);
}

static void the_kernel_s_line_counts_once_however_it_came(void **state)
{
	struct log_line lines[] = {line_of('K', LOG4), line_of('K', LOG4),
				   line_of('K', LOG4)};
	struct log_match m[3];

	(void)state;
	lines[1].kind = LOG_KERNEL;
	lines[2].kind = LOG_FILE;
	lines[2].source = text_of("/var/log/kern.log");
	assert_int_equal(match(lines, 3, NULL, m, 3), 1);
	lines[1].kind = LOG_JOURNAL;
	assert_int_equal(match(lines, 2, NULL, m, 3), 2);
}

static void an_error_of_the_owner_is_one_by_its_priority(void **state)
{
	struct log_line line = line_of('O', "something went wrong");
	struct log_match m;

	(void)state;
	assert_int_equal(match(&line, 1, NULL, &m, 1), 0);
	line.priority = 3;
	assert_int_equal(match(&line, 1, NULL, &m, 1), 1);
	assert_int_equal(m.meaning, LOG_MEANS_OF_OWNER);
	line.pid = 900;
	assert_int_equal(match(&line, 1, NULL, &m, 1), 0);
	line.tag = text_of("web");
	assert_int_equal(match(&line, 1, NULL, &m, 1), 1);
}

static void a_packet_of_nflog_counts_like_the_kernel_s(void **state)
{
	struct log_line line = line_of('P', "DROP " LOG4);
	struct log_match m;

	(void)state;
	line.from_netfilter = true;
	assert_int_equal(match(&line, 1, NULL, &m, 1), 1);
	assert_int_equal(m.meaning, LOG_MEANS_FIREWALL);
	assert_true(m.has_tuple);
	line.message = text_of("nf_conntrack: table full, dropping packet");
	assert_int_equal(match(&line, 1, NULL, &m, 1), 0);
}

static void the_copy_in_a_file_is_not_told_beside_the_kernel_s(void **state)
{
	struct log_line lines[] = {line_of('K', LOG4), line_of('P', LOG4)};
	struct log_match m[2];

	(void)state;
	lines[1].kind = LOG_FILE;
	lines[1].source = text_of("/var/log/kern.log");
	lines[1].tag = text_of("kernel");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(match(lines, 2, NULL, m, 2), 1);
		assert_int_equal(m[0].meaning, LOG_MEANS_FIREWALL);
		/* The copy is the later one, then the earlier. */
		lines[1].wall_ns -= 1;
	}
	lines[1].tag = text_of("nginx");
	assert_int_equal(match(lines, 2, NULL, m, 2), 2);
}

static void every_meaning_has_its_words(void **state)
{
	(void)state;
	for (int m = 0; m < N_LOG_MEANINGS; m++)
		assert_true(strlen(log_meaning_what((enum log_meaning)m)) > 0);
	assert_string_equal(log_meaning_fault(LOG_MEANS_BANNED), "firewall.blocklisted");
	assert_string_equal(log_meaning_fault(LOG_MEANS_OF_CLIENT), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_known_line_means_what_it_should),
		cmocka_unit_test(all_lines_at_once_are_known_as_each_by_itself),
		cmocka_unit_test(the_prefix_of_a_packet_is_kept),
		cmocka_unit_test(only_what_still_holds_may_be_older_than_the_window),
		cmocka_unit_test(a_line_without_a_time_never_counts),
		cmocka_unit_test(a_ban_is_over_with_its_unban),
		cmocka_unit_test(the_best_come_first_and_of_equals_the_latest),
		cmocka_unit_test(the_kernel_s_line_counts_once_however_it_came),
		cmocka_unit_test(an_error_of_the_owner_is_one_by_its_priority),
		cmocka_unit_test(a_packet_of_nflog_counts_like_the_kernel_s),
		cmocka_unit_test(the_copy_in_a_file_is_not_told_beside_the_kernel_s),
		cmocka_unit_test(every_meaning_has_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
