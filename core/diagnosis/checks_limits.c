/* A rule that lets in only so much: a rate, a quota, a number of connections, a list of
 * recent addresses. Which packets come above the bound nobody can foresee: the walk is made
 * for both, and the wire and the counters say which of them it was. */
#include <errno.h>
#include <netinet/in.h>

#include "core/diagnosis/check_deny.h"
#include "core/diagnosis/check_help.h"
#include "core/diagnosis/check_traced.h"
#include "core/diagnosis/deny_certainty.h"
#include "core/diagnosis/sight.h"
#include "core/firewall/bounds.h"
#include "core/path/otherwise.h"

/* What was seen of the attempts beside the way in which the rule stops them. */
struct toll {
	uint32_t n_lost;     /* SYNs that met what the rule does */
	uint32_t n_failed;   /* attempts that did, and nothing better */
	uint32_t n_answered; /* attempts that got through */
	uint32_t n_other;    /* attempts that failed in another way */
};

/* The rule with the bound, and where what comes above it ends. */
struct bounded {
	const struct fw_rule *rule;
	uint32_t row;
	const char *what;
	const struct path *beyond, *below;
};

static const struct fw_rule *bounded_rule(const struct check_view *v, uint32_t row,
					  const char **what)
{
	const struct ruleset *r = v->e->rules;

	if (row >= r->n_rules || fw_rule_bound(&r->rules[row], what) == FW_BOUND_NONE)
		return NULL;
	return &r->rules[row];
}

/* The rule that decided counts itself, else the first one that the way depends on. */
static bool find_rule(const struct check_view *v, const struct path_leg *unsure,
		      struct bounded *out)
{
	uint32_t decider = out->beyond ? out->beyond->request.rule : UINT32_MAX;

	out->row = decider;
	out->rule = bounded_rule(v, decider, &out->what);
	for (size_t i = 0; !out->rule && i < unsure->n_unsure; i++) {
		out->row = unsure->unsure[i].rule;
		out->rule = bounded_rule(v, out->row, &out->what);
	}
	return out->rule != NULL;
}

static const struct path *walk_bounded(const struct check_view *v, bool is_beyond,
				       bool is_object_over)
{
	struct path_world world = evidence_world(v->e);
	struct path *p = arena_alloc(v->arena, sizeof(*p));

	if (!p ||
	    path_walk_bounded(&world, &v->walk->path.ask, is_beyond, is_object_over, p))
		return NULL;
	return p->n_needs ? NULL : p;
}

static bool is_stopped(enum path_verdict verdict)
{
	return verdict == PATH_DROP || verdict == PATH_REJECT;
}

/* Above the bound it is stopped, below it is not: then the bound decides. */
static bool look(const struct check_view *v, struct bounded *out)
{
	const struct path_leg *unsure = &v->walk->path.request;

	if (!find_rule(v, unsure, out))
		return false;
	for (int is_over = 0; is_over < 2; is_over++) {
		out->beyond = walk_bounded(v, true, is_over);
		out->below = walk_bounded(v, false, is_over);
		if (out->beyond && out->below && deny_is_there(v, &out->beyond->request) &&
		    !is_stopped(out->below->request.verdict))
			return find_rule(v, unsure, out);
	}
	return false;
}

/* ---- what was seen ---- */

static bool is_met_so(const struct attempt *a, const struct path_leg *leg)
{
	if (leg->verdict == PATH_DROP)
		return !a->n_syn_acks && !a->n_icmp && a->outcome != OUTCOME_REFUSED;
	if (leg->reject.is_reset)
		return a->outcome == OUTCOME_REFUSED;
	return a->n_icmp && a->icmp_type == leg->reject.type &&
	       a->icmp_code == leg->reject.code;
}

static struct toll take_toll(const struct check_view *v, const struct path_leg *leg)
{
	struct toll t = {0};

	for (size_t i = 0; i < v->sight.n; i++) {
		const struct attempt *a = attempts_at(v->e->attempts, v->sight.rows[i]);

		if (sight_is_open(a)) {
			t.n_answered++;
			/* Its first SYNs were not taken, a later one was. */
			if (leg->verdict == PATH_DROP && a->n_syns > 1)
				t.n_lost += a->n_syns - 1;
		} else if (sight_has_failed(v->e, a)) {
			t.n_failed += is_met_so(a, leg);
			t.n_other += !is_met_so(a, leg);
			t.n_lost += is_met_so(a, leg) ? a->n_syns : 0;
		}
	}
	return t;
}

/* The decider does not count: that part of the SYNs is answered by the same socket, and
 * that nothing else of this host counted, speaks for the bound. */
static int certainty_uncounted(const struct check_view *v, const struct toll *t)
{
	bool is_part = t->n_answered && t->n_failed >= 2 && !t->n_other;

	if (v->e->target.proto != IPPROTO_TCP || !is_part || !v->e->counters ||
	    !v->e->counters_after || deny_has_other_silence(v) ||
	    v->walk->path.request.n_programs)
		return CERTAINTY_POSSIBLE;
	return CERTAINTY_LIKELY;
}

