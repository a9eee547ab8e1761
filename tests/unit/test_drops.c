/* Packets that the kernel dropped: rows of what the watcher tells, names of its reasons,
 * and what a reason does to a fault. */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/host/bpf/btf_names.h"
#include "core/network/drops.h"
#include "tests/unit/items.h"

#define SYN_FOR(reason, function) \
	ITEM("drop", "5 " reason " " function " 2 6 10.0.0.2 40000 10.0.0.1 443 2 77")

static int take(struct drops *d, const struct bundle_item *items, size_t n)
{
	uint8_t bytes[4096];

	return drops_take(d, bytes, items_put(bytes, sizeof(bytes), items, n));
}

static void a_dropped_packet_is_a_row_with_the_kernels_words(void **state)
{
	static const struct bundle_item items[] = {
		ITEM("ready", ""),
		ITEM("drop",
		     "7 NO_SOCKET tcp_v6_rcv 0 6 fd00::2 40000 fd00::1 443 18 4294967295"),
		ITEM("lost", "3"), ITEM("left_out", "4"), ITEM("later", "words")};
	const struct drop_row *row;
	struct drops d;

	(void)state;
	drops_init(&d);
	assert_false(d.is_ready);
	assert_int_equal(take(&d, items, N_OF(items)), 0);
	assert_true(d.is_ready);
	assert_int_equal(d.n_lost, 3);
	assert_int_equal(d.n_left_out, 4);
	assert_int_equal(d.rows.n, 1);
	row = drops_row(&d, 0);
	assert_int_equal(row->wall_ns, 7);
	assert_string_equal(row->reason, "NO_SOCKET");
	assert_string_equal(row->function, "tcp_v6_rcv");
	assert_int_equal(row->source.family, AF_INET6);
	assert_int_equal(row->source_port, 40000);
	assert_int_equal(row->target_port, 443);
	assert_int_equal(row->flags, 18);
	assert_int_equal(row->sequence, UINT32_MAX);
	drops_release(&d);
}

static void damaged_rows_are_told_and_the_others_kept(void **state)
{
	static const struct bundle_item damaged[] = {
		ITEM("drop", ""),
		ITEM("drop", "x NO_SOCKET f 2 6 10.0.0.2 1 10.0.0.1 2 3 4"),
		ITEM("drop", "5 NO\033SOCKET f 2 6 10.0.0.2 1 10.0.0.1 2 3 4"),
		ITEM("drop", "5 A\0B f 2 6 10.0.0.2 1 10.0.0.1 2 3 4"),
		ITEM("drop", "5 A f;rm 2 6 10.0.0.2 1 10.0.0.1 2 3 4"),
		ITEM("drop", "5 A f 2 256 10.0.0.2 1 10.0.0.1 2 3 4"),
		ITEM("drop", "5 A f 2 6 10.0.0.2.9 1 10.0.0.1 2 3 4"),
		ITEM("drop", "5 A f 2 6 10.0.0.2 65536 10.0.0.1 2 3 4"),
		ITEM("drop", "5 A f 2 6 10.0.0.2 1 10.0.0.1 2 3"),
		ITEM("lost", "many")};
	static const struct bundle_item good[] = {SYN_FOR("A", "f")};
	struct drops d;

	(void)state;
	drops_init(&d);
	for (size_t i = 0; i < N_OF(damaged); i++)
		assert_int_equal(take(&d, &damaged[i], 1), -EBADMSG);
	assert_int_equal(take(&d, good, 1), 0);
	assert_int_equal(d.rows.n, 1);
	assert_int_equal(d.n_lost, 0);
	drops_release(&d);
}

static void more_than_the_bound_is_counted(void **state)
{
	static const struct bundle_item one[] = {SYN_FOR("A", "f")};
	struct drops d;

	(void)state;
	drops_init(&d);
	for (int i = 0; i < DROPS_MAX + 2; i++)
		assert_int_equal(take(&d, one, 1), 0);
	assert_int_equal(d.rows.n, DROPS_MAX);
	assert_int_equal(d.n_left_out, 2);
	drops_release(&d);
}

/* ---- names out of BTF ---- */

static size_t put32(uint8_t *out, size_t at, uint32_t value)
{
	memcpy(out + at, &value, sizeof(value));
	return at + sizeof(value);
}

/* An integer, then an enumeration of two. */
static size_t put_btf(uint8_t out[256])
{
	static const char strings[] =
		"\0int\0skb_drop_reason\0SKB_DROP_REASON_NO_SOCKET\0OTHER";
	static const uint32_t types[] = {1, 1u << 24,     4, 32, /* int */
					 5, 6u << 24 | 2, 4, 21, 3, 47, 9};
	size_t at = put32(out, 0, 0x1eb9f);

	at = put32(out, at, 24);
	at = put32(out, at, 0);
	at = put32(out, at, sizeof(types));
	at = put32(out, at, sizeof(types));
	at = put32(out, at, sizeof(strings));
	memcpy(out + at, types, sizeof(types));
	memcpy(out + at + sizeof(types), strings, sizeof(strings));
	return at + sizeof(types) + sizeof(strings);
}

static void the_running_kernels_numbers_have_its_own_names(void **state)
{
	uint8_t bytes[256];
	struct btf_names names = {0};
	size_t len = put_btf(bytes);

	(void)state;
	assert_int_equal(
		btf_names_find(bytes, len, "skb_drop_reason", "SKB_DROP_REASON_", &names),
		0);
	assert_string_equal(btf_names_word(&names, 3), "NO_SOCKET");
	assert_string_equal(btf_names_word(&names, 9), "OTHER");
	assert_null(btf_names_word(&names, 4));
	btf_names_release(&names);
	assert_int_equal(btf_names_find(bytes, len, "int", "", &names), -ENOENT);
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(btf_names_find(bytes, cut, "skb_drop_reason", "", &names),
				 -EBADMSG);
	put32(bytes, 24 + 4, 31u << 24);
	assert_int_equal(btf_names_find(bytes, len, "skb_drop_reason", "", &names),
			 -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dropped_packet_is_a_row_with_the_kernels_words),
		cmocka_unit_test(damaged_rows_are_told_and_the_others_kept),
		cmocka_unit_test(more_than_the_bound_is_counted),
		cmocka_unit_test(the_running_kernels_numbers_have_its_own_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
