/* What a rule of iptables tests, from nf_tables' own expressions: the head's fields are
 * kept, ports, marks and limits become matches. */
#include "core/firewall/text/text_iptables_impl.h"

#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_limit.h>

enum { V4_FRAGMENT = 6, V4_PROTO = 9, V4_SADDR = 12, V4_DADDR = 16 };
enum { V6_PROTO = 6, V6_SADDR = 8, V6_DADDR = 24, TCP_FLAGS = 13 };

static bool is_equality(const struct fw_expr *e)
{
	return e->op == NFT_CMP_EQ || e->op == NFT_CMP_NEQ;
}

static bool keep_test(struct test *t, const struct fw_expr *e, const struct loaded *of)
{
	if (t->is_given || !is_equality(e) || !e->value.len ||
	    e->value.len > sizeof(t->mask) ||
	    (of->mask.len && of->mask.len != e->value.len))
		return false;
	t->is_given = true;
	t->is_inverted = e->op == NFT_CMP_NEQ;
	t->value = e->value;
	t->has_mask = of->mask.len == e->value.len;
	if (t->has_mask)
		memcpy(t->mask, of->mask.bytes, of->mask.len);
	return true;
}

static uint16_t port_of(struct text value)
{
	return (uint16_t)text_number(value, true);
}

/* Of the protocol that the rule's head tests. */
static bool open_transport(struct sentence *s)
{
	uint64_t number = text_number(s->proto.value, true);

	if (!s->proto.is_given || s->proto.is_inverted ||
	    (number != IPPROTO_TCP && number != IPPROTO_UDP))
		return false;
	s->transport.name = number == IPPROTO_TCP ? "tcp" : "udp";
	return true;
}

static void end_option(struct str *out, struct str *option)
{
	str_puts(out, str_text(option));
	out->failed |= option->failed;
	str_release(option);
}

void iptables_end_ports(struct sentence *s)
{
	struct transport *t = &s->transport;

	if (!t->name)
		return;
	str_printf(&s->matches, " -m %s", t->name);
	end_option(&s->matches, &t->sport);
	end_option(&s->matches, &t->dport);
	end_option(&s->matches, &t->flags);
	t->name = NULL;
}

static bool say_ports(struct sentence *s, uint32_t offset, uint32_t from, uint32_t to,
		      bool is_inverted)
{
	struct str *out = offset ? &s->transport.dport : &s->transport.sport;

	if ((offset != 0 && offset != 2) || out->len || !open_transport(s))
		return false;
	xt_range(out, offset ? "dport" : "sport", from, to, is_inverted);
	return true;
}

/* Both ports at once. */
static bool cmp_both_ports(struct sentence *s, const struct fw_expr *e)
{
	uint32_t both = (uint32_t)text_number(e->value, true);
	bool is_inverted = e->op == NFT_CMP_NEQ;

	return is_equality(e) && say_ports(s, 0, both >> 16, both >> 16, is_inverted) &&
	       say_ports(s, 2, both & 0xffff, both & 0xffff, is_inverted);
}

static bool cmp_port(struct sentence *s, const struct fw_expr *load,
		     const struct fw_expr *e)
{
	uint16_t port;

	if (load->len == 4 && load->offset == 0 && e->value.len == 4)
		return cmp_both_ports(s, e);
	if (load->len != 2 || e->value.len != 2)
		return false;
	port = port_of(e->value);
	switch (e->op) {
	case NFT_CMP_EQ:
		return say_ports(s, load->offset, port, port, false);
	case NFT_CMP_NEQ:
		return say_ports(s, load->offset, port, port, true);
	case NFT_CMP_LTE:
		return say_ports(s, load->offset, 0, port, false);
	case NFT_CMP_GTE:
		return say_ports(s, load->offset, port, UINT16_MAX, false);
	case NFT_CMP_LT:
		return port && say_ports(s, load->offset, 0, port - 1U, false);
	case NFT_CMP_GT:
		return port < UINT16_MAX &&
		       say_ports(s, load->offset, port + 1U, UINT16_MAX, false);
	default:
		return false;
	}
}

static bool cmp_flags(struct sentence *s, const struct loaded *of, const struct fw_expr *e)
{
	struct str *out = &s->transport.flags;

	if (of->mask.len != 1 || e->value.len != 1 || !is_equality(e) || out->len ||
	    !open_transport(s) || strcmp(s->transport.name, "tcp") != 0)
		return false;
	xt_option(out, "tcp-flags", e->op == NFT_CMP_NEQ);
	str_putc(out, ' ');
	xt_tcp_flags(out, (uint8_t)of->mask.bytes[0]);
	str_putc(out, ' ');
	xt_tcp_flags(out, (uint8_t)e->value.bytes[0]);
	return true;
}

static bool keep_address(const struct sentence *s, struct test *t, const struct fw_expr *e,
			 const struct loaded *of)
{
	return e->value.len <= (s->family == NFPROTO_IPV6 ? 16 : 4) && keep_test(t, e, of);
}

