/*
 * Search and filter: what is typed into the field and what it does to the rows. Both act
 * while they are typed; leaving the field brings back what was.
 */
#ifndef TUI_FIND_H
#define TUI_FIND_H

#include "tui/model.h"

/* Opens the field. */
void find_open(struct model *m, enum field_kind kind);
/* One input while the field is open. Returns effects. */
unsigned find_input(struct model *m, int input);
/* To the next (+1) or previous (-1) row that has the searched text, around the end. */
void find_step(struct model *m, int direction);
/* Sets the filter from a line ("" : none). 0, -EINVAL (m->field_error says why), -ENOMEM.
 */
int find_set_filter(struct model *m, const char *line);
int find_set_search(struct model *m, const char *text);

#endif
