/*
 * The parent's loop: requests from the child to netlink or to the lanes, parts back, the child's life and death. Reads no content.
 */
#include "core/host/broker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/lanes.h"
#include "core/host/dumps.h"
#include "core/host/rights.h"
#include "core/host/terminal.h"

#define MANY_TASKS    300 /* above it a second process shares the owner scan */
#define CHILD_GRACE   (1500 * NS_PER_MS) /* between SIGTERM and SIGKILL of the child */
#define SUSPEND_GRACE (500 * NS_PER_MS)  /* for the child to leave the terminal */
#define UI_QUEUE_MAX  16 /* packets the child has not taken: then we read no more for it */

struct broker {
	struct broker_options options;
	struct mailbox ui;
	pid_t child;
	int child_status;
	bool child_is_gone, ui_is_gone;
	int signal_fd;
	struct terminal terminal;
	struct dumps dumps;
	struct lanes lanes;
	int64_t kill_ns;    /* when the child is killed; INT64_MAX: not */
	int64_t suspend_ns; /* when we stop even if the child does not answer */
	uint32_t inodes[REQUEST_OWNERS_MAX];
};

static void send_blob(void *arg, const struct blob *b)
{
	struct broker *k = arg;
	uint8_t head[MESSAGE_HEAD_SIZE + BLOB_HEAD_SIZE];
	struct iovec iov[2] = {{head, sizeof(head)}, {(void *)b->bytes, b->len}};

	message_put_blob(head, b);
	if (!k->ui_is_gone && mailbox_send(&k->ui, iov, b->len ? 2 : 1, -1))
		k->ui_is_gone = true;
}

static void send_plain(struct broker *k, enum message_type type, const void *body, size_t len, int fd)
{
	uint8_t head[MESSAGE_HEAD_SIZE];
	struct iovec iov[2] = {{head, sizeof(head)}, {(void *)body, len}};

	message_put_head(head, type, 0);
	if (!k->ui_is_gone && mailbox_send(&k->ui, iov, len ? 2 : 1, fd))
		k->ui_is_gone = true;
}

static void send_notice(void *arg, const char *sentence)
{
	send_plain(arg, MESSAGE_NOTICE, sentence, strnlen(sentence, NOTICE_MAX), -1);
}

static void answer_error(struct broker *k, uint32_t seq, int error)
{
	struct blob b = {.seq = seq, .status = BLOB_LAST, .error = error};

	blob_stamp(&b);
	send_blob(k, &b);
}

/* ---- what the child asks ---- */

static void take_request(struct broker *k, const struct message *m, int64_t now_ns)
{
	struct request r;
	int error = k->options.serves ? request_unpack(&r, m->body, m->len, k->inodes) : -EPERM;

	if (!error && r.kind != REQUEST_SOCK_DIAG && r.kind != REQUEST_RTNETLINK) {
		error = lanes_request(&k->lanes, m->seq, r.kind, m->body, m->len);
		lanes_tick(&k->lanes, now_ns);
	} else if (!error) {
		error = dumps_request(&k->dumps, m->seq, &r, now_ns);
	}
	if (error)
		answer_error(k, m->seq, -error);
}

