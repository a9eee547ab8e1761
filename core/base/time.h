/* Times as text. The present moment is always an argument: core never asks for it. */
#ifndef CORE_BASE_TIME_H
#define CORE_BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#define NS_PER_S      INT64_C(1000000000)
#define NS_PER_MS     INT64_C(1000000)
#define TIME_TEXT_MAX 40

/* wall_ns is nanoseconds since 1970-01-01 UTC. Each returns out. */

/* 2026-11-22T13:32:07.123Z */
const char *time_rfc3339(int64_t wall_ns, char out[TIME_TEXT_MAX]);
/* "14:32:07 +01" ("+05:30") by the process' time zone (tzset), or "13:32:07 UTC" */
const char *time_clock(int64_t wall_ns, bool utc, char out[TIME_TEXT_MAX]);
/* "20261122T133207Z", for file names */
const char *time_compact(int64_t wall_ns, char out[TIME_TEXT_MAX]);
/*
 * A length in at most two words, rounded down: "3 s", "14 min", "5 h 12 min", "3 d 4 h",
 * "2 y 40 d" (years of 365 days); negative: "0 s".
 */
const char *time_span(int64_t ns, char out[TIME_TEXT_MAX]);

#endif
