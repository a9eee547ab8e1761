/*
 * A client asked over the user's own ssh(1): its shell runs our script, and what it prints
 * is the answer. All clients at once. No shell of this host is used, nothing is typed for
 * the user, nothing of what comes back is understood here.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/str.h"
#include "core/base/time.h"
#include "core/host/broker/protocol.h"
#include "core/host/read/evidence.h"
#include "core/host/read/remote.h"
#include "core/host/read/remote_script.h"

#define DEADLINE_NS   (18 * NS_PER_S) /* before the lane's own, which would lose all */
#define MUTE_NS       (8 * NS_PER_S)  /* to the script's first word: it speaks at once */
#define OUTPUT_MAX    (128 * 1024)
#define COMPLAINT_MAX 4096
#define PIECE_MAX     16384

enum { STDIN, STDOUT, STDERR, N_PIPES };

/* One client under way. */
struct errand {
	pid_t pid;        /* 0: not running */
	int fds[N_PIPES]; /* our ends; -1: closed */
	size_t n_written; /* of the script */
	struct str output, complaint;
	int64_t started_ns; /* wall */
	int error;
};

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int64_t wall_ns(void)
{
	struct blob now = {0};

	blob_stamp(&now);
	return now.wall_ns;
}

/* ---- ssh ---- */

/*
 * Nobody is asked anything, nothing is passed on to the other side, and no connection
 * stays behind for others. "sh -s" reads the script from its input, so that the shell of
 * the user there, whichever it is, has only plain words to take apart.
 */
