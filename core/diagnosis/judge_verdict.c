/*
 * One verdict in one sentence, from the findings in their order. An answer that was seen
 * beats every conclusion from configuration, for the client that got it.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

#include "core/diagnosis/judge_impl.h"
#include "core/diagnosis/sight.h"
#include "core/diagnosis/stream_story.h"

static bool is_fault(const struct judging *j)
{
	return j->d->n_findings && j->d->findings[0].certainty >= CERTAINTY_LIKELY;
}

/* The way is open for anybody, or for the client that is asked about. */
static bool is_way_open(const struct judging *j)
{
	return j->walk && j->walk->is_walked && !judge_has_unread_rules(j) &&
	       judge_is_way_open(&j->walk->path);
}

/* Our own connection was taken: the one sight of it without a client. */
static bool is_service_answering(const struct judging *j)
{
	return j->e->probe && j->e->probe->outcome == PROBE_CONNECTED;
}

static bool may_be_untried(const struct judging *j)
{
	return j->e->has_window_ended && !j->e->capture_error && !judge_was_seen(j) &&
	       !j->e->target.is_client_named && j->e->target.role == AIM_SERVER;
}

static const char *port_words(const struct judging *j, char out[16])
{
	snprintf(out, 16, "%u/%s", j->d->target.port,
		 j->d->target.proto == IPPROTO_UDP ? "udp" : "tcp");
	return out;
}

static void say_healthy(struct judging *j)
{
	struct diagnosis *d = j->d;
	uint32_t n = sightings_n_open(&d->syn);
	char port[16];

	port_words(j, port);
	d->verdict = VERDICT_HEALTHY;
	if (judge_was_answered(j)) {
		d->certainty = CERTAINTY_PROVEN;
		d->summary = judge_text(j, "%s is open: %u attempt%s answered", port, n,
					n == 1 ? " was" : "s were");
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
	d->has_rule = f->chain != UINT32_MAX && j->e->rules != NULL;
	d->chain = f->chain;
	d->rule = f->rule;
	if (f->fault == FAULT_POLICY_DROP || (d->has_rule && f->rule == UINT32_MAX))
		d->why = WHY_NOTHING_ALLOWS;
	else if (d->has_rule &&
		 (f->step == STEP_FIREWALL || f->fault == FAULT_FORWARD_DROP))
		d->why = WHY_EXPLICIT_DENY;
}

/* Taken, and each time cut off by this host's side at once: that is not open. */
static bool is_cut_off(const struct judging *j)
{
	const struct sightings *s = &j->d->syn;

	/* Bytes first: a service that closes before it has read all resets as well. */
	return !sightings_got_bytes(j->e, s) && s->n_outcomes[OUTCOME_RESET_LATER] &&
	       !s->n_outcomes[OUTCOME_ANSWERED];
}

/* Taken, and what became of the conversations is no service to anybody: no byte of it, what
 * does not fit the question, a refusal in words. */
static bool is_ill_served(const struct judging *j)
{
	const struct sightings *s = &j->d->syn;
	unsigned n_bad = 0, n_served = 0, n_stuck = 0, n_arrived = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct attempt *a = attempts_at(j->e->attempts, s->rows[i]);
		enum story story = story_of(a, j->e->window_end_ns);

		n_served += story == STORY_SERVED;
		n_arrived += story == STORY_SERVED &&
			     a->stream.side[STREAM_SERVER].n_acknowledged;
		n_stuck += story == STORY_STUCK;
		n_bad += story_is_ill(story, a);
	}
	/* Beside answers that get stuck, one that nobody has acknowledged is none yet. */
	return n_bad && !(n_stuck ? n_arrived : n_served);
}

/* Complete on the wire, and not one byte of the service: this host still waits for the ACK.
 */
static bool is_ack_lost(const struct judging *j)
{
	return !sightings_got_bytes(j->e, &j->d->syn) && judge_was_answered(j) &&
	       sight_has_open_handshakes(j->e);
}

