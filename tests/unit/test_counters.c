/* The counters of /proc/net and what moved between two readings. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "core/network/counters.h"
#include "tests/unit/items.h"

#define HEADS                                                                            \
	"Inter-|   Receive                                                |  Transmit\n" \
	" face |bytes    packets errs drop fifo frame compressed multicast|bytes    "    \
	"packets "                                                                       \
	"errs drop fifo colls carrier compressed\n"

static const struct bundle_item recorded[] = {
	ITEM("net/snmp", "Tcp: RtoAlgorithm MaxConn OutRsts\nTcp: 1 -1 7\n"
			 "IcmpMsg: OutType3\nIcmpMsg: 4\n"),
	ITEM("net/netstat", "TcpExt: SyncookiesSent ListenOverflows\nTcpExt: 0 12\n"),
	ITEM("net/snmp6", "Ip6InReceives                   \t300\nIp6InDiscards   \t2\n"),
	ITEM("net/dev",
	     HEADS "    lo:   17346     249    0    0    0     0          0         0 "
		   "   17346     249    0    0    0     0       0          0\n"
		   "eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"),
	ITEM("net/softnet_stat", "0003960f 00000001 00000002 00000000\n"
				 "00046ac6 0000000f 00000000 00000000\n"),
	ITEM("net/stat/nf_conntrack", "entries  found insert_failed drop\n"
				      "0000000a  00000000 00000001 00000010\n"
				      "0000000a  00000002 00000001 00000010\n"),
	ITEM("net/xfrm_stat", "XfrmInNoPols            \t3\nXfrmOutNoStates\t4\n"),
	ITEM("net/sockstat", "sockets: used 16\nTCP: inuse 1 orphan 0 mem 178\n"),
	ITEM("net/stat/arp_cache",
	     "entries  allocs table_fulls\n"
	     "00000002 00002aa3 00000001\n00000002 00002474 00000002\n"),
	ITEM("net/stat/rt_cache", "entries  in_martian_src\n00000005 00000127\n"),
	ITEM_ERROR("net/unknown", ENOENT),
};

static struct counter_table *table_of(const struct bundle_item *items, size_t n, int result)
{
	uint8_t bytes[8192];
	size_t len = items_put(bytes, sizeof(bytes), items, n);
	struct counter_decoder *d = counters_new();
	struct counter_table *t;

	assert_int_equal(counters_decode(d, bytes, len), result);
	t = counters_finish(d);
	assert_non_null(t);
	counters_free(d);
	return t;
}

static const struct {
	const char *name;
	int64_t value; /* -1: not told */
} values[] = {
	{"Tcp.OutRsts", 7},
	{"Tcp.MaxConn", -1},
	{"Tcp.RtoAlgorithm", 1},
	{"IcmpMsg.OutType3", 4},
	{"TcpExt.ListenOverflows", 12},
	{"TcpExt.ListenDrops", -1},
	{"Ip6InReceives", 300},
	{"Ip6InDiscards", 2},
	{"dev.lo.rx_packets", 249},
	{"dev.eth0.rx_bytes", 1},
	{"dev.eth0.rx_errors", 3},
	{"dev.eth0.rx_drop", 4},
	{"dev.eth0.tx_packets", 10},
	{"dev.eth0.tx_drop", 12},
	{"dev.eth0.tx_compressed", 16},
	{"dev. face |bytes.rx_bytes", -1},
	{"softnet.processed", 0x3960f + 0x46ac6},
	{"softnet.dropped", 16},
	{"softnet.time_squeeze", 2},
	{"conntrack.entries", 10},
	{"conntrack.found", 2},
	{"conntrack.insert_failed", 2},
	{"conntrack.drop", 32},
	{"xfrm.XfrmInNoPols", 3},
	{"xfrm.XfrmOutNoStates", 4},
	{"XfrmInNoPols", -1},
	{"sockstat.TCP.mem", 178},
	{"sockstat.sockets.used", 16},
	{"arp_cache.entries", 2},
	{"arp_cache.table_fulls", 3},
	{"rt_cache.in_martian_src", 0x127},
};

