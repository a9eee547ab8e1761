/*
 * Legacy tables and ipsets of this process's network namespace, read by the program's own
 * code in a process of its own, which sends them in parts as a worker does. Decodes
 * nothing.
 */
#ifndef TESTS_NET_LEGACY_READER_H
#define TESTS_NET_LEGACY_READER_H

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/host/read/evidence.h"
#include "core/host/broker/protocol.h"
#include "core/host/kernel/xtables.h"

/* In the child: the answer, whose last part tells the error. */
static inline _Noreturn void legacy_send(int fd)
{
	struct bundle_out *out = calloc(1, sizeof(*out));
	int error;

	if (!out)
		_exit(EXIT_FAILURE);
	bundle_out_start(out, fd, 1, 0);
	error = xtables_read(out);
	if (!error && ipsets_read(out) == -ENOPKG)
		error = out->error;
	_exit(bundle_out_end(out, BLOB_LAST, -error) ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* One part after the other until the last, whose error counts. A table that changed under
 * way begins anew: nobody changes any while a test reads. */
static inline int legacy_take(int fd, int (*take)(void *arg, const struct blob *part),
			      void *arg)
{
	static uint8_t packet[MESSAGE_MAX];
	struct blob part = {.status = BLOB_MORE};
	int error = 0;

	for (uint32_t n = 0; !error && !blob_is_end(&part); n++) {
		ssize_t len = recv(fd, packet, sizeof(packet), 0);
		struct message m;

		if (len <= 0 || message_parse(&m, packet, (size_t)len) ||
		    message_get_blob(&part, &m))
			return -EBADMSG;
		if (part.part != n)
			return -EAGAIN;
		error = part.error ? -part.error : take(arg, &part);
	}
	return error;
}

/* Every part to take(), in order. 0; the reader's error, or that of take(). */
static inline int legacy_read(int (*take)(void *arg, const struct blob *part), void *arg)
{
	int pair[2], error;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pid = fork();
	if (!pid)
		legacy_send(pair[1]);
	close(pair[1]);
	error = pid < 0 ? -EAGAIN : legacy_take(pair[0], take, arg);
	close(pair[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return error;
}

#endif
