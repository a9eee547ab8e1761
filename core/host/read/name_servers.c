/* /etc/hosts and the name servers, each asked for itself: hosts(5), resolv.conf(5), RFC
 * 1035. Their answers are passed on as they are. */
#include "core/host/read/name_ask.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"

#define ROUND_NS (900 * NS_PER_MS)
enum {
	SERVERS_MAX = 3,
	DOMAINS_MAX = 6,
	ROUNDS_MAX = 3, /* names that are asked for, one after another */
	NAME_MAX_BYTES = 254,
	TYPE_A = 1,
	TYPE_AAAA = 28,
	HEADER = 12,
	REPLY_MAX = 1232,
};

struct resolv {
	struct addr servers[SERVERS_MAX];
	size_t n_servers;
	char domains[DOMAINS_MAX][NAME_MAX_BYTES];
	size_t n_domains;
	unsigned n_dots;
};

/* One question to one server. */
struct asked {
	int fd; /* -1: not sent */
	uint16_t id;
	struct addr server;
	uint16_t type;
	int64_t sent_ns;
	int error; /* positive errno why it could not be sent */
	bool is_told;
};

/* ---- /etc/hosts ---- */

static void look_into_hosts(FILE *f, const char *name)
{
	FILE *hosts = fopen("/etc/hosts", "re");
	char line[1024], text[ADDR_TEXT_MAX];

	if (!hosts) {
		name_put(f, "hosts", NULL, 0, errno);
		return;
	}
	while (fgets(line, sizeof(line), hosts)) {
		char *rest = line, *word;
		struct addr a;

		line[strcspn(line, "#\n")] = '\0';
		word = strtok_r(rest, " \t", &rest);
		if (!word || addr_parse(&a, word))
			continue;
		while ((word = strtok_r(rest, " \t", &rest)))
			if (!strcasecmp(word, name)) {
				addr_format(&a, text);
				name_put(f, "hosts", text, strlen(text), 0);
				break;
			}
	}
	fclose(hosts);
}

/* ---- /etc/resolv.conf ---- */

static void take_domains(struct resolv *r, char *rest)
{
	char *word;

	r->n_domains = 0; /* the last line counts */
	while ((word = strtok_r(rest, " \t", &rest)) && r->n_domains < DOMAINS_MAX)
		snprintf(r->domains[r->n_domains++], NAME_MAX_BYTES, "%s", word);
}

static void take_options(struct resolv *r, char *rest)
{
	char *word;

	while ((word = strtok_r(rest, " \t", &rest)))
		if (!strncmp(word, "ndots:", 6))
			r->n_dots = (unsigned)strtoul(word + 6, NULL, 10) & 15;
}

static void take_line(struct resolv *r, char *line)
{
	char *rest = line, *word;
	struct addr a;

	line[strcspn(line, "#;\n")] = '\0';
	word = strtok_r(rest, " \t", &rest);
	if (!word)
		return;
	if (!strcmp(word, "search") || !strcmp(word, "domain"))
		take_domains(r, rest);
	else if (!strcmp(word, "options"))
		take_options(r, rest);
	else if (!strcmp(word, "nameserver") && r->n_servers < SERVERS_MAX &&
		 (word = strtok_r(rest, " \t", &rest)) && !addr_parse(&a, word))
		r->servers[r->n_servers++] = a;
}

/* Without any line of a server it is this host: resolv.conf(5). */
static void read_resolv(struct resolv *r)
{
	static const uint8_t localhost[4] = {127, 0, 0, 1};
	FILE *conf = fopen("/etc/resolv.conf", "re");
	char line[1024];

	*r = (struct resolv){.n_dots = 1};
	while (conf && fgets(line, sizeof(line), conf))
		take_line(r, line);
	if (conf)
		fclose(conf);
	if (!r->n_servers)
		r->servers[r->n_servers++] = addr_v4(localhost);
}

/* The names in the order in which the resolver tries them. */
static size_t choose_names(const struct resolv *r, const char *name,
			   char out[ROUNDS_MAX][NAME_MAX_BYTES])
{
	size_t n = 0, len = strlen(name);
	unsigned dots = 0;
	bool is_first;

	for (size_t i = 0; i < len; i++)
		dots += name[i] == '.';
	is_first = dots >= r->n_dots;
	if (is_first)
		snprintf(out[n++], NAME_MAX_BYTES, "%s", name);
	for (size_t i = 0; i < r->n_domains && n < ROUNDS_MAX; i++)
		if (name[len - 1] != '.' &&
		    len + 1 + strlen(r->domains[i]) < NAME_MAX_BYTES) {
			memcpy(out[n], name, len);
			out[n][len] = '.';
			strcpy(out[n++] + len + 1, r->domains[i]);
		}
	if (!is_first && n < ROUNDS_MAX)
		snprintf(out[n++], NAME_MAX_BYTES, "%s", name);
	return n;
}

/* ---- the questions ---- */

