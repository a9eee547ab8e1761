/* Lines of the kernel log, the journal and files, and their times. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "core/logs/lines.h"
#include "tests/unit/items.h"

#define NOW  (INT64_C(1795341600) * NS_PER_S) /* 2026-11-22T10:00:00Z */
#define S(n) (NOW + (n)*NS_PER_S)
#define ROOM (8u << 20)

static struct log_table *table_of_offset(const struct bundle_item *items, size_t n,
					 int result, int32_t utc_offset_s)
{
	uint8_t *bytes = malloc(ROOM);
	size_t len = items_put(bytes, ROOM, items, n);
	struct log_decoder *d = logs_new(utc_offset_s, NOW);
	struct log_table *t;

	assert_int_equal(logs_decode(d, bytes, len), result);
	free(bytes);
	t = logs_finish(d);
	assert_non_null(t);
	logs_free(d);
	return t;
}

static struct log_table *table_of(const struct bundle_item *items, size_t n, int result)
{
	return table_of_offset(items, n, result, 0);
}

/* Stamps of one zone an hour east of Greenwich. */
static const struct {
	const char *name, *line;
	int64_t wall_ns;
	const char *text, *tag;
	int32_t pid;
	uint8_t priority;
} file_rows[] = {
	{"file:/var/log/app", "2026-11-22T10:00:01.5Z INFO up", S(1) + 500000000, "INFO up",
	 "", 0, 6},
	{"file:/var/log/syslog",
	 "2026-11-22T11:00:01.000001+01:00 host sshd[812]: error: x", S(1) + 1000,
	 "sshd[812]: error: x", "sshd", 812, 3},
	{"file:/var/log/auth.log", "Nov 22 11:00:01 host sshd[812]: hello", S(1),
	 "sshd[812]: hello", "sshd", 812, 255},
	{"file:/var/log/kern.log", "Nov  2 11:00:01 host kernel: [12.345678] IN=eth0",
	 S(1 - 20 * 86400), "kernel: [12.345678] IN=eth0", "kernel", 0, 255},
	{"file:/var/log/old", "Dec 31 11:00:00 host a: b",
	 S(0) - INT64_C(326) * 86400 * NS_PER_S, "a: b", "a", 0, 255},
	{"file:/var/log/soon", "Nov 23 10:30:00 host a: b", S(84600), "a: b", "a", 0, 255},
	{"file:/var/log/e", "2026/11/22 11:00:00 [error] 12#12: *5 connect() failed", S(0),
	 "[error] 12#12: *5 connect() failed", "", 0, 3},
	{"file:/var/log/p", "2026-11-22 10:00:00.123 UTC [12] FATAL:  x", S(0) + 123000000,
	 "[12] FATAL:  x", "", 0, 2},
	{"file:/var/log/p", "2026-11-22 11:00:00.123 NZDT [12] LOG:  x", S(0) + 123000000,
	 "NZDT [12] LOG:  x", "", 0, 6},
	{"file:/var/log/a",
	 "[Sun Nov 22 11:00:00.250000 2026] [core:crit] [pid 12:tid 1] x", S(0) + 250000000,
	 "[core:crit] [pid 12:tid 1] x", "", 0, 2},
	{"file:/var/log/a",
	 "10.0.0.9 - - [22/Nov/2026:05:00:00 -0500] \"GET / HTTP/1.1\" 200", S(0),
	 "10.0.0.9 - - [22/Nov/2026:05:00:00 -0500] \"GET / HTTP/1.1\" 200", "", 0, 255},
	{"file:/var/log/f",
	 "2026-11-22 11:00:00,500 fail2ban.actions        [77]: NOTICE  [sshd] Ban",
	 S(0) + 500000000, "fail2ban.actions        [77]: NOTICE  [sshd] Ban",
	 "fail2ban.actions", 77, 5},
	{"file:/var/log/g", "time=\"2026-11-22T10:00:00Z\" level=error msg=x", S(0),
	 "time=\"2026-11-22T10:00:00Z\" level=error msg=x", "", 0, 3},
	{"pid:812:/srv/x.log", "2026-02-30T25:00:00Z no time", 0,
	 "2026-02-30T25:00:00Z no time", "", 812, 255},
	{"file:/var/log/cut", "6-11-22T10:00:00Z x", 0, "6-11-22T10:00:00Z x", "", 0, 255},
};

