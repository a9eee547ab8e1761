/* The order in which evidence is gathered. What it means is judge.c. */
#include "core/diagnosis/run.h"

#include <netinet/in.h>
#include <string.h>

#include "core/base/time.h"
#include "core/diagnosis/joined.h"
#include "core/diagnosis/related.h"
#include "core/diagnosis/run_ask.h"
#include "core/diagnosis/run_clock.h"
#include "core/diagnosis/run_client.h"
#include "core/diagnosis/stream_story.h"
#include "core/diagnosis/walks.h"
#include "core/services/siblings.h"

#define OPENING_NS  (1500 * NS_PER_MS) /* for the capture to be ready */
#define BASELINE_NS (1500 * NS_PER_MS)
#define MARKING_NS  (3 * NS_PER_S) /* with a trace: until it is ready */
#define CLOSING_NS  (1500 * NS_PER_MS)
#define PROBING_NS  (700 * NS_PER_MS) /* of ASKING_NS: for routes and our connection */
#define ASKING_NS   (2500 * NS_PER_MS)
#define LOOKING_NS  (3 * NS_PER_S)
/* After an answer: for a reset, or first bytes, to follow. */
#define AFTERMATH_NS (1100 * NS_PER_MS)
#define REMOTE_NS    (21 * NS_PER_S) /* clients over ssh: with their request's deadline */
#define REFUSED_NS   (150 * NS_PER_MS)
#define SETTLING_NS  (150 * NS_PER_MS)
#define LARGE_BYTES  4000 /* more than one segment of full size got through */
#define SILENCE_NS   (1300 * NS_PER_MS)

static const char *const phase_words[N_RUN_PHASES] = {
	[RUN_LOOKING] = "reading listeners and their owners",
	[RUN_OPENING] = "opening the capture",
	[RUN_BASELINE] = "reading counters and rules",
	[RUN_WATCHING] = "watching for SYNs",
	[RUN_CLOSING] = "reading counters and rules again",
	[RUN_ASKING] = "asking for routes, processes and log lines",
	[RUN_DONE] = "done",
};

const char *run_phase_words(enum run_phase p)
{
	return phase_words[p];
}

void run_init(struct run *r, const struct run_options *o, const struct responses *responses,
	      const struct attempts *attempts, int64_t now_ns)
{
	*r = (struct run){.options = *o, .start_ns = now_ns, .phase_ns = now_ns};
	r->evidence = (struct evidence){.target = o->target,
					.responses = responses,
					.attempts = attempts,
					.utc_offset_s = o->utc_offset_s,
					.may_probe = o->may_probe,
					.cloud = o->cloud,
					.symptom = o->symptom,
					.is_client_side = o->is_client_side,
					.plan = o->reach,
					.expected = o->expected};
}

void run_release(struct run *r)
{
	*r = (struct run){0};
}

void run_snapshot(struct run *r, const struct snapshot *s, const struct space *space,
		  bool is_settled)
{
	r->evidence.snapshot = s;
	r->evidence.space = space;
	r->is_settled = is_settled;
	r->walked = (struct run_walked){0};
	walks_forget_endpoints(&r->evidence);
}

void run_capture(struct run *r, int error, bool has_ended)
{
	r->evidence.capture_error = error;
	r->has_capture_ended = has_ended;
}

void run_trace(struct run *r, const struct fw_trace *trace, int error, bool has_ended)
{
	if (!r->wants_trace)
		return;
	r->evidence.trace = trace;
	r->evidence.trace_error = error;
	r->has_trace_ended = has_ended;
}

void run_drops(struct run *r, const struct drops *drops, int error, bool has_ended)
{
	r->evidence.drops = drops;
	r->evidence.drops_error = error;
	r->have_drops_ended = has_ended;
}

/* It ends with the capture; the patience is for a run that is never told to. */
bool run_drop_ask(const struct run *r, struct drop_ask *out)
{
	const struct aim *t = &r->options.target;

	*out = (struct drop_ask){
		.proto = t->proto, .port = t->port, .timeout_ms = TRACE_TIMEOUT_MAX_MS};
	if (t->is_client_named)
		out->client = t->client;
	return !r->options.is_client_side;
}

const struct trace_ask *run_trace_ask(const struct run *r)
{
	return r->wants_trace ? &r->trace_ask : NULL;
}

struct capture_ask run_capture_ask(const struct run *r)
{
	const struct aim *t = &r->options.target;
	struct capture_ask ask = {.kind = CAPTURE_REQUEST_FLOW, .proto = t->proto};

	/* Its packets are told first, whatever else comes at the port. */
	if (t->is_client_named)
		ask.client = t->client;
	ask.ports[0] = t->port;
	/* Whoever has the wrong port may use the right one too. */
	ask.n_ports = 1;
	if (t->role == AIM_SERVER)
		ask.n_ports += (uint8_t)ports_siblings(t->port, ask.ports + 1,
						       REQUEST_PORTS_MAX - 1);
	return ask;
}

