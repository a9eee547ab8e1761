/*
 * Requests as bytes: a message to the broker or a worker. Does not serve them.
 *
 * The message, little endian, without padding:
 *    0  u8 kind, u8 kind of namespace, u16 zero, u32 pid (0 but for NETNS_PID)
 *    8  64 bytes: name of the namespace, filled up with zeros (all zero but for NETNS_NAME)
 *   72  sock_diag: u8 family, u8 extensions, u16 protocol, u32 states, u16 first and
 *       last port; where only counts are wanted 8192 bytes of ports
 *       rtnetlink: u32 dump;  files: u32 set;  owners: u32 n, n times u32 inode
 *       route: target, source, u32 interface in, u32 out, u32 mark, u8 proto, u16 source
 *       port, u16 target port
 *       member: u8 backend, u8 family, 64 bytes table, 96 bytes set (both filled up with
 *       zeros), u8 length, so many bytes of key, address, second address, u8 flags (1
 *       protocol, 2 port, 4 mark, 8 net), u8 protocol, u16 port, u32 mark, 16 bytes device
 *       conntrack: u8 proto, u16 port
 *       processes: pids;  logs, changes: u64 since (ns), pids
 *       names: u8 length, so many bytes
 *       probe: u8 proto, address, u16 port, u32 timeout (ms)
 *       reach: u8 proto, u16 port, u8 talk, u8 sweeps (0 or 1), u32 timeout (ms), u8
 *       length and so many bytes of name, u8 n, n addresses
 *       drops: u8 proto, client, u16 port, u32 timeout (ms)
 *       trace: u8 proto, client, u16 port, backend, u16 its port, u32 timeout (ms)
 *       remote: host, u16 port, u32 patience (ms), u8 n, n clients; each as a name
 *       capture: u8 kind, u8 proto, client, server, 16 bytes device (filled up with zeros),
 *       u8 promiscuous (0 or 1), u8 n, n times u16 port, the file's name as a name
 *       others: nothing
 * An address is u8 family and 16 bytes; pids are u8 n, n times u32.
 */
#include "core/host/request_bytes.h"

#include <errno.h>
#include <string.h>

#include "core/base/cursor.h"

enum { FIELD_MAX = MEMBER_SET_BYTES };
_Static_assert((int)FIELD_MAX >= NETNS_NAME_MAX + 1 &&
		       (int)FIELD_MAX >= (int)MEMBER_TABLE_BYTES,
	       "zeros for the longest field");

void writer_bytes(struct writer *w, const void *bytes, size_t n)
{
	if (n && w->len + n <= w->room)
		memcpy(w->bytes + w->len, bytes, n);
	w->len += n;
}

/* n bytes of value. */
void writer_number(struct writer *w, uint64_t value, size_t n)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
	writer_bytes(w, bytes, n);
}

/* A string in a field that is filled up with zeros. */
void writer_field(struct writer *w, const char *text, size_t size)
{
	static const uint8_t zeros[FIELD_MAX];
	size_t len = strnlen(text, size);

	writer_bytes(w, text, len);
	writer_bytes(w, zeros, size - len);
}

void writer_addr(struct writer *w, const struct addr *a)
{
	writer_number(w, a->family, 1);
	writer_bytes(w, a->bytes, sizeof(a->bytes));
}

static void put_pids(struct writer *w, const struct pid_list *l)
{
	writer_number(w, l->n, 1);
	for (size_t i = 0; i < l->n; i++)
		writer_number(w, l->pids[i], 4);
}

static void put_past(struct writer *w, const struct past_ask *p)
{
	writer_number(w, (uint64_t)p->since_wall_ns, 8);
	put_pids(w, &p->pids);
}

static void put_head(struct writer *w, const struct request *r)
{
	const struct netns_ref *n = &r->netns;

	writer_number(w, r->kind, 1);
	writer_number(w, n->kind, 1);
	writer_number(w, 0, 2);
	writer_number(w, n->kind == NETNS_PID ? (uint32_t)n->pid : 0, 4);
	writer_field(w, n->kind == NETNS_NAME ? n->name : "", sizeof(n->name));
}

