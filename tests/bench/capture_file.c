/*
 * A capture file for measuring, the same for the same arguments: 4096 flows at a time,
 * interleaved, a fifth of them IPv6. Three packets of five are of handshakes that begin in
 * the file: answered 60, refused 15, rejected by ICMP 5, silent 20 %. The others are noise:
 * conversations from before, and some datagrams. Packets are 10 us apart.
 *
 *     capture_file PACKETS >FILE
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_FLOWS = 4096, SNAPLEN = 128, STEP_US = 10, START_S = 1700000000 };
enum { FIN = 1, SYN = 2, RST = 4, PUSH = 8, ACK = 16 };
enum { TCP = 6, UDP = 17, ICMP = 1, ICMPV6 = 58 };
enum kind { ANSWERED, REFUSED, REJECTED, SILENT, N_KINDS };

struct flow {
	uint32_t number; /* of all; its ends are made of it */
	enum kind kind;
	unsigned step; /* packets sent */
};

struct segment {
	bool is_from_server;
	uint8_t flags;
	uint8_t payload;
	uint32_t sequence, acknowledged;
};

struct maker {
	uint64_t random;
	uint64_t at_us;
	uint32_t n_started;
	uint64_t n_made[N_KINDS];
	struct flow flows[N_FLOWS];
};

/* splitmix64 */
static uint64_t draw(struct maker *m)
{
	uint64_t z = m->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static bool is_v6(uint32_t number)
{
	return number % 5 == 0;
}

static void put_end(uint8_t *at, uint32_t number, bool is_server)
{
	static const uint8_t prefix[8] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 1};
	uint32_t v4 = is_server ? 0xc0a80000U + number % 16 : 0x0a000000U + number;

	if (!is_v6(number)) {
		put32(at, v4);
		return;
	}
	memcpy(at, prefix, sizeof(prefix));
	memset(at + 8, 0, 4);
	put32(at + 12, v4);
}

static unsigned ip_head_len(uint32_t number)
{
	return is_v6(number) ? 40 : 20;
}

/* Returns its length. */
static unsigned put_ip(uint8_t *at, uint32_t number, bool is_from_server, uint8_t proto,
		       unsigned len)
{
	unsigned n = is_v6(number) ? 16 : 4, ends = is_v6(number) ? 8 : 12;

	memset(at, 0, ip_head_len(number));
	at[0] = is_v6(number) ? 0x60 : 0x45;
	if (is_v6(number)) {
		put16(at + 4, len);
		at[6] = proto;
		at[7] = 64;
	} else {
		put16(at + 2, len + 20);
		at[8] = 64;
		at[9] = proto;
	}
	put_end(at + ends, number, is_from_server);
	put_end(at + ends + n, number, !is_from_server);
	return ip_head_len(number);
}

static void put_ports(uint8_t *at, uint32_t number, bool is_from_server, unsigned service)
{
	unsigned client = 20000 + number % 40000;

	put16(at, is_from_server ? service : client);
	put16(at + 2, is_from_server ? client : service);
}

/* A SYN has the four options of Linux. Returns the length with IP. */
static unsigned put_tcp(uint8_t *at, uint32_t number, unsigned service,
			const struct segment *s)
{
	static const uint8_t syn_options[20] = {2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0,
						0, 1, 0, 0,    0, 0, 1, 3,  3, 7};
	static const uint8_t options[12] = {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2};
	unsigned n_options = s->flags & SYN   ? sizeof(syn_options)
			     : s->flags & RST ? 0
					      : sizeof(options);
	unsigned len = 20 + n_options + s->payload;
	uint8_t *head = at + put_ip(at, number, s->is_from_server, TCP, len);

	memset(head, 0, len);
	put_ports(head, number, s->is_from_server, service);
	put32(head + 4, s->sequence);
	put32(head + 8, s->acknowledged);
	head[12] = (uint8_t)((20 + n_options) / 4 << 4);
	head[13] = s->flags;
	put16(head + 14, 64240);
	memcpy(head + 20, s->flags & SYN ? syn_options : options, n_options);
	return ip_head_len(number) + len;
}

static unsigned put_udp(uint8_t *at, uint32_t number, bool is_from_server)
{
	unsigned len = 8 + 40;
	uint8_t *head = at + put_ip(at, number, is_from_server, UDP, len);

	memset(head, 0x55, len);
	put_ports(head, number, is_from_server, 53);
	put16(head + 4, len);
	return ip_head_len(number) + len;
}

/* Prohibited by an administrator, quoting the whole SYN. */
static unsigned put_icmp(uint8_t *at, uint32_t number, unsigned service,
			 const struct segment *syn)
{
	unsigned quoted = put_tcp(at + ip_head_len(number) + 8, number, service, syn);
	uint8_t *head =
		at + put_ip(at, number, true, is_v6(number) ? ICMPV6 : ICMP, quoted + 8);

	memset(head, 0, 8);
	head[0] = is_v6(number) ? 1 : 3;
	head[1] = is_v6(number) ? 1 : 13;
	return ip_head_len(number) + 8 + quoted;
}

