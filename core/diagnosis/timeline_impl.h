/* What the parts of the time line share. For timeline*.c only. */
#ifndef CORE_DIAGNOSIS_TIMELINE_IMPL_H
#define CORE_DIAGNOSIS_TIMELINE_IMPL_H

#include "core/diagnosis/timeline.h"

struct timelining {
	const struct evidence *e;
	const struct diagnosis *d;
	struct timeline *t;
	struct vec rows; /* struct timeline_row */
	bool failed;     /* no memory */
};

/* A row to fill; NULL for want of memory. */
struct timeline_row *timeline_add(struct timelining *l, enum timeline_kind kind,
				  int64_t wall_ns);
/* Texts in the arena of the time line; none for want of memory. */
struct text timeline_text(struct timelining *l, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
struct text timeline_copy(struct timelining *l, struct text t);
/* "tail -n 100 '/var/log/x'"; none: it is no path, or none that a shell would keep. */
struct text timeline_tail(struct timelining *l, struct text path);

/* timeline_wire.c: packets of clients, answers, drops. */
void timeline_packets(struct timelining *l);
void timeline_drops(struct timelining *l);
/* timeline_host.c: counters, rules, changes. */
void timeline_counters(struct timelining *l);
void timeline_changes(struct timelining *l);
/* timeline_logs.c */
void timeline_logs(struct timelining *l);

#endif
