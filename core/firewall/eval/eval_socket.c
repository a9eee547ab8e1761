/*
 * Sockets of this host as rules ask for them: the match, and the transparent proxy, which
 * gives a packet to a socket whatever its target is. Which sockets there are is answered by
 * the caller. net/netfilter/nft_socket.c, nft_tproxy.c, xt_socket.c, xt_TPROXY.c.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_TPROXY.h>
#include <linux/netfilter/xt_socket.h>

#include "core/firewall/eval/eval_xt.h"
#include "core/firewall/eval/exprs.h"

enum { CT_ESTABLISHED = 2 };

static const struct fw_socket not_known = {TRI_UNSURE, TRI_UNSURE, TRI_UNSURE};
static const char proxy_socket[] = "tproxy socket";

static bool has_sockets(const struct fw_packet *p)
{
	return p->proto == IPPROTO_TCP || p->proto == IPPROTO_UDP;
}

/* Of an open connection there is a socket of its own, which nobody here knows. */
static bool begins_flow(const struct fw_packet *p)
{
	unsigned flags = p->tcp_flags & (TH_SYN | TH_ACK | TH_RST | TH_FIN);

	if (p->ct.is_reply || (p->ct.state & CT_ESTABLISHED))
		return false;
	return p->proto != IPPROTO_TCP || flags == TH_SYN;
}

/* The packet's own port is looked at. */
static bool read_own_port(const struct eval *e, uint16_t *port)
{
	struct octet o[2];

	eval_port_octets(e->packet, false, o);
	eval_pin(e, o, sizeof(o) / sizeof(*o));
	*port = e->packet->dport;
	return !e->packet->is_dport_unknown;
}

static struct fw_socket look(const struct eval *e, const struct addr *to, uint16_t port)
{
	const struct fw_lookups *l = e->lookups;

	if (!l || !l->socket || !begins_flow(e->packet))
		return not_known;
	return l->socket(l->arg, e->packet, to, port);
}

/* ---- the match ---- */

/* The socket that a proxy's rule gave it to, or else that has its target. */
static struct fw_socket socket_of_packet(const struct eval *e)
{
	const struct fw_packet *p = e->packet;
	uint16_t port;

	if ((e->hook != FW_PREROUTING && e->hook != FW_INPUT) || !has_sockets(p))
		return not_known;
	if (p->proxied.state == FW_PROXY_TAKEN)
		return look(e, &p->proxied.to, p->proxied.port);
	if (!eval_is_address_known(p, false) || !read_own_port(e, &port))
		return not_known;
	return look(e, &p->daddr, port);
}

static enum eval_next store_tri(struct eval *e, const struct fw_expr *x, enum tri value)
{
	if (value == TRI_UNSURE)
		return eval_store_unknown(e, x->dreg, 1, FW_DOUBT_SOCKET, FW_FIELD_OTHER);
	return eval_store_u8(e, x->dreg, value == TRI_YES, FW_FIELD_OTHER);
}

enum eval_next eval_socket(struct eval *e, const struct fw_expr *x)
{
	struct fw_socket s = socket_of_packet(e);

	if (s.is_there == TRI_NO && !e->is_near)
		return EVAL_BREAK;
	if (s.is_there == TRI_UNSURE &&
	    eval_unsure(e, doubt_words(FW_DOUBT_SOCKET), false) == EVAL_BREAK)
		return EVAL_BREAK;
	if (x->key == NFT_SOCKET_TRANSPARENT)
		return store_tri(e, x, s.is_transparent);
	if (x->key == NFT_SOCKET_WILDCARD)
		return store_tri(e, x, s.is_wildcard);
	return eval_store_unknown(e, x->dreg, 8, FW_DOUBT_SOCKET, FW_FIELD_OTHER);
}

/* The mark of the socket is not known. */
static void restore_mark(struct eval *e)
{
	if (e->is_near)
		return;
	e->packet->n_marked++;
	e->packet->is_mark_known = false;
}

enum xt_answer xt_socket(struct eval *e, struct text info)
{
	uint8_t flags = info.len ? (uint8_t)info.bytes[0] : 0;
	struct fw_socket s = socket_of_packet(e);
	enum tri matches = s.is_there;

	if (!(flags & XT_SOCKET_NOWILDCARD))
		matches = tri_and(matches, tri_not(s.is_wildcard));
	if (flags & XT_SOCKET_TRANSPARENT)
		matches = tri_and(matches, s.is_transparent);
	e->xt_doubt = FW_DOUBT_SOCKET;
	if ((flags & XT_SOCKET_RESTORESKMARK) && matches != TRI_NO)
		restore_mark(e);
	if (matches == TRI_UNSURE)
		return XT_UNSURE;
	return matches == TRI_YES ? XT_YES : XT_NO;
}

