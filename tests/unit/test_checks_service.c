/* Faults of the process behind the socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/judge_scenes.h"

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

/* A place came free by an accept of this moment. */
static const struct hand_socket at_limit_before[] = {
	SOCK(PROTO_TCP, "0.0.0.0", 443, 100, .length = 511, .limit = 511, .drops = 4), {0}};
static const struct hand_socket at_limit_after[] = {
	SOCK(PROTO_TCP, "0.0.0.0", 443, 100, .length = 511, .limit = 511, .drops = 9), {0}};

static void at_its_limit_and_turning_away(struct scene *c)
{
	scene_listen(c, at_limit_before);
	scene_after(c, at_limit_after);
	scene_count(c, "TcpExt.ListenOverflows", 5);
	scene_try(c, SILENT_TRY);
	scene_tell(c, CLIENT, ANSWERED_TRY);
}

static void at_its_limit_and_nobody_turned_away(struct scene *c)
{
	at_its_limit_and_turning_away(c);
	scene_after(c, at_limit_before);
}

static void at_its_limit_while_another_port_overflows(struct scene *c)
{
	scene_listen(c, at_limit_before);
	scene_after(c, at_limit_before);
	scene_count(c, "TcpExt.ListenOverflows", 5);
	scene_try(c, ANSWERED_TRY);
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

/* An open handshake of somebody's at the port, and what this client said. */
static void unanswered_beside_an_open_handshake(struct scene *c, bool is_repeated)
{
	struct attempt a = TAKEN_TRY;

	a.events[a.n_events++] = (struct attempt_event){.kind = PACKET_DATA};
	if (is_repeated)
		a.events[a.n_events++] =
			(struct attempt_event){.kind = PACKET_DATA, .is_repeated = true};
	scene_waits_for_ack(c);
	scene_try(c, a);
}

static void heard_beside_an_open_handshake(struct scene *c)
{
	unanswered_beside_an_open_handshake(c, false);
}

static void unheard_beside_an_open_handshake(struct scene *c)
{
	unanswered_beside_an_open_handshake(c, true);
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

/* A program stands before the rules, and nobody knows what it lets through. */
static void name_server_behind_a_program(struct scene *c)
{
	datagrams_on(c, 53);
	c->e.walks[0].path.request.verdict = PATH_UNSURE;
}

static void tracked_name_server_behind_a_program(struct scene *c)
{
	static struct conntrack_row row;
	static struct conntrack_table table = {.rows = &row, .n = 1};
	const struct attempt *a;

	name_server_behind_a_program(c);
	a = attempts_at(&c->attempts, attempts_n(&c->attempts) - 1);
	row = (struct conntrack_row){.proto = IPPROTO_UDP};
	row.original = (struct ct_tuple){.saddr = hand_addr(CLIENT),
					 .daddr = hand_addr(SERVER),
					 .sport = a->client_port,
					 .dport = 53};
	row.reply = (struct ct_tuple){.saddr = hand_addr(SERVER),
				      .daddr = hand_addr(CLIENT),
				      .sport = 53,
				      .dport = a->client_port};
	c->e.conntrack = &table;
}

static void name_server_whose_answer_may_be_stopped(struct scene *c)
{
	datagrams_on(c, 53);
	c->e.walks[0].path.reply.verdict = PATH_UNSURE;
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
	PROVEN("at its limit, and this socket turned some away",
	       at_its_limit_and_turning_away, FAULT_ACCEPT_QUEUE_FULL, "is full (511)"),
	EXCLUDED("at its limit, and it turned nobody away",
		 at_its_limit_and_nobody_turned_away, FAULT_ACCEPT_QUEUE_FULL),
	EXCLUDED("at its limit, and another port overflowed",
		 at_its_limit_while_another_port_overflows, FAULT_ACCEPT_QUEUE_FULL),
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
	LIKELY("an open handshake beside a client that was heard",
	       heard_beside_an_open_handshake, FAULT_NO_ANSWER, ""),
	BESIDE("what the client said was sent again: nobody took it",
	       unheard_beside_an_open_handshake, FAULT_NO_ANSWER, CERTAINTY_POSSIBLE),
	NEVER("a program may have kept the question", name_server_behind_a_program,
	      FAULT_NO_ANSWER),
	LIKELY("the tracked flow was let in by the program",
	       tracked_name_server_behind_a_program, FAULT_NO_ANSWER, "gets what comes"),
	POSSIBLE("the answer may be stopped", name_server_whose_answer_may_be_stopped,
		 FAULT_NO_ANSWER, ""),
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

/* ---- how fast it accepts ---- */

static const struct hand_socket drained_by_three[] = {
	SOCK(PROTO_TCP, "0.0.0.0", 443, 100, .length = 514, .limit = 511), {0}};

static bool says(const struct diagnosis *d, const char *words)
{
	for (size_t i = 0; i < d->findings[0].n_proofs; i++)
		if (scene_contains(d->findings[0].proofs[i].text, words))
			return true;
	return false;
}

static void accepts_nothing(struct scene *c)
{
	overflown(c);
	scene_after(c, full);
	scene_count(c, "Tcp.PassiveOpens", 0);
}

static void accepts_three(struct scene *c)
{
	static const struct hand_socket before[] = {
		SOCK(PROTO_TCP, "0.0.0.0", 443, 100, .length = 512, .limit = 511), {0}};

	scene_listen(c, before);
	scene_count(c, "TcpExt.ListenOverflows", 3);
	scene_try(c, SILENT_TRY);
	scene_after(c, drained_by_three);
	scene_count(c, "Tcp.PassiveOpens", 5);
}

static void what_the_service_accepts_is_told_from_two_readings(void **state)
{
	static const struct {
		void (*make)(struct scene *c);
		const char *words;
	} rows[] = {{accepts_nothing, "accepted none in 5.0 s"},
		    {accepts_three, "accepted at most 3 (0.6 a second) in 5.0 s"}};
	static struct scene c;

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct diagnosis *d = scene_judge(&c, rows[i].make);

		assert_int_equal(d->findings[0].fault, FAULT_ACCEPT_QUEUE_FULL);
		assert_true(says(d, rows[i].words));
		scene_give_back(&c, d);
	}
}

static void without_the_count_nothing_is_said_of_accepts(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, overflown);

	(void)state;
	assert_int_equal(d->findings[0].fault, FAULT_ACCEPT_QUEUE_FULL);
	assert_false(says(d, "accepted none"));
	assert_false(says(d, "accepted at most"));
	scene_give_back(&c, d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_service_accepts_is_told_from_two_readings),
		cmocka_unit_test(without_the_count_nothing_is_said_of_accepts),
		cmocka_unit_test(the_process_behind_the_socket_is_judged_by_its_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
