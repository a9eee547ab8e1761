/* The settings of a .socket unit and the ports in them. Knows neither directories nor
 * precedence. */
#include "core/sockets/socket_unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/pieces.h"
#include "core/sockets/unit_file.h"

#define SUFFIX ".socket"

struct listen {
	bool is_stream;
	struct addr local; /* family 0: a bare port */
	uint16_t port;
};

void socket_unit_init(struct socket_unit *u)
{
	*u = (struct socket_unit){.listens = VEC_OF(struct listen)};
}

void socket_unit_release(struct socket_unit *u)
{
	vec_release(&u->listens);
	str_release(&u->service);
	socket_unit_init(u);
}

/* 1 to 65535, decimal, octal (0) or hexadecimal (0x) as systemd reads it, and nothing
 * behind. */
static bool read_port(struct text t, uint16_t *out)
{
	char buffer[16], *end;
	unsigned long port;

	if (!t.len || t.len >= sizeof(buffer) || !strchr("+0123456789", t.bytes[0]))
		return false;
	memcpy(buffer, t.bytes, t.len);
	buffer[t.len] = '\0';
	port = strtoul(buffer, &end, 0);
	if (end != buffer + t.len || port < 1 || port > UINT16_MAX)
		return false;
	*out = (uint16_t)port;
	return true;
}

static bool read_address(struct text t, int family, struct addr *out)
{
	char buffer[ADDR_TEXT_MAX];
	struct addr a;

	if (!t.len || t.len >= sizeof(buffer) || memchr(t.bytes, '\0', t.len))
		return false;
	memcpy(buffer, t.bytes, t.len);
	buffer[t.len] = '\0';
	if (buffer[0] == '[' || addr_parse(&a, buffer) < 0 || a.family != family)
		return false;
	*out = a;
	return true;
}

/* "[ADDRESS]:PORT", a scope as "%eth0" behind either. */
static bool read_v6(struct text value, struct listen *out)
{
	struct text inside, address, port;

	if (!piece_next(&value, ']', &inside) || !piece_starts(value, ":"))
		return false;
	inside = piece_tail(inside, 1);
	value = piece_tail(value, 1);
	if (!piece_next(&inside, '%', &address) || !piece_next(&value, '%', &port))
		return false;
	return read_address(address, AF_INET6, &out->local) && read_port(port, &out->port);
}

/* Unix and vsock addresses, and what has a specifier in it, are no IP ports: false. */
static bool read_listen(struct text value, struct listen *out)
{
	struct text address;

	if (read_port(value, &out->port))
		return true;
	if (piece_starts(value, "["))
		return read_v6(value, out);
	if (!piece_next(&value, ':', &address))
		return false;
	return read_address(address, AF_INET, &out->local) && read_port(value, &out->port);
}

/* An empty value of any Listen...= clears them all. */
static int set_listen(struct socket_unit *u, struct text value, bool is_stream)
{
	struct listen listen = {.is_stream = is_stream}, *kept;

	if (!value.len) {
		vec_reset(&u->listens);
		return 0;
	}
	if (!read_listen(value, &listen))
		return 0;
	kept = vec_push(&u->listens);
	if (!kept)
		return -ENOMEM;
	*kept = listen;
	return 0;
}

static int set_stream(struct socket_unit *u, struct text value)
{
	return set_listen(u, value, true);
}

static int set_datagram(struct socket_unit *u, struct text value)
{
	return set_listen(u, value, false);
}

/* Declares no IP port; its empty value clears those of the others too. */
static int set_other_listen(struct socket_unit *u, struct text value)
{
	if (!value.len)
		vec_reset(&u->listens);
	return 0;
}

static int set_accept(struct socket_unit *u, struct text value)
{
	static const struct {
		const char *word;
		bool is_true;
	} words[] = {{"1", true},  {"yes", true},    {"y", true},  {"true", true},
		     {"t", true},  {"on", true},     {"0", false}, {"no", false},
		     {"n", false}, {"false", false}, {"f", false}, {"off", false}};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (value.len == strlen(words[i].word) &&
		    strncasecmp(value.bytes, words[i].word, value.len) == 0)
			u->accepts = words[i].is_true;
	}
	return 0;
}

static int set_service(struct socket_unit *u, struct text value)
{
	if (!piece_ends(value, ".service"))
		return 0;
	u->is_service_open = memchr(value.bytes, '%', value.len) != NULL;
	str_reset(&u->service);
	return str_append(&u->service, value.bytes, value.len);
}