bool run_is_done(const struct run *r)
{
	return r->phase == RUN_DONE;
}

bool run_wants_capture_end(const struct run *r)
{
	return r->wants_capture_end;
}

/* ---- the window ---- */

/* What follows the answer's first bytes may change what they mean: an alert, an end, or
 * that they never arrive. */
static bool is_answer_settled(const struct attempt *a, int64_t wall_ns)
{
	const struct stream_side *s = &a->stream.side[STREAM_SERVER];

	if (!a->has_stream || s->fin_ns >= 0 || s->rst_ns >= 0)
		return true;
	if (story_awaits_end(a))
		return false;
	if (s->n_acknowledged < a->n_server_bytes && s->n_acknowledged < LARGE_BYTES)
		return false;
	return !s->n_again && wall_ns - a->first_ns - s->first_ns >= SETTLING_NS;
}

static bool is_answer_told(const struct attempt *a, int64_t wall_ns)
{
	return a->n_client_resets ||
	       (a->server_bytes != BYTES_NONE && is_answer_settled(a, wall_ns));
}

/* This attempt alone ends the watching. */
static bool is_decisive(const struct attempt *a, int64_t wall_ns)
{
	switch ((enum outcome)a->outcome) {
	case OUTCOME_ANSWERED:
		if (is_answer_told(a, wall_ns))
			return true;
		return a->client_bytes == BYTES_NONE &&
		       wall_ns - a->answered_ns >= AFTERMATH_NS;
	case OUTCOME_RESET_LATER:
		return true;
	case OUTCOME_REFUSED:
	case OUTCOME_ICMP:
		return wall_ns - a->last_ns >= REFUSED_NS;
	/* One that hung up may be a check of somebody's: a second one tells. */
	case OUTCOME_HALF_OPEN:
	case OUTCOME_SILENT:
	case OUTCOME_OPEN:
	case N_OUTCOMES:
		break;
	}
	return false;
}

/* Nothing came back for so long: it ends the watching if it is explained already. */
static bool is_silent(const struct attempt *a, int64_t wall_ns)
{
	if (a->outcome == OUTCOME_SILENT)
		return true;
	return a->outcome == OUTCOME_OPEN && a->n_syns >= 2 && !a->n_syn_acks &&
	       a->proto == IPPROTO_TCP && wall_ns - a->first_ns >= SILENCE_NS;
}

/* Of one attempt in the window a segment of the server is sent again, and not taken yet. */
static bool is_any_resent(const struct evidence *e)
{
	for (size_t i = attempts_n(e->attempts); i-- > 0;) {
		const struct attempt *a = attempts_at(e->attempts, i);
		const struct stream_side *s = &a->stream.side[STREAM_SERVER];

		if (a->has_stream && s->n_again && s->fin_ns < 0 && s->rst_ns < 0 &&
		    a->last_ns >= e->window_start_ns && evidence_is_of_target(e, a))
			return true;
	}
	return false;
}

static bool is_decided(const struct run *r, int64_t wall_ns)
{
	const struct evidence *e = &r->evidence;
	bool is_explained = walks_explain_silence(e), is_unsure = walks_are_unsure(e);
	bool is_resent = is_any_resent(e);

	for (size_t i = attempts_n(e->attempts); i-- > 0;) {
		const struct attempt *a = attempts_at(e->attempts, i);

		if (!evidence_is_of_target(e, a) || a->last_ns < e->window_start_ns ||
		    ((is_unsure || is_resent) && a->outcome == OUTCOME_ANSWERED) ||
		    related_is_awaited(e, a, wall_ns))
			continue;
		if (is_decisive(a, wall_ns) || (is_explained && is_silent(a, wall_ns)))
			return true;
	}
	return false;
}

/* ---- phases ---- */

static void enter(struct run *r, enum run_phase p, int64_t now_ns)
{
	r->phase = p;
	r->phase_ns = now_ns;
	r->n_rounds = 0;
	r->walked = (struct run_walked){0};
}

static bool is_over(const struct run *r, int64_t now_ns, int64_t limit_ns)
{
	return now_ns - r->phase_ns >= limit_ns;
}

static const void *table(const struct run *r, enum question_kind kind, unsigned round)
{
	return responses_table(r->evidence.responses, kind, round);
}

static const void *asked_datagrams(const struct run *r, uint8_t family)
{
	struct question q = run_ask_datagrams(r, family);
	const struct response *a = responses_find(r->evidence.responses, &q);

	return a ? a->table : NULL;
}

