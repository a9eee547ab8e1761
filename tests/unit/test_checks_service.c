/* Faults of the process behind the socket, and of the client before this host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/evidence_host.h"

static const struct hand_socket full[] = {
	SOCK(PROTO_TCP, "0.0.0.0", 443, 100, .length = 512, .limit = 511), {0}};
static const struct hand_socket waiting[] = {
	SOCK(PROTO_TCP, "0.0.0.0", 443, 100, .length = 5, .limit = 511), {0}};

#define TAKEN_TRY                                         \
	((struct attempt){.outcome = OUTCOME_ANSWERED,    \
			  .n_syn_acks = 1,                \
			  .answered_ns = WALL + NS_PER_S, \
			  .client_bytes = BYTES_HTTP_REQUEST})

/* ---- server.process-stopped ---- */

static void stopped(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	scene_state(c, (struct process_state){.state = 'T', .n_fds = 9, .fd_limit = 1024});
}

static void frozen(struct scene *c)
{
	scene_try(c, TAKEN_TRY);
	scene_state(c, (struct process_state){.state = 'S', .is_frozen = TRI_YES});
}

static void stopped_owners_incomplete(struct scene *c)
{
	stopped(c);
	c->s->endpoints[0].owners_state = OWNERS_AT_LEAST;
}

static void running_again(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	scene_state(c, (struct process_state){.state = 'S', .n_fds = 9, .fd_limit = 1024});
}

static void stopped_after_serving(struct scene *c)
{
	stopped(c);
	scene_tell(c, CLIENT, ANSWERED_TRY);
}

static void a_successor_is_stopped(struct scene *c)
{
	stopped(c);
	c->state.start_ticks = 4711;
}

static void stopped_here_target_elsewhere(struct scene *c)
{
	c->e.target.role = AIM_CLIENT;
	c->e.target.address = hand_addr("203.0.113.5");
	scene_walk(c, "203.0.113.5", SERVER);
	c->e.walks[0].path.is_local = false;
	scene_state(c, (struct process_state){.state = 'T'});
}

static void stopped_here_passed_on(struct scene *c)
{
	stopped(c);
	c->e.walks[0].path.is_forwarded = true;
}

static void stopped_capture_lossy(struct scene *c)
{
	stopped(c);
	c->attempts.state.n_kernel_drops = 9;
}

/* ---- server.fd-exhausted ---- */

static void exhausted(struct scene *c)
{
	scene_listen(c, waiting);
	scene_try(c, TAKEN_TRY);
	scene_state(c, (struct process_state){.state = 'S', .n_fds = 64, .fd_limit = 64});
}

static void exhausted_nobody_waits(struct scene *c)
{
	exhausted(c);
	scene_after(c, scene_web);
}

static void descriptors_left(struct scene *c)
{
	exhausted(c);
	c->state.n_fds = 63;
}

static void exhausted_owners_incomplete(struct scene *c)
{
	exhausted(c);
	c->s->endpoints[0].owners_state = OWNERS_AT_LEAST;
}

/* ---- server.accept-queue-full ---- */

static void overflown(struct scene *c)
{
	scene_listen(c, full);
	scene_count(c, "TcpExt.ListenOverflows", 3);
	scene_try(c, SILENT_TRY);
}

static void full_untried(struct scene *c)
{
	scene_listen(c, full);
	scene_walk(c, SERVER, NULL);
}

static void full_yet_answered(struct scene *c)
{
	overflown(c);
	scene_forget(c);
	scene_tell(c, CLIENT, ANSWERED_TRY);
}

static void drained_since(struct scene *c)
{
	scene_listen(c, full);
	scene_count(c, "TcpExt.ListenOverflows", 0);
	scene_after(c, scene_web);
	scene_try(c, SILENT_TRY);
}

static void full_because_stopped(struct scene *c)
{
	overflown(c);
	scene_state(c, (struct process_state){.state = 'T'});
}

static void overflow_of_another_port(struct scene *c)
{
	scene_count(c, "TcpExt.ListenOverflows", 3);
	scene_try(c, ANSWERED_TRY);
}

/* ---- server.no-answer ---- */

static void unanswered(struct scene *c)
{
	scene_try(c, TAKEN_TRY);
}

