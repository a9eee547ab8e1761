/*
 * The sentences on what a view lacks: what the tables and facts show, and what the notes of
 * sources say, with the grant or step that would help. Rows and the conditions they stand
 * under; collects nothing.
 */
#include "core/snapshot/reasons.h"

#include <errno.h>
#include <string.h>

/* capabilities(7), by number */
#define CAP(n)           (UINT64_C(1) << (n))
#define DAC_OVERRIDE     CAP(1)
#define DAC_READ_SEARCH  CAP(2)
#define SYS_PTRACE       CAP(19)
#define SYS_ADMIN        CAP(21)
#define READ_OTHERS      (DAC_READ_SEARCH | SYS_PTRACE)
#define ENTER_NAMESPACES (SYS_ADMIN | SYS_PTRACE)

#define SETCAP(names) "run as root, or: setcap " names "+ep $(command -v dport)"
#define TEXT_ONLY     "reading /proc/net instead, no queue limits, device bindings or v6only"

static const struct grant read_others = {
	READ_OTHERS,
	SETCAP("cap_dac_read_search,cap_sys_ptrace"),
	"give dport's root CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH (a container: --cap-add)",
};
static const struct grant enter_namespaces = {
	ENTER_NAMESPACES,
	SETCAP("cap_sys_admin,cap_sys_ptrace"),
	"give dport's root CAP_SYS_ADMIN and CAP_SYS_PTRACE (a container: --cap-add)",
};
static const struct grant load_tcp = {0, "modprobe tcp_diag (ss does it too)", NULL};
static const struct grant load_udp = {0, "modprobe udp_diag (ss does it too)", NULL};
static const struct grant load_both = {0, "modprobe tcp_diag udp_diag (ss does it too)",
				       NULL};
static const struct grant take_again = {0, "refresh; if it stays, the host is very busy",
					NULL};
static const struct grant record_again = {0, "record again with this program", NULL};
static const struct grant namespace_names = {
	0, "a name that 'ip netns list' shows, or the pid of a process, is taken", NULL};
static const struct grant services_file = {0, "install the file (Debian: netbase)", NULL};
static const struct grant mount_proc = {0, "mount -t proc proc /proc", NULL};

bool reader_has_caps(const struct snapshot *s, uint64_t caps)
{
	uint64_t have = s->host ? s->host->caps : 0;

	if (have & DAC_OVERRIDE)
		have |= DAC_READ_SEARCH;
	return (have & caps) == caps;
}

static bool has_note(const struct snapshot *s, const char *source)
{
	for (size_t i = 0; i < s->n_notes; i++) {
		if (strcmp(s->notes[i].source, source) == 0)
			return true;
	}
	return false;
}

static bool is_one_unread(const struct snapshot *s)
{
	return s->owners && s->owners->n_unread == 1;
}

static bool are_many_unread(const struct snapshot *s)
{
	return s->owners && s->owners->n_unread > 1;
}

static bool is_without_proc(const struct snapshot *s)
{
	return s->owners && s->host && s->host->has_no_proc;
}

/* Hidden processes are not even counted as unread. */
static bool hides(const struct snapshot *s, enum tri how)
{
	return s->owners && s->host && s->host->hides_pids == how &&
	       !s->host->has_no_proc && !reader_has_caps(s, READ_OTHERS);
}

static bool hides_processes(const struct snapshot *s)
{
	return hides(s, TRI_YES);
}

static bool may_hide_processes(const struct snapshot *s)
{
	return hides(s, TRI_UNSURE);
}

static bool is_scan_unfinished(const struct snapshot *s)
{
	return s->owners && !s->owners->is_whole && !has_note(s, "owners");
}

static bool is_cgroup_blind(const struct snapshot *s)
{
	if (!s->host || s->host->has_cgroup2)
		return false;
	if (!s->owners)
		return s->is_settled;
	return !s->owners->is_whole || s->owners->n_unread;
}

static bool is_tcp_text(const struct snapshot *s)
{
	for (size_t i = 0; i < s->n_spaces; i++) {
		if (s->spaces[i].tcp && s->spaces[i].tcp->from_text)
			return true;
	}
	return false;
}

