/* Programs and filters in the way: told by what was counted, suspected where nothing
 * counts, silent where the client was answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/judge_scenes.h"

enum { INGRESS_PARENT = 0xfffffff1 /* TC_H_INGRESS */ };

/* It stands in the way of the newest walk and may drop. */
static struct path_leg *scene_program(struct scene *c, struct program_row row,
				      bool is_reply)
{
	struct path *p = &c->e.walks[c->e.n_walks - 1].path;
	struct path_leg *leg = is_reply ? &p->reply : &p->request;

	c->program = row;
	c->program.words = "the guard on eth0";
	c->program.device = "eth0";
	if (!c->program.cgroup)
		c->program.ifindex = ETH0;
	leg->is_walked = true;
	leg->programs[leg->n_programs++] = &c->program;
	leg->verdict = PATH_UNSURE;
	leg->decided_by = DECIDER_OPAQUE;
	return leg;
}

/* Its queueing discipline dropped so many in the window. */
static void scene_drops(struct scene *c, uint64_t n)
{
	for (int i = 0; i < 2; i++)
		c->qdiscs[i] = (struct qdisc_row){.ifindex = ETH0,
						  .parent = INGRESS_PARENT,
						  .drops = i ? 100 + n : 100,
						  .has_drops = true};
	c->programs.qdiscs = &c->qdiscs[0];
	c->programs_after.qdiscs = &c->qdiscs[1];
	c->programs.n_qdiscs = c->programs_after.n_qdiscs = 1;
}

static const struct program_row filter = {.kind = PROGRAM_OF_TC,
					  .place = PROGRAM_AT_INGRESS},
				filter_out = {.kind = PROGRAM_OF_TC,
					      .place = PROGRAM_AT_EGRESS},
				tcx = {.kind = PROGRAM_OF_TCX, .place = PROGRAM_AT_INGRESS},
				xdp = {.kind = PROGRAM_OF_XDP, .place = PROGRAM_AT_XDP},
				group_in = {.kind = PROGRAM_OF_CGROUP,
					    .place = PROGRAM_AT_SOCKET,
					    .cgroup = 7,
					    .id = 9},
				group_out = {.kind = PROGRAM_OF_CGROUP,
					     .place = PROGRAM_AT_SEND,
					     .cgroup = 7,
					     .id = 9};

/* ---- tc ---- */

static void filtered(struct scene *c, uint64_t n)
{
	scene_try(c, SILENT_TRY);
	scene_program(c, filter, false);
	scene_drops(c, n);
}

static void filter_counts_each_syn(struct scene *c)
{
	filtered(c, 3);
}

static void filter_counts_more(struct scene *c)
{
	filtered(c, 50);
}

static void filter_counts_fewer(struct scene *c)
{
	filtered(c, 1);
}

static void filter_counts_nothing(struct scene *c)
{
	filtered(c, 0);
}

static void filter_and_nobody_tried(struct scene *c)
{
	untried(c);
	scene_program(c, filter, false);
	scene_drops(c, 0);
}

static void filter_counts_and_the_syn_met_a_socket(struct scene *c)
{
	filtered(c, 3);
	scene_waits_for_ack(c);
}

static void filter_of_the_answer_counts(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	scene_program(c, filter_out, true);
	scene_drops(c, 6);
	scene_waits_for_ack(c);
}

static void filter_and_answered(struct scene *c)
{
	scene_try(c, ANSWERED_TRY);
	scene_program(c, filter, false);
	scene_drops(c, 30);
}

static void filter_and_refused(struct scene *c)
{
	scene_try(c, REFUSED_TRY);
	scene_program(c, filter, false);
	scene_drops(c, 30);
}

static void program_nobody_counts(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	scene_program(c, tcx, false);
}

static void program_nobody_counts_before_a_rule(struct scene *c)
{
	program_nobody_counts(c);
	scene_deny(c, false, c->input, 0, PATH_DROP);
}

/* ---- XDP ---- */

static void nothing_seen(struct scene *c)
{
	scene_name(c);
	scene_walk(c, SERVER, CLIENT);
	c->e.waited_ns = 41 * NS_PER_S;
	c->e.window_end_ns = WALL + c->e.waited_ns;
}

static void nothing_seen_behind_xdp(struct scene *c)
{
	nothing_seen(c);
	scene_program(c, xdp, false);
}

static void nothing_seen_programs_unread(struct scene *c)
{
	nothing_seen(c);
	c->e.programs = NULL;
}

static void nobody_named_behind_xdp(struct scene *c)
{
	untried(c);
	scene_program(c, xdp, false);
}

static void silent_behind_xdp(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	scene_program(c, xdp, false);
}

/* ---- control groups ---- */

