/* What is known of services, and that the table of them is well made. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "core/services/known.h"

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *unit, *comm;
	uint16_t port;
	uint8_t proto;
	const char *name; /* "": none */
} rows[] = {
	{"nginx.service", "nginx", 443, IPPROTO_TCP, "nginx"},
	{"nginx.service", "", 9999, IPPROTO_TCP, "nginx"},
	{"", "nginx", 9999, IPPROTO_TCP, "nginx"},
	{"", "java", 9200, IPPROTO_TCP, "Elasticsearch"},
	{"opensearch.service", "java", 9200, IPPROTO_TCP, "OpenSearch"},
	{"", "java", 9999, IPPROTO_TCP, ""},
	{"postgresql@15-main.service", "", 5432, IPPROTO_TCP, "PostgreSQL"},
	{"postgresql@15-main.socket", "", 5432, IPPROTO_TCP, ""},
	{"my-nginx.service", "python3", 443, IPPROTO_TCP, ""},
	{"", "", 443, IPPROTO_TCP, ""},
	{"", "dnsmasq", 53, IPPROTO_UDP, "dnsmasq"},
};

static void a_service_is_known_by_its_unit_then_by_its_program(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		const struct known_service *s =
			known_service_of(text_of(rows[i].unit), text_of(rows[i].comm),
					 rows[i].port, rows[i].proto);

		if (strcmp(s ? s->name : "", rows[i].name))
			fail_msg("%s %s: %s", rows[i].unit, rows[i].comm,
				 s ? s->name : "none");
	}
}

static void a_port_of_one_service_is_told_from_a_shared_one(void **state)
{
	const struct known_service *at[16];
	const struct known_service *ssh =
		known_service_of(text_of("ssh.service"), TEXT_NONE, 22, IPPROTO_TCP);
	const struct known_service *web =
		known_service_of(text_of("nginx.service"), TEXT_NONE, 80, IPPROTO_TCP);

	(void)state;
	assert_int_equal(known_service_uses(ssh, 22, IPPROTO_TCP), KNOWN_OWN);
	assert_int_equal(known_service_uses(ssh, 22, IPPROTO_UDP), KNOWN_NOT);
	assert_int_equal(known_service_uses(ssh, 2, IPPROTO_TCP), KNOWN_NOT);
	assert_int_equal(known_service_uses(web, 443, IPPROTO_UDP), KNOWN_SHARED);
	assert_true(known_services_at(443, IPPROTO_TCP, at, N_OF(at)) > 3);
	assert_int_equal(known_services_at(443, IPPROTO_TCP, at, 2), 2);
	assert_int_equal(known_services_at(22, IPPROTO_TCP, at, N_OF(at)), 1);
	assert_int_equal(known_services_at(22, IPPROTO_UDP, at, N_OF(at)), 0);
}

/* Digits, a slash, tcp or udp. */
static bool is_port(struct text word)
{
	char text[32];
	unsigned port;
	char proto[8], rest;

	if (word.len >= sizeof(text))
		return false;
	memcpy(text, word.bytes, word.len);
	text[word.len] = '\0';
	return sscanf(text[0] == '~' ? text + 1 : text, "%u/%7s%c", &port, proto, &rest) ==
		       2 &&
	       port && port <= 65535 && (!strcmp(proto, "tcp") || !strcmp(proto, "udp"));
}

static bool is_unit(struct text word)
{
	static const char *const endings[] = {".service", ".socket"};

	for (size_t i = 0; i < N_OF(endings); i++) {
		size_t n = strlen(endings[i]);

		if (word.len > n && !memcmp(word.bytes + word.len - n, endings[i], n))
			return true;
	}
	return false;
}

static void check_words(const struct known_service *s)
{
	const char *rest = s->ports;
	struct text word;
	size_t n = 0;

	for (; known_next_word(&rest, &word); n++)
		if (!is_port(word))
			fail_msg("%s: port %.*s", s->name, (int)word.len, word.bytes);
	assert_true(n > 0);
	rest = s->units;
	for (n = 0; known_next_word(&rest, &word); n++)
		if (!is_unit(word))
			fail_msg("%s: unit %.*s", s->name, (int)word.len, word.bytes);
	assert_true(n > 0);
	rest = s->programs;
	for (n = 0; known_next_word(&rest, &word); n++)
		if (word.len > 15)
			fail_msg("%s: a program of %zu letters", s->name, word.len);
	assert_true(n > 0);
}

static void every_row_of_the_table_is_well_made(void **state)
{
	(void)state;
	assert_true(n_known_services >= 40);
	for (size_t i = 0; i < n_known_services; i++) {
		const struct known_service *s = &known_services[i];

		check_words(s);
		assert_true(strlen(s->config) > 0 && strlen(s->directive) > 0);
		assert_true(strlen(s->reload) > 0);
		assert_true(s->logs[0] == '\0' || s->logs[0] == '/');
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(s->name, known_services[k].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_is_known_by_its_unit_then_by_its_program),
		cmocka_unit_test(a_port_of_one_service_is_told_from_a_shared_one),
		cmocka_unit_test(every_row_of_the_table_is_well_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
