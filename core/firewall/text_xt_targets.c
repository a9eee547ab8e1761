/* Targets of xtables as iptables-save(8) writes them. */
#include "core/firewall/text_xt.h"

#include <string.h>

#include "core/base/addr.h"

uint16_t xt_u16(struct cursor *c)
{
	uint16_t value = 0;
	const uint8_t *bytes = cursor_bytes(c, sizeof(value));

	if (bytes)
		memcpy(&value, bytes, sizeof(value));
	return value;
}

uint32_t xt_u32(struct cursor *c)
{
	uint32_t value = 0;
	const uint8_t *bytes = cursor_bytes(c, sizeof(value));

	if (bytes)
		memcpy(&value, bytes, sizeof(value));
	return value;
}

struct text xt_name(struct cursor *c, size_t len)
{
	const char *bytes = (const char *)cursor_bytes(c, len);

	return bytes ? (struct text){bytes, strnlen(bytes, len)} : TEXT_NONE;
}

void xt_write_mark(struct str *out, const char *option, uint32_t mark, uint32_t mask)
{
	str_printf(out, " --%s 0x%x", option, mark);
	if (mask != UINT32_MAX)
		str_printf(out, "/0x%x", mask);
}

/* u8 level, u8 flags, char prefix[30] */
static void log_target(struct str *out, struct cursor *c, uint8_t family)
{
	uint8_t level = cursor_u8(c);
	struct text prefix;

	(void)family;
	cursor_u8(c);
	prefix = xt_name(c, 30);
	str_puts(out, "LOG");
	if (!text_is_empty(prefix)) {
		str_puts(out, " --log-prefix \"");
		text_show(out, prefix, TEXT_ASCII);
		str_putc(out, '"');
	}
	if (level != 4)
		str_printf(out, " --log-level %u", level);
}

static void reject_target(struct str *out, struct cursor *c, uint8_t family)
{
	static const char *const v4[] = {"icmp-net-unreachable",   "icmp-host-unreachable",
					 "icmp-proto-unreachable", "icmp-port-unreachable",
					 "icmp-echo-reply",        "icmp-net-prohibited",
					 "icmp-host-prohibited",   "tcp-reset",
					 "icmp-admin-prohibited"};
	static const char *const v6[] = {"icmp6-no-route",
					 "icmp6-adm-prohibited",
					 "icmp6-not-neighbour",
					 "icmp6-addr-unreachable",
					 "icmp6-port-unreachable",
					 "icmp6-echo-reply",
					 "tcp-reset",
					 "icmp6-policy-fail",
					 "icmp6-reject-route"};
	uint32_t with = xt_u32(c);

	if (with < 9)
		str_printf(out, "REJECT --reject-with %s",
			   family == 10 ? v6[with] : v4[with]);
	else
		str_printf(out, "REJECT --reject-with (%u)", with);
}

static void mark_target(struct str *out, struct cursor *c, uint8_t family)
{
	uint32_t value = xt_u32(c), mask = xt_u32(c);

	(void)family;
	str_puts(out, "MARK");
	xt_write_mark(out, "set-xmark", value, mask);
}

static void connmark_target(struct str *out, struct cursor *c, uint8_t family)
{
	uint32_t value = xt_u32(c), mask = xt_u32(c), nfmask = xt_u32(c);
	uint8_t mode;

	(void)family;
	cursor_u8(c); /* shifts */
	cursor_u8(c);
	mode = cursor_u8(c);
	str_puts(out, "CONNMARK");
	if (mode == 0)
		xt_write_mark(out, "set-xmark", value, mask);
	else
		str_printf(out, " --%s-mark --nfmask 0x%x --ctmask 0x%x",
			   mode == 1 ? "save" : "restore", nfmask, mask);
}