static bool is_udp_text(const struct snapshot *s)
{
	for (size_t i = 0; i < s->n_spaces; i++) {
		if (s->spaces[i].udp && s->spaces[i].udp->from_text)
			return true;
	}
	return false;
}

/* Asking for what this source tells would make the kernel load a module. */
static bool would_load(const struct snapshot *s, const char *source)
{
	for (size_t i = 0; i < s->n_notes; i++) {
		if (s->notes[i].error == ENOPKG && !strcmp(s->notes[i].source, source))
			return true;
	}
	return false;
}

static bool would_load_tcp(const struct snapshot *s)
{
	return would_load(s, "tcp") && !would_load(s, "udp");
}

static bool would_load_udp(const struct snapshot *s)
{
	return would_load(s, "udp") && !would_load(s, "tcp");
}

static bool would_load_both(const struct snapshot *s)
{
	return would_load(s, "tcp") && would_load(s, "udp");
}

static bool is_text_for_want(const struct snapshot *s)
{
	return (is_tcp_text(s) || is_udp_text(s)) && !would_load_tcp(s) &&
	       !would_load_udp(s) && !would_load_both(s);
}

static bool is_services_absent(const struct snapshot *s)
{
	return s->host && s->host->services_error == ENOENT &&
	       text_is_empty(s->host->services_file);
}

static bool is_services_cut(const struct snapshot *s)
{
	return s->host && s->host->services_error && !text_is_empty(s->host->services_file);
}

static bool is_services_unread(const struct snapshot *s)
{
	return s->host && s->host->services_error && !is_services_absent(s) &&
	       !is_services_cut(s);
}

static bool is_passwd_cut(const struct snapshot *s)
{
	return s->host && s->host->passwd_error && !text_is_empty(s->host->passwd_file);
}

static bool is_passwd_unread(const struct snapshot *s)
{
	return s->host && s->host->passwd_error && !is_passwd_cut(s);
}

/* What the snapshot itself shows. The weightiest reason for lacking owners comes first. */
const struct state_reason state_reasons[] = {
	{"owners", is_without_proc, "/proc is not mounted: no process can be seen",
	 &mount_proc},
	{"owners", is_one_unread, "1 process (pid {pid}) could not be read: {error}",
	 &read_others},
	{"owners", are_many_unread,
	 "the descriptors of {unread} of {seen} processes cannot be read", &read_others},
	{"owners", hides_processes,
	 "/proc is mounted with hidepid: the processes of other users cannot be seen",
	 &read_others},
	{"owners", may_hide_processes,
	 "whether /proc hides the processes of other users (hidepid) is not known",
	 &read_others},
	{"owners", is_scan_unfinished, "the look at the processes did not come to its end",
	 &take_again},
	{"sock_diag", would_load_both,
	 TEXT_ONLY ": asking would make the kernel load tcp_diag and udp_diag", &load_both},
	{"sock_diag", would_load_tcp,
	 TEXT_ONLY ": asking would make the kernel load tcp_diag", &load_tcp},
	{"sock_diag", would_load_udp,
	 TEXT_ONLY ": asking would make the kernel load udp_diag", &load_udp},
	{"sock_diag", is_text_for_want, TEXT_ONLY ": sock_diag could not be asked", NULL},
	{"cgroups", is_cgroup_blind,
	 "no cgroup2 is mounted: units and containers are known from processes only", NULL},
	{"services", is_services_absent,
	 "/etc/services could not be read ({services error}): ports have no names",
	 &services_file},
	{"services", is_services_unread,
	 "/etc/services could not be read ({services error}): ports have no names", NULL},
	{"services", is_services_cut,
	 "/etc/services was read in part ({services error}): some ports have no names",
	 NULL},
	{"users", is_passwd_unread,
	 "/etc/passwd could not be read ({passwd error}): users are shown by number", NULL},
	{"users", is_passwd_cut,
	 "/etc/passwd was read in part ({passwd error}): some users are shown by number",
	 NULL},
	{NULL, NULL, NULL, NULL},
};

