/* A queue of bytes before a terminal. tty_ioctl(4), tty(4). */
#include "tui/terminal/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* To a blocking descriptor: a terminal that polls writable takes this much as a rule. */
#define PIECE 256

static bool is_same_terminal(int a, int b)
{
	unsigned device_a, device_b;

	return ioctl(a, TIOCGDEV, &device_a) == 0 && ioctl(b, TIOCGDEV, &device_b) == 0 &&
	       device_a == device_b;
}

void outlet_open(struct outlet *o, int fd)
{
	int own = open("/dev/tty", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	*o = (struct outlet){.fd = fd};
	if (own < 0)
		return;
	if (!is_same_terminal(own, fd)) {
		close(own);
		return;
	}
	o->fd = own;
	o->is_own = true;
}

void outlet_close(struct outlet *o)
{
	if (o->is_own)
		close(o->fd);
	str_release(&o->bytes);
	*o = (struct outlet){.fd = -1};
}

int outlet_add(struct outlet *o, const void *bytes, size_t len)
{
	int r = str_append(&o->bytes, bytes, len);

	o->bytes.failed = false;
	return r;
}

static bool takes_some(const struct outlet *o)
{
	struct pollfd p = {.fd = o->fd, .events = POLLOUT};

	return o->is_own || poll(&p, 1, 0) > 0;
}

int outlet_pump(struct outlet *o)
{
	while (o->sent < o->bytes.len) {
		size_t left = o->bytes.len - o->sent;
		ssize_t n;

		if (!takes_some(o))
			return 1;
		if (!o->is_own && left > PIECE)
			left = PIECE;
		n = write(o->fd, o->bytes.data + o->sent, left);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 1;
		if (n < 0)
			return -errno;
		o->sent += (size_t)n;
	}
	o->sent = 0;
	str_reset(&o->bytes);
	return 0;
}

int outlet_drain(struct outlet *o, int timeout_ms)
{
	struct pollfd p = {.fd = o->fd, .events = POLLOUT};
	int r = outlet_pump(o);

	while (r > 0) {
		if (poll(&p, 1, timeout_ms) <= 0)
			return 1;
		r = outlet_pump(o);
	}
	return r;
}
