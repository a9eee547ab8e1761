/*
 * The other end's side of the first step: what each client says, what the person says that
 * the client says, and where that cannot be about what was seen here.
 */
#include "core/diagnosis/joined.h"
#include "core/diagnosis/judge_impl.h"
#include "core/diagnosis/sight.h"

static const char *const symptom_words[N_SYMPTOMS] = {
#define X(name, word, words) [SYMPTOM_##name] = words,
	SYMPTOMS(X)
#undef X
};

/* What the wire shows here, in a client's words. */
static const char *wire_words(enum wire w)
{
	switch (w) {
	case WIRE_ANSWERED:
		return "here its attempts are answered";
	case WIRE_TAKEN:
		return "here a SYN-ACK was sent to it, and nothing more came";
	case WIRE_SILENCE:
		return "here its SYNs get no answer at all";
	case WIRE_RESET:
		return "here its SYNs are answered with a reset";
	case WIRE_ICMP:
		return "here its SYNs are answered with an ICMP error";
	case WIRE_NOTHING:
	case WIRE_MIXED:
		break;
	}
	return NULL;
}

/* Can a client that meets this call it so? Nothing seen, or of several kinds: anything. */
static bool fits_wire(enum symptom s, enum wire w)
{
	if (w == WIRE_NOTHING || w == WIRE_MIXED)
		return true;
	switch (s) {
	case SYMPTOM_REFUSED:
		return w == WIRE_RESET || w == WIRE_ICMP;
	case SYMPTOM_TIMEOUT:
		return w == WIRE_SILENCE || w == WIRE_TAKEN || w == WIRE_ANSWERED;
	case SYMPTOM_NO_ROUTE:
		return w == WIRE_ICMP || w == WIRE_SILENCE;
	case SYMPTOM_RESET:
		return w == WIRE_ANSWERED || w == WIRE_TAKEN || w == WIRE_RESET;
	case SYMPTOM_TLS:
	case SYMPTOM_SLOW:
		return w == WIRE_ANSWERED || w == WIRE_TAKEN;
	case SYMPTOM_NONE:
	case SYMPTOM_UNKNOWN:
	case N_SYMPTOMS:
		break;
	}
	return true;
}

/* Why the two can both be true. */
static const char *other_words(enum symptom s, enum wire w)
{
	if (s == SYMPTOM_REFUSED && w == WIRE_SILENCE)
		return "it talks to another host, or something between refuses in this "
		       "host's name";
	if (s == SYMPTOM_TIMEOUT)
		return "it talks to another host, or the answer is lost on its way back";
	if (w == WIRE_ANSWERED)
		return "it talks to another host, or was asked about another moment";
	return "it talks to another host, or its words are of another moment";
}

static void warn(struct judging *j)
{
	struct step_result *r = &j->d->steps[STEP_CLIENT];

	if (r->state == STEP_PASS || r->state == STEP_UNKNOWN)
		r->state = STEP_WARN;
}

static void say_symptom(struct judging *j)
{
	enum symptom s = j->e->symptom;
	enum wire w = judge_wire(j);

	if (s == SYMPTOM_NONE || s == SYMPTOM_UNKNOWN)
		return;
	if (fits_wire(s, w)) {
		judge_prove(j, STEP_CLIENT, "symptom", false, NULL,
			    "the client is said to see: %s%s%s", symptom_words[s],
			    wire_words(w) ? "; " : "", wire_words(w) ? wire_words(w) : "");
		return;
	}
	judge_prove(j, STEP_CLIENT, "symptom", false, NULL,
		    "the client is said to see: %s, and %s: %s", symptom_words[s],
		    wire_words(w), other_words(s, w));
	warn(j);
}

/* Answered there, unanswered here, and both by the same address: it was not this host. */
static bool is_contradiction(const struct judging *j, const struct client_view *v,
			     const struct client_try *t)
{
	struct joined_sight s = joined_sight(j->e, v, t);

	return client_result_is_open(t->result) && joined_is_now(j->e, v) && s.n_own &&
	       s.n_own == s.n_own_silent && joined_is_elsewhere(j->e, v, t) == TRI_NO;
}

static void say_view(struct judging *j, const struct client_view *v)
{
	const struct client_try *t = joined_try(j->e, v, &j->e->target.address);

	if (!v->is_unresolved && !client_view_try(v))
		return;
	judge_prove(j, STEP_CLIENT, joined_source(v), true, NULL, "%s",
		    joined_words(j->e, j->arena, v));
	if (!t || !is_contradiction(j, v, t))
		return;
	judge_prove(j, STEP_CLIENT, joined_source(v), false, NULL,
		    "%s connected, and here its SYNs get no answer: another machine "
		    "answers for this address",
		    joined_name(j->arena, v));
	warn(j);
}

/* Said once: as a finding's proof it stands there already. */
static bool is_said(const struct judging *j, const struct client_view *v)
{
	const struct step_result *r = &j->d->steps[STEP_CLIENT];
	struct text words = text_of(joined_words(j->e, j->arena, v));

	for (size_t i = 0; i < r->n_proofs; i++)
		if (text_equals(r->proofs[i].text, words))
			return true;
	return false;
}

void judge_joined(struct judging *j)
{
	for (size_t i = 0; !j->error && i < joined_n(j->e); i++)
		if (!is_said(j, joined_at(j->e, i)))
			say_view(j, joined_at(j->e, i));
	say_symptom(j);
}
