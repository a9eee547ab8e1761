/*
 * Requests as text: the key by which a recording finds an answer again. Does not check
 * ranges (request.c) and knows no bytes (request_bytes.c).
 */
#include "core/host/request.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/*
 * ARGS must fit into the name field of a tar header (100 bytes). After the longest
 * arguments of sock_diag there is room for 39 bytes of a namespace's name; a longer name is
 * given by its start and a hash of all of it, and so is a text that is longer all the same.
 */
#define ARGS_MAX   100
#define NAME_ROOM  39
#define HASH_TEXT  (1 + 16) /* ".0123456789abcdef" */
#define START_ROOM (NAME_ROOM - HASH_TEXT)
#define FULL_ROOM  4096 /* the longest host name and namespace, or a capture's arguments */

static const char *const words[N_REQUEST_KINDS] = {
#define X(name, word, who, ms) [REQUEST_##name] = word,
	REQUEST_KINDS(X)
#undef X
};

static const char *const dump_words[N_RTNETLINK_DUMPS] = {
	[RTNL_LINKS] = "links",
	[RTNL_ADDRESSES] = "addresses",
	[RTNL_LOCAL_ROUTES] = "local_routes",
	[RTNL_NEIGHBOURS] = "neighbours",
	[RTNL_RULES] = "rules",
};

static const char *const set_words[N_FILE_SETS] = {
	[FILES_HOST] = "host",
	[FILES_NET] = "net",
	[FILES_PROC_NET_SOCKETS] = "proc_net_sockets",
	[FILES_COUNTERS] = "counters",
	[FILES_SETTINGS] = "settings",
};

static const char *const capture_words[] = {
	[CAPTURE_REQUEST_DASHBOARD] = "dashboard",
	[CAPTURE_REQUEST_FLOW] = "flow",
	[CAPTURE_REQUEST_ALL] = "all",
};

const char *request_word(enum request_kind kind)
{
	return (unsigned)kind < N_REQUEST_KINDS ? words[kind] : "unknown";
}

/* Arguments under writing. The room is larger than all of them together. */
struct args {
	char text[FULL_ROOM];
	size_t len;
};

/* One more, behind a comma. */
static void __attribute__((format(printf, 2, 3)))
add(struct args *a, const char *format, ...)
{
	va_list values;
	int n;

	if (a->len && a->len + 1 < sizeof(a->text))
		a->text[a->len++] = ',';
	va_start(values, format);
	n = vsnprintf(a->text + a->len, sizeof(a->text) - a->len, format, values);
	va_end(values);
	if (n > 0)
		a->len += (size_t)n;
	if (a->len >= sizeof(a->text))
		a->len = sizeof(a->text) - 1;
}

static void add_number(struct args *a, const char *name, uint32_t value)
{
	if (value)
		add(a, "%s=%" PRIu32, name, value);
}

static void add_addr(struct args *a, const char *name, const struct addr *value)
{
	char text[ADDR_TEXT_MAX];

	if (value->family)
		add(a, "%s=%s", name, addr_format(value, text));
}

/* FNV-1a */
static uint64_t hash_name(const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * UINT64_C(0x100000001b3);
	return hash;
}

static bool stands_for_itself(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       strchr("=,:._-", c);
}

/* As much of the name as fits; returns false if that is not all. */
static bool escape_name(char *out, size_t room, const char *name)
{
	size_t len = 0;

	for (; *name; name++) {
		size_t n = stands_for_itself(*name) ? 1 : 3;

		if (len + n > room)
			break;
		snprintf(out + len, n + 1, n == 1 ? "%c" : "%%%02X", (uint8_t)*name);
		len += n;
	}
	out[len] = '\0';
	return *name == '\0';
}

static void add_netns(struct args *a, const struct netns_ref *n)
{
	char name[NAME_ROOM + 1];

	if (n->kind == NETNS_PID)
		add(a, "netns=pid:%d", (int)n->pid);
	if (n->kind != NETNS_NAME)
		return;
	if (escape_name(name, NAME_ROOM, n->name)) {
		add(a, "netns=name:%s", name);
		return;
	}
	escape_name(name, START_ROOM, n->name);
	add(a, "netns=long:%s.%016" PRIx64, name, hash_name(n->name));
}

static void add_route(struct args *a, const struct request *request)
{
	const struct route_ask *r = &request->route;

	add_addr(a, "to", &r->target);
	add_addr(a, "from", &r->source);
	add_number(a, "iif", r->in_ifindex);
	add_number(a, "oif", r->out_ifindex);
	add_number(a, "mark", r->mark);
	add_number(a, "proto", r->proto);
	add_number(a, "sport", r->source_port);
	add_number(a, "dport", r->target_port);
}

/* Bytes that came from outside, as far as there is room. */
static void add_word(struct args *a, const char *name, const char *word)
{
	char text[3 * MEMBER_SET_BYTES];

	escape_name(text, sizeof(text) - 1, word);
	if (text[0])
		add(a, "%s=%s", name, text);
}

static void add_ipset_key(struct args *a, const struct ipset_key *k)
{
	add_addr(a, "ip", &k->address);
	add_addr(a, "ip2", &k->address2);
	if (k->has_proto)
		add(a, "proto=%u", k->proto);
	if (k->has_port)
		add(a, "port=%u", k->port);
	if (k->has_mark)
		add(a, "mark=%" PRIu32, k->mark);
	add_word(a, "dev", k->device);
	if (k->is_net)
		add(a, "net");
}

