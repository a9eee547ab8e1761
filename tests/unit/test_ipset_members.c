/* Listings of ipsets as the kernel words them: who is in, and how far that holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <arpa/inet.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/firewall/ipset_members.h"
#include "tests/unit/rounds.h"

enum { CIDR_NONE = 0, N_ADDRESSES = 256 };

struct element {
	uint8_t last; /* of 10.0.0.x */
	uint8_t prefix_len;
	bool is_nomatch;
	uint16_t port; /* TCP; 0: it has none */
};

static struct arena arena;
static struct ipset_members members;

static void put_element(struct nl_msg *m, const struct element *e)
{
	const uint8_t address[4] = {10, 0, 0, e->last};
	struct nlattr *data = nla_nest_start(m, IPSET_ATTR_DATA);
	struct nlattr *ip = nla_nest_start(m, IPSET_ATTR_IP);

	nla_put(m, IPSET_ATTR_IPADDR_IPV4 | NLA_F_NET_BYTEORDER, 4, address);
	nla_nest_end(m, ip);
	if (e->prefix_len)
		nla_put_u8(m, IPSET_ATTR_CIDR, e->prefix_len);
	if (e->is_nomatch)
		nla_put_u32(m, IPSET_ATTR_CADT_FLAGS | NLA_F_NET_BYTEORDER,
			    htonl(IPSET_FLAG_NOMATCH));
	if (e->port) {
		nla_put_u16(m, IPSET_ATTR_PORT | NLA_F_NET_BYTEORDER, htons(e->port));
		nla_put_u8(m, IPSET_ATTR_PROTO, IPPROTO_TCP);
	}
	nla_nest_end(m, data);
}

static struct nl_msg *message(const char *type, uint8_t netmask,
			      const struct element *elements, size_t n)
{
	struct nl_msg *m = nlmsg_alloc_size(1 << 16);
	const struct nfgenmsg head = {.nfgen_family = AF_INET};
	struct nlattr *data;

	nlmsg_put(m, 0, 0, NFNL_SUBSYS_IPSET << 8 | IPSET_CMD_LIST, 0, 0);
	nlmsg_append(m, (void *)(uintptr_t)&head, sizeof(head), NLMSG_ALIGNTO);
	nla_put_string(m, IPSET_ATTR_SETNAME, "s");
	nla_put_string(m, IPSET_ATTR_TYPENAME, type);
	data = nla_nest_start(m, IPSET_ATTR_DATA);
	if (netmask)
		nla_put_u8(m, IPSET_ATTR_NETMASK, netmask);
	nla_nest_end(m, data);
	data = nla_nest_start(m, IPSET_ATTR_ADT);
	for (size_t i = 0; i < n; i++)
		put_element(m, &elements[i]);
	nla_nest_end(m, data);
	return m;
}

static void list(const char *type, uint8_t netmask, const struct element *elements,
		 size_t n)
{
	struct nl_msg *m = message(type, netmask, elements, n);
	struct ipset_listing l;

	ipset_listing_init(&l);
	assert_int_equal(ipset_listing_take(&l, nlmsg_hdr(m)), 0);
	assert_int_equal(ipset_listing_finish(&l, &arena, &members), 0);
	ipset_listing_release(&l);
	nlmsg_free(m);
}

static struct addr address(unsigned last)
{
	const uint8_t bytes[4] = {10, 0, 0, (uint8_t)last};

	return addr_v4(bytes);
}

static bool has(unsigned last, uint16_t port)
{
	struct addr a = address(last);
	struct ipset_around around;

	return ipset_members_have(&members, &a, IPPROTO_TCP, port, &around);
}

static void a_longer_network_decides_for_its_own_addresses(void **state)
{
	static const struct element elements[] = {{0, 24, false, 0},
						  {64, 26, true, 0},
						  {80, 32, false, 0},
						  {255, 32, true, 0}};

	(void)state;
	list("hash:net", 0, elements, 4);
	assert_true(members.is_known);
	assert_true(has(0, 0));
	assert_true(has(63, 0));
	assert_false(has(64, 0));
	assert_true(has(80, 0));
	assert_false(has(127, 0));
	assert_true(has(128, 0));
	assert_false(has(255, 0));
}

static void a_netmask_makes_networks_of_addresses(void **state)
{
	static const struct element elements[] = {{32, CIDR_NONE, false, 0}};

	(void)state;
	list("hash:ip", 28, elements, 1);
	assert_true(has(47, 0));
	assert_false(has(48, 0));
}

