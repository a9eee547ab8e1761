/* Matches and targets of xtables as conditions on a box and as effects, from their own
 * bytes. What is not here is a condition that is not captured. linux/netfilter/xt_*.h. */
#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_tcpudp.h>

#include "core/firewall/box/box_build.h"
#include "core/firewall/eval/eval_xt.h"

enum { NFT_STATES = 0x0f, NFT_UNTRACKED = 64 };

static struct span ports(uint16_t low, uint16_t high)
{
	uint8_t from[2] = {(uint8_t)(low >> 8), (uint8_t)low};
	uint8_t to[2] = {(uint8_t)(high >> 8), (uint8_t)high};

	return (struct span){wide_of_bytes(from, 2), wide_filled(to, 2)};
}

/* An interval that no port is in makes a rule that nothing matches. */
static void narrow_ports(struct build *b, enum box_field field, const uint16_t range[2],
			 bool is_inverted)
{
	struct span s = ports(range[0], range[1]);
	struct ways w;

	ways_start(&w);
	if (range[0] <= range[1])
		ways_add_span(&w, field, &s);
	if (is_inverted && !ways_turn(&w, field))
		build_lose(b);
	else
		build_narrow(b, &w);
}

static bool match_tcp(struct build *b, const struct fw_expr *x)
{
	struct xt_tcp t;

	if (x->revision || !xt_read(x->value, &t, sizeof(t)))
		return false;
	build_need(b, BOX_NEEDS_TRANSPORT | BOX_NEEDS_PROTO);
	narrow_ports(b, BOX_SOURCE_PORT, t.spts, t.invflags & XT_TCP_INV_SRCPT);
	narrow_ports(b, BOX_PORT, t.dpts, t.invflags & XT_TCP_INV_DSTPT);
	if (t.option || t.flg_mask || t.flg_cmp ||
	    (t.invflags & (XT_TCP_INV_FLAGS | XT_TCP_INV_OPTION)))
		build_lose(b);
	return true;
}

static bool match_udp(struct build *b, const struct fw_expr *x)
{
	struct xt_udp u;

	if (x->revision || !xt_read(x->value, &u, sizeof(u)))
		return false;
	build_need(b, BOX_NEEDS_TRANSPORT | BOX_NEEDS_PROTO);
	narrow_ports(b, BOX_SOURCE_PORT, u.spts, u.invflags & XT_UDP_INV_SRCPT);
	narrow_ports(b, BOX_PORT, u.dpts, u.invflags & XT_UDP_INV_DSTPT);
	return true;
}

static void collect_ports(const struct xt_multiport_v1 *m, enum box_field field,
			  struct ways *w)
{
	for (size_t i = 0; i < m->count && i < XT_MULTI_PORTS; i++) {
		uint16_t low = m->ports[i], high = low;
		struct span s;

		if (m->pflags[i] && i + 1 < XT_MULTI_PORTS)
			high = m->ports[++i];
		s = ports(low, high);
		if (low <= high)
			ways_add_span(w, field, &s);
	}
}

/* Either port, and not this one nor that: only what a box can say is said. */
static bool match_multiport(struct build *b, const struct fw_expr *x)
{
	struct xt_multiport_v1 m;
	enum box_field field;
	struct ways w;

	if (x->revision != 1 || !xt_read(x->value, &m, sizeof(m)))
		return false;
	build_need(b, BOX_NEEDS_TRANSPORT | BOX_NEEDS_PROTO);
	field = m.flags == XT_MULTIPORT_SOURCE ? BOX_SOURCE_PORT : BOX_PORT;
	ways_start(&w);
	collect_ports(&m, field, &w);
	if (m.flags == XT_MULTIPORT_EITHER && !m.invert)
		collect_ports(&m, BOX_SOURCE_PORT, &w);
	if (m.invert && (m.flags == XT_MULTIPORT_EITHER || !ways_turn(&w, field)))
		build_lose(b);
	else
		build_narrow(b, &w);
	return true;
}

