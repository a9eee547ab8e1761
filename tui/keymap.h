/*
 * Keys and what they do: one table from which the lookup, the footer, the help and the man
 * page are made. Does not carry anything out.
 */
#ifndef TUI_KEYMAP_H
#define TUI_KEYMAP_H

#include "core/base/str.h"
#include "tui/terminal/frame.h"

/* Screens on which a key means something. */
enum {
	WHERE_PORTS = 1,
	WHERE_HELP = 2,
	WHERE_GUIDE = 4,
	WHERE_LADDER = 8,
	WHERE_DETAILS = 16,
	WHERE_PATH = 32,
	WHERE_WIRE = 64,
	WHERE_LOGS = 128,
	WHERE_EVENTS = 256,
	WHERE_PALETTE = 512,
	WHERE_COLUMNS = 1024,
	WHERE_RUN = WHERE_GUIDE | WHERE_LADDER, /* a diagnosis is shown */
	WHERE_SHOWN = WHERE_PORTS | WHERE_RUN,  /* all but the help */
	WHERE_ALL = WHERE_SHOWN | WHERE_HELP
};

/*
 * X(name, keys, where, footer rank, footer word, help). Keys are names of input.h. Of the
 * rows with a footer rank the lowest ranks stay when there is little room; 0: not there.
 */
#define ACTIONS(X)                                                                       \
	X(UP, "Up k", WHERE_ALL, 0, "", "one line up")                                   \
	X(DOWN, "Down j", WHERE_ALL, 0, "", "one line down")                             \
	X(PAGE_UP, "PgUp Ctrl-B", WHERE_ALL, 0, "", "one page up")                       \
	X(PAGE_DOWN, "PgDn Ctrl-F", WHERE_ALL, 0, "", "one page down")                   \
	X(FIRST, "g Home", WHERE_ALL, 0, "", "to the first line")                        \
	X(LAST, "G End", WHERE_ALL, 0, "", "to the last line")                           \
	X(GUIDE, "Enter", WHERE_PORTS, 3, "guide",                                       \
	  "why can clients not reach this port? the diagnosis of it")                    \
	X(STEP_NEXT, "Enter", WHERE_GUIDE, 3, "next",                                    \
	  "deeper: the evidence of the step; again: the next step")                      \
	X(STEP, "1 2 3 4 5", WHERE_GUIDE, 4, "step", "to the step of that number, open") \
	X(WHY, "w", WHERE_GUIDE, 5, "why",                                               \
	  "the evidence of the step, and how to see the same by hand")                   \
	X(LADDER, "t", WHERE_RUN, 6, "ladder",                                           \
	  "the packets of the newest attempt as a ladder, or back")                      \
	X(OPEN, "d", WHERE_PORTS, 4, "details",                                          \
	  "open or close the row: its sockets, owners")                                  \
	X(LEFT, "Left h", WHERE_PORTS | WHERE_GUIDE, 0, "", "close the row, the step")   \
	X(RIGHT, "Right l", WHERE_PORTS | WHERE_GUIDE, 0, "", "open the row, the step")  \
	X(SEARCH, "/", WHERE_PORTS, 5, "search",                                         \
	  "search: go to the rows that have a text")                                     \
	X(NEXT, "n", WHERE_PORTS, 0, "", "to the next row found")                        \
	X(PREVIOUS, "N", WHERE_PORTS, 0, "", "to the row found before")                  \
	X(FILTER, "f", WHERE_PORTS, 6, "filter", "filter: show only the rows that fit")  \
	X(SORT, "s", WHERE_PORTS, 7, "sort",                                             \
	  "sort by port, service, owner, connections, queue in turn")                    \
	X(REVERSE, "S", WHERE_PORTS, 0, "", "turn the order round")                      \
	X(REFRESH, "r F5", WHERE_PORTS, 11, "refresh", "look at everything again now")   \
	X(FREEZE, "z", WHERE_PORTS, 9, "freeze", "freeze the picture, or let it go on")  \
	X(LONGER, "+ =", WHERE_PORTS, 0, "", "look less often")                          \
	X(SHORTER, "-", WHERE_PORTS, 0, "", "look more often")                           \
	X(CLOCK, "u", WHERE_ALL, 0, "", "times in UTC, or as local time")                \
	X(COPY, "y", WHERE_SHOWN, 10, "copy",                                            \
	  "copy to the terminal's clipboard: the line; the diagnosis for a ticket")      \
	X(EXPORT, "x", WHERE_SHOWN, 8, "export",                                         \
	  "write a file: the rows as JSON; the diagnosis as Markdown")                   \
	X(AGAIN, "r F5", WHERE_RUN, 7, "again",                                          \
	  "diagnose again: before and now side by side, until a client got through")     \
	X(PROVE, "p", WHERE_GUIDE, 12, "prove",                                          \
	  "prove: see the very rule that this client's packets meet; asks first")        \
	X(DROP, "Esc Backspace", WHERE_PORTS, 0, "",                                     \
	  "back: end the search, close the row, drop the filter")                        \
	X(BACK, "Esc Backspace", WHERE_ALL & ~WHERE_PORTS, 2, "back",                    \
	  "back: close what is open here, then to the screen before")                    \
	X(HELP, "? F1", WHERE_ALL, 1, "help", "this help, or back from it")              \
	X(REDRAW, "Ctrl-L", WHERE_ALL, 0, "", "draw the screen again")                   \
	X(SUSPEND, "Ctrl-Z", WHERE_ALL, 0, "", "suspend; fg in the shell comes back")    \
	X(INTERRUPT, "Ctrl-C", WHERE_ALL, 0, "", "leave a field; twice: quit")           \
	X(CLOSE, "q", WHERE_HELP, 0, "", "back to the screen before")                    \
	X(QUIT, "q F10", WHERE_SHOWN, 2, "quit", "quit")

enum action {
	ACTION_NONE,
#define X(name, keys, where, rank, word, help) ACTION_##name,
	ACTIONS(X)
#undef X
		N_ACTIONS
};

/* What an input does on a screen (one WHERE_ bit); ACTION_NONE: nothing. */
enum action keymap_lookup(unsigned where, int input);
/* The keys as in the table, "Up k"; words for the help; the screens. */
const char *keymap_keys(enum action a);
const char *keymap_help(enum action a);
unsigned keymap_where(enum action a);

/* Draws "Enter open  / search ..." into width columns: by rank what fits, in table order.
 */
void keymap_footer(struct frame *f, int x, int y, int width, unsigned where);

/* Appends the keys of all screens as items of an mdoc(7) list (-tag). 0 or -ENOMEM. */
int keymap_man(struct str *out);

#endif
