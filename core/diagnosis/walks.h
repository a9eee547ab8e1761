/* Which addresses of the target are walked, for which client, and the walking of them. */
#ifndef CORE_DIAGNOSIS_WALKS_H
#define CORE_DIAGNOSIS_WALKS_H

#include "core/diagnosis/evidence.h"

/*
 * Walks every address of the target anew with what was answered so far: the address that
 * was named, else those that SYNs went to, else the published one of each family. For the
 * named client, else the newest that tried it, else nobody in particular. 0 or -ENOMEM.
 */
int walks_make(struct evidence *e);
/* Every address that was tried is one whose packets, or the answers to them, are stopped on
 * this host: silence needs no longer look. */
bool walks_explain_silence(const struct evidence *e);
/* Whether a packet gets through depends on more than the packet (a limit, something
 * unread): one answer does not speak for the next. */
bool walks_are_unsure(const struct evidence *e);
/* Endpoints of a former snapshot are not pointed at any more. */
void walks_forget_endpoints(struct evidence *e);
/*
 * True if a connection of our own would tell something and harms nothing: TCP, a socket is
 * there, not activated by its unit, its queue has room, allowed. *out is the question.
 */
bool walks_want_probe(const struct evidence *e, struct question *out);

/* The trace of the named client's packets; where a walk translates them, also of what comes
 * back from there. For the window and a little more. */
struct trace_ask walks_trace_ask(const struct evidence *e, int64_t wait_ns);

#endif
