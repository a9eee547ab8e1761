/* The live side of `dport capture`: one request whose answer goes on until it is cancelled.
 */
#include "tui/command/capture_impl.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/base/bundle.h"
#include "core/base/time.h"
#include "core/host/broker/protocol.h"

#define SMALL_ANSWER (3 * NS_PER_S) /* for names, which are not worth more */
#define LAST_ANSWER  (6 * NS_PER_S) /* after the end was asked for */

/* One answer that is waited for, part by part. */
struct awaited {
	uint32_t seq;
	int (*take)(void *arg, const struct blob *b); /* 0 or an exit code */
	void *arg;
	bool has_ended;
	int error; /* of the answer, positive */
};

static int take_event(struct capture_view *v, struct awaited *a, enum channel_event event,
		      const struct blob *b)
{
	int code;

	switch (event) {
	case CHANNEL_BLOB:
		if (b->seq != a->seq)
			return 0;
		code = a->take(a->arg, b);
		a->has_ended = blob_is_end(b);
		a->error = b->error;
		return code;
	case CHANNEL_SUSPEND:
		channel_suspend(v->channel);
		return 0;
	case CHANNEL_NOTICE:
		fprintf(stderr, "dport: %s.\n", channel_notice(v->channel));
		return 0;
	case CHANNEL_CLOSED:
		fprintf(stderr, "dport: the process that reads this host is gone; "
				"stopping.\n");
		return EXIT_INTERNAL;
	case CHANNEL_NOTHING:
	case CHANNEL_RESUMED:
	case CHANNEL_EXPORT:
	case CHANNEL_SETTINGS:
		break;
	}
	return 0;
}

/* Everything that is there now. 0 or an exit code. */
static int drain(struct capture_view *v, struct awaited *a)
{
	enum channel_event event;
	struct blob b;
	int code = 0;

	while (!code && !a->has_ended &&
	       (event = channel_receive(v->channel, &b)) != CHANNEL_NOTHING)
		code = take_event(v, a, event, &b);
	return code;
}

/* Waits for the channel until a time. 1: a signal came; 0; or an exit code below 0. */
static int wait_for(struct capture_view *v, int64_t until_ns)
{
	struct pollfd polls[3] = {
		{channel_fd(v->channel), POLLIN, 0},
		{v->signal_fd, POLLIN, 0},
		{channel_control_fd(v->channel), POLLIN, 0},
	};
	int64_t left_ms = (until_ns - host_now_ns()) / NS_PER_MS + 1;
	struct signalfd_siginfo info;

	if (channel_wants_write(v->channel))
		polls[0].events |= POLLOUT;
	poll(polls, 3, left_ms < 0 ? 0 : left_ms > 1000 ? 1000 : (int)left_ms);
	if (channel_flush(v->channel) == -EPIPE)
		return -EXIT_INTERNAL;
	return polls[1].revents && read(v->signal_fd, &info, sizeof(info)) > 0;
}

/* ---- small answers first: names of interfaces and services ---- */

static int take_links(void *arg, const struct blob *b)
{
	if (b->part == 0)
		links_reset(arg);
	links_decode(arg, b->bytes, b->len);
	return 0;
}

static int find_services(void *context, const struct bundle_item *item)
{
	if (text_equals_str(item->name, "etc/services"))
		return str_append(context, item->data.bytes, item->data.len);
	return 0;
}

static int take_services(void *arg, const struct blob *b)
{
	bundle_each(b->bytes, b->len, find_services, arg);
	return 0;
}

/* Without it names are missing, nothing else. */
static void ask_small(struct capture_view *v, const struct request *r, struct awaited *a)
{
	int64_t until_ns = host_now_ns() + SMALL_ANSWER;

	if (channel_request(v->channel, r, &a->seq))
		return;
	while (!a->has_ended && host_now_ns() < until_ns && !v->code) {
		int got = wait_for(v, until_ns);

		v->code = got > 0 ? EXIT_INTERRUPTED : -got;
		if (!v->code)
			v->code = drain(v, a);
	}
}

