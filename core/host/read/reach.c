/*
 * A port at all addresses of a name, tried as clients do (RFC 8305): one after another,
 * 250 ms apart or as soon as one fails; but none is given up because another stands. What
 * is said then, sizes and ports are in reach_*.c.
 */
#include "core/host/read/reach.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"
#include "core/host/kernel/error_queue.h"
#include "core/host/read/evidence.h"

#define HEAD_START_NS (250 * NS_PER_MS)
/* For all that is looked at once the tries are over, and for one look at sizes. */
#define LOOK_NS  (7500 * NS_PER_MS)
#define SIZES_NS (2400 * NS_PER_MS)

socklen_t reach_sockaddr(struct sockaddr_storage *out, const struct addr *a, uint16_t port)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	if (a->family == AF_INET) {
		memcpy(&v4.sin_addr, a->bytes, sizeof(v4.sin_addr));
		memcpy(out, &v4, sizeof(v4));
		return sizeof(v4);
	}
	memcpy(&v6.sin6_addr, a->bytes, sizeof(v6.sin6_addr));
	memcpy(out, &v6, sizeof(v6));
	return sizeof(v6);
}

struct addr reach_addr(const struct sockaddr_storage *in)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	memcpy(&v4, in, sizeof(v4));
	memcpy(&v6, in, sizeof(v6));
	if (in->ss_family == AF_INET)
		return addr_v4(&v4.sin_addr);
	return in->ss_family == AF_INET6 ? addr_v6(&v6.sin6_addr) : (struct addr){0};
}

/* ---- who sent an error ---- */

static void read_errors(struct reach_try *t)
{
	struct told_error e;

	while (error_queue_next(t->fd, &e)) {
		t->has_icmp = true;
		t->icmp_type = e.type;
		t->icmp_code = e.code;
		t->icmp_from = e.from;
	}
}

static void count_syns(struct reach_try *t)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	if (!getsockopt(t->fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		t->n_syns = info.tcpi_total_retrans + 1;
}

/* ---- one try ---- */

static void finish(struct reach_try *t, int error)
{
	t->took_ns = host_now_ns() - t->start_ns;
	t->error = error;
	t->is_over = true;
	if (t->fd < 0)
		return;
	read_errors(t);
	if (error != EADDRNOTAVAIL)
		count_syns(t);
}

static void begin(struct reach_try *t, uint16_t port)
{
	struct sockaddr_storage to = {0};
	socklen_t len = reach_sockaddr(&to, &t->to, port);

	t->has_begun = true;
	t->start_ns = host_now_ns();
	t->fd = socket(t->to.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		       IPPROTO_TCP);
	if (t->fd < 0) {
		finish(t, errno);
		return;
	}
	error_queue_open(t->fd, t->to.family);
	if (!connect(t->fd, (struct sockaddr *)&to, len))
		finish(t, 0);
	else if (errno != EINPROGRESS)
		finish(t, errno);
}

static void look(struct reach_try *t, short events, int64_t timeout_ns)
{
	socklen_t len = sizeof(int);
	int error = 0;

	if (events) {
		if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &len))
			error = errno;
		finish(t, error);
	} else if (host_now_ns() - t->start_ns >= timeout_ns) {
		finish(t, ETIMEDOUT);
	}
}

/* ---- all of them ---- */

struct race {
	const struct reach_ask *ask;
	struct reach_try *tries;
	int64_t timeout_ns;
};

/* The next begins when the one before has failed, or has had its head start. */
static int64_t begin_due(struct race *r)
{
	for (size_t i = 0; i < r->ask->n; i++) {
		const struct reach_try *before = i ? &r->tries[i - 1] : NULL;
		int64_t due_ns = before ? before->start_ns + HEAD_START_NS : 0;

		if (r->tries[i].has_begun)
			continue;
		if (before && !(before->is_over && before->error) && due_ns > host_now_ns())
			return due_ns;
		begin(&r->tries[i], r->ask->port);
	}
	return INT64_MAX;
}

static int64_t next_deadline(const struct race *r, int64_t due_ns)
{
	for (size_t i = 0; i < r->ask->n; i++) {
		const struct reach_try *t = &r->tries[i];
		int64_t end_ns = t->start_ns + r->timeout_ns;

		if (t->has_begun && !t->is_over && end_ns < due_ns)
			due_ns = end_ns;
	}
	return due_ns;
}

static int wait_ms(int64_t due_ns)
{
	int64_t left_ns = due_ns - host_now_ns();

	return left_ns > 0 ? (int)((left_ns + NS_PER_MS - 1) / NS_PER_MS) : 0;
}

/* False: all are over. */
static bool turn(struct race *r)
{
	struct pollfd polls[REACH_MAX];
	int64_t due_ns = next_deadline(r, begin_due(r));
	bool goes_on = false;

	for (size_t i = 0; i < r->ask->n; i++) {
		const struct reach_try *t = &r->tries[i];
		bool is_open = t->has_begun && !t->is_over;

		goes_on |= !t->is_over;
		polls[i] = (struct pollfd){.fd = is_open ? t->fd : -1, .events = POLLOUT};
	}
	if (!goes_on)
		return false;
	/* A time that is over is one of the next round. */
	if (poll(polls, r->ask->n, due_ns == INT64_MAX ? 0 : wait_ms(due_ns)) < 0)
		return errno == EINTR;
	for (size_t i = 0; i < r->ask->n; i++)
		if (polls[i].fd >= 0)
			look(&r->tries[i], polls[i].revents, r->timeout_ns);
	return true;
}

