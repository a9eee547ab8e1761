/* Reading a line from its front: words, digits, literals. Borrowed text; knows no format.
 */
#ifndef CORE_LOGS_SCAN_H
#define CORE_LOGS_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/text.h"

#define SCAN_NOWHERE SIZE_MAX

struct text scan_head(struct text t, size_t n);
struct text scan_tail(struct text t, size_t n);
/* Each cuts what it names off *rest, or returns false and leaves it as it is. */
bool scan_literal(struct text *rest, const char *literal);
/* Exactly n decimal digits, n <= 9 */
bool scan_digits(struct text *rest, unsigned n, int *out);
/* As many digits as there are, no sign, no more than max. */
bool scan_number(struct text *rest, uint64_t max, uint64_t *out);
/* Up to the newline, which is cut as well. */
bool scan_line(struct text *rest, struct text *out);
/* Up to the next blank, which stays; blanks before it are cut. */
bool scan_word(struct text *rest, struct text *out);

void scan_blanks(struct text *rest);
bool scan_starts(struct text t, const char *literal);
/* Of the first one, SCAN_NOWHERE: none. */
size_t scan_find(struct text t, const char *literal);
/* Without blanks at both ends. */
struct text scan_strip(struct text t);

#endif