static void unanswered_lossy(struct scene *c)
{
	unanswered(c);
	c->attempts.state.n_kernel_drops = 1;
}

static void asked_a_moment_ago(struct scene *c)
{
	struct attempt a = TAKEN_TRY;

	a.answered_ns = WALL + 4 * NS_PER_S;
	scene_try(c, a);
}

static void served_another_time(struct scene *c)
{
	scene_tell(c, CLIENT, ANSWERED_TRY);
	unanswered(c);
}

static void datagrams_on(struct scene *c, uint16_t port)
{
	const struct hand_socket rows[] = {SOCK(PROTO_UDP, "0.0.0.0", port, 100), {0}};

	c->e.target.proto = IPPROTO_UDP;
	c->e.target.port = port;
	scene_listen(c, rows);
	scene_count(c, "Udp.InDatagrams", 3);
	scene_try(c, SILENT_TRY);
}

static void name_server_is_silent(struct scene *c)
{
	datagrams_on(c, 53);
}

static void log_server_is_silent(struct scene *c)
{
	datagrams_on(c, 514);
}

static void datagrams_not_delivered(struct scene *c)
{
	datagrams_on(c, 53);
	scene_count(c, "Udp.InDatagrams", 0);
}

static void left_waiting(struct scene *c)
{
	scene_listen(c, waiting);
	scene_try(c, TAKEN_TRY);
	scene_state(c, (struct process_state){.state = 'S', .n_fds = 9, .fd_limit = 1024});
}

static void accepted_since(struct scene *c)
{
	left_waiting(c);
	scene_after(c, scene_web);
}

static void left_waiting_for_descriptors(struct scene *c)
{
	left_waiting(c);
	c->state.n_fds = 1024;
}

static void left_waiting_once(struct scene *c)
{
	scene_tell(c, CLIENT, ANSWERED_TRY);
	left_waiting(c);
}

static const struct scene_row service_rows[] = {
	PROVEN("stopped", stopped, FAULT_PROCESS_STOPPED, "nginx 812 is stopped"),
	PROVEN("frozen, though the kernel shakes hands", frozen, FAULT_PROCESS_STOPPED,
	       "frozen"),
	PROVEN("its state does not rest on the capture", stopped_capture_lossy,
	       FAULT_PROCESS_STOPPED, ""),
	POSSIBLE("stopped, perhaps not the only owner", stopped_owners_incomplete,
		 FAULT_PROCESS_STOPPED, ""),
	EXCLUDED("running again", running_again, FAULT_PROCESS_STOPPED),
	NEVER("it served in the window", stopped_after_serving, FAULT_PROCESS_STOPPED),
	NEVER("another process with that number", a_successor_is_stopped,
	      FAULT_PROCESS_STOPPED),
	NEVER("the target is elsewhere", stopped_here_target_elsewhere,
	      FAULT_PROCESS_STOPPED),
	NEVER("the packet is passed on", stopped_here_passed_on, FAULT_PROCESS_STOPPED),
	PROVEN("no descriptor left, somebody waits", exhausted, FAULT_FD_EXHAUSTED,
	       "nginx 812 has 64 files open"),
	LIKELY("no descriptor left, nobody waits", exhausted_nobody_waits,
	       FAULT_FD_EXHAUSTED, ""),
	BESIDE("no descriptor left, other owners", exhausted_owners_incomplete,
	       FAULT_FD_EXHAUSTED, CERTAINTY_POSSIBLE),
	EXCLUDED("one is left", descriptors_left, FAULT_FD_EXHAUSTED),
	PROVEN("full, overflows, silence", overflown, FAULT_ACCEPT_QUEUE_FULL,
	       "the accept queue of nginx 812 is full (512)"),
	LIKELY("full, nobody tried", full_untried, FAULT_ACCEPT_QUEUE_FULL, ""),
	BESIDE("full, yet all got in", full_yet_answered, FAULT_ACCEPT_QUEUE_FULL,
	       CERTAINTY_POSSIBLE),
	EXCLUDED("drained since", drained_since, FAULT_ACCEPT_QUEUE_FULL),
	EXCLUDED("another port overflowed", overflow_of_another_port,
		 FAULT_ACCEPT_QUEUE_FULL),
	NEVER("full because it is stopped", full_because_stopped, FAULT_ACCEPT_QUEUE_FULL),
	PROVEN("the stopped process is the cause", full_because_stopped,
	       FAULT_PROCESS_STOPPED, ""),
	LIKELY("they wait in its queue", left_waiting, FAULT_NOT_ACCEPTING,
	       "nginx 812 does not accept"),
	NEVER("they were accepted", accepted_since, FAULT_NOT_ACCEPTING),
	NEVER("it has no descriptor to accept with", left_waiting_for_descriptors,
	      FAULT_NOT_ACCEPTING),
	EXCLUDED("it served another time", left_waiting_once, FAULT_NOT_ACCEPTING),
	LIKELY("no byte comes back", unanswered, FAULT_NO_ANSWER,
	       "nginx 812 takes connections on 443/tcp"),
	LIKELY("a name server that is silent", name_server_is_silent, FAULT_NO_ANSWER,
	       "gets what comes"),
	POSSIBLE("a log server is silent by trade", log_server_is_silent, FAULT_NO_ANSWER,
		 ""),
	BESIDE("bytes may be among the lost", unanswered_lossy, FAULT_NO_ANSWER,
	       CERTAINTY_POSSIBLE),
	NEVER("asked a moment ago", asked_a_moment_ago, FAULT_NO_ANSWER),
	NEVER("datagrams reached no socket", datagrams_not_delivered, FAULT_NO_ANSWER),
	EXCLUDED("it served this client before", served_another_time, FAULT_NO_ANSWER),
};

