/* The command `diagnose`: one run after another for every port of the target, then the
 * document. */
#ifndef TUI_DIAGNOSE_COMMAND_H
#define TUI_DIAGNOSE_COMMAND_H

#include "core/host/broker/channel.h"
#include "core/diagnosis/evidence.h"
#include "tui/cli.h"

/* The sentence and exit code for words that go ill together; CLI_GO_ON: they are fine. */
int diagnose_check_words(const struct cli *c);
/* "10.0.0.2", "10.0.0.2:51514", "[2001:db8::1]:51514"; one client. 0 or -EINVAL. */
int diagnose_parse_from(const char *word, struct addr *client, uint16_t *port);
/* The --symptom word; NONE: NULL, or none of them. */
enum symptom diagnose_symptom(const char *word);
/* The exit code: 0 the way is open, 1 a fault, 3 not known. */
int diagnose_run(const struct cli *c, struct channel *channel, int signal_fd);

#endif
