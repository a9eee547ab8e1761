/* The columns of the screen Ports: rows are struct endpoint, the context a struct model. */
#ifndef TUI_VIEW_PORT_COLUMNS_H
#define TUI_VIEW_PORT_COLUMNS_H

#include "tui/terminal/table.h"

extern const struct column port_columns[];
extern const size_t n_port_columns;

/* The column that the rows are in order of when nothing else was chosen. */
const struct column *port_order_default(void);
/* The next one that can be sorted by; context: struct model. */
const struct column *port_order_next(const void *context, const struct column *now);

#endif
