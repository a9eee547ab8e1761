/* What the kernel is asked of one key of a set, and what comes of it: sets of nf_tables and
 * ipsets of a namespace of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/firewall/eval/sets.h"
#include "core/firewall/eval/member.h"
#include "tests/net/evidence.h"

static int read_member(const void *ask, struct bundle_out *out, enum blob_status *status)
{
	(void)status;
	return set_member_read(ask, out);
}

static int read_ruleset(const void *ask, struct bundle_out *out, enum blob_status *status)
{
	(void)ask;
	return ruleset_read(out, status);
}

static int clean(void **state)
{
	(void)state;
	run("nft flush ruleset");
	try_to_run("ipset destroy", "", -1);
	return 0;
}

static struct member_ask of_set(const char *name, const uint8_t key[4])
{
	struct member_ask ask = {.backend = MEMBER_NFT, .family = 1, .table = "t"};

	strcpy(ask.set, name);
	if (key) {
		ask.key_len = 4;
		memcpy(ask.key, key, 4);
	}
	return ask;
}

/* NULL: there was no answer; the error is heard.end's. */
static struct fw_member *answer_to(const struct member_ask *ask)
{
	struct member_decoder *d = member_new();
	struct fw_member *m;

	assert_non_null(d);
	hear(read_member, ask);
	assert_int_equal(member_decode(d, heard.bytes, heard.len), 0);
	m = member_finish(d);
	member_free(d);
	return m;
}

static uint32_t found_by(const struct member_ask *ask)
{
	struct fw_member *m = answer_to(ask);
	uint32_t found;

	assert_int_equal(heard.end.error, 0);
	assert_non_null(m);
	found = set_find(&m->set, ask->key, ask->key_len);
	table_unref(m);
	return found;
}

static const uint8_t inside[] = {10, 9, 0, 2}, outside[] = {11, 0, 0, 1};

static void a_key_is_met_by_the_interval_around_it(void **state)
{
	struct member_ask in = of_set("s", inside), out = of_set("s", outside);

	(void)state;
	load_rules("table inet t { set s { type ipv4_addr; flags interval; "
		   "elements = { 10.0.0.0/8, 12.0.0.0/8 }; }; }");
	assert_int_not_equal(found_by(&in), FW_NONE);
	assert_int_equal(found_by(&out), FW_NONE);
}

static void a_set_of_all_the_rest_is_told_as_that(void **state)
{
	struct member_ask out = of_set("s", outside);
	struct fw_member *m;

	(void)state;
	load_rules("table inet t { map s { type ipv4_addr : verdict; "
		   "elements = { 10.9.0.2 : drop, * : accept }; }; }");
	m = answer_to(&out);
	assert_non_null(m);
	assert_int_equal(m->set.n_elements, 1);
	assert_true(m->set.elements[0].is_catch_all);
	assert_int_equal(m->set.elements[0].verdict, 1);
	table_unref(m);
}

/* It may be gone since its name was told: that is no answer of "not in it". */
static void a_set_that_is_not_there_is_an_error(void **state)
{
	struct member_ask key = of_set("s", inside), whole = of_set("s", NULL);

	(void)state;
	load_rules("table inet t { }");
	assert_null(answer_to(&key));
	assert_int_equal(heard.end.error, ENOENT);
	assert_null(answer_to(&whole));
	assert_int_equal(heard.end.error, ENOENT);
}

/* Else rules that change before it is said that a key is not there would not be noticed. */
static void behind_an_element_that_is_not_there_the_generation_is_told(void **state)
{
	struct member_ask out = of_set("s", outside);
	struct fw_member *m;

	(void)state;
	load_rules("table inet t { set s { type ipv4_addr; elements = { 10.9.0.2 }; }; }");
	m = answer_to(&out);
	assert_non_null(m);
	assert_int_equal(count(NFT(NEWSETELEM), false, NULL), 0);
	assert_int_equal(count(NFT(NEWGEN), false, NULL), 1);
	assert_true(m->has_generation);
	assert_false(m->is_changing);
	table_unref(m);
}

/* Somebody changes the rules all the time: what is told is of one generation, or said not
 * to be. */
static void under_rules_that_change_an_answer_is_of_one_generation(void **state)
{
	struct member_ask in = of_set("s", inside);
	size_t n_whole = 0;
	pid_t changing;

	(void)state;
	load_rules("table inet t { set s { type ipv4_addr; elements = { 10.9.0.2 }; }; }");
	changing = fork();
	if (!changing)
		execl("/bin/sh", "sh", "-c",
		      "while nft add element inet t s { 10.9.9.9 } &&"
		      " nft delete element inet t s { 10.9.9.9 }; do :; done",
		      (char *)NULL);
	for (int i = 0; i < 200; i++) {
		struct fw_member *m = answer_to(&in);

		assert_non_null(m);
		assert_int_not_equal(set_find(&m->set, inside, 4), FW_NONE);
		n_whole += !m->is_changing;
		table_unref(m);
	}
	kill(changing, SIGKILL);
	waitpid(changing, NULL, 0);
	assert_true(n_whole > 100);
}

