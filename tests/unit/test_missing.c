/* What a view lacks, why and what would help: rows of a snapshot's state and the sentences
 * it gives. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "tests/unit/by_hand.h"

#define SETCAP_READ                                                                     \
	" [run as root, or: setcap cap_dac_read_search,cap_sys_ptrace+ep $(command -v " \
	"dport)]"
#define SETCAP_ENTER \
	" [run as root, or: setcap cap_sys_admin,cap_sys_ptrace+ep $(command -v dport)]"
#define AS_ROOT                                                                     \
	" [give dport's root CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH (a container: " \
	"--cap-add)]"
#define NAMES " [a name that 'ip netns list' shows, or the pid of a process, is taken]"
#define AGAIN " [refresh; if it stays, the host is very busy]"
#define TEXT_ONLY                                                                    \
	"sock_diag: reading /proc/net instead, no queue limits, device bindings or " \
	"v6only: "

/* sock_diag would load one for it. */
#define NO_MODULE(name)                                                 \
	{                                                               \
		.source = name, .status = SOURCE_ERROR, .error = ENOPKG \
	}

enum { ALL_CAPS, NO_CAPS, PTRACE_ONLY, READ_CAPS, OVERRIDE_CAPS };

static const uint64_t cap_sets[] = {
	[ALL_CAPS] = UINT64_MAX,
	[PTRACE_ONLY] = UINT64_C(1) << 19,
	[READ_CAPS] = UINT64_C(1) << 19 | 1u << 2,
	[OVERRIDE_CAPS] = UINT64_C(1) << 19 | 1u << 1,
};

