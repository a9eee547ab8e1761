/* What each of the five steps says, beside the findings that belong to it. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "core/base/time.h"
#include "core/diagnosis/judge_impl.h"
#include "core/diagnosis/sight.h"
#include "core/firewall/hooks.h"
#include "core/firewall/text/rule_text.h"

static const struct finding *finding_of(const struct diagnosis *d, enum step_id step)
{
	for (size_t i = 0; i < d->n_findings; i++)
		if (d->findings[i].step == step)
			return &d->findings[i];
	return NULL;
}

/* The finding's words and proofs stand in its step. True if there was one. */
static bool take_finding(struct judging *j, enum step_id step)
{
	const struct finding *f = finding_of(j->d, step);
	struct step_result *r = &j->d->steps[step];

	if (!f)
		return false;
	r->state = f->certainty >= CERTAINTY_LIKELY ? STEP_FAIL : STEP_WARN;
	r->summary = f->summary;
	for (size_t i = 0; i < f->n_proofs && r->n_proofs < PROOFS_MAX; i++)
		r->proofs[r->n_proofs++] = f->proofs[i];
	return true;
}

/* ---- 1 client ---- */

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static bool is_one_client(const struct judging *j)
{
	const struct sightings *s = &j->d->syn;

	for (size_t i = 0; i < s->n; i++)
		if (!addr_equals(&attempts_at(j->e->attempts, s->rows[i])->client,
				 &j->d->sample.client))
			return false;
	return s->n == s->n_all;
}

static struct text clients_text(struct judging *j)
{
	const struct diagnosis *d = j->d;
	char text[ADDR_TEXT_MAX];

	if (d->has_sample && is_one_client(j))
		return judge_text(j, "%s", addr_format(&d->sample.client, text));
	if (d->n_groups == 1)
		return judge_text(j, "%s/%u", addr_format(&d->groups[0].prefix, text),
				  d->groups[0].prefix_len);
	return judge_text(j, "%s%zu networks",
			  j->totals.has_more_groups ? "more than " : "", d->n_groups);
}

static void say_seen(struct judging *j)
{
	const struct sightings *s = &j->d->syn;
	bool is_udp = j->d->target.proto == IPPROTO_UDP;
	char span[TIME_TEXT_MAX];
	struct text who = clients_text(j), again = {0};

	if (s->n_repeats)
		again = judge_text(j, ", sent again %u time%s", s->n_repeats,
				   plural(s->n_repeats));
	j->d->steps[STEP_CLIENT].summary = judge_text(
		j, "%u %s%s%s from %.*s, %llu attempt%s%.*s", s->n_syns,
		is_udp ? "datagram" : "SYN", plural(s->n_syns), sightings_span(s, span),
		(int)who.len, who.bytes, (unsigned long long)s->n_all, plural(s->n_all),
		(int)again.len, again.bytes ? again.bytes : "");
	judge_prove(j, STEP_CLIENT, "capture", true, NULL,
		    "answered %u, refused %u, ICMP error %u, half-open %u, no answer %u",
		    sightings_n_open(s), s->n_outcomes[OUTCOME_REFUSED],
		    s->n_outcomes[OUTCOME_ICMP], s->n_outcomes[OUTCOME_HALF_OPEN],
		    s->n_outcomes[OUTCOME_SILENT] + s->n_outcomes[OUTCOME_OPEN]);
}

static void say_nothing_seen(struct judging *j)
{
	const struct capture_state *state = &j->e->attempts->state;
	char span[TIME_TEXT_MAX];

	if (!j->e->has_window_ended)
		j->d->steps[STEP_CLIENT].summary =
			judge_text(j, "no client has tried so far");
	else if (!state->n_packets || sight_is_lossy(j->e))
		j->d->steps[STEP_CLIENT].summary = judge_text(
			j,
			"no client was seen trying in %s; whether the capture works is not "
			"shown: %s",
			time_span(j->e->waited_ns, span),
			state->n_packets ? "it lost packets" : "it saw no packet at all");
	else
		j->d->steps[STEP_CLIENT].summary = judge_text(
			j,
			"no client has tried in %s; the capture works: %llu packet%s of "
			"others %s seen",
			time_span(j->e->waited_ns, span),
			(unsigned long long)state->n_packets, plural(state->n_packets),
			state->n_packets == 1 ? "was" : "were");
	if (j->d->syn.n_others)
		judge_prove(j, STEP_CLIENT, "capture", true, NULL,
			    "%u attempt%s at this port came from other addresses",
			    j->d->syn.n_others, plural(j->d->syn.n_others));
}

