/* The words that name a port, taken apart. Asks nobody. RFC 3986 (authority), RFC 1123. */
#include "core/services/target.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TCP IPPROTO_TCP
#define UDP IPPROTO_UDP

/* What /etc/services cannot tell: all that a service needs. */
static const struct {
	const char *name;
	struct target_port ports[4];
} services[] = {
	{"http", {{TCP, 80}}},
	{"https", {{TCP, 443}}},
	{"ws", {{TCP, 80}}},
	{"wss", {{TCP, 443}}},
	{"ssh", {{TCP, 22}}},
	{"sftp", {{TCP, 22}}},
	{"dns", {{UDP, 53}, {TCP, 53}}},
	{"domain", {{UDP, 53}, {TCP, 53}}},
	{"ftp", {{TCP, 21}}}, /* 20 is where its data comes from: nobody listens there */
	{"ftps", {{TCP, 990}}},
	{"smtp", {{TCP, 25}, {TCP, 587}, {TCP, 465}}},
	{"smtps", {{TCP, 465}}},
	{"imap", {{TCP, 143}, {TCP, 993}}},
	{"imaps", {{TCP, 993}}},
	{"pop3", {{TCP, 110}, {TCP, 995}}},
	{"pop3s", {{TCP, 995}}},
	{"ldap", {{TCP, 389}, {TCP, 636}}},
	{"ldaps", {{TCP, 636}}},
	{"ntp", {{UDP, 123}}},
	{"snmp", {{UDP, 161}}},
	{"syslog", {{UDP, 514}, {TCP, 514}}},
	{"kerberos", {{UDP, 88}, {TCP, 88}}},
	{"sip", {{UDP, 5060}, {TCP, 5060}, {TCP, 5061}}},
	{"mysql", {{TCP, 3306}}},
	{"postgres", {{TCP, 5432}}},
	{"postgresql", {{TCP, 5432}}},
	{"redis", {{TCP, 6379}}},
	{"rdp", {{TCP, 3389}}},
};

static struct text cut(struct text t, size_t from, size_t to)
{
	return (struct text){t.bytes + from, to - from};
}

/* Where c stands first in t, or its length. */
static size_t find(struct text t, char c)
{
	const char *at = t.len ? memchr(t.bytes, c, t.len) : NULL;

	return at ? (size_t)(at - t.bytes) : t.len;
}

static size_t find_last(struct text t, char c)
{
	const char *at = t.len ? memrchr(t.bytes, c, t.len) : NULL;

	return at ? (size_t)(at - t.bytes) : t.len;
}

static bool is_digits(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.bytes[i] < '0' || t.bytes[i] > '9')
			return false;
	return t.len > 0;
}

/* Letters, digits, '-', '_' and '.'; what a host's or a service's name is made of. */
static bool is_name(struct text t)
{
	static const char others[] = "-_.";

	for (size_t i = 0; i < t.len; i++) {
		char c = t.bytes[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '0' && c <= '9') || (c && strchr(others, c))))
			return false;
	}
	return t.len > 0 && t.bytes[0] != '-' && t.bytes[0] != '.';
}

static void add_port(struct target *t, uint8_t proto, uint16_t port)
{
	if (t->n_ports < TARGET_PORTS_MAX)
		t->ports[t->n_ports++] = (struct target_port){proto, port};
}

static bool add_number(struct target *t, struct text word, uint8_t proto)
{
	uint32_t port = 0;

	for (size_t i = 0; i < word.len && port <= UINT16_MAX; i++)
		port = port * 10 + (uint32_t)(word.bytes[i] - '0');
	if (port < 1 || port > UINT16_MAX)
		return false;
	add_port(t, proto ? proto : TCP, (uint16_t)port);
	return true;
}

static bool is_word(struct text t, const char *word)
{
	return t.len == strlen(word) && strncasecmp(t.bytes, word, t.len) == 0;
}

/* The ports of a service, of that protocol if one is given. False: not known. */
static bool add_service(struct target *t, struct text name,
			const struct port_name_table *names, uint8_t proto)
{
	size_t i = 0;

	while (i < sizeof(services) / sizeof(services[0]) &&
	       !is_word(name, services[i].name))
		i++;
	for (size_t p = 0; i < sizeof(services) / sizeof(services[0]) && p < 4; p++)
		if (services[i].ports[p].port &&
		    (!proto || services[i].ports[p].proto == proto))
			add_port(t, services[i].ports[p].proto, services[i].ports[p].port);
	for (int is_udp = 0; names && !t->n_ports && is_udp < 2; is_udp++) {
		uint16_t port = port_names_port(names, name, is_udp);
		uint16_t twin = is_udp ? 0 : port_names_port(names, name, true);

		if (port && proto != (is_udp ? TCP : UDP))
			add_port(t, is_udp ? UDP : TCP, port);
		if (t->n_ports && twin && proto != TCP)
			add_port(t, UDP, twin);
	}
	if (t->n_ports && name.len < sizeof(t->service))
		memcpy(t->service, name.bytes, name.len);
	return t->n_ports > 0;
}

