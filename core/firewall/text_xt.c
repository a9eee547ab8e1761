/*
 * Matches of xtables as iptables-save(8) writes them, from their own bytes (structs in
 * linux/netfilter/xt_*.h, the host's byte order unless said). What has no row here is named
 * and no more.
 */
#include "core/firewall/text_xt.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

#include "core/base/addr.h"
#include "core/base/cursor.h"
#include "core/firewall/text_values.h"

struct word {
	uint32_t bit;
	const char *word;
};

static void say_words(struct str *out, uint32_t bits, const struct word *words, size_t n)
{
	const char *between = " ";

	for (size_t i = 0; i < n; i++) {
		if (!(bits & words[i].bit))
			continue;
		str_printf(out, "%s%s", between, words[i].word);
		between = ",";
	}
}

#define SAY_WORDS(out, bits, words) \
	say_words(out, bits, words, sizeof(words) / sizeof(*words))

/* u8 flags, u8 count, u16 ports[15], u8 pflags[15], u8 invert */
static void multiport(struct str *out, struct cursor *c, uint8_t family)
{
	static const char *const words[] = {"sports", "dports", "ports"};
	uint8_t flags = cursor_u8(c), count = cursor_u8(c), ranges[15];
	uint16_t ports[15];
	bool is_inverted;

	(void)family;
	for (size_t i = 0; i < 15; i++)
		ports[i] = xt_u16(c);
	for (size_t i = 0; i < 15; i++)
		ranges[i] = cursor_u8(c);
	is_inverted = cursor_u8(c);
	str_printf(out, "-m multiport %s--%s ", is_inverted ? "! " : "", words[flags % 3]);
	for (size_t i = 0; i < count && i < 15; i++)
		str_printf(out, "%u%s", ports[i],
			   i + 1 == count ? ""
			   : ranges[i]    ? ":"
					  : ",");
}

enum conntrack_flags {
	CT_STATE = 0x0001,
	CT_PROTO = 0x0002,
	CT_ORIGIN_SOURCE = 0x0004,
	CT_STATUS = 0x0040,
	CT_EXPIRES = 0x0080,
	CT_FIRST_PORT = 0x0100,
	CT_DIRECTION = 0x1000
};

static void conntrack_state(struct str *out, uint32_t bits, bool is_inverted)
{
	static const struct word states[] = {
		{1, "INVALID"},     {8, "NEW"},   {4, "RELATED"}, {2, "ESTABLISHED"},
		{256, "UNTRACKED"}, {64, "SNAT"}, {128, "DNAT"}};

	str_printf(out, "%s --ctstate", is_inverted ? " !" : "");
	SAY_WORDS(out, bits, states);
}

static int mask_bits(const uint8_t *mask, size_t len)
{
	int bits = 0;

	for (size_t i = 0; i < len; i++)
		bits += __builtin_popcount(mask[i]);
	return bits;
}

/* Four address and mask pairs: original source and destination, reply source and so on. */
static void conntrack_addresses(struct str *out, struct cursor *c, uint8_t family,
				uint16_t match, uint16_t invert)
{
	static const char *const words[] = {"ctorigsrc", "ctorigdst", "ctreplsrc",
					    "ctrepldst"};
	size_t len = family == 10 ? 16 : 4;

	for (unsigned i = 0; i < 4; i++) {
		const uint8_t *address = cursor_bytes(c, 16), *mask = cursor_bytes(c, 16);
		unsigned flag = (unsigned)CT_ORIGIN_SOURCE << i;
		char text[ADDR_TEXT_MAX];
		struct addr a;

		if (!address || !mask || !(match & flag))
			continue;
		a = addr_from(family == 10 ? AF_INET6 : AF_INET, address);
		str_printf(out, "%s --%s %s", invert & flag ? " !" : "", words[i],
			   addr_format(&a, text));
		if (mask_bits(mask, len) != (int)len * 8)
			str_printf(out, "/%d", mask_bits(mask, len));
	}
}

static void conntrack_ports(struct str *out, const uint16_t *low, const uint16_t *high,
			    uint16_t match, uint16_t invert)
{
	static const char *const words[] = {"ctorigsrcport", "ctorigdstport",
					    "ctreplsrcport", "ctrepldstport"};

	for (unsigned i = 0; i < 4; i++) {
		unsigned flag = (unsigned)CT_FIRST_PORT << i;

		if (!(match & flag))
			continue;
		str_printf(out, "%s --%s %u", invert & flag ? " !" : "", words[i], low[i]);
		if (high[i] != low[i])
			str_printf(out, ":%u", high[i]);
	}
}

