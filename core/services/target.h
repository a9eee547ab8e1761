/*
 * What people paste to name a port: "443", "443/udp", "https", "dns", "web1:443",
 * "[2001:db8::1]:443", "10.0.0.5:53/udp", "https://web1/x". Pure: resolves no name.
 */
#ifndef CORE_SERVICES_TARGET_H
#define CORE_SERVICES_TARGET_H

#include "core/base/addr.h"
#include "core/services/names.h"

enum { TARGET_PORTS_MAX = 8, TARGET_HOST_MAX = 254, TARGET_ERROR_MAX = 200 };

struct target_port {
	uint8_t proto; /* IPPROTO_TCP, IPPROTO_UDP */
	uint16_t port;
};

struct target {
	char host[TARGET_HOST_MAX]; /* as written, without brackets; "": none was named */
	struct addr address;        /* if the host is an address; else none */
	char service[32];           /* the word that gave the ports; "": a number did */
	struct target_port ports[TARGET_PORTS_MAX];
	size_t n_ports; /* at least 1 */
};

/*
 * names (NULL: none) is asked for services that are not known here; a service that needs
 * several ports gives them all, a number without "/udp" is TCP. 0, or -EINVAL with one
 * sentence that quotes the word; then *out is untouched.
 */
int target_parse(struct target *out, const char *word, const struct port_name_table *names,
		 char error[TARGET_ERROR_MAX]);

#endif