static void the_process_behind_the_socket_is_judged_by_its_state(void **state)
{
	(void)state;
	scene_run(service_rows, N_OF(service_rows));
}

/* ---- the client ---- */

static const struct hand_socket on_8443[] = {
	SOCK(PROTO_TCP, "0.0.0.0", 8443, 100, .limit = 511), {0}};

static void wrong_port(struct scene *c)
{
	scene_listen(c, on_8443);
	scene_count(c, "Tcp.OutRsts", 1);
	scene_try(c, REFUSED_TRY);
}

static void uses_the_right_one_too(struct scene *c)
{
	struct attempt a = ANSWERED_TRY;

	a.server_port = 8443;
	scene_tell(c, CLIENT, a);
	wrong_port(c);
}

static void scans_the_right_one_too(struct scene *c)
{
	scene_tell(c, CLIENT,
		   (struct attempt){.outcome = OUTCOME_ANSWERED,
				    .server_port = 8443,
				    .n_syn_acks = 1});
	wrong_port(c);
}

static void named_at_the_wrong_port(struct scene *c)
{
	scene_name(c);
	wrong_port(c);
}

static void comes_back_each_minute(struct scene *c)
{
	struct attempt a = REFUSED_TRY;

	c->e.window_end_ns = WALL + 300 * NS_PER_S;
	for (int i = 0; i < 3; i++) {
		a.first_ns = WALL + (1 + 60 * i) * NS_PER_S;
		scene_tell(c, CLIENT, a);
	}
	wrong_port(c);
}

static void both_ports_are_served(struct scene *c)
{
	static const struct hand_socket rows[] = {SOCK(PROTO_TCP, "0.0.0.0", 443, 100),
						  SOCK(PROTO_TCP, "0.0.0.0", 8443, 101),
						  {0}};

	scene_name(c);
	scene_listen(c, rows);
	scene_try(c, REFUSED_TRY);
}

static void silent(struct scene *c)
{
	scene_name(c);
	scene_walk(c, SERVER, CLIENT);
}

static void silent_for_long(struct scene *c)
{
	silent(c);
	c->e.waited_ns = 41 * NS_PER_S;
	c->e.window_end_ns = WALL + 41 * NS_PER_S;
}

static void silent_for_long_lossy(struct scene *c)
{
	silent_for_long(c);
	c->attempts.state.n_device_drops = 1;
}

static void silent_and_nobody_else(struct scene *c)
{
	silent_for_long(c);
	c->attempts.state.n_packets = 0;
}

static void silent_by_that_source_port(struct scene *c)
{
	silent(c);
	c->e.target.client_port = 51514;
	scene_tell(c, CLIENT, SILENT_TRY);
}