static void collect(struct run *r)
{
	struct evidence *e = &r->evidence;

	e->rules = table(r, QUESTION_RULESET, 0);
	e->rules_after = table(r, QUESTION_RULESET, 1);
	e->counters = table(r, QUESTION_COUNTERS, 0);
	e->counters_after = table(r, QUESTION_COUNTERS, 1);
	e->settings = table(r, QUESTION_SETTINGS, 0);
	e->neighbours = table(r, QUESTION_NEIGHBOURS, 1);
	if (!e->neighbours)
		e->neighbours = table(r, QUESTION_NEIGHBOURS, 0);
	e->programs = table(r, QUESTION_PROGRAMS, 0);
	e->programs_after = table(r, QUESTION_PROGRAMS, 1);
	e->conntrack = table(r, QUESTION_CONNTRACK, 0);
	e->ipsec = table(r, QUESTION_IPSEC, 1);
	e->routing = table(r, QUESTION_ROUTING, 1);
	e->processes = table(r, QUESTION_PROCESSES, 0);
	e->logs = table(r, QUESTION_LOGS, 0);
	e->changes = table(r, QUESTION_CHANGES, 0);
	e->units = table(r, QUESTION_UNITS, 0);
	e->probe = table(r, QUESTION_PROBE, 0);
	e->reach = table(r, QUESTION_REACH, 0);
	e->names = table(r, QUESTION_NAMES, 0);
	e->listeners_after = table(r, QUESTION_LISTENERS, 1);
	e->connections_after = table(r, QUESTION_CONNECTIONS, 1);
	e->handshakes = table(r, QUESTION_HANDSHAKES, 1);
	e->remote = table(r, QUESTION_REMOTE, 0);
	e->joined = table(r, QUESTION_JOINED, 0);
	joined_name_client(e, &r->options.target);
	for (size_t i = 0; i < 2; i++)
		e->datagrams_after[i] = asked_datagrams(r, i ? AF_INET6 : AF_INET);
}

static bool step_looking(struct run *r, struct asking *a, int64_t now_ns)
{
	if (!r->evidence.snapshot || !r->evidence.space)
		return false;
	if (!run_take_name(r, a) && !is_over(r, now_ns, LOOKING_NS))
		return false;
	if (!r->is_settled && !is_over(r, now_ns, LOOKING_NS))
		return false;
	enter(r, RUN_OPENING, now_ns);
	return true;
}

static bool step_opening(struct run *r, int64_t now_ns)
{
	const struct evidence *e = &r->evidence;

	if (!e->attempts->is_ready && !e->capture_error && !is_over(r, now_ns, OPENING_NS))
		return false;
	enter(r, RUN_BASELINE, now_ns);
	return true;
}

/* Rules that were read before the table comes to them. A replay asks for what is recorded,
 * whose backend is no part of the question. */
static void want_trace(struct run *r, struct asking *a)
{
	if (r->wants_trace || a->n_waiting)
		return;
	if (!r->options.is_replay)
		asking_put_walks(r, a);
	if (a->n_waiting)
		return;
	r->wants_trace = true;
	r->trace_ask = walks_trace_ask(&r->evidence, r->options.wait_ns);
}

static bool is_trace_ready(const struct run *r)
{
	const struct evidence *e = &r->evidence;

	return r->wants_trace &&
	       (e->trace_error || r->has_trace_ended || (e->trace && e->trace->is_ready));
}

static bool step_baseline(struct run *r, struct asking *a, int64_t now_ns, int64_t wall_ns)
{
	if (r->options.has_joined)
		asking_put_kind(a, QUESTION_JOINED, 0);
	asking_put_kind(a, QUESTION_SETTINGS, 0);
	asking_put_kind(a, QUESTION_NEIGHBOURS, 0);
	asking_put_kind(a, QUESTION_RULESET, 0);
	asking_put_kind(a, QUESTION_PROGRAMS, 0);
	asking_put_kind(a, QUESTION_COUNTERS, 0);
	if (r->options.may_trace) {
		want_trace(r, a);
		if (!is_trace_ready(r) && !is_over(r, now_ns, MARKING_NS))
			return false;
	} else if (a->n_waiting && !is_over(r, now_ns, BASELINE_NS)) {
		return false;
	}
	r->evidence.window_start_ns = run_clock_answered(r, QUESTION_COUNTERS, 0, wall_ns);
	r->watch_ns = now_ns;
	enter(r, RUN_WATCHING, now_ns);
	return true;
}

