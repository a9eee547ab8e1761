/* What is asked of kernels that lack something, and what stands in for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/unit/refresh_host.h"

#define CONNECTED "sock_diag/family=0,protocol=6,states=0x1b7e,ext=0x0"
#define PROC_NET  "files/set=proc_net_sockets"
#define TCP       "sock_diag/family=0,protocol=6,states=0x400,ext=0x40"
#define UDP4      "sock_diag/family=2,protocol=17,states=0x80,ext=0x40"
#define MPTCP4    "sock_diag/family=2,protocol=262,states=0x400,ext=0x40"

static void text_tables_stand_in_where_asking_would_load_a_module(void **state)
{
	struct host *h = web_host(&watching);
	struct snapshot *s;

	(void)state;
	h->would_load_tcp = true;
	settle(h);
	s = look(h);
	assert_int_equal(s->spaces[0].tcp->n, 3);
	assert_true(s->spaces[0].tcp->from_text);
	assert_int_equal(find_note(s, "tcp", "")->error, ENOPKG);
	assert_int_equal(s->n_notes, 1); /* although there is no net/tcp6 */
	assert_int_equal(s->spaces[0].connections->total, 3);
	assert_false(s->spaces[0].udp->from_text);
	assert_int_equal(s->spaces[0].udp->n, 1);
	assert_true(s->is_settled);
	table_unref(s);
	for (int i = 0; i < 59; i++) {
		h->now_ns += S;
		ask(h);
		asked_for(h, PROC_NET);
		asked_for(h, UDP4);
		assert_null(find_asked(h, TCP));
		assert_null(find_asked(h, CONNECTED));
		answer_all(h);
	}
	h->would_load_tcp = false; /* somebody else loaded it */
	assert_true(later(h, S));
	s = look(h);
	assert_false(s->spaces[0].tcp->from_text);
	assert_int_equal(s->n_notes, 0);
	table_unref(s);
	h->now_ns += S;
	ask(h);
	assert_null(find_asked(h, PROC_NET));
	host_free(h);
}

static void a_module_that_goes_leaves_the_text_tables(void **state)
{
	struct host *h = web_host(&watching);
	struct snapshot *s;

	(void)state;
	settle(h);
	h->would_load_tcp = true;
	assert_true(later(h, S));
	s = look(h);
	assert_true(s->spaces[0].tcp->from_text);
	assert_int_equal(s->spaces[0].connections->total, 3);
	table_unref(s);
	host_free(h);
}

static void a_kernel_without_mptcp_is_no_fault(void **state)
{
	struct host *h = web_host(&watching);
	struct snapshot *s;

	(void)state;
	h->mptcp_error = ENOENT;
	settle(h);
	s = look(h);
	assert_null(s->spaces[0].mptcp);
	assert_int_equal(s->n_notes, 0);
	assert_true(s->is_settled);
	table_unref(s);
	for (int i = 0; i < 59; i++) {
		h->now_ns += S;
		ask(h);
		assert_null(find_asked(h, MPTCP4));
		answer_all(h);
	}
	h->now_ns += S;
	ask(h);
	asked_for(h, MPTCP4);
	host_free(h);
}

#define PROTOCOLS(n) "protocol  size sockets\nMPTCP     1936      " n "\n"

/* Is MPTCP asked for? */
static const struct {
	const char *kernel, *protocols;
	bool is_asked;
} mptcp_rows[] = {
	{"6.3.0", PROTOCOLS("0"), false},
	{"6.3.0", PROTOCOLS("1"), true},
	{"6.2.16", PROTOCOLS("0"), true}, /* it does not count them */
	{"unknown", PROTOCOLS("0"), true},
	{"6.1.0", "protocol  size sockets\nTCP       2432      9\n", false},
	{"6.3.0", NULL, true},
};

static void mptcp_is_asked_for_where_there_may_be_some(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(mptcp_rows); i++) {
		struct host *h = web_host(&watching);

		h->kernel = mptcp_rows[i].kernel;
		h->protocols = mptcp_rows[i].protocols;
		ask(h);
		answer_all(h);
		ask(h);
		if (!find_asked(h, MPTCP4) == mptcp_rows[i].is_asked)
			fail_msg("row %zu", i);
		settle(h);
		assert_true(refresh_is_settled(h->refresh));
		host_free(h);
	}
}

static void the_first_mptcp_listener_is_found_and_the_last_one_forgotten(void **state)
{
	struct host *h = web_host(&watching);
	struct snapshot *s;

	(void)state;
	h->kernel = "6.3.0";
	h->protocols = PROTOCOLS("0");
	settle(h);
	s = look(h);
	assert_null(s->spaces[0].mptcp);
	table_unref(s);
	h->protocols = PROTOCOLS("1");
	h->listeners[3] = (struct listener){"", AF_INET, IPPROTO_TCP, 80, 58, 0};
	h->listeners[4] = (struct listener){"", AF_INET, IPPROTO_MPTCP, 80, 58, 0};
	assert_true(later(h, S)); /* although the facts are due a second later */
	s = look(h);
	assert_int_equal(s->spaces[0].mptcp->n, 1);
	table_unref(s);
	h->protocols = PROTOCOLS("0");
	h->listeners[3].netns = NULL;
	later(h, S);
	assert_true(later(h, S));
	s = look(h);
	assert_null(s->spaces[0].mptcp);
	table_unref(s);
	h->now_ns += 100 * S;
	ask(h);
	assert_null(find_asked(h, MPTCP4));
	host_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_tables_stand_in_where_asking_would_load_a_module),
		cmocka_unit_test(a_module_that_goes_leaves_the_text_tables),
		cmocka_unit_test(a_kernel_without_mptcp_is_no_fault),
		cmocka_unit_test(mptcp_is_asked_for_where_there_may_be_some),
		cmocka_unit_test(
			the_first_mptcp_listener_is_found_and_the_last_one_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
