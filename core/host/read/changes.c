/* What may have changed: when configuration was written, the packages' logs, and what
 * firewalld keeps, whose running rules may differ. Does not know what was changed. */
#include "core/host/read/changes.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#include "core/host/read/evidence.h"
#include "core/host/read/firewalld_files.h"
#include "core/host/read/line_item.h"

#define TAIL     (32 << 10)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Of the firewall, the network, the resolver; what is a directory is looked into. */
static const char *const paths[] = {
	"/etc/nftables.conf",
	"/etc/nftables.d",
	"/etc/nftables",
	"/etc/sysconfig/nftables.conf",
	"/etc/iptables",
	"/etc/sysconfig/iptables",
	"/etc/sysconfig/ip6tables",
	"/etc/ufw",
	"/etc/default/ufw",
	"/etc/firewalld",
	"/etc/network/interfaces",
	"/etc/network/interfaces.d",
	"/etc/netplan",
	"/etc/systemd/network",
	"/etc/NetworkManager/system-connections",
	"/etc/sysconfig/network-scripts",
	"/etc/sysctl.conf",
	"/etc/sysctl.d",
	"/etc/hosts",
	"/etc/hosts.allow",
	"/etc/hosts.deny",
	"/etc/resolv.conf",
	"/etc/nsswitch.conf",
	"/etc/fail2ban",
	"/etc/docker/daemon.json",
};

/* One distribution has the one, another the other: what is not there is left out. */
static void put_package_log(struct bundle_out *out, const char *name, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);

	if (fd < 0) {
		if (errno != ENOENT)
			bundle_out_item(out, name, NULL, 0, errno);
		return;
	}
	line_item_tail(out, fd, name, TAIL);
	close(fd);
}

int changes_read(const struct past_ask *ask, struct bundle_out *out)
{
	struct change_list l = {.out = out, .since_ns = ask->since_wall_ns, .pid_word = ""};

	put_package_log(out, "dpkg", "/var/log/dpkg.log");
	put_package_log(out, "rpm", "/var/log/dnf.rpm.log");
	put_package_log(out, "rpm", "/var/log/yum.log");
	for (size_t i = 0; i < ask->pids.n; i++)
		change_pids_put(&l, ask->pids.pids[i]);
	for (size_t i = 0; i < COUNT(paths); i++)
		change_files_put(&l, -1, paths[i], 2);
	return firewalld_files_put(out, "");
}