/* 0: it is no name that can be asked for. */
static size_t put_question(uint8_t *out, uint16_t id, const char *name, uint16_t type)
{
	const uint8_t head[HEADER] = {(uint8_t)(id >> 8), (uint8_t)id, 1, 0, 0, 1};
	size_t len = HEADER;

	memcpy(out, head, HEADER);
	while (*name) {
		size_t n = strcspn(name, ".");

		if (!n || n > 63)
			return 0;
		out[len++] = (uint8_t)n;
		memcpy(out + len, name, n);
		len += n;
		name += n + (name[n] == '.');
	}
	out[len++] = 0;
	out[len++] = 0;
	out[len++] = (uint8_t)type;
	out[len++] = 0;
	out[len++] = 1;
	return len;
}

static int connect_to(const struct addr *server)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(53)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(53)};
	int fd = socket(server->family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error;

	if (fd < 0)
		return -errno;
	memcpy(&v4.sin_addr, server->bytes, sizeof(v4.sin_addr));
	memcpy(&v6.sin6_addr, server->bytes, sizeof(v6.sin6_addr));
	error = server->family == AF_INET ? connect(fd, (struct sockaddr *)&v4, sizeof(v4))
					  : connect(fd, (struct sockaddr *)&v6, sizeof(v6));
	if (!error)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

static void ask(struct asked *a, const char *name)
{
	uint8_t bytes[HEADER + NAME_MAX_BYTES + 8];
	size_t len;

	if (getrandom(&a->id, sizeof(a->id), GRND_NONBLOCK) != sizeof(a->id))
		a->id = (uint16_t)host_now_ns();
	len = put_question(bytes, a->id, name, a->type);
	a->fd = len ? connect_to(&a->server) : -EINVAL;
	a->sent_ns = host_now_ns();
	if (a->fd < 0)
		a->error = -a->fd;
	else if (send(a->fd, bytes, len, MSG_NOSIGNAL) < 0)
		a->error = errno;
}

static void tell(FILE *f, struct asked *a, const char *name, const void *reply, size_t len,
		 int error)
{
	char item[NAME_MAX_BYTES + ADDR_TEXT_MAX + 48], server[ADDR_TEXT_MAX];

	a->is_told = true;
	snprintf(item, sizeof(item), "dns/%s/%s/%lld/%s", addr_format(&a->server, server),
		 a->type == TYPE_A ? "A" : "AAAA",
		 (long long)((host_now_ns() - a->sent_ns) / 1000), name);
	name_put(f, item, reply, len, error);
}

/* True: it has an address, or says that there is one elsewhere. */
static bool take_reply(FILE *f, struct asked *a, const char *name)
{
	uint8_t bytes[REPLY_MAX];
	ssize_t got = recv(a->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (got < 0) {
		if (errno != EAGAIN && errno != EINTR)
			tell(f, a, name, NULL, 0, errno);
		return false;
	}
	/* Of another question: somebody guesses. */
	if (got < HEADER || (bytes[0] << 8 | bytes[1]) != a->id)
		return false;
	tell(f, a, name, bytes, (size_t)got, 0);
	return (bytes[3] & 15) == 0 && (bytes[6] || bytes[7]);
}

/* Until all have answered or the time is up. True: one of them knew an address. */
static bool listen_to_all(FILE *f, struct asked *all, size_t n, const char *name)
{
	int64_t until_ns = host_now_ns() + ROUND_NS, left_ns = ROUND_NS;
	struct pollfd polls[2 * SERVERS_MAX];
	bool is_known = false;
	size_t n_waiting = 1;

	while (n_waiting && left_ns > 0) {
		n_waiting = 0;
		for (size_t i = 0; i < n; i++) {
			polls[i] =
				(struct pollfd){all[i].is_told ? -1 : all[i].fd, POLLIN, 0};
			n_waiting += !all[i].is_told;
		}
		if (!n_waiting ||
		    poll(polls, (nfds_t)n, (int)(left_ns / NS_PER_MS) + 1) <= 0)
			break;
		for (size_t i = 0; i < n; i++)
			if (polls[i].fd >= 0 && polls[i].revents)
				is_known |= take_reply(f, &all[i], name);
		left_ns = until_ns - host_now_ns();
	}
	return is_known;
}

static bool ask_all(FILE *f, const struct resolv *r, const char *name)
{
	struct asked all[2 * SERVERS_MAX];
	size_t n = 0;
	bool is_known;

	for (size_t i = 0; i < 2 * r->n_servers; i++) {
		struct asked *a = &all[n++];

		*a = (struct asked){.server = r->servers[i / 2],
				    .type = i % 2 ? TYPE_AAAA : TYPE_A};
		ask(a, name);
		if (a->error)
			tell(f, a, name, NULL, 0, a->error);
	}
	is_known = listen_to_all(f, all, n, name);
	for (size_t i = 0; i < n; i++) {
		if (!all[i].is_told)
			tell(f, &all[i], name, NULL, 0, ETIMEDOUT);
		if (all[i].fd >= 0)
			close(all[i].fd);
	}
	return is_known;
}

void name_ask_sources(FILE *f, const char *name)
{
	static char names[ROUNDS_MAX][NAME_MAX_BYTES];
	struct resolv r;
	size_t n;

	if (!*name)
		return;
	look_into_hosts(f, name);
	fflush(f);
	read_resolv(&r);
	n = choose_names(&r, name, names);
	for (size_t i = 0; i < n; i++) {
		bool is_known = ask_all(f, &r, names[i]);

		fflush(f);
		if (is_known)
			return;
	}
}