static void put_sock_diag(struct writer *w, const struct request *r)
{
	writer_number(w, r->sock_diag.family, 1);
	writer_number(w, r->sock_diag.extensions, 1);
	writer_number(w, r->sock_diag.protocol, 2);
	writer_number(w, r->sock_diag.states, 4);
	writer_number(w, r->sock_diag.port_low, 2);
	writer_number(w, r->sock_diag.port_high, 2);
	if (r->sock_diag.ports)
		writer_bytes(w, r->sock_diag.ports, REQUEST_PORT_BYTES);
}

static void put_owners(struct writer *w, const struct request *r)
{
	writer_number(w, r->owners.n_inodes, 4);
	for (size_t i = 0; i < r->owners.n_inodes; i++)
		writer_number(w, r->owners.inodes[i], 4);
}

static void put_route(struct writer *w, const struct request *request)
{
	const struct route_ask *r = &request->route;

	writer_addr(w, &r->target);
	writer_addr(w, &r->source);
	writer_number(w, r->in_ifindex, 4);
	writer_number(w, r->out_ifindex, 4);
	writer_number(w, r->mark, 4);
	writer_number(w, r->proto, 1);
	writer_number(w, r->source_port, 2);
	writer_number(w, r->target_port, 2);
}

static void put_drops(struct writer *w, const struct request *request)
{
	const struct drop_ask *d = &request->drops;

	writer_number(w, d->proto, 1);
	writer_addr(w, &d->client);
	writer_number(w, d->port, 2);
	writer_number(w, d->timeout_ms, 4);
}

static void put_trace(struct writer *w, const struct request *request)
{
	const struct trace_ask *t = &request->trace;

	writer_number(w, t->proto, 1);
	writer_addr(w, &t->client);
	writer_number(w, t->port, 2);
	writer_addr(w, &t->backend);
	writer_number(w, t->backend_port, 2);
	writer_number(w, t->timeout_ms, 4);
}

static void put_capture(struct writer *w, const struct request *request)
{
	const struct capture_ask *c = &request->capture;

	writer_number(w, c->kind, 1);
	writer_number(w, c->proto, 1);
	writer_addr(w, &c->client);
	writer_addr(w, &c->server);
	writer_field(w, c->device, sizeof(c->device));
	writer_number(w, c->is_promiscuous, 1);
	writer_number(w, c->n_ports, 1);
	for (size_t i = 0; i < c->n_ports; i++)
		writer_number(w, c->ports[i], 2);
	writer_host_name(w, c->save);
}

static void put_member(struct writer *w, const struct request *r)
{
	writer_member(w, &r->member);
}

static void put_dump(struct writer *w, const struct request *r)
{
	writer_number(w, r->rtnetlink.dump, 4);
}

static void put_set(struct writer *w, const struct request *r)
{
	writer_number(w, r->files.set, 4);
}

static void put_conntrack(struct writer *w, const struct request *r)
{
	writer_number(w, r->conntrack.proto, 1);
	writer_number(w, r->conntrack.port, 2);
}

static void put_processes(struct writer *w, const struct request *r)
{
	put_pids(w, &r->processes);
}

static void put_logs(struct writer *w, const struct request *r)
{
	put_past(w, &r->logs);
}

static void put_changes(struct writer *w, const struct request *r)
{
	put_past(w, &r->changes);
}

/* Kinds that are not here have no body. */
static void (*const bodies[N_REQUEST_KINDS])(struct writer *w, const struct request *r) = {
	[REQUEST_SOCK_DIAG] = put_sock_diag, [REQUEST_RTNETLINK] = put_dump,
	[REQUEST_FILES] = put_set,           [REQUEST_OWNERS] = put_owners,
	[REQUEST_ROUTE] = put_route,         [REQUEST_CONNTRACK] = put_conntrack,
	[REQUEST_PROCESSES] = put_processes, [REQUEST_LOGS] = put_logs,
	[REQUEST_CHANGES] = put_changes,     [REQUEST_NAMES] = writer_names,
	[REQUEST_PROBE] = writer_probe,      [REQUEST_CAPTURE] = put_capture,
	[REQUEST_MEMBER] = put_member,       [REQUEST_TRACE] = put_trace,
	[REQUEST_DROPS] = put_drops,         [REQUEST_REACH] = writer_reach,
	[REQUEST_REMOTE] = writer_remote,
};

