/* Sockets that rules ask for on the way in, and those that a transparent proxy's rule gives
 * the packet to. net/netfilter/nf_tproxy_ipv4.c, nf_tproxy_ipv6.c. */
#include "core/path/walking.h"

/* Who has an address and a port; first: nothing was looked at yet. */
struct taker {
	const struct socket_row *socket;
	const struct endpoint *endpoint;
	enum tri is_served;
	bool is_first;
};

static void look(const struct walking *k, const struct fw_packet *p, const struct addr *at,
		 uint16_t port, struct taker *all)
{
	const struct path_world *w = k->world;
	struct taker one = {0};

	one.socket = path_socket(w->space, p->proto, at, port, p->iif_index, &one.endpoint,
				 w->snapshot, &one.is_served);
	if (all->is_first)
		*all = one;
	else if (all->socket != one.socket || all->is_served != one.is_served)
		*all = (struct taker){.is_served = TRI_UNSURE};
}

/* Of a rule without an address it is one of the device, or else the packet's own: nf_tproxy
 * _laddr4(). Which one is told only if that makes no difference. */
static struct taker find(const struct walking *k, const struct fw_packet *p,
			 const struct addr *to, uint16_t port)
{
	const struct address_table *t = k->world->space->addresses;
	struct taker all = {.is_served = TRI_UNSURE, .is_first = true};

	if (to->family) {
		look(k, p, to, port, &all);
		return all;
	}
	for (size_t i = 0; t && i < t->n; i++)
		if (t->rows[i].local.family == p->daddr.family &&
		    (!p->iif_index || t->rows[i].ifindex == p->iif_index))
			look(k, p, &t->rows[i].local, port, &all);
	if (all.is_first && t && !p->is_destination_unknown)
		look(k, p, &p->daddr, port, &all);
	return all;
}

struct fw_socket world_socket(void *walking, const struct fw_packet *p,
			      const struct addr *to, uint16_t port)
{
	struct taker t = find(walking, p, to, port);
	struct fw_socket out = {t.is_served, TRI_UNSURE, TRI_UNSURE};

	if (t.is_served == TRI_YES && t.socket) {
		struct addr at = addr_unmapped(&t.socket->local);

		out.is_transparent = t.socket->transparent;
		out.is_wildcard = addr_is_any(&at) ? TRI_YES : TRI_NO;
	}
	return out;
}

const struct socket_row *walking_proxy_socket(const struct walking *k,
					      const struct endpoint **endpoint,
					      enum tri *is_served)
{
	const struct fw_proxied *y = &k->packet.proxied;
	struct taker t = find(k, &k->packet, &y->to, y->port);

	*endpoint = t.endpoint;
	*is_served = t.is_served;
	return t.socket;
}

bool walking_has_proxy(const struct walking *k)
{
	return k->packet.proxied.state == FW_PROXY_TAKEN;
}

const char *walking_proxy_words(const struct walking *k)
{
	switch (k->packet.proxied.state) {
	case FW_PROXY_TAKEN:
		return "a transparent proxy's socket is to take it";
	case FW_PROXY_MISSED:
		return k->packet.proxied.is_there
			       ? "a transparent proxy's rule finds a socket without "
				 "IP_TRANSPARENT: it does not take it"
			       : "a transparent proxy's rule finds no socket on its port";
	case FW_PROXY_NONE:
		break;
	}
	return NULL;
}
