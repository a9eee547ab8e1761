/*
 * The judgement: all checks on all walks, then what becomes of their findings, part by part
 * (judge_*.c).
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>

#include "core/diagnosis/drop_reasons.h"
#include "core/diagnosis/judge_impl.h"
#include "core/diagnosis/sight.h"

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

const struct finding *diagnosis_cause(const struct diagnosis *d)
{
	return d->verdict != VERDICT_HEALTHY && d->n_findings ? &d->findings[0] : NULL;
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

struct text judge_shown(struct judging *j, struct text t)
{
	struct str s = {0};
	struct text out;

	text_show(&s, t, TEXT_ASCII);
	out = judge_text(j, "%s", str_text(&s));
	str_release(&s);
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
	return sightings_n_open(&j->d->syn) > 0;
}

bool judge_was_seen(const struct judging *j)
{
	return j->d->has_syn && j->d->syn.n_all > 0;
}

bool judge_has_unread_rules(const struct judging *j)
{
	const struct setting_table *s = j->e->settings;
	const struct ruleset *r = j->e->rules;

	return !r ||
	       (s &&
		((settings_has_legacy(s, AF_INET) && !ruleset_has_all_legacy(r, AF_INET)) ||
		 (settings_has_legacy(s, AF_INET6) &&
		  !ruleset_has_all_legacy(r, AF_INET6))));
}

const struct endpoint *judge_owner(const struct judging *j)
{
	if (j->endpoint || !j->d->n_findings)
		return j->endpoint;
	return j->d->findings[0].endpoint;
}

/* ---- the checks ---- */

static bool was_anyone_taken(const struct evidence *e, const struct addr *server)
{
	for (size_t i = 0; i < attempts_n(e->attempts); i++) {
		const struct attempt *a = attempts_at(e->attempts, i);
		struct addr plain = addr_unmapped(&a->server);

		if (a->n_syn_acks + sight_is_open(a) > 0 && addr_equals(&plain, server) &&
		    sight_is_at_port(e, a))
			return true;
	}
	return false;
}

static struct check_view view_of(struct judging *j, const struct walk *w)
{
	struct check_view v = {.e = j->e, .walk = w, .arena = j->arena};

	/* One client's way is walked: what others met says nothing of it. */
	sight_of(j->e, &w->server, &w->client, &v.sight);
	v.was_anyone_taken = was_anyone_taken(j->e, &w->server);
	return v;
}

enum wire judge_wire(struct judging *j)
{
	struct check_view v = {
		.e = j->e, .walk = j->walk, .arena = j->arena, .sight = j->walk_sight};

	return j->walk ? view_wire(&v) : WIRE_NOTHING;
}

/* What was lost on the way to the capture is no silence. */
static enum certainty weakened(const struct judging *j, const struct check_view *v,
			       const struct finding *f, enum certainty c)
{
	bool rests_on_silence = f->step == STEP_FIREWALL && f->explains_silence;

	if (c == CERTAINTY_PROVEN && rests_on_silence && v->sight.n_all &&
	    sight_is_lossy(j->e))
		return CERTAINTY_LIKELY;
	return c;
}

/*
 * What the checks of each fault answer on one walk, as bits. Several may look for the same
 * one, each in evidence of its own: what one excludes is excluded, unless another finds it
 * or has something that speaks for it. One that knows of nothing takes nothing back.
 */
enum answer { ANSWER_EXCLUDED = 1, ANSWER_OPEN = 2, ANSWER_NOTHING = 4 };

struct answers {
	uint8_t of[N_FAULTS];
};

static enum answer answer_of(enum certainty c, const struct finding *f)
{
	if (c != CERTAINTY_NONE || f->is_undecided)
		return ANSWER_OPEN;
	return f->is_ruled_out ? ANSWER_EXCLUDED : ANSWER_NOTHING;
}

/* What the walks answer: one that nobody could exclude on it stays open. */
static void take_answers(struct judging *j, const struct answers *a)
{
	for (int f = FAULT_NONE + 1; f < N_FAULTS; f++) {
		bool is_excluded = a->of[f] & ANSWER_EXCLUDED;

		j->is_excluded[f] |= is_excluded;
		j->is_open[f] |= (a->of[f] & ANSWER_OPEN) || (a->of[f] && !is_excluded);
	}
}

