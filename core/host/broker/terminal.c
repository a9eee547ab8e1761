/* Giving the terminal back. Draws nothing. */
#include "core/host/broker/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

void terminal_save(struct terminal *t, bool is_wanted)
{
	*t = (struct terminal){.fd = -1};
	if (!is_wanted || tcgetattr(STDIN_FILENO, &t->modes))
		return;
	t->fd = STDIN_FILENO;
	t->is_saved = true;
}

void terminal_set_exit(struct terminal *t, const void *bytes, size_t len)
{
	if (len > sizeof(t->exit_bytes))
		return;
	memcpy(t->exit_bytes, bytes, len);
	t->exit_len = len;
}

void terminal_restore(struct terminal *t)
{
	struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};

	if (!t->is_saved || tcgetpgrp(t->fd) != getpgrp())
		return;
	if (t->exit_len && poll(&p, 1, 100) > 0 && (p.revents & POLLOUT)) {
		ssize_t written = write(STDOUT_FILENO, t->exit_bytes, t->exit_len);

		(void)written;
		/* What the mouse still reported is not for the shell. */
		tcflush(t->fd, TCIFLUSH);
	}
	tcsetattr(t->fd, TCSANOW, &t->modes);
}
