/* The document to standard output, so that a signal is heard meanwhile. Prints nothing of
 * its own but why it failed. */
#include "tui/cli.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Until the output takes a piece. False: a signal to end came first. */
static bool wait_for_room(int signal_fd)
{
	struct pollfd polls[2] = {{STDOUT_FILENO, POLLOUT, 0}, {signal_fd, POLLIN, 0}};

	while (poll(polls, 2, -1) < 0 && errno == EINTR)
		;
	return !polls[1].revents;
}

/* In pieces of which a pipe that polls writable takes a whole one, so that a reader who has
 * stopped reading does not keep Ctrl-C from working. */
int cli_write_out(const struct str *out, int signal_fd)
{
	size_t done = 0;

	while (done < out->len) {
		size_t left = out->len - done;
		ssize_t n;

		if (!wait_for_room(signal_fd))
			return EXIT_INTERRUPTED;
		n = write(STDOUT_FILENO, out->data + done,
			  left < PIPE_BUF ? left : PIPE_BUF);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0) {
			if (errno != EPIPE)
				fprintf(stderr,
					"dport: the output could not be written: %s.\n",
					strerror(errno));
			return EXIT_OUTPUT;
		}
		done += (size_t)n;
	}
	return 0;
}
