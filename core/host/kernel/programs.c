/*
 * What stands in a packet's way besides rules: XDP programs, queueing disciplines with
 * their filters, programs of devices and of control groups. Reads messages and numbers;
 * knows no meaning. Loads and attaches nothing.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/vec.h"
#include "core/host/kernel/bpf_query.h"
#include "core/host/read/evidence.h"
#include "core/host/kernel/netlink_query.h"

enum { DEVICES_MAX = 4096, FILTERED_MAX = 1024, NAME_MAX_LEN = 64 };

/* Where filters of a device hang. */
struct filtered {
	uint32_t ifindex, parent;
};

struct device {
	uint32_t ifindex;
	bool is_netkit;
};

struct reading {
	struct bundle_out *out;
	struct netlink_query query;
	struct bpf_query programs;
	struct vec devices;  /* struct device */
	struct vec filtered; /* struct filtered */
	const char *name;    /* of the items that the messages become */
};

static int put_message(struct reading *r, const struct nlmsghdr *h)
{
	return bundle_out_item(r->out, r->name, h, h->nlmsg_len, 0);
}

static int put_lack(struct reading *r, const char *name, int error)
{
	return bundle_out_item(r->out, name, "", 0, error);
}

/* ---- interfaces ---- */

static bool is_netkit(struct nlattr *info)
{
	struct nlattr *kind =
		info ? nla_find(nla_data(info), nla_len(info), IFLA_INFO_KIND) : NULL;

	return kind && nla_len(kind) >= 6 && !strncmp(nla_data(kind), "netkit", 6);
}

static void add_xdp_id(struct reading *r, struct nlattr *xdp)
{
	static const int types[] = {IFLA_XDP_PROG_ID, IFLA_XDP_DRV_PROG_ID,
				    IFLA_XDP_SKB_PROG_ID, IFLA_XDP_HW_PROG_ID};

	for (size_t i = 0; xdp && i < sizeof(types) / sizeof(types[0]); i++) {
		struct nlattr *id = nla_find(nla_data(xdp), nla_len(xdp), types[i]);

		if (id && nla_len(id) >= 4)
			bpf_query_note(&r->programs, nla_get_u32(id));
	}
}

static int take_link(void *context, const struct nlmsghdr *h)
{
	struct reading *r = context;
	const struct ifinfomsg *m = nlmsg_data(h);
	struct nlattr *at;
	struct device *d;

	if (h->nlmsg_type != RTM_NEWLINK || !nlmsg_valid_hdr(h, sizeof(*m)))
		return 0;
	if (r->devices.n < DEVICES_MAX) {
		d = vec_push(&r->devices);
		if (!d)
			return -ENOMEM;
		at = nlmsg_find_attr((struct nlmsghdr *)h, sizeof(*m), IFLA_LINKINFO);
		*d = (struct device){(uint32_t)m->ifi_index, is_netkit(at)};
	}
	add_xdp_id(r, nlmsg_find_attr((struct nlmsghdr *)h, sizeof(*m), IFLA_XDP));
	return put_message(r, h);
}

static int read_links(struct reading *r)
{
	struct ifinfomsg head = {.ifi_family = AF_UNSPEC};
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, NLM_F_DUMP);

	if (msg && nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	r->name = "link";
	return netlink_query_run(&r->query, msg, take_link, r);
}

/* ---- queueing disciplines and filters ---- */

static int add_filtered(struct reading *r, uint32_t ifindex, uint32_t parent)
{
	struct filtered *f;

	if (r->filtered.n == FILTERED_MAX)
		return put_lack(r, "filter", EMSGSIZE);
	f = vec_push(&r->filtered);
	if (!f)
		return -ENOMEM;
	*f = (struct filtered){ifindex, parent};
	return 0;
}

/* The older kind, ingress, gives the filters of its one hook for any. */
static bool is_clsact(const struct nlmsghdr *h)
{
	struct nlattr *kind =
		nlmsg_find_attr((struct nlmsghdr *)h, sizeof(struct tcmsg), TCA_KIND);

	return kind && nla_len(kind) >= 6 && !strncmp(nla_data(kind), "clsact", 6);
}

