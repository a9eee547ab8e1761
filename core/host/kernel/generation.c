/* One question to nf_tables. Reads no rule. linux/netfilter/nf_tables.h. */
#include "core/host/kernel/generation.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "core/host/kernel/kernel_modules.h"
#include "core/host/kernel/netlink_query.h"
#include "core/host/kernel/xtables.h"

static const char no_list[] = "/dev/null";

static bool is_loaded(void)
{
	static const struct kernel_lists loaded = {.builtin = no_list, .symbols = no_list};

	return kernel_module_find(&loaded, "nf_tables", "nf_tables_") == 0;
}

/* What is not loaded as a module is looked up once: it is built in for good, or not. The
 * lists that tell it are long. 0, -ENOPKG, -ENODATA. */
static int find_nf_tables(void)
{
	static const struct kernel_lists running;
	static int builtin = -EAGAIN;
	int found;

	if (builtin && is_loaded())
		return 0;
	if (builtin != -EAGAIN)
		return builtin;
	found = kernel_module_find(&running, "nf_tables", "nf_tables_");
	/* Loaded in between it may go again. */
	if (found == 0 && is_loaded())
		return 0;
	builtin = found;
	return found;
}

static int take(void *out, const struct nlmsghdr *h)
{
	return netlink_parts_put(out, h);
}

static int read_nf_tables(struct bundle_out *out)
{
	struct netlink_query query;
	int error = find_nf_tables();

	if (error)
		return error;
	error = netlink_query_open(&query, NETLINK_NETFILTER);
	if (error)
		return error;
	error = netlink_query_run(
		&query,
		netlink_query_netfilter(NFNL_SUBSYS_NFTABLES, NFT_MSG_GETGEN, AF_UNSPEC, 0),
		take, out);
	netlink_query_close(&query);
	return error;
}

int generation_read(struct bundle_out *out)
{
	int result = read_nf_tables(out), legacy;

	if (result && result != -ENOPKG)
		return result;
	legacy = xtables_read_heads(out);
	return legacy ? legacy : result;
}
