/* Running a program of the system for what it prints. Does not know what that means. */
#include "core/host/read/program_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"
#include "core/host/read/line_item.h"

#define KEEP_MAX ((size_t)64 << 10)

/* Who takes what is printed. */
struct taker {
	void (*take)(void *arg, const char *bytes, size_t len);
	void *arg;
};

const char *program_find(const char *name, char path[32])
{
	static const char *const directories[] = {"/usr/bin", "/bin"};

	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++) {
		int n = snprintf(path, 32, "%s/%s", directories[i], name);

		if (n > 0 && n < 32 && !access(path, X_OK))
			return path;
	}
	return NULL;
}

/* In the new process: nothing of ours but its input and output. It ends when we do. */
static void __attribute__((noreturn))
become_program(const char *const argv[], int input, int output, pid_t parent)
{
	static const char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8",
						  NULL};
	struct sigaction normal = {.sa_handler = SIG_DFL};
	int null = open("/dev/null", O_RDWR);

	for (int s = 1; s < NSIG; s++)
		sigaction(s, &normal, NULL);
	if (null < 0 || dup2(input < 0 ? null : input, STDIN_FILENO) < 0 ||
	    dup2(output, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		_exit(126);
	closefrom(STDERR_FILENO + 1);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(126);
	execve(argv[0], (char *const *)argv, (char *const *)environment);
	_exit(127);
}

static int start_program(const char *const argv[], int input, pid_t *pid)
{
	pid_t parent = getpid();
	int fds[2], error;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	*pid = fork();
	if (*pid == 0)
		become_program(argv, input, fds[1], parent);
	error = errno;
	close(fds[1]);
	if (*pid > 0)
		return fds[0];
	close(fds[0]);
	return -error;
}

/* Until its end, or what we allow it. 0 or a positive errno. */
static int copy_output(int fd, const struct taker *t, int64_t until_ns, size_t limit)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char bytes[16384];

	for (;;) {
		int64_t left_ns = until_ns - host_now_ns();
		size_t room = limit < sizeof(bytes) ? limit : sizeof(bytes);
		ssize_t got;

		if (left_ns <= 0)
			return ETIMEDOUT;
		if (poll(&p, 1, (int)(left_ns / NS_PER_MS) + 1) <= 0)
			continue;
		got = read(fd, bytes, room ? room : 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? errno : 0;
		if (!room)
			return EMSGSIZE;
		t->take(t->arg, bytes, (size_t)got);
		limit -= (size_t)got;
	}
}

/* 0 or a positive errno. */
static int run(const char *const argv[], int input, const struct taker *t, int timeout_ms,
	       size_t limit)
{
	int64_t until_ns = host_now_ns() + timeout_ms * NS_PER_MS;
	int status = 0, error, fd;
	pid_t pid = -1;

	fd = start_program(argv, input, &pid);
	if (fd < 0)
		return -fd;
	error = copy_output(fd, t, until_ns, limit);
	close(fd);
	if (error)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!error && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
		error = EIO;
	return error;
}

static void add_to_item(void *arg, const char *bytes, size_t len)
{
	line_item_add(arg, bytes, len);
}

int program_run(const char *const argv[], const char *name, int timeout_ms, size_t limit,
		struct bundle_out *out)
{
	static struct line_item item;
	const struct taker taker = {add_to_item, &item};

	line_item_start(&item, out, name);
	return line_item_end(&item, run(argv, -1, &taker, timeout_ms, limit));
}

/* The last bytes of all that came. */
struct tail {
	char bytes[2 * KEEP_MAX];
	size_t len, keep;
	bool is_cut;
};

static void keep_last(struct tail *t)
{
	if (t->len <= t->keep)
		return;
	memmove(t->bytes, t->bytes + t->len - t->keep, t->keep);
	t->len = t->keep;
	t->is_cut = true;
}

static void add_to_tail(void *arg, const char *bytes, size_t len)
{
	struct tail *t = arg;

	while (len) {
		size_t room = sizeof(t->bytes) - t->len, n = len < room ? len : room;

		memcpy(t->bytes + t->len, bytes, n);
		t->len += n;
		bytes += n;
		len -= n;
		if (t->len == sizeof(t->bytes))
			keep_last(t);
	}
}

int program_tail(const char *const argv[], int input, const char *name, int timeout_ms,
		 size_t keep, size_t limit, struct bundle_out *out)
{
	static struct line_item item;
	static struct tail tail;
	const struct taker taker = {add_to_tail, &tail};
	size_t front = 0;
	int error;

	tail.len = 0;
	tail.keep = keep < KEEP_MAX ? keep : KEEP_MAX;
	tail.is_cut = false;
	error = run(argv, input, &taker, timeout_ms, limit);
	if (error)
		return bundle_out_item(out, name, NULL, 0, error);
	keep_last(&tail);
	if (tail.is_cut) {
		const char *newline = memchr(tail.bytes, '\n', tail.len);

		front = newline ? (size_t)(newline - tail.bytes) + 1 : tail.len;
	}
	line_item_start(&item, out, name);
	line_item_add(&item, tail.bytes + front, tail.len - front);
	return line_item_end(&item, 0);
}
