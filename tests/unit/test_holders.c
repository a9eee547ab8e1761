/* Who holds an endpoint, whether they are all, and which unit they make it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "core/base/time.h"
#include "tests/unit/by_hand.h"

#define TCP PROTO_TCP

/* How much the owner table knows, and what is claimed of an endpoint with and without a
 * holder. */
static const struct {
	const char *name;
	bool has_table, is_partial, is_cut, is_unasked, is_hidden, is_inner;
	size_t n_unread;
	enum owners_state held, unheld;
} state_rows[] = {
	{.name = "no table", .held = OWNERS_PENDING, .unheld = OWNERS_PENDING},
	{.name = "all read",
	 .has_table = true,
	 .held = OWNERS_COMPLETE,
	 .unheld = OWNERS_NONE_FOUND},
	{.name = "some unread",
	 .has_table = true,
	 .n_unread = 3,
	 .held = OWNERS_AT_LEAST,
	 .unheld = OWNERS_UNKNOWN},
	{.name = "not looked for everywhere",
	 .has_table = true,
	 .is_partial = true,
	 .held = OWNERS_AT_LEAST,
	 .unheld = OWNERS_PENDING},
	{.name = "the scan was cut",
	 .has_table = true,
	 .is_cut = true,
	 .held = OWNERS_AT_LEAST,
	 .unheld = OWNERS_UNKNOWN},
	{.name = "newer than the scan",
	 .has_table = true,
	 .is_unasked = true,
	 .held = OWNERS_AT_LEAST,
	 .unheld = OWNERS_PENDING},
	{.name = "hidden processes",
	 .has_table = true,
	 .is_hidden = true,
	 .held = OWNERS_AT_LEAST,
	 .unheld = OWNERS_UNKNOWN},
	{.name = "the processes of a container",
	 .has_table = true,
	 .is_inner = true,
	 .held = OWNERS_COMPLETE,
	 .unheld = OWNERS_UNKNOWN},
	{.name = "a container, and not looked for yet",
	 .has_table = true,
	 .is_inner = true,
	 .is_unasked = true,
	 .held = OWNERS_AT_LEAST,
	 .unheld = OWNERS_PENDING},
};

static struct owner_table *owners_of_row(size_t row, uint32_t *both)
{
	static const struct hand_process processes[] = {PROC(10, 1, "a"), {0}};
	static const struct hand_link links[] = {{1, 10, 3}, {0, 0, 0}};
	struct owner_table *t = hand_owners(processes, links);

	t->n_unread = state_rows[row].n_unread;
	t->unread_error = EACCES;
	t->is_whole = !state_rows[row].is_cut;
	if (state_rows[row].is_partial) {
		t->partial = both;
		t->n_partial = 2;
	}
	return t;
}

static void check_state(size_t row, const struct endpoint *e, enum owners_state expected)
{
	bool explains = expected == OWNERS_AT_LEAST || expected == OWNERS_UNKNOWN;

	if (e->owners_state != expected)
		fail_msg("%s: state %d, not %d", state_rows[row].name, e->owners_state,
			 expected);
	if (explains != (e->owners_missing != NULL))
		fail_msg("%s: state %d without its reason", state_rows[row].name, expected);
}

static void owners_are_complete_only_if_all_was_read(void **state)
{
	static const struct hand_socket sockets[] = {
		SOCK(TCP, "10.0.0.1", 80, 1), SOCK(TCP, "10.0.0.2", 80, 2), {0}};
	uint32_t both[] = {1, 2}, other[] = {7};

	(void)state;
	for (size_t i = 0; i < N_OF(state_rows); i++) {
		struct snapshot *s = hand_snapshot();

		hand_sockets(&s->spaces[0], sockets);
		s->host = hand_host();
		if (state_rows[i].is_hidden) {
			s->host->hides_pids = TRI_YES;
			s->host->caps = 0;
		}
		if (state_rows[i].is_inner)
			s->host->is_inner_proc = TRI_YES;
		if (state_rows[i].has_table)
			s->owners = owners_of_row(i, both);
		s->owners_asked = state_rows[i].is_unasked ? other : both;
		s->n_owners_asked = state_rows[i].is_unasked ? 1 : 2;
		assert_int_equal(snapshot_link(s, NULL), 0);
		check_state(i, &s->endpoints[0], state_rows[i].held);
		check_state(i, &s->endpoints[1], state_rows[i].unheld);
		table_unref(s);
	}
}

