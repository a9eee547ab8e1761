/* The words of a typed packet, one after the other. Walks nothing. */
#include "tui/state/path_line.h"

#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/services/target.h"

enum { WORD_MAX = 128, NUMBER_MAX = 5 };

static const char flag_letters[] = "FSRPAUEW";

struct reading {
	const char *at;
	const struct path_line_world *world;
	struct path_ask ask;
	bool has_address, has_proto;
	uint8_t target_proto; /* that the target itself says: "53/udp"; 0: none */
	char *error;
};

static int refuse(struct reading *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse(struct reading *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(r->error, PATH_LINE_ERROR_MAX, format, args);
	va_end(args);
	return -EINVAL;
}

/* ---- small ---- */

/* False: there is none. A word that is too long is cut, and will be none that is known. */
static bool next_word(struct reading *r, char out[WORD_MAX])
{
	size_t len;

	r->at += strspn(r->at, " \t");
	len = strcspn(r->at, " \t");
	snprintf(out, WORD_MAX, "%.*s", (int)(len < WORD_MAX ? len : WORD_MAX - 1), r->at);
	r->at += len;
	return len > 0;
}

/* 0: it is none from 1 to max. */
static unsigned number_of(const char *digits, unsigned max)
{
	size_t len = strspn(digits, "0123456789");
	unsigned long value;

	if (!len || digits[len] || len > NUMBER_MAX)
		return 0;
	value = strtoul(digits, NULL, 10);
	return value <= max ? (unsigned)value : 0;
}

/* "10.0.0.1", "10.0.0.1:4000", "[::1]:4000", "::1"; port 0: not said. */
static bool parse_end(const char *word, struct addr *address, uint16_t *port)
{
	char head[WORD_MAX];
	const char *colon = strrchr(word, ':');

	*port = 0;
	if (!addr_parse_scoped(address, word))
		return true;
	if (!colon)
		return false;
	snprintf(head, sizeof(head), "%.*s", (int)(colon - word), word);
	*port = (uint16_t)number_of(colon + 1, UINT16_MAX);
	return *port && !addr_parse_scoped(address, head) &&
	       (address->family == AF_INET || head[0] == '[');
}

static uint8_t proto_of(const char *word)
{
	if (!strcasecmp(word, "tcp"))
		return IPPROTO_TCP;
	return strcasecmp(word, "udp") ? 0 : IPPROTO_UDP;
}

static const char *proto_word(uint8_t proto)
{
	return proto == IPPROTO_UDP ? "udp" : "tcp";
}

/* ---- the words ---- */

static int read_from(struct reading *r, const char *word)
{
	struct addr client = {0};
	uint16_t port = 0;
	bool is_here = !strcasecmp(word, "here");

	if (!is_here && strcasecmp(word, "anyone") != 0 && !parse_end(word, &client, &port))
		return refuse(r, "from takes ADDR, ADDR:PORT, here or anyone, not '%s'",
			      word);
	r->ask.client = addr_unmapped(&client);
	r->ask.client_port = port;
	r->ask.is_from_here = is_here;
	return 0;
}

/* Of a service that has several the transport that is meant, as far as that was said. */
static const struct target_port *port_of(const struct reading *r, const struct target *t)
{
	for (size_t i = 0; i < t->n_ports; i++)
		if (t->ports[i].proto == r->ask.proto)
			return &t->ports[i];
	return &t->ports[0];
}

/* A service that has one transport; a number has none of its own. */
static bool is_of_one(const struct target *t)
{
	for (size_t i = 1; i < t->n_ports; i++)
		if (t->ports[i].proto != t->ports[0].proto)
			return false;
	return *t->service != '\0';
}

static int read_target(struct reading *r, const char *word)
{
	char error[TARGET_ERROR_MAX];
	struct addr bare;
	struct target t;
	const struct target_port *port;

	if (!addr_parse_scoped(&bare, word)) {
		r->ask.server = addr_unmapped(&bare);
		r->has_address = true;
		return 0;
	}
	if (target_parse(&t, word + (word[0] == ':' && word[1] != ':'), r->world->names,
			 error))
		return refuse(r, "%s", error);
	if (t.host[0] && !t.address.family)
		return refuse(r, "'%s' is a name: its address is needed", t.host);
	port = port_of(r, &t);
	r->ask.server_port = port->port;
	r->target_proto = strchr(word, '/') || is_of_one(&t) ? port->proto : 0;
	if (t.address.family) {
		r->ask.server = addr_unmapped(&t.address);
		r->has_address = true;
	}
	return 0;
}

static int read_device(struct reading *r, const char *word)
{
	const struct link_table *t = r->world->links;

	for (size_t i = 0; t && i < t->n; i++) {
		if (!text_equals_str(t->rows[i].name, word))
			continue;
		r->ask.in_ifindex = t->rows[i].ifindex;
		return 0;
	}
	return refuse(r,
		      t ? "there is no interface '%s' here"
			: "'%s': the interfaces are not known",
		      word);
}

static int read_proto(struct reading *r, const char *word)
{
	uint8_t proto = proto_of(word);

	if (!proto)
		return refuse(r, "proto takes tcp or udp, not '%s'", word);
	r->ask.proto = proto;
	r->has_proto = true;
	return 0;
}

static int read_state(struct reading *r, const char *word)
{
	r->ask.is_established = !strcasecmp(word, "established");
	r->ask.is_invalid = !strcasecmp(word, "invalid");
	if (r->ask.is_established || r->ask.is_invalid || !strcasecmp(word, "new"))
		return 0;
	return refuse(r, "state takes new, established or invalid, not '%s'", word);
}

static int read_flags(struct reading *r, const char *word)
{
	unsigned flags = 0;

	for (const char *c = word; *c; c++) {
		const char *at = strchr(flag_letters, toupper((unsigned char)*c));

		if (!at)
			return refuse(r, "flags takes letters of %s, not '%s'",
				      flag_letters, word);
		flags |= 1U << (at - flag_letters);
	}
	r->ask.tcp_flags = (uint8_t)flags;
	return 0;
}

static int read_ttl(struct reading *r, const char *word)
{
	r->ask.ttl = (uint8_t)number_of(word, UINT8_MAX);
	return r->ask.ttl ? 0 : refuse(r, "ttl takes 1 to 255, not '%s'", word);
}

static const struct {
	const char *word, *takes;
	int (*read)(struct reading *r, const char *word);
} words[] = {
	{"from", "ADDR, ADDR:PORT, here or anyone", read_from},
	{"to", "[ADDR]:PORT", read_target},
	{"in", "an interface", read_device},
	{"proto", "tcp or udp", read_proto},
	{"state", "new, established or invalid", read_state},
	{"flags", "letters of FSRPAUEW", read_flags},
	{"ttl", "1 to 255", read_ttl},
};

static int read_word(struct reading *r, const char *word)
{
	char operand[WORD_MAX];

	if (proto_of(word))
		return read_proto(r, word);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(words[i].word, word) != 0)
			continue;
		if (!next_word(r, operand))
			return refuse(r, "%s what? it takes %s", word, words[i].takes);
		return words[i].read(r, operand);
	}
	return refuse(r, "'%s' is none of from, to, in, proto, state, flags, ttl", word);
}

