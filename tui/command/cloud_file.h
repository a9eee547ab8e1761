/* The file of --cloud-rules. */
#ifndef TUI_CLOUD_FILE_H
#define TUI_CLOUD_FILE_H

#include "core/firewall/cloud/cloud.h"
#include "core/path/path.h"
#include "tui/cli.h"

/*
 * Reads and parses what was opened before any right was given up. *out: to be given to
 * table_unref(); NULL: no file was named. 0, or an exit code after one sentence on standard
 * error.
 */
int cloud_file_read(const struct cli *c, struct cloud_rules **out);

/* What they say of the packet, before it comes to this host: one line on standard error.
 * Nothing without rules, or without a client. */
void cloud_file_say(const struct cloud_rules *rules, const struct path_ask *ask);

#endif
