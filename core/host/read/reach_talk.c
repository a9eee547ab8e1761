/*
 * What is said on connections of our own, and what comes back: a ClientHello, a HEAD, or
 * only ears. Each in a process without rights, as strangers' bytes are read there. Of these
 * only the kind is kept.
 */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"
#include "core/host/read/apart.h"
#include "core/host/read/reach.h"
#include "core/host/read/reach_hello.h"
#include "core/host/read/waiting.h"

#define PATIENCE_NS (2 * NS_PER_S) /* for an answer to what we said */
#define EARS_NS     (NS_PER_S)     /* for somebody else to begin */
#define FAREWELL_NS (100 * NS_PER_MS)
#define OVERDUE_NS  (PATIENCE_NS + NS_PER_S)
#define HEAD_MAX    2048

/* One connection, in its process. */
struct talk {
	const struct reach_ask *ask;
	int fd;
	uint8_t says; /* enum reach_talk */
	bool is_large;
};

/* ---- what we say ---- */

static size_t put_head(const struct reach_ask *ask, size_t least, char *out, size_t room)
{
	int n = snprintf(out, room,
			 "HEAD / HTTP/1.1\r\nHost: %s\r\nUser-Agent: dport\r\n"
			 "Connection: close\r\n",
			 ask->name[0] ? ask->name : "localhost");
	size_t len = (size_t)n;

	if (len + 16 < least && least + 8 < room) {
		len += (size_t)snprintf(out + len, room - len, "X-Size: ");
		memset(out + len, '.', least - len);
		len = least;
		len += (size_t)snprintf(out + len, room - len, "\r\n");
	}
	return len + (size_t)snprintf(out + len, room - len, "\r\n");
}

/* Where sizes are asked about, it fills more than one segment. */
static uint32_t say(const struct talk *t)
{
	uint8_t bytes[4096];
	struct tcp_info info = {0};
	socklen_t info_len = sizeof(info);
	size_t least = 0, len = 0;
	ssize_t sent;

	if (t->is_large && !getsockopt(t->fd, IPPROTO_TCP, TCP_INFO, &info, &info_len))
		least = info.tcpi_snd_mss + 200 < 3500 ? info.tcpi_snd_mss + 200 : 3500;
	if (t->says == REACH_TALK_TLS)
		len = hello_put(t->ask->name, least, bytes, sizeof(bytes));
	else if (t->says == REACH_TALK_HTTP)
		len = put_head(t->ask, least, (char *)bytes, sizeof(bytes));
	if (!len)
		return 0;
	sent = send(t->fd, bytes, len, MSG_NOSIGNAL);
	return sent > 0 ? (uint32_t)sent : 0;
}

/* ---- what comes back ---- */

struct heard_bytes {
	char bytes[HEAD_MAX + 1];
	size_t len;
	int64_t first_ns; /* 0: none came */
	const char *end;
};

/* Enough to know: a head of HTTP to its empty line, of the rest a few bytes. */
static bool is_enough(const struct heard_bytes *h)
{
	if (h->len >= HEAD_MAX)
		return true;
	if (!strncmp(h->bytes, "HTTP/", 5))
		return strstr(h->bytes, "\r\n\r\n") != NULL;
	return h->len >= 16;
}

static void listen_to(int fd, int64_t patience_ns, struct heard_bytes *h)
{
	int64_t start_ns = host_now_ns(), until_ns = start_ns + patience_ns;
	struct pollfd p = {.fd = fd, .events = POLLIN};

	h->end = "open";
	while (!is_enough(h) && poll(&p, 1, waiting_left_ms(until_ns)) > 0) {
		ssize_t got = recv(fd, h->bytes + h->len, HEAD_MAX - h->len, MSG_DONTWAIT);

		if (got > 0) {
			if (!h->first_ns)
				h->first_ns = host_now_ns() - start_ns + 1;
			h->len += (size_t)got;
			h->bytes[h->len] = '\0';
		} else if (got == 0) {
			h->end = "closed";
			return;
		} else if (errno != EAGAIN && errno != EINTR) {
			h->end = errno == ECONNRESET || errno == EPIPE ? "reset" : "open";
			return;
		}
	}
}

static bool is_printable(const struct heard_bytes *h)
{
	for (size_t i = 0; i < h->len; i++)
		if ((h->bytes[i] < ' ' && !strchr("\r\n\t", h->bytes[i])) ||
		    h->bytes[i] == '\0' || h->bytes[i] == 0x7f)
			return false;
	return true;
}

static bool is_greeting(const struct heard_bytes *h)
{
	static const char *const starts[] = {"220", "+OK", "* OK", "554", "421"};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (!strncmp(h->bytes, starts[i], strlen(starts[i])))
			return true;
	return false;
}

/* As HEARD in core/network/reach.h. Records of TLS: RFC 8446, 5.1. */
static const char *heard_word_of(const struct heard_bytes *h)
{
	const uint8_t *b = (const uint8_t *)h->bytes;

	if (!h->len)
		return "nothing";
	if (h->len >= 6 && b[0] == 22 && b[1] == 3 && b[5] == 2)
		return "tls-server-hello";
	if (h->len >= 5 && b[0] == 21 && b[1] == 3)
		return "tls-alert";
	if (!strncmp(h->bytes, "HTTP/", 5))
		return "http-status";
	if (!strncmp(h->bytes, "SSH-", 4))
		return "ssh-banner";
	if (is_greeting(h))
		return "greeting";
	return is_printable(h) ? "text" : "other";
}