/* ---- what goes together ---- */

struct addr path_line_published(const struct address_table *t, int family, uint32_t ifindex)
{
	const struct address_row *found = NULL;

	for (size_t i = 0; t && i < t->n; i++) {
		const struct address_row *row = &t->rows[i];

		if (row->local.family != family || addr_is_loopback(&row->local) ||
		    addr_is_link_local(&row->local) || addr_is_multicast(&row->local))
			continue;
		if (!found || (found->ifindex != ifindex && row->ifindex == ifindex))
			found = row;
	}
	return found ? found->local : (struct addr){0};
}

/* Nobody named the target's address, and the client is of the other family. */
static void choose_server(struct reading *r)
{
	struct addr other;

	if (r->has_address || !r->world->is_target_chosen || !r->ask.client.family ||
	    r->ask.client.family == r->ask.server.family)
		return;
	other = path_line_published(r->world->addresses, r->ask.client.family,
				    r->ask.in_ifindex);
	if (other.family)
		r->ask.server = other;
}

static int check_families(struct reading *r)
{
	char client[ADDR_TEXT_MAX], server[ADDR_TEXT_MAX];
	struct path_ask *a = &r->ask;

	if (!a->client.family || a->client.family == a->server.family)
		return 0;
	return refuse(r, "from %s and to %s are of two address families",
		      addr_format(&a->client, client), addr_format(&a->server, server));
}

