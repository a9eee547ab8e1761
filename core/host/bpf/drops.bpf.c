/*
 * Runs in the kernel wherever it throws a packet away: tells reason and function where the
 * packet is one client's to one port, or its answer. Copies addresses, ports, flags and the
 * sequence number, nothing of what is carried. `make bpf` makes the header from it.
 */
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "core/host/bpf/drops.bpf.h"

#define WALKED __attribute__((preserve_access_index))

enum { RING_BYTES = DROP_RING_BYTES, IPV4 = 2, IPV6 = 10, TCP = 6, UDP = 17 };

struct ns_common {
	unsigned int inum;
} WALKED;

struct net {
	struct ns_common ns;
} WALKED;

typedef struct {
	struct net *net;
} possible_net_t;

struct net_device {
	int ifindex;
	possible_net_t nd_net;
} WALKED;

struct sock_common {
	possible_net_t skc_net;
} WALKED;

struct sock {
	struct sock_common __sk_common;
} WALKED;

struct sk_buff {
	struct net_device *dev;
	struct sock *sk;
	unsigned char *head;
	__u16 network_header;
} WALKED;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct drop_settings);
} settings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, __u64);
} lost SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_BYTES);
} events SEC(".maps");

char program_licence[] SEC("license") = "Dual MIT/GPL";

struct packet {
	__u8 source[16], target[16];
	__u16 source_port, target_port;
	__u8 family, proto, flags;
	__u32 sequence;
};

static int read_ports(struct packet *p, const unsigned char *at)
{
	__u8 bytes[14];

	if (p->proto != TCP && p->proto != UDP)
		return -1;
	if (bpf_probe_read_kernel(bytes, p->proto == TCP ? 14 : 4, at))
		return -1;
	p->source_port = bytes[0] << 8 | bytes[1];
	p->target_port = bytes[2] << 8 | bytes[3];
	if (p->proto != TCP)
		return 0;
	p->sequence = (__u32)bytes[4] << 24 | bytes[5] << 16 | bytes[6] << 8 | bytes[7];
	p->flags = bytes[13];
	return 0;
}

/* Later fragments have no ports; headers between IPv6 and TCP are not looked through. */
static int read_packet(struct packet *p, const unsigned char *at)
{
	__u8 ip[40];

	if (bpf_probe_read_kernel(ip, 20, at))
		return -1;
	if (ip[0] >> 4 == 4) {
		if ((ip[6] & 0x1f) || ip[7])
			return -1;
		p->family = IPV4;
		p->proto = ip[9];
		__builtin_memcpy(p->source, ip + 12, 4);
		__builtin_memcpy(p->target, ip + 16, 4);
		return read_ports(p, at + (ip[0] & 15) * 4);
	}
	if (ip[0] >> 4 != 6 || bpf_probe_read_kernel(ip, sizeof(ip), at))
		return -1;
	p->family = IPV6;
	p->proto = ip[6];
	__builtin_memcpy(p->source, ip + 8, 16);
	__builtin_memcpy(p->target, ip + 24, 16);
	return read_ports(p, at + sizeof(ip));
}

static int is_address(const __u8 *a, const __u8 *b)
{
	const __u64 *x = (const void *)a, *y = (const void *)b;

	return x[0] == y[0] && x[1] == y[1];
}

static int is_port(const struct drop_settings *s, __u16 port)
{
	return port && (port == s->ports[0] || port == s->ports[1]);
}

static int is_wanted(const struct drop_settings *s, const struct packet *p)
{
	__u8 client[16] __attribute__((aligned(8)));

	if (p->proto != s->proto || (s->family && p->family != s->family))
		return 0;
	__builtin_memcpy(client, s->client, sizeof(client));
	if (is_port(s, p->target_port))
		return !s->family || is_address(p->source, client);
	return is_port(s, p->source_port) && (!s->family || is_address(p->target, client));
}

static __u32 netns_of(struct sk_buff *skb, struct net_device *dev)
{
	struct sock *sk;

	if (dev)
		return BPF_CORE_READ(dev, nd_net.net, ns.inum);
	sk = BPF_CORE_READ(skb, sk);
	return sk ? BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum) : 0;
}

static void tell(const struct packet *p, struct net_device *dev, __u32 netns, __u32 reason,
		 __u64 location)
{
	struct drop_event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	__u64 *n;
	__u32 key = 0;

	if (!e) {
		n = bpf_map_lookup_elem(&lost, &key);
		if (n)
			__sync_fetch_and_add(n, 1);
		return;
	}
	e->time_ns = bpf_ktime_get_ns();
	e->reason = reason;
	e->ifindex = dev ? BPF_CORE_READ(dev, ifindex) : 0;
	__builtin_memcpy(e->source, p->source, sizeof(e->source));
	__builtin_memcpy(e->target, p->target, sizeof(e->target));
	e->source_port = p->source_port;
	e->target_port = p->target_port;
	e->family = p->family;
	e->proto = p->proto;
	e->flags = p->flags;
	e->zero = 0;
	e->sequence = p->sequence;
	e->netns = netns;
	BPF_SNPRINTF(e->function, sizeof(e->function), "%ps", location);
	bpf_ringbuf_submit(e, 0);
}

SEC("raw_tp/kfree_skb")
int watch_drop(struct bpf_raw_tracepoint_args *context)
{
	struct sk_buff *skb = (void *)context->args[0];
	__u64 location = context->args[1], reason = context->args[2];
	struct packet p __attribute__((aligned(8))) = {};
	struct drop_settings *s;
	struct net_device *dev;
	__u32 key = 0, netns;

	s = bpf_map_lookup_elem(&settings, &key);
	if (!s || !s->proto)
		return 0;
	if (read_packet(&p,
			BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, network_header)) ||
	    !is_wanted(s, &p))
		return 0;
	dev = BPF_CORE_READ(skb, dev);
	netns = netns_of(skb, dev);
	if (!netns || netns == s->netns)
		tell(&p, dev, netns, (__u32)reason, location);
	return 0;
}
