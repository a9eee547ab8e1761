/*
 * Hooked functions as the kernel dumps them, hook by hook -> rows with names. What they are
 * in the ruleset is found in hooks_finish.c.
 */
#include "core/firewall/nft/hooks_decode.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_hook.h>
#include <string.h>

#include "core/base/hooks_told.h"
#include "core/firewall/hooks.h"

enum {
	TYPE_BPF = 2, /* NFNL_HOOK_TYPE_BPF, since Linux 6.4 */
	BPF_ID = 1    /* NFNLA_HOOK_BPF_ID */
};

size_t hooks_list_of(uint8_t family, uint32_t hook)
{
	if (hook > FW_POSTROUTING)
		return FW_HOOK_LISTS;
	if (family == NFPROTO_IPV4)
		return hook;
	return family == NFPROTO_IPV6 ? FW_HOOK_LISTS / 2 + hook : FW_HOOK_LISTS;
}

static int take_told(struct ruleset_decoder *d, const struct nlmsghdr *h)
{
	struct hooks_told told;
	size_t list;

	if (nlmsg_datalen(h) < (int)sizeof(told))
		return -EBADMSG;
	memcpy(&told, nlmsg_data(h), sizeof(told));
	list = hooks_list_of(told.family, told.hook);
	if (list == FW_HOOK_LISTS)
		return -EBADMSG;
	d->has_hooks = true;
	d->hooks_told[list] = !told.error;
	return 0;
}

static int take_chain(struct ruleset_decoder *d, const struct nlattr *desc,
		      struct raw_hooked *row)
{
	struct nft_attributes a = nft_nested(desc);

	row->of.family = (uint8_t)nft_integer(a.at[NFNLA_CHAIN_FAMILY]);
	row->has_name = a.at[NFNLA_CHAIN_TABLE] && a.at[NFNLA_CHAIN_NAME];
	return ruleset_keep_names(&d->arena, a.at[NFNLA_CHAIN_TABLE],
				  a.at[NFNLA_CHAIN_NAME], &row->of);
}

/* Its kind is told by what the kernel says of it, else by its name. */
static int take_info(struct ruleset_decoder *d, const struct nlattr *info,
		     struct raw_hooked *row)
{
	struct nft_attributes a = nft_nested(info);
	uint32_t type = nft_u32(a.at[NFNLA_HOOK_INFO_TYPE]);

	row->row.kind = hook_function_kind(row->row.function);
	if (type == NFNL_HOOK_TYPE_NFTABLES) {
		row->row.kind = FW_HOOKED_CHAIN;
		return take_chain(d, a.at[NFNLA_HOOK_INFO_DESC], row);
	}
	if (type == TYPE_BPF) {
		struct nft_attributes bpf = nft_nested(a.at[NFNLA_HOOK_INFO_DESC]);

		row->row.kind = FW_HOOKED_BPF;
		row->row.program = nft_u32(bpf.at[BPF_ID]);
	}
	return 0;
}

static int take_row(struct ruleset_decoder *d, uint8_t family,
		    const struct nft_attributes *a)
{
	struct raw_hooked row = {.row.chain = FW_NONE}, *kept;

	row.list = hooks_list_of(family, nft_u32(a->at[NFNLA_HOOK_HOOKNUM]));
	if (row.list == FW_HOOK_LISTS || !a->at[NFNLA_HOOK_HOOKNUM])
		return -EBADMSG;
	row.row.priority = (int32_t)nft_u32(a->at[NFNLA_HOOK_PRIORITY]);
	if (nft_keep(&d->arena, nft_name(a->at[NFNLA_HOOK_FUNCTION_NAME]),
		     &row.row.function) < 0 ||
	    nft_keep(&d->arena, nft_name(a->at[NFNLA_HOOK_MODULE_NAME]), &row.row.module) <
		    0 ||
	    take_info(d, a->at[NFNLA_HOOK_CHAIN_INFO], &row) < 0)
		return -ENOMEM;
	kept = vec_push(&d->hooks);
	if (!kept)
		return -ENOMEM;
	*kept = row;
	d->has_hooks = true;
	return 0;
}

int hooks_take(struct ruleset_decoder *d, const struct nlmsghdr *h)
{
	const struct nfgenmsg *m = nlmsg_data(h);
	struct nft_attributes a;

	if (h->nlmsg_type == HOOKS_TOLD)
		return take_told(d, h);
	if ((h->nlmsg_type & 0xff) != NFNL_MSG_HOOK_GET)
		return -EBADMSG;
	a = nft_attributes_of(nlmsg_attrdata(h, sizeof(*m)), nlmsg_attrlen(h, sizeof(*m)));
	return a.is_damaged ? -EBADMSG : take_row(d, m->nfgen_family, &a);
}
