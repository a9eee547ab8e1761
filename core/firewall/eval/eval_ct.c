/* What a rule learns from connection tracking, and notrack. net/netfilter/nft_ct.c. */
#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_tables.h>

#include "core/firewall/eval/exprs.h"

/* As nft's ct state has them. */
enum { STATE_INVALID = 1, STATE_UNTRACKED = 64 };

uint32_t eval_ct_state(const struct eval *e)
{
	if (!e->packet->is_before_conntrack)
		return e->packet->ct.state;
	return e->out && e->out->is_notracked ? STATE_UNTRACKED : STATE_INVALID;
}

bool eval_has_ct(const struct eval *e)
{
	return e->packet->ct.has_entry && !e->packet->is_before_conntrack;
}

/* Before the lookup, and later for a packet that got no entry. */
void eval_notrack(struct eval *e)
{
	if (e->is_near || eval_has_ct(e))
		return;
	e->out->is_notracked = true;
	e->packet->ct.has_entry = false;
	e->packet->ct.state = STATE_UNTRACKED;
}

enum eval_next eval_untracked(struct eval *e, const struct fw_expr *x)
{
	(void)x;
	eval_notrack(e);
	return EVAL_NEXT;
}

static enum eval_next state(struct eval *e, const struct fw_expr *x)
{
	uint32_t bits = eval_ct_state(e);

	if (!bits)
		return eval_store_unknown(e, x->dreg, sizeof(bits), FW_DOUBT_CT_STATE,
					  FW_FIELD_STATE);
	return eval_store(e, x->dreg, &bits, sizeof(bits), FW_FIELD_STATE);
}

/* The original direction's ends are kept in the entry; the answer's are those of this
 * packet as it is now, turned if it goes the original way. */
void eval_ct_address(const struct eval *e, bool is_reply_tuple, bool is_source,
		     struct octet out[16])
{
	const struct fw_packet *p = e->packet;
	const struct addr *a = is_source ? &p->ct.saddr : &p->ct.daddr;
	bool is_client = is_source != is_reply_tuple;
	bool is_of_packet = is_source == (is_reply_tuple == p->ct.is_reply);
	bool is_unknown = is_of_packet ? p->is_source_unknown : p->is_destination_unknown;

	if (is_reply_tuple || !a->family || (is_client && is_unknown)) {
		eval_address_octets(p, is_of_packet, out);
		return;
	}
	octets_set(out, a->bytes, 16, is_source ? FW_FIELD_SOURCE : FW_FIELD_DESTINATION);
	for (size_t i = 0; is_source && i < 16; i++)
		out[i].origin = (uint8_t)(OCTETS_SOURCE + i);
}

void eval_ct_port(const struct eval *e, bool is_reply_tuple, bool is_source,
		  struct octet out[2])
{
	const struct fw_packet *p = e->packet;
	uint16_t port = is_source ? p->ct.sport : p->ct.dport;
	uint8_t bytes[2] = {(uint8_t)(port >> 8), (uint8_t)port};
	bool is_client = is_source != is_reply_tuple;
	bool is_of_packet = is_source == (is_reply_tuple == p->ct.is_reply);
	bool is_unknown = is_of_packet ? p->is_sport_unknown : p->is_dport_unknown;

	if (is_reply_tuple || !p->ct.saddr.family || (is_client && is_unknown)) {
		eval_port_octets(p, is_of_packet, out);
		return;
	}
	octets_set(out, bytes, 2, is_source ? FW_FIELD_SOURCE_PORT : FW_FIELD_PORT);
}

static enum eval_next address(struct eval *e, const struct fw_expr *x, bool is_source,
			      uint8_t family)
{
	struct octet octets[16];

	if (family && family != e->packet->saddr.family)
		return EVAL_BREAK;
	eval_ct_address(e, x->direction == IP_CT_DIR_REPLY, is_source, octets);
	regs_store(&e->regs, x->dreg, octets, e->packet->saddr.family == AF_INET6 ? 16 : 4);
	return EVAL_NEXT;
}

