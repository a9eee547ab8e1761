/* Who can reach a listener, as a cell of the screen Ports. */
#ifndef TUI_VIEW_PORT_REACH_H
#define TUI_VIEW_PORT_REACH_H

#include "tui/model.h"

/* Appends what fits into so many columns. m->reach is set. */
enum role port_put_reach(const struct model *m, const struct endpoint *e, int width,
			 struct str *out);

/* A word that is told; NULL: none yet. */
enum role port_put_word(const struct model *m, const char *word, int width,
			struct str *out);

#endif
