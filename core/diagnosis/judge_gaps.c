/* What was not seen, why, and what would help. */
#include <errno.h>
#include <string.h>

#include "core/diagnosis/judge_impl.h"

static void add_gap(struct judging *j, const char *source, struct text reason,
		    const char *grant)
{
	struct diagnosis *d = j->d;

	if (d->n_gaps == GAPS_MAX)
		return;
	d->gaps[d->n_gaps++] =
		(struct gap){source, reason, grant ? text_of(grant) : TEXT_NONE};
}

static bool is_right(int error)
{
	return error == EPERM || error == EACCES;
}

/* What helps when a right is missing. */
static const char *grant_for(enum question_kind kind)
{
	switch (kind) {
	case QUESTION_RULESET:
	case QUESTION_MEMBER:
	case QUESTION_CONNTRACK:
	case QUESTION_PROGRAMS:
	case QUESTION_GENERATION:
		return "CAP_NET_ADMIN (run as root)";
	case QUESTION_LOGS:
		return "membership in the groups adm or systemd-journal, or root";
	case QUESTION_PROCESSES:
		return "CAP_SYS_PTRACE (run as root)";
	case QUESTION_ROUTE:
	case QUESTION_NEIGHBOURS:
	case QUESTION_COUNTERS:
	case QUESTION_SETTINGS:
	case QUESTION_CHANGES:
	case QUESTION_NAMES:
	case QUESTION_PROBE:
	case QUESTION_LISTENERS:
	case QUESTION_CONNECTIONS:
	case N_QUESTION_KINDS:
		break;
	}
	return NULL;
}

static const char *reason_for(int error)
{
	if (!error)
		return "not all of it could be read";
	if (error == ENODATA)
		return "it is not in the recording";
	if (error == ETIMEDOUT)
		return "it did not answer in time";
	if (error == EBADMSG)
		return "the answer was damaged";
	return strerror(error);
}

static void add_responses(struct judging *j)
{
	const struct responses *all = j->e->responses;
	bool is_told[N_QUESTION_KINDS] = {false};

	for (size_t i = 0; i < all->rows.n && !j->error; i++) {
		const struct response *r = *(struct response **)vec_at(&all->rows, i);
		enum question_kind kind = r->question.kind;

		if (r->state == RESPONSE_WHOLE || is_told[kind])
			continue;
		if (r->state == RESPONSE_WAITING && !j->e->has_window_ended)
			continue;
		is_told[kind] = true;
		add_gap(j, question_word(kind),
			judge_text(j, "%s",
				   r->state == RESPONSE_WAITING ? "no answer came in time"
								: reason_for(r->error)),
			is_right(r->error) ? grant_for(kind) : NULL);
	}
}

static void add_capture(struct judging *j)
{
	const struct capture_state *s = &j->e->attempts->state;
	int error = j->e->capture_error;

	if (error)
		add_gap(j, "capture", judge_text(j, "%s", reason_for(error)),
			is_right(error) ? "CAP_NET_RAW (run as root)" : NULL);
	if (s->n_kernel_drops + s->n_device_drops)
		add_gap(j, "capture",
			judge_text(j, "the capture lost %llu packets",
				   (unsigned long long)(s->n_kernel_drops +
							s->n_device_drops)),
			NULL);
	if (s->n_evicted || s->n_not_told || j->e->attempts->n_forgotten)
		add_gap(j, "capture",
			judge_text(j, "%llu attempts were too many at once to be followed",
				   (unsigned long long)(s->n_evicted + s->n_not_told +
							j->e->attempts->n_forgotten)),
			NULL);
	if (j->e->attempts->error && !error)
		add_gap(j, "capture",
			judge_text(j, "%s", reason_for(j->e->attempts->error)), NULL);
}

static void add_trace(struct judging *j)
{
	const struct evidence *e = j->e;
	bool is_right_missing = is_right(e->trace_error);

	if (e->trace && e->trace_error)
		add_gap(j, "trace", judge_text(j, "%s", reason_for(e->trace_error)),
			is_right_missing ? "CAP_NET_ADMIN (run as root)" : NULL);
	if (e->trace && e->trace->has_lost)
		add_gap(j, "trace",
			judge_text(j, "the kernel had more to tell than could be read"),
			NULL);
}

/* One line is enough: all of them want the same right. */
static void add_programs(struct judging *j)
{
	const struct program_table *t = j->e->programs;
	int error;

	if (!t)
		return;
	error = t->hooks_error    ? t->hooks_error
		: t->groups_error ? t->groups_error
				  : t->filters_error;
	if (error)
		add_gap(j, question_word(QUESTION_PROGRAMS),
			judge_text(j, "%s: %s",
				   t->hooks_error    ? "programs of interfaces (TCX)"
				   : t->groups_error ? "programs of control groups"
						     : "filters of tc",
				   reason_for(error)),
			is_right(error) ? grant_for(QUESTION_PROGRAMS) : NULL);
}

static void add_snapshot(struct judging *j)
{
	for (size_t i = 0; i < j->e->snapshot->n_missing; i++) {
		const struct missing *m = &j->e->snapshot->missing[i];

		add_gap(j, m->source, judge_text(j, "%s", m->reason), m->grant);
	}
}

static void add_rules(struct judging *j)
{
	if (j->e->rules && j->e->rules->is_changing)
		add_gap(j, "nf_tables",
			judge_text(
				j,
				"the rules changed again and again while they were read"),
			NULL);
	if (j->e->rules && judge_has_unread_rules(j))
		add_gap(j, "iptables-legacy",
			judge_text(j, "legacy iptables tables exist and their rules could "
				      "not be read"),
			NULL);
}

/* What this host cannot see at all. */
static void say_hidden(struct judging *j)
{
	const struct diagnosis *d = j->d;

	if (d->verdict == VERDICT_HEALTHY && d->certainty == CERTAINTY_PROVEN)
		return;
	if (!judge_was_seen(j))
		j->d->hidden = judge_text(j, "everything before this host: the client, its "
					     "firewall, the network, "
					     "cloud rules; ask who runs them");
}

void judge_gaps(struct judging *j)
{
	add_capture(j);
	add_responses(j);
	add_rules(j);
	add_trace(j);
	add_programs(j);
	add_snapshot(j);
	say_hidden(j);
}
