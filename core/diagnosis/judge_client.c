/* The verdict where this host is the client: from its own tries, address by address. What
 * stops them the checks say. */
#include "core/diagnosis/judge_impl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/diagnosis/client_side.h"

bool judge_wants_check(const struct judging *j, const struct check *c, const struct walk *w)
{
	/* Of what is served here the server's own checks tell more. */
	if (j->e->is_client_side)
		return check_is_client_side(c) || w->path.is_local;
	return !check_is_client_side(c) || (c->run == check_name_elsewhere && j->e->names);
}

static struct check_view view_of(struct judging *j)
{
	return (struct check_view){.e = j->e, .walk = j->walk, .arena = j->arena};
}

static size_t n_open(const struct judging *j)
{
	const struct reach_table *t = j->e->reach;
	size_t n = 0;

	for (size_t i = 0; t && i < t->n; i++)
		n += t->rows[i].is_told && t->rows[i].outcome == REACH_CONNECTED;
	return n;
}

/* The one that programs try first. */
static const struct reach_result *first_row(const struct judging *j)
{
	return j->walk ? client_row(j->e, &j->walk->server) : NULL;
}

/* ---- words ---- */

static const char *name_words(struct judging *j)
{
	struct check_view v = view_of(j);
	struct text name = j->e->target.name;

	if (!name.len)
		return client_goal(&v);
	return view_text(&v, "%s port %u", view_word(&v, name), j->e->target.port);
}

/* What it may be, as far as can be said from here. */
static const char *guess_words(struct judging *j, const struct reach_result *r)
{
	struct check_view v = view_of(j);
	char from[ADDR_TEXT_MAX];

	if ((r->outcome == REACH_REFUSED && !r->has_icmp) || client_is_closed_port(r))
		return "nobody listens there, or a firewall refuses in its name";
	if (r->outcome == REACH_TIMED_OUT && r->is_datagram)
		return "open or filtered: it may answer no such datagram, or a firewall "
		       "drops it or its answer";
	if (r->outcome == REACH_TIMED_OUT)
		return "it, or a firewall on the way, drops the SYN, or its answer is lost";
	if (r->has_icmp && r->icmp_from.family)
		return view_text(&v, "%s knows no way on to it, or it is down",
				 addr_format(&r->icmp_from, from));
	return "who says so is not known";
}

static void say_open(struct judging *j, const struct reach_result *r)
{
	struct check_view v = view_of(j);
	char server[ADDR_TEXT_MAX];

	j->d->verdict = VERDICT_HEALTHY;
	j->d->certainty = CERTAINTY_PROVEN;
	j->d->summary =
		judge_text(j, "%s is open from here: %s%s%s", name_words(j),
			   j->e->target.name.len ? addr_format(&r->to, server) : "",
			   j->e->target.name.len ? " " : "", client_outcome_words(&v, r));
}

static void say_found(struct judging *j, enum verdict verdict)
{
	const struct finding *f = &j->d->findings[0];
	struct diagnosis *d = j->d;

	d->verdict = verdict;
	d->certainty = f->certainty;
	d->summary = f->summary;
	d->has_rule = f->chain != UINT32_MAX && j->e->rules;
	d->chain = f->chain;
	d->rule = f->rule;
	if (d->has_rule)
		d->why = f->rule == UINT32_MAX ? WHY_NOTHING_ALLOWS : WHY_EXPLICIT_DENY;
}

/* It was spoken to, and said nothing. */
static bool is_mute(const struct reach_result *r)
{
	return r->outcome == REACH_CONNECTED && r->said.is_told &&
	       r->said.said != REACH_TALK_NONE && r->said.heard == HEARD_NOTHING;
}

static const char *mute_words(const struct reach_said *s)
{
	switch (s->end) {
	case REACH_END_CLOSED:
		return "closes the connection without a word";
	case REACH_END_RESET:
		return "resets the connection without a word";
	case REACH_END_OPEN:
	case N_REACH_ENDS:
		break;
	}
	return "says nothing";
}

static void say_not_known(struct judging *j)
{
	const struct reach_result *r = first_row(j);
	struct check_view v = view_of(j);

	j->d->verdict = VERDICT_UNKNOWN;
	if (r && is_mute(r))
		j->d->summary = judge_text(
			j, "not decided: %s takes the connection, and then %s %s",
			client_goal(&v), mute_words(&r->said),
			r->said.said == REACH_TALK_TLS ? "to a ClientHello"
						       : "to HEAD / in plain HTTP");
	else if (r)
		j->d->summary = judge_text(j, "not decided: %s: %s; %s", client_goal(&v),
					   client_outcome_words(&v, r), guess_words(j, r));
	else if (!j->e->may_probe)
		j->d->summary =
			judge_text(j, "not decided: no connection of our own was allowed");
	else if (!j->e->plan.n)
		j->d->summary =
			judge_text(j, "not decided: the resolver gave no address to try");
	else
		j->d->summary = judge_text(
			j, "not decided: what came of our own connection is not known");
}

