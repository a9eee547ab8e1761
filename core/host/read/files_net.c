/*
 * The kernel's counters and settings of one network namespace. Reads them, does not know
 * what they mean, and names no table that the kernel would make when asked. proc(5).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "core/host/broker/worker.h"
#include "core/host/read/evidence.h"

#define COUNT(a)     (sizeof(a) / sizeof((a)[0]))
#define COUNTERS_MAX (1 << 20) /* net/dev of a host with thousands of links */
#define SETTING_MAX  256
#define MODULES_MAX  (1 << 20)
#define SERVICES_MAX (4 << 20) /* of IPVS: 60 bytes for each real server */
#define DEVICES_MAX  1000

int files_read_counters(struct bundle_out *out)
{
	static const char *const names[] = {
		"net/snmp",
		"net/snmp6",
		"net/netstat",
		"net/xfrm_stat",
		"net/dev",
		"net/sockstat",
		"net/softnet_stat",
		"net/stat/nf_conntrack",
		"net/stat/arp_cache",
		"net/stat/ndisc_cache",
		"net/stat/rt_cache",
	};
	char path[64];

	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "/proc/thread-self/%s", names[i]);
		if (bundle_out_file(out, AT_FDCWD, path, names[i], COUNTERS_MAX))
			return out->error;
	}
	return 0;
}

/* Beneath /proc/sys/net/. */
static const char *const settings[] = {
	"core/somaxconn",
	"core/netdev_max_backlog",
	"ipv4/ip_forward",
	"ipv4/tcp_syncookies",
	"ipv4/tcp_max_syn_backlog",
	"ipv4/tcp_abort_on_overflow",
	"ipv4/tcp_l3mdev_accept",
	"ipv4/tcp_fwmark_accept",
	"ipv4/tcp_mem",
	"ipv4/ip_nonlocal_bind",
	"ipv6/ip_nonlocal_bind",
	"ipv4/icmp_ratelimit",
	"ipv6/icmp/ratelimit",
	"ipv4/neigh/default/gc_thresh1",
	"ipv4/neigh/default/gc_thresh2",
	"ipv4/neigh/default/gc_thresh3",
	"ipv6/neigh/default/gc_thresh1",
	"ipv6/neigh/default/gc_thresh2",
	"ipv6/neigh/default/gc_thresh3",
	"netfilter/nf_conntrack_max",
	"netfilter/nf_conntrack_count",
	"netfilter/nf_conntrack_tcp_loose",
	"netfilter/nf_conntrack_tcp_be_liberal",
	"netfilter/nf_log_all_netns",
	"bridge/bridge-nf-call-iptables",
	"bridge/bridge-nf-call-ip6tables",
};

static const char *const device_keys_v4[] = {
	"rp_filter",  "accept_local",   "forwarding",   "route_localnet",
	"arp_ignore", "src_valid_mark", "log_martians",
};
static const char *const device_keys_v6[] = {"disable_ipv6", "forwarding"};

static int put_setting(struct bundle_out *out, const char *name)
{
	char path[NAME_MAX + 128];

	snprintf(path, sizeof(path), "/proc/%s", name);
	return bundle_out_file(out, AT_FDCWD, path, name, SETTING_MAX);
}

static int put_device(struct bundle_out *out, const char *family, const char *device,
		      const char *const *keys, size_t n_keys)
{
	char name[NAME_MAX + 64];

	for (size_t i = 0; i < n_keys; i++) {
		snprintf(name, sizeof(name), "sys/net/%s/conf/%s/%s", family, device,
			 keys[i]);
		if (put_setting(out, name))
			return out->error;
	}
	return 0;
}

/* Of all devices, and of "all" and "default". A kernel without the family has no such
 * directory. */
static int put_devices(struct bundle_out *out, const char *family, const char *const *keys,
		       size_t n_keys)
{
	char path[64];
	struct dirent *e;
	unsigned n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/conf", family);
	dir = opendir(path);
	if (!dir)
		return 0;
	while (n < DEVICES_MAX && !out->error && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		put_device(out, family, e->d_name, keys, n_keys);
		n++;
	}
	closedir(dir);
	if (out->error)
		return out->error;
	return n == DEVICES_MAX ? -EMSGSIZE : 0;
}

/* Who takes packets out of the rules' hands: the queues of netfilter, IPVS. Without their
 * part of the kernel there are no such files. */
static int put_takers(struct bundle_out *out)
{
	if (bundle_out_file(out, AT_FDCWD,
			    "/proc/thread-self/net/netfilter/nfnetlink_queue",
			    "net/netfilter/nfnetlink_queue", MODULES_MAX) ||
	    bundle_out_file(out, AT_FDCWD, "/proc/thread-self/net/ip_vs", "net/ip_vs",
			    SERVICES_MAX))
		return out->error;
	return 0;
}

/* Reading the lists of legacy tables makes none of them. */
static int put_lists(struct bundle_out *out)
{
	if (bundle_out_file(out, AT_FDCWD, "/proc/thread-self/net/ip_tables_names",
			    "net/ip_tables_names", SETTING_MAX) ||
	    bundle_out_file(out, AT_FDCWD, "/proc/thread-self/net/ip6_tables_names",
			    "net/ip6_tables_names", SETTING_MAX) ||
	    bundle_out_file(out, AT_FDCWD, "/proc/modules", "modules", MODULES_MAX))
		return out->error;
	return 0;
}

int files_read_settings(struct bundle_out *out)
{
	static const char keepalived[] = "/etc/keepalived/keepalived.conf";
	char name[128];
	int error = 0, error_v6;

	for (size_t i = 0; i < COUNT(settings); i++) {
		snprintf(name, sizeof(name), "sys/net/%s", settings[i]);
		if (put_setting(out, name))
			return out->error;
	}
	if (put_lists(out) || put_takers(out) || virtual_addresses_read(keepalived, out))
		return out->error;
	error = put_devices(out, "ipv4", device_keys_v4, COUNT(device_keys_v4));
	error_v6 = put_devices(out, "ipv6", device_keys_v6, COUNT(device_keys_v6));
	return error ? error : error_v6;
}
