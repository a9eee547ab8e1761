/* Expressions that do something: verdicts, logs, marks. Where a packet is sent instead is
 * in text_nat.c. */
#include "core/firewall/text/text_writer.h"

#include <inttypes.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_log.h>
#include <netinet/in.h>
#include <linux/netfilter.h>

#include "core/firewall/text/text_symbols.h"
#include "core/firewall/text/text_values.h"

static void quoted(struct str *out, struct text t)
{
	str_putc(out, '"');
	text_show(out, t, TEXT_ASCII);
	str_putc(out, '"');
}

/* A field is set: "meta mark set 0x00000020". */
static void say_set_key(struct writer *w, const struct fw_expr *e)
{
	const struct operand *o = writer_operand(w, e->sreg);
	bool is_ct = e->kind == FW_EXPR_CT;
	struct text_key key = is_ct ? text_ct_key(e->key) : text_meta_key(e->key);
	size_t len = text_type_len(key.type);
	struct text_part part = {.type = key.type, .len = (uint8_t)len, .is_big = false};

	if (is_ct && e->key == NFT_CT_ZONE)
		part.len = 2;
	str_printf(&w->scratch, "%s %s set ", is_ct ? "ct" : "meta",
		   key.name ? key.name : "(unknown)");
	if (o)
		operand_text(w, &w->scratch, o, o->kind == OPERAND_BYTES ? &part : NULL);
	else
		str_puts(&w->scratch, "(unknown)");
}

static enum text_header header_of(const struct writer *w, const struct fw_expr *e)
{
	if (e->base == NFT_PAYLOAD_LL_HEADER)
		return e->offset >= 14 ? HEADER_VLAN : HEADER_ETHER;
	if (e->base == NFT_PAYLOAD_NETWORK_HEADER)
		return w->network;
	return w->transport ? w->transport : HEADER_TH;
}

static void say_set_payload(struct writer *w, const struct fw_expr *e)
{
	static const char *const bases[] = {"ll", "nh", "th", "ih"};
	const struct operand *o = writer_operand(w, e->sreg);
	const struct text_field *bits;
	const struct text_field *f =
		text_field_at(header_of(w, e), e->offset * 8, e->len * 8);
	struct text_part part = {
		.type = TEXT_TYPE_INTEGER, .len = (uint8_t)e->len, .is_big = true};

	if (e->base == NFT_PAYLOAD_TRANSPORT_HEADER)
		writer_drop(w, DEPENDS_TRANSPORT);
	if (e->base == NFT_PAYLOAD_NETWORK_HEADER)
		writer_drop(w, DEPENDS_NETWORK);
	if (o && o->is_bits && o->mask.len && o->flip.len &&
	    (bits = text_field_of_mask(o, o->mask, true, &part.shift))) {
		part.type = bits->type;
		str_printf(&w->scratch, "%s set ", bits->name);
		text_part_value(&w->scratch, &part, o->flip);
		return;
	}
	if (f && f->bits == e->len * 8) {
		part.type = f->type;
		str_printf(&w->scratch, "%s set ", f->name);
	} else {
		str_printf(&w->scratch, "@%s,%u,%u set ", bases[e->base & 3], e->offset * 8,
			   e->len * 8);
	}
	if (o)
		operand_text(w, &w->scratch, o, o->kind == OPERAND_BYTES ? &part : NULL);
	else
		str_puts(&w->scratch, "(unknown)");
}

static void say_set_option(struct writer *w, const struct fw_expr *e)
{
	const struct operand *o = writer_operand(w, e->sreg);
	struct text_part part = {
		.type = TEXT_TYPE_INTEGER, .len = (uint8_t)e->len, .is_big = true};

	writer_drop(w, DEPENDS_TRANSPORT);
	if (e->op == NFT_EXTHDR_OP_TCPOPT && e->key == 2 && e->offset == 2 && e->len == 2)
		str_puts(&w->scratch, "tcp option maxseg size set ");
	else
		str_printf(&w->scratch, "exthdr @%u,%u,%u set ", e->key, e->offset * 8,
			   e->len * 8);
	if (o)
		operand_text(w, &w->scratch, o, o->kind == OPERAND_BYTES ? &part : NULL);
	else
		str_puts(&w->scratch, "(unknown)");
}

