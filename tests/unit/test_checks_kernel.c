/*
 * Faults of the socket itself, by what the kernel counts: keys, filters, IPsec, queues,
 * memory. That the limits of the whole machine are reached (server.memory-pressure) no test
 * in namespaces may bring about: here it is shown by evidence that is made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/evidence_host.h"

enum { WEB_COOKIE = 100 };

/* After the window: what the listener dropped by then. */
static void drops_at_socket(struct scene *c, uint32_t n)
{
	const struct hand_socket after[] = {
		SOCK(PROTO_TCP, "0.0.0.0", 443, WEB_COOKIE, .limit = 511, .drops = n), {0}};

	scene_after(c, after);
}

/* Three SYNs without an answer; the listener dropped so many, and so many counted. */
static void counted(struct scene *c, const char *counter, uint64_t n, uint32_t n_dropped)
{
	scene_try(c, SILENT_TRY);
	scene_count(c, counter, n);
	drops_at_socket(c, n_dropped);
}

static struct handshake_table handshakes;
static struct handshake_row handshake_rows[16];

/* So many handshakes of the client wait for their end. */
static void wait_for(struct scene *c, const char *client, size_t n)
{
	memset(&handshakes, 0, sizeof(handshakes));
	for (size_t i = 0; i < n; i++)
		handshake_rows[i] = (struct handshake_row){
			.local = hand_addr(SERVER),
			.remote = hand_addr(client),
			.remote_port = (uint16_t)(40000 + i),
		};
	handshakes.rows = handshake_rows;
	handshakes.n = n;
	c->e.handshakes = &handshakes;
}

/* ---- keys ---- */

static void no_key(struct scene *c)
{
	counted(c, "TcpExt.TCPMD5NotFound", 3, 3);
}

static void unexpected_key(struct scene *c)
{
	counted(c, "TcpExt.TCPMD5Unexpected", 3, 3);
}

static void other_key(struct scene *c)
{
	counted(c, "TcpExt.TCPMD5Failure", 3, 3);
}

static void no_ao(struct scene *c)
{
	counted(c, "TcpExt.TCPAORequired", 3, 3);
}

static void no_key_elsewhere(struct scene *c)
{
	counted(c, "TcpExt.TCPMD5NotFound", 3, 0);
}

static void no_key_of_some(struct scene *c)
{
	counted(c, "TcpExt.TCPMD5NotFound", 1, 1);
}

static void no_key_socket_not_read_again(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	scene_count(c, "TcpExt.TCPMD5NotFound", 3);
}

/* Another client at the port, which got nothing either: whose the counts are is not known.
 */
static void no_key_of_one_of_two(struct scene *c)
{
	scene_name(c);
	counted(c, "TcpExt.TCPMD5NotFound", 3, 3);
	scene_tell(c, "10.0.0.3", SILENT_TRY);
}

static void no_key_yet_answered(struct scene *c)
{
	no_key(c);
	scene_tell(c, CLIENT, ANSWERED_TRY);
}

static const struct scene_row key_rows[] = {
	PROVEN("no signature", no_key, FAULT_TCP_AUTHENTICATION, "carry none"),
	PROVEN("a signature nobody wants", unexpected_key, FAULT_TCP_AUTHENTICATION,
	       "has no key for it"),
	PROVEN("another key", other_key, FAULT_TCP_AUTHENTICATION, "another key"),
	PROVEN("no TCP-AO", no_ao, FAULT_TCP_AUTHENTICATION, "wants TCP-AO"),
	LIKELY("the listener was not read again", no_key_socket_not_read_again,
	       FAULT_TCP_AUTHENTICATION, "carry none"),
	POSSIBLE("fewer than came", no_key_of_some, FAULT_TCP_AUTHENTICATION, ""),
	POSSIBLE("another client got nothing either", no_key_of_one_of_two,
		 FAULT_TCP_AUTHENTICATION, ""),
	NEVER("another listener's", no_key_elsewhere, FAULT_TCP_AUTHENTICATION),
	EXCLUDED("it was answered", no_key_yet_answered, FAULT_TCP_AUTHENTICATION),
};

