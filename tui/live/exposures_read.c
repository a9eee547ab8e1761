/* When the rules are read, and what is kept of them. Searches nothing. */
#include "tui/live/exposures_impl.h"

#include <errno.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"
#include "tui/loop.h"

#define ASK_NS       (4 * NS_PER_S) /* between two readings that nobody asked for */
#define ASK_MAX_NS   (600 * NS_PER_S)
#define RETRY_NS     (30 * NS_PER_S)   /* after one that failed */
#define RENEW_NS     (300 * NS_PER_S)  /* a rule may go by the clock */
#define LAST_READ_NS (500 * NS_PER_MS) /* before the end of a recording */

/* Reading has at most this part of all time; the second where rules are known to change. */
enum { ASK_SHARE = 1000, HASTY_SHARE = 100 };

struct inquiry *exposures_known(struct exposures *x)
{
	return &x->inquiries[x->known];
}

static struct inquiry *asked(struct exposures *x)
{
	return &x->inquiries[!x->known];
}

/* False: without memory; it is asked another time. */
static bool ask_for(struct exposures *x, enum question_kind kind)
{
	const struct question q = {.kind = kind,
				   .round = kind == QUESTION_RULESET ? ROUND_STANDING : 0};

	return !inquiry_ask(asked(x), &q);
}

/* Settings have hundreds of files: as long as the rules stay, they are believed to stay. */
static void ask_again(struct exposures *x, int64_t now_ns)
{
	bool is_old = !x->has_known || now_ns >= x->known_until_ns;

	if (!ask_for(x, QUESTION_RULESET) || (is_old && !ask_for(x, QUESTION_SETTINGS)))
		return;
	x->is_asking = true;
	x->asked_ns = now_ns;
}

const struct ruleset *exposures_rules(const struct exposures *x)
{
	return x->has_known ? responses_table(&x->inquiries[x->known].responses,
					      QUESTION_RULESET, ROUND_STANDING)
			    : NULL;
}

int exposures_rules_error(const struct exposures *x)
{
	const struct inquiry *i = &x->inquiries[x->known];
	const struct response *r =
		responses_of(&i->responses, QUESTION_RULESET, ROUND_STANDING);

	return r && !r->table ? r->error : 0;
}

/* Nothing that asking again would change. */
static bool is_final(int error)
{
	return error == EPERM || error == EACCES || error == ENODATA || error == EINVAL;
}

/* The sets that were asked element by element are told by the generation alone. */
static bool is_same(const struct exposures *x)
{
	const struct responses *old = &x->inquiries[x->known].responses;
	const struct responses *new = &x->inquiries[!x->known].responses;
	const struct ruleset *a = responses_table(old, QUESTION_RULESET, ROUND_STANDING);
	const struct ruleset *b = responses_table(new, QUESTION_RULESET, ROUND_STANDING);

	if (!x->has_known || !a || !b)
		return false;
	if (responses_of(old, QUESTION_MEMBER, 0) && a->generation != b->generation)
		return false;
	return ruleset_is_same(a, b);
}

/* Of the last two: what waits for others takes longer. */
static int64_t least_of(const struct exposures *x, int64_t took_ns)
{
	return x->took_ns && x->took_ns < took_ns ? x->took_ns : took_ns;
}

static int64_t rest_after(const struct exposures *x, int64_t took_ns)
{
	int64_t least = least_of(x, took_ns);

	/* The first one came while all else was read: it says little. */
	if (!x->took_ns)
		return ASK_NS;
	return sooner(later(ASK_NS, least * ASK_SHARE), ASK_MAX_NS);
}

static void forget(struct exposures *x, struct inquiry *i)
{
	inquiry_release(i);
	inquiry_init(i, &x->space);
}

static void note_gap(struct exposures *x)
{
	struct exposure blind = {
		.is_blind = !responses_table(&exposures_known(x)->responses,
					     QUESTION_RULESET, ROUND_STANDING)};
	struct exposure_page page = {.exposure = &blind,
				     .rules_error = exposures_rules_error(x)};

	x->reach.gap = exposure_gap(&page, &x->reach.grant);
}

