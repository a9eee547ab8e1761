/* This host's own programs (XDP, tc, control groups), which may stop what the rules let in:
 * asked for again after a rest that grows with what that takes. Searches nothing. */
#include "tui/live/exposures_impl.h"

#include <errno.h>

#include "core/base/time.h"
#include "core/network/programs.h"
#include "tui/loop.h"

#define ASK_NS     (10 * NS_PER_S) /* between two readings that nobody asked for */
#define ASK_MAX_NS (600 * NS_PER_S)
enum { ASK_SHARE = 1000 }; /* reading has at most this part of all time */

static bool is_same_match(const struct program_match *a, const struct program_match *b)
{
	return a->is_known == b->is_known && a->frame == b->frame && a->proto == b->proto &&
	       a->has_source_port == b->has_source_port &&
	       a->has_target_port == b->has_target_port &&
	       a->source_port[0] == b->source_port[0] &&
	       a->source_port[1] == b->source_port[1] &&
	       a->target_port[0] == b->target_port[0] &&
	       a->target_port[1] == b->target_port[1] && a->source_len == b->source_len &&
	       a->target_len == b->target_len && addr_equals(&a->source, &b->source) &&
	       addr_equals(&a->target, &b->target);
}

/* What they dropped is no difference. */
static bool is_same_row(const struct program_row *a, const struct program_row *b)
{
	return a->place == b->place && a->kind == b->kind && a->ifindex == b->ifindex &&
	       a->cgroup == b->cgroup && a->id == b->id && a->parent == b->parent &&
	       a->chain == b->chain && a->handle == b->handle &&
	       a->priority == b->priority && a->order == b->order &&
	       a->effect == b->effect && is_same_match(&a->match, &b->match);
}

static bool is_same(const struct program_table *a, const struct program_table *b)
{
	if (!a || !b || a->n != b->n)
		return a == b;
	for (size_t i = 0; i < a->n; i++)
		if (!is_same_row(&a->rows[i], &b->rows[i]))
			return false;
	return a->filters_error == b->filters_error && a->hooks_error == b->hooks_error &&
	       a->groups_error == b->groups_error;
}

/* Without memory it is asked another time. */
static void ask(struct exposures *x, int64_t now_ns)
{
	const struct question q = {.kind = QUESTION_PROGRAMS};

	inquiry_release(&x->asked_programs);
	inquiry_init(&x->asked_programs, &x->space);
	x->programs_at_ns = now_ns + ASK_NS;
	x->are_programs_asked = !inquiry_ask(&x->asked_programs, &q);
	x->programs_asked_ns = now_ns;
}

static void take(struct exposures *x, int64_t now_ns)
{
	struct program_table *t = (struct program_table *)responses_table(
		&x->asked_programs.responses, QUESTION_PROGRAMS, 0);
	int64_t took_ns = now_ns - x->programs_asked_ns;

	x->are_programs_asked = false;
	x->programs_at_ns = now_ns + sooner(later(ASK_NS, took_ns * ASK_SHARE), ASK_MAX_NS);
	if (x->has_programs && is_same(x->programs, t))
		return;
	exposures_stop(x);
	table_unref(x->programs);
	x->programs = t ? table_ref(t) : NULL;
	x->has_programs = true;
	x->reach.epoch++;
	x->has_stale = true;
}

void exposures_programs_read(struct exposures *x, struct channel *c, int64_t now_ns)
{
	if (!x->are_programs_asked && x->programs_at_ns <= now_ns)
		ask(x, now_ns);
	if (!x->are_programs_asked)
		return;
	inquiry_send(&x->asked_programs, c);
	if (responses_are_in(&x->asked_programs.responses))
		take(x, now_ns);
}

bool exposures_programs_take_blob(struct exposures *x, const struct blob *b)
{
	return x->are_programs_asked && inquiry_blob(&x->asked_programs, b) != -ENOENT;
}

int64_t exposures_programs_due_ns(const struct exposures *x)
{
	return x->are_programs_asked ? INT64_MAX : x->programs_at_ns;
}

void exposures_programs_release(struct exposures *x)
{
	inquiry_release(&x->asked_programs);
	table_unref(x->programs);
}
