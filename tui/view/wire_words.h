/* The sentences of the screen Wire: what is looked at, how it stands, what was lost. */
#ifndef TUI_VIEW_WIRE_WORDS_H
#define TUI_VIEW_WIRE_WORDS_H

#include "tui/model.h"
#include "tui/terminal/lines.h"

/* "443/tcp from 198.51.100.7" */
void wire_put_aim(const struct model *m, struct str *out);
/* How the capture stands, at the right of the title; returns the role. */
enum role wire_put_state(const struct model *m, struct str *out);
/* Filter, interfaces and limits. */
void wire_put_limits(const struct model *m, struct str *out);
/* "since 14:32:07 +01: 12 attempts in 48 packets: 8 answered ..." */
void wire_put_totals(const struct model *m, struct str *out);
/* Why there are no rows, and what to do. */
void wire_add_empty(const struct model *m, struct lines *lines, int width);
/* What is saved, what was lost, why it ended: what the rows alone do not say. */
void wire_add_notes(const struct model *m, struct lines *lines, int width);

#endif
