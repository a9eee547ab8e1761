/*
 * Judgements of the doctor: a source is whole only if nothing says that it is not. Words
 * for errors are our own, so that a document does not depend on the reader's language.
 */
#include "core/report/doctor_findings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>

#include "core/snapshot/reasons.h"

const char *doctor_state_word(enum doctor_state state)
{
	static const char *const words[N_DOCTOR_STATES] = {
		[DOCTOR_NO] = "no",
		[DOCTOR_PARTLY] = "partly",
		[DOCTOR_YES] = "yes",
	};

	return words[state];
}

static const char *error_words(int error)
{
	switch (error) {
	case EPERM:
	case EACCES:
		return "not permitted";
	case ENOENT:
		return "not there on this host";
	case ENOSYS:
	case EOPNOTSUPP:
	case EPROTONOSUPPORT:
	case EAFNOSUPPORT:
		return "this kernel does not offer it";
	case EINVAL:
		return "this kernel does not know the question";
	case ENOPKG:
		return "asking would make the kernel load a module";
	case ENOMEM:
	case ENOBUFS:
		return "no memory for it";
	case EMSGSIZE:
		return "larger than what is read at once";
	case ETIMEDOUT:
		return "not answered in time";
	default:
		return NULL;
	}
}

static const struct source_note *find_note(const struct snapshot *s,
					   const struct source_state *source)
{
	for (size_t i = 0; i < s->n_notes; i++) {
		if (!strcmp(s->notes[i].source, source->name) &&
		    text_equals(s->notes[i].space, source->space))
			return &s->notes[i];
	}
	return NULL;
}

/* What its missing lines are called: "sock_diag", "namespace blue". */
static void put_missing_name(struct str *out, const struct source_state *source,
			     const struct source_words *words)
{
	if (text_is_empty(source->space)) {
		str_puts(out, words ? words->shown : source->name);
		return;
	}
	str_puts(out, "namespace ");
	text_show(out, source->space, TEXT_ASCII);
}

/*
 * What the snapshot says is missing of it. Several sources may share a name there: then the
 * sentence must speak of this one, or (is_failed) of its whole namespace.
 */
static const struct missing *find_missing(const struct snapshot *s,
					  const struct source_state *source, bool is_failed)
{
	const struct source_words *words = source_words_of(source->name);
	bool is_shared = words && strcmp(words->shown, words->source) != 0;
	bool is_away = !text_is_empty(source->space);
	const struct missing *found = NULL;
	struct str name = {0};

	put_missing_name(&name, source, words);
	for (size_t i = 0; i < s->n_missing; i++) {
		const struct missing *m = &s->missing[i];

		if (strcmp(m->source, str_text(&name)) != 0)
			continue;
		if (words && strstr(m->reason, words->what)) {
			found = m;
			break;
		}
		if (!found && (is_away ? is_failed : !is_shared))
			found = m;
	}
	str_release(&name);
	return found;
}

/* What the state of the answer itself says; NULL: nothing is wrong with it. */
static const char *answer_reason(struct doctor_finding *f, const struct source_note *note)
{
	static const char *const notes[] = {
		[SOURCE_DAMAGED] = "the answer could not be decoded",
		[SOURCE_NOT_RECORDED] = "not recorded",
	};
	static const char *const ends[] = {
		[BLOB_INTERRUPTED] = "it changed while it was read",
		[BLOB_TRUNCATED] = "cut off at its limit",
		[BLOB_TIMED_OUT] = "not answered in time",
	};
	const struct source_state *source = f->source;

	if (!source->asked)
		return "not asked for";
	if (note && (note->status == SOURCE_DAMAGED || note->status == SOURCE_NOT_RECORDED))
		return notes[note->status];
	if (source->error) {
		const char *words = error_words(source->error);

		snprintf(f->words, sizeof(f->words), "errno %d", source->error);
		return words ? words : f->words;
	}
	if (source->status > BLOB_LAST && source->status <= BLOB_TIMED_OUT)
		return ends[source->status];
	if (!source->answered)
		return "has not answered yet";
	return note ? "not whole" : NULL;
}

/* Processes that hold no listener are no rows, but were read. */
static bool gives_some(const struct snapshot *s, const struct source_state *source)
{
	if (!strcmp(source->name, "owners") && s->owners)
		return source->rows || s->owners->n_seen > s->owners->n_unread;
	return source->rows > 0;
}

void doctor_judge(struct doctor_finding *f, const struct snapshot *s,
		  const struct source_state *source)
{
	const struct missing *missing;

	*f = (struct doctor_finding){.source = source};
	f->reason = answer_reason(f, find_note(s, source));
	missing = source->asked ? find_missing(s, source, f->reason != NULL) : NULL;
	if (missing) {
		f->reason = missing->reason;
		f->grant = missing->grant;
	}
	if (!f->reason)
		f->state = DOCTOR_YES;
	else
		f->state = source->answered && gives_some(s, source) ? DOCTOR_PARTLY
								     : DOCTOR_NO;
}

static enum tri tri_of(bool is_so)
{
	return is_so ? TRI_YES : TRI_NO;
}

static enum tri look_cgroup2(const struct host_facts *host)
{
	return tri_of(host->has_cgroup2);
}

