/* How a target is tried from this host: which addresses, how long, what is said. */
#include "tui/command/client_run.h"

#include <netinet/in.h>
#include <string.h>

enum { WAIT_S = 5 };

static bool is_among(uint16_t port, const uint16_t *ports, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ports[i] == port)
			return true;
	return false;
}

/* Where the client speaks first, and how: IANA's names of these ports. */
static enum reach_talk talk_of_stream(const struct target *target, uint16_t port)
{
	static const uint16_t tls[] = {443, 465, 563, 636,  853,  989,  990,
				       992, 993, 995, 5061, 6443, 6697, 8443};
	static const uint16_t http[] = {80, 591, 3000, 5000, 8000, 8008, 8080, 8888, 9090};

	if (!strcmp(target->service, "https"))
		return REACH_TALK_TLS;
	if (!strcmp(target->service, "http"))
		return REACH_TALK_HTTP;
	if (is_among(port, tls, sizeof(tls) / sizeof(*tls)))
		return REACH_TALK_TLS;
	return is_among(port, http, sizeof(http) / sizeof(*http)) ? REACH_TALK_HTTP
								  : REACH_TALK_LISTEN;
}

/* Of the others nobody knows what they answer: an empty one is taken by all. */
static enum reach_talk talk_of_datagram(uint16_t port)
{
	enum { DNS = 53, NTP = 123, MULTICAST_DNS = 5353 };

	if (port == DNS || port == MULTICAST_DNS)
		return REACH_TALK_DNS;
	return port == NTP ? REACH_TALK_NTP : REACH_TALK_EMPTY;
}

static bool is_host_name(const char *name)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._";

	return name[strspn(name, chars)] == '\0';
}

void client_run_name(struct run_options *o, const struct target *target)
{
	if (target->address.family || !is_host_name(target->host))
		return;
	o->target.name = text_of(target->host);
	memcpy(o->name, target->host, sizeof(o->name));
}

void client_run_options(struct run_options *o, const struct cli *cli,
			const struct target *target, const struct target_port *port)
{
	int64_t timeout_ms = (cli->wait_s ? cli->wait_s : WAIT_S) * 1000;
	struct addr address = addr_unmapped(&target->address);
	bool is_udp = port->proto == IPPROTO_UDP;

	o->is_client_side = true;
	o->target.role = AIM_CLIENT;
	o->family = cli->family;
	o->reach = (struct reach_ask){
		.proto = is_udp ? IPPROTO_UDP : IPPROTO_TCP,
		.port = port->port,
		.talk = (uint8_t)(is_udp ? talk_of_datagram(port->port)
					 : talk_of_stream(target, port->port)),
		.sweeps = cli->sweeps && !is_udp};
	o->reach.timeout_ms = timeout_ms > REACH_TIMEOUT_MAX_MS ? REACH_TIMEOUT_MAX_MS
								: (uint32_t)timeout_ms;
	if (address.family)
		o->reach.addresses[o->reach.n++] = address;
	client_run_name(o, target);
	memcpy(o->reach.name, o->name, sizeof(o->reach.name));
	if (cli->expect)
		(void)addr_parse(&o->expected, cli->expect); /* its words were checked */
}
