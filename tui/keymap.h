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
	WHERE_QUESTION = 4096,                  /* before a diagnosis */
	WHERE_RUN = WHERE_GUIDE | WHERE_LADDER, /* a diagnosis is shown */
	/* All that show the host. */
	WHERE_SHOWN = WHERE_PORTS | WHERE_RUN | WHERE_DETAILS | WHERE_PATH | WHERE_WIRE |
		      WHERE_LOGS | WHERE_EVENTS,
	WHERE_ALL = WHERE_SHOWN | WHERE_HELP | WHERE_COLUMNS | WHERE_QUESTION,
	WHERE_EVERY = WHERE_ALL | WHERE_PALETTE
};

/*
 * X(name, keys, where, footer rank, footer word, help). Keys are names of input.h. Of the
 * rows with a footer rank the lowest ranks stay when there is little room; 0: not there.
 */
#define ACTIONS(X)                                                                        \
	X(UP, "Up k", WHERE_EVERY, 0, "", "one line up")                                  \
	X(DOWN, "Down j", WHERE_EVERY, 0, "", "one line down")                            \
	X(PAGE_UP, "PgUp Ctrl-B", WHERE_EVERY, 0, "", "one page up")                      \
	X(PAGE_DOWN, "PgDn Ctrl-F", WHERE_EVERY, 0, "", "one page down")                  \
	X(FIRST, "g Home", WHERE_ALL, 0, "", "to the first line")                         \
	X(LAST, "G End", WHERE_ALL, 0, "", "to the last line")                            \
	X(GUIDE, "Enter", WHERE_PORTS | WHERE_DETAILS, 3, "guide",                        \
	  "why can clients not reach this port? the diagnosis of it")                     \
	X(ANSWER, "Enter", WHERE_QUESTION, 3, "go on",                                    \
	  "take the chosen answer: the next question, or the diagnosis")                  \
	X(START, "r F5", WHERE_QUESTION, 4, "start",                                      \
	  "start the diagnosis at once with what is answered so far")                     \
	X(STEP_NEXT, "Enter", WHERE_GUIDE, 3, "next",                                     \
	  "deeper: the evidence of the step; again: the next step")                       \
	X(STEP, "1 2 3 4 5", WHERE_GUIDE, 4, "step", "to the step of that number, open")  \
	X(WHY, "w", WHERE_GUIDE, 5, "why",                                                \
	  "the evidence of the step, and how to see the same by hand")                    \
	X(LADDER, "t", WHERE_RUN, 6, "ladder",                                            \
	  "the packets of the newest attempt as a ladder, or back")                       \
	X(LOGS, "L", WHERE_PORTS | WHERE_DETAILS | WHERE_RUN | WHERE_LOGS, 13, "logs",    \
	  "the time line: packets, drops, counters, log lines, changes; or back")         \
	X(WHOLE, "Enter", WHERE_LOGS, 3, "whole",                                         \
	  "the line whole: its source, why it counts; without a diagnosis: start one")    \
	X(PATH, "p", WHERE_PORTS | WHERE_DETAILS | WHERE_RUN | WHERE_PATH, 6, "path",     \
	  "the way of one packet through this host and of its reply, or back")            \
	X(PLACE, "Enter", WHERE_PATH, 3, "open",                                          \
	  "every rule that the packet met at the place, or those that matter")            \
	X(PACKET, "i", WHERE_PATH, 4, "packet",                                           \
	  "another packet, typed: from 203.0.113.9 to :443 in eth1")                      \
	X(PLACE_BEFORE, "Left h", WHERE_PATH, 0, "", "to the place before")               \
	X(PLACE_NEXT, "Right l", WHERE_PATH, 0, "", "to the next place")                  \
	X(WALK, "r F5", WHERE_PATH, 7, "again", "read all of it again and walk again")    \
	X(DETAILS, "d", WHERE_PORTS | WHERE_GUIDE | WHERE_DETAILS, 4, "details",          \
	  "all of a port: sockets, owners, queue, clients, reach, logs; or back")         \
	X(PANE, "Tab", WHERE_DETAILS | WHERE_LOGS, 4, "next",                             \
	  "to the next part of the screen; in the time line: the next that counts")       \
	X(PANE_BACK, "Shift-Tab", WHERE_DETAILS | WHERE_LOGS, 0, "", "the one before")    \
	X(LEFT, "Left h", WHERE_PORTS | WHERE_GUIDE, 0, "", "close the row, the step")    \
	X(RIGHT, "Right l", WHERE_PORTS | WHERE_GUIDE, 0, "", "open the row, the step")   \
	X(SEARCH, "/", WHERE_PORTS | WHERE_WIRE | WHERE_EVENTS, 5, "search",              \
	  "search: go to the rows that have a text")                                      \
	X(NEXT, "n", WHERE_PORTS | WHERE_WIRE | WHERE_EVENTS, 0, "",                      \
	  "to the next row found")                                                        \
	X(PREVIOUS, "N", WHERE_PORTS | WHERE_WIRE | WHERE_EVENTS, 0, "",                  \
	  "to the row found before")                                                      \
	X(FILTER, "f", WHERE_PORTS | WHERE_EVENTS, 6, "filter",                           \
	  "filter: show only the rows that fit; of events one group after the other")     \
	X(SORT, "s", WHERE_PORTS, 7, "sort",                                              \
	  "sort by port, service, owner, connections, queue in turn")                     \
	X(REVERSE, "S", WHERE_PORTS, 0, "", "turn the order round")                       \
	X(COLUMNS, "C", WHERE_PORTS | WHERE_COLUMNS, 0, "",                               \
	  "the columns: which are shown and in what order, or back")                      \
	X(GROUP, "b", WHERE_PORTS, 0, "",                                                 \
	  "group the rows by service, process, unit, namespace in turn")                  \
	X(TOGGLE, "Enter Space", WHERE_COLUMNS, 3, "show, hide",                          \
	  "show the column, or hide it")                                                  \
	X(MOVE_LEFT, "-", WHERE_COLUMNS, 4, "earlier", "move the column to the left")     \
	X(MOVE_RIGHT, "+ =", WHERE_COLUMNS, 5, "later", "move the column to the right")   \
	X(RESET, "r F5", WHERE_COLUMNS, 6, "reset", "the columns as they are built in")   \
	X(KEEP, "K", WHERE_PORTS | WHERE_COLUMNS, 14, "keep",                             \
	  "keep columns, order and grouping in the configuration; asks first")            \
	X(WIRE, "c", WHERE_ALL & ~WHERE_COLUMNS, 9, "wire",                               \
	  "attempts as they are decided, by a capture that it starts; or back")           \
	X(ATTEMPT, "Enter", WHERE_WIRE, 3, "ladder", "the packets of the attempt")        \
	X(SAVE, "s", WHERE_WIRE, 4, "save",                                               \
	  "from now on packets go to a pcap file too, headers only; again: no more")      \
	X(ANEW, "r F5", WHERE_WIRE, 7, "again", "begin a new capture")                    \
	X(EVENTS, "e", WHERE_ALL & ~WHERE_COLUMNS, 9, "events",                           \
	  "what happened since dport watches, with its own warnings; or back")            \
	X(VISIT, "Enter", WHERE_EVENTS, 3, "go there",                                    \
	  "to the row of the listener; where there is none: the diagnosis of its port")   \
	X(REFRESH, "r F5", WHERE_PORTS, 11, "refresh", "look at everything again now")    \
	X(FREEZE, "z", WHERE_PORTS | WHERE_WIRE, 10, "freeze",                            \
	  "freeze the picture, or let it go on")                                          \
	X(LONGER, "+ =", WHERE_PORTS, 0, "", "look less often")                           \
	X(SHORTER, "-", WHERE_PORTS, 0, "", "look more often")                            \
	X(RECORD, "o", WHERE_SHOWN, 0, "",                                                \
	  "record: what is read from now on, as a file to hand over; again ends it")      \
	X(PICTURE_BACK, "[", WHERE_SHOWN, 0, "", "in a recording: to the picture before") \
	X(PICTURE_ON, "]", WHERE_SHOWN, 0, "", "in a recording: to the next picture")     \
	X(CLOCK, "u", WHERE_ALL, 0, "", "times in UTC, or as local time")                 \
	X(COPY, "y", WHERE_SHOWN | WHERE_COLUMNS, 10, "copy",                             \
	  "copy to the terminal's clipboard: the line; the diagnosis for a ticket")       \
	X(EXPORT, "x", WHERE_SHOWN, 8, "export",                                          \
	  "write a file: the rows as JSON; the diagnosis as Markdown")                    \
	X(AGAIN, "r F5", WHERE_RUN, 7, "again",                                           \
	  "diagnose again: before and now side by side, until a client got through")      \
	X(PROVE, "P", WHERE_GUIDE, 12, "prove",                                           \
	  "prove: see the very rule that this client's packets meet; asks first")         \
	X(UNDO, "Esc Backspace", WHERE_PORTS, 0, "",                                      \
	  "back: end the search, close the row, drop the filter")                         \
	X(BACK, "Esc Backspace", WHERE_EVERY & ~WHERE_PORTS, 2, "back",                   \
	  "back: close what is open here, then to the screen before")                     \
	X(CHOOSE, "Enter", WHERE_PALETTE, 3, "carry out",                                 \
	  "carry out what is chosen, on the screen beneath")                              \
	X(COMPLETE, "Tab", WHERE_PALETTE, 4, "complete",                                  \
	  "write out the word of what is chosen")                                         \
	X(PALETTE, ": Ctrl-P", WHERE_EVERY, 3, "palette",                                 \
	  "every action with its key; also where to go: 443, web1:https, help")           \
	X(HELP, "? F1", WHERE_EVERY, 1, "help", "this help, or back from it")             \
	X(REDRAW, "Ctrl-L", WHERE_EVERY, 0, "", "draw the screen again")                  \
	X(SUSPEND, "Ctrl-Z", WHERE_EVERY, 0, "", "suspend; fg in the shell comes back")   \
	X(INTERRUPT, "Ctrl-C", WHERE_EVERY, 0, "", "leave a field; twice: quit")          \
	X(CLOSE, "q", WHERE_HELP, 0, "", "back to the screen before")                     \
	X(QUIT, "q F10", WHERE_SHOWN | WHERE_QUESTION, 2, "quit", "quit")

