/* Faults behind a proxy: which of this host's own connections count as made for a client's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/evidence_host.h"

/* Taken, and closed without a byte. */
#define EMPTY_TRY                                             \
	((struct attempt){.outcome = OUTCOME_RESET_LATER,     \
			  .n_syn_acks = 1,                    \
			  .client_bytes = BYTES_HTTP_REQUEST, \
			  .answered_ns = WALL + NS_PER_S + 2})
#define STATUS_TRY(status)                                    \
	((struct attempt){.outcome = OUTCOME_ANSWERED,        \
			  .n_syn_acks = 1,                    \
			  .client_bytes = BYTES_HTTP_REQUEST, \
			  .server_bytes = BYTES_HTTP_STATUS,  \
			  .http_status = (status),            \
			  .answered_ns = WALL + NS_PER_S + 2})

/* A connection of this host itself, so long after the client's was taken. */
static void call_after(struct scene *c, int64_t after_ms, struct attempt a)
{
	a.server = hand_addr("10.1.0.2");
	a.server_port = 8080;
	a.first_ns = WALL + NS_PER_S + 2 + after_ms * NS_PER_MS;
	scene_tell(c, SERVER, a);
}

static void refused_behind(struct scene *c)
{
	scene_try(c, EMPTY_TRY);
	call_after(c, 2, REFUSED_TRY);
}

static void silent_behind(struct scene *c)
{
	scene_try(c, EMPTY_TRY);
	call_after(c, 2, SILENT_TRY);
}

static void says_bad_gateway(struct scene *c)
{
	static const struct hand_process nobody[] = {{0}};
	static const struct hand_link links[] = {{0}};

	scene_own(c, scene_web, nobody, links);
	scene_try(c, STATUS_TRY(502));
	call_after(c, 2, REFUSED_TRY);
}

static void not_known_and_once(struct scene *c)
{
	static const struct hand_process nobody[] = {{0}};
	static const struct hand_link links[] = {{0}};

	scene_own(c, scene_web, nobody, links);
	scene_try(c, EMPTY_TRY);
	call_after(c, 2, REFUSED_TRY);
}

static void says_ok(struct scene *c)
{
	scene_try(c, STATUS_TRY(200));
	call_after(c, 2, REFUSED_TRY);
}

static void taken_behind(struct scene *c)
{
	scene_try(c, EMPTY_TRY);
	call_after(c, 2, (struct attempt){.outcome = OUTCOME_HALF_OPEN, .n_syn_acks = 1});
}

static void called_later(struct scene *c)
{
	scene_try(c, EMPTY_TRY);
	call_after(c, 2000, REFUSED_TRY);
}

static void called_before(struct scene *c)
{
	scene_try(c, EMPTY_TRY);
	call_after(c, -5, REFUSED_TRY);
}

static void called_by_another_host(struct scene *c)
{
	struct attempt a = REFUSED_TRY;

	scene_try(c, EMPTY_TRY);
	a.server = hand_addr("10.1.0.2");
	a.server_port = 8080;
	a.first_ns = WALL + NS_PER_S + 2 + 2 * NS_PER_MS;
	scene_tell(c, "10.0.0.7", a);
}

static void our_own_probe(struct scene *c)
{
	struct attempt a = REFUSED_TRY;

	scene_try(c, EMPTY_TRY);
	a.client_port = 33333;
	call_after(c, 2, a);
	c->probe = (struct probe_result){.outcome = PROBE_REFUSED,
					 .source = hand_addr(SERVER),
					 .source_port = 33333};
	c->e.probe = &c->probe;
}

static void another_one_worked(struct scene *c)
{
	refused_behind(c);
	scene_tell(c, CLIENT, ANSWERED_TRY);
}

static const struct scene_row rows[] = {
	LIKELY("refused behind a proxy", refused_behind, FAULT_UPSTREAM_DOWN,
	       "its own connections to 10.1.0.2 port 8080 are refused"),
	LIKELY("silent behind a proxy", silent_behind, FAULT_UPSTREAM_DOWN,
	       "are not answered"),
	LIKELY("it says so itself", says_bad_gateway, FAULT_UPSTREAM_DOWN, "refused"),
	POSSIBLE("once, by a program that is not known", not_known_and_once,
		 FAULT_UPSTREAM_DOWN, ""),
	EXCLUDED("answered with success", says_ok, FAULT_UPSTREAM_DOWN),
	EXCLUDED("taken behind", taken_behind, FAULT_UPSTREAM_DOWN),
	EXCLUDED("called long after", called_later, FAULT_UPSTREAM_DOWN),
	EXCLUDED("called before", called_before, FAULT_UPSTREAM_DOWN),
	EXCLUDED("called by another host", called_by_another_host, FAULT_UPSTREAM_DOWN),
	EXCLUDED("our own probe", our_own_probe, FAULT_UPSTREAM_DOWN),
	EXCLUDED("another client got its answer", another_one_worked, FAULT_UPSTREAM_DOWN),
};

static void a_proxys_upstream_is_blamed_only_for_calls_that_fit(void **state)
{
	(void)state;
	scene_run(rows, N_OF(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_proxys_upstream_is_blamed_only_for_calls_that_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