static void read_links(struct capture_view *v)
{
	struct request r = {.kind = REQUEST_RTNETLINK,
			    .netns = v->cli->refresh.space,
			    .rtnetlink.dump = RTNL_LINKS};
	struct link_decoder decoder;
	struct awaited a = {.take = take_links, .arg = &decoder};

	links_init(&decoder);
	ask_small(v, &r, &a);
	v->links = links_finish(&decoder);
	links_release(&decoder);
}

void capture_read_services(struct capture_view *v, struct str *out)
{
	struct request r = {.kind = REQUEST_FILES, .files.set = FILES_HOST};
	struct awaited a = {.take = take_services, .arg = out};

	ask_small(v, &r, &a);
}

/* ---- the capture ---- */

static struct request request_of(const struct capture_view *v)
{
	struct request r = {.kind = REQUEST_CAPTURE, .netns = v->cli->refresh.space};
	const struct target *t = &v->target;

	r.capture.kind = v->cli->is_summary || !t->n_ports ? CAPTURE_REQUEST_ALL
							   : CAPTURE_REQUEST_FLOW;
	r.capture.proto = t->n_ports ? t->ports[0].proto : 0;
	r.capture.server = t->address;
	r.capture.is_promiscuous = v->cli->is_promiscuous;
	if (v->cli->capture_device && strcmp(v->cli->capture_device, "any") != 0)
		snprintf(r.capture.device, sizeof(r.capture.device), "%s",
			 v->cli->capture_device);
	for (size_t i = 0; i < t->n_ports; i++) {
		bool is_there = false;

		if (t->ports[i].proto != t->ports[0].proto)
			r.capture.proto = 0;
		for (unsigned k = 0; k < r.capture.n_ports; k++)
			is_there |= r.capture.ports[k] == t->ports[i].port;
		if (!is_there && r.capture.n_ports < REQUEST_PORTS_MAX)
			r.capture.ports[r.capture.n_ports++] = t->ports[i].port;
	}
	return r;
}

static int take_part(void *arg, const struct blob *b)
{
	struct capture_view *v = arg;
	bool was_ready = v->attempts.is_ready;
	int code = capture_take(v, b->bytes, b->len);

	if (!was_ready && v->attempts.is_ready && isatty(STDERR_FILENO) &&
	    !channel_is_replay(v->channel))
		fprintf(stderr, "dport: capturing on %s; Ctrl-C ends it.\n",
			v->cli->capture_device ? v->cli->capture_device : "any");
	return code;
}

/* A signal to the whole job comes twice: from its sender, and passed on by the broker. */
#define SAME_SIGNAL (500 * NS_PER_MS)

/* Until the answer ends. The first signal, or --for, asks for its end; a later one does not
 * wait for it. */
static int listen_to_end(struct capture_view *v, struct awaited *a)
{
	int64_t end_ns = v->cli->record_s ? host_now_ns() + v->cli->record_s * NS_PER_S
					  : INT64_MAX - NS_PER_S;
	int64_t cancelled_ns = 0;
	int code = 0, got;

	while (!code && !a->has_ended) {
		got = wait_for(v, end_ns);
		if (got < 0)
			return -got;
		if (got && cancelled_ns && host_now_ns() - cancelled_ns > SAME_SIGNAL)
			return EXIT_INTERRUPTED;
		if (!cancelled_ns && (got || host_now_ns() >= end_ns)) {
			channel_cancel(v->channel, a->seq);
			cancelled_ns = host_now_ns();
			end_ns = cancelled_ns + LAST_ANSWER;
		} else if (cancelled_ns && host_now_ns() >= end_ns) {
			return EXIT_INTERNAL;
		}
		code = drain(v, a);
	}
	return code;
}

int capture_live(struct capture_view *v)
{
	struct request r = request_of(v);
	struct awaited a = {.take = take_part, .arg = v};
	int error, code;

	read_links(v);
	if (v->code)
		return v->code;
	error = channel_request(v->channel, &r, &a.seq);
	if (error) {
		fprintf(stderr, "dport: the capture could not be asked for: %s.\n",
			strerror(-error));
		return EXIT_INTERNAL;
	}
	code = listen_to_end(v, &a);
	if (!v->attempts.error && a.error) {
		v->attempts.error = a.error;
		snprintf(v->attempts.problem, sizeof(v->attempts.problem), "%s",
			 a.error == ENODATA ? "no such capture was recorded"
					    : strerror(a.error));
	}
	return code;
}
