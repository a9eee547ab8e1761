/* Faults behind the handshake, by what the packets of the conversation show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/stream_scenes.h"
#include "tests/unit/hand_logs.h"

static struct attempt alerted(unsigned end, uint8_t level, uint8_t code)
{
	struct attempt a = talk(BYTES_TLS_CLIENT_HELLO, BYTES_TLS_SERVER_HELLO);

	a.stream.side[end].alert_level = level;
	a.stream.side[end].alert_code = code;
	return a;
}

static void lose_packets(struct scene *c)
{
	c->attempts.state.n_kernel_drops = 9;
}

/* ---- words ---- */

static void tls_to_http(struct scene *c)
{
	scene_try(c, talk(BYTES_TLS_CLIENT_HELLO, BYTES_HTTP_STATUS));
}

static void tls_to_http_lossy(struct scene *c)
{
	tls_to_http(c);
	lose_packets(c);
}

static void tls_to_http_once_among_others(struct scene *c)
{
	scene_tell(c, "198.51.100.9", talk(BYTES_HTTP_REQUEST, BYTES_HTTP_STATUS));
	tls_to_http(c);
}

static void tls_to_http_then_served(struct scene *c)
{
	tls_to_http(c);
	scene_tell(c, CLIENT, talk(BYTES_TLS_CLIENT_HELLO, BYTES_TLS_SERVER_HELLO));
}

static void http_gets_an_alert(struct scene *c)
{
	scene_try(c, talk(BYTES_HTTP_REQUEST, BYTES_TLS_ALERT));
}

static void http_hung_up(struct scene *c)
{
	scene_try(c, hung_up(BYTES_HTTP_REQUEST, false));
}

static void http_hung_up_and_tls_served(struct scene *c)
{
	http_hung_up(c);
	scene_name(c);
	scene_tell(c, CLIENT, talk(BYTES_TLS_CLIENT_HELLO, BYTES_TLS_SERVER_HELLO));
}

static void served(struct scene *c)
{
	scene_try(c, talk(BYTES_TLS_CLIENT_HELLO, BYTES_TLS_SERVER_HELLO));
}

static void http_served(struct scene *c)
{
	scene_try(c, talk(BYTES_HTTP_REQUEST, BYTES_HTTP_STATUS));
}

static void unknown_served(struct scene *c)
{
	scene_try(c, talk(BYTES_OTHER, BYTES_OTHER));
}

static void fatal_of_server(struct scene *c)
{
	scene_try(c, alerted(STREAM_SERVER, ALERT_FATAL, 70));
}

static void fatal_of_client(struct scene *c)
{
	scene_try(c, alerted(STREAM_CLIENT, ALERT_FATAL, 48));
}

static void sealed_of_client(struct scene *c)
{
	scene_try(c, alerted(STREAM_CLIENT, ALERT_SEALED, 0));
}

static void sealed_of_client_lossy(struct scene *c)
{
	sealed_of_client(c);
	c->attempts.state.n_kernel_drops = 1;
}

static void warning_of_server(struct scene *c)
{
	scene_try(c, alerted(STREAM_SERVER, ALERT_WARNING, 112));
}

static void http_to_ssh(struct scene *c)
{
	scene_try(c, talk(BYTES_HTTP_REQUEST, BYTES_SSH_BANNER));
}

static void ssh_to_ssh(struct scene *c)
{
	scene_try(c, talk(BYTES_SSH_BANNER, BYTES_SSH_BANNER));
}

/* Bytes of no known kind came before any banner; then the client hung up. */
static void ssh_to_lines(struct scene *c, unsigned n_said, int64_t hung_up_ns)
{
	struct attempt a = talk(BYTES_SSH_BANNER, BYTES_OTHER);

	a.n_client_bytes = n_said;
	a.stream.side[STREAM_CLIENT].fin_ns = hung_up_ns;
	scene_try(c, a);
}

static void ssh_gave_up_on_lines(struct scene *c)
{
	ssh_to_lines(c, 20, 40 * MS);
}

static void ssh_waits_behind_lines(struct scene *c)
{
	ssh_to_lines(c, 20, -1);
}

static void ssh_went_on_behind_lines(struct scene *c)
{
	ssh_to_lines(c, 2000, 40 * MS);
}