/* A full view by root, but for: */
static const struct row {
	const char *name;
	unsigned caps;
	uint32_t uid;
	size_t n_unread;
	int32_t unread_pid;
	enum tri hides_pids;
	bool has_no_owners, is_cut, has_no_cgroup2;
	bool is_tcp_text, is_udp_text;
	int services_error, passwd_error;
	bool is_in_part, has_no_proc;
	struct source_note notes[6];
	const char *missing; /* "source: reason [grant]\n..." */
} rows[] = {
	{.name = "nothing", .missing = ""},
	{.name = "owners were not asked for", .has_no_owners = true, .missing = ""},
	{.name = "not root",
	 .caps = NO_CAPS,
	 .uid = 1000,
	 .n_unread = 70,
	 .unread_pid = 1,
	 .missing =
		 "owners: the descriptors of 70 of 100 processes cannot be read" SETCAP_READ
		 "\n"},
	{.name = "one capability of the two is not enough",
	 .caps = PTRACE_ONLY,
	 .uid = 1000,
	 .n_unread = 70,
	 .unread_pid = 1,
	 .missing =
		 "owners: the descriptors of 70 of 100 processes cannot be read" SETCAP_READ
		 "\n"},
	{.name = "root of a container",
	 .caps = NO_CAPS,
	 .n_unread = 2,
	 .unread_pid = 1,
	 .missing = "owners: the descriptors of 2 of 100 processes cannot be read" AS_ROOT
		    "\n"},
	{.name = "pid 1 refuses even root, no grant would help",
	 .n_unread = 1,
	 .unread_pid = 1,
	 .missing = "owners: 1 process (pid 1) could not be read: Permission denied\n"},
	{.name = "both capabilities without being root",
	 .caps = READ_CAPS,
	 .uid = 1000,
	 .n_unread = 1,
	 .unread_pid = 1,
	 .missing = "owners: 1 process (pid 1) could not be read: Permission denied\n"},
	{.name = "overriding includes reading",
	 .caps = OVERRIDE_CAPS,
	 .n_unread = 2,
	 .unread_pid = 1,
	 .missing = "owners: the descriptors of 2 of 100 processes cannot be read\n"},
	{.name = "hidepid",
	 .caps = NO_CAPS,
	 .uid = 1000,
	 .hides_pids = TRI_YES,
	 .missing = "owners: /proc is mounted with hidepid: the processes of other users "
		    "cannot be seen" SETCAP_READ "\n"},
	{.name = "hidepid does not hide from root", .hides_pids = TRI_YES, .missing = ""},
	{.name = "hidepid not known",
	 .caps = NO_CAPS,
	 .uid = 1000,
	 .hides_pids = TRI_UNSURE,
	 .missing = "owners: whether /proc hides the processes of other users (hidepid) is "
		    "not known" SETCAP_READ "\n"},
	{.name = "the scan was cut",
	 .is_cut = true,
	 .missing = "owners: the look at the processes did not come to its end" AGAIN "\n"},
	{.name = "the scan timed out, said once",
	 .is_cut = true,
	 .notes = {{.source = "owners", .status = SOURCE_TIMED_OUT}},
	 .missing = "owners: the owners timed out: some may lack" AGAIN "\n"},
	{.name = "sock_diag would load both modules",
	 .is_tcp_text = true,
	 .is_udp_text = true,
	 .notes = {NO_MODULE("tcp"), NO_MODULE("udp"), NO_MODULE("mptcp")},
	 .missing = TEXT_ONLY "asking would make the kernel load tcp_diag and udp_diag "
			      "[modprobe tcp_diag udp_diag (ss does it too)]\n"},
	{.name = "sock_diag would load one module",
	 .is_tcp_text = true,
	 .notes = {NO_MODULE("tcp")},
	 .missing = TEXT_ONLY "asking would make the kernel load tcp_diag "
			      "[modprobe tcp_diag (ss does it too)]\n"},
	{.name = "sock_diag would load the other module",
	 .is_udp_text = true,
	 .notes = {NO_MODULE("udp")},
	 .missing = TEXT_ONLY "asking would make the kernel load udp_diag "
			      "[modprobe udp_diag (ss does it too)]\n"},
	{.name = "sock_diag is refused",
	 .is_tcp_text = true,
	 .notes = {{.source = "tcp", .status = SOURCE_ERROR, .error = EPERM}},
	 .missing = TEXT_ONLY
	 "sock_diag could not be asked\n"
	 "sock_diag: the TCP listeners could not be read: Operation not permitted\n"},
	{.name = "control groups of v1 while all processes are known",
	 .has_no_cgroup2 = true,
	 .missing = ""},
	{.name = "control groups of v1",
	 .has_no_cgroup2 = true,
	 .n_unread = 1,
	 .unread_pid = 812,
	 .missing = "owners: 1 process (pid 812) could not be read: Permission denied\n"
		    "cgroups: no cgroup2 is mounted: units and containers are known from "
		    "processes only\n"},
	{.name = "names of ports and users",
	 .services_error = ENOENT,
	 .passwd_error = EACCES,
	 .missing =
		 "services: /etc/services could not be read (No such file or directory): "
		 "ports have no names [install the file (Debian: netbase)]\n"
		 "users: /etc/passwd could not be read (Permission denied): users are "
		 "shown by number\n"},
	{.name = "what stands there is no file",
	 .services_error = EINVAL,
	 .passwd_error = EINVAL,
	 .missing = "services: /etc/services could not be read (not a regular file): ports "
		    "have no names\n"
		    "users: /etc/passwd could not be read (not a regular file): users are "
		    "shown by number\n"},
	{.name = "files that are too long",
	 .services_error = EMSGSIZE,
	 .passwd_error = EMSGSIZE,
	 .is_in_part = true,
	 .missing = "services: /etc/services was read in part (too long): some ports have "
		    "no names\n"
		    "users: /etc/passwd was read in part (too long): some users are shown "
		    "by number\n"},
	{.name = "no /proc",
	 .caps = NO_CAPS,
	 .uid = UINT32_MAX,
	 .hides_pids = TRI_UNSURE,
	 .has_no_proc = true,
	 .missing = "owners: /proc is not mounted: no process can be seen [mount -t proc "
		    "proc /proc]\n"},
	{.name = "what this kernel does not have is not missing",
	 .notes = {{.source = "mptcp", .status = SOURCE_ERROR, .error = ENOENT},
		   {.source = "mptcp", .status = SOURCE_ERROR, .error = EOPNOTSUPP},
		   {.source = "mptcp", .status = SOURCE_ERROR, .error = EINVAL},
		   {.source = "udplite", .status = SOURCE_ERROR, .error = ENOENT},
		   {.source = "tcp", .status = SOURCE_ERROR, .error = EAFNOSUPPORT}},
	 .missing = ""},
	{.name = "but what it refuses is",
	 .notes = {{.source = "mptcp", .status = SOURCE_ERROR, .error = EPERM},
		   {.source = "links", .status = SOURCE_ERROR}},
	 .missing = "sock_diag: the MPTCP listeners could not be read: Operation not "
		    "permitted\n"
		    "rtnetlink: the interfaces could not be read: no reason was given\n"},
	{.name = "one source in every other way",
	 .notes = {{.source = "tcp", .status = SOURCE_INTERRUPTED},
		   {.source = "udp", .status = SOURCE_TRUNCATED},
		   {.source = "cgroups", .status = SOURCE_TIMED_OUT},
		   {.source = "addresses", .status = SOURCE_DAMAGED, .error = EBADMSG},
		   {.source = "socket_units", .status = SOURCE_NOT_RECORDED}},
	 .missing =
		 "sock_diag: the TCP listeners changed while they were read: some may "
		 "lack" AGAIN "\n"
		 "sock_diag: the UDP sockets were cut at a size limit: some may lack\n"
		 "cgroups: the control groups timed out: some may lack" AGAIN "\n"
		 "rtnetlink: the addresses came damaged and could not be decoded\n"
		 "socket_units: the socket units are not recorded [record again with this "
		 "program]\n"},
	{.name = "a source without words of its own",
	 .notes = {{.source = "novel", .status = SOURCE_DAMAGED}},
	 .missing = "novel: novel came damaged and could not be decoded\n"},
	{.name = "a namespace that cannot be entered is said once",
	 .caps = NO_CAPS,
	 .uid = 1000,
	 .notes = {{"tcp", {"blue", 4}, SOURCE_ERROR, EPERM},
		   {"tcp", {"a\x1b[2J", 5}, SOURCE_ERROR, EPERM},
		   {"udp", {"blue", 4}, SOURCE_ERROR, EPERM},
		   {"links", {"blue", 4}, SOURCE_TIMED_OUT, 0}},
	 .missing = "namespace a\\x1b[2J: the namespace cannot be entered: Operation not "
		    "permitted" SETCAP_ENTER "\n"
		    "namespace blue: the namespace cannot be entered: Operation not "
		    "permitted" SETCAP_ENTER "\n"
		    "namespace blue: the interfaces timed out: some may lack" AGAIN "\n"},
	{.name = "a name that stands for nothing, or for something else",
	 .notes = {{"tcp", {"nosuch", 6}, SOURCE_ERROR, ENOENT},
		   {"links", {"nosuch", 6}, SOURCE_ERROR, ENOENT},
		   {"tcp", {"file", 4}, SOURCE_ERROR, EINVAL}},
	 .missing = "namespace file: the name stands for no network namespace" NAMES "\n"
		    "namespace nosuch: there is no such network namespace here" NAMES "\n"},
	{.name = "a namespace that is gone",
	 .notes = {{"namespaces", {"blue", 4}, SOURCE_ERROR, ENOENT}},
	 .missing = "namespace blue: the namespace cannot be entered: No such file or "
		    "directory\n"},
};

