/* What people paste, and what it names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/services/target.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char services_file[] = "domain 53/tcp\ndomain 53/udp\n"
				    "proton 7000/tcp\nproton 7000/udp\n"
				    "only-u 7001/udp alias\n";

/* word, host, whether it is an address, ports */
static const struct {
	const char *word, *host;
	bool is_address;
	const char *ports;
} good_rows[] = {
	{"443", "", false, "443/tcp"},
	{"443/udp", "", false, "443/udp"},
	{"443/TCP", "", false, "443/tcp"},
	{"65535", "", false, "65535/tcp"},
	{"https", "", false, "443/tcp"},
	{"HTTPS", "", false, "443/tcp"},
	{"dns", "", false, "53/udp 53/tcp"},
	{"dns/udp", "", false, "53/udp"},
	{"smtp", "", false, "25/tcp 587/tcp 465/tcp"},
	{"ftp", "", false, "21/tcp"},
	{"proton", "", false, "7000/tcp 7000/udp"},
	{"proton/udp", "", false, "7000/udp"},
	{"alias", "", false, "7001/udp"},
	{"web1:443", "web1", false, "443/tcp"},
	{"web1.example.org:https", "web1.example.org", false, "443/tcp"},
	{"web1:dns", "web1", false, "53/udp 53/tcp"},
	{"[2001:db8::1]:443", "2001:db8::1", true, "443/tcp"},
	{"[2001:db8::1]:53/udp", "2001:db8::1", true, "53/udp"},
	{"[fe80::1%eth0]:443", "fe80::1%eth0", true, "443/tcp"},
	{"10.0.0.5:53/udp", "10.0.0.5", true, "53/udp"},
	{"https://web1/x", "web1", false, "443/tcp"},
	{"https://web1", "web1", false, "443/tcp"},
	{"https://web1:8443/x/y?z=1:2", "web1", false, "8443/tcp"},
	{"http://user:secret@web1/", "web1", false, "80/tcp"},
	{"https://[::1]:8443/", "::1", true, "8443/tcp"},
	{"https://[::1]/a@b", "::1", true, "443/tcp"},
	{"https://web1?a/b", "web1", false, "443/tcp"},
	{"postgresql://db/x", "db", false, "5432/tcp"},
	{"foo://web1:99/", "web1", false, "99/tcp"},
};

/* word, a part of what is said */
static const struct {
	const char *word, *sentence;
} bad_rows[] = {
	{"", "is no port"},
	{"0", "1 to 65535"},
	{"65536", "1 to 65535"},
	{"99999999999999999999", "1 to 65535"},
	{"443/sctp", "tcp or udp"},
	{"443/", "tcp or udp"},
	{"web1", "names no port; a host's port is web1:443"},
	{"web1:", "is no port"},
	{"web1:0", "1 to 65535"},
	{"web1:nothing", "not known"},
	{"ntp/tcp", "names no port"},
	{"2001:db8::1", "names no port; a host's port is [2001:db8::1]:443"},
	{"[2001:db8::1]", "names no port; a host's port is [2001:db8::1]:443"},
	{"[fe80::1%]:443", "is no port"},
	{"[fe80::1%eth0/x]:443", "tcp or udp"},
	{"10.0.0.1%eth0:443", "is no port"},
	{"[2001:db8::1]443", "is no port"},
	{"[2001:db8::1]:", "is no port"},
	{"[10.0.0.1]:443", "is no port"},
	{"[web1]:443", "is no port"},
	{":443", "is no port"},
	{"web 1:443", "is no port"},
	{"-web1:443", "is no port"},
	{"://web1", "no URL"},
	{"foo://web1/", "no URL"},
	{"https:///x", "no URL"},
	{"https://web1:99999/", "no URL"},
};

static struct port_name_table *names;

static int read_names(void **state)
{
	(void)state;
	names = port_names_parse(text_of(services_file));
	return names ? 0 : -1;
}

static int free_names(void **state)
{
	(void)state;
	table_unref(names);
	return 0;
}

static const char *ports_of(const struct target *t, char out[256])
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < t->n_ports; i++)
		len += (size_t)snprintf(out + len, 256 - len, "%s%u/%s", i ? " " : "",
					t->ports[i].port,
					t->ports[i].proto == 17 ? "udp" : "tcp");
	return out;
}

static void test_what_people_paste_names_host_and_ports(void **state)
{
	char error[TARGET_ERROR_MAX], ports[256];
	struct target t;

	(void)state;
	for (size_t i = 0; i < N_OF(good_rows); i++) {
		if (target_parse(&t, good_rows[i].word, names, error))
			fail_msg("%s: %s", good_rows[i].word, error);
		assert_string_equal(t.host, good_rows[i].host);
		assert_int_equal(t.address.family != 0, good_rows[i].is_address);
		assert_string_equal(ports_of(&t, ports), good_rows[i].ports);
	}
}

static void test_what_names_none_is_refused_with_a_reason(void **state)
{
	struct target before, t;
	char error[TARGET_ERROR_MAX];

	(void)state;
	memset(&before, 0x5a, sizeof(before));
	for (size_t i = 0; i < N_OF(bad_rows); i++) {
		t = before;
		error[0] = '\0';
		if (target_parse(&t, bad_rows[i].word, names, error) != -EINVAL)
			fail_msg("'%s' was taken", bad_rows[i].word);
		if (!strstr(error, bad_rows[i].sentence))
			fail_msg("'%s': %s", bad_rows[i].word, error);
		assert_memory_equal(&t, &before, sizeof(t));
	}
}

static void test_services_of_the_host_need_its_file(void **state)
{
	char error[TARGET_ERROR_MAX];
	struct target t;

	(void)state;
	assert_int_equal(target_parse(&t, "proton", NULL, error), -EINVAL);
	assert_int_equal(target_parse(&t, "https", NULL, error), 0);
	assert_string_equal(t.service, "https");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_people_paste_names_host_and_ports),
		cmocka_unit_test(test_what_names_none_is_refused_with_a_reason),
		cmocka_unit_test(test_services_of_the_host_need_its_file),
	};

	return cmocka_run_group_tests(tests, read_names, free_names);
}