static void __attribute__((noreturn))
become_ssh(const struct remote_ask *ask, const char *client, const int theirs[N_PIPES],
	   pid_t parent)
{
	char command[sizeof(ask->host) + 64];
	const char *const argv[] = {"ssh",
				    "-T",
				    "-a",
				    "-x",
				    "-oBatchMode=yes",
				    "-oConnectTimeout=5",
				    "-oConnectionAttempts=1",
				    "-oClearAllForwardings=yes",
				    "-oControlMaster=no",
				    "-oPermitLocalCommand=no",
				    "-oUpdateHostKeys=no",
				    "-oRequestTTY=no",
				    "-oLogLevel=ERROR",
				    "--",
				    client,
				    command,
				    NULL};

	snprintf(command, sizeof(command), "sh -s -- %s %u %u", ask->host, ask->port,
		 (ask->patience_ms + 999) / 1000);
	for (int i = 0; i < N_PIPES; i++)
		if (dup2(theirs[i], i) < 0)
			_exit(126);
	closefrom(STDERR_FILENO + 1);
	setsid();
	if (remote_become_caller())
		_exit(126);
	/* Giving up rights takes this back: it comes last. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(126);
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

static int open_pipes(int ours[N_PIPES], int theirs[N_PIPES])
{
	for (int i = 0; i < N_PIPES; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC))
			return -errno;
		ours[i] = ends[i == STDIN];
		theirs[i] = ends[i != STDIN];
		fcntl(ours[i], F_SETFL, O_NONBLOCK);
	}
	return 0;
}

static void start(struct errand *e, const struct remote_ask *ask, const char *client)
{
	int theirs[N_PIPES] = {-1, -1, -1};
	pid_t parent = getpid();
	int error;

	*e = (struct errand){.fds = {-1, -1, -1}, .started_ns = wall_ns()};
	error = open_pipes(e->fds, theirs);
	if (!error) {
		e->pid = fork();
		error = e->pid < 0 ? -errno : 0;
	}
	if (!error && e->pid == 0)
		become_ssh(ask, client, theirs, parent);
	for (int i = 0; i < N_PIPES; i++)
		close_end(&theirs[i]);
	if (!error)
		return;
	e->pid = 0;
	e->error = -error;
	for (int i = 0; i < N_PIPES; i++)
		close_end(&e->fds[i]);
}

/* ---- its streams ---- */

static void write_script(struct errand *e)
{
	size_t len = sizeof(remote_script) - 1;
	ssize_t n = write(e->fds[STDIN], remote_script + e->n_written, len - e->n_written);

	if (n > 0)
		e->n_written += (size_t)n;
	if ((n < 0 && errno != EAGAIN && errno != EINTR) || e->n_written == len)
		close_end(&e->fds[STDIN]);
}

static void read_stream(struct errand *e, int which, struct str *to, size_t max)
{
	char bytes[PIECE_MAX];
	ssize_t n = read(e->fds[which], bytes, sizeof(bytes));
	size_t room = to->len < max ? max - to->len : 0;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		close_end(&e->fds[which]);
	else
		str_append(to, bytes, (size_t)n < room ? (size_t)n : room);
	if (n > 0 && (size_t)n > room && which == STDOUT)
		e->error = EMSGSIZE;
}

static bool is_busy(const struct errand *e)
{
	return e->pid && !e->error && (e->fds[STDOUT] >= 0 || e->fds[STDERR] >= 0);
}

static void step(struct errand *e, const struct pollfd polls[N_PIPES])
{
	if (polls[STDIN].revents && e->fds[STDIN] >= 0)
		write_script(e);
	if (polls[STDOUT].revents && e->fds[STDOUT] >= 0)
		read_stream(e, STDOUT, &e->output, OUTPUT_MAX);
	if (polls[STDERR].revents && e->fds[STDERR] >= 0)
		read_stream(e, STDERR, &e->complaint, COMPLAINT_MAX);
}

/* ---- the answer ---- */

static void put_pieces(struct bundle_out *out, const char *name, const struct str *s)
{
	for (size_t at = 0; at < s->len; at += PIECE_MAX) {
		size_t left = s->len - at;

		bundle_out_item(out, name, s->data + at,
				left < PIECE_MAX ? left : PIECE_MAX, 0);
	}
}

static void put_errand(struct bundle_out *out, const struct errand *e, const char *client,
		       int exit_code)
{
	char line[REMOTE_CLIENT_BYTES + 64];
	int n = snprintf(line, sizeof(line), "remote %" PRId64 " ssh:%s", e->started_ns,
			 client);

	bundle_out_item(out, "start", line, (size_t)n, 0);
	put_pieces(out, "bytes", &e->output);
	put_pieces(out, "complaint", &e->complaint);
	n = snprintf(line, sizeof(line), "%" PRId64 " %d", wall_ns(), exit_code);
	bundle_out_item(out, "end", line, (size_t)n, e->error);
}

/* What it left running dies of its closed pipes. */
static void finish(struct errand *e, const char *client, struct bundle_out *out)
{
	int status = 0, exit_code = 0;

	for (int i = 0; i < N_PIPES; i++)
		close_end(&e->fds[i]);
	if (e->pid && e->error)
		kill(e->pid, SIGKILL);
	while (e->pid && waitpid(e->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (e->pid && WIFEXITED(status))
		exit_code = WEXITSTATUS(status);
	put_errand(out, e, client, exit_code);
	str_release(&e->output);
	str_release(&e->complaint);
	*e = (struct errand){.fds = {-1, -1, -1}};
}

/* A login that hangs is not waited for as long as a script that works. */
static void give_up_mute(struct errand errands[REMOTE_CLIENTS_MAX], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_busy(&errands[i]) && !errands[i].output.len)
			errands[i].error = ETIMEDOUT;
}

/* What is waited for. False: nothing is under way. */
static bool watch(const struct errand errands[REMOTE_CLIENTS_MAX], size_t n,
		  struct pollfd polls[REMOTE_CLIENTS_MAX][N_PIPES])
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		bool busy = is_busy(&errands[i]);

		any |= busy;
		for (int k = 0; k < N_PIPES; k++)
			polls[i][k] = (struct pollfd){busy ? errands[i].fds[k] : -1,
						      k == STDIN ? POLLOUT : POLLIN, 0};
	}
	return any;
}

static void wait_until(struct errand errands[REMOTE_CLIENTS_MAX], size_t n,
		       int64_t until_ns)
{
	struct pollfd polls[REMOTE_CLIENTS_MAX][N_PIPES];
	int64_t left_ns;

	while ((left_ns = until_ns - host_now_ns()) > 0 && watch(errands, n, polls)) {
		if (poll(polls[0], n * N_PIPES, (int)(left_ns / NS_PER_MS) + 1) <= 0)
			continue;
		for (size_t i = 0; i < n; i++)
			step(&errands[i], polls[i]);
	}
}

int remote_run(const struct remote_ask *ask, struct bundle_out *out)
{
	struct errand errands[REMOTE_CLIENTS_MAX];
	int64_t begun_ns = host_now_ns();
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	/* One that does not take the script is no reason to end. */
	sigaction(SIGPIPE, &ignore, NULL);
	for (size_t i = 0; i < ask->n; i++)
		start(&errands[i], ask, ask->clients[i]);
	wait_until(errands, ask->n, begun_ns + MUTE_NS);
	give_up_mute(errands, ask->n);
	wait_until(errands, ask->n, begun_ns + DEADLINE_NS);
	for (size_t i = 0; i < ask->n; i++) {
		if (is_busy(&errands[i]))
			errands[i].error = ETIMEDOUT;
		finish(&errands[i], ask->clients[i], out);
	}
	return out->error;
}