static enum tri look_packets(const struct host_facts *host)
{
	return tri_of(host->caps >> CAP_NET_RAW & 1);
}

static enum tri look_rules(const struct host_facts *host)
{
	return tri_of(host->caps >> CAP_NET_ADMIN & 1);
}

static enum tri look_hooks(const struct host_facts *host)
{
	return host->tells_hooks;
}

static enum tri look_all_pids(const struct host_facts *host)
{
	if (host->has_no_proc || host->hides_pids == TRI_YES ||
	    host->is_inner_proc == TRI_YES)
		return TRI_NO;
	return host->hides_pids == TRI_UNSURE ? TRI_UNSURE : TRI_YES;
}

/* Its module is there if one answer came of it, and not if it was refused for that. */
static enum tri has_module_of(const char *source, const struct source_state *sources,
			      size_t n)
{
	enum tri has = TRI_UNSURE;

	for (size_t i = 0; i < n; i++) {
		if (!sources[i].answered || strcmp(sources[i].name, source) != 0)
			continue;
		if (sources[i].error == ENOPKG)
			return TRI_NO;
		has = sources[i].error ? has : TRI_YES;
	}
	return has;
}

enum tri doctor_has(const struct doctor_feature *feature, const struct host_facts *host,
		    const struct source_state *sources, size_t n_sources)
{
	if (feature->source)
		return has_module_of(feature->source, sources, n_sources);
	if (!host)
		return TRI_UNSURE;
	if (feature->look)
		return feature->look(host);
	return host_kernel_since(host, feature->major, feature->minor);
}

bool doctor_has_all_caps(uint64_t caps)
{
	return (caps & (caps + 1)) == 0 &&
	       caps >> 36; /* without a hole, as far as 4.19 has them */
}

int doctor_cap_name(struct str *out, int cap)
{
	char *name = cap_to_name(cap);
	int error;

	if (!name) {
		out->failed = true;
		return -ENOMEM;
	}
	error = str_puts(out, name);
	cap_free(name);
	return error;
}

const struct doctor_feature doctor_features[N_DOCTOR_FEATURES] = {
	{
		.name = "oldest kernel",
		.major = 4,
		.minor = 19,
		.gives = "accept queue, limit, drops and v6only of every listener",
		.without = "older than what dport is made for: columns may be empty",
	},
	{
		.name = "control group of a socket",
		.major = 5,
		.minor = 8,
		.gives = "a listener's unit although its process cannot be read",
		.without = "no unit for listeners whose process cannot be read",
	},
	{
		.name = "MPTCP listeners",
		.major = 5,
		.minor = 19,
		.gives = "MPTCP listeners are told from TCP ones",
		.without = "an MPTCP listener shows as its TCP socket only",
	},
	{
		.name = "cgroup2",
		.look = look_cgroup2,
		.gives = "names for the control groups of sockets",
		.without = "no unit for listeners whose process cannot be read",
	},
	{
		.name = "tcp_diag",
		.source = "tcp",
		.gives = "TCP sockets asked of the kernel",
		.without = "asking would load a module, which dport never does: read from "
			   "/proc/net, "
			   "without limits, drops, devices, v6only and control groups",
		.grant = "modprobe tcp_diag",
	},
	{
		.name = "udp_diag",
		.source = "udp",
		.gives = "UDP sockets asked of the kernel",
		.without = "asking would load a module, which dport never does: read from "
			   "/proc/net, "
			   "without devices, v6only and control groups",
		.grant = "modprobe udp_diag",
	},
	{
		.name = "mptcp_diag",
		.source = "mptcp",
		.gives = "MPTCP sockets asked of the kernel",
		.without = "asked only where there are MPTCP sockets, and never if that "
			   "would load "
			   "a module: then an MPTCP listener shows as its TCP socket only",
		.grant = "modprobe mptcp_diag",
	},
	{
		.name = "all processes in /proc",
		.look = look_all_pids,
		.gives = "owners that belong to other users",
		.without = "hidepid, a container's /proc, or none: owners that do not show "
			   "are not known",
		.grant = "run dport as root, or as a member of the group that gid= of "
			 "/proc names; in a container, on the host",
	},
	{
		.name = "packets",
		.look = look_packets,
		.gives = "whether SYNs arrive and what answers them (capture, diagnose)",
		.without = "whether SYNs arrive cannot be seen",
		.grant = "run dport as root, or give it cap_net_raw (setcap takes all of "
			 "its "
			 "capabilities in one call)",
	},
	{
		.name = "rules and conntrack",
		.look = look_rules,
		.gives = "which rule or translation meets a packet (diagnose)",
		.without = "nf_tables and conntrack cannot be read: no rule can be named",
		.grant = "run dport as root, or give it cap_net_admin (setcap takes all of "
			 "its "
			 "capabilities in one call)",
	},
	{
		.name = "order of hooks",
		.major = 5,
		.minor = 14,
		.look = look_hooks,
		.gives = "which of two tables of one priority runs first, and who is "
			 "hooked besides rules: BPF programs, modules of others",
		.without = "asking would load a module, which dport never does: of two "
			   "tables of one priority both orders are tried, and what is "
			   "hooked besides rules is not seen",
		.grant = "modprobe nfnetlink_hook",
	},
};
