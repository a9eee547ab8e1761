/*
 * A JSON document under construction: one sticky failure instead of a test per key. Of the
 * schemas it knows only what they share.
 */
#ifndef CORE_REPORT_DOCUMENT_H
#define CORE_REPORT_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>

#include "core/base/json.h"
#include "core/snapshot/snapshot.h"

struct document {
	json_t *root;
	bool failed; /* for want of memory */
};

/* An empty object as root. */
void document_init(struct document *d);
/* Both take value; a NULL one (or a NULL container) is a failure. */
void document_put(struct document *d, json_t *object, const char *key, json_t *value);
void document_add(struct document *d, json_t *array, json_t *value);
/* Appends the document, indented, and frees it. 0, or -ENOMEM and nothing is appended. */
int document_finish(struct document *d, struct str *out);

/* New references. Of a name: null where there is none. Of our own words: null for NULL. */
json_t *document_name(struct text t);
json_t *document_words(const char *words);
/* null for no address */
json_t *document_address(const struct addr *a);
/* The array "missing" of every schema: [{source, reason, grant}] */
json_t *document_missing(struct document *d, const struct snapshot *s);

#endif
