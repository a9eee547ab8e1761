/* Judgements made by hand, for the screens Guide and Ladder. */
#ifndef TESTS_SCREENS_JUDGED_H
#define TESTS_SCREENS_JUDGED_H

#include "tests/screens/hosts.h"
#include "tui/view.h"

#define START_NS (FIXTURE_WALL_NS - 7 * NS_PER_S)

/* What a run had seen, as the Guide borrows it. */
struct judged {
	struct evidence evidence;
	struct attempts attempts;
	struct run run;
	struct path path;
	struct diagnosis *d;
};

static UNUSED struct text judged_text(struct judged *j, const char *words)
{
	return arena_text(&j->d->head.arena, text_of(words));
}

static UNUSED void judged_init(struct judged *j, struct console *c)
{
	const struct snapshot *s = c->model.snapshot;

	*j = (struct judged){0};
	attempts_init(&j->attempts, 100);
	j->d = table_new(sizeof(*j->d), NULL);
	j->d->target = c->model.guide.aim;
	j->d->time_ns = FIXTURE_WALL_NS;
	j->d->window_start_ns = START_NS;
	j->d->window_end_ns = FIXTURE_WALL_NS;
	j->evidence = (struct evidence){.target = c->model.guide.aim,
					.snapshot = s,
					.space = s ? &s->spaces[0] : NULL,
					.attempts = &j->attempts,
					.window_start_ns = START_NS,
					.window_end_ns = FIXTURE_WALL_NS};
	j->run.phase = RUN_DONE;
	j->run.options.wait_ns = 5 * NS_PER_S;
}

static UNUSED void judged_step(struct judged *j, enum step_id s, enum step_state state,
			       const char *summary)
{
	j->d->steps[s].state = state;
	j->d->steps[s].summary = judged_text(j, summary);
}

static UNUSED void judged_prove(struct judged *j, enum step_id s, const char *source,
				bool is_observed, const char *text, const char *command)
{
	struct step_result *r = &j->d->steps[s];

	r->proofs[r->n_proofs++] = (struct proof){.source = source,
						  .is_observed = is_observed,
						  .text = judged_text(j, text),
						  .command = judged_text(j, command)};
}

/* Four SYNs of 198.51.100.7, as a capture tells them. */
static UNUSED struct attempt judged_attempt(enum outcome outcome)
{
	static const int64_t at_ms[] = {0, 1013, 3061, 7093};
	struct attempt a = {.client_port = 51514,
			    .server_port = 443,
			    .proto = IPPROTO_TCP,
			    .outcome = (uint8_t)outcome,
			    .first_ns = START_NS,
			    .last_ns = START_NS + 7093 * NS_PER_MS,
			    .rtt_ns = -1,
			    .n_syns = 4,
			    .n_events = 4};

	addr_parse(&a.client, "198.51.100.7");
	addr_parse(&a.server, "10.0.0.5");
	for (size_t i = 0; i < 4; i++)
		a.events[i] = (struct attempt_event){.at_ns = at_ms[i] * NS_PER_MS,
						     .kind = PACKET_SYN,
						     .is_repeated = i > 0,
						     .ttl = 57,
						     .window = 64240};
	return a;
}

static UNUSED void judged_saw(struct judged *j, const struct attempt *a)
{
	struct record r = {.kind = RECORD_ATTEMPT, .attempt = *a};

	if (attempts_take_record(&j->attempts, &r))
		abort();
	j->d->sample = *a;
	j->d->has_sample = j->d->has_syn = true;
	j->d->syn.n_all = j->d->syn.n = 1;
	j->d->syn.n_syns = a->n_syns;
	j->d->n_groups = 1;
}

/* In to the hook input, which drops it. */
static UNUSED void judged_way(struct judged *j, enum path_outcome at_input)
{
	static const enum place_kind places[] = {PLACE_INGRESS, PLACE_PREROUTING,
						 PLACE_ROUTE, PLACE_INPUT, PLACE_SOCKET};
	struct path_leg *leg = &j->path.request;
	size_t n = at_input == HOP_PASSES ? 5 : 4;

	for (size_t i = 0; i < n; i++)
		leg->hops[leg->n_hops++] = (struct path_hop){.place = places[i]};
	leg->hops[3].outcome = at_input;
	leg->is_walked = true;
	j->path.is_local = true;
	for (size_t i = 0; i < j->evidence.snapshot->n_endpoints; i++)
		if (j->evidence.snapshot->endpoints[i].port == 443)
			j->path.endpoint = &j->evidence.snapshot->endpoints[i];
	j->d->path = &j->path;
}

