/*
 * Extensions of xtables as iptables-save(8) writes them: which row prints which, and the
 * words that rows share. What has no row here is named and no more. Prints no rule's head
 * (text_iptables.c).
 */
#include "core/firewall/text/text_xt.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter/xt_CT.h>
#include <linux/netfilter/xt_conntrack.h>

bool xt_take(struct text info, void *out, size_t size)
{
	if (info.len < size)
		return false;
	memcpy(out, info.bytes, size);
	return true;
}

struct text xt_name(const char *bytes, size_t size)
{
	return (struct text){bytes, size ? strnlen(bytes, size) : 0};
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

void xt_quote(struct str *out, struct text word)
{
	size_t at = 0;

	while (at < word.len && is_plain(word.bytes[at]))
		at++;
	if (at == word.len && at > 0) {
		str_putc(out, ' ');
		str_append(out, word.bytes, word.len);
		return;
	}
	str_puts(out, " \"");
	for (size_t i = 0; i < word.len;) {
		size_t n = 1;

		if (memchr("\"\\'", word.bytes[i], 3)) {
			str_printf(out, "\\%c", word.bytes[i]);
		} else {
			while (i + n < word.len && !memchr("\"\\'", word.bytes[i + n], 3))
				n++;
			text_show(out, (struct text){word.bytes + i, n}, TEXT_ASCII);
		}
		i += n;
	}
	str_putc(out, '"');
}

void xt_option(struct str *out, const char *option, bool is_inverted)
{
	str_printf(out, "%s --%s", is_inverted ? " !" : "", option);
}

void xt_range(struct str *out, const char *option, uint32_t from, uint32_t to,
	      bool is_inverted)
{
	xt_option(out, option, is_inverted);
	str_printf(out, " %" PRIu32, from);
	if (from != to)
		str_printf(out, ":%" PRIu32, to);
}

void xt_write_mark(struct str *out, const char *option, uint32_t mark, uint32_t mask)
{
	str_printf(out, " --%s 0x%" PRIx32, option, mark);
	if (mask != UINT32_MAX)
		str_printf(out, "/0x%" PRIx32, mask);
}

uint32_t xt_rate(struct str *out, uint64_t period, uint64_t scale)
{
	static const struct {
		const char *word;
		uint32_t seconds;
	} units[] = {{"day", 86400}, {"hour", 3600}, {"min", 60}, {"sec", 1}};
	size_t i;

	if (!period) {
		str_puts(out, " inf");
		return 0;
	}
	for (i = 1; i < sizeof(units) / sizeof(*units); i++) {
		uint64_t unit = units[i].seconds * scale;

		if (period > unit || unit / period < unit % period)
			break;
	}
	str_printf(out, " %" PRIu64 "/%s", units[i - 1].seconds * scale / period,
		   units[i - 1].word);
	return units[i - 1].seconds;
}

void xt_address(struct str *out, const void *bytes, uint8_t family)
{
	struct addr a = addr_from(family, bytes);
	char text[ADDR_TEXT_MAX];

	str_puts(out, addr_format(&a, text));
}

void xt_mask(struct str *out, const void *bytes, uint8_t family)
{
	const uint8_t *mask = bytes;
	unsigned len = family == AF_INET6 ? 128 : 32, n = 0;

	while (n < len && (mask[n / 8] >> (7 - n % 8) & 1))
		n++;
	for (unsigned i = n; i < len; i++) {
		if (mask[i / 8] >> (7 - i % 8) & 1) {
			str_putc(out, '/');
			xt_address(out, bytes, family);
			return;
		}
	}
	if (n < len)
		str_printf(out, "/%u", n);
}

void xt_tcp_flags(struct str *out, uint8_t flags)
{
	static const char *const words[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG"};
	const char *between = "";

	for (unsigned i = 0; i < 6; i++) {
		if (!(flags >> i & 1))
			continue;
		str_printf(out, "%s%s", between, words[i]);
		between = ",";
	}
	if (!(flags & 0x3f))
		str_puts(out, "NONE");
}

void xt_words(struct str *out, uint32_t bits, const struct xt_word *words, size_t n)
{
	const char *between = "";

	str_putc(out, ' ');
	for (size_t i = 0; i < n; i++) {
		if (!(bits & words[i].bit))
			continue;
		str_printf(out, "%s%s", between, words[i].word);
		between = ",";
	}
}

/* /etc/protocols as Debian has it: it is what iptables looks names up in. */
const char *xt_protocol(unsigned number)
{
	static const char *const names[] = {
		[1] = "icmp",
		[2] = "igmp",
		[3] = "ggp",
		[4] = "ipencap",
		[5] = "st",
		[6] = "tcp",
		[8] = "egp",
		[9] = "igp",
		[12] = "pup",
		[17] = "udp",
		[20] = "hmp",
		[22] = "xns-idp",
		[27] = "rdp",
		[29] = "iso-tp4",
		[33] = "dccp",
		[36] = "xtp",
		[37] = "ddp",
		[38] = "idpr-cmtp",
		[41] = "ipv6",
		[43] = "ipv6-route",
		[44] = "ipv6-frag",
		[45] = "idrp",
		[46] = "rsvp",
		[47] = "gre",
		[50] = "esp",
		[51] = "ah",
		[57] = "skip",
		[58] = "ipv6-icmp",
		[59] = "ipv6-nonxt",
		[60] = "ipv6-opts",
		[73] = "rspf",
		[81] = "vmtp",
		[88] = "eigrp",
		[89] = "ospf",
		[93] = "ax.25",
		[94] = "ipip",
		[97] = "etherip",
		[98] = "encap",
		[103] = "pim",
		[108] = "ipcomp",
		[112] = "vrrp",
		[115] = "l2tp",
		[124] = "isis",
		[132] = "sctp",
		[133] = "fc",
		[136] = "udplite",
		[137] = "mpls-in-ip",
		[138] = "manet",
		[139] = "hip",
		[140] = "shim6",
		[141] = "wesp",
		[142] = "rohc",
		[135] = "mobility-header",
	};

	return number < sizeof(names) / sizeof(*names) ? names[number] : NULL;
}

static const struct xt_row *find_row(const struct xt_rows *rows, const struct fw_expr *e,
				     uint8_t family)
{
	for (size_t i = 0; i < rows->n; i++) {
		const struct xt_row *row = &rows->rows[i];

		if (text_equals_str(e->name, row->name) && row->revision == e->revision &&
		    (!row->family || row->family == family))
			return row;
	}
	return NULL;
}

static const struct xt_row *find(const struct fw_expr *e, uint8_t family)
{
	static const struct xt_rows *const matches[] = {&xt_packet_rows,  &xt_ipv6_rows,
							&xt_flow_rows,    &xt_history_rows,
							&xt_content_rows, &xt_host_rows};
	static const struct xt_rows *const targets[] = {&xt_target_rows, &xt_mark_rows,
							&xt_nat_rows};
	bool is_match = e->kind == FW_EXPR_XT_MATCH;
	size_t n = is_match ? sizeof(matches) / sizeof(*matches)
			    : sizeof(targets) / sizeof(*targets);

	for (size_t i = 0; i < n; i++) {
		const struct xt_row *row =
			find_row(is_match ? matches[i] : targets[i], e, family);

		if (row)
			return row;
	}
	return NULL;
}

/* "-m state" and "-j NOTRACK" are kept as what they are short for, with a note. */
static const char *word_of(const struct fw_expr *e, const struct xt_row *row)
{
	struct xt_conntrack_mtinfo3 ct;
	struct xt_ct_target_info_v1 target;

	if (!strcmp(row->name, "conntrack") && xt_take(e->value, &ct, sizeof(ct)) &&
	    ct.match_flags & XT_CONNTRACK_STATE_ALIAS)
		return "state";
	if (!strcmp(row->name, "CT") && xt_take(e->value, &target, sizeof(target)) &&
	    target.flags & XT_CT_NOTRACK_ALIAS)
		return "NOTRACK";
	return row->name;
}

static bool is_of_sets(const struct fw_expr *e)
{
	return text_equals_str(e->name, e->kind == FW_EXPR_XT_MATCH ? "set" : "SET");
}

bool xt_write(struct str *out, const struct ruleset *r, const struct fw_expr *e,
	      uint8_t family)
{
	const struct xt_row *row = find(e, family);
	size_t len = out->len;

	if (is_of_sets(e)) {
		str_puts(out, e->kind == FW_EXPR_XT_MATCH ? "-m set" : "SET");
		if (xt_write_set(out, r, e))
			return true;
		str_truncate(out, len);
	}
	if (!row)
		return false;
	str_printf(out, "%s%s", e->kind == FW_EXPR_XT_MATCH ? "-m " : "", word_of(e, row));
	if (row->print(out, e->value, family == NFPROTO_IPV6 ? AF_INET6 : AF_INET))
		return true;
	str_truncate(out, len);
	return false;
}

void text_xt(struct writer *w, const struct fw_expr *e)
{
	bool is_match = e->kind == FW_EXPR_XT_MATCH;

	/* Its text is the rule's comment. */
	if (is_match && text_equals_str(e->name, "comment"))
		return;
	if (!xt_write(&w->scratch, w->r, e, w->family)) {
		str_printf(&w->scratch, "xt %s ", is_match ? "match" : "target");
		text_show(&w->scratch, e->name, TEXT_ASCII);
	}
	writer_say(w);
}
