/*
 * What bridges have learned, and which VLANs their ports are in: RTM_GETNEIGH and
 * RTM_GETLINK of the family bridge. rtnetlink(7), linux/if_bridge.h. Understands none of
 * it, and asks for nothing else of an interface.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sys/socket.h>

#include "core/host/kernel/netlink_query.h"
#include "core/host/read/evidence.h"

/* Addresses of interfaces that are in no bridge are told as well. */
static int take_learned(void *out, const struct nlmsghdr *h)
{
	int head = sizeof(struct ndmsg);

	if (nlmsg_datalen(h) < head ||
	    !nla_find(nlmsg_attrdata(h, head), nlmsg_attrlen(h, head), NDA_MASTER))
		return 0;
	return netlink_parts_put(out, h);
}

static int take_vlans(void *out, const struct nlmsghdr *h)
{
	return netlink_parts_put(out, h);
}

static int ask_learned(struct netlink_query *q, struct bundle_out *out)
{
	struct ndmsg body = {.ndm_family = AF_BRIDGE};
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETNEIGH, NLM_F_DUMP);

	if (msg && nlmsg_append(msg, &body, sizeof(body), NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return netlink_query_run(q, msg, take_learned, out);
}

static int ask_vlans(struct netlink_query *q, struct bundle_out *out)
{
	struct ifinfomsg body = {.ifi_family = AF_BRIDGE};
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, NLM_F_DUMP);

	if (msg && (nlmsg_append(msg, &body, sizeof(body), NLMSG_ALIGNTO) ||
		    nla_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN_COMPRESSED))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return netlink_query_run(q, msg, take_vlans, out);
}

int bridges_read(struct bundle_out *out)
{
	struct netlink_query q;
	int error = netlink_query_open(&q, NETLINK_ROUTE);

	if (error)
		return error;
	error = ask_learned(&q, out);
	if (!error)
		error = ask_vlans(&q, out);
	if (!error && q.was_changed)
		error = -EINTR;
	netlink_query_close(&q);
	return error;
}
