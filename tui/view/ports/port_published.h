/* A published port of the second block in words: cells, and the two lines above the footer.
 * All shown text. Line i has a counts_published(). */
#ifndef TUI_VIEW_PORT_PUBLISHED_H
#define TUI_VIEW_PORT_PUBLISHED_H

#include "tui/state/counts.h"

/* As port_other_cell() and its like. */
enum role port_published_cell(const struct model *m, size_t i, const struct column *column,
			      int width, struct str *out);
/* "ufw does not see it" */
void port_published_end(const struct model *m, size_t i, struct str *out);
void port_published_summary(const struct model *m, size_t i, struct str *out);
enum role port_published_remark(const struct model *m, size_t i, struct str *out);

#endif
