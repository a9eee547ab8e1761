/* Work in a process without rights: forked, drained, ended. What it does is its caller's.
 */
#include "core/host/read/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/time.h"
#include "core/host/broker/protocol.h"
#include "core/host/broker/rights.h"
#include "core/host/read/waiting.h"

enum { HAS_RIGHTS = 3 }; /* exit code: it would have kept some */

static void be_child(int out_fd, pid_t parent, void (*work)(const void *arg, int out_fd),
		     const void *arg)
{
	if (rights_drop())
		_exit(HAS_RIGHTS);
	/* After the change of ids, which clears it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(0);
	work(arg, out_fd);
	_exit(0);
}

int apart_start(struct apart *a, void (*work)(const void *arg, int out_fd), const void *arg)
{
	pid_t parent = getpid();
	int fds[2], error;

	*a = (struct apart){.fd = -1};
	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	a->pid = fork();
	if (a->pid == 0)
		be_child(fds[1], parent, work, arg);
	error = a->pid < 0 ? -errno : 0;
	close(fds[1]);
	if (error) {
		close(fds[0]);
		a->pid = 0;
		return error;
	}
	a->fd = fds[0];
	return 0;
}

/* Until its end: 0, or -ETIMEDOUT. */
static int drain(const struct apart *a, int64_t until_ns, char *bytes, size_t room,
		 size_t *told)
{
	struct pollfd p = {.fd = a->fd, .events = POLLIN};
	ssize_t got = 1;

	while (got > 0 && *told < room) {
		int n = poll(&p, 1, waiting_left_ms(until_ns));

		if (n == 0)
			return -ETIMEDOUT;
		got = n > 0 ? read(a->fd, bytes + *told, room - *told) : -1;
		if (got > 0)
			*told += (size_t)got;
		else if (got < 0 && errno == EINTR)
			got = 1;
	}
	return 0;
}

int apart_finish(struct apart *a, int64_t until_ns, void *bytes, size_t room, size_t *told)
{
	int error, status = 0;

	*told = 0;
	error = drain(a, until_ns, bytes, room, told);
	close(a->fd);
	if (error || *told == room)
		kill(a->pid, SIGKILL);
	while (waitpid(a->pid, &status, 0) < 0 && errno == EINTR)
		;
	a->pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == HAS_RIGHTS)
		return -EPERM;
	return error;
}
