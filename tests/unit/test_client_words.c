/* What other ends say: pasted words, saved documents, the lines of the script. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/client/view.h"
#include "tests/unit/items.h"

/* The views of one text, of ssh or of a file. */
static struct client_table *said(const char *kind, const char *text, int error)
{
	static uint8_t bytes[300000];
	char start[64];
	struct bundle_item items[] = {
		{.name = LIT("start")},
		{.name = LIT("bytes"), .data = {text, strlen(text)}},
		{.name = LIT("end"), .data = LIT("1763800005000000000 0"), .error = error},
	};
	struct client_decoder *d = clients_new();
	struct client_table *t;
	size_t len;

	snprintf(start, sizeof(start), "%s 1763800001000000000 a name", kind);
	items[0].data = text_of(start);
	len = items_put(bytes, sizeof(bytes), items, N_OF(items));
	assert_int_equal(clients_decode(d, bytes, len), 0);
	t = clients_finish(d);
	assert_non_null(t);
	clients_free(d);
	assert_int_equal(t->n, 1);
	return t;
}

static struct addr address(const char *text)
{
	struct addr a = {0};

	assert_true(!*text || !addr_parse(&a, text));
	return a;
}

struct pasted_row {
	const char *what, *text;
	enum client_form form;
	enum client_result result;
	const char *target, *source;
	uint16_t port;
};

/* clang-format off */
static const struct pasted_row pasted[] = {
	{"curl that got no answer",
	 "* Host web1:443 was resolved.\n* IPv6: (none)\n* IPv4: 10.0.0.1\n"
	 "*   Trying 10.0.0.1:443...\n* connect to 10.0.0.1 port 443 from 10.0.0.2 port 40000 "
	 "failed: Connection timed out\n* Failed to connect to web1 port 443 after 130000 ms\n"
	 "curl: (28) Failed to connect to web1 port 443\n",
	 CLIENT_FORM_CURL, CLIENT_TIMED_OUT, "10.0.0.1", "10.0.0.2", 443},
	{"curl that was refused",
	 "*   Trying 10.0.0.1:443...\n* connect to 10.0.0.1 port 443 failed: Connection refused\n",
	 CLIENT_FORM_CURL, CLIENT_REFUSED, "10.0.0.1", "", 443},
	{"curl whose second address takes it",
	 "*   Trying [fd00::1]:443...\n* connect to fd00::1 port 443 failed: Connection refused\n"
	 "*   Trying 10.0.0.1:443...\n* Connected to web1 (10.0.0.1) port 443\n",
	 CLIENT_FORM_CURL, CLIENT_CONNECTED, "10.0.0.1", "", 443},
	{"curl that spoke TLS to plain text",
	 "*   Trying 10.0.0.1:443...\n* Connected to 10.0.0.1 (10.0.0.1) port 443\n"
	 "curl: (35) error:0A00010B:SSL routines::wrong version number\n",
	 CLIENT_FORM_CURL, CLIENT_TLS, "10.0.0.1", "", 443},
	{"curl without a name", "curl: (6) Could not resolve host: web1\n",
	 CLIENT_FORM_CURL, CLIENT_UNRESOLVED, "", "", 0},
	{"nc that was refused",
	 "nc: connect to 10.0.0.1 port 443 (tcp) failed: Connection refused\n",
	 CLIENT_FORM_NC, CLIENT_REFUSED, "10.0.0.1", "", 443},
	{"nc that got no answer",
	 "nc: connect to 10.0.0.1 port 443 (tcp) timed out: Operation now in progress\n",
	 CLIENT_FORM_NC, CLIENT_TIMED_OUT, "10.0.0.1", "", 443},
	{"nc that connected",
	 "Connection to 10.0.0.1 443 port [tcp/https] succeeded!\n",
	 CLIENT_FORM_NC, CLIENT_CONNECTED, "10.0.0.1", "", 443},
	{"the old nc", "(UNKNOWN) [10.0.0.1] 443 (https) : Connection timed out\n",
	 CLIENT_FORM_NC, CLIENT_TIMED_OUT, "10.0.0.1", "", 443},
	{"nmap's nc", "Ncat: Version 7.93 ( https://nmap.org/ncat )\nNcat: TIMEOUT.\n",
	 CLIENT_FORM_NC, CLIENT_TIMED_OUT, "", "", 0},
	{"telnet",
	 "Trying 10.0.0.1...\r\ntelnet: Unable to connect to remote host: No route to host\r\n",
	 CLIENT_FORM_TELNET, CLIENT_UNREACHABLE, "10.0.0.1", "", 0},
	{"Test-NetConnection that failed",
	 "WARNING: TCP connect to (10.0.0.1 : 443) failed\r\n\r\nComputerName     : web1\r\n"
	 "RemoteAddress    : 10.0.0.1\r\nRemotePort       : 443\r\nInterfaceAlias   : Ethernet0\r\n"
	 "SourceAddress    : 10.0.0.2\r\nPingSucceeded    : True\r\nTcpTestSucceeded : False\r\n",
	 CLIENT_FORM_TEST_NET_CONNECTION, CLIENT_FAILED, "10.0.0.1", "10.0.0.2", 443},
	{"Test-NetConnection that connected",
	 "ComputerName     : 10.0.0.1\nRemoteAddress    : 10.0.0.1\nRemotePort       : 443\n"
	 "SourceAddress    : 10.0.0.2\nTcpTestSucceeded : True\n",
	 CLIENT_FORM_TEST_NET_CONNECTION, CLIENT_CONNECTED, "10.0.0.1", "10.0.0.2", 443},
	{"a browser", "This site can't be reached\nweb1 took too long to respond.\n"
	 "ERR_CONNECTION_TIMED_OUT\n",
	 CLIENT_FORM_BROWSER, CLIENT_TIMED_OUT, "", "", 0},
};
/* clang-format on */

