/* A rule from left to right: loads fill registers, tests and statements become pieces. */
#include "core/firewall/text/rule_text.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <linux/netfilter.h>

#include "core/firewall/text/text_iptables.h"
#include "core/firewall/text/text_writer.h"

struct text writer_keep(struct writer *w)
{
	struct text t = {w->scratch.data, w->scratch.len};
	struct text kept = arena_text(&w->arena, t);

	w->no_memory |= w->scratch.failed || kept.len != t.len;
	str_reset(&w->scratch);
	return kept;
}

struct piece *writer_say(struct writer *w)
{
	struct piece *p = vec_push(&w->pieces);

	if (!p) {
		w->no_memory = true;
		str_reset(&w->scratch);
		return NULL;
	}
	p->text = writer_keep(w);
	return p;
}

/* Where several families meet, a test of "ip protocol" says more than the header. */
void writer_drop(struct writer *w, enum dependency d)
{
	bool is_one_family = w->family == NFPROTO_IPV4 || w->family == NFPROTO_IPV6;
	struct piece *p;

	if (!w->depends[d])
		return;
	p = vec_at(&w->pieces, w->depends[d] - 1);
	if (d == DEPENDS_TRANSPORT && p->is_payload && !is_one_family)
		return;
	p->is_dropped = true;
	w->depends[d] = 0;
}

const struct operand *writer_operand(const struct writer *w, uint8_t word)
{
	if (word >= FW_N_WORDS || w->words[word].kind == OPERAND_NONE)
		return NULL;
	return &w->words[word];
}

static enum text_header network_of(uint8_t family)
{
	switch (family) {
	case NFPROTO_IPV4:
		return HEADER_IP;
	case NFPROTO_IPV6:
		return HEADER_IP6;
	case NFPROTO_ARP:
		return HEADER_ARP;
	default:
		return HEADER_UNKNOWN;
	}
}

static void write_one(struct writer *w, const struct fw_expr *e)
{
	switch (e->kind) {
	case FW_EXPR_COUNTER:
		break;
	case FW_EXPR_BITWISE:
		text_bitwise(w, e);
		break;
	case FW_EXPR_BYTEORDER:
		text_byteorder(w, e);
		break;
	case FW_EXPR_CMP:
		text_cmp(w, e);
		break;
	case FW_EXPR_RANGE:
		text_inside(w, e);
		break;
	case FW_EXPR_LOOKUP:
		text_lookup(w, e);
		break;
	case FW_EXPR_XT_MATCH:
	case FW_EXPR_XT_TARGET:
		text_xt(w, e);
		break;
	case FW_EXPR_IMMEDIATE:
	case FW_EXPR_FIB:
	case FW_EXPR_SOCKET:
	case FW_EXPR_RT:
	case FW_EXPR_NUMGEN:
	case FW_EXPR_HASH:
	case FW_EXPR_OSF:
	case FW_EXPR_XFRM:
	case FW_EXPR_TUNNEL:
		text_load(w, e);
		break;
	case FW_EXPR_PAYLOAD:
	case FW_EXPR_META:
	case FW_EXPR_CT:
	case FW_EXPR_EXTHDR:
		e->writes ? text_statement(w, e) : text_load(w, e);
		break;
	default:
		text_statement(w, e);
	}
}

static void join(struct str *out, const struct writer *w, const struct fw_rule *rule)
{
	const char *between = "";

	for (size_t i = 0; i < w->pieces.n; i++) {
		const struct piece *p = vec_at(&w->pieces, i);

		if (p->is_dropped)
			continue;
		str_puts(out, between);
		str_append(out, p->text.bytes, p->text.len);
		between = " ";
	}
	if (text_is_empty(rule->comment))
		return;
	str_printf(out, "%scomment \"", between);
	text_show(out, rule->comment, TEXT_ASCII);
	str_putc(out, '"');
}

static int nft_text(struct str *out, const struct ruleset *r, const struct fw_rule *rule)
{
	struct writer w = {.r = r};

	w.family = ruleset_table_of(r, ruleset_chain(r, rule))->family;
	w.network = network_of(w.family);
	w.pieces = VEC_OF(struct piece);
	for (size_t i = 0; i < rule->n_exprs; i++)
		write_one(&w, rule->exprs[i]);
	if (!w.no_memory)
		join(out, &w, rule);
	str_release(&w.scratch);
	vec_release(&w.pieces);
	arena_release(&w.arena);
	return w.no_memory || out->failed ? -ENOMEM : 0;
}

int rule_text(struct str *out, const struct ruleset *r, const struct fw_rule *rule)
{
	const struct fw_table *t = ruleset_table_of(r, ruleset_chain(r, rule));

	if (t->backend != FW_NFT && text_iptables(out, r, rule))
		return out->failed ? -ENOMEM : 0;
	return nft_text(out, r, rule);
}

const char *fw_program(const struct fw_table *t)
{
	bool is_v6 = t->family == NFPROTO_IPV6;

	switch (t->backend) {
	case FW_NFT:
		return "nft";
	case FW_IPTABLES_NFT:
		return is_v6 ? "ip6tables" : "iptables";
	case FW_LEGACY:
		return is_v6 ? "ip6tables-legacy" : "iptables-legacy";
	}
	return "nft";
}

static void place_text(struct str *out, const struct ruleset *r,
		       const struct fw_chain *chain)
{
	const struct fw_table *t = ruleset_table_of(r, chain);

	str_printf(out, "%s ",
		   t->backend == FW_NFT ? fw_family_word(t->family) : fw_program(t));
	text_show(out, t->name, TEXT_ASCII);
	str_putc(out, ' ');
	text_show(out, chain->name, TEXT_ASCII);
}

int rule_place(struct str *out, const struct ruleset *r, const struct fw_rule *rule)
{
	const struct fw_chain *chain = ruleset_chain(r, rule);

	place_text(out, r, chain);
	if (ruleset_table_of(r, chain)->backend != FW_NFT)
		return str_printf(out, " rule %u", rule->index);
	return str_printf(out, " handle %" PRIu64, rule->handle);
}

int policy_place(struct str *out, const struct ruleset *r, const struct fw_chain *chain)
{
	place_text(out, r, chain);
	if (ruleset_table_of(r, chain)->backend != FW_NFT)
		return str_puts(out,
				chain->policy_drops ? " policy DROP" : " policy ACCEPT");
	return str_puts(out, chain->policy_drops ? " policy drop" : " policy accept");
}

int rule_show_command(struct str *out, const struct ruleset *r,
		      const struct fw_chain *chain, uint32_t index)
{
	const struct fw_table *t = ruleset_table_of(r, chain);

	if (t->backend == FW_NFT) {
		str_puts(out, "nft -a list chain ");
		place_text(out, r, chain);
		return out->failed ? -ENOMEM : 0;
	}
	str_puts(out, fw_program(t));
	if (!text_equals_str(t->name, "filter")) {
		str_puts(out, " -t ");
		text_show(out, t->name, TEXT_ASCII);
	}
	str_puts(out, " -S ");
	text_show(out, chain->name, TEXT_ASCII);
	return index ? str_printf(out, " %u", index) : out->failed ? -ENOMEM : 0;
}
