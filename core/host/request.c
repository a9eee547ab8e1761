/*
 * Requests: whether each argument is in its range. Their text is in request_text.c, their
 * bytes in request_bytes.c. Does not serve them.
 */
#include "core/host/request.h"

#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define PROBE_TIMEOUT_MAX_MS 2000
#define IPSET_NAME_BYTES     32 /* IPSET_MAXNAMELEN */

static bool is_netns_name(const char *name)
{
	size_t len = strnlen(name, NETNS_NAME_MAX + 1);

	if (len == 0 || len > NETNS_NAME_MAX || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (size_t i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] > '~' || name[i] == '/')
			return false;
	return true;
}

static bool is_netns(const struct netns_ref *n)
{
	switch (n->kind) {
	case NETNS_OWN:
		return true;
	case NETNS_NAME:
		return is_netns_name(n->name);
	case NETNS_PID:
		return n->pid > 0;
	}
	return false;
}

static bool is_protocol(uint16_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP ||
	       protocol == IPPROTO_UDPLITE || protocol == IPPROTO_MPTCP;
}

static bool is_family(uint8_t family, uint16_t protocol)
{
	return family == AF_INET || family == AF_INET6 ||
	       (family == AF_UNSPEC && protocol == IPPROTO_TCP);
}

static bool has_name_chars(const char *name, size_t len)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._";

	return strspn(name, chars) == len;
}

static bool is_host_name(const char *name, size_t room)
{
	size_t len = strnlen(name, room);

	return len > 0 && len < room && has_name_chars(name, len);
}

/* As dev_valid_name() of net/core/dev.c; "" is any. */
static bool is_device(const char *name, size_t room)
{
	size_t len = strnlen(name, room);

	if (len == room || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (size_t i = 0; i < len; i++)
		if (name[i] == '/' || name[i] == ':' || isspace((unsigned char)name[i]) ||
		    name[i] == (char)0xa0)
			return false;
	return true;
}

/* What is not used is zero: one address has one form. */
static bool is_address_or_none(const struct addr *a)
{
	static const uint8_t zeros[sizeof(a->bytes)];
	size_t used = a->family == AF_INET6 ? 16 : a->family == AF_INET ? 4 : 0;

	if (a->family != AF_UNSPEC && !used)
		return false;
	return !memcmp(a->bytes + used, zeros, sizeof(zeros) - used);
}

static bool is_address(const struct addr *a)
{
	return a->family != AF_UNSPEC && is_address_or_none(a);
}

static bool may_meet(const struct addr *a, const struct addr *b)
{
	return !a->family || !b->family || a->family == b->family;
}

static bool has_ports(uint8_t proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_UDPLITE ||
	       proto == IPPROTO_SCTP || proto == IPPROTO_DCCP;
}

static bool is_route(const struct route_ask *r)
{
	bool tells_ports = r->source_port || r->target_port;

	return is_address(&r->target) && is_address_or_none(&r->source) &&
	       may_meet(&r->target, &r->source) && r->in_ifindex <= INT32_MAX &&
	       r->out_ifindex <= INT32_MAX && (!tells_ports || has_ports(r->proto));
}

/* A string in its field, with nothing behind its end. */
static bool is_field(const char *text, size_t room)
{
	size_t len = strnlen(text, room);

	for (size_t i = len; i < room; i++)
		if (text[i])
			return false;
	return len < room;
}

static bool is_zero(const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i])
			return false;
	return true;
}

static bool is_ipset_key(const struct ipset_key *k)
{
	return is_address_or_none(&k->address) && is_address_or_none(&k->address2) &&
	       (k->address.family || !k->address2.family) &&
	       may_meet(&k->address, &k->address2) &&
	       is_field(k->device, sizeof(k->device)) &&
	       is_device(k->device, sizeof(k->device)) &&
	       (k->has_port || (!k->port && !k->has_proto)) &&
	       (k->has_proto || !k->proto) && (k->has_mark || !k->mark);
}

static bool is_no_ipset_key(const struct ipset_key *k)
{
	return !k->address.family && !k->address2.family && !k->has_port && !k->has_mark &&
	       !k->is_net && !k->device[0];
}

