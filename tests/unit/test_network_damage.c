/* Damaged and foreign answers of rtnetlink: refused or passed over, never misread. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/rtnetlink.h>

#include "core/network/addresses.h"
#include "core/network/links.h"
#include "tests/unit/fixture.h"

#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* A route with room for two attributes, of which dst is the first. */
struct route {
	struct nlmsghdr head;
	struct rtmsg body;
	struct rtattr dst_head;
	uint8_t dst[4];
	struct rtattr oif_head;
	uint32_t oif;
};

static struct route route_of(uint8_t family, uint8_t dst_len)
{
	return (struct route){
		.head = {.nlmsg_len = sizeof(struct route), .nlmsg_type = RTM_NEWROUTE},
		.body = {.rtm_family = family,
			 .rtm_dst_len = dst_len,
			 .rtm_type = RTN_LOCAL},
		.dst_head = {.rta_len = 8, .rta_type = RTA_DST},
		.dst = {10, 1, 2, 3},
		.oif_head = {.rta_len = 8, .rta_type = RTA_OIF},
		.oif = 7,
	};
}

#define AT(member) offsetof(struct route, member)
#define UNCHANGED  sizeof(struct route)

static const struct {
	const char *what;
	uint8_t family, dst_len;
	size_t offset; /* into struct route */
	uint8_t byte;
	int result;
	size_t n;
} route_damages[] = {
	{"good", AF_INET, 32, UNCHANGED, 0, 0, 1},
	{"to everything", AF_INET, 0, AT(dst_head.rta_type), RTA_SRC, 0, 1},
	{"no address", AF_INET, 32, AT(dst_head.rta_type), RTA_SRC, -EBADMSG, 0},
	{"prefix too long", AF_INET, 33, UNCHANGED, 0, -EBADMSG, 0},
	{"address too short", AF_INET6, 128, UNCHANGED, 0, -EBADMSG, 0},
	{"short device", AF_INET, 32, AT(oif_head.rta_len), 6, -EBADMSG, 0},
	{"no device", AF_INET, 32, AT(oif_head.rta_type), 200, 0, 1},
	{"of another family", AF_UNIX, 32, UNCHANGED, 0, 0, 0},
	{"unicast", AF_INET, 32, AT(body.rtm_type), RTN_UNICAST, 0, 0},
	{"of another type", AF_INET, 32, AT(head.nlmsg_type), RTM_DELROUTE, -EBADMSG, 0},
	{"shorter than its body", AF_INET, 32, AT(head.nlmsg_len), 27, -EBADMSG, 0},
};

static void damaged_routes_are_refused_and_foreign_ones_passed_over(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(route_damages); i++) {
		struct route r =
			route_of(route_damages[i].family, route_damages[i].dst_len);
		struct local_route_decoder d;
		int result;

		if (route_damages[i].offset != UNCHANGED)
			((uint8_t *)&r)[route_damages[i].offset] = route_damages[i].byte;
		local_routes_init(&d);
		result = local_routes_decode(&d, &r, sizeof(r));
		if (result != route_damages[i].result || d.rows.n != route_damages[i].n)
			fail_msg("%s: %d, %zu rows", route_damages[i].what, result,
				 d.rows.n);
		local_routes_release(&d);
	}
}

static void a_default_local_route_makes_every_address_of_its_family_ours(void **state)
{
	struct route r = route_of(AF_INET, 0);
	struct addr v4 = addr_v4((uint8_t[]){8, 8, 8, 8}),
		    v6 = addr_v6((uint8_t[16]){0x20, 1});
	struct local_route_decoder d;
	struct local_route_table *t;

	(void)state;
	r.dst_head.rta_type = RTA_SRC;
	local_routes_init(&d);
	assert_int_equal(local_routes_decode(&d, &r, sizeof(r)), 0);
	t = local_routes_finish(&d);
	assert_non_null(t);
	assert_int_equal(t->rows[0].ifindex, 7);
	assert_int_equal(address_is_here(NULL, t, &v4), TRI_YES);
	assert_int_equal(address_is_here(NULL, t, &v6), TRI_UNSURE);
	table_unref(t);
	local_routes_release(&d);
}

/* The three decoders in one form. */
static int decode_links(const void *bytes, size_t len, size_t *n)
{
	struct link_decoder d;
	int result;

	links_init(&d);
	result = links_decode(&d, bytes, len);
	*n = d.rows.n;
	links_release(&d);
	return result;
}

static int decode_addresses(const void *bytes, size_t len, size_t *n)
{
	struct address_decoder d;
	int result;

	addresses_init(&d);
	result = addresses_decode(&d, bytes, len);
	*n = d.rows.n;
	addresses_release(&d);
	return result;
}

static int decode_routes(const void *bytes, size_t len, size_t *n)
{
	struct local_route_decoder d;
	int result;

	local_routes_init(&d);
	result = local_routes_decode(&d, bytes, len);
	*n = d.rows.n;
	local_routes_release(&d);
	return result;
}

static const struct {
	const char *file;
	int (*decode)(const void *bytes, size_t len, size_t *n);
	size_t n_messages, n_rows;
} decoders[] = {
	{"links.bin", decode_links, 4, 4},
	{"addresses-v4.bin", decode_addresses, 5, 5},
	{"local-routes-v6.bin", decode_routes, 13, 6},
};

static void a_part_cut_anywhere_is_whole_messages_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(decoders); i++) {
		struct fixture f = fixture_read(decoders[i].file);
		size_t n_whole = 0, n = 0;

		for (size_t len = 0; len <= f.len; len++) {
			uint8_t *at;
			void *memory = fixture_copy(f.bytes, len, 0, &at);
			int result = decoders[i].decode(at, len, &n);

			n_whole += result == 0;
			if (result) {
				assert_int_equal(result, -EBADMSG);
				assert_int_equal(n, 0);
			}
			free(memory);
		}
		assert_int_equal(n, decoders[i].n_rows);
		assert_int_equal(n_whole, decoders[i].n_messages + 2); /* nothing, DONE */
		fixture_release(&f);
	}
}

static void any_damaged_byte_gives_rows_or_a_refusal(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(decoders); i++) {
		struct fixture f = fixture_read(decoders[i].file);
		size_t n_refused = 0;

		for (size_t bit = 0; bit < f.len * 8; bit += 3) {
			uint8_t *at;
			void *memory = fixture_copy(f.bytes, f.len, bit % 2, &at);
			size_t n;
			int result;

			at[bit / 8] ^= (uint8_t)(1 << bit % 8);
			result = decoders[i].decode(at, f.len, &n);
			assert_true(result == 0 || result == -EBADMSG);
			assert_in_range(n, 0, result ? 0 : decoders[i].n_messages);
			n_refused += result != 0;
			free(memory);
		}
		assert_in_range(n_refused, 20, f.len * 8 / 3 / 2);
		fixture_release(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damaged_routes_are_refused_and_foreign_ones_passed_over),
		cmocka_unit_test(
			a_default_local_route_makes_every_address_of_its_family_ours),
		cmocka_unit_test(a_part_cut_anywhere_is_whole_messages_or_refused),
		cmocka_unit_test(any_damaged_byte_gives_rows_or_a_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
