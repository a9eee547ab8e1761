/*
 * The documents of core/report against golden files (tests/golden/report; UPDATE_GOLDEN=1
 * writes them anew), and what must hold whatever they look like. Run from the root of the
 * project.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>
#include <locale.h>

#include "core/report/list.h"
#include "core/report/redact.h"
#include "tests/unit/report_golden.h"
#include "tests/unit/report_host.h"

typedef int list_form(struct str *out, const struct snapshot *s,
		      const struct list_options *o);

static struct str made(list_form *form, const struct list_options *o)
{
	struct snapshot s = whole_host();
	struct str out = {0};

	assert_int_equal(form(&out, &s, o), 0);
	return out;
}

static void each_list_looks_as_it_did(void **state)
{
	static const struct {
		const char *golden;
		list_form *form;
		struct list_options options;
	} rows[] = {
		{"list.txt", list_text, {0}},
		{"list-80.txt", list_text, {.columns = 80}},
		{"list-120.txt", list_text, {.columns = 120, .text_mode = TEXT_ASCII}},
		{"list-40.txt", list_text, {.columns = 40}},
		{"list-redacted.txt", list_text, {.is_redacted = true}},
		{"list-v6.txt", list_text, {.family = AF_INET6}},
		{"list.json", list_json, {0}},
		{"list-redacted.json", list_json, {.is_redacted = true}},
		{"list.csv", list_csv, {0}},
		{"list-redacted.csv", list_csv, {.is_redacted = true}},
		{"list.md", list_markdown, {0}},
		{"list-redacted.md", list_markdown, {.is_redacted = true}},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct str out = made(rows[i].form, &rows[i].options);

		assert_golden(&out, rows[i].golden);
	}
}

static void the_same_snapshot_gives_the_same_bytes(void **state)
{
	static list_form *const forms[] = {list_text, list_json, list_csv, list_markdown};
	static const struct list_options options = {.columns = 100, .is_redacted = true};

	(void)state;
	for (size_t i = 0; i < N_OF(forms); i++) {
		struct str once = made(forms[i], &options),
			   again = made(forms[i], &options);

		assert_string_equal(str_text(&once), str_text(&again));
		str_release(&once);
		str_release(&again);
	}
}

static void a_redacted_list_names_nobody(void **state)
{
	static list_form *const forms[] = {list_text, list_json, list_csv, list_markdown};
	static const char *const secrets[] = {"web-01",   "10.0.0.5",    "10.9.9.9",
					      "fe80::9",  "alice",       "postgres,",
					      "\"root\"", "3f2a1b2c3d4e"};
	static const struct list_options options = {.is_redacted = true};

	(void)state;
	for (size_t i = 0; i < N_OF(forms); i++) {
		struct str out = made(forms[i], &options);

		for (size_t k = 0; k < N_OF(secrets); k++)
			assert_null(strstr(str_text(&out), secrets[k]));
		assert_non_null(strstr(str_text(&out), "nginx"));
		str_release(&out);
	}
}

static void one_name_has_one_stand_in_everywhere(void **state)
{
	struct addr bare = V4(10, 0, 0, 5);
	struct addr mapped = {.family = AF_INET6,
			      .bytes = {[10] = 0xff, [11] = 0xff, 10, 0, 0, 5}};
	struct addr any = V6_ANY, loopback = V4(127, 0, 0, 53);
	struct text docker = T("docker:3f2a1b2c3d4e"), lxc = T("lxc:web");
	struct redactor r;

	(void)state;
	redactor_init(&r);
	assert_true(text_equals_str(redact_addr(&r, &bare), "addr-1"));
	assert_true(text_equals_str(redact_addr(&r, &mapped), "addr-1"));
	assert_null(redact_addr(&r, &any).bytes);
	assert_null(redact_addr(&r, &loopback).bytes);
	assert_true(text_equals_str(redact_container(&r, docker), "docker:container-1"));
	assert_true(text_equals_str(redact_container(&r, lxc), "lxc:container-2"));
	assert_true(
		text_equals_str(redact_path(&r, T("/a/docker-3f2a1b2c3d4e99.scope"), lxc),
				"/a/docker-container-1.scope"));
	assert_true(text_equals_str(redact_path(&r, T("/lxc.payload.web/web-1/webs"), lxc),
				    "/lxc.payload.container-2/container-2-1/webs"));
	assert_true(text_equals_str(redact_path(&r, T("/home/bob/x"), TEXT_NONE),
				    "/home/user-1/x"));
	assert_true(text_equals_str(redact_name(&r, REDACT_USER, T("bob")), "user-1"));
	assert_true(text_equals_str(redact_path(&r, T("/home/"), TEXT_NONE), "/home/"));
	assert_true(text_is_empty(redact_path(&r, TEXT_NONE, docker)));
	assert_true(text_is_empty(redact_container(&r, TEXT_NONE)));
	assert_false(r.failed);
	redactor_release(&r);
}

static void no_line_is_wider_than_the_terminal_where_the_first_columns_fit(void **state)
{
	(void)state;
	for (unsigned columns = 96; columns < 260; columns++) {
		struct list_options options = {.columns = columns};
		struct str out = made(list_text, &options);

		for (char *line = strtok(out.data, "\n"); line; line = strtok(NULL, "\n")) {
			assert_true(text_width(text_of(line)) <= columns);
			assert_true(line[strlen(line) - 1] != ' ');
		}
		str_release(&out);
	}
}

static void owners_fill_the_room_there_is(void **state)
{
	static const struct {
		unsigned columns;
		const char *wanted;
	} rows[] = {
		{0, "nginx 1033,1034,1035,1036,1037 +?  "},
		{40, "nginx 1033 +4 +?"},
		{250, "nginx 1033,1034,1035,1036,1037 +?  "},
	};
	struct snapshot s = whole_host();

	(void)state;
	s.endpoints = &endpoints[1];
	s.n_endpoints = 1;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct list_options options = {.columns = rows[i].columns};
		struct str out = {0};

		assert_int_equal(list_text(&out, &s, &options), 0);
		assert_non_null(strstr(str_text(&out), rows[i].wanted));
		str_release(&out);
	}
}

static void the_json_has_the_frozen_keys_first_and_in_order(void **state)
{
	static const char *const document[] = {"schema", "host",    "time",     "netns",
					       "view",   "missing", "listeners"};
	static const char *const listener[] = {
		"proto",   "address",     "port",   "device",          "scope",
		"service", "inode",       "owners", "owners_complete", "owners_missing",
		"queue",   "connections", "netns",  "sockets"};
	static const char *const socket[] = {"family", "address", "port",
					     "device", "v6only",  "inode",
					     "uid",    "queue",   "cgroup"};
	static const char *const owner[] = {"pid",       "comm",    "exe",
					    "uid",       "user",    "unit",
					    "container", "started", "deleted_exe"};
	struct str out = made(list_json, &(struct list_options){0});
	json_t *root = json_loads(str_text(&out), 0, NULL);
	json_t *first = json_array_get(json_object_get(root, "listeners"), 0);
	const struct {
		json_t *object;
		const char *const *keys;
		size_t n;
	} rows[] = {
		{root, document, N_OF(document)},
		{first, listener, N_OF(listener)},
		{json_array_get(json_object_get(first, "sockets"), 0), socket,
		 N_OF(socket)},
		{json_array_get(json_object_get(first, "owners"), 0), owner, N_OF(owner)},
	};

	(void)state;
	assert_non_null(root);
	for (size_t i = 0; i < N_OF(rows); i++) {
		void *at = json_object_iter(rows[i].object);

		for (size_t k = 0; k < rows[i].n; k++) {
			assert_non_null(at);
			assert_string_equal(json_object_iter_key(at), rows[i].keys[k]);
			at = json_object_iter_next(rows[i].object, at);
		}
	}
	json_decref(root);
	str_release(&out);
}

static void nothing_from_outside_leaves_raw(void **state)
{
	static list_form *const forms[] = {list_text, list_json, list_csv, list_markdown};

	(void)state;
	for (size_t i = 0; i < N_OF(forms); i++) {
		struct str out =
			made(forms[i], &(struct list_options){.columns = 120,
							      .text_mode = TEXT_ASCII});

		for (size_t k = 0; k < out.len; k++) {
			unsigned char c = (unsigned char)out.data[k];

			assert_true(c == '\n' || c == '\r' || (c >= ' ' && c < 0x7f));
		}
		str_release(&out);
	}
}

static void a_spreadsheet_sees_no_formula(void **state)
{
	struct str out = made(list_csv, &(struct list_options){0});

	(void)state;
	assert_null(strstr(str_text(&out), ",="));
	assert_null(strstr(str_text(&out), ",\"="));
	assert_null(strstr(str_text(&out), ",@"));
	assert_non_null(strstr(str_text(&out), ",\"'=\\x1b"));
	assert_non_null(strstr(str_text(&out), ",\"'@www"));
	str_release(&out);
}

static void a_ticket_sees_no_markup_link_or_mention(void **state)
{
	struct str out = made(list_markdown, &(struct list_options){0});

	(void)state;
	assert_null(strstr(str_text(&out), "<b>"));
	assert_null(strstr(str_text(&out), "http://"));
	assert_null(strstr(str_text(&out), "www."));
	assert_null(strstr(str_text(&out), "@"));
	assert_non_null(strstr(str_text(&out), "&#64;www&#46;evil.example\\|http&#58;//x"));
	str_release(&out);
}

static void what_is_missing_is_one_line_each(void **state)
{
	struct snapshot s = whole_host();
	struct str out = {0};

	(void)state;
	assert_int_equal(list_missing_text(&out, &s), 0);
	assert_golden(&out, "missing.txt");
	s.n_missing = 0;
	assert_int_equal(list_missing_text(&out, &s), 0);
	assert_int_equal(out.len, 0);
}

static void an_unknown_owner_says_why_in_a_word(void **state)
{
	static const struct {
		enum source_status status; /* of a note on owners; OK: none */
		int error;                 /* of the processes that were not read */
		uint32_t uid;
		bool wants_right, has_no_proc, is_inner_proc;
		const char *wanted;
	} rows[] = {
		{SOURCE_OK, EACCES, 1000, true, false, false, "? needs root"},
		{SOURCE_OK, EACCES, 1000, false, false, false, "? refused"},
		{SOURCE_OK, EIO, 1000, true, false, false, "? needs root"}, /* hidepid */
		{SOURCE_OK, EIO, 0, true, false, false, "? refused"},
		{SOURCE_OK, EPERM, 0, false, false, false, "? refused"},
		{SOURCE_OK, EIO, 1000, false, false, false, "? unread"},
		{SOURCE_OK, EIO, 0, false, true, false, "? no /proc"},
		{SOURCE_OK, EIO, 0, false, false, true, "? outside"},
		{SOURCE_OK, 0, 1000, false, false, false, "? not finished"},
		{SOURCE_TIMED_OUT, EACCES, 1000, true, false, false, "? timed out"},
		{SOURCE_NOT_RECORDED, 0, 1000, false, false, false, "? not recorded"},
		{SOURCE_ERROR, EACCES, 1000, true, false, false, "? needs root"},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct source_note note = {.source = "owners", .status = rows[i].status};
		struct owner_table read = {.unread_error = rows[i].error,
					   .is_whole = rows[i].error != 0};
		struct host_facts reader = {
			.uid = rows[i].uid,
			.clk_tck = 100,
			.has_no_proc = rows[i].has_no_proc,
			.is_inner_proc = rows[i].is_inner_proc ? TRI_YES : TRI_NO};
		struct snapshot s = whole_host();
		struct str out = {0};

		missing[0].wants_right = rows[i].wants_right;
		s.owners = &read;
		s.host = &reader;
		s.notes = &note;
		s.n_notes = rows[i].status != SOURCE_OK;
		assert_int_equal(list_text(&out, &s, &(struct list_options){0}), 0);
		assert_non_null(strstr(str_text(&out), rows[i].wanted));
		str_release(&out);
	}
}

