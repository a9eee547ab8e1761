/* Hooked functions as the kernel would tell them (built by hand: this kernel has no
 * nfnetlink_hook), and what they decide: orders, doubts, legacy tables, tracking. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>

#include "core/firewall/hooks.h"
#include "tests/unit/by_rules.h"
#include "tests/unit/hand_rules.h"
#include "tests/unit/hooks_message.h"
#include "tests/unit/legacy_blob.h"

enum { IPV4 = NFPROTO_IPV4, IPV6 = NFPROTO_IPV6 };

#define NFT(fam, priority_, table_, name_)                                   \
	{                                                                    \
		.function = "nft_do_chain_inet", .module = "nf_tables",      \
		.priority = (priority_), .family = (fam), .table = (table_), \
		.name = (name_)                                              \
	}
#define FUNCTION(function_, priority_)                           \
	{                                                        \
		.function = (function_), .priority = (priority_) \
	}

static struct part part;

static int start(void **state)
{
	(void)state;
	part.len = 0;
	return 0;
}

static struct ruleset *told(void)
{
	return rules_of(part.bytes, part.len);
}

/* Tables a and b of inet, each with a chain at input of priority 0. */
static void put_two_tables(void)
{
	rules_put_table(&part, NFPROTO_INET, "a", 1);
	rules_put_table(&part, NFPROTO_INET, "b", 2);
	rules_put_base(&part, NFPROTO_INET, "a", "in", FW_INPUT, 0, "filter");
	rules_put_base(&part, NFPROTO_INET, "b", "in", FW_INPUT, 0, "filter");
}

static const struct fw_hook_list *input_of(const struct ruleset *r)
{
	const struct fw_hook_list *list = hooks_at(r, FW_INPUT, IPV4);

	assert_non_null(list);
	return list;
}

static void without_an_answer_nothing_is_told(void **state)
{
	struct ruleset *r;

	(void)state;
	put_two_tables();
	r = told();
	assert_null(r->hook_lists);
	assert_null(hooks_at(r, FW_INPUT, IPV4));
	assert_int_equal(r->chains[0].places[0], 0);
	assert_false(hooks_rule_out_legacy(r, IPV4));
	table_unref(r);
}

static void rows_stand_in_the_order_of_the_kernel_with_their_chains(void **state)
{
	const struct fw_hook_list *list;
	struct ruleset *r;

	(void)state;
	put_two_tables();
	HOOKS(&part, IPV4, FW_INPUT, NFT(NFPROTO_INET, 0, "a", "in"),
	      NFT(NFPROTO_INET, 0, "b", "in"), FUNCTION("nf_confirm", INT32_MAX));
	r = told();
	list = input_of(r);
	assert_true(list->is_told && list->is_ordered);
	assert_int_equal(list->n, 3);
	assert_int_equal(list->rows[0].chain, 0);
	assert_int_equal(list->rows[1].chain, 1);
	assert_true(text_equals_str(list->rows[0].module, "nf_tables"));
	assert_int_equal(list->rows[2].kind, FW_HOOKED_KNOWN);
	assert_int_equal(list->rows[2].priority, INT32_MAX);
	assert_null(list->rows[2].doubt);
	assert_int_equal(r->chains[0].places[0], 1);
	assert_int_equal(r->chains[1].places[0], 2);
	assert_int_equal(r->chains[1].places[1], 0); /* IPv6 was not told */
	table_unref(r);
}

/* Table a drops, table b rejects, at one priority. Returns the verdicts as bits. */
static unsigned verdicts_of(struct ruleset *r)
{
	struct fw_expr drop = X_DROP, reject = {.kind = FW_EXPR_REJECT, .key = 1};
	struct fw_expr *drops[] = {&drop}, *rejects[] = {&reject};
	struct fw_rule rules[] = {
		{.chain = 0, .index = 1, .exprs = drops, .n_exprs = 1},
		{.chain = 1, .index = 1, .exprs = rejects, .n_exprs = 1},
	};
	struct fw_packet p = hand_syn("198.51.100.7", "192.0.2.1", 80);
	struct hand_rules h = {.r = *r};

	h.r.rules = rules;
	h.r.n_rules = 2;
	h.r.guards = NULL;
	for (uint32_t i = 0; i < 2; i++) {
		h.r.chains[i].first_rule = i;
		h.r.chains[i].n_rules = 1;
	}
	return hand_walk(&h, FW_INPUT, &p).verdicts;
}

