/* Which expressions count what came before, and which side of the bound matches.
 * linux/netfilter/nf_tables.h, xt_*.h. Evaluates nothing. */
#include "core/firewall/bounds.h"

#include <stddef.h>
#include <string.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_connlimit.h>
#include <linux/netfilter/xt_hashlimit.h>
#include <linux/netfilter/xt_quota.h>
#include <linux/netfilter/xt_recent.h>

/* `size` of the bytes at `offset`; false: they are not all there. */
static bool take(struct text value, size_t offset, void *out, size_t size)
{
	if (value.len < offset + size)
		return false;
	memcpy(out, value.bytes + offset, size);
	return true;
}

static enum fw_bound side(bool is_beyond)
{
	return is_beyond ? FW_BOUND_BEYOND : FW_BOUND_BELOW;
}

static enum fw_bound limit(const struct fw_expr *x)
{
	(void)x;
	return FW_BOUND_BELOW;
}

static enum fw_bound hashlimit(const struct fw_expr *x)
{
	size_t at = offsetof(struct xt_hashlimit_mtinfo3, cfg) +
		    offsetof(struct hashlimit_cfg3, mode);
	uint32_t mode;

	if (x->revision == 2)
		at = offsetof(struct xt_hashlimit_mtinfo2, cfg) +
		     offsetof(struct hashlimit_cfg2, mode);
	else if (x->revision == 1)
		at = offsetof(struct xt_hashlimit_mtinfo1, cfg) +
		     offsetof(struct hashlimit_cfg1, mode);
	if (!take(x->value, at, &mode, sizeof(mode)))
		return FW_BOUND_NONE;
	return side(mode & XT_HASHLIMIT_INVERT);
}

/* --connlimit-above is the plain form. */
static enum fw_bound connlimit(const struct fw_expr *x)
{
	uint32_t flags;

	if (!take(x->value, offsetof(struct xt_connlimit_info, flags), &flags,
		  sizeof(flags)))
		return FW_BOUND_NONE;
	return side(!(flags & XT_CONNLIMIT_INVERT));
}

static enum fw_bound quota(const struct fw_expr *x)
{
	uint8_t flags;

	if (!take(x->value, offsetof(struct xt_quota_info, flags), &flags, sizeof(flags)))
		return FW_BOUND_NONE;
	return side(flags & XT_QUOTA_INVERT);
}

/* --set and --remove count nothing; without --hitcount an address alone decides, which is
 * no bound but a list. */
static enum fw_bound recent(const struct fw_expr *x)
{
	uint8_t check, is_inverted;
	uint32_t hits;

	if (!take(x->value, offsetof(struct xt_recent_mtinfo, hit_count), &hits,
		  sizeof(hits)) ||
	    !take(x->value, offsetof(struct xt_recent_mtinfo, check_set), &check,
		  sizeof(check)) ||
	    !take(x->value, offsetof(struct xt_recent_mtinfo, invert), &is_inverted,
		  sizeof(is_inverted)))
		return FW_BOUND_NONE;
	if (!hits || !(check & (XT_RECENT_CHECK | XT_RECENT_UPDATE)))
		return FW_BOUND_NONE;
	return side(!is_inverted);
}

static const struct {
	const char *name, *what;
	enum fw_bound (*read)(const struct fw_expr *x);
} matches[] = {
	{"limit", "rate limit", limit},
	{"hashlimit", "rate limit", hashlimit},
	{"connlimit", "limit of connections", connlimit},
	{"quota", "quota", quota},
	{"recent", "limit of recent attempts", recent},
};

static enum fw_bound match(const struct fw_expr *x, const char **what)
{
	for (size_t i = 0; i < sizeof(matches) / sizeof(*matches); i++) {
		enum fw_bound bound;

		if (!text_equals_str(x->name, matches[i].name))
			continue;
		bound = matches[i].read(x);
		if (bound != FW_BOUND_NONE)
			*what = matches[i].what;
		return bound;
	}
	return FW_BOUND_NONE;
}

/* nft limits by key with a statement in a set's element. */
static enum fw_bound inner(const struct fw_expr *x, const char **what)
{
	enum fw_bound bound = FW_BOUND_NONE;

	for (uint32_t i = 0; i < x->n_inner && bound == FW_BOUND_NONE; i++)
		bound = fw_expr_bound(&x->inner[i], what);
	return bound;
}

static enum fw_bound object(const struct fw_expr *x, const char **what)
{
	switch (x->key) {
	case NFT_OBJECT_LIMIT:
		*what = "rate limit";
		return FW_BOUND_EITHER;
	case NFT_OBJECT_QUOTA:
		*what = "quota";
		return FW_BOUND_EITHER;
	case NFT_OBJECT_CONNLIMIT:
		*what = "limit of connections";
		return FW_BOUND_EITHER;
	default:
		return FW_BOUND_NONE;
	}
}

enum fw_bound fw_expr_bound(const struct fw_expr *x, const char **what)
{
	switch ((int)x->kind) {
	case FW_EXPR_LIMIT:
		*what = "rate limit";
		return side(x->is_inverted);
	case FW_EXPR_CONNLIMIT:
		*what = "limit of connections";
		return side(x->is_inverted);
	case FW_EXPR_QUOTA:
		*what = "quota";
		return side(x->is_inverted);
	case FW_EXPR_DYNSET:
		return inner(x, what);
	case FW_EXPR_OBJREF:
		return object(x, what);
	case FW_EXPR_XT_MATCH:
		return match(x, what);
	default:
		return FW_BOUND_NONE;
	}
}

enum fw_bound fw_rule_bound(const struct fw_rule *rule, const char **what)
{
	enum fw_bound bound = FW_BOUND_NONE;

	for (uint32_t i = 0; i < rule->n_exprs && bound == FW_BOUND_NONE; i++)
		bound = fw_expr_bound(rule->exprs[i], what);
	return bound;
}