/* In the byte order of nearly every machine: least first. */
static void write_number(uint32_t value, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		putchar_unlocked((int)(value >> 8 * i & 0xff));
}

static void write_file_head(void)
{
	write_number(0xa1b2c3d4, 4);
	write_number(2, 2);
	write_number(4, 2);
	write_number(0, 4);
	write_number(0, 4);
	write_number(SNAPLEN, 4);
	write_number(1, 4);
}

/* frame: 14 bytes of room, then the packet. */
static void write_frame(struct maker *m, uint8_t *frame, uint32_t number,
			bool is_from_server, unsigned len)
{
	uint32_t kept = len + 14 < SNAPLEN ? len + 14 : SNAPLEN;

	memset(frame, 2, 12);
	frame[is_from_server ? 0 : 6] = 6;
	put16(frame + 12, is_v6(number) ? 0x86dd : 0x0800);
	write_number((uint32_t)(START_S + m->at_us / 1000000), 4);
	write_number((uint32_t)(m->at_us % 1000000), 4);
	write_number(kept, 4);
	write_number(len + 14, 4);
	fwrite(frame, 1, kept, stdout);
	m->at_us += STEP_US;
}

static void begin_flow(struct maker *m, struct flow *f)
{
	uint64_t percent = draw(m) % 100;

	f->number = m->n_started++;
	f->step = 0;
	f->kind = percent < 60   ? ANSWERED
		  : percent < 75 ? REFUSED
		  : percent < 80 ? REJECTED
				 : SILENT;
}

static void write_handshake(struct maker *m)
{
	enum { C = 1000, S = 5000 };
	static const struct segment steps[N_KINDS][7] = {
		[ANSWERED] = {{false, SYN, 0, C, 0},
			      {true, SYN | ACK, 0, S, C + 1},
			      {false, ACK, 0, C + 1, S + 1},
			      {false, ACK | PUSH, 100, C + 1, S + 1},
			      {true, ACK | PUSH, 200, S + 1, C + 101},
			      {false, ACK | FIN, 0, C + 101, S + 201}},
		[REFUSED] = {{false, SYN, 0, C, 0}, {true, RST | ACK, 0, 0, C + 1}},
		[REJECTED] = {{false, SYN, 0, C, 0}, {true, SYN, 0, C, 0}},
		[SILENT] = {{false, SYN, 0, C, 0}, {false, SYN, 0, C, 0}},
	};
	struct flow *f = &m->flows[draw(m) % N_FLOWS];
	const struct segment *s = &steps[f->kind][f->step];
	unsigned service = 8000 + f->number % 24, len;
	uint8_t frame[512];

	if (f->kind == REJECTED && f->step == 1)
		len = put_icmp(frame + 14, f->number, service, &steps[REJECTED][0]);
	else
		len = put_tcp(frame + 14, f->number, service, s);
	write_frame(m, frame, f->number, s->is_from_server, len);
	m->n_made[f->kind] += f->step == 0;
	if (!steps[f->kind][++f->step].flags)
		begin_flow(m, f);
}

/* One in sixteen is a datagram: a question, or the answer to it. */
static void write_noise(struct maker *m)
{
	uint64_t random = draw(m);
	uint32_t number = 0x800000U + (uint32_t)(random >> 32) % N_FLOWS;
	bool is_from_server = random & 1;
	const struct segment data = {is_from_server, ACK | (random & 2 ? PUSH : 0),
				     random & 2 ? 200 : 0, (uint32_t)m->at_us, 7};
	uint8_t frame[512];
	unsigned len = random % 16 / 15 ? put_udp(frame + 14, number, is_from_server)
					: put_tcp(frame + 14, number, 443, &data);

	write_frame(m, frame, number, is_from_server, len);
}

int main(int argc, char **argv)
{
	static struct maker m = {.random = 1};
	long n = argc == 2 ? atol(argv[1]) : 0;

	if (n <= 0) {
		fprintf(stderr, "usage: capture_file PACKETS >FILE\n");
		return 2;
	}
	for (unsigned i = 0; i < N_FLOWS; i++)
		begin_flow(&m, &m.flows[i]);
	write_file_head();
	for (long i = 0; i < n; i++) {
		if (draw(&m) % 5 < 3)
			write_handshake(&m);
		else
			write_noise(&m);
	}
	fprintf(stderr, "answered %llu, refused %llu, rejected %llu, silent %llu\n",
		(unsigned long long)m.n_made[ANSWERED],
		(unsigned long long)m.n_made[REFUSED],
		(unsigned long long)m.n_made[REJECTED],
		(unsigned long long)m.n_made[SILENT]);
	return fflush(stdout) || ferror(stdout);
}
