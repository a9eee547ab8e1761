/*
 * The terminal through ncurses. It writes into a memory file, from which the bytes go to
 * the terminal without blocking (outlet.h). ncurses(3), terminfo(5).
 */
#include "tui/terminal/term.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <term.h>
#include <unistd.h>

#include "tui/terminal/input.h"
#include "tui/terminal/outlet.h"

enum { DRAIN_MS = 300, EMPTY_READS_MAX = 20 };

struct display {
	SCREEN *screen;
	FILE *output;  /* ncurses' own; after the start its descriptor is the memory file */
	WINDOW *input; /* a pad: reading from it draws nothing */
	struct outlet outlet;
	struct termios before, during;
	struct frame shown; /* what ncurses was told last */
	bool is_shown;
	bool is_gone;
	enum palette palette;
	struct input_decoder decoder;
	unsigned n_empty_reads; /* readable, yet nothing came */
	char notice[TERM_ERROR_MAX];
};

/* The capability's bytes, or "" where the terminal has it not. */
static const char *capability(const char *name)
{
	/* tigetstr() does not change it, but is not declared so */
	const char *bytes = tigetstr((NCURSES_CONST char *)name);

	return bytes && bytes != (const char *)-1 ? bytes : "";
}

/* Without the padding marks "$<5>" that only tputs() understands. */
static size_t put_capability(char *out, size_t room, const char *name)
{
	const char *from = capability(name);
	size_t len = 0;

	while (*from) {
		const char *end =
			from[0] == '$' && from[1] == '<' ? strchr(from, '>') : NULL;

		if (end) {
			from = end + 1;
			continue;
		}
		if (len == room)
			return 0; /* rather nothing than half of it */
		out[len++] = *from++;
	}
	return len;
}

size_t term_exit_bytes(const struct display *t, char out[TERM_EXIT_MAX])
{
	static const char *const names[] = {"op", "sgr0", "cnorm", "rmkx", "rmcup"};
	size_t len = 0;

	(void)t;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		len += put_capability(out + len, TERM_EXIT_MAX - 2 - len, names[i]);
	if (!*capability("rmcup")) {
		memcpy(out + len, "\r\n", 2);
		len += 2;
	}
	return len;
}

static SCREEN *open_screen(struct display *t, char error[TERM_ERROR_MAX])
{
	static const char *const fallbacks[] = {"xterm-256color", "vt100"};
	const char *name = getenv("TERM");
	SCREEN *screen = NULL;

	if (name && *name)
		screen = newterm(name, t->output, stdin);
	for (size_t i = 0; !screen && i < sizeof(fallbacks) / sizeof(fallbacks[0]); i++) {
		screen = newterm(fallbacks[i], t->output, stdin);
		if (screen)
			snprintf(t->notice, sizeof(t->notice),
				 "the terminal type \"%.40s\" is not known here: drawn as"
				 " %s",
				 name ? name : "", fallbacks[i]);
	}
	if (!screen)
		snprintf(error, TERM_ERROR_MAX,
			 "no description of the terminal type \"%.40s\" is installed here,"
			 " nor of xterm-256color or vt100: use \"dport list\", or install"
			 " ncurses-base",
			 name ? name : "");
	return screen;
}

static void set_colors(struct display *t, enum theme theme)
{
	bool has = theme != THEME_MONO && has_colors() && start_color() == OK &&
		   use_default_colors() == OK;

	t->palette = theme_palette_of(theme, has ? COLORS : 0);
	for (int role = 0; role < N_ROLES && t->palette != PALETTE_MONO; role++) {
		struct look look = theme_look((enum role)role, t->palette);

		init_pair((short)(role + 1), (short)look.color, -1);
	}
}

/* From now on ncurses writes into memory. */
static int redirect(struct display *t)
{
	int fd = memfd_create("screen", MFD_CLOEXEC);
	int r = 0;

	if (fd < 0)
		return -errno;
	if (dup3(fd, fileno(t->output), O_CLOEXEC) < 0)
		r = -errno;
	close(fd);
	return r;
}

static int start(struct display *t, enum theme theme)
{
	int width, height;

	if (raw() == ERR || noecho() == ERR || nonl() == ERR)
		return -EIO;
	set_colors(t, theme);
	t->input = newpad(1, 1);
	if (!t->input)
		return -ENOMEM;
	keypad(t->input, TRUE);
	nodelay(t->input, TRUE);
	set_escdelay(25);
	typeahead(-1);
	leaveok(stdscr, curs_set(0) != ERR);
	term_size(t, &width, &height);
	tcgetattr(STDIN_FILENO, &t->during);
	return redirect(t);
}

