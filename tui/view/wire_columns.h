/* The columns of the screen Wire, and the words of one attempt. */
#ifndef TUI_VIEW_WIRE_COLUMNS_H
#define TUI_VIEW_WIRE_COLUMNS_H

#include "tui/model.h"

/* Rows are struct attempt, the context is the model. */
extern const struct column wire_columns[];
extern const size_t n_wire_columns;

/* What turns an attempt into a line, as `dport capture` does. */
struct capture_words wire_capture_words(const struct model *m);
/* "✔ answered": symbol and word; returns the role. */
enum role wire_put_outcome(const struct model *m, const struct attempt *a, struct str *out);
/* "SYN-ACK, ttl 64", "10.0.0.1 host prohibited": what came back. */
void wire_put_answer(const struct model *m, const struct attempt *a, struct str *out);
/* "eth0,br0" */
void wire_put_devices(const struct model *m, const struct attempt *a, struct str *out);

#endif