static void pasted_words_become_one_attempt(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(pasted); i++) {
		const struct pasted_row *row = &pasted[i];
		struct client_table *t = said("file", row->text, 0);
		const struct client_view *v = &t->views[0];
		const struct client_try *try = client_view_try(v);
		struct addr target = address(row->target), source = address(row->source);

		print_message("%s\n", row->what);
		assert_int_equal(v->form, row->form);
		assert_false(v->has_own_time);
		assert_non_null(try);
		assert_int_equal(try->result, row->result);
		assert_int_equal(v->is_unresolved, row->result == CLIENT_UNRESOLVED);
		assert_true(addr_equals(&try->target, &target));
		assert_true(addr_equals(&try->source, &source));
		assert_int_equal(try->port, row->port);
		table_unref(t);
	}
}

static void a_text_of_anything_else_says_nothing(void **state)
{
	static const char *const texts[] = {"",
					    "\n\n",
					    "hello, it does not work",
					    "connection refused",
					    "{\"schema\": \"dport.other/1\"}",
					    "{\"schema\": 1",
					    "dport",
					    "dport result bash 0 1",
					    "[10.0.0.1]"};

	(void)state;
	for (size_t i = 0; i < N_OF(texts); i++) {
		struct client_table *t = said("file", texts[i], 0);

		print_message("%s\n", texts[i]);
		assert_int_equal(t->views[0].form, CLIENT_FORM_NONE);
		assert_null(client_view_try(&t->views[0]));
		table_unref(t);
	}
}

static void words_of_windows_may_be_wide(void **state)
{
	static const char text[] = "nc: connect to 10.0.0.1 port 443 failed: refused\n"
				   "nc: Connection refused";
	char wide[2 * sizeof(text) + 2] = "\xff\xfe";
	static uint8_t bytes[4096];
	struct bundle_item items[] = {
		{.name = LIT("start"), .data = LIT("file 1 x")},
		{.name = LIT("bytes"), .data = {wide, 2 * sizeof(text)}},
		{.name = LIT("end")},
	};
	struct client_decoder *d = clients_new();
	struct client_table *t;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		wide[2 + 2 * i] = text[i];
		wide[3 + 2 * i] = 0;
	}
	len = items_put(bytes, sizeof(bytes), items, N_OF(items));
	assert_int_equal(clients_decode(d, bytes, len), 0);
	t = clients_finish(d);
	assert_int_equal(t->views[0].form, CLIENT_FORM_NC);
	assert_int_equal(t->views[0].tries[0].result, CLIENT_REFUSED);
	table_unref(t);
	clients_free(d);
}