static void step_client(struct judging *j)
{
	struct step_result *r = &j->d->steps[STEP_CLIENT];
	int error = j->e->capture_error;

	if (take_finding(j, STEP_CLIENT))
		return;
	if (judge_was_seen(j)) {
		r->state = STEP_PASS;
		say_seen(j);
	} else if (error == EPERM || error == EACCES) {
		r->state = STEP_DENIED;
		r->summary = judge_text(j, "whether SYNs arrive cannot be seen without the "
					   "right to capture (CAP_NET_RAW)");
	} else if (error) {
		r->state = STEP_UNKNOWN;
		r->summary = judge_text(j, "there was no capture: %s", strerror(error));
	} else {
		r->state = STEP_UNKNOWN;
		say_nothing_seen(j);
	}
}

/* ---- 2 server ---- */

static void prove_probe(struct judging *j)
{
	const struct probe_result *p = j->e->probe;

	if (!p)
		return;
	if (p->outcome == PROBE_CONNECTED)
		judge_prove(
			j, STEP_SERVER, "probe", true, NULL,
			"a connection of our own from this host was taken in %.1f ms: it "
			"proves the program, not the firewall",
			(double)p->took_ns / 1e6);
	else
		judge_prove(j, STEP_SERVER, "probe", true, NULL,
			    "a connection of our own from this host was not taken: %s",
			    strerror(p->error));
}

static void say_listens(struct judging *j, const struct endpoint *e)
{
	struct check_view v = {.e = j->e, .arena = j->arena};
	const struct queue *q = &e->queue;
	struct text queue = TEXT_NONE;

	if (q->limit != QUEUE_UNKNOWN && q->length != QUEUE_UNKNOWN &&
	    endpoint_is_stream(e))
		queue = judge_text(j, ", queue %u/%u", q->length, q->limit);
	j->d->steps[STEP_SERVER].summary = judge_text(
		j, "%s on %s%.*s",
		e->n_owners ? view_owner(&v, e) : "a socket whose process is not known",
		view_listens_on(&v, e), (int)queue.len, queue.bytes ? queue.bytes : "");
	judge_prove(j, STEP_SERVER, "sock_diag", true,
		    j->d->target.proto == IPPROTO_UDP ? "ss -ulpen" : "ss -tlpen",
		    "the kernel's table of sockets has it");
	prove_probe(j);
}

static bool is_refusing(const struct judging *j)
{
	return j->e->probe && j->e->probe->outcome != PROBE_CONNECTED;
}

static bool is_of_other_host(const struct judging *j, const struct path *p)
{
	if (p && p->is_forwarded)
		return true;
	return j->d->target.role == AIM_CLIENT && (!p || !p->is_local);
}

static void step_server(struct judging *j)
{
	struct step_result *r = &j->d->steps[STEP_SERVER];
	const struct path *p = j->d->path;

	if (take_finding(j, STEP_SERVER)) {
		prove_probe(j);
		return;
	}
	if (is_of_other_host(j, p)) {
		r->state = STEP_SKIPPED;
		r->summary = judge_text(
			j,
			p && p->is_forwarded
				? "the packet is not for this host: it is passed on"
				: "the target is another host: what listens there is not "
				  "seen from here");
	} else if (j->endpoint) {
		r->state = is_refusing(j) ? STEP_WARN : STEP_PASS;
		say_listens(j, j->endpoint);
	} else {
		r->state = STEP_UNKNOWN;
		r->summary = judge_text(j, "which socket takes it is not known");
	}
}