static bool is_member(const struct member_ask *m)
{
	bool is_nft = m->backend == MEMBER_NFT;

	if (m->backend > MEMBER_IPSET || !is_field(m->table, sizeof(m->table)) ||
	    !is_field(m->set, sizeof(m->set)) || !m->set[0] ||
	    m->key_len > MEMBER_KEY_BYTES || !is_ipset_key(&m->ipset) ||
	    !is_zero(m->key + m->key_len, MEMBER_KEY_BYTES - m->key_len))
		return false;
	if (is_nft)
		return m->table[0] && is_no_ipset_key(&m->ipset);
	return !m->table[0] && !m->key_len && strlen(m->set) < IPSET_NAME_BYTES;
}

static bool is_pid_list(const struct pid_list *l)
{
	if (l->n > REQUEST_PIDS_MAX)
		return false;
	for (size_t i = 0; i < l->n; i++)
		if (l->pids[i] == 0 || l->pids[i] > INT32_MAX)
			return false;
	return true;
}

static bool is_past(const struct past_ask *p)
{
	return p->since_wall_ns >= 0 && is_pid_list(&p->pids);
}

static bool is_probe(const struct probe_ask *p)
{
	return p->proto == IPPROTO_TCP && is_address(&p->address) && p->port != 0 &&
	       p->timeout_ms > 0 && p->timeout_ms <= PROBE_TIMEOUT_MAX_MS;
}

/* Datagrams are said to UDP, and nothing else is; sizes are tried beside a connection. */
static bool is_reach_talk(const struct reach_ask *r)
{
	bool is_datagram = r->talk >= REACH_TALK_DNS;

	if (r->talk >= N_REACH_TALKS)
		return false;
	return r->proto == IPPROTO_TCP
		       ? !is_datagram
		       : r->proto == IPPROTO_UDP && is_datagram && !r->sweeps;
}

static bool is_reach(const struct reach_ask *r)
{
	if (!is_reach_talk(r) || r->port == 0 || r->n == 0 || r->n > REACH_MAX ||
	    r->timeout_ms == 0 || r->timeout_ms > REACH_TIMEOUT_MAX_MS)
		return false;
	for (size_t i = 0; i < r->n; i++)
		if (!is_address(&r->addresses[i]))
			return false;
	return is_field(r->name, sizeof(r->name)) &&
	       has_name_chars(r->name, strlen(r->name));
}

