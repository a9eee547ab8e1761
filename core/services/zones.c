/* Zones and services of firewalld out of its XML: tags and their attributes, as far as they
 * open ports. No other XML. */
#include "core/services/zones.h"

#include <netinet/in.h>
#include <string.h>

#include "core/base/pieces.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

#define PLACE_OF_ZONES    "/zones/"
#define PLACE_OF_SERVICES "/services/"

/* One tag; what stands between tags says nothing here. */
struct tag {
	struct text name, attributes; /* "/rule" of an end */
};

/* What is asked, and of what it is asked. */
struct wanted {
	uint8_t proto;
	uint16_t port;
	const struct kept_file *files;
	size_t n;
};

/* Of firewalld.service files that come with it: those whose ports are the same in every
 * version. */
static const struct {
	const char *name, *ports;
} shipped[] = {
	{"cockpit", "9090/tcp"},
	{"dhcp", "67/udp"},
	{"dhcpv6", "547/udp"},
	{"dhcpv6-client", "546/udp"},
	{"dns", "53/tcp 53/udp"},
	{"ftp", "21/tcp"},
	{"http", "80/tcp"},
	{"https", "443/tcp"},
	{"imap", "143/tcp"},
	{"imaps", "993/tcp"},
	{"kerberos", "88/tcp 88/udp"},
	{"ldap", "389/tcp"},
	{"ldaps", "636/tcp"},
	{"mdns", "5353/udp"},
	{"mqtt", "1883/tcp"},
	{"mysql", "3306/tcp"},
	{"ntp", "123/udp"},
	{"pop3", "110/tcp"},
	{"pop3s", "995/tcp"},
	{"postgresql", "5432/tcp"},
	{"redis", "6379/tcp"},
	{"rsyncd", "873/tcp 873/udp"},
	{"smtp", "25/tcp"},
	{"smtp-submission", "587/tcp"},
	{"smtps", "465/tcp"},
	{"squid", "3128/tcp"},
	{"ssh", "22/tcp"},
	{"telnet", "23/tcp"},
	{"tftp", "69/udp"},
	{"wireguard", "51820/udp"},
};

/* ---- XML ---- */

static size_t find(struct text t, const char *what)
{
	size_t len = strlen(what);

	for (size_t i = 0; i + len <= t.len; i++)
		if (!memcmp(t.bytes + i, what, len))
			return i;
	return t.len;
}

/* Comments are passed over. False: there is none, or it is not ended. */
static bool next_tag(struct text *rest, struct tag *out)
{
	for (;;) {
		const char *end = ">";
		struct text whole;
		size_t length;

		*rest = piece_tail(*rest, find(*rest, "<"));
		if (piece_starts(*rest, "<!--"))
			end = "-->";
		length = find(*rest, end);
		if (!rest->len || length == rest->len)
			return false;
		whole = piece_tail(piece_head(*rest, length), 1);
		*rest = piece_tail(*rest, length + strlen(end));
		if (*end == '-' || piece_starts(whole, "?") || piece_starts(whole, "!"))
			continue;
		out->attributes = whole;
		return piece_word(&out->attributes, &out->name);
	}
}

static bool is_named(const struct tag *t, const char *name)
{
	struct text own = t->name;

	if (own.len && own.bytes[own.len - 1] == '/')
		own.len--;
	return text_equals_str(own, name);
}

/* name="value" or name='value'; none: it is not there. */
static struct text attribute(const struct tag *t, const char *name)
{
	struct text rest = t->attributes;

	while (rest.len) {
		size_t at = find(rest, "=");
		struct text key = piece_strip(piece_head(rest, at)), value;
		char quote[2] = {0};

		rest = piece_strip(piece_tail(rest, at + 1));
		if (!rest.len || (rest.bytes[0] != '"' && rest.bytes[0] != '\''))
			return TEXT_NONE;
		quote[0] = rest.bytes[0];
		rest = piece_tail(rest, 1);
		at = find(rest, quote);
		value = piece_head(rest, at);
		rest = piece_tail(rest, at + 1);
		if (text_equals_str(key, name))
			return value;
	}
	return TEXT_NONE;
}

/* ---- ports ---- */

static bool is_proto(struct text t, uint8_t proto)
{
	return text_equals_str(t, proto == IPPROTO_UDP ? "udp" : "tcp");
}

/* "443", "8000-8010" */
static enum tri has_port(struct text range, uint16_t port)
{
	uint64_t low, high;

	if (!piece_number(&range, UINT16_MAX, &low))
		return TRI_UNSURE;
	high = low;
	if (piece_starts(range, "-")) {
		range = piece_tail(range, 1);
		if (!piece_number(&range, UINT16_MAX, &high))
			return TRI_UNSURE;
	}
	if (range.len)
		return TRI_UNSURE;
	return port >= low && port <= high ? TRI_YES : TRI_NO;
}

static enum tri opens_port(const struct wanted *w, const struct tag *t)
{
	if (!is_proto(attribute(t, "protocol"), w->proto))
		return text_is_empty(attribute(t, "protocol")) ? TRI_UNSURE : TRI_NO;
	return has_port(attribute(t, "port"), w->port);
}

