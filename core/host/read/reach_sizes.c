/*
 * Packets of many sizes that may not be fragmented, to one address: echo requests, as hosts
 * answer these whatever they serve. icmp(7), ip(7) IP_MTU_DISCOVER. Tells what came back,
 * and who said that one is too big.
 */
#include "core/host/read/reach.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"
#include "core/host/kernel/error_queue.h"

#define ROUND_NS (400 * NS_PER_MS)
enum {
	SIZES_MAX = 16,
	ROUNDS = 3,
	TRIES = 2,
	ECHO_HEAD = 8,
	V4_HEAD = 20,
	V6_HEAD = 40,
	PACKET_MAX = 9216,
};

struct sweep {
	struct addr to;
	int fd;
	bool is_raw;
	uint16_t id; /* of a raw socket */
	size_t head; /* bytes of IP and echo before what is sent */
	uint32_t sizes[SIZES_MAX];
	bool is_back[SIZES_MAX];
	size_t n;
	uint16_t first; /* sequence number of sizes[0] */
	uint32_t told;
	struct addr sender;
};

/* Ping sockets need no right where the group may (ping_group_range); else a raw one. */
static int open_socket(struct sweep *s)
{
	bool is_v4 = s->to.family == AF_INET;
	int proto = is_v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	int probe = is_v4 ? IP_PMTUDISC_PROBE : IPV6_PMTUDISC_PROBE;

	s->fd = socket(s->to.family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, proto);
	if (s->fd < 0) {
		s->is_raw = true;
		s->fd = socket(s->to.family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			       proto);
	}
	if (s->fd < 0)
		return -errno;
	s->id = (uint16_t)getpid();
	s->head = ECHO_HEAD + (is_v4 ? V4_HEAD : V6_HEAD);
	setsockopt(s->fd, is_v4 ? IPPROTO_IP : IPPROTO_IPV6,
		   is_v4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, &probe, sizeof(probe));
	error_queue_open(s->fd, s->to.family);
	return 0;
}

/* RFC 1071; of IPv6 the kernel makes it. */
static uint16_t checksum(const uint8_t *bytes, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put_be16(uint8_t *out, unsigned value)
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
}

static void send_one(const struct sweep *s, size_t at)
{
	static uint8_t packet[PACKET_MAX];
	size_t len = s->sizes[at] - s->head + ECHO_HEAD;
	struct sockaddr_storage to = {0};
	socklen_t to_len = reach_sockaddr(&to, &s->to, 0);

	if (len > sizeof(packet))
		return;
	memset(packet, 0, len);
	packet[0] = s->to.family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
	put_be16(packet + 4, s->id);
	put_be16(packet + 6, s->first + (unsigned)at);
	if (s->to.family == AF_INET)
		put_be16(packet + 2, checksum(packet, len));
	/* One that is refused here (EMSGSIZE) does not come back: that is told. */
	if (sendto(s->fd, packet, len, 0, (struct sockaddr *)&to, to_len) < 0)
		return;
}

static void take_reply(struct sweep *s)
{
	uint8_t bytes[128] = {0};
	ssize_t got = recv(s->fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_TRUNC);
	size_t skip = s->is_raw && s->to.family == AF_INET ? (bytes[0] & 15u) * 4 : 0;
	const uint8_t *icmp = bytes + skip;
	unsigned at;

	if (got < (ssize_t)(skip + ECHO_HEAD) ||
	    icmp[0] != (s->to.family == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY))
		return;
	if (s->is_raw && (unsigned)(icmp[4] << 8 | icmp[5]) != s->id)
		return;
	at = (unsigned)(icmp[6] << 8 | icmp[7]) - s->first;
	if (at < s->n)
		s->is_back[at] = true;
}

/* "Too big": the size that fits, and who says so. */
static void take_errors(struct sweep *s)
{
	struct told_error e;

	while (error_queue_next(s->fd, &e)) {
		if (e.error != EMSGSIZE)
			continue;
		s->told = e.info;
		s->sender = e.from;
	}
}

static bool are_back(const struct sweep *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!s->is_back[i])
			return false;
	return true;
}

