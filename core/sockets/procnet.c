/*
 * The lines of /proc/net/{tcp,tcp6,udp,udp6} -> listeners. net/ipv4/tcp_ipv4.c
 * (get_tcp4_sock), net/ipv4/udp.c (udp4_format_sock). An address is printed as 32 bit words
 * in host order.
 */
#include "core/sockets/procnet.h"

#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <string.h>

/* Reading one line; after the first byte that does not fit, everything is zero. */
struct scan {
	const char *at;
	const char *end;
	bool is_bad;
};

static void scan_spaces(struct scan *s)
{
	while (s->at < s->end && *s->at == ' ')
		s->at++;
}

static void scan_char(struct scan *s, char c)
{
	if (s->at < s->end && *s->at == c)
		s->at++;
	else
		s->is_bad = true;
}

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	return UINT_MAX;
}

/* At least one and at most max_digits digits; a further digit is bad. */
static uint64_t scan_number(struct scan *s, unsigned base, int max_digits)
{
	uint64_t value = 0;
	int n = 0;

	for (; s->at < s->end && digit_of(*s->at) < base; s->at++, n++) {
		if (n == max_digits) {
			s->is_bad = true;
			return 0;
		}
		value = value * base + digit_of(*s->at);
	}
	if (!n)
		s->is_bad = true;
	return value;
}

static uint64_t scan_hex(struct scan *s, int max_digits)
{
	return scan_number(s, 16, max_digits);
}

static uint32_t scan_decimal(struct scan *s)
{
	uint64_t value;

	scan_spaces(s);
	value = scan_number(s, 10, 10);
	if (value > UINT32_MAX)
		s->is_bad = true;
	return (uint32_t)value;
}

/* Eight digits; the next word may follow without a space. */
static uint32_t scan_word(struct scan *s)
{
	struct scan word = {.at = s->at, .end = s->end - s->at < 8 ? s->end : s->at + 8};
	uint32_t value = (uint32_t)scan_hex(&word, 8);

	if (word.is_bad || word.at - s->at != 8)
		s->is_bad = true;
	s->at = word.at;
	return value;
}

static struct addr scan_addr(struct scan *s, int family)
{
	uint32_t words[4] = {0};
	size_t n = family == AF_INET ? 1 : 4;

	for (size_t i = 0; i < n; i++)
		words[i] = scan_word(s);
	return addr_from(family, words);
}

/* " 0: 0100007F:07D0 00000000:0000 0A", which scan_counts() goes on with */
static void scan_ends(struct scan *s, int family, struct procnet_line *out)
{
	scan_decimal(s);
	scan_char(s, ':');
	scan_spaces(s);
	out->local = scan_addr(s, family);
	scan_char(s, ':');
	out->port = (uint16_t)scan_hex(s, 4);
	scan_spaces(s);
	scan_addr(s, family);
	scan_char(s, ':');
	scan_hex(s, 4);
	scan_spaces(s);
	out->state = (uint8_t)scan_hex(s, 2);
}

/* " TXQ:RXQ TR:WHEN RETRNSMT UID TIMEOUT INODE" */
static void scan_counts(struct scan *s, struct procnet_line *out)
{
	scan_spaces(s);
	out->send_queue = (uint32_t)scan_hex(s, 8);
	scan_char(s, ':');
	out->receive_queue = (uint32_t)scan_hex(s, 8);
	scan_spaces(s);
	scan_hex(s, 2);
	scan_char(s, ':');
	scan_hex(s, 16);
	scan_spaces(s);
	scan_hex(s, 8);
	out->uid = scan_decimal(s);
	scan_decimal(s);
	out->inode = scan_decimal(s);
}

/* " REF POINTER DROPS" */
static uint32_t scan_drops(struct scan *s)
{
	scan_decimal(s);
	scan_spaces(s);
	scan_hex(s, 16);
	return scan_decimal(s);
}

void procnet_read(struct procnet_reader *r, const struct bundle_item *item)
{
	static const struct {
		const char *name;
		enum socket_proto proto;
		int family;
	} files[] = {
		{"net/tcp", PROTO_TCP, AF_INET},
		{"net/tcp6", PROTO_TCP, AF_INET6},
		{"net/udp", PROTO_UDP, AF_INET},
		{"net/udp6", PROTO_UDP, AF_INET6},
	};

	*r = (struct procnet_reader){.rest = item->data, .is_cut = item->error != 0};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (text_equals_str(item->name, files[i].name)) {
			r->proto = files[i].proto;
			r->family = files[i].family;
		}
	}
}

/* The next line without its newline; false at the end, and at a cut line. */
static bool next_line(struct procnet_reader *r, struct scan *out)
{
	const char *end;

	if (!r->rest.len)
		return false;
	end = memchr(r->rest.bytes, '\n', r->rest.len);
	if (!end && r->is_cut)
		return false;
	*out = (struct scan){.at = r->rest.bytes,
			     .end = end ? end : r->rest.bytes + r->rest.len};
	r->rest.len -= (size_t)(out->end - out->at) + (end != NULL);
	r->rest.bytes = end ? end + 1 : out->end;
	return true;
}

/* "  sl  local_address ..." stands above each file's lines. */
static bool is_heading(struct scan line)
{
	scan_spaces(&line);
	return line.end - line.at >= 2 && !memcmp(line.at, "sl", 2);
}

int procnet_next(struct procnet_reader *r, struct procnet_line *out)
{
	struct procnet_line line = {.drops = QUEUE_UNKNOWN};
	struct scan s;

	if (!r->family)
		return 0;
	do {
		if (!next_line(r, &s))
			return 0;
	} while (is_heading(s));
	scan_ends(&s, r->family, &line);
	scan_counts(&s, &line);
	if (r->proto == PROTO_UDP)
		line.drops = scan_drops(&s);
	if (s.is_bad)
		return -EBADMSG;
	*out = line;
	return 1;
}

static struct socket_row row_of(const struct procnet_reader *r,
				const struct procnet_line *line)
{
	bool is_udp = r->proto == PROTO_UDP;

	return (struct socket_row){
		.proto = r->proto,
		.family = (uint8_t)r->family,
		.local = line->local,
		.port = line->port,
		.inode = line->inode,
		.uid = line->uid,
		.v6only = r->family == AF_INET ? TRI_NO : TRI_UNSURE,
		.transparent = TRI_UNSURE,
		.queue_length = line->receive_queue,
		.queue_limit = QUEUE_UNKNOWN,
		.send_queue = is_udp ? line->send_queue : QUEUE_UNKNOWN,
		.drops = line->drops,
	};
}

int procnet_decode(struct vec *rows, const struct bundle_item *item)
{
	struct procnet_reader r;
	struct procnet_line line;
	int got;

	procnet_read(&r, item);
	while ((got = procnet_next(&r, &line)) > 0) {
		struct socket_row *row;

		if (!line.port ||
		    line.state != (r.proto == PROTO_UDP ? TCP_CLOSE : TCP_LISTEN))
			continue;
		row = vec_push(rows);
		if (!row)
			return -ENOMEM;
		*row = row_of(&r, &line);
	}
	return got;
}

struct socket_table *procnet_finish(struct vec *rows)
{
	return socket_table_new(rows, true);
}
