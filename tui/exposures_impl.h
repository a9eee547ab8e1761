/* What the parts of exposures share. For tui/exposures*.c only. */
#ifndef TUI_EXPOSURES_IMPL_H
#define TUI_EXPOSURES_IMPL_H

#include "tui/exposures.h"

/* exposures_read.c: asks what is due, takes what is answered. */
void exposures_read(struct exposures *x, struct channel *c, int64_t now_ns);
/* The inquiry whose answers are used. */
struct inquiry *exposures_known(struct exposures *x);

/* exposures.c: a search under way is given up. */
void exposures_stop(struct exposures *x);

#endif