static void add_member(struct args *a, const struct request *request)
{
	const struct member_ask *m = &request->member;
	char key[2 * MEMBER_KEY_BYTES + 1] = "";

	for (size_t i = 0; i < m->key_len; i++)
		snprintf(key + 2 * i, 3, "%02x", m->key[i]);
	add(a, "%s", m->backend == MEMBER_NFT ? "nft" : "ipset");
	add_number(a, "family", m->family);
	add_word(a, "table", m->table);
	add_word(a, "set", m->set);
	if (key[0])
		add(a, "key=%s", key);
	add_ipset_key(a, &m->ipset);
}

static void add_probe(struct args *a, const struct request *request)
{
	const struct probe_ask *p = &request->probe;

	add_number(a, "proto", p->proto);
	add_addr(a, "to", &p->address);
	add_number(a, "port", p->port);
}

static void add_reach(struct args *a, const struct request *request)
{
	static const char *const talks[N_REACH_TALKS] = {
		[REACH_TALK_NONE] = "none",   [REACH_TALK_LISTEN] = "listen",
		[REACH_TALK_TLS] = "tls",     [REACH_TALK_HTTP] = "http",
		[REACH_TALK_DNS] = "dns",     [REACH_TALK_NTP] = "ntp",
		[REACH_TALK_EMPTY] = "empty",
	};
	const struct reach_ask *r = &request->reach;

	add_number(a, "proto", r->proto);
	add_number(a, "port", r->port);
	add(a, "talk=%s", talks[r->talk]);
	if (r->sweeps)
		add(a, "sweep");
	for (size_t i = 0; i < r->n; i++)
		add_addr(a, "to", &r->addresses[i]);
	if (r->name[0])
		add(a, "name=%s", r->name);
}

static void add_remote(struct args *a, const struct request *request)
{
	const struct remote_ask *r = &request->remote;

	add_word(a, "to", r->host);
	add_number(a, "port", r->port);
	for (size_t i = 0; i < r->n; i++)
		add_word(a, "client", r->clients[i]);
}

static void add_trace(struct args *a, const struct request *request)
{
	const struct trace_ask *t = &request->trace;

	add_number(a, "proto", t->proto);
	add_addr(a, "client", &t->client);
	add_number(a, "port", t->port);
}

static void add_drops(struct args *a, const struct request *request)
{
	const struct drop_ask *d = &request->drops;

	add_number(a, "proto", d->proto);
	add_addr(a, "client", &d->client);
	add_number(a, "port", d->port);
}

static void add_ports(struct args *a, const struct capture_ask *c)
{
	char text[REQUEST_PORTS_MAX * 6 + 1];
	size_t len = 0;

	for (size_t i = 0; i < c->n_ports; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u",
					i ? "+" : "", c->ports[i]);
	if (len)
		add(a, "ports=%s", text);
}

static void add_capture(struct args *a, const struct request *request)
{
	const struct capture_ask *c = &request->capture;
	char device[3 * sizeof(c->device)];

	add(a, "kind=%s", capture_words[c->kind]);
	add_number(a, "proto", c->proto);
	add_ports(a, c);
	add_addr(a, "client", &c->client);
	add_addr(a, "server", &c->server);
	escape_name(device, sizeof(device) - 1, c->device);
	if (device[0])
		add(a, "dev=%s", device);
	if (c->is_promiscuous)
		add(a, "promiscuous");
}

static void add_sock_diag(struct args *a, const struct request *r)
{
	add(a, "family=%u,protocol=%u,states=0x%" PRIx32 ",ext=0x%x", r->sock_diag.family,
	    r->sock_diag.protocol, r->sock_diag.states, r->sock_diag.extensions);
}

static void add_dump(struct args *a, const struct request *r)
{
	add(a, "dump=%s", dump_words[r->rtnetlink.dump]);
}

static void add_set(struct args *a, const struct request *r)
{
	add(a, "set=%s", set_words[r->files.set]);
}

static void add_conntrack(struct args *a, const struct request *r)
{
	add(a, "proto=%u,port=%u", r->conntrack.proto, r->conntrack.port);
}

static void add_name(struct args *a, const struct request *r)
{
	add(a, "name=%s", r->names.name);
}

/* Kinds that are not here have no arguments in their text. */
static void (*const adders[N_REQUEST_KINDS])(struct args *a, const struct request *r) = {
	[REQUEST_SOCK_DIAG] = add_sock_diag, [REQUEST_RTNETLINK] = add_dump,
	[REQUEST_FILES] = add_set,           [REQUEST_ROUTE] = add_route,
	[REQUEST_CONNTRACK] = add_conntrack, [REQUEST_NAMES] = add_name,
	[REQUEST_PROBE] = add_probe,         [REQUEST_CAPTURE] = add_capture,
	[REQUEST_MEMBER] = add_member,       [REQUEST_TRACE] = add_trace,
	[REQUEST_DROPS] = add_drops,         [REQUEST_REMOTE] = add_remote,
	[REQUEST_REACH] = add_reach,
};

/* The cut is not within a "%HH". */
static void shorten(struct args *a)
{
	uint64_t hash = hash_name(a->text);
	size_t len = ARGS_MAX - HASH_TEXT;

	if (a->len <= ARGS_MAX)
		return;
	for (size_t back = 1; back <= 2; back++)
		if (a->text[len - back] == '%')
			len -= back;
	a->len = len + (size_t)snprintf(a->text + len, sizeof(a->text) - len,
					".%016" PRIx64, hash);
}

const char *request_text(const struct request *r, char out[REQUEST_TEXT_MAX])
{
	struct args a = {.len = 0};

	if (request_check(r) == 0) {
		if (adders[r->kind])
			adders[r->kind](&a, r);
		add_netns(&a, &r->netns);
	}
	if (!a.len)
		add(&a, "-");
	shorten(&a);
	snprintf(out, REQUEST_TEXT_MAX, "%s/%.*s", request_word(r->kind), ARGS_MAX, a.text);
	return out;
}
