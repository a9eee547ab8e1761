/* Tables of iptables-legacy that are damaged: refused, never followed out of their bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/firewall/ruleset.h"

#include <errno.h>
#include <stdlib.h>

#include "tests/unit/legacy_blob.h"

static void entry_of_no_size(void)
{
	blob_entry(&blob)->next_offset = 0;
}
static void entry_beyond_the_end(void)
{
	blob_entry(&blob)->next_offset = 4096;
}
static void entry_out_of_line(void)
{
	struct ipt_entry *e = (void *)blob.bytes;

	e->next_offset = (uint16_t)(e->next_offset + 4);
}
static void target_in_the_head(void)
{
	struct ipt_entry *e = (void *)blob.bytes;

	e->target_offset = 8;
}
static void target_behind_the_entry(void)
{
	struct ipt_entry *e = (void *)blob.bytes;

	e->target_offset = (uint16_t)(e->next_offset + 8);
}
static void target_without_size(void)
{
	struct xt_entry_target *t = (void *)(blob.bytes + sizeof(struct ipt_entry));

	t->u.target_size = 0;
}
static void target_larger_than_its_entry(void)
{
	struct xt_entry_target *t = (void *)(blob.bytes + sizeof(struct ipt_entry));

	t->u.target_size = 0xfff8;
}
static void target_with_an_endless_name(void)
{
	struct xt_entry_target *t = (void *)(blob.bytes + sizeof(struct ipt_entry));

	memset(t->u.user.name, 'x', sizeof(t->u.user.name));
}
static void fewer_entries_than_said(void)
{
	blob.info.n_entries++;
}
static void no_end(void)
{
	blob.info.size -= blob_entry(&blob)->next_offset;
	blob.info.n_entries--;
}
static void hook_between_entries(void)
{
	blob.info.hook_entry[AROUND] += 8;
}
static void hook_outside(void)
{
	blob.info.hook_entry[OUT] = blob.info.size;
}
static void two_hooks_in_one_place(void)
{
	blob.info.hook_entry[OUT] = blob.info.hook_entry[AROUND];
}
static void underflow_of_another_chain(void)
{
	blob.info.underflow[IN] = blob.info.underflow[OUT];
}
static void underflow_outside(void)
{
	blob.info.underflow[IN] = 0xfffffff8;
}
static void policy_with_a_condition(void)
{
	struct ipt_entry *e = (void *)(blob.bytes + blob.info.underflow[IN]);

	e->ip.proto = IPPROTO_TCP;
}
static void policy_that_returns(void)
{
	struct ipt_entry *e = (void *)(blob.bytes + blob.info.underflow[IN]);
	struct xt_standard_target *t = (void *)((uint8_t *)e + e->target_offset);

	t->verdict = BLOB_RETURN;
}
static void chain_that_runs_into_the_next(void)
{
	size_t last = blob.rule - sizeof(struct ipt_entry) - BLOB_STANDARD;
	struct ipt_entry *e = (void *)(blob.bytes + last);

	e->ip.proto = IPPROTO_TCP;
}
static void chain_without_a_name(void)
{
	struct ipt_entry *e = (void *)(blob.bytes + blob.info.underflow[OUT]);
	struct xt_error_target *t;

	e = (void *)((uint8_t *)e + e->next_offset);
	t = (void *)((uint8_t *)e + e->target_offset);
	memset(t->errorname, 0, sizeof(t->errorname));
}
static void table_without_a_name(void)
{
	memset(blob.info.table, 0, sizeof(blob.info.table));
}
static void table_with_an_endless_name(void)
{
	memset(blob.info.table, 'x', sizeof(blob.info.table));
}
static void family_that_has_none(void)
{
	blob.info.family = NFPROTO_ARP;
}

static void a_damaged_table_is_refused_as_a_whole(void **state)
{
	static void (*const damages[])(void) = {
		entry_of_no_size,
		entry_beyond_the_end,
		entry_out_of_line,
		target_in_the_head,
		target_behind_the_entry,
		target_without_size,
		target_larger_than_its_entry,
		target_with_an_endless_name,
		fewer_entries_than_said,
		no_end,
		hook_between_entries,
		hook_outside,
		two_hooks_in_one_place,
		underflow_of_another_chain,
		underflow_outside,
		policy_with_a_condition,
		policy_that_returns,
		chain_that_runs_into_the_next,
		chain_without_a_name,
		table_without_a_name,
		table_with_an_endless_name,
		family_that_has_none,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		struct ruleset *r;
		int error;

		build_filter();
		damages[i]();
		r = decode_blob(&error);
		if (error != -EBADMSG || r->n_tables + r->n_chains + r->n_rules)
			fail_msg("damage %zu: error %d, %zu rules", i, error, r->n_rules);
		table_unref(r);
	}
}

static void a_match_larger_than_its_entry_is_damage(void **state)
{
	struct xt_entry_match *m;
	struct ruleset *r;
	uint8_t data[8] = {0};
	int32_t verdict = BLOB_DROP;
	int error;

	(void)state;
	for (unsigned size = 0; size <= 80; size += 4) {
		blob_start(&blob, "filter", 1 << IN);
		blob_hook(&blob, IN);
		blob_begin(&blob);
		m = (void *)(blob.bytes + blob.info.size);
		blob_extension(&blob, "comment", 0, data, sizeof(data));
		blob_target(&blob, "", &verdict, sizeof(verdict));
		m->u.match_size = (uint16_t)size;
		blob_policy(&blob, IN, BLOB_ACCEPT);
		blob_head(&blob, "ERROR");
		r = decode_blob(&error);
		assert_int_equal(error, size == 40 ? 0 : -EBADMSG);
		table_unref(r);
	}
}

static void a_jump_into_the_middle_of_a_chain_is_opaque(void **state)
{
	static const int32_t targets[] = {0, 8, 152, 0x7fffffff};
	struct ruleset *r;
	int error;

	(void)state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		struct ipt_entry *first = (void *)blob.bytes, *second;
		struct xt_standard_target *t;

		build_filter();
		second = (void *)(blob.bytes + first->next_offset);
		t = (void *)((uint8_t *)second + second->target_offset);
		t->verdict = targets[i];
		r = decode_blob(&error);
		assert_int_equal(error, 0);
		assert_int_equal(r->rules[1].exprs[r->rules[1].n_exprs - 1]->kind,
				 FW_EXPR_OPAQUE);
		assert_false(r->is_changing);
		table_unref(r);
	}
}

static void pieces_that_do_not_fit_are_damage(void **state)
{
	struct ruleset_decoder *d = ruleset_new();
	struct legacy_blob other;
	struct ruleset *r;

	(void)state;
	build_filter();
	assert_int_equal(blob_send(&blob, d, 64, 128), -EBADMSG);
	assert_int_equal(blob_send(&blob, d, 0, 64), 0);
	assert_int_equal(blob_send(&blob, d, 128, 192), -EBADMSG);
	assert_int_equal(blob_send(&blob, d, 0, 64), 0);
	other = blob;
	other.info.underflow[0]--;
	assert_int_equal(blob_send(&other, d, 64, 128), -EBADMSG);
	assert_int_equal(blob_send(&blob, d, 0, blob.info.size + 8), -EBADMSG);
	assert_int_equal(blob_send(&blob, d, 0, 0), -EBADMSG);
	assert_int_equal(blob_send_all(&blob, d), 0);
	assert_int_equal(blob_send_all(&blob, d), -EBADMSG);
	r = ruleset_finish(d);
	assert_int_equal(r->n_tables, 1);
	table_unref(r);
	ruleset_free(d);
}

static void a_table_that_ends_early_is_none(void **state)
{
	struct ruleset_decoder *d = ruleset_new();
	struct ruleset *r;

	(void)state;
	build_filter();
	assert_int_equal(blob_send(&blob, d, 0, 256), 0);
	assert_int_equal(blob_send_end(d, (struct xtables_end){.family = NFPROTO_IPV4,
							       .n_tables = 1}),
			 0);
	r = ruleset_finish(d);
	assert_int_equal(r->n_tables, 0);
	assert_false(r->is_legacy_read_v4);
	table_unref(r);
	ruleset_free(d);
}

static void any_byte_may_be_wrong(void **state)
{
	static const uint8_t bits[] = {0x01, 0x80, 0xff};

	(void)state;
	build_filter();
	for (size_t at = 0; at < blob.info.size; at++) {
		for (size_t i = 0; i < sizeof(bits); i++) {
			struct ruleset *r;
			int error;

			blob.bytes[at] ^= bits[i];
			r = decode_blob(&error);
			blob.bytes[at] ^= bits[i];
			assert_true(error == 0 || error == -EBADMSG);
			assert_int_equal(r->n_tables, error ? 0 : 1);
			assert_true(ruleset_is_same(r, r));
			table_unref(r);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_damaged_table_is_refused_as_a_whole),
		cmocka_unit_test(a_match_larger_than_its_entry_is_damage),
		cmocka_unit_test(a_jump_into_the_middle_of_a_chain_is_opaque),
		cmocka_unit_test(pieces_that_do_not_fit_are_damage),
		cmocka_unit_test(a_table_that_ends_early_is_none),
		cmocka_unit_test(any_byte_may_be_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
