/*
 * Rule text against nft's own: each file of tests/net/rules is loaded, dumped, decoded and
 * printed, and compared with `nft -s -a list ruleset` by handle. What iptables-nft made is
 * only counted: nft's text of it is a translation. With an argument: records the ruleset of
 * this namespace into that file and compares nothing.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "core/firewall/text/rule_text.h"
#include "tests/net/rules_reader.h"

static struct ruleset *read_ruleset(void)
{
	int error;
	struct ruleset *r = rules_read(NULL, &error);

	assert_int_equal(error, 0);
	return r;
}

/* The words "counter" are not told; "counter name" is another thing. */
static void drop_counters(char *line)
{
	char *at = line;

	while ((at = strstr(at, "counter"))) {
		size_t len = strlen("counter");

		if ((at > line && at[-1] != ' ') || !strncmp(at + len, " name", 5)) {
			at += len;
			continue;
		}
		if (at[len] == ' ')
			memmove(at, at + len + 1, strlen(at + len + 1) + 1);
		else if (!at[len])
			at[at > line ? -1 : 0] = '\0';
		else
			at += len;
	}
}

/* The text of a rule by the name of its table and its handle; empty: it is not there. */
static void text_of_handle(struct str *out, const struct ruleset *r, const char *table,
			   unsigned long long handle)
{
	for (size_t i = 0; i < r->n_rules; i++) {
		const struct fw_chain *chain = ruleset_chain(r, &r->rules[i]);
		const struct fw_table *t = ruleset_table_of(r, chain);
		char name[256];

		snprintf(name, sizeof(name), "%s %.*s", fw_family_word(t->family),
			 (int)t->name.len, t->name.bytes);
		if (strcmp(name, table) == 0 && r->rules[i].handle == handle)
			assert_int_equal(rule_text(out, r, &r->rules[i]), 0);
	}
}

/* One line of nft: a rule stands two tabs in and ends with its handle. True: compared. */
static bool compare_line(const struct ruleset *r, char *line, char *table, size_t size)
{
	struct str got = {0};
	char *handle = strstr(line, " # handle ");
	unsigned long long number;

	line[strcspn(line, "\n")] = '\0';
	if (!strncmp(line, "table ", 6)) {
		snprintf(table, size, "%.255s", line + 6);
		table[strcspn(table, "{#") - 1] = '\0';
	}
	if (strncmp(line, "\t\t", 2) != 0 || !handle)
		return false;
	number = strtoull(handle + strlen(" # handle "), NULL, 10);
	*handle = '\0';
	drop_counters(line + 2);
	text_of_handle(&got, r, table, number);
	assert_string_equal(str_text(&got), line + 2);
	str_release(&got);
	return true;
}

/* Starts argv; its output can be read from *output, if that is wanted. */
static pid_t start(const char *const argv[], FILE **output)
{
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (output)
			dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(ends[1]);
	if (output)
		*output = fdopen(ends[0], "r");
	else
		close(ends[0]);
	return pid;
}

static void finish(pid_t pid, const char *what)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fail_msg("failed: %s", what);
}

/* The rules of this file and no others, by nft or, for a script, by sh. */
static void load(const char *path)
{
	const char *flush[] = {"nft", "flush", "ruleset", NULL};
	const char *rules[] = {"nft", "-f", path, NULL};
	const char *script[] = {"sh", path, NULL};

	finish(start(flush, NULL), "nft flush ruleset");
	finish(start(strstr(path, ".sh") ? script : rules, NULL), path);
}

static void compare_file(const char *path, size_t least)
{
	const char *list[] = {"nft", "-s", "-a", "list", "ruleset", NULL};
	char line[16384], table[256] = "";
	struct ruleset *r;
	size_t n = 0;
	FILE *nft;
	pid_t pid;

	load(path);
	r = read_ruleset();
	pid = start(list, &nft);
	assert_non_null(nft);
	while (fgets(line, sizeof(line), nft))
		n += compare_line(r, line, table, sizeof(table));
	fclose(nft);
	finish(pid, "nft list ruleset");
	assert_in_range(n, least, r->n_rules);
	table_unref(r);
}

static void a_web_servers_rules_read_as_nft_lists_them(void **state)
{
	(void)state;
	compare_file("tests/net/rules/web.nft", 17);
}

static void firewalld_like_rules_read_as_nft_lists_them(void **state)
{
	(void)state;
	compare_file("tests/net/rules/firewalld-like.nft", 17);
}

static void every_family_and_field_reads_as_nft_lists_it(void **state)
{
	(void)state;
	compare_file("tests/net/rules/fields.nft", 170);
}

static void the_rarer_words_read_as_nft_lists_them(void **state)
{
	(void)state;
	compare_file("tests/net/rules/odd.nft", 220);
}

/* Every rule has a text, and none of it is a riddle. */
static void check_texts(const struct ruleset *r, const char *manager, size_t least)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_rules; i++) {
		struct str out = {0};
		const char *found = rule_manager(r, &r->rules[i]);

		assert_int_equal(rule_text(&out, r, &r->rules[i]), 0);
		assert_true(out.len > 0);
		assert_null(strstr(str_text(&out), "(unknown)"));
		assert_null(strstr(str_text(&out), "(expression"));
		n += found && !strcmp(found, manager);
		str_release(&out);
	}
	assert_in_range(n, least, r->n_rules);
}

static void what_ufw_makes_with_iptables_nft_is_told_and_known_as_ufws(void **state)
{
	struct ruleset *r;

	(void)state;
	load("tests/net/rules/ufw.sh");
	r = read_ruleset();
	check_texts(r, "ufw", 30);
	table_unref(r);
}

static void what_docker_makes_with_iptables_nft_is_told_and_known_as_dockers(void **state)
{
	struct ruleset *r;

	(void)state;
	load("tests/net/rules/docker.sh");
	r = read_ruleset();
	check_texts(r, "docker", 10);
	table_unref(r);
}

static int record(const char *path)
{
	struct str bytes = {0};
	FILE *f = fopen(path, "wb");
	int error;
	struct ruleset *r = rules_read(&bytes, &error);

	if (!f || !r || fwrite(bytes.data, 1, bytes.len, f) != bytes.len)
		return 1;
	table_unref(r);
	str_release(&bytes);
	return fclose(f) != 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_web_servers_rules_read_as_nft_lists_them),
		cmocka_unit_test(firewalld_like_rules_read_as_nft_lists_them),
		cmocka_unit_test(every_family_and_field_reads_as_nft_lists_it),
		cmocka_unit_test(the_rarer_words_read_as_nft_lists_them),
		cmocka_unit_test(
			what_ufw_makes_with_iptables_nft_is_told_and_known_as_ufws),
		cmocka_unit_test(
			what_docker_makes_with_iptables_nft_is_told_and_known_as_dockers),
	};

	setlocale(LC_ALL, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	if (argc == 2)
		return record(argv[1]);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
