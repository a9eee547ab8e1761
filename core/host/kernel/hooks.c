/*
 * Which functions are registered at the hooks of IPv4 and IPv6, in the order in which the
 * kernel calls them. Since Linux 5.14, where nfnetlink_hook is there. Hands the kernel's
 * messages on. linux/netfilter/nfnetlink_hook.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_hook.h>
#include <netlink/attr.h>
#include <string.h>

#include "core/base/hooks_told.h"
#include "core/host/broker/protocol.h"
#include "core/host/read/evidence.h"
#include "core/host/kernel/kernel_modules.h"
#include "core/host/kernel/netlink_query.h"

/* Looking through all symbols of the kernel would cost as much as reading 10,000 rules:
 * what only they could tell is not asked. */
int hooks_find(void)
{
	static const struct kernel_lists quick = {.symbols = "/dev/null"};

	return kernel_module_find(&quick, "nfnetlink_hook", "nfnl_hook_");
}

static int take(void *out, const struct nlmsghdr *h)
{
	return netlink_parts_put(out, h);
}

static int ask(struct netlink_query *q, uint8_t family, uint32_t hook,
	       struct bundle_out *out)
{
	struct nl_msg *msg = netlink_query_netfilter(NFNL_SUBSYS_HOOK, NFNL_MSG_HOOK_GET,
						     family, NLM_F_DUMP);

	if (msg && nla_put_u32(msg, NFNLA_HOOK_HOOKNUM, htonl(hook))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return netlink_query_run(q, msg, take, out);
}

static int put_told(struct bundle_out *out, const struct hooks_told *told)
{
	uint8_t room[NLMSG_HDRLEN + sizeof(*told)] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *h = (struct nlmsghdr *)(void *)room;

	*h = (struct nlmsghdr){.nlmsg_len = sizeof(room), .nlmsg_type = HOOKS_TOLD};
	memcpy(room + NLMSG_HDRLEN, told, sizeof(*told));
	return netlink_parts_put(out, h);
}

/* A socket each time: what an error has left on it is no answer to the next question. */
static int read_hook(uint8_t family, uint8_t hook, struct bundle_out *out)
{
	struct hooks_told told = {.family = family, .hook = hook};
	struct netlink_query q;
	int error = netlink_query_open(&q, NETLINK_NETFILTER);

	if (!error) {
		error = ask(&q, family, hook, out);
		if (!error && q.was_changed)
			error = -EINTR;
		netlink_query_close(&q);
	}
	if (out->error)
		return out->error;
	told.error = -error;
	return put_told(out, &told);
}

int hooks_read(struct bundle_out *out)
{
	static const uint8_t families[] = {NFPROTO_IPV4, NFPROTO_IPV6};
	int error = hooks_find();

	for (size_t i = 0; !error && i < sizeof(families); i++)
		for (uint8_t hook = 0; !error && hook < NF_INET_NUMHOOKS; hook++)
			error = read_hook(families[i], hook, out);
	return error;
}
