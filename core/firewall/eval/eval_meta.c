/* What is known about a packet beside its bytes: devices, mark, owner, time.
 * net/netfilter/nft_meta.c. */
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

#include "core/firewall/eval/exprs.h"

#define NS_PER_S 1000000000LL
enum { SECONDS_PER_DAY = 86400, DAYS_PER_WEEK = 7, FIRST_WEEKDAY = 4 };
enum { ETHER_V4 = 0x0800, ETHER_V6 = 0x86dd };

bool eval_has_iif(const struct eval *e)
{
	return e->hook != FW_OUTPUT && e->hook != FW_EGRESS &&
	       (e->packet->is_iif_unknown || !text_is_empty(e->packet->iif));
}

static bool eval_has_oif(const struct eval *e)
{
	return (e->hook == FW_FORWARD || e->hook == FW_OUTPUT ||
		e->hook == FW_POSTROUTING || e->hook == FW_EGRESS) &&
	       !text_is_empty(e->packet->oif);
}

static enum eval_next store_u32(struct eval *e, const struct fw_expr *x, uint32_t value,
				enum fw_field field)
{
	return eval_store(e, x->dreg, &value, sizeof(value), field);
}

static enum eval_next unknown(struct eval *e, const struct fw_expr *x, size_t n,
			      enum fw_doubt why)
{
	return eval_store_unknown(e, x->dreg, n, why, FW_FIELD_OTHER);
}

static enum eval_next device_index(struct eval *e, const struct fw_expr *x, bool is_in)
{
	const struct fw_packet *p = e->packet;
	bool has = is_in ? eval_has_iif(e) : eval_has_oif(e);
	uint32_t index = is_in ? p->iif_index : p->oif_index;

	if (has && ((is_in && p->is_iif_unknown) || !index))
		return eval_store_unknown(e, x->dreg, 4, FW_DOUBT_INTERFACE,
					  FW_FIELD_INTERFACE);
	return store_u32(e, x, has ? index : 0, FW_FIELD_INTERFACE);
}

static enum eval_next device_name(struct eval *e, const struct fw_expr *x, bool is_in)
{
	const struct fw_packet *p = e->packet;
	bool has = is_in ? eval_has_iif(e) : eval_has_oif(e);
	struct text name = is_in ? p->iif : p->oif;
	char bytes[IFNAMSIZ] = {0};

	if (has && is_in && p->is_iif_unknown)
		return eval_store_unknown(e, x->dreg, IFNAMSIZ, FW_DOUBT_INTERFACE,
					  FW_FIELD_INTERFACE);
	if (has)
		memcpy(bytes, name.bytes, name.len < IFNAMSIZ ? name.len : IFNAMSIZ - 1);
	return eval_store(e, x->dreg, bytes, sizeof(bytes), FW_FIELD_INTERFACE);
}

/* nft_meta_bridge.c: the bridge above the port; without one the rule does not match. */
static enum eval_next bridge_name(struct eval *e, const struct fw_expr *x, bool is_in)
{
	bool has = is_in ? eval_has_iif(e) : eval_has_oif(e);
	struct text name = is_in ? e->packet->bridge_in : e->packet->bridge_out;
	char bytes[IFNAMSIZ] = {0};

	if (!has || text_is_empty(name))
		return EVAL_BREAK;
	memcpy(bytes, name.bytes, name.len < IFNAMSIZ ? name.len : IFNAMSIZ - 1);
	return eval_store(e, x->dreg, bytes, sizeof(bytes), FW_FIELD_INTERFACE);
}

/* Behind the route newer kernels say "iiftype" of the device that it leaves by, older ones
 * of the one that it came in by, if any. */
static bool is_type_unsure(const struct eval *e)
{
	const struct fw_packet *p = e->packet;

	if (e->hook != FW_POSTROUTING && e->hook != FW_EGRESS)
		return false;
	return !eval_has_iif(e) || p->iif_type != p->oif_type;
}

static enum eval_next device_type(struct eval *e, const struct fw_expr *x, bool is_in)
{
	const struct fw_packet *p = e->packet;
	uint16_t type = is_in ? p->iif_type : p->oif_type;

