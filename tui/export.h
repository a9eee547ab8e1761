/* The rows that are shown as a JSON document. Opens no file. */
#ifndef TUI_EXPORT_H
#define TUI_EXPORT_H

#include "tui/model.h"

#define EXPORT_NAME_MAX 128

/* "dport-HOST-ports-20261122T133207Z.json"; other bytes of the host's name as '_'. */
void export_name(const struct model *m, char out[EXPORT_NAME_MAX]);
/* Writes to fd, which stays open. 0 or -errno. */
int export_write(const struct model *m, int fd);

#endif
