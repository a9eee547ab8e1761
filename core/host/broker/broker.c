/*
 * The parent's loop: from the child to netlink or to the lanes, and back, until the child
 * ends. Reads no content. What is said is in broker_child.c; signals and the end are in
 * broker_job.c.
 */
#include "core/host/broker/broker.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "core/base/exits.h"
#include "core/base/time.h"
#include "core/host/broker/broker_impl.h"
#include "core/host/broker/rights.h"

#define MANY_TASKS 300 /* above it a second process shares the owner scan */
#define CLOSED_GRACE \
	(1500 * NS_PER_MS) /* between the child's closing its socket and its end */
#define LATE_NS NS_PER_S   /* so late after the time asked for: we were stopped ourselves */

static int64_t earliest(const struct broker *k)
{
	int64_t due = lanes_due_ns(&k->lanes);

	if (dumps_due_ns(&k->dumps) < due)
		due = dumps_due_ns(&k->dumps);
	if (taps_due_ns(&k->taps) < due)
		due = taps_due_ns(&k->taps);
	if (k->kill_ns < due)
		due = k->kill_ns;
	return k->suspend_ns < due ? k->suspend_ns : due;
}

enum {
	POLL_SIGNALS,
	POLL_UI,
	POLL_DUMP,
	POLL_LANES,
	POLL_TAPS = POLL_LANES + N_LANES,
	N_POLLS = POLL_TAPS + N_TAPS
};

static void set_polls(const struct broker *k, bool has_room, struct pollfd polls[N_POLLS])
{
	short ui_events = has_room ? POLLIN : 0;

	if (k->ui.first)
		ui_events |= POLLOUT;
	polls[POLL_SIGNALS] = (struct pollfd){k->signal_fd, POLLIN, 0};
	polls[POLL_UI] = (struct pollfd){k->ui_is_gone ? -1 : k->ui.fd, ui_events, 0};
	polls[POLL_DUMP] = (struct pollfd){has_room ? dumps_fd(&k->dumps) : -1, POLLIN, 0};
	for (unsigned i = 0; i < N_LANES; i++)
		polls[POLL_LANES + i] =
			(struct pollfd){has_room ? lanes_fd(&k->lanes, i) : -1, POLLIN, 0};
	for (unsigned i = 0; i < N_TAPS; i++)
		polls[POLL_TAPS + i] =
			(struct pollfd){has_room ? taps_fd(&k->taps, i) : -1, POLLIN, 0};
}

/* While the child does not take what it asked for, and while we are stopped, no deadline
 * runs. */
static int wait_for_events(struct broker *k, struct pollfd polls[N_POLLS])
{
	bool has_room = k->ui.n_queued < UI_QUEUE_MAX;
	int64_t start_ns = host_now_ns(), due_ns = earliest(k), waited_ns;
	int timeout_ms = -1, got;

	if (due_ns <= start_ns)
		timeout_ms = 0;
	else if (due_ns != INT64_MAX)
		timeout_ms = (int)((due_ns - start_ns + NS_PER_MS - 1) / NS_PER_MS);
	set_polls(k, has_room, polls);
	got = poll(polls, N_POLLS, timeout_ms);
	waited_ns = host_now_ns() - start_ns;
	if (!has_room)
		job_forgive(k, waited_ns);
	else if (timeout_ms >= 0 && waited_ns > timeout_ms * NS_PER_MS + LATE_NS)
		job_forgive(k, waited_ns);
	return got;
}

static void serve_events(struct broker *k, const struct pollfd polls[N_POLLS])
{
	int64_t now_ns = host_now_ns();

	if (polls[POLL_UI].revents & POLLOUT && mailbox_flush(&k->ui))
		k->ui_is_gone = true;
	if (polls[POLL_UI].revents & (POLLIN | POLLHUP | POLLERR))
		broker_read_child(k, now_ns);
	if (polls[POLL_DUMP].revents)
		dumps_step(&k->dumps, now_ns);
	for (unsigned i = 0; i < N_LANES; i++)
		if (polls[POLL_LANES + i].revents)
			lanes_read(&k->lanes, i, now_ns);
	for (unsigned i = 0; i < N_TAPS; i++)
		if (polls[POLL_TAPS + i].revents)
			taps_read(&k->taps, i);
	if (polls[POLL_SIGNALS].revents)
		job_read_signals(k, now_ns);
}

static void keep_deadlines(struct broker *k)
{
	int64_t now_ns = host_now_ns();

	lanes_tick(&k->lanes, now_ns);
	taps_tick(&k->taps, now_ns);
	dumps_tick(&k->dumps, now_ns);
	if (now_ns >= k->suspend_ns)
		job_suspend(k, true);
	if (k->ui_is_gone && k->kill_ns == INT64_MAX)
		k->kill_ns = now_ns + CLOSED_GRACE;
	if (now_ns >= k->kill_ns) {
		kill(k->child, SIGKILL);
		k->kill_ns = INT64_MAX;
	}
}