static void take_export(struct broker *k, const struct message *m)
{
	char name[EXPORT_NAME_MAX + 1];
	uint8_t error = 0;
	int fd = -1;

	snprintf(name, sizeof(name), "%.*s", (int)m->len, (const char *)m->body);
	if (!export_name_is_fine((const char *)m->body, m->len))
		error = EINVAL;
	else if (k->options.export_dir_fd < 0)
		error = EROFS;
	else
		fd = openat(k->options.export_dir_fd, name,
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (!error && fd < 0)
		error = (uint8_t)errno;
	send_plain(k, MESSAGE_EXPORT, &error, 1, fd);
}

/* Stops the whole job, as ^Z would; returns when it goes on. */
static void suspend_now(struct broker *k, bool child_too)
{
	k->suspend_ns = INT64_MAX;
	if (child_too)
		kill(k->child, SIGSTOP);
	raise(SIGSTOP);
	if (child_too)
		kill(k->child, SIGCONT);
	send_plain(k, MESSAGE_RESUMED, NULL, 0, -1);
}

static int take_message(struct broker *k, int64_t now_ns)
{
	struct message m;

	if (message_parse(&m, k->ui.packet, k->ui.packet_len))
		return -EBADMSG;
	switch (m.type) {
	case MESSAGE_REQUEST:
		take_request(k, &m, now_ns);
		return 0;
	case MESSAGE_TERMINAL:
		terminal_set_exit(&k->terminal, m.body, m.len);
		return 0;
	case MESSAGE_SUSPEND:
		suspend_now(k, false);
		return 0;
	case MESSAGE_EXPORT:
		take_export(k, &m);
		return 0;
	case MESSAGE_BLOB:
	case MESSAGE_RESUMED:
	case MESSAGE_NOTICE:
	case N_MESSAGE_TYPES:
		break;
	}
	return -EBADMSG;
}

static void read_ui(struct broker *k, int64_t now_ns)
{
	int got = 0;

	while (!k->ui_is_gone && k->ui.n_queued < UI_QUEUE_MAX && (got = mailbox_receive(&k->ui)) > 0) {
		if (take_message(k, now_ns) == 0)
			continue;
		fprintf(stderr, "dport: the screen process sent a damaged message and is stopped.\n");
		kill(k->child, SIGKILL);
		k->ui_is_gone = true;
	}
	if (got < 0)
		k->ui_is_gone = true;
}

/* ---- signals ---- */

static void reap(struct broker *k, int64_t now_ns)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != k->child) {
			lanes_reaped(&k->lanes, pid, now_ns);
			continue;
		}
		k->child_is_gone = true;
		k->child_status = status;
	}
}

static void take_signal(struct broker *k, int signal, int64_t now_ns)
{
	switch (signal) {
	case SIGCHLD:
		reap(k, now_ns);
		break;
	case SIGTERM:
	case SIGHUP:
		kill(k->child, signal);
		k->kill_ns = now_ns + CHILD_GRACE;
		break;
	case SIGTSTP:
		send_plain(k, MESSAGE_SUSPEND, NULL, 0, -1);
		k->suspend_ns = now_ns + SUSPEND_GRACE;
		break;
	default: /* SIGINT and SIGQUIT are the child's to decide */
		break;
	}
}

static void read_signals(struct broker *k, int64_t now_ns)
{
	struct signalfd_siginfo info;

	while (read(k->signal_fd, &info, sizeof(info)) == sizeof(info))
		take_signal(k, (int)info.ssi_signo, now_ns);
}

