/* The command `path`: one hypothetical packet through this host and its reply back. Nothing
 * is sent. */
#ifndef TUI_PATH_COMMAND_H
#define TUI_PATH_COMMAND_H

#include "core/host/broker/channel.h"
#include "core/path/path.h"
#include "tui/cli.h"

/* The sentence and exit code for words that go ill together; CLI_GO_ON: they are fine. */
int path_check_words(const struct cli *c);
/* What they say of the packet, but for the addresses and interfaces: flags, state, ttl,
 * origin. Both have been checked. */
void path_take_words(const struct cli *c, struct path_ask *ask);
/* The exit code: 0 the way is open, 1 it is not, 3 not known. */
int path_run(const struct cli *c, struct channel *channel, int signal_fd);

#endif