static int check(struct reading *r)
{
	struct path_ask *a = &r->ask;

	if (r->target_proto && r->has_proto && r->target_proto != a->proto)
		return refuse(r, "the target is of %s, and %s is said",
			      proto_word(r->target_proto), proto_word(a->proto));
	if (r->target_proto)
		a->proto = r->target_proto;
	if (a->tcp_flags && a->proto != IPPROTO_TCP)
		return refuse(r, "flags go with tcp alone");
	if (a->is_from_here && a->in_ifindex)
		return refuse(r, "what is sent here comes in nowhere: no in, or from ADDR");
	choose_server(r);
	return check_families(r);
}

int path_line_parse(struct path_ask *out, const char *line, const struct path_line_world *w,
		    char error[PATH_LINE_ERROR_MAX])
{
	const struct path_ask *before = w->before;
	struct reading r = {.at = line,
			    .world = w,
			    .error = error,
			    .ask = {.proto = before->proto,
				    .client = before->client,
				    .client_port = before->client_port,
				    .server = before->server,
				    .server_port = before->server_port,
				    .is_from_here = before->is_from_here}};
	char word[WORD_MAX];
	int r_word = 0;

	while (!r_word && next_word(&r, word))
		r_word = read_word(&r, word);
	if (!r_word)
		r_word = check(&r);
	if (!r_word)
		*out = r.ask;
	return r_word;
}

/* ---- the other way round ---- */

static void put_end(struct str *out, const struct addr *a, uint16_t port)
{
	char text[ADDR_TEXT_MAX];

	if (port)
		str_printf(out, a->family == AF_INET6 ? "[%s]:%u" : "%s:%u",
			   addr_format(a, text), port);
	else
		str_puts(out, addr_format(a, text));
}

static void put_flags(struct str *out, unsigned flags)
{
	str_puts(out, " flags ");
	for (size_t i = 0; flag_letters[i]; i++)
		if (flags & 1U << i)
			str_putc(out, flag_letters[i]);
}

void path_line_put(struct str *out, const struct path_ask *a,
		   const struct link_table *links)
{
	const struct link_row *link =
		links && a->in_ifindex ? links_find(links, a->in_ifindex) : NULL;

	str_puts(out, "from ");
	if (a->client.family)
		put_end(out, &a->client, a->client_port);
	else
		str_puts(out, a->is_from_here ? "here" : "anyone");
	str_puts(out, " to ");
	put_end(out, &a->server, a->server_port);
	if (link) {
		str_puts(out, " in ");
		str_append(out, link->name.bytes, link->name.len);
	}
	str_printf(out, " %s", proto_word(a->proto));
	if (a->is_established || a->is_invalid)
		str_puts(out, a->is_invalid ? " state invalid" : " state established");
	if (a->tcp_flags && a->tcp_flags != TH_SYN && a->proto == IPPROTO_TCP)
		put_flags(out, a->tcp_flags);
	if (a->ttl)
		str_printf(out, " ttl %u", a->ttl);
}
