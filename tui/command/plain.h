/* What standard output is given: colours or none, and the text of --plain. */
#ifndef TUI_PLAIN_H
#define TUI_PLAIN_H

#include "tui/console.h"

enum color_choice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* What a screen of --plain needs before it is drawn. */
enum plain_need {
	PLAIN_LOOK, /* one look at the host */
	PLAIN_FEED, /* and what is asked of it while the console runs */
	PLAIN_ROW,  /* and the row of the TARGET selected */
	PLAIN_RUN,  /* the whole diagnosis of the TARGET */
	PLAIN_NEVER,
};

struct plain_screen {
	const char *word; /* its name, as in the console's header */
	enum plain_need need;
	const char *instead; /* of what cannot be printed: the command that has it */
};

struct cli;

/* AUTO: unless NO_COLOR is set and not empty (no-color.org). */
bool plain_wants_color(enum color_choice choice);
/* NULL: there is no such screen. */
const struct plain_screen *plain_find(const char *word);
/* Do --plain and --screen fit the other words? CLI_GO_ON, or 2 after one sentence. */
int plain_check_words(const struct cli *c);
/* Writes the console's screen as linear text. 0 or the exit code 74. */
int plain_print(struct console *c);

#endif
