/*
 * Tables of iptables-legacy as a worker reads them: only those that exist, as they are, and
 * none is made by it. What rules mean is test_legacy.py's. Runs inside tests/net/alone, as
 * root; a table that was made stays until the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>

#include "core/firewall/ruleset.h"
#include "tests/net/evidence.h"

enum { MANY_RULES = 3000, READINGS = 40 };

static int read_ruleset(const void *ask, struct bundle_out *out, enum blob_status *status)
{
	(void)ask;
	return ruleset_read(out, status);
}

static int forget(void **state)
{
	(void)state;
	free(heard.bytes);
	heard.bytes = NULL;
	return 0;
}

static struct ruleset *rules_heard(void)
{
	struct ruleset_decoder *d = ruleset_new();
	struct ruleset *r;

	hear(read_ruleset, NULL);
	assert_non_null(d);
	assert_int_equal(heard.end.error, 0);
	assert_int_equal(ruleset_decode(d, heard.bytes, heard.len), 0);
	r = ruleset_finish(d);
	assert_non_null(r);
	ruleset_free(d);
	return r;
}

/* What the kernel names, and the modules that it has loaded. */
static void read_names(char *out, size_t room)
{
	static const char *const files[] = {"/proc/net/ip_tables_names",
					    "/proc/net/ip6_tables_names", "/proc/modules"};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		FILE *f = fopen(files[i], "re");

		n += (size_t)snprintf(out + n, room - n, "%s:\n", files[i]);
		if (!f)
			continue;
		n += fread(out + n, 1, room - n - 1, f);
		out[n] = '\0';
		fclose(f);
	}
}

static char before[1 << 17], after[1 << 17];

static void without_a_table_none_is_made_and_all_is_known(void **state)
{
	struct ruleset *r;

	(void)state;
	read_names(before, sizeof(before));
	r = rules_heard();
	read_names(after, sizeof(after));
	assert_string_equal(before, after);
	assert_int_equal(r->n_tables, 0);
	assert_true(r->is_legacy_read_v4 && r->is_legacy_read_v6);
	assert_int_equal(count(XTABLES_PIECE, false, NULL), 0);
	assert_int_equal(count(XTABLES_END, false, NULL), 2);
	table_unref(r);
}

static void the_one_table_that_is_there_is_read_and_no_other_is_made(void **state)
{
	struct ruleset *r;

	(void)state;
	if (!try_to_run("iptables-legacy -t mangle -A FORWARD -p tcp --dport 80 -j DROP",
			"", -1))
		skip(); /* this kernel or this system has no legacy tables */
	read_names(before, sizeof(before));
	assert_non_null(strstr(before, "mangle"));
	r = rules_heard();
	read_names(after, sizeof(after));
	assert_string_equal(before, after);
	assert_int_equal(r->n_tables, 1);
	assert_true(text_equals_str(r->tables[0].name, "mangle"));
	assert_int_equal(r->tables[0].backend, FW_LEGACY);
	assert_int_equal(r->n_chains, 5);
	assert_int_equal(r->n_rules, 1);
	assert_true(r->is_legacy_read_v4 && r->is_legacy_read_v6);
	table_unref(r);
}

static void a_table_stands_beside_one_of_nft_with_its_name(void **state)
{
	struct ruleset *r;
	size_t n_legacy = 0;

	(void)state;
	if (!try_to_run("ip6tables-legacy -A INPUT -p udp -j DROP", "", -1))
		skip();
	load_rules("table ip6 filter { chain INPUT { type filter hook input priority 0; "
		   "tcp dport 1 drop; tcp dport 2 drop; }; }");
	r = rules_heard();
	run("nft flush ruleset");
	for (size_t i = 0; i < r->n_rules; i++) {
		const struct fw_chain *c = ruleset_chain(r, &r->rules[i]);
		const struct fw_table *t = ruleset_table_of(r, c);

		if (!text_equals_str(t->name, "filter"))
			continue;
		n_legacy += t->backend == FW_LEGACY;
		assert_int_equal(c->n_rules, t->backend == FW_LEGACY ? 1 : 2);
	}
	assert_int_equal(n_legacy, 1);
	table_unref(r);
}

static char *many_rules(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	fputs("*filter\n:INPUT DROP [7:70]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n",
	      f);
	for (unsigned i = 1; i <= MANY_RULES; i++)
		fprintf(f, "[%u:%u] -A INPUT -p tcp -m tcp --dport %u -j ACCEPT\n", i,
			i * 60, i);
	fputs("COMMIT\n", f);
	fclose(f);
	return text;
}

static void a_large_table_comes_in_pieces_with_its_counters(void **state)
{
	char *text = many_rules();
	const struct fw_chain *input = NULL;
	struct ruleset *r;

	(void)state;
	if (!try_to_run("iptables-legacy-restore -c", text, -1))
		skip();
	free(text);
	r = rules_heard();
	assert_true(count(XTABLES_PIECE, false, NULL) > 10);
	for (size_t i = 0; i < r->n_chains; i++)
		if (r->chains[i].n_rules == MANY_RULES)
			input = &r->chains[i];
	assert_non_null(input);
	assert_true(input->is_base && input->policy_drops);
	assert_int_equal(input->packets, 7);
	assert_int_equal(input->bytes, 70);
	for (uint32_t i = 0; i < MANY_RULES; i++) {
		assert_int_equal(r->rules[input->first_rule + i].packets, i + 1);
		assert_int_equal(r->rules[input->first_rule + i].bytes, (i + 1) * 60);
	}
	table_unref(r);
}

/* Rules come and go, so that the table's size changes. */
static pid_t start_changing(void)
{
	pid_t pid = fork();

	while (pid == 0) {
		try_to_run("iptables-legacy -I INPUT -s 10.0.0.1 -j DROP", "", -1);
		if (!try_to_run("iptables-legacy -D INPUT 1", "", -1))
			_exit(1);
	}
	assert_true(pid > 0);
	return pid;
}

static void a_table_that_changes_is_told_as_a_whole_or_as_changing(void **state)
{
	pid_t pid;

	(void)state;
	if (!try_to_run("iptables-legacy -S", "", -1))
		skip();
	pid = start_changing();
	for (int i = 0; i < READINGS; i++) {
		struct ruleset *r = rules_heard();

		if (r->is_changing) {
			assert_int_equal(heard.end.status, BLOB_INTERRUPTED);
			assert_false(r->is_legacy_read_v4);
		} else {
			assert_int_equal(heard.end.status, BLOB_LAST);
			assert_true(r->is_legacy_read_v4);
			assert_in_range(r->n_rules, MANY_RULES, MANY_RULES + 3);
		}
		table_unref(r);
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

#define heard_test(test) cmocka_unit_test_teardown(test, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		heard_test(without_a_table_none_is_made_and_all_is_known),
		heard_test(the_one_table_that_is_there_is_read_and_no_other_is_made),
		heard_test(a_table_stands_beside_one_of_nft_with_its_name),
		heard_test(a_large_table_comes_in_pieces_with_its_counters),
		heard_test(a_table_that_changes_is_told_as_a_whole_or_as_changing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
