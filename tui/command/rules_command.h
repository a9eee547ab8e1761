/* The command `rules`: every rule that the kernel has here, or those that a packet to a
 * port can meet. Nothing is sent. */
#ifndef TUI_RULES_COMMAND_H
#define TUI_RULES_COMMAND_H

#include "core/host/broker/channel.h"
#include "tui/cli.h"

/* The sentence and exit code for words that go ill together; CLI_GO_ON: they are fine. */
int rules_check_words(const struct cli *c);
/* The exit code: 0; 3 the rules changed while they were read; 77 for want of a right. */
int rules_run(const struct cli *c, struct channel *channel, int signal_fd);

#endif
