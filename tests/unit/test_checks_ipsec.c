/* Policies of IPsec beside what the kernel counted: which one is named, and when none is.
 * That the counts alone tell the fault is in test_checks_kernel.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/network/ipsec.h"
#include "tests/unit/evidence_host.h"

enum { WEB_COOKIE = 100, IN_WINDOW = 2, BEFORE = -60 };

static struct ipsec_table policies;
static struct ipsec_policy rows[4];

/* One more, behind the others; it was used so many seconds from the window's begin. */
static struct ipsec_policy *policy(struct scene *c, enum ipsec_direction direction,
				   const char *source, const char *target, int64_t used_s)
{
	struct ipsec_policy *p = &rows[policies.n++];

	*p = (struct ipsec_policy){.direction = direction,
				   .source = hand_addr(source),
				   .target = hand_addr(target),
				   .source_len = 32,
				   .target_len = 32,
				   .index = (uint32_t)(8 * policies.n),
				   .used_s = WALL / NS_PER_S + used_s};
	c->e.ipsec = &policies;
	return p;
}

static void begin(struct scene *c, const char *counter, uint64_t n, uint32_t n_dropped)
{
	const struct hand_socket after[] = {SOCK(PROTO_TCP, "0.0.0.0", 443, WEB_COOKIE,
						 .limit = 511, .drops = n_dropped),
					    {0}};

	memset(&policies, 0, sizeof(policies));
	policies.rows = rows;
	scene_try(c, SILENT_TRY);
	c->e.walks[0].path.request.is_mark_known = true;
	c->e.walks[0].path.reply.is_mark_known = true;
	scene_count(c, counter, n);
	scene_after(c, after);
}

static void blocked(struct scene *c)
{
	begin(c, "xfrm.XfrmInPolBlock", 3, 0);
	policy(c, IPSEC_IN, CLIENT, SERVER, IN_WINDOW)->is_block = true;
}

static void blocked_of_another_if_id(struct scene *c)
{
	blocked(c);
	rows[0].if_id = 5;
	policy(c, IPSEC_IN, "10.0.0.3", SERVER, IN_WINDOW)->is_block = true;
}

static void blocked_of_another_mark(struct scene *c)
{
	blocked(c);
	rows[0].mark = rows[0].mark_mask = 7;
}

static void blocked_behind_one_that_lets_pass(struct scene *c)
{
	begin(c, "xfrm.XfrmInPolBlock", 2, 0);
	policy(c, IPSEC_IN, CLIENT, SERVER, IN_WINDOW);
	policy(c, IPSEC_IN, CLIENT, SERVER, IN_WINDOW)->is_block = true;
	rows[1].priority = 5;
}

static void blocked_by_one_that_nobody_met(struct scene *c)
{
	begin(c, "xfrm.XfrmInPolBlock", 3, 3);
	policy(c, IPSEC_IN, CLIENT, SERVER, BEFORE)->is_block = true;
}

static void blocked_in_part(struct scene *c)
{
	begin(c, "xfrm.XfrmInPolBlock", 1, 0);
	policy(c, IPSEC_IN, CLIENT, SERVER, IN_WINDOW)->is_block = true;
}

static void blocked_by_the_older_of_two(struct scene *c)
{
	blocked(c);
	policy(c, IPSEC_IN, CLIENT, SERVER, IN_WINDOW);
}

static void blocked_where_a_translation_may_be(struct scene *c)
{
	begin(c, "xfrm.XfrmInPolBlock", 3, 3);
	policy(c, IPSEC_IN, CLIENT, SERVER, IN_WINDOW)->is_block = true;
	c->e.walks[0].path.request.is_nat_touched = true;
}

static void in_the_clear(struct scene *c)
{
	begin(c, "xfrm.XfrmInTmplMismatch", 3, 3);
	policy(c, IPSEC_IN, CLIENT, SERVER, IN_WINDOW)->n_templates = 1;
	policies.has_states = true;
}

static void default_blocks(struct scene *c)
{
	begin(c, "xfrm.XfrmInNoPols", 3, 0);
	policy(c, IPSEC_IN, "10.0.0.3", SERVER, BEFORE)->is_block = true;
	policies.blocks_others[IPSEC_IN] = true;
}

static void answer_blocked(struct scene *c)
{
	begin(c, "xfrm.XfrmOutPolBlock", 3, 0);
	policy(c, IPSEC_OUT, SERVER, CLIENT, IN_WINDOW)->is_block = true;
}

