/* How often the host is looked at: less and more often. */
#ifndef TUI_INTERVAL_H
#define TUI_INTERVAL_H

#include "tui/model.h"

/* Half a second to a minute; says what it is now. Effects. */
unsigned interval_longer(struct model *m);
unsigned interval_shorter(struct model *m);

#endif
