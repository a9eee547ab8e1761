/*
 * A second connection where the first one's talk leaves open what stands there: the other
 * of TLS and plain HTTP, or the same with more than a segment. Judges nothing.
 */
#include "core/host/read/reach.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"

#define CONNECT_NS (NS_PER_S)
#define ROUND_NS   (CONNECT_NS + 3 * NS_PER_S) /* connected, spoken, parted */

/* ---- what the first one says ---- */

static unsigned long number_of(const char *words, const char *key)
{
	const char *at = strstr(words, key);

	return at ? strtoul(at + strlen(key), NULL, 10) : 0;
}

void reach_learn(struct reach_try *t, const char *words)
{
	bool is_mute = strstr(words, " heard=nothing ") != NULL;
	bool has_ended = is_mute && !strstr(words, " end=open ");

	t->has_stalled |= number_of(words, " unacked=") && number_of(words, " again=");
	t->next_talk = REACH_TALK_NONE;
	if (t->talk != REACH_TALK_HTTP && t->talk != REACH_TALK_TLS)
		return;
	/* By 400 servers of TLS answer plain HTTP. */
	if (t->talk == REACH_TALK_HTTP &&
	    (has_ended || number_of(words, " status=") == 400))
		t->next_talk = REACH_TALK_TLS;
	else if (t->talk == REACH_TALK_TLS && has_ended)
		t->next_talk = REACH_TALK_HTTP;
	else if (is_mute && !has_ended && !t->is_large)
		t->next_talk = t->talk;
	t->is_next_large = t->next_talk == t->talk;
}

/* ---- the second ---- */

static void begin(struct reach_try *t, uint16_t port)
{
	struct sockaddr_storage to = {0};
	socklen_t len = reach_sockaddr(&to, &t->to, port);

	t->fd = socket(t->to.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		       IPPROTO_TCP);
	if (t->fd < 0)
		t->error = errno;
	else if (connect(t->fd, (struct sockaddr *)&to, len) && errno != EINPROGRESS)
		t->error = errno;
}

static void await(struct reach_try *t, int64_t until_ns)
{
	int64_t left_ns = until_ns - host_now_ns();
	struct pollfd p = {.fd = t->fd, .events = POLLOUT};
	socklen_t len = sizeof(t->error);

	if (poll(&p, 1, left_ns > 0 ? (int)(left_ns / NS_PER_MS) + 1 : 0) <= 0)
		t->error = ETIMEDOUT;
	else if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &t->error, &len))
		t->error = errno;
}

static void connect_all(const struct reach_ask *ask, struct reach_try *seconds)
{
	int64_t until_ns = host_now_ns() + CONNECT_NS;

	for (size_t i = 0; i < ask->n; i++)
		if (seconds[i].talk != REACH_TALK_NONE)
			begin(&seconds[i], ask->port);
	for (size_t i = 0; i < ask->n; i++)
		if (seconds[i].fd >= 0 && !seconds[i].error)
			await(&seconds[i], until_ns);
}

void reach_again(const struct reach_ask *ask, struct reach_try *tries, int64_t until_ns,
		 struct bundle_out *out)
{
	struct reach_try seconds[REACH_MAX] = {0};
	size_t n = 0;

	for (size_t i = 0; i < ask->n; i++) {
		seconds[i] = (struct reach_try){.to = tries[i].to,
						.fd = -1,
						.talk = tries[i].next_talk,
						.is_large = tries[i].is_next_large};
		n += seconds[i].talk != REACH_TALK_NONE;
	}
	if (!n || host_now_ns() + ROUND_NS > until_ns)
		return;
	connect_all(ask, seconds);
	reach_talk(ask, seconds, "second", out);
	for (size_t i = 0; i < ask->n; i++) {
		tries[i].has_stalled |= seconds[i].has_stalled;
		if (seconds[i].fd >= 0)
			close(seconds[i].fd);
	}
}