static bool step_closing(struct run *r, struct asking *a, int64_t now_ns, int64_t wall_ns)
{
	bool is_late = is_over(r, now_ns, CLOSING_NS);

	asking_put_kind(a, QUESTION_COUNTERS, 1);
	asking_put_kind(a, QUESTION_RULESET, 1);
	asking_put_kind(a, QUESTION_PROGRAMS, 1);
	asking_put_kind(a, QUESTION_NEIGHBOURS, 1);
	asking_put_kind(a, QUESTION_LISTENERS, 1);
	asking_put_ports(a);
	asking_put_processes(a);
	if (a->n_waiting && !is_late)
		return false;
	r->wants_capture_end = true;
	if (!is_late && !(r->has_capture_ended && (r->has_trace_ended || !r->wants_trace) &&
			  (r->have_drops_ended || !r->evidence.drops)))
		return false;
	r->evidence.window_end_ns = run_clock_answered(r, QUESTION_COUNTERS, 1, wall_ns);
	r->evidence.waited_ns = r->evidence.window_end_ns - r->evidence.window_start_ns;
	r->evidence.has_window_ended = true;
	run_clock_stop(r);
	enter(r, RUN_ASKING, now_ns);
	return true;
}

static bool step_watching(struct run *r, struct asking *a, int64_t now_ns, int64_t wall_ns)
{
	bool is_up, is_asking;

	if (r->options.is_client_side) {
		if (!run_try_port(r, a, now_ns))
			return false;
		enter(r, RUN_CLOSING, now_ns);
		return true;
	}
	/* What it tells before its answer is in says too little. */
	is_asking = asking_put_remote(r, a) && now_ns - r->watch_ns < REMOTE_NS;
	/* What a replay asks for is what the recorded run asked for in the end. */
	if (!r->options.is_replay)
		asking_put_walks(r, a);
	is_up = r->options.is_replay ? r->has_capture_ended
				     : now_ns - r->watch_ns >= r->options.wait_ns ||
					       is_decided(r, wall_ns);

	if ((!is_up || is_asking) && !r->has_capture_ended)
		return false;
	enter(r, RUN_CLOSING, now_ns);
	return true;
}

static bool step_asking(struct run *r, struct asking *a, int64_t now_ns)
{
	struct question probe;

	asking_put_walks(r, a);
	asking_put_choosers(a);
	if (!r->options.is_client_side && walks_want_probe(&r->evidence, &probe))
		asking_put(a, &probe);
	/* One worker serves them in turn: a slow journal must not cost our connection. */
	if (a->n_waiting && !is_over(r, now_ns, PROBING_NS))
		return false;
	asking_put_kind(a, QUESTION_UNITS, 0);
	asking_put_past(a, QUESTION_LOGS, 600 * NS_PER_S);
	asking_put_past(a, QUESTION_CHANGES, 86400 * NS_PER_S);
	if (a->n_waiting && !is_over(r, now_ns, ASKING_NS))
		return false;
	enter(r, RUN_DONE, now_ns);
	return true;
}

static bool step_phase(struct run *r, struct asking *a, int64_t now_ns, int64_t wall_ns)
{
	switch (r->phase) {
	case RUN_LOOKING:
		return step_looking(r, a, now_ns);
	case RUN_OPENING:
		return step_opening(r, now_ns);
	case RUN_BASELINE:
		return step_baseline(r, a, now_ns, wall_ns);
	case RUN_WATCHING:
		return step_watching(r, a, now_ns, wall_ns);
	case RUN_CLOSING:
		return step_closing(r, a, now_ns, wall_ns);
	case RUN_ASKING:
		return step_asking(r, a, now_ns);
	case RUN_DONE:
	case N_RUN_PHASES:
		break;
	}
	return false;
}

bool run_step(struct run *r, int64_t now_ns, int64_t wall_ns,
	      void (*ask)(void *arg, const struct question *q), void *arg)
{
	bool has_changed = false, goes_on = true;

	run_clock_advance(r);
	while (goes_on) {
		struct asking a = {.run = r, .ask = ask, .arg = arg};

		collect(r);
		goes_on = step_phase(r, &a, now_ns, wall_ns);
		has_changed = has_changed || goes_on;
	}
	return has_changed;
}

int64_t run_limit_ns(const struct run *r, enum run_phase p)
{
	static const int64_t limits[N_RUN_PHASES] = {
		[RUN_LOOKING] = LOOKING_NS,   [RUN_OPENING] = OPENING_NS,
		[RUN_BASELINE] = BASELINE_NS, [RUN_CLOSING] = CLOSING_NS,
		[RUN_ASKING] = ASKING_NS,
	};

	if (p == RUN_BASELINE && r->options.may_trace)
		return MARKING_NS;
	if (p == RUN_WATCHING && r->options.is_client_side)
		return run_try_limit_ns(r);
	return p == RUN_WATCHING ? r->options.wait_ns : limits[p];
}

int64_t run_due_ns(const struct run *r)
{
	if (r->phase == RUN_DONE)
		return INT64_MAX;
	/* Silence is an answer too: looked at again and again. */
	if (r->phase == RUN_WATCHING)
		return r->options.is_replay ? INT64_MAX : 0;
	return r->phase_ns + run_limit_ns(r, r->phase);
}
