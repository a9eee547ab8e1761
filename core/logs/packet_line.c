/* Netfilter's log lines, field by field. Knows no flow that is looked for. */
#include "core/logs/packet_line.h"

#include <netinet/in.h>

#include "core/base/pieces.h"
#include "core/logs/form.h"
#include "core/logs/scan.h"

/* Where "IN=eth0 OUT=" begins: a prefix stands right before it and may say "IN=" too. */
static size_t find_start(struct text message)
{
	size_t at = 0, found;

	while ((found = scan_find(piece_tail(message, at), "IN=")) != SCAN_NOWHERE) {
		struct text rest = piece_tail(message, at + found), word;

		if (scan_word(&rest, &word) && piece_starts(rest, " OUT="))
			return at + found;
		at += found + 1;
	}
	return SCAN_NOWHERE;
}

static bool read_proto(struct text name, uint8_t *out)
{
	static const struct {
		const char *name;
		uint8_t proto;
	} names[] = {{"TCP", IPPROTO_TCP},
		     {"UDP", IPPROTO_UDP},
		     {"UDPLITE", IPPROTO_UDPLITE},
		     {"ICMP", IPPROTO_ICMP},
		     {"ICMPv6", IPPROTO_ICMPV6}};
	uint64_t number;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (text_equals_str(name, names[i].name)) {
			*out = names[i].proto;
			return true;
		}
	}
	if (!piece_number(&name, UINT8_MAX, &number) || name.len)
		return false;
	*out = (uint8_t)number;
	return true;
}

static bool read_port(struct text digits, uint16_t *out)
{
	uint64_t number;

	if (!piece_number(&digits, UINT16_MAX, &number) || digits.len)
		return false;
	*out = (uint16_t)number;
	return true;
}

enum field { HAS_SRC = 1, HAS_DST = 2, HAS_PROTO = 4, HAS_SPT = 8, HAS_DPT = 16 };

/* Which field it is, if it is one that is read well; else 0. */
static unsigned read_field(struct text word, struct packet_line *p)
{
	if (scan_literal(&word, "SRC="))
		return form_address(word, &p->saddr) ? HAS_SRC : 0;
	if (scan_literal(&word, "DST="))
		return form_address(word, &p->daddr) ? HAS_DST : 0;
	if (scan_literal(&word, "PROTO="))
		return read_proto(word, &p->proto) ? HAS_PROTO : 0;
	if (scan_literal(&word, "SPT="))
		return read_port(word, &p->sport) ? HAS_SPT : 0;
	if (scan_literal(&word, "DPT="))
		return read_port(word, &p->dport) ? HAS_DPT : 0;
	return 0;
}

bool packet_line_read(struct text message, struct packet_line *out)
{
	const unsigned needed = HAS_SRC | HAS_DST | HAS_PROTO;
	size_t start = find_start(message);
	struct packet_line p = {0};
	struct text rest, word;
	unsigned has = 0;

	if (start == SCAN_NOWHERE)
		return false;
	p.prefix = piece_strip(piece_head(message, start));
	rest = piece_tail(message, start);
	/* "[SRC=.." is the packet that an ICMP error quotes. */
	while (scan_word(&rest, &word) && word.bytes[0] != '[') {
		struct packet_line next = p;
		unsigned field = read_field(word, &next);

		if (field & has)
			return false;
		has |= field;
		p = next;
	}
	if ((has & needed) != needed)
		return false;
	*out = p;
	return true;
}
