/* Where a packet is sent instead: translations, copies, transparent proxies. */
#include "core/firewall/text/text_writer.h"

#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>
#include <linux/netfilter.h>

#include "core/firewall/text/text_values.h"

static const struct text_part port_part = {
	.type = TEXT_TYPE_SERVICE, .len = 2, .is_big = true};
static const struct text_part name_part = {
	.type = TEXT_TYPE_IFINDEX, .len = 4, .is_big = false};

static struct text_part address_part(uint8_t family)
{
	return family == NFPROTO_IPV6 ? (struct text_part){.type = TEXT_TYPE_IPV6,
							   .len = 16,
							   .is_big = true}
				      : (struct text_part){.type = TEXT_TYPE_IPV4,
							   .len = 4,
							   .is_big = true};
}

static void say_nat_flags(struct str *out, uint32_t flags)
{
	static const struct {
		uint32_t flag;
		const char *word;
	} words[] = {{4, "random"}, {16, "fully-random"}, {8, "persistent"}};
	const char *between = " ";

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!(flags & words[i].flag))
			continue;
		str_printf(out, "%s%s", between, words[i].word);
		between = ",";
	}
}

static void say_ports(struct writer *w, const struct fw_expr *e)
{
	const struct operand *from = writer_operand(w, e->sreg3),
			     *to = writer_operand(w, e->sreg4);

	if (!from)
		return;
	str_putc(&w->scratch, ':');
	operand_text(w, &w->scratch, from, &port_part);
	if (!to || e->sreg4 == e->sreg3)
		return;
	str_putc(&w->scratch, '-');
	operand_text(w, &w->scratch, to, &port_part);
}

static void say_addresses(struct writer *w, const struct fw_expr *e)
{
	const struct operand *from = writer_operand(w, e->sreg),
			     *to = writer_operand(w, e->sreg2);
	struct text_part part = address_part(e->family);
	bool has_brackets = e->family == NFPROTO_IPV6 && from &&
			    from->kind == OPERAND_BYTES && writer_operand(w, e->sreg3);

	if (!from)
		return;
	if (has_brackets)
		str_putc(&w->scratch, '[');
	operand_text(w, &w->scratch, from, &part);
	if (has_brackets)
		str_putc(&w->scratch, ']');
	if (!to || e->sreg2 == e->sreg)
		return;
	str_puts(&w->scratch, has_brackets ? "-[" : "-");
	operand_text(w, &w->scratch, to, &part);
	if (has_brackets)
		str_putc(&w->scratch, ']');
}

static void say_nat(struct writer *w, const struct fw_expr *e)
{
	struct str *out = &w->scratch;

	/* One map gives address and port together: nft names the family everywhere. */
	bool is_pair = e->sreg3 != FW_NO_REG && !writer_operand(w, e->sreg3);

	str_puts(out, e->key == NFT_NAT_SNAT ? "snat" : "dnat");
	if ((w->family == NFPROTO_INET || is_pair) && writer_operand(w, e->sreg))
		str_puts(out, e->family == NFPROTO_IPV6 ? " ip6" : " ip");
	if (e->flags & 64)
		str_puts(out, " prefix");
	str_puts(out, " to ");
	say_addresses(w, e);
	say_ports(w, e);
	say_nat_flags(out, e->flags);
}

static void say_port_nat(struct writer *w, const struct fw_expr *e)
{
	str_puts(&w->scratch, e->kind == FW_EXPR_MASQ ? "masquerade" : "redirect");
	if (writer_operand(w, e->sreg3))
		str_puts(&w->scratch, " to ");
	say_ports(w, e);
	say_nat_flags(&w->scratch, e->flags);
}

static void say_send(struct writer *w, const struct fw_expr *e)
{
	bool is_dup = e->kind == FW_EXPR_DUP;
	const struct operand *to = writer_operand(w, is_dup ? e->sreg : e->sreg2);
	const struct operand *device = writer_operand(w, is_dup ? e->sreg2 : e->sreg);
	uint8_t family = is_dup ? w->family : e->family;
	struct text_part part = address_part(family);

	str_puts(&w->scratch, is_dup ? "dup to " : "fwd ");
	if (to && !is_dup)
		str_puts(&w->scratch, family == NFPROTO_IPV6 ? "ip6 to " : "ip to ");
	else if (!is_dup)
		str_puts(&w->scratch, "to ");
	if (to)
		operand_text(w, &w->scratch, to, &part);
	if (to && device)
		str_puts(&w->scratch, " device ");
	if (device)
		operand_text(w, &w->scratch, device, &name_part);
}

static void say_tproxy(struct writer *w, const struct fw_expr *e)
{
	str_puts(&w->scratch, "tproxy ");
	if (w->family == NFPROTO_INET && e->family)
		str_puts(&w->scratch, e->family == NFPROTO_IPV6 ? "ip6 " : "ip ");
	str_puts(&w->scratch, "to ");
	say_addresses(w, e);
	say_ports(w, e);
}

void text_redirection(struct writer *w, const struct fw_expr *e)
{
	switch (e->kind) {
	case FW_EXPR_NAT:
		say_nat(w, e);
		break;
	case FW_EXPR_REDIR:
	case FW_EXPR_MASQ:
		say_port_nat(w, e);
		break;
	case FW_EXPR_TPROXY:
		say_tproxy(w, e);
		break;
	default:
		say_send(w, e);
	}
}