#define HEAD "Welcome to c1\ndport script 1\n"
#define WAY  "dport route 10.0.0.1 via 192.0.2.254 dev eth0 src 192.0.2.2 uid 0 \\ cache\n"

static void a_script_tells_what_its_kernel_counted(void **state)
{
	static const char text[] = HEAD
		"dport name web1\ndport resolved 10.0.0.1\ndport try 10.0.0.1\n" WAY
		"dport before 3 10\ndport sender 192.0.2.2:44444\ndport after 3 13\n"
		"dport result bash 124 4003\ndport error \n"
		"dport neighbour 192.0.2.254 dev eth0 lladdr 02:00:00:00:00:01 STALE\n";
	struct client_table *t = said("remote", text, 0);
	const struct client_view *v = &t->views[0];
	struct addr source = address("192.0.2.2");

	(void)state;
	assert_true(v->is_remote && v->has_own_time && v->has_resolved);
	assert_int_equal(v->form, CLIENT_FORM_SCRIPT);
	assert_text("host", v->host, "web1");
	assert_int_equal(v->n_tries, 1);
	assert_int_equal(v->tries[0].result, CLIENT_TIMED_OUT);
	assert_int_equal(v->tries[0].has_left, TRI_YES);
	assert_int_equal(v->tries[0].n_repeats, 3);
	assert_int_equal(v->tries[0].source_port, 44444);
	assert_true(addr_equals(&v->tries[0].source, &source));
	assert_int_equal(v->tries[0].took_ms, 4003);
	assert_false(v->tries[0].is_neighbour_dead);
	table_unref(t);
}

struct script_row {
	const char *what, *lines;
	enum client_result result;
	enum tri has_left, was_answered_here;
	bool has_no_route, is_neighbour_dead;
};

/* clang-format off */
static const struct script_row scripts[] = {
	{"every SYN was stopped on the client",
	 "dport before 3 10\ndport after 6 13\ndport result bash 124 4000\ndport error \n",
	 CLIENT_TIMED_OUT, TRI_NO, TRI_NO, false, false},
	{"some of another flow's were stopped: nothing is sure",
	 "dport before 3 10\ndport after 4 13\ndport result bash 124 4000\ndport error \n",
	 CLIENT_TIMED_OUT, TRI_UNSURE, TRI_NO, false, false},
	{"no SYN was sent again: nothing is sure",
	 "dport before 3 10\ndport after 3 10\ndport result bash 124 4000\ndport error \n",
	 CLIENT_TIMED_OUT, TRI_UNSURE, TRI_NO, false, false},
	{"without counters nothing is sure",
	 "dport result bash 124 4000\ndport error \n",
	 CLIENT_TIMED_OUT, TRI_UNSURE, TRI_NO, false, false},
	{"refused by itself: lo moved, and was quiet before",
	 "dport quiet-lo 7\ndport before-lo 7\ndport after-lo 8\n"
	 "dport result bash 1 3\ndport error bash: connect: Connection refused\n",
	 CLIENT_REFUSED, TRI_UNSURE, TRI_YES, false, false},
	{"refused, and lo is busy anyway",
	 "dport quiet-lo 5\ndport before-lo 7\ndport after-lo 8\n"
	 "dport result bash 1 3\ndport error bash: connect: Connection refused\n",
	 CLIENT_REFUSED, TRI_UNSURE, TRI_UNSURE, false, false},
	{"refused by another: nothing went over lo",
	 "dport quiet-lo 7\ndport before-lo 7\ndport after-lo 7\n"
	 "dport result bash 1 3\ndport error bash: connect: Connection refused\n",
	 CLIENT_REFUSED, TRI_UNSURE, TRI_NO, false, false},
	{"refused too late for itself",
	 "dport quiet-lo 7\ndport before-lo 7\ndport after-lo 9\n"
	 "dport result bash 1 1500\ndport error bash: connect: Connection refused\n",
	 CLIENT_REFUSED, TRI_UNSURE, TRI_NO, false, false},
	{"no route at all",
	 "dport noroute RTNETLINK answers: Network is unreachable\n"
	 "dport result bash 1 2\ndport error bash: connect: Network is unreachable\n",
	 CLIENT_NET_UNREACHABLE, TRI_UNSURE, TRI_NO, true, false},
	{"an ip that knows no route command is no missing route",
	 "dport noroute ip: invalid option\ndport result bash 0 2\ndport error \n",
	 CLIENT_CONNECTED, TRI_YES, TRI_NO, false, false},
	{"a dead next hop",
	 "dport result bash 1 3100\ndport error bash: connect: No route to host\n"
	 "dport neighbour 10.0.0.1 dev eth0 FAILED\n",
	 CLIENT_UNREACHABLE, TRI_UNSURE, TRI_NO, false, true},
	{"a client with nothing to connect by",
	 "dport result none 0 0\ndport error \n",
	 CLIENT_UNKNOWN, TRI_UNSURE, TRI_NO, false, false},
};
/* clang-format on */

