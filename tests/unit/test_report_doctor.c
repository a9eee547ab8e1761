/* What the doctor says, against golden files (report_golden.h), and its judgements. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>

#include "core/report/doctor.h"
#include "core/report/doctor_findings.h"
#include "tests/unit/report_golden.h"
#include "tests/unit/report_host.h"

static struct source_state sources[] = {
	{.name = "files.host",
	 .asked = true,
	 .answered = true,
	 .status = BLOB_LAST,
	 .rows = 14},
	{.name = "tcp",
	 .asked = true,
	 .answered = true,
	 .status = BLOB_LAST,
	 .rows = 9,
	 .took_ns = 31337},
	{.name = "mptcp",
	 .asked = true,
	 .answered = true,
	 .status = BLOB_LAST,
	 .error = ENOENT},
	{.name = "owners",
	 .asked = true,
	 .answered = true,
	 .status = BLOB_LAST,
	 .rows = 49},
	{.name = "udp",
	 .asked = true,
	 .answered = true,
	 .status = BLOB_INTERRUPTED,
	 .rows = 2},
	{.name = "connections", .asked = false},
	{.name = "tcp",
	 .space = T("blue"),
	 .asked = true,
	 .answered = true,
	 .status = BLOB_TIMED_OUT,
	 .rows = 1},
	{.name = "namespaces",
	 .asked = true,
	 .answered = true,
	 .status = BLOB_LAST,
	 .error = EPERM},
	{.name = "links",
	 .asked = true,
	 .answered = true,
	 .status = BLOB_LAST,
	 .error = 71},
};

static const struct doctor_surroundings surroundings = {
	.term = "xterm-256color", .charset = "UTF-8", .is_terminal = true};

static void the_doctor_says_what_can_be_seen(void **state)
{
	struct snapshot s = whole_host();
	struct str out = {0};

	(void)state;
	assert_int_equal(doctor_text(&out, &s, sources, N_OF(sources), &surroundings), 0);
	assert_null(strstr(str_text(&out), "31337"));
	hide_version(&out);
	assert_golden(&out, "doctor.txt");
	assert_int_equal(doctor_json(&out, &s, sources, N_OF(sources), &surroundings), 0);
	assert_null(strstr(str_text(&out), "31337"));
	hide_version(&out);
	assert_golden(&out, "doctor.json");
}

static void the_doctor_names_rights_and_replays(void **state)
{
	static const struct {
		uint64_t caps;
		const char *wanted;
	} rows[] = {
		{0, "capabilities  none\n"},
		{UINT64_C(1) << 13 | UINT64_C(1) << 19, "cap_net_raw, cap_sys_ptrace\n"},
		{(UINT64_C(1) << 41) - 1, "capabilities  all\n"},
	};
	struct doctor_surroundings replay = {.charset = "ANSI_X3.4-1968",
					     .replay = "a\x1b.tar"};
	struct host_facts reader = {.kernel = T("4.19.0"), .hides_pids = TRI_UNSURE};
	struct snapshot s = whole_host();
	struct str out = {0};

	(void)state;
	s.host = &reader;
	for (size_t i = 0; i < N_OF(rows); i++) {
		reader.caps = rows[i].caps;
		assert_int_equal(doctor_text(&out, &s, sources, 1, &replay), 0);
		assert_non_null(strstr(str_text(&out), rows[i].wanted));
		assert_non_null(strstr(str_text(&out), "replay of a\\x1b.tar"));
		assert_non_null(
			strstr(str_text(&out), "no      control group of a socket"));
		assert_non_null(strstr(str_text(&out), "?       all processes in /proc"));
		str_reset(&out);
	}
	str_release(&out);
}

static const struct {
	struct source_state source;
	enum source_status noted; /* OK: no note */
	enum doctor_state wanted;
	const char *reason;
} judgements[] = {
	{{.name = "links", .asked = true, .answered = true, .status = BLOB_LAST},
	 SOURCE_OK,
	 DOCTOR_YES,
	 NULL},
	{{.name = "links", .asked = true}, SOURCE_OK, DOCTOR_NO, "has not answered yet"},
	{{.name = "links"}, SOURCE_OK, DOCTOR_NO, "not asked for"},
	{{.name = "links", .asked = true, .answered = true, .status = BLOB_LAST, .rows = 3},
	 SOURCE_DAMAGED,
	 DOCTOR_PARTLY,
	 "the answer could not be decoded"},
	{{.name = "links",
	  .asked = true,
	  .answered = true,
	  .status = BLOB_LAST,
	  .error = EACCES},
	 SOURCE_NOT_RECORDED,
	 DOCTOR_NO,
	 "not recorded"},
	{{.name = "links",
	  .asked = true,
	  .answered = true,
	  .status = BLOB_TRUNCATED,
	  .rows = 3},
	 SOURCE_OK,
	 DOCTOR_PARTLY,
	 "cut off at its limit"},
	{{.name = "tcp",
	  .asked = true,
	  .answered = true,
	  .status = BLOB_LAST,
	  .error = ENOPKG},
	 SOURCE_ERROR,
	 DOCTOR_NO,
	 "asking would make the kernel load a module"},
	{{.name = "tcp", .asked = true, .answered = true, .status = BLOB_LAST, .rows = 3},
	 SOURCE_OK,
	 DOCTOR_YES,
	 NULL},
	{{.name = "udp", .asked = true, .answered = true, .status = BLOB_LAST, .rows = 3},
	 SOURCE_OK,
	 DOCTOR_PARTLY,
	 "the UDP sockets changed while they were read"},
	{{.name = "udp",
	  .space = T("blue"),
	  .asked = true,
	  .answered = true,
	  .status = BLOB_LAST,
	  .rows = 3},
	 SOURCE_OK,
	 DOCTOR_YES,
	 NULL},
};