static void the_kernel_s_order_settles_a_tie(void **state)
{
	static const char *const first[] = {"a", "b"}, *const second[] = {"b", "a"};
	static const unsigned expected[] = {ONLY_DROP, ONLY_REJECT};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct ruleset *r;

		part.len = 0;
		put_two_tables();
		HOOKS(&part, IPV4, FW_INPUT, NFT(NFPROTO_INET, 0, first[i], "in"),
		      NFT(NFPROTO_INET, 0, second[i], "in"));
		r = told();
		assert_int_equal(verdicts_of(r), expected[i]);
		table_unref(r);
	}
}

static void where_it_is_not_told_both_orders_are_tried(void **state)
{
	struct ruleset *r;

	(void)state;
	put_two_tables();
	r = told();
	assert_int_equal(verdicts_of(r), ONLY_DROP | ONLY_REJECT);
	table_unref(r);
}

static void a_list_that_was_not_told_to_its_end_gives_no_order(void **state)
{
	static const int32_t errors[] = {EINTR, ENOBUFS};

	(void)state;
	for (int i = 0; i < 3; i++) {
		static const struct hooked rows[] = {NFT(NFPROTO_INET, 0, "a", "in"),
						     NFT(NFPROTO_INET, 0, "b", "in")};
		struct ruleset *r;

		part.len = 0;
		put_two_tables();
		hooked_put(&part, IPV4, FW_INPUT, &rows[0]);
		hooked_put(&part, IPV4, FW_INPUT, &rows[1]);
		if (i < 2)
			hooks_put_told(&part, IPV4, FW_INPUT, errors[i]);
		r = told();
		assert_false(input_of(r)->is_ordered);
		assert_int_equal(verdicts_of(r), ONLY_DROP | ONLY_REJECT);
		table_unref(r);
	}
}

static void a_list_that_lacks_a_chain_of_the_rules_gives_no_order(void **state)
{
	struct ruleset *r;

	(void)state;
	put_two_tables();
	HOOKS(&part, IPV4, FW_INPUT, NFT(NFPROTO_INET, 0, "a", "in"));
	r = told();
	assert_true(input_of(r)->is_told);
	assert_false(input_of(r)->is_ordered);
	assert_int_equal(r->chains[0].places[0], 0);
	table_unref(r);
}

static void a_chain_that_the_rules_lack_gives_no_order_and_is_a_doubt(void **state)
{
	struct ruleset *r;

	(void)state;
	put_two_tables();
	HOOKS(&part, IPV4, FW_INPUT, NFT(NFPROTO_INET, 0, "a", "in"),
	      NFT(NFPROTO_INET, 0, "b", "in"), NFT(NFPROTO_IPV4, 1, "late", "in"));
	r = told();
	assert_false(input_of(r)->is_ordered);
	assert_string_equal(
		input_of(r)->rows[2].doubt,
		"a chain at this hook that was not told with the rules: late in");
	table_unref(r);
}

static void a_chain_of_the_other_family_is_another_one(void **state)
{
	struct ruleset *r;

	(void)state;
	rules_put_table(&part, IPV6, "a", 1);
	rules_put_base(&part, IPV6, "a", "in", FW_INPUT, 0, "filter");
	HOOKS(&part, IPV4, FW_INPUT, NFT(IPV6, 0, "a", "in"));
	r = told();
	assert_int_equal(input_of(r)->rows[0].chain, FW_NONE);
	assert_int_equal(r->chains[0].places[0], 0);
	table_unref(r);
}

