/* Parts of a diagnosis as a document: rights that would help, further ports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/report/diagnose.h"
#include "core/report/document.h"
#include "tests/unit/evidence_host.h"

/* ---- rights ---- */

static void without_rights(struct scene *c)
{
	struct question q = {.kind = QUESTION_RULESET};
	struct response *r = responses_add(&c->responses, &q);

	assert_non_null(r);
	r->state = RESPONSE_FAILED;
	r->error = EPERM;
	scene_walk(c, SERVER, NULL);
	c->e.rules = NULL;
	c->e.capture_error = EPERM;
}

/* No right opens what is not in a recording. */
static void without_capture(struct scene *c)
{
	scene_walk(c, SERVER, NULL);
	c->e.capture_error = ENODATA;
}

static void without_rights_to_what_did_not_matter(struct scene *c)
{
	without_rights(c);
	scene_try(c, ANSWERED_TRY);
}

static void check_missing(void (*make)(struct scene *c), const char *line)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, make);
	struct str out = {0};
	const char *at;

	assert_int_equal(diagnose_text(&out, d, TEXT_ASCII), 0);
	at = strstr(str_text(&out), "  missing ");
	if (line ? !at || strncmp(at, line, strlen(line)) : at != NULL)
		fail_msg("%s", str_text(&out));
	str_release(&out);
	scene_give_back(&c, d);
}

static void rights_that_would_help_stand_in_one_line(void **state)
{
	(void)state;
	check_missing(without_rights, "  missing capture: CAP_NET_RAW (run as root); "
				      "nf_tables: CAP_NET_ADMIN (run as root)\n");
	check_missing(without_capture, NULL);
	check_missing(without_rights_to_what_did_not_matter, NULL);
}

/* ---- further ports of the target ---- */

static void dropped(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	scene_deny(c, false, c->input, 0, PATH_DROP);
}

static void healthy_datagrams(struct scene *c)
{
	c->e.target.port = 53;
	c->e.target.proto = IPPROTO_UDP;
	scene_try(c, ANSWERED_TRY);
}

static json_t *document_of(const struct scene *c, const struct diagnosis *d,
			   const struct diagnosis *const *others, size_t n)
{
	struct str out = {0};
	json_t *root;

	assert_int_equal(diagnose_json(&out, d, &c->e, others, n), 0);
	root = json_loads(str_text(&out), 0, NULL);
	assert_non_null(root);
	str_release(&out);
	return root;
}

static void further_ports_are_told_in_short(void **state)
{
	static struct scene broken, open;
	struct diagnosis *worst = scene_judge(&broken, dropped);
	struct diagnosis *best = scene_judge(&open, healthy_datagrams);
	const struct diagnosis *others[] = {best, worst};
	json_t *root = document_of(&broken, worst, others, 2), *all;
	static const char *const wanted[] = {
		"{\"proto\":\"udp\",\"port\":53,\"verdict\":\"healthy\",\"cause\":null,"
		"\"certainty\":\"proven\",\"summary\":\"53/udp is open: ",
		"{\"proto\":\"tcp\",\"port\":443,\"verdict\":\"fault\","
		"\"cause\":\"firewall.drop\",\"certainty\":\"proven\",\"summary\":\"443/"
		"tcp"};

	(void)state;
	all = json_object_get(root, "others");
	assert_int_equal(json_array_size(all), N_OF(wanted));
	for (size_t i = 0; i < N_OF(wanted); i++) {
		char *text = json_dumps(json_array_get(all, i), JSON_COMPACT);

		assert_non_null(text);
		if (strncmp(text, wanted[i], strlen(wanted[i])))
			fail_msg("%s", text);
		free(text);
	}
	json_decref(root);
	scene_give_back(&open, best);
	scene_give_back(&broken, worst);
}

static void one_port_has_no_others(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, dropped);
	json_t *root = document_of(&c, d, NULL, 0);

	(void)state;
	assert_null(json_object_get(root, "others"));
	json_decref(root);
	scene_give_back(&c, d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rights_that_would_help_stand_in_one_line),
		cmocka_unit_test(further_ports_are_told_in_short),
		cmocka_unit_test(one_port_has_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
