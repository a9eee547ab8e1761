/* Texts, addresses and times as jansson values. Does not know any schema. */
#ifndef CORE_BASE_JSON_H
#define CORE_BASE_JSON_H

#include <jansson.h>
#include <stdint.h>

#include "core/base/text.h"

/*
 * Each returns a new reference, json_null() where there is nothing to say, NULL for want of
 * memory.
 */

/* no text: null; bytes that are no UTF-8 as \xHH */
json_t *json_of_text(struct text t);
/* RFC 3339, UTC, milliseconds: "2026-11-22T13:32:07.123Z" */
json_t *json_of_time(int64_t wall_ns);
/* Milliseconds, rounded to three decimals. */
json_t *json_of_ms(int64_t ns);

/*
 * Appends the document, two spaces deep (indented) or on one line without spaces, and a
 * newline. Only ASCII leaves: everything else as \uXXXX, so a document is safe on a
 * terminal too. 0 or -ENOMEM.
 */
int json_write(struct str *out, const json_t *document, bool indented);

#endif
