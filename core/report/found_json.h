/* Parts of documents that tell what a diagnosis found; each is new, the caller's. */
#ifndef CORE_REPORT_FOUND_JSON_H
#define CORE_REPORT_FOUND_JSON_H

#include "core/diagnosis/diagnosis.h"
#include "core/report/document.h"

/* What was not seen, with its reason and what would help. */
json_t *found_gaps_json(struct document *doc, const struct diagnosis *d);
/* What to do next; f NULL: nothing. */
json_t *found_next_json(struct document *doc, const struct finding *f);

#endif