static void mail_to_mail(struct scene *c)
{
	scene_try(c, talk(BYTES_SMTP_REQUEST, BYTES_SMTP_GREETING));
}

static void proxy_to_http(struct scene *c)
{
	struct attempt a = talk(BYTES_PROXY_HEADER, BYTES_HTTP_STATUS);

	a.http_status = 400;
	scene_try(c, a);
}

static void proxy_taken(struct scene *c)
{
	struct attempt a = talk(BYTES_PROXY_HEADER, BYTES_HTTP_STATUS);

	a.http_status = 200;
	scene_try(c, a);
}

static void no_proxy_header_and_one_taken(struct scene *c)
{
	http_hung_up(c);
	scene_name(c);
	scene_tell(c, CLIENT, talk(BYTES_PROXY_HEADER, BYTES_HTTP_STATUS));
}

static const struct scene_row word_rows[] = {
	PROVEN("TLS answered in plain text", tls_to_http, FAULT_TLS_MISMATCH,
	       "answers 443/tcp with an HTTP answer"),
	LIKELY("the same, packets lost", tls_to_http_lossy, FAULT_TLS_MISMATCH, ""),
	NEVER("the same client is served", tls_to_http_then_served, FAULT_TLS_MISMATCH),
	PROVEN("plain text answered by an alert", http_gets_an_alert, FAULT_TLS_MISMATCH,
	       "expects TLS"),
	POSSIBLE("plain text hung up on", http_hung_up, FAULT_TLS_MISMATCH, ""),
	LIKELY("plain text hung up on, TLS served", http_hung_up_and_tls_served,
	       FAULT_TLS_MISMATCH, "expects TLS"),
	EXCLUDED("TLS on both ends", served, FAULT_TLS_MISMATCH),
	EXCLUDED("plain text on both ends", http_served, FAULT_TLS_MISMATCH),
	EXCLUDED("neither is known", unknown_served, FAULT_TLS_MISMATCH),
	PROVEN("an alert of the server", fatal_of_server, FAULT_TLS_ALERT,
	       "alert 70 (protocol version)"),
	PROVEN("an alert of the client", fatal_of_client, FAULT_TLS_ALERT,
	       "the client gives up with the alert 48 (unknown CA)"),
	LIKELY("an encrypted alert", sealed_of_client, FAULT_TLS_ALERT, "encrypted alert"),
	POSSIBLE("an encrypted alert, packets lost", sealed_of_client_lossy,
		 FAULT_TLS_ALERT, "encrypted alert"),
	EXCLUDED("a warning alone", warning_of_server, FAULT_TLS_ALERT),
	EXCLUDED("no alert", served, FAULT_TLS_ALERT),
	NEVER("an alert to plain text", http_gets_an_alert, FAULT_TLS_ALERT),
	PROVEN("HTTP to SSH", http_to_ssh, FAULT_PROTOCOL_MISMATCH, "an SSH banner"),
	EXCLUDED("SSH to SSH", ssh_to_ssh, FAULT_PROTOCOL_MISMATCH),
	LIKELY("SSH to lines without a banner", ssh_gave_up_on_lines,
	       FAULT_PROTOCOL_MISMATCH, "of no kind"),
	NEVER("SSH whose banner is still to come", ssh_waits_behind_lines,
	      FAULT_PROTOCOL_MISMATCH),
	NEVER("SSH behind lines", ssh_went_on_behind_lines, FAULT_PROTOCOL_MISMATCH),
	EXCLUDED("mail to mail", mail_to_mail, FAULT_PROTOCOL_MISMATCH),
	NEVER("TLS to plain text", tls_to_http, FAULT_PROTOCOL_MISMATCH),
	PROVEN("a PROXY header is no HTTP", proxy_to_http, FAULT_PROXY_HEADER,
	       "does not take it"),
	EXCLUDED("a PROXY header is taken", proxy_taken, FAULT_PROXY_HEADER),
	LIKELY("without it hung up on, with it served", no_proxy_header_and_one_taken,
	       FAULT_PROXY_HEADER, "may expect a PROXY header"),
};

static void what_both_ends_say_decides(void **state)
{
	(void)state;
	scene_run(word_rows, N_OF(word_rows));
}