/* It is missing where an endpoint points to it, and only there. */
static void what_a_container_hides_is_missing_where_somebody_is(void **state)
{
	static const struct hand_socket held[] = {SOCK(TCP, "10.0.0.1", 80, 1), {0}};
	static const struct hand_socket unheld[] = {SOCK(TCP, "10.0.0.2", 80, 2), {0}};
	uint32_t both[] = {1, 2};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct snapshot *s = hand_snapshot();

		hand_sockets(&s->spaces[0], i ? unheld : held);
		s->host = hand_host();
		s->host->is_inner_proc = TRI_YES;
		s->host->services_error = ENOENT;
		s->owners = owners_of_row(1, both);
		assert_int_equal(snapshot_link(s, NULL), 0);
		assert_int_equal(s->n_missing, 1 + i);
		assert_string_equal(s->missing[i].source, "services");
		if (i)
			assert_string_equal(
				s->missing[0].reason,
				"processes outside this PID namespace cannot be seen");
		table_unref(s);
	}
}

static void a_socket_without_an_inode_has_no_owner(void **state)
{
	static const struct hand_socket sockets[] = {SOCK(TCP, "::", 2049, 0, .cookie = 3),
						     {0}};
	struct snapshot *s = hand_snapshot();

	(void)state;
	hand_sockets(&s->spaces[0], sockets);
	assert_int_equal(snapshot_link(s, NULL), 0);
	assert_int_equal(s->endpoints[0].owners_state, OWNERS_NONE_FOUND);
	table_unref(s);
}

static void owners_that_could_not_be_read_at_all_are_unknown(void **state)
{
	static const struct hand_socket sockets[] = {SOCK(TCP, "::", 22, 1), {0}};
	struct source_note note = {.source = "owners", .status = SOURCE_TIMED_OUT};
	struct snapshot *s = hand_snapshot();

	(void)state;
	hand_sockets(&s->spaces[0], sockets);
	s->notes = &note;
	s->n_notes = 1;
	assert_int_equal(snapshot_link(s, NULL), 0);
	assert_int_equal(s->endpoints[0].owners_state, OWNERS_UNKNOWN);
	assert_string_equal(s->endpoints[0].owners_missing->reason,
			    "the owners timed out: some may lack");
	table_unref(s);
}

static void owners_that_will_never_be_asked_for_are_unknown(void **state)
{
	static const struct hand_socket sockets[] = {SOCK(TCP, "::", 22, 1), {0}};
	static const struct hand_process processes[] = {{0}};
	static const struct hand_link links[] = {{0}};
	struct source_note note = {.source = "owners", .status = SOURCE_TRUNCATED};
	struct snapshot *s = hand_snapshot();
	uint32_t other = 7;

	(void)state;
	hand_sockets(&s->spaces[0], sockets);
	s->owners = hand_owners(processes, links);
	s->owners_asked = &other;
	s->n_owners_asked = 1;
	s->notes = &note;
	s->n_notes = 1;
	assert_int_equal(snapshot_link(s, NULL), 0);
	assert_int_equal(s->endpoints[0].owners_state, OWNERS_UNKNOWN);
	table_unref(s);
}

static struct socket_unit_table *ssh_unit(const char *service)
{
	struct socket_unit_table *t = table_new(sizeof(*t), NULL);

	t->rows = arena_alloc(&t->head.arena, sizeof(*t->rows));
	t->rows[0] = (struct socket_unit_row){
		text_of("ssh.socket"), text_of(service), TCP, {0}, 22};
	t->n = 1;
	return t;
}

static struct cgroup_table *cgroups(void)
{
	static const char *const paths[] = {
		"/system.slice/ssh.service",
		"/init.scope",
		"/system.slice/ssh.socket",
		"/system.slice/"
		"docker-0123456789abcdef0123456789abcdef0123456789abcdef01234567"
		"89abcdef.scope",
	};
	struct cgroup_table *t = table_new(sizeof(*t), NULL);

	t->rows = arena_alloc(&t->head.arena, 8 * sizeof(*t->rows));
	for (size_t i = 0; i < N_OF(paths); i++)
		t->rows[t->n++] = (struct cgroup_row){100 + i, text_of(paths[i])};
	return t;
}

