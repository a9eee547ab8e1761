/*
 * The words of the small files of /proc as numbers and named values; core/base/pieces.h
 * cuts lines and words. Borrowed text; knows no file.
 */
#ifndef CORE_NETWORK_FIELDS_H
#define CORE_NETWORK_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/text.h"

/* t as a whole is digits of that base (10 or 16), and no larger than 64 bits can say. */
bool fields_number(struct text t, unsigned base, uint64_t *out);
/* "rx=..." behind "rx=": true and *value is what follows. */
bool fields_value(struct text word, const char *key, struct text *value);

#endif