void judge_client_decide(struct judging *j)
{
	const struct reach_result *r = first_row(j);
	struct diagnosis *d = j->d;
	size_t open = n_open(j);

	if (d->n_findings && d->findings[0].certainty >= CERTAINTY_LIKELY)
		say_found(j, VERDICT_FAULT);
	else if (r && r->outcome == REACH_CONNECTED && !is_mute(r))
		say_open(j, r);
	else if (d->n_findings)
		say_found(j, VERDICT_UNKNOWN);
	else
		say_not_known(j);
	if (d->verdict != VERDICT_HEALTHY && j->e->reach && j->e->reach->n)
		d->extent = open ? EXTENT_SOME : EXTENT_ALL;
}

/* ---- steps ---- */

static void prove_row(struct judging *j, const struct reach_result *r)
{
	struct check_view v = view_of(j);
	char to[ADDR_TEXT_MAX], from[ADDR_TEXT_MAX];

	judge_prove(j, STEP_CLIENT, "reach", true, NULL, "%s%s%s: %s",
		    addr_format(&r->to, to), r->source.family ? " from " : "",
		    addr_format(&r->source, from), client_outcome_words(&v, r));
}

static void prove_name(struct judging *j)
{
	const struct names_answer *t = j->e->names;
	struct str s = {0};

	if (!t || !t->n)
		return;
	for (size_t i = 0; i < t->n && i < 4; i++) {
		char text[ADDR_TEXT_MAX];

		str_printf(&s, "%s%s", i ? ", " : "", addr_format(&t->addresses[i], text));
	}
	judge_prove(j, STEP_CLIENT, "names", true, "getent ahosts NAME",
		    "the name resolves to %s%s%s in %.1f ms", str_text(&s),
		    t->n > 4 ? ", ..." : "", t->n_hosts ? " (/etc/hosts)" : "",
		    (double)t->took_ns / 1e6);
	str_release(&s);
}

static void step_client(struct judging *j)
{
	struct step_result *s = &j->d->steps[STEP_CLIENT];
	const struct reach_result *r = first_row(j);
	struct check_view v = view_of(j);
	bool has_finding = s->n_proofs > 0 && j->d->n_findings &&
			   j->d->findings[0].step == STEP_CLIENT;

	if (!has_finding) {
		s->n_proofs = 0;
		s->state = r && r->outcome == REACH_CONNECTED ? STEP_PASS
			   : j->e->has_window_ended           ? STEP_UNKNOWN
							      : STEP_WAITING;
		s->summary = r ? judge_text(j, "%s: %s", client_goal(&v),
					    client_outcome_words(&v, r))
			       : judge_text(j, "no connection of our own was tried");
	}
	prove_name(j);
	for (size_t i = 0; j->e->reach && i < j->e->reach->n; i++)
		if (j->e->reach->rows[i].is_told)
			prove_row(j, &j->e->reach->rows[i]);
}

static const char *said_words(const struct reach_said *s)
{
	switch (s->said) {
	case REACH_TALK_TLS:
		return "to a TLS ClientHello";
	case REACH_TALK_HTTP:
		return "to HEAD / in plain HTTP";
	case REACH_TALK_DNS:
		return "to a DNS query";
	case REACH_TALK_NTP:
		return "to an NTP request";
	case REACH_TALK_EMPTY:
		return "to an empty datagram";
	case REACH_TALK_NONE:
	case REACH_TALK_LISTEN:
	case N_REACH_TALKS:
		break;
	}
	return "of itself";
}

static void step_server(struct judging *j)
{
	struct step_result *s = &j->d->steps[STEP_SERVER];
	const struct reach_result *r = first_row(j);
	const struct reach_said *said = r ? &r->said : NULL;

	if (s->state != STEP_SKIPPED || !said || !said->is_told)
		return;
	s->state = STEP_PASS;
	s->summary = judge_text(j, "it %s %s %s",
				r->is_datagram ? "answers with"
					       : "takes the connection, and says",
				heard_words(said->heard), said_words(said));
	if (said->status)
		judge_prove(j, STEP_SERVER, "reach", true, NULL, "HTTP status %u",
			    said->status);
	if (said->heard == HEARD_NOTHING && said->said != REACH_TALK_NONE)
		s->state = STEP_WARN;
}

static void step_firewall(struct judging *j)
{
	struct step_result *s = &j->d->steps[STEP_FIREWALL];

	if (s->state == STEP_PASS && j->walk && !j->walk->path.is_local)
		s->summary = judge_text(
			j, j->e->rules && !j->e->rules->n_chains
				   ? "no rules here; the route leads out"
				   : "nothing here stops what this host sends there");
}

void judge_client_steps(struct judging *j)
{
	step_firewall(j);
	step_client(j);
	step_server(j);
}

void judge_client_hidden(struct judging *j)
{
	j->d->hidden = TEXT_NONE;
	if (j->d->verdict != VERDICT_HEALTHY)
		j->d->hidden = judge_text(j, "the way beyond the next hop, and the target "
					     "itself; ask who runs them");
}