static void a_port_has_its_own_addresses(void **state)
{
	static const struct element elements[] = {{0, 25, false, 80}, {1, 32, false, 443}};
	struct addr a = address(1);
	struct ipset_around around;

	(void)state;
	list("hash:net,port", 0, elements, 2);
	assert_true(has(1, 80));
	assert_false(has(128, 80));
	assert_true(has(1, 443));
	assert_false(has(2, 443));
	assert_false(ipset_members_have(&members, &a, IPPROTO_TCP, 100, &around));
	assert_int_equal(around.port_low, 81);
	assert_int_equal(around.port_high, 442);
	assert_false(ipset_members_have(&members, &a, IPPROTO_UDP, 80, &around));
}

static void of_other_types_nothing_is_known(void **state)
{
	static const struct element plain[] = {{0, 24, false, 0}};
	static const struct element ported[] = {{0, 24, false, 80}};

	(void)state;
	list("hash:net,iface", 0, plain, 1);
	assert_false(members.is_known);
	list("hash:net", 0, ported, 1);
	assert_false(members.is_known);
	list("hash:ip,port", 0, plain, 1);
	assert_false(members.is_known);
}

static void all_addresses_may_be_in(void **state)
{
	static const struct element elements[] = {{0, 1, false, 0}, {0, 24, true, 0}};
	struct addr a = address(0), low, high;
	struct ipset_around around;

	(void)state;
	list("hash:net", 0, elements, 2);
	assert_false(ipset_members_have(&members, &a, 0, 0, &around));
	low = address(0);
	high = address(255);
	assert_true(addr_equals(&around.low, &low));
	assert_true(addr_equals(&around.high, &high));
	assert_int_equal(addr_parse(&a, "127.255.255.255"), 0);
	assert_true(ipset_members_have(&members, &a, 0, 0, &around));
	assert_int_equal(addr_parse(&a, "128.0.0.0"), 0);
	assert_false(ipset_members_have(&members, &a, 0, 0, &around));
}

/* ---- random networks ---- */

static bool is_matched(const struct element *elements, size_t n, unsigned last)
{
	const struct element *best = NULL;
	struct addr a = address(last);

	for (size_t i = 0; i < n; i++) {
		struct addr net = address(elements[i].last);

		if (addr_in_prefix(&a, &net, elements[i].prefix_len) &&
		    (!best || elements[i].prefix_len > best->prefix_len))
			best = &elements[i];
	}
	return best && !best->is_nomatch;
}

/* The kernel has each network once. */
static size_t draw(struct element *out, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct element e = {.prefix_len = (uint8_t)(24 + random() % 9),
				    .is_nomatch = random() % 3 == 0};
		bool is_there = false;

		e.last = (uint8_t)(random() & (0xff00 >> (e.prefix_len - 24)) & 0xff);
		for (size_t k = 0; k < kept; k++)
			is_there |=
				out[k].last == e.last && out[k].prefix_len == e.prefix_len;
		if (!is_there)
			out[kept++] = e;
	}
	return kept;
}

static void of_random_networks_every_address_is_told_and_how_far_it_holds(void **state)
{
	struct element elements[40];

	(void)state;
	srandom(7);
	for (unsigned round = rounds(200); round; round--) {
		size_t n = draw(elements, 1 + (size_t)random() % 40);

		list("hash:net", 0, elements, n);
		for (unsigned i = 0; i < N_ADDRESSES; i++) {
			struct addr a = address(i);
			struct ipset_around around;
			bool is_in = ipset_members_have(&members, &a, 0, 0, &around);

			assert_int_equal(is_in, is_matched(elements, n, i));
			assert_true(addr_compare(&around.low, &a) <= 0);
			assert_true(addr_compare(&around.high, &a) >= 0);
			for (unsigned k = around.low.bytes[2] ? i : around.low.bytes[3];
			     k < i; k++)
				if (around.low.bytes[0] == 10)
					assert_int_equal(is_matched(elements, n, k), is_in);
		}
	}
}

static int start(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_longer_network_decides_for_its_own_addresses),
		TEST(a_netmask_makes_networks_of_addresses),
		TEST(a_port_has_its_own_addresses),
		TEST(of_other_types_nothing_is_known),
		TEST(all_addresses_may_be_in),
		TEST(of_random_networks_every_address_is_told_and_how_far_it_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