static void one_who_goes_wrong_among_others_is_no_fault(void **state)
{
	static struct scene c;
	struct diagnosis *d;

	(void)state;
	scene_start(&c);
	tls_to_http_once_among_others(&c);
	d = judge(&c.e);
	assert_non_null(d);
	assert_int_equal(d->verdict, VERDICT_HEALTHY);
	scene_give_back(&c, d);
}

/* ---- ends ---- */

static void count_aborts(struct scene *c, unsigned resets, unsigned on_data,
			 unsigned on_close)
{
	scene_count(c, "Tcp.OutRsts", resets);
	scene_count(c, "TcpExt.TCPAbortOnData", on_data);
	scene_count(c, "TcpExt.TCPAbortOnClose", on_close);
}

static void aborted(struct scene *c)
{
	scene_try(c, hung_up(BYTES_OTHER, true));
	count_aborts(c, 1, 1, 0);
}

static void closed_unread(struct scene *c)
{
	scene_try(c, hung_up(BYTES_OTHER, true));
	count_aborts(c, 1, 0, 1);
}

static void aborted_uncounted(struct scene *c)
{
	scene_try(c, hung_up(BYTES_OTHER, true));
	count_aborts(c, 0, 0, 0);
}

static void aborted_before(struct scene *c)
{
	http_served(c);
	count_aborts(c, 7, 7, 0);
}

static void closed_unasked(struct scene *c)
{
	scene_try(c, hung_up(BYTES_NONE, false));
}

/* All that is at 443 stands at 25 instead, where a server greets. */
static void closed_without_greeting(struct scene *c)
{
	c->e.target.port = 25;
	for (size_t i = 0; i < c->s->n_endpoints; i++) {
		struct endpoint *e = &c->s->endpoints[i];

		e->port = e->port == 443 ? 25 : e->port;
		for (size_t k = 0; k < e->n_sockets; k++)
			((struct socket_row *)e->sockets[k])->port = e->port;
	}
	closed_unasked(c);
}

/* nginx's own words, as the journal vouches for them. */
#define AT_ITS_LIMIT "[alert] 812#812: 512 worker_connections are not enough"
#define WRAPPED      "refused connect from " CLIENT " (" CLIENT ")"

static void closed_unasked_at_its_limit(struct scene *c)
{
	closed_unasked(c);
	scene_line(c, "nginx.service", AT_ITS_LIMIT, 2)->pid = 812;
}

/* Anybody may write so to syslog. */
static void closed_unasked_and_anybody_says_limit(struct scene *c)
{
	closed_without_greeting(c);
	scene_forgeable_line(c, "nginx", AT_ITS_LIMIT)->pid = 812;
}

static void closed_unasked_at_its_limit_long_ago(struct scene *c)
{
	closed_without_greeting(c);
	scene_line(c, "nginx.service", AT_ITS_LIMIT, 7200)->pid = 812;
}

static void closed_unasked_by_its_list(struct scene *c)
{
	closed_unasked(c);
	scene_line(c, "nginx.service", WRAPPED, 2)->pid = 812;
}

static void closed_unasked_and_anybody_says_list(struct scene *c)
{
	closed_without_greeting(c);
	scene_forgeable_line(c, "nginx", WRAPPED)->pid = 812;
}

static void closed_late(struct scene *c)
{
	struct attempt a = hung_up(BYTES_NONE, false);

	a.stream.side[STREAM_SERVER].fin_ns = 4 * NS_PER_S;
	scene_try(c, a);
}

static void closed_by_the_client(struct scene *c)
{
	struct attempt a = hung_up(BYTES_NONE, false);

	a.stream.side[STREAM_CLIENT].fin_ns = 4 * MS;
	scene_try(c, a);
}

static void says(struct scene *c, enum saying what, bool is_closed)
{
	struct attempt a = talk(BYTES_NONE, BYTES_MYSQL_GREETING);

	a.stream.says = (uint8_t)what;
	if (is_closed)
		a.stream.side[STREAM_SERVER].fin_ns = 5 * MS;
	scene_try(c, a);
}

static void says_too_many(struct scene *c)
{
	says(c, SAYS_TOO_MANY, true);
}