static struct host_facts *host_of(const struct row *row)
{
	struct host_facts *h = hand_host();

	h->caps = cap_sets[row->caps];
	h->uid = row->uid;
	h->hides_pids = row->hides_pids;
	h->has_cgroup2 = !row->has_no_cgroup2;
	h->services_error = row->services_error;
	h->passwd_error = row->passwd_error;
	h->has_no_proc = row->has_no_proc;
	if (row->is_in_part)
		h->services_file = h->passwd_file = text_of("x");
	return h;
}

static struct snapshot *snapshot_of(const struct row *row)
{
	static const struct hand_socket no_sockets[] = {{0}};
	static const struct hand_process no_processes[] = {{0}};
	static const struct hand_link no_links[] = {{0}};
	struct snapshot *s = hand_snapshot();

	hand_sockets(&s->spaces[0], no_sockets);
	s->spaces[0].tcp->from_text = row->is_tcp_text;
	s->spaces[0].udp->from_text = row->is_udp_text;
	s->host = host_of(row);
	if (!row->has_no_owners) {
		s->owners = hand_owners(no_processes, no_links);
		s->owners->n_unread = row->n_unread;
		s->owners->unread_pid = row->unread_pid;
		s->owners->unread_error = EACCES;
		s->owners->is_whole = !row->is_cut;
	}
	s->notes = arena_alloc(&s->head.arena, sizeof(row->notes));
	memcpy(s->notes, row->notes, sizeof(row->notes));
	while (s->n_notes < N_OF(row->notes) && row->notes[s->n_notes].source)
		s->n_notes++;
	return s;
}

