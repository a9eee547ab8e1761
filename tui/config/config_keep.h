/*
 * Columns, order and grouping of Ports written into a dport.ini(5): these keys change,
 * every other byte of the user's file stays. Writes no file itself: config_save.h does.
 */
#ifndef TUI_CONFIG_KEEP_H
#define TUI_CONFIG_KEEP_H

#include "core/base/text.h"
#include "tui/model.h"

/* Appends the file's text as it is to be: old with what m shows. 0 or -ENOMEM. */
int config_keep(const struct model *m, struct text old, struct str *out);

#endif
