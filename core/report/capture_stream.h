/* The conversation behind a handshake as a part of dport.capture/1. */
#ifndef CORE_REPORT_CAPTURE_STREAM_H
#define CORE_REPORT_CAPTURE_STREAM_H

#include "core/report/document.h"
#include "core/wire/attempt.h"

/* "stream" of an attempt that has one. A new reference; NULL: no memory. */
json_t *stream_json(struct document *d, const struct attempt *a);

#endif