static void say_log_flags(struct str *out, uint32_t flags)
{
	if (!flags)
		return;
	if ((flags & NF_LOG_MASK) == NF_LOG_MASK) {
		str_puts(out, " flags all");
		return;
	}
	if (flags & NF_LOG_TCPSEQ)
		str_puts(out, flags & NF_LOG_TCPOPT ? " flags tcp sequence,options"
						    : " flags tcp sequence");
	else if (flags & NF_LOG_TCPOPT)
		str_puts(out, " flags tcp options");
	if (flags & NF_LOG_IPOPT)
		str_puts(out, " flags ip options");
	if (flags & NF_LOG_UID)
		str_puts(out, " flags skuid");
	if (flags & NF_LOG_MACDECODE)
		str_puts(out, " flags ether");
}

static void say_log(struct writer *w, const struct fw_expr *e)
{
	static const char *const levels[] = {"emerg",  "alert", "crit",  "err",  "warn",
					     "notice", "info",  "debug", "audit"};
	struct str *out = &w->scratch;

	str_puts(out, "log");
	if (!text_is_empty(e->value)) {
		str_puts(out, " prefix ");
		quoted(out, e->value);
	}
	if (e->op & FW_LOG_GROUP)
		str_printf(out, " group %u", e->offset);
	if ((e->op & FW_LOG_GROUP) && e->len)
		str_printf(out, " snaplen %u", e->len);
	if ((e->op & FW_LOG_GROUP) && e->amount)
		str_printf(out, " queue-threshold %" PRIu64, e->amount);
	if ((e->op & FW_LOG_LEVEL) && e->key != NFT_LOGLEVEL_WARNING &&
	    e->key < sizeof(levels) / sizeof(*levels))
		str_printf(out, " level %s", levels[e->key]);
	say_log_flags(out, e->flags);
}

static void say_reject(struct writer *w, const struct fw_expr *e)
{
	struct str *out = &w->scratch;
	bool is_ip = w->family == NFPROTO_IPV4, is_ip6 = w->family == NFPROTO_IPV6;
	bool is_v6 = w->network == HEADER_IP6;
	const char *code;

	str_puts(out, "reject");
	if (e->key == NFT_REJECT_TCP_RST) {
		if (is_ip || is_ip6)
			writer_drop(w, DEPENDS_TRANSPORT);
		str_puts(out, " with tcp reset");
	} else if (e->key == NFT_REJECT_ICMPX_UNREACH) {
		code = text_symbol(TEXT_TYPE_ICMPX_CODE, e->code);
		if (e->code == NFT_REJECT_ICMPX_PORT_UNREACH)
			return;
		str_puts(out, " with icmpx ");
		code ? str_puts(out, code) : str_printf(out, "%u", e->code);
	} else {
		if (!is_ip && !is_ip6 && w->depends[DEPENDS_NETWORK] == w->pieces.n)
			writer_drop(w, DEPENDS_NETWORK);
		if ((is_ip || is_ip6) && e->code == (is_v6 ? 4 : 3))
			return;
		code = text_symbol(is_v6 ? TEXT_TYPE_ICMP6_CODE : TEXT_TYPE_ICMP_CODE,
				   e->code);
		str_puts(out, is_v6 ? " with icmpv6 " : " with icmp ");
		code ? str_puts(out, code) : str_printf(out, "%u", e->code);
	}
}

static void say_queue(struct writer *w, const struct fw_expr *e)
{
	struct str *out = &w->scratch;

	str_puts(out, "queue");
	if (e->flags & NFT_QUEUE_FLAG_BYPASS)
		str_puts(out, " flags bypass");
	if (e->flags & NFT_QUEUE_FLAG_CPU_FANOUT)
		str_puts(out,
			 e->flags & NFT_QUEUE_FLAG_BYPASS ? ",fanout" : " flags fanout");
	str_puts(out, " to ");
	if (writer_operand(w, e->sreg))
		operand_text(w, out, writer_operand(w, e->sreg), NULL);
	else
		str_printf(out, "%u", e->offset);
	if (e->len > 1)
		str_printf(out, "-%u", e->offset + e->len - 1);
}