static void grouped(struct scene *c, uint32_t n, struct program_row row)
{
	const struct hand_socket after[] = {
		SOCK(PROTO_TCP, "0.0.0.0", 443, 100, .limit = 511), {0}};
	const struct socket_row *s;

	scene_try(c, SILENT_TRY);
	scene_program(c, row, row.place == PROGRAM_AT_SEND);
	scene_after(c, after);
	s = c->e.walks[0].path.socket;
	for (size_t i = 0; i < c->after->n; i++) {
		c->after->rows[i].cookie = s->cookie;
		c->after->rows[i].drops = s->drops + n;
	}
}

static void group_counts(struct scene *c)
{
	grouped(c, 3, group_in);
}

static void group_counts_nothing(struct scene *c)
{
	grouped(c, 0, group_in);
}

static void group_counts_and_the_queue_overflows(struct scene *c)
{
	grouped(c, 3, group_in);
	scene_count(c, "TcpExt.ListenDrops", 3);
}

static void group_keeps_the_answer(struct scene *c)
{
	grouped(c, 0, group_out);
	scene_count(c, "Ip.OutRequests", 9);
	scene_count(c, "Ip.OutTransmits", 2);
	scene_waits_for_ack(c);
}

static void group_and_every_answer_left(struct scene *c)
{
	grouped(c, 0, group_out);
	scene_count(c, "Ip.OutRequests", 9);
	scene_count(c, "Ip.OutTransmits", 9);
	scene_waits_for_ack(c);
}

static const struct scene_row rows[] = {
	PROVEN("as many as SYNs came", filter_counts_each_syn, FAULT_TC_DROP,
	       "dropped by the guard on eth0"),
	LIKELY("more than SYNs came", filter_counts_more, FAULT_TC_DROP, ""),
	POSSIBLE("fewer than SYNs came", filter_counts_fewer, FAULT_TC_DROP, "perhaps"),
	EXCLUDED("none was dropped", filter_counts_nothing, FAULT_TC_DROP),
	NEVER("nobody tried", filter_and_nobody_tried, FAULT_TC_DROP),
	POSSIBLE("the SYN met a socket", filter_counts_and_the_syn_met_a_socket,
		 FAULT_TC_DROP, "perhaps"),
	LIKELY("the answers were dropped", filter_of_the_answer_counts, FAULT_TC_DROP,
	       "the answer is dropped"),
	EXCLUDED("the client was answered", filter_and_answered, FAULT_TC_DROP),
	NEVER("the client was refused", filter_and_refused, FAULT_TC_DROP),
	POSSIBLE("nobody counts", program_nobody_counts, FAULT_TC_DROP, "perhaps"),
	NEVER("a rule stops it anyway", program_nobody_counts_before_a_rule, FAULT_TC_DROP),
	EXCLUDED("there is no filter", silent_unexplained, FAULT_TC_DROP),
	POSSIBLE("nothing is seen", nothing_seen_behind_xdp, FAULT_XDP_DROP,
		 "the guard on eth0"),
	NEVER("and the client's side is not blamed", nothing_seen_behind_xdp,
	      FAULT_SYN_NEVER_ARRIVES),
	LIKELY("without a program it is", nothing_seen, FAULT_SYN_NEVER_ARRIVES, ""),
	POSSIBLE("perhaps, where that could not be read", nothing_seen_programs_unread,
		 FAULT_SYN_NEVER_ARRIVES, ""),
	NEVER("nobody said that he is trying", nobody_named_behind_xdp, FAULT_XDP_DROP),
	EXCLUDED("the SYN is seen behind it", silent_behind_xdp, FAULT_XDP_DROP),
	LIKELY("the socket counts", group_counts, FAULT_CGROUP_DROP, "dropped by"),
	NEVER("the socket counts nothing", group_counts_nothing, FAULT_CGROUP_DROP),
	POSSIBLE("the listener has other reasons to drop",
		 group_counts_and_the_queue_overflows, FAULT_CGROUP_DROP, "perhaps"),
	LIKELY("its answers are not handed on", group_keeps_the_answer, FAULT_CGROUP_DROP,
	       "the answer is dropped"),
	NEVER("its answers are handed on", group_and_every_answer_left, FAULT_CGROUP_DROP),
};

static void programs_are_told_by_what_was_counted(void **state)
{
	(void)state;
	scene_run(rows, N_OF(rows));
}

static void a_way_behind_a_program_is_not_called_open(void **state)
{
	struct scene c;
	struct diagnosis *d = scene_judge(&c, nobody_named_behind_xdp);

	(void)state;
	assert_int_equal(d->verdict, VERDICT_UNKNOWN);
	assert_true(scene_contains(d->summary, "whether the guard on eth0 lets them"));
	scene_give_back(&c, d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_are_told_by_what_was_counted),
		cmocka_unit_test(a_way_behind_a_program_is_not_called_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
