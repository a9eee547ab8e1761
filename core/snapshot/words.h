/* Numbers in the small files of procfs. */
#ifndef CORE_SNAPSHOT_WORDS_H
#define CORE_SNAPSHOT_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/text.h"

/*
 * The decimal number that t begins with, behind blanks. False (nothing is written) without
 * one or above max.
 */
bool words_number(struct text t, uint64_t max, uint64_t *out);
/* The hexadecimal digits that t begins with; of more than 16 the last ones count. */
uint64_t words_hex(struct text t);

#endif
