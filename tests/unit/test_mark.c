/* By what rules are seen to have changed, without them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include "core/base/xtables.h"
#include "core/firewall/mark.h"

struct answer {
	uint8_t bytes[1024] __attribute__((aligned(4)));
	size_t len;
};

static void add(struct answer *a, uint16_t type, const void *body, size_t n)
{
	struct nlmsghdr h = {.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + n), .nlmsg_type = type};

	memcpy(a->bytes + a->len, &h, sizeof(h));
	memcpy(a->bytes + a->len + NLMSG_HDRLEN, body, n);
	a->len += NLMSG_ALIGN(h.nlmsg_len);
}

static void add_generation(struct answer *a, uint8_t number)
{
	/* The head of an attribute is of the host's byte order. */
	struct nlattr head = {.nla_len = 8, .nla_type = NFTA_GEN_ID};
	uint8_t bytes[12] = {[11] = number};

	memcpy(bytes + sizeof(struct nfgenmsg), &head, sizeof(head));
	add(a, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN, bytes, sizeof(bytes));
}

static void add_table(struct answer *a, const char *name, uint32_t n_entries)
{
	struct xtables_piece p = {.family = 2, .n_entries = n_entries, .size = 100};

	memcpy(p.table, name, strlen(name));
	add(a, XTABLES_PIECE, &p, sizeof(p));
}

static void add_end(struct answer *a, int32_t error)
{
	struct xtables_end end = {.family = 2, .error = error};

	add(a, XTABLES_END, &end, sizeof(end));
}

static struct fw_mark *mark_of(const struct answer *a)
{
	struct fw_mark_decoder *d = fw_mark_new();
	struct fw_mark *m;

	assert_non_null(d);
	assert_int_equal(fw_mark_decode(d, a->bytes, a->len), 0);
	m = fw_mark_finish(d);
	assert_non_null(m);
	fw_mark_free(d);
	return m;
}

static bool is_same(const struct answer *x, const struct answer *y)
{
	struct fw_mark *a = mark_of(x), *b = mark_of(y);
	bool same = fw_mark_is_same(a, b);

	table_unref(a);
	table_unref(b);
	return same;
}

static void the_generation_is_the_kernels_number(void **state)
{
	struct answer a = {.len = 0}, b = {.len = 0};
	struct fw_mark *m;

	(void)state;
	add_generation(&a, 7);
	add_generation(&b, 8);
	m = mark_of(&a);
	assert_true(m->has_generation);
	assert_int_equal(m->generation, 7);
	table_unref(m);
	assert_true(is_same(&a, &a));
	assert_false(is_same(&a, &b));
}

static void no_nf_tables_is_another_mark_than_some(void **state)
{
	struct answer none = {.len = 0}, some = {.len = 0};

	(void)state;
	add_end(&none, 0);
	add_generation(&some, 1);
	add_end(&some, 0);
	assert_true(is_same(&none, &none));
	assert_false(is_same(&none, &some));
}

static void a_legacy_table_of_another_size_is_seen(void **state)
{
	struct answer a = {.len = 0}, b = {.len = 0}, turned = {.len = 0};

	(void)state;
	add_table(&a, "filter", 4);
	add_table(&a, "nat", 5);
	add_table(&turned, "nat", 5);
	add_table(&turned, "filter", 4);
	add_table(&b, "filter", 5);
	add_table(&b, "nat", 5);
	assert_true(is_same(&a, &turned));
	assert_false(is_same(&a, &b));
}

static void what_was_not_told_whole_is_like_nothing(void **state)
{
	struct answer a = {.len = 0}, b = {.len = 0};

	(void)state;
	add_generation(&a, 7);
	add_end(&a, EIO);
	assert_false(is_same(&a, &a));
	add_generation(&b, 7);
	add_generation(&b, 8);
	assert_false(is_same(&b, &b));
}

static void damage_is_refused(void **state)
{
	struct fw_mark_decoder *d = fw_mark_new();
	struct answer a = {.len = 0};
	uint8_t byte = 1;

	(void)state;
	add(&a, XTABLES_PIECE, &byte, 1);
	assert_int_equal(fw_mark_decode(d, a.bytes, a.len), -EBADMSG);
	a.len = 0;
	add(&a, XTABLES_END, &byte, 1);
	assert_int_equal(fw_mark_decode(d, a.bytes, a.len), -EBADMSG);
	a.len = 0;
	add(&a, 0x1234, &byte, 1);
	assert_int_equal(fw_mark_decode(d, a.bytes, a.len), -EBADMSG);
	fw_mark_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_generation_is_the_kernels_number),
		cmocka_unit_test(no_nf_tables_is_another_mark_than_some),
		cmocka_unit_test(a_legacy_table_of_another_size_is_seen),
		cmocka_unit_test(what_was_not_told_whole_is_like_nothing),
		cmocka_unit_test(damage_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