static bool can_place_text(void)
{
	return *capability("cup") || (*capability("cuu1") && *capability("cuf1"));
}

static int open_parts(struct display *t, enum theme theme, char error[TERM_ERROR_MAX])
{
	int fd = dup(STDOUT_FILENO);
	int r;

	t->output = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!t->output || tcgetattr(STDIN_FILENO, &t->before)) {
		snprintf(error, TERM_ERROR_MAX, "the terminal cannot be used: %s",
			 strerror(errno));
		return -EIO;
	}
	t->during = t->before;
	t->screen = open_screen(t, error);
	if (!t->screen)
		return -EIO;
	if (!can_place_text()) {
		snprintf(
			error, TERM_ERROR_MAX,
			"a terminal of type \"%.40s\" cannot place text: use \"dport list\""
			" or \"dport --plain\"",
			getenv("TERM") ? getenv("TERM") : "");
		return -EIO;
	}
	r = start(t, theme);
	if (r)
		snprintf(error, TERM_ERROR_MAX, "the terminal cannot be used: %s",
			 strerror(-r));
	return r;
}

struct display *term_open(enum theme theme, char error[TERM_ERROR_MAX])
{
	struct display *t = calloc(1, sizeof(*t));

	if (!t) {
		snprintf(error, TERM_ERROR_MAX, "not enough memory for a screen");
		return NULL;
	}
	outlet_open(&t->outlet, STDOUT_FILENO);
	if (open_parts(t, theme, error)) {
		term_close(t);
		return NULL;
	}
	return t;
}

const char *term_notice(const struct display *t)
{
	return t->notice[0] ? t->notice : NULL;
}

#define KEPT_BYTES 65536 /* of the file that curses writes to */

/* What ncurses wrote since the last time -> the outlet. */
static int collect(struct display *t)
{
	int fd = fileno(t->output);
	off_t len = lseek(fd, 0, SEEK_CUR);
	char piece[4096];
	int r = 0;

	for (off_t at = 0; at < len && !r;) {
		size_t left = (size_t)(len - at);
		ssize_t n =
			pread(fd, piece, left < sizeof(piece) ? left : sizeof(piece), at);

		if (n <= 0)
			break;
		r = outlet_add(&t->outlet, piece, (size_t)n);
		at += n;
	}
	/* Its first pages stay: to give them back and take them again costs more than all.
	 */
	if ((len > KEPT_BYTES && ftruncate(fd, KEPT_BYTES)) || lseek(fd, 0, SEEK_SET))
		return -errno;
	return r;
}

int term_flush(struct display *t)
{
	int r = outlet_pump(&t->outlet);

	if (r < 0)
		t->is_gone = true;
	return r;
}

int term_output_fd(const struct display *t)
{
	return t->outlet.fd;
}

int term_send(struct display *t, const void *bytes, size_t len)
{
	int r = outlet_add(&t->outlet, bytes, len);

	return r ? r : term_flush(t);
}

static attr_t attributes(const struct display *t, const struct cell *c)
{
	struct look look = theme_look((enum role)c->role, t->palette);
	attr_t a = A_NORMAL;

	if (look.flags & LOOK_BOLD)
		a |= A_BOLD;
	if (look.flags & LOOK_UNDERLINE)
		a |= A_UNDERLINE;
	if (((look.flags & LOOK_REVERSE) != 0) != c->is_selected)
		a |= A_REVERSE;
	return a;
}

static short color_pair(const struct display *t, const struct cell *c)
{
	return t->palette == PALETTE_MONO ? 0 : (short)(c->role + 1);
}

/* Cells of one look at a time; returns their number. */
static int draw_run(struct display *t, const struct cell *cells, int n)
{
	char bytes[1024];
	size_t len = 0;
	int i = 0;

	while (i < n && cells[i].role == cells[0].role &&
	       cells[i].is_selected == cells[0].is_selected &&
	       len + CELL_TEXT_MAX <= sizeof(bytes)) {
		memcpy(bytes + len, cells[i].text, cells[i].len);
		len += cells[i++].len;
	}
	attr_set(attributes(t, cells), color_pair(t, cells), NULL);
	addnstr(bytes, (int)len);
	return i;
}

