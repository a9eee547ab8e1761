/* Lines of ip_vs -> services. Which server one chooses is not known here. */
#include "core/nat/ipvs.h"

#include <netinet/in.h>
#include <string.h>

#include "core/base/pieces.h"

enum { HEX = 16, V4_DIGITS = 8, PORT_DIGITS = 4 };
enum { FTP_DATA = 20, FTP = 21, UNPRIVILEGED = 1024 };

/* ---- words ---- */

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_hex(struct text t, size_t n_digits, uint32_t *out)
{
	uint32_t value = 0;

	if (t.len != n_digits)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		int digit = digit_of(t.bytes[i]);

		if (digit < 0)
			return false;
		value = value * HEX + (uint32_t)digit;
	}
	*out = value;
	return true;
}

/* As many digits as the number is wide. */
static bool take_v4(struct text t, struct addr *out)
{
	uint32_t bits;
	uint8_t bytes[4];

	if (!take_hex(t, V4_DIGITS, &bits))
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(bits >> (24 - 8 * i));
	*out = addr_v4(bytes);
	return true;
}

static bool take_v6(struct text t, struct addr *out)
{
	char text[ADDR_TEXT_MAX];

	if (t.len < 2 || t.len >= sizeof(text) || t.bytes[0] != '[' ||
	    memchr(t.bytes, '\0', t.len))
		return false;
	memcpy(text, t.bytes, t.len);
	text[t.len] = '\0';
	return !addr_parse(out, text) && out->family == AF_INET6;
}

/* "C0A80001:0050", "[2001:0db8:...:0001]:0050" */
static bool take_end(struct text word, struct addr *address, uint16_t *port)
{
	struct text host, digits;
	uint32_t number;

	if (word.len <= PORT_DIGITS + 1)
		return false;
	host = piece_head(word, word.len - PORT_DIGITS - 1);
	digits = piece_tail(word, word.len - PORT_DIGITS);
	if (word.bytes[host.len] != ':' || !take_hex(digits, PORT_DIGITS, &number) ||
	    !(take_v4(host, address) || take_v6(host, address)))
		return false;
	*port = (uint16_t)number;
	return true;
}

static uint8_t proto_of(struct text word)
{
	if (text_equals_str(word, "TCP"))
		return IPPROTO_TCP;
	if (text_equals_str(word, "UDP"))
		return IPPROTO_UDP;
	return text_equals_str(word, "SCTP") ? IPPROTO_SCTP : 0;
}

/* ---- lines ---- */

static void take_flags(struct text line, struct ipvs_service *s)
{
	struct text word;

	while (piece_word(&line, &word))
		s->is_persistent |= text_equals_str(word, "persistent");
}

/* "TCP  C0A80001:0050 wlc persistent 300 FFFFFFFF", "FWM  00000007 rr" */
static bool take_service(struct text line, struct ipvs_service *out)
{
	struct ipvs_service s = {.proto = 0};
	struct text proto, end;

	if (!piece_word(&line, &proto) || !piece_word(&line, &end))
		return false;
	if (text_equals_str(proto, "FWM")) {
		s.is_of_mark = true;
		if (!take_hex(end, 8, &s.mark))
			return false;
	} else {
		s.proto = proto_of(proto);
		if (!take_end(end, &s.address, &s.port))
			return false;
	}
	take_flags(line, &s);
	*out = s;
	return true;
}

/* "  -> C0A80002:0050      Masq    1      0          0"; false: it cannot be read. */
static bool take_server(struct text line, struct ipvs_service *s)
{
	struct text arrow, end, how, weight;
	struct addr address;
	uint64_t number;
	uint16_t port;

	if (!piece_word(&line, &arrow) || !piece_word(&line, &end) ||
	    !piece_word(&line, &how) || !piece_word(&line, &weight) ||
	    !take_end(end, &address, &port) || !piece_number(&weight, INT32_MAX, &number) ||
	    weight.len)
		return false;
	s->n_servers++;
	if (number && !s->n_weighted++) {
		s->server = address;
		s->server_port = port;
	}
	return true;
}

static bool is_server_line(struct text line)
{
	return piece_starts(piece_strip(line), "->");
}

/* Those of the service before them. */
static void take_servers(struct text *rest, struct ipvs_service *s)
{
	struct text after = *rest, line;

	while (piece_next(&after, '\n', &line)) {
		if (piece_strip(line).len && !is_server_line(line))
			return;
		if (piece_strip(line).len && !take_server(line, s))
			s->is_damaged = true;
		*rest = after;
	}
}

static bool is_head(struct text line)
{
	return piece_starts(line, "IP Virtual Server") ||
	       piece_starts(line, "Prot LocalAddress");
}

/* 1: a service; 0: a line that cannot be read; -1: the end. */
static int next_service(struct text *rest, struct ipvs_service *out)
{
	struct text line;

	do {
		if (!piece_next(rest, '\n', &line))
			return -1;
		/* The head has a line for servers, too. */
		if (is_head(line)) {
			struct ipvs_service unused = {.proto = 0};

			take_servers(rest, &unused);
		}
	} while (!piece_strip(line).len || is_head(line));
	if (!take_service(line, out))
		return 0;
	take_servers(rest, out);
	return 1;
}

bool ipvs_next(struct text *rest, struct ipvs_service *out)
{
	int read;

	do {
		read = next_service(rest, out);
	} while (read == 0);
	return read > 0;
}

/* ---- the one of a packet ---- */

static bool is_of(const struct ipvs_service *s, const struct ipvs_ask *ask, uint16_t port)
{
	return !s->is_of_mark && s->proto == ask->proto && s->port == port &&
	       addr_equals(&s->address, &ask->address);
}

/* What was found so far, in the order in which the kernel looks. */
struct finds {
	struct ipvs_service exact, any_port;
	bool has_mark, has_exact, has_any_port;
	bool has_data; /* a persistent one of FTP takes its data connections, too */
	bool is_unsure;
};

static void look(struct finds *f, const struct ipvs_service *s, const struct ipvs_ask *ask)
{
	if (s->is_of_mark && !ask->is_mark_known) {
		f->is_unsure = true;
	} else if (s->is_of_mark && s->mark == ask->mark) {
		f->has_mark = true;
	} else if (is_of(s, ask, ask->port)) {
		f->exact = *s;
		f->has_exact = true;
	} else if (is_of(s, ask, 0)) {
		f->any_port = *s;
		f->has_any_port = true;
	} else if (s->is_persistent && is_of(s, ask, FTP) && ask->proto == IPPROTO_TCP) {
		f->has_data |= ask->port == FTP_DATA || ask->port >= UNPRIVILEGED;
	}
}

/* __ip_vs_svc_fwm_find() asks for the family too, which is not told: it may be that of the
 * other one. */
enum tri ipvs_find(struct text text, bool is_whole, const struct ipvs_ask *ask,
		   struct ipvs_service *out)
{
	struct finds f = {.is_unsure = !is_whole};
	struct ipvs_service s;
	int read;

	while ((read = next_service(&text, &s)) >= 0) {
		if (read)
			look(&f, &s, ask);
		else
			f.is_unsure = true;
	}
	if (f.has_mark || f.is_unsure || (f.has_data && !f.has_exact))
		return TRI_UNSURE;
	if (!f.has_exact && !f.has_any_port)
		return TRI_NO;
	*out = f.has_exact ? f.exact : f.any_port;
	return TRI_YES;
}
