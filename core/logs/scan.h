/*
 * Reading a line from its front, beyond what core/base/pieces.h cuts: words, counted
 * digits, literals. Borrowed text; knows no format.
 */
#ifndef CORE_LOGS_SCAN_H
#define CORE_LOGS_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/text.h"

#define SCAN_NOWHERE SIZE_MAX

/* Each cuts what it names off *rest, or returns false and leaves it as it is. */
bool scan_literal(struct text *rest, const char *literal);
/* Exactly n decimal digits, n <= 9 */
bool scan_digits(struct text *rest, unsigned n, int *out);
/* Up to the next blank, which stays; blanks before it are cut. */
bool scan_word(struct text *rest, struct text *out);

void scan_blanks(struct text *rest);
/* Of the first one, SCAN_NOWHERE: none. */
size_t scan_find(struct text t, const char *literal);

#endif