static void a_dual_stack_socket_serves_both_families(void **state)
{
	struct snapshot s = whole_host();
	struct list_options v4 = {.family = AF_INET}, v6 = {.family = AF_INET6};
	struct str out = {0};

	(void)state;
	s.n_endpoints = 1; /* [::]:22, not v6only */
	list_text(&out, &s, &v4);
	assert_non_null(strstr(str_text(&out), "22/tcp"));
	str_reset(&out);
	list_text(&out, &s, &v6);
	assert_non_null(strstr(str_text(&out), "22/tcp"));
	str_reset(&out);
	sockets[0].v6only = TRI_YES;
	list_text(&out, &s, &v4);
	sockets[0].v6only = TRI_NO;
	assert_null(strstr(str_text(&out), "22/tcp"));
	str_release(&out);
}

static void an_empty_snapshot_makes_whole_documents(void **state)
{
	static list_form *const forms[] = {list_text, list_json, list_csv, list_markdown};
	struct snapshot s = {0};
	struct str out = {0};

	(void)state;
	for (size_t i = 0; i < N_OF(forms); i++) {
		assert_int_equal(forms[i](&out, &s, &(struct list_options){.columns = 80}),
				 0);
		assert_true(out.len > 0);
		str_reset(&out);
	}
	str_release(&out);
}

