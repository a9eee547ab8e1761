/*
 * A host name to addresses, as this host's programs find them (getaddrinfo(3)), and beside
 * it what each source says. Other people's libraries and strangers' packets are read in
 * processes without rights.
 */
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"
#include "core/host/read/apart.h"
#include "core/host/read/evidence.h"
#include "core/host/read/name_ask.h"

#define PATIENCE_NS (2600 * NS_PER_MS) /* less than the request's own */

static int error_of(int code)
{
	switch (code) {
	case EAI_NONAME:
	case EAI_NODATA:
	case EAI_ADDRFAMILY:
		return ENOENT;
	case EAI_AGAIN:
		return EAGAIN;
	case EAI_MEMORY:
		return ENOMEM;
	case EAI_SYSTEM:
		return errno ? errno : EIO;
	default:
		return EIO;
	}
}

/* No cast of what the resolver gave: copied by its family. */
static struct addr addr_of(const struct addrinfo *info)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (info->ai_family == AF_INET && info->ai_addrlen >= sizeof(v4)) {
		memcpy(&v4, info->ai_addr, sizeof(v4));
		return addr_v4(&v4.sin_addr);
	}
	if (info->ai_family == AF_INET6 && info->ai_addrlen >= sizeof(v6)) {
		memcpy(&v6, info->ai_addr, sizeof(v6));
		return addr_v6(&v6.sin6_addr);
	}
	return (struct addr){0};
}

void name_put(FILE *f, const char *item, const void *data, size_t len, int error)
{
	struct bundle_item it = {{item, strlen(item)}, {data, len}, error};
	uint8_t bytes[2048];
	long n = bundle_put(bytes, sizeof(bytes), &it);

	if (n > 0)
		fwrite(bytes, (size_t)n, 1, f);
}

static void put_addresses(FILE *f, const struct addrinfo *found)
{
	for (const struct addrinfo *i = found; i; i = i->ai_next) {
		struct addr address = addr_of(i);
		char text[ADDR_TEXT_MAX];

		addr_format(&address, text);
		if (text[0])
			name_put(f, "address", text, strlen(text), 0);
	}
}

static void ask_resolver(const void *arg, int out_fd)
{
	/* One type of socket, or each address would come once for each. */
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
	int64_t start_ns = host_now_ns();
	FILE *f = fdopen(out_fd, "w");
	char took[32];
	int code, error;

	if (!f)
		return;
	errno = 0;
	code = getaddrinfo(arg, NULL, &hints, &found);
	error = code ? error_of(code) : 0;
	snprintf(took, sizeof(took), "%" PRId64, host_now_ns() - start_ns);
	name_put(f, "took", took, strlen(took), 0);
	if (code) {
		name_put(f, "address", NULL, 0, error);
	} else {
		put_addresses(f, found);
		freeaddrinfo(found);
	}
	fclose(f);
}

static void ask_sources(const void *arg, int out_fd)
{
	FILE *f = fdopen(out_fd, "w");

	if (!f)
		return;
	name_ask_sources(f, arg);
	fclose(f);
}

/* An address asks nobody. */
static bool is_address(const char *name)
{
	struct addr a;

	return addr_parse(&a, name) == 0;
}

/* What came whole of it; *n: how many items. */
static void pass_on(const uint8_t *bytes, size_t len, struct bundle_out *out, unsigned *n)
{
	struct bundle_reader reader;
	struct bundle_item item;

	bundle_read(&reader, bytes, len);
	while (bundle_next(&reader, &item) == 1) {
		char name[512];

		snprintf(name, sizeof(name), "%.*s", (int)item.name.len, item.name.bytes);
		bundle_out_item(out, name, item.data.bytes, item.data.len, item.error);
		(*n)++;
	}
}

static void collect(struct apart *a, int64_t until_ns, struct bundle_out *out,
		    const char *otherwise)
{
	static uint8_t told[APART_BYTES_MAX];
	unsigned n = 0;
	size_t len = 0;
	int error = a->pid ? apart_finish(a, until_ns, told, sizeof(told), &len) : -EAGAIN;

	pass_on(told, len, out, &n);
	if (!n && otherwise)
		bundle_out_item(out, otherwise, NULL, 0, error ? -error : EIO);
}

int name_lookup_read(const struct name_ask *ask, struct bundle_out *out)
{
	int64_t until_ns = host_now_ns() + PATIENCE_NS;
	struct apart resolver = {0}, sources = {0};
	int error = apart_start(&resolver, ask_resolver, ask->name);

	if (error)
		return error;
	if (!is_address(ask->name) && apart_start(&sources, ask_sources, ask->name))
		sources.pid = 0;
	collect(&resolver, until_ns, out, "address");
	if (sources.pid)
		collect(&sources, until_ns, out, NULL);
	return out->error;
}