/* struct xt_conntrack_mtinfo3 */
static void conntrack(struct str *out, struct cursor *c, uint8_t family)
{
	static const struct word statuses[] = {
		{1, "EXPECTED"}, {2, "SEEN_REPLY"}, {4, "ASSURED"}, {8, "CONFIRMED"}};
	struct cursor addresses = *c;
	uint16_t low[4], high[4], proto, match, invert, state, status;
	uint32_t expires[2];

	cursor_bytes(c, 128);
	expires[0] = xt_u32(c);
	expires[1] = xt_u32(c);
	proto = xt_u16(c);
	for (size_t i = 0; i < 4; i++)
		low[i] = xt_u16(c);
	match = xt_u16(c);
	invert = xt_u16(c);
	state = xt_u16(c);
	status = xt_u16(c);
	for (size_t i = 0; i < 4; i++)
		high[i] = xt_u16(c);
	str_puts(out, "-m conntrack");
	if (match & CT_STATE)
		conntrack_state(out, state, invert & CT_STATE);
	if (match & CT_PROTO)
		str_printf(out, "%s --ctproto %u", invert & CT_PROTO ? " !" : "", proto);
	conntrack_addresses(out, &addresses, family, match, invert);
	conntrack_ports(out, low, high, match, invert);
	if (match & CT_STATUS) {
		str_printf(out, "%s --ctstatus", invert & CT_STATUS ? " !" : "");
		SAY_WORDS(out, status, statuses);
	}
	if (match & CT_EXPIRES)
		str_printf(out, "%s --ctexpire %u:%u", invert & CT_EXPIRES ? " !" : "",
			   expires[0], expires[1]);
	if (match & CT_DIRECTION)
		str_printf(out, " --ctdir %s",
			   invert & CT_DIRECTION ? "REPLY" : "ORIGINAL");
}

static const struct word address_types[] = {
	{1, "UNSPEC"},     {2, "UNICAST"},    {4, "LOCAL"},      {8, "BROADCAST"},
	{16, "ANYCAST"},   {32, "MULTICAST"}, {64, "BLACKHOLE"}, {128, "UNREACHABLE"},
	{256, "PROHIBIT"}, {512, "THROW"},    {1024, "NAT"},     {2048, "XRESOLVE"}};

static void addrtype(struct str *out, struct cursor *c, uint8_t family)
{
	uint16_t source = xt_u16(c), destination = xt_u16(c);
	uint32_t flags = xt_u32(c);

	(void)family;
	str_puts(out, "-m addrtype");
	if (source) {
		str_printf(out, "%s --src-type", flags & 1 ? " !" : "");
		SAY_WORDS(out, source, address_types);
	}
	if (destination) {
		str_printf(out, "%s --dst-type", flags & 2 ? " !" : "");
		SAY_WORDS(out, destination, address_types);
	}
	if (flags & 4)
		str_puts(out, " --limit-iface-in");
	if (flags & 8)
		str_puts(out, " --limit-iface-out");
}

static void mark_of(struct str *out, struct cursor *c, const char *name)
{
	uint32_t mark = xt_u32(c), mask = xt_u32(c);

	str_printf(out, "-m %s%s", name, cursor_u8(c) ? " !" : "");
	xt_write_mark(out, "mark", mark, mask);
}

static void mark(struct str *out, struct cursor *c, uint8_t family)
{
	(void)family;
	mark_of(out, c, "mark");
}

static void connmark(struct str *out, struct cursor *c, uint8_t family)
{
	(void)family;
	mark_of(out, c, "connmark");
}

static void say_one_port(struct str *out, const char *option, const uint16_t *ports,
			 bool is_inverted)
{
	if (ports[0] == 0 && ports[1] == 65535 && !is_inverted)
		return;
	str_printf(out, "%s --%s %u", is_inverted ? " !" : "", option, ports[0]);
	if (ports[1] != ports[0])
		str_printf(out, ":%u", ports[1]);
}