static void a_key_that_does_not_fit_is_told_by_two_counts(void **state)
{
	(void)state;
	scene_run(key_rows, N_OF(key_rows));
}

/* ---- filters ---- */

static void below_ttl(struct scene *c)
{
	counted(c, "TcpExt.TCPMinTTLDrop", 3, 3);
}

static void filtered(struct scene *c)
{
	counted(c, "TcpExt.TCPMinTTLDrop", 0, 3);
}

static void filtered_in_part(struct scene *c)
{
	counted(c, "TcpExt.TCPMinTTLDrop", 0, 2);
}

static void filtered_or_overflown(struct scene *c)
{
	filtered(c);
	scene_count(c, "TcpExt.ListenOverflows", 1);
}

static void filtered_or_of_a_group(struct scene *c)
{
	filtered(c);
	c->programs.groups_error = EBADF;
}

static void filtered_and_a_program(struct scene *c)
{
	struct path_leg *leg;

	filtered(c);
	c->program = (struct program_row){.place = PROGRAM_AT_SOCKET,
					  .kind = PROGRAM_OF_CGROUP,
					  .words = "program 9",
					  .device = ""};
	leg = &c->e.walks[0].path.request;
	leg->programs[leg->n_programs++] = &c->program;
}

static void not_filtered(struct scene *c)
{
	counted(c, "TcpExt.TCPMinTTLDrop", 0, 0);
}

static const struct scene_row filter_rows[] = {
	PROVEN("a TTL below its minimum", below_ttl, FAULT_SOCKET_FILTER, "minimum TTL"),
	LIKELY("dropped, and no other counter moved", filtered, FAULT_SOCKET_FILTER,
	       "itself drops"),
	POSSIBLE("programs of groups cannot be read", filtered_or_of_a_group,
		 FAULT_SOCKET_FILTER, "itself drops"),
	NEVER("fewer than came", filtered_in_part, FAULT_SOCKET_FILTER),
	NEVER("the queue overflowed", filtered_or_overflown, FAULT_SOCKET_FILTER),
	NEVER("a program stands there", filtered_and_a_program, FAULT_SOCKET_FILTER),
	EXCLUDED("the socket dropped nothing", not_filtered, FAULT_SOCKET_FILTER),
};

static void a_filter_of_the_socket_is_what_nothing_else_accounts_for(void **state)
{
	(void)state;
	scene_run(filter_rows, N_OF(filter_rows));
}

/* ---- IPsec ---- */

static void unprotected(struct scene *c)
{
	counted(c, "xfrm.XfrmInTmplMismatch", 3, 3);
}

static void unprotected_elsewhere(struct scene *c)
{
	counted(c, "xfrm.XfrmInTmplMismatch", 3, 0);
}

static void answer_without_association(struct scene *c)
{
	counted(c, "xfrm.XfrmOutNoStates", 4, 0);
	wait_for(c, CLIENT, 1);
}

static void answer_blocked(struct scene *c)
{
	counted(c, "xfrm.XfrmOutPolBlock", 3, 0);
	scene_count(c, "TcpExt.ListenDrops", 3);
}

static void answers_of_others_blocked(struct scene *c)
{
	counted(c, "xfrm.XfrmOutPolBlock", 1, 0);
}

static void still(struct scene *c)
{
	static const char *const names[] = {
		"xfrm.XfrmInTmplMismatch", "xfrm.XfrmInNoPols",    "xfrm.XfrmInPolBlock",
		"xfrm.XfrmInPolError",     "xfrm.XfrmOutNoStates", "xfrm.XfrmOutPolBlock",
		"xfrm.XfrmOutPolDead",     "xfrm.XfrmOutPolError"};

	scene_try(c, SILENT_TRY);
	for (size_t i = 0; i < N_OF(names); i++)
		scene_count(c, names[i], 0);
}

