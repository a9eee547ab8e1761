/* Expressions that were told before in nearly the same bytes are decoded as if alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <netlink/msg.h>

#include "tests/unit/alike_exprs.h"

/* What one list is made of; all are of the same four expressions. */
struct wanted {
	uint32_t op, sreg;
	char value[8];
	int value_len;
	bool is_verdict; /* the comparison is with a chain's name, which no kernel says */
	uint64_t packets, bytes;
	bool has_no_packets, has_odd_attribute, is_packets_first;
	const char *match;
	char info[16];
	int info_len;
};

static const struct wanted usual = {.sreg = NFT_REG32_00,
				    .value = {10, 0, 0, 1},
				    .value_len = 4,
				    .packets = 7,
				    .bytes = 400,
				    .match = "tcp",
				    .info = {1, 2},
				    .info_len = 16};

static struct nlattr *begin(struct nl_msg *m, const char *name, struct nlattr **data)
{
	struct nlattr *element = nla_nest_start(m, NFTA_LIST_ELEM);

	assert_non_null(element);
	assert_int_equal(nla_put_string(m, NFTA_EXPR_NAME, name), 0);
	*data = nla_nest_start(m, NFTA_EXPR_DATA);
	assert_non_null(*data);
	return element;
}

static void end(struct nl_msg *m, struct nlattr *element, struct nlattr *data)
{
	nla_nest_end(m, data);
	nla_nest_end(m, element);
}

static void put_compare(struct nl_msg *m, const struct wanted *w)
{
	struct nlattr *data, *element = begin(m, "cmp", &data), *value, *verdict;

	nla_put_u32(m, NFTA_CMP_SREG, htonl(w->sreg));
	nla_put_u32(m, NFTA_CMP_OP, htonl(w->op));
	value = nla_nest_start(m, NFTA_CMP_DATA);
	if (w->is_verdict) {
		verdict = nla_nest_start(m, NFTA_DATA_VERDICT);
		nla_put_u32(m, NFTA_VERDICT_CODE, htonl(1));
		nla_put(m, NFTA_VERDICT_CHAIN, w->value_len, w->value);
		nla_nest_end(m, verdict);
	} else {
		nla_put(m, NFTA_DATA_VALUE, w->value_len, w->value);
	}
	nla_nest_end(m, value);
	end(m, element, data);
}

static void put_counter(struct nl_msg *m, const struct wanted *w)
{
	struct nlattr *data, *element = begin(m, "counter", &data);

	if (w->is_packets_first)
		nla_put_u64(m, NFTA_COUNTER_PACKETS, htobe64(w->packets));
	nla_put_u64(m, NFTA_COUNTER_BYTES, htobe64(w->bytes));
	if (!w->has_no_packets && !w->is_packets_first)
		nla_put_u64(m, NFTA_COUNTER_PACKETS, htobe64(w->packets));
	if (w->has_odd_attribute)
		nla_put_u32(m, 9, 0);
	end(m, element, data);
}

static void put_match(struct nl_msg *m, const struct wanted *w)
{
	struct nlattr *data, *element = begin(m, "match", &data);

	nla_put_string(m, NFTA_MATCH_NAME, w->match);
	nla_put_u32(m, NFTA_MATCH_REV, 0);
	nla_put(m, NFTA_MATCH_INFO, w->info_len, w->info);
	end(m, element, data);
}

static void put_load(struct nl_msg *m)
{
	struct nlattr *data, *element = begin(m, "meta", &data);

	nla_put_u32(m, NFTA_META_DREG, htonl(NFT_REG32_00));
	nla_put_u32(m, NFTA_META_KEY, htonl(NFT_META_L4PROTO));
	end(m, element, data);
}

/* The attribute lies in the message, which the caller frees. */
static const struct nlattr *list_of(struct nl_msg *m, const struct wanted *w)
{
	struct nlattr *list = nla_nest_start(m, NFTA_RULE_EXPRESSIONS);

	put_load(m);
	put_compare(m, w);
	put_match(m, w);
	put_counter(m, w);
	nla_nest_end(m, list);
	return list;
}

static struct arena arena;
static struct expr_pool pool;

static bool is_alike(const struct wanted *w)
{
	struct nl_msg *m = nlmsg_alloc();
	bool alike;

	assert_non_null(m);
	alike = alike_decoded(&arena, &pool, list_of(m, w));
	nlmsg_free(m);
	return alike;
}

static void lists_are_decoded_as_if_no_other_had_come_before(void **state)
{
	struct wanted w[16];
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < 16; i++)
		w[i] = usual;
	w[++n].value[3] = 2;
	w[++n].op = NFT_CMP_NEQ;
	w[++n].sreg = NFT_REG32_01;
	w[++n].value_len = 3;
	w[++n].is_verdict = true;
	w[++n].is_verdict = true;
	w[n].value[0] = 'a'; /* its name ends elsewhere */
	w[++n].packets = 8;
	w[++n].bytes = 1ULL << 40;
	w[++n].has_no_packets = true;
	w[++n].has_odd_attribute = true;
	w[++n].is_packets_first = true;
	w[++n].match = "udp";
	w[++n].match = "comment";
	w[++n].info[15] = 1;
	w[++n].info_len = 0;
	assert_int_equal(n, 15);
	for (size_t i = 0; i < 16; i++)
		for (size_t k = 0; k < 16; k++) {
			assert_true(is_alike(&w[i]));
			assert_true(is_alike(&w[k]));
		}
	arena_release(&arena);
	memset(&pool, 0, sizeof(pool));
}

/* What is compared with sees every difference that there is. */
static void lists_that_differ_are_not_taken_for_one(void **state)
{
	struct nl_msg *messages[2] = {nlmsg_alloc(), nlmsg_alloc()};
	struct nft_rule_facts facts[2];
	struct wanted other = usual;

	(void)state;
	other.value[3] = 9;
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(nft_exprs_decode(&arena, &pool,
						  list_of(messages[i], i ? &other : &usual),
						  &facts[i]),
				 0);
	assert_false(alike_rules(alike_rule(&facts[0]), alike_rule(&facts[1])));
	assert_int_equal(facts[1].exprs[1]->value.bytes[3], 9);
	assert_int_equal(facts[0].exprs[1]->value.bytes[3], 1);
	assert_ptr_equal(facts[0].exprs[0], facts[1].exprs[0]);
	assert_int_equal(facts[1].packets, 7);
	arena_release(&arena);
	memset(&pool, 0, sizeof(pool));
	for (size_t i = 0; i < 2; i++)
		nlmsg_free(messages[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_decoded_as_if_no_other_had_come_before),
		cmocka_unit_test(lists_that_differ_are_not_taken_for_one),
	};

	return cmocka_run_group_tests_name("nft_exprs", tests, NULL, NULL);
}
