/*
 * A rule as `iptables -S` prints it: what iptables-nft writes in nf_tables' own expressions
 * (the head of a rule, ports, marks, limits, logs), with extensions by text_xt*.c between.
 * What iptables does not write has no text here; rule_text.c says it in nft's words.
 */
#include "core/firewall/text/text_iptables.h"

#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "core/firewall/text/text_iptables_impl.h"

static bool say_verdict(struct sentence *s, const struct fw_expr *e)
{
	const char *word = NULL;

	switch (e->verdict) {
	case NF_ACCEPT:
		word = "ACCEPT";
		break;
	case NF_DROP:
		word = "DROP";
		break;
	case NFT_RETURN:
		word = "RETURN";
		break;
	case NFT_JUMP:
	case NFT_GOTO:
		if (e->chain >= s->r->n_chains)
			return false;
		str_puts(&s->target, e->verdict == NFT_JUMP ? " -j " : " -g ");
		text_show(&s->target, s->r->chains[e->chain].name, TEXT_ASCII);
		return true;
	default:
		return false;
	}
	str_printf(&s->target, " -j %s", word);
	return true;
}

static bool say_nflog(struct sentence *s, const struct fw_expr *e)
{
	struct str *out = &s->target;

	if (!(e->op & FW_LOG_GROUP))
		return false;
	str_puts(out, " -j NFLOG");
	if (!text_is_empty(e->value)) {
		xt_option(out, "nflog-prefix", false);
		xt_quote(out, e->value);
	}
	if (e->offset)
		str_printf(out, " --nflog-group %u", e->offset);
	if (e->op & FW_LOG_SNAPLEN)
		str_printf(out, " --nflog-size %u", e->len);
	if (e->amount)
		str_printf(out, " --nflog-threshold %u", (unsigned)e->amount);
	return true;
}

static bool say_xt_target(struct sentence *s, const struct fw_expr *e)
{
	str_puts(&s->target, " -j ");
	return xt_write(&s->target, s->r, e, s->family);
}

static bool say_trace(struct sentence *s, const struct fw_expr *e)
{
	if (!e->writes || e->key != NFT_META_NFTRACE)
		return false;
	str_puts(&s->target, " -j TRACE");
	return true;
}

static bool read_expr(struct sentence *s, const struct fw_expr *e)
{
	if (s->target.len && e->kind != FW_EXPR_COUNTER)
		return false;
	switch (e->kind) {
	case FW_EXPR_COUNTER:
	case FW_EXPR_IMMEDIATE:
		return true;
	case FW_EXPR_META:
		return e->writes ? say_trace(s, e) : iptables_load(s, e);
	case FW_EXPR_PAYLOAD:
		return !e->writes && iptables_load(s, e);
	case FW_EXPR_BITWISE:
		return iptables_mask(s, e);
	case FW_EXPR_CMP:
		return iptables_compare(s, e);
	case FW_EXPR_RANGE:
		return iptables_range(s, e);
	case FW_EXPR_VERDICT:
		return say_verdict(s, e);
	case FW_EXPR_LOG:
		return say_nflog(s, e);
	case FW_EXPR_XT_TARGET:
		return say_xt_target(s, e);
	case FW_EXPR_LIMIT:
		return iptables_limit(s, e);
	case FW_EXPR_XT_MATCH:
		return iptables_match(s, e);
	default:
		return false;
	}
}

static void say_address(struct str *out, const struct sentence *s, const struct test *t,
			const char *option)
{
	uint8_t family = s->family == NFPROTO_IPV6 ? AF_INET6 : AF_INET;
	unsigned len = family == AF_INET6 ? 16 : 4;
	uint8_t address[16] = {0}, full[16], mask[16] = {0};

	if (!t->is_given)
		return;
	memset(full, 0xff, sizeof(full));
	memcpy(address, t->value.bytes, t->value.len);
	memcpy(mask, t->has_mask ? t->mask : full, t->value.len);
	str_printf(out, "%s %s ", t->is_inverted ? " !" : "", option);
	xt_address(out, address, family);
	if (memcmp(mask, full, len) != 0)
		xt_mask(out, mask, family);
	else
		str_printf(out, "/%u", len * 8);
}

static void say_device(struct str *out, const struct test *t, const char *option)
{
	size_t len = t->is_given ? strnlen(t->value.bytes, t->value.len) : 0;

	if (!t->is_given)
		return;
	/* iptables-nft's way to ask for what never is. */
	if (!t->is_inverted && len == strlen("INVAL/D") &&
	    !memcmp(t->value.bytes, "INVAL/D", len)) {
		str_printf(out, " ! %s +", option);
		return;
	}
	str_printf(out, "%s %s ", t->is_inverted ? " !" : "", option);
	text_show(out, (struct text){t->value.bytes, len}, TEXT_ASCII);
	if (len == t->value.len && len < 16)
		str_putc(out, '+');
}

static void say_head(struct str *out, const struct sentence *s)
{
	unsigned number = (unsigned)text_number(s->proto.value, true);

	say_address(out, s, &s->saddr, "-s");
	say_address(out, s, &s->daddr, "-d");
	say_device(out, &s->iif, "-i");
	say_device(out, &s->oif, "-o");
	if (s->proto.is_given) {
		str_printf(out, "%s -p ", s->proto.is_inverted ? " !" : "");
		if (xt_protocol(number))
			str_puts(out, xt_protocol(number));
		else
			str_printf(out, "%u", number);
	}
	if (s->fragment.is_given)
		str_puts(out, s->fragment.is_inverted ? " -f" : " ! -f");
}

static void say_all(struct str *out, const struct sentence *s, const struct fw_rule *rule)
{
	str_puts(out, "-A ");
	text_show(out, ruleset_chain(s->r, rule)->name, TEXT_ASCII);
	say_head(out, s);
	str_puts(out, str_text(&s->matches));
	if (!s->has_comment && !text_is_empty(rule->comment)) {
		str_puts(out, " -m comment --comment");
		xt_quote(out, rule->comment);
	}
	str_puts(out, str_text(&s->target));
	out->failed |= s->matches.failed || s->target.failed;
}

bool text_iptables(struct str *out, const struct ruleset *r, const struct fw_rule *rule)
{
	struct sentence s = {.r = r};
	bool is_known = true;

	s.family = ruleset_table_of(r, ruleset_chain(r, rule))->family;
	for (size_t i = 0; i < rule->n_exprs && is_known; i++)
		is_known = read_expr(&s, rule->exprs[i]);
	iptables_end_ports(&s);
	if (is_known)
		say_all(out, &s, rule);
	str_release(&s.matches);
	str_release(&s.target);
	return is_known;
}