static void run_check(struct judging *j, const struct check *c, struct check_view *v,
		      struct answers *answers)
{
	struct finding f = {.fault = c->fault,
			    .step = fault_step(c->fault),
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
	answers->of[c->fault] |= (uint8_t)answer_of((enum certainty)got, &f);
	if (got == CERTAINTY_NONE)
		return;
	got = drop_certainty(v, &f, (enum certainty)got);
	if (got < 0) {
		j->error = got;
		return;
	}
	f.certainty = weakened(j, v, &f, (enum certainty)got);
	place = vec_push(&j->found);
	if (place)
		*place = f;
	else
		j->error = -ENOMEM;
}

static uint64_t n_failed(const struct judging *j, const struct sightings *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += sight_has_failed(j->e, attempts_at(j->e->attempts, s->rows[i]));
	return n;
}

/* Also where the packet does not get so far. */
static void find_endpoint(struct judging *j)
{
	struct check_view v = {.e = j->e, .walk = j->walk, .arena = j->arena};
	enum tri served;

	view_socket(&v, &served, &j->endpoint);
}

static void run_checks(struct judging *j, struct check_view *v)
{
	struct answers answers = {{0}};

	for (size_t k = 0; k < n_checks && !j->error; k++)
		if (judge_wants_check(j, &checks[k], v->walk))
			run_check(j, &checks[k], v, &answers);
	take_answers(j, &answers);
}

/* A name without an address: there is no way to walk. */
static void check_nowhere(struct judging *j)
{
	static const struct walk nowhere;
	struct check_view v = {.e = j->e, .walk = &nowhere, .arena = j->arena};

	run_checks(j, &v);
}

/* The walk that tells most is judged: where attempts failed, else where they were seen,
 * else the first; of our own tries the first. */
static void check_walks(struct judging *j)
{
	uint64_t most_failed = 0, most = 0;

	for (size_t i = 0; i < j->e->n_walks && !j->error; i++) {
		struct check_view v = view_of(j, &j->e->walks[i]);
		uint64_t failed = n_failed(j, &v.sight);

		if (!i || (!j->e->is_client_side &&
			   (failed > most_failed ||
			    (failed == most_failed && v.sight.n_all > most)))) {
			most_failed = failed;
			most = v.sight.n_all;
			j->walk = v.walk;
			j->walk_sight = v.sight;
		}
		run_checks(j, &v);
	}
	if (!j->e->n_walks && j->e->is_client_side)
		check_nowhere(j);
	if (!j->walk)
		return;
	j->d->path = &j->walk->path;
	find_endpoint(j);
}

static void take_sample(struct judging *j)
{
	const struct sightings *s = j->walk_sight.n ? &j->walk_sight : &j->d->syn;

	if (!s->n)
		return;
	j->d->sample = *attempts_at(j->e->attempts, s->rows[s->n - 1]);
	j->d->has_sample = true;
}

/* Its client got through later. */
static bool is_made_good(const struct judging *j, const struct sightings *s, size_t i)
{
	const struct attempt *a = attempts_at(j->e->attempts, s->rows[i]);

	for (size_t k = i + 1; k < s->n; k++) {
		const struct attempt *b = attempts_at(j->e->attempts, s->rows[k]);

		if (sight_is_open(b) && addr_equals(&a->client, &b->client))
			return true;
	}
	return false;
}

/* A single SYN without an answer is a scan as a rule, and so is a handshake that nobody
 * ends; but not of a client that is known to mean it. */
static bool is_in_vain(const struct judging *j, const struct attempt *a)
{
	if (!sight_has_failed(j->e, a) || a->n_client_resets)
		return false;
	if (j->e->target.is_client_named)
		return true;
	return !a->n_syn_acks &&
	       (a->n_syns > 1 || a->n_icmp || a->outcome == OUTCOME_REFUSED);
}

static uint64_t count_in_vain(const struct judging *j)
{
	const struct sightings *s = &j->d->syn;
	uint64_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct attempt *a = attempts_at(j->e->attempts, s->rows[i]);

		n += is_in_vain(j, a) && !is_made_good(j, s, i);
	}
	return n;
}

static void sight(struct judging *j)
{
	const struct capture_state *state = &j->e->attempts->state;

	evidence_sight(j->e, &j->d->syn);
	j->n_in_vain = count_in_vain(j);
	j->d->has_syn = !j->e->capture_error || j->d->syn.n_all > 0;
	j->d->capture_drops = state->n_kernel_drops + state->n_device_drops;
}

/* What rules may do is not excluded by rules that were not read. */
static bool is_of_unread_rules(struct judging *j, enum fault f)
{
	static const char *const groups[] = {"firewall.", "nat.", "proxy."};

	if (j->e->rules || judge_was_answered(j))
		return false;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (!strncmp(fault_id(f), groups[i], strlen(groups[i])))
			return true;
	return false;
}

static void list_excluded(struct judging *j)
{
	for (int f = FAULT_NONE + 1; f < N_FAULTS; f++)
		if (j->is_excluded[f] && !j->is_open[f] &&
		    !is_of_unread_rules(j, (enum fault)f))
			j->d->excluded[j->d->n_excluded++] = (enum fault)f;
}

static void judge_all(struct judging *j)
{
	sight(j);
	check_walks(j);
	take_sample(j);
	judge_rank(j);
	judge_count(j);
	if (j->e->is_client_side) {
		judge_client_decide(j);
	} else {
		judge_decide(j);
		judge_extent(j);
	}
	judge_near(j);
	list_excluded(j);
	judge_steps(j);
	judge_joined(j);
	judge_way(j);
	judge_zone(j);
	judge_name(j);
	judge_trace(j);
	judge_drops(j);
	judge_logs(j);
	judge_gaps(j);
	if (j->e->is_client_side) {
		judge_client_steps(j);
		judge_client_hidden(j);
	}
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
	if (e->snapshot && e->snapshot->host)
		d->host = judge_shown(&j, e->snapshot->host->hostname);
	if (e->snapshot && e->space)
		judge_all(&j);
	vec_release(&j.found);
	if (!j.error)
		return d;
	table_unref(d);
	return NULL;
}