static void lines_of_the_script_are_held_against_each_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(scripts); i++) {
		const struct script_row *row = &scripts[i];
		char text[1024];
		struct client_table *t;
		const struct client_try *try;

		snprintf(text, sizeof(text), HEAD "dport try 10.0.0.1\n%s", row->lines);
		t = said("remote", text, 0);
		try = &t->views[0].tries[0];
		print_message("%s\n", row->what);
		assert_int_equal(t->views[0].n_tries, 1);
		assert_int_equal(try->result, row->result);
		assert_int_equal(try->has_left, row->has_left);
		assert_int_equal(try->was_answered_here, row->was_answered_here);
		assert_int_equal(try->has_no_route, row->has_no_route);
		assert_int_equal(try->is_neighbour_dead, row->is_neighbour_dead);
		table_unref(t);
	}
}

static void a_login_that_failed_is_told_as_such(void **state)
{
	static const struct bundle_item items[] = {
		ITEM("start", "remote 1763800001000000000 ssh:bob@c1"),
		ITEM("complaint", "\r\nbob@c1: Permission denied (publickey).\n"),
		ITEM("end", "1763800002000000000 255"),
	};
	uint8_t bytes[1024];
	struct client_decoder *d = clients_new();
	struct client_table *t;

	(void)state;
	assert_int_equal(
		clients_decode(d, bytes,
			       items_put(bytes, sizeof(bytes), items, N_OF(items))),
		0);
	t = clients_finish(d);
	assert_int_equal(t->views[0].error, ECONNABORTED);
	assert_text("words", t->views[0].words, "bob@c1: Permission denied (publickey).");
	table_unref(t);
	clients_free(d);
}

static void a_remote_host_is_not_believed_pasted_words(void **state)
{
	struct client_table *t = said("remote", "nc: Connection refused\n", 0);

	(void)state;
	assert_int_equal(t->views[0].form, CLIENT_FORM_NONE);
	assert_int_equal(t->views[0].error, ENOMSG);
	table_unref(t);
}

