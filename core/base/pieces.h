/*
 * Cutting borrowed text from outside into pieces: words, path components, numbers. Used by
 * the decoders of text files; knows no format.
 */
#ifndef CORE_BASE_PIECES_H
#define CORE_BASE_PIECES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/text.h"

bool piece_starts(struct text t, const char *prefix);
bool piece_ends(struct text t, const char *suffix);
/* The first n bytes and what is behind them; n > t.len counts as t.len. */
struct text piece_head(struct text t, size_t n);
struct text piece_tail(struct text t, size_t n);
/* Without spaces and tabs, carriage returns and newlines at both ends. */
struct text piece_strip(struct text t);
/* Up to the last newline: what is behind it was cut, and may be half a number. */
struct text piece_whole_lines(struct text t);

/*
 * Cuts the piece before the first separator off *rest, separator and all; the last piece is
 * what is left. False when nothing is left. Adjacent separators give empty pieces.
 */
bool piece_next(struct text *rest, char separator, struct text *out);

/* Cuts the next word off *rest; blanks (see piece_strip) stand between words. False: there
 * is none. */
bool piece_word(struct text *rest, struct text *out);

/*
 * Cuts leading decimal digits off *rest. False (nothing is cut or written) without a digit
 * or for a number above max.
 */
bool piece_number(struct text *rest, uint64_t max, uint64_t *out);

#endif