static void a_file_s_line_tells_its_time_and_program(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(file_rows); i++) {
		struct bundle_item item = {.name = text_of(file_rows[i].name),
					   .data = text_of(file_rows[i].line)};
		struct log_table *t = table_of_offset(&item, 1, 0, 3600);
		const struct log_line *line = t->rows;

		assert_int_equal(t->n, 1);
		if (line->wall_ns != file_rows[i].wall_ns)
			fail_msg("%s: %lld s", file_rows[i].line,
				 (long long)((line->wall_ns - NOW) / NS_PER_S));
		assert_text(file_rows[i].line, line->text, file_rows[i].text);
		assert_text(file_rows[i].line, line->tag, file_rows[i].tag);
		assert_int_equal(line->pid, file_rows[i].pid);
		assert_int_equal(line->priority, file_rows[i].priority);
		assert_int_equal(line->kind, LOG_FILE);
		table_unref(t);
	}
}

static const struct {
	const char *name, *line;
	bool from_kernel, from_init;
	const char *message;
} origins[] = {
	{"kmsg", "6,1,5,-;IN=eth0 OUT=", true, false, "IN=eth0 OUT="},
	{"kmsg", "14,1,5,-;IN=eth0 OUT=", false, false, "IN=eth0 OUT="},
	{"kmsg", "30,1,5,-;systemd[1]: x.service: Failed", false, true,
	 "x.service: Failed"},
	{"file:/var/log/kern.log", "Nov 22 10:00:00 h kernel: [ 1.5] IN=eth0", false, false,
	 "IN=eth0"},
	{"file:/var/log/kern.log.1", "Nov 22 10:00:00 h kernel: IN=eth0", false, false,
	 "IN=eth0"},
	{"file:/var/log/audit/audit.log",
	 "type=AVC msg=audit(1795341600.250:77): avc:  denied  { name_bind }", true, false,
	 "avc:  denied  { name_bind }"},
	{"pid:812:/var/log/audit/audit.log",
	 "type=AVC msg=audit(1795341600.250:77): avc:  denied  { name_bind }", false, false,
	 "type=AVC msg=audit(1795341600.250:77): avc:  denied  { name_bind }"},
	{"file:/var/log/nginx/access.log", "Nov 22 10:00:00 h kernel: IN=eth0", false,
	 false, "IN=eth0"},
	{"pid:812:/var/log/syslog", "Nov 22 10:00:00 h kernel: IN=eth0", false, false,
	 "IN=eth0"},
	{"file:/var/log/syslog", "Nov 22 10:00:00 h kernel[7]: IN=eth0", false, false,
	 "IN=eth0"},
	{"file:/var/log/syslog", "Nov 22 10:00:00 h sshd[7]: kernel: IN=eth0", false, false,
	 "kernel: IN=eth0"},
	{"file:/var/log/syslog", "kernel: IN=eth0", false, false, "kernel: IN=eth0"},
	{"file:/var/log/syslog", "Nov 22 10:00:00 h systemd[1]: x", false, false, "x"},
	{"journal", "{\"MESSAGE\":\"AVC avc:\",\"_TRANSPORT\":\"audit\"}", true, false,
	 "AVC avc:"},
	{"journal", "{\"MESSAGE\":\"IN=eth0\",\"_TRANSPORT\":\"kernel\"}", true, false,
	 "IN=eth0"},
	{"journal",
	 "{\"MESSAGE\":\"IN=eth0\",\"_TRANSPORT\":\"syslog\",\"SYSLOG_IDENTIFIER\":"
	 "\"kernel\"}",
	 false, false, "IN=eth0"},
	{"journal", "{\"MESSAGE\":\"x\",\"_PID\":\"1\",\"UNIT\":\"a.service\"}", false,
	 true, "x"},
	{"journal", "{\"MESSAGE\":\"nginx: [emerg] x\",\"SYSLOG_IDENTIFIER\":\"nginx\"}",
	 false, false, "[emerg] x"},
};

