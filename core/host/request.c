/*
 * Requests: checked, as text (the key of a recording) and as bytes (a message to the
 * broker). Does not serve them.
 *
 * The message, little endian, without padding:
 *    0  u8 kind, u8 kind of namespace, u16 zero, u32 pid (0 but for NETNS_PID)
 *    8  64 bytes: name of the namespace, filled up with zeros (all zero but for NETNS_NAME)
 *   72  sock_diag: u8 family, u8 extensions, u16 protocol, u32 states, u16 first and
 *       last port
 *       rtnetlink: u32 dump;  files: u32 set;  owners: u32 n, n times u32 inode;  others:
 * nothing
 */
#include "core/host/request.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/cursor.h"

#define HEAD_SIZE 72

/*
 * ARGS must fit into the name field of a tar header (100 bytes): after the longest
 * arguments there is room for 39 bytes of a name. A longer one is given by its start and a
 * hash of all of it.
 */
#define NAME_ROOM  39
#define START_ROOM (NAME_ROOM - 1 - 16)

static const char *const words[N_REQUEST_KINDS] = {
#define X(name, word, who, ms) [REQUEST_##name] = word,
	REQUEST_KINDS(X)
#undef X
};

static const char *const dump_words[N_RTNETLINK_DUMPS] = {
	[RTNL_LINKS] = "links",
	[RTNL_ADDRESSES] = "addresses",
	[RTNL_LOCAL_ROUTES] = "local_routes",
};

static const char *const set_words[N_FILE_SETS] = {
	[FILES_HOST] = "host",
	[FILES_NET] = "net",
	[FILES_PROC_NET_SOCKETS] = "proc_net_sockets",
};

const char *request_word(enum request_kind kind)
{
	return (unsigned)kind < N_REQUEST_KINDS ? words[kind] : "unknown";
}

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

/* Any mask of states and extensions is harmless; no state at all would be an answer without
 * a question. */