static void says_too_many_and_stays(struct scene *c)
{
	says(c, SAYS_TOO_MANY, false);
}

static void says_denied(struct scene *c)
{
	says(c, SAYS_DENIED, true);
}

static void reads_and_is_silent(struct scene *c)
{
	scene_try(c, talk(BYTES_HTTP_REQUEST, BYTES_NONE));
}

static const struct scene_row end_rows[] = {
	PROVEN("aborted, and counted", aborted, FAULT_RESETS_AFTER_ACCEPT, "resets them"),
	LIKELY("closed with data unread", closed_unread, FAULT_RESETS_AFTER_ACCEPT, ""),
	NEVER("the stack sent no RST", aborted_uncounted, FAULT_RESETS_AFTER_ACCEPT),
	EXCLUDED("aborts of before", aborted_before, FAULT_RESETS_AFTER_ACCEPT),
	NEVER("closed in order", closed_unasked, FAULT_RESETS_AFTER_ACCEPT),
	NEVER("closed on who asks nothing", closed_unasked, FAULT_ACCESS_DENIED),
	NEVER("closed on who asks nothing, no limit", closed_unasked,
	      FAULT_CONNECTION_LIMIT),
	POSSIBLE("closed without a greeting", closed_without_greeting, FAULT_ACCESS_DENIED,
		 "without a word"),
	BESIDE("closed without a greeting, as at a limit", closed_without_greeting,
	       FAULT_CONNECTION_LIMIT, CERTAINTY_POSSIBLE),
	PROVEN("closed unasked, and its log says limit", closed_unasked_at_its_limit,
	       FAULT_CONNECTION_LIMIT, ""),
	NEVER("its log says limit: that is no list", closed_unasked_at_its_limit,
	      FAULT_ACCESS_DENIED),
	BESIDE("anybody may have written of a limit", closed_unasked_and_anybody_says_limit,
	       FAULT_CONNECTION_LIMIT, CERTAINTY_POSSIBLE),
	BESIDE("a limit of two hours ago", closed_unasked_at_its_limit_long_ago,
	       FAULT_CONNECTION_LIMIT, CERTAINTY_POSSIBLE),
	PROVEN("closed unasked, and its log says list", closed_unasked_by_its_list,
	       FAULT_ACCESS_DENIED, ""),
	NEVER("its log says list: that is no limit", closed_unasked_by_its_list,
	      FAULT_CONNECTION_LIMIT),
	POSSIBLE("anybody may have written of a list", closed_unasked_and_anybody_says_list,
		 FAULT_ACCESS_DENIED, ""),
	NEVER("closed after a while", closed_late, FAULT_ACCESS_DENIED),
	NEVER("the client closed first", closed_by_the_client, FAULT_ACCESS_DENIED),
	PROVEN("it says too many", says_too_many, FAULT_CONNECTION_LIMIT, "too many"),
	NEVER("it says so and goes on", says_too_many_and_stays, FAULT_CONNECTION_LIMIT),
	PROVEN("it says no", says_denied, FAULT_ACCESS_DENIED, "not allowed"),
	NEVER("it says too many", says_too_many, FAULT_ACCESS_DENIED),
	EXCLUDED("served", http_served, FAULT_ACCESS_DENIED),
	NEVER("hung up on is not unanswered", http_hung_up, FAULT_NO_ANSWER),
	LIKELY("silence is unanswered", reads_and_is_silent, FAULT_NO_ANSWER, ""),
};

static void how_the_service_ends_it_decides(void **state)
{
	(void)state;
	scene_run(end_rows, N_OF(end_rows));
}

static void a_recording_without_streams_tells_no_story(void **state)
{
	struct attempt a = hung_up(BYTES_HTTP_REQUEST, true);

	(void)state;
	assert_int_equal(story_of(&a, AT + NS_PER_S), STORY_RESET);
	a.has_stream = false;
	assert_int_equal(story_of(&a, AT + NS_PER_S), STORY_UNTOLD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_both_ends_say_decides),
		cmocka_unit_test(one_who_goes_wrong_among_others_is_no_fault),
		cmocka_unit_test(how_the_service_ends_it_decides),
		cmocka_unit_test(a_recording_without_streams_tells_no_story),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
