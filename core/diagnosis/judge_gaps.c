/* What was not seen, why, and what would help. */
#include <errno.h>
#include <string.h>

#include "core/diagnosis/joined.h"
#include "core/diagnosis/check_cloud.h"
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
	case QUESTION_IPSEC:
	case QUESTION_GENERATION:
		return "CAP_NET_ADMIN (run as root)";
	case QUESTION_LOGS:
		return "membership in the groups adm or systemd-journal, or root";
	case QUESTION_PROCESSES:
		return "CAP_SYS_PTRACE (run as root)";
	case QUESTION_ROUTE:
	case QUESTION_ROUTING:
	case QUESTION_NEIGHBOURS:
	case QUESTION_BRIDGES:
	case QUESTION_COUNTERS:
	case QUESTION_SETTINGS:
	case QUESTION_CHANGES:
	case QUESTION_NAMES:
	case QUESTION_PROBE:
	case QUESTION_UNITS:
	case QUESTION_REACH:
	case QUESTION_LISTENERS:
	case QUESTION_CONNECTIONS:
	case QUESTION_HANDSHAKES:
	case QUESTION_PEERS:
	case QUESTION_DATAGRAMS:
	case QUESTION_REMOTE:
	case QUESTION_JOINED:
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
				   reason_for(r->state == RESPONSE_WAITING ? ETIMEDOUT
									   : r->error)),
			is_right(r->error) ? grant_for(kind) : NULL);
	}
}

/* Of several that want the same right one is told. What is not there is no lack. */
static void add_log_sources(struct judging *j, const struct log_table *t)
{
	bool is_right_told = false;

	for (size_t i = 0; i < t->n_sources && !j->error; i++) {
		const struct log_source *s = &t->sources[i];
		struct text name = judge_shown(j, s->name);

		if (!s->error || s->error == ENOENT ||
		    (is_right(s->error) && is_right_told))
			continue;
		is_right_told |= is_right(s->error);
		add_gap(j, question_word(QUESTION_LOGS),
			judge_text(j, "%.*s: %s", (int)name.len,
				   name.bytes ? name.bytes : "", reason_for(s->error)),
			is_right(s->error) ? grant_for(QUESTION_LOGS) : NULL);
	}
}

