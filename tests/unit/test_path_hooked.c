/* What is hooked besides rules on a packet's way: it is named, and no accept is certain
 * behind it. The lists are made by hand (this kernel has no nfnetlink_hook). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/firewall/hooks.h"
#include "tests/unit/path_host.h"

#define CLIENT "198.51.100.7"
#define SERVER "10.0.0.5"

static const char guard[] =
	"the kernel's function guard at this hook, whose code is not read";
static struct fw_hooked foreign = {.chain = FW_NONE, .doubt = guard};
static struct fw_hooked known = {.kind = FW_HOOKED_KNOWN, .chain = FW_NONE};
static struct fw_hook_list lists[FW_HOOK_LISTS];

static void hooked(enum fw_hook hook, bool is_v6, struct fw_hooked *row)
{
	memset(lists, 0, sizeof(lists));
	lists[(size_t)hook + (is_v6 ? FW_HOOK_LISTS / 2 : 0)] =
		(struct fw_hook_list){.is_told = true, .rows = row, .n = 1};
	host.rules.r.hook_lists = lists;
}

static size_t count(const struct path_leg *leg)
{
	size_t n = 0;

	for (size_t i = 0; i < leg->n_unsure; i++)
		n += leg->unsure[i].why == guard;
	return n;
}

static struct path walked(void)
{
	return walk_from(CLIENT, SERVER, 80);
}

static void who_is_not_known_at_input_leaves_no_accept_certain(void **state)
{
	struct path p;
	size_t n_hops = 0;

	(void)state;
	hooked(FW_INPUT, false, &foreign);
	p = walked();
	assert_int_equal(p.request.verdict, PATH_UNSURE);
	assert_int_equal(count(&p.request), 1);
	for (size_t i = 0; i < p.request.n_hops; i++)
		if (p.request.hops[i].why == guard) {
			assert_int_equal(p.request.hops[i].place, PLACE_INPUT);
			assert_int_equal(p.request.hops[i].outcome, HOP_UNSURE);
			n_hops++;
		}
	assert_int_equal(n_hops, 1);
}

static void at_output_it_is_the_answer_s(void **state)
{
	struct path p;

	(void)state;
	hooked(FW_OUTPUT, false, &foreign);
	p = walked();
	assert_int_equal(p.request.verdict, PATH_ACCEPT);
	assert_int_equal(p.reply.verdict, PATH_UNSURE);
	assert_int_equal(count(&p.reply), 1);
}

static void a_hook_that_the_packet_does_not_meet_is_no_doubt(void **state)
{
	static const struct {
		enum fw_hook hook;
		bool is_v6;
		struct fw_hooked *row;
	} rows[] = {{FW_FORWARD, false, &foreign},
		    {FW_INPUT, true, &foreign},
		    {FW_INPUT, false, &known}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct path p;

		hooked(rows[i].hook, rows[i].is_v6, rows[i].row);
		p = walked();
		assert_int_equal(p.request.verdict, PATH_ACCEPT);
		assert_int_equal(p.reply.verdict, PATH_ACCEPT);
		assert_int_equal(count(&p.request) + count(&p.reply), 0);
	}
}

static void a_rule_that_drops_still_drops(void **state)
{
	struct path p;

	(void)state;
	hooked(FW_INPUT, false, &foreign);
	hand_firewall_table(&host.rules, NFPROTO_INET);
	hand_base(&host.rules, 0, FW_INPUT, 0, true);
	p = walked();
	assert_int_equal(p.request.verdict, PATH_DROP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			who_is_not_known_at_input_leaves_no_accept_certain, host_start,
			host_end),
		cmocka_unit_test_setup_teardown(at_output_it_is_the_answer_s, host_start,
						host_end),
		cmocka_unit_test_setup_teardown(
			a_hook_that_the_packet_does_not_meet_is_no_doubt, host_start,
			host_end),
		cmocka_unit_test_setup_teardown(a_rule_that_drops_still_drops, host_start,
						host_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
