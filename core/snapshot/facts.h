/*
 * Facts about the host and one network namespace that come as small files (the FILES_HOST
 * and FILES_NET bundles). Pure. proc(5).
 */
#ifndef CORE_SNAPSHOT_FACTS_H
#define CORE_SNAPSHOT_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/bundle.h"
#include "core/base/table.h"
#include "core/base/tri.h"
#include "core/snapshot/cloud_host.h"

/*
 * Items of FILES_HOST, by name: sys/kernel/{hostname,osrelease}, sys/kernel/random/boot_id,
 * stat (btime line), loadavg, self/status (Uid, CapEff of the reader), 1/comm,
 * etc/services, etc/passwd, clk_tck, self/ns/net, self/ns/pid and 1/ns/pid (links),
 * mount/proc and mount/cgroup2 (their lines of /proc/self/mountinfo), kernel/nfnetlink_hook
 * (its error alone: ENOPKG is none), dmi/{sys_vendor,product_name,bios_version,
 * chassis_asset_tag}. Others are passed over. A long file comes as several
 * items of its name.
 */
struct host_facts {
	struct table head;
	struct text hostname, kernel, boot_id, init; /* init: comm of pid 1 */
	struct text services_file, passwd_file;      /* bytes as read */
	/* Positive errno or 0; not told: ENOENT. With bytes: what follows them lacks. */
	int services_error, passwd_error;
	int64_t boot_wall_ns; /* btime; 0: not known */
	uint32_t clk_tck;     /* ticks per second; never 0: 100 if not told */
	uint32_t uid;     /* effective, of the reader (the broker); UINT32_MAX: not known */
	uint64_t caps;    /* its effective set */
	uint32_t n_tasks; /* from loadavg: all threads of the host; 0: not known */
	enum tri hides_pids; /* /proc mounted with hidepid >= 1 */
	bool has_no_proc;    /* no process filesystem is mounted on /proc */
	/* /proc is that of an inner PID namespace (a container's): it shows none of the
	 * processes outside. */
	enum tri is_inner_proc;
	bool has_cgroup2;
	enum tri tells_hooks; /* the order of hooked functions can be asked */
	uint64_t netns;       /* inode of the reader's own; 0: not known */
	/* What the firmware says of the machine; none: it was not told. */
	struct text dmi_vendor, dmi_product, dmi_bios, dmi_asset;
};

/*
 * Items of FILES_NET: sys/net/ipv4/{ip_local_port_range,ip_unprivileged_port_start},
 * sys/net/core/somaxconn, net/sockstat, net/sockstat6, net/protocols, net/netstat.
 */
struct net_facts {
	struct table head;
	uint16_t local_port_low, local_port_high; /* 0, 0: not known */
	uint16_t unprivileged_start;              /* 1024 if not told */
	uint32_t somaxconn;                       /* 0: not known */
	/* inuse + tw of both families from sockstat; what a full dump would cost */
	uint32_t tcp_sockets;
	enum tri has_mptcp;     /* the kernel has the protocol */
	uint32_t mptcp_sockets; /* of both families; always 0 before Linux 6.3 */
	uint64_t listen_overflows, listen_drops; /* TcpExt */
	bool has_listen_counters;
};

/* Whether its kernel is of this version or later; UNSURE where the release says none. */
enum tri host_kernel_since(const struct host_facts *host, unsigned major, unsigned minor);

struct facts_decoder;

struct facts_decoder *facts_new(void);
void facts_free(struct facts_decoder *d);
void facts_reset(struct facts_decoder *d);
/* One part of either bundle. 0, -EBADMSG (items before the damage are kept), -ENOMEM. */
int facts_decode(struct facts_decoder *d, const void *bytes, size_t len);
/* Each a frozen table with one reference, and the decoder forgets it; NULL: no memory. */
struct host_facts *facts_finish_host(struct facts_decoder *d);
struct net_facts *facts_finish_net(struct facts_decoder *d);

#endif
