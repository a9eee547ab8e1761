/* What the other ends said, as rows of a diagnosis: one for each client or file. */
#ifndef CORE_REPORT_JOINED_H
#define CORE_REPORT_JOINED_H

#include "core/diagnosis/evidence.h"
#include "core/report/document.h"

/* Is there anything to tell? */
bool joined_has_rows(const struct evidence *e);
/* [{name, source, form, result, time, target, port, from, from_port, took_ms, resolved,
 * hosts_file, left, error, cause, missing}]; unknown values are null. */
json_t *joined_json(struct document *d, const struct evidence *e);

#endif
