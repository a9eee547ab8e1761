/*
 * A port of UDP at all addresses of a name, asked by datagrams: what came back, from whom,
 * and who said that it cannot be. Strangers' bytes are read in a process without rights. An
 * answer is no proof of its sender but where it repeats a number of ours.
 */
#include "core/host/read/reach.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"
#include "core/host/kernel/error_queue.h"
#include "core/host/read/apart.h"

#define AGAIN_NS   (NS_PER_S) /* a datagram may be lost */
#define OVERDUE_NS (NS_PER_S)
enum {
	DNS_HEAD = 12,
	DNS_REPLY_BIT = 0x80, /* of the third byte: RFC 1035, 4.1.1 */
	NTP_BYTES = 48,
	NTP_CLIENT = 0x23, /* version 4, mode 3: RFC 5905, 7.3 */
	NTP_SERVER_MODE = 4,
	NTP_ORIGIN = 24, /* the reply repeats there what the request has at */
	NTP_SENT = 40,
	STRAYS_ENOUGH = 2,
};

struct question {
	uint8_t bytes[NTP_BYTES];
	size_t len;
};

/* What came back at one of our sockets. */
struct answer {
	const char *heard;
	struct addr stray;
	uint16_t stray_port;
	bool is_stray_ours;
	unsigned n_strays;
};

struct asking {
	const struct reach_ask *ask;
	struct question question;
	struct reach_try tries[REACH_MAX];
	struct answer answers[REACH_MAX];
};

/* ---- what we say ---- */

/* Where the kernel has no random bytes yet, those of the clock. */
static void put_random(uint8_t *out, size_t n)
{
	int64_t now_ns = host_now_ns();

	if (getrandom(out, n, GRND_NONBLOCK) != (ssize_t)n)
		memcpy(out, &now_ns, n < sizeof(now_ns) ? n : sizeof(now_ns));
}

static void make_question(struct question *q, uint8_t talk)
{
	/* RD, one question: ".", NS, IN. */
	static const uint8_t dns[] = {0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1};

	*q = (struct question){0};
	if (talk == REACH_TALK_DNS) {
		memcpy(q->bytes, dns, sizeof(dns));
		put_random(q->bytes, 2);
		q->len = sizeof(dns);
	} else if (talk == REACH_TALK_NTP) {
		q->bytes[0] = NTP_CLIENT;
		put_random(q->bytes + NTP_SENT, 8);
		q->len = NTP_BYTES;
	}
}

/* Does the answer repeat the number that only our question had? */
static bool is_answer_to(const struct question *q, uint8_t talk, const uint8_t *bytes,
			 size_t len)
{
	if (talk == REACH_TALK_DNS)
		return len >= DNS_HEAD && !memcmp(bytes, q->bytes, 2) &&
		       (bytes[2] & DNS_REPLY_BIT);
	if (talk == REACH_TALK_NTP)
		return len >= NTP_BYTES && (bytes[0] & 7) == NTP_SERVER_MODE &&
		       !memcmp(bytes + NTP_ORIGIN, q->bytes + NTP_SENT, 8);
	return false;
}

static int send_question(const struct asking *a, struct reach_try *t)
{
	struct sockaddr_storage to = {0};
	socklen_t len = reach_sockaddr(&to, &t->to, a->ask->port);

	if (sendto(t->fd, a->question.bytes, a->question.len, MSG_NOSIGNAL,
		   (struct sockaddr *)&to, len) < 0)
		return errno;
	t->n_syns++;
	return 0;
}

/* ---- one address ---- */

static void finish(struct reach_try *t, int error)
{
	t->took_ns = host_now_ns() - t->start_ns;
	t->error = error;
	t->is_over = true;
}

/* A socket that takes answers of everybody does not know its own address: another one that
 * is connected does. */
