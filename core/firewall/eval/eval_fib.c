/*
 * Expressions that ask the host: types of addresses and routes (answered by the caller);
 * headers beyond the fixed ones. net/ipv4/netfilter/nft_fib_ipv4.c, nft_exthdr.c.
 */
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

#include "core/firewall/eval/exprs.h"

enum { OP_SCTP = 3, OP_DCCP = 4 };
#define NOT_KNOWN UINT32_MAX

uint8_t eval_address_type(const struct eval *e, bool is_source, uint32_t on)
{
	const struct fw_lookups *l = e->lookups;

	if (!l->address_type || !eval_is_address_known(e->packet, is_source))
		return 0;
	return l->address_type(l->arg, is_source ? &e->packet->saddr : &e->packet->daddr,
			       on);
}

static enum eval_next store_u32(struct eval *e, const struct fw_expr *x, uint32_t value)
{
	return eval_store(e, x->dreg, &value, sizeof(value), FW_FIELD_OTHER);
}

/* Whether something is there: 0 or 1 in a word. */
static enum eval_next store_unsure_presence(struct eval *e, const struct fw_expr *x,
					    enum fw_doubt why)
{
	uint32_t one = 1;
	uint8_t bits[sizeof(one)];
	struct octet o[sizeof(one)] = {{0}};

	memcpy(bits, &one, sizeof(one));
	for (size_t i = 0; i < sizeof(one); i++) {
		o[i].unknown = bits[i];
		o[i].doubt = (uint8_t)why;
	}
	octets_name(o, sizeof(one), eval_name(e));
	regs_store(&e->regs, x->dreg, o, sizeof(one));
	return EVAL_NEXT;
}

static bool is_source_asked(const struct fw_expr *x)
{
	return x->flags & NFTA_FIB_F_SADDR;
}

static enum fw_doubt doubt_of(const struct eval *e, const struct fw_expr *x,
			      enum fw_doubt otherwise)
{
	bool is_source = is_source_asked(x);

	if (eval_is_address_known(e->packet, is_source))
		return otherwise;
	return is_source ? FW_DOUBT_SOURCE : FW_DOUBT_DESTINATION;
}

static enum eval_next fib_type(struct eval *e, const struct fw_expr *x)
{
	bool is_in = x->flags & NFTA_FIB_F_IIF, is_out = x->flags & NFTA_FIB_F_OIF;
	uint32_t on = is_in ? e->packet->iif_index : is_out ? e->packet->oif_index : 0;
	bool is_device_known = !(is_in || is_out) || on;
	uint8_t type;

	type = is_device_known ? eval_address_type(e, is_source_asked(x), on) : 0;
	if (!type)
		return eval_store_unknown(e, x->dreg, 4,
					  is_device_known
						  ? doubt_of(e, x, FW_DOUBT_ADDRESS_TYPE)
						  : FW_DOUBT_INTERFACE,
					  FW_FIELD_OTHER);
	return store_u32(e, x, type);
}

/* The device of the route to the address, as a destination; 0: none. */
static uint32_t route_device(const struct eval *e, const struct fw_expr *x)
{
	const struct fw_packet *p = e->packet;
	bool is_source = is_source_asked(x), by_mark = x->flags & NFTA_FIB_F_MARK;
	bool is_iif_asked = x->flags & NFTA_FIB_F_IIF;
	uint32_t found;

	if (is_iif_asked && p->iif_type == ARPHRD_LOOPBACK)
		return p->iif_index ? p->iif_index : NOT_KNOWN;
	if (!e->lookups->route_device || !eval_is_address_known(p, is_source) ||
	    (by_mark && !p->is_mark_known))
		return NOT_KNOWN;
	if (is_iif_asked && (p->is_iif_unknown || !p->iif_index))
		return NOT_KNOWN;
	found = e->lookups->route_device(e->lookups->arg, is_source ? &p->saddr : &p->daddr,
					 by_mark ? p->mark : 0);
	if (found != NOT_KNOWN && is_iif_asked && found != p->iif_index)
		return 0;
	return found;
}

static enum eval_next fib_name(struct eval *e, const struct fw_expr *x, uint32_t device)
{
	const struct fw_lookups *l = e->lookups;
	char bytes[IFNAMSIZ] = {0};
	struct text name;

	if (device == e->packet->iif_index)
		name = e->packet->iif;
	else
		name = device && l->device_name ? l->device_name(l->arg, device)
						: TEXT_NONE;
	if (device && text_is_empty(name))
		return eval_store_unknown(e, x->dreg, IFNAMSIZ, FW_DOUBT_ROUTE,
					  FW_FIELD_INTERFACE);
	if (device)
		memcpy(bytes, name.bytes, name.len < IFNAMSIZ ? name.len : IFNAMSIZ - 1);
	return eval_store(e, x->dreg, bytes, sizeof(bytes), FW_FIELD_INTERFACE);
}

enum eval_next eval_fib(struct eval *e, const struct fw_expr *x)
{
	bool is_presence = x->flags & NFTA_FIB_F_PRESENT;
	enum fw_doubt why;
	uint32_t device;

	if (x->op == NFT_FIB_RESULT_ADDRTYPE)
		return fib_type(e, x);
	device = route_device(e, x);
	why = doubt_of(e, x, FW_DOUBT_ROUTE);
	if (device == NOT_KNOWN && is_presence)
		return store_unsure_presence(e, x, why);
	if (device == NOT_KNOWN)
		return eval_store_unknown(e, x->dreg,
					  x->op == NFT_FIB_RESULT_OIFNAME ? IFNAMSIZ : 4,
					  why, FW_FIELD_OTHER);
	if (is_presence)
		return store_u32(e, x, device != 0);
	if (x->op == NFT_FIB_RESULT_OIFNAME)
		return fib_name(e, x, device);
	return store_u32(e, x, device);
}

static enum eval_next absent_header(struct eval *e, const struct fw_expr *x)
{
	if (x->flags & NFT_EXTHDR_F_PRESENT)
		return store_u32(e, x, 0);
	return EVAL_BREAK;
}

/* IPv4 options, IPv6 extension headers: a hypothetical packet has none. */
enum eval_next eval_exthdr(struct eval *e, const struct fw_expr *x)
{
	uint8_t proto = e->packet->proto;
	bool may_have = (x->op == NFT_EXTHDR_OP_TCPOPT && proto == IPPROTO_TCP) ||
			(x->op == OP_SCTP && proto == IPPROTO_SCTP) ||
			(x->op == OP_DCCP && proto == IPPROTO_DCCP);

	if (x->op > OP_DCCP)
		return eval_opaque(e, x);
	if (x->writes)
		return may_have ? EVAL_NEXT : EVAL_BREAK;
	if (!may_have)
		return absent_header(e, x);
	if (x->flags & NFT_EXTHDR_F_PRESENT)
		return store_unsure_presence(e, x, FW_DOUBT_OPTIONS);
	if (eval_unsure(e, doubt_words(FW_DOUBT_OPTIONS), false) == EVAL_BREAK)
		return EVAL_BREAK;
	return eval_store_unknown(e, x->dreg, x->len, FW_DOUBT_OPTIONS, FW_FIELD_OTHER);
}

/* Looks into tunnels, which plain TCP and UDP on a service's port are not taken for. */
enum eval_next eval_inner(struct eval *e, const struct fw_expr *x)
{
	if (e->packet->proto == IPPROTO_TCP)
		return EVAL_BREAK;
	return eval_opaque(e, x);
}
