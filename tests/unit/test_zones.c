/* What firewalld's files say that a zone lets in. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>

#include "core/services/zones.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))
#define ZONE(lines) \
	"<?xml version=\"1.0\"?>\n<zone>\n<short>Public</short>\n" lines "\n</zone>\n"

static const struct kept_file services[] = {
	{.path = {"/etc/firewalld/services/web.xml", 31},
	 .bytes = {"<service><port port=\"443\" protocol=\"tcp\"/></service>", 52}},
	{.path = {"/etc/firewalld/services/https.xml", 33},
	 .bytes = {"<service><port port=\"4443\" protocol=\"tcp\"/></service>", 53}},
	{.path = {"/etc/firewalld/services/cut.xml", 31}, .bytes = {"<service><port ", 15}},
	{.path = {"/etc/firewalld/services/secret.xml", 34}, .error = EACCES},
};

static enum tri opens(const char *xml, uint8_t proto, uint16_t port)
{
	struct kept_file zone = {.path = text_of("/etc/firewalld/zones/public.xml"),
				 .bytes = text_of(xml)};

	return zone_file_opens(&zone, services, N_OF(services), proto, port);
}

static const struct {
	const char *what, *xml;
	enum tri tcp_443;
} rows[] = {
	{"a port", ZONE("<port port=\"443\" protocol=\"tcp\"/>"), TRI_YES},
	{"a port, the other way round", ZONE("<port protocol='tcp' port='443' />"),
	 TRI_YES},
	{"a range", ZONE("<port port=\"440-450\" protocol=\"tcp\"/>"), TRI_YES},
	{"a range beside it", ZONE("<port port=\"444-450\" protocol=\"tcp\"/>"), TRI_NO},
	{"the other transport", ZONE("<port port=\"443\" protocol=\"udp\"/>"), TRI_NO},
	{"a port that begins so", ZONE("<port port=\"4430\" protocol=\"tcp\"/>"), TRI_NO},
	{"no port", ZONE("<interface name=\"eth0\"/><forward/>"), TRI_NO},
	{"a comment", ZONE("<!-- <port port=\"443\" protocol=\"tcp\"/> -->"), TRI_NO},
	{"a service of firewalld's", ZONE("<service name=\"imaps\"/>"), TRI_NO},
	{"one of this host's", ZONE("<service name=\"web\"/>"), TRI_YES},
	{"one that this host has changed", ZONE("<service name=\"https\"/>"), TRI_NO},
	{"one that is not known", ZONE("<service name=\"unheard-of\"/>"), TRI_UNSURE},
	{"one that is cut off", ZONE("<service name=\"cut\"/>"), TRI_UNSURE},
	{"one that could not be read", ZONE("<service name=\"secret\"/>"), TRI_UNSURE},
	{"what is known wins", ZONE("<service name=\"cut\"/><service name=\"web\"/>"),
	 TRI_YES},
	{"everything", "<zone target=\"ACCEPT\"></zone>", TRI_YES},
	{"nothing", "<zone target=\"DROP\"></zone>", TRI_NO},
	{"a rich rule", ZONE("<rule><port port=\"443\" protocol=\"tcp\"/><accept/></rule>"),
	 TRI_UNSURE},
	{"a rich rule may close it",
	 ZONE("<port port=\"443\" protocol=\"tcp\"/><rule><drop/></rule>"), TRI_UNSURE},
	{"a port that is sent on",
	 ZONE("<forward-port port=\"443\" protocol=\"tcp\" to-port=\"80\"/>"), TRI_UNSURE},
	{"a port without transport", ZONE("<port port=\"443\"/>"), TRI_UNSURE},
	{"no number", ZONE("<port port=\"https\" protocol=\"tcp\"/>"), TRI_UNSURE},
	{"cut off", "<zone><port port=\"443\" protocol=\"tcp\"/>", TRI_UNSURE},
	{"a tag that does not end", "<zone><port port=\"443", TRI_UNSURE},
	{"no XML", "443/tcp", TRI_UNSURE},
	{"empty", "", TRI_UNSURE},
};

static void a_zone_opens_what_it_says_for_everybody(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++)
		if (opens(rows[i].xml, IPPROTO_TCP, 443) != rows[i].tcp_443)
			fail_msg("%s", rows[i].what);
}

static void services_that_come_with_firewalld_are_known(void **state)
{
	(void)state;
	assert_int_equal(opens(ZONE("<service name=\"dns\"/>"), IPPROTO_UDP, 53), TRI_YES);
	assert_int_equal(opens(ZONE("<service name=\"dns\"/>"), IPPROTO_TCP, 53), TRI_YES);
	assert_int_equal(opens(ZONE("<service name=\"mdns\"/>"), IPPROTO_TCP, 5353),
			 TRI_NO);
}

static void a_service_may_be_another_where_its_place_is_hidden(void **state)
{
	static const struct kept_file hidden[] = {
		{.path = {"/etc/firewalld/services", 23}, .error = EACCES}};
	struct kept_file zone = {.path = text_of("/etc/firewalld/zones/public.xml"),
				 .bytes = text_of(ZONE("<service name=\"imaps\"/>"))};

	(void)state;
	assert_int_equal(zone_file_opens(&zone, hidden, 0, IPPROTO_TCP, 993), TRI_YES);
	assert_int_equal(zone_file_opens(&zone, hidden, 1, IPPROTO_TCP, 993), TRI_UNSURE);
}

static void a_zone_is_found_by_its_file(void **state)
{
	static const struct kept_file files[] = {
		{.path = {"/etc/firewalld/services/public.xml", 34}},
		{.path = {"/etc/firewalld/zones/work.xml", 29}, .error = EACCES},
		{.path = {"/usr/lib/firewalld/zones/public.xml", 35}},
		{.path = {"/etc/firewalld/zones", 20}, .error = EACCES},
	};
	const size_t n = N_OF(files) - 1;

	(void)state;
	assert_ptr_equal(zone_files_find(files, n, text_of("public")), &files[2]);
	assert_null(zone_files_find(files, n, text_of("work")));
	assert_null(zone_files_find(files, n, text_of("home")));
	/* What came with firewalld may have been written anew in a place that is hidden. */
	assert_null(zone_files_find(files, N_OF(files), text_of("public")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zone_opens_what_it_says_for_everybody),
		cmocka_unit_test(services_that_come_with_firewalld_are_known),
		cmocka_unit_test(a_service_may_be_another_where_its_place_is_hidden),
		cmocka_unit_test(a_zone_is_found_by_its_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