static const struct scene_row ipsec_rows[] = {
	PROVEN("in the clear", unprotected, FAULT_IPSEC_POLICY, "in the clear"),
	PROVEN("no association for the answer", answer_without_association,
	       FAULT_IPSEC_POLICY, "no security association"),
	PROVEN("the answer is blocked", answer_blocked, FAULT_IPSEC_POLICY,
	       "blocks the answer"),
	POSSIBLE("fewer answers than SYNs", answers_of_others_blocked, FAULT_IPSEC_POLICY,
		 ""),
	NEVER("another socket's", unprotected_elsewhere, FAULT_IPSEC_POLICY),
	EXCLUDED("nothing was counted", still, FAULT_IPSEC_POLICY),
};

static void a_policy_of_ipsec_is_told_by_what_the_kernel_stops_for_it(void **state)
{
	(void)state;
	scene_run(ipsec_rows, N_OF(ipsec_rows));
}

/* ---- queues ---- */

static struct setting_row setting_rows[4];

static void set(struct scene *c, const char *name, const char *value)
{
	struct setting_table *t = &c->settings;

	t->rows = setting_rows;
	t->rows[t->n++] =
		(struct setting_row){.name = text_of(name), .value = text_of(value)};
}

static void syn_queue_full(struct scene *c)
{
	counted(c, "TcpExt.TCPReqQFullDrop", 3, 3);
	scene_count(c, "TcpExt.ListenDrops", 3);
	wait_for(c, "10.0.0.4", 8);
}

static void syn_queue_full_of_another(struct scene *c)
{
	counted(c, "TcpExt.TCPReqQFullDrop", 3, 0);
	scene_count(c, "TcpExt.ListenDrops", 3);
}

static void last_quarter(struct scene *c)
{
	counted(c, "TcpExt.TCPReqQFullDrop", 0, 3);
	scene_count(c, "TcpExt.ListenDrops", 3);
	set(c, "net/ipv4/tcp_max_syn_backlog", "8");
	set(c, "net/ipv4/tcp_syncookies", "0");
	wait_for(c, "10.0.0.4", 7);
}

static void last_quarter_and_cookies(struct scene *c)
{
	last_quarter(c);
	c->settings.rows[1].value = text_of("1");
}

static void last_quarter_or_no_route(struct scene *c)
{
	last_quarter(c);
	scene_count(c, "Ip.OutNoRoutes", 3);
}

static void syn_queue_empty(struct scene *c)
{
	counted(c, "TcpExt.TCPReqQFullDrop", 0, 0);
	scene_count(c, "TcpExt.ListenDrops", 0);
}

/* TCP holds so many pages of the 800 that it may hold. */
static void hold_pages(struct scene *c, uint64_t pages, struct attempt a)
{
	scene_try(c, a);
	scene_count(c, "TcpExt.TCPRcvQDrop", 4);
	scene_count(c, "sockstat.TCP.mem", pages - 7); /* scene_count() begins with 7 */
	set(c, "net/ipv4/tcp_mem", "400\t600\t800");
}

static void out_of_memory(struct scene *c)
{
	hold_pages(c, 801, SILENT_TRY);
}

static void enough_memory(struct scene *c)
{
	hold_pages(c, 700, SILENT_TRY);
}

static void out_of_memory_yet_answered(struct scene *c)
{
	hold_pages(c, 801, ANSWERED_TRY);
}