static void silent_in_the_window_only(struct scene *c)
{
	struct attempt a = SILENT_TRY;

	silent(c);
	a.first_ns = a.last_ns = WALL - NS_PER_S;
	scene_tell(c, CLIENT, a);
}

static void silent_unnamed(struct scene *c)
{
	scene_walk(c, SERVER, NULL);
}

static void silent_without_capture(struct scene *c)
{
	silent(c);
	c->e.capture_error = EPERM;
}

static void others_try(struct scene *c)
{
	silent(c);
	scene_tell(c, "198.51.100.7", ANSWERED_TRY);
}

static void hangs_up(struct scene *c)
{
	struct attempt a = {
		.outcome = OUTCOME_HALF_OPEN, .n_syn_acks = 1, .n_client_resets = 1};

	scene_name(c);
	scene_tell(c, CLIENT, a);
	scene_try(c, a);
}

static void hangs_up_lossy(struct scene *c)
{
	hangs_up(c);
	c->attempts.state.n_kernel_drops = 1;
}

static void hangs_up_unnamed(struct scene *c)
{
	hangs_up(c);
	c->e.target.is_client_named = false;
}

static void hangs_up_sometimes(struct scene *c)
{
	hangs_up(c);
	scene_tell(c, CLIENT, ANSWERED_TRY);
}

static const struct scene_row client_rows[] = {
	PROVEN("it uses the right port too", uses_the_right_one_too, FAULT_WRONG_PORT,
	       "nginx 812 listens on 8443"),
	LIKELY("the client is named", named_at_the_wrong_port, FAULT_WRONG_PORT, ""),
	LIKELY("it comes back each minute", comes_back_each_minute, FAULT_WRONG_PORT, ""),
	NEVER("once: a scan", wrong_port, FAULT_WRONG_PORT),
	NEVER("a scan of both ports", scans_the_right_one_too, FAULT_WRONG_PORT),
	EXCLUDED("both are served", both_ports_are_served, FAULT_WRONG_PORT),
	EXCLUDED("its effect is not told: nobody listens", both_ports_are_served,
		 FAULT_NOT_LISTENING),
	LIKELY("nothing for 41 s", silent_for_long, FAULT_SYN_NEVER_ARRIVES,
	       "no SYN from 10.0.0.2 to 443/tcp in 41 s"),
	POSSIBLE("nothing for 5 s", silent, FAULT_SYN_NEVER_ARRIVES, ""),
	POSSIBLE("the capture lost packets", silent_for_long_lossy, FAULT_SYN_NEVER_ARRIVES,
		 ""),
	POSSIBLE("nobody else was seen", silent_and_nobody_else, FAULT_SYN_NEVER_ARRIVES,
		 "nothing arrives"),
	EXCLUDED("it came from another source port", silent_by_that_source_port,
		 FAULT_SYN_NEVER_ARRIVES),
	EXCLUDED("it came before the window", silent_in_the_window_only,
		 FAULT_SYN_NEVER_ARRIVES),
	NEVER("nobody was named", silent_unnamed, FAULT_SYN_NEVER_ARRIVES),
	NEVER("there was no capture", silent_without_capture, FAULT_SYN_NEVER_ARRIVES),
	POSSIBLE("others try", others_try, FAULT_SOURCE_DIFFERS,
		 "10.0.0.2 is silent, but 198.51.100.7 tries this port"),
	NEVER("nobody tries", silent, FAULT_SOURCE_DIFFERS),
	LIKELY("it hangs up each time", hangs_up, FAULT_GAVE_UP_EARLY, "10.0.0.2 resets"),
	POSSIBLE("bytes may be among the lost", hangs_up_lossy, FAULT_GAVE_UP_EARLY, ""),
	NEVER("nobody was named: a scan", hangs_up_unnamed, FAULT_GAVE_UP_EARLY),
	EXCLUDED("it hangs up sometimes", hangs_up_sometimes, FAULT_GAVE_UP_EARLY),
};

static void a_client_is_blamed_for_what_was_seen_of_it(void **state)
{
	(void)state;
	scene_run(client_rows, N_OF(client_rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_process_behind_the_socket_is_judged_by_its_state),
		cmocka_unit_test(a_client_is_blamed_for_what_was_seen_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