static void say_ports(struct str *out, const char *name, const uint16_t ports[4],
		      uint8_t inverted)
{
	str_printf(out, "-m %s", name);
	say_one_port(out, "sport", ports, inverted & 1);
	say_one_port(out, "dport", ports + 2, inverted & 2);
}

/* u16 sports[2], dports[2], u8 option, flag mask, flag compare, invert: 1 2 ports, 4 flags,
 * 8 option */
static void tcp(struct str *out, struct cursor *c, uint8_t family)
{
	uint16_t ports[4];
	uint8_t option, mask, compare, inverted;

	(void)family;
	for (size_t i = 0; i < 4; i++)
		ports[i] = xt_u16(c);
	option = cursor_u8(c);
	mask = cursor_u8(c);
	compare = cursor_u8(c);
	inverted = cursor_u8(c);
	say_ports(out, "tcp", ports, inverted);
	if (mask)
		str_printf(out, "%s --tcp-flags 0x%02x 0x%02x", inverted & 4 ? " !" : "",
			   mask, compare);
	if (option)
		str_printf(out, "%s --tcp-option %u", inverted & 8 ? " !" : "", option);
}

/* u16 sports[2], dports[2], u8 invert */
static void udp(struct str *out, struct cursor *c, uint8_t family)
{
	uint16_t ports[4];

	(void)family;
	for (size_t i = 0; i < 4; i++)
		ports[i] = xt_u16(c);
	say_ports(out, "udp", ports, cursor_u8(c));
}

/* u8 type, code[2], inverted */
static void icmp_of(struct str *out, struct cursor *c, const char *name, const char *option)
{
	uint8_t type = cursor_u8(c), low = cursor_u8(c), high = cursor_u8(c);

	str_printf(out, "-m %s%s --%s %u", name, cursor_u8(c) & 1 ? " !" : "", option,
		   type);
	if (low == high)
		str_printf(out, "/%u", low);
}

static void icmp(struct str *out, struct cursor *c, uint8_t family)
{
	(void)family;
	icmp_of(out, c, "icmp", "icmp-type");
}

static void icmp6(struct str *out, struct cursor *c, uint8_t family)
{
	(void)family;
	icmp_of(out, c, "icmp6", "icmpv6-type");
}

/* u16 index, u8 dimensions, u8 flags: 1 inverted, then one bit a dimension: source */
static void set_match(struct str *out, struct cursor *c, uint8_t family)
{
	uint16_t index = xt_u16(c);
	uint8_t n = cursor_u8(c), flags = cursor_u8(c);

	(void)family;
	str_printf(out, "-m set%s --match-set (index %u) ", flags & 1 ? " !" : "", index);
	for (unsigned i = 0; i < n && i < 6; i++)
		str_printf(out, "%s%s", i ? "," : "", flags & 2U << i ? "src" : "dst");
}

static const struct xt_row matches[] = {
	{"multiport", 1, 48, multiport},
	{"conntrack", 3, 156, conntrack},
	{"addrtype", 1, 8, addrtype},
	{"mark", 1, 9, mark},
	{"connmark", 1, 9, connmark},
	{"tcp", 0, 12, tcp},
	{"udp", 0, 9, udp},
	{"set", 4, 4, set_match},
	{"icmp", 0, 4, icmp},
	{"icmp6", 0, 4, icmp6},
};

static const struct xt_row *find_row(const struct xt_row *rows, size_t n,
				     const struct fw_expr *e)
{
	for (size_t i = 0; i < n; i++) {
		if (text_equals_str(e->name, rows[i].name) && e->value.len >= rows[i].len &&
		    rows[i].revision == e->revision)
			return &rows[i];
	}
	return NULL;
}

void text_xt(struct writer *w, const struct fw_expr *e)
{
	bool is_match = e->kind == FW_EXPR_XT_MATCH;
	const struct xt_row *row =
		is_match ? find_row(matches, sizeof(matches) / sizeof(*matches), e)
			 : find_row(xt_targets, xt_n_targets, e);
	struct cursor c = cursor_of(e->value.bytes, e->value.len);

	/* Its text is the rule's comment. */
	if (is_match && text_equals_str(e->name, "comment"))
		return;
	if (row) {
		row->print(&w->scratch, &c, w->family);
	} else {
		str_printf(&w->scratch, "xt %s ", is_match ? "match" : "target");
		text_show(&w->scratch, e->name, TEXT_ASCII);
	}
	writer_say(w);
}