static enum eval_next port(struct eval *e, const struct fw_expr *x, bool is_source)
{
	struct octet octets[2];

	eval_ct_port(e, x->direction == IP_CT_DIR_REPLY, is_source, octets);
	regs_store(&e->regs, x->dreg, octets, sizeof(octets) / sizeof(*octets));
	return EVAL_NEXT;
}

static enum eval_next entry_mark(struct eval *e, const struct fw_expr *x)
{
	const struct fw_conntrack *ct = &e->packet->ct;

	if (!ct->is_mark_known)
		return eval_store_unknown(e, x->dreg, sizeof(ct->mark), FW_DOUBT_CT_MARK,
					  FW_FIELD_MARK);
	return eval_store(e, x->dreg, &ct->mark, sizeof(ct->mark), FW_FIELD_MARK);
}

static enum eval_next set_ct(struct eval *e, const struct fw_expr *x)
{
	struct fw_conntrack *ct = &e->packet->ct;
	struct octet *o = regs_at(&e->regs, x->sreg, sizeof(ct->mark));
	uint8_t bytes[sizeof(ct->mark)];

	if (e->is_near || !eval_has_ct(e))
		return EVAL_NEXT;
	e->packet->n_marked++;
	if (x->key != NFT_CT_MARK || !o)
		return EVAL_NEXT;
	eval_pin(e, o, sizeof(bytes));
	octets_values(o, sizeof(bytes), bytes);
	memcpy(&ct->mark, bytes, sizeof(bytes));
	ct->is_mark_known = octets_doubt(o, sizeof(bytes)) == FW_DOUBT_NOTHING;
	return EVAL_NEXT;
}

/* Keys that only an entry answers. */
static enum eval_next entry(struct eval *e, const struct fw_expr *x)
{
	const struct fw_conntrack *ct = &e->packet->ct;

	switch (x->key) {
	case NFT_CT_DIRECTION:
		return eval_store_u8(e, x->dreg, ct->is_reply, FW_FIELD_OTHER);
	case NFT_CT_STATUS:
		return eval_store(e, x->dreg, &ct->status, sizeof(ct->status),
				  FW_FIELD_OTHER);
	case NFT_CT_MARK:
		return entry_mark(e, x);
	case NFT_CT_L3PROTOCOL:
		return eval_store_u8(e, x->dreg,
				     e->packet->saddr.family == AF_INET6 ? NFPROTO_IPV6
									 : NFPROTO_IPV4,
				     FW_FIELD_OTHER);
	case NFT_CT_PROTOCOL:
		return eval_store_u8(e, x->dreg, e->packet->proto, FW_FIELD_PROTOCOL);
	case NFT_CT_SRC:
	case NFT_CT_DST:
		return address(e, x, x->key == NFT_CT_SRC, 0);
	case NFT_CT_SRC_IP:
	case NFT_CT_DST_IP:
		return address(e, x, x->key == NFT_CT_SRC_IP, AF_INET);
	case NFT_CT_SRC_IP6:
	case NFT_CT_DST_IP6:
		return address(e, x, x->key == NFT_CT_SRC_IP6, AF_INET6);
	case NFT_CT_PROTO_SRC:
	case NFT_CT_PROTO_DST:
		return port(e, x, x->key == NFT_CT_PROTO_SRC);
	default:
		return eval_store_unknown(e, x->dreg, 16, FW_DOUBT_CT, FW_FIELD_OTHER);
	}
}

enum eval_next eval_ct(struct eval *e, const struct fw_expr *x)
{
	if (x->writes)
		return set_ct(e, x);
	if (x->key == NFT_CT_STATE)
		return state(e, x);
	if (!eval_has_ct(e))
		return EVAL_BREAK;
	return entry(e, x);
}
