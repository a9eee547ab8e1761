/* The cells SYN/s and ANSWER of a row, and both in a sentence. */
#ifndef TUI_VIEW_PORT_TRAFFIC_H
#define TUI_VIEW_PORT_TRAFFIC_H

#include "tui/state/counts.h"

/* "14.1 ▃▅▇" into width columns; row NULL: not known (yet). Returns the role. */
enum role port_put_rate(const struct model *m, const struct traffic_row *row, int width,
			struct str *out);
/* "✔ open" */
enum role port_put_answer(const struct model *m, const struct traffic_row *row, int width,
			  struct str *out);
/* "12 answered, 3 without an answer"; "" if nothing was decided in the last minute. */
void port_put_outcomes(const struct traffic_row *row, struct str *out);
/* <0, 0, >0 by rate; context: struct model. */
int port_compare_rate(const void *context, const void *a, const void *b);

#endif
