/* Neighbours from messages of the kernel. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "core/network/neighbours.h"
#include "tests/unit/fixture.h"
#include "tests/unit/netlink_message.h"

static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9};

static void put(struct part *p, const char *address, int ifindex, uint16_t state, bool told)
{
	struct addr a = {0};
	struct ndmsg head = {.ndm_ifindex = ifindex, .ndm_state = state};
	struct nl_msg *m;

	assert_int_equal(addr_parse(&a, address), 0);
	head.ndm_family = a.family;
	m = message_new(RTM_NEWNEIGH, &head, sizeof(head));
	nla_put(m, NDA_DST, a.family == AF_INET ? 4 : 16, a.bytes);
	if (told)
		nla_put(m, NDA_LLADDR, sizeof(mac), mac);
	nla_put_u32(m, NDA_PROBES, 3);
	part_take(p, m);
}

static struct neighbour_table *table_of(const struct part *p)
{
	struct neighbour_decoder d;
	struct neighbour_table *t;

	neighbours_init(&d);
	assert_int_equal(neighbours_decode(&d, p->bytes, p->len), 0);
	t = neighbours_finish(&d);
	assert_non_null(t);
	neighbours_release(&d);
	return t;
}

static void neighbours_are_found_by_address_and_interface(void **state)
{
	struct part p = {0};
	struct addr wanted = addr_v4((uint8_t[]){10, 0, 0, 9});
	struct addr mapped;
	struct neighbour_table *t;
	const struct neighbour_row *row;

	(void)state;
	assert_int_equal(addr_parse(&mapped, "::ffff:10.0.0.9"), 0);
	put(&p, "fe80::9", 2, NUD_STALE, true);
	put(&p, "10.0.0.9", 3, NUD_FAILED, false);
	put(&p, "10.0.0.9", 2, NUD_REACHABLE, true);
	put(&p, "10.0.0.9", 2, NUD_REACHABLE, true);
	t = table_of(&p);
	assert_int_equal(t->n, 3);
	row = neighbours_find(t, &wanted, 2);
	assert_non_null(row);
	assert_true(row->has_mac);
	assert_memory_equal(row->mac, mac, sizeof(mac));
	assert_int_equal(row->n_probes, 3);
	assert_string_equal(neighbour_state_word(row->state), "REACHABLE");
	row = neighbours_find(t, &mapped, 3);
	assert_non_null(row);
	assert_false(row->has_mac);
	assert_string_equal(neighbour_state_word(row->state), "FAILED");
	assert_null(neighbours_find(t, &wanted, 4));
	table_unref(t);
}

static void every_state_has_its_word(void **state)
{
	static const struct {
		uint16_t state;
		const char *word;
	} rows[] = {{NUD_NONE, "NONE"},   {NUD_INCOMPLETE, "INCOMPLETE"},
		    {NUD_DELAY, "DELAY"}, {NUD_PROBE, "PROBE"},
		    {NUD_NOARP, "NOARP"}, {NUD_PERMANENT, "PERMANENT"},
		    {NUD_STALE, "STALE"}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(neighbour_state_word(rows[i].state), rows[i].word);
}

static void nothing_is_kept_of_a_damaged_part(void **state)
{
	struct ndmsg head = {.ndm_family = AF_INET};
	struct ndmsg bridge = {.ndm_family = AF_BRIDGE};
	struct part p = {0};
	struct neighbour_decoder d;
	struct neighbour_table *t;

	(void)state;
	part_take(&p, message_new(RTM_NEWNEIGH, &bridge, sizeof(bridge)));
	put(&p, "10.0.0.9", 3, NUD_STALE, true);
	t = table_of(&p);
	assert_int_equal(t->n, 1);
	table_unref(t);
	part_take(&p, message_new(RTM_NEWNEIGH, &head, sizeof(head)));
	neighbours_init(&d);
	assert_int_equal(neighbours_decode(&d, p.bytes, p.len), -EBADMSG);
	assert_int_equal(d.rows.n, 0);
	t = neighbours_finish(&d);
	assert_non_null(t);
	assert_null(neighbours_find(t, &(struct addr){.family = AF_INET}, 1));
	table_unref(t);
	neighbours_release(&d);
}

static void recorded_neighbours_become_rows(void **state)
{
	struct fixture f = fixture_read("neighbours.bin");
	struct addr gateway = addr_v4((uint8_t[]){10, 9, 0, 254});
	struct addr silent = addr_v4((uint8_t[]){10, 9, 0, 77});
	struct part p = {.len = f.len};
	const struct neighbour_row *row;
	struct neighbour_table *t;

	(void)state;
	memcpy(p.bytes, f.bytes, f.len);
	t = table_of(&p);
	assert_int_equal(t->n, 5);
	row = neighbours_find(t, &gateway, 3);
	assert_non_null(row);
	assert_int_equal(row->mac[5], 0xfe);
	assert_string_equal(neighbour_state_word(row->state), "PERMANENT");
	row = neighbours_find(t, &silent, 3);
	assert_non_null(row);
	assert_false(row->has_mac);
	assert_string_equal(neighbour_state_word(row->state), "INCOMPLETE");
	table_unref(t);
	fixture_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_neighbours_become_rows),
		cmocka_unit_test(neighbours_are_found_by_address_and_interface),
		cmocka_unit_test(every_state_has_its_word),
		cmocka_unit_test(nothing_is_kept_of_a_damaged_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
