/*
 * Bytes to the terminal without ever waiting for it: what it does not take now is kept and
 * sent later. Does not know what the bytes mean.
 */
#ifndef TUI_OUTLET_H
#define TUI_OUTLET_H

#include "core/base/str.h"

struct outlet {
	int fd;           /* non-blocking if is_own */
	bool is_own;      /* an open file of ours, which nobody else's settings depend on */
	struct str bytes; /* from sent on still to go */
	size_t sent;
};

/*
 * For the terminal that fd is. O_NONBLOCK on fd itself would hold for the shell as well, so
 * the terminal is opened once more (/dev/tty, if it is this one); if it cannot be, fd is
 * written to in small pieces and only when it takes some.
 */
void outlet_open(struct outlet *o, int fd);
void outlet_close(struct outlet *o);
/* 0 or -ENOMEM (nothing is kept of it). */
int outlet_add(struct outlet *o, const void *bytes, size_t len);
/* Sends what can be sent. 1: the terminal takes no more for now; 0: all is sent; -errno:
 * the terminal is gone (EIO). */
int outlet_pump(struct outlet *o);
/* The same, waiting up to timeout_ms. */
int outlet_drain(struct outlet *o, int timeout_ms);

#endif
