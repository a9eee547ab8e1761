/* The configuration of the console as the call has it: --config, --print-config. */
#ifndef TUI_CONFIG_COMMAND_H
#define TUI_CONFIG_COMMAND_H

#include "tui/cli.h"

/* Before any right is given up: opens what there is to read and to write. 0 or an exit
 * code after one sentence. */
int config_open(struct cli *c);
/* Where no right is held: the files, the words of the call over them. 0 or an exit code
 * after one sentence; *out is to be released in any case. */
int config_load(struct cli *c, struct config *out);
/* --print-config. Returns the exit code. */
int config_print_run(struct cli *c, int signal_fd);
/* CLI_GO_ON or EXIT_USAGE after one sentence. */
int config_check_words(const struct cli *c);

#endif
