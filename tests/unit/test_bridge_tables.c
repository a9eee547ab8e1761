/* What bridges have learned and the VLANs of their ports, from messages of the kernel;
 * built, for the bridges of many kernels filter no VLANs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "core/network/bridge_tables.h"
#include "tests/unit/netlink_message.h"

enum { BRIDGE = 2, PORT_A = 3, PORT_B = 4 };
enum {
	PVID = BRIDGE_VLAN_INFO_PVID,
	UNTAGGED = BRIDGE_VLAN_INFO_UNTAGGED,
	FROM = BRIDGE_VLAN_INFO_RANGE_BEGIN,
	TO = BRIDGE_VLAN_INFO_RANGE_END
};

static const uint8_t anna[6] = {2, 0, 0, 0, 0, 1}, berta[6] = {2, 0, 0, 0, 0, 2};

static void put_learned(struct part *p, const uint8_t *mac, int port, uint16_t vlan,
			uint16_t state)
{
	struct ndmsg head = {
		.ndm_family = AF_BRIDGE, .ndm_ifindex = port, .ndm_state = state};
	struct nl_msg *m = message_new(RTM_NEWNEIGH, &head, sizeof(head));

	nla_put(m, NDA_LLADDR, 6, mac);
	nla_put_u32(m, NDA_MASTER, BRIDGE);
	if (vlan)
		nla_put_u16(m, NDA_VLAN, vlan);
	part_take(p, m);
}

/* n pairs of a VLAN and its flags. */
static void put_port(struct part *p, int ifindex, const uint16_t *pairs, size_t n)
{
	struct ifinfomsg head = {.ifi_family = AF_BRIDGE, .ifi_index = ifindex};
	struct nl_msg *m = message_new(RTM_NEWLINK, &head, sizeof(head));
	struct nlattr *nest = nla_nest_start(m, IFLA_AF_SPEC);

	for (size_t i = 0; i < n; i++) {
		struct bridge_vlan_info info = {.vid = pairs[2 * i],
						.flags = pairs[2 * i + 1]};

		nla_put(m, IFLA_BRIDGE_VLAN_INFO, sizeof(info), &info);
	}
	nla_nest_end(m, nest);
	part_take(p, m);
}

static struct bridge_table *table_of(const struct part *p, int wanted)
{
	struct bridge_decoder d;
	struct bridge_table *t;

	bridges_init(&d);
	assert_int_equal(bridges_decode(&d, p->bytes, p->len), wanted);
	t = bridges_finish(&d);
	assert_non_null(t);
	bridges_release(&d);
	return t;
}

static void an_address_is_behind_the_one_port_where_it_was_seen(void **state)
{
	struct part p = {.len = 0};
	struct bridge_table *t;

	(void)state;
	put_learned(&p, anna, PORT_A, 0, NUD_REACHABLE);
	put_learned(&p, berta, PORT_B, 7, NUD_STALE);
	put_learned(&p, berta, PORT_B, 8, NUD_STALE);
	t = table_of(&p, 0);
	assert_int_equal(bridge_port_of(t, BRIDGE, anna), PORT_A);
	assert_int_equal(bridge_port_of(t, BRIDGE, berta), PORT_B);
	assert_int_equal(bridge_port_of(t, PORT_A, anna), 0);
	table_unref(t);
}

static void of_an_address_at_two_ports_or_of_this_host_no_port_is_told(void **state)
{
	struct part p = {.len = 0};
	struct bridge_table *t;

	(void)state;
	put_learned(&p, anna, PORT_A, 7, NUD_REACHABLE);
	put_learned(&p, anna, PORT_B, 8, NUD_REACHABLE);
	put_learned(&p, berta, PORT_B, 0, NUD_PERMANENT);
	t = table_of(&p, 0);
	assert_int_equal(bridge_port_of(t, BRIDGE, anna), 0);
	assert_int_equal(bridge_port_of(t, BRIDGE, berta), 0);
	table_unref(t);
}

static void vlans_of_a_port_are_told_one_by_one_or_as_ranges(void **state)
{
	static const uint16_t of_a[] = {1, PVID | UNTAGGED, 10, FROM, 19, TO, 30, 0};
	static const uint16_t of_b[] = {5, UNTAGGED};
	struct part p = {.len = 0};
	struct bridge_table *t;

	(void)state;
	put_port(&p, PORT_A, of_a, 4);
	put_port(&p, PORT_B, of_b, 1);
	t = table_of(&p, 0);
	assert_int_equal(bridge_vlan_of(t, PORT_A), 1);
	assert_int_equal(bridge_vlan_of(t, PORT_B), 0);
	assert_true(bridge_vlan_at(t, PORT_A, 1)->is_untagged);
	assert_false(bridge_vlan_at(t, PORT_A, 19)->is_untagged);
	assert_null(bridge_vlan_at(t, PORT_A, 20));
	assert_non_null(bridge_vlan_at(t, PORT_A, 30));
	assert_null(bridge_vlan_at(t, PORT_B, 1));
	assert_true(bridge_vlan_at(t, PORT_B, 5)->is_untagged);
	table_unref(t);
}

static void odd_ranges_and_numbers_are_damage(void **state)
{
	static const uint16_t rows[][4] = {
		{19, TO, 0, 0}, {10, FROM, 9, TO}, {0, PVID, 1, 0}, {4095, PVID, 1, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct part p = {.len = 0};
		struct bridge_table *t;

		put_learned(&p, anna, PORT_A, 0, NUD_REACHABLE);
		put_port(&p, PORT_A, rows[i], 2);
		t = table_of(&p, -EBADMSG);
		assert_int_equal(t->n_learned + t->n_vlans, 0);
		table_unref(t);
	}
}

static void other_messages_are_damage_and_ip_neighbours_are_passed_over(void **state)
{
	struct ndmsg ip = {.ndm_family = AF_INET, .ndm_ifindex = PORT_A};
	struct part p = {.len = 0}, other = {.len = 0};
	struct bridge_table *t;

	(void)state;
	part_take(&p, message_new(RTM_NEWNEIGH, &ip, sizeof(ip)));
	t = table_of(&p, 0);
	assert_int_equal(t->n_learned, 0);
	table_unref(t);
	part_take(&other, message_new(RTM_NEWROUTE, &ip, sizeof(ip)));
	table_unref(table_of(&other, -EBADMSG));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_behind_the_one_port_where_it_was_seen),
		cmocka_unit_test(
			of_an_address_at_two_ports_or_of_this_host_no_port_is_told),
		cmocka_unit_test(vlans_of_a_port_are_told_one_by_one_or_as_ranges),
		cmocka_unit_test(odd_ranges_and_numbers_are_damage),
		cmocka_unit_test(
			other_messages_are_damage_and_ip_neighbours_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