static int certainty_of(const struct check_view *v, const struct bounded *b,
			const struct toll *t)
{
	const struct path_leg *leg = &b->beyond->request;
	int64_t moved = deny_moved(v, leg);
	struct traced_denial traced;

	if (traced_denial(v, &v->walk->path.request, &traced))
		return traced.rule == leg->rule && traced.chain == leg->chain
			       ? CERTAINTY_PROVEN
			       : CERTAINTY_POSSIBLE;
	if (moved < 0)
		return certainty_uncounted(v, t);
	/* It took too few of them: something else takes the rest. */
	if (moved * 2 < t->n_lost)
		return CERTAINTY_POSSIBLE;
	if (t->n_other || deny_have_rules_changed(v))
		return CERTAINTY_LIKELY;
	/* Others move it too: then the kernel's other reasons must be excluded. */
	return moved > t->n_lost && deny_has_other_silence(v) ? CERTAINTY_LIKELY
							      : CERTAINTY_PROVEN;
}

/* ---- words ---- */

static const char *from_words(const struct check_view *v)
{
	char client[ADDR_TEXT_MAX];

	return v->walk->client.family
		       ? view_text(v, " from %s", addr_format(&v->walk->client, client))
		       : "";
}

static int say(const struct check_view *v, struct finding *f, const struct bounded *b,
	       const struct toll *t)
{
	const struct path_leg *leg = &b->beyond->request;
	bool is_own = leg->rule == b->row;
	const char *behind =
		is_own ? "" : view_text(v, ", behind %s", view_rule_place(v, b->rule));

	return finding_say(f, v->arena, "%s%s: %u of %u %ss are %s by %s%s: above its %s",
			   view_port(v), from_words(v), t->n_lost, v->sight.n_syns,
			   v->e->target.proto == IPPROTO_UDP ? "datagram" : "SYN",
			   deny_verb(leg), deny_place(v, leg), behind, b->what);
}

static int prove_bound(const struct check_view *v, struct finding *f,
		       const struct bounded *b)
{
	int64_t moved = evidence_rule_delta(v->e, b->rule);
	int error;

	if (b->beyond->request.rule == b->row)
		return 0;
	error = finding_prove(f, v->arena, view_rule_source(v, b->rule), false,
			      view_rule_command(v, b->rule), "the %s is in %s: %s", b->what,
			      view_rule_place(v, b->rule), view_rule_text(v, b->rule));
	if (error || moved < 0)
		return error;
	return finding_prove(f, v->arena, view_rule_source(v, b->rule), true,
			     view_rule_command(v, b->rule),
			     "its counter moved by %lld in the same time",
			     (long long)moved);
}

static int prove_toll(const struct check_view *v, struct finding *f, const struct toll *t)
{
	return finding_prove(f, v->arena, "capture", true, NULL,
			     "%u attempt%s got through and %u did not in this time",
			     t->n_answered, t->n_answered == 1 ? "" : "s", t->n_failed);
}

static int advise(const struct check_view *v, struct finding *f, const struct bounded *b)
{
	int error = deny_advise(v, f, &b->beyond->request);

	if (error)
		return error;
	return finding_advise(
		f, v->arena, view_rule_command(v, b->rule), NULL,
		"it stands against floods and guessing: no further than the clients need",
		"or raise the %s of %s, once it is clear who uses it up", b->what,
		view_rule_place(v, b->rule));
}

static int tell(const struct check_view *v, struct finding *f, const struct bounded *b,
		const struct toll *t)
{
	const struct path_leg *leg = &b->beyond->request;
	int error;

	f->position = deny_position(leg, false);
	f->chain = b->rule->chain;
	f->rule = b->row;
	f->explains_silence = leg->verdict == PATH_DROP;
	f->explains_reset = leg->verdict == PATH_REJECT && leg->reject.is_reset;
	f->explains_icmp = leg->verdict == PATH_REJECT && !leg->reject.is_reset;
	error = say(v, f, b, t);
	if (!error)
		error = deny_prove_rule(v, f, leg);
	if (!error)
		error = deny_prove_counter(v, f, leg);
	if (!error)
		error = prove_toll(v, f, t);
	if (!error)
		error = prove_bound(v, f, b);
	if (!error)
		error = prove_wire(v, f);
	return error ? error : advise(v, f, b);
}

int check_rate_limited(const struct check_view *v, struct finding *f)
{
	const struct path_leg *request = &v->walk->path.request;
	struct bounded b = {0};
	struct toll t;
	int error;

	if (!v->walk->is_walked || !v->e->rules || !request->is_walked)
		return CERTAINTY_NONE;
	if (request->verdict != PATH_UNSURE)
		return ruled_out(f);
	if (!v->sight.n_all || !look(v, &b))
		return CERTAINTY_NONE;
	t = take_toll(v, &b.beyond->request);
	/* None was lost, or the decider stood still: the bound was not reached. */
	if (!t.n_lost || deny_moved(v, &b.beyond->request) == 0)
		return ruled_out(f);
	error = tell(v, f, &b, &t);
	return error ? error : certainty_of(v, &b, &t);
}
