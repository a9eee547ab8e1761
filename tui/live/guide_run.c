/* The run of the Guide on the console's channel. What it means is judge.c. */
#include "tui/live/guide_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/time.h"
#include "tui/command/client_run.h"

#define JUDGE_NS (200 * NS_PER_MS)         /* between two judgements of a run under way */
#define LOOK_NS  (100 * NS_PER_MS)         /* at silence, while watching */
#define WAIT_NS  (GUIDE_WAIT_S * NS_PER_S) /* of the window */
#define PEEK_NS  NS_PER_S                  /* likewise, where nobody can try */

void guide_run_init(struct guide_run *r, struct guide *guide, struct channel *channel)
{
	*r = (struct guide_run){.guide = guide, .channel = channel};
}

/* This host is the client: its own tries are the evidence. */
static void be_client(struct guide_run *r, struct run_options *o)
{
	static const struct cli nothing_named;
	const struct guide *g = r->guide;
	struct target_port port = {g->aim.proto, g->aim.port};

	r->target = (struct target){.address = g->aim.address, .n_ports = 1};
	r->target.ports[0] = port;
	memcpy(r->target.service, g->service, sizeof(r->target.service));
	if (!g->aim.address.family)
		memcpy(r->target.host, g->host, sizeof(r->target.host));
	client_run_options(o, &nothing_named, &r->target, &port);
}

void guide_run_start(struct guide_run *r, const struct netns_ref *own, struct snapshot *s,
		     int64_t now_ns, int64_t wall_ns)
{
	struct run_options o = {.target = r->guide->aim,
				.wait_ns = r->guide->is_untestable ? PEEK_NS : WAIT_NS,
				.symptom = r->guide->symptom,
				.may_probe = true,
				.may_trace = r->guide->wants_proof,
				.is_replay = channel_is_replay(r->channel),
				.utc_offset_s = diagnose_utc_offset_s(wall_ns)};
	struct netns_ref space = diagnose_ref(r->guide->space, own);

	guide_run_end(r);
	guide_begin(r->guide);
	if (o.target.role == AIM_CLIENT)
		be_client(r, &o);
	diagnose_start(&r->diagnose, &o, &space, now_ns);
	r->guide->wants_proof = false;
	r->is_started = r->has_news = true;
	r->judge_at_ns = now_ns;
	if (s)
		guide_run_snapshot(r, s);
}

void guide_run_end(struct guide_run *r)
{
	if (!r->is_started)
		return;
	guide_forget(r->guide);
	inquiry_end_capture(&r->diagnose.inquiry);
	/* A channel that is gone is told by whoever reads from it. */
	if (r->diagnose.inquiry.capture_seq)
		inquiry_send(&r->diagnose.inquiry, r->channel);
	diagnose_end(&r->diagnose);
	table_unref(r->judged);
	r->judged = NULL;
	r->is_started = false;
}

void guide_run_snapshot(struct guide_run *r, struct snapshot *s)
{
	if (!r->is_started || run_is_done(&r->diagnose.run))
		return;
	diagnose_snapshot(&r->diagnose, s, s->is_settled);
	r->has_news = true;
}

bool guide_run_takes_blob(struct guide_run *r, const struct blob *b)
{
	int got = r->is_started ? diagnose_blob(&r->diagnose, b) : -ENOENT;

	if (got == 1)
		r->has_news = true;
	return got != -ENOENT;
}

static bool judge_now(struct guide_run *r, int64_t now_ns)
{
	struct run *run = &r->diagnose.run;
	struct diagnosis *d;

	if (!r->has_news || (!run_is_done(run) && now_ns < r->judge_at_ns))
		return false;
	d = judge(&run->evidence);
	guide_take(r->guide, d, d ? &run->evidence : NULL, run);
	table_unref(r->judged);
	r->judged = table_ref(r->diagnose.snapshot);
	r->has_news = false;
	r->judge_at_ns = now_ns + JUDGE_NS;
	return true;
}

int guide_run_step(struct guide_run *r, int64_t now_ns, int64_t wall_ns)
{
	int got = 0;

	if (!r->is_started)
		return 0;
	if (!run_is_done(&r->diagnose.run))
		got = diagnose_step(&r->diagnose, r->channel, now_ns, wall_ns);
	if (got < 0)
		return got;
	if (got)
		r->has_news = true;
	return judge_now(r, now_ns);
}

int64_t guide_run_due_ns(const struct guide_run *r, int64_t now_ns)
{
	int64_t due_ns;

	if (!r->is_started || run_is_done(&r->diagnose.run))
		return INT64_MAX;
	due_ns = run_due_ns(&r->diagnose.run);
	if (due_ns < now_ns + LOOK_NS)
		due_ns = now_ns + LOOK_NS;
	return r->has_news && r->judge_at_ns < due_ns ? r->judge_at_ns : due_ns;
}
