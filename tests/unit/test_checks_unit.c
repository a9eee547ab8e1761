/* Faults of the service behind the port, as systemd, the sockets and the logs know it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/judge_scenes.h"

#include "tests/unit/hand_logs.h"

static const struct hand_socket ssh[] = {SOCK(PROTO_TCP, "0.0.0.0", 443, 200, .limit = 511),
					 {0}};

static void refused_at(struct scene *c, uint16_t port)
{
	c->e.target.port = port;
	scene_listen(c, none);
	scene_count(c, "Tcp.OutRsts", 1);
	scene_try(c, REFUSED_TRY);
}

/* ---- server.service-failed: what systemd says ---- */

static void its_unit_failed(struct scene *c)
{
	refused_at(c, 22);
	scene_unit(c, "ssh.service", "failed", "failed", "exit-code")->exit_status = 255;
}

static void its_unit_comes_again_and_again(struct scene *c)
{
	refused_at(c, 5432);
	scene_unit(c, "postgresql@15-main.service", "activating", "auto-restart",
		   "oom-kill")
		->n_restarts = 12;
}

static void its_unit_runs(struct scene *c)
{
	refused_at(c, 22);
	scene_unit(c, "ssh.service", "active", "running", "success");
}

static void its_unit_was_stopped_in_order(struct scene *c)
{
	refused_at(c, 22);
	scene_unit(c, "ssh.service", "inactive", "dead", "success");
}

static void another_unit_failed(struct scene *c)
{
	refused_at(c, 22);
	scene_unit(c, "nginx.service", "failed", "failed", "exit-code");
}

static void the_one_web_server_failed(struct scene *c)
{
	refused_at(c, 443);
	scene_unit(c, "nginx.service", "failed", "failed", "exit-code");
}

static void one_of_two_web_servers_failed(struct scene *c)
{
	refused_at(c, 443);
	scene_unit(c, "apache2.service", "active", "running", "success");
	scene_unit(c, "nginx.service", "failed", "failed", "exit-code");
}

static void its_unit_failed_and_it_listens_on_loopback(struct scene *c)
{
	static const struct hand_socket on_loopback[] = {
		SOCK(PROTO_TCP, "127.0.0.1", 22, 100, .limit = 511), {0}};

	c->e.target.port = 22;
	scene_listen(c, on_loopback);
	scene_try(c, REFUSED_TRY);
	scene_unit(c, "ssh.service", "failed", "failed", "exit-code");
}

static void its_unit_failed_and_could_not_bind(struct scene *c)
{
	its_unit_failed(c);
	scene_line(c, "ssh.service",
		   "error: Bind to port 22 on 10.0.0.77 failed: Cannot assign requested "
		   "address.",
		   1);
}

/* ---- and what is written down ---- */

static void its_line_says_that_it_failed(struct scene *c)
{
	struct log_line *line;

	refused_at(c, 22);
	line = scene_line(c, "ssh.service", "ssh.service: Failed with result 'exit-code'.",
			  1);
	line->from_init = true;
}

static void its_line_is_that_of_anybody(struct scene *c)
{
	refused_at(c, 22);
	scene_forgeable_line(c, "systemd", "ssh.service: Failed with result 'exit-code'.");
}

static void its_line_is_of_hours_ago(struct scene *c)
{
	struct log_line *line;

	refused_at(c, 22);
	line = scene_line(c, "ssh.service", "ssh.service: Failed with result 'exit-code'.",
			  7200);
	line->from_init = true;
}

static void its_line_and_systemd_says_that_it_runs(struct scene *c)
{
	its_line_says_that_it_failed(c);
	scene_unit(c, "ssh.service", "active", "running", "success");
}

static void it_was_killed_for_memory(struct scene *c)
{
	refused_at(c, 6379);
	scene_kernel_line(c, "Out of memory: Killed process 7 (redis-server) total", 60);
}

static void another_was_killed_for_memory(struct scene *c)
{
	refused_at(c, 6379);
	scene_kernel_line(c, "Out of memory: Killed process 7 (chrome) total", 60);
}

/* ---- and the sockets themselves ---- */

static void it_ended_in_this_time(struct scene *c)
{
	scene_count(c, "Tcp.OutRsts", 1);
	scene_after(c, none);
	scene_try(c, REFUSED_TRY);
}

static void it_was_restarted_in_this_time(struct scene *c)
{
	scene_count(c, "Tcp.OutRsts", 1);
	scene_after(c, ssh);
	scene_try(c, REFUSED_TRY);
}

static void it_is_there_as_before(struct scene *c)
{
	scene_count(c, "Tcp.OutRsts", 1);
	scene_after(c, scene_web);
	scene_try(c, REFUSED_TRY);
}

static void it_was_restarted_and_nobody_was_refused(struct scene *c)
{
	scene_after(c, ssh);
	scene_try(c, ANSWERED_TRY);
}

static void it_came_in_this_time(struct scene *c)
{
	refused_at(c, 443);
	scene_after(c, ssh);
}