static void a_source_is_whole_only_if_nothing_speaks_against_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(judgements); i++) {
		struct source_note note = {.source = judgements[i].source.name,
					   .status = judgements[i].noted};
		struct snapshot s = whole_host();
		struct doctor_finding f;

		s.notes = &note;
		s.n_notes = judgements[i].noted != SOURCE_OK;
		doctor_judge(&f, &s, &judgements[i].source);
		assert_int_equal(f.state, judgements[i].wanted);
		if (judgements[i].reason)
			assert_string_equal(f.reason, judgements[i].reason);
		else
			assert_null(f.reason);
	}
}

static void a_feature_is_unknown_where_the_kernel_is(void **state)
{
	static const struct host_facts old = {.kernel = T("5.7.19")},
				       new = {.kernel = T("5.8")}, unknown = {0};
	const struct doctor_feature *feature = &doctor_features[1];

	(void)state;
	assert_int_equal(feature->minor, 8);
	assert_int_equal(doctor_has(feature, NULL, NULL, 0), TRI_UNSURE);
	assert_int_equal(doctor_has(feature, &unknown, NULL, 0), TRI_UNSURE);
	assert_int_equal(doctor_has(feature, &old, NULL, 0), TRI_NO);
	assert_int_equal(doctor_has(feature, &new, NULL, 0), TRI_YES);
}

/* Of the source "tcp", in one or two namespaces. */
static const struct {
	struct source_state sources[2];
	enum tri wanted;
} module_rows[] = {
	{{{.name = "tcp", .answered = true}}, TRI_YES},
	{{{.name = "tcp", .answered = true, .error = ENOPKG}}, TRI_NO},
	{{{.name = "tcp", .answered = true, .error = ENOPKG},
	  {.name = "tcp", .answered = true, .error = ENOENT}},
	 TRI_NO},
	{{{.name = "tcp", .answered = true},
	  {.name = "tcp", .answered = true, .error = ESTALE}},
	 TRI_YES},
	{{{.name = "tcp", .answered = true, .error = EPERM}}, TRI_UNSURE},
	{{{.name = "tcp"}}, TRI_UNSURE},
	{{{.name = "udp", .answered = true}}, TRI_UNSURE},
};

static void a_module_is_there_if_its_source_was_not_refused_for_it(void **state)
{
	const struct doctor_feature *feature = &doctor_features[4];

	(void)state;
	assert_string_equal(feature->name, "tcp_diag");
	for (size_t i = 0; i < N_OF(module_rows); i++) {
		struct source_state both[2] = {module_rows[i].sources[0],
					       module_rows[i].sources[1]};

		if (!both[1].name)
			both[1].name = "links";
		if (doctor_has(feature, NULL, both, 2) != module_rows[i].wanted)
			fail_msg("row %zu", i);
	}
}

static void an_empty_snapshot_makes_whole_documents(void **state)
{
	struct doctor_surroundings nothing = {0};
	struct snapshot s = {0};
	struct str out = {0};

	(void)state;
	assert_int_equal(doctor_text(&out, &s, NULL, 0, &nothing), 0);
	assert_non_null(strstr(str_text(&out), "View: none."));
	str_reset(&out);
	assert_int_equal(doctor_json(&out, &s, NULL, 0, &nothing), 0);
	assert_non_null(strstr(str_text(&out), "\"capabilities\": null"));
	str_release(&out);
}

static void want_of_memory_is_an_error_and_no_half_document(void **state)
{
	struct snapshot s = whole_host();
	struct str out = {0};
	int error = -1;

	(void)state;
	json_set_alloc_funcs(scarce_malloc, free);
	for (size_t n = 0; error; n += 3) {
		allocations_left = n;
		error = doctor_json(&out, &s, sources, N_OF(sources), &surroundings);
		if (error) {
			assert_int_equal(error, -ENOMEM);
			assert_int_equal(out.len, 0);
		}
		str_release(&out);
	}
	json_set_alloc_funcs(malloc, free);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_doctor_says_what_can_be_seen),
		cmocka_unit_test(the_doctor_names_rights_and_replays),
		cmocka_unit_test(a_source_is_whole_only_if_nothing_speaks_against_it),
		cmocka_unit_test(a_feature_is_unknown_where_the_kernel_is),
		cmocka_unit_test(a_module_is_there_if_its_source_was_not_refused_for_it),
		cmocka_unit_test(an_empty_snapshot_makes_whole_documents),
		cmocka_unit_test(want_of_memory_is_an_error_and_no_half_document),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