static int block_signals(struct broker *k)
{
	static const int taken[] = {SIGCHLD, SIGTERM, SIGHUP, SIGTSTP, SIGINT, SIGQUIT};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		sigaddset(&set, taken[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGTTOU, &ignore, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	k->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return k->signal_fd < 0 ? -errno : 0;
}

static void unblock_signals(void)
{
	struct sigaction normal = {.sa_handler = SIG_DFL}, ignore = {.sa_handler = SIG_IGN};
	sigset_t none;

	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGTSTP, &ignore, NULL);
	sigaction(SIGTTIN, &normal, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* ---- the loop ---- */

static int64_t earliest(const struct broker *k)
{
	int64_t due = lanes_due_ns(&k->lanes);

	if (dumps_due_ns(&k->dumps) < due)
		due = dumps_due_ns(&k->dumps);
	if (k->kill_ns < due)
		due = k->kill_ns;
	return k->suspend_ns < due ? k->suspend_ns : due;
}

enum { POLL_SIGNALS, POLL_UI, POLL_DUMP, POLL_LANES, N_POLLS = POLL_LANES + N_LANES };

static int wait_for_events(struct broker *k, struct pollfd polls[N_POLLS])
{
	bool has_room = k->ui.n_queued < UI_QUEUE_MAX;
	int64_t left = earliest(k);
	short ui_events = has_room ? POLLIN : 0;
	int timeout_ms = -1;

	if (left != INT64_MAX) {
		left = (left - host_now_ns() + NS_PER_MS - 1) / NS_PER_MS;
		timeout_ms = left < 0 ? 0 : (int)left;
	}
	if (k->ui.first)
		ui_events |= POLLOUT;
	polls[POLL_SIGNALS] = (struct pollfd){k->signal_fd, POLLIN, 0};
	polls[POLL_UI] = (struct pollfd){k->ui_is_gone ? -1 : k->ui.fd, ui_events, 0};
	polls[POLL_DUMP] = (struct pollfd){has_room ? dumps_fd(&k->dumps) : -1, POLLIN, 0};
	for (unsigned i = 0; i < N_LANES; i++)
		polls[POLL_LANES + i] = (struct pollfd){has_room ? lanes_fd(&k->lanes, i) : -1, POLLIN, 0};
	return poll(polls, N_POLLS, timeout_ms);
}

static void serve_events(struct broker *k, const struct pollfd polls[N_POLLS])
{
	int64_t now_ns = host_now_ns();

	if (polls[POLL_UI].revents & POLLOUT && mailbox_flush(&k->ui))
		k->ui_is_gone = true;
	if (polls[POLL_UI].revents & (POLLIN | POLLHUP | POLLERR))
		read_ui(k, now_ns);
	if (polls[POLL_DUMP].revents)
		dumps_step(&k->dumps, now_ns);
	for (unsigned i = 0; i < N_LANES; i++)
		if (polls[POLL_LANES + i].revents && lanes_fd(&k->lanes, i) >= 0)
			lanes_read(&k->lanes, i, now_ns);
	if (polls[POLL_SIGNALS].revents)
		read_signals(k, now_ns);
}

static void keep_deadlines(struct broker *k)
{
	int64_t now_ns = host_now_ns();

	lanes_tick(&k->lanes, now_ns);
	dumps_tick(&k->dumps, now_ns);
	if (now_ns >= k->suspend_ns)
		suspend_now(k, true);
	if (k->ui_is_gone && k->kill_ns == INT64_MAX)
		k->kill_ns = now_ns + CHILD_GRACE;
	if (now_ns >= k->kill_ns) {
		kill(k->child, SIGKILL);
		k->kill_ns = INT64_MAX;
	}
}

static void serve_until_child_ends(struct broker *k)
{
	struct pollfd polls[N_POLLS];

	while (!k->child_is_gone) {
		if (wait_for_events(k, polls) > 0)
			serve_events(k, polls);
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

static int broker_open(struct broker *k, const struct broker_options *o, int ui_fd)
{
	struct blob_sink sink = {send_blob, send_notice, k};
	unsigned n = o->n_workers ? o->n_workers : workers_for_this_host();
	int error;

	k->options = *o;
	k->kill_ns = INT64_MAX;
	k->suspend_ns = INT64_MAX;
	error = mailbox_init_take(&k->ui, ui_fd);
	if (error)
		return error;
	lanes_init(&k->lanes, n > N_OWNER_LANES_MAX ? N_OWNER_LANES_MAX : n, &sink);
	return dumps_init(&k->dumps, &sink);
}

static int exit_code(struct broker *k)
{
	if (WIFEXITED(k->child_status))
		return WEXITSTATUS(k->child_status);
	terminal_restore(&k->terminal);
	fprintf(stderr, "dport: the screen process was killed by signal %d (%s); %s\n",
		WTERMSIG(k->child_status), strsignal(WTERMSIG(k->child_status)),
		k->options.has_terminal ? "the terminal was restored." : "nothing was left behind.");
	return 70;
}

static int run_child(int socket, int (*child)(int socket, void *arg), void *arg)
{
	int error = rights_drop();

	if (error) {
		fprintf(stderr, "dport: rights could not be given up: %s; stopping.\n", strerror(-error));
		return 70;
	}
	unblock_signals();
	return child(socket, arg);
}

int broker_run(const struct broker_options *o, int (*child)(int socket, void *arg), void *arg)
{
	struct broker *k = calloc(1, sizeof(*k));
	int fds[2], code = 70;
	int error = k ? mailbox_pair(fds) : -ENOMEM;

	if (!error)
		error = block_signals(k);
	if (error) {
		fprintf(stderr, "dport: cannot start: %s.\n", strerror(-error));
		free(k);
		return 70;
	}
	terminal_save(&k->terminal, o->has_terminal);
	k->child = fork();
	if (k->child == 0) {
		close(fds[0]);
		close(k->signal_fd);
		code = run_child(fds[1], child, arg);
		exit(code);
	}
	close(fds[1]);
	if (k->child > 0 && broker_open(k, o, fds[0]) == 0) {
		serve_until_child_ends(k);
		code = exit_code(k);
	} else if (k->child > 0) {
		kill(k->child, SIGKILL);
	}
	lanes_release(&k->lanes);
	dumps_release(&k->dumps);
	mailbox_release(&k->ui);
	free(k);
	return code;
}