static bool cmp_network(struct sentence *s, const struct loaded *of,
			const struct fw_expr *e)
{
	bool is_v6 = s->family == NFPROTO_IPV6;
	uint32_t offset = of->from->offset;
	static const uint8_t fragment_mask[] = {0x1f, 0xff};

	if (offset == (is_v6 ? V6_SADDR : V4_SADDR))
		return keep_address(s, &s->saddr, e, of);
	if (offset == (is_v6 ? V6_DADDR : V4_DADDR))
		return keep_address(s, &s->daddr, e, of);
	if (offset == (is_v6 ? V6_PROTO : V4_PROTO) && of->from->len == 1 && !of->mask.len)
		return keep_test(&s->proto, e, of);
	if (is_v6 || offset != V4_FRAGMENT || of->mask.len != 2 ||
	    memcmp(of->mask.bytes, fragment_mask, 2) != 0 || text_number(e->value, true))
		return false;
	return keep_test(&s->fragment, e, of);
}

static bool cmp_mark(struct sentence *s, const struct loaded *of, const struct fw_expr *e)
{
	uint32_t mask = UINT32_MAX;

	if (e->value.len != 4 || !is_equality(e))
		return false;
	if (of->mask.len == 4)
		mask = (uint32_t)text_number(of->mask, false);
	iptables_end_ports(s);
	str_printf(&s->matches, " -m mark%s", e->op == NFT_CMP_NEQ ? " !" : "");
	xt_write_mark(&s->matches, "mark", (uint32_t)text_number(e->value, false), mask);
	return true;
}

static bool cmp_meta(struct sentence *s, const struct loaded *of, const struct fw_expr *e)
{
	if (of->mask.len && of->from->key != NFT_META_MARK)
		return false;
	switch (of->from->key) {
	case NFT_META_IIFNAME:
		return keep_test(&s->iif, e, of);
	case NFT_META_OIFNAME:
		return keep_test(&s->oif, e, of);
	case NFT_META_L4PROTO:
		return e->value.len == 1 && keep_test(&s->proto, e, of);
	case NFT_META_MARK:
		return cmp_mark(s, of, e);
	default:
		return false;
	}
}

static const struct loaded *loaded_at(const struct sentence *s, uint8_t word)
{
	return word < FW_N_WORDS && s->words[word].from ? &s->words[word] : NULL;
}

bool iptables_compare(struct sentence *s, const struct fw_expr *e)
{
	const struct loaded *of = loaded_at(s, e->sreg);

	if (!of)
		return false;
	if (of->from->kind == FW_EXPR_META)
		return cmp_meta(s, of, e);
	if (e->value.len != of->from->len)
		return false;
	if (of->from->base == NFT_PAYLOAD_NETWORK_HEADER)
		return cmp_network(s, of, e);
	if (of->from->base != NFT_PAYLOAD_TRANSPORT_HEADER)
		return false;
	if (of->from->offset == TCP_FLAGS)
		return cmp_flags(s, of, e);
	return !of->mask.len && cmp_port(s, of->from, e);
}

bool iptables_range(struct sentence *s, const struct fw_expr *e)
{
	const struct loaded *of = loaded_at(s, e->sreg);

	if (!of || of->from->kind != FW_EXPR_PAYLOAD || of->mask.len ||
	    of->from->base != NFT_PAYLOAD_TRANSPORT_HEADER || e->value.len != 2 ||
	    e->value2.len != 2 || of->from->len != 2)
		return false;
	return say_ports(s, of->from->offset, port_of(e->value), port_of(e->value2),
			 e->op != 0);
}

bool iptables_load(struct sentence *s, const struct fw_expr *e)
{
	if (e->dreg >= FW_N_WORDS)
		return false;
	/* iptables tests one field at a time: nothing else is meant to stay. */
	memset(s->words, 0, sizeof(s->words));
	s->words[e->dreg].from = e;
	return true;
}

/* (field & mask) ^ 0 */
bool iptables_mask(struct sentence *s, const struct fw_expr *e)
{
	if (!loaded_at(s, e->sreg) || e->sreg != e->dreg || e->op != 0 || !e->value.len ||
	    s->words[e->sreg].mask.len)
		return false;
	for (size_t i = 0; i < e->value2.len; i++)
		if (e->value2.bytes[i])
			return false;
	s->words[e->sreg].mask = e->value;
	return true;
}

bool iptables_limit(struct sentence *s, const struct fw_expr *e)
{
	if (e->key || e->is_inverted || !e->amount)
		return false;
	iptables_end_ports(s);
	str_puts(&s->matches, " -m limit --limit");
	xt_rate(&s->matches, e->amount2 * XT_LIMIT_SCALE / e->amount, XT_LIMIT_SCALE);
	if (e->len != 5)
		str_printf(&s->matches, " --limit-burst %u", e->len);
	return true;
}

bool iptables_match(struct sentence *s, const struct fw_expr *e)
{
	iptables_end_ports(s);
	str_putc(&s->matches, ' ');
	s->has_comment |= text_equals_str(e->name, "comment");
	return xt_write(&s->matches, s->r, e, s->family);
}