/* One more thing that may open it: what opens it for sure wins. */
static enum tri add(enum tri sum, enum tri one)
{
	return sum == TRI_YES || one == TRI_YES         ? TRI_YES
	       : sum == TRI_UNSURE || one == TRI_UNSURE ? TRI_UNSURE
							: TRI_NO;
}

/* ---- services ---- */

static enum tri opens_shipped(const struct wanted *w, struct text service)
{
	for (size_t i = 0; i < COUNT(shipped); i++) {
		struct text ports = text_of(shipped[i].ports), word;

		if (!text_equals_str(service, shipped[i].name))
			continue;
		while (piece_word(&ports, &word)) {
			size_t at = find(word, "/");

			if (is_proto(piece_tail(word, at + 1), w->proto) &&
			    has_port(piece_head(word, at), w->port) == TRI_YES)
				return TRI_YES;
		}
		return TRI_NO;
	}
	return TRI_UNSURE;
}

/* firewalld.service(5) */
static enum tri opens_written(const struct wanted *w, struct text xml)
{
	enum tri sum = TRI_NO;
	bool is_ended = false;
	struct tag t;

	while (next_tag(&xml, &t)) {
		if (is_named(&t, "port"))
			sum = add(sum, opens_port(w, &t));
		else if (is_named(&t, "include") || is_named(&t, "protocol"))
			sum = add(sum, TRI_UNSURE);
		is_ended |= is_named(&t, "/service");
	}
	return is_ended ? sum : TRI_UNSURE;
}

/* "public" of "/etc/firewalld/zones/public.xml" */
static struct text name_beneath(const struct kept_file *f, const char *place)
{
	struct text name = piece_tail(f->path, find(f->path, place));

	if (!name.len || !piece_ends(name, ".xml"))
		return TEXT_NONE;
	name = piece_tail(name, strlen(place));
	return piece_head(name, name.len - strlen(".xml"));
}

/* The place could not be looked into: what is there may change what comes with firewalld.
 */
static bool is_hidden(const struct kept_file *files, size_t n, const char *place)
{
	for (size_t i = 0; i < n; i++)
		if (files[i].error && piece_ends(files[i].path, place))
			return true;
	return false;
}

static enum tri opens_service(const struct wanted *w, struct text service)
{
	if (text_is_empty(service) || is_hidden(w->files, w->n, "/services"))
		return TRI_UNSURE;
	for (size_t i = 0; i < w->n; i++)
		if (text_equals(name_beneath(&w->files[i], PLACE_OF_SERVICES), service))
			return w->files[i].error ? TRI_UNSURE
						 : opens_written(w, w->files[i].bytes);
	return opens_shipped(w, service);
}

/* ---- zones ---- */

/* What neither opens nor closes a port of this host; ends of tags. */
static bool says_nothing(const struct tag *t)
{
	static const char *const names[] = {"short",
					    "description",
					    "interface",
					    "source",
					    "icmp-block",
					    "masquerade",
					    "icmp-block-inversion",
					    "forward",
					    "source-port"};

	for (size_t i = 0; i < COUNT(names); i++)
		if (is_named(t, names[i]))
			return true;
	return piece_starts(t->name, "/");
}

static enum tri opens_tag(const struct wanted *w, const struct tag *t)
{
	struct text target;

	if (is_named(t, "port"))
		return opens_port(w, t);
	if (is_named(t, "service"))
		return opens_service(w, attribute(t, "name"));
	if (!is_named(t, "zone"))
		return says_nothing(t) ? TRI_NO : TRI_UNSURE;
	target = attribute(t, "target");
	return text_equals_str(target, "ACCEPT") ? TRI_YES : TRI_NO;
}

enum tri zone_file_opens(const struct kept_file *zone, const struct kept_file *files,
			 size_t n, uint8_t proto, uint16_t port)
{
	struct wanted w = {proto, port, files, n};
	struct text xml = zone->bytes;
	bool is_ended = false, is_in_rule = false, has_rules = false;
	enum tri sum = TRI_NO;
	struct tag t;

	while (next_tag(&xml, &t)) {
		is_ended |= is_named(&t, "/zone");
		if (is_named(&t, "rule")) {
			has_rules = true;
			is_in_rule = !piece_ends(t.attributes, "/");
		} else if (is_named(&t, "/rule")) {
			is_in_rule = false;
		} else if (!is_in_rule) {
			sum = add(sum, opens_tag(&w, &t));
		}
	}
	if (!is_ended || zone->error)
		return TRI_UNSURE;
	/* A rich rule may open it, or close what the zone opens. */
	return has_rules ? TRI_UNSURE : sum;
}

struct text zone_file_name(const struct kept_file *f)
{
	return name_beneath(f, PLACE_OF_ZONES);
}

const struct kept_file *zone_files_find(const struct kept_file *files, size_t n,
					struct text zone)
{
	for (size_t i = 0; i < n && !is_hidden(files, n, "/zones"); i++)
		if (!files[i].error && text_equals(zone_file_name(&files[i]), zone))
			return &files[i];
	return NULL;
}
