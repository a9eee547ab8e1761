/* Programs and tc filters from their messages, and what a walked packet meets of them. The
 * messages of matchall, flower and gact are built, not recorded: filter_message.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/filter_message.h"
#undef N_OF
#include "tests/unit/path_host.h"

#define CLIENT "203.0.113.9"
#define SERVER "10.0.0.5"
#define SHOT                                                       \
	{                                                          \
		.kind = "gact", .verdict = TC_ACT_SHOT, .drops = 5 \
	}
#define PASS                                         \
	{                                            \
		.kind = "gact", .verdict = TC_ACT_OK \
	}

/* ---- rows ---- */

static void programs_are_named_with_the_device_that_they_are_on(void **state)
{
	struct filter_blob b = {.len = 0};
	struct program_table *t;
	const struct program_row *r;
	size_t n;

	(void)state;
	blob_link(&b, ETH0, "eth0", 12);
	blob_text(&b, "tcx-ingress/2", "13 14", 0);
	blob_text(&b, "cgroup/77/egress", "15", 0);
	blob_text(&b, "cgroup/77", "/system.slice/web.service", 0);
	blob_text(&b, "program/12", "guard", 0);
	blob_text(&b, "program/13", "a\033b", 0);
	blob_text(&b, "program/14", "", EPERM);
	t = blob_table(&b);
	r = programs_on(t, ETH0, PROGRAM_AT_XDP, &n);
	assert_int_equal(n, 1);
	assert_string_equal(r->words, "XDP program 12 (guard) on eth0");
	r = programs_on(t, ETH0, PROGRAM_AT_INGRESS, &n);
	assert_int_equal(n, 2);
	assert_null(strchr(r[0].words, '\033'));
	assert_string_equal(r[1].words, "TCX program 14 on eth0 ingress");
	r = programs_of_group(t, 77, PROGRAM_AT_SEND, &n);
	assert_int_equal(n, 1);
	assert_string_equal(r->words,
			    "program 15 of the control group /system.slice/web.service");
	assert_null(programs_of_group(t, 77, PROGRAM_AT_SOCKET, &n));
	assert_int_equal(n, 0);
	table_unref(t);
}

static void what_could_not_be_read_is_told(void **state)
{
	struct filter_blob b = {.len = 0};
	struct program_table *t;

	(void)state;
	blob_text(&b, "tcx-ingress", "", EPERM);
	blob_text(&b, "cgroup", "", EACCES);
	blob_text(&b, "filter/2/fffffff2", "", EMSGSIZE);
	t = blob_table(&b);
	assert_int_equal(t->hooks_error, EPERM);
	assert_int_equal(t->groups_error, EACCES);
	assert_int_equal(t->filters_error, EMSGSIZE);
	assert_int_equal(t->n, 0);
	table_unref(t);
}

static void damaged_items_are_refused(void **state)
{
	static const struct {
		const char *name, *text;
	} rows[] = {{"tcx-ingress/2", "12 x"},     {"tcx-ingress/-2", "12"},
		    {"tcx-ingress/2", "0"},        {"cgroup/9/sideways", "1"},
		    {"cgroup/x/ingress", "1"},     {"filter/2/fffffff2", "not a message"},
		    {"link", "not a message"},     {"qdisc", "not a message"},
		    {"tcx-egress/4294967296", "1"}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct program_decoder *d = programs_new();
		struct filter_blob b = {.len = 0};

		blob_text(&b, rows[i].name, rows[i].text, 0);
		if (programs_decode(d, b.bytes, b.len) != -EBADMSG)
			fail_msg("%s: %s", rows[i].name, rows[i].text);
		programs_free(d);
	}
}

static void drops_are_those_of_its_own_actions_else_of_its_qdisc(void **state)
{
	struct hand_filter gact = {.kind = "matchall", .priority = 1, .action = SHOT};
	struct filter_blob before = {.len = 0}, after = {.len = 0};
	struct program_table *x, *y;
	struct program_row bare;
	bool is_shared;

	(void)state;
	blob_clsact(&before, ETH0, 10);
	blob_filter(&before, ETH0, false, &gact);
	gact.action.drops = 8;
	blob_clsact(&after, ETH0, 17);
	blob_filter(&after, ETH0, false, &gact);
	x = blob_table(&before);
	y = blob_table(&after);
	assert_int_equal(programs_dropped(x, y, &x->rows[0], &is_shared), 3);
	assert_false(is_shared);
	bare = x->rows[0];
	bare.has_drops = false;
	assert_int_equal(programs_dropped(x, y, &bare, &is_shared), 7);
	assert_true(is_shared);
	assert_int_equal(programs_dropped(y, x, &bare, &is_shared), -1);
	assert_int_equal(programs_dropped(x, NULL, &bare, &is_shared), -1);
	table_unref(x);
	table_unref(y);
}