/* Addresses and ports of a translation, in network order. */
static void nat_range(struct str *out, const char *option, const struct addr *from,
		      const struct addr *to, uint32_t flags, const uint16_t ports[2])
{
	bool has_address = flags & 1, has_ports = flags & 2;
	bool has_brackets = has_address && has_ports && from->family == AF_INET6;
	char text[ADDR_TEXT_MAX];

	if (!has_address && !has_ports)
		return;
	str_printf(out, " --%s ", option);
	if (has_address)
		str_printf(out, has_brackets ? "[%s" : "%s", addr_format(from, text));
	if (has_address && !addr_equals(from, to))
		str_printf(out, "-%s", addr_format(to, text));
	if (has_brackets)
		str_putc(out, ']');
	if (has_ports)
		str_printf(out, "%s%u", has_address ? ":" : "", ports[0]);
	if (has_ports && ports[1] != ports[0])
		str_printf(out, "-%u", ports[1]);
}

/* struct nf_nat_range2 (and nf_nat_range): flags, two addresses of 16 bytes, two ports */
static void nat_range2(struct str *out, struct cursor *c, uint8_t family,
		       const char *option)
{
	uint32_t flags = xt_u32(c);
	const uint8_t *from = cursor_bytes(c, 16), *to = cursor_bytes(c, 16);
	uint16_t ports[2];
	struct addr a, b;

	ports[0] = cursor_be16(c);
	ports[1] = cursor_be16(c);
	if (c->short_read || !from || !to)
		return;
	a = addr_from(family == 10 ? AF_INET6 : AF_INET, from);
	b = addr_from(family == 10 ? AF_INET6 : AF_INET, to);
	nat_range(out, option, &a, &b, flags, ports);
}

/* struct nf_nat_ipv4_multi_range_compat: u32 count, u32 flags, two be32, two be16 */
static void nat_range4(struct str *out, struct cursor *c, const char *option)
{
	const uint8_t *from, *to;
	uint32_t flags;
	uint16_t ports[2];
	struct addr a, b;

	xt_u32(c);
	flags = xt_u32(c);
	from = cursor_bytes(c, 4);
	to = cursor_bytes(c, 4);
	ports[0] = cursor_be16(c);
	ports[1] = cursor_be16(c);
	if (c->short_read || !from || !to)
		return;
	a = addr_v4(from);
	b = addr_v4(to);
	nat_range(out, option, &a, &b, flags, ports);
}

static void dnat_target(struct str *out, struct cursor *c, uint8_t family)
{
	str_puts(out, "DNAT");
	nat_range2(out, c, family, "to-destination");
}

static void old_nat(struct str *out, struct cursor *c, uint8_t family, const char *name,
		    const char *option)
{
	str_puts(out, name);
	if (family == 10)
		nat_range2(out, c, family, option);
	else
		nat_range4(out, c, option);
}

static void snat_target(struct str *out, struct cursor *c, uint8_t family)
{
	old_nat(out, c, family, "SNAT", "to-source");
}

static void snat_target2(struct str *out, struct cursor *c, uint8_t family)
{
	str_puts(out, "SNAT");
	nat_range2(out, c, family, "to-source");
}

static void masquerade_target(struct str *out, struct cursor *c, uint8_t family)
{
	old_nat(out, c, family, "MASQUERADE", "to-ports");
}

static void redirect_target(struct str *out, struct cursor *c, uint8_t family)
{
	old_nat(out, c, family, "REDIRECT", "to-ports");
}

const struct xt_row xt_targets[] = {
	{"LOG", 0, 32, log_target},           {"REJECT", 0, 4, reject_target},
	{"MARK", 2, 8, mark_target},          {"CONNMARK", 2, 15, connmark_target},
	{"DNAT", 2, 40, dnat_target},         {"SNAT", 0, 20, snat_target},
	{"SNAT", 1, 40, snat_target2},        {"MASQUERADE", 0, 20, masquerade_target},
	{"REDIRECT", 0, 20, redirect_target},
};
const size_t xt_n_targets = sizeof(xt_targets) / sizeof(*xt_targets);
