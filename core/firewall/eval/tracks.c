/*
 * Whether any rule makes the kernel track connections of a family: without one no chain of
 * translations is run. nf_ct_netns_get() in net/netfilter/nft_*.c, xt_*.c. Who else may ask
 * for tracking (Open vSwitch, tc) is not looked at.
 */
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_CT.h>

#include "core/firewall/eval/eval.h"

static const char *const xt_names[] = {
	"conntrack", "connmark", "connbytes",   "connlabel", "connlimit", "state",
	"helper",    "cluster",  "CONNMARK",    "DNAT",      "SNAT",      "MASQUERADE",
	"NETMAP",    "REDIRECT", "CONNSECMARK", "SYNPROXY",  "CLUSTERIP",
};

static bool is_object_tracking(uint32_t type)
{
	return type == NFT_OBJECT_CT_HELPER || type == NFT_OBJECT_CONNLIMIT ||
	       type == NFT_OBJECT_CT_TIMEOUT || type == NFT_OBJECT_CT_EXPECT ||
	       type == NFT_OBJECT_SYNPROXY;
}

static bool is_xt_tracking(const struct fw_expr *x)
{
	uint16_t flags;

	if (text_equals_str(x->name, "CT")) {
		if (x->value.len < sizeof(flags))
			return true;
		memcpy(&flags, x->value.bytes, sizeof(flags));
		return !(flags & XT_CT_NOTRACK);
	}
	for (size_t i = 0; i < sizeof(xt_names) / sizeof(*xt_names); i++)
		if (text_equals_str(x->name, xt_names[i]))
			return true;
	return false;
}

static enum tri tri_of(bool holds)
{
	return holds ? TRI_YES : TRI_NO;
}

/* Of what hangs on a new element of a set. */
static enum tri is_inner_tracking(const struct fw_expr *x)
{
	enum tri tracks = TRI_NO;

	for (size_t i = 0; i < x->n_inner; i++) {
		if (x->inner[i].kind == FW_EXPR_CONNLIMIT)
			return TRI_YES;
		if (x->inner[i].kind == FW_EXPR_OPAQUE)
			tracks = TRI_UNSURE;
	}
	return tracks;
}

static enum tri is_tracking(const struct fw_expr *x, uint8_t family)
{
	switch ((int)x->kind) {
	case FW_EXPR_OPAQUE:
		return TRI_UNSURE;
	case FW_EXPR_CT:
	case FW_EXPR_CONNLIMIT:
	case FW_EXPR_FLOW_OFFLOAD:
	case FW_EXPR_SYNPROXY:
	case FW_EXPR_REDIR:
	case FW_EXPR_MASQ:
		return TRI_YES;
	case FW_EXPR_NAT:
		return tri_of(x->family == family || x->family == NFPROTO_INET);
	case FW_EXPR_DYNSET:
		return is_inner_tracking(x);
	case FW_EXPR_OBJREF:
		return tri_of(is_object_tracking(x->key));
	case FW_EXPR_XT_MATCH:
	case FW_EXPR_XT_TARGET:
		return tri_of(is_xt_tracking(x));
	default:
		return TRI_NO;
	}
}

static bool concerns(const struct ruleset *r, const struct fw_rule *rule, uint8_t family)
{
	uint32_t table = rule->chain < r->n_chains ? r->chains[rule->chain].table : FW_NONE;
	uint8_t own = table < r->n_tables ? r->tables[table].family : NFPROTO_INET;

	return own == family || own == NFPROTO_INET || own == NFPROTO_BRIDGE;
}

static enum tri has_tracking_rule(const struct ruleset *r, uint8_t family)
{
	enum tri tracks = TRI_NO;

	for (size_t i = 0; i < r->n_rules; i++) {
		const struct fw_rule *rule = &r->rules[i];

		if (!concerns(r, rule, family))
			continue;
		for (size_t j = 0; j < rule->n_exprs; j++) {
			enum tri one = is_tracking(rule->exprs[j], family);

			if (one == TRI_YES)
				return one;
			if (one == TRI_UNSURE)
				tracks = one;
		}
	}
	return tracks;
}

enum tri firewall_tracks(const struct ruleset *r, uint8_t family)
{
	if (!r->is_tracking_known)
		return has_tracking_rule(r, family);
	return family == NFPROTO_IPV6 ? r->tracks_v6 : r->tracks_v4;
}

void ruleset_note_tracking(struct ruleset *r)
{
	r->tracks_v4 = has_tracking_rule(r, NFPROTO_IPV4);
	r->tracks_v6 = has_tracking_rule(r, NFPROTO_IPV6);
	r->is_tracking_known = true;
}