/* ---- the way ---- */

struct way_row {
	const char *what;
	struct hand_filter filters[3];
	enum path_verdict verdict;
	bool is_decided; /* by the program */
};

static const struct way_row ways[] = {
	{"matchall drops", {{.kind = "matchall", .action = SHOT}}, PATH_DROP, true},
	{"matchall passes", {{.kind = "matchall", .action = PASS}}, PATH_ACCEPT, false},
	{"matchall of IPv6 is not asked",
	 {{.kind = "matchall", .frame = ETH_P_IPV6, .action = SHOT}},
	 PATH_ACCEPT,
	 false},
	{"matchall of IPv4 is",
	 {{.kind = "matchall", .frame = ETH_P_IP, .action = SHOT}},
	 PATH_DROP,
	 true},
	{"a lower preference is asked first",
	 {{.kind = "matchall", .priority = 9, .action = SHOT},
	  {.kind = "matchall", .priority = 3, .action = PASS}},
	 PATH_ACCEPT,
	 false},
	{"a verdict at random is none",
	 {{.kind = "matchall",
	   .action = {.kind = "gact", .verdict = TC_ACT_SHOT, .is_random = true}}},
	 PATH_UNSURE,
	 false},
	{"what only the device does itself is not seen here",
	 {{.kind = "matchall", .flags = TCA_CLS_FLAGS_SKIP_SW, .action = SHOT}},
	 PATH_UNSURE,
	 false},
	{"flower drops the port",
	 {{.kind = "flower", .frame = ETH_P_IP, .proto = 6, .port = 80, .action = SHOT}},
	 PATH_DROP,
	 true},
	{"flower drops another port",
	 {{.kind = "flower", .frame = ETH_P_IP, .proto = 6, .port = 81, .action = SHOT}},
	 PATH_ACCEPT,
	 false},
	{"flower drops another protocol",
	 {{.kind = "flower", .frame = ETH_P_IP, .proto = 17, .action = SHOT}},
	 PATH_ACCEPT,
	 false},
	{"flower drops the client's network",
	 {{.kind = "flower",
	   .frame = ETH_P_IP,
	   .source = "203.0.113.0",
	   .source_len = 24,
	   .action = SHOT}},
	 PATH_DROP,
	 true},
	{"flower drops the network beside it",
	 {{.kind = "flower",
	   .frame = ETH_P_IP,
	   .source = "203.0.112.0",
	   .source_len = 24,
	   .action = SHOT}},
	 PATH_ACCEPT,
	 false},
	{"a mask of ports is not followed",
	 {{.kind = "flower",
	   .frame = ETH_P_IP,
	   .proto = 6,
	   .port = 80,
	   .port_mask = 0xfff0,
	   .action = SHOT}},
	 PATH_UNSURE,
	 false},
	{"a term that is not read makes it unsure",
	 {{.kind = "flower", .frame = ETH_P_IP, .has_more = true, .action = SHOT}},
	 PATH_UNSURE,
	 false},
	{"but not where another term excludes the packet",
	 {{.kind = "flower",
	   .frame = ETH_P_IP,
	   .proto = 17,
	   .has_more = true,
	   .action = SHOT}},
	 PATH_ACCEPT,
	 false},
	{"behind one that perhaps passes it a drop is not sure",
	 {{.kind = "flower", .frame = ETH_P_IP, .has_more = true, .action = PASS},
	  {.kind = "matchall", .priority = 9, .action = SHOT}},
	 PATH_UNSURE,
	 false},
	{"mirrored is not gone",
	 {{.kind = "matchall",
	   .action = {.kind = "mirred",
		      .verdict = TC_ACT_PIPE,
		      .mirrors = TCA_EGRESS_MIRROR}}},
	 PATH_ACCEPT,
	 false},
	{"redirected may be",
	 {{.kind = "matchall",
	   .action = {.kind = "mirred",
		      .verdict = TC_ACT_STOLEN,
		      .mirrors = TCA_EGRESS_REDIR}}},
	 PATH_UNSURE,
	 false},
	{"a filter of a kind that nobody knows may drop",
	 {{.kind = "route", .action = PASS}},
	 PATH_UNSURE,
	 false},
};

