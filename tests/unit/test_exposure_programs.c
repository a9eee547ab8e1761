/* Programs and filters on the way of a source: who may be stopped by them, and who is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/path/exposure.h"
#include "tests/unit/path_host.h"

enum { GROUP = 77 };

static struct exposure found;

/* Who reaches port 80 by the device, past this program. */
static const struct exposure_way *way_past(struct program_row *row, uint32_t ifindex)
{
	struct exposure_port ports[] = {{80, IPPROTO_TCP}};
	struct exposure_wish wish = {.ports = ports, .n_ports = 1};
	struct program_table programs = {.rows = row, .n = 1};
	struct path_world w = host_world();
	const struct exposure_listener *l;

	w.programs = &programs;
	exposure_release(&found);
	assert_int_equal(exposure_find(&w, &wish, &found), 0);
	l = vec_at(&found.listeners, 0);
	for (size_t i = 0; i < l->ways.n; i++) {
		const struct exposure_way *way = vec_at(&l->ways, i);

		for (size_t k = 0; k < way->devices.n; k++)
			if (*(uint32_t *)vec_at(&way->devices, k) == ifindex)
				return way;
	}
	return NULL;
}

static int end(void **state)
{
	exposure_release(&found);
	memset(&found, 0, sizeof(found));
	return host_end(state);
}

static void expect_doubt(const struct exposure_way *way, const char *why)
{
	const struct exposure_doubt *doubt;

	assert_non_null(way);
	assert_int_equal(way->open.n, 0);
	assert_true(way->doubts.n > 0);
	doubt = vec_at(&way->doubts, 0);
	assert_string_equal(doubt->why, why);
	assert_int_equal(doubt->rule, UINT32_MAX);
}

static void an_xdp_program_leaves_nobody_certain_on_its_interface(void **state)
{
	struct program_row row = {.place = PROGRAM_AT_XDP,
				  .kind = PROGRAM_OF_XDP,
				  .ifindex = ETH0,
				  .words = "XDP program 12 (guard) on eth0"};
	const struct exposure_way *way;

	(void)state;
	expect_doubt(way_past(&row, ETH0), row.words);
	way = way_past(&row, ETH1);
	assert_true(exposure_is_anywhere(&way->open, AF_INET));
	assert_int_equal(way->doubts.n, 0);
}

static void a_program_on_the_way_out_may_stop_the_answer(void **state)
{
	struct program_row row = {.place = PROGRAM_AT_EGRESS,
				  .kind = PROGRAM_OF_TCX,
				  .ifindex = ETH1,
				  .words = "program 3 (out) on eth1"};

	(void)state;
	expect_doubt(way_past(&row, ETH1), row.words);
}

static void a_filter_that_drops_a_network_closes_it_alone(void **state)
{
	struct program_row row = {.place = PROGRAM_AT_INGRESS,
				  .kind = PROGRAM_OF_TC,
				  .ifindex = ETH0,
				  .effect = PROGRAM_DROPS,
				  .match = {.is_known = true,
					    .source = {AF_INET, {198, 51, 100}},
					    .source_len = 24},
				  .words = "tc filter flower on eth0 ingress"};
	const struct exposure_way *way = way_past(&row, ETH0);
	struct vec closed = VEC_OF(struct exposure_span);
	const struct exposure_span *span;

	(void)state;
	assert_int_equal(exposure_turn_round(&way->open, AF_INET, &closed), 0);
	assert_int_equal(closed.n, 1);
	span = vec_at(&closed, 0);
	assert_memory_equal(span->low.bytes, ((uint8_t[]){198, 51, 100, 0}), 4);
	assert_memory_equal(span->high.bytes, ((uint8_t[]){198, 51, 100, 255}), 4);
	vec_release(&closed);
}

static void a_filter_of_another_port_closes_nothing(void **state)
{
	struct program_row row = {.place = PROGRAM_AT_INGRESS,
				  .kind = PROGRAM_OF_TC,
				  .ifindex = ETH0,
				  .effect = PROGRAM_DROPS,
				  .match = {.is_known = true,
					    .has_target_port = true,
					    .target_port = {81, 90}},
				  .words = "tc filter flower on eth0 ingress"};
	const struct exposure_way *way = way_past(&row, ETH0);

	(void)state;
	assert_true(exposure_is_anywhere(&way->open, AF_INET));
	row.match.target_port[0] = 80;
	way = way_past(&row, ETH0);
	assert_true(!way || !way->open.n);
}

static void a_program_of_the_sockets_control_group_may_stop_all(void **state)
{
	struct program_row row = {
		.place = PROGRAM_AT_SOCKET,
		.kind = PROGRAM_OF_CGROUP,
		.cgroup = GROUP,
		.words = "program 9 (sd_fw_ingress) of the control group /web"};
	struct socket_table *tcp = host.snapshot->spaces[0].tcp;
	const struct exposure_way *way;

	(void)state;
	way = way_past(&row, ETH0);
	assert_true(exposure_is_anywhere(&way->open, AF_INET));
	for (size_t i = 0; i < tcp->n; i++)
		tcp->rows[i].cgroup_id = GROUP;
	expect_doubt(way_past(&row, ETH0), row.words);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, host_start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_xdp_program_leaves_nobody_certain_on_its_interface),
		TEST(a_program_on_the_way_out_may_stop_the_answer),
		TEST(a_filter_that_drops_a_network_closes_it_alone),
		TEST(a_filter_of_another_port_closes_nothing),
		TEST(a_program_of_the_sockets_control_group_may_stop_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
