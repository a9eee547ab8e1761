/*
 * Where a packet that this host passes on was seen, and where not: at the interface that it
 * came in by, at the one that it left by, and its answer likewise. Of translated flows
 * (their addresses change on the way) the checks of translations tell.
 */
#include "core/diagnosis/judge_impl.h"
#include "core/diagnosis/sight_link.h"

/* False: it is not passed on, or it was not looked at. */
static bool look(struct judging *j, struct check_view *v, struct link_way *w)
{
	if (!j->walk || judge_has_unread_rules(j))
		return false;
	*v = (struct check_view){
		.e = j->e, .walk = j->walk, .arena = j->arena, .sight = j->walk_sight};
	if (!link_is_passed_on(v))
		return false;
	link_way_look(v, w);
	return w->is_known && w->n_in + w->n_out > 0;
}

static const char *place(const struct check_view *v, const struct link_sight *s)
{
	return s ? view_text(v, " by %s", link_name(v, s->device)) : "";
}

/* An ICMP error to one of the attempts; NULL: none. */
static const struct attempt *turned_away(const struct judging *j)
{
	const struct sightings *s = &j->walk_sight;

	for (size_t i = s->n; i-- > 0;) {
		const struct attempt *a = attempts_at(j->e->attempts, s->rows[i]);

		if (a->n_icmp)
			return a;
	}
	return NULL;
}

static struct text icmp_words(struct judging *j, const char *out, const struct attempt *a)
{
	char from[ADDR_TEXT_MAX];

	return judge_text(
		j,
		"not decided: this host passes the packets on%s, and an ICMP error "
		"of %s comes back (type %u code %u)",
		out, addr_format(&a->icmp_from, from), a->icmp_type, a->icmp_code);
}

static struct text words(struct judging *j, const struct check_view *v,
			 const struct link_way *w)
{
	const char *in = place(v, w->in), *out = place(v, w->out);
	const struct attempt *away = turned_away(j);

	if (!w->n_out)
		return judge_text(j,
				  "not decided: the packets come in%s and leave by no "
				  "interface: they stop on this host, and nothing that was "
				  "read says why",
				  in);
	if (w->n_resets_in)
		return judge_text(j,
				  "not decided: this host passes the packets on%s, and a "
				  "reset comes back: the target refuses, or what stands "
				  "before it",
				  out);
	if (away)
		return icmp_words(j, out, away);
	if (!w->n_answers_in)
		return judge_text(
			j,
			"not decided: this host passes the packets on%s, and "
			"nothing comes back there: look at the target, or between "
			"it and here",
			out);
	if (!w->n_answers_out)
		return judge_text(j,
				  "not decided: answers come back%s and leave by no "
				  "interface: they stop on this host, and nothing that was "
				  "read says why",
				  place(v, w->answer_in));
	return judge_text(
		j,
		"not decided: packets and answers pass this host (out%s, back%s), "
		"and the client does not go on: look between it and here",
		out, place(v, w->answer_out));
}

struct text judge_way_words(struct judging *j)
{
	struct check_view v;
	struct link_way w;

	if (judge_was_answered(j) || !look(j, &v, &w) || !w.n_in)
		return TEXT_NONE;
	return words(j, &v, &w);
}

void judge_way(struct judging *j)
{
	struct check_view v;
	struct link_way w;

	if (!look(j, &v, &w))
		return;
	judge_prove(
		j, STEP_FIREWALL, "capture", true,
		view_text(&v, "tcpdump -ni any 'port %u'", j->d->target.port),
		"packets: %u in%s, %u out%s; answers: %u in%s, %u out%s; resets: %u in, "
		"%u out",
		w.n_in, place(&v, w.in), w.n_out, place(&v, w.out), w.n_answers_in,
		place(&v, w.answer_in), w.n_answers_out, place(&v, w.answer_out),
		w.n_resets_in, w.n_resets_out);
}
