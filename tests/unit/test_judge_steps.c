/* The judgement beside its verdict: some or everyone, since when, what is not the cause,
 * the five steps; and that it is made in no time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/judge_scenes.h"

/* ---- some or everyone ---- */

static void one_of_two_is_dropped(struct scene *c)
{
	struct attempt late = SILENT_TRY;

	late.first_ns = WALL + 2 * NS_PER_S;
	scene_tell(c, "198.51.100.7", ANSWERED_TRY);
	scene_try(c, late);
	scene_deny(c, false, c->input, 0, PATH_DROP);
}

static void some_clients_fail(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, one_of_two_is_dropped);

	(void)state;
	assert_int_equal(d->verdict, VERDICT_FAULT);
	assert_int_equal(d->extent, EXTENT_SOME);
	assert_true(scene_contains(
		d->affected,
		"1 of 1 attempts from 10.0.0.0/24; 1 other attempt got through"));
	/* Since the first that failed, not since the first that was seen. */
	assert_int_equal(d->since_ns, WALL + 2 * NS_PER_S);
	assert_int_equal(d->n_groups, 2);
	assert_int_equal(d->groups[0].open, 1);
	assert_int_equal(d->groups[1].filtered, 1);
	scene_give_back(&c, d);
}

static void everybody_of_many_networks(struct scene *c)
{
	for (int i = 1; i <= GROUPS_MAX + 4; i++) {
		char client[ADDR_TEXT_MAX];

		snprintf(client, sizeof(client), "198.51.%d.7", i);
		scene_tell(c, client, SILENT_TRY);
	}
	scene_try(c, SILENT_TRY);
	scene_deny(c, false, c->input, 0, PATH_DROP);
}

static void one_of_many_networks_got_through(struct scene *c)
{
	everybody_of_many_networks(c);
	/* Of a network that there is no room for. */
	scene_tell(c, "203.0.113.9", ANSWERED_TRY);
}

static void everyone_means_everyone_who_was_seen(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, everybody_of_many_networks);

	(void)state;
	assert_int_equal(d->extent, EXTENT_ALL);
	assert_true(scene_contains(d->affected, "more than 16 networks"));
	scene_give_back(&c, d);
	d = scene_judge(&c, one_of_many_networks_got_through);
	assert_int_equal(d->extent, EXTENT_SOME);
	scene_give_back(&c, d);
}

/* ---- what is not the cause ---- */

static void v4_dropped_v6_not(struct scene *c)
{
	dropped_and_nobody_listens(c);
	scene_walk(c, "2001:db8::1", NULL);
}

static void only_what_every_walk_excludes_is_excluded(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, v4_dropped_v6_not);

	(void)state;
	assert_int_equal(d->findings[0].fault, FAULT_DROP);
	assert_false(scene_excludes(d, FAULT_DROP));
	assert_false(scene_excludes(d, FAULT_NOT_LISTENING));
	assert_true(scene_excludes(d, FAULT_LOOPBACK_ONLY));
	scene_give_back(&c, d);
}

/* ---- steps ---- */

static void check_step(void (*make)(struct scene *c), enum step_id step,
		       enum step_state wanted, const char *words)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, make);
	const struct step_result *s = &d->steps[step];

	if (s->state != wanted || !scene_contains(s->summary, words))
		fail_msg("step %s: %s: \"%.*s\"", step_word(step),
			 step_state_word(s->state), (int)s->summary.len, s->summary.bytes);
	scene_give_back(&c, d);
}

static void denied_everything(struct scene *c)
{
	struct question q = {.kind = QUESTION_RULESET};
	struct response *r = responses_add(&c->responses, &q);

	r->state = RESPONSE_FAILED;
	r->error = EPERM;
	untried_rules_unread(c);
	c->e.capture_error = EPERM;
}

static void untried_and_deaf(struct scene *c)
{
	untried(c);
	c->attempts.state.n_packets = 0;
}

