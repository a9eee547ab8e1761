/* The terminal as it was before us, to be given back if the process that draws on it dies.
 * termios(3). No curses. */
#ifndef CORE_HOST_TERMINAL_H
#define CORE_HOST_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>
#include <termios.h>

#include "core/host/broker/protocol.h"

struct terminal {
	bool is_saved;
	int fd;
	struct termios modes;
	uint8_t exit_bytes[TERMINAL_EXIT_MAX];
	size_t exit_len; /* 0: nothing is drawn on it now */
};

/* Remembers the modes of standard input's terminal, if wanted and there is one. */
void terminal_save(struct terminal *t, bool is_wanted);
/* What leaves the screen clean; an empty string: it is clean already. */
void terminal_set_exit(struct terminal *t, const void *bytes, size_t len);
/* Modes and screen back, only while our process group owns the terminal. Does not block. */
void terminal_restore(struct terminal *t);

#endif
