/* NEWFLOWTABLE -> the tables that rules offload flows to: nf_tables_fill_flowtable_info()
 * of net/netfilter/nf_tables_api.c. What an offloaded flow means: eval_flow.c. */
#include "core/firewall/nft/ruleset_rows.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>

enum { MAX_DEVICES = 256 /* NFT_NETDEVICE_MAX */ };

static int keep_devices(struct arena *arena, struct fw_flowtable *f,
			const struct nlattr *devices)
{
	const struct nlattr *a;
	size_t n = 0;
	int left;

	nft_for_each(a, left, devices) n += n < MAX_DEVICES;
	f->devices = arena_alloc(arena, (n ? n : 1) * sizeof(*f->devices));
	if (!f->devices)
		return -ENOMEM;
	nft_for_each(a, left, devices)
	{
		if (f->n_devices == n)
			break;
		if (nft_keep(arena, nft_name(a), &f->devices[f->n_devices]) < 0)
			return -ENOMEM;
		f->n_devices++;
	}
	return 0;
}

int ruleset_add_flowtable(struct ruleset_decoder *d, uint8_t family,
			  const struct nft_attributes *a)
{
	struct nft_attributes hook = nft_nested(a->at[NFTA_FLOWTABLE_HOOK]);
	struct raw_flowtable f = {.of.family = family}, *kept;

	if (ruleset_keep_names(&d->arena, a->at[NFTA_FLOWTABLE_TABLE],
			       a->at[NFTA_FLOWTABLE_NAME], &f.of) < 0)
		return -ENOMEM;
	f.row.name = f.of.name;
	f.row.priority = (int32_t)nft_u32(hook.at[NFTA_FLOWTABLE_HOOK_PRIORITY]);
	f.row.is_by_hardware =
		nft_u32(a->at[NFTA_FLOWTABLE_FLAGS]) & NFT_FLOWTABLE_HW_OFFLOAD;
	if (keep_devices(&d->arena, &f.row, hook.at[NFTA_FLOWTABLE_HOOK_DEVS]) < 0)
		return -ENOMEM;
	kept = vec_push(&d->flowtables);
	if (!kept)
		return -ENOMEM;
	*kept = f;
	return 0;
}