/* ---- what is told ---- */

static void put_socket(FILE *f, int fd)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	if (!getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		fprintf(f, " unacked=%u again=%u mss=%u pmtu=%u", info.tcpi_unacked,
			info.tcpi_total_retrans, info.tcpi_snd_mss, info.tcpi_pmtu);
}

static void put_tls(FILE *f, const struct heard_bytes *h)
{
	const uint8_t *b = (const uint8_t *)h->bytes;

	/* Behind the head of the record and that of the handshake. */
	if (h->len >= 11 && b[0] == 22 && b[5] == 2)
		fprintf(f, " version=%u", (unsigned)(b[9] << 8 | b[10]));
	if (h->len >= 7 && b[0] == 21 && b[1] == 3 && b[4] == 2)
		fprintf(f, " alert=%u", b[6]);
}

/* The value behind "NAME:", as a line of "NAME VALUE" for whoever collects it. */
static void put_header(FILE *f, const struct heard_bytes *h, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = strstr(h->bytes, "\r\n"); at; at = strstr(at + 2, "\r\n")) {
		const char *value = at + 2 + len;

		if (strncasecmp(at + 2, name, len) != 0 || *value != ':')
			continue;
		value += 1 + strspn(value + 1, " \t");
		fprintf(f, "%s %.*s\n", name, (int)strcspn(value, "\r\n"), value);
		return;
	}
}

static void put_talk(FILE *f, const struct talk *t, const struct heard_bytes *h,
		     uint32_t sent)
{
	static const char *const said[N_REACH_TALKS] = {
		[REACH_TALK_NONE] = "none",   [REACH_TALK_LISTEN] = "none",
		[REACH_TALK_TLS] = "tls",     [REACH_TALK_HTTP] = "http",
		[REACH_TALK_DNS] = "dns",     [REACH_TALK_NTP] = "ntp",
		[REACH_TALK_EMPTY] = "empty",
	};
	const char *heard = heard_word_of(h);
	unsigned status;

	fprintf(f, "said=%s heard=%s end=%s took_ns=%" PRId64 " sent=%u", said[t->says],
		heard, h->end, h->first_ns, sent);
	put_tls(f, h);
	if (!strncmp(h->bytes, "HTTP/", 5) &&
	    sscanf(h->bytes, "HTTP/%*3[0-9.] %3u", &status) == 1)
		fprintf(f, " status=%u", status);
	put_socket(f, t->fd);
	fputc('\n', f);
	if (!strcmp(heard, "http-status")) {
		put_header(f, h, "server");
		put_header(f, h, "location");
	}
}

static void converse(const void *arg, int out_fd)
{
	const struct talk *t = arg;
	static struct heard_bytes h;
	FILE *f = fdopen(out_fd, "w");
	uint32_t sent;

	if (!f)
		return;
	sent = say(t);
	if (t->says == REACH_TALK_NONE)
		h.end = "open";
	else
		listen_to(t->fd, sent ? PATIENCE_NS : EARS_NS, &h);
	put_talk(f, t, &h, sent);
	fclose(f);
	waiting_part(t->fd, FAREWELL_NS);
}

/* ---- all of them ---- */

/* Talks of one kind: where their words go. */
struct talks {
	const char *item;
	struct bundle_out *out;
};

/* The first line are the words; the others each a name and a value, of the first talk. */
static void put_told(const struct talks *all, size_t at, char *told, struct reach_try *t)
{
	char item[32], *rest = told, *line = strsep(&rest, "\n");
	struct bundle_out *out = all->out;

	snprintf(item, sizeof(item), "%s/%zu", all->item, at);
	bundle_out_item(out, item, line, strlen(line), 0);
	reach_learn(t, line);
	if (strcmp(all->item, "talk") != 0)
		return;
	while (rest && (line = strsep(&rest, "\n")) && *line) {
		char *value = strchr(line, ' ');

		if (!value)
			continue;
		*value++ = '\0';
		snprintf(item, sizeof(item), "%s/%zu", *line == 's' ? "server" : "location",
			 at);
		bundle_out_item(out, item, value, strlen(value), 0);
	}
}

static void collect(const struct talks *all, struct apart *a, size_t at, int64_t until_ns,
		    struct reach_try *t)
{
	static char told[APART_BYTES_MAX + 1];
	size_t len;
	char item[32];
	int error = apart_finish(a, until_ns, told, APART_BYTES_MAX, &len);

	told[len] = '\0';
	if (len) {
		put_told(all, at, told, t);
		return;
	}
	snprintf(item, sizeof(item), "%s/%zu", all->item, at);
	bundle_out_item(all->out, item, NULL, 0, error ? -error : EIO);
}

void reach_talk(const struct reach_ask *ask, struct reach_try *tries, const char *item,
		struct bundle_out *out)
{
	struct talks all = {item, out};
	struct apart parts[REACH_MAX] = {0};
	int64_t until_ns = host_now_ns() + OVERDUE_NS;

	for (size_t i = 0; i < ask->n; i++) {
		struct talk t = {ask, tries[i].fd, tries[i].talk, tries[i].is_large};

		if (tries[i].fd >= 0 && !tries[i].error &&
		    apart_start(&parts[i], converse, &t))
			parts[i].pid = 0;
	}
	for (size_t i = 0; i < ask->n; i++)
		if (parts[i].pid)
			collect(&all, &parts[i], i, until_ns, &tries[i]);
}