/* ---- 3 firewall and route ---- */

static void prove_unsure(struct judging *j, const struct path_leg *leg)
{
	for (size_t i = 0; i < leg->n_unsure && !j->error; i++) {
		struct str s = {0}, command = {0};
		const char *source = "nf_tables";

		if (hooks_doubts(j->e->rules, leg->unsure[i].why)) {
			source = "hooks";
			str_puts(&command, "nft list hooks");
		}
		if (leg->unsure[i].rule != UINT32_MAX && j->e->rules) {
			const struct fw_rule *rule =
				&j->e->rules->rules[leg->unsure[i].rule];

			rule_place(&s, j->e->rules, rule);
			source = ruleset_source(j->e->rules, rule->chain);
			rule_show_command(&command, j->e->rules,
					  ruleset_chain(j->e->rules, rule), rule->index);
		}
		judge_prove(j, STEP_FIREWALL, source, false,
			    command.len ? str_text(&command) : "nft -a list ruleset",
			    "depends on %s%s%s", leg->unsure[i].why, s.len ? ": " : "",
			    str_text(&s));
		str_release(&s);
		str_release(&command);
	}
}

static void say_disagreement(struct judging *j)
{
	struct step_result *r = &j->d->steps[STEP_FIREWALL];

	r->state = STEP_WARN;
	r->summary = judge_text(
		j, "clients are answered, though rules or routes as they were read "
		   "would stop such a packet");
}

static void say_passes(struct judging *j)
{
	struct step_result *r = &j->d->steps[STEP_FIREWALL];
	const struct path *p = j->d->path;

	if (j->e->rules && j->e->rules->n_chains == 0)
		r->summary = judge_text(j, "no nftables chain here; the route says: %s",
					p->is_local ? "for this host" : "passed on");
	else
		r->summary = judge_text(j, "nothing here stops the SYN%s",
					p->reply.is_walked ? " or the answer to it" : "");
	r->state = STEP_PASS;
}

static void say_rules_unread(struct judging *j)
{
	struct step_result *r = &j->d->steps[STEP_FIREWALL];
	const struct response *a = responses_of(j->e->responses, QUESTION_RULESET, 0);
	bool is_denied = a && (a->error == EPERM || a->error == EACCES);

	r->state = judge_was_answered(j) ? STEP_PASS
		   : is_denied           ? STEP_DENIED
					 : STEP_UNKNOWN;
	r->summary =
		judge_text(j, "%s%s", judge_was_answered(j) ? "clients get through; " : "",
			   is_denied ? "the rules cannot be read without the right to "
				       "(CAP_NET_ADMIN)"
				     : "the rules could not be read");
}

/* By the rules as they were read it passes, and yet it did not. */
static void say_yet_failed(struct judging *j)
{
	struct step_result *r = &j->d->steps[STEP_FIREWALL];
	bool is_silent = judge_wire(j) == WIRE_SILENCE && !j->d->n_findings;

	if (!judge_has_unread_rules(j) && !is_silent)
		return;
	r->state = judge_was_answered(j) ? STEP_PASS : STEP_UNKNOWN;
	r->summary = judge_text(
		j, "%s, %s", "nothing stops it here by what was read",
		is_silent ? "and yet nothing came back"
			  : "but there are iptables-legacy rules that could not be read");
}

static bool is_stopped(const struct path_leg *leg)
{
	return leg->is_walked && (leg->verdict == PATH_DROP || leg->verdict == PATH_REJECT);
}

static bool is_unsure(const struct path_leg *leg)
{
	return leg->is_walked && leg->verdict == PATH_UNSURE;
}

