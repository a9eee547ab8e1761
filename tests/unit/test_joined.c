/* Both ends: the name and the address of the client, and what it is said to see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/str.h"
#include "core/diagnosis/joined.h"
#include "core/report/diagnose.h"
#include "tests/unit/joined_says.h"

/* ---- the name, and the address ---- */

static struct client_try *elsewhere(struct scene *c, enum client_result result)
{
	struct client_try *t = says(c, result);

	t->target = hand_addr("192.0.2.99");
	view()->host = text_of("web1");
	view()->has_resolved = true;
	view()->addresses[0] = t->target;
	view()->n_addresses = 1;
	return t;
}

static void elsewhere_and_refused(struct scene *c)
{
	elsewhere(c, CLIENT_REFUSED);
}

static void elsewhere_and_silent(struct scene *c)
{
	elsewhere(c, CLIENT_TIMED_OUT)->has_left = TRI_YES;
}

static void elsewhere_by_its_hosts_file(struct scene *c)
{
	elsewhere_and_silent(c);
	view()->is_by_hosts_file = true;
}

/* The address is in front of this host. */
static void elsewhere_and_it_came(struct scene *c)
{
	elsewhere_and_silent(c);
	scene_tell(c, CLIENT, SILENT_TRY);
}

static void elsewhere_and_another_comes(struct scene *c)
{
	elsewhere(c, CLIENT_CONNECTED);
	scene_tell(c, NEAR, ANSWERED_TRY);
}

static void here_among_others(struct scene *c)
{
	elsewhere_and_silent(c);
	view()->addresses[1] = hand_addr(SERVER);
	view()->n_addresses = 2;
}

static void unresolved(struct scene *c)
{
	says(c, CLIENT_UNRESOLVED);
	view()->n_tries = 0;
	view()->is_unresolved = true;
	view()->host = text_of("web1");
}

static void under_another_address(struct scene *c)
{
	says(c, CLIENT_CONNECTED)->has_left = TRI_YES;
	scene_tell(c, NEAR, ANSWERED_TRY);
}

static void by_a_proxy(struct scene *c)
{
	left_it(c);
	view()->proxy = text_of("http://proxy:3128");
}

static const struct scene_row names[] = {
	PROVEN("another machine refused it", elsewhere_and_refused, FAULT_NAME_ELSEWHERE,
	       "192.0.2.99"),
	POSSIBLE("something in front may have the address", elsewhere_and_silent,
		 FAULT_NAME_ELSEWHERE, ""),
	LIKELY("its own hosts file says so", elsewhere_by_its_hosts_file,
	       FAULT_NAME_ELSEWHERE, ""),
	EXCLUDED("it came here, translated", elsewhere_and_it_came, FAULT_NAME_ELSEWHERE),
	POSSIBLE("it may be the one that was answered", elsewhere_and_another_comes,
		 FAULT_NAME_ELSEWHERE, ""),
	NEVER("one of the addresses is this host's", here_among_others,
	      FAULT_NAME_ELSEWHERE),
	NEVER("that is no lost SYN", elsewhere_and_silent, FAULT_SYN_NEVER_ARRIVES),
	PROVEN("the name does not resolve there", unresolved, FAULT_NAME_UNRESOLVED,
	       "web1"),
	LIKELY("connected, and another address did", under_another_address,
	       FAULT_SOURCE_DIFFERS, NEAR),
	EXCLUDED("it came under its own", connected_and_came, FAULT_SOURCE_DIFFERS),
	LIKELY("it goes through a proxy", by_a_proxy, FAULT_USES_PROXY, "proxy:3128"),
	NEVER("a proxy's silence is not the network's", by_a_proxy,
	      FAULT_SYN_NEVER_ARRIVES),
};

/* ---- who it is ---- */

static void a_client_that_was_seen_is_the_one_to_explain(void **state)
{
	static struct scene c;
	struct aim asked = {.proto = IPPROTO_TCP, .port = 443};
	struct addr own = hand_addr(CLIENT);

	(void)state;
	scene_start(&c);
	left_it(&c);
	c.e.target.client = (struct addr){0};
	c.e.target.is_client_named = false;
	scene_tell(&c, CLIENT, SILENT_TRY);
	scene_tell(&c, NEAR, SILENT_TRY);
	joined_name_client(&c.e, &asked);
	assert_true(addr_equals(&c.e.target.client, &own));
	assert_true(c.e.target.is_client_named);
	scene_end(&c);
}

static void one_that_comes_under_another_address_names_nobody(void **state)
{
	static struct scene c;
	struct aim asked = {.proto = IPPROTO_TCP, .port = 443};

	(void)state;
	scene_start(&c);
	left_it(&c);
	c.e.target.client = (struct addr){0};
	c.e.target.is_client_named = false;
	scene_tell(&c, NEAR, SILENT_TRY);
	joined_name_client(&c.e, &asked);
	assert_false(c.e.target.client.family);
	assert_false(c.e.target.is_client_named);
	scene_end(&c);
}

/* ---- what the client is said to see ---- */

struct symptom_row {
	enum symptom symptom;
	struct attempt attempt;
	const char *words; /* that stand in the first step; "" nothing of another host */
};

