/* A host name to addresses, as this host's programs find them. getaddrinfo(3). */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "core/host/read/evidence.h"

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

int name_lookup_read(const struct name_ask *ask, struct bundle_out *out)
{
	/* One type of socket, or each address would come once for each. */
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
	int code;

	errno = 0;
	code = getaddrinfo(ask->name, NULL, &hints, &found);
	if (code)
		return bundle_out_item(out, "address", NULL, 0, error_of(code));
	for (const struct addrinfo *i = found; i; i = i->ai_next) {
		struct addr address = addr_of(i);
		char text[ADDR_TEXT_MAX];

		addr_format(&address, text);
		if (text[0])
			bundle_out_item(out, "address", text, strlen(text), 0);
	}
	freeaddrinfo(found);
	return out->error;
}