static void step_firewall(struct judging *j)
{
	struct step_result *r = &j->d->steps[STEP_FIREWALL];
	const struct path *p = j->d->path;

	if (take_finding(j, STEP_FIREWALL))
		return;
	if (!p || !p->request.is_walked) {
		r->state = STEP_UNKNOWN;
		r->summary = judge_text(j, "the way of the packet could not be followed");
		return;
	}
	if (!j->e->rules) {
		say_rules_unread(j);
		return;
	}
	if (judge_was_answered(j) && (is_stopped(&p->request) || is_stopped(&p->reply))) {
		say_disagreement(j);
		return;
	}
	if (is_unsure(&p->request) || is_unsure(&p->reply)) {
		r->state = judge_was_answered(j) ? STEP_PASS : STEP_UNKNOWN;
		r->summary =
			judge_was_answered(j)
				? judge_text(j, "clients get through")
				: judge_text(j, "it depends on what could not be decided");
		prove_unsure(j, &p->request);
		prove_unsure(j, &p->reply);
		return;
	}
	say_passes(j);
	say_yet_failed(j);
}

/* ---- 4 NAT ---- */

/* What connection tracking has of the newest attempt. */
static void prove_conntrack(struct judging *j)
{
	const struct attempt *a = &j->d->sample;
	struct ct_tuple tuple = {.saddr = addr_unmapped(&a->client),
				 .daddr = addr_unmapped(&a->server),
				 .sport = a->client_port,
				 .dport = a->server_port};
	const struct conntrack_row *row;
	char to[ADDR_TEXT_MAX];

	if (!j->d->has_sample || !j->e->conntrack)
		return;
	row = conntrack_find(j->e->conntrack, a->proto, &tuple, false);
	if (!row)
		return;
	if (!conntrack_is_dnat(row))
		judge_prove(j, STEP_NAT, "conntrack", true, "conntrack -L",
			    "the newest attempt is tracked%s%s, %s, its target is not "
			    "translated",
			    *conntrack_tcp_state_word(row->tcp_state) ? " as " : "",
			    conntrack_tcp_state_word(row->tcp_state),
			    conntrack_is_unreplied(row) ? "no answer seen" : "answered");
	else
		judge_prove(j, STEP_NAT, "conntrack", true, "conntrack -L",
			    "the newest attempt is translated to %s port %u, %s",
			    addr_format(&row->reply.saddr, to), row->reply.sport,
			    conntrack_is_unreplied(row) ? "no answer seen" : "answered");
}

static void step_nat(struct judging *j)
{
	struct step_result *r = &j->d->steps[STEP_NAT];
	const struct path *p = j->d->path;
	char to[ADDR_TEXT_MAX];

	if (take_finding(j, STEP_NAT))
		return;
	if (!p || !p->request.is_walked) {
		r->state = STEP_UNKNOWN;
		r->summary = judge_text(j, "not known: the packet could not be followed");
	} else if (p->is_translated) {
		r->state = STEP_PASS;
		r->summary = judge_text(j, "translated on the way in to %s port %u",
					addr_format(&p->server, to), p->server_port);
	} else if (p->request.is_nat_touched) {
		r->state = STEP_UNKNOWN;
		r->summary = judge_text(j, "a NAT rule may touch it");
	} else if (!j->e->rules) {
		r->state = STEP_UNKNOWN;
		r->summary = judge_text(
			j, "not known: the rules that translate could not be read");
	} else if (judge_has_unread_rules(j)) {
		r->state = STEP_UNKNOWN;
		r->summary = judge_text(j, "no rule that was read translates it; legacy "
					   "tables could not be read");
	} else {
		r->state = STEP_PASS;
		r->summary = judge_text(j, "no translation on the way");
	}
}

static void mark_waiting(struct judging *j)
{
	/* What may still change is not told as if it could not. */
	for (int s = 0; s < N_STEPS; s++)
		if (j->d->steps[s].state == STEP_UNKNOWN)
			j->d->steps[s].state = STEP_WAITING;
}

void judge_steps(struct judging *j)
{
	step_client(j);
	step_server(j);
	step_firewall(j);
	step_nat(j);
	prove_conntrack(j);
	if (!j->e->has_window_ended)
		mark_waiting(j);
}