static const struct scene_row failed_rows[] = {
	LIKELY("its unit failed", its_unit_failed, FAULT_SERVICE_FAILED,
	       "nobody listens on 22/tcp: ssh.service is failed (exit-code, status 255)"),
	NEVER("its unit failed: nobody listening is the effect", its_unit_failed,
	      FAULT_NOT_LISTENING),
	LIKELY("its unit is started again and again", its_unit_comes_again_and_again,
	       FAULT_SERVICE_FAILED,
	       "postgresql@15-main.service is auto-restart (oom-kill), restarted 12 times"),
	NEVER("its unit runs", its_unit_runs, FAULT_SERVICE_FAILED),
	NEVER("its unit was stopped", its_unit_was_stopped_in_order, FAULT_SERVICE_FAILED),
	NEVER("another unit failed", another_unit_failed, FAULT_SERVICE_FAILED),
	LIKELY("the one web server that is installed failed", the_one_web_server_failed,
	       FAULT_SERVICE_FAILED, "nginx.service"),
	BESIDE("another web server may be meant", one_of_two_web_servers_failed,
	       FAULT_SERVICE_FAILED, CERTAINTY_POSSIBLE),
	NEVER("somebody listens elsewhere", its_unit_failed_and_it_listens_on_loopback,
	      FAULT_SERVICE_FAILED),
	LIKELY("its reason is the cause", its_unit_failed_and_could_not_bind,
	       FAULT_ADDRESS_ABSENT, ""),
	NEVER("its reason is the cause", its_unit_failed_and_could_not_bind,
	      FAULT_SERVICE_FAILED),
	LIKELY("systemd's line", its_line_says_that_it_failed, FAULT_SERVICE_FAILED,
	       "ssh.service, the unit failed"),
	NEVER("a line that anybody may write", its_line_is_that_of_anybody,
	      FAULT_SERVICE_FAILED),
	BESIDE("systemd's line of hours ago", its_line_is_of_hours_ago,
	       FAULT_SERVICE_FAILED, CERTAINTY_POSSIBLE),
	NEVER("systemd's line, and it runs by now", its_line_and_systemd_says_that_it_runs,
	      FAULT_SERVICE_FAILED),
	LIKELY("the kernel killed it", it_was_killed_for_memory, FAULT_SERVICE_FAILED,
	       "redis-server, killed for want of memory"),
	NEVER("the kernel killed another", another_was_killed_for_memory,
	      FAULT_SERVICE_FAILED),
	PROVEN("its socket has gone", it_ended_in_this_time, FAULT_SERVICE_FAILED,
	       "nginx 812 on 443/tcp has gone"),
	LIKELY("its socket is another one", it_was_restarted_in_this_time,
	       FAULT_SERVICE_FAILED, "restarts"),
	NEVER("its socket is the same", it_is_there_as_before, FAULT_SERVICE_FAILED),
	NEVER("nobody was refused", it_was_restarted_and_nobody_was_refused,
	      FAULT_SERVICE_FAILED),
	LIKELY("its socket has come", it_came_in_this_time, FAULT_SERVICE_FAILED,
	       "somebody does by now"),
};

static void a_service_that_is_down_is_told_from_one_that_is_not_there(void **state)
{
	(void)state;
	scene_run(failed_rows, N_OF(failed_rows));
}

/* ---- server.activation-stuck ---- */

static struct socket_unit_row socket_rows[1];

static void declare(struct scene *c, uint16_t port)
{
	socket_rows[0] = (struct socket_unit_row){.unit = text_of("web.socket"),
						  .service = text_of("web.service"),
						  .proto = PROTO_TCP,
						  .port = port};
	c->s->units = table_new(sizeof(*c->s->units), NULL);
	c->s->units->rows = socket_rows;
	c->s->units->n = 1;
}

static void held_by_systemd(struct scene *c, uint32_t n_waiting, const char *active,
			    const char *sub)
{
	static struct hand_socket held[2];

	held[0] = (struct hand_socket)SOCK(PROTO_TCP, "0.0.0.0", 443, 100, .limit = 511,
					   .length = n_waiting);
	scene_listen(c, held);
	c->s->endpoints[0].socket_unit = text_of("web.socket");
	c->s->endpoints[0].activates = text_of("web.service");
	scene_try(c, ((struct attempt){.outcome = OUTCOME_ANSWERED,
				       .n_syn_acks = 1,
				       .answered_ns = WALL + NS_PER_S,
				       .client_bytes = BYTES_HTTP_REQUEST}));
	scene_unit(c, "web.service", active, sub, "exit-code");
}

static void its_service_fails(struct scene *c)
{
	held_by_systemd(c, 3, "failed", "failed");
}

static void its_service_starts_for_ever(struct scene *c)
{
	held_by_systemd(c, 3, "activating", "start-pre");
}

static void its_service_runs(struct scene *c)
{
	held_by_systemd(c, 3, "active", "running");
}