static struct path walk_with(const struct program_table *programs, struct path_ask ask)
{
	struct path_world w = host_world();
	struct path p;

	w.programs = programs;
	for (int rounds = 0; rounds < 16; rounds++) {
		assert_int_equal(path_walk(&w, &ask, &p), 0);
		if (!p.n_needs)
			return p;
		for (size_t i = 0; i < p.n_needs; i++)
			host_answer(responses_add(&host.responses, &p.needs[i]));
	}
	fail_msg("it asks for ever");
	return p;
}

static void check_way(const struct way_row *row, bool is_egress)
{
	struct filter_blob b = {.len = 0};
	struct program_table *t;
	struct path p;
	const struct path_leg *leg = is_egress ? &p.reply : &p.request;

	blob_link(&b, ETH0, "eth0", 0);
	for (size_t i = 0; i < 3 && row->filters[i].kind; i++)
		blob_filter(&b, ETH0, is_egress, &row->filters[i]);
	t = blob_table(&b);
	p = walk_with(t, syn(CLIENT, SERVER, 80));
	if (leg->verdict != row->verdict)
		fail_msg("%s: %s", row->what, path_verdict_word(leg->verdict));
	if ((leg->decided_by == DECIDER_PROGRAM) != row->is_decided)
		fail_msg("%s: decided by %d", row->what, leg->decided_by);
	if (row->verdict == PATH_UNSURE && (!leg->n_programs || !leg->n_unsure))
		fail_msg("%s: it does not say by what", row->what);
	table_unref(t);
}

static void a_filter_decides_only_where_it_says_what_it_takes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		check_way(&ways[i], false);
}

static void on_the_way_out_it_stops_the_answer(void **state)
{
	struct way_row row = {
		"matchall drops", {{.kind = "matchall", .action = SHOT}}, PATH_DROP, true};

	(void)state;
	check_way(&row, true);
}

static void an_xdp_program_makes_the_way_in_unsure_and_is_named(void **state)
{
	struct filter_blob b = {.len = 0};
	struct program_table *t;
	struct path p;

	(void)state;
	blob_link(&b, ETH0, "eth0", 12);
	blob_link(&b, ETH1, "eth1", 0);
	t = blob_table(&b);
	p = walk_with(t, syn(CLIENT, SERVER, 80));
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_true(is_unsure_of(&p.request, UINT32_MAX, "XDP program 12 on eth0"));
	assert_int_equal(p.reply.verdict, PATH_ACCEPT);
	assert_int_equal(p.request.hops[0].outcome, HOP_UNSURE);
	/* What comes in elsewhere does not meet it. */
	p = walk_with(t, (struct path_ask){.proto = IPPROTO_TCP,
					   .client = hand_addr(CLIENT),
					   .client_port = 40000,
					   .server = hand_addr(SERVER),
					   .server_port = 80,
					   .in_ifindex = ETH1});
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	table_unref(t);
}

static void a_rule_behind_it_drops_what_it_lets_through(void **state)
{
	struct filter_blob b = {.len = 0};
	struct program_table *t;
	struct path p;

	(void)state;
	base_in(FW_INPUT, 0, true);
	blob_link(&b, ETH0, "eth0", 12);
	t = blob_table(&b);
	p = walk_with(t, syn(CLIENT, SERVER, 80));
	assert_int_equal(p.request.verdict, PATH_DROP);
	assert_int_equal(p.request.decided_by, DECIDER_POLICY);
	assert_int_equal(p.request.n_programs, 1);
	table_unref(t);
}

#define WALKED(f) cmocka_unit_test_setup_teardown(f, host_start, host_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_are_named_with_the_device_that_they_are_on),
		cmocka_unit_test(what_could_not_be_read_is_told),
		cmocka_unit_test(damaged_items_are_refused),
		cmocka_unit_test(drops_are_those_of_its_own_actions_else_of_its_qdisc),
		WALKED(a_filter_decides_only_where_it_says_what_it_takes),
		WALKED(on_the_way_out_it_stops_the_answer),
		WALKED(an_xdp_program_makes_the_way_in_unsure_and_is_named),
		WALKED(a_rule_behind_it_drops_what_it_lets_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
