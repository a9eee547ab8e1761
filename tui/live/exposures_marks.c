/*
 * Whether the rules are others than those that are known: a number of the kernel, asked at
 * each look, so that they are read again only when they changed. Reads no rule.
 */
#include "tui/live/exposures_impl.h"

#include "core/base/time.h"
#include "tui/loop.h"

/* Two looks are further apart: one with each clock's tick, none between two ticks. */
#define MARK_NS     (NS_PER_S - NS_PER_S / 8)
#define MARK_MAX_NS (2 * NS_PER_S) /* where no clock ticks */

/* linux/netfilter/nf_tables.h: NFT_SET_TIMEOUT, NFT_SET_EVAL */
enum { SET_TIMEOUT = 0x10, SET_EVAL = 0x20 };

static const struct question mark_question = {.kind = QUESTION_GENERATION};

/* Elements end by themselves or are added by packets; legacy rules and ipsets have no
 * number that counts their changes. */
bool exposures_changes_unseen(const struct ruleset *rules)
{
	if (rules->is_changing || rules->n_ipsets)
		return true;
	for (size_t i = 0; i < rules->n_tables; i++)
		if (rules->tables[i].backend == FW_LEGACY)
			return true;
	for (size_t i = 0; i < rules->n_sets; i++)
		if (rules->sets[i].flags & (SET_TIMEOUT | SET_EVAL))
			return true;
	return false;
}

void exposures_marks_forget(struct exposures *x)
{
	table_unref(x->mark);
	x->mark = NULL;
	x->is_marking = false;
}

static bool are_wanted(const struct exposures *x)
{
	return !x->has_no_marks && !x->is_asking && exposures_rules(x);
}

static void ask(struct exposures *x, int64_t now_ns)
{
	inquiry_release(&x->marks);
	inquiry_init(&x->marks, &x->space);
	if (inquiry_ask(&x->marks, &mark_question))
		return;
	x->is_marking = true;
	x->marked_ns = now_ns;
}

/* The rules were read in another generation, or tables are others than at the last look. */
static bool differs(const struct exposures *x, const struct fw_mark *mark)
{
	uint32_t generation = mark->has_generation ? mark->generation : 0;

	return generation != x->generation || (x->mark && !fw_mark_is_same(mark, x->mark));
}

/* Not recorded, or refused: the rules are read again and again, as far as they may. */
static void do_without(struct exposures *x, int64_t now_ns)
{
	x->has_no_marks = true;
	x->ask_at_ns = sooner(x->ask_at_ns, now_ns + x->rest_ns);
}

static bool take(struct exposures *x, int64_t now_ns)
{
	struct fw_mark *mark = (struct fw_mark *)responses_table(&x->marks.responses,
								 QUESTION_GENERATION, 0);
	bool is_other;

	x->is_marking = false;
	if (!mark) {
		do_without(x, now_ns);
		return false;
	}
	is_other = differs(x, mark);
	table_ref(mark);
	exposures_marks_forget(x);
	x->mark = mark;
	return is_other;
}

bool exposures_marks_differ(struct exposures *x, struct channel *c, int64_t now_ns)
{
	if (x->is_marking)
		inquiry_send(&x->marks, c);
	if (x->is_marking && responses_are_in(&x->marks.responses) && take(x, now_ns))
		return true;
	if (!x->is_marking && are_wanted(x) && now_ns - x->marked_ns >= MARK_NS) {
		ask(x, now_ns);
		inquiry_send(&x->marks, c);
	}
	return false;
}

int64_t exposures_marks_due_ns(const struct exposures *x)
{
	return are_wanted(x) && !x->is_marking ? x->marked_ns + MARK_MAX_NS : INT64_MAX;
}
