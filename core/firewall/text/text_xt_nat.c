/* Targets of xtables that translate addresses and ports, as iptables-save(8) writes them.
 */
#include "core/firewall/text/text_xt.h"

#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter/nf_nat.h>

/* Every form of a range as the widest one has it. */
static struct nf_nat_range2 wide(const struct nf_nat_range *r)
{
	struct nf_nat_range2 w = {.flags = r->flags,
				  .min_addr = r->min_addr,
				  .max_addr = r->max_addr,
				  .min_proto = r->min_proto,
				  .max_proto = r->max_proto};

	return w;
}

/* IPv4's own extensions before revision 2 keep one range of a list. */
static bool take_range(struct text info, uint8_t family, struct nf_nat_range2 *out)
{
	struct nf_nat_ipv4_multi_range_compat list;
	struct nf_nat_range six;

	memset(out, 0, sizeof(*out));
	if (family == AF_INET6) {
		if (!xt_take(info, &six, sizeof(six)))
			return false;
		*out = wide(&six);
		return true;
	}
	if (!xt_take(info, &list, sizeof(list)))
		return false;
	out->flags = list.range[0].flags;
	out->min_addr.ip = list.range[0].min_ip;
	out->max_addr.ip = list.range[0].max_ip;
	out->min_proto = list.range[0].min;
	out->max_proto = list.range[0].max;
	return true;
}

static void ports(struct str *out, const struct nf_nat_range2 *r)
{
	str_printf(out, "%u", ntohs(r->min_proto.all));
	if (r->max_proto.all != r->min_proto.all)
		str_printf(out, "-%u", ntohs(r->max_proto.all));
	if (r->flags & NF_NAT_RANGE_PROTO_OFFSET)
		str_printf(out, "/%u", ntohs(r->base_proto.all));
}

static void flags(struct str *out, const struct nf_nat_range2 *r)
{
	if (r->flags & NF_NAT_RANGE_PROTO_RANDOM)
		xt_option(out, "random", false);
	if (r->flags & NF_NAT_RANGE_PROTO_RANDOM_FULLY)
		xt_option(out, "random-fully", false);
	if (r->flags & NF_NAT_RANGE_PERSISTENT)
		xt_option(out, "persistent", false);
}

static void to(struct str *out, const char *option, const struct nf_nat_range2 *r,
	       uint8_t family)
{
	bool has_address = r->flags & NF_NAT_RANGE_MAP_IPS;
	bool has_ports = r->flags & NF_NAT_RANGE_PROTO_SPECIFIED;
	bool has_brackets = has_address && has_ports && family == AF_INET6;
	size_t len = family == AF_INET6 ? 16 : 4;

	if (has_address || has_ports)
		str_printf(out, " --%s %s", option, has_brackets ? "[" : "");
	if (has_address) {
		xt_address(out, &r->min_addr, family);
		if (memcmp(&r->min_addr, &r->max_addr, len) != 0) {
			str_putc(out, '-');
			xt_address(out, &r->max_addr, family);
		}
	}
	if (has_brackets)
		str_putc(out, ']');
	if (has_ports) {
		str_puts(out, strcmp(option, "to-ports") != 0 ? ":" : "");
		ports(out, r);
	}
	flags(out, r);
}

static bool wide_range(struct str *out, struct text info, uint8_t family,
		       const char *option)
{
	struct nf_nat_range2 r;

	if (!xt_take(info, &r, sizeof(r)))
		return false;
	to(out, option, &r, family);
	return true;
}

static bool old_range(struct str *out, struct text info, uint8_t family, const char *option)
{
	struct nf_nat_range2 r;

	if (!take_range(info, family, &r))
		return false;
	to(out, option, &r, family);
	return true;
}

static bool dnat2(struct str *out, struct text info, uint8_t family)
{
	return wide_range(out, info, family, "to-destination");
}

static bool dnat(struct str *out, struct text info, uint8_t family)
{
	return old_range(out, info, family, "to-destination");
}

static bool dnat1(struct str *out, struct text info, uint8_t family)
{
	struct nf_nat_range old;
	struct nf_nat_range2 r;

	if (!xt_take(info, &old, sizeof(old)))
		return false;
	r = wide(&old);
	to(out, "to-destination", &r, family);
	return true;
}

static bool snat(struct str *out, struct text info, uint8_t family)
{
	return old_range(out, info, family, "to-source");
}

static bool snat1(struct str *out, struct text info, uint8_t family)
{
	struct nf_nat_range old;
	struct nf_nat_range2 r;

	if (!xt_take(info, &old, sizeof(old)))
		return false;
	r = wide(&old);
	to(out, "to-source", &r, family);
	return true;
}

static bool to_ports(struct str *out, struct text info, uint8_t family)
{
	return old_range(out, info, family, "to-ports");
}

/* Where the ends of the range are alike the mask is set. */
static bool netmap(struct str *out, struct text info, uint8_t family)
{
	size_t len = family == AF_INET6 ? 16 : 4;
	const uint8_t *from, *end;
	struct nf_nat_range2 r;
	uint8_t mask[16];

	if (!take_range(info, family, &r))
		return false;
	from = (const uint8_t *)&r.min_addr;
	end = (const uint8_t *)&r.max_addr;
	for (size_t i = 0; i < len; i++)
		mask[i] = (uint8_t) ~(from[i] ^ end[i]);
	str_puts(out, " --to ");
	xt_address(out, from, family);
	if (memcmp(from, end, len) != 0)
		xt_mask(out, mask, family);
	else
		str_printf(out, "/%zu", len * 8);
	return true;
}

static const struct xt_row rows[] = {
	{"DNAT", 0, NFPROTO_IPV4, dnat}, {"DNAT", 1, NFPROTO_IPV6, dnat1},
	{"DNAT", 2, 0, dnat2},           {"SNAT", 0, NFPROTO_IPV4, snat},
	{"SNAT", 1, 0, snat1},           {"MASQUERADE", 0, 0, to_ports},
	{"REDIRECT", 0, 0, to_ports},    {"NETMAP", 0, 0, netmap},
};

const struct xt_rows xt_nat_rows = {rows, sizeof(rows) / sizeof(*rows)};
