/*
 * The service behind the target's socket, and the queue in which connections wait for it.
 * Finds no fault itself.
 */
#ifndef CORE_DIAGNOSIS_CHECK_SERVICE_H
#define CORE_DIAGNOSIS_CHECK_SERVICE_H

#include "core/diagnosis/checks.h"

/* The endpoint that surely takes the packet; NULL: none, or it is not sure. Borrowed. */
const struct endpoint *service_endpoint(const struct check_view *v);
/* It has as many descriptors open as it may. */
bool service_is_exhausted(const struct process_state *s);
/* All owners are like that, as far as any is known; *first: one of them. */
enum tri service_owners_are(const struct check_view *v, const struct endpoint *e,
			    bool (*like)(const struct process_state *s),
			    const struct process_state **first);
/* The fullest of the endpoint's queues after the window, where they were read again. */
struct queue service_queue(const struct check_view *v, const struct endpoint *e);
/* Known to hold more than its limit, which is when the kernel turns further ones away. */
bool service_queue_is_full(const struct queue *q);
/* Adds how many wait, where it is known. 0 or -errno. */
int service_prove_queue(const struct check_view *v, struct finding *f,
			const struct queue *q);
/* Adds what the limits of its owners' control groups did to them, where any did: processes
 * that were killed for want of memory, forks that were refused. 0 or -errno. */
int service_prove_limits(const struct check_view *v, struct finding *f,
			 const struct endpoint *e);
/* Its owners are stopped, or have no descriptor left: that is why it accepts nothing. */
bool service_is_explained(const struct check_view *v, const struct endpoint *e);

#endif