/* tc(8): clsact and ingress have two hooks; others filter what leaves by their handle. */
static int take_qdisc(void *context, const struct nlmsghdr *h)
{
	struct reading *r = context;
	const struct tcmsg *m = nlmsg_data(h);
	uint32_t ifindex;
	int error = 0;

	if (h->nlmsg_type != RTM_NEWQDISC || !nlmsg_valid_hdr(h, sizeof(*m)))
		return 0;
	ifindex = (uint32_t)m->tcm_ifindex;
	if (m->tcm_parent == TC_H_INGRESS) {
		error = add_filtered(r, ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS));
		if (!error && is_clsact(h))
			error = add_filtered(r, ifindex,
					     TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS));
	} else if (m->tcm_parent == TC_H_ROOT && m->tcm_handle) {
		error = add_filtered(r, ifindex, m->tcm_handle);
	}
	return error ? error : put_message(r, h);
}

static int take_filter(void *context, const struct nlmsghdr *h)
{
	struct reading *r = context;

	if (h->nlmsg_type != RTM_NEWTFILTER || !nlmsg_valid_hdr(h, sizeof(struct tcmsg)))
		return 0;
	return put_message(r, h);
}

static int ask_tc(struct reading *r, uint16_t type, const struct filtered *of,
		  int (*take)(void *context, const struct nlmsghdr *h))
{
	struct tcmsg head = {.tcm_family = AF_UNSPEC,
			     .tcm_ifindex = (int)of->ifindex,
			     .tcm_parent = of->parent};
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_DUMP);

	if (msg && nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return netlink_query_run(&r->query, msg, take, r);
}

/* A kernel without tc has no filters; a device may be gone meanwhile. */
static bool is_none(int error)
{
	return error == -EOPNOTSUPP || error == -ENODEV || error == -EINVAL;
}

static int read_filters(struct reading *r)
{
	char name[NAME_MAX_LEN];

	for (size_t i = 0; i < r->filtered.n && !r->out->error; i++) {
		const struct filtered *f = vec_at(&r->filtered, i);
		int error;

		snprintf(name, sizeof(name), "filter/%u/%x", f->ifindex, f->parent);
		r->name = name;
		error = ask_tc(r, RTM_GETTFILTER, f, take_filter);
		if (error && !is_none(error))
			put_lack(r, name, -error);
	}
	return r->out->error;
}

static int read_qdiscs(struct reading *r)
{
	static const struct filtered any;
	int error;

	r->name = "qdisc";
	error = ask_tc(r, RTM_GETQDISC, &any, take_qdisc);
	if (error && !is_none(error))
		put_lack(r, "qdisc", -error);
	return r->out->error ? r->out->error : read_filters(r);
}

/* ---- programs of devices ---- */

static const struct hook {
	const char *word;
	uint32_t attach_type; /* linux/bpf.h, enum bpf_attach_type */
	bool is_of_netkit;
} hooks[] = {
	{"tcx-ingress", 46, false},
	{"tcx-egress", 47, false},
	{"netkit-egress", 54, true}, /* what the host's end sends */
	{"netkit-ingress", 55, true},
};

/* False: nothing more is to be had of this kind of hook. */
static bool read_hook(struct reading *r, const struct hook *h, const struct device *d)
{
	char name[NAME_MAX_LEN];
	int error;

	snprintf(name, sizeof(name), "%s/%u", h->word, d->ifindex);
	error = bpf_query_put(&r->programs, r->out, name, d->ifindex, h->attach_type, 0);
	if (error >= 0 || is_none(error) || error == -ENOENT)
		return error != -EINVAL;
	put_lack(r, h->word, -error);
	return false;
}

static void read_hooks(struct reading *r)
{
	for (size_t k = 0; k < sizeof(hooks) / sizeof(hooks[0]); k++)
		for (size_t i = 0; i < r->devices.n && !r->out->error; i++) {
			const struct device *d = vec_at(&r->devices, i);

			if (hooks[k].is_of_netkit && !d->is_netkit)
				continue;
			if (!read_hook(r, &hooks[k], d))
				break;
		}
}

int programs_read(struct bundle_out *out)
{
	struct reading r = {.out = out,
			    .devices = VEC_OF(struct device),
			    .filtered = VEC_OF(struct filtered)};
	int error = netlink_query_open(&r.query, NETLINK_ROUTE);

	if (error)
		return error;
	bpf_query_open(&r.programs);
	error = read_links(&r);
	if (!error)
		error = read_qdiscs(&r);
	if (!error)
		read_hooks(&r);
	if (!error && !out->error)
		bpf_query_groups(&r.programs, out);
	if (!error && !out->error)
		bpf_query_tell(&r.programs, out);
	bpf_query_close(&r.programs);
	netlink_query_close(&r.query);
	vec_release(&r.devices);
	vec_release(&r.filtered);
	return out->error ? out->error : error;
}