static void add_logs(struct judging *j)
{
	const struct log_table *t = j->e->logs;
	bool is_any_kept = false, is_any_absent = false;

	if (!t || !j->e->has_window_ended)
		return;
	add_log_sources(j, t);
	for (size_t i = 0; i < t->n_sources; i++) {
		is_any_absent |= t->sources[i].error == ENOENT;
		is_any_kept |= t->sources[i].error != ENOENT &&
			       !text_equals_str(t->sources[i].name, "kernel");
	}
	if (is_any_absent && !is_any_kept)
		add_gap(j, question_word(QUESTION_LOGS),
			judge_text(j, "neither a journal nor a log file is here: what "
				      "services write of themselves is not seen"),
			"a mount namespace in which /var/log and /run/log are the host's");
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
	if (j->e->attempts->n_links_lost)
		add_gap(j, "capture",
			judge_text(j,
				   "link addresses, tags and checksums of %s frames "
				   "could not be looked at",
				   j->e->attempts->has_links ? "some" : "the"),
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

/* Of what is proven nobody misses it; a recording from before there was such a thing has
 * none. */
static void add_drops(struct judging *j)
{
	const struct evidence *e = j->e;

	if (!e->drops || j->d->certainty == CERTAINTY_PROVEN)
		return;
	if (e->drops_error && e->drops_error != ENODATA)
		add_gap(j, "drop reasons", judge_text(j, "%s", reason_for(e->drops_error)),
			is_right(e->drops_error) ? "CAP_BPF and CAP_PERFMON (run as root)"
						 : NULL);
	if (e->drops->n_lost + e->drops->n_left_out)
		add_gap(j, "drop reasons",
			judge_text(j, "%llu dropped packets were too many to be told",
				   (unsigned long long)(e->drops->n_lost +
							e->drops->n_left_out)),
			NULL);
}

/* One line is enough: all of them want the same right. */
static void add_programs(struct judging *j)
{
	const struct program_table *t = j->e->programs;
	bool is_unmounted;
	int error;

	if (!t)
		return;
	error = t->hooks_error    ? t->hooks_error
		: t->groups_error ? t->groups_error
				  : t->filters_error;
	is_unmounted = !t->hooks_error &&
		       (t->groups_error == ENOENT || t->groups_error == ENOTDIR);
	if (error)
		add_gap(j, question_word(QUESTION_PROGRAMS),
			judge_text(j, "%s: %s",
				   t->hooks_error    ? "programs of interfaces (TCX)"
				   : t->groups_error ? "programs of control groups"
						     : "filters of tc",
				   is_unmounted
					   ? "no unified hierarchy (cgroup2) is mounted "
					     "here"
					   : reason_for(error)),
			is_right(error) ? grant_for(QUESTION_PROGRAMS)
			: is_unmounted
				? "a mount namespace in which /sys/fs/cgroup is the host's"
				: NULL);
}

static void add_units(struct judging *j)
{
	if (j->e->units && j->e->units->error)
		add_gap(j, question_word(QUESTION_UNITS),
			judge_text(j, "systemctl: %s", reason_for(j->e->units->error)),
			NULL);
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

/* A client that could not be asked, a text that says nothing. */
static void add_joined(struct judging *j)
{
	for (size_t i = 0; !j->error && i < joined_n(j->e); i++) {
		const struct client_view *v = joined_at(j->e, i);
		bool is_silent = !client_view_try(v) && !v->is_unresolved;

		if (is_silent || v->error)
			add_gap(j, joined_source(v),
				judge_text(j, "%s", joined_error_words(j->arena, v)),
				is_silent && v->error == ECONNABORTED
					? "a login by key there, without a question "
					  "(ssh-agent, known_hosts)"
					: NULL);
	}
}

/* What was seen beats what was saved. */
static void add_cloud(struct judging *j)
{
	struct check_view v = {.e = j->e, .walk = j->walk, .arena = j->arena};
	struct cloud_answer a;

	if (!j->walk || !j->e->cloud || !judge_was_seen(j) || !cloud_look(&v, &a) ||
	    a.verdict != CLOUD_STOPPED || a.is_reply)
		return;
	add_gap(j, "cloud-rules",
		judge_text(
			j,
			"%.*s would stop this client (%s), and its packets are here: the "
			"file is of another time or of another host",
			(int)j->e->cloud->name.len, j->e->cloud->name.bytes,
			cloud_words(&v, &a)),
		NULL);
}

/* "cloud rules", or whose and what they are called there. */
static struct text guards_words(struct judging *j)
{
	const struct host_facts *h = j->e->snapshot->host;
	const char *cloud =
		h ? cloud_of_host(h->dmi_vendor, h->dmi_product, h->dmi_bios, h->dmi_asset)
		  : NULL;

	return cloud ? judge_text(j, "%s (%s)", cloud, cloud_guards(cloud))
		     : text_of("cloud rules");
}

/* What this host cannot see at all. */
static void say_hidden(struct judging *j)
{
	const struct diagnosis *d = j->d;
	struct text guards;

	if (d->verdict == VERDICT_HEALTHY && d->certainty == CERTAINTY_PROVEN)
		return;
	if (judge_was_seen(j))
		return;
	guards = guards_words(j);
	j->d->hidden =
		judge_text(j,
			   "everything before this host: the client, its firewall, the "
			   "network, %.*s; ask who runs them",
			   (int)guards.len, guards.bytes);
}

void judge_gaps(struct judging *j)
{
	add_capture(j);
	add_responses(j);
	add_rules(j);
	add_trace(j);
	add_joined(j);
	add_drops(j);
	add_programs(j);
	add_logs(j);
	add_units(j);
	add_snapshot(j);
	add_cloud(j);
	say_hidden(j);
}
