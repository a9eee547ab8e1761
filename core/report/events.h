/* What happened while it was watched, as lines: JSON (dport.events/1), or text. */
#ifndef CORE_REPORT_EVENTS_H
#define CORE_REPORT_EVENTS_H

#include "core/snapshot/events.h"

/*
 * One JSON document a line: the first tells schema, host, time (wall_ns) and how many
 * events follow, oldest first. host: a name from outside; none: not known. 0 or -ENOMEM
 * (nothing is appended).
 */
int events_jsonl(struct str *out, const struct events *v, struct text host,
		 int64_t wall_ns);
/* One event: "2026-11-22T13:32:07.123Z  gone  443/tcp is gone: ...", without a newline. */
int event_line(struct str *out, const struct event *e, enum text_mode mode);

#endif