static void untried_and_lossy(struct scene *c)
{
	untried(c);
	c->attempts.state.n_kernel_drops = 1;
}

static void answered_twice(struct scene *c)
{
	scene_tell(c, CLIENT, ANSWERED_TRY);
	answered(c);
}

static void each_step_says_what_is_known_of_it(void **state)
{
	(void)state;
	check_step(answered, STEP_CLIENT, STEP_PASS, "1 SYN from 10.0.0.2, 1 attempt");
	check_step(answered_twice, STEP_CLIENT, STEP_PASS,
		   "2 SYNs in under a second from 10.0.0.2, 2 attempts");
	check_step(silent_unexplained, STEP_CLIENT, STEP_PASS,
		   "3 SYNs in 2 s from 10.0.0.2, 1 attempt, sent again 2 times");
	check_step(untried, STEP_CLIENT, STEP_UNKNOWN, "22 packets of others were seen");
	check_step(untried_and_deaf, STEP_CLIENT, STEP_UNKNOWN,
		   "whether the capture works is not shown: it saw no packet at all");
	check_step(untried_and_lossy, STEP_CLIENT, STEP_UNKNOWN, "it lost packets");
	check_step(untried_so_far, STEP_CLIENT, STEP_WAITING, "so far");
	check_step(denied_everything, STEP_CLIENT, STEP_DENIED, "CAP_NET_RAW");
	check_step(denied_everything, STEP_FIREWALL, STEP_DENIED, "CAP_NET_ADMIN");
	check_step(untried_legacy_rules, STEP_FIREWALL, STEP_UNKNOWN, "iptables-legacy");
	check_step(answered_though_rules_drop, STEP_FIREWALL, STEP_WARN,
		   "clients are answered, though");
	check_step(silent_unexplained, STEP_FIREWALL, STEP_UNKNOWN,
		   "yet nothing came back");
	/* What listens is told though the packet does not get there. */
	check_step(one_of_two_is_dropped, STEP_SERVER, STEP_PASS, "nginx 812 on any v4");
	check_step(untried_probe_refused, STEP_SERVER, STEP_WARN, "nginx 812");
	check_step(remote_target, STEP_SERVER, STEP_SKIPPED, "another host");
}

/* ---- connection tracking ---- */

enum { SEEN_REPLY = 2 }; /* IPS_SEEN_REPLY */

static void tracked(struct scene *c)
{
	static struct conntrack_row row;
	static struct conntrack_table table = {.rows = &row, .n = 1};

	silent_unexplained(c);
	row = (struct conntrack_row){.proto = IPPROTO_TCP,
				     .tcp_state = 1,
				     .original = {.saddr = hand_addr(CLIENT),
						  .daddr = hand_addr(SERVER),
						  .sport = 40000,
						  .dport = 443},
				     .reply = {.saddr = hand_addr(SERVER),
					       .daddr = hand_addr(CLIENT),
					       .sport = 443,
					       .dport = 40000}};
	c->e.conntrack = &table;
}

static struct conntrack_row *row_of(struct scene *c)
{
	return c->e.conntrack->rows;
}

static void tracked_and_answered(struct scene *c)
{
	tracked(c);
	row_of(c)->status = SEEN_REPLY;
}

static void tracked_to_another_host(struct scene *c)
{
	tracked(c);
	row_of(c)->reply.saddr = hand_addr("10.9.0.7");
	row_of(c)->reply.sport = 8443;
}

static void tracked_by_another_port(struct scene *c)
{
	tracked(c);
	row_of(c)->original.sport = 40001;
}

