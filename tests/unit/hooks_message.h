/* Messages about hooked functions as the kernel would send them, built by hand: this is
 * what linux/netfilter/nfnetlink_hook.h and nfnetlink_hook.c of Linux 6.x say. Include
 * cmocka.h first. */
#ifndef TESTS_UNIT_HOOKS_MESSAGE_H
#define TESTS_UNIT_HOOKS_MESSAGE_H

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_hook.h>

#include "core/base/hooks_told.h"
#include "core/firewall/ruleset.h"
#include "tests/unit/netlink_message.h"

struct hooked {
	const char *function; /* NULL: not told */
	const char *module;
	int32_t priority;
	uint8_t family;           /* of the table */
	const char *table, *name; /* NULL: no chain */
	uint32_t program;         /* of BPF */
};

static inline struct nlattr *hooked_info(struct nl_msg *m, uint32_t type)
{
	struct nlattr *info = nla_nest_start(m, NFNLA_HOOK_CHAIN_INFO);

	nla_put_u32(m, NFNLA_HOOK_INFO_TYPE, htonl(type));
	return info;
}

static inline void hooked_put(struct part *p, uint8_t family, enum fw_hook hook,
			      const struct hooked *h)
{
	const struct nfgenmsg head = {.nfgen_family = family};
	struct nl_msg *m = message_new(NFNL_SUBSYS_HOOK << 8, &head, sizeof(head));
	struct nlattr *info, *desc;

	if (h->module)
		nla_put_string(m, NFNLA_HOOK_MODULE_NAME, h->module);
	if (h->function)
		nla_put_string(m, NFNLA_HOOK_FUNCTION_NAME, h->function);
	nla_put_u32(m, NFNLA_HOOK_HOOKNUM, htonl(hook));
	nla_put_u32(m, NFNLA_HOOK_PRIORITY, htonl((uint32_t)h->priority));
	if (h->table || h->program) {
		info = hooked_info(m, h->table ? NFNL_HOOK_TYPE_NFTABLES : 2);
		desc = nla_nest_start(m, NFNLA_HOOK_INFO_DESC);
		if (h->table) {
			nla_put_string(m, NFNLA_CHAIN_TABLE, h->table);
			nla_put_string(m, NFNLA_CHAIN_NAME, h->name);
			nla_put_u8(m, NFNLA_CHAIN_FAMILY, h->family);
		} else {
			nla_put_u32(m, 1, htonl(h->program));
		}
		nla_nest_end(m, desc);
		nla_nest_end(m, info);
	}
	part_take(p, m);
}

static inline void hooks_put_told(struct part *p, uint8_t family, enum fw_hook hook,
				  int32_t error)
{
	const struct hooks_told told = {
		.family = family, .hook = (uint8_t)hook, .error = error};

	part_take(p, message_new(HOOKS_TOLD, &told, sizeof(told)));
}

static inline void hooks_put(struct part *p, uint8_t family, enum fw_hook hook,
			     const struct hooked *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hooked_put(p, family, hook, &rows[i]);
	hooks_put_told(p, family, hook, 0);
}
#define HOOKS(p, family, hook, ...)                                            \
	hooks_put((p), (family), (hook), (const struct hooked[]){__VA_ARGS__}, \
		  sizeof((const struct hooked[]){__VA_ARGS__}) / sizeof(struct hooked))

/* ---- the rules beside them ---- */

static inline void rules_put_table(struct part *p, uint8_t family, const char *name,
				   uint64_t handle)
{
	const struct nfgenmsg head = {.nfgen_family = family};
	struct nl_msg *m = message_new(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE, &head,
				       sizeof(head));

	nla_put_string(m, NFTA_TABLE_NAME, name);
	nla_put_u64(m, NFTA_TABLE_HANDLE, htobe64(handle));
	part_take(p, m);
}

static inline void rules_put_base(struct part *p, uint8_t family, const char *table,
				  const char *name, enum fw_hook hook, int32_t priority,
				  const char *type)
{
	const struct nfgenmsg head = {.nfgen_family = family};
	struct nl_msg *m = message_new(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWCHAIN, &head,
				       sizeof(head));
	struct nlattr *nest;

	nla_put_string(m, NFTA_CHAIN_TABLE, table);
	nla_put_string(m, NFTA_CHAIN_NAME, name);
	nla_put_string(m, NFTA_CHAIN_TYPE, type);
	nest = nla_nest_start(m, NFTA_CHAIN_HOOK);
	nla_put_u32(m, NFTA_HOOK_HOOKNUM, htonl(hook));
	nla_put_u32(m, NFTA_HOOK_PRIORITY, htonl((uint32_t)priority));
	nla_nest_end(m, nest);
	part_take(p, m);
}

#endif