/* ---- what is told ---- */

static const char *result_word(int error)
{
	if (error == ECONNREFUSED)
		return "refused";
	if (error == ETIMEDOUT)
		return "timed-out";
	return error ? "error" : "connected";
}

/* " sport=N from=ADDR": our end, or nothing where none was chosen. */
static void put_own_end(FILE *f, const struct reach_try *t)
{
	struct sockaddr_storage own = {0};
	socklen_t len = sizeof(own);
	char text[ADDR_TEXT_MAX];
	struct sockaddr_in v4;
	struct addr from;

	if (t->fd < 0 || getsockname(t->fd, (struct sockaddr *)&own, &len))
		return;
	from = t->own.family ? t->own : reach_addr(&own);
	memcpy(&v4, &own, sizeof(v4)); /* the port is at the same place of both */
	if (from.family && v4.sin_port && !addr_is_any(&from))
		fprintf(f, " sport=%u from=%s", ntohs(v4.sin_port),
			addr_format(&from, text));
}

void reach_words(FILE *f, const struct reach_try *t, int64_t base_ns)
{
	char text[ADDR_TEXT_MAX];

	fprintf(f, "to=%s start_ns=%" PRId64 " took_ns=%" PRId64 " result=%s errno=%d",
		addr_format(&t->to, text), t->start_ns - base_ns, t->took_ns,
		result_word(t->error), t->error);
	if (t->n_syns)
		fprintf(f, " syns=%u", t->n_syns);
	put_own_end(f, t);
	if (t->has_icmp)
		fprintf(f, " icmp=%u.%u", t->icmp_type, t->icmp_code);
	if (t->icmp_from.family)
		fprintf(f, " sender=%s", addr_format(&t->icmp_from, text));
}

static void put_try(const struct reach_try *t, size_t at, int64_t base_ns,
		    struct bundle_out *out)
{
	char name[16], line[384] = "";
	FILE *f = fmemopen(line, sizeof(line), "w");

	if (!f) {
		out->error = -errno;
		return;
	}
	reach_words(f, t, base_ns);
	fclose(f);
	snprintf(name, sizeof(name), "reach/%zu", at);
	bundle_out_item(out, name, line, strlen(line), 0);
}

/* What sends programs another way; without the words of a login. */
static void put_variables(struct bundle_out *out)
{
	static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY",
					    "all_proxy",  "ALL_PROXY",   "no_proxy",
					    "NO_PROXY"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]), *at, *start;
		char item[32], line[512];

		if (!value || !*value)
			continue;
		at = strrchr(value, '@');
		start = strstr(value, "://");
		snprintf(line, sizeof(line), "%.*s%s",
			 at && start ? (int)(start + 3 - value) : 0, value,
			 at ? at + 1 : value);
		snprintf(item, sizeof(item), "env/%s", names[i]);
		bundle_out_item(out, item, line, strlen(line), 0);
	}
}

/* Where it was asked for, and where data had to be sent again in vain. */
static void look_at_sizes(const struct reach_try *t, size_t at, int64_t until_ns,
			  struct bundle_out *out)
{
	char name[32];

	snprintf(name, sizeof(name), "sizes/%zu", at);
	if (host_now_ns() + SIZES_NS <= until_ns)
		reach_sizes(t, at, out);
	else
		bundle_out_item(out, name, NULL, 0, ETIMEDOUT);
}

static void look_closer(const struct reach_ask *ask, struct reach_try *tries,
			struct bundle_out *out)
{
	int64_t until_ns = host_now_ns() + LOOK_NS;

	reach_talk(ask, tries, "talk", out);
	reach_again(ask, tries, until_ns, out);
	for (size_t i = 0; i < ask->n; i++) {
		if (!tries[i].error && (ask->sweeps || tries[i].has_stalled))
			look_at_sizes(&tries[i], i, until_ns, out);
		if (tries[i].error == EADDRNOTAVAIL)
			reach_ports(&tries[i], i, ask->port, out);
	}
}

int reach_run(const struct reach_ask *ask, struct bundle_out *out)
{
	struct reach_try tries[REACH_MAX] = {0};
	struct race race = {ask, tries, ask->timeout_ms * NS_PER_MS};

	if (ask->proto == IPPROTO_UDP)
		return reach_datagrams(ask, out);
	for (size_t i = 0; i < ask->n; i++)
		tries[i] = (struct reach_try){.to = ask->addresses[i],
					      .fd = -1,
					      .talk = ask->talk,
					      .is_large = ask->sweeps};
	while (turn(&race))
		;
	for (size_t i = 0; i < ask->n; i++)
		put_try(&tries[i], i, tries[0].start_ns, out);
	put_variables(out);
	look_closer(ask, tries, out);
	for (size_t i = 0; i < ask->n; i++)
		if (tries[i].fd >= 0)
			close(tries[i].fd);
	return out->error;
}
