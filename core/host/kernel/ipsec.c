/*
 * The policies of IPsec, the number of security associations, and what befalls packets
 * without a policy: XFRM_MSG_GETPOLICY, GETSADINFO, GETDEFAULT. linux/xfrm.h. Associations
 * themselves are never asked for: the kernel's answers hold their keys. Loads no module.
 */
#include "core/host/kernel/ipsec.h"

#include <errno.h>
#include <linux/xfrm.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "core/host/read/evidence.h"
#include "core/host/kernel/netlink_query.h"

/* Each bus has a socket of the kernel's own: "0000000053567389 6   0          00000000
 * ...", the bus and then 0 where a process has its id. */
static bool is_kernel_socket(const char *line, unsigned wanted)
{
	unsigned bus, id;

	return sscanf(line, "%*s %u %u", &bus, &id) == 2 && bus == wanted && !id;
}

/* To open a bus that is not there loads its module. 0, -ENOPKG, -ENODATA. */
static int find_bus(unsigned bus)
{
	FILE *f = fopen("/proc/thread-self/net/netlink", "re");
	char *line = NULL;
	bool is_found = false;
	size_t room = 0;

	if (!f)
		return -ENODATA;
	while (!is_found && getline(&line, &room, f) > 0)
		is_found = is_kernel_socket(line, bus);
	free(line);
	fclose(f);
	return is_found ? 0 : -ENOPKG;
}

bool ipsec_may_leave(uint16_t type)
{
	return type == XFRM_MSG_NEWPOLICY || type == XFRM_MSG_NEWSADINFO ||
	       type == XFRM_MSG_GETDEFAULT;
}

static int take(void *out, const struct nlmsghdr *h)
{
	return ipsec_may_leave(h->nlmsg_type) ? netlink_parts_put(out, h) : 0;
}

static int ask(struct netlink_query *q, int type, int flags, void *body, size_t size,
	       struct bundle_out *out)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (msg && nlmsg_append(msg, body, size, NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return netlink_query_run(q, msg, take, out);
}

static int ask_policies(struct netlink_query *q, struct bundle_out *out)
{
	struct xfrm_userpolicy_id all = {0};

	return ask(q, XFRM_MSG_GETPOLICY, NLM_F_DUMP, &all, sizeof(all), out);
}

static int ask_number(struct netlink_query *q, struct bundle_out *out)
{
	uint32_t flags = 0;

	return ask(q, XFRM_MSG_GETSADINFO, 0, &flags, sizeof(flags), out);
}

/* Since Linux 5.15; before, the kernel knows no such message. */
static int ask_default(struct netlink_query *q, struct bundle_out *out)
{
	struct xfrm_userpolicy_default none = {0};
	int error = ask(q, XFRM_MSG_GETDEFAULT, 0, &none, sizeof(none), out);

	return error == -EINVAL ? 0 : error;
}

int ipsec_read(struct bundle_out *out)
{
	struct netlink_query q;
	int error = find_bus(NETLINK_XFRM);

	if (!error)
		error = netlink_query_open(&q, NETLINK_XFRM);
	if (error)
		return error;
	error = ask_policies(&q, out);
	if (!error && q.was_changed)
		error = -EINTR;
	if (!error)
		error = ask_number(&q, out);
	if (!error)
		error = ask_default(&q, out);
	netlink_query_close(&q);
	return error;
}