enum { IN_SERVICE = 100, IN_INIT, IN_SOCKET, IN_DOCKER };

#define SYSTEMD \
	PROC(1, 1, "systemd", .exe = "/usr/lib/systemd/systemd", .unit = "init.scope")
#define SSHD PROC(812, 500, "sshd", .exe = "/usr/sbin/sshd", .unit = "ssh.service")

/* A listener on 22/tcp, who holds it, and what is said of units: "OWNERS | UNIT | SOCKET
 * UNIT". */
static const struct {
	const char *name;
	struct hand_process processes[5];
	struct hand_link links[5];
	uint64_t cgroup;
	size_t n_unread;
	int32_t unread_pid;
	const char *said;
} holder_rows[] = {
	{.name = "a plain service",
	 .processes = {SSHD},
	 .links = {{7, 812, 3}},
	 .said = "812 | ssh.service | -"},
	{.name = "the manager alone",
	 .processes = {SYSTEMD},
	 .links = {{7, 1, 50}},
	 .said = "1 | - | ssh.socket"},
	{.name = "the manager behind the service",
	 .processes = {SYSTEMD, SSHD},
	 .links = {{7, 1, 50}, {7, 812, 3}},
	 .said = "812 1 | ssh.service | ssh.socket"},
	{.name = "a user's manager",
	 .processes = {PROC(900, 1, "systemd", .exe = "/lib/systemd/systemd")},
	 .links = {{7, 900, 50}},
	 .said = "900 | - | ssh.socket"},
	{.name = "another program that calls itself systemd",
	 .processes = {PROC(900, 1, "systemd", .exe = "/tmp/systemd-x",
			    .unit = "x.service")},
	 .links = {{7, 900, 50}},
	 .said = "900 | x.service | -"},
	{.name = "a program that is pid 1 of a container",
	 .processes = {PROC(1, 5, "nginx", .unit = "web.service"), PROC(7, 9, "nginx")},
	 .links = {{7, 7, 3}, {7, 1, 3}},
	 .said = "1 7 | web.service | -"},
	{.name = "a prefork in order of birth, each once",
	 .processes = {PROC(30, 90, "w"), PROC(40, 10, "m", .unit = "m.service"),
		       PROC(50, 90, "w")},
	 .links = {{7, 50, 3}, {7, 30, 3}, {7, 40, 3}, {7, 40, 9}},
	 .said = "40 30 50 | m.service | -"},
	{.name = "unread: the socket's control group names the service",
	 .cgroup = IN_SERVICE,
	 .n_unread = 9,
	 .unread_pid = 1,
	 .said = "| ssh.service (inferred) | -"},
	{.name = "unread: made by pid 1",
	 .cgroup = IN_INIT,
	 .n_unread = 9,
	 .unread_pid = 1,
	 .said = "| init.scope (inferred) | ssh.socket"},
	{.name = "unread: made in the socket unit",
	 .cgroup = IN_SOCKET,
	 .n_unread = 9,
	 .unread_pid = 1,
	 .said = "| ssh.socket (inferred) | ssh.socket"},
	{.name = "unread: a unit file alone proves nothing",
	 .n_unread = 9,
	 .unread_pid = 1,
	 .said = "| - | -"},
	{.name = "only pid 1 unread: nobody else can hold it",
	 .n_unread = 1,
	 .unread_pid = 1,
	 .said = "| - | ssh.socket"},
	{.name = "only another process unread",
	 .n_unread = 1,
	 .unread_pid = 5,
	 .said = "| - | -"},
	{.name = "all read and nobody holds it", .said = "| - | -"},
	{.name = "unread: in a container",
	 .cgroup = IN_DOCKER,
	 .n_unread = 9,
	 .unread_pid = 1,
	 .said = "| - (inferred) docker:0123456789ab | -"},
};

static void put_text(struct str *out, struct text t)
{
	if (text_is_empty(t))
		str_putc(out, '-');
	str_append(out, t.bytes, t.len);
}

static void print_holders(struct str *out, const struct endpoint *e)
{
	for (size_t i = 0; i < e->n_owners; i++)
		str_printf(out, "%d ", e->owners[i]->pid);
	str_puts(out, "| ");
	put_text(out, e->unit);
	if (e->unit_is_inferred)
		str_puts(out, " (inferred)");
	if (!text_is_empty(e->container))
		str_putc(out, ' ');
	str_append(out, e->container.bytes, e->container.len);
	str_puts(out, " | ");
	put_text(out, e->socket_unit);
}