static void check_tracking(void (*make)(struct scene *c), const char *words)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, make);
	const struct step_result *s = &d->steps[STEP_NAT];
	struct text said = TEXT_NONE;

	for (size_t i = 0; i < s->n_proofs; i++)
		if (!strcmp(s->proofs[i].source, "conntrack"))
			said = s->proofs[i].text;
	if (words ? !scene_contains(said, words) : said.len > 0)
		fail_msg("\"%.*s\", not \"%s\"", (int)said.len,
			 said.bytes ? said.bytes : "", words ? words : "");
	scene_give_back(&c, d);
}

static void tracking_tells_of_the_newest_attempt_and_of_no_other(void **state)
{
	(void)state;
	check_tracking(tracked, "is tracked as SYN_SENT, no answer seen, its target is not "
				"translated");
	check_tracking(tracked_and_answered, "answered, its target is not translated");
	check_tracking(tracked_to_another_host,
		       "is translated to 10.9.0.7 port 8443, no answer seen");
	check_tracking(tracked_by_another_port, NULL);
	check_tracking(silent_unexplained, NULL);
}

/* ---- logs ---- */

static struct log_table logs;
static struct log_line lines[80];

static void put_lines(struct scene *c, size_t n, const char *text)
{
	static struct log_source source = {.name = {"kernel", 6}};

	for (size_t i = 0; i < n; i++)
		lines[i] = (struct log_line){.wall_ns = WALL + NS_PER_S,
					     .kind = LOG_KERNEL,
					     .from_kernel = true,
					     .source = {"kernel", 6},
					     .text = text_of(text),
					     .message = text_of(text)};
	logs = (struct log_table){
		.rows = lines, .n = n, .sources = &source, .n_sources = 1};
	c->e.logs = &logs;
}

static void log_lines(struct scene *c, size_t n, const char *text)
{
	one_of_two_is_dropped(c);
	put_lines(c, n, text);
}

#define PACKET_LINE                                                                      \
	"IN=eth0 OUT= SRC=10.0.0.2 DST=10.0.0.1 LEN=60 TTL=64 ID=1 PROTO=TCP SPT=40001 " \
	"DPT=443 WINDOW=64240 SYN"

static void logged_drop(struct scene *c)
{
	log_lines(c, 1, "DROP-IN " PACKET_LINE);
}

static void logged_accept(struct scene *c)
{
	log_lines(c, 1, "[UFW ALLOW] " PACKET_LINE);
}

static void logged_often(struct scene *c)
{
	log_lines(c, N_OF(lines), "DROP-IN " PACKET_LINE);
}

static void logged_without_prefix(struct scene *c)
{
	log_lines(c, 1, PACKET_LINE);
}

/* What a client may write of itself comes as often as it likes. */
static void logged_accesses(struct scene *c)
{
	log_lines(c, 1, "GET /?" PACKET_LINE);
	lines[0].from_kernel = false;
}

static void logged_accesses_of_the_answered(struct scene *c)
{
	answered(c);
	put_lines(c, 1, "GET /?" PACKET_LINE);
	lines[0].from_kernel = false;
}

static void a_line_confirms_only_what_it_says(void **state)
{
	(void)state;
	check_step(logged_drop, STEP_LOGS, STEP_FAIL, "1 line of these seconds carries");
	check_step(logged_drop, STEP_LOGS, STEP_FAIL, "\"DROP-IN\", a firewall's log line");
	check_step(logged_without_prefix, STEP_LOGS, STEP_FAIL, ": a firewall's log line");
	check_step(logged_accesses, STEP_LOGS, STEP_WARN, "may belong to it");
	check_step(logged_accesses_of_the_answered, STEP_LOGS, STEP_PASS, "and no fault");
	check_step(logged_accept, STEP_LOGS, STEP_WARN, "may belong to it");
	/* More lines than are looked at. */
	check_step(logged_often, STEP_LOGS, STEP_FAIL, "64 lines");
}

/* ---- what changed before ---- */