	if (is_in && is_type_unsure(e)) {
		if (eval_unsure(e, doubt_words(FW_DOUBT_INTERFACE), true) == EVAL_BREAK)
			return EVAL_BREAK;
		return unknown(e, x, sizeof(type), FW_DOUBT_INTERFACE);
	}
	if (!(is_in ? eval_has_iif(e) : eval_has_oif(e)))
		return EVAL_BREAK;
	if (!type || (is_in && p->is_iif_unknown))
		return unknown(e, x, sizeof(type), FW_DOUBT_INTERFACE);
	return eval_store(e, x->dreg, &type, sizeof(type), FW_FIELD_OTHER);
}

/* Group and kind of a device that there is. */
static enum eval_next device_more(struct eval *e, const struct fw_expr *x, bool is_in)
{
	if (!(is_in ? eval_has_iif(e) : eval_has_oif(e)))
		return EVAL_BREAK;
	return unknown(e, x, 16, FW_DOUBT_INTERFACE_GROUP);
}

static enum eval_next owner(struct eval *e, const struct fw_expr *x, uint32_t id)
{
	if (!e->packet->has_socket)
		return EVAL_BREAK;
	if (!e->packet->is_skuid_known)
		return unknown(e, x, sizeof(id), FW_DOUBT_USER);
	return store_u32(e, x, id, FW_FIELD_OTHER);
}

static enum eval_next mark(struct eval *e, const struct fw_expr *x)
{
	if (e->packet->is_mark_known)
		return store_u32(e, x, e->packet->mark, FW_FIELD_MARK);
	return eval_store_unknown(e, x->dreg, 4, FW_DOUBT_MARK, FW_FIELD_MARK);
}

static enum eval_next protocol(struct eval *e, const struct fw_expr *x)
{
	uint16_t type = e->packet->saddr.family == AF_INET6 ? ETHER_V6 : ETHER_V4;
	uint8_t bytes[2] = {(uint8_t)(type >> 8), (uint8_t)type};

	return eval_store(e, x->dreg, bytes, sizeof(bytes), FW_FIELD_OTHER);
}

/* Of a frame for one station. */
static enum eval_next frame_type(struct eval *e, const struct fw_expr *x)
{
	switch (e->packet->frame) {
	case FW_FRAME_OWN:
		return eval_store_u8(e, x->dreg, PACKET_HOST, FW_FIELD_OTHER);
	case FW_FRAME_OF_OTHER:
		return eval_store_u8(e, x->dreg, PACKET_OTHERHOST, FW_FIELD_OTHER);
	case FW_FRAME_OF_SOMEBODY:
		break;
	}
	return unknown(e, x, 1, FW_DOUBT_MAC);
}

static enum eval_next packet_type(struct eval *e, const struct fw_expr *x)
{
	const struct addr *to = &e->packet->daddr;
	uint8_t type;

	if (!eval_is_address_known(e->packet, false))
		return unknown(e, x, 1, FW_DOUBT_DESTINATION);
	if (!eval_has_iif(e))
		return frame_type(e, x);
	if (addr_is_multicast(to))
		return eval_store_u8(e, x->dreg, PACKET_MULTICAST, FW_FIELD_OTHER);
	if (to->family == AF_INET6)
		return frame_type(e, x);
	type = eval_address_type(e, false, 0);
	if (!type)
		return unknown(e, x, 1, FW_DOUBT_ADDRESS_TYPE);
	if (type == RTN_BROADCAST)
		return eval_store_u8(e, x->dreg, PACKET_BROADCAST, FW_FIELD_OTHER);
	return frame_type(e, x);
}

static enum eval_next netfilter_family(struct eval *e, const struct fw_expr *x)
{
	uint8_t family = e->packet->saddr.family == AF_INET6 ? NFPROTO_IPV6 : NFPROTO_IPV4;

	if (e->packet->is_at_bridge)
		family = NFPROTO_BRIDGE;
	return eval_store_u8(e, x->dreg, family, FW_FIELD_OTHER);
}

static enum eval_next time_now(struct eval *e, const struct fw_expr *x)
{
	int64_t ns = e->lookups->wall_ns;
	int64_t seconds = ns / NS_PER_S;
	uint64_t wall = (uint64_t)ns;

	if (ns <= 0)
		return unknown(e, x, sizeof(wall), FW_DOUBT_TIME);
	if (x->key == NFT_META_TIME_NS)
		return eval_store(e, x->dreg, &wall, sizeof(wall), FW_FIELD_OTHER);
	if (x->key == NFT_META_TIME_HOUR)
		return store_u32(e, x, (uint32_t)(seconds % SECONDS_PER_DAY),
				 FW_FIELD_OTHER);
	seconds += e->lookups->utc_offset_s;
	return eval_store_u8(
		e, x->dreg,
		(uint8_t)((FIRST_WEEKDAY + seconds / SECONDS_PER_DAY) % DAYS_PER_WEEK),
		FW_FIELD_OTHER);
}