static void use_answers(struct exposures *x, int64_t now_ns)
{
	exposures_stop(x);
	forget(x, exposures_known(x));
	x->known = !x->known;
	x->has_known = true;
	x->awaits_needs = false;
	x->known_until_ns = now_ns + RENEW_NS;
	x->reach.epoch++;
	x->has_stale = true;
	x->total_ns = 0;
	note_gap(x);
}

/* The same rules may have another one than before. */
static void note_generation(struct exposures *x, int64_t now_ns)
{
	const struct ruleset *rules =
		responses_table(&asked(x)->responses, QUESTION_RULESET, ROUND_STANDING);

	exposures_marks_forget(x);
	x->marked_ns = now_ns;
	x->generation = rules ? rules->generation : 0;
}

static bool needs_settings(const struct inquiry *i)
{
	return responses_table(&i->responses, QUESTION_RULESET, ROUND_STANDING) &&
	       !responses_of(&i->responses, QUESTION_SETTINGS, 0);
}

static void take_answers(struct exposures *x, int64_t now_ns)
{
	bool is_kept = is_same(x) && now_ns < x->known_until_ns + x->total_ns * ASK_SHARE;
	int64_t took_ns = now_ns - x->asked_ns;
	int error;

	if (!is_kept && needs_settings(asked(x)) && ask_for(x, QUESTION_SETTINGS))
		return;
	x->is_asking = false;
	x->rest_ns = rest_after(x, took_ns);
	x->hasty_at_ns = now_ns + sooner(least_of(x, took_ns) * HASTY_SHARE, x->rest_ns);
	x->took_ns = later(took_ns, 1);
	note_generation(x, now_ns);
	if (is_kept)
		forget(x, asked(x));
	else
		use_answers(x, now_ns);
	x->ask_at_ns = now_ns + x->rest_ns;
	if (exposures_rules(x) && !x->has_no_marks &&
	    !exposures_changes_unseen(exposures_rules(x)))
		x->ask_at_ns = later(x->known_until_ns, x->ask_at_ns);
	error = exposures_rules_error(x);
	if (error)
		x->ask_at_ns = is_final(error) ? INT64_MAX : now_ns + RETRY_NS;
}

void exposures_read(struct exposures *x, struct channel *c, int64_t now_ns)
{
	if (!x->is_asking && exposures_marks_differ(x, c, now_ns))
		x->ask_at_ns = sooner(x->ask_at_ns, x->hasty_at_ns);
	if (!x->is_asking && x->ask_at_ns <= now_ns)
		ask_again(x, now_ns);
	if (!x->is_asking)
		return;
	inquiry_send(asked(x), c);
	if (responses_are_in(&asked(x)->responses))
		take_answers(x, now_ns);
}

void exposures_record(struct exposures *x, struct channel *c, int64_t left_ns)
{
	bool is_late = left_ns < LAST_READ_NS || left_ns < 2 * x->took_ns;

	if (x->slice_ns && (x->is_asking || !is_late))
		exposures_read(x, c, host_now_ns());
	if (x->slice_ns && (x->are_programs_asked || !is_late))
		exposures_programs_read(x, c, host_now_ns());
}

bool exposures_takes_blob(struct exposures *x, const struct blob *b)
{
	if (x->is_asking && inquiry_blob(asked(x), b) != -ENOENT)
		return true;
	if (x->is_marking && inquiry_blob(&x->marks, b) != -ENOENT)
		return true;
	if (x->awaits_needs && inquiry_blob(exposures_known(x), b) != -ENOENT)
		return true;
	return exposures_programs_take_blob(x, b) || exposures_feed_behind(x, b);
}

void exposures_now(struct exposures *x)
{
	x->ask_at_ns = 0;
	x->known_until_ns = 0;
	x->programs_at_ns = 0;
	x->search_at_ns = 0;
}