static void every_file_is_read_by_its_names(void **state)
{
	struct counter_table *t = table_of(recorded, N_OF(recorded), 0);

	(void)state;
	for (size_t i = 0; i < N_OF(values); i++) {
		uint64_t value = 0;
		bool is_told = counters_get(t, values[i].name, &value);

		if (is_told != (values[i].value >= 0) ||
		    (is_told && value != (uint64_t)values[i].value))
			fail_msg("%s: %d, %llu", values[i].name, is_told,
				 (unsigned long long)value);
	}
	table_unref(t);
}

static void a_delta_needs_both_readings_and_a_counter_that_rises(void **state)
{
	static const struct bundle_item first[] = {
		ITEM("net/snmp", "Tcp: OutRsts InSegs Gone\nTcp: 7 90 1\n")};
	static const struct bundle_item second[] = {
		ITEM("net/snmp", "Tcp: OutRsts InSegs New\nTcp: 9 3 1\n")};
	struct counter_table *before = table_of(first, 1, 0);
	struct counter_table *after = table_of(second, 1, 0);

	(void)state;
	assert_int_equal(counters_delta(before, after, "Tcp.OutRsts"), 2);
	assert_int_equal(counters_delta(after, after, "Tcp.OutRsts"), 0);
	assert_int_equal(counters_delta(before, after, "Tcp.InSegs"), -1);
	assert_int_equal(counters_delta(before, after, "Tcp.New"), -1);
	assert_int_equal(counters_delta(before, after, "Tcp.Gone"), -1);
	assert_int_equal(counters_delta(NULL, after, "Tcp.OutRsts"), -1);
	table_unref(before);
	table_unref(after);
}

static const struct {
	const char *what;
	struct bundle_item item;
	int result;
	size_t n;
} odd[] = {
	{"heads without values", ITEM("net/snmp", "Tcp: OutRsts\n"), 0, 0},
	{"values of another group", ITEM("net/snmp", "Tcp: OutRsts\nUdp: 4\n"), -EBADMSG,
	 0},
	{"fewer values", ITEM("net/snmp", "Tcp: A B\nTcp: 4\n"), -EBADMSG, 1},
	{"a number too large", ITEM("net/snmp", "Tcp: A\nTcp: 99999999999999999999\n"), 0,
	 0},
	{"cut within a number",
	 {.name = LIT("net/snmp"),
	  .data = LIT("Tcp: A\nTcp: 4\nUdp: A\nUdp: 12"),
	  .error = EMSGSIZE},
	 0,
	 1},
	{"a device with few columns", ITEM("net/dev", "eth0: 1 2 3\n"), -EBADMSG, 3},
	{"no hexadecimal", ITEM("net/softnet_stat", "00x0 1 2\n"), -EBADMSG, 0},
	{"a word without its number", ITEM("net/sockstat", "TCP: inuse 1 mem\n"), -EBADMSG,
	 1},
	{"a line without a group", ITEM("net/sockstat", "inuse 1\n"), -EBADMSG, 0},
	{"a name with a NUL", ITEM("net/snmp6", "Ip6\0In 4\n"), 0, 0},
	{"nothing", ITEM("net/stat/nf_conntrack", ""), 0, 0},
};

static void odd_files_give_what_is_sure_in_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(odd); i++) {
		struct counter_table *t = table_of(&odd[i].item, 1, odd[i].result);

		if (t->n != odd[i].n)
			fail_msg("%s: %zu rows", odd[i].what, t->n);
		table_unref(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_is_read_by_its_names),
		cmocka_unit_test(a_delta_needs_both_readings_and_a_counter_that_rises),
		cmocka_unit_test(odd_files_give_what_is_sure_in_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
