/*
 * One endpoint in words: the two lines above the footer, and the lines of an open row. All
 * shown text.
 */
#ifndef TUI_VIEW_PORT_DETAILS_H
#define TUI_VIEW_PORT_DETAILS_H

#include "tui/terminal/lines.h"
#include "tui/model.h"

/* "443/tcp  nginx.service · /usr/sbin/nginx · as root · up 3 d · every address ..." */
void port_summary(const struct model *m, const struct endpoint *e, struct str *out);
/* The most important note, or quiet facts if there is none. Returns its role. */
enum role port_remark(const struct model *m, const struct endpoint *e, struct str *out);
/* Everything, wrapped to m->width: notes, reach, sockets, connections, owners. */
void port_lines(const struct model *m, const struct endpoint *e, struct lines *out);
/* The number of lines that port_lines() makes if the row is open, else 0. */
size_t port_n_lines(const struct model *m, const struct endpoint *e);

#endif
