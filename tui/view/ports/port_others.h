/*
 * The lines of the second block of the screen Ports (tui/state/counts.h) in words: cells,
 * and the two lines above the footer. All shown text.
 */
#ifndef TUI_VIEW_PORT_OTHERS_H
#define TUI_VIEW_PORT_OTHERS_H

#include "tui/state/counts.h"

/* Line i is one text, not cells: the scan noise. */
bool port_other_is_text(const struct model *m, size_t i);
void port_other_text(const struct model *m, size_t i, struct str *out);
/* The cell of line i in a column of port_columns. Returns its role. */
enum role port_other_cell(const struct model *m, size_t i, const struct column *column,
			  int width, struct str *out);
/* "3 clients ask here": for the room behind the last column. */
void port_other_end(const struct model *m, size_t i, struct str *out);

void port_other_summary(const struct model *m, size_t i, struct str *out);
enum role port_other_remark(const struct model *m, size_t i, struct str *out);

#endif
