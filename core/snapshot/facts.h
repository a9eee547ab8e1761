/*
 * Facts about the host and one network namespace that come as small files (the FILES_HOST and FILES_NET bundles).
 * Pure. proc(5).
 */
#ifndef CORE_SNAPSHOT_FACTS_H
#define CORE_SNAPSHOT_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/bundle.h"
#include "core/base/table.h"
#include "core/base/tri.h"

/* Items of FILES_HOST, by name: sys/kernel/{hostname,osrelease}, sys/kernel/random/boot_id, stat (btime line), loadavg,
 * self/status (Uid, CapEff, NoNewPrivs of the reader), 1/comm, etc/services, etc/passwd, modules (the kernel's list; ENOENT:
 * the kernel has no modules), modules.builtin (only its *_diag lines), clk_tck, page_size, self/ns/net (link), mount/proc (mount options
 * of /proc: hidepid), sys/fs/cgroup (whether a cgroup2 is mounted: its path). */
struct host_facts {
	struct table head;
	struct text hostname, kernel, boot_id, init; /* init: comm of pid 1 */
	struct text services_file, passwd_file;      /* bytes as read */
	int services_error, passwd_error;            /* positive errno or 0 */
	int64_t boot_wall_ns;                        /* btime; 0: not known */
	uint32_t clk_tck;                            /* ticks per second; never 0: 100 if not told */
	uint32_t uid;                                /* of the reader (the broker) */
	uint64_t caps;                               /* its effective set */
	uint32_t n_tasks;                            /* from loadavg: all threads of the host; 0: not known */
	enum tri hides_pids;                         /* /proc mounted with hidepid >= 1 */
	bool has_cgroup2;
	uint64_t netns;                              /* inode of the reader's own; 0: not known */
	/* For tcp_diag, udp_diag, mptcp_diag: asking makes the kernel load no module (built in, loaded, or no module support). */
	bool diag_ready[3];
};

enum { DIAG_TCP, DIAG_UDP, DIAG_MPTCP };

/* Items of FILES_NET: sys/net/ipv4/{ip_local_port_range,ip_unprivileged_port_start,tcp_syncookies,ip_nonlocal_bind},
 * sys/net/core/somaxconn, net/sockstat, net/sockstat6, net/netstat. */
struct net_facts {
	struct table head;
	uint16_t local_port_low, local_port_high; /* 0, 0: not known */
	uint16_t unprivileged_start;
	uint32_t somaxconn;
	uint32_t tcp_sockets;      /* inuse + tw of both families from sockstat; what a full dump would cost */
	uint64_t listen_overflows, listen_drops; /* TcpExt */
	bool has_listen_counters;
};

struct facts_decoder;
struct facts_decoder *facts_new(void);
void facts_free(struct facts_decoder *d);
void facts_reset(struct facts_decoder *d);
int facts_decode(struct facts_decoder *d, const void *bytes, size_t len); /* 0, -EBADMSG, -ENOMEM */
struct host_facts *facts_finish_host(struct facts_decoder *d);
struct net_facts *facts_finish_net(struct facts_decoder *d);

#endif