static void holders_name_units_and_socket_activation(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(holder_rows); i++) {
		struct hand_socket sockets[] = {SOCK(TCP, "::", 22, 7), {0}};
		struct snapshot *s = hand_snapshot();
		struct str out = {0};

		sockets[0].cgroup = holder_rows[i].cgroup;
		hand_sockets(&s->spaces[0], sockets);
		s->host = hand_host();
		s->cgroups = cgroups();
		s->units = ssh_unit("ssh.service");
		s->owners = hand_owners(holder_rows[i].processes, holder_rows[i].links);
		s->owners->n_unread = holder_rows[i].n_unread;
		s->owners->unread_pid = holder_rows[i].unread_pid;
		assert_int_equal(snapshot_link(s, NULL), 0);
		print_holders(&out, &s->endpoints[0]);
		if (strcmp(str_text(&out), holder_rows[i].said) != 0)
			fail_msg("%s: %s, not %s", holder_rows[i].name, str_text(&out),
				 holder_rows[i].said);
		if (!text_is_empty(s->endpoints[0].socket_unit))
			assert_true(
				text_equals_str(s->endpoints[0].activates, "ssh.service"));
		str_release(&out);
		table_unref(s);
	}
}

/* Real bytes through the real decoders: a forked service, one process that refuses. */
static struct owner_table *decoded_owners(void)
{
	static const struct {
		const char *name, *data;
		int error;
	} items[] = {
		{"812/stat",
		 "812 (a) R 1 (b\x1b) S 1 812 812 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 "
		 "1 0 700 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n",
		 0},
		{"812/cgroup", "0::/system.slice/web.service\n", 0},
		{"812/euid", "33", 0},
		{"812/exe", "/usr/bin/web (deleted)", 0},
		{"812/fd/3", "socket:[7]", 0},
		{"1/fd", "", EACCES},
		{"scan", "full=1 pids=40 unread=1", 0},
	};
	struct owner_decoder *d = owners_new();
	struct owner_table *t;
	uint8_t bytes[4096];

	for (size_t i = 0; i < N_OF(items); i++) {
		const struct bundle_item item = {text_of(items[i].name),
						 text_of(items[i].data), items[i].error};
		long n = bundle_put(bytes, sizeof(bytes), &item);

		assert_true(n > 0);
		assert_int_equal(owners_decode(d, bytes, (size_t)n), 0);
	}
	t = owners_finish(d);
	owners_free(d);
	return t;
}

static void decoded_tables_link_too(void **state)
{
	static const struct hand_socket sockets[] = {SOCK(TCP, "::", 80, 7), {0}};
	struct snapshot *s = hand_snapshot();
	const struct endpoint *e;

	(void)state;
	hand_sockets(&s->spaces[0], sockets);
	s->host = hand_host();
	s->owners = decoded_owners();
	assert_int_equal(snapshot_link(s, NULL), 0);
	e = s->endpoints;
	assert_int_equal(e->n_owners, 1);
	assert_true(text_equals_str(e->owners[0]->comm, "a) R 1 (b\x1b"));
	assert_true(text_equals_str(e->unit, "web.service"));
	assert_true(e->is_exe_deleted);
	assert_true(e->started_boot_ns == 7 * NS_PER_S);
	assert_int_equal(e->owners_state, OWNERS_AT_LEAST);
	assert_string_equal(e->owners_missing->reason,
			    "1 process (pid 1) could not be read: Permission denied");
	assert_null(e->owners_missing->grant);
	table_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owners_are_complete_only_if_all_was_read),
		cmocka_unit_test(what_a_container_hides_is_missing_where_somebody_is),
		cmocka_unit_test(a_socket_without_an_inode_has_no_owner),
		cmocka_unit_test(owners_that_could_not_be_read_at_all_are_unknown),
		cmocka_unit_test(owners_that_will_never_be_asked_for_are_unknown),
		cmocka_unit_test(holders_name_units_and_socket_activation),
		cmocka_unit_test(decoded_tables_link_too),
	};

	return cmocka_run_group_tests_name("holders", tests, NULL, NULL);
}