static enum eval_next packet_length(struct eval *e, const struct fw_expr *x)
{
	uint32_t bits = 0x7ff;
	uint8_t unknown_bits[4];
	struct octet o[4];
	static const uint8_t zeros[4];

	memcpy(unknown_bits, &bits, sizeof(bits));
	octets_set(o, zeros, sizeof(zeros), FW_FIELD_OTHER);
	for (size_t i = 0; i < sizeof(zeros); i++) {
		o[i].unknown = unknown_bits[i];
		o[i].doubt = FW_DOUBT_LENGTH;
	}
	octets_name(o, sizeof(zeros), eval_name(e));
	regs_store(&e->regs, x->dreg, o, sizeof(zeros));
	return EVAL_NEXT;
}

static enum eval_next set_meta(struct eval *e, const struct fw_expr *x)
{
	struct octet *o = regs_at(&e->regs, x->sreg, sizeof(uint32_t));
	uint8_t bytes[sizeof(uint32_t)];

	if (e->is_near)
		return EVAL_NEXT;
	e->packet->n_marked++;
	if (x->key != NFT_META_MARK || !o)
		return EVAL_NEXT;
	eval_pin(e, o, sizeof(bytes));
	octets_values(o, sizeof(bytes), bytes);
	memcpy(&e->packet->mark, bytes, sizeof(bytes));
	e->packet->is_mark_known = octets_doubt(o, sizeof(bytes)) == FW_DOUBT_NOTHING;
	return EVAL_NEXT;
}

static enum eval_next device_meta(struct eval *e, const struct fw_expr *x)
{
	switch (x->key) {
	case NFT_META_IIF:
		return device_index(e, x, true);
	case NFT_META_OIF:
		return device_index(e, x, false);
	case NFT_META_IIFNAME:
		return device_name(e, x, true);
	case NFT_META_OIFNAME:
		return device_name(e, x, false);
	case NFT_META_BRI_IIFNAME:
		return bridge_name(e, x, true);
	case NFT_META_BRI_OIFNAME:
		return bridge_name(e, x, false);
	case NFT_META_IIFTYPE:
		return device_type(e, x, true);
	case NFT_META_OIFTYPE:
		return device_type(e, x, false);
	case NFT_META_IIFGROUP:
	case NFT_META_IIFKIND:
		return device_more(e, x, true);
	case NFT_META_OIFGROUP:
	case NFT_META_OIFKIND:
		return device_more(e, x, false);
	default:
		return unknown(e, x, 16, FW_DOUBT_META);
	}
}

enum eval_next eval_meta(struct eval *e, const struct fw_expr *x)
{
	if (x->writes)
		return set_meta(e, x);
	switch (x->key) {
	case NFT_META_LEN:
		return packet_length(e, x);
	case NFT_META_PROTOCOL:
		return protocol(e, x);
	case NFT_META_MARK:
		return mark(e, x);
	case NFT_META_SKUID:
		return owner(e, x, e->packet->skuid);
	case NFT_META_SKGID:
		return owner(e, x, e->packet->skgid);
	case NFT_META_NFTRACE:
		return eval_store_u8(e, x->dreg, 0, FW_FIELD_OTHER);
	case NFT_META_NFPROTO:
		return netfilter_family(e, x);
	case NFT_META_L4PROTO:
		return eval_store_u8(e, x->dreg, e->packet->proto, FW_FIELD_PROTOCOL);
	case NFT_META_PKTTYPE:
		return packet_type(e, x);
	case NFT_META_CPU:
		return unknown(e, x, 4, FW_DOUBT_CPU);
	case NFT_META_PRANDOM:
		return unknown(e, x, 4, FW_DOUBT_RANDOM);
	case NFT_META_CGROUP:
		return e->packet->has_socket ? unknown(e, x, 4, FW_DOUBT_CGROUP)
					     : EVAL_BREAK;
	case NFT_META_PRIORITY:
		return unknown(e, x, 4, FW_DOUBT_PRIORITY);
	case NFT_META_SECPATH:
		return unknown(e, x, 1, FW_DOUBT_IPSEC);
	case NFT_META_TIME_NS:
	case NFT_META_TIME_DAY:
	case NFT_META_TIME_HOUR:
		return time_now(e, x);
	default:
		return device_meta(e, x);
	}
}