static void say_dynset(struct writer *w, const struct fw_expr *e)
{
	static const char *const words[] = {"add", "update", "delete"};
	const struct fw_set *set = &w->r->sets[e->set];
	struct text_part parts[TEXT_PARTS];
	struct str *out = &w->scratch;

	str_printf(out, "%s @", words[e->op % 3]);
	text_show(out, set->name, TEXT_ASCII);
	str_puts(out, " { ");
	operands_text(w, e->sreg, set->key_len, parts);
	if (e->amount) {
		str_puts(out, " timeout ");
		text_duration(out, e->amount);
	}
	for (size_t i = 0; i < e->n_inner; i++) {
		if (e->inner[i].kind == FW_EXPR_COUNTER)
			continue;
		str_putc(out, ' ');
		text_history(out, &e->inner[i]);
	}
	if (writer_operand(w, e->sreg2)) {
		text_data_parts(set, parts);
		str_puts(out, " : ");
		operand_text(w, out, writer_operand(w, e->sreg2), parts);
	}
	str_puts(out, " }");
}

static void say_objref(struct writer *w, const struct fw_expr *e)
{
	static const char *const words[] = {"object",
					    "counter",
					    "quota",
					    "ct helper set",
					    "limit",
					    "ct count",
					    "tunnel",
					    "ct timeout set",
					    "meta secmark set",
					    "ct expectation set",
					    "synproxy"};
	struct text_part parts[TEXT_PARTS];
	unsigned type = e->key < sizeof(words) / sizeof(*words) ? e->key : 0;
	size_t n;

	if (e->set == FW_NONE) {
		str_printf(&w->scratch, "%s %s", words[type],
			   type == 1 || type == 2 || type == 4 || type == 10 ? "name "
									     : "");
		quoted(&w->scratch, e->value);
		return;
	}
	type = w->r->sets[e->set].object_type;
	type = type < sizeof(words) / sizeof(*words) ? type : 0;
	str_printf(&w->scratch, "%s name ", words[type]);
	n = operands_text(w, e->sreg, w->r->sets[e->set].key_len, parts);
	str_puts(&w->scratch, " map ");
	if (w->r->sets[e->set].flags & NFT_SET_ANONYMOUS) {
		text_set_body(&w->scratch, w->r, &w->r->sets[e->set], parts, n);
		return;
	}
	str_putc(&w->scratch, '@');
	text_show(&w->scratch, w->r->sets[e->set].name, TEXT_ASCII);
}

static void say_synproxy(struct writer *w, const struct fw_expr *e)
{
	str_printf(&w->scratch, "synproxy mss %u wscale %u%s%s", e->offset, e->len,
		   e->flags & 8 ? " timestamp" : "", e->flags & 4 ? " sack-perm" : "");
}

void text_statement(struct writer *w, const struct fw_expr *e)
{
	switch (e->kind) {
	case FW_EXPR_VERDICT:
		text_verdict(&w->scratch, w->r, e->verdict, e->chain);
		break;
	case FW_EXPR_META:
	case FW_EXPR_CT:
		say_set_key(w, e);
		break;
	case FW_EXPR_PAYLOAD:
		say_set_payload(w, e);
		break;
	case FW_EXPR_EXTHDR:
		say_set_option(w, e);
		break;
	case FW_EXPR_LOG:
		say_log(w, e);
		break;
	case FW_EXPR_REJECT:
		say_reject(w, e);
		break;
	case FW_EXPR_NAT:
	case FW_EXPR_REDIR:
	case FW_EXPR_MASQ:
	case FW_EXPR_TPROXY:
	case FW_EXPR_DUP:
	case FW_EXPR_FWD:
		text_redirection(w, e);
		break;
	case FW_EXPR_QUEUE:
		say_queue(w, e);
		break;
	case FW_EXPR_DYNSET:
		say_dynset(w, e);
		break;
	case FW_EXPR_OBJREF:
		say_objref(w, e);
		break;
	case FW_EXPR_SYNPROXY:
		say_synproxy(w, e);
		break;
	case FW_EXPR_NOTRACK:
		str_puts(&w->scratch, "notrack");
		break;
	case FW_EXPR_FLOW_OFFLOAD:
		str_puts(&w->scratch, "flow add @");
		text_show(&w->scratch, e->value, TEXT_ASCII);
		break;
	default:
		text_history(&w->scratch, e);
	}
	writer_say(w);
}
