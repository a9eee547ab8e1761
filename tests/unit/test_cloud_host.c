/* Whose cloud a host runs in, by its firmware. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/snapshot/cloud_host.h"

static void a_cloud_is_named_only_where_the_firmware_names_it(void **state)
{
	static const struct {
		const char *vendor, *product, *bios, *asset, *cloud;
	} rows[] = {
		{"Amazon EC2", "t3.micro", "1.0", "", "Amazon EC2"},
		{"Xen", "HVM domU", "4.11.amazon", "", "Amazon EC2"},
		{"Google", "Google Compute Engine", "Google", "", "Google Cloud"},
		{"Google", "Chromebook", "", "", NULL},
		{"Microsoft Corporation", "Virtual Machine", "",
		 "7783-7084-3265-9085-8269-3286-77", "Microsoft Azure"},
		{"Microsoft Corporation", "Virtual Machine", "", "1234", NULL},
		{"OpenStack Foundation", "OpenStack Nova", "", "", "OpenStack"},
		{"QEMU", "Standard PC (Q35 + ICH9, 2009)", "1.16", "OracleCloud.com",
		 "Oracle Cloud"},
		{"QEMU", "Standard PC (Q35 + ICH9, 2009)", "1.16", "", NULL},
		{"Dell Inc.", "PowerEdge R640", "2.10", "", NULL},
		{"", "", "", "", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *cloud =
			cloud_of_host(text_of(rows[i].vendor), text_of(rows[i].product),
				      text_of(rows[i].bios), text_of(rows[i].asset));

		if (!rows[i].cloud)
			assert_null(cloud);
		else
			assert_string_equal(cloud, rows[i].cloud);
	}
}

static void what_stands_before_a_host_has_the_clouds_own_name(void **state)
{
	(void)state;
	assert_string_equal(cloud_guards("Amazon EC2"),
			    "its security groups and network ACLs");
	assert_string_equal(cloud_guards("Hetzner Cloud"), "its firewalls");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cloud_is_named_only_where_the_firmware_names_it),
		cmocka_unit_test(what_stands_before_a_host_has_the_clouds_own_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
