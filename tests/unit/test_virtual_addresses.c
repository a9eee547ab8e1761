/* Virtual addresses of keepalived's configuration: what is read of the file, and nothing
 * else of it; then which of them a line is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "core/nat/virtual_addresses.h"
#include "tests/unit/evidence_ear.h"

static char path[512];

static int read_from(const void *ask, struct bundle_out *out, enum blob_status *status)
{
	(void)status;
	return virtual_addresses_read(ask, out);
}

static int keep_last(void *context, const struct bundle_item *item)
{
	*(struct bundle_item *)context = *item;
	return 0;
}

static struct bundle_item read_there(void)
{
	struct bundle_item item = {.error = -1};

	hear(read_from, path);
	assert_int_equal(bundle_each(heard.bytes, heard.len, keep_last, &item), 0);
	assert_true(text_equals_str(item.name, "keepalived"));
	return item;
}

static struct bundle_item read_of(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	return read_there();
}

static void assert_told(const char *text, const char *wanted)
{
	struct bundle_item item = read_of(text);

	assert_int_equal(item.error, 0);
	assert_true(text_equals_str(item.data, wanted));
}

static void the_addresses_of_its_blocks_are_told(void **state)
{
	(void)state;
	assert_told("global_defs {\n  router_id one\n}\n"
		    "vrrp_instance VI_1 {\n"
		    "    interface eth0\n"
		    "    unicast_peer {\n        10.0.0.6\n    }\n"
		    "    virtual_ipaddress {\n"
		    "        10.0.0.100/24 dev eth0 label eth0:1 # 10.0.0.1\n"
		    "        ! 10.0.0.2\n"
		    "        2001:db8::5/64\n"
		    "    }\n"
		    "    virtual_ipaddress_excluded\n    {\n        10.0.0.101\n    }\n"
		    "    virtual_routes {\n        10.9.0.0/16 via 10.0.0.1\n    }\n"
		    "}\n"
		    "vrrp_instance VI_2 { virtual_ipaddress { 10.0.0.102 } }\n",
		    "10.0.0.100/24\n2001:db8::5/64\n10.0.0.101\n10.0.0.102\n");
}

static void its_passwords_stay_where_they_are(void **state)
{
	(void)state;
	assert_told("authentication {\n auth_type PASS\n auth_pass 1.2.3.4\n}\n"
		    "virtual_ipaddress {\n secret\n auth_pass 1.2.3.4\n}\n",
		    "");
}

static void odd_text_is_no_address(void **state)
{
	(void)state;
	assert_told("virtual_ipaddress }\n10.0.0.1\n{\n10.0.0.2\n", "");
	assert_told("virtual_ipaddress {\n\x1b[31m10.0.0.3\n10.0.0.4;reboot\nabc\n", "");
	assert_told("virtual_ipaddress {", "");
}

static void what_is_no_file_is_said_so_and_nothing_waits(void **state)
{
	(void)state;
	unlink(path);
	assert_int_equal(read_there().error, ENOENT);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(read_there().error, EINVAL);
	unlink(path);
}

static bool has(const char *lines, const char *address)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, address), 0);
	return virtual_addresses_have(text_of(lines), &a);
}

static void a_line_is_an_address_with_or_without_its_network(void **state)
{
	(void)state;
	assert_true(has("10.0.0.100/24\n2001:db8::5", "2001:db8::5"));
	assert_true(has("10.0.0.100/24\n", "10.0.0.100"));
	assert_false(has("10.0.0.100/24\n", "10.0.0.10"));
	assert_false(has("\n/\n/24\n10.0.0.1000\n\377\n", "10.0.0.100"));
	assert_false(has("", "10.0.0.100"));
}

static int start(void **state)
{
	const char *beneath = getenv("TMPDIR");

	(void)state;
	snprintf(path, sizeof(path), "%s/keepalived-%d.conf", beneath ? beneath : "/tmp",
		 (int)getpid());
	return 0;
}

static int end(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_addresses_of_its_blocks_are_told),
		cmocka_unit_test(its_passwords_stay_where_they_are),
		cmocka_unit_test(odd_text_is_no_address),
		cmocka_unit_test(what_is_no_file_is_said_so_and_nothing_waits),
		cmocka_unit_test(a_line_is_an_address_with_or_without_its_network),
	};

	return cmocka_run_group_tests(tests, start, end);
}