static bool match_conntrack(struct build *b, const struct fw_expr *x)
{
	struct xt_conntrack_mtinfo3 m;
	uint8_t states;

	if (x->revision != 3 || !xt_read(x->value, &m, sizeof(m)))
		return false;
	if (m.match_flags != XT_CONNTRACK_STATE)
		build_lose(b);
	if (!(m.match_flags & XT_CONNTRACK_STATE))
		return true;
	if (m.state_mask & (XT_CONNTRACK_STATE_SNAT | XT_CONNTRACK_STATE_DNAT)) {
		build_lose(b);
		return true;
	}
	states = m.state_mask & NFT_STATES;
	if (m.state_mask & XT_CONNTRACK_STATE_UNTRACKED)
		states |= NFT_UNTRACKED;
	build_narrow_states(b, m.invert_flags & XT_CONNTRACK_STATE ? (uint8_t)~states
								   : states);
	return true;
}

static bool match_comment(struct build *b, const struct fw_expr *x)
{
	(void)b;
	(void)x;
	return true;
}

void build_xt_match(struct build *b, const struct fw_expr *x)
{
	static const struct {
		const char *name;
		bool (*narrow)(struct build *b, const struct fw_expr *x);
	} rows[] = {
		{"comment", match_comment},
		{"tcp", match_tcp},
		{"udp", match_udp},
		{"multiport", match_multiport},
		{"conntrack", match_conntrack},
	};
	/* That a part only matches is their meaning. */
	static const char *const limits[] = {"limit",  "hashlimit", "connlimit",
					     "recent", "quota",     "statistic"};
	/* The evaluator decides these by the packet. */
	static const char *const known[] = {
		"addrtype", "mark", "icmp", "icmp6",  "iprange",  "pkttype",  "conntrack",
		"connmark", "ttl",  "hl",   "length", "rpfilter", "multiport"};
	bool is_known = false;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (text_equals_str(x->name, rows[i].name) && rows[i].narrow(b, x))
			return;
	build_lose(b);
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		b->out->has_limit |= text_equals_str(x->name, limits[i]);
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		is_known |= text_equals_str(x->name, known[i]);
	if (!b->out->has_limit && !is_known)
		build_lack(b, x->name);
}

void build_xt_target(struct build *b, const struct fw_expr *x)
{
	static const struct {
		const char *name;
		enum box_effect effect;
	} rows[] = {
		{"LOG", BOX_DOES_NONE},       {"NFLOG", BOX_DOES_NONE},
		{"AUDIT", BOX_DOES_NONE},     {"CHECKSUM", BOX_DOES_NONE},
		{"CLASSIFY", BOX_DOES_NONE},  {"DSCP", BOX_DOES_NONE},
		{"TOS", BOX_DOES_NONE},       {"IDLETIMER", BOX_DOES_NONE},
		{"TCPMSS", BOX_DOES_NONE},    {"TEE", BOX_DOES_NONE},
		{"TRACE", BOX_DOES_NONE},     {"SET", BOX_DOES_NONE},
		{"CONNMARK", BOX_DOES_NONE},  {"MARK", BOX_DOES_NONE},
		{"REJECT", BOX_DOES_REJECT},  {"DNAT", BOX_DOES_NAT},
		{"SNAT", BOX_DOES_NAT},       {"REDIRECT", BOX_DOES_NAT},
		{"MASQUERADE", BOX_DOES_NAT}, {"NETMAP", BOX_DOES_NAT},
		{"NFQUEUE", BOX_DOES_QUEUE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (text_equals_str(x->name, rows[i].name)) {
			build_effect(b, rows[i].effect);
			return;
		}
	}
	build_effect(b, BOX_DOES_UNKNOWN);
	build_lose(b);
	b->out->changes = true;
	if (!text_equals_str(x->name, "CT") && !text_equals_str(x->name, "NOTRACK") &&
	    !text_equals_str(x->name, "SYNPROXY") && !text_equals_str(x->name, "TPROXY"))
		build_lack(b, x->name);
}
