/* Signals, stopping and going on, and the end of the job. Serves no requests. signal(7),
 * setpgid(2). */
#include "core/host/broker/broker_impl.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/exits.h"
#include "core/base/time.h"

#define CHILD_GRACE   (1500 * NS_PER_MS) /* between SIGTERM and SIGKILL of the child */
#define SUSPEND_GRACE (500 * NS_PER_MS)  /* for the child to leave the terminal */

int job_block_signals(struct broker *k)
{
	static const int taken[] = {SIGCHLD, SIGTERM, SIGHUP, SIGTSTP,
				    SIGCONT, SIGINT,  SIGQUIT};
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

void job_unblock_signals(void)
{
	struct sigaction normal = {.sa_handler = SIG_DFL}, ignore = {.sa_handler = SIG_IGN};
	sigset_t none;

	sigaction(SIGTSTP, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL); /* a file's limit is an error of its writing */
	sigaction(SIGTTIN, &normal, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void reap(struct broker *k, int64_t now_ns)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != k->child) {
			if (!taps_reaped(&k->taps, pid))
				lanes_reaped(&k->lanes, pid, now_ns);
			continue;
		}
		k->child_is_gone = true;
		k->child_status = status;
	}
}

/* A terminal gives its keys' signals to the child as well; kill(1) means this process. */
static bool is_sent_to_us(const struct signalfd_siginfo *info)
{
	return info->ssi_code <= 0;
}

static void take_signal(struct broker *k, const struct signalfd_siginfo *info,
			int64_t now_ns)
{
	int signal = (int)info->ssi_signo;

	switch (signal) {
	case SIGCHLD:
		reap(k, now_ns);
		break;
	case SIGTERM:
	case SIGHUP:
		kill(k->child, signal);
		k->was_told = true;
		if (k->kill_ns == INT64_MAX)
			k->kill_ns = now_ns + CHILD_GRACE;
		break;
	case SIGTSTP:
		broker_send(k, MESSAGE_SUSPEND, NULL, 0, -1);
		k->suspend_ns = now_ns + SUSPEND_GRACE;
		break;
	case SIGCONT:
		broker_send(k, MESSAGE_RESUMED, NULL, 0, -1);
		break;
	default: /* SIGINT and SIGQUIT are the child's to decide */
		if (is_sent_to_us(info))
			kill(k->child, signal);
		break;
	}
}

void job_read_signals(struct broker *k, int64_t now_ns)
{
	struct signalfd_siginfo info;

	while (!k->child_is_gone && read(k->signal_fd, &info, sizeof(info)) == sizeof(info))
		take_signal(k, &info, now_ns);
}

void job_forgive(struct broker *k, int64_t ns)
{
	lanes_forgive(&k->lanes, ns);
	taps_forgive(&k->taps, ns);
	dumps_forgive(&k->dumps, ns);
}

/*
 * SIGTSTP in place of SIGSTOP: where nobody could continue us (an orphaned process group,
 * as under "xterm -e") the kernel drops it.
 */
static void stop_here(void)
{
	static const struct timespec now = {0, 0};
	sigset_t stop, go_on;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	sigemptyset(&go_on);
	sigaddset(&go_on, SIGCONT);
	kill(0, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	sigtimedwait(&go_on, NULL, &now);
}

void job_suspend(struct broker *k, bool by_force)
{
	int64_t stopped_ns = host_now_ns();

	k->suspend_ns = INT64_MAX;
	k->is_late = by_force;
	if (by_force) {
		kill(k->child, SIGSTOP);
		terminal_restore(&k->terminal);
	}
	stop_here();
	if (by_force)
		kill(k->child, SIGCONT);
	job_forgive(k, host_now_ns() - stopped_ns);
	broker_send(k, MESSAGE_RESUMED, NULL, 0, -1);
}

static bool is_end_by_request(int signal)
{
	return signal == SIGINT || signal == SIGQUIT || signal == SIGTERM ||
	       signal == SIGHUP;
}

int job_exit_code(struct broker *k)
{
	int signal = WIFSIGNALED(k->child_status) ? WTERMSIG(k->child_status) : 0;

	if (!signal)
		return WEXITSTATUS(k->child_status);
	broker_read_last_words(k);
	terminal_restore(&k->terminal);
	if (k->was_told || is_end_by_request(signal))
		return EXIT_INTERRUPTED;
	if (k->was_damaged)
		fprintf(stderr, "dport: the screen process sent a damaged message and was "
				"stopped.\n");
	else
		fprintf(stderr,
			"dport: the screen process was killed by signal %d (%s); %s\n",
			signal, strsignal(signal),
			k->terminal.is_saved ? "the terminal was restored."
					     : "nothing was left behind.");
	return EXIT_INTERNAL;
}
