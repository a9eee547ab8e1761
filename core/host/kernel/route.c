/* Asks the kernel where a packet would go: RTM_GETROUTE. rtnetlink(7). */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sys/socket.h>

#include "core/host/read/evidence.h"
#include "core/host/kernel/netlink_query.h"

static size_t size_of(const struct addr *a)
{
	return a->family == AF_INET6 ? 16 : 4;
}

static int put_addr(struct nl_msg *msg, int attribute, const struct addr *a)
{
	return a->family ? nla_put(msg, attribute, (int)size_of(a), a->bytes) : 0;
}

static int put_number(struct nl_msg *msg, int attribute, uint32_t value)
{
	return value ? nla_put_u32(msg, attribute, value) : 0;
}

static int put_port(struct nl_msg *msg, int attribute, uint16_t port)
{
	return port ? nla_put_u16(msg, attribute, htons(port)) : 0;
}

/* The kernel takes the protocol only of some, and it matters only with ports. */
static int put_flow(struct nl_msg *msg, const struct route_ask *ask)
{
	if (!ask->source_port && !ask->target_port)
		return 0;
	if (nla_put_u8(msg, RTA_IP_PROTO, ask->proto) ||
	    put_port(msg, RTA_SPORT, ask->source_port) ||
	    put_port(msg, RTA_DPORT, ask->target_port))
		return -EMSGSIZE;
	return 0;
}

static int put_all(struct nl_msg *msg, const struct route_ask *ask)
{
	struct rtmsg head = {
		.rtm_family = ask->target.family,
		.rtm_dst_len = (uint8_t)(8 * size_of(&ask->target)),
		.rtm_src_len =
			(uint8_t)(ask->source.family ? 8 * size_of(&ask->source) : 0),
		.rtm_flags = RTM_F_LOOKUP_TABLE,
	};

	if (nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO) ||
	    put_addr(msg, RTA_DST, &ask->target) || put_addr(msg, RTA_SRC, &ask->source) ||
	    put_number(msg, RTA_IIF, ask->in_ifindex) ||
	    put_number(msg, RTA_OIF, ask->out_ifindex) ||
	    put_number(msg, RTA_MARK, ask->mark))
		return -EMSGSIZE;
	return put_flow(msg, ask);
}

static int take(void *context, const struct nlmsghdr *h)
{
	return h->nlmsg_type == RTM_NEWROUTE ? netlink_parts_put(context, h) : 0;
}

int route_read(const struct route_ask *ask, struct bundle_out *out)
{
	struct netlink_query q;
	int error = netlink_query_open(&q, NETLINK_ROUTE);
	struct nl_msg *msg;

	if (error)
		return error;
	msg = nlmsg_alloc_simple(RTM_GETROUTE, 0);
	if (msg && put_all(msg, ask)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	error = netlink_query_run(&q, msg, take, out);
	netlink_query_close(&q);
	return error;
}
