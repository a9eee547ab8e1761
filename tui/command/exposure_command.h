/* The command `exposure`: one look at the host and its rules, then the document. */
#ifndef TUI_EXPOSURE_COMMAND_H
#define TUI_EXPOSURE_COMMAND_H

#include "core/host/broker/channel.h"
#include "tui/cli.h"

/* The exit code: 0; 77 where only the bind scope could be told for want of a right. */
int exposure_run(const struct cli *c, struct channel *channel, int signal_fd);

#endif