static const struct source_words source_words[] = {
	{"files.host", "files", "the facts of this host"},
	{"files.net", "files", "the facts of the namespace"},
	{"namespaces", "namespaces", "the list of namespaces"},
	{"owners", "owners", "the owners"},
	{"cgroups", "cgroups", "the control groups"},
	{"socket_units", "socket_units", "the socket units"},
	{"tcp", "sock_diag", "the TCP listeners"},
	{"udp", "sock_diag", "the UDP sockets"},
	{"mptcp", "sock_diag", "the MPTCP listeners"},
	{"udplite", "sock_diag", "the UDP-Lite sockets"},
	{"proc.net", "proc.net", "the socket tables in /proc/net"},
	{"connections", "sock_diag", "the connections"},
	{"links", "rtnetlink", "the interfaces"},
	{"addresses", "rtnetlink", "the addresses"},
	{"local_routes", "rtnetlink", "the local routes"},
};

const struct source_words *source_words_of(const char *source)
{
	for (size_t i = 0; i < sizeof(source_words) / sizeof(source_words[0]); i++) {
		if (strcmp(source_words[i].source, source) == 0)
			return &source_words[i];
	}
	return NULL;
}

#define ANY 0 /* error */
#define REFUSED_NAMESPACES \
	"some processes do not tell their network namespace ({error}): theirs may lack"

const struct note_reason note_reasons[] = {
	{"mptcp", SOURCE_ERROR, ENOENT, false, NULL, NULL},
	{"mptcp", SOURCE_ERROR, EOPNOTSUPP, false, NULL, NULL},
	{"mptcp", SOURCE_ERROR, EINVAL, false, NULL, NULL},
	{"mptcp", SOURCE_ERROR, EPROTONOSUPPORT, false, NULL, NULL},
	{"udplite", SOURCE_ERROR, ENOENT, false, NULL, NULL},
	{"udplite", SOURCE_ERROR, EOPNOTSUPP, false, NULL, NULL},
	{"udplite", SOURCE_ERROR, EINVAL, false, NULL, NULL},
	{NULL, SOURCE_ERROR, EAFNOSUPPORT, false, NULL, NULL},
	/* a reason of its own above, or told by the doctor */
	{NULL, SOURCE_ERROR, ENOPKG, false, NULL, NULL},
	{NULL, SOURCE_ERROR, EPERM, true, "the namespace cannot be entered: {error}",
	 &enter_namespaces},
	{NULL, SOURCE_ERROR, EACCES, true, "the namespace cannot be entered: {error}",
	 &enter_namespaces},
	{"namespaces", SOURCE_ERROR, ANY, true, "the namespace cannot be entered: {error}",
	 NULL},
	{NULL, SOURCE_ERROR, ENOENT, true, "there is no such network namespace here",
	 &namespace_names},
	{NULL, SOURCE_ERROR, EINVAL, true, "the name stands for no network namespace",
	 &namespace_names},
	{"namespaces", SOURCE_ERROR, EPERM, false, REFUSED_NAMESPACES, &enter_namespaces},
	{"namespaces", SOURCE_ERROR, EACCES, false, REFUSED_NAMESPACES, &enter_namespaces},
	{NULL, SOURCE_ERROR, ANY, false, "{what} could not be read: {error}", NULL},
	{NULL, SOURCE_INTERRUPTED, ANY, false,
	 "{what} changed while they were read: some may lack", &take_again},
	{NULL, SOURCE_TRUNCATED, ANY, false,
	 "{what} were cut at a size limit: some may lack", NULL},
	{NULL, SOURCE_TIMED_OUT, ANY, false, "{what} timed out: some may lack",
	 &take_again},
	{NULL, SOURCE_DAMAGED, ANY, false, "{what} came damaged and could not be decoded",
	 NULL},
	{NULL, SOURCE_NOT_RECORDED, ANY, false, "{what} are not recorded", &record_again},
	{NULL, SOURCE_OK, ANY, false, NULL, NULL},
};
