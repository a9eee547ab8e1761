/* The ports that rules of translation name, one by one. For published.c. Pure. */
#ifndef CORE_PATH_PUBLISHED_PORTS_H
#define CORE_PATH_PUBLISHED_PORTS_H

#include "core/base/vec.h"
#include "core/firewall/ruleset.h"

enum { PUBLISHED_PORTS_MAX = 512 };

struct published_port {
	uint8_t proto; /* IPPROTO_TCP, IPPROTO_UDP */
	uint16_t port;
};

/*
 * Appends each once (struct published_port) that a rule may be about which a packet can
 * come to that enters: in the chains of nat at prerouting and in those that they lead to,
 * whatever the rule does. *is_cut: not all of them. 0 or -ENOMEM.
 */
int published_ports(const struct ruleset *rules, struct vec *out, bool *is_cut);

#endif