/* ---- the transparent proxy ---- */

/* Where the rule gives packets to, and whether a socket there takes them. */
struct proxy {
	struct addr to;
	uint16_t port;
	bool is_known, is_port_changed;
};

static enum tri is_taken(const struct eval *e, const struct proxy *y, bool *is_there)
{
	struct fw_socket s = y->is_known ? look(e, &y->to, y->port) : not_known;

	*is_there = s.is_there == TRI_YES;
	return tri_and(s.is_there, s.is_transparent);
}

/* A later rule gives it to another socket; one that finds none changes nothing. */
static void note(struct eval *e, const struct proxy *y, bool is_taken_now, bool is_there)
{
	struct fw_proxied *now = &e->packet->proxied;

	if (!is_taken_now && now->state != FW_PROXY_NONE)
		return;
	*now = (struct fw_proxied){.state = is_taken_now ? FW_PROXY_TAKEN : FW_PROXY_MISSED,
				   .is_there = is_there,
				   .is_port_changed = y->is_port_changed,
				   .port = y->port,
				   .to = y->to,
				   .chain = e->ruleset->rules[e->rule].chain,
				   .rule = e->rule};
}

/* EVAL_BREAK: no socket takes it. */
static enum eval_next give(struct eval *e, const struct proxy *y)
{
	bool is_there;
	enum tri taken = is_taken(e, y, &is_there);
	bool is_picked = taken == TRI_YES;

	if (e->is_near)
		return EVAL_NEXT;
	if (taken == TRI_UNSURE) {
		is_picked = eval_unsure(e, proxy_socket, true) == EVAL_NEXT;
		if (!is_picked)
			return EVAL_BREAK;
	}
	note(e, y, is_picked, is_there);
	return is_picked ? EVAL_NEXT : EVAL_BREAK;
}

static struct proxy proxy_of(struct eval *e, const struct fw_expr *x)
{
	struct proxy y = {.is_known = true};

	if (x->sreg != FW_NO_REG)
		y.is_known = eval_read_address(e, x->sreg, &y.to);
	if (addr_is_any(&y.to))
		y.to = (struct addr){0};
	if (x->sreg3 != FW_NO_REG)
		y.is_known = eval_read_port(e, x->sreg3, &y.port) && y.is_known;
	y.is_port_changed = y.port && y.port != e->packet->dport;
	if (!y.port)
		y.is_known = read_own_port(e, &y.port) && y.is_known;
	return y;
}

/* Without such a socket the rule is broken off: its mark is not set, the next one follows.
 */
enum eval_next eval_tproxy(struct eval *e, const struct fw_expr *x)
{
	struct proxy y;

	if (!has_sockets(e->packet) || (x->family && x->family != e->packet->saddr.family))
		return EVAL_BREAK;
	y = proxy_of(e, x);
	return give(e, &y);
}

static bool read_target(const struct eval *e, const struct fw_expr *x,
			struct xt_tproxy_target_info_v1 *m)
{
	struct xt_tproxy_target_info old;

	if (x->revision)
		return xt_read(x->value, m, sizeof(*m));
	if (!xt_read(x->value, &old, sizeof(old)) || e->packet->saddr.family != AF_INET)
		return false;
	*m = (struct xt_tproxy_target_info_v1){.mark_mask = old.mark_mask,
					       .mark_value = old.mark_value,
					       .lport = old.lport};
	m->laddr.ip = old.laddr;
	return true;
}

static void set_mark(struct fw_packet *p, const struct xt_tproxy_target_info_v1 *m)
{
	p->n_marked++;
	p->is_mark_known |= m->mark_mask == UINT32_MAX;
	p->mark = (p->mark & ~m->mark_mask) ^ m->mark_value;
}

/* Without such a socket the target drops the packet. */
enum eval_next eval_xt_tproxy(struct eval *e, const struct fw_expr *x)
{
	struct xt_tproxy_target_info_v1 m;
	struct proxy y = {.is_known = true};

	if (!has_sockets(e->packet))
		return eval_done(e, NF_DROP);
	if (!read_target(e, x, &m))
		return eval_anything(e, proxy_socket);
	y.to = addr_from(e->packet->saddr.family, &m.laddr);
	if (addr_is_any(&y.to))
		y.to = (struct addr){0};
	y.port = ntohs(m.lport);
	y.is_port_changed = y.port && y.port != e->packet->dport;
	if (!y.port)
		y.is_known = read_own_port(e, &y.port);
	if (give(e, &y) == EVAL_BREAK)
		return eval_done(e, NF_DROP);
	if (!e->is_near)
		set_mark(e->packet, &m);
	return eval_done(e, NF_ACCEPT);
}
