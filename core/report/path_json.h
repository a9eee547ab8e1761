/* A walk as the value of dport.path/1 without its head: {packet, verdict, hops, ...}. */
#ifndef CORE_REPORT_PATH_JSON_H
#define CORE_REPORT_PATH_JSON_H

#include "core/diagnosis/evidence.h"
#include "core/report/document.h"

/* A new reference. rules and snapshot are those of the walk. */
json_t *path_json(struct document *doc, const struct path *p, const struct evidence *e);
/* {backend, family, table, chain, handle, index, text, manager}; null for no rule and no
 * chain. */
json_t *rule_json(struct document *doc, const struct ruleset *r, uint32_t chain,
		  uint32_t rule);

#endif
