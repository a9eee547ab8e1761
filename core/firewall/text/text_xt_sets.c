/* The match and the target of xtables that ask and fill ipsets, as iptables-save(8) writes
 * them. Rules know sets by number; one whose name was not told keeps it. */
#include "core/firewall/text/text_xt.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/xt_set.h>

#include "core/firewall/ipsets.h"

static bool one_set(struct str *out, const char *option, const struct ruleset *r,
		    const struct xt_set_info *set, bool is_inverted)
{
	const struct fw_ipset *named = ipsets_find(r, set->index);

	if (set->dim > IPSET_DIM_MAX)
		return false;
	xt_option(out, option, is_inverted);
	str_putc(out, ' ');
	if (named)
		text_show(out, named->name, TEXT_ASCII);
	else
		str_printf(out, "(index %u)", set->index);
	for (unsigned i = 1; i <= set->dim; i++)
		str_printf(out, "%c%s", i > 1 ? ',' : ' ',
			   set->flags & 1U << i ? "src" : "dst");
	return true;
}

static void counter(struct str *out, const char *word, const struct ip_set_counter_match *m)
{
	const char *op = m->op == IPSET_COUNTER_LT   ? "lt"
			 : m->op == IPSET_COUNTER_GT ? "gt"
						     : "eq";

	if (m->op != IPSET_COUNTER_NONE)
		str_printf(out, "%s --%s-%s %" PRIu64,
			   m->op == IPSET_COUNTER_NE ? " !" : "", word, op,
			   (uint64_t)m->value);
}

static bool match(struct str *out, const struct ruleset *r, const struct fw_expr *e)
{
	struct xt_set_info_match_v4 m;
	struct xt_set_info old;

	if (e->revision != 4) {
		return e->revision && e->revision < 3 &&
		       xt_take(e->value, &old, sizeof(old)) &&
		       one_set(out, "match-set", r, &old, old.flags & IPSET_INV_MATCH);
	}
	if (!xt_take(e->value, &m, sizeof(m)) ||
	    !one_set(out, "match-set", r, &m.match_set,
		     m.match_set.flags & IPSET_INV_MATCH))
		return false;
	if (m.flags & IPSET_FLAG_RETURN_NOMATCH)
		xt_option(out, "return-nomatch", false);
	if (m.flags & IPSET_FLAG_SKIP_COUNTER_UPDATE)
		xt_option(out, "update-counters", true);
	if (m.flags & IPSET_FLAG_SKIP_SUBCOUNTER_UPDATE)
		xt_option(out, "update-subcounters", true);
	counter(out, "packets", &m.packets);
	counter(out, "bytes", &m.bytes);
	return true;
}

static bool is_set(const struct xt_set_info *set)
{
	return set->index != IPSET_INVALID_ID;
}

static bool target(struct str *out, const struct ruleset *r, const struct fw_expr *e)
{
	struct xt_set_info_target_v3 m;

	if (e->revision != 3 || !xt_take(e->value, &m, sizeof(m)) || is_set(&m.map_set))
		return false;
	if (is_set(&m.add_set) && !one_set(out, "add-set", r, &m.add_set, false))
		return false;
	if (m.flags & IPSET_FLAG_EXIST)
		xt_option(out, "exist", false);
	if (m.timeout != UINT32_MAX)
		str_printf(out, " --timeout %u", m.timeout);
	return !is_set(&m.del_set) || one_set(out, "del-set", r, &m.del_set, false);
}

bool xt_write_set(struct str *out, const struct ruleset *r, const struct fw_expr *e)
{
	return e->kind == FW_EXPR_XT_MATCH ? match(out, r, e) : target(out, r, e);
}
