/* Matches of xtables on where in this host a packet comes from or goes to, as
 * iptables-save(8) writes them. */
#include "core/firewall/text/text_xt.h"

#include <limits.h>
#include <net/if.h>
#include <linux/netfilter/nfnetlink_osf.h>
#include <linux/netfilter/xt_cgroup.h>
#include <linux/netfilter/xt_cluster.h>
#include <linux/netfilter/xt_cpu.h>
#include <linux/netfilter/xt_devgroup.h>
#include <linux/netfilter/xt_owner.h>
#include <linux/netfilter/xt_physdev.h>
#include <linux/netfilter/xt_realm.h>

static void ids(struct str *out, const char *option, uint32_t from, uint32_t to,
		bool is_inverted)
{
	xt_option(out, option, is_inverted);
	str_printf(out, " %u", from);
	if (from != to)
		str_printf(out, "-%u", to);
}

static bool owner(struct str *out, struct text info, uint8_t family)
{
	struct xt_owner_match_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.match & XT_OWNER_SOCKET)
		xt_option(out, "socket-exists", m.invert & XT_OWNER_SOCKET);
	if (m.match & XT_OWNER_UID)
		ids(out, "uid-owner", m.uid_min, m.uid_max, m.invert & XT_OWNER_UID);
	if (m.match & XT_OWNER_GID)
		ids(out, "gid-owner", m.gid_min, m.gid_max, m.invert & XT_OWNER_GID);
	if (m.match & XT_OWNER_SUPPL_GROUPS)
		xt_option(out, "suppl-groups", m.invert & XT_OWNER_SUPPL_GROUPS);
	return true;
}

/* A last "+" is in the name. */
static void device(struct str *out, const char *option, const char *name, bool is_inverted)
{
	xt_option(out, option, is_inverted);
	str_putc(out, ' ');
	text_show(out, xt_name(name, IFNAMSIZ), TEXT_ASCII);
}

static bool physdev(struct str *out, struct text info, uint8_t family)
{
	struct xt_physdev_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.bitmask & XT_PHYSDEV_OP_ISIN)
		xt_option(out, "physdev-is-in", m.invert & XT_PHYSDEV_OP_ISIN);
	if (m.bitmask & XT_PHYSDEV_OP_IN)
		device(out, "physdev-in", m.physindev, m.invert & XT_PHYSDEV_OP_IN);
	if (m.bitmask & XT_PHYSDEV_OP_ISOUT)
		xt_option(out, "physdev-is-out", m.invert & XT_PHYSDEV_OP_ISOUT);
	if (m.bitmask & XT_PHYSDEV_OP_OUT)
		device(out, "physdev-out", m.physoutdev, m.invert & XT_PHYSDEV_OP_OUT);
	if (m.bitmask & XT_PHYSDEV_OP_BRIDGED)
		xt_option(out, "physdev-is-bridged", m.invert & XT_PHYSDEV_OP_BRIDGED);
	return true;
}

static bool devgroup(struct str *out, struct text info, uint8_t family)
{
	struct xt_devgroup_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.flags & XT_DEVGROUP_MATCH_SRC) {
		str_puts(out, m.flags & XT_DEVGROUP_INVERT_SRC ? " !" : "");
		xt_write_mark(out, "src-group", m.src_group, m.src_mask);
	}
	if (m.flags & XT_DEVGROUP_MATCH_DST) {
		str_puts(out, m.flags & XT_DEVGROUP_INVERT_DST ? " !" : "");
		xt_write_mark(out, "dst-group", m.dst_group, m.dst_mask);
	}
	return true;
}

static bool cpu(struct str *out, struct text info, uint8_t family)
{
	struct xt_cpu_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	xt_range(out, "cpu", m.cpu, m.cpu, m.invert);
	return true;
}

static bool cgroup(struct str *out, struct text info, uint8_t family)
{
	struct xt_cgroup_info_v2 m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	if (m.has_path) {
		xt_option(out, "path", m.invert_path);
		xt_quote(out, xt_name(m.path, sizeof(m.path)));
	}
	if (m.has_classid)
		xt_range(out, "cgroup", m.classid, m.classid, m.invert_classid);
	return true;
}

static bool realm(struct str *out, struct text info, uint8_t family)
{
	struct xt_realm_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	str_puts(out, m.invert ? " !" : "");
	xt_write_mark(out, "realm", m.id, m.mask);
	return true;
}

static bool osf(struct str *out, struct text info, uint8_t family)
{
	struct nf_osf_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	xt_option(out, "genre", m.flags & NF_OSF_INVERT);
	str_putc(out, ' ');
	text_show(out, xt_name(m.genre, sizeof(m.genre)), TEXT_ASCII);
	if (m.flags & NF_OSF_TTL)
		str_printf(out, " --ttl %u", m.ttl);
	if (m.flags & NF_OSF_LOG)
		str_printf(out, " --log %u", m.loglevel);
	return true;
}

static bool cluster(struct str *out, struct text info, uint8_t family)
{
	struct xt_cluster_match_info m;

	(void)family;
	if (!xt_take(info, &m, sizeof(m)))
		return false;
	xt_option(out, "cluster-local-nodemask", m.flags & XT_CLUSTER_F_INV);
	str_printf(out, " 0x%08x --cluster-total-nodes %u --cluster-hash-seed 0x%08x",
		   m.node_mask, m.total_nodes, m.hash_seed);
	return true;
}

static const struct xt_row rows[] = {
	{"owner", 1, 0, owner}, {"physdev", 0, 0, physdev}, {"devgroup", 0, 0, devgroup},
	{"cpu", 0, 0, cpu},     {"cgroup", 2, 0, cgroup},   {"realm", 0, 0, realm},
	{"osf", 0, 0, osf},     {"cluster", 0, 0, cluster},
};

const struct xt_rows xt_host_rows = {rows, sizeof(rows) / sizeof(*rows)};
