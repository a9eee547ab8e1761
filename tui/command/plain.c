/* Standard output without a screen. */
#include "tui/command/plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/exits.h"

enum { PLAIN_WIDTH = 120 }; /* where standard output is no terminal */

bool plain_wants_color(enum color_choice choice)
{
	const char *no_color = getenv("NO_COLOR");

	switch (choice) {
	case COLOR_ALWAYS:
		return true;
	case COLOR_NEVER:
		return false;
	case COLOR_AUTO:
		break;
	}
	return !no_color || !*no_color;
}

static int width(void)
{
	struct winsize size = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return PLAIN_WIDTH;
	return size.ws_col;
}

int plain_print(struct console *c)
{
	struct str text = {0};
	int code = EXIT_OUTPUT;

	if (!console_plain(c, width(), &text) &&
	    fwrite(text.data, 1, text.len, stdout) == text.len && !fflush(stdout))
		code = 0;
	str_release(&text);
	return code;
}