static bool add_ports(struct target *t, struct text word,
		      const struct port_name_table *names, uint8_t proto)
{
	return is_digits(word) ? add_number(t, word, proto)
			       : add_service(t, word, names, proto);
}

static bool set_host(struct target *t, struct text host)
{
	if (!host.len || host.len >= sizeof(t->host))
		return false;
	memcpy(t->host, host.bytes, host.len);
	t->host[host.len] = '\0';
	return addr_parse_scoped(&t->address, t->host) == 0 || is_name(host);
}

/* "host", "host:port", "[v6]:port", "v6": the port's word, empty if there is none. */
static bool split_host(struct target *t, struct text word, struct text *port)
{
	size_t colon = find(word, ':'), end;

	*port = TEXT_NONE;
	if (word.len && word.bytes[0] == '[') {
		end = find(word, ']');
		if (end == word.len || (end + 1 < word.len && word.bytes[end + 1] != ':'))
			return false;
		if (end + 1 < word.len)
			*port = cut(word, end + 2, word.len);
		return set_host(t, cut(word, 1, end)) && t->address.family == AF_INET6 &&
		       (end + 1 == word.len || port->len);
	}
	if (colon == word.len || find_last(word, ':') != colon)
		return set_host(t, word);
	*port = cut(word, colon + 1, word.len);
	return port->len && set_host(t, cut(word, 0, colon));
}

/* "scheme://[user@]authority[/...]": the scheme stands for the port if none is named. */
static bool parse_url(struct target *t, struct text scheme, struct text rest,
		      const struct port_name_table *names)
{
	static const char ends[] = "/?#";
	struct text port;
	size_t at;

	for (const char *e = ends; *e; e++)
		rest.len = find(rest, *e);
	at = find_last(rest, '@');
	if (at < rest.len)
		rest = cut(rest, at + 1, rest.len);
	if (!split_host(t, rest, &port))
		return false;
	return add_ports(t, port.len ? port : scheme, names, 0);
}

/* Takes "/tcp" or "/udp" off the word's end. False: another protocol stands there. */
static bool take_proto(struct text *word, uint8_t *proto)
{
	size_t slash = find_last(*word, '/');
	struct text name;

	if (slash == word->len)
		return true;
	name = cut(*word, slash + 1, word->len);
	*proto = is_word(name, "tcp") ? TCP : is_word(name, "udp") ? UDP : 0;
	word->len = slash;
	return *proto != 0;
}

static int refuse(char error[TARGET_ERROR_MAX], const char *format, const char *word)
{
	char shown[64];

	snprintf(shown, sizeof(shown), "%s", word);
	snprintf(error, TARGET_ERROR_MAX, format, shown, shown);
	return -EINVAL;
}

static int parse_plain(struct target *t, const char *word,
		       const struct port_name_table *names, char error[TARGET_ERROR_MAX])
{
	struct text rest = text_of(word), port;
	uint8_t proto = 0;

	if (!take_proto(&rest, &proto))
		return refuse(error, "'%s': the protocol behind the '/' is tcp or udp",
			      word);
	if (is_digits(rest))
		return add_number(t, rest, proto)
			       ? 0
			       : refuse(error, "'%s': a port is 1 to 65535", word);
	if (is_name(rest) && add_service(t, rest, names, proto))
		return 0;
	if (!split_host(t, rest, &port))
		return refuse(error,
			      "'%s' is no port, service, host:port, [v6]:port or URL",
			      word);
	if (!port.len)
		return refuse(error,
			      t->address.family == AF_INET6 && *word != '['
				      ? "'%s' names no port; a host's port is [%s]:443"
				      : "'%s' names no port; a host's port is %s:443",
			      word);
	if (add_ports(t, port, names, proto))
		return 0;
	return refuse(error,
		      is_digits(port) ? "'%s': a port is 1 to 65535"
				      : "'%s': that service is not known here",
		      word);
}

int target_parse(struct target *out, const char *word, const struct port_name_table *names,
		 char error[TARGET_ERROR_MAX])
{
	struct target t = {0};
	const char *scheme_end = strstr(word, "://");
	int code = 0;

	if (scheme_end) {
		struct text scheme = {word, (size_t)(scheme_end - word)};

		if (!is_name(scheme) || is_digits(scheme) ||
		    !parse_url(&t, scheme, text_of(scheme_end + 3), names))
			code = refuse(error, "'%s' is no URL with a known scheme or a port",
				      word);
	} else {
		code = parse_plain(&t, word, names, error);
	}
	if (!code)
		*out = t;
	return code;
}
