/*
 * One program, written forwards, with its jumps to the ends filled in last. Offsets are
 * from the network header (SKF_NET_OFF), so that one program serves Ethernet, cooked and
 * raw devices. Opens no socket.
 */
#include "capture/link_filter.h"

#include <netinet/in.h>
#include <string.h>

enum { ARP = 0x0806, IPV4 = 0x0800, IPV6 = 0x86dd, SYN_OR_RST = 6 };
enum { ND_SOLICIT = 135, ND_ADVERTISE = 136, IPV6_HEAD = 40 };

/* Marks of jumps that are filled in; no jump of the program is so long. */
enum { TO_PASS = 250, TO_REFUSE = 251 };

struct program {
	struct sock_filter *at;
	size_t n;
};

static void put(struct program *p, uint16_t code, uint32_t k)
{
	p->at[p->n++] = (struct sock_filter){.code = code, .k = k};
}

static void put_jump(struct program *p, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	p->at[p->n++] = (struct sock_filter){code, yes, no, k};
}

static uint32_t net(uint32_t offset)
{
	return (uint32_t)SKF_NET_OFF + offset;
}

static void put_load(struct program *p, uint16_t size, uint32_t offset)
{
	put(p, (uint16_t)(BPF_LD | BPF_ABS | size), net(offset));
}

static void if_equals(struct program *p, uint32_t k, uint8_t yes, uint8_t no)
{
	put_jump(p, BPF_JMP | BPF_JEQ | BPF_K, k, yes, no);
}

/* The jump at `from` leads to what comes next. */
static void land(struct program *p, size_t from)
{
	p->at[from].k = (uint32_t)(p->n - from - 1);
}

static size_t put_far_jump(struct program *p)
{
	put(p, BPF_JMP | BPF_JA, 0);
	return p->n - 1;
}

static uint32_t word_of(const struct addr *a, unsigned i)
{
	const uint8_t *at = a->bytes + 4 * i;

	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Source at `offset` or target behind it is the client; else it is refused. */
static void put_client(struct program *p, const struct addr *client, uint32_t offset,
		       unsigned n_words)
{
	for (unsigned i = 0; i < n_words; i++) {
		uint8_t rest = (uint8_t)((n_words - i - 1) * 2 + 1);

		put_load(p, BPF_W, offset + 4 * i);
		if_equals(p, word_of(client, i), 0, rest);
	}
	/* Past the second comparison. */
	put_jump(p, BPF_JMP | BPF_JA, 2 * n_words, 0, 0);
	for (unsigned i = 0; i < n_words; i++) {
		put_load(p, BPF_W, offset + 4 * (n_words + i));
		if_equals(p, word_of(client, i), 0, TO_REFUSE);
	}
}

/* X is the length of the IP header, the accumulator its protocol. */
static void put_protocol(struct program *p)
{
	if_equals(p, IPPROTO_UDP, 3, 0);
	if_equals(p, IPPROTO_TCP, 0, TO_REFUSE);
	put(p, BPF_LD | BPF_IND | BPF_B, net(13));
	put_jump(p, BPF_JMP | BPF_JSET | BPF_K, SYN_OR_RST, 0, TO_REFUSE);
}

static void put_ports(struct program *p, const struct capture_plan *plan)
{
	for (uint32_t end = 0; end < 2; end++) {
		put(p, BPF_LD | BPF_IND | BPF_H, net(2 * end));
		for (unsigned i = 0; i < plan->n_ports; i++)
			if_equals(p, plan->ports[i], TO_PASS, 0);
	}
	put(p, BPF_RET | BPF_K, 0);
}

static void put_ipv4(struct program *p, const struct capture_plan *plan)
{
	put_load(p, BPF_H, 6);
	put_jump(p, BPF_JMP | BPF_JSET | BPF_K, 0x1fff, TO_REFUSE, 0);
	if (plan->client.family == AF_INET)
		put_client(p, &plan->client, 12, 1);
	/* An address of the other family is nobody's here. */
	else if (plan->client.family)
		put(p, BPF_RET | BPF_K, 0);
	put(p, BPF_LDX | BPF_B | BPF_MSH, net(0));
	put_load(p, BPF_B, 9);
}

static void put_ipv6(struct program *p, const struct capture_plan *plan)
{
	put_load(p, BPF_B, 6);
	if_equals(p, IPPROTO_ICMPV6, 0, 3);
	put_load(p, BPF_B, IPV6_HEAD);
	if_equals(p, ND_SOLICIT, TO_PASS, 0);
	if_equals(p, ND_ADVERTISE, TO_PASS, TO_REFUSE);
	if (plan->client.family == AF_INET6)
		put_client(p, &plan->client, 8, 4);
	else if (plan->client.family)
		put(p, BPF_RET | BPF_K, 0);
	put(p, BPF_LDX | BPF_IMM, IPV6_HEAD);
	put_load(p, BPF_B, 6);
}

static uint8_t distance(uint8_t mark, size_t from, size_t refuse)
{
	size_t to = mark == TO_PASS ? refuse + 1 : refuse;

	return mark == TO_PASS || mark == TO_REFUSE ? (uint8_t)(to - from - 1) : mark;
}

/* The two ends, and the jumps to them. */
static void finish(struct program *p)
{
	size_t refuse = p->n;

	put(p, BPF_RET | BPF_K, 0);
	put(p, BPF_RET | BPF_K, LINK_FILTER_BYTES);
	for (size_t i = 0; i < refuse; i++) {
		struct sock_filter *f = &p->at[i];

		if (BPF_CLASS(f->code) != BPF_JMP || BPF_OP(f->code) == BPF_JA)
			continue;
		f->jt = distance(f->jt, i, refuse);
		f->jf = distance(f->jf, i, refuse);
	}
}

size_t link_filter_make(struct sock_filter *out, const struct capture_plan *plan)
{
	struct program p = {.at = out};
	size_t to_v6, to_transport;

	put(&p, BPF_LD | BPF_ABS | BPF_H, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL));
	if_equals(&p, ARP, TO_PASS, 0);
	if_equals(&p, IPV4, 2, 0);
	if_equals(&p, IPV6, 0, TO_REFUSE);
	to_v6 = put_far_jump(&p);
	put_ipv4(&p, plan);
	to_transport = put_far_jump(&p);
	land(&p, to_v6);
	put_ipv6(&p, plan);
	land(&p, to_transport);
	put_protocol(&p);
	put_ports(&p, plan);
	finish(&p);
	return p.n;
}
