/* dport capture: attempts live or from a file, as they are decided or as one document. */
#ifndef TUI_CAPTURE_H
#define TUI_CAPTURE_H

#include "core/host/broker/channel.h"
#include "tui/cli.h"

/* The sentence and exit code for words that go ill together; CLI_GO_ON: they are fine. */
int capture_check_words(const struct cli *c);
/* Runs until it is told to end (--for, Ctrl-C), or the file's end. The exit code. */
int capture_run(const struct cli *c, struct channel *channel, int signal_fd);

#endif
