/*
 * A tap's process: enters the namespace, opens what it captures from, gives up every right
 * for good and only then reads the first packet. It ends with its socket. Parses nothing.
 */
#include "core/host/broker/taps.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/host/kernel/netns.h"
#include "core/host/broker/protocol.h"
#include "core/host/broker/rights.h"

enum { SOCKET = STDERR_FILENO + 1, SAVE, N_KEPT };

struct tap_child {
	struct blob part;
};

static int send_part(struct tap_child *c, enum blob_status status, int error,
		     const void *bytes, size_t len)
{
	uint8_t head[MESSAGE_HEAD_SIZE + BLOB_HEAD_SIZE];
	struct iovec iov[2] = {{head, sizeof(head)}, {(void *)bytes, len}};
	struct msghdr h = {.msg_iov = iov, .msg_iovlen = len ? 2 : 1};

	c->part.status = status;
	c->part.error = error;
	blob_stamp(&c->part);
	message_put_blob(head, &c->part);
	while (sendmsg(SOCKET, &h, MSG_NOSIGNAL) < 0) {
		struct pollfd p = {.fd = SOCKET, .events = POLLOUT};

		if (errno == EAGAIN || errno == ENOBUFS)
			poll(&p, 1, 100);
		else if (errno != EINTR)
			return -errno;
	}
	c->part.part++;
	return 0;
}

static int put(void *arg, const void *bytes, size_t len)
{
	return send_part(arg, BLOB_MORE, 0, bytes, len);
}

static void prepare(void)
{
	/* What reaches the whole job too: the tap ends with the broker, who decides. */
	static const int ignored[] = {SIGINT,  SIGQUIT, SIGTERM, SIGTSTP, SIGTTOU,
				      SIGTTIN, SIGHUP,  SIGPIPE, SIGXFSZ};
	struct sigaction ignore = {.sa_handler = SIG_IGN}, normal = {.sa_handler = SIG_DFL};
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		sigaction(ignored[i], &ignore, NULL);
	sigaction(SIGCHLD, &normal, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * Nothing of the broker's but the socket, the file for packets and the standard streams.
 * Without descriptors for that nobody can be told anything: the socket's end tells it.
 */
static int keep_only(int socket, int save_fd)
{
	/* First out of each other's way. */
	int high_socket = fcntl(socket, F_DUPFD_CLOEXEC, N_KEPT);
	int high_save = save_fd < 0 ? -1 : fcntl(save_fd, F_DUPFD_CLOEXEC, N_KEPT);

	if (high_socket < 0 || (save_fd >= 0 && high_save < 0) ||
	    dup2(high_socket, SOCKET) < 0 || (high_save >= 0 && dup2(high_save, SAVE) < 0))
		_exit(1);
	closefrom(high_save >= 0 ? SAVE + 1 : SAVE);
	return high_save >= 0 ? SAVE : -1;
}

/* Changing the user clears it: prctl(2). Where we have no right to anything nobody else's
 * death is missed, as the socket tells it as well. */
static int give_up_rights(void)
{
	int error = rights_drop();

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	return error;
}

static int open_capture(const struct tap_start *s, int save_fd, uint64_t *netns,
			void **handle, char *sentence)
{
	struct netns_home home;
	int error;

	netns_home_open(&home);
	error = netns_enter(&home, &s->request->netns, netns);
	netns_home_close(&home);
	if (error) {
		snprintf(sentence, TAP_ERROR_MAX, "the network namespace: %s",
			 strerror(-error));
		return error;
	}
	error = s->ops->open(handle, s->request, save_fd, s->ops->arg, sentence,
			     TAP_ERROR_MAX);
	if (error)
		return error;
	error = give_up_rights();
	if (error)
		snprintf(sentence, TAP_ERROR_MAX, "rights could not be given up: %s",
			 strerror(-error));
	return error;
}

void tap_main(const struct tap_start *s)
{
	static uint8_t problem[TAP_PART_MAX];
	struct tap_child c = {.part.seq = s->seq};
	char sentence[TAP_ERROR_MAX] = "";
	void *handle = NULL;
	int save_fd, error;
	size_t len;

	prepare();
	save_fd = keep_only(s->socket, s->save_fd);
	error = open_capture(s, save_fd, &c.part.netns, &handle, sentence);
	if (error) {
		len = s->ops->problem ? s->ops->problem(problem, -error, sentence) : 0;
		send_part(&c, BLOB_LAST, -error, problem, len);
		_exit(0);
	}
	error = s->ops->run(handle, SOCKET, put, &c);
	s->ops->close(handle);
	send_part(&c, BLOB_LAST, error < 0 ? -error : 0, NULL, 0);
	_exit(0);
}