static void want_of_memory_is_an_error_and_no_half_document(void **state)
{
	struct snapshot s = whole_host();
	struct str out = {0};
	int error = -1;

	(void)state;
	json_set_alloc_funcs(scarce_malloc, free);
	for (size_t n = 0; error; n += 7) {
		allocations_left = n;
		error = list_json(&out, &s, &(struct list_options){.is_redacted = true});
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
		cmocka_unit_test(each_list_looks_as_it_did),
		cmocka_unit_test(the_same_snapshot_gives_the_same_bytes),
		cmocka_unit_test(a_redacted_list_names_nobody),
		cmocka_unit_test(one_name_has_one_stand_in_everywhere),
		cmocka_unit_test(
			no_line_is_wider_than_the_terminal_where_the_first_columns_fit),
		cmocka_unit_test(owners_fill_the_room_there_is),
		cmocka_unit_test(the_json_has_the_frozen_keys_first_and_in_order),
		cmocka_unit_test(nothing_from_outside_leaves_raw),
		cmocka_unit_test(a_spreadsheet_sees_no_formula),
		cmocka_unit_test(a_ticket_sees_no_markup_link_or_mention),
		cmocka_unit_test(what_is_missing_is_one_line_each),
		cmocka_unit_test(an_unknown_owner_says_why_in_a_word),
		cmocka_unit_test(a_dual_stack_socket_serves_both_families),
		cmocka_unit_test(an_empty_snapshot_makes_whole_documents),
		cmocka_unit_test(want_of_memory_is_an_error_and_no_half_document),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
