/*
 * The panes of the screen Details as lines of text: each appends what is known of one
 * endpoint, or why it is not. Asks nothing, judges nothing.
 */
#ifndef TUI_VIEW_DETAILS_PANES_H
#define TUI_VIEW_DETAILS_PANES_H

#include "tui/model.h"
#include "tui/terminal/lines.h"

struct pane_page {
	const struct model *m;
	const struct endpoint *e; /* of the shown snapshot */
	struct lines *out;
	int width; /* columns of a line */
};

/* The title's count, " (3)"; nothing where there is none to tell. */
void details_put_count(const struct pane_page *p, enum details_pane pane, struct str *out);
/* The lines under the title, one at least. */
void details_add_pane(const struct pane_page *p, enum details_pane pane);

/* Shared by details*.c: one line of the pane, wrapped, with a label in front of it ("" for
 * none). */
void details_add(const struct pane_page *p, enum role role, const char *label,
		 const char *words);
/* The same, with a symbol in front. */
void details_mark(const struct pane_page *p, enum role role, enum symbol s,
		  const char *words);

/* details_owners.c */
void details_owners(const struct pane_page *p);
/* details_clients.c; why something could not be asked, by a positive errno. */
const char *details_reason(int error);
void details_clients(const struct pane_page *p);
/* details_logs.c */
void details_logs(const struct pane_page *p);

#endif