static void who_speaks_is_not_taken_from_what_a_program_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(origins); i++) {
		struct bundle_item item = {.name = text_of(origins[i].name),
					   .data = text_of(origins[i].line)};
		struct log_table *t = table_of(&item, 1, 0);

		assert_int_equal(t->n, 1);
		if (t->rows[0].from_kernel != origins[i].from_kernel ||
		    t->rows[0].from_init != origins[i].from_init)
			fail_msg("%s", origins[i].line);
		assert_text(origins[i].line, t->rows[0].message, origins[i].message);
		table_unref(t);
	}
}

static const struct {
	const char *name, *line;
	bool is_attested;
} writers[] = {
	{"kmsg", "30,1,5,-;nginx: x", true},
	{"file:/var/log/nginx/error.log", "2026/11/22 10:00:00 [emerg] x", true},
	{"file:/var/log/nginx/error.log", "Nov 22 10:00:00 h nginx: x", false},
	{"file:/var/log/syslog", "Nov 22 10:00:00 h nginx: x", false},
	{"file:/var/log/syslog.1", "2026-11-22T10:00:00Z h nginx: x", false},
	{"file:/var/log/messages-20261122.gz", "2026-11-22T10:00:00Z h nginx: x", false},
	{"pid:812:/srv/x.log", "Nov 22 10:00:00 h nginx: x", true},
	{"journal", "{\"MESSAGE\":\"x\",\"_UID\":\"0\"}", true},
	{"journal",
	 "{\"MESSAGE\":\"x\",\"_UID\":\"33\",\"_SYSTEMD_UNIT\":\"nginx.service\"}", true},
	{"journal",
	 "{\"MESSAGE\":\"x\",\"_UID\":\"1000\",\"_SYSTEMD_UNIT\":\"user@1000.service\"}",
	 false},
	{"journal",
	 "{\"MESSAGE\":\"x\",\"_UID\":\"1000\",\"_SYSTEMD_UNIT\":\"session-3.scope\","
	 "\"UNIT\":\"nginx.service\"}",
	 false},
	{"journal", "{\"MESSAGE\":\"x\",\"SYSLOG_IDENTIFIER\":\"nginx\"}", false},
};

static void whether_the_writer_could_be_another_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(writers); i++) {
		struct bundle_item item = {.name = text_of(writers[i].name),
					   .data = text_of(writers[i].line)};
		struct log_table *t = table_of(&item, 1, 0);

		assert_int_equal(t->n, 1);
		if (t->rows[0].is_attested != writers[i].is_attested)
			fail_msg("%s: %s", writers[i].name, writers[i].line);
		table_unref(t);
	}
}

static void of_the_audit_log_only_denials_are_lines(void **state)
{
	static const struct bundle_item item = ITEM(
		"file:/var/log/audit/audit.log",
		"type=AVC msg=audit(1795341600.250:77): avc:  denied  { name_bind } for\n"
		"type=USER_AUTH msg=audit(1795341600.250:78): avc:  denied  { name_bind }\n"
		"type=AVC msg=audit(soon): avc:  denied\n"
		"avc:  denied  { name_bind }\n");
	struct log_table *t = table_of(&item, 1, 0);

	(void)state;
	assert_int_equal(t->n, 1);
	assert_int_equal(t->rows[0].wall_ns, NOW + 250 * NS_PER_MS);
	table_unref(t);
}