static struct text words_for_seen(struct judging *j)
{
	const struct sightings *s = &j->d->syn;
	const char *what = j->d->target.proto == IPPROTO_UDP ? "datagram" : "SYN";
	struct text way = judge_way_words(j);
	char port[16];

	if (way.len)
		return way;
	if (is_ack_lost(j))
		return judge_text(
			j,
			"not decided: the handshakes of %s are complete on the wire, but "
			"this "
			"host still waits for their last ACK: something here stops what "
			"follows the SYN",
			port_words(j, port));
	if (is_cut_off(j))
		return judge_text(j,
				  "not decided: %s takes connections, and a reset follows "
				  "from its side within a second (%u of %llu)",
				  port_words(j, port), s->n_outcomes[OUTCOME_RESET_LATER],
				  (unsigned long long)s->n_all);
	if (judge_was_answered(j))
		return judge_text(j,
				  "not decided: %s answered %u attempt%s, %llu came to "
				  "nothing, and nothing on this host explains it",
				  port_words(j, port), sightings_n_open(s),
				  sightings_n_open(s) == 1 ? "" : "s",
				  (unsigned long long)j->n_in_vain);
	if (s->n_outcomes[OUTCOME_HALF_OPEN] == s->n_all)
		return judge_text(j,
				  "not decided: this host answered %u SYN%s with a "
				  "SYN-ACK, and nothing more was heard",
				  s->n_syns, s->n_syns == 1 ? "" : "s");
	return judge_text(j,
			  "not decided: %u %s%s seen and nothing on this host explains "
			  "what became of %s",
			  s->n_syns, what, s->n_syns == 1 ? " was" : "s were",
			  s->n_syns == 1 ? "it" : "them");
}

/* Something in the way whose mind nobody can read; NULL: nothing. */
static const struct program_row *first_program(const struct judging *j)
{
	const struct path *p = j->walk ? &j->walk->path : NULL;

	if (!p || !p->request.is_walked)
		return NULL;
	if (p->request.n_programs)
		return p->request.programs[0];
	return p->reply.is_walked && p->reply.n_programs ? p->reply.programs[0] : NULL;
}

static void say_unknown(struct judging *j)
{
	j->d->verdict = VERDICT_UNKNOWN;
	j->d->certainty = CERTAINTY_NONE;
	if (judge_was_seen(j))
		j->d->summary = words_for_seen(j);
	else if (j->e->capture_error)
		j->d->summary = judge_text(j, "not decided: without a capture it cannot be "
					      "seen whether SYNs arrive");
	else if (j->e->target.is_client_named)
		j->d->summary = judge_text(
			j, "not decided: the client was not seen trying in this time");
	else if (may_be_untried(j) && is_way_open(j) && !j->e->probe)
		j->d->summary = judge_text(
			j, "not decided: nothing on this host stops it, but nobody "
			   "tried in this time, and whether the service answers "
			   "was not seen");
	else if (first_program(j))
		j->d->summary = judge_text(j,
					   "not decided: nobody tried in this time, and "
					   "whether %s lets them through is not known",
					   first_program(j)->words);
	else
		j->d->summary =
			judge_text(j, "not decided: nobody tried in this time, and it "
				      "depends on who does");
}

/* The client spoke into silence: that is no open port, whoever is to blame. */
static bool is_unanswered(const struct judging *j)
{
	for (size_t i = 0; i < j->d->n_findings; i++)
		if (j->d->findings[i].fault == FAULT_NO_ANSWER)
			return true;
	return false;
}

void judge_decide(struct judging *j)
{
	/* Others got through, and this goes unexplained. */
	bool is_partly =
		judge_was_answered(j) && (j->n_in_vain || is_cut_off(j) || is_ack_lost(j) ||
					  is_unanswered(j) || is_ill_served(j));

	if (is_fault(j))
		say_fault(j, VERDICT_FAULT);
	else if (judge_was_answered(j) && !is_partly)
		say_healthy(j);
	else if (may_be_untried(j) && is_way_open(j) && is_service_answering(j))
		say_healthy(j);
	else if (j->d->n_findings)
		say_fault(j, VERDICT_UNKNOWN);
	else
		say_unknown(j);
	judge_behind(j);
}
