/* One look at the host and the questions after it, as the batch commands make them. The
 * clock here is only for deadlines. */
#include "tui/command/looking.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"
#include "core/report/list.h"
#include "tui/live/diagnose.h"

#define LOOK_NS  (4 * NS_PER_S) /* for the first complete picture */
#define NAMES_NS (4 * NS_PER_S)
#define TURN_MS  50

static void tell_notice(const struct looking *l)
{
	if (l->user && l->user->notice)
		l->user->notice(l->arg);
}

static void take_snapshot(struct looking *l)
{
	struct snapshot *s = refresh_snapshot(l->refresh);

	if (!s) {
		l->code = EXIT_INTERNAL;
		return;
	}
	table_unref(l->snapshot);
	l->snapshot = s;
	if (l->user && l->user->snapshot)
		l->user->snapshot(l->arg);
}

/* -ENOENT: it is none of theirs. */
static int offer_blob(struct looking *l, const struct blob *b)
{
	int got = -ENOENT;

	if (l->user && l->user->blob)
		got = l->user->blob(l->arg, b);
	if (got == -ENOENT && l->inquiry)
		got = inquiry_blob(l->inquiry, b);
	return got;
}

static void take_blob(struct looking *l, const struct blob *b)
{
	int got = offer_blob(l, b);

	if (got == -ENOENT)
		got = refresh_blob(l->refresh, b, host_now_ns());
	else
		got = got == -ENOMEM ? got : 0;
	if (got < 0)
		l->code = EXIT_INTERNAL;
	else if (got)
		take_snapshot(l);
}

/* True if anything came: then more may be there to ask. */
static bool drain(struct looking *l)
{
	struct blob blob;
	bool has_come = false;

	while (!l->code) {
		switch (channel_receive(l->channel, &blob)) {
		case CHANNEL_NOTHING:
			return has_come;
		case CHANNEL_BLOB:
			has_come = true;
			take_blob(l, &blob);
			break;
		case CHANNEL_SUSPEND:
			channel_suspend(l->channel);
			break;
		case CHANNEL_NOTICE:
			tell_notice(l);
			fprintf(stderr, "dport: %s.\n", channel_notice(l->channel));
			break;
		case CHANNEL_RESUMED:
		case CHANNEL_EXPORT:
		case CHANNEL_SETTINGS:
			break;
		case CHANNEL_CLOSED:
			fprintf(stderr, "dport: the process that reads this host is gone; "
					"stopping.\n");
			l->code = EXIT_INTERNAL;
			break;
		}
	}
	return has_come;
}

static void wait_for_news(struct looking *l, int timeout_ms)
{
	struct pollfd polls[3] = {
		{channel_fd(l->channel), POLLIN, 0},
		{l->signal_fd, POLLIN, 0},
		{channel_control_fd(l->channel), POLLIN, 0},
	};

	if (channel_wants_write(l->channel))
		polls[0].events |= POLLOUT;
	poll(polls, 3, timeout_ms);
	if (polls[1].revents)
		l->code = EXIT_INTERRUPTED;
	else if (channel_flush(l->channel) == -EPIPE)
		l->code = EXIT_INTERNAL;
}

void looking_turn(struct looking *l)
{
	int error = refresh_is_settled(l->refresh)
			    ? 0
			    : refresh_ask(l->refresh, l->channel, host_now_ns());
	bool has_come;

	if (error && error != -ENOBUFS)
		l->code = EXIT_INTERNAL;
	has_come = drain(l);
	if (!l->code)
		wait_for_news(l, has_come ? 0 : TURN_MS);
}

/* A namespace that was named and cannot be read: nothing else is worth asking. */
static void check_space(struct looking *l)
{
	struct str missing = {0};
	int code = 0;

	if (l->cli->refresh.spaces == SPACES_ONE)
		code = cli_code_for_view(l->snapshot);
	if (code == EXIT_USAGE || code == EXIT_RIGHTS) {
		list_missing_text(&missing, l->snapshot);
		fputs(str_text(&missing), stderr);
		str_release(&missing);
		l->code = code;
	}
}

/* One picture of these namespaces. */
static void look_at(struct looking *l, const struct refresh_options *o)
{
	int64_t until_ns = host_now_ns() + LOOK_NS;

	l->refresh = refresh_new(o);
	if (!l->refresh) {
		l->code = EXIT_INTERNAL;
		return;
	}
	while (!l->code && !refresh_is_settled(l->refresh) && host_now_ns() < until_ns)
		looking_turn(l);
	if (!l->code)
		take_snapshot(l);
}

/* What the named namespace serves may live in one behind it: all are looked at, and where
 * it is not among them (the own one's second name, a name that there is not), it alone. */
static void look_around(struct looking *l, struct refresh_options *o)
{
	o->spaces = SPACES_ALL;
	look_at(l, o);
	if (l->code || looking_space(l))
		return;
	looking_end(l);
	o->spaces = SPACES_ONE;
	look_at(l, o);
}

void looking_start(struct looking *l)
{
	struct refresh_options o = l->cli->refresh;

	o.once = true;
	/* A listener may live in another namespace of this host. */
	if (o.spaces == SPACES_OWN)
		o.spaces = SPACES_ALL;
	/* Of a process only its own: whose number the others go by is not known before. */
	if (o.spaces == SPACES_ONE && o.space.kind == NETNS_NAME)
		look_around(l, &o);
	else
		look_at(l, &o);
	if (!l->code)
		check_space(l);
}

void looking_end(struct looking *l)
{
	table_unref(l->snapshot);
	refresh_free(l->refresh);
	l->snapshot = NULL;
	l->refresh = NULL;
}

void looking_ask(struct looking *l, struct inquiry *i, int64_t patience_ns)
{
	int64_t until_ns = host_now_ns() + patience_ns;

	l->inquiry = i;
	while (!l->code && !responses_are_in(&i->responses) && host_now_ns() < until_ns) {
		if (inquiry_send(i, l->channel))
			l->code = EXIT_INTERNAL;
		else
			looking_turn(l);
	}
	l->inquiry = NULL;
}

/* Of the family wanted the first; else the first of all. */
static struct addr choose_address(const struct names_answer *t, int family)
{
	for (size_t i = 0; i < t->n; i++) {
		struct addr plain = addr_unmapped(&t->addresses[i]);

		if (plain.family == family)
			return plain;
	}
	return addr_unmapped(&t->addresses[0]);
}

struct addr looking_resolve(struct looking *l, const char *host, int family)
{
	struct inquiry inquiry;
	struct question q = {.kind = QUESTION_NAMES};
	const struct names_answer *answer;
	struct addr found = {0};

	inquiry_init(&inquiry, &l->cli->refresh.space);
	snprintf(q.names.name, sizeof(q.names.name), "%s", host);
	inquiry_ask(&inquiry, &q);
	looking_ask(l, &inquiry, NAMES_NS);
	answer = responses_table(&inquiry.responses, QUESTION_NAMES, 0);
	if (answer && answer->n) {
		found = choose_address(answer, family);
	} else if (!l->code) {
		fprintf(stderr,
			"dport: this host's resolver knows no address for '%s': name "
			"an address, or the port alone.\n",
			host);
		l->code = EXIT_UNKNOWN;
	}
	inquiry_release(&inquiry);
	return found;
}

const struct space *looking_space(const struct looking *l)
{
	return diagnose_space(l->snapshot, &l->cli->refresh.space);
}