static UNUSED void judged_good_steps(struct judged *j)
{
	judged_step(j, STEP_CLIENT, STEP_PASS,
		    "4 SYNs in 7 s from 198.51.100.7, 1 attempt, sent again 3 times");
	judged_step(j, STEP_SERVER, STEP_PASS, "nginx 1033 +4 on any v4+v6, queue 0/511");
	judged_prove(j, STEP_SERVER, "sock_diag", true,
		     "the kernel's table of sockets has it", "ss -tlpen");
	judged_step(j, STEP_FIREWALL, STEP_PASS,
		    "nothing here stops the SYN or the answer to it");
	judged_step(j, STEP_NAT, STEP_PASS, "no translation on the way");
	judged_step(j, STEP_LOGS, STEP_PASS,
		    "no line of these seconds names the port, its client or its process");
}

static UNUSED void judged_drop_advice(struct judged *j, struct finding *f)
{
	f->next[0] = (struct next_step){
		.text = judged_text(j, "This rule names the client's own range; it may be "
				       "deliberate: ask its owner. To let this one in:"),
		.command =
			judged_text(j, "nft -e -a insert rule inet filter input handle 27 "
				       "ip saddr 198.51.100.7 tcp dport 443 accept"),
		.undo = judged_text(j, "nft delete rule inet filter input handle H"),
		.risk = judged_text(j, "opens 443 to one address; lost at reload")};
	f->n_next = 1;
}

static UNUSED void judge_drop(struct judged *j)
{
	static const enum fault excluded[] = {FAULT_SYN_NEVER_ARRIVES, FAULT_NOT_LISTENING,
					      FAULT_ACCEPT_QUEUE_FULL, FAULT_RP_FILTER,
					      FAULT_NO_ROUTE_BACK};
	struct attempt a = judged_attempt(OUTCOME_SILENT);
	struct finding *f = &j->d->findings[0];

	judged_good_steps(j);
	judged_saw(j, &a);
	judged_way(j, HOP_DROPPED);
	judged_step(j, STEP_FIREWALL, STEP_FAIL,
		    "443/tcp from 198.51.100.7: dropped by inet filter input handle 27");
	judged_prove(j, STEP_FIREWALL, "nf_tables", false,
		     "inet filter input handle 27: ip saddr 198.51.100.0/24 tcp dport 443 "
		     "drop",
		     "nft -a list chain inet filter input");
	judged_prove(j, STEP_FIREWALL, "counters", true,
		     "its counter moved by 4 while 4 SYNs arrived; nothing was sent back",
		     NULL);
	judged_step(j, STEP_LOGS, STEP_FAIL, "4 lines of these seconds carry the cause");
	judged_prove(j, STEP_LOGS, "logs", true, "kernel: DROP-IN SRC=198.51.100.7 DPT=443",
		     NULL);
	*f = (struct finding){.fault = FAULT_DROP,
			      .certainty = CERTAINTY_PROVEN,
			      .step = STEP_FIREWALL,
			      .explains_silence = true,
			      .n_proofs = 2};
	memcpy(f->proofs, j->d->steps[STEP_FIREWALL].proofs, sizeof(f->proofs));
	f->summary = j->d->summary = j->d->steps[STEP_FIREWALL].summary;
	judged_drop_advice(j, f);
	j->d->n_findings = 1;
	j->d->verdict = VERDICT_FAULT;
	j->d->certainty = CERTAINTY_PROVEN;
	j->d->affected = judged_text(j, "3 of 15 clients, all in 198.51.100.0/24");
	j->d->since_ns = START_NS - 20 * NS_PER_S;
	j->d->changes[0] = (struct past_change){
		START_NS - 22 * NS_PER_S, judged_text(j, "/etc/nftables.conf was written"),
		judged_text(j, "files")};
	j->d->n_changes = 1;
	memcpy(j->d->excluded, excluded, sizeof(excluded));
	j->d->n_excluded = 5;
	j->d->has_if_fixed = true;
	j->d->if_fixed = VERDICT_HEALTHY;
}

static UNUSED void judge_two_faults(struct judged *j)
{
	judge_drop(j);
	j->d->findings[1] = (struct finding){
		.fault = FAULT_NO_ROUTE_BACK,
		.certainty = CERTAINTY_LIKELY,
		.step = STEP_FIREWALL,
		.summary = judged_text(j, "no route back to 198.51.100.7")};
	j->d->n_findings = 2;
	j->d->if_fixed = VERDICT_FAULT;
	j->d->if_fixed_cause = FAULT_NO_ROUTE_BACK;
}

static UNUSED void judge_healthy(struct judged *j)
{
	struct attempt a = judged_attempt(OUTCOME_ANSWERED);

	a.rtt_ns = 3 * NS_PER_MS;
	a.answered_ns = a.first_ns + a.rtt_ns;
	a.n_events = 3;
	a.events[1] = (struct attempt_event){.at_ns = 40000,
					     .kind = PACKET_SYN_ACK,
					     .is_from_server = true,
					     .ttl = 64,
					     .window = 65160};
	a.events[2] = (struct attempt_event){
		.at_ns = 3 * NS_PER_MS, .kind = PACKET_ACK, .ttl = 57, .window = 502};
	judged_good_steps(j);
	judged_saw(j, &a);
	judged_way(j, HOP_PASSES);
	j->d->verdict = VERDICT_HEALTHY;
	j->d->certainty = CERTAINTY_PROVEN;
	j->d->summary = judged_text(j, "443/tcp is open: 1 attempt was answered");
}