/* Words of a command: nothing in them is an option, or more than a word to any shell. */
static bool is_remote_word(const char *word, size_t room, const char *more)
{
	size_t len = strnlen(word, room);

	if (!len || len == room || word[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++) {
		char one[2] = {word[i], '\0'};

		if (!has_name_chars(one, 1) && !strchr(more, word[i]))
			return false;
	}
	return true;
}

/* ssh(1) would take "@-oX" for no option, and we take it for no name. */
static bool is_remote_client(const char *client)
{
	const char *at = strrchr(client, '@');

	return is_remote_word(client, REMOTE_CLIENT_BYTES, "@:%+") && client[0] != '@' &&
	       (!at || (at[1] && at[1] != '-'));
}

static bool is_remote(const struct remote_ask *r)
{
	if (!r->n || r->n > REMOTE_CLIENTS_MAX || !r->port || !r->patience_ms ||
	    r->patience_ms > REMOTE_PATIENCE_MAX_MS ||
	    !is_remote_word(r->host, sizeof(r->host), ":"))
		return false;
	for (size_t i = 0; i < r->n; i++)
		if (!is_remote_client(r->clients[i]))
			return false;
	return true;
}

static bool is_trace(const struct trace_ask *t)
{
	bool has_backend = t->backend.family != AF_UNSPEC;

	return (t->proto == IPPROTO_TCP || t->proto == IPPROTO_UDP) &&
	       is_address(&t->client) && t->port != 0 && is_address_or_none(&t->backend) &&
	       may_meet(&t->client, &t->backend) && has_backend == (t->backend_port != 0) &&
	       t->timeout_ms > 0 && t->timeout_ms <= TRACE_TIMEOUT_MAX_MS;
}

static bool is_drops(const struct drop_ask *d)
{
	return (d->proto == IPPROTO_TCP || d->proto == IPPROTO_UDP) &&
	       is_address_or_none(&d->client) && d->port != 0 && d->timeout_ms > 0 &&
	       d->timeout_ms <= TRACE_TIMEOUT_MAX_MS;
}

/* Of a new file in the one directory; "" is none. As export_name_is_fine(). */
static bool is_save(const char *name, size_t room)
{
	size_t len = strnlen(name, room);

	return len < room && name[0] != '.' && name[0] != '-' && has_name_chars(name, len);
}

static bool is_capture(const struct capture_ask *c)
{
	if (c->kind > CAPTURE_REQUEST_ALL || c->n_ports > REQUEST_PORTS_MAX ||
	    (c->proto != 0 && c->proto != IPPROTO_TCP && c->proto != IPPROTO_UDP))
		return false;
	for (size_t i = 0; i < c->n_ports; i++)
		if (c->ports[i] == 0)
			return false;
	return is_address_or_none(&c->client) && is_address_or_none(&c->server) &&
	       may_meet(&c->client, &c->server) &&
	       is_device(c->device, sizeof(c->device)) && is_save(c->save, sizeof(c->save));
}

/* Any mask of states and extensions is harmless; no state at all would be an answer without
 * a question. */
static bool is_sock_diag(const struct request *r)
{
	bool is_walk = r->sock_diag.protocol == IPPROTO_TCP &&
		       r->sock_diag.family == AF_UNSPEC && !r->sock_diag.extensions;

	return is_family(r->sock_diag.family, r->sock_diag.protocol) &&
	       (is_walk || !r->sock_diag.ports) && is_protocol(r->sock_diag.protocol) &&
	       r->sock_diag.states != 0 && r->sock_diag.port_low <= r->sock_diag.port_high;
}

static bool has_arguments(const struct request *r)
{
	switch (r->kind) {
	case REQUEST_SOCK_DIAG:
		return is_sock_diag(r);
	case REQUEST_RTNETLINK:
		return (unsigned)r->rtnetlink.dump < N_RTNETLINK_DUMPS;
	case REQUEST_FILES:
		return (unsigned)r->files.set < N_FILE_SETS;
	case REQUEST_OWNERS:
		return r->owners.n_inodes <= REQUEST_OWNERS_MAX &&
		       (r->owners.n_inodes == 0 || r->owners.inodes);
	case REQUEST_MEMBER:
		return is_member(&r->member);
	case REQUEST_ROUTE:
		return is_route(&r->route);
	case REQUEST_CONNTRACK:
		return has_ports(r->conntrack.proto) && r->conntrack.port != 0;
	case REQUEST_PROCESSES:
		return is_pid_list(&r->processes);
	case REQUEST_LOGS:
		return is_past(&r->logs);
	case REQUEST_CHANGES:
		return is_past(&r->changes);
	case REQUEST_NAMES:
		return is_host_name(r->names.name, sizeof(r->names.name));
	case REQUEST_PROBE:
		return is_probe(&r->probe);
	case REQUEST_REACH:
		return is_reach(&r->reach);
	case REQUEST_TRACE:
		return is_trace(&r->trace);
	case REQUEST_DROPS:
		return is_drops(&r->drops);
	case REQUEST_REMOTE:
		return is_remote(&r->remote);
	case REQUEST_CAPTURE:
		return is_capture(&r->capture);
	case REQUEST_NAMESPACES:
	case REQUEST_SOCKET_UNITS:
	case REQUEST_CGROUPS:
	case REQUEST_RULESET:
	case REQUEST_PROGRAMS:
	case REQUEST_IPSEC:
	case REQUEST_BRIDGES:
	case REQUEST_STANDING_RULES:
	case REQUEST_GENERATION:
	case REQUEST_JOINED:
	case REQUEST_UNITS:
		return true;
	case N_REQUEST_KINDS:
		break;
	}
	return false;
}

int request_check(const struct request *r)
{
	return is_netns(&r->netns) && has_arguments(r) ? 0 : -EINVAL;
}