static bool has_arguments(const struct request *r)
{
	switch (r->kind) {
	case REQUEST_SOCK_DIAG:
		return is_family(r->sock_diag.family, r->sock_diag.protocol) &&
		       is_protocol(r->sock_diag.protocol) && r->sock_diag.states != 0 &&
		       r->sock_diag.port_low <= r->sock_diag.port_high;
	case REQUEST_RTNETLINK:
		return (unsigned)r->rtnetlink.dump < N_RTNETLINK_DUMPS;
	case REQUEST_FILES:
		return (unsigned)r->files.set < N_FILE_SETS;
	case REQUEST_OWNERS:
		return r->owners.n_inodes <= REQUEST_OWNERS_MAX &&
		       (r->owners.n_inodes == 0 || r->owners.inodes);
	case REQUEST_NAMESPACES:
	case REQUEST_SOCKET_UNITS:
	case REQUEST_CGROUPS:
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

static void netns_text(const struct netns_ref *n, char *out, size_t room)
{
	char name[NAME_ROOM + 1];

	out[0] = '\0';
	if (n->kind == NETNS_PID)
		snprintf(out, room, "netns=pid:%d", n->pid);
	if (n->kind != NETNS_NAME)
		return;
	if (escape_name(name, NAME_ROOM, n->name)) {
		snprintf(out, room, "netns=name:%s", name);
		return;
	}
	escape_name(name, START_ROOM, n->name);
	snprintf(out, room, "netns=long:%s.%016" PRIx64, name, hash_name(n->name));
}

static void arguments_text(const struct request *r, char *out, size_t room)
{
	out[0] = '\0';
	switch (r->kind) {
	case REQUEST_SOCK_DIAG:
		snprintf(out, room, "family=%u,protocol=%u,states=0x%" PRIx32 ",ext=0x%x",
			 r->sock_diag.family, r->sock_diag.protocol, r->sock_diag.states,
			 r->sock_diag.extensions);
		break;
	case REQUEST_RTNETLINK:
		snprintf(out, room, "dump=%s", dump_words[r->rtnetlink.dump]);
		break;
	case REQUEST_FILES:
		snprintf(out, room, "set=%s", set_words[r->files.set]);
		break;
	case REQUEST_OWNERS:
	case REQUEST_NAMESPACES:
	case REQUEST_SOCKET_UNITS:
	case REQUEST_CGROUPS:
	case N_REQUEST_KINDS:
		break;
	}
}

const char *request_text(const struct request *r, char out[REQUEST_TEXT_MAX])
{
	char own[64], netns[72];
	bool is_good = request_check(r) == 0;

	own[0] = netns[0] = '\0';
	if (is_good) {
		arguments_text(r, own, sizeof(own));
		netns_text(&r->netns, netns, sizeof(netns));
	}
	snprintf(out, REQUEST_TEXT_MAX, "%s/%s%s%s%s", request_word(r->kind), own,
		 own[0] && netns[0] ? "," : "", netns, own[0] || netns[0] ? "" : "-");
	return out;
}

static size_t body_size(const struct request *r)
{
	switch (r->kind) {
	case REQUEST_SOCK_DIAG:
		return 8;
	case REQUEST_RTNETLINK:
	case REQUEST_FILES:
		return 4;
	case REQUEST_OWNERS:
		return 4 + 4 * r->owners.n_inodes;
	case REQUEST_NAMESPACES:
	case REQUEST_SOCKET_UNITS:
	case REQUEST_CGROUPS:
	case N_REQUEST_KINDS:
		break;
	}
	return 0;
}

/* Puts n bytes of value and moves *at behind them. */
static void put(uint8_t **at, uint32_t value, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*(*at)++ = (uint8_t)(value >> (8 * i));
}

static void put_head(uint8_t **at, const struct request *r)
{
	const struct netns_ref *n = &r->netns;

	put(at, r->kind, 1);
	put(at, n->kind, 1);
	put(at, 0, 2);
	put(at, n->kind == NETNS_PID ? (uint32_t)n->pid : 0, 4);
	memset(*at, 0, sizeof(n->name));
	if (n->kind == NETNS_NAME)
		memcpy(*at, n->name, strlen(n->name));
	*at += sizeof(n->name);
}

static void put_body(uint8_t **at, const struct request *r)
{
	switch (r->kind) {
	case REQUEST_SOCK_DIAG:
		put(at, r->sock_diag.family, 1);
		put(at, r->sock_diag.extensions, 1);
		put(at, r->sock_diag.protocol, 2);
		put(at, r->sock_diag.states, 4);
		put(at, r->sock_diag.port_low, 2);
		put(at, r->sock_diag.port_high, 2);
		break;
	case REQUEST_RTNETLINK:
		put(at, r->rtnetlink.dump, 4);
		break;
	case REQUEST_FILES:
		put(at, r->files.set, 4);
		break;
	case REQUEST_OWNERS:
		put(at, (uint32_t)r->owners.n_inodes, 4);
		for (size_t i = 0; i < r->owners.n_inodes; i++)
			put(at, r->owners.inodes[i], 4);
		break;
	case REQUEST_NAMESPACES:
	case REQUEST_SOCKET_UNITS:
	case REQUEST_CGROUPS:
	case N_REQUEST_KINDS:
		break;
	}
}

long request_pack(const struct request *r, void *out, size_t room)
{
	uint8_t *at = out;
	int err = request_check(r);

	if (err)
		return err;
	if (HEAD_SIZE + body_size(r) > room)
		return -EMSGSIZE;
	put_head(&at, r);
	put_body(&at, r);
	return at - (uint8_t *)out;
}

/* The bytes behind the name, and what is not used, must be zero: one request has one
 * message. */
static bool get_netns(struct cursor *c, struct netns_ref *out)
{
	static const char zeros[sizeof(out->name)];
	uint32_t pid = cursor_le32(c);
	const uint8_t *name = cursor_bytes(c, sizeof(out->name));
	size_t len;

	if (!name || (out->kind != NETNS_PID && pid != 0) || pid > INT32_MAX)
		return false;
	out->pid = (pid_t)pid;
	memcpy(out->name, name, sizeof(out->name));
	len = out->kind == NETNS_NAME ? strnlen(out->name, sizeof(out->name)) : 0;
	return !memcmp(out->name + len, zeros, sizeof(out->name) - len);
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

static bool get_body(struct cursor *c, struct request *out, uint32_t *inodes_room)
{
	switch (out->kind) {
	case REQUEST_SOCK_DIAG:
		out->sock_diag.family = cursor_u8(c);
		out->sock_diag.extensions = cursor_u8(c);
		out->sock_diag.protocol = cursor_le16(c);
		out->sock_diag.states = cursor_le32(c);
		out->sock_diag.port_low = cursor_le16(c);
		out->sock_diag.port_high = cursor_le16(c);
		return true;
	case REQUEST_RTNETLINK:
		out->rtnetlink.dump = (enum rtnetlink_dump)cursor_le32(c);
		return true;
	case REQUEST_FILES:
		out->files.set = (enum file_set)cursor_le32(c);
		return true;
	case REQUEST_OWNERS:
		return get_owners(c, out, inodes_room);
	case REQUEST_NAMESPACES:
	case REQUEST_SOCKET_UNITS:
	case REQUEST_CGROUPS:
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
