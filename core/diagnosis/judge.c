/*
 * The judgement: all checks on all walks, then one verdict. An answer that was seen beats
 * every conclusion from configuration.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/time.h"
#include "core/diagnosis/judge_impl.h"

static const char *const verdict_words[] = {[VERDICT_UNKNOWN] = "unknown",
					    [VERDICT_HEALTHY] = "healthy",
					    [VERDICT_FAULT] = "fault"};

static const char *const step_state_words[] = {
	[STEP_WAITING] = "waiting", [STEP_PASS] = "pass",       [STEP_FAIL] = "fail",
	[STEP_WARN] = "warn",       [STEP_UNKNOWN] = "unknown", [STEP_DENIED] = "denied",
	[STEP_SKIPPED] = "skipped",
};

const char *verdict_word(enum verdict v)
{
	return verdict_words[v];
}

const char *step_state_word(enum step_state s)
{
	return step_state_words[s];
}

static struct text format_text(struct judging *j, const char *format, va_list args)
{
	struct str s = {0};
	struct text out = TEXT_NONE;

	str_vprintf(&s, format, args);
	if (!s.failed)
		out = arena_text(j->arena, (struct text){s.data, s.len});
	if (s.failed || (s.len && !out.bytes))
		j->error = -ENOMEM;
	str_release(&s);
	return out;
}

struct text judge_text(struct judging *j, const char *format, ...)
{
	struct text out;
	va_list args;

	va_start(args, format);
	out = format_text(j, format, args);
	va_end(args);
	return out;
}

void judge_prove(struct judging *j, enum step_id step, const char *source, bool is_observed,
		 const char *command, const char *format, ...)
{
	struct step_result *r = &j->d->steps[step];
	struct proof *p = &r->proofs[r->n_proofs];
	va_list args;

	if (r->n_proofs == PROOFS_MAX)
		return;
	*p = (struct proof){.source = source, .is_observed = is_observed};
	va_start(args, format);
	p->text = format_text(j, format, args);
	va_end(args);
	if (command)
		p->command = judge_text(j, "%s", command);
	r->n_proofs++;
}

bool judge_was_answered(const struct judging *j)
{
	const uint32_t *n = j->d->syn.n_outcomes;

	return n[OUTCOME_ANSWERED] || n[OUTCOME_RESET_LATER];
}

bool judge_was_seen(const struct judging *j)
{
	return j->d->has_syn && j->d->syn.n_all > 0;
}

/* ---- the checks ---- */

static void run_check(struct judging *j, const struct check *c, struct check_view *v)
{
	struct finding f = {.fault = c->fault,
			    .step = c->step,
			    .chain = UINT32_MAX,
			    .rule = UINT32_MAX,
			    .client = v->walk->client,
			    .server = v->walk->server};
	int got = c->run(v, &f);
	struct finding *place;

	if (got < 0) {
		j->error = got;
		return;
	}
	f.certainty = (enum certainty)got;
	if (f.certainty == CERTAINTY_NONE) {
		j->is_excluded[c->fault] |= f.is_ruled_out;
		j->is_open[c->fault] |= !f.is_ruled_out;
		return;
	}
	place = vec_push(&j->found);
	if (place)
		*place = f;
	else
		j->error = -ENOMEM;
}

static void check_walks(struct judging *j)
{
	for (size_t i = 0; i < j->e->n_walks && !j->error; i++) {
		struct check_view v = {
			.e = j->e, .walk = &j->e->walks[i], .arena = j->arena};

		evidence_sight_at(j->e, &v.walk->server, &v.sight);
		for (size_t k = 0; k < n_checks && !j->error; k++)
			run_check(j, &checks[k], &v);
	}
}

/* The walk that tells most: where SYNs were seen, else the first. */
static void choose_walk(struct judging *j)
{
	uint64_t most = 0;

	for (size_t i = 0; i < j->e->n_walks; i++) {
		struct sightings s;

		evidence_sight_at(j->e, &j->e->walks[i].server, &s);
		if (i && s.n_all <= most)
			continue;
		most = s.n_all;
		j->walk = &j->e->walks[i];
	}
	if (j->walk)
		j->d->path = &j->walk->path;
}

static void take_sample(struct judging *j)
{
	const struct sightings *s = &j->d->syn;

	if (!s->n)
		return;
	j->d->sample = *attempts_at(j->e->attempts, s->rows[s->n - 1]);
	j->d->has_sample = true;
}

static void sight(struct judging *j)
{
	const struct capture_state *state = &j->e->attempts->state;

	evidence_sight(j->e, &j->d->syn);
	j->d->has_syn = !j->e->capture_error || j->d->syn.n_all > 0;
	j->d->capture_drops = state->n_kernel_drops + state->n_device_drops;
	take_sample(j);
}

/* ---- the verdict ---- */

static bool is_fault(const struct judging *j)
{
	return j->d->n_findings && j->d->findings[0].certainty >= CERTAINTY_LIKELY;
}

