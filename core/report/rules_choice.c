/* The box of all packets to a port, and the rules that meet it. */
#include "core/report/rules_choice.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "core/firewall/box/reach.h"

static struct box packets_to(uint8_t proto, uint16_t port, const struct addr *address)
{
	uint8_t bytes[2] = {(uint8_t)(port >> 8), (uint8_t)port};
	struct box b = box_all(BOX_V4 | BOX_V6);

	b.fields[BOX_PROTO] = box_value(&proto, 1);
	b.fields[BOX_PORT] = box_value(bytes, 2);
	if (address->family) {
		b.families = address->family == AF_INET6 ? BOX_V6 : BOX_V4;
		b.fields[BOX_DESTINATION] =
			box_value(address->bytes, address->family == AF_INET6 ? 16 : 4);
	}
	return b;
}

int rules_choose(const struct ruleset *r, uint8_t proto, uint16_t port,
		 const struct addr *address, bool *wanted)
{
	struct box b = packets_to(proto, port, address);
	bool *met = calloc(r->n_rules + 1, sizeof(*met));
	int error = met ? reach_rules(r, &b, met) : -ENOMEM;

	for (size_t i = 0; !error && i < r->n_rules; i++)
		wanted[i] |= met[i];
	free(met);
	return error;
}