/* Nobody tried. */
static UNUSED void judge_untried(struct judged *j)
{
	judged_good_steps(j);
	judged_way(j, HOP_PASSES);
	judged_step(j, STEP_CLIENT, STEP_UNKNOWN,
		    "no client has tried in 5 s; the capture works: 22 packets of others "
		    "were seen");
	j->d->verdict = VERDICT_HEALTHY;
	j->d->certainty = CERTAINTY_LIKELY;
	j->d->summary = judged_text(j, "443/tcp looks open from here, but no client has "
				       "tried");
}

static UNUSED void judge_unknown(struct judged *j)
{
	struct attempt a = judged_attempt(OUTCOME_SILENT);

	judged_good_steps(j);
	judged_saw(j, &a);
	judged_step(j, STEP_FIREWALL, STEP_UNKNOWN,
		    "it depends on what could not be decided");
	judged_step(j, STEP_NAT, STEP_UNKNOWN, "a NAT rule may touch it");
	j->d->summary = judged_text(j, "not decided: 4 SYNs were seen and nothing on this "
				       "host explains what became of them");
	j->d->hidden = judged_text(j, "an XDP program and cloud rules; ask who runs the "
				      "network");
	j->d->gaps[0] = (struct gap){"nf_tables",
				     judged_text(j, "rule 12 uses an expression that is "
						    "not modelled"),
				     TEXT_NONE};
	j->d->n_gaps = 1;
}

static UNUSED void judge_no_right(struct judged *j)
{
	judge_untried(j);
	judged_step(j, STEP_CLIENT, STEP_DENIED,
		    "whether SYNs arrive cannot be seen without the right to capture "
		    "(CAP_NET_RAW)");
	judged_step(j, STEP_FIREWALL, STEP_UNKNOWN,
		    "it depends on what could not be decided");
	j->d->verdict = VERDICT_UNKNOWN;
	j->d->certainty = CERTAINTY_NONE;
	j->d->path = NULL;
	j->d->summary = judged_text(j, "not decided: nobody tried in this time, and it "
				       "depends on who does");
	j->d->gaps[0] = (struct gap){"capture", judged_text(j, "not permitted"),
				     judged_text(j, "sudo dport, or setcap "
						    "cap_net_raw,cap_net_admin+p")};
	j->d->n_gaps = 1;
}

/* Two seconds into the window, one SYN so far. */
static UNUSED void judge_waiting(struct judged *j)
{
	for (int s = 0; s < N_STEPS; s++)
		judged_step(j, (enum step_id)s, STEP_WAITING, "not known so far");
	j->run.phase = RUN_WATCHING;
	j->run.watch_ns = j->run.phase_ns = NS_PER_S - 3 * NS_PER_S;
}

/* Names from outside in every text: shown in ASCII already, or damaged on the way. */
static UNUSED void judge_hostile(struct judged *j)
{
	static const char evil[] = "\x1b[31m\xe2\x80\xae\xff evil\\x1b[2J\ttab \xcc\x81";

	judge_drop(j);
	for (int s = 0; s < N_STEPS; s++)
		j->d->steps[s].summary = judged_text(j, evil);
	j->d->summary = j->d->findings[0].summary = judged_text(j, evil);
	j->d->findings[0].proofs[0].text = judged_text(j, evil);
	j->d->findings[0].next[0].command = judged_text(j, evil);
	j->d->affected = j->d->hidden = judged_text(j, evil);
	j->d->changes[0].what = judged_text(j, evil);
}

static UNUSED void judged_take(struct judged *j, struct console *c,
			       void (*make)(struct judged *j))
{
	guide_begin(&c->model.guide);
	judged_init(j, c);
	make(j);
	guide_take(&c->model.guide, j->d, &j->evidence, &j->run);
}

/* On the row 443, with this judgement taken. judged_release() when it was shown. */
static UNUSED void judged_show(struct judged *j, struct console *c,
			       void (*make)(struct judged *j))
{
	press(c, "/ '443 Enter Enter");
	while (model_view(&c->model) == &view_question)
		press(c, "Enter"); /* what the client says, and who it is: not known */
	judged_take(j, c, make);
}

/* The same screen after r, with another judgement. */
static UNUSED void judged_again(struct judged *j, struct console *c,
				void (*make)(struct judged *j))
{
	press(c, "r");
	judged_take(j, c, make);
}

static UNUSED void judged_release(struct judged *j)
{
	attempts_release(&j->attempts);
}

#endif