/* The way is open for anybody, or for the client that is asked about. */
static bool is_way_open(const struct judging *j)
{
	const struct path *p = j->walk ? &j->walk->path : NULL;

	return p && j->walk->is_walked && p->request.verdict == PATH_ACCEPT &&
	       p->is_served == TRI_YES &&
	       (!p->reply.is_walked || p->reply.verdict == PATH_ACCEPT);
}

static bool is_service_answering(const struct judging *j)
{
	return !j->e->probe || j->e->probe->outcome == PROBE_CONNECTED;
}

static void say_healthy(struct judging *j)
{
	struct diagnosis *d = j->d;
	char port[16];

	snprintf(port, sizeof(port), "%u/%s", d->target.port,
		 d->target.proto == IPPROTO_UDP ? "udp" : "tcp");
	d->verdict = VERDICT_HEALTHY;
	if (judge_was_answered(j)) {
		d->certainty = CERTAINTY_PROVEN;
		d->summary = judge_text(j, "%s is open: %u attempt%s answered", port,
					d->syn.n_outcomes[OUTCOME_ANSWERED] +
						d->syn.n_outcomes[OUTCOME_RESET_LATER],
					d->syn.n_all == 1 ? " was" : "s were");
		return;
	}
	d->certainty = CERTAINTY_LIKELY;
	d->summary =
		judge_text(j, "%s looks open from here, but no client has tried", port);
}

static void say_fault(struct judging *j, enum verdict v)
{
	struct diagnosis *d = j->d;
	const struct finding *f = &d->findings[0];

	d->verdict = v;
	d->certainty = f->certainty;
	d->summary = f->summary;
	d->has_rule = f->chain != UINT32_MAX;
	d->chain = f->chain;
	d->rule = f->rule;
	if (f->fault == FAULT_POLICY_DROP)
		d->why = WHY_NOTHING_ALLOWS;
	else if (d->has_rule)
		d->why = WHY_EXPLICIT_DENY;
}

static void say_unknown(struct judging *j)
{
	j->d->verdict = VERDICT_UNKNOWN;
	j->d->certainty = CERTAINTY_NONE;
	if (judge_was_seen(j))
		j->d->summary = judge_text(j,
					   "not decided: %u SYNs were seen and nothing on "
					   "this host explains what became of them",
					   j->d->syn.n_syns);
	else if (j->e->target.is_client_named)
		j->d->summary = judge_text(
			j, "not decided: the client was not seen trying in this time");
	else
		j->d->summary =
			judge_text(j, "not decided: nobody tried in this time, and it "
				      "depends on who does");
}

static void decide(struct judging *j)
{
	bool is_tried = judge_was_seen(j);

	if (is_fault(j))
		say_fault(j, VERDICT_FAULT);
	else if (judge_was_answered(j))
		say_healthy(j);
	else if (!is_tried && !j->e->target.is_client_named && is_way_open(j) &&
		 is_service_answering(j) && j->e->target.role == AIM_SERVER)
		say_healthy(j);
	else if (j->d->n_findings)
		say_fault(j, VERDICT_UNKNOWN);
	else
		say_unknown(j);
}

/* What remains once the cause is gone: the next independent fault, or nothing. */
static void look_behind(struct judging *j)
{
	struct diagnosis *d = j->d;

	if (d->verdict != VERDICT_FAULT)
		return;
	for (size_t i = 1; i < d->n_findings; i++) {
		if (d->findings[i].certainty < CERTAINTY_LIKELY)
			continue;
		d->has_if_fixed = true;
		d->if_fixed = VERDICT_FAULT;
		d->if_fixed_cause = d->findings[i].fault;
		return;
	}
	if (!judge_behind_is_open(j))
		return;
	d->has_if_fixed = true;
	d->if_fixed = VERDICT_HEALTHY;
}

static void list_excluded(struct judging *j)
{
	for (int f = FAULT_NONE + 1; f < N_FAULTS; f++)
		if (j->is_excluded[f] && !j->is_open[f])
			j->d->excluded[j->d->n_excluded++] = (enum fault)f;
}

static void judge_all(struct judging *j)
{
	choose_walk(j);
	sight(j);
	check_walks(j);
	judge_rank(j);
	decide(j);
	look_behind(j);
	list_excluded(j);
	judge_extent(j);
	judge_steps(j);
	judge_logs(j);
	judge_gaps(j);
}

struct diagnosis *judge(const struct evidence *e)
{
	struct diagnosis *d = table_new(sizeof(*d), NULL);
	struct judging j = {.e = e, .d = d, .found = VEC_OF(struct finding)};

	if (!d)
		return NULL;
	j.arena = &d->head.arena;
	d->target = e->target;
	d->window_start_ns = e->window_start_ns;
	d->window_end_ns = e->window_end_ns;
	d->time_ns = e->now_ns;
	if (e->snapshot && e->space)
		judge_all(&j);
	vec_release(&j.found);
	if (!j.error)
		return d;
	table_unref(d);
	return NULL;
}