static int set_bind_v6only(struct socket_unit *u, struct text value)
{
	if (text_equals_str(value, "ipv6-only"))
		u->is_v6only = true;
	else if (text_equals_str(value, "both") || text_equals_str(value, "default"))
		u->is_v6only = false;
	return 0;
}

static int set_protocol(struct socket_unit *u, struct text value)
{
	static const char *const words[] = {"", "udplite", "mptcp", "sctp"};

	for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (text_equals_str(value, words[i]))
			u->protocol = (enum socket_unit_protocol)i;
	}
	return 0;
}

static const struct {
	const char *key;
	int (*set)(struct socket_unit *u, struct text value);
} settings[] = {
	{"ListenStream", set_stream},
	{"ListenDatagram", set_datagram},
	{"ListenSequentialPacket", set_other_listen},
	{"ListenFIFO", set_other_listen},
	{"ListenSpecial", set_other_listen},
	{"ListenNetlink", set_other_listen},
	{"ListenMessageQueue", set_other_listen},
	{"ListenUSBFunction", set_other_listen},
	{"Accept", set_accept},
	{"Service", set_service},
	{"BindIPv6Only", set_bind_v6only},
	{"SocketProtocol", set_protocol},
};

int socket_unit_apply(struct socket_unit *u, struct text content)
{
	struct unit_file file;
	struct text key, value;
	int err;

	unit_file_open(&file, content, "Socket");
	while ((err = unit_file_next(&file, &key, &value)) > 0) {
		for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
			if (!text_equals_str(key, settings[i].key))
				continue;
			err = settings[i].set(u, value);
			break;
		}
		if (err < 0)
			break;
	}
	unit_file_close(&file);
	return err < 0 ? err : 0;
}

/* What the service manager would make of it; N_PROTOS: a socket that cannot be. */
static enum socket_proto protocol_of(const struct socket_unit *u, bool is_stream)
{
	switch (u->protocol) {
	case UNIT_PROTO_NONE:
		return is_stream ? PROTO_TCP : PROTO_UDP;
	case UNIT_PROTO_UDPLITE:
		return is_stream ? N_PROTOS : PROTO_UDPLITE;
	case UNIT_PROTO_MPTCP:
		return is_stream ? PROTO_MPTCP : N_PROTOS;
	case UNIT_PROTO_SCTP:
		break;
	}
	return N_PROTOS;
}

/* "ssh.socket" -> "ssh.service", with Accept=yes "ssh@.service". No text for want of
 * memory. */
static struct text default_service(struct text name, bool accepts, struct arena *arena)
{
	const char *suffix = accepts ? "@.service" : ".service";
	struct text stem = piece_head(name, name.len - strlen(SUFFIX));
	const char *at = accepts ? memchr(stem.bytes, '@', stem.len) : NULL;
	char *out;

	if (at)
		stem = piece_head(stem, (size_t)(at - stem.bytes));
	out = arena_alloc(arena, stem.len + strlen(suffix) + 1);
	if (!out)
		return TEXT_NONE;
	memcpy(out, stem.bytes, stem.len);
	memcpy(out + stem.len, suffix, strlen(suffix));
	return (struct text){out, stem.len + strlen(suffix)};
}

static int make_texts(const struct socket_unit *u, struct text name, struct arena *arena,
		      struct socket_unit_row *out)
{
	bool is_unknown = !u->accepts && u->is_service_open;
	struct text service = {u->service.data, u->service.len};

	out->unit = arena_text(arena, name);
	if (!is_unknown && u->service.len && !u->accepts)
		out->service = arena_text(arena, service);
	else if (!is_unknown)
		out->service = default_service(name, u->accepts, arena);
	if (!out->unit.len || (!is_unknown && !out->service.len))
		return -ENOMEM;
	return 0;
}

int socket_unit_rows(const struct socket_unit *u, struct text name, struct arena *arena,
		     struct vec *rows, size_t max_rows)
{
	static const uint8_t any_v6[16];
	struct socket_unit_row common = {0}, *row;

	if (!u->listens.n || piece_ends(name, "@" SUFFIX))
		return 0;
	if (make_texts(u, name, arena, &common) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < u->listens.n && rows->n < max_rows; i++) {
		const struct listen *listen = vec_at(&u->listens, i);
		enum socket_proto proto = protocol_of(u, listen->is_stream);

		if (proto == N_PROTOS)
			continue;
		row = vec_push(rows);
		if (!row)
			return -ENOMEM;
		*row = common;
		row->proto = proto;
		row->local = listen->local;
		row->port = listen->port;
		if (!row->local.family && u->is_v6only)
			row->local = addr_v6(any_v6);
	}
	return 0;
}
