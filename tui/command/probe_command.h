/* The command `probe`: the client's side of a port, tried from this host. */
#ifndef TUI_PROBE_COMMAND_H
#define TUI_PROBE_COMMAND_H

#include "core/host/broker/channel.h"
#include "tui/cli.h"

/* The sentence and exit code for words that go ill together; CLI_GO_ON: they are fine. */
int probe_check_words(const struct cli *c);
/* The exit code: 0 the way is open, 1 a fault, 3 not known. */
int probe_run_command(const struct cli *c, struct channel *channel, int signal_fd);

#endif
