/* What a person needs beside the fault's name: whose rules stand before the host, which
 * zone lets it in, how many get nothing, which family works. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/judge_scenes.h"

/* Some proof or advice of the first finding has the words. */
static bool is_said(const struct diagnosis *d, const char *words)
{
	const struct finding *f = &d->findings[0];

	assert_true(d->n_findings > 0);
	for (size_t i = 0; i < f->n_proofs; i++)
		if (scene_contains(f->proofs[i].text, words))
			return true;
	for (size_t i = 0; i < f->n_next; i++)
		if (scene_contains(f->next[i].text, words))
			return true;
	return false;
}

static void check_said(void (*make)(struct scene *c), const char *words, bool is_wanted)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, make);

	if (is_said(d, words) != is_wanted)
		fail_msg("\"%s\" is %ssaid of: %.*s (%.*s)", words, is_wanted ? "not " : "",
			 (int)d->findings[0].summary.len, d->findings[0].summary.bytes,
			 (int)d->findings[0].proofs[0].text.len,
			 d->findings[0].proofs[0].text.bytes);
	scene_give_back(&c, d);
}

/* ---- before the host ---- */

static void nothing_arrives(struct scene *c)
{
	c->e.target.client = hand_addr(CLIENT);
	c->e.target.is_client_named = true;
	c->e.waited_ns = 45 * NS_PER_S;
	scene_walk(c, SERVER, CLIENT);
}

static void nothing_arrives_in_a_cloud(struct scene *c)
{
	nothing_arrives(c);
	assert_non_null(c->s->host);
	c->s->host->dmi_vendor = text_of("Amazon EC2");
}

static void nothing_arrives_yet(struct scene *c)
{
	nothing_arrives(c);
	c->e.waited_ns = 5 * NS_PER_S;
}

static void a_cloud_is_named_only_where_the_firmware_names_it(void **state)
{
	(void)state;
	check_said(nothing_arrives_in_a_cloud, "Amazon EC2", true);
	check_said(nothing_arrives, "Amazon", false);
	check_said(nothing_arrives, "cloud rules", true);
}

static void to_watch_longer_is_said_only_after_a_short_while(void **state)
{
	(void)state;
	check_said(nothing_arrives_yet, "--wait 40", true);
	check_said(nothing_arrives, "--wait 40", false);
}

/* ---- zones ---- */

static void stopped_in_a_zone(struct scene *c)
{
	struct hand_rules *h = &c->rules;
	uint32_t other;

	scene_try(c, SILENT_TRY);
	h->tables[0].name = text_of("firewalld");
	h->chains[c->input].name = text_of("filter_IN_public");
	other = hand_chain(h, 0);
	h->chains[other].name = text_of("filter_IN_internal_allow");
	RULE(h, X_PORT_IS(443), X_ACCEPT);
	scene_deny(c, false, c->input, 0, PATH_DROP)->met = hand_syn(CLIENT, SERVER, 443);
}

static void stopped_in_a_zone_and_another_has_another_port(struct scene *c)
{
	stopped_in_a_zone(c);
	c->e.walks[0].path.request.met.dport = 444;
}

static void stopped_without_zones(struct scene *c)
{
	scene_try(c, SILENT_TRY);
	scene_deny(c, false, c->input, 0, PATH_DROP)->met = hand_syn(CLIENT, SERVER, 443);
}

static void the_zone_that_lets_it_in_is_named(void **state)
{
	(void)state;
	check_said(stopped_in_a_zone, "zone public", true);
	check_said(stopped_in_a_zone, "zone internal does", true);
	check_said(stopped_in_a_zone_and_another_has_another_port, "zone internal", false);
	check_said(stopped_without_zones, "zone", false);
}

/* ---- queues and families ---- */

static const struct hand_socket full[] = {
	SOCK(PROTO_TCP, "0.0.0.0", 443, 100, .length = 512, .limit = 511), {0}};

static void overflown(struct scene *c)
{
	scene_listen(c, full);
	scene_count(c, "TcpExt.ListenOverflows", 3);
	scene_try(c, SILENT_TRY);
	scene_tell(c, CLIENT, SILENT_TRY);
	scene_tell(c, CLIENT, ANSWERED_TRY);
}

/* A SYN of this moment has not failed yet. */
static void overflown_and_one_begins(struct scene *c)
{
	overflown(c);
	scene_tell(c, CLIENT,
		   (struct attempt){.outcome = OUTCOME_OPEN,
				    .first_ns = c->e.window_end_ns - NS_PER_MS});
}

static void overflown_and_packets_lost(struct scene *c)
{
	overflown(c);
	c->attempts.state.n_kernel_drops = 5;
}

static void what_gets_nothing_is_told_where_all_was_seen(void **state)
{
	(void)state;
	check_said(overflown, "0.4 of 0.6 connections a second got nothing", true);
	check_said(overflown_and_one_begins, "0.4 of 0.8 connections a second", true);
	check_said(overflown, "buys seconds when accepts stay below arrivals", true);
	check_said(overflown_and_packets_lost, "a second got nothing", false);
}

static void v6_refused(struct scene *c)
{
	scene_walk(c, "2001:db8::1", "2001:db8::2");
	scene_tell(c, "2001:db8::2",
		   (struct attempt){.outcome = OUTCOME_REFUSED,
				    .server = hand_addr("2001:db8::1")});
	scene_count(c, "Tcp.OutRsts", 1);
}

static void v6_refused_and_v4_answered(struct scene *c)
{
	v6_refused(c);
	scene_tell(c, CLIENT, ANSWERED_TRY);
}

static void both_families_are_told_where_both_were_tried(void **state)
{
	(void)state;
	check_said(v6_refused_and_v4_answered, "IPv4 is open (1 of 1 attempts got through)",
		   true);
	check_said(v6_refused_and_v4_answered, "IPv6 fails (0 of 1", true);
	check_said(v6_refused, "IPv4 is", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cloud_is_named_only_where_the_firmware_names_it),
		cmocka_unit_test(to_watch_longer_is_said_only_after_a_short_while),
		cmocka_unit_test(the_zone_that_lets_it_in_is_named),
		cmocka_unit_test(what_gets_nothing_is_told_where_all_was_seen),
		cmocka_unit_test(both_families_are_told_where_both_were_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