static void changed(struct scene *c)
{
	static struct change_row rows[40];
	static char whats[N_OF(rows)][32];
	static struct change_table table = {.rows = rows, .n = N_OF(rows)};

	/* The newest first: one too late, packages, files, packages of the day before; each
	 * twice. */
	for (size_t i = 0; i < N_OF(rows); i++) {
		bool is_package = i && (i < 20 || i >= 30);
		int64_t age_s = i < 30 ? (int64_t)i - 5 : 86400 + (int64_t)i;

		snprintf(whats[i], sizeof(whats[i]),
			 is_package ? "package%zu upgraded" : "/etc/x%zu written", i / 2);
		rows[i] = (struct change_row){
			.wall_ns = WALL - age_s * NS_PER_S,
			.what = text_of(whats[i]),
			.source = text_of(is_package ? "/var/log/dpkg.log" : "mtime")};
	}
	one_of_two_is_dropped(c);
	c->e.changes = &table;
}

static bool is_of_package(const struct past_change *change)
{
	return !text_equals_str(change->source, "mtime");
}

static void packages_do_not_crowd_files_out(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, changed);
	size_t n_packages = 0;

	(void)state;
	assert_int_equal(d->n_changes, CHANGES_MAX);
	for (size_t i = 0; i < d->n_changes; i++) {
		n_packages += is_of_package(&d->changes[i]);
		assert_true(d->changes[i].wall_ns <= d->since_ns);
		assert_true(d->since_ns - d->changes[i].wall_ns < 86400 * NS_PER_S);
	}
	assert_int_equal(n_packages, 2);
	scene_give_back(&c, d);
}

/* Configuration, then packages, each from the newest on. */
static void changes_stand_in_order_and_once_each(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, changed);

	(void)state;
	for (size_t i = 1; i < d->n_changes; i++) {
		const struct past_change *before = &d->changes[i - 1],
					 *now = &d->changes[i];

		assert_true(is_of_package(before) <= is_of_package(now));
		if (is_of_package(before) == is_of_package(now))
			assert_true(before->wall_ns >= now->wall_ns);
		for (size_t k = 0; k < i; k++)
			assert_false(text_equals(now->what, d->changes[k].what));
	}
	/* The newer of the two that say the same, of those that came before. */
	for (size_t i = 0; i < d->n_changes; i++)
		if (text_equals_str(d->changes[i].what, "/etc/x10 written"))
			assert_int_equal(d->changes[i].wall_ns, WALL - 15 * NS_PER_S);
	scene_give_back(&c, d);
}

/* ---- many ---- */

enum { MANY = 20000 };

static void many_tried(struct scene *c)
{
	for (int i = 0; i < MANY; i++) {
		char client[ADDR_TEXT_MAX];

		snprintf(client, sizeof(client), "198.%d.%d.%d", 51 + i / 60000,
			 i / 250 % 240, i % 250);
		scene_tell(c, client, i % 2 ? ANSWERED_TRY : SILENT_TRY);
	}
	dropped_and_nobody_listens(c);
	scene_walk(c, "10.0.0.9", CLIENT);
	scene_walk(c, "2001:db8::1", "2001:db8::2");
}

static void twenty_thousand_attempts_are_all_judged(void **state)
{
	static struct scene c;
	struct diagnosis *d = scene_judge(&c, many_tried);

	(void)state;
	assert_int_equal(d->syn.n_all, MANY + 1);
	scene_give_back(&c, d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(some_clients_fail),
		cmocka_unit_test(everyone_means_everyone_who_was_seen),
		cmocka_unit_test(only_what_every_walk_excludes_is_excluded),
		cmocka_unit_test(each_step_says_what_is_known_of_it),
		cmocka_unit_test(tracking_tells_of_the_newest_attempt_and_of_no_other),
		cmocka_unit_test(a_line_confirms_only_what_it_says),
		cmocka_unit_test(packages_do_not_crowd_files_out),
		cmocka_unit_test(changes_stand_in_order_and_once_each),
		cmocka_unit_test(twenty_thousand_attempts_are_all_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