static void draw_row(struct display *t, const struct frame *f, int y)
{
	size_t at = (size_t)y * (size_t)f->width;
	size_t size = (size_t)f->width * sizeof(struct cell);
	int x = 0;

	if (t->is_shown && !memcmp(&f->cells[at], &t->shown.cells[at], size))
		return;
	memcpy(&t->shown.cells[at], &f->cells[at], size);
	move(y, 0);
	while (x < f->width)
		x += draw_run(t, &f->cells[at + (size_t)x], f->width - x);
}

static int keep_size(struct display *t, const struct frame *f)
{
	if (t->shown.width == f->width && t->shown.height == f->height)
		return 0;
	term_redraw(t); /* terminals differ in what a new size leaves of the old picture */
	return frame_resize(&t->shown, f->width, f->height);
}

int term_draw(struct display *t, const struct frame *f)
{
	int r = term_flush(t);

	if (r)
		return r;
	r = keep_size(t, f);
	if (r)
		return r;
	for (int y = 0; y < f->height; y++)
		draw_row(t, f, y);
	t->is_shown = true;
	if (!is_leaveok(stdscr))
		move(f->height - 1, 0);
	refresh();
	r = collect(t);
	return r ? r : term_flush(t);
}

void term_redraw(struct display *t)
{
	t->is_shown = false;
	clearok(curscr, TRUE);
}

void term_size(struct display *t, int *width, int *height)
{
	struct winsize size = {0};

	(void)t;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col || !size.ws_row) {
		size.ws_col = 80;
		size.ws_row = 24;
	}
	*width = size.ws_col < 1000 ? size.ws_col : 1000;
	*height = size.ws_row < 1000 ? size.ws_row : 1000;
	if (*width != COLS || *height != LINES)
		resizeterm(*height, *width);
}

/* The keys that the terminal's description names. */
static int named_key(int key)
{
	switch (key) {
	case KEY_UP:
		return INPUT_UP;
	case KEY_DOWN:
		return INPUT_DOWN;
	case KEY_LEFT:
		return INPUT_LEFT;
	case KEY_RIGHT:
		return INPUT_RIGHT;
	case KEY_PPAGE:
		return INPUT_PAGE_UP;
	case KEY_NPAGE:
		return INPUT_PAGE_DOWN;
	case KEY_HOME:
	case KEY_FIND:
		return INPUT_HOME;
	case KEY_END:
	case KEY_SELECT:
		return INPUT_END;
	case KEY_DC:
		return INPUT_DELETE;
	case KEY_BACKSPACE:
		return INPUT_BACKSPACE;
	case KEY_BTAB:
		return INPUT_TAB_BACK;
	case KEY_ENTER:
		return INPUT_ENTER;
	case KEY_F(1):
		return INPUT_F1;
	case KEY_F(5):
		return INPUT_F5;
	case KEY_F(10):
		return INPUT_F10;
	default:
		return INPUT_NONE;
	}
}

/* One key of ncurses -> up to two inputs. */
static unsigned decode(struct display *t, int key, int out[2])
{
	if (key < 256)
		return input_byte(&t->decoder, (uint8_t)key, out);
	out[0] = named_key(key);
	return out[0] != INPUT_NONE;
}

int term_read(struct display *t, int *inputs, int room)
{
	int n = 0;
	int key;
	bool has_read = false;

	while (n + 2 <= room && (key = wgetch(t->input)) != ERR) {
		has_read = true;
		n += (int)decode(t, key, inputs + n);
	}
	if (n + 2 <= room)
		n += (int)input_pause(&t->decoder, inputs + n);
	t->n_empty_reads = has_read ? 0 : t->n_empty_reads + 1;
	return t->n_empty_reads > EMPTY_READS_MAX ? -EIO : n;
}

bool term_is_foreground(const struct display *t)
{
	(void)t;
	return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

void term_leave(struct display *t)
{
	endwin();
	collect(t);
	if (!t->is_gone)
		outlet_drain(&t->outlet, DRAIN_MS);
	tcsetattr(STDIN_FILENO, TCSANOW, &t->before);
}

void term_enter(struct display *t)
{
	int width, height;

	tcsetattr(STDIN_FILENO, TCSANOW, &t->during);
	term_size(t, &width, &height);
	term_redraw(t);
}

void term_close(struct display *t)
{
	if (!t)
		return;
	if (t->screen) {
		term_leave(t);
		if (t->input)
			delwin(t->input);
		delscreen(t->screen);
	}
	if (t->output)
		fclose(t->output);
	outlet_close(&t->outlet);
	frame_release(&t->shown);
	free(t);
}
