/* The forms that each command's document has. */
#ifndef TUI_FORMATS_H
#define TUI_FORMATS_H

#include "tui/cli.h"

/* By the word of --format; false: there is none of that name. */
bool format_find(const char *word, enum format *out);
/* CLI_GO_ON, or EXIT_USAGE after one sentence on standard error: the command has no such
 * form, and which it has. */
int format_check(const struct cli *c);

#endif
