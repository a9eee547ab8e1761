/* Whether asking for sockets would make the kernel load a module. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/kernel/diag_modules.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Two lists of this test's own. */
static struct {
	char dir[256], loaded[300];
	struct diag_modules modules;
} here;

static int make_place(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(here.dir, sizeof(here.dir), "%s/diag-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(here.dir))
		return -1;
	snprintf(here.loaded, sizeof(here.loaded), "%s/modules", here.dir);
	diag_modules_init(&here.modules);
	here.modules.loaded = here.loaded;
	here.modules.tells_mptcp = true;
	assert_true(snprintf(here.modules.builtin, sizeof(here.modules.builtin),
			     "%s/builtin", here.dir) < (int)sizeof(here.modules.builtin));
	return 0;
}

static int remove_place(void **state)
{
	(void)state;
	unlink(here.loaded);
	unlink(here.modules.builtin);
	return rmdir(here.dir);
}

/* NULL: there is no such file. */
static void put(const char *path, const char *text)
{
	FILE *f;

	unlink(path);
	if (!text)
		return;
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static const struct {
	const char *loaded, *builtin;
	bool is_old; /* before Linux 5.9 */
	bool tcp, udp, mptcp;
} rows[] = {
	{NULL, NULL, false, true, true, true},
	{NULL, NULL, true, true, true, false},
	{"", NULL, false, false, false, false},
	{"", "", false, false, false, false},
	{"nf_tables 311296 1 - Live 0x0\n", NULL, false, false, false, false},
	{"tcp_diag 16384 0 - Live 0x0\ninet_diag 24576 1 tcp_diag, Live 0x0\n", NULL, false,
	 true, false, false},
	{"udp_diag 1 0\nmptcp_diag 1 0\ntcp_diag 1 0\n", NULL, false, true, true, true},
	{"udp_diag 1 0\nmptcp_diag 1 0\ntcp_diag 1 0\n", NULL, true, true, true, false},
	{"xtcp_diag 1 0\ntcp_diagx 1 0\ninet_diag 1 1 tcp_diag,\n",
	 "kernel/net/xtcp_diag.ko\nkernel/tcp_diag.ko/x\nkernel/tcp_diag.kox\n", false,
	 false, false, false},
	{"", "kernel/net/ipv4/tcp_diag.ko\nkernel/net/mptcp/mptcp_diag.ko", false, true,
	 false, true},
	{"tcp_diag 1 0\n", "kernel/net/ipv4/udp_diag.ko\n", false, true, true, false},
};

static void what_is_loaded_or_built_in_may_be_asked(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct diag_modules m = here.modules;

		put(m.loaded, rows[i].loaded);
		put(m.builtin, rows[i].builtin);
		m.tells_mptcp = !rows[i].is_old;
		if (diag_modules_allow(&m, IPPROTO_TCP, 0) != rows[i].tcp ||
		    diag_modules_allow(&m, IPPROTO_UDP, 0) != rows[i].udp ||
		    diag_modules_allow(&m, IPPROTO_UDPLITE, 0) != rows[i].udp ||
		    diag_modules_allow(&m, IPPROTO_MPTCP, 0) != rows[i].mptcp)
			fail_msg("row %zu", i);
		assert_false(diag_modules_allow(&m, IPPROTO_RAW, 0));
	}
}

/* A list that cannot be read says nothing: then nothing is asked. */
static void an_unreadable_list_allows_nothing(void **state)
{
	struct diag_modules m = here.modules;

	(void)state;
	m.loaded = "/dev/null/modules"; /* ENOTDIR */
	put(m.builtin, NULL);
	assert_false(diag_modules_allow(&m, IPPROTO_TCP, 0));
}

static void an_answer_is_remembered_for_half_a_second(void **state)
{
	struct diag_modules m = here.modules;

	(void)state;
	put(m.loaded, "");
	put(m.builtin, NULL);
	assert_false(diag_modules_allow(&m, IPPROTO_TCP, NS_PER_S));
	put(m.loaded, "tcp_diag 1 0\n");
	assert_false(diag_modules_allow(&m, IPPROTO_TCP, NS_PER_S + 499 * NS_PER_MS));
	assert_true(diag_modules_allow(&m, IPPROTO_TCP, NS_PER_S + 500 * NS_PER_MS));
	put(m.loaded, "");
	assert_true(diag_modules_allow(&m, IPPROTO_TCP, NS_PER_S + 999 * NS_PER_MS));
	assert_false(diag_modules_allow(&m, IPPROTO_TCP, 2 * NS_PER_S));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_loaded_or_built_in_may_be_asked),
		cmocka_unit_test(an_unreadable_list_allows_nothing),
		cmocka_unit_test(an_answer_is_remembered_for_half_a_second),
	};

	return cmocka_run_group_tests(tests, make_place, remove_place);
}
