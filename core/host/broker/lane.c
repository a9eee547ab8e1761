/* A worker process and the socket to it. */
#include "core/host/broker/lane.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "core/host/broker/protocol.h"

/* Nothing of the broker's but this socket and the standard streams. */
static void __attribute__((noreturn)) become_worker(int fd, const struct worker_role *role)
{
	enum { SOCKET = STDERR_FILENO + 1 };

	if (fd != SOCKET)
		dup2(fd, SOCKET);
	closefrom(SOCKET + 1);
	worker_main(SOCKET, role);
}

int lane_start(struct lane *lane)
{
	int fds[2];
	int error = mailbox_pair(fds);
	pid_t pid;

	if (error)
		return error;
	pid = fork();
	if (pid == 0)
		become_worker(fds[1], &lane->role);
	error = errno;
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return -error;
	}
	lane->pid = pid;
	return mailbox_init_take(&lane->box, fds[0]);
}

bool lane_stop(struct lane *lane)
{
	bool is_killed = lane->pid > 0;

	if (is_killed)
		kill(lane->pid, SIGKILL);
	lane->pid = 0;
	mailbox_release(&lane->box);
	return is_killed;
}

int lane_send(struct lane *lane, uint32_t seq, const void *body, size_t len)
{
	uint8_t head[MESSAGE_HEAD_SIZE];
	struct iovec iov[2] = {{head, sizeof(head)}, {(void *)body, len}};
	int error;

	message_put_head(head, MESSAGE_REQUEST, seq);
	error = mailbox_send(&lane->box, iov, 2, -1);
	/* It is idle, so its socket is empty: what does not go now is for want of memory.
	 */
	return !error && lane->box.first ? -ENOBUFS : error;
}