static void who_is_not_known_is_a_doubt_with_its_name(void **state)
{
	static const struct {
		struct hooked row;
		enum fw_hooked_kind kind;
		const char *doubt;
	} rows[] = {
		{{.function = "guard_in", .module = "guard"},
		 FW_HOOKED_FOREIGN,
		 "the kernel's function guard_in of the module guard at this hook, whose "
		 "code is not read"},
		{{.function = "inspect", .priority = -5},
		 FW_HOOKED_FOREIGN,
		 "the kernel's function inspect at this hook, whose code is not read"},
		{{.function = NULL},
		 FW_HOOKED_FOREIGN,
		 "the kernel's function without a name at this hook, whose code is not "
		 "read"},
		{{.function = "evil\x1b[2J"},
		 FW_HOOKED_FOREIGN,
		 "the kernel's function evil\\x1b[2J at this hook, whose code is not read"},
		{{.function = "nf_hook_run_bpf", .program = 4711},
		 FW_HOOKED_BPF,
		 "the BPF program 4711 at this hook, whose code is not read"},
		{{.function = "nf_hook_run_bpf"},
		 FW_HOOKED_BPF,
		 "a BPF program at this hook, whose code is not read"},
		{{.function = "ipt_do_table"},
		 FW_HOOKED_LEGACY,
		 "a table of iptables-legacy at this hook that was not read"},
		{{.function = "ipv4_conntrack_in"}, FW_HOOKED_TRACKING, NULL},
		{{.function = "nf_nat_ipv4_local_in.cold"}, FW_HOOKED_NAT, NULL},
		{{.function = "ip_vs_in_hook", .module = "ip_vs"}, FW_HOOKED_KNOWN, NULL},
		{{.function = "selinux_ip_forward"}, FW_HOOKED_LABELS, NULL},
		{{.function = "nft_do_chain_inet"}, FW_HOOKED_CHAIN, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct fw_hooked *h;
		struct ruleset *r;

		part.len = 0;
		hooks_put(&part, IPV4, FW_INPUT, &rows[i].row, 1);
		r = told();
		h = &input_of(r)->rows[0];
		assert_int_equal(h->kind, rows[i].kind);
		if (rows[i].doubt)
			assert_string_equal(h->doubt, rows[i].doubt);
		else
			assert_null(h->doubt);
		table_unref(r);
	}
}

static void legacy_tables_are_ruled_out_where_nothing_of_them_is_hooked(void **state)
{
	static const char *const functions[] = {NULL, "nf_confirm", "ipt_do_table",
						"iptable_filter_hook",
						"nf_nat_ipv4_local_in"};
	static const bool are_out[] = {true, true, false, false, false};

	(void)state;
	for (size_t i = 0; i < sizeof(are_out) / sizeof(are_out[0]); i++) {
		const struct hooked row = {.function = functions[i]};
		struct ruleset *r;

		part.len = 0;
		for (enum fw_hook h = FW_PREROUTING; h <= FW_POSTROUTING; h++)
			hooks_put(&part, IPV4, h, &row, h == FW_INPUT && functions[i]);
		r = told();
		assert_int_equal(hooks_rule_out_legacy(r, IPV4), are_out[i]);
		assert_int_equal(ruleset_has_all_legacy(r, AF_INET), are_out[i]);
		assert_false(ruleset_has_all_legacy(r, AF_INET6));
		table_unref(r);
	}
}

static void one_hook_that_was_not_told_rules_nothing_out(void **state)
{
	struct ruleset *r;

	(void)state;
	for (enum fw_hook h = FW_PREROUTING; h < FW_POSTROUTING; h++)
		hooks_put_told(&part, IPV4, h, 0);
	hooks_put_told(&part, IPV4, FW_POSTROUTING, EINTR);
	r = told();
	assert_false(hooks_rule_out_legacy(r, IPV4));
	table_unref(r);
}

static void a_legacy_chain_is_found_by_its_priority(void **state)
{
	static const struct hooked rows[] = {FUNCTION("ip_vs_in_hook", -1),
					     FUNCTION("ipt_do_table", 0)};
	struct ruleset_decoder *d = ruleset_new();
	struct legacy_blob table;
	struct ruleset *r;

	(void)state;
	blob_start(&table, "filter", 1 << FW_INPUT);
	blob_hook(&table, FW_INPUT);
	blob_policy(&table, FW_INPUT, BLOB_ACCEPT);
	blob_head(&table, "ERROR");
	assert_int_equal(blob_send_all(&table, d), 0);
	hooks_put(&part, IPV4, FW_INPUT, rows, 2);
	assert_int_equal(ruleset_decode(d, part.bytes, part.len), 0);
	r = ruleset_finish(d);
	assert_non_null(r);
	assert_int_equal(r->n_chains, 1);
	assert_int_equal(r->chains[0].places[0], 2);
	assert_true(input_of(r)->is_ordered);
	assert_null(input_of(r)->rows[1].doubt);
	assert_string_equal(ruleset_source(r, 0), "iptables");
	assert_string_equal(ruleset_source(r, FW_NONE), "nf_tables");
	table_unref(r);
	ruleset_free(d);
}

static void whether_connections_are_tracked_is_told_by_who_is_hooked(void **state)
{
	static const struct hooked tracking = FUNCTION("ipv4_conntrack_in", -200);
	struct ruleset *r;

	(void)state;
	hooks_put(&part, IPV4, FW_PREROUTING, &tracking, 1);
	hooks_put_told(&part, IPV6, FW_PREROUTING, EINTR);
	r = told();
	assert_int_equal(firewall_tracks(r, IPV4), TRI_YES);
	assert_int_equal(firewall_tracks(r, IPV6), TRI_NO); /* as the rules say */
	table_unref(r);
}

static void a_chain_s_place_beside_tracking_and_translation_is_told(void **state)
{
	struct ruleset *r;

	(void)state;
	rules_put_table(&part, IPV4, "t", 1);
	rules_put_base(&part, IPV4, "t", "early", FW_PREROUTING, -200, "filter");
	rules_put_base(&part, IPV4, "t", "late", FW_PREROUTING, -100, "filter");
	rules_put_base(&part, IPV4, "t", "nat", FW_PREROUTING, -100, "nat");
	HOOKS(&part, IPV4, FW_PREROUTING, NFT(IPV4, -200, "t", "early"),
	      FUNCTION("ipv4_conntrack_in", -200),
	      FUNCTION("nf_nat_ipv4_pre_routing", -100), NFT(IPV4, -100, "t", "late"));
	r = told();
	assert_true(hooks_at(r, FW_PREROUTING, IPV4)->is_ordered);
	assert_int_equal(hooks_chain_precedes(r, 0, IPV4, FW_HOOKED_TRACKING), TRI_YES);
	assert_int_equal(hooks_chain_precedes(r, 1, IPV4, FW_HOOKED_NAT), TRI_NO);
	assert_int_equal(hooks_chain_precedes(r, 1, IPV6, FW_HOOKED_NAT), TRI_UNSURE);
	assert_int_equal(hooks_chain_precedes(r, 2, IPV4, FW_HOOKED_NAT), TRI_UNSURE);
	table_unref(r);
}

static void other_hooks_are_another_ruleset(void **state)
{
	static const struct hooked mine = FUNCTION("guard_in", 0);
	struct ruleset *a, *b, *none;

	(void)state;
	none = told();
	hooks_put(&part, IPV4, FW_INPUT, &mine, 1);
	a = told();
	hooks_put(&part, IPV4, FW_OUTPUT, &mine, 1);
	b = told();
	assert_true(ruleset_is_same(a, a));
	assert_false(ruleset_is_same(a, b));
	assert_false(ruleset_is_same(a, none));
	table_unref(a);
	table_unref(b);
	table_unref(none);
}

static void damaged_messages_are_refused(void **state)
{
	static const struct hooks_told wrong = {.family = NFPROTO_BRIDGE};
	const struct nfgenmsg head = {.nfgen_family = IPV4};
	struct ruleset_decoder *d = ruleset_new();

	(void)state;
	part_take(&part, message_new(HOOKS_TOLD, &wrong, sizeof(wrong)));
	assert_int_equal(ruleset_decode(d, part.bytes, part.len), -EBADMSG);
	part.len = 0;
	part_take(&part, message_new(HOOKS_TOLD, &wrong, 4));
	assert_int_equal(ruleset_decode(d, part.bytes, part.len), -EBADMSG);
	part.len = 0;
	/* Of no hook at all. */
	part_take(&part, message_new(NFNL_SUBSYS_HOOK << 8, &head, sizeof(head)));
	assert_int_equal(ruleset_decode(d, part.bytes, part.len), -EBADMSG);
	ruleset_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(without_an_answer_nothing_is_told, start),
		cmocka_unit_test_setup(
			rows_stand_in_the_order_of_the_kernel_with_their_chains, start),
		cmocka_unit_test_setup(the_kernel_s_order_settles_a_tie, start),
		cmocka_unit_test_setup(where_it_is_not_told_both_orders_are_tried, start),
		cmocka_unit_test_setup(a_list_that_was_not_told_to_its_end_gives_no_order,
				       start),
		cmocka_unit_test_setup(
			a_list_that_lacks_a_chain_of_the_rules_gives_no_order, start),
		cmocka_unit_test_setup(
			a_chain_that_the_rules_lack_gives_no_order_and_is_a_doubt, start),
		cmocka_unit_test_setup(a_chain_of_the_other_family_is_another_one, start),
		cmocka_unit_test_setup(who_is_not_known_is_a_doubt_with_its_name, start),
		cmocka_unit_test_setup(
			legacy_tables_are_ruled_out_where_nothing_of_them_is_hooked, start),
		cmocka_unit_test_setup(one_hook_that_was_not_told_rules_nothing_out, start),
		cmocka_unit_test_setup(a_legacy_chain_is_found_by_its_priority, start),
		cmocka_unit_test_setup(
			whether_connections_are_tracked_is_told_by_who_is_hooked, start),
		cmocka_unit_test_setup(
			a_chain_s_place_beside_tracking_and_translation_is_told, start),
		cmocka_unit_test_setup(other_hooks_are_another_ruleset, start),
		cmocka_unit_test_setup(damaged_messages_are_refused, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
