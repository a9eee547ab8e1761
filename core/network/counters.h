/*
 * The kernel's counters of one network namespace, by the names that nstat(8) and netstat
 * use, and their deltas. From the bundle FILES_COUNTERS: items net/snmp, net/netstat (pairs
 * of lines "Tcp: names" "Tcp: values"), net/snmp6 and net/xfrm_stat (one name and value a
 * line), net/dev, net/sockstat, net/softnet_stat, net/stat/{nf_conntrack,arp_cache,
 * ndisc_cache,rt_cache}. Pure. proc(5).
 *
 * Of the whole machine and not of the namespace are softnet, arp_cache, ndisc_cache,
 * rt_cache and sockstat's "mem".
 */
#ifndef CORE_NETWORK_COUNTERS_H
#define CORE_NETWORK_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/bundle.h"
#include "core/base/table.h"

/* "Tcp.OutRsts", "TcpExt.ListenOverflows", "Ip6.Ip6InDiscards" as "Ip6InDiscards",
 * "dev.eth0.rx_drop", "softnet.dropped", "conntrack.insert_failed" (sums over processors),
 * "xfrm.XfrmInNoPols", "sockstat.TCP.mem", "arp_cache.table_fulls".
 */
struct counter_row {
	struct text name;
	uint64_t value;
};

struct counter_table {
	struct table head;
	struct counter_row *rows; /* sorted by name */
	size_t n;
};

struct counter_decoder;
struct counter_decoder *counters_new(void);
void counters_free(struct counter_decoder *d);
int counters_decode(struct counter_decoder *d, const void *bytes, size_t len);
struct counter_table *counters_finish(struct counter_decoder *d);

/* False: this kernel does not tell it. */
bool counters_get(const struct counter_table *t, const char *name, uint64_t *value);
/* after - before, -1: not told by both (or it went backwards). */
int64_t counters_delta(const struct counter_table *before,
		       const struct counter_table *after, const char *name);

#endif
