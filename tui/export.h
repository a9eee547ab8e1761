/* What is shown as a file: rows as JSON, a diagnosis as Markdown. The broker creates it. */
#ifndef TUI_EXPORT_H
#define TUI_EXPORT_H

#include "core/snapshot/refresh.h"
#include "tui/model.h"

#define EXPORT_NAME_MAX 128
#define EXPORT_HOST_MAX 65

/* A host's name as a part of a file's: other bytes than letters, digits, '.' and '-' as
 * '_', cut to fit; "host" where it is not known. Returns out. */
const char *export_host(struct text host, char out[EXPORT_HOST_MAX]);
/* "dport-HOST-ports-20261122T133207Z.json"; in the Guide
 * "dport-443-tcp-20261122T133207Z.md", on the wire
 * "dport-HOST-20261122T133207Z-attempts.json". */
void export_name(const struct model *m, char out[EXPORT_NAME_MAX]);
/* Writes what belongs to the name to fd, which stays open. 0 or -errno; -ENODATA: it is not
 * there any more. */
int export_write(const struct model *m, const char *name, int fd);

/* Asks the broker for the file; the name is kept for export_finish(). 0 or -EPIPE; anything
 * else is said. */
int export_ask(struct model *m, struct channel *c, char name[EXPORT_NAME_MAX]);
/* The file is there: writes it and says so. */
void export_finish(struct model *m, struct channel *c, const char *name);

#endif
