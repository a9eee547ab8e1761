/*
 * A plan as pcap-filter(7) text. The kernel runs it on every packet of the host, so it lets
 * pass little; what it cannot tell (headers that IPv6 has between, fragments) passes, and
 * the tracker decides. "tcp[...]" never matches IPv6, so its bytes are named by place:
 * 40 bytes of fixed header, then TCP with its flags in byte 13.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "capture/child.h"

#define SYN_OR_RST "(tcp[13] & 6 != 0 or (ip6 proto 6 and ip6[53] & 6 != 0))"
/* TCP without payload: total length less both headers is zero. */
#define TCP_EMPTY                                                                      \
	"((ip and tcp and ip[2:2] - ((ip[0] & 0xf) * 4) - ((tcp[12] & 0xf0) / 4) = 0)" \
	" or (ip6 proto 6 and ip6[4:2] - ((ip6[52] & 0xf0) / 4) = 0))"
/* Destination unreachable, source quench, time exceeded, parameter problem; ICMPv6: all
 * errors are below 128. */
#define ICMP_ERRORS                                                               \
	"(icmp and (icmp[0] = 3 or icmp[0] = 4 or icmp[0] = 11 or icmp[0] = 12))" \
	" or (ip6 proto 58 and ip6[40] < 128)"
/* Hop-by-hop, routing, fragment, destination options. */
#define IP6_EXTENDED "ip6 proto 0 or ip6 proto 43 or ip6 proto 44 or ip6 proto 60"

struct text_out {
	char *at;
	size_t room;
	bool is_full;
};

static void __attribute__((format(printf, 2, 3)))
put(struct text_out *o, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(o->at, o->room, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= o->room) {
		o->is_full = true;
		return;
	}
	o->at += n;
	o->room -= (size_t)n;
}

static void put_ports(struct text_out *o, const struct capture_plan *p)
{
	put(o, "(");
	for (unsigned i = 0; i < p->n_ports; i++)
		put(o, "%sport %u", i ? " or " : "", p->ports[i]);
	put(o, ")");
}

static bool wants(const struct capture_plan *p, uint8_t proto)
{
	return !p->proto || p->proto == proto;
}

/* The client's packets whole, those of others at the ports without their data, and that
 * anybody tries anything and is answered: it shows that the capture sees packets, and what
 * becomes of a flow that a translation or a proxy sends on to another port. */
static void put_flow(struct text_out *o, const struct capture_plan *p)
{
	char client[ADDR_TEXT_MAX];

	addr_format(&p->client, client);
	if (wants(p, 6)) {
		put(o, "(tcp and ");
		put_ports(o, p);
		if (p->client.family)
			put(o, " and (host %s or " TCP_EMPTY ")", client);
		put(o, ") or " SYN_OR_RST " or ");
	}
	if (wants(p, 17)) {
		put(o, "(udp and ");
		put_ports(o, p);
		put(o, ") or ");
	}
}

int capture_filter(const struct capture_plan *p, char *out, size_t room)
{
	struct text_out o = {out, room, false};
	bool has_ports = p->n_ports > 0;

	if (p->kind == CAPTURE_DASHBOARD) {
		put(&o, SYN_OR_RST " or ");
	} else if (p->kind == CAPTURE_FLOW && has_ports) {
		put_flow(&o, p);
	} else {
		if (wants(p, 6))
			put(&o, "tcp or ");
		if (wants(p, 17))
			put(&o, "udp or ");
	}
	put(&o, ICMP_ERRORS " or " IP6_EXTENDED);
	return o.is_full ? -E2BIG : 0;
}