static void its_service_failed_and_nobody_waits(struct scene *c)
{
	held_by_systemd(c, 0, "failed", "failed");
}

static void its_service_failed_and_answers(struct scene *c)
{
	its_service_fails(c);
	scene_forget(c);
	scene_tell(c, CLIENT, ANSWERED_TRY);
}

static void systemd_has_given_up(struct scene *c)
{
	refused_at(c, 443);
	declare(c, 443);
	scene_unit(c, "web.service", "failed", "failed", "exit-code");
	scene_unit(c, "web.socket", "failed", "failed", "service-start-limit-hit");
}

static void its_socket_was_stopped(struct scene *c)
{
	refused_at(c, 443);
	declare(c, 443);
	scene_unit(c, "web.service", "inactive", "dead", "success");
	scene_unit(c, "web.socket", "inactive", "dead", "success");
}

static void another_port_s_socket_has_given_up(struct scene *c)
{
	systemd_has_given_up(c);
	socket_rows[0].port = 80;
}

static const struct scene_row stuck_rows[] = {
	PROVEN("its service fails", its_service_fails, FAULT_ACTIVATION_STUCK,
	       "web.socket holds 443/tcp, and the service that it starts is not up"),
	NEVER("its service fails: not that it does not accept", its_service_fails,
	      FAULT_NOT_ACCEPTING),
	LIKELY("its service starts for ever", its_service_starts_for_ever,
	       FAULT_ACTIVATION_STUCK, "start-pre"),
	NEVER("its service runs", its_service_runs, FAULT_ACTIVATION_STUCK),
	BESIDE("nobody waits for it", its_service_failed_and_nobody_waits,
	       FAULT_ACTIVATION_STUCK, CERTAINTY_POSSIBLE),
	EXCLUDED("somebody was served", its_service_failed_and_answers,
		 FAULT_ACTIVATION_STUCK),
	PROVEN("systemd has given up", systemd_has_given_up, FAULT_ACTIVATION_STUCK,
	       "web.socket is failed (service-start-limit-hit"),
	NEVER("systemd has given up: no other fault", systemd_has_given_up,
	      FAULT_SERVICE_FAILED),
	NEVER("its socket was stopped", its_socket_was_stopped, FAULT_ACTIVATION_STUCK),
	NEVER("another port's", another_port_s_socket_has_given_up, FAULT_ACTIVATION_STUCK),
};

static void activation_that_is_stuck_is_told_from_a_service_that_hangs(void **state)
{
	(void)state;
	scene_run(stuck_rows, N_OF(stuck_rows));
}

/* ---- server.unexpected-owner ---- */

static struct log_line *wanted_by_other(struct scene *c)
{
	scene_try(c, ANSWERED_TRY);
	return scene_line(c, "apache2.service",
			  "[emerg] 12#12: bind() to 0.0.0.0:443 failed (98: Address "
			  "already in use)",
			  1);
}

static void other_wants_it_and_is_down(struct scene *c)
{
	wanted_by_other(c);
	scene_unit(c, "apache2.service", "failed", "failed", "exit-code");
}

static void other_wanted_it(struct scene *c)
{
	wanted_by_other(c);
}

static void a_second_one_of_itself_wanted_it(struct scene *c)
{
	wanted_by_other(c)->tag = text_of("nginx");
}

static void anybody_says_that_it_was_wanted(struct scene *c)
{
	wanted_by_other(c)->is_attested = false;
}

static const struct scene_row owner_rows[] = {
	LIKELY("another service wants it and is down", other_wants_it_and_is_down,
	       FAULT_UNEXPECTED_OWNER,
	       "nginx 812 holds 443/tcp, which apache2.service wanted"),
	BESIDE("another service wanted it", other_wanted_it, FAULT_UNEXPECTED_OWNER,
	       CERTAINTY_POSSIBLE),
	NEVER("a second one of itself", a_second_one_of_itself_wanted_it,
	      FAULT_UNEXPECTED_OWNER),
	NEVER("a line that anybody may write", anybody_says_that_it_was_wanted,
	      FAULT_UNEXPECTED_OWNER),
};

static void a_port_that_another_has_is_told(void **state)
{
	(void)state;
	scene_run(owner_rows, N_OF(owner_rows));
}

static void what_to_do_names_the_configuration(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, its_unit_failed);
	const struct finding *f = &d->findings[0];

	(void)state;
	assert_true(text_equals_str(f->next[0].command,
				    "journalctl -u ssh.service -n 50 --no-pager"));
	assert_true(text_equals_str(f->next[1].command, "sshd -t"));
	assert_true(scene_contains(f->next[1].text, "/etc/ssh/sshd_config"));
	scene_give_back(&c, d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_that_is_down_is_told_from_one_that_is_not_there),
		cmocka_unit_test(
			activation_that_is_stuck_is_told_from_a_service_that_hangs),
		cmocka_unit_test(a_port_that_another_has_is_told),
		cmocka_unit_test(what_to_do_names_the_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
