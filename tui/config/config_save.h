/*
 * Columns, order and grouping kept in the user's configuration: the broker opens a new file
 * beside it with what is there, it gets its text here, the broker puts it in place.
 */
#ifndef TUI_CONFIG_SAVE_H
#define TUI_CONFIG_SAVE_H

#include "core/snapshot/refresh.h"
#include "tui/model.h"

/* Asks for the file (EFFECT_KEEP). 0 or -EPIPE. */
int config_save_ask(struct model *m, struct channel *c);
/* After CHANNEL_SETTINGS: writes it and has it put in place, or says what came of it. 0 or
 * -EPIPE. */
int config_save_go_on(struct model *m, struct channel *c);

#endif
