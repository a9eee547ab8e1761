/* Faults of the client before this host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/evidence_host.h"

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
		cmocka_unit_test(a_client_is_blamed_for_what_was_seen_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
