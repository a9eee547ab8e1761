/*
 * The traffic that the model shows: the picture of it for the shown snapshot, and the lines
 * of its second block: published ports, those that are asked for and unserved, then scan
 * noise. They are places behind the rows of endpoints: line i has the row model.rows.n + i.
 * Does not draw.
 */
#ifndef TUI_COUNTS_H
#define TUI_COUNTS_H

#include "core/snapshot/traffic.h"
#include "tui/model.h"

void counts_release(struct model *m);
/* Makes the picture anew for the shown snapshot. Without memory the former one goes. */
void counts_join(struct model *m);
/* Chooses the lines anew, by the model's filter. */
void counts_arrange(struct model *m);
/* The traffic has news: shows them unless the picture is frozen. True: it changed. */
bool counts_news(struct model *m);

/* Is any traffic looked at? */
bool counts_are_shown(const struct model *m);
/* NULL: none, or the endpoint is not of the shown snapshot. */
const struct traffic_row *counts_of(const struct model *m, const struct endpoint *e);
/* Lines of the second block. */
size_t counts_n_lines(const struct model *m);
/* Line i; NULL: it is no published port. */
const struct published_row *counts_published(const struct model *m, size_t i);
const struct published_word *counts_published_word(const struct model *m, size_t i);
/* What clients of the published port of line i got; NULL: not known. */
const struct traffic_row *counts_of_published(const struct model *m, size_t i);
/* The listener that is the userland proxy of line i; NULL: none. */
const struct endpoint *counts_proxy(const struct model *m, size_t i);
/* Line i; NULL: it is the scan noise, or a published port. */
const struct traffic_other *counts_other(const struct model *m, size_t i);
/* Identity of line i over pictures. */
uint64_t counts_id(const struct model *m, size_t i);
/* The selected line; counts_n_lines(): an endpoint is selected, or nothing. */
size_t counts_selected(const struct model *m);

#endif
