/* Answers about one key of a set: elements of nf_tables, codes of ipset. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/firewall/eval/member.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "core/base/members.h"
#include "core/firewall/eval/sets.h"
#include "tests/unit/netlink_message.h"

static const struct nfgenmsg head = {.nfgen_family = NFPROTO_INET};

static struct nl_msg *nft_message(int type)
{
	return message_new(NFNL_SUBSYS_NFTABLES << 8 | type, &head, sizeof(head));
}

static void put_set(struct part *p, uint32_t flags)
{
	struct nl_msg *m = nft_message(NFT_MSG_NEWSET);

	nla_put_string(m, NFTA_SET_TABLE, "t");
	nla_put_string(m, NFTA_SET_NAME, "blocked");
	nla_put_u32(m, NFTA_SET_FLAGS, htonl(flags));
	nla_put_u32(m, NFTA_SET_KEY_LEN, htonl(4));
	part_take(p, m);
}

static void put_key(struct nl_msg *m, const uint8_t *key)
{
	struct nlattr *nest = nla_nest_start(m, NFTA_SET_ELEM_KEY);

	nla_put(m, NFTA_DATA_VALUE, 4, key);
	nla_nest_end(m, nest);
}

/* key NULL: what covers the rest. */
static void put_element(struct part *p, const uint8_t *key, uint32_t flags)
{
	struct nl_msg *m = nft_message(NFT_MSG_NEWSETELEM);
	struct nlattr *list, *one;

	nla_put_string(m, NFTA_SET_ELEM_LIST_TABLE, "t");
	nla_put_string(m, NFTA_SET_ELEM_LIST_SET, "blocked");
	list = nla_nest_start(m, NFTA_SET_ELEM_LIST_ELEMENTS);
	one = nla_nest_start(m, NFTA_LIST_ELEM);
	nla_put_u32(m, NFTA_SET_ELEM_FLAGS, htonl(flags));
	if (key)
		put_key(m, key);
	nla_nest_end(m, one);
	nla_nest_end(m, list);
	part_take(p, m);
}

static void put_code(struct part *p, const struct member_code *code)
{
	struct nl_msg *m = message_new(MEMBER_CODE, code, sizeof(*code));

	part_take(p, m);
}

static struct fw_member *decoded(const struct part *p)
{
	struct member_decoder *d = member_new();
	struct fw_member *m;

	assert_non_null(d);
	assert_int_equal(member_decode(d, p->bytes, p->len), 0);
	m = member_finish(d);
	assert_null(member_finish(d)); /* it is empty again */
	member_free(d);
	return m;
}

static const uint8_t first[] = {10, 0, 0, 0}, last[] = {11, 0, 0, 0};

static void an_interval_covers_what_lies_between_its_start_and_its_end(void **state)
{
	static const uint8_t in[] = {10, 255, 255, 255}, above[] = {11, 0, 0, 0};
	static const uint8_t below[] = {9, 255, 255, 255};
	struct part p = {.len = 0};
	struct fw_member *m;

	(void)state;
	put_set(&p, NFT_SET_INTERVAL);
	put_element(&p, first, 0);
	put_element(&p, last, NFT_SET_ELEM_INTERVAL_END);
	m = decoded(&p);
	assert_non_null(m);
	assert_true(m->has_set && m->set.is_read);
	assert_int_equal(set_find(&m->set, in, 4), 0);
	assert_int_equal(set_find(&m->set, above, 4), FW_NONE);
	assert_int_equal(set_find(&m->set, below, 4), FW_NONE);
	table_unref(m);
}

static void a_set_without_the_element_is_empty_but_read(void **state)
{
	struct part p = {.len = 0};
	struct fw_member *m;

	(void)state;
	put_set(&p, 0);
	m = decoded(&p);
	assert_non_null(m);
	assert_true(m->set.is_read);
	assert_int_equal(m->set.n_elements, 0);
	assert_int_equal(set_find(&m->set, first, 4), FW_NONE);
	table_unref(m);
}

static void the_rest_is_what_the_catch_all_covers(void **state)
{
	struct part p = {.len = 0};
	struct fw_member *m;
	uint32_t found;

	(void)state;
	put_set(&p, NFT_SET_MAP);
	put_element(&p, first, 0);
	put_element(&p, NULL, 2);
	m = decoded(&p);
	assert_non_null(m);
	assert_false(m->set.elements[set_find(&m->set, first, 4)].is_catch_all);
	found = set_find(&m->set, last, 4);
	assert_int_not_equal(found, FW_NONE);
	assert_true(m->set.elements[found].is_catch_all);
	table_unref(m);
}

