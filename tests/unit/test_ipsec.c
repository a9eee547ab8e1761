/* Policies of IPsec: from messages of the kernel, and as words. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "core/host/kernel/ipsec.h"
#include "tests/unit/ipsec_message.h"

static void a_message_becomes_a_row(void **state)
{
	struct part p = {0};
	struct ipsec_table *t;
	const struct ipsec_policy *row;

	(void)state;
	put(&p, (struct told){HOST_IN, .proto = IPPROTO_TCP, .dport = 443, .priority = 7,
			      .index = 8, .mark = 1, .mark_mask = 255, .if_id = 5,
			      .n_templates = 2, .used_s = 1763800000});
	t = table_of(&p);
	assert_int_equal(t->n, 1);
	row = &t->rows[0];
	assert_int_equal(row->direction, IPSEC_IN);
	assert_int_equal(row->source_len, 32);
	assert_int_equal(row->target_port, 443);
	assert_int_equal(row->priority, 7);
	assert_int_equal(row->mark_mask, 255);
	assert_int_equal(row->if_id, 5);
	assert_int_equal(row->used_s, 1763800000);
	assert_int_equal(row->n_templates, 2);
	assert_int_equal(row->templates[0].proto, IPPROTO_ESP);
	assert_int_equal(row->templates[0].target.bytes[3], 9);
	assert_false(row->templates[0].is_optional);
	assert_false(t->has_states);
	table_unref(t);
}

static void the_number_of_associations_is_told_without_them(void **state)
{
	uint32_t flags = 0;
	struct part p = {0};
	struct ipsec_table *t;
	struct nl_msg *m = message_new(XFRM_MSG_NEWSADINFO, &flags, sizeof(flags));

	(void)state;
	nla_put_u32(m, XFRMA_SAD_CNT, 3);
	part_take(&p, m);
	t = table_of(&p);
	assert_true(t->has_states);
	assert_int_equal(t->n_states, 3);
	table_unref(t);
}

/* What the kernel says of an association holds its key. */
static struct nl_msg *association(void)
{
	static const uint8_t key[] = {0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4};
	struct xfrm_usersa_info info = {.family = AF_INET};
	struct nl_msg *m = message_new(XFRM_MSG_NEWSA, &info, sizeof(info));

	nla_put(m, XFRMA_ALG_CRYPT, sizeof(key), key);
	return m;
}

static void no_message_with_a_key_leaves_the_reader(void **state)
{
	unsigned n = 0;

	(void)state;
	for (uint32_t type = 0; type <= UINT16_MAX; type++)
		n += ipsec_may_leave((uint16_t)type);
	assert_int_equal(n, 3);
	assert_true(ipsec_may_leave(XFRM_MSG_NEWPOLICY));
	assert_true(ipsec_may_leave(XFRM_MSG_NEWSADINFO));
	assert_true(ipsec_may_leave(XFRM_MSG_GETDEFAULT));
	assert_false(ipsec_may_leave(XFRM_MSG_NEWSA));
}

static void an_association_is_damage_to_the_decoder(void **state)
{
	struct part p = {0};
	struct ipsec_decoder d;

	(void)state;
	put(&p, (struct told){.index = 8});
	put_default(&p, XFRM_USERPOLICY_BLOCK);
	part_take(&p, association());
	ipsec_init(&d);
	assert_int_equal(ipsec_decode(&d, p.bytes, p.len), -EBADMSG);
	assert_int_equal(d.rows.n, 0);
	assert_false(d.blocks_others[IPSEC_IN]);
	ipsec_release(&d);
}

static void nothing_is_kept_of_a_damaged_part(void **state)
{
	const struct told damaged[] = {{.dir = 6, .index = 8},
				       {.source_len = 33, .index = 8},
				       {.n_templates = 7, .index = 8}};
	struct ipsec_decoder d;

	(void)state;
	for (size_t i = 0; i < N_OF(damaged); i++) {
		struct part p = {0};

		put(&p, (struct told){.index = 16});
		put(&p, damaged[i]);
		ipsec_init(&d);
		assert_int_equal(ipsec_decode(&d, p.bytes, p.len), -EBADMSG);
		assert_int_equal(ipsec_decode(&d, p.bytes, 40), -EBADMSG);
		assert_int_equal(d.rows.n, 0);
		ipsec_release(&d);
	}
}

/* ---- words ---- */

static void assert_words(struct told told, const char *selector, const char *rest)
{
	struct str s = {0};
	struct part p = {0};
	struct ipsec_table *t;

	put(&p, told);
	t = table_of(&p);
	ipsec_print_selector(&s, &t->rows[0], "eth0");
	assert_string_equal(str_text(&s), selector);
	str_reset(&s);
	ipsec_print_rest(&s, &t->rows[0]);
	assert_string_equal(str_text(&s), rest);
	str_release(&s);
	table_unref(t);
}

static void a_policy_reads_as_ip_xfrm_takes_it(void **state)
{
	(void)state;
	assert_words((struct told){HOST_IN, BLOCK, .priority = 7},
		     "src 10.0.0.2/32 dst 10.0.0.1/32 dir in", " action block priority 7");
	assert_words((struct told){HOST_IN, .proto = IPPROTO_TCP, .sport = 9, .dport = 443,
				   .ifindex = 2, .mark = 1, .mark_mask = 255, .if_id = 5,
				   .type = 1, .n_templates = 1, .is_optional = true},
		     "src 10.0.0.2/32 dst 10.0.0.1/32 dev eth0 proto tcp sport 9 dport 443 "
		     "dir in mark 0x1 mask 0xff ptype sub if_id 0x5",
		     " action allow priority 0 tmpl dst 192.0.2.9 proto esp reqid 16 mode "
		     "tunnel level use");
	assert_words((struct told){.source = "::",
				   .target = "fd00::",
				   .target_len = 64,
				   .proto = 89,
				   .dir = XFRM_POLICY_FWD},
		     "src ::/0 dst fd00::/64 proto 89 dir fwd", " action allow priority 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_becomes_a_row),
		cmocka_unit_test(the_number_of_associations_is_told_without_them),
		cmocka_unit_test(no_message_with_a_key_leaves_the_reader),
		cmocka_unit_test(an_association_is_damage_to_the_decoder),
		cmocka_unit_test(nothing_is_kept_of_a_damaged_part),
		cmocka_unit_test(a_policy_reads_as_ip_xfrm_takes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