static void print_missing(struct str *out, const struct snapshot *s)
{
	for (size_t i = 0; i < s->n_missing; i++) {
		const struct missing *m = &s->missing[i];

		str_printf(out, "%s: %s", m->source, m->reason);
		if (m->grant)
			str_printf(out, " [%s]", m->grant);
		str_putc(out, '\n');
	}
}

static void what_is_missing_is_said_with_its_grant(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct snapshot *s = snapshot_of(&rows[i]);
		struct str out = {0};

		assert_int_equal(snapshot_link(s, NULL), 0);
		print_missing(&out, s);
		if (strcmp(str_text(&out), rows[i].missing) != 0)
			fail_msg("%s:\n%snot\n%s", rows[i].name, str_text(&out),
				 rows[i].missing);
		assert_string_equal(snapshot_view_word(s),
				    s->n_missing ? "partial" : "full");
		str_release(&out);
		table_unref(s);
	}
}

static void without_any_listeners_source_the_view_is_none(void **state)
{
	struct snapshot *s = hand_snapshot();

	(void)state;
	assert_int_equal(snapshot_link(s, NULL), 0);
	assert_string_equal(snapshot_view_word(s), "none");
	table_unref(s);
}

static void one_of_two_listeners_sources_is_a_partial_view(void **state)
{
	static const struct row row = {
		.notes = {{.source = "tcp", .status = SOURCE_TIMED_OUT}}};
	struct snapshot *s = snapshot_of(&row);

	(void)state;
	table_unref(s->spaces[0].tcp);
	s->spaces[0].tcp = NULL;
	assert_int_equal(snapshot_link(s, NULL), 0);
	assert_string_equal(snapshot_view_word(s), "partial");
	table_unref(s);
}

static void every_scope_has_the_word_of_the_contract(void **state)
{
	static const char *const words[] = {"any",      "any-v4",  "any-v6",
					    "loopback", "address", "absent"};

	(void)state;
	assert_int_equal(N_OF(words), N_SCOPES);
	for (int i = 0; i < N_SCOPES; i++)
		assert_string_equal(scope_word((enum scope)i), words[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_missing_is_said_with_its_grant),
		cmocka_unit_test(without_any_listeners_source_the_view_is_none),
		cmocka_unit_test(one_of_two_listeners_sources_is_a_partial_view),
		cmocka_unit_test(every_scope_has_the_word_of_the_contract),
	};

	return cmocka_run_group_tests_name("missing", tests, NULL, NULL);
}