static void put_all(struct writer *w, const struct request *r)
{
	put_head(w, r);
	if (bodies[r->kind])
		bodies[r->kind](w, r);
}

long request_pack(const struct request *r, void *out, size_t room)
{
	struct writer sizing = {.room = 0}, w = {.bytes = out, .room = room};
	int err = request_check(r);

	if (err)
		return err;
	put_all(&sizing, r);
	if (sizing.len > room)
		return -EMSGSIZE;
	put_all(&w, r);
	return (long)w.len;
}

/* A string in a field: the bytes behind it must be zero. */
bool reader_field(struct cursor *c, char *out, size_t size)
{
	static const char zeros[FIELD_MAX];
	const uint8_t *bytes = cursor_bytes(c, size);
	size_t len;

	if (!bytes)
		return false;
	memcpy(out, bytes, size);
	len = strnlen(out, size);
	return !memcmp(out + len, zeros, size - len);
}

/* The bytes behind the name, and what is not used, must be zero: one request has one
 * message. */
static bool get_netns(struct cursor *c, struct netns_ref *out)
{
	uint32_t pid = cursor_le32(c);

	if (!reader_field(c, out->name, sizeof(out->name)) || pid > INT32_MAX ||
	    (out->kind != NETNS_PID && pid != 0))
		return false;
	out->pid = (pid_t)pid;
	return out->kind == NETNS_NAME || out->name[0] == '\0';
}

void reader_addr(struct cursor *c, struct addr *out)
{
	const uint8_t *bytes;

	out->family = cursor_u8(c);
	bytes = cursor_bytes(c, sizeof(out->bytes));
	if (bytes)
		memcpy(out->bytes, bytes, sizeof(out->bytes));
}

static bool get_pids(struct cursor *c, struct pid_list *out)
{
	out->n = cursor_u8(c);
	if (out->n > REQUEST_PIDS_MAX)
		return false;
	for (size_t i = 0; i < out->n; i++)
		out->pids[i] = cursor_le32(c);
	return true;
}

static bool get_past(struct cursor *c, struct past_ask *out)
{
	out->since_wall_ns = (int64_t)cursor_le64(c);
	return get_pids(c, &out->pids);
}

static void get_sock_diag(struct cursor *c, struct request *out)
{
	out->sock_diag.family = cursor_u8(c);
	out->sock_diag.extensions = cursor_u8(c);
	out->sock_diag.protocol = cursor_le16(c);
	out->sock_diag.states = cursor_le32(c);
	out->sock_diag.port_low = cursor_le16(c);
	out->sock_diag.port_high = cursor_le16(c);
	if (cursor_left(c))
		out->sock_diag.ports = cursor_bytes(c, REQUEST_PORT_BYTES);
}

static bool get_owners(struct cursor *c, struct request *out, uint32_t *inodes_room)
{
	size_t n = cursor_le32(c);

	if (n > REQUEST_OWNERS_MAX || cursor_left(c) != n * 4)
		return false;
	for (size_t i = 0; i < n; i++)
		inodes_room[i] = cursor_le32(c);
	out->owners.inodes = inodes_room;
	out->owners.n_inodes = n;
	return true;
}

static void get_route(struct cursor *c, struct route_ask *out)
{
	reader_addr(c, &out->target);
	reader_addr(c, &out->source);
	out->in_ifindex = cursor_le32(c);
	out->out_ifindex = cursor_le32(c);
	out->mark = cursor_le32(c);
	out->proto = cursor_u8(c);
	out->source_port = cursor_le16(c);
	out->target_port = cursor_le16(c);
}

static void get_conntrack(struct cursor *c, struct conntrack_ask *out)
{
	out->proto = cursor_u8(c);
	out->port = cursor_le16(c);
}

