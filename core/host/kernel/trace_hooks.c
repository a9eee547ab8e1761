/* The kernel's own word on which chains stand at bridges and devices: names of hooks and of
 * devices only, no rules. */
#include "core/host/kernel/trace_hooks.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "core/host/kernel/netlink_query.h"

/* linux/netfilter/nf_tables.h of newer kernels: names of devices by their beginning. */
enum { DEVICE_NAME = NFTA_DEVICE_NAME };

static void add_device(struct trace_hooks *out, struct nlattr *name, uint32_t hook)
{
	struct trace_device *d = &out->devices[out->n_devices];
	const char *bytes = nla_data(name);
	size_t len = strnlen(bytes, (size_t)nla_len(name));

	if (!len || len >= sizeof(d->name) || out->n_devices == TRACE_DEVICES_MAX)
		return;
	for (size_t i = 0; i < out->n_devices; i++)
		if (out->devices[i].hook == hook &&
		    !strncmp(out->devices[i].name, bytes, len) &&
		    !out->devices[i].name[len])
			return;
	*d = (struct trace_device){.hook = hook};
	memcpy(d->name, bytes, len);
	out->n_devices++;
}

static void take_hook(struct trace_hooks *out, struct nlattr *nest)
{
	struct nlattr *at[NFTA_HOOK_MAX + 1], *one;
	uint32_t hook;
	int left;

	if (nla_parse_nested(at, NFTA_HOOK_MAX, nest, NULL) || !at[NFTA_HOOK_HOOKNUM] ||
	    nla_len(at[NFTA_HOOK_HOOKNUM]) != (int)sizeof(hook))
		return;
	hook = ntohl(nla_get_u32(at[NFTA_HOOK_HOOKNUM]));
	if (at[NFTA_HOOK_DEVS]) {
		nla_for_each_nested(one, at[NFTA_HOOK_DEVS],
				    left) if (nla_type(one) == (int)DEVICE_NAME)
			add_device(out, one, hook);
	} else if (at[NFTA_HOOK_DEV]) {
		add_device(out, at[NFTA_HOOK_DEV], hook);
	}
}

static int take_chain(void *context, const struct nlmsghdr *h)
{
	struct trace_hooks *out = context;
	struct nlattr *at[NFTA_CHAIN_MAX + 1];
	const struct nfgenmsg *head = nlmsg_data(h);

	if (nlmsg_datalen(h) < (int)sizeof(*head) ||
	    nlmsg_parse((struct nlmsghdr *)(uintptr_t)h, sizeof(*head), at, NFTA_CHAIN_MAX,
			NULL) ||
	    !at[NFTA_CHAIN_HOOK])
		return 0;
	if (head->nfgen_family == NFPROTO_BRIDGE)
		out->has_bridge = true;
	if (head->nfgen_family == NFPROTO_NETDEV)
		take_hook(out, at[NFTA_CHAIN_HOOK]);
	return 0;
}

void trace_hooks_ask(struct trace_hooks *out)
{
	static const uint8_t families[] = {NFPROTO_BRIDGE, NFPROTO_NETDEV};
	struct netlink_query q;

	*out = (struct trace_hooks){.n_devices = 0};
	if (netlink_query_open(&q, NETLINK_NETFILTER))
		return;
	for (size_t i = 0; i < sizeof(families); i++)
		if (netlink_query_run(&q,
				      netlink_query_netfilter(NFNL_SUBSYS_NFTABLES,
							      NFT_MSG_GETCHAIN, families[i],
							      NLM_F_DUMP),
				      take_chain, out))
			break;
	netlink_query_close(&q);
}
