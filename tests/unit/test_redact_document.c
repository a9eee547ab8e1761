/* Stand-ins in a finished document: nothing of the house is left, nothing else is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>

#include "core/report/redact_document.h"
#include "tests/unit/judge_scenes.h"

static struct str redacted(const char *document)
{
	static struct scene c;
	struct str out = {0};
	struct redactor r;

	scene_start(&c);
	c.s->host->passwd_file =
		text_of("root:x:0:0::/root:/bin/sh\nnginx:x:33:33::/:/bin/no\n"
			"alice:x:1000:1000::/home/alice:/bin/sh\n"
			"nobody:x:65534:65534::/:/bin/no\nbroken\n");
	redactor_init(&r);
	assert_int_equal(redact_document(&out, text_of(document), &c.e, "shop.example", &r),
			 0);
	redactor_release(&r);
	scene_end(&c);
	return out;
}

static void what_names_the_house_has_stand_ins_and_the_rest_stays(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"443/tcp from 10.0.0.2: dropped", "443/tcp from addr-1: dropped"},
		{"10.0.0.2 and 10.0.0.3, then 10.0.0.2.",
		 "addr-1 and addr-2, then addr-1."},
		{"to 10.0.0.1:443 (10.0.0.0/24)", "to addr-1:443 (addr-2/24)"},
		{"from 2001:db8::1, fe80::2%eth0", "from addr-1, addr-2%eth0"},
		{"[2001:db8::1]:443", "[addr-1]:443"},
		{"127.0.0.1, ::1, 0.0.0.0 and ::", "127.0.0.1, ::1, 0.0.0.0 and ::"},
		{"13:31:40 UTC, 1.25 s, 02:42:ac:11:00:02",
		 "13:31:40 UTC, 1.25 s, 02:42:ac:11:00:02"},
		{"host web-01 has shop.example", "host host-1 has host-2"},
		{"nginx 812 of nginx, alice's vi in /home/alice/x and /home/bob",
		 "nginx 812 of nginx, user-1's vi in /home/user-1/x and /home/user-2"},
		{"malice and alice2", "malice and alice2"},
		{"client ssh:carol@10.0.0.9 says", "client ssh:user-1@host-1 says"},
		{"docker 3f2a5bc09d1e77 up 123456789012345",
		 "docker container-1 up 123456789012345"},
		{"ends with 10.0.0.", "ends with 10.0.0."},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct str out = redacted(rows[i].in);

		assert_string_equal(str_text(&out), rows[i].out);
		str_release(&out);
	}
}

static void json_stays_json(void **state)
{
	struct str out =
		redacted("{\"a\": \"one\\nalice\", \"b\": \"10.0.0.2\\n10.0.0.3\", "
			 "\"n\": 123456789012345, \"u\": \"\\u00e9\"}");
	json_t *j = json_loads(str_text(&out), 0, NULL);

	(void)state;
	assert_non_null(j);
	assert_string_equal(json_string_value(json_object_get(j, "a")), "one\nuser-1");
	assert_string_equal(json_string_value(json_object_get(j, "b")), "addr-1\naddr-2");
	assert_int_equal(json_integer_value(json_object_get(j, "n")), 123456789012345);
	json_decref(j);
	str_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_names_the_house_has_stand_ins_and_the_rest_stays),
		cmocka_unit_test(json_stays_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