static void get_drops(struct cursor *c, struct drop_ask *out)
{
	out->proto = cursor_u8(c);
	reader_addr(c, &out->client);
	out->port = cursor_le16(c);
	out->timeout_ms = cursor_le32(c);
}

static void get_trace(struct cursor *c, struct trace_ask *out)
{
	out->proto = cursor_u8(c);
	reader_addr(c, &out->client);
	out->port = cursor_le16(c);
	reader_addr(c, &out->backend);
	out->backend_port = cursor_le16(c);
	out->timeout_ms = cursor_le32(c);
}

static bool get_capture(struct cursor *c, struct capture_ask *out)
{
	uint8_t promiscuous;

	out->kind = cursor_u8(c);
	out->proto = cursor_u8(c);
	reader_addr(c, &out->client);
	reader_addr(c, &out->server);
	if (!reader_field(c, out->device, sizeof(out->device)))
		return false;
	promiscuous = cursor_u8(c);
	out->is_promiscuous = promiscuous != 0;
	out->n_ports = cursor_u8(c);
	if (promiscuous > 1 || out->n_ports > REQUEST_PORTS_MAX)
		return false;
	for (size_t i = 0; i < out->n_ports; i++)
		out->ports[i] = cursor_le16(c);
	return reader_host_name(c, out->save, sizeof(out->save));
}

static bool get_body(struct cursor *c, struct request *out, uint32_t *inodes_room)
{
	switch (out->kind) {
	case REQUEST_SOCK_DIAG:
		get_sock_diag(c, out);
		return true;
	case REQUEST_RTNETLINK:
		out->rtnetlink.dump = (enum rtnetlink_dump)cursor_le32(c);
		return true;
	case REQUEST_FILES:
		out->files.set = (enum file_set)cursor_le32(c);
		return true;
	case REQUEST_OWNERS:
		return get_owners(c, out, inodes_room);
	case REQUEST_MEMBER:
		return reader_member(c, &out->member);
	case REQUEST_ROUTE:
		get_route(c, &out->route);
		return true;
	case REQUEST_CONNTRACK:
		get_conntrack(c, &out->conntrack);
		return true;
	case REQUEST_PROCESSES:
		return get_pids(c, &out->processes);
	case REQUEST_LOGS:
		return get_past(c, &out->logs);
	case REQUEST_CHANGES:
		return get_past(c, &out->changes);
	case REQUEST_NAMES:
		return reader_names(c, &out->names);
	case REQUEST_PROBE:
		reader_probe(c, &out->probe);
		return true;
	case REQUEST_REACH:
		return reader_reach(c, &out->reach);
	case REQUEST_REMOTE:
		return reader_remote(c, &out->remote);
	case REQUEST_TRACE:
		get_trace(c, &out->trace);
		return true;
	case REQUEST_DROPS:
		get_drops(c, &out->drops);
		return true;
	case REQUEST_CAPTURE:
		return get_capture(c, &out->capture);
	case REQUEST_NAMESPACES:
	case REQUEST_SOCKET_UNITS:
	case REQUEST_CGROUPS:
	case REQUEST_RULESET:
	case REQUEST_PROGRAMS:
	case REQUEST_IPSEC:
	case REQUEST_BRIDGES:
	case REQUEST_STANDING_RULES:
	case REQUEST_GENERATION:
	case REQUEST_UNITS:
	case REQUEST_JOINED:
		return true;
	case N_REQUEST_KINDS:
		break;
	}
	return false;
}

int request_unpack(struct request *out, const void *bytes, size_t len,
		   uint32_t *inodes_room)
{
	struct cursor c = cursor_of(bytes, len);
	struct request r = {0};

	r.kind = (enum request_kind)cursor_u8(&c);
	r.netns.kind = (enum netns_kind)cursor_u8(&c);
	if (cursor_le16(&c) != 0 || !get_netns(&c, &r.netns) ||
	    !get_body(&c, &r, inodes_room))
		return -EBADMSG;
	if (c.short_read || cursor_left(&c) != 0 || request_check(&r))
		return -EBADMSG;
	*out = r;
	return 0;
}