static void packets_of_nflog_are_told_by_their_own_file(void **state)
{
	static const struct bundle_item item =
		ITEM("file:/var/log/ulog/syslogemu.log",
		     "Nov 22 10:00:00 web kernel: DROP IN=eth0 OUT= SRC=10.0.0.9\n");
	struct log_table *t = table_of(&item, 1, 0);

	(void)state;
	assert_int_equal(t->n, 1);
	assert_true(t->rows[0].from_netfilter);
	assert_false(t->rows[0].from_kernel);
	assert_text("ulogd", t->rows[0].message, "kernel: DROP IN=eth0 OUT= SRC=10.0.0.9");
	table_unref(t);
}

static void the_kernel_s_clock_becomes_time(void **state)
{
	static const struct bundle_item items[] = {
		ITEM("kmsg", "6,339,5000000,-;eth0: up\n SUBSYSTEM=net\n DEVICE=n2\n"
			     "3,340,6000001,-;eth0: down\n"),
		ITEM("now", "1795341600000000000 60000000000\n"),
	};
	struct log_table *t = table_of(items, 2, 0);

	(void)state;
	assert_int_equal(t->n, 2);
	assert_int_equal(t->rows[0].wall_ns, S(-55));
	assert_text("kernel", t->rows[0].text, "eth0: up");
	assert_int_equal(t->rows[1].wall_ns, S(-54) + 1000);
	assert_int_equal(t->rows[1].priority, 3);
	assert_in_range(t->rows[1].slack_ns, NS_PER_S, 2 * NS_PER_S);
	table_unref(t);
	t = table_of(items, 1, 0);
	assert_int_equal(t->rows[0].wall_ns, 0);
	table_unref(t);
}

static void journal_fields_become_a_line(void **state)
{
	static const struct bundle_item item = ITEM(
		"journal",
		"{\"MESSAGE\":[104,255,0,105],\"__REALTIME_TIMESTAMP\":"
		"\"1795341600000123\","
		"\"_PID\":\"812\",\"_SYSTEMD_UNIT\":\"nginx.service\",\"PRIORITY\":\"3\","
		"\"_COMM\":\"nginx\",\"UNIT\":\"forged.service\"}\n"
		"{\"MESSAGE\":null,\"__REALTIME_TIMESTAMP\":1}\n"
		"[1]\n"
		"{\"MESSAGE\":[\"first\",\"second\"],\"_PID\":\"1\",\"UNIT\":\"a.service\","
		"\"_SYSTEMD_UNIT\":\"init.scope\",\"__REALTIME_TIMESTAMP\":"
		"\"1795341600000124\"}");
	struct log_table *t = table_of(&item, 1, -EBADMSG);

	(void)state;
	assert_int_equal(t->n, 3);
	assert_int_equal(t->rows[0].wall_ns, 0);
	assert_int_equal(t->rows[1].wall_ns, NOW + 123000);
	assert_int_equal(t->rows[1].text.len, 4);
	assert_memory_equal(t->rows[1].text.bytes, "h\xff\0i", 4);
	assert_text("unit", t->rows[1].unit, "nginx.service");
	assert_text("source", t->rows[1].source, "nginx.service");
	assert_text("tag", t->rows[1].tag, "nginx");
	assert_int_equal(t->rows[1].pid, 812);
	assert_int_equal(t->rows[1].priority, 3);
	assert_text("several", t->rows[2].text, "first");
	assert_text("unit of init", t->rows[2].unit, "a.service");
	table_unref(t);
}