static void load_set(unsigned n)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	fputs("table inet t { set s { type ipv4_addr; elements = {\n", f);
	for (unsigned i = 0; i < n; i++)
		fprintf(f, "10.0.%u.%u,\n", i / 200, i % 200);
	fputs("10.9.0.2 }; }; }\n", f);
	fclose(f);
	load_rules(text);
	free(text);
}

static void a_whole_set_comes_in_several_parts(void **state)
{
	struct member_ask whole = of_set("s", NULL);
	struct fw_member *m;

	(void)state;
	load_set(9000);
	m = answer_to(&whole);
	assert_non_null(m);
	assert_true(heard.end.part > 1);
	assert_int_equal(m->set.n_elements, 9001);
	assert_int_not_equal(set_find(&m->set, inside, 4), FW_NONE);
	table_unref(m);
}

static void elements_of_more_than_two_thousand_are_asked_one_by_one(void **state)
{
	const struct nlmsghdr *set = NULL;
	struct member_ask in = of_set("s", inside), out = of_set("s", outside);

	(void)state;
	load_set(3000);
	hear(read_ruleset, NULL);
	assert_int_equal(count(NFT(NEWSET), false, &set), 1);
	if (!nlmsg_find_attr((struct nlmsghdr *)set, sizeof(struct nfgenmsg), 20))
		skip(); /* this kernel does not say how many there are */
	assert_false(tells_elements_of("s"));
	assert_int_not_equal(found_by(&in), FW_NONE);
	assert_int_equal(found_by(&out), FW_NONE);
}

static void an_ipset_tells_the_network_that_holds_an_address(void **state)
{
	struct member_ask ask = {.backend = MEMBER_IPSET,
				 .family = AF_INET,
				 .set = "nets",
				 .ipset = {.address = addr_v4(inside), .is_net = true}};
	struct fw_member *m;

	(void)state;
	run("ipset create nets hash:net");
	run("ipset add nets 10.9.0.0/16");
	run("ipset add nets 10.0.0.0/8");
	m = answer_to(&ask);
	assert_non_null(m);
	assert_int_equal(m->is_in, TRI_YES);
	assert_true(m->has_prefix);
	assert_int_equal(m->prefix, 16);
	table_unref(m);
	run("ipset add nets 10.9.0.2");
	m = answer_to(&ask);
	assert_non_null(m);
	assert_int_equal(m->is_in, TRI_YES);
	table_unref(m);
	ask.ipset.address = addr_v4(outside);
	m = answer_to(&ask);
	assert_non_null(m);
	assert_int_equal(m->is_in, TRI_NO);
	table_unref(m);
}

static void what_an_ipset_does_not_take_is_no_answer(void **state)
{
	struct member_ask ask = {
		.backend = MEMBER_IPSET,
		.family = AF_INET,
		.set = "ports",
		.ipset = {.has_port = true, .port = 80, .has_proto = true, .proto = 6}};
	struct fw_member *m;

	(void)state;
	run("ipset create ports bitmap:port range 1-100");
	run("ipset add ports 80");
	m = answer_to(&ask);
	assert_true(!m || m->is_in == TRI_UNSURE);
	table_unref(m);
	ask.ipset.has_proto = false;
	ask.ipset.proto = 0;
	m = answer_to(&ask);
	assert_non_null(m);
	assert_int_equal(m->is_in, TRI_YES);
	table_unref(m);
	strcpy(ask.set, "gone");
	assert_null(answer_to(&ask));
	assert_int_equal(heard.end.error, ENOENT);
}

#define CLEAN(name) cmocka_unit_test_setup_teardown(name, clean, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLEAN(a_key_is_met_by_the_interval_around_it),
		CLEAN(a_set_of_all_the_rest_is_told_as_that),
		CLEAN(a_set_that_is_not_there_is_an_error),
		CLEAN(behind_an_element_that_is_not_there_the_generation_is_told),
		CLEAN(under_rules_that_change_an_answer_is_of_one_generation),
		CLEAN(a_whole_set_comes_in_several_parts),
		CLEAN(elements_of_more_than_two_thousand_are_asked_one_by_one),
		CLEAN(an_ipset_tells_the_network_that_holds_an_address),
		CLEAN(what_an_ipset_does_not_take_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