static bool is_said(const struct diagnosis *d, const char *words)
{
	const struct step_result *r = &d->steps[STEP_CLIENT];

	for (size_t i = 0; i < r->n_proofs; i++)
		if (text_equals_str(text_of(r->proofs[i].source), "symptom") &&
		    scene_contains(r->proofs[i].text, words))
			return true;
	return false;
}

static void a_symptom_that_cannot_be_of_this_host_is_told(void **state)
{
	const struct symptom_row rows[] = {
		{SYMPTOM_REFUSED, SILENT_TRY, "another host"},
		{SYMPTOM_REFUSED, ANSWERED_TRY, "another host"},
		{SYMPTOM_REFUSED, REFUSED_TRY, ""},
		{SYMPTOM_TIMEOUT, REFUSED_TRY, "another host"},
		{SYMPTOM_TIMEOUT, SILENT_TRY, ""},
		{SYMPTOM_NO_ROUTE, REFUSED_TRY, "another host"},
		{SYMPTOM_RESET, SILENT_TRY, "another host"},
		{SYMPTOM_TLS, SILENT_TRY, "another host"},
		{SYMPTOM_TLS, ANSWERED_TRY, ""},
		{SYMPTOM_SLOW, REFUSED_TRY, "another host"},
	};
	static struct scene c;

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct diagnosis *d;

		scene_start(&c);
		scene_try(&c, rows[i].attempt);
		c.e.symptom = rows[i].symptom;
		d = judge(&c.e);
		assert_non_null(d);
		assert_true(is_said(d, "the client is said to see"));
		assert_int_equal(is_said(d, "another host"), rows[i].words[0] != '\0');
		table_unref(d);
		scene_end(&c);
	}
}

static void nothing_in_particular_is_no_evidence(void **state)
{
	static struct scene c;
	struct diagnosis *d;

	(void)state;
	scene_start(&c);
	scene_try(&c, SILENT_TRY);
	c.e.symptom = SYMPTOM_UNKNOWN;
	d = judge(&c.e);
	assert_false(is_said(d, ""));
	scene_give_back(&c, d);
}

/* ---- what reports say of it ---- */

static struct text json_of(struct scene *c, struct str *out)
{
	struct diagnosis *d = judge(&c->e);

	assert_non_null(d);
	assert_int_equal(diagnose_json(out, d, &c->e, NULL, 0), 0);
	table_unref(d);
	return text_of_str(out);
}

static void each_client_has_its_row_in_the_document(void **state)
{
	static const char *const words[] = {"\"clients\": [",
					    "\"name\": \"ssh:bob@c1\"",
					    "\"source\": \"ssh\"",
					    "\"form\": \"script\"",
					    "\"result\": \"timed-out\"",
					    "\"from\": \"10.0.0.2\"",
					    "\"left\": true",
					    "\"took_ms\": 4000"};
	static struct scene c;
	struct str out = {0};
	struct text document;

	(void)state;
	scene_start(&c);
	left_it(&c);
	document = json_of(&c, &out);
	for (size_t i = 0; i < N_OF(words); i++)
		if (!scene_contains(document, words[i]))
			fail_msg("%s is not in %s", words[i], str_text(&out));
	str_release(&out);
	scene_end(&c);
}

static void without_another_end_there_are_no_rows(void **state)
{
	static struct scene c;
	struct str out = {0};

	(void)state;
	scene_start(&c);
	scene_try(&c, SILENT_TRY);
	assert_false(
		scene_contains(json_of(&c, &out), "\"clients\": [\n    {\n      \"name"));
	str_release(&out);
	scene_end(&c);
}

/* It could not be asked: that is missing, with what would help, and no evidence. */
static void a_client_that_could_not_be_asked_is_missing(void **state)
{
	static struct scene c;
	struct str out = {0};
	struct text document;

	(void)state;
	scene_start(&c);
	says(&c, CLIENT_UNKNOWN);
	view()->n_tries = 0;
	view()->form = CLIENT_FORM_NONE;
	view()->error = ECONNABORTED;
	view()->words = text_of("Permission denied\x1b[2J");
	document = json_of(&c, &out);
	assert_true(
		scene_contains(document, "ssh could not log in there: Permission denied"));
	assert_true(scene_contains(document, "a login by key there"));
	assert_false(scene_contains(document, "\x1b"));
	str_release(&out);
	scene_end(&c);
}

static void a_name_of_elsewhere_is_told_where_nothing_came(void **state)
{
	(void)state;
	scene_run(names, N_OF(names));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_of_elsewhere_is_told_where_nothing_came),
		cmocka_unit_test(a_client_that_was_seen_is_the_one_to_explain),
		cmocka_unit_test(one_that_comes_under_another_address_names_nobody),
		cmocka_unit_test(a_symptom_that_cannot_be_of_this_host_is_told),
		cmocka_unit_test(nothing_in_particular_is_no_evidence),
		cmocka_unit_test(each_client_has_its_row_in_the_document),
		cmocka_unit_test(without_another_end_there_are_no_rows),
		cmocka_unit_test(a_client_that_could_not_be_asked_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, give_back);
}