static void a_line_may_come_in_several_parts(void **state)
{
	static const struct bundle_item items[] = {
		ITEM("file:/var/log/a", "2026-11-22T10:00:00Z one\n2026-11-22T10:00:0"),
		ITEM("file:/var/log/b", "2026-11-22T10:00:03Z of b"),
		ITEM("file:/var/log/a", "1Z t"),
		ITEM("file:/var/log/a", "wo\n\n2026-11-22T10:00:02Z three"),
		ITEM_ERROR("file:/var/log/c", EACCES),
		ITEM("elsewhere", "x\n"),
	};
	struct log_table *t = table_of(items, N_OF(items), 0);

	(void)state;
	assert_int_equal(t->n, 4);
	assert_text("0", t->rows[0].text, "one");
	assert_text("1", t->rows[1].text, "two");
	assert_text("2", t->rows[2].text, "three");
	assert_text("3", t->rows[3].text, "of b");
	assert_text("3", t->rows[3].source, "/var/log/b");
	assert_int_equal(t->n_sources, 3);
	assert_int_equal(t->sources[0].n, 3);
	assert_text("c", t->sources[2].name, "/var/log/c");
	assert_int_equal(t->sources[2].error, EACCES);
	table_unref(t);
}

static void long_lines_are_cut_before_a_character(void **state)
{
	char *line = malloc(1 << 20);
	struct bundle_item items[] = {
		{.name = text_of("file:/var/log/a"), .data = {line, 1 << 20}},
		{.name = text_of("file:/var/log/a"), .data = {line, 1 << 20}},
		{.name = text_of("file:/var/log/a"), .data = text_of("end\nnext")},
	};
	struct log_table *t;

	(void)state;
	memset(line, 'x', 1 << 20);
	memcpy(line + LOG_TEXT_MAX - 1, "\xc3\xa9", 2);
	t = table_of(items, N_OF(items), 0);
	assert_int_equal(t->n, 2);
	assert_int_equal(t->rows[0].text.len, LOG_TEXT_MAX - 1);
	assert_text("behind it", t->rows[1].text, "next");
	table_unref(t);
	free(line);
}

static void of_too_many_lines_the_latest_are_kept(void **state)
{
	struct str data = {0};
	struct bundle_item item = {.name = text_of("file:/var/log/a")};
	struct log_table *t;

	(void)state;
	for (int i = 0; i < 45000; i++)
		str_printf(&data, "2026-11-%02dT%02d:%02d:%02dZ %d\n", 1 + i / 3600 / 24,
			   i / 3600 % 24, i / 60 % 60, i % 60, i);
	item.data = (struct text){data.data, data.len};
	t = table_of(&item, 1, 0);
	assert_int_equal(t->n, LOG_LINES_MAX);
	assert_true(t->is_cut);
	assert_text("first", t->rows[0].text, "25000");
	assert_text("last", t->rows[t->n - 1].text, "44999");
	assert_int_equal(t->sources[0].n, 45000);
	table_unref(t);
	str_release(&data);
}

static void damaged_records_leave_the_others(void **state)
{
	static const struct bundle_item items[] = {
		ITEM("kmsg",
		     "no record\n6,1,x,-;a\n6,2,3,-;b\n6,2,99999999999999999999,-;c\n"),
		ITEM("now", "soon"),
		ITEM("pid:x:/var/log/a", "line\n"),
		ITEM("journal", "{\"MESSAGE\":\"cut"),
	};
	struct log_table *t = table_of(items, N_OF(items), -EBADMSG);

	(void)state;
	assert_int_equal(t->n, 1);
	assert_text("b", t->rows[0].text, "b");
	table_unref(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_s_line_tells_its_time_and_program),
		cmocka_unit_test(who_speaks_is_not_taken_from_what_a_program_says),
		cmocka_unit_test(whether_the_writer_could_be_another_is_known),
		cmocka_unit_test(of_the_audit_log_only_denials_are_lines),
		cmocka_unit_test(packets_of_nflog_are_told_by_their_own_file),
		cmocka_unit_test(the_kernel_s_clock_becomes_time),
		cmocka_unit_test(journal_fields_become_a_line),
		cmocka_unit_test(a_line_may_come_in_several_parts),
		cmocka_unit_test(long_lines_are_cut_before_a_character),
		cmocka_unit_test(of_too_many_lines_the_latest_are_kept),
		cmocka_unit_test(damaged_records_leave_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
