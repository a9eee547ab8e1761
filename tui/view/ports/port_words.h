/*
 * Parts of an endpoint in words, for an open row of Ports and for the screen Details. Each
 * appends shown text to out.
 */
#ifndef TUI_VIEW_PORT_WORDS_H
#define TUI_VIEW_PORT_WORDS_H

#include "tui/model.h"

/* " · " between the parts of a line */
void port_put_dot(const struct model *m, struct str *out);
/* The user's name, else "uid 1000". */
void port_put_user(const struct model *m, struct str *out, uint32_t uid, struct text name);
/* "/usr/sbin/nginx (deleted)", or why it is not known. */
void port_put_exe(const struct model *m, struct str *out, const struct process_row *p);
/* "3 of 511", "? of ?" */
void port_put_queue(struct str *out, uint32_t length, uint32_t limit);
/* "any v4+v6: every address of this host, ..." */
void port_put_scope(const struct model *m, const struct endpoint *e, struct str *out);
/* "[::]:443 IPv4 too · inode 31443 · queue 0 of 511 · cgroup /system.slice/..." */
void port_put_socket(const struct model *m, const struct endpoint *e,
		     const struct socket_row *s, struct str *out);
/* "established 3, close_wait 1", "none" */
void port_put_connections(const struct endpoint *e, struct str *out);
/* "2026-11-22 14:32:07 +01" */
void port_put_moment(const struct model *m, struct str *out, int64_t wall_ns);
/* "nginx 1033 · root · nginx.service · /usr/sbin/nginx · up 3 d, since ..." */
void port_put_owner(const struct model *m, const struct process_row *p, struct str *out);

#endif