/* Nobody takes answers any more. What is not needed to the end goes now, while the child
 * still prints. */
static void stop_serving(struct broker *k)
{
	lanes_stop(&k->lanes);
	taps_stop(&k->taps);
	if (k->has_stopped)
		return;
	k->has_stopped = true;
	dumps_release(&k->dumps);
	k->dumps.is_busy = false;
}

static void serve_until_child_ends(struct broker *k)
{
	struct pollfd polls[N_POLLS];

	while (!k->child_is_gone) {
		if (wait_for_events(k, polls) > 0)
			serve_events(k, polls);
		if (k->ui_is_gone)
			stop_serving(k);
		if (!k->child_is_gone)
			keep_deadlines(k);
	}
}

static unsigned workers_for_this_host(void)
{
	struct sysinfo info;
	cpu_set_t cpus;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) || CPU_COUNT(&cpus) < 2)
		return 1;
	return sysinfo(&info) == 0 && info.procs > MANY_TASKS ? 2 : 1;
}

static unsigned n_workers(const struct broker_options *o)
{
	unsigned n = o->n_workers ? o->n_workers : workers_for_this_host();

	return n < N_OWNER_LANES_MAX ? n : N_OWNER_LANES_MAX;
}

/* Everything that can fail before there is a child. 0 or -errno; broker_free() in any case.
 */
static int prepare(struct broker *k, const struct broker_options *o, int fds[2])
{
	struct blob_sink sink = {broker_send_blob, broker_send_notice, k};
	int error;

	k->options = *o;
	k->kill_ns = INT64_MAX;
	k->suspend_ns = INT64_MAX;
	k->signal_fd = -1;
	k->ui = MAILBOX_CLOSED;
	lanes_init(&k->lanes, n_workers(o), &sink);
	lanes_find_owners(&k->lanes, o->owners_way);
	k->lanes.looks_once = o->looks_once;
	taps_init(&k->taps, &o->taps, o->save_fd, &sink);
	error = dumps_init(&k->dumps, &sink);
	if (!error)
		error = mailbox_pair(fds);
	if (!error)
		error = mailbox_init_take(&k->ui, fds[0]);
	if (!error)
		error = job_block_signals(k);
	terminal_save(&k->terminal, o->has_terminal);
	/* The library looks its own realloc() up at the first call: once for all of us. */
	free(reallocarray(NULL, 1, 1));
	return error;
}

static void broker_free(struct broker *k)
{
	taps_release(&k->taps);
	lanes_release(&k->lanes);
	if (!k->has_stopped)
		dumps_release(&k->dumps);
	if (k->settings.is_open)
		settings_close(&k->settings, &k->options.settings, false);
	mailbox_release(&k->ui);
	if (k->signal_fd >= 0)
		close(k->signal_fd);
	free(k);
}

/* The descriptors that are the broker's alone. Its memory stays: to give it back would copy
 * the pages that it is in. */
static void leave_broker(struct broker *k)
{
	const int fds[] = {k->ui.fd,
			   k->signal_fd,
			   k->dumps.netlink.home.fd,
			   k->taps.save_fd,
			   k->options.export_dir_fd,
			   k->options.settings.dir_fd > 0 ? k->options.settings.dir_fd
							  : -1};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static void __attribute__((noreturn))
become_child(struct broker *k, int fd, int (*child)(int socket, void *arg), void *arg)
{
	int error = rights_drop();
	int code;

	if (error) {
		fprintf(stderr, "dport: rights could not be given up: %s; stopping.\n",
			strerror(-error));
		exit(EXIT_INTERNAL);
	}
	leave_broker(k);
	job_unblock_signals();
	code = child(fd, arg);
	fflush(NULL);
	_exit(code);
}

/* What can be done before the child asks for it. */
static void begin(struct broker *k)
{
	lanes_start(&k->lanes, !k->options.without_owners);
	broker_answer_first(k, host_now_ns());
}

int broker_run(const struct broker_options *o, int (*child)(int socket, void *arg),
	       void *arg)
{
	struct broker *k = calloc(1, sizeof(*k));
	int fds[2] = {-1, -1}, code = EXIT_INTERNAL;
	int error = k ? prepare(k, o, fds) : -ENOMEM;

	if (!error) {
		k->child = fork();
		error = k->child < 0 ? -errno : 0;
	}
	if (!error && k->child == 0)
		become_child(k, fds[1], child, arg);
	if (fds[1] >= 0)
		close(fds[1]);
	if (error) {
		fprintf(stderr, "dport: cannot start: %s.\n", strerror(-error));
	} else {
		if (o->serves)
			begin(k);
		serve_until_child_ends(k);
		code = job_exit_code(k);
	}
	if (k)
		broker_free(k);
	return code;
}