static const struct scene_row queue_rows[] = {
	PROVEN("a full SYN queue", syn_queue_full, FAULT_SYN_QUEUE_FULL, "SYN queue"),
	PROVEN("its last quarter", last_quarter, FAULT_SYN_QUEUE_FULL, "SYN queue"),
	NEVER("another listener's is full", syn_queue_full_of_another,
	      FAULT_SYN_QUEUE_FULL),
	NEVER("cookies are on", last_quarter_and_cookies, FAULT_SYN_QUEUE_FULL),
	NEVER("no route accounts for it", last_quarter_or_no_route, FAULT_SYN_QUEUE_FULL),
	EXCLUDED("nothing was dropped", syn_queue_empty, FAULT_SYN_QUEUE_FULL),
	/* server.memory-pressure */
	LIKELY("TCP holds all it may", out_of_memory, FAULT_MEMORY_PRESSURE,
	       "no memory left"),
	NEVER("TCP holds less", enough_memory, FAULT_MEMORY_PRESSURE),
	EXCLUDED("the client is served", out_of_memory_yet_answered, FAULT_MEMORY_PRESSURE),
};

static void a_queue_without_room_is_told_from_one_of_another_socket(void **state)
{
	(void)state;
	scene_run(queue_rows, N_OF(queue_rows));
}

/* ---- datagrams ---- */

static uint32_t bytes_waiting;

static void datagrams(struct scene *c, uint32_t n_dropped, uint64_t n_counted,
		      struct attempt a)
{
	static const struct hand_socket before[] = {
		SOCK(PROTO_UDP, "0.0.0.0", 443, 200, .limit = 2304), {0}};
	const struct hand_socket after[] = {SOCK(PROTO_UDP, "0.0.0.0", 443, 200,
						 .limit = 2304, .length = bytes_waiting,
						 .drops = n_dropped),
					    {0}};

	c->e.target.proto = IPPROTO_UDP;
	scene_listen(c, before);
	scene_try(c, a);
	scene_count(c, "Udp.RcvbufErrors", n_counted);
	table_unref(c->after);
	c->after = hand_table(after, PROTO_UDP);
	c->e.datagrams_after[0] = c->after;
}

static void buffer_full(struct scene *c)
{
	bytes_waiting = 2000;
	datagrams(c, 3, 3, SILENT_TRY);
}

static void buffer_full_at_times(struct scene *c)
{
	bytes_waiting = 2000;
	datagrams(c, 1, 1, SILENT_TRY);
}

static void buffer_full_for_a_moment(struct scene *c)
{
	bytes_waiting = 0;
	datagrams(c, 1, 1, SILENT_TRY);
}

static void buffer_of_another_full(struct scene *c)
{
	datagrams(c, 0, 3, SILENT_TRY);
}

static void buffer_full_yet_answered(struct scene *c)
{
	datagrams(c, 3, 3, ANSWERED_TRY);
}

static void buffer_full_once(struct scene *c)
{
	datagrams(c, 3, 0, SILENT_TRY);
}

static const struct scene_row datagram_rows[] = {
	PROVEN("its buffer is full", buffer_full, FAULT_UDP_BUFFER_FULL, "receive buffer"),
	LIKELY("it is full, and dropped fewer than came", buffer_full_at_times,
	       FAULT_UDP_BUFFER_FULL, ""),
	POSSIBLE("it is empty now", buffer_full_for_a_moment, FAULT_UDP_BUFFER_FULL, ""),
	EXCLUDED("another socket's is", buffer_of_another_full, FAULT_UDP_BUFFER_FULL),
	EXCLUDED("it was full once", buffer_full_once, FAULT_UDP_BUFFER_FULL),
	EXCLUDED("the client is served", buffer_full_yet_answered, FAULT_UDP_BUFFER_FULL),
};

static void a_full_buffer_of_datagrams_is_told_by_its_own_count(void **state)
{
	(void)state;
	scene_run(datagram_rows, N_OF(datagram_rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_that_does_not_fit_is_told_by_two_counts),
		cmocka_unit_test(a_filter_of_the_socket_is_what_nothing_else_accounts_for),
		cmocka_unit_test(a_policy_of_ipsec_is_told_by_what_the_kernel_stops_for_it),
		cmocka_unit_test(a_queue_without_room_is_told_from_one_of_another_socket),
		cmocka_unit_test(a_full_buffer_of_datagrams_is_told_by_its_own_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
