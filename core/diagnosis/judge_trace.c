/* The trace of the very packets: what was expected, what was met, in the firewall's step.
 */
#include <errno.h>

#include "core/diagnosis/judge_impl.h"
#include "core/diagnosis/prove.h"

static const char command[] = "nft monitor trace";

/* Worth telling: of an answer only what was met. */
static bool is_news(const struct judging *j, const struct prove *p)
{
	switch (p->state) {
	case PROVE_NOT_ASKED:
		return false;
	case PROVE_FAILED:
	case PROVE_NOTHING_MET:
		return !p->is_reply && j->e->has_window_ended;
	case PROVE_UNTRACED:
	case PROVE_OPEN:
	case PROVE_AGREES:
	case PROVE_DIFFERS:
		break;
	}
	return true;
}

static struct text take_text(struct judging *j, struct str *s, int error)
{
	struct text out = error ? TEXT_NONE : judge_text(j, "%s", str_text(s));

	if (error)
		j->error = error;
	str_release(s);
	return out;
}

static void tell(struct judging *j, const struct path_leg *leg)
{
	struct prove p = prove_of(j->e, j->walk, leg);
	struct str sentence = {0}, expected = {0}, observed = {0};
	struct traced *t = &j->d->traced[j->d->n_traced];
	bool is_counted = p.state == PROVE_UNTRACED && p.moved >= 0 && judge_was_seen(j);
	bool is_met = p.state >= PROVE_OPEN || is_counted;
	int error;

	if (!is_news(j, &p))
		return;
	*t = (struct traced){.is_reply = p.is_reply,
			     .is_met = is_met,
			     .has_agreement = p.state > PROVE_OPEN || is_counted,
			     .agrees = p.state == PROVE_AGREES ||
				       (is_counted && p.moved > 0)};
	error = prove_sentence(&sentence, j->e, leg, &p);
	t->sentence = take_text(j, &sentence, error);
	error = prove_expected(&expected, j->e, leg);
	t->expected = take_text(j, &expected, error);
	error = is_met ? prove_observed(&observed, j->e, &p) : 0;
	t->observed = take_text(j, &observed, error);
	if (j->error)
		return;
	judge_prove(j, STEP_FIREWALL, "nf_tables trace", is_met,
		    p.state >= PROVE_OPEN ? command : NULL, "%.*s", (int)t->sentence.len,
		    t->sentence.bytes);
	j->d->n_traced++;
}

void judge_trace(struct judging *j)
{
	if (!j->e->trace || !j->walk)
		return;
	tell(j, &j->walk->path.request);
	if (!j->error && j->walk->path.reply.is_walked)
		tell(j, &j->walk->path.reply);
}