static void saved_documents_tell_their_own_time(void **state)
{
	static const char capture[] =
		"{\"schema\": \"dport.capture/1\", \"attempts\": [{\"client\": "
		"\"10.0.0.2\", "
		"\"cport\": 40000, \"server\": \"10.0.0.1\", \"sport\": 443, \"proto\": "
		"\"tcp\", \"first\": \"2025-11-22T08:26:41.000Z\", \"last\": "
		"\"2025-11-22T08:26:45.000Z\", \"syns\": 4, \"outcome\": \"silent\"}]}";
	static const char probe[] =
		"{\"schema\": \"dport.probe/1\", \"time\": \"2025-11-22T08:26:41.000Z\", "
		"\"target\": {\"host\": \"web1\", \"port\": 443}, \"resolve\": "
		"{\"addresses\": "
		"[\"10.0.0.9\"]}, \"addresses\": [{\"address\": \"10.0.0.9\", \"outcome\": "
		"\"refused\", \"took_ms\": 3.25}], \"verdict\": \"fault\", \"cause\": "
		"null}";
	struct client_table *t = said("file", capture, 0);
	const struct client_view *v = &t->views[0];
	struct addr elsewhere = address("10.0.0.9");

	(void)state;
	assert_int_equal(v->form, CLIENT_FORM_CAPTURE);
	assert_true(v->has_own_time);
	assert_int_equal(v->start_ns, INT64_C(1763800001) * 1000000000);
	assert_int_equal(v->end_ns, INT64_C(1763800005) * 1000000000);
	assert_int_equal(v->tries[0].result, CLIENT_TIMED_OUT);
	assert_int_equal(v->tries[0].has_left, TRI_YES);
	assert_int_equal(v->tries[0].n_repeats, 3);
	table_unref(t);
	t = said("file", probe, 0);
	v = &t->views[0];
	assert_int_equal(v->form, CLIENT_FORM_PROBE);
	assert_true(v->has_own_time && v->has_resolved);
	assert_true(addr_equals(&v->addresses[0], &elsewhere));
	assert_int_equal(v->tries[0].result, CLIENT_REFUSED);
	assert_int_equal(v->tries[0].port, 443);
	table_unref(t);
}

static void a_probe_by_datagrams_tells_of_no_connection(void **state)
{
	static const char probe[] =
		"{\"schema\": \"dport.probe/1\", \"time\": \"2025-11-22T08:26:41.000Z\", "
		"\"target\": {\"proto\": \"udp\", \"port\": 53}, \"resolve\": null, "
		"\"addresses\": [{\"address\": \"10.0.0.9\", \"outcome\": \"silent\", "
		"\"took_ms\": 5000}], \"verdict\": \"unknown\", \"cause\": null}";
	struct client_table *t = said("file", probe, 0);

	(void)state;
	assert_int_equal(t->views[0].form, CLIENT_FORM_PROBE);
	assert_int_equal(t->views[0].n_tries, 0);
	table_unref(t);
}

static void views_are_no_more_than_there_is_room_for(void **state)
{
	static uint8_t bytes[8192];
	struct bundle_item items[2 * (CLIENT_VIEWS_MAX + 3)];
	struct client_decoder *d = clients_new();
	struct client_table *t;

	(void)state;
	for (size_t i = 0; i < N_OF(items); i += 2) {
		items[i] = (struct bundle_item)ITEM("start", "file 1 x");
		items[i + 1] = (struct bundle_item)ITEM("end", "");
	}
	assert_int_equal(
		clients_decode(d, bytes,
			       items_put(bytes, sizeof(bytes), items, N_OF(items))),
		0);
	t = clients_finish(d);
	assert_int_equal(t->n, CLIENT_VIEWS_MAX);
	assert_int_equal(t->n_left_out, 3);
	table_unref(t);
	clients_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pasted_words_become_one_attempt),
		cmocka_unit_test(a_text_of_anything_else_says_nothing),
		cmocka_unit_test(words_of_windows_may_be_wide),
		cmocka_unit_test(a_script_tells_what_its_kernel_counted),
		cmocka_unit_test(lines_of_the_script_are_held_against_each_other),
		cmocka_unit_test(a_login_that_failed_is_told_as_such),
		cmocka_unit_test(a_remote_host_is_not_believed_pasted_words),
		cmocka_unit_test(saved_documents_tell_their_own_time),
		cmocka_unit_test(a_probe_by_datagrams_tells_of_no_connection),
		cmocka_unit_test(views_are_no_more_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