static void an_element_that_is_told_twice_is_one(void **state)
{
	struct part p = {.len = 0};
	struct fw_member *m;

	(void)state;
	put_set(&p, 0);
	put_element(&p, first, 0);
	put_element(&p, first, 0);
	m = decoded(&p);
	assert_non_null(m);
	assert_int_equal(m->set.n_elements, 1);
	table_unref(m);
}

static void elements_of_a_set_of_another_shape_do_not_stand_for_it(void **state)
{
	struct fw_set set = {.name = text_of("blocked"), .key_len = 4};
	struct part p = {.len = 0};
	struct fw_member *m;

	(void)state;
	put_set(&p, 0);
	m = decoded(&p);
	assert_non_null(m);
	assert_true(member_fits(m, &set));
	set.key_len = 16;
	assert_false(member_fits(m, &set));
	set.key_len = 4;
	set.flags = NFT_SET_INTERVAL;
	assert_false(member_fits(m, &set));
	set.flags = 0;
	set.name = text_of("other");
	assert_false(member_fits(m, &set));
	table_unref(m);
}

static void a_code_of_ipset_says_yes_no_or_nothing(void **state)
{
	static const struct {
		int32_t code;
		enum tri is_in;
	} rows[] = {
		{0, TRI_YES},
		{-IPSET_ERR_EXIST, TRI_NO},
		{-IPSET_ERR_TYPE_SPECIFIC, TRI_NO}, /* outside of a bitmap's range */
		{-IPSET_ERR_PROTOCOL, TRI_UNSURE},
		{-IPSET_ERR_INVALID_FAMILY, TRI_UNSURE},
		{-EPERM, TRI_UNSURE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct member_code code = {
			.code = rows[i].code, .has_prefix = 1, .prefix = 24};
		struct part p = {.len = 0};
		struct fw_member *m;

		put_code(&p, &code);
		m = decoded(&p);
		assert_non_null(m);
		assert_false(m->has_set);
		assert_int_equal(m->is_in, rows[i].is_in);
		assert_int_equal(m->prefix, 24);
		table_unref(m);
	}
}

static void no_message_is_no_answer(void **state)
{
	struct part p = {.len = 0};

	(void)state;
	assert_null(decoded(&p));
}

static void put_generation(struct part *p, uint16_t generation)
{
	struct nfgenmsg of = {.res_id = htons(generation)};

	part_take(p,
		  message_new(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN, &of, sizeof(of)));
}

/* That an element is not there has no message, so no generation either. */
static void a_generation_that_is_told_behind_it_counts_too(void **state)
{
	static const uint16_t told[] = {0, 1};

	(void)state;
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		struct part p = {.len = 0};
		struct fw_member *m;

		put_set(&p, 0);
		put_generation(&p, told[i]);
		m = decoded(&p);
		assert_non_null(m);
		assert_true(m->has_generation);
		assert_int_equal(m->generation, 0);
		assert_int_equal(m->is_changing, told[i] != 0);
		assert_int_equal(m->set.n_elements, 0);
		table_unref(m);
	}
}

static void two_sets_or_a_cut_code_are_damage(void **state)
{
	struct member_decoder *d = member_new();
	struct part p = {.len = 0}, cut = {.len = 0};

	(void)state;
	assert_non_null(d);
	put_set(&p, 0);
	put_set(&p, 0);
	assert_int_equal(member_decode(d, p.bytes, p.len), -EBADMSG);
	part_take(&cut, message_new(MEMBER_CODE, "1234", 4));
	assert_int_equal(member_decode(d, cut.bytes, cut.len), -EBADMSG);
	member_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			an_interval_covers_what_lies_between_its_start_and_its_end),
		cmocka_unit_test(a_set_without_the_element_is_empty_but_read),
		cmocka_unit_test(the_rest_is_what_the_catch_all_covers),
		cmocka_unit_test(an_element_that_is_told_twice_is_one),
		cmocka_unit_test(a_generation_that_is_told_behind_it_counts_too),
		cmocka_unit_test(elements_of_a_set_of_another_shape_do_not_stand_for_it),
		cmocka_unit_test(a_code_of_ipset_says_yes_no_or_nothing),
		cmocka_unit_test(no_message_is_no_answer),
		cmocka_unit_test(two_sets_or_a_cut_code_are_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