enum action {
	ACTION_NONE,
#define X(name, keys, where, rank, word, help) ACTION_##name,
	ACTIONS(X)
#undef X
		N_ACTIONS
};

/* What an input does on a screen (one WHERE_ bit); ACTION_NONE: nothing. */
enum action keymap_lookup(unsigned where, int input);
/* The screens on which an input does something. */
unsigned keymap_where_input(int input);
/* The keys as in the table, "Up k"; words for the help; the screens. */
const char *keymap_keys(enum action a);
/* The action's name as the palette has it, "page up"; its word in the footer, "": none. */
void keymap_put_name(struct str *out, enum action a);
const char *keymap_word(enum action a);
/* How many inputs it has that do not do the same, as "1 2 3" to go to one of three; 1: they
 * do. The n-th of them. */
unsigned keymap_n_variants(enum action a);
int keymap_variant(enum action a, unsigned n);
const char *keymap_help(enum action a);
/* Its keys on a screen, "Up k"; where the user types no characters. Appends. */
void keymap_put_keys(struct str *out, enum action a, unsigned where);
/* The first of its keys, for a sentence: as text, appended, or as arguments of "%.*s". */
struct text keymap_key(enum action a);
void keymap_put_key(struct str *out, enum action a);
#define KEY_ARGS(action) (int)keymap_key(action).len, keymap_key(action).bytes
unsigned keymap_where(enum action a);
/* Appends "the guide, the ladder", n_max names at most; returns how many screens these are.
 */
size_t keymap_put_places(struct str *out, unsigned where, size_t n_max);

/* Other keys for an action than the table's, for all that is asked of the key map from now
 * on; a list as in the table, borrowed for good. NULL: those of the table. */
void keymap_bind(enum action a, const char *keys);
/* The action of that name ("page up", "page-up", "page_up"); ACTION_NONE: there is none. */
enum action keymap_named(struct text name);
/* The first action that has one of this action's keys (*key) on a screen of both.
 * ACTION_NONE: its keys are its own. */
enum action keymap_rival(enum action a, struct text *key);

/* Draws "Enter open  / search ..." into width columns: by rank what fits, in table order.
 */
void keymap_footer(struct frame *f, int x, int y, int width, unsigned where);

/* Appends the keys of all screens as items of an mdoc(7) list (-tag). 0 or -ENOMEM. */
int keymap_man(struct str *out);

#endif