static void listen_for(struct sweep *s)
{
	int64_t until_ns = host_now_ns() + ROUND_NS, left_ns = ROUND_NS;
	struct pollfd p = {.fd = s->fd, .events = POLLIN};

	while (!are_back(s) && left_ns > 0 &&
	       poll(&p, 1, (int)(left_ns / NS_PER_MS) + 1) > 0) {
		if (p.revents & POLLERR)
			take_errors(s);
		if (p.revents & POLLIN)
			take_reply(s);
		left_ns = until_ns - host_now_ns();
	}
}

/* What is lost once is sent again: one loss is no wall. */
static void send_all(struct sweep *s)
{
	memset(s->is_back, 0, sizeof(s->is_back));
	for (int i = 0; i < TRIES && !are_back(s); i++) {
		for (size_t k = 0; k < s->n; k++)
			if (!s->is_back[k])
				send_one(s, k);
		listen_for(s);
	}
	s->first = (uint16_t)(s->first + SIZES_MAX);
}

/* Evenly from low to high, both of them. */
static void choose_sizes(struct sweep *s, uint32_t low, uint32_t high)
{
	s->n = high - low < SIZES_MAX ? high - low + 1 : SIZES_MAX;
	for (size_t i = 0; i < s->n; i++)
		s->sizes[i] =
			s->n == 1 ? low : low + (uint32_t)((high - low) * i / (s->n - 1));
}

/* The largest that came back; none: 0. *next: the smallest above it that did not. */
static uint32_t largest_back(const struct sweep *s, uint32_t *next)
{
	uint32_t found = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->is_back[i])
			found = s->sizes[i];
	for (size_t i = s->n; i-- > 0;)
		if (s->sizes[i] > found)
			*next = s->sizes[i];
	return found;
}

static uint32_t size_of(int fd, const char *device)
{
	struct ifreq ask = {0};

	snprintf(ask.ifr_name, sizeof(ask.ifr_name), "%s", device);
	return ioctl(fd, SIOCGIFMTU, &ask) || ask.ifr_mtu < 0 ? 0 : (uint32_t)ask.ifr_mtu;
}

/* Of the interface that has our address: what was learnt of the way does not count. */
static uint32_t device_size(const struct reach_try *t)
{
	struct sockaddr_storage own = {0};
	socklen_t len = sizeof(own);
	struct ifaddrs *all = NULL;
	uint32_t size = 0;
	struct addr from;

	if (getsockname(t->fd, (struct sockaddr *)&own, &len) || getifaddrs(&all))
		return 0;
	from = reach_addr(&own);
	for (const struct ifaddrs *i = all; i && !size; i = i->ifa_next) {
		struct sockaddr_storage it = {0};
		struct addr a;

		if (!i->ifa_addr || (i->ifa_addr->sa_family != AF_INET &&
				     i->ifa_addr->sa_family != AF_INET6))
			continue;
		memcpy(&it, i->ifa_addr,
		       i->ifa_addr->sa_family == AF_INET ? sizeof(struct sockaddr_in)
							 : sizeof(struct sockaddr_in6));
		a = reach_addr(&it);
		if (addr_equals(&a, &from))
			size = size_of(t->fd, i->ifa_name);
	}
	freeifaddrs(all);
	return size > PACKET_MAX ? PACKET_MAX : size;
}

void reach_sizes(const struct reach_try *t, size_t at, struct bundle_out *out)
{
	struct sweep s = {.to = t->to, .first = 1};
	uint32_t low = t->to.family == AF_INET ? 576 : 1280, device, largest = 0, next = 0;
	char name[16], line[160], text[ADDR_TEXT_MAX];
	int error = open_socket(&s), n;

	snprintf(name, sizeof(name), "sizes/%zu", at);
	if (error) {
		bundle_out_item(out, name, NULL, 0, -error);
		return;
	}
	device = device_size(t);
	next = device + 1;
	for (int i = 0; device >= low && i < ROUNDS && next > largest + 1; i++) {
		choose_sizes(&s, largest ? largest : low, next - 1);
		send_all(&s);
		largest = largest_back(&s, &next);
		if (!largest)
			break;
	}
	n = snprintf(line, sizeof(line), "device=%u smallest=%u largest=%u", device,
		     largest ? low : 0, largest);
	if (s.told)
		n += snprintf(line + n, sizeof(line) - (size_t)n, " told=%u sender=%s",
			      s.told, addr_format(&s.sender, text));
	bundle_out_item(out, name, line, (size_t)n, 0);
	close(s.fd);
}