static struct addr find_own(const struct reach_try *t, uint16_t port)
{
	struct sockaddr_storage it = {0};
	socklen_t len = reach_sockaddr(&it, &t->to, port);
	int fd = socket(t->to.family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct addr own = {0};

	if (fd < 0)
		return own;
	if (!connect(fd, (struct sockaddr *)&it, len)) {
		len = sizeof(it);
		if (!getsockname(fd, (struct sockaddr *)&it, &len))
			own = reach_addr(&it);
	}
	close(fd);
	return own;
}

static void begin(const struct asking *a, struct reach_try *t)
{
	int error;

	t->has_begun = true;
	t->start_ns = host_now_ns();
	t->fd = socket(t->to.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (t->fd < 0) {
		finish(t, errno);
		return;
	}
	error_queue_open(t->fd, t->to.family);
	t->own = find_own(t, a->ask->port);
	error = send_question(a, t);
	if (error)
		finish(t, error);
}

/* ---- what comes back ---- */

/* An error ends it; what the kernel only has in mind is taken off, or poll(2) would tell it
 * for ever. */
static void take_errors(struct reach_try *t)
{
	socklen_t len = sizeof(int);
	struct told_error e;
	int error = 0;

	while (error_queue_next(t->fd, &e)) {
		if (e.error == EMSGSIZE || !e.error)
			continue;
		t->has_icmp = true;
		t->icmp_type = e.type;
		t->icmp_code = e.code;
		t->icmp_from = e.from;
		if (!t->is_over)
			finish(t, e.error);
	}
	if (!getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &len) && error && !t->is_over)
		finish(t, error);
}

static uint16_t port_of(const struct sockaddr_storage *from)
{
	struct sockaddr_in v4;

	memcpy(&v4, from, sizeof(v4)); /* the port is at the same place of both */
	return ntohs(v4.sin_port);
}

static const char *heard_word_of(uint8_t talk, bool is_ours)
{
	if (!is_ours)
		return "datagram";
	return talk == REACH_TALK_DNS ? "dns-answer" : "ntp-answer";
}

static void take_answer(const struct asking *a, struct reach_try *t, struct answer *out)
{
	uint8_t bytes[512];
	struct sockaddr_storage it = {0};
	socklen_t len = sizeof(it);
	ssize_t got = recvfrom(t->fd, bytes, sizeof(bytes), MSG_DONTWAIT,
			       (struct sockaddr *)&it, &len);
	struct addr from = reach_addr(&it);
	bool is_ours;

	if (got < 0)
		return;
	is_ours = is_answer_to(&a->question, a->ask->talk, bytes, (size_t)got);
	if (addr_equals(&from, &t->to) && port_of(&it) == a->ask->port) {
		out->heard = heard_word_of(a->ask->talk, is_ours);
		finish(t, 0);
		return;
	}
	/* One that is ours is not displaced by one that may be anybody's. */
	if (!is_ours && out->is_stray_ours)
		return;
	out->stray = from;
	out->stray_port = port_of(&it);
	out->is_stray_ours = is_ours;
	if (is_ours && ++out->n_strays == STRAYS_ENOUGH)
		finish(t, ETIMEDOUT);
}

/* ---- all of them ---- */

/* What the call itself says may be what an error that is queued says better. */
static void ask_again(const struct asking *a, struct reach_try *t)
{
	int error = send_question(a, t);

	if (!error)
		return;
	take_errors(t);
	if (!t->is_over)
		finish(t, error);
}

static void look(struct asking *a, size_t at, short events)
{
	struct reach_try *t = &a->tries[at];
	int64_t gone_ns = host_now_ns() - t->start_ns;

	/* An answer that is there counts more than an error beside it. */
	if (events & POLLIN)
		take_answer(a, t, &a->answers[at]);
	if (!t->is_over && (events & POLLERR))
		take_errors(t);
	if (!t->is_over && gone_ns >= a->ask->timeout_ms * NS_PER_MS)
		finish(t, ETIMEDOUT);
	if (!t->is_over && gone_ns >= t->n_syns * AGAIN_NS)
		ask_again(a, t);
}

static bool turn(struct asking *a)
{
	struct pollfd polls[REACH_MAX];
	int64_t now_ns = host_now_ns(), wait_ns = AGAIN_NS;
	bool goes_on = false;

	for (size_t i = 0; i < a->ask->n; i++) {
		const struct reach_try *t = &a->tries[i];
		int64_t end_ns = t->start_ns + a->ask->timeout_ms * NS_PER_MS;
		int64_t again_ns = t->start_ns + t->n_syns * AGAIN_NS;
		int64_t due_ns = (end_ns < again_ns ? end_ns : again_ns) - now_ns;

		polls[i] = (struct pollfd){.fd = t->is_over ? -1 : t->fd, .events = POLLIN};
		goes_on |= !t->is_over;
		if (!t->is_over && due_ns < wait_ns)
			wait_ns = due_ns;
	}
	if (!goes_on)
		return false;
	if (poll(polls, a->ask->n, wait_ns > 0 ? (int)(wait_ns / NS_PER_MS) + 1 : 0) < 0)
		return errno == EINTR;
	for (size_t i = 0; i < a->ask->n; i++)
		if (polls[i].fd >= 0)
			look(a, i, polls[i].revents);
	return true;
}

/* ---- what is told ---- */

static void tell(FILE *f, const struct asking *a, size_t at)
{
	static const char *const said[N_REACH_TALKS] = {[REACH_TALK_DNS] = "dns",
							[REACH_TALK_NTP] = "ntp",
							[REACH_TALK_EMPTY] = "empty"};
	const struct answer *got = &a->answers[at];
	const struct reach_try *t = &a->tries[at];
	char text[ADDR_TEXT_MAX];

	fprintf(f, "reach/%zu ", at);
	reach_words(f, t, a->tries[0].start_ns);
	fputs(" proto=udp", f);
	if (got->stray.family)
		fprintf(f, " reply=%s rport=%u fits=%d", addr_format(&got->stray, text),
			got->stray_port, got->is_stray_ours);
	fputc('\n', f);
	if (got->heard)
		fprintf(f,
			"talk/%zu said=%s heard=%s end=open took_ns=%" PRId64 " sent=%zu\n",
			at, said[a->ask->talk], got->heard, t->took_ns, a->question.len);
}

static void listen_to_all(const void *arg, int out_fd)
{
	static struct asking a;
	FILE *f = fdopen(out_fd, "w");

	if (!f)
		return;
	memcpy(&a, arg, sizeof(a));
	while (turn(&a))
		;
	for (size_t i = 0; i < a.ask->n; i++)
		tell(f, &a, i);
	fclose(f);
}

/* Whoever reads strangers' bytes names no item but its own. */
static void put_line(char *line, size_t n, struct bundle_out *out)
{
	char *words = strchr(line, ' '), name[32];

	if (!words)
		return;
	*words++ = '\0';
	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "reach/%zu", i);
		if (!strcmp(line, name))
			bundle_out_item(out, name, words, strlen(words), 0);
		snprintf(name, sizeof(name), "talk/%zu", i);
		if (!strcmp(line, name))
			bundle_out_item(out, name, words, strlen(words), 0);
	}
}

static int collect(struct asking *a, struct bundle_out *out)
{
	static char told[APART_BYTES_MAX + 1];
	int64_t until_ns = host_now_ns() + a->ask->timeout_ms * NS_PER_MS + OVERDUE_NS;
	char *rest = told, *line;
	struct apart part;
	size_t len = 0;
	int error = apart_start(&part, listen_to_all, a);

	if (!error)
		error = apart_finish(&part, until_ns, told, APART_BYTES_MAX, &len);
	told[len] = '\0';
	while ((line = strsep(&rest, "\n")) && *line)
		put_line(line, a->ask->n, out);
	return len ? 0 : error ? error : -EIO;
}

int reach_datagrams(const struct reach_ask *ask, struct bundle_out *out)
{
	struct asking a = {.ask = ask};
	int error;

	make_question(&a.question, ask->talk);
	for (size_t i = 0; i < ask->n; i++) {
		a.tries[i] = (struct reach_try){.to = ask->addresses[i], .fd = -1};
		begin(&a, &a.tries[i]);
	}
	error = collect(&a, out);
	for (size_t i = 0; i < ask->n; i++)
		if (a.tries[i].fd >= 0)
			close(a.tries[i].fd);
	return error ? error : out->error;
}