static void answer_without_state(struct scene *c)
{
	begin(c, "xfrm.XfrmOutNoStates", 3, 0);
	policy(c, IPSEC_OUT, SERVER, CLIENT, BEFORE)->n_templates = 1;
}

static void answer_of_another_blocked(struct scene *c)
{
	begin(c, "xfrm.XfrmOutPolBlock", 2, 0);
	policy(c, IPSEC_OUT, SERVER, "10.0.0.3", IN_WINDOW)->is_block = true;
}

static const struct scene_row ipsec_rows[] = {
	PROVEN("a block that packets met", blocked, FAULT_IPSEC_POLICY,
	       "blocks it: src 10.0.0.2/32 dst 10.0.0.1/32 dir in"),
	LIKELY("it counted fewer than came", blocked_in_part, FAULT_IPSEC_POLICY,
	       "src 10.0.0.2/32"),
	LIKELY("the older of two with one priority", blocked_by_the_older_of_two,
	       FAULT_IPSEC_POLICY, "src 10.0.0.2/32"),
	PROVEN("no policy that packets met is named", blocked_by_one_that_nobody_met,
	       FAULT_IPSEC_POLICY, "a policy of IPsec blocks it"),
	PROVEN("behind a translation none is named", blocked_where_a_translation_may_be,
	       FAULT_IPSEC_POLICY, "a policy of IPsec blocks it"),
	PROVEN("in the clear", in_the_clear, FAULT_IPSEC_POLICY, "in the clear: src"),
	PROVEN("the default", default_blocks, FAULT_IPSEC_POLICY, "default"),
	PROVEN("a block of the answer", answer_blocked, FAULT_IPSEC_POLICY,
	       "dst 10.0.0.2/32 dir out"),
	LIKELY("an answer without association", answer_without_state, FAULT_IPSEC_POLICY,
	       "there: src 10.0.0.1/32"),
	NEVER("a block of another if_id", blocked_of_another_if_id, FAULT_IPSEC_POLICY),
	NEVER("a block of another mark", blocked_of_another_mark, FAULT_IPSEC_POLICY),
	EXCLUDED("one that lets pass comes first", blocked_behind_one_that_lets_pass,
		 FAULT_IPSEC_POLICY),
	EXCLUDED("another's answer", answer_of_another_blocked, FAULT_IPSEC_POLICY),
};

static void the_policy_that_the_packet_meets_is_named(void **state)
{
	(void)state;
	scene_run(ipsec_rows, N_OF(ipsec_rows));
}

/* Told, the words of a named policy stand there; not told, none do. */
static bool tells(void (*make)(struct scene *c), const char *words)
{
	struct scene c;
	struct diagnosis *d = scene_judge(&c, make);
	bool is_told = scene_contains(d->summary, words);

	scene_give_back(&c, d);
	return is_told;
}

static void a_policy_is_named_only_where_packets_met_it(void **state)
{
	(void)state;
	assert_true(tells(blocked, "src 10.0.0.2/32"));
	assert_false(tells(blocked_by_one_that_nobody_met, "src 10.0.0.2/32"));
	assert_false(tells(blocked_where_a_translation_may_be, "src 10.0.0.2/32"));
}

static void assert_next(void (*make)(struct scene *c), const char *command,
			const char *undo)
{
	struct scene c;
	struct diagnosis *d = scene_judge(&c, make);
	const struct finding *f = diagnosis_cause(d);
	bool is_told = false;

	for (size_t i = 0; f && i < f->n_next; i++)
		is_told |= text_equals_str(f->next[i].command, command) &&
			   text_equals_str(f->next[i].undo, undo);
	if (!is_told)
		fail_msg("nowhere %s", command);
	scene_give_back(&c, d);
}

static void of_priority(struct scene *c)
{
	blocked(c);
	rows[0].priority = 7;
}

static void what_helps_is_narrow_and_can_be_undone(void **state)
{
	(void)state;
	assert_next(
		blocked, "ip xfrm policy delete src 10.0.0.2/32 dst 10.0.0.1/32 dir in",
		"ip xfrm policy add src 10.0.0.2/32 dst 10.0.0.1/32 dir in action block "
		"priority 0");
	assert_next(of_priority,
		    "ip xfrm policy add src 10.0.0.2 dst 10.0.0.1 proto tcp dport 443 dir "
		    "in priority 6 action allow",
		    "ip xfrm policy delete src 10.0.0.2 dst 10.0.0.1 proto tcp dport 443 "
		    "dir in");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_policy_that_the_packet_meets_is_named),
		cmocka_unit_test(a_policy_is_named_only_where_packets_met_it),
		cmocka_unit_test(what_helps_is_narrow_and_can_be_undone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
