/*
 * Entries of connection tracking of one port. Keeps whole messages and looks only at their
 * ports. linux/netfilter/nfnetlink_conntrack.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netlink/attr.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/host/read/evidence.h"
#include "core/host/kernel/kernel_modules.h"
#include "core/host/kernel/netlink_query.h"

#define ENTRIES_MAX 5000
#define ACTIVE_FILE "/proc/sys/net/netfilter/nf_conntrack_count"

struct keeping {
	const struct conntrack_ask *ask;
	struct bundle_out *out;
	unsigned n;
	bool is_full;
};

static struct nlattr *find_in(struct nlattr *nest, int type)
{
	return nest ? nla_find(nla_data(nest), nla_len(nest), type) : NULL;
}

static bool has_port(const struct nlattr *a, uint16_t port)
{
	return a && nla_len(a) >= (int)sizeof(uint16_t) && ntohs(nla_get_u16(a)) == port;
}

static bool tuple_fits(struct nlattr *tuple, const struct conntrack_ask *ask)
{
	struct nlattr *proto = find_in(tuple, CTA_TUPLE_PROTO);
	struct nlattr *number = find_in(proto, CTA_PROTO_NUM);

	if (!number || nla_len(number) < 1 || nla_get_u8(number) != ask->proto)
		return false;
	return has_port(find_in(proto, CTA_PROTO_SRC_PORT), ask->port) ||
	       has_port(find_in(proto, CTA_PROTO_DST_PORT), ask->port);
}

static bool entry_fits(const struct nlmsghdr *h, const struct conntrack_ask *ask)
{
	int head = sizeof(struct nfgenmsg);
	struct nlattr *first;
	int len;

	if (nlmsg_datalen(h) < head)
		return false;
	first = nlmsg_attrdata(h, head);
	len = nlmsg_attrlen(h, head);
	return tuple_fits(nla_find(first, len, CTA_TUPLE_ORIG), ask) ||
	       tuple_fits(nla_find(first, len, CTA_TUPLE_REPLY), ask);
}

static int take(void *context, const struct nlmsghdr *h)
{
	struct keeping *k = context;

	if (!entry_fits(h, k->ask))
		return 0;
	k->is_full = k->n == ENTRIES_MAX;
	if (k->is_full)
		return -EMSGSIZE;
	k->n++;
	return netlink_parts_put(k->out, h);
}

/* Neither the tracking nor its netlink side is to be loaded by our asking. */
static int is_active(void)
{
	static const struct kernel_lists running;

	if (access(ACTIVE_FILE, F_OK))
		return errno == ENOENT ? -ENOPKG : -errno;
	return kernel_module_find(&running, "nf_conntrack_netlink", "ctnetlink_");
}

int conntrack_read(const struct conntrack_ask *ask, struct bundle_out *out,
		   enum blob_status *status)
{
	struct keeping k = {.ask = ask, .out = out};
	struct netlink_query q;
	int error = is_active();

	if (!error)
		error = netlink_query_open(&q, NETLINK_NETFILTER);
	if (error)
		return error;
	error = netlink_query_run(&q,
				  netlink_query_netfilter(NFNL_SUBSYS_CTNETLINK,
							  IPCTNL_MSG_CT_GET, AF_UNSPEC,
							  NLM_F_DUMP),
				  take, &k);
	if (k.is_full) {
		*status = BLOB_TRUNCATED;
		error = 0;
	} else if (q.was_changed) {
		*status = BLOB_INTERRUPTED;
	}
	netlink_query_close(&q);
	return error;
}
